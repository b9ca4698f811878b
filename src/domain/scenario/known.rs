//! What must be known before ways lead anywhere: where it is, its timetable, its limit.
//!
//! Lives here: areas that are struck, and the places of helicopter bases. Does not live here: who
//! reaches them when (`ways`). Invariant: a way to a base ends where the goods are put down.

use super::super::coverage::Missing;
use super::super::helibase::Helibase;
use super::super::position::Position;
use super::super::profile::Profile;
use super::super::region::{RegionIx, Regions};
use super::super::travel::{Approach, Guide, Site, Spread, Timetable};
use super::{Scenario, Struck};

/// Where ways lead.
pub struct Known {
    pub ix: RegionIx,
    pub site: Site,
    pub timetable: Timetable,
    pub limit_min: u32,
    /// Whether it is a point of its own, to which nobody has measured a route.
    pub apart: bool,
}

impl Known {
    /// An area that is struck.
    ///
    /// # Errors
    /// What is missing.
    pub fn of(position: &Position, scenario: &Scenario, area: Struck) -> Result<Self, Missing> {
        let (reference, ix) = (&position.reference, area.region);
        let regions = &reference.regions;
        let profile: &Profile = reference.profile_of(ix).ok_or(Missing::Profile)?;
        let tier = regions.get(ix).ok_or(Missing::Location)?.tier;
        let (hours, clock) = profile.limit(tier);
        let clock = scenario.clock.unwrap_or(clock);
        let mountain = is_mountain(regions, ix);
        Ok(Self {
            ix,
            site: Site::of_region(regions, ix).ok_or(Missing::Location)?,
            timetable: Timetable::under(profile, clock, mountain, scenario.conditions()),
            limit_min: scenario.hours.unwrap_or(hours).saturating_mul(60),
            apart: false,
        })
    }

    /// What leads there.
    pub fn approach(&self, guide: &Guide) -> Approach {
        if self.apart {
            return guide.approach_apart(self.ix, self.site);
        }
        guide.approach(self.ix, self.site)
    }

    /// A base: it counts as lying in the region whose decision sends its machines.
    ///
    /// # Errors
    /// What is missing.
    pub fn of_base(
        position: &Position,
        scenario: &Scenario,
        base: &Helibase,
    ) -> Result<Self, Missing> {
        let regions = &position.reference.regions;
        let ix = regions.find(base.region).ok_or(Missing::Location)?;
        let found = position.reference.profile_of(ix).ok_or(Missing::Profile)?;
        let clock = scenario.clock.unwrap_or(found.clock);
        let mut profile = Profile::clone(found);
        profile.distribute_min = 0;
        profile.provincial.last_mile_min = 0;
        for tier in &mut profile.tiers {
            tier.delivery.last_mile_min = 0;
        }
        let mountain = is_mountain(regions, ix);
        Ok(Self {
            ix,
            site: Site { point: base.location, spread: Spread::Known },
            timetable: Timetable::under(&profile, clock, mountain, scenario.conditions()),
            limit_min: u32::MAX,
            apart: true,
        })
    }
}

fn is_mountain(regions: &Regions, ix: RegionIx) -> bool {
    let mut terrain = regions.chain(ix).filter_map(|at| regions.get(at));
    terrain.find_map(|at| at.mountain).unwrap_or(false)
}
