//! A small world for the tests of the domain: one city, two counties, their townships and goods.
//!
//! Lives here: builders of reference data and stock, for tests only. Does not live here: any rule.
//! Invariant: stock comes in by booked movements, never by writing balances.

use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::access::Principal;
use super::calendar::Instant;
use super::catalogue::{
    Code, FunctionClass, Item, ItemStatus, Life, LifeKind, Need, Per, Provision,
};
use super::depot::{Depot, DepotKind, DepotStatus, Organization, OrganizationKind};
use super::helibase::Helibase;
use super::lot::LotDraft;
use super::movement::{Condition, Draft, DraftLine, Movement, MovementType, Paper};
use super::position::Position;
use super::posting::{Desk, History, plan};
use super::profile::{ClockStart, Delivery, Profile, TierProfile};
use super::quantity::Quantity;
use super::quota::{Basis, Mode, Quota, Subject};
use super::quota_rule::{Amount, QuotaRule, Share};
use super::reference::Record;
use super::refusal::Refusal;
use super::region::{LocationSource, Point, Region, RegionCode, Tier};
use super::reserve::{Agreement, Capacity, Pledge, Terms};

/// A date that must exist.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Noon in Shanghai on a date.
pub fn noon(text: &str) -> Instant {
    Instant(Instant::start_of(day(text)).0 + 12 * 3_600 * 1_000_000)
}

pub fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

pub fn region_code(text: &str) -> RegionCode {
    RegionCode::parse(text).unwrap()
}

/// A region with its parent by code, at a point.
pub fn region(text: &str, lon_e6: i32, lat_e6: i32) -> Region {
    let code = region_code(text);
    Region {
        code,
        name: format!("R{text}"),
        name_en: None,
        tier: code.tier(),
        functional_zone: false,
        parent: code.parent(),
        population: Some(100_000),
        population_source: Some("test".to_string()),
        planned_displaced: Some(2_000),
        location: Some(Point { lon_e6, lat_e6 }),
        location_source: LocationSource::Seat,
        area_ha: None,
        mountain: Some(false),
        valid_from: None,
        valid_to: None,
        replaced_by: None,
    }
}

pub fn organization(text: &str, region: &str) -> Organization {
    Organization {
        code: code(text),
        name: format!("O{text}"),
        region: region_code(region),
        kind: OrganizationKind::Government,
        credit_code: None,
    }
}

pub fn depot(text: &str, region: &str, organization: &str, lon_e6: i32, lat_e6: i32) -> Depot {
    Depot {
        code: code(text),
        name: format!("D{text}"),
        kind: DepotKind::Warehouse,
        region: region_code(region),
        organization: code(organization),
        custodian: None,
        location: Point { lon_e6, lat_e6 },
        location_source: LocationSource::Surveyed,
        readiness_min: None,
        area_m2: None,
        volume_m3: None,
        trucks: None,
        truck_payload_kg: None,
        status: DepotStatus::Active,
    }
}

pub fn item(text: &str, provides: Option<(&str, i64)>, kind: LifeKind, months: u32) -> Item {
    let months = (kind != LifeKind::None).then_some(months);
    Item {
        code: code(text),
        name: format!("I{text}"),
        name_en: text.to_lowercase(),
        spec: String::new(),
        unit: "床".to_string(),
        unit_en: None,
        packs: vec![super::catalogue::Pack { unit: "箱".to_string(), factor: 24 }],
        function_class: FunctionClass::Living,
        hazard_domains: vec!["living".to_string()],
        priority: None,
        provision: provides.map(|(need, amount)| Provision { need: code(need), amount }),
        life: Life { kind, months, lead_days: Some(120), ..Life::NONE },
        weight_g: 2_500,
        volume_ml: 20_000,
        external_codes: Vec::new(),
        status: ItemStatus::Active,
    }
}

pub fn need(text: &str, per_person_milli: i64, per: Per) -> Need {
    Need {
        code: code(text),
        name: format!("N{text}"),
        name_en: text.to_string(),
        unit: "unit".to_string(),
        unit_en: None,
        per_person_milli,
        per,
        mandatory: true,
        season: None,
    }
}

/// A quota of the physical reserve for an item or need, in force from 2020 on.
pub fn quota(region: &str, subject: Subject, target: i64, floor: i64) -> Quota {
    let name = format!("{region} {subject:?}");
    let digest = super::chain::digest(name.as_bytes());
    Quota {
        id: Uuid::from_slice(&digest[..16]).unwrap(),
        region: region_code(region),
        subject,
        mode: Mode::GovPhysical,
        basis: Basis::Absolute,
        target,
        floor,
        effective_from: day("2020-01-01"),
        effective_to: None,
        document: None,
        rule: None,
    }
}

