//! Donors of a gap over HTTP: who could give, how soon, by whose order.
//!
//! Lives here: `/v1/gaps/donors`, its parameters and rows. Does not live here: the order of donors
//! (`domain::donor`) and the bodies to post (`movements`). Invariant: nobody outside the caller's
//! scope is named.

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::account::Goods;
use crate::domain::coverage::Scope;
use crate::domain::donor::{Donor, Offers, Query};
use crate::domain::explanation::Asked;
use crate::service::closures as service;
use crate::service::explanations;

use super::super::access::{Caller, may};
use super::super::answer::closures::{AppliedClosures, Numbered, RegisterUse};
use super::super::answer::{self, Answer};
use super::super::context;
use super::super::extract;
use super::super::problem::Problem;
use super::super::table::{self, Format};
use super::super::words::{local, offered, order_note};
use super::movements::{DonorMovement, movements};
use crate::http::forms::DONOR_SHAPES;

/// Rows where the request names no limit.
const DEFAULT_LIMIT: usize = 100;

/// For which gap donors are asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DonorQuery {
    /// Division code of the account with the gap.
    region: Option<String>,
    /// Item code; either this or `need`.
    item: Option<String>,
    /// Need code; either this or `item`.
    need: Option<String>,
    /// Today or a later date.
    as_of: Option<String>,
    /// Whose goods may be asked for: `own_chain`, `city` (default), `province` or `any`.
    scope: Option<String>,
    /// `apply` (default): closures of the register that are in force count; `ignore`: they do not.
    closures: Option<String>,
    /// Keep the first n donors; 100 by default. Sums stay whole.
    limit: Option<usize>,
    /// `rows` (default), or `movements`: also a body for `POST /v1/movements` for each depot.
    #[serde(rename = "as")]
    shape: Option<String>,
    /// `json`, or `csv` (the donors).
    format: Option<String>,
}

/// Goods of one owner and item in one depot.
#[derive(Debug, Serialize, ToSchema)]
pub struct DonorRow {
    /// Whose account it is.
    region: String,
    region_name: String,
    tier: String,
    owner: String,
    owner_name: String,
    depot: String,
    depot_name: String,
    depot_region: String,
    item: String,
    item_name: String,
    unit: String,
    /// `upper`: a region above gives by its own order; `ordered`: a region above both must order.
    relation: String,
    needs_order_of: Option<String>,
    needs_order_of_name: Option<String>,
    /// What such an order entails, in the language of the request.
    note: Option<String>,
    /// Kept here for an owner above (代储).
    owned_above: bool,
    /// Base units in this depot that are not perishing (`life.perishing_days` of the item).
    stock: i64,
    /// Base units that the account can spare, wherever they lie, beyond its targets.
    spare: i64,
    /// Base units asked for.
    proposed: i64,
    /// `proposed` in the unit of the gap.
    amount: i64,
    /// Geodesic to the receiving depot, or to the region where it has none.
    distance_m: Option<i64>,
    /// Minutes from the request: decision, mobilisation, loading, waiting for closed roads, and
    /// road; `null` without a city profile, and where the way stays closed.
    arrive_min: Option<i64>,
    /// Whether the way stays closed.
    cut_off: bool,
    /// The closure that makes it late or keeps it closed, by code; `null` also where it lies out
    /// of the caller's region.
    waits_for: Option<String>,
    /// Minutes until that closure opens; `null` where nobody knows.
    opens_min: Option<u32>,
    /// On what the time rests: `measured`, `road`, `water` or `estimated`.
    travel: Option<String>,
    inherited_location: bool,
}

/// Donors in the order in which they are asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct DonorAnswer {
    item: Option<String>,
    need: Option<String>,
    name: String,
    /// Of `gap`, `spare`, `proposed`, `remaining` and each `amount`.
    unit: String,
    /// Of the region's own account.
    gap: i64,
    /// What all donors in scope can spare.
    spare: i64,
    proposed: i64,
    /// What remains to be bought.
    remaining: i64,
    /// The region's own active depot with the largest capacity, else the first by code.
    receiving_depot: Option<String>,
    receiving_owner: Option<String>,
    /// Why goods cannot be put there or on the account: `no_receiving_depot`,
    /// `no_receiving_owner`.
    receiving_reason: Option<String>,
    /// One for each depot among `items` that is asked, with `as=movements`.
    #[serde(skip_serializing_if = "Option::is_none")]
    movements: Option<Vec<DonorMovement>>,
    /// The same to be read aloud, in the language of the request.
    sentences: Vec<String>,
    #[serde(flatten)]
    applied: AppliedClosures,
    #[serde(flatten)]
    answer: Answer<DonorRow>,
}

