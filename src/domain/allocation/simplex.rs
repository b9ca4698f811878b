//! Who supplies whom at the least cost, once it is settled how much each area gets.
//!
//! Lives here: the primal network simplex on the few ways that are at hand. Does not live here: the
//! tree it works on (`tree`), the search for ways that would do better among all others (`hand`),
//! the plan it begins with (`nearest`). Invariant: it ends when no way at all has a negative
//! reduced cost, which proves the plan the cheapest.
//!
//! An optimal plan uses fewer ways than there are sources and areas, so it works on those that save
//! something at present prices, or almost; when none of them saves anything any more, others are
//! looked for. Sources that have most make the prices, so they come first, and alone at first:
//! those that have little then find their place at once.

use std::cmp::Reverse;

use super::column::Column;
use super::hand::{Hand, Market};
use super::nearest::{First, nearest_first};
use super::reach::{Leg, Reach, place};
use super::tree::{Start, Tree};

/// What a minute costs, so that ranks decide between equal times only. A circle passes the root
/// once, so two ranks at most, of 0 to 255, are in it.
pub(super) const MINUTE: i64 = 256;
/// So many sources for twelve areas are worked on before all are: as long as there are fewer than
/// areas the tree is small, and turns are quick.
const PARTS: [usize; 5] = [1, 2, 4, 8, 16];
/// Sources looked at before it is asked again whether to go on.
const PATIENCE: u32 = 100;
/// No source.
const NONE: u32 = u32::MAX;

/// What flows from a source to an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    pub source: usize,
    pub area: usize,
    pub units: i64,
    pub minutes: u32,
}

/// How far the search came.
#[derive(Debug)]
pub(super) struct Found {
    pub sent: Vec<Sent>,
    /// Minutes that each area would pay for a unit.
    pub prices: Vec<i64>,
    /// Whether nothing is cheaper.
    pub finished: bool,
}

struct Search<'a> {
    reach: &'a Reach,
    /// Sources that have something and reach somebody by place, those that have most first; all
    /// else knows them by their order here.
    sources: Vec<u32>,
    /// How many of them are worked on now.
    now: usize,
    /// The order of each source by its place.
    order: Column<u32>,
    /// What a unit costs that a source keeps: what its rank saves.
    keep: Vec<i64>,
    tree: Tree,
    hand: Hand,
    go_on: &'a mut dyn FnMut() -> bool,
    /// Sources looked at since `go_on` was asked.
    unasked: u32,
    stopped: bool,
}

/// The flow at the least total of minutes, then of ranks. `supply` is an upper bound by source,
/// `demand` is exact by area; what cannot be brought is left out, as little as possible. Where
/// `go_on` says no, which is asked once in a while, it is what has been found by then.
pub(super) fn least_cost(
    reach: &Reach,
    supply: &[i64],
    demand: &[i64],
    go_on: &mut dyn FnMut() -> bool,
) -> Found {
    let mut search = Search::start(reach, supply, demand, go_on);
    let all = search.sources.len();
    let parts = PARTS.iter().map(|part| demand.len() * part / 12);
    for part in parts.take_while(|part| 2 * part <= all) {
        search.now = part;
        if search.look() {
            search.improve();
        }
    }
    search.now = all;
    // Prices far apart make everything look as if it saved something. So lacking costs at first
    // only more than any two ways, and at last, if that could change anything, more than any
    // circle.
    search.finish();
    if search.could_bring_more() {
        let ways = i64::try_from(demand.len() + 1).unwrap_or(i64::MAX);
        search.tree.raise_lack(one_way(reach).saturating_mul(ways));
        search.improve();
        search.finish();
    }
    Found { sent: search.sent(), prices: search.prices(), finished: !search.stopped }
}

/// More than the cost of any one way.
fn one_way(reach: &Reach) -> i64 {
    (i64::from(reach.longest()) + 1) * MINUTE
}

