//! The dynamic balance: one owner account of one item as a step function against its floor.
//!
//! Lives here: what an account holds and must hold, and the projection. Does not live here: how a
//! breach is repaired (`plan`). Invariant: between two steps nothing changes, so that looking at
//! the steps is looking at every day.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::is_good_in_depot;
use crate::domain::calendar::{add_days, add_months, days_between};
use crate::domain::position::Position;
use crate::domain::quantity::{Ratio, narrow};
use crate::domain::quota::{Mode, Subject};
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::RegionIx;
use crate::domain::unknown::Unknown;

/// The longest projection, in months.
pub const MAX_HORIZON_MONTHS: u32 = 50 * 12;

/// Good stock of an account that ends on one day; `None` never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// `None` for goods that are in no book: what-ifs.
    pub lot_id: Option<i64>,
    pub quantity: i64,
    pub last_usable_on: Option<NaiveDate>,
}

/// A quota while it is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standard {
    pub target: i64,
    pub floor: i64,
    pub from: NaiveDate,
    /// The last day in force.
    pub to: Option<NaiveDate>,
}

/// What counts from a day on, until the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub on: NaiveDate,
    pub effective: i64,
    pub floor: i64,
    pub quota: i64,
}

/// Whether an account holds its floor on every day of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    pub balanced: bool,
    pub first_breach_on: Option<NaiveDate>,
    /// Days of the period with less than the floor.
    pub breach_days: i64,
    /// The least effective / quota of the period; `None` where there is no quota.
    pub min_ratio: Option<Ratio>,
    /// In force on the first day.
    pub floor: i64,
    /// In force on the first day.
    pub quota: i64,
    /// The first day, and each later day on which something changes.
    pub steps: Vec<Step>,
}

impl Balance {
    /// Whether there is any quota to be measured against.
    pub fn has_quota(&self) -> bool {
        self.steps.iter().any(|step| step.quota > 0 || step.floor > 0)
    }
}

/// The dynamic balance of `region`'s own account of `item` from `from` to `to`, both included:
/// goods of its organizations wherever they lie, against its quotas of the physical reserve.
/// `planned` are deliveries (positive) and withdrawals (negative) on their days.
///
/// # Errors
/// A fault of `to` that comes before `from` or more than [`MAX_HORIZON_MONTHS`] later.
pub fn balance(
    position: &Position,
    region: RegionIx,
    item: u32,
    period: (NaiveDate, NaiveDate),
    planned: &[(NaiveDate, i64)],
) -> Result<Balance, Fault> {
    let holdings = holdings(position, region, item);
    project(&holdings, planned, &standards(position, region, item), period)
}

/// The good stock of `item` that `region`'s own organizations hold, one a lot, by lot.
pub fn holdings(position: &Position, region: RegionIx, item: u32) -> Vec<Holding> {
    let reference = &position.reference;
    let Some(record) = reference.items.get(item) else {
        return Vec::new();
    };
    let owns: Vec<bool> = reference
        .organizations
        .iter()
        .map(|(owner, _)| reference.owner_region(owner) == Some(region))
        .collect();
    let mut held: BTreeMap<u32, i64> = BTreeMap::new();
    let depots = position.depots_holding(item, |owner| owner == region);
    for shard in depots.into_iter().filter_map(|depot| position.shard(depot)) {
        for row in shard.of_item(item) {
            let owner = usize::try_from(row.key.owner).ok();
            let owned = owner.and_then(|owner| owns.get(owner)) == Some(&true);
            if owned && row.quantity > 0 && is_good_in_depot(&row.key) {
                let sum = held.entry(row.key.lot).or_default();
                *sum = sum.saturating_add(row.quantity);
            }
        }
    }
    let lots = held.into_iter().filter_map(|(lot, quantity)| Some((position.lot(lot)?, quantity)));
    lots.map(|(lot, quantity)| Holding {
        lot_id: Some(lot.id),
        quantity,
        last_usable_on: lot.last_usable_on(record),
    })
    .collect()
}

/// The quotas of the physical reserve that `region`'s own account of `item` is measured against.
pub fn standards(position: &Position, region: RegionIx, item: u32) -> Vec<Standard> {
    let reference = &position.reference;
    let code = reference.regions.get(region).map(|region| region.code);
    let Some(record) = reference.items.get(item) else {
        return Vec::new();
    };
    let subject = Subject::Item(record.code.clone());
    reference
        .quotas
        .values()
        .filter(|quota| Some(quota.region) == code && quota.subject == subject)
        .filter(|quota| quota.mode == Mode::GovPhysical)
        .map(|quota| Standard {
            target: quota.target,
            floor: quota.floor,
            from: quota.effective_from,
            to: quota.effective_to,
        })
        .collect()
}

