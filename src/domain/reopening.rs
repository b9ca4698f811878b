//! Reopenings (阻断道路抢通): how many closures were open again within so many hours.
//!
//! Lives here: the count by region, cause, kind or period of closing. Does not live here: how one
//! closure is judged (`closure`). Invariant: a closure that is still closed and has time left is in
//! no share; one that is still closed and too late already has failed.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::calendar::Instant;
use super::closure::{Cause, ClosureKind, Reopening, RoadClosure};
use super::quantity::Ratio;
use super::reference::Reference;
use super::region::{Region, RegionIx, Tier};

/// By what closures are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    Region,
    Cause,
    Kind,
    /// The month in which they closed, in Shanghai.
    Month,
    Year,
}

impl By {
    pub const ALL: [Self; 5] = [Self::Region, Self::Cause, Self::Kind, Self::Month, Self::Year];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Cause => "cause",
            Self::Kind => "kind",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// Which closures are counted, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// Closures of this region and of all in it.
    pub region: RegionIx,
    pub by: By,
    /// The tier up to which regions are rolled up; else each stands for itself.
    pub tier: Option<Tier>,
    pub cause: Option<Cause>,
    pub kind: Option<ClosureKind>,
    /// First and last day of closing.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Hours from closing within which a reopening is in time.
    pub hours: u32,
    /// As of when.
    pub at: Instant,
}

/// How many there are, by how their reopening stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub in_time: u64,
    pub late: u64,
    /// Still closed, and too late already.
    pub open_late: u64,
    /// Still closed with time left: nobody knows.
    pub undecided: u64,
}

impl Tally {
    fn add(&mut self, reopening: Reopening) {
        let count = match reopening {
            Reopening::InTime => &mut self.in_time,
            Reopening::Late => &mut self.late,
            Reopening::OpenLate => &mut self.open_late,
            Reopening::Undecided => &mut self.undecided,
        };
        *count += 1;
    }

    pub fn closures(&self) -> u64 {
        self.decided() + self.undecided
    }

    /// Those of which it is known whether they were in time.
    pub fn decided(&self) -> u64 {
        self.in_time + self.late + self.open_late
    }

    /// In time of those that are decided; `None` where none is.
    pub fn ratio(&self) -> Option<Ratio> {
        let of = self.decided();
        (of > 0).then(|| Ratio::capped(i128::from(self.in_time), i128::from(of)))
    }
}

/// What the closures of a row have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Group {
    Region(Arc<Region>),
    Cause(Cause),
    Kind(ClosureKind),
    /// `YYYY-MM` or `YYYY`.
    Period(String),
}

/// Rows in the order of their groups, and all closures together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistic {
    pub rows: Vec<(Group, Tally)>,
    pub totals: Tally,
}

/// Counts the closures of the register.
pub fn reopenings(reference: &Reference, query: &Query) -> Statistic {
    let mut rows: BTreeMap<String, (Group, Tally)> = BTreeMap::new();
    let mut totals = Tally::default();
    for (_, closure) in reference.closures.iter() {
        let Some(region) = counted(reference, query, closure) else { continue };
        let Some(reopening) = closure.reopening(query.hours, query.at) else { continue };
        let Some((key, group)) = group(reference, query, (closure, region)) else { continue };
        rows.entry(key).or_insert_with(|| (group, Tally::default())).1.add(reopening);
        totals.add(reopening);
    }
    Statistic { rows: rows.into_values().collect(), totals }
}

/// The region of a closure that the query counts.
fn counted(reference: &Reference, query: &Query, closure: &RoadClosure) -> Option<RegionIx> {
    let region = reference.regions.find(closure.region)?;
    let day = closure.closed_at.shanghai_date();
    let fits = reference.regions.within(region, query.region)
        && query.cause.is_none_or(|cause| cause == closure.cause)
        && query.kind.is_none_or(|kind| kind == closure.kind())
        && query.from.is_none_or(|first| first <= day)
        && query.to.is_none_or(|last| day <= last);
    fits.then_some(region)
}

