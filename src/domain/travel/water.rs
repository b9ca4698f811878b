//! Ways over water: a way to a pier, a crossing, and a way from a pier.
//!
//! Lives here: which legs a way takes, and when boats sail. Does not live here: ways by land
//! (`guide`), the register's entry (`water`). Invariant: what lies across with the area needs no
//! boat; a way over water is no quicker than its crossing.

use std::sync::Arc;

use crate::domain::region::{Point, RegionIx, Regions};
use crate::domain::water::{DAY_MIN, sails_in_min};

use super::guide::Wayfinder;
use super::{Approach, Guide, Haul, Origin, Reach, Ruler, Site, Spread, Timetable, Travel};

/// A leg of the register, by its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crossing {
    pub number: u32,
    /// What lies across.
    pub region: RegionIx,
    pub pier: Point,
    pub crossing_min: u32,
    /// Between which minutes of the day boats leave.
    pub sails: (u32, u32),
}

/// All legs of a question.
#[derive(Debug, Clone, Default)]
pub struct Waters {
    regions: Arc<Regions>,
    legs: Vec<Crossing>,
    /// The minute of the day at which goods may first leave; where nobody knows, boats sail when
    /// goods come.
    pub(super) sets_out_min: Option<u32>,
}

/// The legs that a way takes: out of where the depot lies, and into where the area lies.
#[derive(Debug, Clone, Copy, Default)]
struct Legs {
    out: Option<Crossing>,
    into: Option<Crossing>,
}

impl Waters {
    pub fn new(regions: &Arc<Regions>, legs: Vec<Crossing>, sets_out_min: Option<u32>) -> Self {
        Self { regions: Arc::clone(regions), legs, sets_out_min }
    }

    /// Whether no leg is known.
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// Legs whose far side holds a region.
    pub(super) fn across(&self, region: RegionIx) -> impl Iterator<Item = &Crossing> {
        self.legs.iter().filter(move |leg| self.regions.within(region, leg.region))
    }

    /// The ways to combine legs from a depot's region to an area; none where no boat is needed.
    fn between(&self, depot: RegionIx, area: RegionIx) -> Vec<Legs> {
        let apart = |here: RegionIx, there: RegionIx| -> Vec<Option<Crossing>> {
            let parts = |leg: &&Crossing| !self.regions.within(there, leg.region);
            self.across(here).filter(parts).map(|leg| Some(*leg)).collect()
        };
        let (mut outs, mut intos) = (apart(depot, area), apart(area, depot));
        if outs.is_empty() && intos.is_empty() {
            return Vec::new();
        }
        for legs in [&mut outs, &mut intos] {
            if legs.is_empty() {
                legs.push(None);
            }
        }
        let pair = |out: Option<Crossing>| intos.iter().map(move |into| Legs { out, into: *into });
        outs.iter().flat_map(|out| pair(*out)).collect()
    }

    /// Minutes that goods at a quay wait for a boat, `at_min` after they might first leave.
    fn wait_min(&self, leg: &Crossing, at_min: i64) -> i64 {
        let Some(sets_out) = self.sets_out_min else { return 0 };
        let minute = i64::from(sets_out).saturating_add(at_min).rem_euclid(DAY_MIN);
        i64::from(sails_in_min(leg.sails, u32::try_from(minute).unwrap_or(0)))
    }
}

impl Timetable {
    /// Whole minutes until goods from `origin` are in people's hands by the best known way; `None`
    /// for a speed of zero. The ruler stands at the area. A wait that the haul has anyway is in no
    /// figure, but a way that opens meanwhile is taken.
    pub fn reach(
        &self,
        haul: Haul,
        origin: Origin,
        guide: &mut Guide,
        approach: &mut Approach,
        ruler: &mut Ruler,
    ) -> Option<Reach> {
        let finder = &mut Wayfinder { guide, approach, ruler };
        let waters = &finder.guide.waters;
        // Whoever drove the way has crossed the water with it.
        if waters.is_empty() || finder.approach.is_measured_from(origin.depot) {
            return self.over_land(haul, origin, finder);
        }
        let ways = waters.between(origin.region, finder.approach.region);
        if ways.is_empty() {
            return self.over_land(haul, origin, finder);
        }
        let mut best: Option<((bool, i64), Reach)> = None;
        for legs in ways {
            let found = self.over_water(haul, origin, legs, finder);
            let Some(found) = found else { continue };
            let wait_min = found.wait_min.unwrap_or(0).max(haul.wait_min);
            let late = found.minutes + self.waiting_min(Haul { wait_min: 0, ..haul }, wait_min);
            let key = (found.wait_min.is_none(), late);
            if best.as_ref().is_none_or(|(least, _)| key < *least) {
                best = Some((key, found));
            }
        }
        best.map(|(_, found)| found)
    }

    fn over_water(
        &self,
        haul: Haul,
        origin: Origin,
        legs: Legs,
        finder: &mut Wayfinder,
    ) -> Option<Reach> {
        let Wayfinder { guide, approach, ruler } = finder;
        let mut from = origin;
        if let Some(leg) = legs.out {
            (from.end, from.spread) = (ruler.end(leg.pier), Spread::Known);
        }
        let land = match legs.into {
            None => self.over_land(haul, from, &mut Wayfinder { guide, approach, ruler })?,
            Some(leg) => {
                let home = approach.site.point;
                ruler.stand(leg.pier);
                let land = approach.pier(leg.number).and_then(|approach| {
                    self.over_land(haul, from, &mut Wayfinder { guide, approach, ruler })
                });
                ruler.stand(home);
                land?
            }
        };
        let ready = Haul { wait_min: 0, ..haul };
        let held = self.waiting_min(ready, land.wait_min.unwrap_or(0).max(haul.wait_min));
        let waters = &guide.waters;
        // What crossing adds to a way by land of so many minutes that waits so long.
        let crossed = |by_land: i64, held: i64| {
            let mut added = 0;
            if let Some(leg) = legs.out {
                added += waters.wait_min(&leg, self.leaves_min(ready) + held);
                added += self.slowed(leg.crossing_min);
            }
            if let Some(leg) = legs.into {
                let at_quay = by_land - self.after_arrival_min(haul.depot) + held + added;
                added += waters.wait_min(&leg, at_quay) + self.slowed(leg.crossing_min);
            }
            by_land.saturating_add(added)
        };
        let leg = legs.into.or(legs.out)?;
        let spread = [approach.site.spread, origin.spread];
        Some(Reach {
            minutes: crossed(land.minutes, held),
            open_min: crossed(land.open_min, 0),
            travel: land.travel.max(Travel::Water),
            inherited: land.inherited || spread != [Spread::Known; 2],
            leg: Some(leg.number),
            ..land
        })
    }
}

/// The pier of a leg as a place that trucks come to.
pub(super) fn site(leg: &Crossing) -> Site {
    Site { point: leg.pier, spread: Spread::Known }
}

#[cfg(test)]
#[path = "water_tests.rs"]
mod tests;
