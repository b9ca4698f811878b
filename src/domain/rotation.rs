//! Rotation: which lots must be turned over, and whether an account keeps its floor while they age.
//!
//! Lives here: the due list by custody, and the projection of one owner account as a step function.
//! Does not live here: what is short today (`gap`). Invariant: between two steps nothing changes,
//! so that looking at the steps is looking at every day.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::calendar::{add_days, add_months, days_between};
use super::catalogue::Item;
use super::depot::{Depot, Organization};
use super::lot::Lot;
use super::movement::{Condition, Place};
use super::position::{Key, Position};
use super::quantity::{Ratio, narrow};
use super::quota::{Mode, Subject};
use super::refusal::{Fault, FaultCode};
use super::region::RegionIx;

/// How long before the due day a lot is announced, in days.
pub const NOTICE_DAYS: i64 = 90;
/// The longest projection, in months.
pub const MAX_HORIZON_MONTHS: u32 = 50 * 12;

/// How near a lot's last usable day is; lots further off have no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Past its last usable day.
    Overdue,
    /// The item's lead before it has begun.
    Due,
    /// That will begin within [`NOTICE_DAYS`].
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

    /// The status on a day of a lot with these dates; `None` where both are far off.
    pub fn of(on: NaiveDate, last_usable_on: NaiveDate, due_on: NaiveDate) -> Option<Self> {
        if on > last_usable_on {
            Some(Self::Overdue)
        } else if on >= due_on {
            Some(Self::Due)
        } else {
            (on >= add_days(due_on, -NOTICE_DAYS)).then_some(Self::DueSoon)
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
}

/// The due list by last usable day, then depot, item, lot and owner.
pub fn due(position: &Position, query: &Query) -> Vec<DueRow> {
    let reference = &position.reference;
    let mut rows = Vec::new();
    for (depot_ix, shard) in position.shards() {
        let inside = reference
            .depot_region(depot_ix)
            .is_some_and(|region| reference.regions.within(region, query.region));
        let Some(depot) = reference.depots.get(depot_ix).filter(|_| inside) else {
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
    Some(DueRow {
        status: Status::of(query.on, last_usable_on, due_on)?,
        lot: Arc::clone(lot),
        item: Arc::clone(item),
        depot: Arc::clone(depot),
        owner: Arc::clone(position.reference.organizations.get(key.owner)?),
        quantity,
        last_usable_on,
        due_on,
    })
}

/// Good stock of an account that ends on one day; `None` never ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
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
    (from, to): (NaiveDate, NaiveDate),
    planned: &[(NaiveDate, i64)],
) -> Result<Balance, Fault> {
    let reference = &position.reference;
    let Some(record) = reference.items.get(item) else {
        return project(&[], planned, &[], (from, to));
    };
    let owns: Vec<bool> = reference
        .organizations
        .iter()
        .map(|(owner, _)| reference.owner_region(owner) == Some(region))
        .collect();
    let mut holdings = Vec::new();
    for (_, shard) in position.shards() {
        for row in shard.of_item(item) {
            let owner = usize::try_from(row.key.owner).ok();
            let owned = owner.and_then(|owner| owns.get(owner)) == Some(&true);
            if owned && is_good_in_depot(&row.key) {
                let lot = position.lot(row.key.lot);
                holdings.push(Holding {
                    quantity: row.quantity,
                    last_usable_on: lot.and_then(|lot| lot.last_usable_on(record)),
                });
            }
        }
    }
    let code = reference.regions.get(region).map(|region| region.code);
    let subject = Subject::Item(record.code.clone());
    let standards: Vec<Standard> = reference
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
        .collect();
    project(&holdings, planned, &standards, (from, to))
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

fn check_period(from: NaiveDate, to: NaiveDate) -> Result<(), Fault> {
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

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
