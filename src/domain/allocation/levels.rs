//! Who gets which share: the fairest deliveries that are possible at all.
//!
//! Lives here: the lexicographic max-min of delivered/asked, priority class by priority class, in
//! exact fractions, and whole units out of it. Does not live here: who supplies whom. Invariant:
//! within a class no share can be raised without lowering one that is no larger; as the deliverable
//! vectors form a polymatroid, the total is then the greatest possible, too (Megiddo 1974).

use super::column::Column;
use super::flow::Network;

/// Sources that reach the same areas count as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub supply: i128,
    /// Places of the areas, ascending.
    pub areas: Vec<usize>,
}

/// What an area asks for; the smaller class is served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    pub units: i64,
    pub class: u32,
}

/// Areas that are bound together: everything that can reach them in time goes to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// Areas whose share this block decides.
    pub areas: Vec<usize>,
    /// Areas of earlier classes that draw on the same groups.
    pub earlier: Vec<usize>,
    /// All groups that reach any of them and are not bound to an earlier block.
    pub groups: Vec<usize>,
}

/// Deliveries by area, and the blocks that bind them, the worst share of each class first.
#[derive(Debug, Clone, Default)]
pub(super) struct Shares {
    pub delivered: Vec<i64>,
    pub blocks: Vec<Block>,
}

/// A share as a fraction.
#[derive(Debug, Clone, Copy)]
struct Share {
    part: i128,
    whole: i128,
}

struct Division<'a> {
    groups: &'a [Group],
    asks: &'a [Ask],
    /// Not bound to a block yet.
    open_group: Vec<bool>,
    open_area: Vec<bool>,
    /// Deliveries already settled.
    settled: Vec<Option<i128>>,
    blocks: Vec<Block>,
}

/// The fairest deliveries: areas in order of their places break ties.
pub(super) fn divide(groups: &[Group], asks: &[Ask]) -> Shares {
    let mut division = Division {
        groups,
        asks,
        open_group: vec![true; groups.len()],
        open_area: vec![true; asks.len()],
        settled: asks.iter().map(|ask| (ask.units <= 0).then_some(0)).collect(),
        blocks: Vec::new(),
    };
    let mut classes: Vec<u32> = asks.iter().map(|ask| ask.class).collect();
    classes.sort_unstable();
    classes.dedup();
    for class in classes {
        while division.settle_next(class) {}
    }
    let delivered = division.settled.iter();
    Shares {
        delivered: delivered
            .map(|units| i64::try_from(units.unwrap_or_default()).unwrap_or(i64::MAX))
            .collect(),
        blocks: division.blocks,
    }
}

