//! Who supplies whom at the least cost, once it is settled how much each area gets.
//!
//! Lives here: the primal network simplex on some of the ways, and the search for ways that would
//! do better among all others. Does not live here: the tree it works on (`tree`). Invariant: it
//! ends when no way at all has a negative reduced cost, which proves the plan the cheapest.
//!
//! Most ways are never looked at twice: an optimal plan uses fewer ways than there are sources and
//! areas. So it begins with the nearest few of each, and takes in others as prices ask for them
//! (column generation).

use super::column::Column;
use super::reach::{Reach, place};
use super::tree::{Start, Tree, Way};

/// Ways that each source and area begins with at least.
const FIRST_WAYS: u32 = 4;
/// How many times over the ways of an area or source that it begins with would do.
const PLENTY: i64 = 6;
/// Ways that each area takes in at most when prices ask for more.
const MORE_WAYS: usize = 12;
/// Ways looked at before the best of them enters.
const BLOCK: usize = 100;

/// What flows from a source to an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    pub source: usize,
    pub area: usize,
    pub units: i64,
    /// Of each unit.
    pub cost: i64,
}

struct Search<'a> {
    reach: &'a Reach,
    supply: &'a [i64],
    demand: &'a [i64],
    /// What a minute costs, so that ranks decide between equal times only.
    minute: i64,
    tree: Tree,
    /// Ways in use by source: where each source's begin, and all of them.
    begins: Vec<usize>,
    ways: Vec<Way>,
}

/// What a minute costs, so that ranks decide between equal times only: a circle has at most as many
/// ways of either direction as there are areas.
pub(super) fn minute(areas: usize) -> i64 {
    i64::try_from(areas + 1).unwrap_or(i64::MAX).saturating_mul(256)
}

/// The flow at the least total cost. `supply` is an upper bound by source, `demand` is exact by
/// area; what cannot be brought is left out, as little as possible.
pub(super) fn least_cost(reach: &Reach, supply: &[i64], demand: &[i64]) -> Vec<Sent> {
    let mut search = Search::start(reach, supply, demand);
    loop {
        search.improve();
        let more = search.wanted();
        if more.is_empty() {
            return search.tree.flows();
        }
        search.take_in(more);
    }
}

impl<'a> Search<'a> {
    fn start(reach: &'a Reach, supply: &'a [i64], demand: &'a [i64]) -> Self {
        let minute = minute(demand.len());
        let (ways, longest) = first_ways(reach, supply, demand, minute);
        let lack = (i64::from(longest) + 1) * minute;
        let lack = lack.saturating_mul(i64::try_from(demand.len() + 1).unwrap_or(i64::MAX));
        let tree = Tree::start(&Start { supply, demand, ways: &ways, lack });
        let mut search =
            Self { reach, supply, demand, minute, tree, begins: Vec::new(), ways: Vec::new() };
        search.take_in(ways);
        search
    }

    /// Takes in more ways, kept by source.
    fn take_in(&mut self, more: Vec<Way>) {
        self.ways.extend(more);
        let mut count = Column::of(0_usize, self.supply.len() + 1);
        for way in &self.ways {
            count.put(way.source + 1, count.at(way.source + 1) + 1);
        }
        for source in 0..self.supply.len() {
            count.put(source + 1, count.at(source + 1) + count.at(source));
        }
        self.begins = (0..=self.supply.len()).map(|source| count.at(source)).collect();
        let mut sorted = Column::of(Way { source: 0, area: 0, cost: 0 }, self.ways.len());
        for way in &self.ways {
            let at = count.at(way.source);
            sorted.put(at, *way);
            count.put(way.source, at + 1);
        }
        self.ways = (0..sorted.len()).map(|at| sorted.at(at)).collect();
    }

    /// Pivots until no way in use would save anything.
    fn improve(&mut self) {
        let sources = self.supply.len();
        let (mut source, mut idle) = (0, 0);
        while idle < sources {
            let (mut best, mut looked): (Option<(i64, Way)>, _) = (None, 0);
            while idle < sources && looked < BLOCK {
                let (from, until) = (self.begin(source), self.begin(source + 1));
                if until > from {
                    if self.tree.keep(source) {
                        idle = 0;
                    }
                    let price = self.tree.source_price(source);
                    for way in self.ways.get(from..until).unwrap_or_default() {
                        let saving = way.cost + price - self.tree.area_price(way.area);
                        if saving < 0 && best.is_none_or(|(least, _)| saving < least) {
                            best = Some((saving, *way));
                        }
                    }
                    looked += until - from;
                }
                source = if source + 1 == sources { 0 } else { source + 1 };
                idle += 1;
            }
            if let Some((_, way)) = best {
                self.tree.pivot(way);
                idle = 0;
            } else if idle >= sources && (0..self.demand.len()).any(|area| self.tree.forgo(area)) {
                idle = 0;
            }
        }
    }

