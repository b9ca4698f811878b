//! Plans as they are answered, and their lines as rows.
//!
//! Lives here: shapes, sentences, and who sees prices. Does not live here: figures. Invariant: a
//! line without a price says so; whoever may not see prices sees no sign of them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::access::{Action, Principal};
use crate::domain::position::Position;
use crate::domain::procurement::{Cost, OpenNeed, PlanLine, PlanState, ProcurementPlan};
use crate::domain::purchasing;
use crate::domain::unknown::Unknown;

use super::super::words::local;

/// All that ordered lines wait for has come.
const RECEIVED: &str = "received";

/// A line of a plan; quantities in base units.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanLineRow {
    line_no: u32,
    item: String,
    item_name: String,
    unit: String,
    /// 1 is bought first; `null` last.
    priority: Option<u8>,
    /// Missing to the quotas on the plan date.
    net_gap: i64,
    /// Ends within the year and must be replaced.
    expiring: i64,
    growth: i64,
    /// On its way by other plans.
    confirmed_inbound: i64,
    pack: i64,
    quantity: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price_fen: Option<i64>,
    /// `planner`, `newest_lot` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    price_source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_fen: Option<i64>,
    /// Of all priced lines so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    cumulative_fen: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    within_budget: Option<bool>,
    supplier: Option<String>,
    due_on: Option<String>,
    note: Option<String>,
    received: i64,
    outstanding: i64,
    /// The order number by which receipts name this line.
    order_no: String,
    /// `known`, or `unknown` where something that the line rests on is missing now.
    status: &'static str,
    /// `no_population`: a quota counts people that its region does not tell.
    unknown_reason: Option<&'static str>,
    why: String,
}

/// The same as cells: amounts in yuan.
#[derive(Debug, Serialize)]
pub struct PlanLineCells {
    line_no: u32,
    item: String,
    item_name: String,
    unit: String,
    priority: Option<u8>,
    net_gap: i64,
    expiring: i64,
    growth: i64,
    confirmed_inbound: i64,
    pack: i64,
    quantity: i64,
    #[serde(flatten)]
    money: Option<MoneyCells>,
    supplier: Option<String>,
    due_on: Option<String>,
    note: Option<String>,
    received: i64,
    outstanding: i64,
    order_no: String,
    status: &'static str,
    unknown_reason: Option<&'static str>,
    why: String,
}

/// Amounts with two decimals.
#[derive(Debug, Serialize)]
pub struct MoneyCells {
    unit_price_yuan: Option<String>,
    price_source: String,
    amount_yuan: Option<String>,
    cumulative_yuan: String,
    within_budget: Option<bool>,
}

/// What a plan costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanTotals {
    amount_fen: i64,
    within_budget_fen: i64,
    /// Lines to buy whose price nobody knows; they are in no amount.
    lines_unpriced: i64,
    /// The first line that the budget does not reach.
    first_beyond: Option<u32>,
}

/// A need without enough for its quota: which item to buy is for the planner to say.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenNeedBody {
    need: String,
    name: String,
    unit: String,
    net_gap: i64,
}

/// A plan without its lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSummary {
    code: String,
    name: String,
    region: String,
    region_name: String,
    year: i32,
    /// `own` or `subtree`.
    scope: String,
    /// `draft`, `approved`, `ordered`, `received` or `cancelled`.
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget_fen: Option<i64>,
    /// The day on which its gaps were taken.
    planned_on: String,
    /// The last entry and the revision that it rests on.
    ledger_seq: i64,
    reference_rev: i64,
    line_count: usize,
    /// Lines that rest on missing data; their figures are as they were stored.
    lines_unknown: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<PlanTotals>,
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanReply {
    #[serde(flatten)]
    summary: PlanSummary,
    open_needs: Vec<OpenNeedBody>,
    lines: Vec<PlanLineRow>,
}

/// Whether the caller may see prices.
pub fn sees_prices(principal: &Principal) -> bool {
    principal.role.may(Action::ReadPrices)
}

/// The state, or that everything ordered has come.
pub fn state(plan: &ProcurementPlan, position: &Position) -> &'static str {
    let mut bought = plan.lines.iter().filter(|line| line.quantity > 0).peekable();
    let ordered = plan.state == PlanState::Ordered && bought.peek().is_some();
    if ordered && bought.all(|line| position.outstanding(plan, line) == 0) {
        return RECEIVED;
    }
    plan.state.as_str()
}

/// A plan without its lines.
pub fn summary(plan: &ProcurementPlan, position: &Position, prices: bool) -> PlanSummary {
    let region = position.reference.regions.by_code(plan.region);
    let totals = plan.totals();
    PlanSummary {
        code: plan.code.to_string(),
        name: plan.name.clone(),
        region: plan.region.to_string(),
        region_name: region.map(|region| region.name.clone()).unwrap_or_default(),
        year: plan.year,
        scope: plan.scope.as_str().to_string(),
        state: state(plan, position).to_string(),
        budget_fen: plan.budget_fen.filter(|_| prices),
        planned_on: plan.planned_on.to_string(),
        ledger_seq: plan.ledger_seq,
        reference_rev: plan.reference_rev,
        line_count: plan.lines.len(),
        lines_unknown: plan
            .lines
            .iter()
            .filter(|line| purchasing::doubted(position, plan, line) > 0)
            .count(),
        totals: prices.then_some(PlanTotals {
            amount_fen: totals.amount_fen,
            within_budget_fen: totals.within_budget_fen,
            lines_unpriced: totals.lines_unpriced,
            first_beyond: totals.first_beyond,
        }),
    }
}

