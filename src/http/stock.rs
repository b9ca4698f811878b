//! Stock over HTTP.
//!
//! Lives here: `/v1/stock`, its parameters and rows. Does not live here: what counts as effective
//! (`domain::stock`). Invariant: `on_hand = effective + reserved + expired + overdue_storage +
//! damaged + quarantine` in every row.

use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::access::Action;
use crate::domain::catalogue::FunctionClass;
use crate::domain::region::{RegionCode, Tier};
use crate::domain::stock::{Figures, GroupBy, Query, Row};
use crate::service::answers::{self, When};

use super::access::{Caller, may};
use super::answer::{self, Answer, Envelope};
use super::context;
use super::extract;
use super::problem::Problem;
use super::table::Format;
use super::words::Language;

/// What stock is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StockQuery {
    /// Division code: depots in its subtree.
    region: Option<String>,
    /// Depot code.
    depot: Option<String>,
    /// Item code.
    item: Option<String>,
    /// Owning organization's code.
    owner: Option<String>,
    /// `living`, `medical` or `rescue`.
    function_class: Option<String>,
    /// Shanghai date: movements up to its end, usability on it.
    as_of: Option<String>,
    /// The last entry to be known.
    known_at: Option<i64>,
    /// `depot` (default), `region`, `item` or `lot`.
    group_by: Option<String>,
    /// With `group_by=region`: the tier to roll up to.
    tier: Option<String>,
    /// Keep the first n rows.
    limit: Option<usize>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// Stock of one group; keys that the grouping has not are `null`.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockRow<'a> {
    #[serde(serialize_with = "answer::as_text_or_null")]
    #[schema(value_type = Option<String>)]
    region: Option<RegionCode>,
    region_name: Option<&'a str>,
    depot: Option<&'a str>,
    depot_name: Option<&'a str>,
    #[schema(example = "QUILT")]
    item: &'a str,
    item_name: &'a str,
    unit: &'a str,
    owner: Option<&'a str>,
    owner_name: Option<&'a str>,
    lot_id: Option<i64>,
    lot_no: Option<&'a str>,
    #[serde(serialize_with = "answer::day_or_null")]
    #[schema(value_type = Option<String>)]
    expires_on: Option<NaiveDate>,
    /// Price of one base unit in fen; `null` for roles that see no prices.
    unit_price_fen: Option<i64>,
    on_hand: i64,
    /// Good, usable on the date, not reserved.
    effective: i64,
    reserved: i64,
    quarantine: i64,
    damaged: i64,
    /// Past a hard expiry date.
    expired: i64,
    /// Past its advisory storage life.
    overdue_storage: i64,
    in_transit: i64,
    on_loan: i64,
    /// The first last-usable day among effective stock.
    #[serde(serialize_with = "answer::day_or_null")]
    #[schema(value_type = Option<String>)]
    earliest_expiry: Option<NaiveDate>,
}

impl<'a> StockRow<'a> {
    fn new(row: &'a Row, prices: bool, language: Language) -> Self {
        let Figures {
            on_hand,
            effective,
            reserved,
            quarantine,
            damaged,
            expired,
            overdue_storage,
            in_transit,
            on_loan,
            earliest_expiry,
            last_occurred_at: _,
        } = row.figures;
        let lot = row.lot.as_ref();
        Self {
            region: row.region.as_ref().map(|region| region.code),
            region_name: row.region.as_ref().map(|region| region.name.as_str()),
            depot: row.depot.as_ref().map(|depot| depot.code.as_str()),
            depot_name: row.depot.as_ref().map(|depot| depot.name.as_str()),
            item: row.item.code.as_str(),
            item_name: language.pick(&row.item.name, &row.item.name_en),
            unit: language.pick(&row.item.unit, row.item.unit_en()),
            owner: row.owner.as_ref().map(|owner| owner.code.as_str()),
            owner_name: row.owner.as_ref().map(|owner| owner.name.as_str()),
            lot_id: lot.map(|lot| lot.id),
            lot_no: lot.and_then(|lot| lot.key.lot_no.as_deref()),
            expires_on: lot.and_then(|lot| lot.key.expires_on),
            unit_price_fen: lot.filter(|_| prices).and_then(|lot| lot.key.unit_price_fen),
            on_hand,
            effective,
            reserved,
            quarantine,
            damaged,
            expired,
            overdue_storage,
            in_transit,
            on_loan,
            earliest_expiry,
        }
    }
}

impl StockQuery {
    /// The question, and as of which day and as known when it is asked.
    fn query<P>(&self, caller: &Caller<P>) -> Result<(When, Query), Problem> {
        let class = self.function_class.as_deref();
        let scope = |code| caller.region_or_scope(code);
        let (as_of, region, depot, item, owner, function_class, group_by, tier) = extract::all((
            answer::date("as_of", self.as_of.as_deref()),
            extract::region_code("region", self.region.as_deref()).and_then(scope),
            caller.depot(self.depot.as_deref()),
            caller.item(self.item.as_deref()),
            caller.organization(self.owner.as_deref()),
            extract::word("function_class", class, &FunctionClass::ALL, FunctionClass::as_str),
            extract::word("group_by", self.group_by.as_deref(), &GroupBy::ALL, GroupBy::as_str),
            extract::word("tier", self.tier.as_deref(), &Tier::ALL, Tier::as_str),
        ))?;
        let group_by = group_by.unwrap_or(GroupBy::Depot);
        let when = When { as_of, known_at: self.known_at };
        let on = when.date();
        Ok((when, Query { region, depot, item, owner, function_class, on, group_by, tier }))
    }
}

/// Stock by depot, region, item or lot, on any date.
#[utoipa::path(get, path = "/v1/stock", tag = "stock", operation_id = "list_stock",
    params(StockQuery),
    responses(
        (status = 200, description = "Stock at one instant", body = Answer<StockRow<'static>>),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadStock>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: StockQuery = extract::query(&request)?;
    let (format, limit, (when, query)) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        asked.query(&caller),
    ))?;
    let region = query.region;
    let prices = caller.principal.role.may(Action::ReadPrices);
    let position = std::sync::Arc::clone(&caller.position);
    let language = context::current().language;
    let envelope = Envelope::of(&caller, region, when.date());
    let tell = move |rows: &[Row]| {
        let row = |row| StockRow::new(row, prices, language);
        envelope.tell(rows, limit, row).write(format, language)
    };
    Ok(answers::stock(&caller.book, position, when, query, tell).await??.into())
}