/// Who could fill a gap: owners above first, then those for whom an order is needed.
#[utoipa::path(get, path = "/v1/gaps/donors", tag = "planning", operation_id = "list_gap_donors",
    params(DonorQuery),
    responses((status = 200, description = "Donors at one instant", body = DonorAnswer),
        (status = "default", response = crate::http::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: DonorQuery = extract::query(&request)?;
    let (format, limit, on, scope, shape, register, region, goods) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        answer::present(asked.as_of.as_deref()),
        extract::word("scope", asked.scope.as_deref(), &Scope::ALL, Scope::as_str),
        extract::word("as", asked.shape.as_deref(), &DONOR_SHAPES, |word| word),
        RegisterUse::read(asked.closures.as_deref()),
        caller.region_of_answer(asked.region.as_deref()),
        caller.one_kind(asked.item.as_deref(), asked.need.as_deref()),
    ))?;
    let query = Query {
        region,
        goods,
        scope: scope.unwrap_or(Scope::City),
        on,
        highest: caller.region_or_scope(None)?,
        keep: limit.unwrap_or(DEFAULT_LIMIT),
    };
    let position = std::sync::Arc::clone(&caller.position);
    let in_force = register.in_force(&caller, service::instant_of(on));
    let closed = service::closed(&caller.position.reference, &in_force, 0);
    let offers = explanations::donors(&caller.book, position, query, closed).await?;
    let closures = Numbered { caller: &caller, given: &[], in_force: &in_force, elapsed_min: 0 };
    let rows = offers.donors.iter().map(|donor| row(donor, &closures)).collect();
    let mut answer = Answer::new(&caller, Some(region), on, rows, None);
    answer.row_count = offers.donor_count;
    if format == Format::Csv {
        return table::respond(format, &answer);
    }
    let applied = AppliedClosures::of(&caller, &in_force);
    let shown = shape == Some("movements");
    let body = body(&caller, (&query, &offers), shown, (answer, applied));
    table::respond(format, &body)
}

fn body<P>(
    caller: &Caller<P>,
    (query, offers): (&Query, &Offers),
    with_movements: bool,
    (answer, applied): (Answer<DonorRow>, AppliedClosures),
) -> DonorAnswer {
    let reference = &caller.position.reference;
    let goods = match query.goods {
        Asked::Item(ix) => reference.items.get(ix).cloned().map(Goods::Item),
        Asked::Need(ix) => reference.needs.get(ix).cloned().map(Goods::Need),
    };
    let (item, need, name) = match &goods {
        Some(Goods::Item(item)) => {
            (Some(item.code.to_string()), None, local(&item.name, &item.name_en))
        }
        Some(Goods::Need(need)) => {
            (None, Some(need.code.to_string()), local(&need.name, &need.name_en))
        }
        None => (None, None, String::new()),
    };
    let region = reference.regions.get(query.region).map_or("", |region| &region.name);
    let target = &offers.target;
    let reason = match (&target.depot, &target.owner) {
        (None, _) => Some("no_receiving_depot"),
        (_, None) => Some("no_receiving_owner"),
        _ => None,
    };
    let unit = goods.as_ref().map(|goods| local(goods.unit(), goods.unit_en())).unwrap_or_default();
    DonorAnswer {
        item,
        need,
        sentences: offered(offers, region, (&name, &unit), context::current().language),
        name,
        unit,
        gap: offers.gap,
        spare: offers.spare,
        proposed: offers.proposed,
        remaining: offers.remaining,
        receiving_depot: target.depot.as_ref().map(|depot| depot.code.to_string()),
        receiving_owner: target.owner.as_ref().map(|owner| owner.code.to_string()),
        receiving_reason: reason.map(str::to_string),
        applied,
        movements: with_movements.then(|| movements(offers)),
        answer,
    }
}

fn row<P>(donor: &Donor, closures: &Numbered<P>) -> DonorRow {
    let (waits_for, opens_min) =
        donor.hold.map(|hold| closures.cells(hold.number)).unwrap_or_default();
    let ordering = donor.needs_order_of.as_ref();
    let language = context::current().language;
    DonorRow {
        region: donor.region.code.to_string(),
        region_name: donor.region.name.clone(),
        tier: donor.region.tier.as_str().to_string(),
        owner: donor.owner.code.to_string(),
        owner_name: donor.owner.name.clone(),
        depot: donor.depot.code.to_string(),
        depot_name: donor.depot.name.clone(),
        depot_region: donor.depot.region.to_string(),
        item: donor.item.code.to_string(),
        item_name: local(&donor.item.name, &donor.item.name_en),
        unit: local(&donor.item.unit, donor.item.unit_en()),
        relation: donor.relation.as_str().to_string(),
        needs_order_of: ordering.map(|region| region.code.to_string()),
        needs_order_of_name: ordering.map(|region| region.name.clone()),
        note: ordering.map(|above| order_note(&donor.region.name, &above.name, language)),
        owned_above: donor.owned_above,
        stock: donor.stock,
        spare: donor.spare,
        proposed: donor.proposed,
        amount: donor.amount,
        distance_m: donor.distance_cm.map(|cm| i64::from(cm / 100)),
        cut_off: donor.is_cut_off,
        waits_for,
        opens_min,
        arrive_min: donor.arrival.map(|arrival| arrival.minutes),
        travel: donor.arrival.map(|arrival| arrival.travel.as_str().to_string()),
        inherited_location: donor.arrival.is_some_and(|arrival| arrival.inherited),
    }
}
