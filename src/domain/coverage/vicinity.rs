//! The vicinity: what neighbouring areas under one region have in common, found out once for all.
//!
//! Lives here: blocks and sources that are in time for all of the areas or for none, and the order
//! in which sources could come first to any of them. Does not live here: what comes to one area
//! (`goods`). Invariant: a source that is not apart stands alike to all of the areas, and no area
//! gets its goods before the minute for which it is listed.

use std::cell::OnceCell;

use crate::domain::region::RegionIx;
use crate::domain::travel::{Ball, Bounds, Site, Spread};

use super::blocks::{Admitted, Agreed, Block};
use super::eligibility::Layer;
use super::goods::{Giver, Givers, Sums, take};
use super::ground::{Ground, Passing};
use super::pace::Pace;
use super::queue::Queue;

/// What could come next: what a block brings from then on, or a source by its place in `sources`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Block(usize, Agreed),
    Source(usize),
}

/// What is settled for some areas.
#[derive(Debug)]
pub struct Vicinity {
    ball: Ball,
    /// What the spreads of the areas add to a way at least and at most, in centimetres.
    near_cm: (u32, u32),
    /// In time for all of the areas, and all else that is not apart: late, as far as is settled.
    pub sums: Vec<Sums>,
    /// Sources that are looked at one by one from each area.
    pub apart: Vec<usize>,
    /// Sources that are in time for some of the areas, perhaps.
    pub open: Vec<Passing>,
    /// Blocks and sources that are in time for all.
    whole: Vec<usize>,
    early: Vec<usize>,
    best: OnceCell<Vec<Option<Giver>>>,
    /// The first layers that are in time for all, and that come some time.
    pub nearest: Option<Layer>,
    pub any: Option<Layer>,
    /// Whether any source stands at an inherited point.
    pub inherited: bool,
    /// Sources that somebody has looked at.
    sources: Vec<Passing>,
    queue: Queue<Next>,
    /// In order of the least minute, as far as somebody has asked.
    order: Vec<(i64, Passing)>,
    /// For what comes to one of the areas; nothing lies there now.
    pub shelves: Queue<usize>,
}

/// Which sources and blocks are unlike the rest for some of the areas.
#[derive(Debug, Default)]
pub struct Marks {
    now: u32,
    blocks: Vec<u32>,
    sources: Vec<u32>,
}

impl Marks {
    fn clear(&mut self, ground: &Ground) {
        let (blocks, sources) = (ground.stock.blocks.all().len(), ground.stock.supply.all().len());
        self.now = self.now.wrapping_add(1);
        if self.now == 0 || self.blocks.len() != blocks || self.sources.len() != sources {
            *self = Self { now: 1, blocks: vec![0; blocks], sources: vec![0; sources] };
        }
    }

    /// Marks a source and the blocks around it.
    fn put(&mut self, ground: &Ground, place: usize) {
        if let Some(cell) = self.sources.get_mut(place) {
            *cell = self.now;
        }
        for block in ground.stock.blocks.around(place) {
            match self.blocks.get_mut(block) {
                Some(cell) if *cell != self.now => *cell = self.now,
                _ => return,
            }
        }
    }

    fn has_block(&self, number: usize) -> bool {
        self.blocks.get(number) == Some(&self.now)
    }

    fn has(&self, place: usize) -> bool {
        self.sources.get(place) == Some(&self.now)
    }

    /// Marks what is in an area, owned by it, struck with it, in a closure with it, or goes there
    /// by a way of its own.
    fn put_area(
        &mut self,
        ground: &Ground,
        (area, site): (RegionIx, Site),
        struck: Option<RegionIx>,
    ) {
        let (supply, regions) = (ground.stock.supply, ground.call.regions);
        let inside = |root| supply.places_in(regions, root);
        let closures = ground.call.around_it.iter().flat_map(|closure| inside(closure.region));
        let struck = struck.into_iter().flat_map(inside);
        let owned = supply.places_owned_in(regions, area);
        for place in inside(area).chain(owned).chain(closures).chain(struck) {
            self.put(ground, place);
        }
        for depot in ground.guide.approach(area, site).singled_out() {
            supply.places_of_depot(depot).for_each(|place| self.put(ground, place));
        }
    }
}

impl Vicinity {
    /// Settles what is admitted for some areas, each with the region that is struck with it. They
    /// share what the ground is made of but for the site.
    pub fn of(
        ground: &Ground,
        areas: &[(RegionIx, Site, Option<RegionIx>)],
        admitted: &Admitted,
        marks: &mut Marks,
    ) -> Self {
        let near = areas.iter().map(|(_, site, _)| ground.spread_cm(site.spread));
        let late = |totals: &[i128; 4]| Sums { late: *totals, ..Sums::default() };
        let mut vicinity = Self {
            ball: Ball::about(areas.iter().map(|(_, site, _)| site.point)),
            near_cm: (near.clone().min().unwrap_or_default(), near.max().unwrap_or_default()),
            sums: admitted.totals.iter().map(late).collect(),
            apart: Vec::new(),
            open: Vec::new(),
            whole: Vec::new(),
            early: Vec::new(),
            best: OnceCell::new(),
            nearest: None,
            any: None,
            inherited: false,
            sources: Vec::new(),
            queue: Queue::default(),
            order: Vec::new(),
            shelves: Queue::default(),
        };
        marks.clear(ground);
        for (area, site, struck) in areas {
            marks.put_area(ground, (*area, *site), *struck);
        }
        vicinity.settle(ground, admitted, marks);
        vicinity
    }

