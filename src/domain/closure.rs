//! Closures (道路阻断): ways that nothing is driven on for a time, and when they were open again.
//!
//! Lives here: the register's entry, whether it is in force at an instant, how its reopening (抢通)
//! is judged. Does not live here: what a wait costs a delivery (`travel`). Invariant: a closure
//! whose reopening nobody has reported is never taken for open once its expected time has passed.

use super::calendar::Instant;
use super::catalogue::{Code, ItemStatus};
use super::region::RegionCode;

/// The most stretches of one closure.
pub const MAX_ROADS: usize = 1_000;
/// Within which the cities' plans want roads to be open again, in hours (阻断道路24小时内抢通).
pub const REOPENS_H: u32 = 24;
const MICROS_PER_MIN: i64 = 60_000_000;
const MICROS_PER_H: i64 = 60 * MICROS_PER_MIN;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$about])* $variant,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word used in data and on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The value of a word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

words! {
    /// What is closed.
    ClosureKind {
        /// Every road into a region and out of it.
        Area = "area",
        /// The way from one depot to a region.
        Pair = "pair",
        /// Stretches of road.
        Roads = "roads",
    }
}

words! {
    /// Why.
    Cause {
        Flood = "flood",
        Landslide = "landslide",
        Earthquake = "earthquake",
        SnowIce = "snow_ice",
        Wind = "wind",
        Accident = "accident",
        Works = "works",
        Other = "other",
    }
}

/// What is closed, beside the region that the closure is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClosedWay {
    /// What lies inside the region still reaches what lies inside.
    Area,
    /// From this depot to the region and all in it.
    Pair { depot: Code },
    /// These stretches, and the region that reports them.
    Roads(Vec<Code>),
}

/// One closure of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoadClosure {
    pub code: Code,
    pub region: RegionCode,
    pub way: ClosedWay,
    pub closed_at: Instant,
    /// `None` is [`REOPENS_H`] after it closed.
    pub expected_reopen_at: Option<Instant>,
    /// `None` while it is closed.
    pub reopened_at: Option<Instant>,
    pub cause: Cause,
    /// The paper or notice that it rests on.
    pub document: Option<String>,
    /// Retired where it was entered by mistake.
    pub status: ItemStatus,
}

/// Until when a closure in force holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Minutes, rounded up; `None` where nobody knows, as its expected time has passed.
    pub opens_min: Option<u32>,
}

/// How a reopening stands to the hours in which it was to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reopening {
    InTime,
    Late,
    /// Still closed, and too late already.
    OpenLate,
    /// Still closed, and there is time left: nobody knows.
    Undecided,
}

impl RoadClosure {
    pub fn kind(&self) -> ClosureKind {
        match self.way {
            ClosedWay::Area => ClosureKind::Area,
            ClosedWay::Pair { .. } => ClosureKind::Pair,
            ClosedWay::Roads(_) => ClosureKind::Roads,
        }
    }

    /// The depot of a pair.
    pub fn depot(&self) -> Option<&Code> {
        match &self.way {
            ClosedWay::Pair { depot } => Some(depot),
            ClosedWay::Area | ClosedWay::Roads(_) => None,
        }
    }

    /// The stretches that are closed.
    pub fn roads(&self) -> &[Code] {
        match &self.way {
            ClosedWay::Roads(roads) => roads,
            ClosedWay::Area | ClosedWay::Pair { .. } => &[],
        }
    }

    /// When it is to be open again.
    pub fn expected(&self) -> Instant {
        let day = Instant(self.closed_at.0.saturating_add(i64::from(REOPENS_H) * MICROS_PER_H));
        self.expected_reopen_at.unwrap_or(day)
    }

    /// Its opening as seen from `at`, where it is in force then; `now` is when that is asked. What
    /// is to open between the two is held to open when it is expected to.
    pub fn opening(&self, at: Instant, now: Instant) -> Option<Opening> {
        if self.status != ItemStatus::Active || at < self.closed_at {
            return None;
        }
        let overdue = self.reopened_at.is_none() && self.expected() <= now;
        let opens = self.reopened_at.unwrap_or_else(|| self.expected());
        if overdue {
            return Some(Opening { opens_min: None });
        }
        let left = opens.0.saturating_sub(at.0);
        let minutes = left.saturating_add(MICROS_PER_MIN - 1).div_euclid(MICROS_PER_MIN);
        (left > 0).then(|| Opening { opens_min: u32::try_from(minutes).ok() })
    }

    /// How its reopening stands at `at` to so many hours after it closed; `None` where it counts
    /// nowhere, as it was entered by mistake or is yet to come.
    pub fn reopening(&self, hours: u32, at: Instant) -> Option<Reopening> {
        if self.status != ItemStatus::Active || at < self.closed_at {
            return None;
        }
        let limit = self.closed_at.0.saturating_add(i64::from(hours) * MICROS_PER_H);
        Some(match self.reopened_at.filter(|opened| *opened <= at) {
            Some(opened) if opened.0 <= limit => Reopening::InTime,
            Some(_) => Reopening::Late,
            None if at.0 > limit => Reopening::OpenLate,
            None => Reopening::Undecided,
        })
    }

    /// Whether both close the same way at one time.
    pub fn rivals(&self, other: &Self) -> bool {
        let same = match (&self.way, &other.way) {
            (ClosedWay::Area, ClosedWay::Area) => self.region == other.region,
            (ClosedWay::Pair { depot: one }, ClosedWay::Pair { depot: two }) => {
                one == two && self.region == other.region
            }
            (ClosedWay::Roads(one), ClosedWay::Roads(two)) => {
                one.iter().any(|road| two.contains(road))
            }
            _ => false,
        };
        let before =
            |one: &Self, two: &Self| one.reopened_at.is_none_or(|opened| two.closed_at < opened);
        let active = |one: &Self| one.status == ItemStatus::Active;
        same && active(self) && active(other) && before(self, other) && before(other, self)
    }
}

/// All roads of a region, closed for a day, in the small world of the tests.
#[cfg(test)]
pub(crate) fn sample(code: &str, region: &str) -> RoadClosure {
    use super::fixture;

    RoadClosure {
        code: fixture::code(code),
        region: fixture::region_code(region),
        way: ClosedWay::Area,
        closed_at: Instant(1_700_000_000_000_000),
        expected_reopen_at: Some(Instant(1_700_080_000_000_000)),
        reopened_at: Some(Instant(1_700_090_000_000_000)),
        cause: Cause::Flood,
        document: Some("示例".to_string()),
        status: ItemStatus::Active,
    }
}

#[cfg(test)]
#[path = "closure_tests.rs"]
mod tests;
