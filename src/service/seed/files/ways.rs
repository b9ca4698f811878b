//! Rows of the seed files of ways: roads, measured routes, closures, helicopter bases.
//!
//! Lives here: one plain struct per file. Does not live here: what the rows become. Invariant: a
//! column that nothing reads is an error.

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Road {
    pub code: String,
    pub from_lon: String,
    pub from_lat: String,
    pub to_lon: String,
    pub to_lat: String,
    pub length_m: u32,
    pub class: Option<String>,
    pub speed_kmh: Option<u32>,
    pub one_way: bool,
    pub status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closure {
    pub code: String,
    pub kind: String,
    pub region: String,
    pub depot: String,
    /// Codes with `;` between them.
    pub roads: String,
    pub days_before: i64,
    /// Minutes of the day at which it closed.
    pub closed_min: i64,
    /// Minutes until it was open again.
    pub open_min: i64,
    pub cause: String,
    pub document: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub code: String,
    pub depot: String,
    pub region: String,
    pub minutes: u32,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Helibase {
    pub code: String,
    pub name: String,
    pub region: String,
    pub lon: String,
    pub lat: String,
    pub radius_km: u32,
    pub cruise_kmh: u32,
    pub payload_kg: u32,
    pub aircraft: u32,
    pub ready_min: u32,
    pub load_min: u32,
    pub turnaround_min: u32,
    pub flying_min: u32,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaterLeg {
    pub code: String,
    pub name: String,
    pub region: String,
    pub lon: String,
    pub lat: String,
    pub crossing_min: u32,
    pub turnaround_min: u32,
    pub sails_from_min: u32,
    pub sails_until_min: u32,
    pub boats: u32,
    pub boat_kg: u32,
    pub source: String,
}
