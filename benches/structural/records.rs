//! A made-up instance as reference data and stock.
//!
//! Lives here: records and balances. Does not live here: what they are made of (`instance`).
//! Invariant: minutes are readiness and the road, and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use changping::domain::calendar::Instant;
use changping::domain::catalogue::{
    Code, FunctionClass, Item, ItemStatus, Life, Need, Per, Provision,
};
use changping::domain::coverage::Closure;
use changping::domain::depot::{Depot, DepotKind, DepotStatus, Organization, OrganizationKind};
use changping::domain::lot::{Lot, LotKey};
use changping::domain::movement::{Condition, Place};
use changping::domain::position::{Balance, Key, Position, Shard};
use changping::domain::profile::{ClockStart, Delivery, Profile, TierProfile};
use changping::domain::quota::Mode;
use changping::domain::reference::{Record, Reference};
use changping::domain::region::{LocationSource, Region, RegionCode, Tier};
use changping::domain::route::Route;
use chrono::NaiveDate;

use super::{AreaRow, HOURS, Instance, NEEDS, PlaceRow, Store, point};

impl Instance {
    /// The same as reference data and stock.
    pub fn position(&self) -> Position {
        let mut position = Position::empty();
        let records = self.records();
        let reference: Reference = position.reference.with(records);
        position.set_reference(Arc::new(reference), 1);
        for need in 0..NEEDS {
            let lot = Lot {
                id: need as i64 + 1,
                key: LotKey {
                    item: code(&format!("ITEM-{need:02}")),
                    lot_no: None,
                    manufacturer: None,
                    produced_on: None,
                    expires_on: None,
                    unit_price_fen: None,
                    source: None,
                },
            };
            position.load_lot(Arc::new(lot)).unwrap();
        }
        for (n, store) in self.stores.iter().enumerate() {
            let reference = &position.reference;
            let depot = reference.depots.find(&depot_code(n)).unwrap();
            let owner = format!("O-{}", self.places[store.place].code);
            let owner = reference.organizations.find(&owner).unwrap();
            let rows = store.units.iter().enumerate().filter(|(_, units)| **units > 0);
            let rows = rows.map(|(need, units)| Balance {
                key: Key {
                    item: reference.items.find(&format!("ITEM-{need:02}")).unwrap(),
                    owner,
                    place: Place::Depot,
                    condition: Condition::Good,
                    lot: need as u32,
                },
                quantity: *units,
                last_occurred_at: Instant(0),
            });
            let shard = Shard::of_rows(rows.collect()).unwrap();
            position.load_shard(depot, shard).unwrap();
        }
        position
    }

    fn records(&self) -> Vec<Record> {
        let people: HashMap<&str, &AreaRow> =
            self.areas.iter().map(|area| (area.code.as_str(), area)).collect();
        let mut records = Vec::new();
        for place in &self.places {
            let area = people.get(place.code.as_str()).copied();
            records.push(Record::Region(region(place, area)));
            if place.tier == 1 {
                records.push(Record::Profile(profile(&place.code)));
            }
        }
        let mut owners: Vec<usize> = self.stores.iter().map(|store| store.place).collect();
        owners.sort_unstable();
        owners.dedup();
        for place in owners.into_iter().map(|at| &self.places[at]) {
            records.push(Record::Organization(Organization {
                code: code(&format!("O-{}", place.code)),
                name: "示例".to_string(),
                region: RegionCode::parse(&place.code).unwrap(),
                kind: OrganizationKind::Government,
                credit_code: None,
            }));
        }
        for (n, milli) in self.per_person_milli.iter().enumerate() {
            records.push(Record::Need(need(n, *milli)));
            records.push(Record::Item(item(n)));
        }
        for (n, store) in self.stores.iter().enumerate() {
            records.push(Record::Depot(self.depot(n, store)));
        }
        for area in &self.areas {
            for (store, minutes) in &area.measured {
                records.push(Record::Route(route(area, *store, *minutes)));
            }
        }
        records
    }

    fn depot(&self, n: usize, store: &Store) -> Depot {
        let place = &self.places[store.place].code;
        Depot {
            code: code(&depot_code(n)),
            name: "示例".to_string(),
            kind: DepotKind::Warehouse,
            region: RegionCode::parse(place).unwrap(),
            organization: code(&format!("O-{place}")),
            custodian: None,
            location: store.at,
            location_source: LocationSource::Surveyed,
            readiness_min: Some(store.readiness_min),
            area_m2: None,
            volume_m3: None,
            trucks: None,
            truck_payload_kg: None,
            status: if store.active { DepotStatus::Active } else { DepotStatus::Closed },
        }
    }

