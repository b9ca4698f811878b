//! Reference data into a database file and back.
//!
//! Lives here: one record of every kind, full and bare. Does not live here: the tables' own
//! checks. Invariant: what is read is what was saved last.

use uuid::Uuid;

use super::*;
use crate::domain::access::{ApiKey, Role};
use crate::domain::calendar::Instant;
use crate::domain::catalogue::{ItemStatus, Life, LifeKind, Pack, Per, Season};
use crate::domain::closure::{ClosedWay, RoadClosure};
use crate::domain::procurement::{
    OpenNeed, PlanLine, PlanScope, PlanState, PriceSource, ProcurementPlan,
};
use crate::domain::profile::Stale;
use crate::domain::profile::{
    Channel, ClockStart, Delivery, HazardDomain, Profile, RotationMode, TierProfile, Truck,
    Turnover,
};
use crate::domain::quota::{Basis, Mode, Quota, Subject};
use crate::domain::quota_rule::{Amount, ByPeople, Displaced, QuotaRule, Share};
use crate::domain::region::{Point, Tier};
use crate::domain::reserve::{Agreement, Capacity, Pledge, Terms};
use crate::domain::road::Road;
use crate::domain::route::{self, Route};
use crate::domain::{closure, event, fixture};
use crate::store::connection::DatabaseUrl;
use crate::store::migrate;

fn full() -> Vec<Record> {
    let mut region = fixture::region("371301", 118_400_000, -35_300_000);
    region.name_en = Some("County".to_string());
    region.functional_zone = true;
    region.area_ha = Some(97_930);
    region.mountain = Some(true);
    region.valid_from = Some(fixture::day("2001-01-01"));
    region.valid_to = Some(fixture::day("2030-12-31"));
    region.replaced_by = Some(fixture::region_code("3713"));
    let mut organization = fixture::organization("YJ", "371301");
    organization.credit_code = Some("113713000042211111".to_string());
    let mut depot = fixture::depot("D-1", "371301", "YJ", 118_400_000, 35_300_000);
    depot.custodian = Some("LC".to_string());
    depot.readiness_min = Some(15);
    depot.area_m2 = Some(800);
    depot.volume_m3 = Some(3_200);
    let mut need = fixture::need("water", 3_000_500, Per::Day);
    need.season = Season::parse("10-04");
    let mut item = fixture::item("WATER", Some(("water", 500)), LifeKind::Hard, 12);
    item.packs.push(Pack { unit: "托".to_string(), factor: 480 });
    item.priority = Some(1);
    (item.life.notice_days, item.life.perishing_days) = (Some(45), Some(0));
    item.external_codes = vec![
        ("gb38565".to_string(), "1010100".to_string()),
        ("local".to_string(), "x\"y".to_string()),
    ];
    vec![
        Record::Region(fixture::region("37", 117_000_000, 36_000_000)),
        Record::Region(fixture::region("3713", 118_000_000, 35_000_000)),
        Record::Region(region),
        Record::Organization(organization),
        Record::Need(need),
        Record::Item(item),
        Record::Depot(depot),
        Record::Agreement(agreement()),
        Record::Capacity(capacity()),
        Record::Pledge(pledge()),
        Record::Route(route()),
        Record::Road(road()),
        Record::Helibase(fixture::helibase("HB-1", "3713")),
        Record::WaterLeg(crate::domain::water::sample("WL-1", "3713")),
        closed("RC-1", ClosedWay::Area),
        closed("RC-2", ClosedWay::Pair { depot: fixture::code("D-1") }),
        closed("RC-3", ClosedWay::Roads(vec![fixture::code("RD-1"), fixture::code("RD-2")])),
        Record::QuotaRule(quota_rule()),
        Record::QuotaRule(absolute_rule()),
        Record::Quota(quota(1, Subject::Item(fixture::code("WATER")))),
        Record::Quota(quota(2, Subject::Need(fixture::code("water")))),
        Record::Profile(profile()),
        Record::Plan(plan()),
        Record::Event(event::sample()),
        Record::Key(key()),
    ]
}

fn route() -> Route {
    Route {
        code: fixture::code("RT-1"),
        depot: fixture::code("D-1"),
        basis: route::Basis::Matrix,
        valid_to: Some(fixture::day("2021-12-31")),
        ..route::sample(43_200, "2021-01-01")
    }
}

fn closed(code: &str, way: ClosedWay) -> Record {
    Record::Closure(RoadClosure { way, ..closure::sample(code, "371301") })
}

fn road() -> Road {
    Road {
        code: fixture::code("RD-1"),
        from: Point { lon_e6: 118_000_000, lat_e6: -35_000_000 },
        to: Point { lon_e6: -118_000_000, lat_e6: 35_000_001 },
        length_m: 1_000_000,
        class: Some("S".to_string()),
        speed_kmh: Some(60),
        one_way: true,
        status: ItemStatus::Active,
    }
}

