//! Water legs on the wire.
//!
//! Lives here: their shape and bounds, and their handlers. Does not live here: which way takes them
//! (`domain::travel`). Invariant: a leg has a boat that carries something, and hours in which it
//! sails.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::catalogue::ItemStatus;
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::water::{DAY_MIN, MAX_BOAT_KG, MAX_BOATS, MAX_CROSSING_MIN, WaterLeg};

use super::super::access::{Caller, may};
use super::super::extract;
use super::super::page::Page;
use super::super::problem::{Problem, ProblemResponse};
use super::check::Check;
use super::handlers::one;
use super::kinds::WaterLegs;
use super::queries::{WaterLegQuery, inside, subtree};
use super::regions::{degrees, point};
use super::resource::{self, says};
use super::words;

const MIN_PER_H: u32 = 60;

/// A crossing between a pier and a region that goods reach by boat alone, both ways.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaterLegDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("WL-01"))]
    pub code: String,
    #[schema(min_length = 1, max_length = 200, examples("示例航线(非真实)"))]
    pub name: String,
    /// What lies across: this region and all in it.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371082104220")
    )]
    pub region: String,
    /// Of the pier that trucks come to, on the other side: degrees east, WGS84, rounded to six
    /// decimals.
    #[schema(minimum = -180, maximum = 180, examples(122.49))]
    pub lon: f64,
    #[schema(minimum = -90, maximum = 90, examples(37.43))]
    pub lat: f64,
    /// From quay to quay, with loading and unloading the boat.
    #[schema(minimum = 1, maximum = 1440, examples(45))]
    pub crossing_min: i64,
    /// Between two crossings of one boat.
    #[schema(minimum = 0, maximum = 1440, examples(20))]
    pub turnaround_min: i64,
    /// The first minute of the day, in Shanghai, in which boats leave.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", examples("06:00"))]
    pub sails_from: String,
    /// The last one; `24:00` with `00:00` is day and night.
    #[schema(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples("18:00"))]
    pub sails_until: String,
    /// Boats, all alike.
    #[schema(minimum = 1, maximum = 1000, examples(2))]
    pub boats: i64,
    /// What one boat carries on one crossing.
    #[schema(minimum = 1, maximum = 10_000_000, examples(8000))]
    pub boat_kg: i64,
    /// Where the figures come from.
    #[schema(min_length = 1, max_length = 200, examples("示例(非真实)"))]
    pub source: String,
    #[schema(schema_with = words::item_status_schema)]
    pub status: String,
}

/// The minute of the day of `06:00`; `None` for anything else.
fn minute_of_day(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes): (u32, u32) = match two(hours) && two(minutes) {
        true => (hours.parse().ok()?, minutes.parse().ok()?),
        false => return None,
    };
    let at = hours * MIN_PER_H + minutes;
    (minutes < MIN_PER_H && i64::from(at) <= DAY_MIN).then_some(at)
}

/// The same as text.
fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / MIN_PER_H, minute % MIN_PER_H)
}

/// The minute of a time of day that is no later than the last one.
fn sails(check: &mut Check, pointer: &str, text: &str, last: &str) -> Option<u32> {
    let found = minute_of_day(text).filter(|found| Some(*found) <= minute_of_day(last));
    if found.is_none() {
        let expected = format!("a time of day such as 06:00, at most {last}");
        check.fault(pointer, FaultCode::Malformed, expected);
    }
    found
}

impl WaterLegDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let name = check.name("/name", self.name);
        let region = check.region("/region", &self.region);
        let pier = point(&mut check, self.lon, self.lat);
        let crossing_min = check.whole("/crossing_min", self.crossing_min, 1..=MAX_CROSSING_MIN);
        let turnaround_min =
            check.whole("/turnaround_min", self.turnaround_min, 0..=MAX_CROSSING_MIN);
        let sails_from_min = sails(&mut check, "/sails_from", &self.sails_from, "23:59");
        let sails_until_min = sails(&mut check, "/sails_until", &self.sails_until, "24:00");
        if sails_from_min.zip(sails_until_min).is_some_and(|(from, until)| from >= until) {
            check.fault("/sails_until", FaultCode::OutOfRange, "later than sails_from");
        }
        let boats = check.whole("/boats", self.boats, 1..=MAX_BOATS);
        let boat_kg = check.whole("/boat_kg", self.boat_kg, 1..=MAX_BOAT_KG);
        let source = check.name("/source", self.source);
        let statuses = words::item_statuses();
        let status = check.word("/status", &self.status, ItemStatus::parse, &statuses);
        let built = || {
            Some(Record::WaterLeg(WaterLeg {
                code: code?,
                name: name?,
                region: region?,
                pier: pier?,
                crossing_min: crossing_min?,
                turnaround_min: turnaround_min?,
                sails_from_min: sails_from_min?,
                sails_until_min: sails_until_min?,
                boats: boats?,
                boat_kg: boat_kg?,
                source: source?,
                status: status?,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

impl From<&WaterLeg> for WaterLegDto {
    fn from(leg: &WaterLeg) -> Self {
        Self {
            code: leg.code.to_string(),
            name: leg.name.clone(),
            region: leg.region.to_string(),
            lon: degrees(leg.pier.lon_e6),
            lat: degrees(leg.pier.lat_e6),
            crossing_min: i64::from(leg.crossing_min),
            turnaround_min: i64::from(leg.turnaround_min),
            sails_from: clock(leg.sails_from_min),
            sails_until: clock(leg.sails_until_min),
            boats: i64::from(leg.boats),
            boat_kg: i64::from(leg.boat_kg),
            source: leg.source.clone(),
            status: leg.status.as_str().to_string(),
        }
    }
}

one!(
    get_water_leg,
    "get_water_leg",
    put_water_leg,
    "put_water_leg",
    "/v1/water-legs/{code}",
    WaterLegs,
    WaterLegDto,
    may::WriteReference,
    "code",
    "WL-01"
);

/// List water legs by code.
#[utoipa::path(get, path = "/v1/water-legs", tag = "reference", operation_id = "list_water_legs",
    params(WaterLegQuery),
    responses((status = 200, description = "A page of legs", body = Page<WaterLegDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_water_legs(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: WaterLegQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    resource::list::<WaterLegs, _>(&caller, &request, &query.paging()?, |row| {
        inside(reference, root, row.region)
            && says(query.q.as_deref(), &[row.code.as_str(), &row.name])
    })
}
