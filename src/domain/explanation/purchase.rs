//! A line of a procurement plan opened into quotas, lots, endings and orders.
//!
//! Lives here: which of them stand behind the line, on the plan's day by the book that is given.
//! Does not live here: how the line follows from their sums (`purchasing`). Invariant: the parts
//! add up to the figures of `line`, always.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::catalogue::{Code, Item};
use crate::domain::lot::Lot;
use crate::domain::movement::Place;
use crate::domain::position::{Balance, Position};
use crate::domain::procurement::{PlanLine, PlanScope, PlanState, PriceSource, ProcurementPlan};
use crate::domain::purchasing::{self, Standing as Sums};
use crate::domain::quota::{Mode, Quota, Subject};
use crate::domain::region::{Region, RegionCode, RegionIx};
use crate::domain::stock::Standing;

use super::ReasonSum;
use super::parts::{Part, Reason};

/// One account that the plan closes the gap of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanAccount {
    pub region: Arc<Region>,
    /// In force on the plan's day.
    pub quota: Option<Arc<Quota>>,
    pub effective: i64,
    /// The part of it that ends within the year.
    pub ending: i64,
}

/// What another plan waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanOrder {
    pub plan: Code,
    pub line_no: u32,
    pub region: RegionCode,
    pub state: PlanState,
    pub due_on: Option<NaiveDate>,
    pub outstanding: i64,
    /// Whether it comes by the end of the year; what has no day counts as doing so.
    pub counts: bool,
}

/// A plan's line with everything that it comes from; quantities in base units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    pub item: Arc<Item>,
    pub year_end: NaiveDate,
    /// Accounts with a quota or stock, by region.
    pub accounts: Vec<PlanAccount>,
    /// Balances that count on the plan's day, first ending first.
    pub counted: Vec<Part>,
    /// Balances that do not, by reason; those owned above stand beside the accounts.
    pub excluded: Vec<Part>,
    /// By day; what has none comes first.
    pub orders: Vec<PlanOrder>,
    /// The newest lot of the accounts at the line's price, where that is a lot's.
    pub priced_by: Option<Arc<Lot>>,
    /// What quotas and stock come to.
    pub sums: Sums,
    /// Of the effective stock, what ends within the year.
    pub ending: i64,
    /// The line that follows from them, with the growth of the plan's.
    pub line: PlanLine,
}

impl Purchase {
    /// Balances that count on the plan's day and no longer after the year.
    pub fn endings(&self) -> impl Iterator<Item = &Part> {
        self.counted.iter().filter(|part| ends_by(part, self.year_end))
    }

    /// What does not count, reason by reason; reasons without goods are left out.
    pub fn excluded_sums(&self) -> Vec<ReasonSum> {
        ReasonSum::of(&self.excluded)
    }
}

fn ends_by(part: &Part, day: NaiveDate) -> bool {
    part.last_usable_on.is_some_and(|last| last <= day)
}

/// What stands behind a line of a plan, on the plan's day; the plan itself brings nothing in.
/// `None` for a region or an item that is not there.
pub fn explain_purchase(
    position: &Position,
    plan: &ProcurementPlan,
    line: &PlanLine,
) -> Option<Purchase> {
    let reference = &position.reference;
    let root = reference.regions.find(plan.region)?;
    let item_ix = reference.items.find(line.item.as_str())?;
    let item = reference.items.get(item_ix)?;
    let year_end = plan.year_end();
    let mut parts = parts(position, (root, plan.scope), (item_ix, item), plan.planned_on);
    parts.sort_by(Part::order);
    let (counted, excluded): (Vec<Part>, Vec<Part>) =
        parts.into_iter().partition(|part| part.excluded.is_none());
    let accounts = accounts(position, plan, (root, item), &counted);
    let orders = orders(position, plan, root, &item.code);
    let target = |account: &PlanAccount| account.quota.as_ref().map_or(0, |quota| quota.target);
    let sums = Sums {
        quota: total(accounts.iter().map(target)),
        effective: total(counted.iter().map(|part| part.amount)),
    };
    let ending = total(accounts.iter().map(|account| account.ending));
    let coming = orders.iter().filter(|order| order.counts);
    let inbound = total(coming.map(|order| order.outstanding));
    let opened = purchasing::line(item, sums, ending, line.growth, inbound);
    let priced_by = priced_by(line, counted.iter().chain(&excluded));
    Some(Purchase {
        item: Arc::clone(item),
        year_end,
        accounts,
        counted,
        excluded,
        orders,
        priced_by,
        sums,
        ending,
        line: PlanLine { line_no: line.line_no, ..opened },
    })
}

fn total(figures: impl Iterator<Item = i64>) -> i64 {
    figures.fold(0, i64::saturating_add)
}