/// A plan with its lines.
pub fn reply(plan: &ProcurementPlan, position: &Position, prices: bool) -> PlanReply {
    let open = |open: &OpenNeed| {
        let need = position.reference.needs.by_code(open.need.as_str());
        OpenNeedBody {
            need: open.need.to_string(),
            name: need.map(|need| local(&need.name, &need.name_en)).unwrap_or_default(),
            unit: need.map(|need| local(&need.unit, need.unit_en())).unwrap_or_default(),
            net_gap: open.net_gap,
        }
    };
    PlanReply {
        summary: summary(plan, position, prices),
        open_needs: plan.open_needs.iter().map(open).collect(),
        lines: rows(plan, position, prices),
    }
}

/// The lines as rows.
pub fn rows(plan: &ProcurementPlan, position: &Position, prices: bool) -> Vec<PlanLineRow> {
    let costs = plan.costs().into_iter();
    costs.map(|(line, cost)| row(plan, position, line, cost, prices)).collect()
}

fn row(
    plan: &ProcurementPlan,
    position: &Position,
    line: &PlanLine,
    cost: Cost,
    prices: bool,
) -> PlanLineRow {
    let item = position.reference.items.by_code(line.item.as_str());
    let unit = item.map(|item| local(&item.unit, item.unit_en())).unwrap_or_default();
    let doubted = purchasing::doubted(position, plan, line) > 0;
    let source = line.price.map_or("unknown", |(_, source)| source.as_str());
    PlanLineRow {
        line_no: line.line_no,
        item: line.item.to_string(),
        item_name: item.map(|item| local(&item.name, &item.name_en)).unwrap_or_default(),
        priority: line.priority,
        net_gap: line.net_gap,
        expiring: line.expiring,
        growth: line.growth,
        confirmed_inbound: line.confirmed_inbound,
        pack: line.pack,
        quantity: line.quantity,
        unit_price_fen: line.price.map(|(fen, _)| fen).filter(|_| prices),
        price_source: prices.then(|| source.to_string()),
        amount_fen: cost.amount_fen.filter(|_| prices),
        cumulative_fen: prices.then_some(cost.cumulative_fen),
        within_budget: cost.within_budget.filter(|_| prices),
        supplier: line.supplier.clone(),
        due_on: line.due_on.map(|date| date.to_string()),
        note: line.note.clone(),
        received: position.received(&plan.code, line.line_no),
        outstanding: position.outstanding(plan, line),
        order_no: format!("{}/{}", plan.code, line.line_no),
        status: if doubted { "unknown" } else { "known" },
        unknown_reason: doubted.then(|| Unknown::NoPopulation.as_str()),
        why: why(plan, line, &unit),
        unit,
    }
}

fn why(plan: &ProcurementPlan, line: &PlanLine, unit: &str) -> String {
    let PlanLine { net_gap, expiring, growth, confirmed_inbound, pack, .. } = line;
    let (date, year) = (plan.planned_on, plan.year);
    local(
        &format!(
            "{date} 净缺口 {net_gap} {unit},{year} 年内到期须更新 {expiring} {unit},计划增长 \
             {growth} {unit},已落实在途 {confirmed_inbound} {unit};按每包 {pack} {unit} 取整。"
        ),
        &format!(
            "On {date} {net_gap} {unit} are missing; {expiring} {unit} end in {year} and must be \
             replaced; growth is {growth} {unit}; {confirmed_inbound} {unit} are on their way; \
             bought in packs of {pack}."
        ),
    )
}

/// Prices and amounts are never negative.
fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen.div_euclid(100), fen.rem_euclid(100))
}

/// The lines as cells.
pub fn cells(plan: &ProcurementPlan, position: &Position, prices: bool) -> Vec<PlanLineCells> {
    let rows = rows(plan, position, prices).into_iter();
    rows.map(|row| PlanLineCells {
        money: row.price_source.map(|price_source| MoneyCells {
            unit_price_yuan: row.unit_price_fen.map(yuan),
            price_source,
            amount_yuan: row.amount_fen.map(yuan),
            cumulative_yuan: yuan(row.cumulative_fen.unwrap_or_default()),
            within_budget: row.within_budget,
        }),
        line_no: row.line_no,
        item: row.item,
        item_name: row.item_name,
        unit: row.unit,
        priority: row.priority,
        net_gap: row.net_gap,
        expiring: row.expiring,
        growth: row.growth,
        confirmed_inbound: row.confirmed_inbound,
        pack: row.pack,
        quantity: row.quantity,
        supplier: row.supplier,
        due_on: row.due_on,
        note: row.note,
        received: row.received,
        outstanding: row.outstanding,
        order_no: row.order_no,
        status: row.status,
        unknown_reason: row.unknown_reason,
        why: row.why,
    })
    .collect()
}
