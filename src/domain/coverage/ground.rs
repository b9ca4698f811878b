//! The ground: how a source stands to the area that goods are asked for, and when its goods arrive.
//!
//! Lives here: what one question about one area knows, and a look at a single source or block. Does
//! not live here: sums and order (`goods`). Invariant: a source of a block that is not marked
//! arrives within the block's bounds.

use crate::domain::quota::Mode;
use crate::domain::region::{RegionIx, Regions, Tier};
use crate::domain::travel::{
    Approach, Guide, Haul, Hold, Origin, Reach, Ruler, Site, Spread, Timetable, Travel,
};

use super::blocks::{Admitted, Agreed, Blocks};
use super::closure::{Closure, Closures};
use super::eligibility::{Layer, Neighbourhood, Standing};
use super::pace::{Pace, Paced};
use super::query::{Query, WHOLE_PERCENT};
use super::supply::{Source, Supply};
use super::tally::Arrival;

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

/// A source as it stands to all areas of a vicinity, when it is not apart.
#[derive(Debug, Clone, Copy)]
pub struct Passing {
    /// Its place in the supply.
    pub place: usize,
    pub depot: u32,
    pub layer: Layer,
    /// Its end of the ruler.
    pub end: usize,
    tier: Tier,
    /// What of its delivery is not on the road, in minutes.
    fixed_min: i64,
    /// What its spread adds to a way, in centimetres.
    spread_cm: u32,
    /// The closure that makes it late.
    hold: Option<Hold>,
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

    /// The pace of a block; `None` where its sources must be looked at one by one.
    pub fn pace(&self, number: usize, agreed: Agreed) -> Option<Pace> {
        let (least, most) = self.wait_of(number)?;
        let pace = self.paced.pace(self.stock.blocks, number, agreed)?;
        Some(if most == 0 { *pace } else { pace.waiting(least, most) })
    }

    /// What a spread adds to a way, in centimetres.
    pub fn spread_cm(&self, spread: Spread) -> u32 {
        self.call.timetable.least_cm(spread)
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

    /// A source that is not apart; `None` where it never gets there.
    pub fn passing(&self, place: usize) -> Option<Passing> {
        let source = self.stock.supply.all().get(place)?;
        let standing = self.call.around.standing(source, self.call.query.scope)?;
        let parted = self.parted(place, source);
        let wait_min = Hold::wait_min(parted)?;
        let late_min = self.late_min(source, standing, wait_min);
        Some(Passing {
            place,
            depot: source.depot,
            layer: standing.layer,
            end: source.end,
            tier: source.depot_tier,
            fixed_min: self.call.timetable.fixed_min(Haul { wait_min, ..standing.haul(source) }),
            spread_cm: self.spread_cm(source.spread),
            hold: parted.filter(|_| late_min > 0),
        })
    }

    /// Whether a source is in time over so many centimetres.
    pub fn is_by(&self, passing: Passing, cm: u32) -> bool {
        let cm = cm.max(passing.spread_cm);
        self.call.timetable.is_by(passing.fixed_min, passing.tier, cm, self.call.limit_min)
    }

    /// When a source is there over so many centimetres.
    pub fn passing_min(&self, passing: Passing, cm: u32) -> i64 {
        let road_min = self.call.timetable.road_min(passing.tier, cm.max(passing.spread_cm));
        passing.fixed_min.saturating_add(road_min.unwrap_or(i64::MAX))
    }

    /// Whether a source is in time; the geodesic is computed only where its bounds leave it open.
    pub fn is_in_time(&mut self, passing: Passing) -> bool {
        let near_cm = self.spread_cm(self.stock.site.spread);
        match self.ruler.bounds(passing.end) {
            Some(way) if self.is_by(passing, way.most_cm.max(near_cm)) => true,
            Some(way) if !self.is_by(passing, way.least_cm.max(near_cm)) => false,
            _ => {
                let cm = self.ruler.cm(passing.end);
                cm.is_some_and(|cm| self.is_by(passing, cm.max(near_cm)))
            }
        }
    }

    /// When a source is there; the geodesic is computed only where its bounds leave two minutes
    /// open.
    pub fn passing_arrival(&mut self, passing: Passing) -> Option<Arrival<'s>> {
        let near_cm = self.spread_cm(self.stock.site.spread);
        let bounded = self.ruler.bounds(passing.end).and_then(|way| {
            let least_min = self.passing_min(passing, way.least_cm.max(near_cm));
            let most_cm = way.most_cm.max(near_cm).max(passing.spread_cm);
            let timetable = self.call.timetable;
            let same = timetable.is_by(passing.fixed_min, passing.tier, most_cm, least_min);
            same.then_some(least_min)
        });
        let minutes = match bounded {
            Some(minutes) => minutes,
            None => {
                let cm = self.ruler.cm(passing.end)?;
                self.passing_min(passing, cm.max(near_cm))
            }
        };
        let supply = self.stock.supply;
        Some(Arrival {
            minutes,
            travel: Travel::Estimated,
            layer: passing.layer,
            inside: false,
            mode: Mode::GovPhysical,
            depot: Some(passing.depot),
            place: Some(passing.place),
            hold: passing.hold,
            surviving_percent: WHOLE_PERCENT,
            amounts: supply.all().get(passing.place).map_or(&[][..], |row| supply.amounts(row)),
        })
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
