//! Gaps: what owner accounts lack against their quotas, and what a region lacks as a whole.
//!
//! Lives here: the account of each region asked for and the roll-up over its subtree. Does not live
//! here: what an account holds (`account`). Invariant: surplus of one line never hides the gap of
//! another; `gap_sum` and `fill_rate` are taken line by line.

mod rolling;

use std::sync::Arc;

use chrono::NaiveDate;

use super::account::{Filter, Goods, Line, Shelf};
use super::catalogue::FunctionClass;
use super::line::Sum;
use super::position::Position;
use super::quantity::{Ratio, narrow};
use super::quota::{Mode, Quota};
use super::region::{Region, RegionIx, Regions, Tier};
use super::unknown::Unknown;

use rolling::Sums;

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
    /// Regions of the subtree of whose account nobody knows what it holds, and why.
    pub open: Vec<(RegionIx, Unknown)>,
}

/// The region's own account: goods of its own organizations, wherever they lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    pub effective: i64,
    /// The part of it that is perishing.
    pub perishing: i64,
    /// Owned, but on the way between depots.
    pub in_transit: i64,
    pub gap: i64,
    /// Beyond the quota without what is perishing.
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
    pub lines_met: i64,
    /// Quota lines without a gap / quota lines.
    pub attainment_rate: Option<Ratio>,
}

/// The gaps that `query` asks for, by region code, then items before needs by code.
pub fn gaps(position: &Position, query: &Query) -> Vec<Row> {
    let filter =
        Filter { item: query.item, need: query.need, function_class: query.function_class };
    let shelf = Shelf::of(&position.reference, &filter);
    let asked = asked_for(position, query);
    let (root, on) = (query.region, query.on);
    let laid;
    let ready = match position.index().filter(|_| query.mode == Mode::GovPhysical) {
        Some(index) if index.day() != on => {
            laid = index.accounts_on(&position.reference, root, &shelf, on);
            laid.as_ref()
        }
        today => today,
    };
    let sums: Vec<Vec<Sums>> = match ready {
        Some(index) => rolling::from_index(position, index, &shelf, root, &asked),
        None => rolling::from_accounts(position, &shelf, query, &asked),
    };
    let regions = &position.reference.regions;
    let rows = asked.iter().zip(sums).filter_map(|(ix, sums)| Some((regions.get(*ix)?, sums)));
    let rows = rows.flat_map(|(region, sums)| {
        let stated = sums.into_iter().filter(|sums| sums.all.lines > 0);
        stated.filter_map(|sums| Some(sums.row(shelf.get(sums.goods)?, region, query.mode)))
    });
    rows.collect()
}

/// The regions that have rows, by code.
pub fn asked_for(position: &Position, query: &Query) -> Vec<RegionIx> {
    let regions = &position.reference.regions;
    let Some(tier) = query.tier else {
        return vec![query.region];
    };
    let all = regions.of_tier(query.region, tier).iter();
    let mut found: Vec<_> = all.filter_map(|ix| Some((regions.get(*ix)?.code, *ix))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, ix)| ix).collect()
}

/// The row that the lines of a region's subtree, in tree order, add up to, whether or not there is
/// a quota among them; `rule` is the quota in force for the region's own.
pub fn row_of<'a>(
    regions: &Regions,
    region: RegionIx,
    (goods, mode): (&Goods, Mode),
    lines: impl DoubleEndedIterator<Item = (RegionIx, &'a Line)>,
    rule: Option<Arc<Quota>>,
) -> Option<Row> {
    let sums = rolling::fold(regions, region, lines);
    Some(Sums { rule, ..sums }.row(goods, regions.get(region)?, mode))
}

impl RollUp {
    /// What lines come to; `unmet` is what is lacking after the surplus of each region has gone to
    /// those below it only (§5.3).
    pub fn of(sum: &Sum, unmet: i128) -> Self {
        let net = sum.net();
        Self {
            effective_sum: narrow(sum.effective),
            in_transit_sum: narrow(sum.in_transit),
            gap_sum: narrow(sum.gap),
            surplus_sum: narrow(sum.surplus),
            gap_net: narrow(net),
            gap_net_vertical: narrow(unmet),
            redistributable: narrow(sum.gap - net),
            fill_rate: Ratio::of(sum.filled(), sum.quota),
            lines_met: sum.lines_met,
            attainment_rate: Ratio::of(i128::from(sum.lines_met), i128::from(sum.lines)),
        }
    }
}

impl Sums {
    fn row(&self, goods: &Goods, region: &Arc<Region>, mode: Mode) -> Row {
        let physical = mode == Mode::GovPhysical;
        // Where no quota and no register says anything, nobody knows.
        let told = physical || self.all != Sum::default();
        let standard = self.own.and_then(|own| own.standard).unwrap_or_default();
        let held = self.own.map(|own| own.held).unwrap_or_default();
        Row {
            region: Arc::clone(region),
            goods: goods.clone(),
            mode,
            rule: self.rule.clone(),
            quota: standard.target,
            floor: standard.floor,
            lines: self.all.lines,
            quota_sum: narrow(self.all.quota),
            account: self.own.map_or(physical, |own| own.open.is_none()).then(|| Account {
                effective: held.effective,
                perishing: held.perishing,
                in_transit: held.in_transit,
                gap: self.own.map_or(0, |own| own.gap()),
                surplus: self.own.map_or(0, |own| own.surplus()),
                below_floor: held.effective < standard.floor,
            }),
            roll_up: (told && self.all.open == 0).then(|| RollUp::of(&self.all, self.unmet)),
            open: self.open.clone(),
        }
    }
}

#[cfg(test)]
#[path = "gap_tests.rs"]
mod tests;
