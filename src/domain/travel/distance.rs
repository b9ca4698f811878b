//! Distance: the WGS84 geodesic in whole centimetres, and cheap bounds on it.
//!
//! Lives here: every float of the domain. Does not live here: speeds and times (`travel`).
//! Invariant: the geodesic lies within the bounds given for it, the bounds included.

use std::collections::HashMap;

use geo::{Distance, Geodesic};
use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::domain::region::Point;

/// Semi-major axis of WGS84 in metres, and its first eccentricity squared.
const AXIS_M: f64 = 6_378_137.0;
const ECCENTRICITY_SQUARED: f64 = 6.694_379_990_141_317e-3;
/// The least radius of curvature of the ellipsoid, that of the meridian at the equator.
const LEAST_RADIUS_M: f64 = AXIS_M * (1.0 - ECCENTRICITY_SQUARED);

/// The geodesic distance on the WGS84 ellipsoid in whole centimetres, a tenth of what a point's
/// own digits can tell.
pub fn distance_cm(from: Point, to: Point) -> u32 {
    if from == to {
        return 0;
    }
    whole(Geodesic.distance(degrees(from), degrees(to)) * 100.0 + 0.5)
}

fn degrees(point: Point) -> geo::Point<f64> {
    let of = |millionths: i32| f64::from(millionths) / 1e6;
    geo::Point::new(of(point.lon_e6), of(point.lat_e6))
}

/// The radius of a disc of so many hectares: √(area/π).
pub fn radius_cm(area_ha: i64) -> u32 {
    let hectares = f64::from(u32::try_from(area_ha.max(0)).unwrap_or(u32::MAX));
    whole((hectares * 10_000.0 / std::f64::consts::PI).sqrt() * 100.0 + 0.5)
}

#[allow(
    clippy::as_conversions,
    reason = "the only way from f64 to an integer; it holds at the bounds, and half the equator \
              is 2.0e9 cm, below u32::MAX"
)]
fn whole(centimetres: f64) -> u32 {
    centimetres as u32
}

/// A point in space, metres from the middle of the earth.
#[derive(Debug, Clone, Copy, Default)]
struct Spot([f64; 3]);

impl Spot {
    fn of(point: Point) -> Self {
        let (sin_lat, cos_lat) = (f64::from(point.lat_e6) / 1e6).to_radians().sin_cos();
        let (sin_lon, cos_lon) = (f64::from(point.lon_e6) / 1e6).to_radians().sin_cos();
        let normal = AXIS_M / (1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat).sqrt();
        Self([
            normal * cos_lat * cos_lon,
            normal * cos_lat * sin_lon,
            normal * (1.0 - ECCENTRICITY_SQUARED) * sin_lat,
        ])
    }

    /// The square of the straight way through the earth.
    fn chord_squared(self, other: Self) -> f64 {
        let ([x, y, z], [a, b, c]) = (self.0, other.0);
        (x - a) * (x - a) + (y - b) * (y - b) + (z - c) * (z - c)
    }
}

/// Between which whole centimetres a geodesic lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub least_cm: u32,
    pub most_cm: u32,
}

impl Bounds {
    /// No geodesic is shorter than its chord. As it bends nowhere more than a circle of the least
    /// radius, it is no longer than that circle's arc over the same chord (Schur's theorem); the
    /// series of the arc sine is cut off above its value, which holds up to half the diameter.
    /// `None` for a chord beyond that.
    fn of_chord(chord_squared: f64) -> Option<Self> {
        const PER_DIAMETER_SQUARED: f64 = 1.0 / (4.0 * LEAST_RADIUS_M * LEAST_RADIUS_M);
        let square = chord_squared * PER_DIAMETER_SQUARED;
        let chord_m = chord_squared.sqrt();
        let arc_m = chord_m * (1.0 + square * (1.0 / 6.0 + square * 0.1));
        // Cut down: a centimetre below and two above swallow every rounding.
        (square <= 0.25).then(|| Self {
            least_cm: whole(chord_m * 100.0).saturating_sub(1),
            most_cm: whole(arc_m * 100.0).saturating_add(2),
        })
    }
}

/// Distances from one point at a time to many. Bounds are cheap; a geodesic is computed when first
/// asked for, so that places that share a point, taken one after the other, pay for it once.
#[derive(Debug, Clone, Default)]
pub struct Ruler {
    from: Option<(Point, Spot)>,
    ends: Vec<(Point, Spot)>,
    index: HashMap<Point, usize>,
    cells: Vec<Option<u32>>,
}

impl Ruler {
    /// The number of an end; equal points have one.
    pub fn end(&mut self, point: Point) -> usize {
        let next = self.ends.len();
        let number = *self.index.entry(point).or_insert(next);
        if number == next {
            self.ends.push((point, Spot::of(point)));
            self.cells.push(None);
        }
        number
    }

    /// The point of an end.
    pub fn point(&self, end: usize) -> Option<Point> {
        self.ends.get(end).map(|(point, _)| *point)
    }

    /// Measures from `from` henceforth.
    pub fn stand(&mut self, from: Point) {
        if self.from.is_none_or(|(point, _)| point != from) {
            self.from = Some((from, Spot::of(from)));
            self.cells.fill(None);
        }
    }

    /// Bounds on the distance to an end; `None` where there are none.
    pub fn bounds(&self, end: usize) -> Option<Bounds> {
        let (_, from) = self.from?;
        let (_, to) = self.ends.get(end)?;
        Bounds::of_chord(from.chord_squared(*to))
    }

    /// The distance to an end; `None` before the first `stand`, or for a number never given.
    pub fn cm(&mut self, end: usize) -> Option<u32> {
        let cell = self.cells.get_mut(end)?;
        if cell.is_none() {
            let (from, _) = self.from?;
            let (to, _) = self.ends.get(end)?;
            *cell = Some(distance_cm(from, *to));
        }
        *cell
    }
}

/// Finds which of some points is nearest.
#[derive(Debug, Default)]
pub struct Nearest {
    points: Vec<Point>,
    tree: RTree<GeomWithData<[f64; 3], usize>>,
}

impl Nearest {
    pub fn of(points: impl IntoIterator<Item = Point>) -> Self {
        let points: Vec<Point> = points.into_iter().collect();
        let spots = points.iter().enumerate();
        let spots = spots.map(|(at, point)| GeomWithData::new(Spot::of(*point).0, at)).collect();
        Self { points, tree: RTree::bulk_load(spots) }
    }

    /// The place of the nearest point in the order given, and its distance in centimetres; `None`
    /// where there are none. Near is meant through the earth, which differs from over it by less
    /// than any road is wide.
    pub fn to(&self, from: Point) -> Option<(usize, u32)> {
        let found = self.tree.nearest_neighbor(&Spot::of(from).0)?;
        let point = self.points.get(found.data)?;
        Some((found.data, distance_cm(from, *point)))
    }
}
