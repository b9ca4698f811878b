//! Who gets which share: the fairest deliveries that are possible at all.
//!
//! Lives here: the lexicographic max-min of delivered/asked, priority class by priority class, in
//! exact fractions, and whole units out of it. Does not live here: who supplies whom. Invariant:
//! within a class no share can be raised without lowering one that is no larger; as the deliverable
//! vectors form a polymatroid, the total is then the greatest possible, too (Megiddo 1974), and a
//! cut that is too tight for the common share parts the question in two (Fujishige 1980).

use super::Question;
use super::flow::Flow;
use super::rows::Row;

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
    /// Areas of earlier classes that draw on the same sources.
    pub earlier: Vec<usize>,
    /// All classes of sources that reach any of them and are bound to no block of a lower share.
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
    rows: &'a [Row],
    /// What each class of sources has.
    held: Vec<i128>,
    asks: &'a [Ask],
    /// Not bound to a block yet.
    open_group: Vec<bool>,
    open_area: Vec<bool>,
    /// Deliveries already settled.
    settled: Vec<Option<i128>>,
    blocks: Vec<(Share, Block)>,
}

/// The fairest deliveries: areas in order of their places break ties.
pub(super) fn divide(Question { reach, supply, asks }: Question<'_>) -> Shares {
    let mut division = Division {
        rows: reach.classes(),
        held: reach.pooled(supply),
        asks,
        open_group: vec![true; reach.classes().len()],
        open_area: vec![true; asks.len()],
        settled: asks.iter().map(|ask| (ask.units <= 0).then_some(0)).collect(),
        blocks: Vec::new(),
    };
    let mut classes: Vec<u32> = asks.iter().map(|ask| ask.class).collect();
    classes.sort_unstable();
    classes.dedup();
    let mut blocks = Vec::new();
    for class in classes {
        division.settle_class(class);
        let mut found = std::mem::take(&mut division.blocks);
        let order = |a: &Share, b: &Share| (a.part * b.whole).cmp(&(b.part * a.whole));
        found.sort_by(|(a, one), (b, other)| order(a, b).then(one.areas.cmp(&other.areas)));
        blocks.extend(found.into_iter().map(|(_, block)| block));
    }
    let delivered = division.settled.iter();
    Shares {
        delivered: delivered
            .map(|units| i64::try_from(units.unwrap_or_default()).unwrap_or(i64::MAX))
            .collect(),
        blocks,
    }
}

