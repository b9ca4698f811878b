//! Closures (道路中断): regions, ways and stretches that no truck passes from some minute to another.
//!
//! Lives here: which closures part a source from an area, and how long goods wait for them. Does
//! not live here: what waiting costs a delivery (`travel`). Invariant: goods that are there before
//! a road closes do not wait; what lies in the closed region with the area is not parted from it.

use super::super::catalogue::Code;
use super::super::region::{RegionIx, Regions};
use super::super::travel::{Blocked, BlockedRoad, Hold};
use super::Scenario;

/// What no truck passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// No road leads into or out of it.
    Region(RegionIx),
    /// No way leads from the depot to the region, or to any place in it.
    Pair { depot: u32, region: RegionIx },
    /// Stretches of road, from the start on.
    Roads(Vec<Code>),
}

/// Something is closed for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closure {
    pub what: Obstacle,
    /// Minutes from the start until the way closes; zero is with the disaster.
    pub closes_min: u32,
    /// Minutes from the start until it is open again; `None` is not while it matters.
    pub opens_min: Option<u32>,
}

/// A closure on a way: when it closes, in minutes from when goods may first leave, and its hold.
pub type Gate = (u32, Hold);

/// The closures on one way.
pub struct Parting {
    pub closures: Vec<Gate>,
    /// When the goods would be there if they did not wait.
    pub there: i64,
}

/// The closures of regions and pairs, as minutes from when goods may first leave.
pub struct Gates<'a> {
    regions: &'a Regions,
    gates: Vec<(&'a Obstacle, Gate)>,
}

impl<'a> Gates<'a> {
    pub fn of(regions: &'a Regions, scenario: &'a Scenario) -> Self {
        let left = |minutes: u32| minutes.saturating_sub(scenario.elapsed_min);
        let gate = |(number, one): (u32, &'a Closure)| {
            let hold = Hold { number, opens_min: one.opens_min.map(left) };
            let is_roads = matches!(one.what, Obstacle::Roads(_));
            (!is_roads).then(|| (&one.what, (left(one.closes_min), hold)))
        };
        Self { regions, gates: (0..).zip(&scenario.closures).filter_map(gate).collect() }
    }

    /// Those on the way from a depot in some region to an area.
    pub fn parting(&self, (depot, stands): (u32, RegionIx), area: RegionIx) -> Vec<Gate> {
        let within = |place, region| self.regions.within(place, region);
        let parts = |what: &Obstacle| match what {
            Obstacle::Region(region) => within(stands, *region) != within(area, *region),
            Obstacle::Pair { depot: from, region } => {
                *from == depot && within(area, *region) && !within(stands, *region)
            }
            Obstacle::Roads(_) => false,
        };
        self.gates.iter().filter(|(what, _)| parts(what)).map(|(_, gate)| *gate).collect()
    }
}

impl Scenario {
    /// The stretches that are closed, in minutes from when goods may first leave.
    pub fn blocked(&self) -> Blocked {
        let mut blocked = Blocked::default();
        for (number, closure) in (0..).zip(&self.closures) {
            let Obstacle::Roads(roads) = &closure.what else { continue };
            let opens_min = closure.opens_min.map(|at| at.saturating_sub(self.elapsed_min));
            let road = |road: &Code| BlockedRoad { road: road.clone(), opens_min, number };
            blocked.roads.extend(roads.iter().map(road));
        }
        blocked
    }
}

impl Parting {
    /// What goods for the area wait for, last of all. `delay` is what a wait adds to the time on
    /// the way, as loading goes on meanwhile.
    pub fn hold(mut self, delay: impl Fn(u32) -> i64) -> Option<Hold> {
        let mut held: Option<Hold> = None;
        // A wait for one closure may run into the next, so each round takes one of them away.
        while let Some(wait_min) = Hold::wait_min(held) {
            let there = self.there.saturating_add(delay(wait_min));
            let meets = |(closes, _): &Gate| *closes == 0 || there > i64::from(*closes);
            let Some(at) = self.closures.iter().position(meets) else { break };
            let (_, hold) = self.closures.swap_remove(at);
            held = Hold::last_of(held.into_iter().chain([hold]));
        }
        held
    }
}
