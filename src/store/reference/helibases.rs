//! Rows of helicopter bases.
//!
//! Lives here: the mapping, field by field. Does not live here: what a base can lift. Invariant: a
//! row that cannot be a domain value is reported, never mended.

use diesel::prelude::*;

use crate::domain::catalogue::ItemStatus;
use crate::domain::helibase::Helibase;
use crate::domain::region::Point;

use super::super::dialect::{Db, on_engine};
use super::super::fault::Stored;
use super::super::schema::helibase;
use super::{upsert_all, words};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = helibase)]
pub(super) struct HelibaseRow {
    code: String,
    name: String,
    region: String,
    lon_e6: i64,
    lat_e6: i64,
    radius_km: i64,
    cruise_kmh: i64,
    payload_kg: i64,
    aircraft: i64,
    ready_min: i64,
    load_min: i64,
    turnaround_min: i64,
    flying_min: i64,
    source: String,
    status: String,
    rev: i64,
}

impl HelibaseRow {
    pub(super) fn new(row: &Helibase, rev: i64) -> Self {
        Self {
            code: row.code.to_string(),
            name: row.name.clone(),
            region: row.region.to_string(),
            lon_e6: i64::from(row.location.lon_e6),
            lat_e6: i64::from(row.location.lat_e6),
            radius_km: i64::from(row.radius_km),
            cruise_kmh: i64::from(row.cruise_kmh),
            payload_kg: i64::from(row.payload_kg),
            aircraft: i64::from(row.aircraft),
            ready_min: i64::from(row.ready_min),
            load_min: i64::from(row.load_min),
            turnaround_min: i64::from(row.turnaround_min),
            flying_min: i64::from(row.flying_min),
            source: row.source.clone(),
            status: row.status.as_str().to_string(),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<Helibase> {
        Ok(Helibase {
            code: words::code("helibase code", &self.code)?,
            name: self.name,
            region: words::region("helibase region", &self.region)?,
            location: Point {
                lon_e6: words::number("helibase longitude", self.lon_e6)?,
                lat_e6: words::number("helibase latitude", self.lat_e6)?,
            },
            radius_km: words::number("helibase radius_km", self.radius_km)?,
            cruise_kmh: words::number("helibase cruise_kmh", self.cruise_kmh)?,
            payload_kg: words::number("helibase payload_kg", self.payload_kg)?,
            aircraft: words::number("helibase aircraft", self.aircraft)?,
            ready_min: words::number("helibase ready_min", self.ready_min)?,
            load_min: words::number("helibase load_min", self.load_min)?,
            turnaround_min: words::number("helibase turnaround_min", self.turnaround_min)?,
            flying_min: words::number("helibase flying_min", self.flying_min)?,
            source: self.source,
            status: words::word("helibase status", &self.status, ItemStatus::parse)?,
        })
    }
}

pub(super) fn save_helibases(db: &mut Db, rows: &[HelibaseRow]) -> Stored<()> {
    upsert_all!(
        db,
        helibase,
        code,
        rows,
        [
            name,
            region,
            lon_e6,
            lat_e6,
            radius_km,
            cruise_kmh,
            payload_kg,
            aircraft,
            ready_min,
            load_min,
            turnaround_min,
            flying_min,
            source,
            status,
            rev
        ]
    );
    Ok(())
}

pub(super) fn helibases_since(db: &mut Db, rev: i64) -> Stored<Vec<HelibaseRow>> {
    let query = helibase::table.filter(helibase::rev.gt(rev)).order(helibase::code);
    Ok(on_engine!(db, conn => query.select(HelibaseRow::as_select()).load(conn))?)
}
