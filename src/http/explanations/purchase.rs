//! One line of a procurement plan explained.
//!
//! Lives here: `/v1/plans/{code}/lines/{line_no}/explanation`, its parameters and fields. Does not
//! live here: what stands behind the line (`domain::explanation`). Invariant: the lists add up to
//! the sums beside them; whoever may not see prices sees no sign of them.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::access::Action;
use crate::domain::explanation::{PlanAccount, PlanOrder, Purchase, Reason};
use crate::domain::procurement::{PlanLine, ProcurementPlan};
use crate::service::explanations;
use crate::service::failure::Failure;
use crate::service::plans::find;

use super::super::access::{Caller, may};
use super::super::answer::{self, Answer, QuotaRow};
use super::super::context;
use super::super::extract;
use super::super::problem::Problem;
use super::super::table::{self, Format};
use super::super::words::{local, priced, purchased};
use super::DEFAULT_LIMIT;
use super::parts::{ExcludedParts, PartRow, Parts};

/// How a line is to be opened.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PurchaseExplanationQuery {
    /// The last entry to be known; the plan's own `ledger_seq` by default.
    known_at: Option<i64>,
    /// Keep the first n of each list; 100 by default. Counts and sums stay whole.
    limit: Option<usize>,
    /// `json`, or `csv` (the balances).
    format: Option<String>,
}

/// One account that the plan closes the gap of.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanAccountRow {
    region: String,
    region_name: String,
    tier: String,
    /// In force on the plan's day; `null` where there is none.
    quota: Option<QuotaRow>,
    effective: i64,
    /// The part of it that ends within the year.
    ending: i64,
}

/// What is missing on the plan's day.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanGapBody {
    /// Sum of the quotas' targets over the accounts.
    quota_sum: i64,
    /// Sum of `effective` over the accounts, and of what counts.
    effective_sum: i64,
    /// `max(0, quota_sum - effective_sum)`.
    net_gap: i64,
    /// How many accounts have a quota or stock, before `limit`.
    account_count: usize,
    accounts: Vec<PlanAccountRow>,
    /// Balances that count, first ending first.
    counted: Parts,
    not_counted: ExcludedParts,
}

/// What ends within the year.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanEndingBody {
    /// Of what counts on the plan's day, the balances that end by `year_end`.
    parts: Parts,
    /// What is left of the effective stock after the year.
    left: i64,
    /// What lies above the quotas and need not be replaced.
    beyond: i64,
    /// What must be replaced: the amount of `parts` less `beyond`.
    expiring: i64,
}

/// A line of another plan that waits for goods.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanOrderRow {
    /// `<plan>/<line>`.
    order_no: String,
    plan: String,
    line_no: u32,
    region: String,
    /// `approved` or `ordered`.
    state: String,
    due_on: Option<String>,
    outstanding: i64,
    /// Whether it comes within the year; what has no day counts as doing so.
    counts: bool,
}

/// What comes without this plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanInboundBody {
    /// Sum of `outstanding` over the orders that count.
    confirmed_inbound: i64,
    /// How many there are, before `limit`.
    order_count: usize,
    orders: Vec<PlanOrderRow>,
    /// Owned, but between depots: in nobody's stock and not deducted.
    in_transit: i64,
}

/// From what is wanted to whole packs.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackingBody {
    /// `net_gap + expiring + growth - confirmed_inbound`; negative where more comes.
    wanted: i64,
    /// Base units of the item's smallest pack.
    pack: i64,
    packs: i64,
    /// `packs * pack`.
    proposed: i64,
    /// What the plan buys; the planner may have set it.
    quantity: i64,
}

/// What the line costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct PricingBody {
    unit_price_fen: Option<i64>,
    /// `planner`, `newest_lot` or `unknown`.
    price_source: String,
    /// The newest lot of the accounts at this price; `null` where the price is of other goods.
    lot_id: Option<i64>,
    lot_no: Option<String>,
    /// `quantity * unit_price_fen`.
    amount_fen: Option<i64>,
    /// What the lines before this one cost.
    before_fen: i64,
    /// With this one.
    cumulative_fen: i64,
    budget_fen: Option<i64>,
    within_budget: Option<bool>,
}

/// A figure that is not what the plan says.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceRow {
    /// `net_gap`, `expiring`, `confirmed_inbound` or `pack`.
    figure: String,
    /// As the plan has it.
    planned: i64,
    /// As it is opened here.
    opened: i64,
}

/// When the plan took its figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedAt {
    planned_on: String,
    ledger_seq: i64,
    reference_rev: i64,
}

