//! The question: what is asked about coverage, and within which bounds.
//!
//! Lives here: its parts and their check. Does not live here: the answer. Invariant: what passes
//! the check can be answered.

use chrono::NaiveDate;

use crate::domain::profile::ClockStart;
use crate::domain::reference::unknown;
use crate::domain::refusal::{Fault, FaultCode, Refusal};
use crate::domain::region::{RegionIx, Regions, Tier};
use crate::domain::travel::{Blocked, Conditions, USUAL_PERCENT};

use super::closure::Closure;
use super::eligibility::Scope;

/// The most areas that are answered for in detail.
pub const MAX_DETAILED: usize = 10_000;
/// The longest time limit that may be asked for, in hours: 30 days.
pub const MAX_HOURS: u32 = 720;
/// The longest self-supply that may be asked for, in days.
pub const MAX_DAYS: i64 = 366;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The areas asked about lie in it.
    pub region: RegionIx,
    /// Their tier; else the lowest that their city plans for, or the region's own if lower.
    pub tier: Option<Tier>,
    /// The time limit; else the city's own.
    pub hours: Option<u32>,
    /// Days of self-supply.
    pub days: i64,
    pub scope: Scope,
    /// From when the limit counts; else as the city counts it.
    pub clock: Option<ClockStart>,
    /// The day for which expiry and season are judged.
    pub on: NaiveDate,
    /// Percent of the usual speed that night and weather leave.
    pub speed_percent: u32,
    /// Whether people and trucks must be called up outside working hours.
    pub off_hours: bool,
    pub shock: Shock,
    /// Regions that no truck enters or leaves for a time.
    pub closures: Vec<Closure>,
    /// Other ways that are closed for a time.
    pub blocked: Blocked,
    /// Whether each row gets its curve, the three totals, its margin and the loss of a depot.
    pub detail: bool,
}

impl Query {
    /// The same with its closures in one order and without their numbers, which only detail tells:
    /// questions that are then equal have equal answers.
    pub fn unnumbered(&self) -> Self {
        let mut same = self.clone();
        same.closures.iter_mut().for_each(|one| one.number = 0);
        same.blocked.pairs.iter_mut().for_each(|one| one.number = 0);
        same.blocked.roads.iter_mut().for_each(|one| one.number = 0);
        same.closures.sort_unstable_by_key(|one| (one.region, one.opens_min));
        same.blocked.pairs.sort_unstable_by_key(|one| (one.depot, one.region, one.opens_min));
        same.blocked
            .roads
            .sort_unstable_by(|a, b| (&a.road, a.opens_min).cmp(&(&b.road, b.opens_min)));
        same
    }

    /// The same without when its closures open: two questions of which these are equal close the
    /// same ways.
    pub fn untimed(&self) -> Self {
        let mut same = self.unnumbered();
        same.closures.iter_mut().for_each(|one| one.opens_min = None);
        same.blocked.pairs.iter_mut().for_each(|one| one.opens_min = None);
        same.blocked.roads.iter_mut().for_each(|one| one.opens_min = None);
        same
    }

    /// What the hour makes longer.
    pub fn conditions(&self) -> Conditions {
        Conditions { speed_percent: self.speed_percent, off_hours: self.off_hours }
    }

    /// Whether any way is closed.
    pub fn closes(&self) -> bool {
        !self.closures.is_empty() || !self.blocked.is_empty()
    }
}

/// What the disaster leaves of the stock that lies where it strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shock {
    /// Tier of the region that is struck with the area; `None`, or one below the area's, is the
    /// area itself.
    pub tier: Option<Tier>,
    /// Percent of each amount that can still be given out there, at most 100.
    pub surviving_percent: u32,
}

impl Default for Shock {
    fn default() -> Self {
        Self { tier: None, surviving_percent: WHOLE_PERCENT }
    }
}

/// All that lies there.
pub const WHOLE_PERCENT: u32 = 100;

/// Whether a question can be answered at all.
///
/// # Errors
/// `UnknownReference` for a region that is not there, `Invalid` for hours, days or percents out of
/// bounds or a tier above the region's.
pub fn check(query: &Query, regions: &Regions) -> Result<(), Refusal> {
    let no_region = || unknown("region", &query.region.0.to_string(), "region");
    let root = regions.get(query.region).ok_or_else(no_region)?;
    let mut faults = Vec::new();
    if query.hours.is_some_and(|hours| !(1..=MAX_HOURS).contains(&hours)) {
        faults.push(Fault::new("hours", FaultCode::OutOfRange, format!("1 to {MAX_HOURS}")));
    }
    if !(1..=MAX_DAYS).contains(&query.days) {
        let expected = format!("1 to {MAX_DAYS}");
        faults.push(Fault::new("days", FaultCode::OutOfRange, expected));
    }
    if !(1..=USUAL_PERCENT).contains(&query.speed_percent) {
        let expected = format!("1 to {USUAL_PERCENT}");
        faults.push(Fault::new("speed_percent", FaultCode::OutOfRange, expected));
    }
    if query.shock.surviving_percent > WHOLE_PERCENT {
        let expected = format!("0 to {WHOLE_PERCENT}");
        faults.push(Fault::new("surviving_percent", FaultCode::OutOfRange, expected));
    }
    if query.tier.is_some_and(|tier| tier < root.tier) {
        let expected = format!("{} or a tier below it", root.tier.as_str());
        faults.push(Fault::new("tier", FaultCode::Hierarchy, expected));
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
}
