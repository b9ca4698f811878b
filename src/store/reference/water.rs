//! Rows of water legs.
//!
//! Lives here: the mapping, field by field. Does not live here: which way takes them. Invariant: a
//! row that cannot be a domain value is reported, never mended.

use diesel::prelude::*;

use crate::domain::catalogue::ItemStatus;
use crate::domain::region::Point;
use crate::domain::water::WaterLeg;

use super::super::dialect::{Db, on_engine};
use super::super::fault::Stored;
use super::super::schema::water_leg;
use super::{upsert_all, words};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = water_leg)]
pub(super) struct WaterLegRow {
    code: String,
    name: String,
    region: String,
    lon_e6: i64,
    lat_e6: i64,
    crossing_min: i64,
    turnaround_min: i64,
    sails_from_min: i64,
    sails_until_min: i64,
    boats: i64,
    boat_kg: i64,
    source: String,
    status: String,
    rev: i64,
}

impl WaterLegRow {
    pub(super) fn new(row: &WaterLeg, rev: i64) -> Self {
        Self {
            code: row.code.to_string(),
            name: row.name.clone(),
            region: row.region.to_string(),
            lon_e6: i64::from(row.pier.lon_e6),
            lat_e6: i64::from(row.pier.lat_e6),
            crossing_min: i64::from(row.crossing_min),
            turnaround_min: i64::from(row.turnaround_min),
            sails_from_min: i64::from(row.sails_from_min),
            sails_until_min: i64::from(row.sails_until_min),
            boats: i64::from(row.boats),
            boat_kg: i64::from(row.boat_kg),
            source: row.source.clone(),
            status: row.status.as_str().to_string(),
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<WaterLeg> {
        Ok(WaterLeg {
            code: words::code("water leg code", &self.code)?,
            name: self.name,
            region: words::region("water leg region", &self.region)?,
            pier: Point {
                lon_e6: words::number("water leg longitude", self.lon_e6)?,
                lat_e6: words::number("water leg latitude", self.lat_e6)?,
            },
            crossing_min: words::number("water leg crossing_min", self.crossing_min)?,
            turnaround_min: words::number("water leg turnaround_min", self.turnaround_min)?,
            sails_from_min: words::number("water leg sails_from_min", self.sails_from_min)?,
            sails_until_min: words::number("water leg sails_until_min", self.sails_until_min)?,
            boats: words::number("water leg boats", self.boats)?,
            boat_kg: words::number("water leg boat_kg", self.boat_kg)?,
            source: self.source,
            status: words::word("water leg status", &self.status, ItemStatus::parse)?,
        })
    }
}

pub(super) fn save_water_legs(db: &mut Db, rows: &[WaterLegRow]) -> Stored<()> {
    upsert_all!(
        db,
        water_leg,
        code,
        rows,
        [
            name,
            region,
            lon_e6,
            lat_e6,
            crossing_min,
            turnaround_min,
            sails_from_min,
            sails_until_min,
            boats,
            boat_kg,
            source,
            status,
            rev
        ]
    );
    Ok(())
}

pub(super) fn water_legs_since(db: &mut Db, rev: i64) -> Stored<Vec<WaterLegRow>> {
    let query = water_leg::table.filter(water_leg::rev.gt(rev)).order(water_leg::code);
    Ok(on_engine!(db, conn => query.select(WaterLegRow::as_select()).load(conn))?)
}
