//! Rotation over HTTP: what falls due, and the dynamic balance.
//!
//! Lives here: `/v1/rotation` and `/v1/rotation/balance`; below, the plan that repairs a balance.
//! Does not live here: due dates and the projection (`domain::rotation`). Invariant: a breach names
//! its day and its floor.

mod actions;
mod detail;
pub mod plan;
mod what_if;

use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::refusal::FaultCode;
use crate::domain::region::RegionIx;
use crate::domain::rotation::{self, Balance, DueRow, OnOrders, Query, Step};
use crate::domain::unknown::Unknown;
use crate::service::answers;

use super::access::{Caller, may};
use super::answer::{self, Answer, number};
use super::extract::{self, parameter};
use super::problem::Problem;
use super::table::{self, Format};
use super::words::local;

/// Days looked ahead where the request names none.
const DEFAULT_WITHIN_DAYS: u32 = 180;
/// The farthest look ahead: fifty years.
const MAX_WITHIN_DAYS: u32 = 18_262;

/// What due lots are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DueQuery {
    /// Division code: depots in its subtree.
    region: Option<String>,
    /// Lots whose last usable day is within so many days; 180 by default.
    #[param(minimum = 0, maximum = 18262, example = 180)]
    within_days: Option<u32>,
    /// Today or a later date.
    as_of: Option<String>,
    /// Keep the first n rows.
    limit: Option<usize>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// A lot that must be turned over.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueLot {
    lot_id: i64,
    lot_no: Option<String>,
    item: String,
    item_name: String,
    unit: String,
    depot: String,
    depot_name: String,
    region: String,
    owner: String,
    owner_name: String,
    quantity: i64,
    last_usable_on: String,
    due_on: String,
    /// `overdue`, `due` or `due_soon`.
    status: String,
    /// The first channel of the owner's city profile that still takes it; `null`: none does.
    channel: Option<String>,
    channel_name: Option<String>,
    /// The last day on which the channel takes it.
    leave_by: Option<String>,
    /// The day by which the channel must be engaged for that.
    decide_by: Option<String>,
}

impl From<&DueRow> for DueLot {
    fn from(row: &DueRow) -> Self {
        Self {
            lot_id: row.lot.id,
            lot_no: row.lot.key.lot_no.as_deref().map(str::to_string),
            item: row.item.code.to_string(),
            item_name: local(&row.item.name, &row.item.name_en),
            unit: local(&row.item.unit, row.item.unit_en()),
            depot: row.depot.code.to_string(),
            depot_name: row.depot.name.clone(),
            region: row.depot.region.to_string(),
            owner: row.owner.code.to_string(),
            owner_name: row.owner.name.clone(),
            quantity: row.quantity,
            last_usable_on: row.last_usable_on.to_string(),
            due_on: row.due_on.to_string(),
            status: row.status.as_str().to_string(),
            channel: row.way.as_ref().map(|way| way.channel.code.to_string()),
            channel_name: row.way.as_ref().map(|way| {
                let channel = &way.channel;
                local(&channel.label, &channel.label_en)
            }),
            leave_by: row.way.as_ref().map(|way| way.leave_by.to_string()),
            decide_by: row.way.as_ref().map(|way| way.decide_by.to_string()),
        }
    }
}

/// Lots that are overdue, due or soon due for rotation, first expired first.
#[utoipa::path(get, path = "/v1/rotation", tag = "planning", operation_id = "list_rotation",
    params(DueQuery),
    responses((status = 200, description = "Due lots at one instant", body = Answer<DueLot>),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn due(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: DueQuery = extract::query(&request)?;
    let within_days = asked.within_days.unwrap_or(DEFAULT_WITHIN_DAYS);
    let expected = || format!("0 to {MAX_WITHIN_DAYS}");
    let beyond = || parameter("within_days", FaultCode::OutOfRange, &expected());
    let (format, limit, on, within_days, region) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        answer::present(asked.as_of.as_deref()),
        (within_days <= MAX_WITHIN_DAYS).then_some(within_days).ok_or_else(beyond),
        caller.region_of_answer(asked.region.as_deref()),
    ))?;
    let position = std::sync::Arc::clone(&caller.position);
    let query = Query { region, within_days, on };
    let rows = answers::rotation(&caller.book, position, query).await?;
    let rows: Vec<DueLot> = rows.iter().map(DueLot::from).collect();
    table::respond(format, &Answer::new(&caller, Some(region), on, rows, limit))
}

/// Which account's balance is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BalanceQuery {
    /// Division code of the owner account.
    region: Option<String>,
    /// Item code.
    item: String,
    /// First day; today by default.
    from: Option<String>,
    /// Last day; a year after the first by default.
    to: Option<String>,
    /// Whether approved and ordered lines of procurement plans count; they do by default.
    committed: Option<bool>,
    /// `json` or `csv` (the steps).
    format: Option<String>,
}

/// A day on which the projection or its floor changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceStep {
    on: String,
    effective: i64,
    floor: i64,
    quota: i64,
}

/// A line of a plan that has not all come.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderBody {
    /// `<plan>/<line>`.
    order_no: String,
    on: String,
    quantity: i64,
}

