//! A stored event at some moment, as a scenario.
//!
//! Lives here: hours that have gone by, and codes as places. Does not live here: what has been
//! issued meanwhile (`position`). Invariant: a drill starts when it is asked about, unless it is
//! said when.

use chrono::NaiveDate;

use super::super::calendar::Instant;
use super::super::closure::ClosedWay;
use super::super::coverage::Scope;
use super::super::event::Event;
use super::super::reference::Reference;
use super::{Closure, Fleets, Obstacle, Scenario, Struck};

const MICROS_PER_MIN: i64 = 60_000_000;

/// From when on an event is to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Minutes since its start, rounded up.
    pub elapsed_min: u32,
    /// The day for which expiry is judged.
    pub on: NaiveDate,
}

impl Moment {
    /// The moment `at`, else now, or the start of a drill. Stock is judged for today at the
    /// earliest.
    pub fn of(event: &Event, at: Option<Instant>, now: Instant) -> Self {
        let at = at.or_else(|| (!event.exercise).then_some(now));
        let gone = event.started_at.zip(at).map_or(0, |(start, at)| at.0.saturating_sub(start.0));
        let minutes = gone.max(0).saturating_add(MICROS_PER_MIN - 1).div_euclid(MICROS_PER_MIN);
        let day = at.or(event.started_at).unwrap_or(now).shanghai_date();
        Self {
            elapsed_min: u32::try_from(minutes).unwrap_or(u32::MAX),
            on: day.max(now.shanghai_date()),
        }
    }
}

impl Scenario {
    /// An event at a moment, met by goods of its areas' own chain.
    pub fn of_event(reference: &Reference, event: &Event, moment: Moment) -> Self {
        let regions = &reference.regions;
        let area = |area: &super::super::event::EventArea| {
            let region = regions.find(area.region)?;
            let planned = regions.get(region)?.planned_displaced;
            let displaced = area.displaced.or(planned).unwrap_or(0);
            Some(Struck { region, displaced, class: area.class })
        };
        let closure = |closure: &super::super::event::EventClosure| {
            let (closes_min, opens_min) = (closure.closes_min, closure.opens_min);
            let region = || regions.find(closure.region?);
            let what = match &closure.way {
                ClosedWay::Area => Obstacle::Region(region()?),
                ClosedWay::Pair { depot } => {
                    let depot = reference.depots.find(depot.as_str())?;
                    Obstacle::Pair { depot, region: region()? }
                }
                ClosedWay::Roads(roads) => Obstacle::Roads(roads.clone()),
            };
            Some(Closure { what, closes_min, opens_min })
        };
        let depots = event.disabled_depots.iter();
        Self {
            areas: event.areas.iter().filter_map(area).collect(),
            closures: event.closures.iter().filter_map(closure).collect(),
            disabled: depots.filter_map(|code| reference.depots.find(code.as_str())).collect(),
            hours: event.hours,
            elapsed_min: moment.elapsed_min,
            days: event.days,
            scope: Scope::default(),
            clock: event.clock,
            speed_percent: event.speed_percent,
            off_hours: event.off_hours,
            surviving_percent: event.surviving_percent,
            on: moment.on,
            month: event.month,
            sets_out_min: None,
            event: Some(event.code.clone()),
            fleets: Fleets::default(),
            detail: false,
        }
    }
}
