//! The seed files as they are written: one plain struct per row or object.
//!
//! Lives here: embedding and parsing. Does not live here: what the rows become. Invariant: a column
//! or field that nothing reads is an error, so a file cannot say what the program ignores.

mod ways;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{SeedError, Seeded};
pub(super) use ways::{Closure, Helibase, Road, Route, WaterLeg};

macro_rules! tables {
    ($($name:ident: $row:ty = $file:literal;)*) => { $(
        pub(super) fn $name() -> Seeded<Vec<$row>> {
            table($file, include_str!(concat!("../../../seeds/", $file)))
        }
    )* };
}

tables! {
    divisions: Division = "sources/divisions.csv";
    coords: Coord = "sources/coords.csv";
    populations: Population = "sources/population.csv";
    areas: Area = "sources/areas.csv";
    terrains: Terrain = "terrain.csv";
    needs: Need = "needs.csv";
    roads: Road = "roads.csv";
    routes: Route = "demo/routes.csv";
    helibases: Helibase = "demo/helibases.csv";
    water_legs: WaterLeg = "demo/water-legs.csv";
    closures: Closure = "demo/closures.csv";
    items: Item = "items.csv";
    organizations: Organization = "organizations.csv";
    organization_rules: OrganizationRule = "organization-rules.csv";
    population_rules: PopulationRule = "population-rules.csv";
    quota_rules: QuotaRule = "quota-rules.csv";
    enterprises: Organization = "demo/enterprises.csv";
    promises: Promise = "demo/promises.csv";
    adoptable_rules: AdoptableRule = "demo/adoptable-rules.csv";
}

fn table<T: DeserializeOwned>(file: &'static str, text: &str) -> Seeded<Vec<T>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Result<Vec<T>, csv::Error> = reader.deserialize().collect();
    rows.map_err(|error| SeedError::new(file, error.to_string()))
}

fn document<T: DeserializeOwned>(file: &'static str, text: &str) -> Seeded<T> {
    serde_json::from_str(text).map_err(|error| SeedError::new(file, error.to_string()))
}

pub(super) fn profiles() -> Seeded<Vec<Profile>> {
    let text = include_str!("../../../seeds/profiles.json");
    document("profiles.json", text)
}

