//! The clock of donors: how long goods take to the receiving place.
//!
//! Lives here: minutes by the best known way, waits for closures among them. Does not live here:
//! the order of donors. Invariant: a way that stays closed has no minutes.

use crate::domain::coverage;
use crate::domain::position::Position;
use crate::domain::profile::ClockStart;
use crate::domain::region::RegionIx;
use crate::domain::travel::{Approach, Guide, Haul, Hold, Origin, Ruler, Site, Timetable};

use super::stores::Store;
use super::target::Target;
use super::{Arrival, Closed, Query};

/// The way stays closed by this.
#[derive(Debug, Clone, Copy)]
pub(super) struct CutOff(pub Option<Hold>);

/// How long goods take to the receiving place.
pub(super) struct Clock<'a> {
    closed: &'a [coverage::Closure],
    /// The region with the gap.
    area: RegionIx,
    pub(super) site: Option<Site>,
    timetable: Option<Timetable>,
    ruler: Ruler,
    guide: Guide,
    approach: Option<Approach>,
}

impl<'a> Clock<'a> {
    pub(super) fn new(
        position: &Position,
        query: &Query,
        target: &Target,
        closed: &'a Closed,
    ) -> Self {
        let reference = &position.reference;
        let regions = &reference.regions;
        let site = match &target.depot {
            Some(depot) => Some(Site::of_depot(regions, depot, query.region)),
            None => Site::of_region(regions, query.region),
        };
        let mut terrain = regions.chain(query.region).filter_map(|at| regions.get(at));
        let mountain = terrain.find_map(|at| at.mountain).unwrap_or(false);
        // The clock that starts at the disaster counts the decision, too.
        let timetable = reference
            .profile_of(query.region)
            .map(|profile| Timetable::new(profile, ClockStart::Disaster, mountain));
        let mut ruler = Ruler::default();
        if let Some(site) = site {
            ruler.stand(site.point);
        }
        let guide = reference.guide(query.on, &closed.ways);
        let approach = site.map(|site| guide.approach(query.region, site));
        let closed = closed.regions.as_slice();
        Self { closed, area: query.region, site, timetable, ruler, guide, approach }
    }

    /// When goods of a store could be there, if ever; an error where their way stays closed.
    pub(super) fn arrival(
        &mut self,
        position: &Position,
        store: &Store,
        common: Option<RegionIx>,
    ) -> Option<Result<Arrival, CutOff>> {
        let regions = &position.reference.regions;
        let depot = position.reference.depots.get(store.depot)?;
        let (approach, timetable) = (self.approach.as_mut()?, self.timetable.as_ref()?);
        let there = Site::of_depot(regions, depot, store.region);
        let parted = coverage::hold(regions, self.closed, store.region, self.area);
        let tier = |ix: RegionIx| regions.get(ix).map(|region| region.tier);
        let haul = Haul {
            owner: tier(store.owner)?,
            agree: common.and_then(tier),
            depot: tier(store.region)?,
            readiness_min: depot.readiness_min,
            wait_min: Hold::wait_min(parted).unwrap_or(0),
        };
        let end = self.ruler.end(there.point);
        let origin = Origin { depot: store.depot, region: store.region, end, spread: there.spread };
        let reach = timetable.reach(haul, origin, &mut self.guide, approach, &mut self.ruler)?;
        let hold = Hold::last_of(parted.into_iter().chain(reach.hold));
        let waits = reach.wait_min.zip(Hold::wait_min(parted));
        let Some(wait_min) = waits.map(|(way, region)| way.max(region)) else {
            return Some(Err(CutOff(hold)));
        };
        let waiting = timetable.waiting_min(Haul { wait_min: 0, ..haul }, wait_min);
        let minutes = reach.minutes + waiting - timetable.after_arrival_min(haul.depot);
        let hold = hold.filter(|_| waiting > 0);
        Some(Ok(Arrival { minutes, travel: reach.travel, inherited: reach.inherited, hold }))
    }
}
