//! The dynamic balance, step by step: which lots leave, which quotas begin and end.
//!
//! Lives here: the events behind each step, and what would repair the first breach. Does not live
//! here: the projection (`rotation`). Invariant: each step is the one before it, less what ages and
//! with what arrives, with the floors that begin and without those that end.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::calendar::add_days;
use crate::domain::movement::{Condition, Place};
use crate::domain::position::Position;
use crate::domain::quota::{Mode, Quota, Subject};
use crate::domain::refusal::Fault;
use crate::domain::region::RegionIx;
use crate::domain::rotation::{self, Balance, OnOrder, Step};

use super::parts::Part;

/// One day on which something changes, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What counts from this day on.
    pub step: Step,
    /// Lots whose last usable day was the day before.
    pub leaves: Vec<Part>,
    pub begins: Vec<Arc<Quota>>,
    /// Quotas whose last day was the day before.
    pub ends: Vec<Arc<Quota>>,
    /// What is on order and due on this day.
    pub arrives: Vec<OnOrder>,
    /// Goods on order whose last usable day was the day before.
    pub ages: Vec<OnOrder>,
}

/// The first day below the floor, and what would repair it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach {
    pub on: NaiveDate,
    /// The last day on which goods may come in so that there is no breach.
    pub repair_by: NaiveDate,
    /// Missing to the floor on the first day of the breach.
    pub short: i64,
    /// Where most is missing to the floor, and how much: as many units that last to the end of the
    /// period repair all of it.
    pub worst_on: NaiveDate,
    pub worst_short: i64,
}

/// A balance with the events behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    pub balance: Balance,
    /// The first day, and each later day on which something happens.
    pub changes: Vec<Change>,
    pub breach: Option<Breach>,
}

#[derive(Default)]
struct Events {
    leaves: Vec<Part>,
    begins: Vec<Arc<Quota>>,
    ends: Vec<Arc<Quota>>,
    arrives: Vec<OnOrder>,
    ages: Vec<OnOrder>,
}

/// The dynamic balance of `region`'s own account of `item` from `from` to `to`, with the events
/// behind each step; what is on order counts from its day on.
///
/// # Errors
/// As [`rotation::balance`].
pub fn explain_balance(
    position: &Position,
    region: RegionIx,
    item: u32,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Projection, Fault> {
    let orders = rotation::on_order(position, region, item, from);
    let planned = orders.changes(position, item);
    let balance = rotation::balance(position, region, item, (from, to), &planned)?;
    let mut days: BTreeMap<NaiveDate, Events> =
        balance.steps.iter().map(|step| (step.on, Events::default())).collect();
    let shown = |on: NaiveDate| from < on && on <= to;
    for part in holdings(position, region, item, from) {
        let gone = part.last_usable_on.map(|last| add_days(last, 1));
        if let Some(gone) = gone.filter(|gone| shown(*gone)) {
            days.entry(gone).or_default().leaves.push(part);
        }
    }
    for (order, gone) in orders.lives(position, item).filter(|(order, _)| order.due_on <= to) {
        days.entry(order.due_on).or_default().arrives.push(order.clone());
        if let Some(gone) = gone.filter(|gone| shown(*gone)) {
            days.entry(gone).or_default().ages.push(order.clone());
        }
    }
    for quota in quotas(position, region, item) {
        let begins = quota.effective_from;
        if shown(begins) {
            days.entry(begins).or_default().begins.push(Arc::clone(&quota));
        }
        let over = quota.effective_to.map(|last| add_days(last, 1));
        if let Some(over) = over.filter(|over| shown(*over)) {
            days.entry(over).or_default().ends.push(quota);
        }
    }
    let changes = days.into_iter().filter_map(|(on, mut events)| {
        events.leaves.sort_by(Part::order);
        let after = balance.steps.partition_point(|step| step.on <= on);
        let step = balance.steps.get(after.checked_sub(1)?)?;
        let Events { leaves, begins, ends, arrives, ages } = events;
        Some(Change { step: Step { on, ..*step }, leaves, begins, ends, arrives, ages })
    });
    let (changes, breach) = (changes.collect(), breach(&balance, from));
    Ok(Projection { balance, changes, breach })
}

fn breach(balance: &Balance, from: NaiveDate) -> Option<Breach> {
    let short = |step: &Step| step.floor - step.effective;
    let first = balance.steps.iter().find(|step| short(step) > 0)?;
    let worst = balance.steps.iter().rev().max_by_key(|step| short(step))?;
    Some(Breach {
        on: first.on,
        repair_by: add_days(first.on, -1).max(from),
        short: short(first),
        worst_on: worst.on,
        worst_short: short(worst),
    })
}

/// The good stock of the account, wherever it lies, with its standing on `on`.
fn holdings(position: &Position, region: RegionIx, item: u32, on: NaiveDate) -> Vec<Part> {
    let reference = &position.reference;
    let Some(record) = reference.items.get(item) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    let depots = position.depots_holding(item, |owner| owner == region).into_iter();
    for (depot, shard) in depots.filter_map(|depot| Some((depot, position.shard(depot)?))) {
        for row in shard.of_item(item).iter().filter(|row| row.quantity > 0) {
            let good = row.key.place == Place::Depot && row.key.condition == Condition::Good;
            let owned = reference.owner_region(row.key.owner) == Some(region);
            if let Some(lot) = position.lot(row.key.lot).filter(|_| good && owned) {
                parts.extend(Part::of(position, (depot, row), lot, (record, 1), on));
            }
        }
    }
    parts
}

fn quotas(position: &Position, region: RegionIx, item: u32) -> Vec<Arc<Quota>> {
    let reference = &position.reference;
    let (Some(region), Some(item)) = (reference.regions.get(region), reference.items.get(item))
    else {
        return Vec::new();
    };
    let subject = Subject::Item(item.code.clone());
    let all = reference.quotas.of_line(region.code, &subject, Mode::GovPhysical);
    all.into_iter().cloned().collect()
}