fn terms(text: &str, region: &str) -> Terms {
    Terms {
        code: code(text),
        name: format!("S{text}"),
        region: region_code(region),
        organization: Some(code("O-3713")),
        item: code("QUILT"),
        valid_from: day("2021-01-01"),
        valid_to: day("2022-12-31"),
        reliability_permille: None,
        location: None,
        document: None,
        status: ItemStatus::Active,
    }
}

/// 1,000 quilts contracted, 900 of them declared on new year 2022's eve, there within six hours.
pub fn agreement(text: &str, region: &str) -> Agreement {
    Agreement {
        terms: terms(text, region),
        contract_quantity: 1_000,
        declared_stock: Some(900),
        declared_on: Some(day("2021-12-31")),
        response_hours: 6,
    }
}

/// 5,000 quilts a day after 24 hours, 800 lying ready, 20,000 at most.
pub fn capacity(text: &str, region: &str) -> Capacity {
    Capacity {
        terms: terms(text, region),
        daily_rate: 5_000,
        startup_hours: 24,
        finished_goods: 800,
        limit: 20_000,
        declared_on: Some(day("2021-12-31")),
    }
}

/// 500 quilts pledged, three tenths of them expected, there within a day.
pub fn pledge(text: &str, region: &str) -> Pledge {
    Pledge {
        terms: terms(text, region),
        pledged_quantity: 500,
        fulfilment_permille: Some(300),
        response_hours: 24,
    }
}

/// One machine that lifts 700 kg over 80 km at most, at 200 km/h, in six hours of daylight.
pub fn helibase(text: &str, region: &str) -> Helibase {
    Helibase {
        code: code(text),
        name: format!("H{text}"),
        region: region_code(region),
        location: Point { lon_e6: 0, lat_e6: 0 },
        radius_km: 80,
        cruise_kmh: 200,
        payload_kg: 700,
        aircraft: 1,
        ready_min: 45,
        load_min: 30,
        turnaround_min: 30,
        flying_min: 360,
        source: "test".to_string(),
        status: ItemStatus::Active,
    }
}

/// A rule that sets 100 quilts of the physical reserve for every region of a tier.
pub fn quota_rule(text: &str, region: &str, tier: Tier) -> QuotaRule {
    QuotaRule {
        code: code(text),
        name: format!("Q{text}"),
        region: region_code(region),
        tier,
        subject: Subject::Item(code("QUILT")),
        amount: Amount::Absolute(100),
        modes: vec![Share { mode: Mode::GovPhysical, permille: 1_000 }],
        floor_permille: 1_000,
        pack: None,
        effective_from: day("2020-01-01"),
        effective_to: None,
        document: None,
    }
}

/// A city's profile with the default figures: four tiers, 12 hours from the disaster, all covered.
pub fn profile(city: &str) -> Profile {
    let delivery = |figures: [u32; 6]| {
        let [decide_min, mobilise_min, off_hours_min, load_min, speed_kmh, last_mile_min] = figures;
        Delivery { decide_min, mobilise_min, off_hours_min, load_min, speed_kmh, last_mile_min }
    };
    let row = |tier: Tier, figures: [u32; 6], fallback_area_ha: i64| TierProfile {
        tier,
        label: String::new(),
        label_en: String::new(),
        role: String::new(),
        role_en: String::new(),
        delivery: delivery(figures),
        fallback_area_ha,
        target_hours: None,
        clock: None,
    };
    Profile {
        region: region_code(city),
        name: String::new(),
        name_en: String::new(),
        tiers: vec![
            row(Tier::City, [60, 90, 60, 90, 50, 30], 1_720_000),
            row(Tier::County, [30, 60, 60, 60, 40, 30], 130_000),
            row(Tier::Township, [15, 30, 30, 30, 30, 30], 11_000),
            row(Tier::Village, [0, 15, 15, 15, 20, 0], 400),
        ],
        provincial: delivery([120, 120, 0, 120, 60, 30]),
        distribute_min: 60,
        detour_permille: 1_300,
        detour_mountain_permille: 1_500,
        hazard_domains: Vec::new(),
        modes_counted: vec![Mode::GovPhysical],
        target_hours: 12,
        clock: ClockStart::Disaster,
        attainment_permille: 1_000,
        declaration_days: Some(90),
        stale_declarations: None,
        pledge_fulfilment_permille: Some(500),
        promise_decide_min: None,
        rotation: None,
        truck: None,
        source: "test".to_string(),
    }
}