fn group(
    reference: &Reference,
    query: &Query,
    (closure, region): (&RoadClosure, RegionIx),
) -> Option<(String, Group)> {
    let regions = &reference.regions;
    let day = closure.closed_at.shanghai_date();
    let place = |list: usize| format!("{list:03}");
    Some(match query.by {
        By::Region => {
            let rolled = query.tier.and_then(|tier| regions.ancestor_of_tier(region, tier));
            let row = regions.get(rolled.unwrap_or(region))?;
            (row.code.to_string(), Group::Region(Arc::clone(row)))
        }
        By::Cause => {
            let at = Cause::ALL.iter().position(|cause| *cause == closure.cause)?;
            (place(at), Group::Cause(closure.cause))
        }
        By::Kind => {
            let at = ClosureKind::ALL.iter().position(|kind| *kind == closure.kind())?;
            (place(at), Group::Kind(closure.kind()))
        }
        By::Month => {
            let month = format!("{:04}-{:02}", day.year(), day.month());
            (month.clone(), Group::Period(month))
        }
        By::Year => {
            let year = format!("{:04}", day.year());
            (year.clone(), Group::Period(year))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::closure;
    use crate::domain::fixture::*;
    use crate::domain::reference::Record;

    const DAY: i64 = 24 * 3_600 * 1_000_000;

    /// Closed on a day at midnight, open after some days, or not yet.
    fn closed(name: &str, region: &str, on: &str, days: Option<i64>) -> RoadClosure {
        let closed_at = Instant::start_of(day(on));
        let reopened_at = days.map(|days| Instant(closed_at.0 + days * DAY));
        let expected_reopen_at = None;
        RoadClosure { closed_at, expected_reopen_at, reopened_at, ..closure::sample(name, region) }
    }

    fn asked(position: &crate::domain::position::Position, by: By) -> Query {
        Query {
            region: position.reference.regions.find(region_code("3713")).unwrap(),
            by,
            tier: None,
            cause: None,
            kind: None,
            from: None,
            to: None,
            hours: 24,
            at: Instant(Instant::start_of(day("2026-07-10")).0 + DAY / 2),
        }
    }

    fn register() -> crate::domain::position::Position {
        let snow = RoadClosure {
            cause: Cause::SnowIce,
            ..closed("RC-4", "371302", "2026-01-05", Some(1))
        };
        let rows = [
            closed("RC-1", "371301", "2026-07-01", Some(1)),
            closed("RC-2", "371301101", "2026-07-02", Some(2)),
            closed("RC-3", "371301", "2026-07-05", None),
            snow,
            closed("RC-5", "371302", "2026-07-10", None),
            closed("RC-6", "371302", "2026-07-11", None),
            RoadClosure {
                status: crate::domain::catalogue::ItemStatus::Retired,
                ..closed("RC-7", "371302", "2026-07-01", None)
            },
        ];
        with_records(&world(), rows.map(Record::Closure).to_vec())
    }

    fn told(statistic: &Statistic) -> Vec<(String, [u64; 4], Option<Ratio>)> {
        let row = |(group, tally): &(Group, Tally)| {
            let name = match group {
                Group::Region(region) => region.code.to_string(),
                Group::Cause(cause) => cause.as_str().to_string(),
                Group::Kind(kind) => kind.as_str().to_string(),
                Group::Period(period) => period.clone(),
            };
            let counts = [tally.in_time, tally.late, tally.open_late, tally.undecided];
            (name, counts, tally.ratio())
        };
        statistic.rows.iter().map(row).collect()
    }

    #[test]
    fn what_is_still_closed_is_told_apart_and_never_a_silent_zero() {
        let position = register();
        let found = reopenings(&position.reference, &asked(&position, By::Region));
        let expected = [
            ("371301000000", [1, 0, 1, 0], Some(Ratio(5_000))),
            ("371301101000", [0, 1, 0, 0], Some(Ratio(0))),
            // One in time, one closed since noon before: nobody knows of that.
            ("371302000000", [1, 0, 0, 1], Some(Ratio(10_000))),
        ];
        let expected = expected.map(|(name, counts, ratio)| (name.to_string(), counts, ratio));
        assert_eq!(told(&found), expected);
        assert_eq!((found.totals.closures(), found.totals.decided()), (5, 4));
        assert_eq!(found.totals.ratio(), Some(Ratio(5_000)));
        let none = Query { cause: Some(Cause::Wind), ..asked(&position, By::Region) };
        assert_eq!(reopenings(&position.reference, &none).totals.ratio(), None);
    }

    #[test]
    fn counts_follow_the_grouping_and_its_filters() {
        let position = register();
        let by = |by: By| told(&reopenings(&position.reference, &asked(&position, by)));
        let names = |by_what: By| by(by_what).into_iter().map(|row| row.0).collect::<Vec<_>>();
        assert_eq!(names(By::Cause), ["flood", "snow_ice"]);
        assert_eq!(names(By::Kind), ["area"]);
        assert_eq!(names(By::Month), ["2026-01", "2026-07"]);
        assert_eq!(by(By::Year), [("2026".to_string(), [2, 1, 1, 1], Some(Ratio(5_000)))]);
        let rolled = Query { tier: Some(Tier::County), ..asked(&position, By::Region) };
        let rows = told(&reopenings(&position.reference, &rolled));
        assert_eq!(rows[0], ("371301000000".to_string(), [1, 1, 1, 0], Some(Ratio(3_333))));
        let july = Query {
            from: Some(day("2026-07-02")),
            to: Some(day("2026-07-05")),
            ..asked(&position, By::Year)
        };
        assert_eq!(told(&reopenings(&position.reference, &july))[0].1, [0, 1, 1, 0]);
        let slow = Query { hours: 48, ..asked(&position, By::Year) };
        assert_eq!(told(&reopenings(&position.reference, &slow))[0].1, [3, 0, 1, 1]);
    }
}