fn quota(id: u128, subject: Subject) -> Quota {
    Quota {
        id: Uuid::from_u128(id),
        region: fixture::region_code("3713"),
        subject,
        mode: Mode::GovPhysical,
        basis: Basis::Population,
        target: 500,
        floor: 400,
        effective_from: fixture::day("2022-01-01"),
        effective_to: Some(fixture::day("2022-12-31")),
        document: Some("文".to_string()),
        rule: Some(fixture::code("RULE-1")),
    }
}

fn promised(terms: Terms) -> Terms {
    Terms {
        organization: Some(fixture::code("YJ")),
        item: fixture::code("WATER"),
        reliability_permille: Some(800),
        location: Some(Point { lon_e6: 118_000_000, lat_e6: -35_000_000 }),
        document: Some("文".to_string()),
        ..terms
    }
}

fn agreement() -> Agreement {
    let row = fixture::agreement("A-1", "3713");
    Agreement { terms: promised(row.terms.clone()), ..row }
}

fn capacity() -> Capacity {
    let row = fixture::capacity("C-1", "3713");
    Capacity { terms: promised(row.terms.clone()), ..row }
}

fn pledge() -> Pledge {
    let row = fixture::pledge("P-1", "3713");
    Pledge { terms: promised(row.terms.clone()), ..row }
}

/// The same terms with every optional value taken away.
fn plain(terms: &mut Terms) {
    (terms.reliability_permille, terms.location, terms.document) = (None, None, None);
    terms.status = ItemStatus::Retired;
}

fn quota_rule() -> QuotaRule {
    let by = ByPeople {
        displaced: Displaced::OfPopulation(8),
        days: 3,
        redundancy_permille: 100,
        season_factor_permille: Some(1_500),
        per_person_milli: Some(2_500_000),
    };
    let share = |mode, permille| Share { mode, permille };
    QuotaRule {
        subject: Subject::Item(fixture::code("WATER")),
        amount: Amount::Population(by),
        modes: vec![share(Mode::Social, 1), share(Mode::GovPhysical, 999)],
        floor_permille: 800,
        pack: Some("箱".to_string()),
        effective_to: Some(fixture::day("2030-12-31")),
        document: Some("文".to_string()),
        ..fixture::quota_rule("RULE-1", "3713", Tier::County)
    }
}

fn absolute_rule() -> QuotaRule {
    let subject = Subject::Need(fixture::code("water"));
    QuotaRule { subject, ..fixture::quota_rule("RULE-2", "371301", Tier::Township) }
}

fn profile() -> Profile {
    let delivery = Delivery {
        decide_min: 1,
        mobilise_min: 2,
        off_hours_min: 6,
        load_min: 3,
        speed_kmh: 40,
        last_mile_min: 5,
    };
    Profile {
        region: fixture::region_code("3713"),
        name: "临沂".to_string(),
        name_en: "Linyi".to_string(),
        tiers: vec![TierProfile {
            tier: Tier::City,
            label: "市级".to_string(),
            label_en: "city".to_string(),
            role: "中心".to_string(),
            role_en: "centre".to_string(),
            delivery,
            fallback_area_ha: 1_720_000,
            target_hours: Some(8),
            clock: Some(ClockStart::Order),
        }],
        provincial: delivery,
        distribute_min: 60,
        detour_permille: 1_300,
        detour_mountain_permille: 1_500,
        hazard_domains: vec![HazardDomain {
            code: "living".to_string(),
            label: "生活".to_string(),
            label_en: "living".to_string(),
        }],
        modes_counted: vec![Mode::GovPhysical, Mode::Agreement],
        target_hours: 12,
        clock: ClockStart::Order,
        attainment_permille: 950,
        declaration_days: Some(90),
        stale_declarations: Some(Stale::Zero),
        pledge_fulfilment_permille: Some(500),
        promise_decide_min: Some(60),
        rotation: Some(Turnover {
            mode: RotationMode::OutBeforeIn,
            gap_days: 60,
            safety_days: 10,
            purchase_lead_days: 45,
            annual_cap_permille: Some(300),
            channels: vec![Channel {
                code: fixture::code("winter-relief"),
                label: "冬春救助".to_string(),
                label_en: "winter relief".to_string(),
                min_days_left: 60,
                lead_days: 30,
            }],
        }),
        truck: Some(Truck { payload_kg: 5_000, volume_l: Some(25_000) }),
        source: "test".to_string(),
    }
}

fn plan() -> ProcurementPlan {
    let line = PlanLine {
        line_no: 1,
        item: fixture::code("WATER"),
        priority: Some(1),
        net_gap: 10,
        expiring: 20,
        growth: 30,
        confirmed_inbound: 5,
        pack: 24,
        quantity: 72,
        price: Some((150, PriceSource::NewestLot)),
        supplier: Some("供应商".to_string()),
        due_on: Some(fixture::day("2027-05-31")),
        note: Some("汛期前".to_string()),
    };
    ProcurementPlan {
        code: fixture::code("LY-2027"),
        name: "年度采购计划".to_string(),
        region: fixture::region_code("3713"),
        year: 2027,
        scope: PlanScope::Subtree,
        state: PlanState::Ordered,
        budget_fen: Some(1_000_000),
        planned_on: fixture::day("2027-01-01"),
        ledger_seq: 7,
        reference_rev: 9,
        lines: vec![line],
        open_needs: vec![OpenNeed { need: fixture::code("water"), net_gap: 3 }],
    }
}

