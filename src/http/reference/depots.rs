//! Organizations and depots on the wire.
//!
//! Lives here: their shapes and bounds. Does not live here: stock. Invariant: a depot always has a
//! position.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::depot::{Depot, DepotKind, DepotStatus, Organization, OrganizationKind};
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};

use super::check::{Check, MAX_SIZE};
use super::regions::{degrees, location_source, point};
use super::words;

/// A week.
const MAX_READINESS_MIN: i64 = 10_080;
const MAX_TRUCKS: i64 = 100_000;
const MAX_PAYLOAD_KG: i64 = 100_000;

/// A body that owns goods or keeps depots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-YJ"))]
    pub code: String,
    /// Official name.
    #[schema(min_length = 1, max_length = 200, examples("临沂市应急管理局"))]
    pub name: String,
    /// The region whose account its goods belong to.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371300000000")
    )]
    pub region: String,
    #[schema(schema_with = words::organization_kind_schema)]
    pub kind: String,
    /// Unified social credit code (GB 32100): 18 digits and capital letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9A-Z]{18}$", examples("11371300004221111X"))]
    pub credit_code: Option<String>,
}

impl OrganizationDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let name = check.name("/name", self.name);
        let region = check.region("/region", &self.region);
        let kinds = words::organization_kinds();
        let kind = check.word("/kind", &self.kind, OrganizationKind::parse, &kinds);
        let credit_code = self.credit_code.and_then(|text| {
            let admitted = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
            let fits = text.len() == 18 && text.bytes().all(admitted);
            if !fits {
                let expected = "18 digits and capital letters (GB 32100)";
                check.fault("/credit_code", FaultCode::Malformed, expected);
            }
            fits.then_some(text)
        });
        let built = || {
            Some(Record::Organization(Organization {
                code: code?,
                name: name?,
                region: region?,
                kind: kind?,
                credit_code,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

impl From<&Organization> for OrganizationDto {
    fn from(organization: &Organization) -> Self {
        Self {
            code: organization.code.to_string(),
            name: organization.name.clone(),
            region: organization.region.to_string(),
            kind: organization.kind.as_str().to_string(),
            credit_code: organization.credit_code.clone(),
        }
    }
}

/// A place where goods lie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepotDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-CITY-01"))]
    pub code: String,
    /// Name on the door.
    #[schema(min_length = 1, max_length = 200, examples("临沂市应急物资储备库"))]
    pub name: String,
    #[schema(schema_with = words::depot_kind_schema)]
    pub kind: String,
    /// The region in which it stands.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371300000000")
    )]
    pub region: String,
    /// Owns what comes in without another owner named.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-YJ"))]
    pub organization: String,
    /// Who keeps the goods: an organization's code or a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, examples("LY-LC"))]
    pub custodian: Option<String>,
    /// Longitude in degrees, WGS84, rounded to six decimals.
    #[schema(minimum = -180, maximum = 180, examples(118.350669))]
    pub lon: f64,
    /// Latitude in degrees, WGS84, rounded to six decimals.
    #[schema(minimum = -90, maximum = 90, examples(35.105075))]
    pub lat: f64,
    #[schema(schema_with = words::location_source_schema)]
    pub location_source: String,
    /// Minutes until the first truck can be loaded, where other than the tier's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10080, examples(15))]
    pub readiness_min: Option<i64>,
    /// Floor area in m².
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1000000000, examples(2900))]
    pub area_m2: Option<i64>,
    /// Volume in m³.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1000000000, examples(11600))]
    pub volume_m3: Option<i64>,
    /// Trucks that it can send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100000, examples(6))]
    pub trucks: Option<i64>,
    /// What one of them carries, in kg; else as its city's profile reckons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100000, examples(5000))]
    pub truck_payload_kg: Option<i64>,
    #[schema(schema_with = words::depot_status_schema)]
    pub status: String,
}

impl DepotDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let name = check.name("/name", self.name);
        let kind = check.word("/kind", &self.kind, DepotKind::parse, &words::depot_kinds());
        let region = check.region("/region", &self.region);
        let organization = check.code("/organization", &self.organization);
        let custodian = self.custodian.and_then(|text| check.name("/custodian", text));
        let location = point(&mut check, self.lon, self.lat);
        let location_source = location_source(&mut check, &self.location_source);
        let readiness_min = self
            .readiness_min
            .and_then(|minutes| check.whole("/readiness_min", minutes, 0..=MAX_READINESS_MIN));
        let area_m2 = self.area_m2.and_then(|area| check.whole("/area_m2", area, 0..=MAX_SIZE));
        let volume_m3 =
            self.volume_m3.and_then(|volume| check.whole("/volume_m3", volume, 0..=MAX_SIZE));
        let trucks = self.trucks.and_then(|count| check.whole("/trucks", count, 0..=MAX_TRUCKS));
        let truck_payload_kg = self
            .truck_payload_kg
            .and_then(|kg| check.whole("/truck_payload_kg", kg, 1..=MAX_PAYLOAD_KG));
        let statuses = words::depot_statuses();
        let status = check.word("/status", &self.status, DepotStatus::parse, &statuses);
        let built = || {
            Some(Record::Depot(Depot {
                code: code?,
                name: name?,
                kind: kind?,
                region: region?,
                organization: organization?,
                custodian,
                location: location?,
                location_source: location_source?,
                readiness_min,
                area_m2,
                volume_m3,
                trucks,
                truck_payload_kg,
                status: status?,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

impl From<&Depot> for DepotDto {
    fn from(depot: &Depot) -> Self {
        Self {
            code: depot.code.to_string(),
            name: depot.name.clone(),
            kind: depot.kind.as_str().to_string(),
            region: depot.region.to_string(),
            organization: depot.organization.to_string(),
            custodian: depot.custodian.clone(),
            lon: degrees(depot.location.lon_e6),
            lat: degrees(depot.location.lat_e6),
            location_source: depot.location_source.as_str().to_string(),
            readiness_min: depot.readiness_min.map(i64::from),
            area_m2: depot.area_m2,
            volume_m3: depot.volume_m3,
            trucks: depot.trucks.map(i64::from),
            truck_payload_kg: depot.truck_payload_kg.map(i64::from),
            status: depot.status.as_str().to_string(),
        }
    }
}
