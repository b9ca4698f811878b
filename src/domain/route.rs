//! Measured routes (实测路线): how long trucks take from a depot to a region, as somebody drove it or
//! a routing server worked it out.
//!
//! Lives here: the register's entry, and those into a region that bind on a day. Does not live
//! here: what is taken instead where there is none (`travel`). Invariant: a route is of one depot
//! and one region, on the days that it names.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

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

/// Somebody has driven it, and it binds until further notice.
#[cfg(test)]
pub(crate) fn sample(minutes: u32, valid_from: &str) -> Route {
    use super::fixture;

    Route {
        code: fixture::code("R1"),
        depot: fixture::code("D-3713"),
        region: fixture::region_code("371301"),
        minutes,
        basis: Basis::Driven,
        source: "实测".to_string(),
        valid_from: fixture::day(valid_from),
        valid_to: None,
        status: ItemStatus::Active,
    }
}

/// All routes by region, so that those of a day are found without going through the register.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// With the depot's number; whoever goes before others stands after them.
    routes: HashMap<RegionIx, Vec<(u32, Arc<Route>)>>,
}

impl Measured {
    /// Takes up routes. Whoever drove it knows better than a server; of two the one that is valid
    /// from the later day goes before, and of equals the longer.
    pub fn of(routes: impl IntoIterator<Item = (RegionIx, u32, Arc<Route>)>) -> Self {
        let mut measured = Self::default();
        for (region, depot, route) in routes {
            measured.routes.entry(region).or_default().push((depot, route));
        }
        for routes in measured.routes.values_mut() {
            routes
                .sort_by_key(|(_, route)| (Reverse(route.basis), route.valid_from, route.minutes));
        }
        measured
    }

    /// Minutes into a region by depot, as they bind on a day.
    pub fn into_region(&self, region: RegionIx, on: NaiveDate) -> HashMap<u32, u32> {
        let routes = self.routes.get(&region).into_iter().flatten();
        let binding = routes.filter(|(_, route)| route.in_force(on));
        binding.map(|(depot, route)| (*depot, route.minutes)).collect()
    }
}
