//! A small world for tests of the whole service: one city, two counties, a township, goods, keys.
//!
//! It is put in through the library as the administrator would. Stock is not here: it comes in by
//! movements. Invariant: the same codes on every engine and in every test.

use std::collections::BTreeMap;
use std::future::Future;

use changping::domain::access::Role;
use changping::domain::catalogue::{
    Code, FunctionClass, Item, ItemStatus, Life, LifeKind, Need, Pack, Per, Provision,
};
use changping::domain::depot::{Depot, DepotKind, DepotStatus, Organization, OrganizationKind};
use changping::domain::reference::Record;
use changping::domain::region::{LocationSource, Point, Region, RegionCode};
use changping::service::access::{NewKey, create_key};
use changping::service::book::{Book, plain_amendment};
use changping::store::connection::DatabaseUrl;
use changping::store::migrate::migrate;

pub const CITY: &str = "3713";
pub const COUNTY_A: &str = "371302";
pub const COUNTY_B: &str = "371311";
/// Depot of the city, of each county, of a township of county A, and one that is closed.
pub const CITY_DEPOT: &str = "LY-CITY-01";
pub const DEPOT_A: &str = "LS-01";
pub const DEPOT_B: &str = "LZ-01";
pub const DEPOT_T: &str = "LS-T-01";
pub const CLOSED_DEPOT: &str = "LY-OLD-01";

/// Keys by who holds them.
#[derive(Clone, Debug, Default)]
pub struct Keys(BTreeMap<String, String>);

impl Keys {
    /// `clerk`, `planner`, `province`, `admin` of the city; `clerk-2` beside `clerk`; `clerk-a`
    /// and `clerk-b` of the counties.
    pub fn of(&self, holder: &str) -> &str {
        let key = self.0.get(holder);
        key.unwrap_or_else(|| panic!("nobody is called {holder}"))
    }
}

/// Runs a future on a small runtime of its own.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().expect("a runtime");
    runtime.block_on(future)
}

pub fn address(url: &str) -> DatabaseUrl {
    DatabaseUrl::parse(url, false).expect("a database URL")
}

/// Migrates an empty database and puts the world in.
pub fn settle(url: &str) -> Keys {
    migrate(&address(url)).expect("migrations run");
    let book = Book::open(&address(url)).expect("the book opens");
    let keys = block_on(async {
        let amended = book.amend(plain_amendment(records())).await;
        amended.expect("the world fits together");
        make_keys(&book).await
    });
    book.close();
    keys
}

async fn make_keys(book: &Book) -> Keys {
    let holders = [
        ("clerk", Role::Clerk, CITY),
        ("clerk-2", Role::Clerk, CITY),
        ("clerk-a", Role::Clerk, COUNTY_A),
        ("clerk-b", Role::Clerk, COUNTY_B),
        ("planner", Role::Planner, CITY),
        ("province", Role::Province, "37"),
        ("admin", Role::Admin, "37"),
    ];
    let mut keys = Keys::default();
    for (name, role, region) in holders {
        let new =
            NewKey { role, region: region_code(region), name: name.to_string(), expires_on: None };
        let (text, _) = create_key(book, new).await.expect("a key");
        keys.0.insert(name.to_string(), text);
    }
    keys
}

