//! The desk: when a source's goods reach an area, looked up one by one or for a tract at once.
//!
//! Lives here: what one walk over the tracts has at hand. Does not live here: what is kept of it
//! (`tract`). Invariant: a look at one source from one area gives what the engine's own gives.

use crate::domain::reference::Reference;
use crate::domain::travel::{Approach, Guide, Origin, Ruler, Site, Spread, Timetable, Travel};

use super::super::Query;
use super::super::eligibility::{Layer, Neighbourhood};
use super::super::supply::Source;
use super::super::trace::minute;
use super::shelves::Shelves;
use super::tract::{Lie, Place};

/// What all areas have in common.
#[derive(Clone, Copy)]
pub struct Common<'a> {
    pub reference: &'a Reference,
    pub query: &'a Query,
    pub shelves: &'a Shelves,
    /// With the measured routes.
    pub guide: &'a Guide,
    /// Ends are the depots' points.
    pub ruler: &'a Ruler,
}

/// What one thread has at hand.
pub struct Desk<'a> {
    pub common: Common<'a>,
    roads: Guide,
    ruler: Ruler,
}

/// How a source stands to an area, and when its goods arrive.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    pub layer: Layer,
    pub inside: bool,
    pub in_time: bool,
    /// No earlier than this.
    pub least_min: u32,
    /// No later than this.
    pub most_min: u32,
    /// Exactly then; `None` where nobody has looked.
    pub minutes: Option<u32>,
    /// What is not on the road, in minutes, where no other way than the straight one leads there.
    fixed_min: Option<i64>,
    pub travel: Travel,
    /// Whether it rests on an inherited point.
    pub inherited: bool,
}

/// What a source means for the areas of a tract.
pub enum Bearing {
    /// It serves none of them.
    Off,
    /// The same for all of them, but for whose point is inherited.
    Alike(Way),
    /// One by one.
    Various,
}

/// Looks from one area.
pub struct Stand<'d, 'a> {
    desk: &'d mut Desk<'a>,
    around: Neighbourhood<'a>,
    approach: Approach,
    timetable: Timetable,
    limit_min: i64,
}

impl<'a> Desk<'a> {
    pub fn of(common: Common<'a>) -> Self {
        Self { common, roads: common.guide.of_roads_alone(), ruler: common.ruler.clone() }
    }

    pub fn has_roads(&self) -> bool {
        self.roads.has_roads()
    }

    /// Goes to an area.
    pub fn stand(&mut self, lie: &Lie, place: &Place) -> Stand<'_, 'a> {
        self.ruler.stand(place.site.point);
        Stand {
            around: Neighbourhood::of(&self.common.reference.regions, place.ix),
            approach: self.common.guide.approach(place.ix, place.site),
            timetable: lie.timetable,
            limit_min: lie.limit_min,
            desk: self,
        }
    }

    /// What a source means for a tract with at least one area.
    pub fn bearing(&self, lie: &Lie, source: &Source) -> Bearing {
        let Common { reference, query, .. } = self.common;
        let regions = &reference.regions;
        let near = |root| regions.within(source.region, root) || regions.within(source.owner, root);
        let timetable = &lie.timetable;
        let apart = self.roads.has_roads() || !timetable.moves();
        if apart || lie.root.is_none_or(near) || lie.routed.binary_search(&source.depot).is_ok() {
            return Bearing::Various;
        }
        let around = Neighbourhood::known(regions, &lie.line);
        let Some(standing) = around.standing(source, query.scope) else { return Bearing::Off };
        let bounds = self.common.ruler.bounds_of_ball(&lie.ball, source.end);
        let Some(bounds) = bounds else { return Bearing::Various };
        let fixed_min = timetable.fixed_min(standing.haul(source));
        let (tier, limit_min) = (source.depot_tier, lie.limit_min);
        let least_cm = bounds.least_cm.max(timetable.least_cm(source.spread));
        let most_cm = bounds.most_cm.max(timetable.least_cm(source.spread)).max(lie.most_cm);
        let in_time = timetable.is_by(fixed_min, tier, most_cm, limit_min);
        if !in_time && timetable.is_by(fixed_min, tier, least_cm, limit_min) {
            return Bearing::Various;
        }
        let arrives = |cm: u32| {
            minute(fixed_min.saturating_add(timetable.road_min(tier, cm).unwrap_or_default()))
        };
        Bearing::Alike(Way {
            layer: standing.layer,
            inside: false,
            in_time,
            least_min: arrives(least_cm),
            most_min: arrives(most_cm),
            minutes: None,
            fixed_min: Some(fixed_min),
            travel: Travel::Estimated,
            inherited: source.spread != Spread::Known,
        })
    }
}

impl Desk<'_> {
    /// When goods of a source that stands to an area in a way are there.
    pub fn minutes(&mut self, lie: &Lie, place: &Place, number: u32, way: Way) -> Option<u32> {
        if way.minutes.is_some() {
            return way.minutes;
        }
        let source = self.common.shelves.get(number)?;
        let bounds = self.common.ruler.bounds_of_ball(&place.spot, source.end);
        if let Some((bounds, fixed_min)) = bounds.zip(way.fixed_min) {
            let spreads = [place.site.spread, source.spread];
            let road_min = |cm: u32| {
                let leg = lie.timetable.leg(cm, spreads);
                lie.timetable.road_min(source.depot_tier, leg.cm)
            };
            let least_min = road_min(bounds.least_cm)?;
            if road_min(bounds.most_cm) == Some(least_min) {
                return Some(minute(fixed_min.saturating_add(least_min)));
            }
        }
        self.stand(lie, place).way(source)?.minutes
    }
}

impl Stand<'_, '_> {
    /// How a source stands to the area; `None` where it does not serve it.
    pub fn way(&mut self, source: &Source) -> Option<Way> {
        let standing = self.around.standing(source, self.desk.common.query.scope)?;
        let (depot, region) = (source.depot, source.region);
        let origin = Origin { depot, region, end: source.end, spread: source.spread };
        let (approach, desk) = (&mut self.approach, &mut *self.desk);
        let (haul, ruler) = (standing.haul(source), &mut desk.ruler);
        let reach = self.timetable.reach(haul, origin, &mut desk.roads, approach, ruler)?;
        Some(Way {
            layer: standing.layer,
            inside: standing.inside,
            in_time: reach.minutes <= self.limit_min,
            least_min: minute(reach.minutes),
            most_min: minute(reach.minutes),
            minutes: Some(minute(reach.minutes)),
            fixed_min: None,
            travel: reach.travel,
            inherited: reach.inherited,
        })
    }
}

/// How far any of some areas may stand off its point, in centimetres.
pub fn most_cm<'s>(timetable: &Timetable, sites: impl Iterator<Item = &'s Site>) -> u32 {
    sites.map(|site| timetable.least_cm(site.spread)).max().unwrap_or_default()
}
