//! Rows of measured routes and of roads.
//!
//! Lives here: the mapping, field by field. Does not live here: the network that roads make.
//! Invariant: a row that cannot be a domain value is reported, never mended.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::catalogue::ItemStatus;
use crate::domain::reference::Record;
use crate::domain::region::Point;
use crate::domain::road::Road;
use crate::domain::route::{Basis, Route};

use super::super::dialect::{Db, on_engine};
use super::super::fault::Stored;
use super::super::schema::{road, route};
use super::helibases::{HelibaseRow, save_helibases};
use super::water::{WaterLegRow, save_water_legs};
use super::{Rows, in_order, upsert_all, words};

/// Saves what records there are of routes, roads, helicopter bases and water legs.
pub(super) fn save(db: &mut Db, records: &[Record], rev: i64) -> Stored<()> {
    let (mut routes, mut roads) = (Rows::new(), Rows::new());
    let (mut helibases, mut water_legs) = (Rows::new(), Rows::new());
    for record in records {
        match record {
            Record::Route(row) => {
                routes.insert(row.code.to_string(), RouteRow::new(row, rev));
            }
            Record::Road(row) => {
                roads.insert(row.code.to_string(), RoadRow::new(row, rev));
            }
            Record::Helibase(row) => {
                helibases.insert(row.code.to_string(), HelibaseRow::new(row, rev));
            }
            Record::WaterLeg(row) => {
                water_legs.insert(row.code.to_string(), WaterLegRow::new(row, rev));
            }
            _ => {}
        }
    }
    save_routes(db, &in_order(routes))?;
    save_roads(db, &in_order(roads))?;
    save_helibases(db, &in_order(helibases))?;
    save_water_legs(db, &in_order(water_legs))
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = route)]
pub(super) struct RouteRow {
    code: String,
    depot: String,
    region: String,
    minutes: i64,
    basis: String,
    source: String,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    status: String,
    rev: i64,
}

impl RouteRow {
    pub(super) fn new(row: &Route, rev: i64) -> Self {
        Self {
            code: row.code.to_string(),
            depot: row.depot.to_string(),
            region: row.region.to_string(),
            minutes: i64::from(row.minutes),
            basis: row.basis.as_str().to_string(),
            source: row.source.clone(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            status: row.status.as_str().to_string(),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<Route> {
        Ok(Route {
            code: words::code("route code", &self.code)?,
            depot: words::code("route depot", &self.depot)?,
            region: words::region("route region", &self.region)?,
            minutes: words::number("route minutes", self.minutes)?,
            basis: words::word("route basis", &self.basis, Basis::parse)?,
            source: self.source,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            status: words::word("route status", &self.status, ItemStatus::parse)?,
        })
    }
}

fn save_routes(db: &mut Db, rows: &[RouteRow]) -> Stored<()> {
    upsert_all!(
        db,
        route,
        code,
        rows,
        [depot, region, minutes, basis, source, valid_from, valid_to, status, rev]
    );
    Ok(())
}

pub(super) fn routes_since(db: &mut Db, rev: i64) -> Stored<Vec<RouteRow>> {
    let query = route::table.filter(route::rev.gt(rev)).order(route::code);
    Ok(on_engine!(db, conn => query.select(RouteRow::as_select()).load(conn))?)
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = road)]
pub(super) struct RoadRow {
    code: String,
    from_lon_e6: i64,
    from_lat_e6: i64,
    to_lon_e6: i64,
    to_lat_e6: i64,
    length_m: i64,
    class: Option<String>,
    speed_kmh: Option<i64>,
    one_way: bool,
    status: String,
    rev: i64,
}

impl RoadRow {
    pub(super) fn new(row: &Road, rev: i64) -> Self {
        Self {
            code: row.code.to_string(),
            from_lon_e6: i64::from(row.from.lon_e6),
            from_lat_e6: i64::from(row.from.lat_e6),
            to_lon_e6: i64::from(row.to.lon_e6),
            to_lat_e6: i64::from(row.to.lat_e6),
            length_m: i64::from(row.length_m),
            class: row.class.clone(),
            speed_kmh: row.speed_kmh.map(i64::from),
            one_way: row.one_way,
            status: row.status.as_str().to_string(),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<Road> {
        let point = |lon: i64, lat: i64| -> Stored<Point> {
            let lon_e6 = words::number("road longitude", lon)?;
            let lat_e6 = words::number("road latitude", lat)?;
            Ok(Point { lon_e6, lat_e6 })
        };
        Ok(Road {
            code: words::code("road code", &self.code)?,
            from: point(self.from_lon_e6, self.from_lat_e6)?,
            to: point(self.to_lon_e6, self.to_lat_e6)?,
            length_m: words::number("road length", self.length_m)?,
            class: self.class,
            speed_kmh: words::optional_number("road speed", self.speed_kmh)?,
            one_way: self.one_way,
            status: words::word("road status", &self.status, ItemStatus::parse)?,
        })
    }
}

fn save_roads(db: &mut Db, rows: &[RoadRow]) -> Stored<()> {
    upsert_all!(
        db,
        road,
        code,
        rows,
        [
            from_lon_e6,
            from_lat_e6,
            to_lon_e6,
            to_lat_e6,
            length_m,
            class,
            speed_kmh,
            one_way,
            status,
            rev
        ]
    );
    Ok(())
}

pub(super) fn roads_since(db: &mut Db, rev: i64) -> Stored<Vec<RoadRow>> {
    let query = road::table.filter(road::rev.gt(rev)).order(road::code);
    Ok(on_engine!(db, conn => query.select(RoadRow::as_select()).load(conn))?)
}
