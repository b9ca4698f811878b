//! The main roads about both cities; the demo's measured routes and helicopter bases.
//!
//! Lives here: rows to domain values. Does not live here: the network. Invariant: what the
//! demo measured or flies says in its source that it is made up.

use chrono::NaiveDate;

use crate::domain::calendar::add_days;
use crate::domain::catalogue::ItemStatus;
use crate::domain::helibase::Helibase;
use crate::domain::region::Point;
use crate::domain::road::Road;
use crate::domain::route::Route;

use super::places::{code, decimal, region_code};
use super::{SeedError, Seeded, files};

const ROADS: &str = "roads.csv";
const HELIBASES: &str = "demo/helibases.csv";
const ROUTES: &str = "demo/routes.csv";
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
        status: super::places::word(ROADS, &row.status, ItemStatus::parse)?,
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
            source: row.source,
            valid_from: add_days(on, -DAYS_BEFORE),
            valid_to: None,
            status: ItemStatus::Active,
        })
    };
    files::routes()?.into_iter().map(route).collect()
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

fn point(file: &'static str, lon: &str, lat: &str) -> Seeded<Point> {
    let wrong = |_| SeedError::new(file, format!("the point {lon} {lat}"));
    let lon_e6 = i32::try_from(decimal(file, lon, 6)?).map_err(wrong)?;
    let lat_e6 = i32::try_from(decimal(file, lat, 6)?).map_err(wrong)?;
    Ok(Point { lon_e6, lat_e6 })
}
