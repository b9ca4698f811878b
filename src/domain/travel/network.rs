//! The road network: stretches joined at their points, and the quickest ways over them.
//!
//! Lives here: the graph, snapping and shortest times. Does not live here: what a way is worth
//! whose ends are known only roughly (`guide`). Invariant: times are whole milliseconds, so that a
//! way costs the same from either side, however it was found.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, EdgeIndex, EdgeReference, NodeIndex};
use petgraph::visit::{EdgeRef, Reversed};

use crate::domain::catalogue::{Code, ItemStatus};
use crate::domain::region::Point;
use crate::domain::road::Road;

use super::blocked::Hold;
use super::distance::Nearest;

/// Milliseconds for a metre at one km/h.
const MS_KMH_PER_M: u64 = 3_600;
/// How many times the kept ways may hold in all; beyond that they are forgotten.
const MAX_KEPT: usize = 4_000_000;
/// More milliseconds than any way takes, and few enough that every stretch together may take them:
/// what a closed stretch costs, so that a way over one is known by its time.
const CLOSED_MS: u64 = 1 << 40;

/// One stretch in one direction.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    length_m: u32,
    speed_kmh: Option<u32>,
}

/// Milliseconds from every node to one; `None` from where it cannot be reached.
pub type Times = Arc<Vec<Option<u64>>>;

/// Stretches that are closed, in both directions.
pub type Closed = HashSet<EdgeIndex>;

/// Stretches on which something holds goods up.
pub type Holding = HashMap<EdgeIndex, Hold>;

/// By node what holds goods up on the quickest way from there.
pub type Holds = Vec<Option<Hold>>;

/// All active roads, and the ways found so far.
#[derive(Debug, Default)]
pub struct Network {
    graph: DiGraph<Point, Stretch>,
    nearest: Nearest,
    stretches: HashMap<Code, Vec<EdgeIndex>>,
    /// Whether any stretch goes by the truck's own speed.
    any_open_speed: bool,
    /// By node and speed.
    kept: Mutex<HashMap<(usize, u32), Times>>,
}

impl Network {
    /// Joins the roads that are active.
    pub fn of<'a>(roads: impl IntoIterator<Item = &'a Road>) -> Self {
        let mut network = Self::default();
        let mut nodes: HashMap<Point, NodeIndex> = HashMap::new();
        for road in roads.into_iter().filter(|road| road.status == ItemStatus::Active) {
            let [from, to] = [road.from, road.to]
                .map(|point| *nodes.entry(point).or_insert_with(|| network.graph.add_node(point)));
            let stretch = Stretch { length_m: road.length_m, speed_kmh: road.speed_kmh };
            network.any_open_speed |= road.speed_kmh.is_none();
            let mut edges = vec![network.graph.add_edge(from, to, stretch)];
            if !road.one_way {
                edges.push(network.graph.add_edge(to, from, stretch));
            }
            network.stretches.insert(road.code.clone(), edges);
        }
        network.nearest = Nearest::of(network.graph.node_weights().copied());
        network
    }

    /// Whether there is no road at all.
    pub fn is_empty(&self) -> bool {
        self.graph.node_count() == 0
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether an active road has this code.
    pub fn has(&self, road: &Code) -> bool {
        self.stretches.contains_key(road)
    }

    /// The stretches of some roads.
    pub fn closed<'a>(&self, roads: impl Iterator<Item = &'a Code>) -> Closed {
        roads.filter_map(|road| self.stretches.get(road)).flatten().copied().collect()
    }

    /// The stretches of some roads, each with what holds goods up there.
    pub fn holding<'a>(&self, roads: impl Iterator<Item = (&'a Code, Hold)>) -> Holding {
        let mut found = Holding::new();
        for (road, hold) in roads {
            for edge in self.stretches.get(road).into_iter().flatten() {
                found.entry(*edge).and_modify(|known| *known = known.last(hold)).or_insert(hold);
            }
        }
        found
    }

    /// By node the last to open of what holds goods up on its quickest way, of which `times` are
    /// the times with some stretches closed.
    pub fn holds(
        &self,
        times: &[Option<u64>],
        speed_kmh: u32,
        closed: &Closed,
        holding: &Holding,
    ) -> Holds {
        let mut holds = vec![None; times.len()];
        if holding.is_empty() {
            return holds;
        }
        let time_at = |node: usize| times.get(node).copied().flatten();
        let order = times.iter().enumerate();
        let mut order: Vec<(u64, usize)> =
            order.filter_map(|(node, time)| Some(((*time)?, node))).collect();
        order.sort_unstable();
        for (time, node) in order {
            // A way's first stretch leads to a node that is nearer by what it takes.
            let leads_on = |edge: &EdgeReference<'_, Stretch>| {
                let rest = time.checked_sub(cost_ms(edge.weight(), speed_kmh));
                !closed.contains(&edge.id())
                    && rest.is_some()
                    && rest == time_at(edge.target().index())
            };
            let edges = self.graph.edges(NodeIndex::new(node)).filter(leads_on);
            let Some(first) = edges.min_by_key(EdgeReference::id) else { continue };
            let further = holds.get(first.target().index()).copied().flatten();
            let here = holding.get(&first.id()).copied();
            if let Some(cell) = holds.get_mut(node) {
                *cell = Hold::last_of(here.into_iter().chain(further));
            }
        }
        holds
    }

    /// The node nearest to a point, and how many centimetres it is off; `None` without any road.
    pub fn snap(&self, point: Point) -> Option<(usize, u32)> {
        self.nearest.to(point)
    }

    /// The times to a node, at `speed_kmh` where a stretch has no speed of its own.
    pub fn times_to(&self, node: usize, speed_kmh: u32) -> Times {
        let key = self.key(node, speed_kmh);
        if let Some(found) = self.kept().get(&key) {
            return Arc::clone(found);
        }
        let found = Arc::new(self.search(node, speed_kmh, &Closed::new()));
        let mut kept = self.kept();
        if (kept.len() + 1).saturating_mul(self.graph.node_count()) > MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&found));
        found
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<(usize, u32), Times>> {
        // Entries are put in whole, so those that a panic elsewhere left behind are good.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By what the times to a node are known.
    pub fn key(&self, node: usize, speed_kmh: u32) -> (usize, u32) {
        (node, if self.any_open_speed { speed_kmh } else { 0 })
    }

    /// The times to a node with some stretches closed.
    pub fn search(&self, node: usize, speed_kmh: u32, closed: &Closed) -> Vec<Option<u64>> {
        let mut times = vec![None; self.graph.node_count()];
        let start = NodeIndex::new(node);
        // Against the direction of the roads: from everywhere to the node.
        let found = dijkstra(Reversed(&self.graph), start, None, |edge| {
            if closed.contains(&edge.id()) { CLOSED_MS } else { cost_ms(edge.weight(), speed_kmh) }
        });
        for (at, time) in found.into_iter().filter(|(_, time)| *time < CLOSED_MS) {
            if let Some(cell) = times.get_mut(at.index()) {
                *cell = Some(time);
            }
        }
        times
    }
}

/// Milliseconds over a stretch, at `speed_kmh` where it has no speed of its own.
fn cost_ms(stretch: &Stretch, speed_kmh: u32) -> u64 {
    let speed = stretch.speed_kmh.unwrap_or(speed_kmh).max(1);
    (u64::from(stretch.length_m) * MS_KMH_PER_M).div_ceil(u64::from(speed))
}
