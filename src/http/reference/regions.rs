//! Regions on the wire.
//!
//! Lives here: their shape and bounds. Does not live here: the tree they form. Invariant: a code's
//! length, the tier and the parent fit together.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::{LocationSource, Point, Region, RegionCode, Tier};

use super::super::forms::{self, TERRAINS};
use super::check::{Check, fraction};
use super::words;

const MAX_PEOPLE: i64 = 2_000_000_000;
/// The largest area in hectares: 20 million km².
const MAX_AREA_HA: i64 = 2_000_000_000;

/// A region of any tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionDto {
    /// Statistical division code of 12 digits; on input also its first 2, 4, 6 or 9.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371302000000")
    )]
    pub code: String,
    /// Official name.
    #[schema(min_length = 1, max_length = 200, examples("兰山区"))]
    pub name: String,
    /// English name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, examples("Lanshan District"))]
    pub name_en: Option<String>,
    #[schema(schema_with = words::tier_schema)]
    pub tier: String,
    #[serde(rename = "type")]
    #[schema(schema_with = words::region_type_schema)]
    pub kind: String,
    /// The region above; absent means the code with its last non-zero group zeroed. Never given for
    /// a province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371300000000")
    )]
    pub parent: Option<String>,
    /// Residents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 2000000000, examples(1837789))]
    pub population: Option<i64>,
    /// Where the population comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, examples("census 2020"))]
    pub population_source: Option<String>,
    /// People planned to be displaced in the reference disaster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 2000000000, examples(14703))]
    pub planned_displaced: Option<i64>,
    /// Longitude in degrees, WGS84, rounded to six decimals; given with `lat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -180, maximum = 180, examples(118.342118))]
    pub lon: Option<f64>,
    /// Latitude in degrees, WGS84, rounded to six decimals; given with `lon`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -90, maximum = 90, examples(35.052279))]
    pub lat: Option<f64>,
    #[schema(schema_with = words::location_source_schema)]
    pub location_source: String,
    /// Area in km², rounded to two decimals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 20000000, examples(892.2))]
    pub area_km2: Option<f64>,
    /// `plain` or `mountain`: in the mountains roads wind more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = forms::terrain_or_null)]
    pub terrain: Option<String>,
    /// First day on which the region exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, examples("1994-12-17"))]
    pub valid_from: Option<String>,
    /// Last day on which the region exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = Date, examples("2030-12-31"))]
    pub valid_to: Option<String>,
    /// The region that took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]
    pub replaced_by: Option<String>,
}

impl RegionDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.region("/code", &self.code);
        let name = check.name("/name", self.name);
        let name_en = self.name_en.and_then(|text| check.name("/name_en", text));
        let tier = check.word("/tier", &self.tier, Tier::parse, &words::tiers());
        let kind = check.word("/type", &self.kind, region_type, &words::REGION_TYPES);
        let parent = parent(&mut check, code, tier, self.parent.as_deref());
        let people = 0..=MAX_PEOPLE;
        let population =
            self.population.and_then(|count| check.whole("/population", count, people.clone()));
        let population_source =
            self.population_source.and_then(|text| check.name("/population_source", text));
        let planned_displaced = self
            .planned_displaced
            .and_then(|count| check.whole("/planned_displaced", count, people));
        let location = both_or_none(&mut check, self.lon, self.lat);
        let location_source = location_source(&mut check, &self.location_source);
        let area_ha =
            self.area_km2.and_then(|area| check.rounded("/area_km2", area, 2, 0..=MAX_AREA_HA));
        let mountain =
            self.terrain.and_then(|word| check.word("/terrain", &word, terrain, &TERRAINS));
        let mut date =
            |pointer: &str, text: Option<String>| text.and_then(|text| check.date(pointer, &text));
        let valid_from = date("/valid_from", self.valid_from);
        let valid_to = date("/valid_to", self.valid_to);
        check.in_order("/valid_to", valid_from, valid_to);
        let replaced_by = self.replaced_by.and_then(|code| check.region("/replaced_by", &code));
        if replaced_by.is_some() && replaced_by == code {
            check.fault("/replaced_by", FaultCode::Hierarchy, "another region");
        }
        let built = || {
            Some(Record::Region(Region {
                code: code?,
                name: name?,
                name_en,
                tier: tier?,
                functional_zone: kind?,
                parent,
                population,
                population_source,
                planned_displaced,
                location,
                location_source: location_source?,
                area_ha,
                mountain,
                valid_from,
                valid_to,
                replaced_by,
            }))
        };
        let built = built();
        check.finish(built)
    }
}

