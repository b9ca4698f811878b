//! Travel: how far it is from one place to another, and how many minutes goods take to reach people.
//!
//! Lives here: the WGS84 geodesic, what an inherited point is worth, and the sum of a delivery's
//! parts. Does not live here: which goods may go where (`coverage`). Invariant: a float never leaves
//! this file; a distance is whole centimetres, a time whole minutes, rounded up once.

use std::collections::HashMap;

use geo::{Distance, Geodesic};

use super::depot::Depot;
use super::profile::{ClockStart, Delivery, Profile};
use super::quantity::{div_up, narrow};
use super::region::{LocationSource, Point, RegionIx, Regions, Tier};

/// The geodesic distance on the WGS84 ellipsoid in whole centimetres, a tenth of what a point's
/// own digits can tell.
pub fn distance_cm(from: Point, to: Point) -> u32 {
    if from == to {
        return 0;
    }
    centimetres(Geodesic.distance(degrees(from), degrees(to)))
}

fn degrees(point: Point) -> geo::Point<f64> {
    let of = |millionths: i32| f64::from(millionths) / 1e6;
    geo::Point::new(of(point.lon_e6), of(point.lat_e6))
}

/// The radius of a disc of so many hectares: √(area/π).
pub fn radius_cm(area_ha: i64) -> u32 {
    let hectares = f64::from(u32::try_from(area_ha.max(0)).unwrap_or(u32::MAX));
    centimetres((hectares * 10_000.0 / std::f64::consts::PI).sqrt())
}

#[allow(
    clippy::as_conversions,
    reason = "the only way from f64 to an integer; it holds at the bounds, and half the equator \
              is 2.0e9 cm, below u32::MAX"
)]
fn centimetres(metres: f64) -> u32 {
    (metres * 100.0).round() as u32
}

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
        let point = regions
            .chain(ix)
            .find_map(|at| regions.get(at).and_then(|found| found.location))?;
        let spread = inherited(regions, regions.parent(ix).unwrap_or(ix));
        Some(Self { point, spread })
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
        Some(region) => {
            region
                .area_ha
                .map_or(Spread::Typical(region.tier), |area| Spread::Within {
                    cm: radius_cm(area),
                })
        }
    }
}

/// How far goods go, and whether that rests on an inherited point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leg {
    pub cm: u32,
    pub estimated: bool,
}

/// Whose goods they are and from which depot, as far as it bears on time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Haul {
    /// Tier of the owner's region: who decides.
    pub owner: Tier,
    /// Tier at which another must agree first: that of the lowest region above both, where the
    /// goods are neither from above the area nor inside it.
    pub agree: Option<Tier>,
    /// Tier of the depot's region: how goods leave it.
    pub depot: Tier,
    /// The depot's own minutes to call up people and trucks.
    pub readiness_min: Option<u32>,
    /// Minutes from the start until the way is open.
    pub wait_min: u32,
}

/// One area's delivery figures, drawn from its city's profile.
#[derive(Debug, Clone, Copy)]
pub struct Timetable {
    decide_min: [u32; 5],
    deliveries: [Delivery; 5],
    typical_cm: [u32; 5],
    detour_permille: u32,
    distribute_min: u32,
}

impl Timetable {
    /// The figures for an area, in the mountains or not.
    pub fn new(profile: &Profile, clock: ClockStart, mountain: bool) -> Self {
        let deliveries = Tier::ALL.map(|tier| profile.delivery(tier));
        Self {
            decide_min: deliveries.map(|row| match clock {
                ClockStart::Disaster => row.decide_min,
                ClockStart::Order => 0,
            }),
            deliveries,
            typical_cm: Tier::ALL.map(|tier| {
                let row = profile.tier_or_above(tier);
                row.map_or(0, |found| radius_cm(found.fallback_area_ha))
            }),
            detour_permille: if mountain {
                profile.detour_mountain_permille
            } else {
                profile.detour_permille
            },
            distribute_min: profile.distribute_min,
        }
    }

