//! The rotation plan: what to buy, what to let go and when, so that the floor is kept.
//!
//! Lives here: what a plan is made of and made from. Does not live here: the walk that makes it
//! (`walk`). Invariant: the projection falls below the floor only on days before which nothing
//! ordered today can arrive, and each such period is named.

use chrono::NaiveDate;

use super::balance::{Balance, Holding, Standard, check_period, project};
use super::walk::Walk;
use crate::domain::calendar::{add_days, days_between};
use crate::domain::profile::Turnover;
use crate::domain::refusal::{Fault, FaultCode};

/// The fewest days of a month.
const SHORTEST_MONTH_DAYS: u32 = 28;

/// A purchase that is on its way: it arrives on a day, or earlier if the plan asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    pub on: NaiveDate,
    pub quantity: i64,
    /// `None`: it stays usable as long as any delivery.
    pub last_usable_on: Option<NaiveDate>,
    /// Whether the plan may bring it, or a part of it, forward.
    pub movable: bool,
}

/// What a withdrawal takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Of one lot: so much, or all of it.
    Lot(i64, Option<i64>),
    /// So much of what ends first.
    FirstExpired(i64),
}

/// Goods that will be used on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawal {
    pub on: NaiveDate,
    pub what: What,
}

/// One line to plan for: an account of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Nothing ordered today arrives before tomorrow.
    pub today: NaiveDate,
    pub period: (NaiveDate, NaiveDate),
    pub holdings: Vec<Holding>,
    pub standards: Vec<Standard>,
    pub committed: Vec<Commitment>,
    pub withdrawals: Vec<Withdrawal>,
    pub turnover: Turnover,
    /// Months for which a delivery is usable; `None` never ages.
    pub life_months: Option<u32>,
    /// Purchases are whole multiples of it, in base units.
    pub pack: i64,
}

/// Where goods come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A lot of the book.
    Lot(i64),
    /// A holding without a lot, by its place in the task.
    Supposed(usize),
    /// A committed purchase, by its place in the task.
    Committed(usize),
    /// A purchase of this plan, by its place in it.
    Inbound(usize),
}

/// Why effective stock falls, or has to rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Turned over by the plan.
    RotatedOut,
    /// Past its last usable day.
    Expired,
    /// Used as planned.
    Withdrawn,
    /// The standard rises.
    FloorRaised,
    /// Less than the floor on the first day.
    ShortAtStart,
    /// The replacement of what left before it falls due.
    GapOver,
}

impl Cause {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RotatedOut => "rotated_out",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::FloorRaised => "floor_raised",
            Self::ShortAtStart => "short_at_start",
            Self::GapOver => "gap_over",
        }
    }
}

/// One reason for a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    pub on: NaiveDate,
    pub cause: Cause,
    pub source: Option<Source>,
    pub quantity: i64,
}

/// A purchase to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The last day on which it may arrive, safety days deducted where there is time.
    pub on: NaiveDate,
    pub order_by: NaiveDate,
    /// Whole packs.
    pub quantity: i64,
    pub last_usable_on: Option<NaiveDate>,
    /// The day on which the stock would be short without it, and by how much.
    pub needed_on: NaiveDate,
    pub short: i64,
    pub losses: Vec<Loss>,
}

/// A committed purchase to bring forward, whole or in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Its place in the task.
    pub committed: usize,
    pub from_on: NaiveDate,
    pub on: NaiveDate,
    pub quantity: i64,
    pub needed_on: NaiveDate,
}

/// How and when goods leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// The first day on which they no longer count.
    pub on: NaiveDate,
    /// The place of the channel in the turnover; `None`: no channel takes them in time.
    pub channel: Option<usize>,
    /// They end unused.
    pub expires: bool,
}

/// Goods to let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotateOut {
    pub source: Source,
    /// As late as the channel takes them.
    pub on: NaiveDate,
    /// The day by which the channel must be engaged.
    pub decide_by: NaiveDate,
    pub channel: Option<usize>,
    pub quantity: i64,
    pub last_usable_on: Option<NaiveDate>,
}

/// Why no plan can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The stock is below its floor today.
    BreachToday,
    /// What is ordered today comes too late.
    LeadTime,
    /// The replacement of what left first cannot come within the gap days.
    RotationGap,
}

impl Rule {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BreachToday => "breach_today",
            Self::LeadTime => "lead_time",
            Self::RotationGap => "rotation_gap",
        }
    }
}

/// A period that no plan can repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unrepairable {
    pub rule: Rule,
    pub first_on: NaiveDate,
    pub last_on: NaiveDate,
    /// The most that is missing on a day of it.
    pub short: i64,
    /// The first day on which what is ordered today can be there.
    pub repairable_on: NaiveDate,
}

/// A change of effective stock on a day.
pub type Change = (NaiveDate, i64);

