//! The ground: how a source stands to the area that goods are asked for, and when its goods arrive.
//!
//! Lives here: what one question about one area knows, and a look at a single source or block. Does
//! not live here: sums and order (`goods`). Invariant: a source of a block that is not marked
//! arrives within the block's bounds.

use crate::domain::quota::Mode;
use crate::domain::region::{RegionIx, Regions};
use crate::domain::travel::{
    Approach, Bounds, Guide, Haul, Hold, Origin, Reach, Ruler, Site, Timetable,
};

use super::area::Arrival;
use super::blocks::{Admitted, Agreed, Block, Blocks};
use super::closure::{Closure, Closures};
use super::eligibility::{Layer, Neighbourhood, Standing};
use super::pace::{Pace, Paced};
use super::supply::{Source, Supply};
use super::{Query, WHOLE_PERCENT};

/// What is asked of all goods for one area.
pub struct Call<'a> {
    pub query: &'a Query,
    pub closures: &'a Closures,
    /// Those that the area lies in.
    pub around_it: &'a [Closure],
    pub regions: &'a Regions,
    pub around: &'a Neighbourhood<'a>,
    /// Whether every way is taken for open.
    pub open_roads: bool,
    pub timetable: &'a Timetable,
    pub limit_min: i64,
}

/// What lies in depots, and the area it is for.
#[derive(Clone, Copy)]
pub struct Stock<'s> {
    pub supply: &'s Supply,
    pub blocks: &'s Blocks,
    pub site: Site,
    pub area: RegionIx,
    /// The region whose stock suffers, if any.
    pub struck: Option<RegionIx>,
}

/// Blocks whose sources must be looked at one by one for an area.
#[derive(Debug, Default)]
pub struct Marks {
    stamps: Vec<u32>,
    now: u32,
}

impl Marks {
    fn clear(&mut self, blocks: usize) {
        self.now = self.now.wrapping_add(1);
        if self.now == 0 || self.stamps.len() != blocks {
            (self.now, self.stamps) = (1, vec![0; blocks]);
        }
    }

    /// Marks the blocks around a source.
    fn put(&mut self, around: impl Iterator<Item = usize>) {
        for block in around {
            match self.stamps.get_mut(block) {
                Some(cell) if *cell != self.now => *cell = self.now,
                _ => return,
            }
        }
    }

    pub fn has(&self, block: usize) -> bool {
        self.stamps.get(block) == Some(&self.now)
    }
}

/// All that is needed to look at a source.
pub struct Ground<'g, 's> {
    pub call: &'g Call<'g>,
    pub stock: Stock<'s>,
    pub paced: &'g Paced,
    pub ruler: &'g mut Ruler,
    pub guide: &'g mut Guide,
    pub approach: Approach,
}