impl Division<'_> {
    fn ask(&self, area: usize) -> i128 {
        self.asks.get(area).map_or(0, |ask| i128::from(ask.units))
    }

    fn settled(&self, area: usize) -> Option<i128> {
        self.settled.get(area).copied().flatten()
    }

    fn settle(&mut self, area: usize, units: i128) {
        if let Some(slot) = self.settled.get_mut(area) {
            *slot = Some(units);
        }
    }

    fn held(&self, group: usize) -> i128 {
        self.held.get(group).copied().unwrap_or_default()
    }

    /// Groups out of these that reach any of these areas.
    fn reaching(&self, areas: &Row, groups: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let reaches = |group: &usize| self.rows.get(*group).is_some_and(|row| row.meets(areas));
        groups.iter().copied().partition(reaches)
    }

    /// Settles all areas of a class: parts the question until every part has one share.
    fn settle_class(&mut self, class: u32) {
        let open = |at: &usize, open: &[bool]| open.get(*at).copied().unwrap_or_default();
        let of_class = |area: &usize| self.asks.get(*area).is_some_and(|ask| ask.class == class);
        let waiting = |area: &usize| self.settled(*area).is_none() && of_class(area);
        let done = |area: &usize| {
            open(area, &self.open_area) && self.settled(*area).is_some_and(|units| units > 0)
        };
        let areas: Vec<usize> =
            (0..self.asks.len()).filter(|area| waiting(area) || done(area)).collect();
        let groups = (0..self.rows.len()).filter(|group| open(group, &self.open_group)).collect();
        let mut rest: Vec<(Vec<usize>, Vec<usize>)> = vec![(areas, groups)];
        while let Some((areas, groups)) = rest.pop() {
            rest.extend(self.part(areas, groups).into_iter().flatten());
        }
    }

    /// Gives all areas the same share if that can be, or tells the parts that have different ones.
    fn part(
        &mut self,
        areas: Vec<usize>,
        groups: Vec<usize>,
    ) -> Option<[(Vec<usize>, Vec<usize>); 2]> {
        let room = self.asks.len();
        let (groups, _) = self.reaching(&Row::from(areas.iter().copied(), room), &groups);
        let (earlier, waiting): (Vec<usize>, Vec<usize>) =
            areas.iter().partition(|area| self.settled(**area).is_some());
        let asked: i128 = waiting.iter().map(|area| self.ask(*area)).sum();
        if asked <= 0 {
            return None;
        }
        let supply: i128 = groups.iter().map(|group| self.held(*group)).sum();
        let taken: i128 = earlier.iter().filter_map(|area| self.settled(*area)).sum();
        let part = (supply - taken).clamp(0, asked);
        // A share of everything needs no fraction.
        let share =
            if part == asked { Share { part: 1, whole: 1 } } else { Share { part, whole: asked } };
        let held = groups.iter().map(|group| (*group, self.held(*group) * share.whole));
        let wanted = |area: usize| match self.settled(area) {
            Some(units) => units * share.whole,
            None => self.ask(area) * share.part,
        };
        let asks = areas.iter().map(|area| (*area, wanted(*area)));
        let most: i128 = asks.clone().map(|(_, units)| units).sum();
        let mut flow = Flow::of(self.rows, room, held, asks);
        if flow.fill() + flow.augment() == most {
            if part == asked {
                waiting.iter().for_each(|area| self.settle(*area, self.ask(*area)));
            } else {
                self.bind(share, Block { areas: waiting, earlier, groups });
            }
            return None;
        }
        let cut = flow.beyond_reach();
        let (short, long): (Vec<usize>, Vec<usize>) =
            areas.into_iter().partition(|area| cut.has(*area));
        let (theirs, others) = self.reaching(&cut, &groups);
        Some([(long, others), (short, theirs)])
    }

    /// Gives a block's areas their share in whole units, and closes it with all it draws on.
    fn bind(&mut self, share: Share, block: Block) {
        let held = block.groups.iter().map(|group| (*group, self.held(*group)));
        let earlier = block.earlier.iter().map(|area| (*area, self.settled(*area).unwrap_or(0)));
        let whole = |area: &usize| (self.ask(*area) * share.part).div_euclid(share.whole);
        let shares = block.areas.iter().map(|area| (*area, whole(area)));
        let mut flow = Flow::of(self.rows, self.asks.len(), held, earlier.chain(shares));
        let sent = flow.fill() + flow.augment();
        let supply: i128 = block.groups.iter().map(|group| self.held(*group)).sum();
        self.hand_out(&mut flow, supply - sent, (share, &block));
        for area in &block.areas {
            self.settle(*area, flow.got(*area));
        }
        for place in block.areas.iter().chain(&block.earlier) {
            if let Some(slot) = self.open_area.get_mut(*place) {
                *slot = false;
            }
        }
        for place in &block.groups {
            if let Some(slot) = self.open_group.get_mut(*place) {
                *slot = false;
            }
        }
        self.blocks.push((share, block));
    }

    /// What cutting down left over goes to the largest remainders that it can reach.
    fn hand_out(&self, flow: &mut Flow<'_>, mut over: i128, (share, block): (Share, &Block)) {
        let rest = |area: usize| (self.ask(area) * share.part).rem_euclid(share.whole);
        let mut order: Vec<(i128, usize)> = (block.areas.iter())
            .map(|area| (rest(*area), *area))
            .filter(|(rest, _)| *rest > 0)
            .collect();
        order.sort_unstable_by_key(|(rest, area)| (std::cmp::Reverse(*rest), *area));
        // Mostly the first ones can all have one more; only else one is asked after the other.
        let first = usize::try_from(over).unwrap_or(usize::MAX).min(order.len());
        let mut bold = flow.clone();
        for (_, area) in order.iter().take(first) {
            bold.ask(*area, 1);
        }
        if bold.augment() == over {
            *flow = bold;
            return;
        }
        for (_, area) in order {
            if over <= 0 {
                break;
            }
            flow.ask(area, 1);
            let more = flow.augment();
            if more == 0 {
                flow.ask(area, -1);
            }
            over -= more;
        }
    }
}