/// A line of a procurement plan with everything that it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurchaseExplanation {
    plan: String,
    line_no: u32,
    order_no: String,
    region: String,
    region_name: String,
    /// `own` or `subtree`.
    scope: String,
    item: String,
    item_name: String,
    unit: String,
    /// 1 is bought first; `null` last.
    priority: Option<u8>,
    /// Lines of the plan; this one is the `line_no`-th by priority, then item.
    line_count: usize,
    year_end: String,
    gap: PlanGapBody,
    ending: PlanEndingBody,
    /// The planner's.
    growth: i64,
    inbound: PlanInboundBody,
    packing: PackingBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<PricingBody>,
    planned: PlannedAt,
    /// Where this is not what the plan says; empty where it is.
    differences: Vec<DifferenceRow>,
    /// The same to be read aloud, in the language of the request.
    sentences: Vec<String>,
    /// The last entry that is known here. Quotas, orders, items are those of `reference_rev`: now.
    ledger_seq: i64,
    reference_rev: i64,
    /// The plan's day.
    as_of: String,
    stale_since: Option<String>,
}

/// Why a plan's line buys what it buys: quotas, lots, endings, orders, packs, price, budget.
#[utoipa::path(get, path = "/v1/plans/{code}/lines/{line_no}/explanation", tag = "planning",
    operation_id = "explain_plan_line",
    params(("code" = String, Path, description = "Code of the plan", example = "LY-2027"),
        ("line_no" = u32, Path, description = "Number of the line", minimum = 1, maximum = 2000,
            example = 1),
        PurchaseExplanationQuery),
    responses((status = 200, description = "The line with its parts", body = PurchaseExplanation),
        (status = "default", response = crate::http::problem::ProblemResponse)))]
pub async fn explain(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let asked: PurchaseExplanationQuery = extract::query(&request)?;
    let format = Format::of(&request, asked.format.as_deref())?;
    let limit = answer::limit(asked.limit)?.unwrap_or(DEFAULT_LIMIT);
    let (code, number) = path.into_inner();
    let plan = find(&caller.position.reference, &caller.principal, &code)?;
    let line = number.parse().ok().and_then(|number| plan.line(number));
    let line = line.ok_or_else(|| Failure::not_found("plan line", format!("{code}/{number}")))?;
    let (position, named) = (Arc::clone(&caller.position), (Arc::clone(&plan), line.clone()));
    let (known_at, found) =
        explanations::purchase(&caller.book, position, named, asked.known_at).await?;
    match format {
        Format::Json => {
            table::respond(format, &body(&caller, (&plan, line), &found, known_at, limit))
        }
        Format::Csv => {
            let region = caller.position.reference.regions.find(plan.region);
            let parts = found.counted.iter().chain(&found.excluded);
            let rows = parts.map(|part| PartRow::of(&caller, part)).collect();
            let on = plan.planned_on;
            table::respond(format, &Answer::new(&caller, region, on, rows, Some(limit)))
        }
    }
}

fn body<P>(
    caller: &Caller<P>,
    (plan, line): (&ProcurementPlan, &PlanLine),
    found: &Purchase,
    known_at: i64,
    limit: usize,
) -> PurchaseExplanation {
    let region = caller.position.reference.regions.by_code(plan.region);
    let language = context::current().language;
    let sees_prices = caller.principal.role.may(Action::ReadPrices);
    let pricing = sees_prices.then(|| pricing(plan, line, found));
    let mut sentences = purchased(found, plan, line, language);
    if let Some(told) = &pricing {
        let (amount, sum) = (told.amount_fen, told.cumulative_fen);
        sentences.extend(priced(amount, sum, plan.budget_fen, language));
    }
    PurchaseExplanation {
        plan: plan.code.to_string(),
        line_no: line.line_no,
        order_no: format!("{}/{}", plan.code, line.line_no),
        region: plan.region.to_string(),
        region_name: region.map(|region| region.name.clone()).unwrap_or_default(),
        scope: plan.scope.as_str().to_string(),
        item: found.item.code.to_string(),
        item_name: local(&found.item.name, &found.item.name_en),
        unit: local(&found.item.unit, found.item.unit_en()),
        priority: line.priority,
        line_count: plan.lines.len(),
        year_end: found.year_end.to_string(),
        gap: gap(caller, found, limit),
        ending: ending(caller, found, limit),
        growth: line.growth,
        inbound: inbound(found, limit),
        packing: PackingBody {
            wanted: found.line.wanted(),
            pack: found.line.pack,
            packs: found.line.quantity.checked_div(found.line.pack).unwrap_or_default(),
            proposed: found.line.quantity,
            quantity: line.quantity,
        },
        pricing,
        planned: PlannedAt {
            planned_on: plan.planned_on.to_string(),
            ledger_seq: plan.ledger_seq,
            reference_rev: plan.reference_rev,
        },
        differences: differences(line, &found.line),
        sentences,
        ledger_seq: known_at,
        reference_rev: caller.position.head.reference_rev,
        as_of: plan.planned_on.to_string(),
        stale_since: caller.stale_since.map(|at| at.rfc3339()),
    }
}

