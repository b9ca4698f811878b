//! Gaps: what owner accounts lack against their quotas, and what a region lacks as a whole.
//!
//! Lives here: the account of each region asked for and the roll-up over its subtree. Does not live
//! here: what an account holds (`account`). Invariant: surplus of one line never hides the gap of
//! another; `gap_sum` and `fill_rate` are taken line by line.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::account::{Accounts, Filter, Goods, GoodsIx, Line, Shelf};
use super::catalogue::FunctionClass;
use super::index::Index;
use super::line::Sum;
use super::position::Position;
use super::quantity::{Ratio, narrow};
use super::quota::{Mode, Quota};
use super::region::{Region, RegionIx, Tier};

/// Which gaps are asked for; what is `None` is not asked.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    pub region: RegionIx,
    /// One row per region of this tier inside `region`; `None` is `region` itself.
    pub tier: Option<Tier>,
    pub item: Option<u32>,
    pub need: Option<u32>,
    /// Lines about needs have no class and fall out where one is asked for.
    pub function_class: Option<FunctionClass>,
    pub mode: Mode,
    pub on: NaiveDate,
}

/// One region and one kind of goods for which it or a region below has a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub region: Arc<Region>,
    pub goods: Goods,
    pub mode: Mode,
    /// The quota that the region's own account is measured against.
    pub rule: Option<Arc<Quota>>,
    /// Of the region's own account; zero where only regions below have one.
    pub quota: i64,
    pub floor: i64,
    /// Quota lines in the subtree, and the sum of their targets.
    pub lines: i64,
    pub quota_sum: i64,
    /// `None` in the modes whose stock no register tells.
    pub account: Option<Account>,
    /// `None` in the modes whose stock no register tells.
    pub roll_up: Option<RollUp>,
}

/// The region's own account: goods of its own organizations, wherever they lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    pub effective: i64,
    /// The part of it that ends within 30 days.
    pub perishing: i64,
    /// Owned, but on the way between depots.
    pub in_transit: i64,
    pub gap: i64,
    pub surplus: i64,
    pub below_floor: bool,
}

/// All accounts of the subtree, the region's own included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollUp {
    pub effective_sum: i64,
    pub in_transit_sum: i64,
    /// What must be moved or bought so that every line meets its quota.
    pub gap_sum: i64,
    pub surplus_sum: i64,
    /// What must be bought even after perfect redistribution.
    pub gap_net: i64,
    /// What must be bought where surplus goes to regions below its owner's only: neither siblings
    /// nor regions below are drawn on.
    pub gap_net_vertical: i64,
    /// What redistribution alone can close.
    pub redistributable: i64,
    /// Σmin(effective, quota) / Σquota; `None` where the quotas are zero.
    pub fill_rate: Option<Ratio>,
    /// Quota lines without a gap / quota lines.
    pub attainment_rate: Option<Ratio>,
}

/// The gaps that `query` asks for, by region code, then items before needs by code.
pub fn gaps(position: &Position, query: &Query) -> Vec<Row> {
    let filter =
        Filter { item: query.item, need: query.need, function_class: query.function_class };
    let shelf = Shelf::of(&position.reference, &filter);
    let ready =
        position.index().filter(|index| query.mode == Mode::GovPhysical && index.day() == query.on);
    let sums: Vec<Vec<Sums>> = match ready {
        Some(index) => from_index(position, index, &shelf, query),
        None => from_accounts(position, &shelf, query),
    };
    let regions = &position.reference.regions;
    let asked = asked_for(position, query);
    let rows = asked.iter().zip(sums).filter_map(|(ix, sums)| Some((regions.get(*ix)?, sums)));
    let rows = rows.flat_map(|(region, sums)| {
        let stated = sums.into_iter().filter(|sums| sums.all.lines > 0);
        stated.filter_map(|sums| sums.row(position, &shelf, region, query))
    });
    rows.collect()
}

