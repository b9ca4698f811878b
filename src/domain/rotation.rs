//! Rotation: which lots must be turned over, and whether an account keeps its floor while they age.
//!
//! Lives here: the due list by custody; below, the projection of one owner account (`balance`) and
//! its repair (`plan`). Does not live here: what is short today (`gap`). Invariant: a lot that ages
//! and is near its last day is on the list, whoever owns it.

mod balance;
mod committed;
mod plan;
mod walk;
mod what_if;

use std::sync::Arc;

use chrono::NaiveDate;

use super::calendar::add_days;
use super::catalogue::{Item, Life};
use super::depot::{Depot, Organization};
use super::lot::Lot;
use super::movement::{Condition, Place};
use super::position::{Key, Position};
use super::profile::{Channel, Turnover};
use super::region::RegionIx;

pub use balance::{
    Balance, Holding, MAX_HORIZON_MONTHS, Standard, Step, balance, doubt, holdings, project,
    standards,
};
pub use committed::{OnOrder, OnOrders, on_order};
pub use plan::{
    Cause, Change, Commitment, Exit, Inbound, Loss, Moved, Plan, RotateOut, Rule, Source, Task,
    Unrepairable, What, Withdrawal, plan,
};
pub use what_if::{Supposition, WhatIf};

/// How near a lot's last usable day is; lots further off have no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Past its last usable day.
    Overdue,
    /// The item's lead before it has begun.
    Due,
    /// That will begin within the item's days of notice.
    DueSoon,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Overdue, Self::Due, Self::DueSoon];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Due => "due",
            Self::DueSoon => "due_soon",
        }
    }

    /// The status of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The status on a day of a lot of an item with this life, that is usable until one day and
    /// due on another; `None` where both are far off.
    pub fn of(
        on: NaiveDate,
        (last_usable_on, due_on): (NaiveDate, NaiveDate),
        life: Life,
    ) -> Option<Self> {
        if on > last_usable_on {
            Some(Self::Overdue)
        } else if on >= due_on {
            Some(Self::Due)
        } else {
            let announced_on = add_days(due_on, -i64::from(life.notice_days()));
            (on >= announced_on).then_some(Self::DueSoon)
        }
    }
}

/// Which lots are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// Depots in this region's subtree, whoever owns the goods.
    pub region: RegionIx,
    /// Lots whose last usable day comes within so many days, and those past it.
    pub within_days: u32,
    pub on: NaiveDate,
}

/// Good stock of one lot in one depot that must be turned over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueRow {
    pub lot: Arc<Lot>,
    pub item: Arc<Item>,
    pub depot: Arc<Depot>,
    pub owner: Arc<Organization>,
    pub quantity: i64,
    pub last_usable_on: NaiveDate,
    pub due_on: NaiveDate,
    pub status: Status,
    /// The first of the owner's channels that still takes it; `None` where none does, or its city
    /// has named none.
    pub way: Option<Way>,
}

/// By which channel goods could leave, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    pub channel: Channel,
    /// The last day on which the channel takes them.
    pub leave_by: NaiveDate,
    /// The day by which it must be engaged for that.
    pub decide_by: NaiveDate,
}

impl Way {
    fn of(turnover: &Turnover, last: NaiveDate, on: NaiveDate) -> Option<Self> {
        let channel = turnover.channels.iter().find(|channel| channel.is_in_time(last, on))?;
        let leave_by = channel.takes_until(last);
        Some(Self { decide_by: channel.decide_by(leave_by), leave_by, channel: channel.clone() })
    }
}

/// The due list by last usable day, then depot, item, lot and owner.
pub fn due(position: &Position, query: &Query) -> Vec<DueRow> {
    let reference = &position.reference;
    let mut rows = Vec::new();
    for (_, depot_ix) in position.depots_within(query.region) {
        let (shard, depot) = (position.shard(depot_ix), reference.depots.get(depot_ix));
        let Some((shard, depot)) = shard.zip(depot) else {
            continue;
        };
        let stock = shard.rows().iter().filter(|row| row.quantity > 0);
        for row in stock.filter(|row| is_good_in_depot(&row.key)) {
            rows.extend(due_row(position, query, depot, &row.key, row.quantity));
        }
    }
    rows.sort_by(|a, b| {
        a.last_usable_on
            .cmp(&b.last_usable_on)
            .then_with(|| a.depot.code.cmp(&b.depot.code))
            .then_with(|| a.item.code.cmp(&b.item.code))
            .then_with(|| a.lot.id.cmp(&b.lot.id))
            .then_with(|| a.owner.code.cmp(&b.owner.code))
    });
    rows
}

fn is_good_in_depot(key: &Key) -> bool {
    key.place == Place::Depot && key.condition == Condition::Good
}

fn due_row(
    position: &Position,
    query: &Query,
    depot: &Arc<Depot>,
    key: &Key,
    quantity: i64,
) -> Option<DueRow> {
    let item = position.reference.items.get(key.item)?;
    let lot = position.lot(key.lot)?;
    let last_usable_on = lot.last_usable_on(item)?;
    let due_on = lot.due_on(item)?;
    if last_usable_on > add_days(query.on, i64::from(query.within_days)) {
        return None;
    }
    let status = Status::of(query.on, (last_usable_on, due_on), item.life)?;
    let owner = position.reference.owner_region(key.owner)?;
    let profile = position.reference.profile_of(owner);
    let turnover = profile.and_then(|profile| profile.rotation.as_ref());
    Some(DueRow {
        status,
        way: turnover.and_then(|turnover| Way::of(turnover, last_usable_on, query.on)),
        lot: Arc::clone(lot),
        item: Arc::clone(item),
        depot: Arc::clone(depot),
        owner: Arc::clone(position.reference.organizations.get(key.owner)?),
        quantity,
        last_usable_on,
        due_on,
    })
}

#[cfg(test)]
mod tests;
