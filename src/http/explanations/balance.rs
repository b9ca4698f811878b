//! One dynamic balance explained.
//!
//! Lives here: `/v1/rotation/balance/explanation`, its parameters and fields. Does not live here:
//! the projection. Invariant: each step is the one before it with the events listed on it.

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::account::Goods;
use crate::domain::explanation::{Breach, Change, Projection};
use crate::domain::quota::Quota;
use crate::domain::rotation::OnOrder;
use crate::service::explanations;
use crate::service::failure::Failure;

use super::super::access::{Caller, may};
use super::super::answer::{self, Answer, QuotaRow, number};
use super::super::context;
use super::super::extract;
use super::super::problem::Problem;
use super::super::table::{self, Format};
use super::super::words::{local, projected};
use super::DEFAULT_LIMIT;
use super::parts::PartRow;

/// Which account's balance is to be explained.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BalanceExplanationQuery {
    /// Division code of the owner account.
    region: Option<String>,
    /// Item code.
    item: String,
    /// First day; today by default.
    from: Option<String>,
    /// Last day; a year after the first by default.
    to: Option<String>,
    /// Keep the first n days, and of each the first n lots; 100 by default. Counts stay whole.
    limit: Option<usize>,
    /// `json`, or `csv` (one event a line).
    format: Option<String>,
}

/// A day on which something changes, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeRow {
    on: String,
    effective: i64,
    floor: i64,
    quota: i64,
    /// Below the floor from this day on.
    below_floor: bool,
    /// Balances whose last usable day was the day before: how many, and what they hold.
    leaves_count: usize,
    leaves_quantity: i64,
    leaves: Vec<PartRow>,
    quotas_begin: Vec<QuotaRow>,
    /// Quotas whose last day was the day before.
    quotas_end: Vec<QuotaRow>,
    /// Plan lines on order that are due on this day.
    orders_arrive: Vec<OrderRow>,
    /// Plan lines whose goods would have their last usable day the day before.
    orders_end: Vec<OrderRow>,
}

/// What is on order under a plan's line.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderRow {
    /// `<plan>/<line>`.
    order_no: String,
    quantity: i64,
}

impl From<&OnOrder> for OrderRow {
    fn from(order: &OnOrder) -> Self {
        let order_no = format!("{}/{}", order.plan, order.line_no);
        Self { order_no, quantity: order.quantity }
    }
}

/// The first day below the floor, and what would repair it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BreachBody {
    on: String,
    /// Missing to the floor on that day.
    short: i64,
    /// The last day on which goods may come in so that there is no breach.
    repair_by: String,
    /// The day from which most is missing, and how much: as many units that last to the end of the
    /// period repair all of it.
    worst_on: String,
    worst_short: i64,
}

/// A dynamic balance (动态平衡) with the events behind it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceExplanation {
    region: String,
    region_name: String,
    item: String,
    item_name: String,
    unit: String,
    balanced: bool,
    breach_days: i64,
    min_ratio: Option<f64>,
    first_breach: Option<BreachBody>,
    /// Days on which something changes, before `limit`.
    step_count: usize,
    steps: Vec<ChangeRow>,
    /// The same to be read aloud, in the language of the request.
    sentences: Vec<String>,
    ledger_seq: i64,
    reference_rev: i64,
    as_of: String,
    stale_since: Option<String>,
}

/// One event of a step, as a line of a table.
#[derive(Debug, Serialize)]
struct EventRow {
    on: String,
    /// `start`, `lot_ends`, `quota_begins`, `quota_ends`, `order_arrives` or `order_ends`.
    event: &'static str,
    effective: i64,
    floor: i64,
    quota: i64,
    #[serde(flatten)]
    part: Option<PartRow>,
    rule: Option<QuotaRow>,
    order: Option<OrderRow>,
}

/// Why a balance holds or breaks: which lots end, which quotas begin, what repairs it.
#[utoipa::path(get, path = "/v1/rotation/balance/explanation", tag = "planning",
    operation_id = "explain_rotation_balance", params(BalanceExplanationQuery),
    responses((status = 200, description = "The projection with its events",
            body = BalanceExplanation),
        (status = "default", response = crate::http::problem::ProblemResponse)))]