/// The balances of the plan's accounts, and beside them what regions above keep there.
fn parts(
    position: &Position,
    (root, scope): (RegionIx, PlanScope),
    (item_ix, item): (u32, &Arc<Item>),
    on: NaiveDate,
) -> Vec<Part> {
    let reference = &position.reference;
    let covered = |owner| purchasing::covers(position, (root, scope), owner);
    let above: Vec<RegionIx> = reference.regions.chain(root).skip(1).collect();
    let kept = |depot: u32, row: &Balance| {
        let region = reference.depot_region(depot);
        row.key.place == Place::Depot
            && region.is_some_and(|region| reference.regions.within(region, root))
    };
    let wanted = |owner| covered(owner) || above.contains(&owner);
    let mut parts = Vec::new();
    for depot in position.depots_holding(item_ix, wanted) {
        let rows = position.shard(depot).map_or(&[][..], |shard| shard.of_item(item_ix));
        for row in rows.iter().filter(|row| row.quantity != 0) {
            let owner = reference.owner_region(row.key.owner);
            let Some((owner, lot)) = owner.zip(position.lot(row.key.lot)) else { continue };
            let excluded = if covered(owner) {
                Reason::of(Standing::of(&row.key, lot, item, on))
            } else if above.contains(&owner) && kept(depot, row) {
                Some(Reason::OwnedAbove)
            } else {
                continue;
            };
            let part = Part::of(position, (depot, row), lot, (item, 1), on);
            parts.extend(part.map(|part| Part { excluded, ..part }));
        }
    }
    parts
}

fn accounts(
    position: &Position,
    plan: &ProcurementPlan,
    (root, item): (RegionIx, &Item),
    counted: &[Part],
) -> Vec<PlanAccount> {
    let (reference, year_end) = (&position.reference, plan.year_end());
    let mut held: BTreeMap<RegionCode, (i64, i64)> = BTreeMap::new();
    for part in counted {
        let (effective, ending) = held.entry(part.owner.region).or_default();
        *effective = effective.saturating_add(part.amount);
        if ends_by(part, year_end) {
            *ending = ending.saturating_add(part.amount);
        }
    }
    let subject = Subject::Item(item.code.clone());
    let in_force = |code: RegionCode| {
        reference.quotas.in_force(code, &subject, Mode::GovPhysical, plan.planned_on).cloned()
    };
    let regions: Vec<RegionIx> = match plan.scope {
        PlanScope::Own => vec![root],
        PlanScope::Subtree => reference.regions.subtree(root).collect(),
    };
    let account = |ix: RegionIx| {
        let region = reference.regions.get(ix)?;
        let (quota, held) = (in_force(region.code), held.get(&region.code));
        let (effective, ending) = held.copied().unwrap_or_default();
        let told = quota.is_some() || held.is_some();
        told.then(|| PlanAccount { region: Arc::clone(region), quota, effective, ending })
    };
    let mut found: Vec<PlanAccount> = regions.into_iter().filter_map(account).collect();
    found.sort_by_key(|account| account.region.code);
    found
}

/// What other plans of the accounts wait for of the item.
fn orders(
    position: &Position,
    of: &ProcurementPlan,
    root: RegionIx,
    item: &Code,
) -> Vec<PlanOrder> {
    let reference = &position.reference;
    let mut found = Vec::new();
    for (_, plan) in reference.plans.iter().filter(|(_, plan)| plan.code != of.code) {
        let region = reference.regions.find(plan.region);
        let covered = |ix| purchasing::covers(position, (root, of.scope), ix);
        if !plan.state.is_committed() || !region.is_some_and(covered) {
            continue;
        }
        for line in plan.lines.iter().filter(|line| line.item == *item) {
            let outstanding = position.outstanding(plan, line);
            if outstanding > 0 {
                found.push(PlanOrder {
                    plan: plan.code.clone(),
                    line_no: line.line_no,
                    region: plan.region,
                    state: plan.state,
                    due_on: line.due_on,
                    outstanding,
                    counts: line.due_on.is_none_or(|due| due <= of.year_end()),
                });
            }
        }
    }
    found.sort_by(|a, b| (a.due_on, &a.plan, a.line_no).cmp(&(b.due_on, &b.plan, b.line_no)));
    found
}

fn priced_by<'a>(line: &PlanLine, parts: impl Iterator<Item = &'a Part>) -> Option<Arc<Lot>> {
    let (price, _) = line.price.filter(|(_, source)| *source == PriceSource::NewestLot)?;
    let ours = parts.filter(|part| part.excluded != Some(Reason::OwnedAbove));
    let priced = ours.filter(|part| part.lot.key.unit_price_fen == Some(price));
    priced.max_by_key(|part| part.lot.id).map(|part| Arc::clone(&part.lot))
}

#[cfg(test)]
#[path = "purchase_tests.rs"]
mod tests;
