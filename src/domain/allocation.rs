//! Allocation: goods for areas that are struck together and compete for them, one need at a time.
//!
//! Lives here: the exact answer of §5.8: the fairest deliveries that are possible, who supplies
//! whom at the earliest, and a proof of every shortage. Does not live here: what lies where and how
//! long it takes (`scenario`). Invariant: every figure is a whole unit, and the same question has
//! the same answer.

mod column;
mod flow;
mod levels;
mod simplex;

use std::collections::BTreeMap;

pub use levels::Ask;
use levels::{Block, Group};
use simplex::Way;

/// A way by which a source reaches an area in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    pub source: usize,
    pub area: usize,
    /// When goods taken this way are in people's hands, in minutes.
    pub minutes: u32,
    /// Breaks ties of time: goods from lower tiers go first.
    pub rank: u8,
}

/// What is to be divided; places of sources and areas are their names.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Units by source.
    pub supply: Vec<i64>,
    /// What each area asks for.
    pub asks: Vec<Ask>,
    /// At most one a pair of source and area.
    pub links: Vec<Link>,
}

/// Goods on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipment {
    pub link: Link,
    pub units: i64,
}

/// A proof that no allocation does better: these areas ask for more than everything that can reach
/// any of them in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// Areas, by place.
    pub areas: Vec<usize>,
    /// All sources that reach any of them, by place.
    pub sources: Vec<usize>,
    pub required: i64,
    pub reachable: i64,
}

impl Shortage {
    /// What is lacking, whoever decides.
    pub fn short(&self) -> i64 {
        self.required - self.reachable
    }
}

/// The allocation, with its proof.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Units by area.
    pub delivered: Vec<i64>,
    /// By source and area.
    pub shipments: Vec<Shipment>,
    /// One for each group of areas that is bound together, the worst served of the first class
    /// first.
    pub shortages: Vec<Shortage>,
}

/// Divides what there is: smaller classes first, within a class the smallest share as large as
/// possible, then the next; then the earliest total arrival, then lower tiers.
pub fn allocate(question: &Question) -> Plan {
    let reach = reach(question);
    let (groups, members) = grouped(question, &reach);
    let shares = levels::divide(&groups, &question.asks);
    let shortages = prove(question, &shares.blocks, &members);
    Plan { shipments: ship(question, &shares.delivered), delivered: shares.delivered, shortages }
}

/// The areas that each source reaches, ascending.
fn reach(question: &Question) -> Vec<Vec<usize>> {
    let mut reach = vec![Vec::new(); question.supply.len()];
    for link in &question.links {
        if let Some(areas) = reach.get_mut(link.source) {
            areas.push(link.area);
        }
    }
    for areas in &mut reach {
        areas.sort_unstable();
        areas.dedup();
    }
    reach
}

/// Sources by the areas they reach, and the sources of each group.
fn grouped(question: &Question, reach: &[Vec<usize>]) -> (Vec<Group>, Vec<Vec<usize>>) {
    let mut by_areas: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
    for (source, areas) in reach.iter().enumerate().filter(|(_, areas)| !areas.is_empty()) {
        by_areas.entry(areas.as_slice()).or_default().push(source);
    }
    let supply = |source: &usize| question.supply.get(*source).copied().unwrap_or_default();
    let group = |(areas, sources): (&[usize], Vec<usize>)| {
        let units = sources.iter().map(|source| i128::from(supply(source).max(0))).sum();
        (Group { supply: units, areas: areas.to_vec() }, sources)
    };
    by_areas.into_iter().map(group).unzip()
}

/// The least-time plan for what each area gets.
fn ship(question: &Question, delivered: &[i64]) -> Vec<Shipment> {
    let mut links = question.links.clone();
    links.retain(|link| delivered.get(link.area).is_some_and(|units| *units > 0));
    links.sort_unstable();
    const RANKS: i64 = 256;
    let way = |link: &Link| Way {
        source: link.source,
        area: link.area,
        cost: i64::from(link.minutes) * RANKS + i64::from(link.rank),
    };
    let ways: Vec<Way> = links.iter().map(way).collect();
    let flows = simplex::least_cost(&question.supply, delivered, &ways);
    let sent = links.into_iter().zip(flows).filter(|(_, units)| *units > 0);
    sent.map(|(link, units)| Shipment { link, units }).collect()
}

/// For every block the areas that it is short with: its own, and those of the blocks before it that
/// its areas' sources serve.
fn prove(question: &Question, blocks: &[Block], members: &[Vec<usize>]) -> Vec<Shortage> {
    let mut shortages = Vec::new();
    for (place, block) in blocks.iter().enumerate() {
        let mut areas: Vec<usize> = block.areas.iter().chain(&block.earlier).copied().collect();
        let mut sources = sources_of(block, members);
        // Sources bound to an earlier block may reach these areas, too: then that block's areas
        // belong to the proof.
        for before in blocks.get(..place).unwrap_or_default().iter().rev() {
            let theirs = sources_of(before, members);
            let reaches = |link: &Link| {
                theirs.binary_search(&link.source).is_ok() && areas.contains(&link.area)
            };
            if question.links.iter().any(reaches) {
                areas.extend(before.areas.iter().chain(&before.earlier));
                sources.extend(theirs);
            }
        }
        for places in [&mut areas, &mut sources] {
            places.sort_unstable();
            places.dedup();
        }
        let asked = |area: &usize| question.asks.get(*area).map_or(0, |ask| ask.units);
        let held = |source: &usize| question.supply.get(*source).copied().unwrap_or_default();
        shortages.push(Shortage {
            required: areas.iter().map(asked).sum(),
            reachable: sources.iter().map(held).sum(),
            areas,
            sources,
        });
    }
    shortages
}

fn sources_of(block: &Block, members: &[Vec<usize>]) -> Vec<usize> {
    let mut sources: Vec<usize> =
        block.groups.iter().filter_map(|group| members.get(*group)).flatten().copied().collect();
    sources.sort_unstable();
    sources
}

#[cfg(test)]
mod tests;
