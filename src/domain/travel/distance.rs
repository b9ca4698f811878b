//! Distance: the WGS84 geodesic in whole centimetres, and cheap bounds on it.
//!
//! Lives here: every float of the domain. Does not live here: speeds and times (`travel`).
//! Invariant: the geodesic lies within the bounds given for it, the bounds included.

use std::collections::HashMap;
use std::sync::Arc;

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
    fn of_chords(least_m: f64, most_m: f64) -> Option<Self> {
        const PER_DIAMETER: f64 = 1.0 / (2.0 * LEAST_RADIUS_M);
        let part = most_m * PER_DIAMETER;
        let square = part * part;
        let arc_m = most_m * (1.0 + square * (1.0 / 6.0 + square * 0.1));
        // Cut down: a centimetre below and two above swallow every rounding.
        (square <= 0.25).then(|| Self {
            least_cm: whole(least_m * 100.0).saturating_sub(1),
            most_cm: whole(arc_m * 100.0).saturating_add(2),
        })
    }
}

/// A ball in space that holds some points.
#[derive(Debug, Clone, Copy)]
pub struct Ball {
    middle: Spot,
    radius_m: f64,
}

impl Ball {
    /// The ball about some points.
    pub fn about(points: impl Iterator<Item = Point>) -> Self {
        Self::of(&points.map(Spot::of).collect::<Vec<_>>())
    }

    fn of(spots: &[Spot]) -> Self {
        let count = spots.iter().fold(0.0, |count, _| count + 1.0_f64).max(1.0);
        let sum = |axis: fn(&Spot) -> f64| spots.iter().map(axis).sum::<f64>() / count;
        let middle =
            Spot([sum(|Spot([x, ..])| *x), sum(|Spot([_, y, _])| *y), sum(|Spot([.., z])| *z)]);
        let farthest = spots.iter().map(|at| middle.chord_squared(*at)).fold(0.0, f64::max);
        // A millimetre swallows every rounding.
        Self { middle, radius_m: farthest.sqrt() + 0.001 }
    }

    /// Bounds on the distances from anywhere in it to anywhere within `radius_m` of a spot.
    fn bounds(&self, spot: Spot, radius_m: f64) -> Option<Bounds> {
        let (middle_m, around_m) =
            (self.middle.chord_squared(spot).sqrt(), self.radius_m + radius_m);
        Bounds::of_chords((middle_m - around_m).max(0.0), middle_m + around_m)
    }
}

/// What a ruler can measure to.
#[derive(Debug, Clone, Default)]
struct Ends {
    spots: Vec<(Point, Spot)>,
    index: HashMap<Point, usize>,
    balls: Vec<Ball>,
}

/// Distances from one point at a time to many. Bounds are cheap; a geodesic is computed when first
/// asked for, so that places that share a point, taken one after the other, pay for it once. Copies
/// share their ends.
#[derive(Debug, Clone, Default)]
pub struct Ruler {
    ends: Arc<Ends>,
    from: Option<(Point, Spot)>,
    /// By end: at which stand it was measured, and the centimetres.
    cells: Vec<(u32, u32)>,
    /// Counts the stands.
    stand: u32,
}

impl Ruler {
    /// The number of an end; equal points have one.
    pub fn end(&mut self, point: Point) -> usize {
        if let Some(number) = self.ends.index.get(&point) {
            return *number;
        }
        let ends = Arc::make_mut(&mut self.ends);
        let number = ends.spots.len();
        ends.index.insert(point, number);
        ends.spots.push((point, Spot::of(point)));
        number
    }

    /// The point of an end.
    pub fn point(&self, end: usize) -> Option<Point> {
        self.ends.spots.get(end).map(|(point, _)| *point)
    }

    /// The number of a ball about some ends.
    pub fn ball(&mut self, ends: &[usize]) -> usize {
        let spots = ends.iter().filter_map(|end| self.ends.spots.get(*end)).map(|(_, at)| *at);
        let ball = Ball::of(&spots.collect::<Vec<_>>());
        let shared = Arc::make_mut(&mut self.ends);
        shared.balls.push(ball);
        shared.balls.len() - 1
    }

    /// Measures from `from` henceforth.
    pub fn stand(&mut self, from: Point) {
        if self.from.is_none_or(|(point, _)| point != from) {
            self.from = Some((from, Spot::of(from)));
            self.stand = self.stand.wrapping_add(1);
            if self.stand == 0 || self.cells.len() < self.ends.spots.len() {
                self.stand = 1;
                self.cells = vec![(0, 0); self.ends.spots.len()];
            }
        }
    }

    /// Bounds on the distance to an end; `None` where there are none.
    pub fn bounds(&self, end: usize) -> Option<Bounds> {
        let (_, from) = self.from?;
        let (_, to) = self.ends.spots.get(end)?;
        let chord_m = from.chord_squared(*to).sqrt();
        Bounds::of_chords(chord_m, chord_m)
    }

    /// Bounds on the distances from anywhere in `from` to all ends in a ball; `None` where there
    /// are none.
    pub fn bounds_of_balls(&self, from: &Ball, ball: usize) -> Option<Bounds> {
        let ball = self.ends.balls.get(ball)?;
        from.bounds(ball.middle, ball.radius_m)
    }

    /// Bounds on the distances from anywhere in `from` to an end; `None` where there are none.
    pub fn bounds_of_ball(&self, from: &Ball, end: usize) -> Option<Bounds> {
        let (_, to) = self.ends.spots.get(end)?;
        from.bounds(*to, 0.0)
    }

    /// The distance to an end; `None` before the first `stand`, or for a number never given.
    pub fn cm(&mut self, end: usize) -> Option<u32> {
        let (from, _) = self.from?;
        let (to, _) = self.ends.spots.get(end)?;
        match self.cells.get_mut(end) {
            Some((stand, cm)) if *stand == self.stand => Some(*cm),
            Some(cell) => {
                *cell = (self.stand, distance_cm(from, *to));
                Some(cell.1)
            }
            // An end that was added after the stand.
            None => Some(distance_cm(from, *to)),
        }
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
