//! Blocked ways: from a depot to a region, and stretches of road, closed until some minute.
//!
//! Lives here: the network as it is hour by hour while stretches open again, and the quickest of
//! going round and waiting. Does not live here: whole regions (each engine's `closure`). Invariant:
//! going round is never quicker than the same way on open roads.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::catalogue::Code;
use crate::domain::region::{RegionIx, Regions};

use super::network::{Closed, Network, Times};

/// The most hours at which the network is looked at anew: what opens after that is held to open
/// with the last.
const MAX_STAGES: usize = 12;
/// How many times the ways of one question may hold in all; beyond that they are forgotten.
const MAX_KEPT: usize = 4_000_000;

/// No truck goes from a depot to a region, or to any place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockedPair {
    pub depot: u32,
    pub region: RegionIx,
    /// Minutes until it opens; `None` is not while it matters.
    pub opens_min: Option<u32>,
}

/// A stretch on which no truck goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedRoad {
    pub road: Code,
    /// Minutes until it opens; `None` is not while it matters.
    pub opens_min: Option<u32>,
}

/// Ways that are closed from the start, beside whole regions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blocked {
    pub pairs: Vec<BlockedPair>,
    pub roads: Vec<BlockedRoad>,
}

impl Blocked {
    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty() && self.roads.is_empty()
    }
}

/// Pairs by depot.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    regions: Arc<Regions>,
    by_depot: HashMap<u32, Vec<BlockedPair>>,
}

impl Pairs {
    /// The pairs whose depot does not lie in the region itself.
    pub(super) fn of(
        pairs: &[BlockedPair],
        regions: &Arc<Regions>,
        stands: impl Fn(u32) -> Option<RegionIx>,
    ) -> Self {
        let mut found = Self { regions: Arc::clone(regions), by_depot: HashMap::new() };
        for pair in pairs {
            let inside = |depot: RegionIx| regions.within(depot, pair.region);
            if !stands(pair.depot).is_some_and(inside) {
                found.by_depot.entry(pair.depot).or_default().push(*pair);
            }
        }
        found
    }

    /// Depots from which the way to an area is blocked, with the minutes until the last of the
    /// pairs opens; `None` where one stays.
    pub(super) fn leading_to(&self, area: RegionIx) -> HashMap<u32, Option<u32>> {
        let blocked = |(depot, pairs): (&u32, &Vec<BlockedPair>)| {
            let bearing = pairs.iter().filter(|pair| self.regions.within(area, pair.region));
            let mut bearing = bearing.peekable();
            bearing.peek()?;
            let last = bearing.try_fold(0, |last: u32, pair| Some(last.max(pair.opens_min?)));
            Some((*depot, last))
        };
        self.by_depot.iter().filter_map(blocked).collect()
    }
}

/// The network from some minute on.
#[derive(Debug)]
struct Stage {
    from_min: u32,
    closed: Closed,
    /// By node and speed.
    kept: HashMap<(usize, u32), Times>,
}

/// The network hour by hour, from now until all is open that opens.
#[derive(Debug, Default)]
pub(super) struct Detours {
    stages: Vec<Stage>,
}

impl Detours {
    pub(super) fn of(network: &Network, roads: &[BlockedRoad]) -> Self {
        let known = |road: &&BlockedRoad| network.has(&road.road) && road.opens_min != Some(0);
        let roads: Vec<&BlockedRoad> = roads.iter().filter(known).collect();
        if roads.is_empty() {
            return Self::default();
        }
        let mut hours: Vec<u32> = roads.iter().filter_map(|road| road.opens_min).collect();
        hours.sort_unstable();
        hours.dedup();
        let last = hours.last().copied();
        hours.truncate(MAX_STAGES.saturating_sub(2));
        hours.insert(0, 0);
        hours.extend(last);
        hours.dedup();
        let stage = |from_min: u32| {
            let still = |road: &&&BlockedRoad| road.opens_min.is_none_or(|at| at > from_min);
            let closed = network.closed(roads.iter().filter(still).map(|road| &road.road));
            Stage { from_min, closed, kept: HashMap::new() }
        };
        Self { stages: hours.into_iter().map(stage).collect() }
    }

    /// Whether no stretch is closed.
    pub(super) fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// Of going round at once and of waiting until some or all of the stretches are open, what
    /// costs least by `cost`: the milliseconds on the road and the minutes to wait. `None` where no
    /// way opens. `open_ms` is what it takes on open roads.
    pub(super) fn least(
        &mut self,
        network: &Network,
        (from, to): (usize, usize),
        (speed_kmh, open_ms): (u32, u64),
        cost: impl Fn(u64, u32) -> Option<i64>,
    ) -> Option<(u64, u32)> {
        let mut best: Option<(i64, u64, u32)> = None;
        for stage in &mut self.stages {
            let ms = stage.times(network, to, speed_kmh).get(from).copied().flatten();
            let Some(ms) = ms else { continue };
            let Some(minutes) = cost(ms, stage.from_min) else { continue };
            if best.is_none_or(|(least, ..)| minutes < least) {
                best = Some((minutes, ms, stage.from_min));
            }
            // Nothing that opens later is on the way.
            if ms == open_ms {
                break;
            }
        }
        best.map(|(_, ms, wait_min)| (ms, wait_min))
    }
}

impl Stage {
    fn times(&mut self, network: &Network, node: usize, speed_kmh: u32) -> Times {
        let key = network.key(node, speed_kmh);
        if let Some(found) = self.kept.get(&key) {
            return Arc::clone(found);
        }
        if (self.kept.len() + 1).saturating_mul(network.len()) > MAX_KEPT / MAX_STAGES {
            self.kept.clear();
        }
        let found = Arc::new(network.search(node, speed_kmh, &self.closed));
        self.kept.insert(key, Arc::clone(&found));
        found
    }
}