/// A repaired line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What happens if nothing is done.
    pub before: Balance,
    /// What happens under the plan.
    pub after: Balance,
    pub inbounds: Vec<Inbound>,
    pub moved: Vec<Moved>,
    pub rotate_outs: Vec<RotateOut>,
    pub unrepairable: Vec<Unrepairable>,
}

impl Plan {
    /// Base units to buy, over all purchases.
    pub fn purchased(&self) -> i64 {
        self.inbounds.iter().fold(0, |sum, inbound| sum.saturating_add(inbound.quantity))
    }
}

/// The rotation plan of §5.4: the days on which goods leave are walked in order, each purchase is
/// delayed as late as the floor allows, and what is bought ages too. With replacement before
/// removal its total is the least of all plans under the same channels.
///
/// # Errors
/// Every fault: `to` out of bounds, `safety_days` that outlast a delivery's life, and withdrawals
/// that take more of a lot than there is or come after its last day.
pub fn plan(task: &Task) -> Result<Plan, Vec<Fault>> {
    let faults = faults(task);
    if !faults.is_empty() {
        return Err(faults);
    }
    let balance = |changes: &[Change]| {
        project(&[], changes, &task.standards, task.period).map_err(|fault| vec![fault])
    };
    let before = balance(&Walk::new(task, false).run().changes)?;
    let walked = Walk::new(task, true).run();
    let after = balance(&walked.changes)?;
    let mut unrepairable = breaches(task, &after, walked.earliest);
    unrepairable.extend(walked.late);
    Ok(Plan {
        before,
        after,
        inbounds: walked.inbounds,
        moved: walked.moved,
        rotate_outs: walked.rotate_outs,
        unrepairable,
    })
}

/// The periods below the floor, each a run of steps.
fn breaches(task: &Task, after: &Balance, earliest: NaiveDate) -> Vec<Unrepairable> {
    let mut found: Vec<Unrepairable> = Vec::new();
    let mut open = false;
    let ends = after.steps.iter().skip(1).map(|step| add_days(step.on, -1));
    for (step, last_on) in after.steps.iter().zip(ends.chain([task.period.1])) {
        let short = step.floor.saturating_sub(step.effective);
        match found.last_mut().filter(|_| open) {
            _ if short <= 0 => open = false,
            Some(run) => {
                run.last_on = last_on;
                run.short = run.short.max(short);
            }
            None => {
                let today = step.on == task.today;
                let rule = if today { Rule::BreachToday } else { Rule::LeadTime };
                let (first_on, repairable_on) = (step.on, earliest);
                found.push(Unrepairable { rule, first_on, last_on, short, repairable_on });
                open = true;
            }
        }
    }
    found
}

fn faults(task: &Task) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    faults.extend(check_period(task.period.0, task.period.1).err());
    if let Some(months) = task.life_months {
        let shortest = months.saturating_mul(SHORTEST_MONTH_DAYS);
        if task.turnover.safety_days >= shortest {
            let expected = format!("0 to {}", shortest.saturating_sub(1));
            faults.push(Fault::new("safety_days", FaultCode::OutOfRange, expected));
        }
    }
    for (ix, withdrawal) in task.withdrawals.iter().enumerate() {
        let at = |field: &str| format!("withdrawals/{ix}/{field}");
        let What::Lot(id, _) = withdrawal.what else {
            continue;
        };
        let holding = task.holdings.iter().find(|holding| holding.lot_id == Some(id));
        let Some(holding) = holding else {
            let expected = "a lot of the account";
            faults.push(Fault::new(at("lot_id"), FaultCode::UnknownValue, expected));
            continue;
        };
        let upto = task.withdrawals.iter().take(ix + 1);
        let asked = upto.fold(0_i64, |sum, other| match other.what {
            What::Lot(of, quantity) if of == id => {
                sum.saturating_add(quantity.unwrap_or(holding.quantity))
            }
            _ => sum,
        });
        if asked > holding.quantity {
            let expected = format!("at most {} of this lot in all", holding.quantity);
            faults.push(Fault::new(at("quantity"), FaultCode::OutOfRange, expected));
        }
        if let Some(last) = holding.last_usable_on.filter(|last| *last < withdrawal.on) {
            let expected = format!("{last} or earlier");
            faults.push(Fault::new(at("on"), FaultCode::DateOrder, expected));
        }
    }
    faults
}

/// Days from `today` until what is ordered today can be there: one at least.
pub(super) fn arrival_days(turnover: &Turnover) -> i64 {
    i64::from(turnover.purchase_lead_days).max(1)
}

/// The first day on which what is ordered today can be there.
pub(super) fn earliest(task: &Task) -> NaiveDate {
    let arrival = add_days(task.today, arrival_days(&task.turnover));
    if days_between(arrival, task.period.0) > 0 { task.period.0 } else { arrival }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "pairing_tests.rs"]
mod pairing;

#[cfg(test)]
#[path = "properties_tests.rs"]
mod properties;
