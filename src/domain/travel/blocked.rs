//! Blocked ways: from a depot to a region, and stretches of road, closed until some minute.
//!
//! Lives here: the network as it is hour by hour while stretches open again, and the quickest of
//! going round and waiting. Does not live here: whole regions (each engine's `closure`). Invariant:
//! going round is never quicker than the same way on open roads.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::catalogue::Code;
use crate::domain::region::{RegionIx, Regions, Tier};

use super::network::{Closed, Holding, Holds, Network, Times};

/// The most hours at which the network is looked at anew: what opens after that is held to open
/// with the last.
const MAX_STAGES: usize = 12;
/// How many times the ways of one question may hold in all; beyond that they are forgotten.
const MAX_KEPT: usize = 4_000_000;

/// What holds goods up: a closure, by its number among those that the question reckons with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    pub number: u32,
    /// Minutes until it opens; `None` is not while it matters.
    pub opens_min: Option<u32>,
}

impl Hold {
    /// Of two on one way the last to open; of equals the one of the lower number.
    pub fn last(self, other: Self) -> Self {
        let key = |hold: Self| (hold.opens_min.is_none(), hold.opens_min, Reverse(hold.number));
        if key(other) > key(self) { other } else { self }
    }

    /// The last to open of those on one way; `None` where there is none.
    pub fn last_of(holds: impl IntoIterator<Item = Self>) -> Option<Self> {
        holds.into_iter().filter(|hold| hold.opens_min != Some(0)).reduce(Self::last)
    }

    /// Minutes until a way with this hold on it is open; `None` where it stays closed.
    pub fn wait_min(hold: Option<Self>) -> Option<u32> {
        hold.map_or(Some(0), |hold| hold.opens_min)
    }
}

/// No truck goes from a depot to a region, or to any place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockedPair {
    pub depot: u32,
    pub region: RegionIx,
    /// Minutes until it opens; `None` is not while it matters.
    pub opens_min: Option<u32>,
    /// Of the closure.
    pub number: u32,
}

/// A stretch on which no truck goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedRoad {
    pub road: Code,
    /// Minutes until it opens; `None` is not while it matters.
    pub opens_min: Option<u32>,
    /// Of the closure.
    pub number: u32,
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

    /// Whether there is one between a depot and an area, open by now or not.
    pub(super) fn block(&self, depot: u32, area: RegionIx) -> bool {
        let pairs = self.by_depot.get(&depot).map_or(&[][..], Vec::as_slice);
        pairs.iter().any(|pair| self.regions.within(area, pair.region))
    }

    /// Depots from which the way to an area is blocked, with the last of the pairs to open.
    pub(super) fn leading_to(&self, area: RegionIx) -> HashMap<u32, Hold> {
        let blocked = |(depot, pairs): (&u32, &Vec<BlockedPair>)| {
            let bearing = pairs.iter().filter(|pair| self.regions.within(area, pair.region));
            let holds = bearing.map(|pair| Hold { number: pair.number, opens_min: pair.opens_min });
            Some((*depot, Hold::last_of(holds)?))
        };
        self.by_depot.iter().filter_map(blocked).collect()
    }
}

/// The network from some minute on.
#[derive(Debug)]
struct Stage {
    from_min: u32,
    closed: Closed,
    /// What is open with it; the last of that on a way is what the way waits for.
    opening: Holding,
    /// By node and speed.
    kept: HashMap<(usize, u32), Times>,
    holds: HashMap<(usize, u32), Holds>,
}

/// The network hour by hour, from now until all is open that opens.
#[derive(Debug, Default)]
pub(super) struct Detours {
    stages: Vec<Stage>,
    /// What never opens, and by node and speed what of it lies on the open way.
    never: Holding,
    holds: HashMap<(usize, u32), Holds>,
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
        let holding =
            |wanted: &dyn Fn(Option<u32>) -> bool| {
                let found = roads.iter().filter(|road| wanted(road.opens_min));
                network.holding(found.map(|road| {
                    (&road.road, Hold { number: road.number, opens_min: road.opens_min })
                }))
            };
        let stage = |from_min: u32| {
            let still = |road: &&&BlockedRoad| road.opens_min.is_none_or(|at| at > from_min);
            let closed = network.closed(roads.iter().filter(still).map(|road| &road.road));
            let opens = |at: Option<u32>| at.is_some_and(|at| at <= from_min);
            let (kept, holds) = (HashMap::new(), HashMap::new());
            Stage { from_min, closed, opening: holding(&opens), kept, holds }
        };
        let stages = hours.iter().copied().map(stage).collect();
        Self { stages, never: holding(&|at| at.is_none()), holds: HashMap::new() }
    }

    /// Bytes that the ways found come to take at most, nearly.
    pub(super) fn most_bytes(&self, network: &Network) -> usize {
        let every = network.len().saturating_mul(network.len()).saturating_mul(Tier::ALL.len());
        let kept = every.min(MAX_KEPT / MAX_STAGES).saturating_mul(self.stages.len());
        kept.saturating_mul(size_of::<Option<u64>>() + size_of::<Option<Hold>>())
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

    /// The closure that a way waits for which `least` lets go at some minute, if any: the last to
    /// open on it.
    pub(super) fn waits_for(
        &mut self,
        network: &Network,
        (from, to): (usize, usize),
        speed_kmh: u32,
        wait_min: u32,
    ) -> Option<Hold> {
        let stage = self.stages.iter_mut().find(|stage| stage.from_min == wait_min)?;
        let times = stage.times(network, to, speed_kmh);
        let key = network.key(to, speed_kmh);
        let (closed, opening) = (&stage.closed, &stage.opening);
        let find = || network.holds(&times, speed_kmh, closed, opening);
        let holds = stage.holds.entry(key).or_insert_with(find);
        let any = || stage.opening.values().copied().reduce(Hold::last);
        holds.get(from).copied().flatten().or_else(any)
    }

    /// The closure that keeps a way closed that `least` finds none for: the first named on the
    /// open way that never opens.
    pub(super) fn closed_by(
        &mut self,
        network: &Network,
        (from, to): (usize, usize),
        speed_kmh: u32,
    ) -> Option<Hold> {
        let times = network.times_to(to, speed_kmh);
        let key = network.key(to, speed_kmh);
        let never = &self.never;
        let find = || network.holds(&times, speed_kmh, &Closed::new(), never);
        let holds = self.holds.entry(key).or_insert_with(find);
        let any = || self.never.values().copied().reduce(Hold::last);
        holds.get(from).copied().flatten().or_else(any)
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
            self.holds.clear();
        }
        let found = Arc::new(network.search(node, speed_kmh, &self.closed));
        self.kept.insert(key, Arc::clone(&found));
        found
    }
}
