//! Gaps: what owner accounts lack against their quotas, and what a region lacks as a whole.
//!
//! Lives here: the account of each region asked for and the roll-up over its subtree. Does not live
//! here: what an account holds (`account`). Invariant: surplus of one line never hides the gap of
//! another; `gap_sum` and `fill_rate` are taken line by line.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::account::{Accounts, Filter, Goods, Line, Shelf};
use super::catalogue::FunctionClass;
use super::position::Position;
use super::quantity::{Ratio, narrow};
use super::quota::Mode;
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
    /// What redistribution alone can close.
    pub redistributable: i64,
    /// Σmin(effective, quota) / Σquota; `None` where the quotas are zero.
    pub fill_rate: Option<Ratio>,
    /// Quota lines without a gap / quota lines.
    pub attainment_rate: Option<Ratio>,
}

/// The gaps that `query` asks for, by region code, then items before needs by code.
pub fn gaps(position: &Position, query: &Query) -> Vec<Row> {
    let regions = &position.reference.regions;
    let filter =
        Filter { item: query.item, need: query.need, function_class: query.function_class };
    let shelf = Shelf::of(&position.reference, &filter);
    let accounts = Accounts::of(position, &shelf, query.region, query.mode, query.on);
    let mut asked: Vec<(RegionIx, &Arc<Region>)> = match query.tier {
        None => vec![query.region],
        Some(_) => regions.subtree(query.region).collect(),
    }
    .into_iter()
    .filter_map(|ix| Some((ix, regions.get(ix)?)))
    .filter(|(_, region)| query.tier.is_none_or(|tier| tier == region.tier))
    .collect();
    asked.sort_unstable_by_key(|(_, region)| region.code);
    let mut rows = Vec::new();
    for (ix, region) in asked {
        let mut sums: BTreeMap<u32, Sum> = BTreeMap::new();
        for below in regions.subtree(ix) {
            for line in accounts.lines(below) {
                let sum = sums.entry(line.goods).or_default();
                sum.add(line);
                if below == ix {
                    sum.own = Some(*line);
                }
            }
        }
        let asked_for = sums.into_iter().filter(|(_, sum)| sum.lines > 0);
        rows.extend(asked_for.filter_map(|(goods, sum)| {
            let goods = shelf.get(goods)?.clone();
            Some(sum.row(Arc::clone(region), goods, query.mode))
        }));
    }
    rows
}

/// The row that the lines of a region's subtree add up to, whether or not there is a quota among
/// them; `own` is the region's own, and one of `lines`.
pub fn row_of(
    region: Arc<Region>,
    goods: Goods,
    mode: Mode,
    own: Option<Line>,
    lines: &[Line],
) -> Row {
    let mut sum = Sum { own, ..Sum::default() };
    for line in lines {
        sum.add(line);
    }
    sum.row(region, goods, mode)
}

/// The lines of one kind of goods in one subtree, summed wide.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    own: Option<Line>,
    lines: i64,
    lines_met: i64,
    quota: i128,
    effective: i128,
    filled: i128,
    gap: i128,
    surplus: i128,
    in_transit: i128,
}

impl Sum {
    /// Adds an account. Stock without a quota is a surplus over nothing: it can be redistributed,
    /// but is no line that could be met.
    fn add(&mut self, line: &Line) {
        let (quota, effective) = (line.target(), line.held.effective);
        if line.standard.is_some() {
            self.lines += 1;
            self.lines_met += i64::from(line.gap() == 0);
        }
        self.quota += i128::from(quota);
        self.effective += i128::from(effective);
        self.filled += i128::from(effective.min(quota));
        self.gap += i128::from(line.gap());
        self.surplus += i128::from(line.surplus());
        self.in_transit += i128::from(line.held.in_transit);
    }

    fn row(&self, region: Arc<Region>, goods: Goods, mode: Mode) -> Row {
        let known = mode == Mode::GovPhysical;
        let standard = self.own.and_then(|own| own.standard).unwrap_or_default();
        let held = self.own.map(|own| own.held).unwrap_or_default();
        Row {
            region,
            goods,
            mode,
            quota: standard.target,
            floor: standard.floor,
            lines: self.lines,
            quota_sum: narrow(self.quota),
            account: known.then(|| Account {
                effective: held.effective,
                perishing: held.perishing,
                in_transit: held.in_transit,
                gap: self.own.map_or(0, |own| own.gap()),
                surplus: self.own.map_or(0, |own| own.surplus()),
                below_floor: held.effective < standard.floor,
            }),
            roll_up: known.then(|| self.roll_up()),
        }
    }

    fn roll_up(&self) -> RollUp {
        let net = (self.quota - self.effective).max(0);
        RollUp {
            effective_sum: narrow(self.effective),
            in_transit_sum: narrow(self.in_transit),
            gap_sum: narrow(self.gap),
            surplus_sum: narrow(self.surplus),
            gap_net: narrow(net),
            redistributable: narrow(self.gap - net),
            fill_rate: Ratio::of(self.filled, self.quota),
            attainment_rate: Ratio::of(i128::from(self.lines_met), i128::from(self.lines)),
        }
    }
}

#[cfg(test)]
#[path = "gap_tests.rs"]
mod tests;
