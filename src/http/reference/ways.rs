//! Measured routes and roads on the wire.
//!
//! Lives here: their shapes and bounds, and their handlers. Does not live here: which way is taken
//! (`domain::travel`). Invariant: a route takes time, and a road has two ends and a length.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::catalogue::ItemStatus;
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::Point;
use crate::domain::road::{MAX_LENGTH_M, MAX_SPEED_KMH, Road};
use crate::domain::route::{Basis, MAX_ROUTE_MIN, Route};

use super::super::access::{Caller, may};
use super::super::extract;
use super::super::page::Page;
use super::super::problem::{Problem, ProblemResponse};
use super::check::Check;
use super::handlers::one;
use super::kinds::{Roads, Routes};
use super::queries::{RoadQuery, RouteQuery, inside, subtree};
use super::regions::degrees;
use super::resource::{self, says};
use super::words;

/// The longest word for a class of roads.
const MAX_CLASS: usize = 20;

/// How long trucks take from a depot to a region, as somebody drove it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("RT-001"))]
    pub code: String,
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-CITY-01"))]
    pub depot: String,
    /// The region that it leads to, and no other.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371323000000")
    )]
    pub region: String,
    /// On the road, without deciding, loading and the last mile.
    #[schema(minimum = 1, maximum = 43200, examples(95))]
    pub minutes: i64,
    /// `driven` by somebody, which absent means, or worked out as a `matrix` by a routing server;
    /// what was driven goes before.
    #[serde(default = "driven")]
    #[schema(schema_with = words::route_basis_schema)]
    pub basis: String,
    /// Who measured it, and how.
    #[schema(min_length = 1, max_length = 200, examples("示例: 2021年9月拉动演练实测(非真实)"))]
    pub source: String,
    /// First day of validity.
    #[schema(format = Date, examples("2021-09-06"))]
    pub valid_from: String,
    /// Last day of validity; absent is until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, examples("2026-12-31"))]
    pub valid_to: Option<String>,
    #[schema(schema_with = words::item_status_schema)]
    pub status: String,
}

fn driven() -> String {
    Basis::Driven.as_str().to_string()
}

