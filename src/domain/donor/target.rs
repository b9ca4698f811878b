//! Target: where goods for a gap would go, and whose they would be.
//!
//! Lives here: the choice among a region's own depots. Does not live here: who gives. Invariant: a
//! depot of another region is never chosen.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::domain::depot::{Depot, DepotStatus, Organization};
use crate::domain::position::Position;
use crate::domain::region::RegionIx;

/// The receiving depot and owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The region's own active depot with the largest capacity, else the first by code; `None`
    /// where it has none.
    pub depot: Option<Arc<Depot>>,
    /// The organization of that depot if it is the region's, else the region's first by code;
    /// `None` where the region has none, so that nothing can be put on its account.
    pub owner: Option<Arc<Organization>>,
}

impl Target {
    pub(super) fn of(position: &Position, ix: RegionIx) -> Self {
        let reference = &position.reference;
        let code = reference.regions.get(ix).map(|region| region.code);
        let own = position.depots_within(ix).into_iter().filter(|(region, _)| *region == ix);
        let own = own.filter_map(|(_, depot)| reference.depots.get(depot));
        let own = own.filter(|depot| depot.status == DepotStatus::Active);
        let capacity = |depot: &Depot| (Reverse(depot.volume_m3), Reverse(depot.area_m2));
        let depot = own.min_by(|a, b| (capacity(a), &a.code).cmp(&(capacity(b), &b.code))).cloned();
        let all = reference.organizations.iter().map(|(_, found)| found);
        let ours = all.filter(|found| Some(found.region) == code);
        let keeper = depot.as_ref().map(|depot| &depot.organization);
        let owner = ours.min_by_key(|found| (Some(&found.code) != keeper, found.code.clone()));
        Self { depot, owner: owner.cloned() }
    }
}
