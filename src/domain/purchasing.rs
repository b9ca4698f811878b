//! Purchasing: the draft of an annual procurement plan from gaps, endings, growth and orders.
//!
//! Lives here: the lines of a draft. Does not live here: prices' amounts and the plan's states
//! (`procurement`). Invariant: each line's quantity follows from figures that stand beside it.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::account::Goods;
use super::catalogue::{Code, Item};
use super::gap::{self, Query, Row};
use super::movement::{Condition, Place};
use super::position::Position;
use super::procurement::{OpenNeed, PlanLine, PlanScope, PriceSource, ProcurementPlan};
use super::quantity::{div_up, narrow};
use super::quota::{Mode, Subject};
use super::region::RegionIx;

/// What a draft is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub region: RegionIx,
    pub scope: PlanScope,
    /// The day on which the gaps are taken.
    pub planned_on: NaiveDate,
    /// The last day of the plan's year.
    pub year_end: NaiveDate,
    /// Base units by item.
    pub growth: BTreeMap<Code, i64>,
    /// Fen per base unit by item.
    pub prices: BTreeMap<Code, i64>,
}

/// What a draft says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    pub lines: Vec<PlanLine>,
    pub open_needs: Vec<OpenNeed>,
}

/// Quotas and stock of one item in one account or subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    pub quota: i64,
    pub effective: i64,
}

/// The draft of §5.3: for each item `net gap + what ends within the year and must be replaced +
/// growth − confirmed inbound`, not less than nothing, in whole packs, by priority.
pub fn draft(position: &Position, wanted: &Wanted) -> Draft {
    let query = Query {
        region: wanted.region,
        tier: None,
        item: None,
        need: None,
        function_class: None,
        mode: Mode::GovPhysical,
        on: wanted.planned_on,
    };
    let mut standings: BTreeMap<Code, Standing> = BTreeMap::new();
    let mut open_needs = Vec::new();
    for row in gap::gaps(position, &query) {
        let standing = standing(&row, wanted.scope);
        match &row.goods {
            Goods::Item(item) => {
                standings.insert(item.code.clone(), standing);
            }
            Goods::Need(need) => {
                let net_gap = missing(standing.quota, standing.effective);
                if net_gap > 0 {
                    open_needs.push(OpenNeed { need: need.code.clone(), net_gap });
                }
            }
        }
    }
    let ending = ending(position, wanted);
    let inbound = confirmed(position, wanted);
    for code in wanted.growth.keys().chain(inbound.keys()) {
        standings.entry(code.clone()).or_default();
    }
    let newest = newest_prices(position);
    let items = &position.reference.items;
    let mut lines: Vec<PlanLine> = standings
        .iter()
        .filter_map(|(code, standing)| {
            let item = items.by_code(code.as_str())?;
            let figure = |of: &BTreeMap<Code, i64>| of.get(code).copied().unwrap_or(0);
            let price = wanted.prices.get(code).map(|fen| (*fen, PriceSource::Planner));
            let newest = newest.get(code).map(|fen| (*fen, PriceSource::NewestLot));
            let inbound = figure(&inbound);
            Some(line(item, *standing, figure(&ending), figure(&wanted.growth), inbound))
                .map(|line| PlanLine { price: price.or(newest), ..line })
        })
        .filter(|line| {
            line.net_gap > 0 || line.expiring > 0 || line.growth > 0 || line.confirmed_inbound > 0
        })
        .collect();
    lines.sort_by(|a, b| {
        let rank = |line: &PlanLine| line.priority.unwrap_or(u8::MAX);
        rank(a).cmp(&rank(b)).then_with(|| a.item.cmp(&b.item))
    });
    for (line_no, line) in (1..).zip(&mut lines) {
        line.line_no = line_no;
    }
    Draft { lines, open_needs }
}

fn missing(quota: i64, effective: i64) -> i64 {
    quota.saturating_sub(effective).max(0)
}

fn standing(row: &Row, scope: PlanScope) -> Standing {
    match scope {
        PlanScope::Own => Standing {
            quota: row.quota,
            effective: row.account.map_or(0, |account| account.effective),
        },
        PlanScope::Subtree => Standing {
            quota: row.quota_sum,
            effective: row.roll_up.map_or(0, |all| all.effective_sum),
        },
    }
}