/// What plans have on order of one item.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnOrderBody {
    coming: Vec<OrderBody>,
    /// Due before the first day and not here; counted as never coming.
    overdue: i64,
    /// Without a day; counted as never coming.
    undated: i64,
}

impl From<&OnOrders> for OnOrderBody {
    fn from(orders: &OnOrders) -> Self {
        let coming = orders.coming.iter().map(|order| OrderBody {
            order_no: format!("{}/{}", order.plan, order.line_no),
            on: order.due_on.to_string(),
            quantity: order.quantity,
        });
        Self { coming: coming.collect(), overdue: orders.overdue, undated: orders.undated }
    }
}

/// How far the floor of an account can be relied on.
#[derive(Debug, Serialize, ToSchema)]
pub struct FloorCertainty {
    /// `known`, or `unknown` where something that the floor rests on is missing.
    status: &'static str,
    /// `no_population`: a quota of the period counts people that the region does not tell.
    unknown_reason: Option<&'static str>,
    /// Why there is no floor to keep: `no_quota` is in force on any day of the period.
    quota_reason: Option<&'static str>,
}

impl FloorCertainty {
    fn of<P>(
        caller: &Caller<P>,
        (region, item): (RegionIx, u32),
        period: (NaiveDate, NaiveDate),
        found: &Balance,
    ) -> Self {
        let why = rotation::doubt(&caller.position, region, item, period);
        Self {
            status: if why.is_some() { "unknown" } else { "known" },
            unknown_reason: why.map(Unknown::as_str),
            quota_reason: (!found.has_quota()).then_some("no_quota"),
        }
    }
}

/// The dynamic balance (动态平衡) of one account and item.
#[derive(Debug, Serialize, ToSchema)]
pub struct BalanceAnswer {
    region: String,
    region_name: String,
    item: String,
    item_name: String,
    unit: String,
    /// The projected effective stock never falls below the floor.
    balanced: bool,
    first_breach_on: Option<String>,
    breach_days: i64,
    /// Least projected stock over the quota, cut down; `null` without a quota.
    min_ratio: Option<f64>,
    floor: i64,
    quota: i64,
    #[serde(flatten)]
    certainty: FloorCertainty,
    on_order: OnOrderBody,
    steps: Vec<BalanceStep>,
    ledger_seq: i64,
    reference_rev: i64,
    as_of: String,
    stale_since: Option<String>,
}

/// Whether an account stays above its floor while its lots age.
#[utoipa::path(get, path = "/v1/rotation/balance", tag = "planning",
    operation_id = "get_rotation_balance", params(BalanceQuery),
    responses((status = 200, description = "The projection", body = BalanceAnswer),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn balance(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: BalanceQuery = extract::query(&request)?;
    let (format, (from, to), region, item) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::period(asked.from.as_deref(), asked.to.as_deref()),
        caller.region_of_answer(asked.region.as_deref()),
        caller.item(Some(&asked.item)),
    ))?;
    let item = item.unwrap_or_default();
    let position = std::sync::Arc::clone(&caller.position);
    let committed = asked.committed.unwrap_or(true);
    let found =
        answers::balance(&caller.book, position, region, item, (from, to), committed).await?;
    let body = balance_answer(&caller, (region, item), (from, to), &found);
    match format {
        Format::Json => table::respond(format, &body),
        Format::Csv => {
            let steps = Answer::new(&caller, Some(region), from, body.steps, None);
            table::respond(format, &steps)
        }
    }
}

fn balance_answer(
    caller: &Caller<may::ReadPlanning>,
    (region, item): (RegionIx, u32),
    period: (NaiveDate, NaiveDate),
    (orders, found): &(OnOrders, Balance),
) -> BalanceAnswer {
    let reference = &caller.position.reference;
    let certainty = FloorCertainty::of(caller, (region, item), period, found);
    let region = reference.regions.get(region);
    let item = reference.items.get(item);
    BalanceAnswer {
        region: region.map(|region| region.code.to_string()).unwrap_or_default(),
        region_name: region.map(|region| region.name.clone()).unwrap_or_default(),
        item: item.map(|item| item.code.to_string()).unwrap_or_default(),
        item_name: item.map(|item| local(&item.name, &item.name_en)).unwrap_or_default(),
        unit: item.map(|item| local(&item.unit, item.unit_en())).unwrap_or_default(),
        balanced: found.balanced,
        first_breach_on: found.first_breach_on.map(|date| date.to_string()),
        breach_days: found.breach_days,
        min_ratio: found.min_ratio.map(number),
        floor: found.floor,
        quota: found.quota,
        certainty,
        on_order: orders.into(),
        steps: steps(found),
        ledger_seq: caller.position.head.seq,
        reference_rev: caller.position.head.reference_rev,
        as_of: period.0.to_string(),
        stale_since: caller.stale_since.map(|at| at.rfc3339()),
    }
}

fn steps(found: &Balance) -> Vec<BalanceStep> {
    let step = |step: &Step| BalanceStep {
        on: step.on.to_string(),
        effective: step.effective,
        floor: step.floor,
        quota: step.quota,
    };
    found.steps.iter().map(step).collect()
}
