//! Closures (道路中断): regions that nothing enters or leaves by road for a time.
//!
//! Lives here: which closures part a depot from an area, and for how long. Does not live here: what
//! waiting costs a delivery (`travel`). Invariant: what lies in the closed region with the area is
//! not parted from it.

use crate::domain::region::{RegionIx, Regions};

/// A region whose roads are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closure {
    pub region: RegionIx,
    /// Minutes from the start until they open; `None` is not within any limit.
    pub opens_min: Option<u32>,
}

/// Minutes until the way between two regions is open: the last of the closures that part them;
/// `None` where one stays.
pub fn wait_min(
    regions: &Regions,
    closures: &[Closure],
    depot: RegionIx,
    area: RegionIx,
) -> Option<u32> {
    let parts = |closure: &&Closure| {
        regions.within(depot, closure.region) != regions.within(area, closure.region)
    };
    let mut parting = closures.iter().filter(parts);
    parting.try_fold(0, |wait, closure| closure.opens_min.map(|at| at.max(wait)))
}