pub(super) fn rules() -> Seeded<Rules> {
    let text = include_str!("../../../seeds/demo/rules.json");
    document("demo/rules.json", text)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Division {
    pub code12: String,
    pub name: String,
    pub level: usize,
    pub parent12: Option<String>,
}

/// How a point was found is for readers of the file.
#[derive(Deserialize)]
pub(super) struct Coord {
    pub code12: String,
    pub lon: String,
    pub lat: String,
}

#[derive(Deserialize)]
pub(super) struct Population {
    pub code12: String,
    pub population: i64,
    pub year: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Area {
    pub code12: String,
    pub area_km2: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terrain {
    pub code12: String,
    pub terrain: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Need {
    pub code: String,
    pub name: String,
    pub name_en: String,
    pub unit: String,
    pub unit_en: Option<String>,
    pub per_person: String,
    pub per: String,
    pub mandatory: bool,
    pub season: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    pub code: String,
    pub name: String,
    pub name_en: String,
    pub spec: String,
    pub unit: String,
    pub unit_en: Option<String>,
    pub packs: String,
    pub function_class: String,
    pub hazard_domains: String,
    pub priority: Option<u8>,
    pub need: Option<String>,
    pub provides: Option<i64>,
    pub life_kind: String,
    pub life_months: Option<u32>,
    pub life_lead_days: Option<u32>,
    pub life_notice_days: Option<u32>,
    pub life_perishing_days: Option<u32>,
    pub weight_g: i64,
    pub volume_ml: i64,
    pub external_codes: String,
    pub status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organization {
    pub code: String,
    pub name: String,
    pub region: String,
    pub kind: String,
    pub credit_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganizationRule {
    pub tier: String,
    #[serde(rename = "type")]
    pub region_type: Option<String>,
    pub name_suffix_contains: String,
    pub code_pattern: String,
    pub name_pattern: String,
    pub kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PopulationRule {
    pub tier: String,
    pub terrain: Option<String>,
    pub displaced_permille: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotaRule {
    pub tier: String,
    pub item: String,
    pub basis: String,
    pub per_1000_displaced: Option<i64>,
    pub absolute: Option<i64>,
    pub floor_permille: i64,
    pub document: Option<String>,
}

/// An agreement, a capacity or a pledge of the demo.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Promise {
    pub kind: String,
    pub code: String,
    pub name: String,
    pub region: String,
    pub organization: String,
    pub item: String,
    pub quantity: i64,
    pub declared: Option<i64>,
    pub declared_days_ago: Option<i64>,
    pub response_hours: u32,
    pub limit: Option<i64>,
    pub reliability_permille: Option<u32>,
    pub fulfilment_permille: Option<u32>,
}

/// A rule that the demo's planner may adopt.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdoptableRule {
    pub code: String,
    pub name: String,
    pub region: String,
    pub tier: String,
    pub item: Option<String>,
    pub need: Option<String>,
    pub target: Option<i64>,
    pub displaced_permille: Option<u32>,
    pub days: Option<u32>,
    pub redundancy_permille: Option<u32>,
    pub modes: String,
    pub floor_permille: u32,
    pub pack: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
    pub decide_min: u32,
    pub mobilise_min: u32,
    #[serde(default)]
    pub off_hours_min: u32,
    pub load_min: u32,
    pub speed_kmh: u32,
    pub last_mile_min: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tier {
    pub tier: String,
    pub label: String,
    pub label_en: String,
    pub role: String,
    pub role_en: String,
    pub decide_min: u32,
    pub mobilise_min: u32,
    pub off_hours_min: u32,
    pub load_min: u32,
    pub speed_kmh: u32,
    pub last_mile_min: u32,
    pub fallback_area_km2: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HazardDomain {
    pub code: String,
    pub label: String,
    pub label_en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub region: String,
    pub name: String,
    pub name_en: String,
    pub tiers: Vec<Tier>,
    pub provincial: Delivery,
    pub distribute_min: u32,
    pub detour_permille: u32,
    pub detour_mountain_permille: u32,
    pub hazard_domains: Vec<HazardDomain>,
    pub modes_counted: Vec<String>,
    pub target_hours: u32,
    pub clock: String,
    pub attainment_permille: u32,
    pub declaration_days: u32,
    pub stale_declarations: String,
    pub pledge_fulfilment_permille: u32,
    pub promise_decide_min: u32,
    pub rotation: Option<Turnover>,
    pub truck: Option<super::goods::TruckRow>,
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Turnover {
    pub mode: String,
    pub gap_days: u32,
    pub safety_days: u32,
    pub purchase_lead_days: u32,
    pub annual_cap_permille: Option<u32>,
    pub channels: Vec<super::goods::ChannelRow>,
}

/// The rules that make demo depots and stock.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    pub marking: Marking,
    /// By tier: `all` or `with_depot`.
    pub quota_regions: BTreeMap<String, String>,
    pub depots: Vec<DepotRule>,
    pub proxy: Vec<Proxy>,
    pub stock: Vec<StockRule>,
    pub prices_fen: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Marking {
    pub zh: String,
    pub en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DepotRule {
    pub city: String,
    pub tier: String,
    pub code_prefix: String,
    pub first_no: u32,
    pub count: u32,
    pub kind: String,
    pub name_pattern: String,
    pub share_permille: i64,
    pub readiness_min: Option<u32>,
    pub area_m2: i64,
    pub volume_m3: i64,
    pub trucks: Option<u32>,
    pub organization: String,
    pub custodian: String,
    pub holds: Vec<String>,
}

/// Goods of another owner kept in a depot (代储).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proxy {
    pub depot: String,
    pub owner: String,
    pub items: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StockRule {
    pub tier: String,
    pub fill_permille_min: i64,
    pub fill_permille_max: i64,
    pub uncovered_permille: i64,
    pub lots_min: i64,
    pub lots_max: i64,
    pub expired_permille: i64,
    pub due_permille: i64,
    pub damaged_permille: i64,
    pub quarantine_permille: i64,
}
