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

/// The minute of Shanghai's day at which goods may first leave, where somebody says when it began.
pub fn sets_out_min(begun: Option<Instant>, scenario: &Scenario) -> Option<u32> {
    let at = departure(Some(begun?), scenario);
    let since = at.0.saturating_sub(Instant::start_of(at.shanghai_date()).0);
    u32::try_from(since.div_euclid(MICROS_PER_MIN)).ok()
}

/// The closures of the register that are in force at an instant.
pub fn in_force(reference: &Reference, at: Instant) -> Vec<InForce> {
    let mut found = reference.closures_in_force(at, now());
    found.retain(|one| obstacle(reference, one).is_some());
    found
}

/// What a closure closes; `None` where it names what is no longer there.
fn obstacle(reference: &Reference, found: &InForce) -> Option<Obstacle> {
    let region = reference.regions.find(found.closure.region)?;
    Some(match &found.closure.way {
        ClosedWay::Area => Obstacle::Region(region),
        ClosedWay::Pair { depot } => {
            Obstacle::Pair { depot: reference.depots.find(depot.as_str())?, region }
        }
        ClosedWay::Roads(roads) => Obstacle::Roads(roads.clone()),
    })
}

/// Ways that closures of the register close, numbered in their order from `first` on.
pub fn closed(reference: &Reference, found: &[InForce], first: u32) -> Closed {
    let mut closed = Closed { regions: Vec::new(), ways: Blocked::default() };
    for (number, one) in (first..).zip(found) {
        let opens_min = one.opens_min;
        match obstacle(reference, one) {
            None => {}
            Some(Obstacle::Region(region)) => {
                closed.regions.push(Closure { region, opens_min, number });
            }
            Some(Obstacle::Pair { depot, region }) => {
                closed.ways.pairs.push(BlockedPair { depot, region, opens_min, number });
            }
            Some(Obstacle::Roads(roads)) => {
                let road = |road| BlockedRoad { road, opens_min, number };
                closed.ways.roads.extend(roads.into_iter().map(road));
            }
        }
    }
    closed
}

/// Adds closures of the register to those that the question names, and numbers them after those.
pub fn close_coverage(reference: &Reference, found: &[InForce], query: &mut coverage::Query) {
    let first = u32::try_from(query.closures.len()).unwrap_or(u32::MAX);
    let closed = closed(reference, found, first);
    query.closures.extend(closed.regions);
    query.blocked.pairs.extend(closed.ways.pairs);
    query.blocked.roads.extend(closed.ways.roads);
}

/// The same for a scenario, whose minutes count from its start and whose closures are numbered by
/// their order.
pub fn close_scenario(reference: &Reference, found: &[InForce], scenario: &mut Scenario) {
    for one in found {
        let Some(what) = obstacle(reference, one) else { continue };
        let opens_min = one.opens_min.map(|at| at.saturating_add(scenario.elapsed_min));
        scenario.closures.push(scenario::Closure { what, closes_min: 0, opens_min });
    }
}