    fn begin(&self, source: usize) -> usize {
        self.begins.get(source).copied().unwrap_or_default()
    }

    /// Ways not in use that would save something, the best of each area and of each source.
    fn wanted(&self) -> Vec<Way> {
        let sources = self.supply.len();
        let unused = i64::MAX / 4;
        let holds = |source: usize| self.supply.get(source).is_some_and(|units| *units > 0);
        // A source's price with its rank; sources that have nothing are out of the question.
        let base: Column<i64> = (0..sources)
            .map(|source| {
                if !holds(source) {
                    return unused;
                }
                self.tree.source_price(source) + i64::from(self.reach.rank(source))
            })
            .collect();
        let least = (0..sources).map(|source| base.at(source)).min().unwrap_or(0);
        let mut best = Column::of((0_i64, 0_usize), sources);
        let mut wanted: Vec<(i64, usize, usize)> = Vec::new();
        let mut found = Vec::new();
        for area in (0..self.demand.len()).filter(|area| self.demand.get(*area) > Some(&0)) {
            let price = self.tree.area_price(area);
            let until = (price - least).div_euclid(self.minute);
            for leg in self.reach.legs(area) {
                if i64::from(leg.minutes) > until {
                    break;
                }
                let source = place(leg.source);
                let saving = i64::from(leg.minutes) * self.minute + base.at(source) - price;
                if saving < 0 {
                    found.push((saving, source, area));
                    if saving < best.at(source).0 {
                        best.put(source, (saving, area));
                    }
                }
            }
            if found.len() > MORE_WAYS {
                found.select_nth_unstable(MORE_WAYS);
                found.truncate(MORE_WAYS);
            }
            wanted.append(&mut found);
        }
        let firsts = (0..sources).map(|source| (best.at(source), source));
        let firsts = firsts.filter(|((saving, _), _)| *saving < 0);
        wanted.extend(firsts.map(|((saving, area), source)| (saving, source, area)));
        wanted.sort_unstable_by_key(|(saving, source, area)| (*source, *area, *saving));
        wanted.dedup();
        let way = |(saving, source, area): (i64, usize, usize)| Way {
            source,
            area,
            cost: saving + self.tree.area_price(area) - self.tree.source_price(source),
        };
        wanted.into_iter().map(way).collect()
    }
}

/// The quickest ways of each source and area, the cheapest first, until they would do several times
/// over; and the minutes of the longest way of all.
fn first_ways(reach: &Reach, supply: &[i64], demand: &[i64], minute: i64) -> (Vec<Way>, u32) {
    let lacking = |units: &i64| (units.saturating_mul(PLENTY), FIRST_WAYS);
    let mut sources: Column<(i64, u32)> = supply.iter().map(lacking).collect();
    let mut areas: Column<(i64, u32)> = demand.iter().map(lacking).collect();
    let wants = |(units, ways): (i64, u32)| units > 0 || ways > 0;
    let mut open = supply.iter().chain(demand).filter(|units| **units > 0).count();
    let mut left: Column<i64> = supply.iter().copied().collect();
    let mut lack: Column<i64> = demand.iter().copied().collect();
    let (mut all_left, mut all_lack) = (supply.iter().sum::<i64>(), demand.iter().sum::<i64>());
    let mut first = Vec::new();
    for (minutes, source, area) in reach.ways() {
        let (source, area) = (place(*source), place(*area));
        let (held, asked) = (supply.get(source), demand.get(area));
        let (Some(held @ 1..), Some(asked @ 1..)) = (held, asked) else { continue };
        let (from, to) = (sources.at(source), areas.at(area));
        let sent = left.at(source).min(lack.at(area));
        if sent <= 0 && !wants(from) && !wants(to) {
            continue;
        }
        left.put(source, left.at(source) - sent);
        lack.put(area, lack.at(area) - sent);
        (all_left, all_lack) = (all_left - sent, all_lack - sent);
        let from_after = (from.0 - asked, from.1.saturating_sub(1));
        let to_after = (to.0 - held, to.1.saturating_sub(1));
        open -= usize::from(wants(from) && !wants(from_after));
        open -= usize::from(wants(to) && !wants(to_after));
        sources.put(source, from_after);
        areas.put(area, to_after);
        let cost = i64::from(*minutes) * minute + i64::from(reach.rank(source));
        first.push(Way { source, area, cost });
        if open == 0 && (all_left == 0 || all_lack == 0) {
            break;
        }
    }
    (first, reach.ways().last().map_or(0, |way| way.0))
}