pub async fn explain(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: BalanceExplanationQuery = extract::query(&request)?;
    let (format, limit, (from, to), region, item) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        answer::period(asked.from.as_deref(), asked.to.as_deref()),
        caller.region_of_answer(asked.region.as_deref()),
        caller.item(Some(&asked.item)),
    ))?;
    let (limit, item) = (limit.unwrap_or(DEFAULT_LIMIT), item.unwrap_or_default());
    let position = std::sync::Arc::clone(&caller.position);
    let found = explanations::balance(&caller.book, position, region, item, (from, to)).await?;
    if format == Format::Csv {
        let rows = found.changes.iter().flat_map(|change| events(&caller, change)).collect();
        return table::respond(
            format,
            &Answer::new(&caller, Some(region), from, rows, Some(limit)),
        );
    }
    let reference = &caller.position.reference;
    let (Some(region), Some(item)) = (reference.regions.get(region), reference.items.get(item))
    else {
        return Err(Failure::Broken("no such region or item in the snapshot".to_string()).into());
    };
    let dates = (from.to_string(), to.to_string());
    let goods = Goods::Item(std::sync::Arc::clone(item));
    let language = context::current().language;
    let body = BalanceExplanation {
        region: region.code.to_string(),
        region_name: region.name.clone(),
        item: item.code.to_string(),
        item_name: local(&item.name, &item.name_en),
        unit: local(&item.unit, item.unit_en()),
        balanced: found.balance.balanced,
        breach_days: found.balance.breach_days,
        min_ratio: found.balance.min_ratio.map(number),
        first_breach: found.breach.as_ref().map(breach),
        step_count: found.changes.len(),
        steps: steps(&caller, &found, limit),
        sentences: projected(&found, &region.name, &goods, (&dates.0, &dates.1), language),
        ledger_seq: caller.position.head.seq,
        reference_rev: caller.position.head.reference_rev,
        as_of: dates.0,
        stale_since: caller.stale_since.map(|at| at.rfc3339()),
    };
    table::respond(format, &body)
}

fn steps<P>(caller: &Caller<P>, found: &Projection, limit: usize) -> Vec<ChangeRow> {
    let reference = &caller.position.reference;
    let quotas = |all: &[std::sync::Arc<Quota>]| {
        all.iter().map(|one| QuotaRow::of(reference, one)).collect()
    };
    let row = |change: &Change| ChangeRow {
        on: change.step.on.to_string(),
        effective: change.step.effective,
        floor: change.step.floor,
        quota: change.step.quota,
        below_floor: change.step.effective < change.step.floor,
        leaves_count: change.leaves.len(),
        leaves_quantity: change.leaves.iter().map(|part| part.quantity).sum(),
        leaves: change.leaves.iter().take(limit).map(|part| PartRow::of(caller, part)).collect(),
        quotas_begin: quotas(&change.begins),
        quotas_end: quotas(&change.ends),
        orders_arrive: change.arrives.iter().map(OrderRow::from).collect(),
        orders_end: change.ages.iter().map(OrderRow::from).collect(),
    };
    found.changes.iter().take(limit).map(row).collect()
}

fn breach(breach: &Breach) -> BreachBody {
    BreachBody {
        on: breach.on.to_string(),
        short: breach.short,
        repair_by: breach.repair_by.to_string(),
        worst_on: breach.worst_on.to_string(),
        worst_short: breach.worst_short,
    }
}

/// The lines of one day: one an event, or one for the start.
fn events<P>(caller: &Caller<P>, change: &Change) -> Vec<EventRow> {
    let step = &change.step;
    let line = |event, part, rule, order| EventRow {
        on: step.on.to_string(),
        event,
        effective: step.effective,
        floor: step.floor,
        quota: step.quota,
        part,
        rule,
        order,
    };
    let lots = change.leaves.iter();
    let begins = change.begins.iter().map(|quota| ("quota_begins", quota));
    let quotas = begins.chain(change.ends.iter().map(|quota| ("quota_ends", quota)));
    let mut lines: Vec<EventRow> =
        lots.map(|part| line("lot_ends", Some(PartRow::of(caller, part)), None, None)).collect();
    let rule = |quota: &Quota| Some(QuotaRow::of(&caller.position.reference, quota));
    lines.extend(quotas.map(|(event, quota)| line(event, None, rule(quota), None)));
    let arrives = change.arrives.iter().map(|order| ("order_arrives", order));
    let orders = arrives.chain(change.ages.iter().map(|order| ("order_ends", order)));
    lines.extend(orders.map(|(event, order)| line(event, None, None, Some(order.into()))));
    if lines.is_empty() {
        lines.push(line("start", None, None, None));
    }
    lines
}
