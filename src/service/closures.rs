//! Closures of the register in what is asked of coverage, scenarios and donors.
//!
//! Lives here: which are in force at the instant asked, and their place in each question. Does not
//! live here: what they cost a delivery (`domain::travel`). Invariant: an answer reckons with the
//! closures that it names, and with no other of the register.

use chrono::NaiveDate;

use crate::domain::calendar::Instant;
use crate::domain::closure::ClosedWay;
use crate::domain::coverage::{self, Closure};
use crate::domain::donor::Closed;
use crate::domain::reference::{InForce, Reference};
use crate::domain::scenario::{self, Obstacle, Scenario};
use crate::domain::travel::{Blocked, BlockedPair, BlockedRoad};

use super::book::now;

const MICROS_PER_MIN: i64 = 60_000_000;

/// The instant that a question about a day asks about: now, or the day's first.
pub fn instant_of(on: NaiveDate) -> Instant {
    now().max(Instant::start_of(on))
}

/// The instant from which goods may leave in a scenario: so many minutes after it began, or that of
/// its day where nobody says when it began.
pub fn departure(begun: Option<Instant>, scenario: &Scenario) -> Instant {
    let gone = i64::from(scenario.elapsed_min).saturating_mul(MICROS_PER_MIN);
    let after = |begun: Instant| Instant(begun.0.saturating_add(gone));
    begun.map_or_else(|| instant_of(scenario.on), after)
}

/// The closures of the register that are in force at an instant.
pub fn in_force(reference: &Reference, at: Instant) -> Vec<InForce> {
    reference.closures_in_force(at, now())
}

/// Ways that closures of the register close, whole regions apart.
pub fn closed(reference: &Reference, found: &[InForce]) -> Closed {
    let mut closed = Closed { regions: Vec::new(), ways: Blocked::default() };
    for InForce { closure, opens_min } in found {
        let opens_min = *opens_min;
        let Some(region) = reference.regions.find(closure.region) else { continue };
        match &closure.way {
            ClosedWay::Area => closed.regions.push(Closure { region, opens_min }),
            ClosedWay::Pair { depot } => {
                let depot = reference.depots.find(depot.as_str());
                let pair = depot.map(|depot| BlockedPair { depot, region, opens_min });
                closed.ways.pairs.extend(pair);
            }
            ClosedWay::Roads(roads) => {
                let road = |road| BlockedRoad { road, opens_min };
                closed.ways.roads.extend(roads.iter().cloned().map(road));
            }
        }
    }
    closed
}

/// Adds closures of the register to those that the question names.
pub fn close_coverage(reference: &Reference, found: &[InForce], query: &mut coverage::Query) {
    let closed = closed(reference, found);
    query.closures.extend(closed.regions);
    query.blocked.pairs.extend(closed.ways.pairs);
    query.blocked.roads.extend(closed.ways.roads);
}

/// The same for a scenario, whose minutes count from its start.
pub fn close_scenario(reference: &Reference, found: &[InForce], scenario: &mut Scenario) {
    for InForce { closure, opens_min } in found {
        let Some(region) = reference.regions.find(closure.region) else { continue };
        let what = match &closure.way {
            ClosedWay::Area => Obstacle::Region(region),
            ClosedWay::Pair { depot } => match reference.depots.find(depot.as_str()) {
                Some(depot) => Obstacle::Pair { depot, region },
                None => continue,
            },
            ClosedWay::Roads(roads) => Obstacle::Roads(roads.clone()),
        };
        let opens_min = opens_min.map(|at| at.saturating_add(scenario.elapsed_min));
        scenario.closures.push(scenario::Closure { what, closes_min: 0, opens_min });
    }
}