/// The line of an item, without a number and a price: of what ends, as much is replaced as the
/// quotas then lack; the whole is rounded up to the item's smallest pack.
pub fn line(item: &Item, standing: Standing, ending: i64, growth: i64, inbound: i64) -> PlanLine {
    let net_gap = missing(standing.quota, standing.effective);
    // What lies above the quota need not be replaced.
    let left = standing.effective.saturating_sub(ending).max(0);
    let expiring = missing(standing.quota, left).saturating_sub(net_gap);
    let pack = item.packs.iter().map(|pack| pack.factor).min().unwrap_or(1).max(1);
    let line = PlanLine {
        line_no: 0,
        item: item.code.clone(),
        priority: item.priority,
        net_gap,
        expiring,
        growth,
        confirmed_inbound: inbound,
        pack,
        quantity: 0,
        price: None,
        supplier: None,
        due_on: None,
        note: None,
    };
    let packs = div_up(i128::from(line.wanted()).max(0), i128::from(pack));
    PlanLine { quantity: narrow(packs.saturating_mul(i128::from(pack))), ..line }
}

/// Good stock that is usable on the plan date and no longer after the year, by item.
fn ending(position: &Position, wanted: &Wanted) -> BTreeMap<Code, i64> {
    let reference = &position.reference;
    let ours: Vec<bool> = reference
        .organizations
        .iter()
        .map(|(owner, _)| {
            let covered = |ix| covers(position, (wanted.region, wanted.scope), ix);
            reference.owner_region(owner).is_some_and(covered)
        })
        .collect();
    let mut found: BTreeMap<Code, i64> = BTreeMap::new();
    for (_, shard) in position.shards() {
        for row in shard.rows() {
            let owner = usize::try_from(row.key.owner).ok();
            let owned = owner.and_then(|owner| ours.get(owner)) == Some(&true);
            if !owned || row.key.place != Place::Depot || row.key.condition != Condition::Good {
                continue;
            }
            let item = reference.items.get(row.key.item);
            let Some((item, lot)) = item.zip(position.lot(row.key.lot)) else {
                continue;
            };
            let last = lot.last_usable_on(item);
            if last.is_some_and(|last| (wanted.planned_on..=wanted.year_end).contains(&last)) {
                let sum = found.entry(item.code.clone()).or_default();
                *sum = sum.saturating_add(row.quantity);
            }
        }
    }
    found
}

/// Whether the account of `region` is one of those that a plan of `root` closes the gaps of.
pub fn covers(position: &Position, (root, scope): (RegionIx, PlanScope), region: RegionIx) -> bool {
    match scope {
        PlanScope::Own => region == root,
        PlanScope::Subtree => position.reference.regions.within(region, root),
    }
}

/// How many quotas behind a plan's line count people that nobody has counted.
pub fn doubted(position: &Position, plan: &ProcurementPlan, line: &PlanLine) -> usize {
    let reference = &position.reference;
    let Some(root) = reference.regions.find(plan.region) else { return 0 };
    let subject = Subject::Item(line.item.clone());
    let doubts = reference.doubts().about(&subject, Mode::GovPhysical).iter();
    let binds = doubts.filter(|(_, quota)| quota.in_force(plan.planned_on));
    binds.filter(|(ix, _)| covers(position, (root, plan.scope), *ix)).count()
}

/// What committed plans have not received yet and is due by the end of the year, by item.
fn confirmed(position: &Position, wanted: &Wanted) -> BTreeMap<Code, i64> {
    let reference = &position.reference;
    let mut found: BTreeMap<Code, i64> = BTreeMap::new();
    for (_, plan) in reference.plans.iter() {
        let region = reference.regions.find(plan.region);
        let covered = |ix| covers(position, (wanted.region, wanted.scope), ix);
        if !plan.state.is_committed() || !region.is_some_and(covered) {
            continue;
        }
        for line in &plan.lines {
            if line.due_on.is_none_or(|due| due <= wanted.year_end) {
                let sum = found.entry(line.item.clone()).or_default();
                *sum = sum.saturating_add(position.outstanding(plan, line));
            }
        }
    }
    found.retain(|_, quantity| *quantity > 0);
    found
}

/// The price of each item's newest lot that has one.
fn newest_prices(position: &Position) -> BTreeMap<Code, i64> {
    let mut found = BTreeMap::new();
    let count = u32::try_from(position.lot_count()).unwrap_or(u32::MAX);
    for lot in (0..count).rev().filter_map(|ix| position.lot(ix)) {
        if let Some(price) = lot.key.unit_price_fen {
            found.entry(lot.key.item.clone()).or_insert(price);
        }
    }
    found
}

#[cfg(test)]
#[path = "purchasing_tests.rs"]
mod tests;