    /// The areas that are cut off.
    pub fn closures(&self, position: &Position) -> Vec<Closure> {
        let cut_off = self.areas.iter().filter(|area| area.wait_min > 0);
        cut_off
            .map(|area| Closure {
                region: position
                    .reference
                    .regions
                    .find(RegionCode::parse(&area.code).unwrap())
                    .unwrap(),
                opens_min: Some(area.wait_min),
                number: 0,
            })
            .collect()
    }
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

fn depot_code(n: usize) -> String {
    format!("D{n:05}")
}

fn region(place: &PlaceRow, area: Option<&AreaRow>) -> Region {
    let code = RegionCode::parse(&place.code).unwrap();
    Region {
        code,
        name: "示例".to_string(),
        name_en: None,
        tier: code.tier(),
        functional_zone: false,
        parent: code.parent(),
        population: None,
        population_source: None,
        planned_displaced: area.map(|area| area.persons),
        location: Some(area.map_or_else(|| point(place.km), |area| area.at)),
        location_source: LocationSource::Surveyed,
        area_ha: None,
        mountain: Some(false),
        valid_from: None,
        valid_to: None,
        replaced_by: None,
    }
}

/// Nothing but readiness and the road: 60 km/h, ways 1.3 times as long as the straight line.
fn profile(city: &str) -> Profile {
    let plain = Delivery {
        decide_min: 0,
        mobilise_min: 0,
        off_hours_min: 0,
        load_min: 0,
        speed_kmh: 60,
        last_mile_min: 0,
    };
    let row = |tier: Tier| TierProfile {
        tier,
        label: String::new(),
        label_en: String::new(),
        role: String::new(),
        role_en: String::new(),
        delivery: plain,
        fallback_area_ha: 400,
        target_hours: None,
        clock: None,
    };
    Profile {
        promise_decide_min: None,
        region: RegionCode::parse(city).unwrap(),
        name: String::new(),
        name_en: String::new(),
        tiers: [Tier::City, Tier::County, Tier::Township, Tier::Village].map(row).to_vec(),
        provincial: plain,
        distribute_min: 0,
        detour_permille: 1_300,
        detour_mountain_permille: 1_300,
        hazard_domains: Vec::new(),
        modes_counted: vec![Mode::GovPhysical],
        target_hours: HOURS,
        clock: ClockStart::Disaster,
        attainment_permille: 1_000,
        declaration_days: None,
        stale_declarations: None,
        pledge_fulfilment_permille: None,
        rotation: None,
        truck: None,
        source: "示例".to_string(),
    }
}

fn need(n: usize, per_person_milli: i64) -> Need {
    Need {
        code: code(&format!("need-{n:02}")),
        name: "示例".to_string(),
        name_en: String::new(),
        unit: "件".to_string(),
        unit_en: None,
        per_person_milli,
        per: Per::Once,
        mandatory: true,
        season: None,
    }
}

fn item(n: usize) -> Item {
    Item {
        code: code(&format!("ITEM-{n:02}")),
        name: "示例".to_string(),
        name_en: String::new(),
        spec: String::new(),
        unit: "件".to_string(),
        unit_en: None,
        packs: Vec::new(),
        function_class: FunctionClass::Living,
        hazard_domains: vec!["living".to_string()],
        priority: None,
        provision: Some(Provision { need: code(&format!("need-{n:02}")), amount: 1 }),
        life: Life::NONE,
        weight_g: 1_000,
        volume_ml: 1_000,
        external_codes: Vec::new(),
        status: ItemStatus::Active,
    }
}

fn route(area: &AreaRow, store: usize, minutes: u32) -> Route {
    Route {
        basis: changping::domain::route::Basis::Driven,
        code: code(&format!("W-{}-{store}", area.code)),
        depot: code(&depot_code(store)),
        region: RegionCode::parse(&area.code).unwrap(),
        minutes,
        source: "示例".to_string(),
        valid_from: day(),
        valid_to: None,
        status: ItemStatus::Active,
    }
}

/// The day of all questions.
pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 1).unwrap()
}
