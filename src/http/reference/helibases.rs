//! Helicopter bases on the wire.
//!
//! Lives here: their shape and bounds, and their handlers. Does not live here: what they can lift
//! (`domain::helibase`). Invariant: a base has a machine that flies and carries something.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::catalogue::ItemStatus;
use crate::domain::helibase::{
    Helibase, MAX_AIRCRAFT, MAX_CRUISE_KMH, MAX_MINUTES, MAX_PAYLOAD_KG, MAX_RADIUS_KM,
};
use crate::domain::reference::Record;
use crate::domain::refusal::Fault;

use super::super::access::{Caller, may};
use super::super::extract;
use super::super::page::Page;
use super::super::problem::{Problem, ProblemResponse};
use super::check::Check;
use super::handlers::one;
use super::kinds::Helibases;
use super::queries::{HelibaseQuery, inside, subtree};
use super::regions::{degrees, point};
use super::resource::{self, says};
use super::words;

/// A base with its machines, all alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HelibaseDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("HB-01"))]
    pub code: String,
    #[schema(min_length = 1, max_length = 200, examples("示例起降点(非真实)"))]
    pub name: String,
    /// Whose decision sends them.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371300000000")
    )]
    pub region: String,
    /// Degrees east, WGS84, rounded to six decimals.
    #[schema(minimum = -180, maximum = 180, examples(117.97))]
    pub lon: f64,
    #[schema(minimum = -90, maximum = 90, examples(35.27))]
    pub lat: f64,
    /// How far from the base, as the crow flies.
    #[schema(minimum = 1, maximum = 2000, examples(80))]
    pub radius_km: i64,
    #[schema(minimum = 1, maximum = 500, examples(200))]
    pub cruise_kmh: i64,
    /// What one machine carries on one flight.
    #[schema(minimum = 1, maximum = 50000, examples(700))]
    pub payload_kg: i64,
    /// Machines, all alike.
    #[schema(minimum = 1, maximum = 1000, examples(1))]
    pub aircraft: i64,
    /// To call up crews.
    #[schema(minimum = 0, maximum = 1440, examples(45))]
    pub ready_min: i64,
    /// To load before the first flight.
    #[schema(minimum = 0, maximum = 1440, examples(30))]
    pub load_min: i64,
    /// On the ground between two flights, both ends together.
    #[schema(minimum = 0, maximum = 1440, examples(30))]
    pub turnaround_min: i64,
    /// Of daylight and weather fit for flying, from when the machines are loaded.
    #[schema(minimum = 0, maximum = 1440, examples(360))]
    pub flying_min: i64,
    /// Where the figures come from.
    #[schema(min_length = 1, max_length = 200, examples("示例(非真实)"))]
    pub source: String,
    #[schema(schema_with = words::item_status_schema)]
    pub status: String,
}

impl HelibaseDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let name = check.name("/name", self.name);
        let region = check.region("/region", &self.region);
        let location = point(&mut check, self.lon, self.lat);
        let radius_km = check.whole("/radius_km", self.radius_km, 1..=MAX_RADIUS_KM);
        let cruise_kmh = check.whole("/cruise_kmh", self.cruise_kmh, 1..=MAX_CRUISE_KMH);
        let payload_kg = check.whole("/payload_kg", self.payload_kg, 1..=MAX_PAYLOAD_KG);
        let aircraft = check.whole("/aircraft", self.aircraft, 1..=MAX_AIRCRAFT);
        let ready_min = check.whole("/ready_min", self.ready_min, 0..=MAX_MINUTES);
        let load_min = check.whole("/load_min", self.load_min, 0..=MAX_MINUTES);
        let turnaround_min = check.whole("/turnaround_min", self.turnaround_min, 0..=MAX_MINUTES);
        let flying_min = check.whole("/flying_min", self.flying_min, 0..=MAX_MINUTES);
        let source = check.name("/source", self.source);
        let statuses = words::item_statuses();
        let status = check.word("/status", &self.status, ItemStatus::parse, &statuses);
        let built = || {
            Some(Record::Helibase(Helibase {
                code: code?,
                name: name?,
                region: region?,
                location: location?,
                radius_km: radius_km?,
                cruise_kmh: cruise_kmh?,
                payload_kg: payload_kg?,
                aircraft: aircraft?,
                ready_min: ready_min?,
                load_min: load_min?,
                turnaround_min: turnaround_min?,
                flying_min: flying_min?,
                source: source?,
                status: status?,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

impl From<&Helibase> for HelibaseDto {
    fn from(base: &Helibase) -> Self {
        Self {
            code: base.code.to_string(),
            name: base.name.clone(),
            region: base.region.to_string(),
            lon: degrees(base.location.lon_e6),
            lat: degrees(base.location.lat_e6),
            radius_km: i64::from(base.radius_km),
            cruise_kmh: i64::from(base.cruise_kmh),
            payload_kg: i64::from(base.payload_kg),
            aircraft: i64::from(base.aircraft),
            ready_min: i64::from(base.ready_min),
            load_min: i64::from(base.load_min),
            turnaround_min: i64::from(base.turnaround_min),
            flying_min: i64::from(base.flying_min),
            source: base.source.clone(),
            status: base.status.as_str().to_string(),
        }
    }
}

one!(
    get_helibase,
    "get_helibase",
    put_helibase,
    "put_helibase",
    "/v1/helibases/{code}",
    Helibases,
    HelibaseDto,
    may::WriteReference,
    "code",
    "HB-01"
);

/// List helicopter bases by code.
#[utoipa::path(get, path = "/v1/helibases", tag = "reference", operation_id = "list_helibases",
    params(HelibaseQuery),
    responses((status = 200, description = "A page of bases", body = Page<HelibaseDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_helibases(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: HelibaseQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    resource::list::<Helibases, _>(&caller, &request, &query.paging()?, |row| {
        inside(reference, root, row.region)
            && says(query.q.as_deref(), &[row.code.as_str(), &row.name])
    })
}
