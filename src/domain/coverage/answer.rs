//! The answer of a coverage question: a row an area, with what binds it and what would close it.
//!
//! Lives here: plain values and their words. Does not live here: how they come about. Invariant: a
//! figure that is not known is `None`.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::profile::ClockStart;
use crate::domain::quantity::Ratio;
use crate::domain::region::{Region, RegionIx};
use crate::domain::travel::Travel;

use super::detail::Detail;
use super::verdict::Attained;

/// What bounds an area's coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Too little, however long one waits.
    Stock,
    /// Enough, but too late.
    Time,
    /// Enough and in time, were it not for closed roads.
    Road,
    /// It cannot be computed.
    Unknown,
}

impl Reason {
    pub const ALL: [Self; 4] = [Self::Stock, Self::Time, Self::Road, Self::Unknown];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Time => "time",
            Self::Road => "road",
            Self::Unknown => "unknown",
        }
    }
}

/// What is missing where an area's coverage is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Missing {
    /// No city profile stands above the area.
    Profile,
    /// The number of people to be displaced.
    PlannedDisplaced,
    /// Neither the area nor any region above it has a point.
    Location,
    /// No mandatory need applies.
    Needs,
}

impl Missing {
    pub const ALL: [Self; 4] = [Self::Profile, Self::PlannedDisplaced, Self::Location, Self::Needs];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::PlannedDisplaced => "planned_displaced",
            Self::Location => "location",
            Self::Needs => "needs",
        }
    }
}

/// The need with the least coverage, and what would close it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// `None` where the coverage is unknown.
    pub need: Option<Arc<Need>>,
    pub reason: Reason,
    pub missing: Option<Missing>,
    /// What is lacking at the time limit, in the need's unit, rounded up.
    pub short: Option<i64>,
    /// When this need is met, if ever.
    pub met_at_min: Option<i64>,
}

/// Coverage by owners up to a tier, each layer with those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Layers {
    /// Goods of owners at or below the area.
    pub own: Option<Ratio>,
    pub county: Option<Ratio>,
    pub city: Option<Ratio>,
    /// With owners above the city, whether or not the scope counts them.
    pub province: Option<Ratio>,
    /// Only what lies in the area, whoever owns it.
    pub isolated: Option<Ratio>,
}

/// One need of one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedRow {
    pub need: Arc<Need>,
    /// In the need's unit, rounded up.
    pub required: i64,
    /// In the need's unit, cut down.
    pub reachable: i64,
    pub coverage: Ratio,
    /// What of it lies in the area, in the need's unit, cut down.
    pub isolated: i64,
    /// When it is met, if ever.
    pub met_at_min: Option<i64>,
}

/// One area struck alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub ix: RegionIx,
    pub region: Arc<Region>,
    /// The time limit used; `None` where neither query nor profile gives one.
    pub hours: Option<u32>,
    pub clock: Option<ClockStart>,
    pub coverage: Option<Ratio>,
    pub persons_covered: Option<i64>,
    pub compliant: Option<bool>,
    /// The least time at which all mandatory needs are met; `None` is never, or unknown.
    pub full_at_min: Option<i64>,
    /// `None` where everything is covered.
    pub binding: Option<Binding>,
    pub layers: Layers,
    /// The least known layer on which the arrivals in time rest; of all, where none is in time.
    pub travel: Travel,
    /// Whether the area or a source that may serve it stands at an inherited point.
    pub inherited: bool,
    /// By code; needs that do not apply are left out.
    pub needs: Vec<NeedRow>,
    /// Where it was asked for and the coverage is known.
    pub detail: Option<Detail>,
}

/// The areas in tree order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub rows: Vec<Row>,
}

/// All areas of an answer together. Areas whose coverage is unknown are in no other figure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    pub areas: usize,
    pub unknown: usize,
    pub compliant: usize,
    /// People of the areas that are known.
    pub planned_displaced: i64,
    pub persons_covered: i64,
    /// The known area that is covered worst; of equals the one that is full last.
    pub worst: Option<Arc<Region>>,
}

impl Totals {
    /// The sums over some areas.
    pub fn of<'a>(all: impl Iterator<Item = Headline<'a>>) -> Self {
        let mut totals = Self::default();
        let mut worst: Option<(Badness, &Arc<Region>)> = None;
        for one in all {
            totals.areas += 1;
            if one.attained.coverage.is_none() {
                totals.unknown += 1;
                continue;
            }
            let add = |sum: &mut i64, people: Option<i64>| {
                *sum = sum.saturating_add(people.unwrap_or_default());
            };
            add(&mut totals.planned_displaced, one.region.planned_displaced);
            add(&mut totals.persons_covered, one.attained.persons_covered);
            totals.compliant += usize::from(one.attained.compliant == Some(true));
            let bad = one.badness();
            if worst.is_none_or(|(known, _)| bad < known) {
                worst = Some((bad, one.region));
            }
        }
        totals.worst = worst.map(|(_, region)| Arc::clone(region));
        totals
    }

    /// Compliant areas over those that are known; `None` where none is.
    pub fn areas_ratio(&self) -> Option<Ratio> {
        let wide = |count: usize| i128::try_from(count).unwrap_or(i128::MAX);
        Ratio::of(wide(self.compliant), wide(self.areas.saturating_sub(self.unknown)))
    }

    /// People covered over those of the areas that are known; `None` where there are none.
    pub fn persons_ratio(&self) -> Option<Ratio> {
        Ratio::of(i128::from(self.persons_covered), i128::from(self.planned_displaced))
    }
}

impl Answer {
    /// Puts the areas of unknown coverage first, then the worst; of equals those full last.
    pub fn put_worst_first(&mut self) {
        self.rows.sort_by_key(|row| Headline::of(row).badness());
    }

    /// The sums over all areas.
    pub fn totals(&self) -> Totals {
        Totals::of(self.rows.iter().map(Headline::of))
    }
}

/// An area in few words.
#[derive(Debug, Clone, Copy)]
pub struct Headline<'a> {
    pub ix: RegionIx,
    pub region: &'a Arc<Region>,
    pub attained: Attained,
}

/// The worse an area stands, the less this is; unknown areas first, of equals those full last.
pub type Badness = (Option<Ratio>, Reverse<i64>, RegionIx);

impl<'a> Headline<'a> {
    /// That of a row.
    pub fn of(row: &'a Row) -> Self {
        Self { ix: row.ix, region: &row.region, attained: row.attained() }
    }

    /// By what areas are put worst first.
    pub fn badness(&self) -> Badness {
        let full_at = self.attained.full_at_min.unwrap_or(i64::MAX);
        (self.attained.coverage, Reverse(full_at), self.ix)
    }
}

impl Row {
    /// What is covered.
    pub fn attained(&self) -> Attained {
        Attained {
            coverage: self.coverage,
            persons_covered: self.persons_covered,
            compliant: self.compliant,
            full_at_min: self.full_at_min,
        }
    }
}
