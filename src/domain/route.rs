//! Measured routes (实测路线): how long trucks take from a depot to a region, as somebody drove it or
//! a routing server worked it out.
//!
//! Lives here: the register's entry, and finding those that bind on a day. Does not live here: what
//! is taken instead where there is none (`travel`). Invariant: a route is of one depot and one
//! region, on the days that it names.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::catalogue::{Code, ItemStatus};
use super::region::{RegionCode, RegionIx};

/// The longest route, in minutes: 30 days.
pub const MAX_ROUTE_MIN: i64 = 43_200;

/// Whence a route's minutes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// Somebody drove it.
    Driven,
    /// A routing server worked it out.
    Matrix,
}

impl Basis {
    pub const ALL: [Self; 2] = [Self::Driven, Self::Matrix];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Driven => "driven",
            Self::Matrix => "matrix",
        }
    }

    /// The basis of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == word)
    }
}

/// One measured route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub code: Code,
    pub depot: Code,
    pub region: RegionCode,
    /// On the road, without deciding, loading and the last mile.
    pub minutes: u32,
    pub basis: Basis,
    /// Who measured it, and how.
    pub source: String,
    pub valid_from: NaiveDate,
    /// Last day; `None` is until further notice.
    pub valid_to: Option<NaiveDate>,
    pub status: ItemStatus,
}

impl Route {
    /// Whether it may be relied on on `day`.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.status == ItemStatus::Active
            && self.valid_from <= day
            && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// The routes in force on a day: minutes by region and depot.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    minutes: HashMap<RegionIx, HashMap<u32, u32>>,
}

impl Measured {
    /// Takes up a route; of two for one pair the one that is valid from the later day stands, and
    /// of equals the longer.
    pub fn of(routes: impl IntoIterator<Item = (RegionIx, u32, NaiveDate, u32)>) -> Self {
        let mut sorted: Vec<_> = routes.into_iter().collect();
        sorted.sort_unstable();
        let mut measured = Self::default();
        for (region, depot, _, minutes) in sorted {
            measured.minutes.entry(region).or_default().insert(depot, minutes);
        }
        measured
    }

    /// The same with routes of others where there is none of its own.
    pub fn or(mut self, others: Self) -> Self {
        for (region, depots) in others.minutes {
            let known = self.minutes.entry(region).or_default();
            for (depot, minutes) in depots {
                known.entry(depot).or_insert(minutes);
            }
        }
        self
    }

    /// The routes into a region, by depot; `None` where there is none.
    pub fn into_region(&self, region: RegionIx) -> Option<&HashMap<u32, u32>> {
        self.minutes.get(&region)
    }
}