/// The regions that have rows, by code.
fn asked_for(position: &Position, query: &Query) -> Vec<RegionIx> {
    let regions = &position.reference.regions;
    let Some(tier) = query.tier else {
        return vec![query.region];
    };
    let found = regions.subtree(query.region).filter_map(|ix| Some((regions.get(ix)?, ix)));
    let mut found: Vec<_> = found
        .filter(|(region, _)| region.tier == tier)
        .map(|(region, ix)| (region.code, ix))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, ix)| ix).collect()
}

/// The lines of one kind of goods in one region's subtree.
#[derive(Debug, Clone, Default)]
struct Sums {
    /// The place on the shelf.
    goods: u32,
    own: Option<Line>,
    all: Sum,
    /// What is lacking after the surplus of each region has gone to those below it only.
    unmet: i128,
}

/// The sums of each region asked for, from what an index keeps for its day.
fn from_index(position: &Position, index: &Index, shelf: &Shelf, query: &Query) -> Vec<Vec<Sums>> {
    let goods: Vec<(u32, GoodsIx)> = shelf.iter().map(|(place, ix, _)| (place, ix)).collect();
    let unmet = unmet_by_part(position, index, &goods, query.region);
    let asked = asked_for(position, query).into_iter();
    asked
        .map(|region| match index.parts(Some(region)) {
            Some(parts) => goods
                .iter()
                .zip(0..)
                .map(|((place, ix), nth)| {
                    let mut all = Sum::default();
                    parts.clone().filter_map(|part| index.sum(part, *ix)).for_each(|sum| {
                        all.merge(sum);
                    });
                    let own = index.entry(region, *ix).map(|entry| entry.line(*place));
                    let unmet = unmet.get(&parts.start).and_then(|all: &Vec<i128>| all.get(nth));
                    Sums { goods: *place, own, all, unmet: unmet.copied().unwrap_or_default() }
                })
                .collect(),
            None => within_part(index, &goods, region),
        })
        .collect()
}

/// What is lacking in each part's head region and below it, by part and place among `goods`.
fn unmet_by_part(
    position: &Position,
    index: &Index,
    goods: &[(u32, GoodsIx)],
    root: RegionIx,
) -> BTreeMap<u32, Vec<i128>> {
    let regions = &position.reference.regions;
    let mut found: BTreeMap<u32, Vec<i128>> = BTreeMap::new();
    // Children stand behind their parents.
    for part in index.parts(Some(root)).into_iter().flatten().rev() {
        let Some(head) = index.head_of(part) else {
            continue;
        };
        let beside = found.entry(part).or_insert_with(|| vec![0; goods.len()]);
        for ((_, ix), unmet) in goods.iter().zip(&mut *beside) {
            let lacking = index.entry(head, *ix).map_or(*unmet, |entry| entry.lacking(*unmet));
            *unmet = lacking.max(0);
        }
        let told = beside.clone();
        if let Some(above) = regions.parent(head).and_then(|above| index.part_of(above)) {
            let sums = found.entry(above).or_insert_with(|| vec![0; goods.len()]);
            sums.iter_mut().zip(told).for_each(|(sum, more)| *sum += more);
        }
    }
    found
}

/// The sums of a region that is a piece of a part.
fn within_part(index: &Index, goods: &[(u32, GoodsIx)], region: RegionIx) -> Vec<Sums> {
    let Some(part) = index.part_of(region) else {
        return Vec::new();
    };
    if index.accounts(part, region).next().is_none() {
        return Vec::new();
    }
    let sums = goods.iter().map(|(place, ix)| {
        let mut all = Sum::default();
        for (_, account) in index.accounts(part, region) {
            if let Some(entry) = account.get(*ix) {
                all.merge(&Sum::of(&entry.line(*place)));
            }
        }
        let own = index.entry(region, *ix);
        Sums {
            goods: *place,
            own: own.map(|entry| entry.line(*place)),
            all,
            unmet: own.map_or(0, |entry| entry.lacking(0).max(0)),
        }
    });
    sums.collect()
}

