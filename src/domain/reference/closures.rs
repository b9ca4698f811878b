//! Closures within the reference data.
//!
//! Lives here: what a closure must name, and which are in force at an instant. Does not live here:
//! what they cost a delivery (`travel`). Invariant: one way is closed once at a time.

use std::sync::Arc;

use super::super::calendar::Instant;
use super::super::closure::{ClosedWay, RoadClosure};
use super::super::refusal::{Fault, FaultCode, Refusal};
use super::{Reference, known};

/// A closure of the register that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    pub closure: Arc<RoadClosure>,
    /// Minutes from the instant asked until it opens; `None` where nobody knows.
    pub opens_min: Option<u32>,
}

impl Reference {
    /// The closures in force at `at`, by code; `now` is when that is asked.
    pub fn closures_in_force(&self, at: Instant, now: Instant) -> Vec<InForce> {
        let found = self.closures.sorted().into_iter().filter_map(|closure| {
            let opens_min = closure.opening(at, now)?.opens_min;
            Some(InForce { closure: Arc::clone(closure), opens_min })
        });
        found.collect()
    }

    pub(super) fn check_closure(&self, row: &RoadClosure) -> Result<(), Refusal> {
        self.known_region(row.region, "/region")?;
        match &row.way {
            ClosedWay::Area => {}
            ClosedWay::Pair { depot } => {
                known(&self.depots, depot, "depot", "/depot")?;
                let area = self.regions.find(row.region);
                let stands = self.depots.find(depot.as_str()).and_then(|ix| self.depot_region(ix));
                let inside = |(depot, area)| self.regions.within(depot, area);
                if stands.zip(area).is_some_and(inside) {
                    let expected = "a depot outside the region";
                    return invalid("/depot", FaultCode::Hierarchy, expected.to_string());
                }
            }
            ClosedWay::Roads(roads) => {
                for (at, road) in roads.iter().enumerate() {
                    known(&self.roads, road, "road", &format!("/roads/{at}"))?;
                }
            }
        }
        let others = self.closures.iter().map(|(_, other)| other);
        let rival = others.into_iter().find(|other| other.code != row.code && row.rivals(other));
        match rival {
            None => Ok(()),
            Some(rival) => {
                let expected = format!("a time apart from {}, which closes the same", rival.code);
                invalid("/closed_at", FaultCode::Duplicate, expected)
            }
        }
    }
}

fn invalid(pointer: &str, code: FaultCode, expected: String) -> Result<(), Refusal> {
    Err(Refusal::Invalid(vec![Fault::new(pointer, code, expected)]))
}
