//! Rows of what is flown, and the figures of areas with it.
//!
//! Lives here: plain values. Does not live here: how they came about (`air`). Invariant: with what
//! is flown nobody has less.

use std::sync::Arc;

use super::super::super::catalogue::{Item, Need};
use super::super::super::depot::{Depot, Organization};
use super::super::super::helibase::{Helibase, Lift};
use super::super::super::quantity::{Ratio, narrow};
use super::super::super::region::Region;
use super::super::area::{AreaNeed, AreaRow};
use super::super::questions::Fraction;

/// Why nothing is flown to an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grounded {
    /// No base is near enough.
    Distance,
    /// No machine would land before flying ends.
    Daylight,
    /// No machine would land in time.
    Time,
    /// Nothing that it lacks is left over where it could be brought to a base.
    Goods,
    /// All that is left, or every flight, goes to others.
    Others,
    /// The machines are away on flights that are booked.
    Booked,
}

impl Grounded {
    pub const ALL: [Self; 6] =
        [Self::Distance, Self::Daylight, Self::Time, Self::Goods, Self::Others, Self::Booked];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Distance => "distance",
            Self::Daylight => "daylight",
            Self::Time => "time",
            Self::Goods => "goods",
            Self::Others => "others",
            Self::Booked => "booked",
        }
    }
}

/// Goods of one depot that are flown to an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Airload {
    pub depot: Arc<Depot>,
    pub owner: Arc<Organization>,
    pub need: Arc<Need>,
    pub item: Arc<Item>,
    /// Whether it is brought to the base by road.
    pub brought: bool,
    /// Base units.
    pub quantity: i64,
    /// In the need's unit.
    pub units: i64,
    pub weight_g: i64,
}

/// What one base does for one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlightRow {
    pub region: Arc<Region>,
    pub base: Arc<Helibase>,
    /// What it could do if it flew nowhere else, with goods at hand.
    pub lift: Lift,
    /// Flights of all its machines to this area.
    pub sorties: i64,
    /// When the first of them lands.
    pub first_min: Option<i64>,
    pub weight_g: i64,
    /// Where nothing is flown.
    pub grounded: Option<Grounded>,
    /// The first first.
    pub landings: Vec<LandingRow>,
    pub loads: Vec<Airload>,
}

/// Flights of one base that land together in one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandingRow {
    /// Minutes from the start.
    pub min: u32,
    /// Flights.
    pub machines: u32,
    pub loads: Vec<Airload>,
}

impl AreaNeed {
    /// What people have in the end with what is flown, at most what they need.
    pub fn served_with_air(&self) -> i64 {
        self.served().saturating_add(self.by_air).min(self.required)
    }
}

impl AreaRow {
    /// Draws its figures with what is flown.
    pub fn judge_with_air(&mut self) {
        let mandatory = self.needs.iter().filter(|one| one.need.mandatory);
        let parts = mandatory.map(|one| (one.served_with_air(), one.required));
        let least = parts.min_by_key(|(served, required)| Fraction(*served, *required));
        self.with_air = match least {
            Some((served, required)) if self.missing.is_none() => {
                let whole = i128::from(self.struck.displaced) * i128::from(served);
                let persons = narrow(whole / i128::from(required.max(1)));
                (Some(Ratio::capped(served.into(), required.into())), Some(persons))
            }
            _ => (self.coverage, self.persons_covered),
        };
    }
}