/// The sums of each region asked for, from the accounts of its subtree.
fn from_accounts(position: &Position, shelf: &Shelf, query: &Query) -> Vec<Vec<Sums>> {
    let regions = &position.reference.regions;
    let accounts = Accounts::of(position, shelf, query.region, query.mode, query.on);
    let mut found: BTreeMap<RegionIx, BTreeMap<u32, Sums>> = BTreeMap::new();
    let heads = accounts.iter().flat_map(|(region, _)| regions.chain(region));
    for region in heads.filter(|region| regions.within(*region, query.region)) {
        found.entry(region).or_default();
    }
    let asked = asked_for(position, query);
    let shown: HashSet<RegionIx> = asked.iter().copied().collect();
    // Children stand behind their parents, so that each is whole when it is told upwards.
    let mut whole: BTreeMap<RegionIx, Vec<Sums>> = BTreeMap::new();
    while let Some((region, mut sums)) = found.pop_last() {
        for line in accounts.lines(region) {
            let here = sums.entry(line.goods).or_default();
            here.own = Some(*line);
            here.all.merge(&Sum::of(line));
            here.unmet += i128::from(line.target()) - i128::from(line.held.effective);
        }
        for (goods, here) in &mut sums {
            (here.goods, here.unmet) = (*goods, here.unmet.max(0));
        }
        if let Some(above) = regions.parent(region).and_then(|above| found.get_mut(&above)) {
            for (goods, here) in &sums {
                let sum = above.entry(*goods).or_default();
                sum.all.merge(&here.all);
                sum.unmet += here.unmet;
            }
        }
        if shown.contains(&region) {
            whole.insert(region, sums.into_values().collect());
        }
    }
    asked.iter().map(|region| whole.remove(region).unwrap_or_default()).collect()
}

impl Sums {
    fn row(
        &self,
        position: &Position,
        shelf: &Shelf,
        region: &Arc<Region>,
        query: &Query,
    ) -> Option<Row> {
        let goods = shelf.get(self.goods)?.clone();
        let known = query.mode == Mode::GovPhysical;
        let standard = self.own.and_then(|own| own.standard).unwrap_or_default();
        let held = self.own.map(|own| own.held).unwrap_or_default();
        let stated = self.own.is_some_and(|own| own.standard.is_some());
        let quotas = &position.reference.quotas;
        let rule = stated
            .then(|| quotas.in_force(region.code, &goods.subject(), query.mode, query.on).cloned());
        Some(Row {
            region: Arc::clone(region),
            goods,
            mode: query.mode,
            rule: rule.flatten(),
            quota: standard.target,
            floor: standard.floor,
            lines: self.all.lines,
            quota_sum: narrow(self.all.quota),
            account: known.then(|| Account {
                effective: held.effective,
                perishing: held.perishing,
                in_transit: held.in_transit,
                gap: self.own.map_or(0, |own| own.gap()),
                surplus: self.own.map_or(0, |own| own.surplus()),
                below_floor: held.effective < standard.floor,
            }),
            roll_up: known.then(|| self.roll_up()),
        })
    }

    fn roll_up(&self) -> RollUp {
        let sum = &self.all;
        let net = (sum.quota - sum.effective).max(0);
        RollUp {
            effective_sum: narrow(sum.effective),
            in_transit_sum: narrow(sum.in_transit),
            gap_sum: narrow(sum.gap),
            surplus_sum: narrow(sum.surplus()),
            gap_net: narrow(net),
            gap_net_vertical: narrow(self.unmet),
            redistributable: narrow(sum.gap - net),
            fill_rate: Ratio::of(sum.filled(), sum.quota),
            attainment_rate: Ratio::of(i128::from(sum.lines_met), i128::from(sum.lines)),
        }
    }
}

#[cfg(test)]
#[path = "gap_tests.rs"]
mod tests;
