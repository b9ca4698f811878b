//! The desk: when a source's goods reach an area, looked up one by one.
//!
//! Lives here: what one walk over the tracts has at hand. Does not live here: what a source means
//! for a tract at once (`bearing`), what is kept of it (`tract`). Invariant: a look at one source
//! from one area gives what the engine's own gives.

use crate::domain::reference::Reference;
use crate::domain::region::RegionIx;
use crate::domain::travel::{
    Approach, Guide, Haul, Hold, Origin, Reach, Ruler, Site, Timetable, Travel,
};

use super::super::Query;
use super::super::closure::{Closure, Closures, parting};
use super::super::eligibility::{Layer, Neighbourhood};
use super::super::supply::Source;
use super::super::trace::{NEVER, minute};
use super::shelves::Shelves;
use super::tract::{Lie, Place};

/// What all areas have in common.
#[derive(Clone, Copy)]
pub struct Common<'a> {
    pub reference: &'a Reference,
    pub query: &'a Query,
    pub shelves: &'a Shelves,
    /// The question's, by region.
    pub closures: &'a Closures,
}

/// What one thread has at hand.
pub struct Desk<'a> {
    pub common: Common<'a>,
    /// With the measured routes, and what is blocked.
    guide: &'a mut Guide,
    /// Ends are the depots' points.
    pub ruler: &'a mut Ruler,
}

/// How a source stands to an area, and when its goods arrive.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    pub layer: Layer,
    pub inside: bool,
    /// Whether it ever gets there.
    pub arrives: bool,
    pub in_time: bool,
    pub in_time_if_open: bool,
    /// No earlier than this.
    pub least_min: u32,
    /// No later than this.
    pub most_min: u32,
    /// Exactly then; `None` where nobody has looked.
    pub minutes: Option<u32>,
    /// What is not on the road, in minutes, where no other way than the straight one leads there.
    pub fixed_min: Option<i64>,
    pub travel: Travel,
    /// Whether it rests on an inherited point.
    pub inherited: bool,
}

impl Way {
    /// What holds for the areas of both, where goods that go on the straight way mean the same to
    /// them.
    pub fn joined(self, other: Self) -> Option<Self> {
        let alike = self.minutes.is_none()
            && other.minutes.is_none()
            && (self.layer, self.inside) == (other.layer, other.inside)
            && (self.in_time, self.in_time_if_open) == (other.in_time, other.in_time_if_open)
            && self.fixed_min == other.fixed_min;
        alike.then_some(Self {
            least_min: self.least_min.min(other.least_min),
            most_min: self.most_min.max(other.most_min),
            inherited: self.inherited || other.inherited,
            ..self
        })
    }
}

/// Looks from one area.
pub struct Stand<'d, 'a> {
    desk: &'d mut Desk<'a>,
    around: Neighbourhood<'a>,
    area: (RegionIx, Site),
    /// Closures that the area lies in.
    closures: Vec<Closure>,
    approach: Approach,
    /// The same were nothing closed, once somebody has asked.
    open: Option<Approach>,
    timetable: Timetable,
    limit_min: i64,
}

impl<'a> Desk<'a> {
    pub fn of(common: Common<'a>, guide: &'a mut Guide, ruler: &'a mut Ruler) -> Self {
        Self { common, guide, ruler }
    }

    pub fn has_roads(&self) -> bool {
        self.guide.has_roads()
    }

    /// Whether a way of its own may lead from a depot to an area: one that somebody has measured,
    /// or that is blocked.
    pub fn singles_out(&self, place: &Place, depot: u32) -> bool {
        self.guide.singles_out(place.ix, depot)
    }

    /// Goes to an area.
    pub fn stand(&mut self, lie: &Lie, place: &Place) -> Stand<'_, 'a> {
        self.ruler.stand(place.site.point);
        let regions = &self.common.reference.regions;
        Stand {
            around: Neighbourhood::of(regions, place.ix),
            area: (place.ix, place.site),
            closures: self.common.closures.around(regions, place.ix),
            approach: self.guide.approach(place.ix, place.site),
            open: None,
            timetable: lie.timetable,
            limit_min: lie.limit_min,
            desk: self,
        }
    }
}

impl Stand<'_, '_> {
    /// How a source stands to the area; `None` where it does not serve it.
    pub fn way(&mut self, source: &Source) -> Option<Way> {
        let Common { query, reference, closures, .. } = self.desk.common;
        let standing = self.around.standing(source, query.scope)?;
        let regions = &reference.regions;
        let parted = (!closures.is_empty()).then(|| {
            let out = closures.around(regions, source.region);
            parting(regions, (source.region, &out), (self.area.0, &self.closures))
        });
        let parted = parted.flatten();
        let haul = standing.haul(source);
        let parted_min = Hold::wait_min(parted);
        let waiting = Haul { wait_min: parted_min.unwrap_or(0), ..haul };
        let reach = self.reach(source, waiting, false)?;
        let wait_min = parted_min.zip(reach.wait_min).map(|(one, other)| one.max(other));
        let minutes = wait_min.map(|wait_min| {
            reach.minutes.saturating_add(match wait_min {
                0 => 0,
                wait_min => self.timetable.waiting_min(haul, wait_min),
            })
        });
        let in_time = minutes.is_some_and(|minutes| minutes <= self.limit_min);
        let arrives_min = minutes.map_or(NEVER, minute);
        Some(Way {
            layer: standing.layer,
            inside: standing.inside,
            arrives: minutes.is_some(),
            in_time,
            in_time_if_open: in_time || (query.closes() && self.is_in_time_if_open(source, haul)),
            least_min: arrives_min,
            most_min: arrives_min,
            minutes: minutes.map(minute),
            fixed_min: None,
            travel: reach.travel,
            inherited: reach.inherited,
        })
    }

    /// Whether a source that is not in time would be if every road were open.
    fn is_in_time_if_open(&mut self, source: &Source, haul: Haul) -> bool {
        self.reach(source, haul, true).is_some_and(|reach| reach.minutes <= self.limit_min)
    }

    /// The best known way from a source, on the roads as they are or as if all were open.
    fn reach(&mut self, source: &Source, haul: Haul, open: bool) -> Option<Reach> {
        let (depot, region) = (source.depot, source.region);
        let origin = Origin { depot, region, end: source.end, spread: source.spread };
        let (guide, ruler) = (&mut *self.desk.guide, &mut *self.desk.ruler);
        let approach = if open {
            let (ix, site) = self.area;
            self.open.get_or_insert_with(|| guide.approach(ix, site).on_open_roads())
        } else {
            &mut self.approach
        };
        self.timetable.reach(haul, origin, guide, approach, ruler)
    }
}

/// How far any of some areas may stand off its point, in centimetres.
pub fn most_cm<'s>(timetable: &Timetable, sites: impl Iterator<Item = &'s Site>) -> u32 {
    sites.map(|site| timetable.least_cm(site.spread)).max().unwrap_or_default()
}