    /// Settles blocks by their bounds, from whole ones to halves of halves, and at last sources.
    fn settle(&mut self, ground: &Ground, admitted: &Admitted, marks: &Marks) {
        let (blocks, timetable) = (ground.stock.blocks, ground.call.timetable);
        let (limit_min, apart) = (ground.call.limit_min, ground.is_apart());
        let mut left: Vec<(usize, Agreed)> = admitted.blocks.clone();
        while let Some((number, agreed)) = left.pop() {
            let Some(block) = blocks.get(number) else { continue };
            if apart || block.is_shared() {
                take(&mut self.sums, &block.sums, block.layer(), false);
                self.apart.extend_from_slice(blocks.members(number));
                continue;
            }
            let bounds = self.bounds(ground, (number, block), agreed);
            let bounds = bounds.filter(|_| !marks.has_block(number));
            let verdict = bounds
                .and_then(|(pace, way)| pace.verdict(timetable, way, self.near_cm, limit_min));
            match (bounds.zip(verdict), block.parts) {
                (Some(((pace, way), in_time)), _) => {
                    let least_min = pace.least_min(timetable, way, self.near_cm.0);
                    self.queue.push(least_min, Next::Block(number, agreed));
                    self.any = first(self.any, block.layer());
                    self.inherited |= block.inherited;
                    if in_time {
                        take(&mut self.sums, &block.sums, block.layer(), true);
                        self.whole.push(number);
                        self.nearest = first(self.nearest, block.layer());
                    }
                }
                (None, Some(parts)) => left.extend(parts.map(|part| (part, agreed))),
                (None, None) => {
                    for place in blocks.members(number) {
                        self.settle_source(ground, *place, marks.has(*place));
                    }
                }
            }
        }
    }

    fn settle_source(&mut self, ground: &Ground, place: usize, apart: bool) {
        let supply = ground.stock.supply;
        let Some(source) = supply.all().get(place) else { return };
        let (amounts, layer) = (supply.amounts(source), Layer::of_others(source.owner_tier));
        let Some(passing) = ground.passing(place).filter(|_| !apart) else {
            take(&mut self.sums, amounts, layer, false);
            self.apart.extend(apart.then_some(place));
            return;
        };
        self.inherited |= source.spread != Spread::Known;
        self.any = first(self.any, layer);
        let way = self.way(ground, passing);
        let by = |cm: u32, near_cm: u32| ground.is_by(passing, cm.max(near_cm));
        match way {
            Some(way) if by(way.most_cm, self.near_cm.1) => {
                take(&mut self.sums, amounts, layer, true);
                self.nearest = first(self.nearest, layer);
                self.early.push(place);
            }
            Some(way) if !by(way.least_cm, self.near_cm.0) => {}
            _ => self.open.push(passing),
        }
        self.list(ground, passing, way);
    }

    /// Puts a source in the queue.
    fn list(&mut self, ground: &Ground, passing: Passing, way: Option<Bounds>) {
        let least_cm = way.map_or(0, |way| way.least_cm).max(self.near_cm.0);
        self.queue.push(ground.passing_min(passing, least_cm), Next::Source(self.sources.len()));
        self.sources.push(passing);
    }

    fn way(&self, ground: &Ground, passing: Passing) -> Option<Bounds> {
        ground.ruler.bounds_of_ball(&self.ball, passing.end)
    }

    /// The pace of a block and bounds on the way from it; `None` where its sources must be looked
    /// at one by one.
    fn bounds(
        &self,
        ground: &Ground,
        (number, block): (usize, &Block),
        agreed: Agreed,
    ) -> Option<(Pace, Bounds)> {
        let pace = ground.pace(number, agreed)?;
        Some((pace, ground.ruler.bounds_of_balls(&self.ball, block.ball)?))
    }

    /// What could come next after so many others, and no earlier than when; `None` where there is
    /// no more.
    pub fn nth(&mut self, ground: &Ground, at: usize) -> Option<(i64, Passing)> {
        while self.order.len() <= at {
            match self.queue.pop(i64::MAX)? {
                (least_min, Next::Source(at)) => {
                    let passing = self.sources.get(at)?;
                    self.order.push((least_min, *passing));
                }
                (_, Next::Block(number, agreed)) => self.open_block(ground, number, agreed),
            }
        }
        self.order.get(at).copied()
    }

    /// Looks into a block: at its halves, or its sources.
    fn open_block(&mut self, ground: &Ground, number: usize, agreed: Agreed) {
        let blocks = ground.stock.blocks;
        let Some(block) = blocks.get(number) else { return };
        for part in block.parts.into_iter().flatten() {
            let bounds = blocks.get(part).and_then(|row| self.bounds(ground, (part, row), agreed));
            let least = |(pace, way): (Pace, Bounds)| {
                pace.least_min(ground.call.timetable, way, self.near_cm.0)
            };
            self.queue.push(bounds.map(least).unwrap_or_default(), Next::Block(part, agreed));
        }
        if block.parts.is_none() {
            for place in blocks.members(number) {
                if let Some(passing) = ground.passing(*place) {
                    self.list(ground, passing, self.way(ground, passing));
                }
            }
        }
    }

    /// For each need the source that gives most of what is in time for all of the areas.
    pub fn best(&self, ground: &Ground, counted: Layer) -> &[Option<Giver>] {
        self.best.get_or_init(|| {
            let (supply, blocks) = (ground.stock.supply, ground.stock.blocks);
            let mut best = Givers::of(supply, counted, vec![None; self.sums.len()]);
            for block in self.whole.iter().filter_map(|number| blocks.get(*number)) {
                for (amount, place) in &block.largest {
                    best.put(std::slice::from_ref(amount), *place);
                }
            }
            self.early.iter().for_each(|place| best.put_all(*place));
            best.found
        })
    }
}

/// The first of a layer that is known, and another.
pub fn first(known: Option<Layer>, layer: Layer) -> Option<Layer> {
    Some(known.map_or(layer, |known| known.min(layer)))
}