    /// The leg over a geodesic distance: no shorter than the spread of either end.
    pub fn leg(&self, geodesic_cm: u32, ends: [Spread; 2]) -> Leg {
        let cm = ends
            .into_iter()
            .map(|end| self.least_cm(end))
            .fold(geodesic_cm, u32::max);
        Leg {
            cm,
            estimated: ends.iter().any(|end| *end != Spread::Known),
        }
    }

    fn least_cm(&self, spread: Spread) -> u32 {
        match spread {
            Spread::Known => 0,
            Spread::Within { cm } => cm,
            Spread::Typical(tier) => pick(&self.typical_cm, tier),
        }
    }

    /// Whole minutes until the goods are in people's hands; `None` for a speed of zero.
    pub fn deliver_min(&self, haul: Haul, cm: u32) -> Option<i64> {
        let delivery = pick(&self.deliveries, haul.depot);
        let own = pick(&self.decide_min, haul.owner);
        let agreed = haul.agree.map_or(0, |tier| pick(&self.decide_min, tier));
        let mobilise = haul.readiness_min.unwrap_or(delivery.mobilise_min);
        let loaded = i64::from(mobilise) + i64::from(delivery.load_min);
        let road = road_min(cm, self.detour_permille, delivery.speed_kmh)?;
        let fixed = i64::from(own.max(agreed))
            + loaded.max(i64::from(haul.wait_min))
            + i64::from(delivery.last_mile_min)
            + i64::from(self.distribute_min);
        Some(fixed.saturating_add(road))
    }
}

/// The figure of a tier in a row of five, highest first.
fn pick<T: Copy>(row: &[T; 5], tier: Tier) -> T {
    let [province, city, county, township, village] = *row;
    match tier {
        Tier::Province => province,
        Tier::City => city,
        Tier::County => county,
        Tier::Township => township,
        Tier::Village => village,
    }
}

/// Whole minutes on the road, rounded up; as every other part of a delivery is whole, so is the
/// sum.
fn road_min(cm: u32, detour_permille: u32, speed_kmh: u32) -> Option<i64> {
    const CM_PERMILLE_PER_KM: u64 = 100_000_000;
    let per_hour = u64::from(speed_kmh) * CM_PERMILLE_PER_KM;
    let road = u64::from(cm) * u64::from(detour_permille);
    match road.checked_mul(60) {
        _ if per_hour == 0 => None,
        Some(minutes) => i64::try_from(minutes.div_ceil(per_hour)).ok(),
        None => Some(narrow(div_up(i128::from(road) * 60, i128::from(per_hour)))),
    }
}

/// Distances from one point at a time to many, each computed when first asked for. Whoever asks
/// about places that share a point in one go pays for each pair of points once.
#[derive(Debug, Clone, Default)]
pub struct Ruler {
    from: Option<Point>,
    ends: Vec<Point>,
    index: HashMap<Point, usize>,
    cells: Vec<Option<u32>>,
}

impl Ruler {
    /// The number of an end; equal points have one.
    pub fn end(&mut self, point: Point) -> usize {
        let next = self.ends.len();
        let number = *self.index.entry(point).or_insert(next);
        if number == next {
            self.ends.push(point);
            self.cells.push(None);
        }
        number
    }

    /// Measures from `from` henceforth.
    pub fn stand(&mut self, from: Point) {
        if self.from != Some(from) {
            self.from = Some(from);
            self.cells.fill(None);
        }
    }

    /// The distance to an end; `None` before the first `stand`, or for a number never given.
    pub fn cm(&mut self, end: usize) -> Option<u32> {
        let cell = self.cells.get_mut(end)?;
        if cell.is_none() {
            *cell = Some(distance_cm(self.from?, *self.ends.get(end)?));
        }
        *cell
    }
}

#[cfg(test)]
#[path = "travel_tests.rs"]
mod tests;