fn key() -> ApiKey {
    ApiKey {
        id: Uuid::from_u128(7),
        digest: [9; 32],
        role: Role::Planner,
        region: fixture::region_code("3713"),
        name: "K".to_string(),
        created_at: Instant(1_234_567),
        expires_on: Some(fixture::day("2027-01-31")),
        revoked: false,
    }
}

/// The same records with every optional value taken away.
fn bare(records: &[Record]) -> Vec<Record> {
    let mut records = records.to_vec();
    for record in &mut records {
        match record {
            Record::Region(row) => {
                (row.name_en, row.population, row.population_source) = (None, None, None);
                (row.planned_displaced, row.location, row.area_ha) = (None, None, None);
                (row.mountain, row.valid_from, row.valid_to) = (None, None, None);
                (row.replaced_by, row.functional_zone) = (None, false);
            }
            Record::Organization(row) => row.credit_code = None,
            Record::Depot(row) => {
                (row.custodian, row.readiness_min) = (None, None);
                (row.area_m2, row.volume_m3) = (None, None);
            }
            Record::Need(row) => row.season = None,
            Record::Item(row) => {
                (row.priority, row.provision) = (None, None);
                row.life = Life { kind: row.life.kind, ..Life::NONE };
                (row.packs, row.hazard_domains, row.external_codes) = Default::default();
            }
            Record::Agreement(row) => {
                plain(&mut row.terms);
                (row.declared_stock, row.declared_on) = (None, None);
            }
            Record::Capacity(row) => {
                plain(&mut row.terms);
                row.declared_on = None;
            }
            Record::Pledge(row) => {
                plain(&mut row.terms);
                (row.terms.organization, row.fulfilment_permille) = (None, None);
            }
            Record::Route(row) => (row.valid_to, row.status) = (None, ItemStatus::Retired),
            Record::Road(row) => {
                (row.class, row.speed_kmh, row.one_way) = (None, None, false);
                row.status = ItemStatus::Retired;
            }
            Record::Helibase(row) => row.status = ItemStatus::Retired,
            Record::WaterLeg(row) => row.status = ItemStatus::Retired,
            Record::Closure(row) => (row.expected_reopen_at, row.reopened_at) = (None, None),
            Record::QuotaRule(row) => {
                (row.effective_to, row.document, row.pack) = (None, None, None);
                if let Amount::Population(by) = &mut row.amount {
                    (by.season_factor_permille, by.per_person_milli) = (None, None);
                    by.displaced = Displaced::Given;
                }
            }
            Record::Quota(row) => (row.effective_to, row.document, row.rule) = (None, None, None),
            Record::Profile(row) => {
                (row.tiers, row.rotation, row.truck) = (Vec::new(), None, None);
                (row.declaration_days, row.stale_declarations) = (None, None);
                (row.pledge_fulfilment_permille, row.promise_decide_min) = (None, None);
            }
            Record::Plan(row) => {
                (row.budget_fen, row.open_needs) = (None, Vec::new());
                let line = &mut row.lines[0];
                (line.priority, line.price, line.supplier) = (None, None, None);
                (line.due_on, line.note) = (None, None);
            }
            Record::Event(row) => {
                (row.name_en, row.started_at, row.hours, row.clock) = (None, None, None, None);
                (row.month, row.source, row.closures[0].opens_min) = (None, None, None);
                (row.areas[0].displaced, row.disabled_depots) = (None, Vec::new());
            }
            Record::Key(row) => (row.expires_on, row.revoked) = (None, true),
        }
    }
    records
}

#[test]
fn what_is_saved_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::file(folder.path().join("reference.db"));
    migrate::migrate(&url).unwrap();
    let mut db = url.connect().unwrap();
    let records = full();
    let mut shuffled = records.clone();
    shuffled.reverse();

    db.begin_write().unwrap();
    save(&mut db, &shuffled, 1).unwrap();
    db.commit().unwrap();
    assert_eq!(changed_since(&mut db, 0).unwrap(), records);
    assert_eq!(changed_since(&mut db, 1).unwrap(), Vec::new());

    let emptied = bare(&records);
    db.begin_write().unwrap();
    save(&mut db, &emptied, 2).unwrap();
    db.commit().unwrap();
    assert_eq!(changed_since(&mut db, 1).unwrap(), emptied);
}

#[test]
fn of_two_records_with_one_key_the_later_stands() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::file(folder.path().join("reference.db"));
    migrate::migrate(&url).unwrap();
    let mut db = url.connect().unwrap();
    let first = fixture::region("37", 1, 1);
    let mut second = first.clone();
    second.name = "later".to_string();
    let both = [Record::Region(first), Record::Region(second.clone())];
    save(&mut db, &both, 1).unwrap();
    assert_eq!(changed_since(&mut db, 0).unwrap(), [Record::Region(second)]);
}