impl Division<'_> {
    fn ask(&self, area: usize) -> i128 {
        self.asks.get(area).map_or(0, |ask| i128::from(ask.units))
    }

    fn is_open(&self, area: usize) -> bool {
        self.open_area.get(area).copied().unwrap_or_default()
    }

    fn settled(&self, area: usize) -> Option<i128> {
        self.settled.get(area).copied().flatten()
    }

    fn settle(&mut self, area: usize, units: i128) {
        if let Some(slot) = self.settled.get_mut(area) {
            *slot = Some(units);
        }
    }

    /// Open groups, each with its place.
    fn groups(&self) -> impl Iterator<Item = (usize, &Group)> {
        let open = self.groups.iter().enumerate().zip(&self.open_group);
        open.filter(|(_, open)| **open).map(|(group, _)| group)
    }

    /// Settles the next areas of a class; `false` when none is left.
    fn settle_next(&mut self, class: u32) -> bool {
        let waiting: Vec<usize> = (0..self.asks.len())
            .filter(|area| self.asks.get(*area).is_some_and(|ask| ask.class == class))
            .filter(|area| self.settled(*area).is_none())
            .collect();
        if waiting.is_empty() {
            return false;
        }
        let mut share = Share { part: 1, whole: 1 };
        let mut bound: Option<Block> = None;
        // Discrete Newton: each cut found gives a smaller share, at last one that is possible.
        while let Some(short) = self.short_at(share, &waiting) {
            let earlier: Vec<usize> =
                short.iter().copied().filter(|area| self.settled(*area).is_some()).collect();
            let areas: Vec<usize> =
                short.iter().copied().filter(|area| self.settled(*area).is_none()).collect();
            let reach: Vec<usize> = self.reaching(&short);
            let supply: i128 =
                reach.iter().filter_map(|at| self.groups.get(*at)).map(|group| group.supply).sum();
            let taken: i128 = earlier.iter().filter_map(|area| self.settled(*area)).sum();
            let asked: i128 = areas.iter().map(|area| self.ask(*area)).sum();
            let next = Share { part: (supply - taken).max(0), whole: asked.max(1) };
            let smaller = next.part * share.whole < share.part * next.whole;
            share = next;
            bound = Some(Block { areas, earlier, groups: reach });
            if !smaller {
                // A cut always has a smaller share; should one not, whole units decide.
                break;
            }
        }
        match bound {
            None => {
                for area in waiting {
                    self.settle(area, self.ask(area));
                }
            }
            Some(block) => self.bind(block, share),
        }
        true
    }

    /// The open groups that reach any of these areas.
    fn reaching(&self, areas: &[usize]) -> Vec<usize> {
        let mut wanted = vec![false; self.asks.len()];
        for area in areas {
            if let Some(slot) = wanted.get_mut(*area) {
                *slot = true;
            }
        }
        let wants = |area: &usize| wanted.get(*area).copied().unwrap_or_default();
        let reaching = self.groups().filter(|(_, group)| group.areas.iter().any(wants));
        reaching.map(|(place, _)| place).collect()
    }

    /// Areas that together cannot all have this share besides what is settled; `None` if they can.
    fn short_at(&self, share: Share, waiting: &[usize]) -> Option<Vec<usize>> {
        let areas = self.asks.len();
        let (source, sink) = (areas + self.groups.len(), areas + self.groups.len() + 1);
        let mut network = Network::of(sink + 1);
        let (mut wanted, mut part_of) = (0_i128, vec![false; areas]);
        let settled = (0..areas).filter(|area| self.is_open(*area));
        let settled = settled.filter_map(|area| Some((area, self.settled(area)? * share.whole)));
        let asked = waiting.iter().map(|area| (*area, self.ask(*area) * share.part));
        for (area, units) in settled.chain(asked) {
            network.arc(area, sink, units);
            wanted += units;
            if let Some(slot) = part_of.get_mut(area) {
                *slot = true;
            }
        }
        for (place, group) in self.groups() {
            network.arc(source, areas + place, group.supply * share.whole);
            for area in &group.areas {
                if part_of.get(*area).copied().unwrap_or_default() {
                    network.arc(areas + place, *area, i128::MAX / 4);
                }
            }
        }
        if network.augment(source, sink) == wanted {
            return None;
        }
        let reached = network.reached(source);
        let cut_off = |area: &usize| !reached.get(*area).copied().unwrap_or(true);
        let part = part_of.iter().enumerate().filter(|(_, part)| **part);
        Some(part.map(|(area, _)| area).filter(cut_off).collect())
    }

    /// Gives a block's areas their share in whole units, and closes it with all it draws on.
    fn bind(&mut self, block: Block, share: Share) {
        let areas = self.asks.len();
        let (source, sink) = (areas + self.groups.len(), areas + self.groups.len() + 1);
        let mut network = Network::of(sink + 1);
        let mut arcs = Column::of(usize::MAX, areas);
        for area in &block.earlier {
            network.arc(*area, sink, self.settled(*area).unwrap_or_default());
        }
        let mut supply = 0;
        for area in &block.areas {
            let whole = (self.ask(*area) * share.part).div_euclid(share.whole);
            arcs.put(*area, network.arc(*area, sink, whole));
        }
        for place in &block.groups {
            let Some(group) = self.groups.get(*place) else { continue };
            supply += group.supply;
            network.arc(source, areas + place, group.supply);
            for area in &group.areas {
                network.arc(areas + place, *area, i128::MAX / 4);
            }
        }
        let mut sent = network.augment(source, sink);
        // Whole units left over go to the largest remainders, as far as they can be brought there.
        let mut order: Vec<(i128, usize)> = (block.areas.iter())
            .map(|area| ((self.ask(*area) * share.part).rem_euclid(share.whole), *area))
            .filter(|(rest, _)| *rest > 0)
            .collect();
        order.sort_unstable_by_key(|(rest, area)| (std::cmp::Reverse(*rest), *area));
        for (_, area) in order {
            if sent >= supply {
                break;
            }
            network.widen(arcs.at(area), 1);
            let more = network.augment(source, sink);
            if more == 0 {
                network.widen(arcs.at(area), -1);
            }
            sent += more;
        }
        for area in block.areas.iter().chain(&block.earlier) {
            if let Some(slot) = self.open_area.get_mut(*area) {
                *slot = false;
            }
        }
        for area in &block.areas {
            self.settle(*area, network.flow(arcs.at(*area)));
        }
        for place in &block.groups {
            if let Some(slot) = self.open_group.get_mut(*place) {
                *slot = false;
            }
        }
        self.blocks.push(block);
    }
}