impl RouteDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let depot = check.code("/depot", &self.depot);
        let region = check.region("/region", &self.region);
        let minutes = check.whole("/minutes", self.minutes, 1..=MAX_ROUTE_MIN);
        let basis = check.word("/basis", &self.basis, Basis::parse, &words::route_bases());
        let source = check.name("/source", self.source);
        let valid_from = check.date("/valid_from", &self.valid_from);
        let valid_to = self.valid_to.map(|text| check.date("/valid_to", &text));
        check.in_order("/valid_to", valid_from, valid_to.flatten());
        let statuses = words::item_statuses();
        let status = check.word("/status", &self.status, ItemStatus::parse, &statuses);
        let built = || {
            Some(Record::Route(Route {
                code: code?,
                depot: depot?,
                region: region?,
                minutes: minutes?,
                basis: basis?,
                source: source?,
                valid_from: valid_from?,
                valid_to: valid_to.flatten(),
                status: status?,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

impl From<&Route> for RouteDto {
    fn from(route: &Route) -> Self {
        Self {
            code: route.code.to_string(),
            depot: route.depot.to_string(),
            region: route.region.to_string(),
            minutes: i64::from(route.minutes),
            basis: route.basis.as_str().to_string(),
            source: route.source.clone(),
            valid_from: route.valid_from.to_string(),
            valid_to: route.valid_to.map(|day| day.to_string()),
            status: route.status.as_str().to_string(),
        }
    }
}

/// A stretch of road between two points; stretches meet where their points are equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoadDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("RD-000001"))]
    pub code: String,
    /// Degrees east, WGS84, rounded to six decimals.
    #[schema(minimum = -180, maximum = 180, examples(118.342))]
    pub from_lon: f64,
    #[schema(minimum = -90, maximum = 90, examples(35.052))]
    pub from_lat: f64,
    #[schema(minimum = -180, maximum = 180, examples(118.351))]
    pub to_lon: f64,
    #[schema(minimum = -90, maximum = 90, examples(35.061))]
    pub to_lat: f64,
    #[schema(minimum = 1, maximum = 1000000, examples(1305))]
    pub length_m: i64,
    /// A word of the operator's own, such as `G` or `S`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20, pattern = "^[^;=]+$", examples("S"))]
    pub class: Option<String>,
    /// How fast trucks go; absent is as fast as the profile says for the depot's tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 200, examples(60))]
    pub speed_kmh: Option<i64>,
    /// Whether it may be driven from the first point to the second only.
    pub one_way: bool,
    #[schema(schema_with = words::item_status_schema)]
    pub status: String,
}

impl RoadDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let from = end(&mut check, ["/from_lon", "/from_lat"], self.from_lon, self.from_lat);
        let to = end(&mut check, ["/to_lon", "/to_lat"], self.to_lon, self.to_lat);
        if from.is_some() && from == to {
            check.fault("/to_lon", FaultCode::Duplicate, "another point than the first");
        }
        let length_m = check.whole("/length_m", self.length_m, 1..=MAX_LENGTH_M);
        let class = self.class.map(|class| check.part("/class", class, MAX_CLASS));
        let speed_kmh =
            self.speed_kmh.map(|speed| check.whole("/speed_kmh", speed, 1..=MAX_SPEED_KMH));
        let statuses = words::item_statuses();
        let status = check.word("/status", &self.status, ItemStatus::parse, &statuses);
        let built = || {
            Some(Record::Road(Road {
                code: code?,
                from: from?,
                to: to?,
                length_m: length_m?,
                class: class.flatten(),
                speed_kmh: speed_kmh.flatten(),
                one_way: self.one_way,
                status: status?,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

fn end(check: &mut Check, [at_lon, at_lat]: [&str; 2], lon: f64, lat: f64) -> Option<Point> {
    let lon = check.rounded(at_lon, lon, 6, -180_000_000..=180_000_000);
    let lat = check.rounded(at_lat, lat, 6, -90_000_000..=90_000_000);
    Some(Point { lon_e6: i32::try_from(lon?).ok()?, lat_e6: i32::try_from(lat?).ok()? })
}

impl From<&Road> for RoadDto {
    fn from(road: &Road) -> Self {
        Self {
            code: road.code.to_string(),
            from_lon: degrees(road.from.lon_e6),
            from_lat: degrees(road.from.lat_e6),
            to_lon: degrees(road.to.lon_e6),
            to_lat: degrees(road.to.lat_e6),
            length_m: i64::from(road.length_m),
            class: road.class.clone(),
            speed_kmh: road.speed_kmh.map(i64::from),
            one_way: road.one_way,
            status: road.status.as_str().to_string(),
        }
    }
}

one!(
    get_route,
    "get_route",
    put_route,
    "put_route",
    "/v1/routes/{code}",
    Routes,
    RouteDto,
    may::WriteReference,
    "code",
    "RT-001"
);

/// List measured routes by code.
#[utoipa::path(get, path = "/v1/routes", tag = "reference", operation_id = "list_routes",
    params(RouteQuery),
    responses((status = 200, description = "A page of routes", body = Page<RouteDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_routes(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: RouteQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    resource::list::<Routes, _>(&caller, &request, &query.paging()?, |row| {
        inside(reference, root, row.region)
            && says(query.q.as_deref(), &[row.code.as_str(), row.depot.as_str(), &row.source])
    })
}

one!(
    get_road,
    "get_road",
    put_road,
    "put_road",
    "/v1/roads/{code}",
    Roads,
    RoadDto,
    may::WriteReference,
    "code",
    "RD-000001"
);

/// List roads by code.
#[utoipa::path(get, path = "/v1/roads", tag = "reference", operation_id = "list_roads",
    params(RoadQuery),
    responses((status = 200, description = "A page of roads", body = Page<RoadDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_roads(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: RoadQuery = extract::query(&request)?;
    resource::list::<Roads, _>(&caller, &request, &query.paging()?, |row| {
        says(query.q.as_deref(), &[row.code.as_str(), row.class.as_deref().unwrap_or_default()])
    })
}
