//! Closures (道路中断): regions that no truck enters or leaves from some minute to another.
//!
//! Lives here: which closures part a source from an area, and how long goods wait for them. Does
//! not live here: what waiting costs a delivery (`travel`). Invariant: goods that are there before
//! a road closes do not wait; what lies in the closed region with the area is not parted from it.

use super::super::region::{RegionIx, Regions};
use super::Scenario;

/// No road leads into or out of a region for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closure {
    pub region: RegionIx,
    /// Minutes from the start until the way closes; zero is with the disaster.
    pub closes_min: u32,
    /// Minutes from the start until it is open again; `None` is not while it matters.
    pub opens_min: Option<u32>,
}

/// The closures on one way, in minutes from when goods may first leave.
pub struct Parting {
    /// When each closes and opens.
    pub closures: Vec<(u32, Option<u32>)>,
    /// When the goods would be there if they did not wait.
    pub there: i64,
}

/// The closures that part two regions and have not opened yet.
pub fn parting(
    regions: &Regions,
    scenario: &Scenario,
    depot: RegionIx,
    area: RegionIx,
) -> Vec<(u32, Option<u32>)> {
    let parts = |closure: &&Closure| {
        regions.within(depot, closure.region) != regions.within(area, closure.region)
    };
    let left = |minutes: u32| minutes.saturating_sub(scenario.elapsed_min);
    let closures = scenario.closures.iter().filter(parts);
    closures.map(|one| (left(one.closes_min), one.opens_min.map(left))).collect()
}

impl Parting {
    /// Minutes until goods may leave for the area; `None` where the way stays closed. `delay` is
    /// what a wait adds to the time on the way, as loading goes on meanwhile.
    pub fn wait_min(mut self, delay: impl Fn(u32) -> i64) -> Option<u32> {
        let mut wait_min = 0;
        // A wait for one closure may run into the next, so each round takes one of them away.
        loop {
            let there = self.there.saturating_add(delay(wait_min));
            let meets =
                |(closes, _): &(u32, Option<u32>)| *closes == 0 || there > i64::from(*closes);
            let Some(at) = self.closures.iter().position(meets) else {
                return Some(wait_min);
            };
            let (_, opens) = self.closures.swap_remove(at);
            wait_min = wait_min.max(opens?);
        }
    }
}
