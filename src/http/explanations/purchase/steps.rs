//! The steps of a plan's line on the wire: gap, endings, orders, packs, price, differences.
//!
//! Lives here: their fields, and how they are filled. Does not live here: who may see which
//! (`purchase`). Invariant: the lists add up to the sums beside them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::explanation::{PlanAccount, PlanOrder, Purchase, Reason};
use crate::domain::procurement::{PlanLine, ProcurementPlan};

use super::super::super::access::Caller;
use super::super::super::answer::QuotaRow;
use super::super::parts::{ExcludedParts, Parts};

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
    pub amount_fen: Option<i64>,
    /// What the lines before this one cost.
    before_fen: i64,
    /// With this one.
    pub cumulative_fen: i64,
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

pub(super) fn gap<P>(caller: &Caller<P>, found: &Purchase, limit: usize) -> PlanGapBody {
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

pub(super) fn ending<P>(caller: &Caller<P>, found: &Purchase, limit: usize) -> PlanEndingBody {
    PlanEndingBody {
        parts: Parts::of(caller, found.endings(), limit),
        left: found.sums.effective.saturating_sub(found.ending),
        beyond: found.ending.saturating_sub(found.line.expiring),
        expiring: found.line.expiring,
    }
}

pub(super) fn inbound(found: &Purchase, limit: usize) -> PlanInboundBody {
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

pub(super) fn packing(line: &PlanLine, found: &Purchase) -> PackingBody {
    PackingBody {
        wanted: found.line.wanted(),
        pack: found.line.pack,
        packs: found.line.quantity.checked_div(found.line.pack).unwrap_or_default(),
        proposed: found.line.quantity,
        quantity: line.quantity,
    }
}

pub(super) fn pricing(plan: &ProcurementPlan, line: &PlanLine, found: &Purchase) -> PricingBody {
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

pub(super) fn differences(planned: &PlanLine, opened: &PlanLine) -> Vec<DifferenceRow> {
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