fn gap<P>(caller: &Caller<P>, found: &Purchase, limit: usize) -> PlanGapBody {
    PlanGapBody {
        quota_sum: found.sums.quota,
        effective_sum: found.sums.effective,
        net_gap: found.line.net_gap,
        account_count: found.accounts.len(),
        accounts: found.accounts.iter().take(limit).map(|one| account(caller, one)).collect(),
        counted: Parts::of(caller, &found.counted, limit),
        not_counted: ExcludedParts::of(caller, &found.excluded, found.excluded_sums(), limit),
    }
}

fn account<P>(caller: &Caller<P>, account: &PlanAccount) -> PlanAccountRow {
    let reference = &caller.position.reference;
    PlanAccountRow {
        region: account.region.code.to_string(),
        region_name: account.region.name.clone(),
        tier: account.region.tier.as_str().to_string(),
        quota: account.quota.as_deref().map(|quota| QuotaRow::of(reference, quota)),
        effective: account.effective,
        ending: account.ending,
    }
}

fn ending<P>(caller: &Caller<P>, found: &Purchase, limit: usize) -> PlanEndingBody {
    PlanEndingBody {
        parts: Parts::of(caller, found.endings(), limit),
        left: found.sums.effective.saturating_sub(found.ending),
        beyond: found.ending.saturating_sub(found.line.expiring),
        expiring: found.line.expiring,
    }
}

fn inbound(found: &Purchase, limit: usize) -> PlanInboundBody {
    let row = |order: &PlanOrder| PlanOrderRow {
        order_no: format!("{}/{}", order.plan, order.line_no),
        plan: order.plan.to_string(),
        line_no: order.line_no,
        region: order.region.to_string(),
        state: order.state.as_str().to_string(),
        due_on: order.due_on.map(|date| date.to_string()),
        outstanding: order.outstanding,
        counts: order.counts,
    };
    let moving = found.excluded.iter().filter(|part| part.excluded == Some(Reason::InTransit));
    PlanInboundBody {
        confirmed_inbound: found.line.confirmed_inbound,
        order_count: found.orders.len(),
        orders: found.orders.iter().take(limit).map(row).collect(),
        in_transit: moving.fold(0, |sum, part| sum.saturating_add(part.amount)),
    }
}

fn pricing(plan: &ProcurementPlan, line: &PlanLine, found: &Purchase) -> PricingBody {
    let costs = plan.costs();
    let cost = costs.iter().find(|(one, _)| one.line_no == line.line_no).map(|(_, cost)| *cost);
    let cumulative_fen = cost.map_or(0, |cost| cost.cumulative_fen);
    let amount_fen = line.amount_fen();
    let lot = found.priced_by.as_deref();
    PricingBody {
        unit_price_fen: line.price.map(|(fen, _)| fen),
        price_source: line.price.map_or("unknown", |(_, source)| source.as_str()).to_string(),
        lot_id: lot.map(|lot| lot.id),
        lot_no: lot.and_then(|lot| lot.key.lot_no.as_deref().map(str::to_string)),
        amount_fen,
        before_fen: cumulative_fen.saturating_sub(amount_fen.unwrap_or(0)),
        cumulative_fen,
        budget_fen: plan.budget_fen,
        within_budget: cost.and_then(|cost| cost.within_budget),
    }
}

fn differences(planned: &PlanLine, opened: &PlanLine) -> Vec<DifferenceRow> {
    let figures = [
        ("net_gap", planned.net_gap, opened.net_gap),
        ("expiring", planned.expiring, opened.expiring),
        ("confirmed_inbound", planned.confirmed_inbound, opened.confirmed_inbound),
        ("pack", planned.pack, opened.pack),
    ];
    let differing = figures.into_iter().filter(|(_, planned, opened)| planned != opened);
    differing
        .map(|(figure, planned, opened)| DifferenceRow {
            figure: figure.to_string(),
            planned,
            opened,
        })
        .collect()
}
