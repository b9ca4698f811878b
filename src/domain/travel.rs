//! Travel: how far it is between two places, and how many minutes goods take to reach people.
//!
//! Lives here: where a place is, and what an inherited point is worth. Does not live here: the
//! geodesic (`distance`), the minutes of a delivery (`timetable`), which way is taken (`guide`),
//! which goods may go where (`coverage`). Invariant: no float leaves `distance`; a distance is
//! whole centimetres, a time whole minutes, rounded up once.

mod blocked;
mod distance;
mod guide;
mod network;
mod timetable;
mod water;

use super::depot::Depot;
use super::region::{LocationSource, Point, RegionIx, Regions, Tier};

pub use blocked::{Blocked, BlockedPair, BlockedRoad, Hold};
pub use distance::{Ball, Bounds, Ruler, distance_cm, radius_cm};
pub use guide::{Approach, Guide, Origin, Reach, Travel};
pub use network::Network;
pub use timetable::{Conditions, Haul, Leg, Timetable, USUAL_PERCENT};
pub use water::{Crossing, Waters};

/// How well a site's point is known: where it is inherited, the site may be anywhere about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Spread {
    /// Surveyed, or the seat.
    Known,
    /// Inherited from a region of this radius.
    Within { cm: u32 },
    /// Inherited from a region of this tier whose area is not known.
    Typical(Tier),
}

/// A point of departure or arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Site {
    pub point: Point,
    pub spread: Spread,
}

impl Site {
    /// Where a region's people are; `None` where neither it nor any region above has a point.
    pub fn of_region(regions: &Regions, ix: RegionIx) -> Option<Self> {
        let region = regions.get(ix)?;
        if let Some(point) = region.location
            && region.location_source != LocationSource::Inherited
        {
            let spread = Spread::Known;
            return Some(Self { point, spread });
        }
        let point =
            regions.chain(ix).find_map(|at| regions.get(at).and_then(|found| found.location))?;
        let spread = inherited(regions, regions.parent(ix).unwrap_or(ix));
        Some(Self { point, spread })
    }

    /// Somewhere in a region; `None` where neither it nor any region above has a point.
    pub fn somewhere_in(regions: &Regions, ix: RegionIx) -> Option<Self> {
        let site = Self::of_region(regions, ix)?;
        Some(Self { spread: inherited(regions, ix), ..site })
    }

    /// Where a depot stands, given the place of its region.
    pub fn of_depot(regions: &Regions, depot: &Depot, region: RegionIx) -> Self {
        let spread = if depot.location_source == LocationSource::Inherited {
            inherited(regions, region)
        } else {
            Spread::Known
        };
        let point = depot.location;
        Self { point, spread }
    }
}

/// The spread of a point taken over from `from`, or from where that one took it over.
fn inherited(regions: &Regions, from: RegionIx) -> Spread {
    let origin = regions
        .chain(from)
        .filter_map(|at| regions.get(at))
        .find(|found| {
            found.location.is_some() && found.location_source != LocationSource::Inherited
        })
        .or_else(|| regions.get(from));
    match origin {
        None => Spread::Typical(Tier::Village),
        Some(region) => region
            .area_ha
            .map_or(Spread::Typical(region.tier), |area| Spread::Within { cm: radius_cm(area) }),
    }
}

#[cfg(test)]
mod tests;