impl<'a> Search<'a> {
    fn start(
        reach: &'a Reach,
        supply: &[i64],
        demand: &[i64],
        go_on: &'a mut dyn FnMut() -> bool,
    ) -> Self {
        let mut sources = Vec::new();
        let mut order = Column::of(NONE, supply.len());
        for (source, units) in (0_u32..).zip(supply) {
            if *units > 0 && !reach.of_source().of(place(source)).is_empty() {
                sources.push(source);
            }
        }
        let held = |source: &u32| supply.get(place(*source)).copied().unwrap_or_default();
        sources.sort_by_key(|source| Reverse(held(source)));
        for (at, source) in (0_u32..).zip(&sources) {
            order.put(place(*source), at);
        }
        let keep: Vec<i64> =
            sources.iter().map(|source| -i64::from(reach.rank(place(*source)))).collect();
        let First { loads, left, lacking } =
            nearest_first(reach.of_source(), &sources, supply, demand, MINUTE);
        let tree = Tree::grow(&Start {
            loads: &loads,
            lacking: &lacking,
            left: &left,
            keep: &keep,
            lack: 2 * one_way(reach),
        });
        Self {
            reach,
            sources,
            now: 0,
            order,
            keep,
            tree,
            hand: Hand::new(),
            go_on,
            unasked: 0,
            stopped: false,
        }
    }

    /// Improves until no way at all saves anything.
    fn finish(&mut self) {
        while self.look() {
            self.improve();
        }
    }

    /// Whether anything is lacking while anything is kept, as lacking could cost too little.
    fn could_bring_more(&self) -> bool {
        self.tree.lacks() && self.tree.keeps()
    }

    fn prices(&self) -> Vec<i64> {
        self.tree.area_prices().iter().map(|price| price.div_euclid(MINUTE)).collect()
    }

    fn sent(&self) -> Vec<Sent> {
        let mut sent: Vec<Sent> = (self.tree.flows())
            .filter_map(|load| {
                Some(Sent {
                    source: place(*self.sources.get(place(load.source))?),
                    area: place(load.area),
                    units: load.units,
                    minutes: u32::try_from(load.cost.div_euclid(MINUTE)).ok()?,
                })
            })
            .collect();
        sent.sort_unstable_by_key(|sent| (sent.source, sent.area));
        sent
    }

    /// Looks for ways that save something or almost; whether any change saves.
    fn look(&mut self) -> bool {
        self.stopped = self.stopped || !(self.go_on)();
        if self.stopped {
            return false;
        }
        let held: Vec<i64> = (0..)
            .zip(&self.sources)
            .take(self.now)
            .map(|(at, _)| self.tree.source_price(at))
            .collect();
        let worth = self.tree.area_prices();
        let market = Market {
            reach: self.reach,
            sources: &self.sources,
            order: &self.order,
            held: &held,
            worth,
        };
        let keeps = held.iter().zip(&self.keep).any(|(held, keep)| held + keep < 0);
        self.hand.look(&market) || keeps || worth.iter().any(|price| *price > self.tree.lack())
    }

    /// Pivots until nothing that is worked on saves anything.
    fn improve(&mut self) {
        let (mut at, mut idle) = (0, 0);
        while idle < self.now && !self.is_stopped() {
            if self.improve_source(at) {
                idle = 0;
                continue;
            }
            idle += 1;
            if idle == self.now && self.tree.forgo() {
                idle = 0;
            }
            at = if at + 1 == self.now { 0 } else { at + 1 };
        }
    }

    fn is_stopped(&mut self) -> bool {
        self.unasked += 1;
        if self.unasked == PATIENCE {
            self.unasked = 0;
            self.stopped = self.stopped || !(self.go_on)();
        }
        self.stopped
    }

    /// Takes in what saves most of a source's ways; whether any does.
    fn improve_source(&mut self, at: usize) -> bool {
        let Ok(source) = u32::try_from(at) else { return false };
        let price = self.tree.source_price(source);
        let keep = self.keep.get(at).copied().unwrap_or_default();
        if price + keep < 0 {
            self.tree.keep(source, keep);
            return true;
        }
        let worth = self.tree.area_prices();
        let (mut least, mut best) = (0, None);
        for leg in self.hand.of(at) {
            let saving = cost(leg) + price - worth.get(place(leg.end)).copied().unwrap_or_default();
            if saving < least {
                (least, best) = (saving, Some(*leg));
            }
        }
        let Some(leg) = best else { return false };
        self.tree.pivot(source, leg.end, cost(&leg));
        true
    }
}

pub(super) fn cost(leg: &Leg) -> i64 {
    i64::from(leg.minutes) * MINUTE
}
