//! Regions and organizations of the seeds.
//!
//! Lives here: the division codes with points, areas and terrain, and who owns goods where. Does
//! not live here: people (`people`). Invariant: regions stand parents first.

use std::collections::HashMap;

use crate::domain::catalogue::Code;
use crate::domain::depot::{Organization, OrganizationKind};
use crate::domain::region::{LocationSource, Point, Region, RegionCode, Tier};
use crate::service::flat;

use super::{SeedError, Seeded, files, people};

const DIVISIONS: &str = "sources/divisions.csv";
const COORDS: &str = "sources/coords.csv";
const AREAS: &str = "sources/areas.csv";
const TERRAIN: &str = "terrain.csv";
const ORGANIZATIONS: &str = "organizations.csv";
const ORGANIZATION_RULES: &str = "organization-rules.csv";
/// The fifth digit of a functional zone's code.
const ZONE_DIGIT: u64 = 7;

/// The places of the seeds.
pub(super) struct Land {
    pub regions: Vec<Region>,
    pub organizations: Vec<Organization>,
    /// The organization that the rules made for a region.
    pub owners: HashMap<RegionCode, Code>,
}

pub(super) fn land() -> Seeded<Land> {
    let mut regions = regions()?;
    people::settle(&mut regions)?;
    let mut organizations = departments()?;
    let mut owners = HashMap::new();
    for (region, organization) in generated(&regions)? {
        owners.insert(region, organization.code.clone());
        organizations.push(organization);
    }
    Ok(Land { regions, organizations, owners })
}

/// A code of a file, or what is wrong with it.
pub(super) fn region_code(file: &'static str, text: &str) -> Seeded<RegionCode> {
    RegionCode::parse(text).ok_or_else(|| SeedError::new(file, format!("region `{text}`")))
}

pub(super) fn code(file: &'static str, text: &str) -> Seeded<Code> {
    Code::parse(text).ok_or_else(|| SeedError::new(file, format!("code `{text}`")))
}

/// The value of a word of a file.
pub(super) fn word<T>(file: &'static str, text: &str, parse: fn(&str) -> Option<T>) -> Seeded<T> {
    parse(text).ok_or_else(|| SeedError::new(file, format!("no such word: `{text}`")))
}

/// A decimal of a file in units of its last kept place; more places are an error.
pub(super) fn decimal(file: &'static str, text: &str, places: usize) -> Seeded<i64> {
    let scaled = flat::decimal(text, places).filter(|scaled| scaled.exact);
    let scaled = scaled.ok_or_else(|| SeedError::new(file, format!("number `{text}`")))?;
    Ok(scaled.units)
}

fn regions() -> Seeded<Vec<Region>> {
    let points = points()?;
    let mut areas = HashMap::new();
    for row in files::areas()? {
        let area = decimal(AREAS, &row.area_km2, 2)?;
        areas.insert(region_code(AREAS, &row.code12)?, area);
    }
    let mut terrains = HashMap::new();
    for row in files::terrains()? {
        let mountain = match row.terrain.as_str() {
            "mountain" => true,
            "plain" => false,
            other => return Err(SeedError::new(TERRAIN, format!("no such word: `{other}`"))),
        };
        terrains.insert(region_code(TERRAIN, &row.code12)?, mountain);
    }
    let mut regions: Vec<Region> = Vec::new();
    let mut places: HashMap<RegionCode, (Option<Point>, Option<bool>)> = HashMap::new();
    for row in files::divisions()? {
        let mut region = division(row)?;
        let inherited = match region.parent {
            None => (None, None),
            Some(parent) => *places.get(&parent).ok_or_else(|| {
                SeedError::new(DIVISIONS, format!("{} before its parent", region.code))
            })?,
        };
        let own = points.get(&region.code).copied();
        region.location = own.or(inherited.0);
        if own.is_none() {
            region.location_source = LocationSource::Inherited;
        }
        region.mountain = terrains.get(&region.code).copied().or(inherited.1);
        region.area_ha = areas.get(&region.code).copied();
        places.insert(region.code, (region.location, region.mountain));
        regions.push(region);
    }
    Ok(regions)
}

fn division(row: files::Division) -> Seeded<Region> {
    let code = region_code(DIVISIONS, &row.code12)?;
    let parent = match row.parent12.as_deref() {
        None | Some("") => None,
        Some(parent) => Some(region_code(DIVISIONS, parent)?),
    };
    let tier = row.level.checked_sub(1).and_then(|level| Tier::ALL.get(level));
    let tier = *tier.ok_or_else(|| SeedError::new(DIVISIONS, format!("level of {code}")))?;
    let fifth_digit = code.number() / 10_000_000 % 10;
    Ok(Region {
        code,
        name: row.name,
        name_en: None,
        tier,
        functional_zone: tier == Tier::County && fifth_digit == ZONE_DIGIT,
        parent,
        population: None,
        population_source: None,
        planned_displaced: None,
        location: None,
        location_source: LocationSource::Seat,
        area_ha: None,
        mountain: None,
        valid_from: None,
        valid_to: None,
        replaced_by: None,
    })
}

fn points() -> Seeded<HashMap<RegionCode, Point>> {
    let mut points = HashMap::new();
    for row in files::coords()? {
        let part = |text: &str| {
            let units = decimal(COORDS, text, 6)?;
            i32::try_from(units).map_err(|_| SeedError::new(COORDS, format!("degrees `{text}`")))
        };
        let point = Point { lon_e6: part(&row.lon)?, lat_e6: part(&row.lat)? };
        points.insert(region_code(COORDS, &row.code12)?, point);
    }
    Ok(points)
}

fn departments() -> Seeded<Vec<Organization>> {
    let mut found = Vec::new();
    for row in files::organizations()? {
        found.push(Organization {
            code: code(ORGANIZATIONS, &row.code)?,
            name: row.name,
            region: region_code(ORGANIZATIONS, &row.region)?,
            kind: word(ORGANIZATIONS, &row.kind, OrganizationKind::parse)?,
            credit_code: row.credit_code,
        });
    }
    Ok(found)
}

/// The organization of each county, township and village.
fn generated(regions: &[Region]) -> Seeded<Vec<(RegionCode, Organization)>> {
    let rules = files::organization_rules()?;
    let mut found = Vec::new();
    for region in regions {
        let kind = if region.functional_zone { "functional_zone" } else { "administrative" };
        let fits = |rule: &&files::OrganizationRule| {
            rule.tier == region.tier.as_str()
                && rule.region_type.as_deref().is_none_or(|word| word == kind)
                && region.name.ends_with(&rule.name_suffix_contains)
        };
        let Some(rule) = rules.iter().find(fits) else {
            continue;
        };
        let organization = Organization {
            code: code(ORGANIZATION_RULES, &filled(&rule.code_pattern, region.code))?,
            name: rule.name_pattern.replace("{name}", &region.name),
            region: region.code,
            kind: word(ORGANIZATION_RULES, &rule.kind, OrganizationKind::parse)?,
            credit_code: None,
        };
        found.push((region.code, organization));
    }
    Ok(found)
}

/// A pattern with the region's code in it.
pub(super) fn filled(pattern: &str, code: RegionCode) -> String {
    let digits = code.to_string();
    let first = |count: usize| digits.get(..count).unwrap_or_default();
    pattern.replace("{code6}", first(6)).replace("{code9}", first(9)).replace("{code12}", first(12))
}