/// Why a floor cannot be relied on from `from` to `to`: a quota of the account counts people that
/// nobody has counted.
pub fn doubt(
    position: &Position,
    region: RegionIx,
    item: u32,
    (from, to): (NaiveDate, NaiveDate),
) -> Option<Unknown> {
    let reference = &position.reference;
    let subject = Subject::Item(reference.items.get(item)?.code.clone());
    let doubts = reference.doubts().about(&subject, Mode::GovPhysical).iter();
    let mut ours = doubts.filter(|(at, _)| *at == region).map(|(_, quota)| quota);
    let binds = ours.any(|quota| {
        quota.effective_from <= to && quota.effective_to.is_none_or(|last| from <= last)
    });
    binds.then_some(Unknown::NoPopulation)
}

/// What changes on a day: effective stock, floor and target.
type Change = (i128, i128, i128);

/// The step function of §5.4: `holdings` leave after their last usable day, `planned` come and go
/// on theirs, `standards` hold while in force. What changes on one day counts together.
///
/// # Errors
/// A fault of `to` that comes before `from` or more than [`MAX_HORIZON_MONTHS`] later.
pub fn project(
    holdings: &[Holding],
    planned: &[(NaiveDate, i64)],
    standards: &[Standard],
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Balance, Fault> {
    check_period(from, to)?;
    let mut changes: BTreeMap<NaiveDate, Change> = BTreeMap::new();
    let mut change = |on: NaiveDate, (stock, floor, target): Change| {
        let sums = changes.entry(on.max(from)).or_default();
        *sums = (sums.0 + stock, sums.1 + floor, sums.2 + target);
    };
    change(from, (0, 0, 0));
    for holding in holdings {
        let quantity = i128::from(holding.quantity);
        change(from, (quantity, 0, 0));
        if let Some(last) = holding.last_usable_on {
            change(add_days(last, 1), (-quantity, 0, 0));
        }
    }
    for (on, quantity) in planned {
        change(*on, (i128::from(*quantity), 0, 0));
    }
    for standard in standards {
        let (floor, target) = (i128::from(standard.floor), i128::from(standard.target));
        change(standard.from, (0, floor, target));
        if let Some(last) = standard.to {
            change(add_days(last, 1), (0, -floor, -target));
        }
    }
    let mut sums = (0, 0, 0);
    let mut steps: Vec<Step> = Vec::new();
    for (on, (stock, floor, target)) in changes.range(from..=to) {
        sums = (sums.0 + stock, sums.1 + floor, sums.2 + target);
        let step = Step {
            on: *on,
            effective: narrow(sums.0.max(0)),
            floor: narrow(sums.1),
            quota: narrow(sums.2),
        };
        if steps.last().is_none_or(|last| Step { on: *on, ..*last } != step) {
            steps.push(step);
        }
    }
    Ok(judge(steps, to))
}

pub(super) fn check_period(from: NaiveDate, to: NaiveDate) -> Result<(), Fault> {
    if from > to {
        let expected = format!("{from} or later");
        return Err(Fault::new("to", FaultCode::DateOrder, expected));
    }
    let latest = add_months(from, MAX_HORIZON_MONTHS);
    if to > latest {
        let expected = format!("{latest} or earlier");
        return Err(Fault::new("to", FaultCode::OutOfRange, expected));
    }
    Ok(())
}

fn judge(steps: Vec<Step>, to: NaiveDate) -> Balance {
    let ends = steps.iter().skip(1).map(|step| step.on);
    let ends = ends.chain([add_days(to, 1)]);
    let breach_days = steps
        .iter()
        .zip(ends)
        .filter(|(step, _)| step.effective < step.floor)
        .map(|(step, end)| days_between(step.on, end))
        .sum();
    let ratios = steps
        .iter()
        .filter_map(|step| Ratio::of(i128::from(step.effective), i128::from(step.quota)));
    let breach = steps.iter().find(|step| step.effective < step.floor);
    let first = steps.first();
    Balance {
        balanced: breach.is_none(),
        first_breach_on: breach.map(|step| step.on),
        breach_days,
        min_ratio: ratios.min(),
        floor: first.map_or(0, |step| step.floor),
        quota: first.map_or(0, |step| step.quota),
        steps,
    }
}
