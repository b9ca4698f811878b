//! The demo's depots, by rule.
//!
//! Lives here: which region has which depot, and where it stands. Does not live here: stock.
//! Invariant: depots are named as demo depots, and a place taken from the region above stays
//! marked so.

use crate::domain::catalogue::{Code, FunctionClass};
use crate::domain::depot::{Depot, DepotKind, DepotStatus};
use crate::domain::region::{Point, Region, RegionCode, Tier};

use super::places::{Land, code, filled, region_code, word};
use super::{SeedError, Seeded, chance, files};

const RULES: &str = "demo/rules.json";
/// The word for the organization that the rules made for the region.
const OWNER: &str = "owner";
/// About a kilometre each way, in millionths of a degree at these latitudes.
const SHIFT_LON_E6: i64 = 11_600;
const SHIFT_LAT_E6: i64 = 9_500;

/// A demo depot and what it takes.
pub(super) struct Site {
    pub depot: Depot,
    pub tier: Tier,
    pub holds: Vec<FunctionClass>,
}

/// Every depot of the rules, rule by rule, region by region.
pub(super) fn sites(rules: &files::Rules, land: &Land) -> Seeded<Vec<Site>> {
    let mut found = Vec::new();
    for rule in &rules.depots {
        let city = region_code(RULES, &rule.city)?;
        let tier = word(RULES, &rule.tier, Tier::parse)?;
        let kind = word(RULES, &rule.kind, DepotKind::parse)?;
        let holds: Seeded<Vec<FunctionClass>> =
            rule.holds.iter().map(|text| word(RULES, text, FunctionClass::parse)).collect();
        let holds = holds?;
        for region in &land.regions {
            if region.tier != tier || !within(region.code, city) || !has_one(rule, region) {
                continue;
            }
            for number in (rule.first_no..).zip(0..rule.count).map(|(number, _)| number) {
                found.push(Site {
                    depot: depot(rule, kind, region, number, land)?,
                    tier,
                    holds: holds.clone(),
                });
            }
        }
    }
    Ok(found)
}

/// Whether a code is a city's or below it: the first four digits agree.
fn within(code: RegionCode, city: RegionCode) -> bool {
    const BELOW_CITY: u64 = 100_000_000;
    code.number() / BELOW_CITY == city.number() / BELOW_CITY
}

fn has_one(rule: &files::DepotRule, region: &Region) -> bool {
    let code = region.code.to_string();
    let number = rule.first_no.to_string();
    chance::among(&[&code, &number, "depot"], rule.share_permille)
}

fn depot(
    rule: &files::DepotRule,
    kind: DepotKind,
    region: &Region,
    number: u32,
    land: &Land,
) -> Seeded<Depot> {
    let prefix = filled(&rule.code_prefix, region.code);
    let code_text = format!("{prefix}-{number:02}");
    let organization = organization(&rule.organization, region, land)?;
    let custodian = self::organization(&rule.custodian, region, land)?;
    let at = region
        .location
        .ok_or_else(|| SeedError::new(RULES, format!("no point for {}", region.code)))?;
    Ok(Depot {
        code: code(RULES, &code_text)?,
        name: rule.name_pattern.replace("{region}", &region.name),
        kind,
        region: region.code,
        organization,
        custodian: Some(custodian.to_string()),
        location: shifted(at, &code_text),
        location_source: region.location_source,
        readiness_min: rule.readiness_min,
        area_m2: Some(rule.area_m2),
        volume_m3: Some(rule.volume_m3),
        trucks: rule.trucks,
        truck_payload_kg: None,
        status: DepotStatus::Active,
    })
}

fn organization(text: &str, region: &Region, land: &Land) -> Seeded<Code> {
    if text != OWNER {
        return code(RULES, text);
    }
    let owner = land.owners.get(&region.code).cloned();
    owner.ok_or_else(|| SeedError::new(RULES, format!("no owner made for {}", region.code)))
}

/// A point near by: up to about 1.5 km, always the same for one depot.
fn shifted(at: Point, depot: &str) -> Point {
    let moved = |from: i32, axis: &str, most: i64| {
        let by = chance::between(&[depot, axis], -most, most);
        i32::try_from(i64::from(from).saturating_add(by)).unwrap_or(from)
    };
    Point {
        lon_e6: moved(at.lon_e6, "lon", SHIFT_LON_E6),
        lat_e6: moved(at.lat_e6, "lat", SHIFT_LAT_E6),
    }
}
