//! Helicopter bases (直升机起降点): how far they reach, and what they can lift in time.
//!
//! Lives here: the register's entry and the arithmetic of sorties. Does not live here: whose people
//! need what (`coverage`). Invariant: what can be lifted is counted by weight and never taken for
//! goods that somebody has.

use super::catalogue::{Code, ItemStatus};
use super::region::{Point, RegionCode};

/// Bounds of the register's figures.
pub const MAX_RADIUS_KM: i64 = 2_000;
pub const MAX_CRUISE_KMH: i64 = 500;
pub const MAX_PAYLOAD_KG: i64 = 50_000;
pub const MAX_AIRCRAFT: i64 = 1_000;
pub const MAX_MINUTES: i64 = 1_440;

/// A base with its machines, all alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helibase {
    pub code: Code,
    pub name: String,
    /// Whose decision sends them.
    pub region: RegionCode,
    pub location: Point,
    pub radius_km: u32,
    pub cruise_kmh: u32,
    /// What one machine carries on one flight.
    pub payload_kg: u32,
    pub aircraft: u32,
    /// Minutes to call up crews.
    pub ready_min: u32,
    pub load_min: u32,
    /// Minutes on the ground between two flights, both ends together.
    pub turnaround_min: u32,
    /// Minutes of daylight and weather fit for flying, from when the machines are loaded.
    pub flying_min: u32,
    /// Where the figures come from.
    pub source: String,
    pub status: ItemStatus,
}

/// What a base can do for one place in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lift {
    pub cm: u32,
    pub within_radius: bool,
    /// Minutes until the first machine lands; `None` beyond the radius.
    pub first_min: Option<i64>,
    /// Flights of each machine in time.
    pub sorties: i64,
    pub capacity_kg: i64,
}

impl Helibase {
    /// What it can lift over `cm` until `latest_min`, if it is told to after `decide_min`. The
    /// radius is measured from the base, not from where goods lie.
    ///
    /// `leg = way/cruise`, `cycle = 2·leg + turnaround`, `first = decide + ready + load + leg`;
    /// `sorties = ⌊(latest − first)/cycle⌋ + 1`, where the last lands before flying ends.
    pub fn lift(&self, cm: u32, decide_min: u32, latest_min: i64) -> Lift {
        let none = |within_radius, first_min| Lift {
            cm,
            within_radius,
            first_min,
            sorties: 0,
            capacity_kg: 0,
        };
        if !self.reaches(cm) {
            return none(false, None);
        }
        // In parts of a minute that make the leg whole: cruise × centimetres a kilometre.
        let per_min = i128::from(self.cruise_kmh) * i128::from(CM_PER_KM);
        let leg = i128::from(cm) * 60;
        let minutes = |whole: u32| i128::from(whole) * per_min;
        let loaded = minutes(decide_min) + minutes(self.ready_min) + minutes(self.load_min);
        let first = loaded + leg;
        let first_min =
            i64::try_from(first.div_euclid(per_min) + i128::from(first.rem_euclid(per_min) > 0))
                .ok();
        let latest = (i128::from(latest_min) * per_min).min(loaded + minutes(self.flying_min));
        let cycle = (2 * leg + minutes(self.turnaround_min)).max(1);
        if latest < first {
            return none(true, first_min);
        }
        let sorties = i64::try_from((latest - first).div_euclid(cycle) + 1).unwrap_or(i64::MAX);
        let each = i64::from(self.payload_kg).saturating_mul(i64::from(self.aircraft));
        let capacity_kg = sorties.saturating_mul(each);
        Lift { cm, within_radius: true, first_min, sorties, capacity_kg }
    }
}

const CM_PER_KM: u64 = 100_000;

/// A moment of a base's day, in parts of a minute that make every leg whole.
#[derive(Debug, Clone, Copy)]
pub struct Hour {
    parts: i128,
    per_min: i128,
}

impl Hour {
    /// Whether it is no later than a whole minute.
    pub fn is_by(self, minutes: i64) -> bool {
        self.parts <= i128::from(minutes) * self.per_min
    }

    /// The whole minutes that have gone by.
    pub fn minutes_down(self) -> i64 {
        i64::try_from(self.parts.div_euclid(self.per_min)).unwrap_or(i64::MAX)
    }

    /// The same, a begun minute counted.
    pub fn minutes_up(self) -> i64 {
        let begun = i64::from(self.parts.rem_euclid(self.per_min) > 0);
        self.minutes_down().saturating_add(begun)
    }
}

impl Ord for Hour {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.parts * other.per_min).cmp(&(other.parts * self.per_min))
    }
}

impl PartialOrd for Hour {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Hour {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Hour {}

impl Helibase {
    /// Whether its machines go so far.
    pub fn reaches(&self, cm: u32) -> bool {
        u64::from(cm) <= u64::from(self.radius_km) * CM_PER_KM && self.cruise_kmh > 0
    }

    /// A whole minute of its day.
    pub fn hour(&self, minutes: i64) -> Hour {
        let per_min = (i128::from(self.cruise_kmh) * i128::from(CM_PER_KM)).max(1);
        Hour { parts: i128::from(minutes) * per_min, per_min }
    }

    /// When a machine that leaves then has landed so far away.
    pub fn lands(&self, leaves: Hour, cm: u32) -> Hour {
        Hour { parts: leaves.parts + i128::from(cm) * 60, ..leaves }
    }

    /// When a machine left that lands then so far away.
    pub fn left(&self, lands: Hour, cm: u32) -> Hour {
        Hour { parts: lands.parts - i128::from(cm) * 60, ..lands }
    }

    /// When it may leave again.
    pub fn back(&self, leaves: Hour, cm: u32) -> Hour {
        let turnaround = i128::from(self.turnaround_min) * leaves.per_min;
        // A flight over no way without a pause takes a part of a minute, so that they end.
        let cycle = (i128::from(cm) * 120 + turnaround).max(1);
        Hour { parts: leaves.parts + cycle, ..leaves }
    }
}

#[cfg(test)]
#[path = "helibase_tests.rs"]
mod tests;