/// All reference data of the world.
pub fn records() -> Vec<Record> {
    let mut records: Vec<Record> = ["37", CITY, COUNTY_A, COUNTY_B, "371302101"]
        .into_iter()
        .map(|code| Record::Region(region(code)))
        .collect();
    for (code, place) in
        [("SD-YJ", "37"), ("LY-YJ", CITY), ("LS-YJ", COUNTY_A), ("LZ-YJ", COUNTY_B)]
    {
        records.push(Record::Organization(organization(code, place)));
    }
    for (code, place, keeper, status) in [
        (CITY_DEPOT, CITY, "LY-YJ", DepotStatus::Active),
        (CLOSED_DEPOT, CITY, "LY-YJ", DepotStatus::Closed),
        (DEPOT_A, COUNTY_A, "LS-YJ", DepotStatus::Active),
        (DEPOT_T, "371302101", "LS-YJ", DepotStatus::Active),
        (DEPOT_B, COUNTY_B, "LZ-YJ", DepotStatus::Active),
    ] {
        records.push(Record::Depot(depot(code, place, keeper, status)));
    }
    records.push(Record::Need(need("bedding", 1_000, Per::Once)));
    records.push(Record::Need(need("water", 3_000_000, Per::Day)));
    let bedding = Some(("bedding", 1));
    let water = Some(("water", 500));
    records.push(Record::Item(item("QUILT", "床", bedding, advisory(96))));
    records.push(Record::Item(item("WATER", "瓶", water, hard(12))));
    records.push(Record::Item(item("TENT", "顶", None, Life::NONE)));
    records
}

pub fn advisory(months: u32) -> Life {
    Life { kind: LifeKind::Advisory, months: Some(months), lead_days: Some(180), ..Life::NONE }
}

pub fn hard(months: u32) -> Life {
    Life { kind: LifeKind::Hard, months: Some(months), lead_days: Some(60), ..Life::NONE }
}

pub fn code(text: &str) -> Code {
    Code::parse(text).expect("a code")
}

pub fn region_code(text: &str) -> RegionCode {
    RegionCode::parse(text).expect("a division code")
}

pub fn region(text: &str) -> Region {
    let code = region_code(text);
    Region {
        code,
        name: format!("区划{text}"),
        name_en: None,
        tier: code.tier(),
        functional_zone: false,
        parent: code.parent(),
        population: Some(100_000),
        population_source: None,
        planned_displaced: Some(2_000),
        location: Some(POINT),
        location_source: LocationSource::Seat,
        area_ha: None,
        mountain: None,
        valid_from: None,
        valid_to: None,
        replaced_by: None,
    }
}

const POINT: Point = Point { lon_e6: 118_350_000, lat_e6: 35_100_000 };

pub fn organization(text: &str, region: &str) -> Organization {
    Organization {
        code: code(text),
        name: format!("机构{text}"),
        region: region_code(region),
        kind: OrganizationKind::Government,
        credit_code: None,
    }
}

pub fn depot(text: &str, region: &str, keeper: &str, status: DepotStatus) -> Depot {
    Depot {
        code: code(text),
        name: format!("库{text}"),
        kind: DepotKind::Warehouse,
        region: region_code(region),
        organization: code(keeper),
        custodian: None,
        location: POINT,
        location_source: LocationSource::Surveyed,
        readiness_min: None,
        area_m2: None,
        volume_m3: None,
        trucks: None,
        truck_payload_kg: None,
        status,
    }
}

fn need(text: &str, per_person_milli: i64, per: Per) -> Need {
    Need {
        code: code(text),
        name: format!("需求{text}"),
        name_en: text.to_string(),
        unit: "unit".to_string(),
        unit_en: None,
        per_person_milli,
        per,
        mandatory: true,
        season: None,
    }
}

/// An item whose pack 箱 holds 24 units.
pub fn item(text: &str, unit: &str, serves: Option<(&str, i64)>, life: Life) -> Item {
    Item {
        code: code(text),
        name: format!("物资{text}"),
        name_en: text.to_lowercase(),
        spec: String::new(),
        unit: unit.to_string(),
        unit_en: None,
        packs: vec![Pack { unit: "箱".to_string(), factor: 24 }],
        function_class: FunctionClass::Living,
        hazard_domains: vec!["living".to_string()],
        priority: None,
        provision: serves.map(|(need, amount)| Provision { need: code(need), amount }),
        life,
        weight_g: 2_500,
        volume_ml: 20_000,
        external_codes: Vec::new(),
        status: ItemStatus::Active,
    }
}