impl<'s> Ground<'_, 's> {
    /// Whether no block can be judged as a whole: roads may be quicker than its bounds, or some
    /// trucks do not move.
    pub fn is_apart(&self) -> bool {
        self.guide.has_roads() || !self.paced.timetable.moves()
    }

    /// The least and the most that goods of a block wait for roads, where none of it lies in a
    /// closure with the area; `None` where some stay closed.
    fn wait_of(&self, block: usize) -> Option<(u32, u32)> {
        if self.call.closures.is_empty() {
            return Some((0, 0));
        }
        let inward = self.call.around_it.iter();
        let inward = inward
            .map(|closure| closure.opens_min)
            .try_fold(0, |wait, opens| opens.map(|opens| wait.max(opens)))?;
        Some((inward, inward.max(self.call.closures.of_block(block)?)))
    }

    /// The pace of a block and bounds on the way from it; `None` where its sources must be looked
    /// at one by one.
    pub fn bounds(&self, number: usize, block: &Block, agreed: Agreed) -> Option<(Pace, Bounds)> {
        let (least, most) = self.wait_of(number)?;
        let bounds = self.ruler.ball_bounds(block.ball)?;
        let pace = self.paced.pace(self.stock.blocks, number, agreed)?;
        let pace = if most == 0 { *pace } else { pace.waiting(least, most) };
        Some((pace, bounds))
    }

    /// The least minutes in which anything of a block arrives.
    pub fn least_min(&self, number: usize, agreed: Agreed) -> Option<i64> {
        let (pace, bounds) = self.bounds(number, self.stock.blocks.get(number)?, agreed)?;
        Some(pace.least_min(&self.paced.timetable, bounds, self.near_cm()))
    }

    /// What the area's own spread adds to a way, in centimetres.
    pub fn near_cm(&self) -> u32 {
        self.paced.timetable.least_cm(self.stock.site.spread)
    }

    /// Marks the blocks of which some source is unlike the rest for this area.
    pub fn mark(&self, marks: &mut Marks) {
        let Stock { supply, blocks, area, struck, .. } = self.stock;
        let regions = self.call.regions;
        marks.clear(blocks.all().len());
        for place in supply.places_in(regions, area) {
            marks.put(blocks.around(place));
        }
        for place in supply.places_owned_in(regions, area) {
            marks.put(blocks.around(place));
        }
        for closure in self.call.around_it {
            for place in supply.places_in(regions, closure.region) {
                marks.put(blocks.around(place));
            }
        }
        for place in struck.into_iter().flat_map(|root| supply.places_in(regions, root)) {
            marks.put(blocks.around(place));
        }
        for depot in self.approach.singled_out() {
            for place in supply.places_of_depot(depot) {
                marks.put(blocks.around(place));
            }
        }
    }

    /// Adds sources in the area and of its own chain whose blocks are not admitted as a whole.
    pub fn add_near(&self, admitted: &Admitted, singles: &mut Vec<usize>) {
        let Stock { supply, area, .. } = self.stock;
        let regions = self.call.regions;
        let left = |place: &usize| !admitted.has(*place);
        let inside = supply.places_in(regions, area);
        singles.extend(inside.clone().filter(left));
        for owner in regions.chain(area) {
            let theirs = supply.places_owned_by(owner);
            singles.extend(theirs.filter(|place| !inside.contains(place) && left(place)));
        }
    }

    /// What closures of regions hold a source's goods up.
    fn parted(&self, place: usize, source: &Source) -> Option<Hold> {
        if self.call.closures.is_empty() {
            return None;
        }
        let area = (self.stock.area, self.call.around_it);
        self.call.closures.hold(self.call.regions, (place, source.region), area)
    }

    /// Whether a source that is like the rest of its block is in time.
    pub fn is_in_time(&mut self, place: usize, agreed: Agreed) -> bool {
        let Some(source) = self.stock.supply.all().get(place) else { return false };
        let agree = match agreed {
            Agreed::Exactly(agree) => agree,
            Agreed::Various => {
                let standing = self.call.around.standing(source, self.call.query.scope);
                standing.and_then(|standing| standing.agree)
            }
        };
        let standing = Standing { layer: Layer::Province, inside: false, agree };
        let way = (source.end, [self.stock.site.spread, source.spread]);
        let parted = self.parted(place, source);
        let Some(wait_min) = Hold::wait_min(parted) else { return false };
        let haul = Haul { wait_min, ..standing.haul(source) };
        let limit_min = self.call.limit_min;
        let found = self.call.timetable.is_in_time(haul, self.ruler, way, limit_min);
        found.unwrap_or(false)
    }

    /// A source's arrival and whether it rests on an inherited point; `None` where the scope leaves
    /// it off, or it never gets there.
    pub fn arrival(&mut self, place: usize) -> Option<(Arrival<'s>, bool)> {
        let Stock { supply, struck, .. } = self.stock;
        let (query, regions) = (self.call.query, self.call.regions);
        let source = supply.all().get(place)?;
        let standing = self.call.around.standing(source, query.scope)?;
        let parted = self.parted(place, source);
        let wait_min = Hold::wait_min(parted)?;
        let reach = self.reach(source, standing, wait_min)?;
        let wait_min = reach.wait_min?.max(wait_min);
        let late_min = self.late_min(source, standing, wait_min);
        let hold = Hold::last_of(parted.into_iter().chain(reach.hold));
        let spared = struck.is_none_or(|root| !regions.within(source.region, root));
        let arrival = Arrival {
            minutes: reach.minutes + late_min,
            travel: reach.travel,
            layer: standing.layer,
            inside: standing.inside,
            mode: Mode::GovPhysical,
            depot: Some(source.depot),
            place: Some(place),
            hold: hold.filter(|_| late_min > 0),
            surviving_percent: if spared { WHOLE_PERCENT } else { query.shock.surviving_percent },
            amounts: supply.amounts(source),
        };
        Some((arrival, reach.inherited))
    }

    /// What keeps a source's goods from being there within the limit, if closures do.
    pub fn held_back_by(&mut self, place: usize) -> Option<Hold> {
        let source = self.stock.supply.all().get(place)?;
        let standing = self.call.around.standing(source, self.call.query.scope)?;
        let parted = self.parted(place, source);
        let reach = self.reach(source, standing, Hold::wait_min(parted).unwrap_or(0))?;
        let hold = Hold::last_of(parted.into_iter().chain(reach.hold))?;
        let wait_min = reach.wait_min.zip(Hold::wait_min(parted)).map(|(a, b)| a.max(b));
        let late = |wait_min: u32| reach.minutes + self.late_min(source, standing, wait_min);
        let in_time = wait_min.is_some_and(|wait_min| late(wait_min) <= self.call.limit_min);
        (!in_time).then_some(hold)
    }

    /// The best known way from a source whose goods wait anyway.
    fn reach(&mut self, source: &Source, standing: Standing, wait_min: u32) -> Option<Reach> {
        let (depot, region) = (source.depot, source.region);
        let origin = Origin { depot, region, end: source.end, spread: source.spread };
        let waiting = Haul { wait_min, ..standing.haul(source) };
        let (timetable, approach) = (self.call.timetable, &mut self.approach);
        timetable.reach(waiting, origin, self.guide, approach, self.ruler)
    }

    /// What a wait adds, as loading goes on meanwhile.
    fn late_min(&self, source: &Source, standing: Standing, wait_min: u32) -> i64 {
        match wait_min {
            0 => 0,
            wait => self.call.timetable.waiting_min(standing.haul(source), wait),
        }
    }
}
