//! The main roads about both cities; the demo's measured routes, closures, helicopter
//! bases and water legs.
//!
//! Lives here: rows to domain values. Does not live here: the network. Invariant: what the
//! demo measured or flies says in its source that it is made up.

use chrono::NaiveDate;

use crate::domain::calendar::{Instant, add_days};
use crate::domain::catalogue::ItemStatus;
use crate::domain::closure::{Cause, ClosedWay, ClosureKind, RoadClosure};
use crate::domain::helibase::Helibase;
use crate::domain::region::Point;
use crate::domain::road::Road;
use crate::domain::route::{Basis, Route};
use crate::domain::water::WaterLeg;

use super::places::{code, decimal, region_code, word};
use super::{SeedError, Seeded, files};

const ROADS: &str = "roads.csv";
const HELIBASES: &str = "demo/helibases.csv";
const WATER_LEGS: &str = "demo/water-legs.csv";
const ROUTES: &str = "demo/routes.csv";
const CLOSURES: &str = "demo/closures.csv";
const MICROS_PER_MIN: i64 = 60_000_000;
/// A demo's routes were driven so many days before its day.
const DAYS_BEFORE: i64 = 60;

/// All roads of the seeds.
pub(super) fn roads() -> Seeded<Vec<Road>> {
    files::roads()?.into_iter().map(road).collect()
}

fn road(row: files::Road) -> Seeded<Road> {
    let point = |lon: &str, lat: &str| point(ROADS, lon, lat);
    Ok(Road {
        code: code(ROADS, &row.code)?,
        from: point(&row.from_lon, &row.from_lat)?,
        to: point(&row.to_lon, &row.to_lat)?,
        length_m: row.length_m,
        class: row.class,
        speed_kmh: row.speed_kmh,
        one_way: row.one_way,
        status: word(ROADS, &row.status, ItemStatus::parse)?,
    })
}

/// The demo's measured routes, driven before `on`.
pub(super) fn routes(on: NaiveDate) -> Seeded<Vec<Route>> {
    let route = |row: files::Route| {
        Ok(Route {
            code: code(ROUTES, &row.code)?,
            depot: code(ROUTES, &row.depot)?,
            region: region_code(ROUTES, &row.region)?,
            minutes: row.minutes,
            basis: Basis::Driven,
            source: row.source,
            valid_from: add_days(on, -DAYS_BEFORE),
            valid_to: None,
            status: ItemStatus::Active,
        })
    };
    files::routes()?.into_iter().map(route).collect()
}

/// The demo's crossings by boat.
pub(super) fn water_legs() -> Seeded<Vec<WaterLeg>> {
    let leg = |row: files::WaterLeg| {
        Ok(WaterLeg {
            code: code(WATER_LEGS, &row.code)?,
            name: row.name,
            region: region_code(WATER_LEGS, &row.region)?,
            pier: point(WATER_LEGS, &row.lon, &row.lat)?,
            crossing_min: row.crossing_min,
            turnaround_min: row.turnaround_min,
            sails_from_min: row.sails_from_min,
            sails_until_min: row.sails_until_min,
            boats: row.boats,
            boat_kg: row.boat_kg,
            source: row.source,
            status: ItemStatus::Active,
        })
    };
    files::water_legs()?.into_iter().map(leg).collect()
}

/// The demo's helicopter bases.
pub(super) fn helibases() -> Seeded<Vec<Helibase>> {
    let base = |row: files::Helibase| {
        Ok(Helibase {
            code: code(HELIBASES, &row.code)?,
            name: row.name,
            region: region_code(HELIBASES, &row.region)?,
            location: point(HELIBASES, &row.lon, &row.lat)?,
            radius_km: row.radius_km,
            cruise_kmh: row.cruise_kmh,
            payload_kg: row.payload_kg,
            aircraft: row.aircraft,
            ready_min: row.ready_min,
            load_min: row.load_min,
            turnaround_min: row.turnaround_min,
            flying_min: row.flying_min,
            source: row.source,
            status: ItemStatus::Active,
        })
    };
    files::helibases()?.into_iter().map(base).collect()
}

/// The demo's closures, all open again before `on`.
pub(super) fn closures(on: NaiveDate) -> Seeded<Vec<RoadClosure>> {
    let closure = |row: files::Closure| {
        let begun = Instant::start_of(add_days(on, -row.days_before));
        let after = |begun: Instant, minutes: i64| Instant(begun.0 + minutes * MICROS_PER_MIN);
        let closed_at = after(begun, row.closed_min);
        let way = match word(CLOSURES, &row.kind, ClosureKind::parse)? {
            ClosureKind::Area => ClosedWay::Area,
            ClosureKind::Pair => ClosedWay::Pair { depot: code(CLOSURES, &row.depot)? },
            ClosureKind::Roads => {
                let roads = row.roads.split(';').map(|road| code(CLOSURES, road));
                ClosedWay::Roads(roads.collect::<Seeded<_>>()?)
            }
        };
        Ok(RoadClosure {
            code: code(CLOSURES, &row.code)?,
            region: region_code(CLOSURES, &row.region)?,
            way,
            closed_at,
            expected_reopen_at: None,
            reopened_at: Some(after(closed_at, row.open_min)),
            cause: word(CLOSURES, &row.cause, Cause::parse)?,
            document: Some(row.document),
            status: ItemStatus::Active,
        })
    };
    files::closures()?.into_iter().map(closure).collect()
}

fn point(file: &'static str, lon: &str, lat: &str) -> Seeded<Point> {
    let wrong = |_| SeedError::new(file, format!("the point {lon} {lat}"));
    let lon_e6 = i32::try_from(decimal(file, lon, 6)?).map_err(wrong)?;
    let lat_e6 = i32::try_from(decimal(file, lat, 6)?).map_err(wrong)?;
    Ok(Point { lon_e6, lat_e6 })
}