fn region_type(word: &str) -> Option<bool> {
    let place = words::REGION_TYPES.iter().position(|known| *known == word)?;
    Some(place == 1)
}

fn terrain(word: &str) -> Option<bool> {
    let place = TERRAINS.iter().position(|known| *known == word)?;
    Some(place == 1)
}

pub(super) fn location_source(check: &mut Check, word: &str) -> Option<LocationSource> {
    let known = &words::LOCATION_SOURCES;
    check.word("/location_source", word, LocationSource::parse, known)
}

/// The region above, as given or as the code says; faults where code, tier and parent disagree.
fn parent(
    check: &mut Check,
    code: Option<RegionCode>,
    tier: Option<Tier>,
    given: Option<&str>,
) -> Option<RegionCode> {
    let given = given.map(|text| check.region("/parent", text));
    let (code, tier) = (code?, tier?);
    if tier != code.tier() {
        let expected = format!("{}, as the length of {code} says", code.tier().as_str());
        check.fault("/tier", FaultCode::Hierarchy, expected);
        return None;
    }
    let Some(given) = given else {
        return code.parent();
    };
    let parent = given?;
    if tier == Tier::Province {
        check.fault("/parent", FaultCode::NotAllowed, "absent for a province");
    } else if parent.tier() >= tier {
        let usual = code.parent().map_or_else(String::new, |up| up.to_string());
        let expected = format!("a region of a tier above {}, such as {usual}", tier.as_str());
        check.fault("/parent", FaultCode::Hierarchy, expected);
    }
    Some(parent)
}

pub(super) fn point(check: &mut Check, lon: f64, lat: f64) -> Option<Point> {
    let lon = check.rounded("/lon", lon, 6, -180_000_000..=180_000_000);
    let lat = check.rounded("/lat", lat, 6, -90_000_000..=90_000_000);
    Some(Point { lon_e6: i32::try_from(lon?).ok()?, lat_e6: i32::try_from(lat?).ok()? })
}

pub(super) fn both_or_none(check: &mut Check, lon: Option<f64>, lat: Option<f64>) -> Option<Point> {
    match (lon, lat) {
        (Some(lon), Some(lat)) => point(check, lon, lat),
        (Some(_), None) => {
            check.fault("/lat", FaultCode::Required, "given with lon");
            None
        }
        (None, Some(_)) => {
            check.fault("/lon", FaultCode::Required, "given with lat");
            None
        }
        (None, None) => None,
    }
}

pub(super) fn degrees(millionths: i32) -> f64 {
    fraction(i64::from(millionths), 6)
}

impl From<&Region> for RegionDto {
    fn from(region: &Region) -> Self {
        let word = |[first, second]: [&str; 2], is_second: bool| {
            let word = if is_second { second } else { first };
            word.to_string()
        };
        Self {
            code: region.code.to_string(),
            name: region.name.clone(),
            name_en: region.name_en.clone(),
            tier: region.tier.as_str().to_string(),
            kind: word(words::REGION_TYPES, region.functional_zone),
            parent: region.parent.map(|code| code.to_string()),
            population: region.population,
            population_source: region.population_source.clone(),
            planned_displaced: region.planned_displaced,
            lon: region.location.map(|point| degrees(point.lon_e6)),
            lat: region.location.map(|point| degrees(point.lat_e6)),
            location_source: region.location_source.as_str().to_string(),
            area_km2: region.area_ha.map(|area| fraction(area, 2)),
            terrain: region.mountain.map(|mountain| word(TERRAINS, mountain)),
            valid_from: region.valid_from.map(|day| day.to_string()),
            valid_to: region.valid_to.map(|day| day.to_string()),
            replaced_by: region.replaced_by.map(|code| code.to_string()),
        }
    }
}