/// The city 3713 with counties 371301 and 371302, townships 371301101 and 371301102, village
/// 371301101201; organization `O-<prefix>` and depot `D-<prefix>` in each; items QUILT (advisory,
/// 96 months, bedding 1), WATER (hard, 12 months, water 500) and TENT (none).
pub fn world() -> Position {
    let mut records = vec![Record::Region(region("37", 117_014_012, 36_670_849))];
    let places = [
        ("3713", 118_350_000, 35_100_000),
        ("371301", 118_400_000, 35_300_000),
        ("371302", 118_100_000, 34_900_000),
        ("371301101", 118_450_000, 35_350_000),
        ("371301102", 118_500_000, 35_250_000),
        ("371301101201", 118_460_000, 35_360_000),
    ];
    records.push(Record::Organization(organization("O-37", "37")));
    for (text, lon, lat) in places {
        let owner = format!("O-{text}");
        records.push(Record::Region(region(text, lon, lat)));
        records.push(Record::Organization(organization(&owner, text)));
        records.push(Record::Depot(depot(&format!("D-{text}"), text, &owner, lon, lat)));
    }
    records.push(Record::Need(need("bedding", 1_000, Per::Once)));
    records.push(Record::Need(need("water", 3_000_000, Per::Day)));
    records.push(Record::Item(item("QUILT", Some(("bedding", 1)), LifeKind::Advisory, 96)));
    records.push(Record::Item(item("WATER", Some(("water", 500)), LifeKind::Hard, 12)));
    records.push(Record::Item(item("TENT", None, LifeKind::None, 0)));
    with_records(&Position::empty(), records)
}

/// The quilts of this world that are perishing in their last so many days.
pub fn perishing(days: u32) -> Record {
    let quilt = item("QUILT", Some(("bedding", 1)), LifeKind::Advisory, 96);
    Record::Item(Item { life: Life { perishing_days: Some(days), ..quilt.life }, ..quilt })
}

/// The same stock with more reference data.
pub fn with_records(position: &Position, records: Vec<Record>) -> Position {
    let mut next = position.clone();
    let reference = Arc::new(position.reference.with(records));
    next.set_reference(reference, position.head.reference_rev + 1);
    next
}

/// A draft of one type.
pub fn draft(kind: MovementType, occurred_at: Instant, lines: Vec<DraftLine>) -> Draft {
    let occurred_at = Some(occurred_at);
    Draft { kind, occurred_at, paper: Paper::default(), repeat_of_document: false, lines }
}

/// A line out of a depot.
pub fn out(depot: &str, item: &str, quantity: i64) -> DraftLine {
    DraftLine { from: Some(code(depot)), to: None, ..into(depot, item, quantity) }
}

/// A line into a depot.
pub fn into(depot: &str, item: &str, quantity: i64) -> DraftLine {
    DraftLine {
        from: None,
        to: Some(code(depot)),
        item: code(item),
        owner: None,
        to_owner: None,
        condition: Condition::Good,
        to_condition: None,
        quantity: Quantity::new(quantity).unwrap(),
        unit: None,
        lot: None,
    }
}

/// A lot with a number and an expiry date.
pub fn lot(lot_no: &str, expires_on: &str) -> LotDraft {
    LotDraft {
        lot_no: Some(lot_no.to_string()),
        expires_on: Some(day(expires_on)),
        ..LotDraft::default()
    }
}

/// Books a draft at a time, as the operator.
pub fn book(position: &mut Position, draft: &Draft, now: Instant) -> Result<Movement, Refusal> {
    let principal = Principal::operator("test");
    let history = History::default();
    let id = Uuid::from_u128(u128::try_from(position.head.seq + 1).unwrap());
    let desk = Desk { position, history: &history, principal: &principal, id, now };
    let movement = plan(desk, draft, None)?;
    position.apply(&movement).unwrap();
    Ok(movement)
}

/// Brings goods into a depot in one lot.
pub fn receive(position: &mut Position, depot: &str, item: &str, quantity: i64, lot: LotDraft) {
    receive_owned(position, depot, None, item, quantity, lot);
}

/// Brings goods of an owner into a depot in one lot.
pub fn receive_owned(
    position: &mut Position,
    depot: &str,
    owner: Option<&str>,
    item: &str,
    quantity: i64,
    lot: LotDraft,
) {
    let mut line = into(depot, item, quantity);
    line.lot = Some(lot);
    line.owner = owner.map(code);
    let at = noon("2021-01-01");
    book(position, &draft(MovementType::ReceiptPurchase, at, vec![line]), at).unwrap();
}
