//! Reference data on the wire: round trips and faults, kind by kind.
//!
//! Lives here: one full record of each kind. Does not live here: tables (`csv`). Invariant: what
//! goes out comes back as the same record.

mod plans;
mod water;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::LocationSource;

fn region() -> Value {
    json!({
        "code": "371302", "name": "兰山区", "name_en": "Lanshan", "tier": "county",
        "type": "functional_zone", "population": 1_837_789, "population_source": "census 2020",
        "planned_displaced": 14_703, "lon": 118.342118, "lat": -35.052_279_4,
        "location_source": "seat", "area_km2": 892.2, "terrain": "mountain",
        "valid_from": "1994-12-17", "valid_to": "1994-12-17", "replaced_by": "371303"
    })
}

fn depot() -> Value {
    json!({
        "code": "LY-1", "name": "库", "kind": "base", "region": "3713", "organization": "LY-YJ",
        "custodian": "某公司", "lon": 118, "lat": 35.5, "location_source": "surveyed",
        "readiness_min": 15, "area_m2": 2900, "volume_m3": 11600, "status": "active"
    })
}

fn item() -> Value {
    json!({
        "code": "WATER-500", "name": "水, \"瓶\"", "name_en": "Water", "spec": "", "unit": "瓶",
        "packs": [{"unit": "箱", "factor": 24}, {"unit": "托", "factor": 1_000_000}],
        "function_class": "living", "hazard_domains": ["living", "rescue"], "priority": 9,
        "need": "water", "provides": 500,
        "life": {
            "kind": "hard", "months": 12, "lead_days": 120, "notice_days": 45, "perishing_days": 0
        },
        "weight_g": 520, "volume_ml": 700,
        "external_codes": {"gb38565": "1010100", "local": "A/7"}, "status": "retired"
    })
}

fn need() -> Value {
    json!({
        "code": "water", "name": "水", "name_en": "Water", "unit": "毫升", "per_person": 0.305,
        "per": "day", "mandatory": false, "season": "10-04"
    })
}

fn quota() -> Value {
    json!({
        "id": "0192a4c0-7c1e-7b00-8000-000000000001", "region": "3713", "need": "water",
        "mode": "agreement", "basis": "population", "target": 1_000_000_000_000_i64, "floor": 0,
        "effective_from": "2022-01-01", "effective_to": "2022-12-31", "document": "文",
        "rule": "WATER-COUNTY"
    })
}

/// A register's entry: its own fields with those that all have.
fn promise(own: Value) -> Value {
    let mut entry = json!({
        "code": "S-1", "name": "示例", "region": "3713", "organization": "LY-YJ", "item": "QUILT",
        "valid_from": "2022-01-01", "valid_to": "2022-12-31", "reliability_permille": 900,
        "lon": 118.342118, "lat": 35.052, "document": "文", "status": "active"
    });
    for (name, value) in own.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

fn agreement() -> Value {
    json!({"contract_quantity": 5_000, "declared_stock": 0, "declared_on": "2022-03-01",
        "response_hours": 6})
}

fn capacity() -> Value {
    json!({"daily_rate": 5_000, "startup_hours": 24, "finished_goods": 800, "limit": 20_000,
        "declared_on": "2022-03-01"})
}

fn pledge() -> Value {
    json!({"pledged_quantity": 500, "fulfilment_permille": 300, "response_hours": 8_760})
}

fn route() -> Value {
    json!({"code": "RT-1", "depot": "LY-1", "region": "371323", "minutes": 43_200, "source": "实测",
        "valid_from": "2021-09-06", "valid_to": "2021-09-06", "status": "active"})
}

fn road() -> Value {
    json!({"code": "RD-1", "from_lon": 118.342118, "from_lat": -35.05, "to_lon": 118.35,
        "to_lat": 35, "length_m": 1_000_000, "class": "S", "speed_kmh": 200, "one_way": true,
        "status": "retired"})
}

fn helibase() -> Value {
    json!({"code": "HB-1", "name": "示例", "region": "3713", "lon": 117.97, "lat": 35.27,
        "radius_km": 80, "cruise_kmh": 200, "payload_kg": 700, "aircraft": 1,
        "ready_min": 45, "load_min": 30, "turnaround_min": 30, "flying_min": 360,
        "source": "示例", "status": "active"})
}

fn water_leg() -> Value {
    json!({"code": "WL-1", "name": "示例", "region": "3713", "lon": 122.49, "lat": 37.43,
        "crossing_min": 40, "turnaround_min": 0, "sails_from": "06:05", "sails_until": "24:00",
        "boats": 2, "boat_kg": 6000, "source": "示例", "status": "active"})
}

fn closure() -> Value {
    json!({"code": "RC-1", "kind": "roads", "region": "3713", "roads": ["RD-1", "RD-2"],
        "closed_at": "2026-07-18T06:30:00+08:00",
        "expected_reopen_at": "2026-07-18T20:00:00+08:00",
        "reopened_at": "2026-07-18T21:40:00Z", "cause": "landslide", "document": "示例",
        "status": "active"})
}

fn quota_rule() -> Value {
    json!({
        "code": "WATER-COUNTY", "name": "县级饮用水(示例)", "region": "3713", "tier": "county",
        "item": "WATER-500", "basis": "population", "planned_displaced_from": "permille",
        "displaced_permille": 8, "days": 3, "redundancy_permille": 100,
        "season_factor_permille": 1_500, "per_person_milli": 2_500_000,
        "modes": [
            {"mode": "agreement", "share_permille": 300},
            {"mode": "gov_physical", "share_permille": 700}
        ],
        "floor_permille": 800, "pack": "箱", "effective_from": "2022-01-01",
        "effective_to": "2022-12-31", "document": "文"
    })
}

fn profile() -> Value {
    let all: Value = serde_json::from_str(include_str!("../../../seeds/profiles.json")).unwrap();
    all[0].clone()
}

fn organization() -> Value {
    json!({
        "code": "LY-YJ", "name": "局", "region": "3713", "kind": "government",
        "credit_code": "11371300004221111X"
    })
}

fn of<D: DeserializeOwned>(value: Value) -> D {
    serde_json::from_value(value).unwrap()
}

/// One full record of each kind.
pub(super) fn full() -> Vec<Record> {
    vec![
        of::<RegionDto>(region()).to_record().unwrap(),
        of::<OrganizationDto>(organization()).to_record().unwrap(),
        of::<DepotDto>(depot()).to_record().unwrap(),
        of::<ItemDto>(item()).to_record().unwrap(),
        of::<NeedDto>(need()).to_record().unwrap(),
        of::<AgreementDto>(promise(agreement())).to_record().unwrap(),
        of::<CapacityDto>(promise(capacity())).to_record().unwrap(),
        of::<PledgeDto>(promise(pledge())).to_record().unwrap(),
        of::<RouteDto>(route()).to_record().unwrap(),
        of::<RoadDto>(road()).to_record().unwrap(),
        of::<HelibaseDto>(helibase()).to_record().unwrap(),
        of::<WaterLegDto>(water_leg()).to_record().unwrap(),
        of::<ClosureDto>(closure()).to_record().unwrap(),
        of::<QuotaRuleDto>(quota_rule()).to_record().unwrap(),
        of::<QuotaDto>(quota()).to_record().unwrap(),
        of::<ProfileDto>(profile()).to_record().unwrap(),
    ]
}

/// The faults that a change of one field makes.
fn spoilt<D: DeserializeOwned>(
    base: Value,
    changes: Value,
    convert: fn(D) -> Result<Record, Vec<Fault>>,
) -> Vec<(String, FaultCode)> {
    let mut value = base;
    let fields = value.as_object_mut().unwrap();
    for (name, change) in changes.as_object().unwrap() {
        fields.insert(name.clone(), change.clone());
    }
    let faults = convert(of::<D>(value)).unwrap_err();
    assert!(faults.iter().all(|fault| !fault.expected.is_empty()));
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn at(list: &[(&str, FaultCode)]) -> Vec<(String, FaultCode)> {
    list.iter().map(|(pointer, code)| ((*pointer).to_string(), *code)).collect()
}

#[test]
fn records_come_back_as_they_were() {
    fn again<D: DeserializeOwned + Serialize>(shape: D) -> D {
        of(serde_json::to_value(shape).unwrap())
    }
    for record in full() {
        let back = match &record {
            Record::Region(row) => again(RegionDto::from(row)).to_record(),
            Record::Organization(row) => again(OrganizationDto::from(row)).to_record(),
            Record::Depot(row) => again(DepotDto::from(row)).to_record(),
            Record::Item(row) => again(ItemDto::from(row)).to_record(),
            Record::Need(row) => again(NeedDto::from(row)).to_record(),
            Record::Agreement(row) => again(AgreementDto::from(row)).to_record(),
            Record::Capacity(row) => again(CapacityDto::from(row)).to_record(),
            Record::Pledge(row) => again(PledgeDto::from(row)).to_record(),
            Record::Route(row) => again(RouteDto::from(row)).to_record(),
            Record::Road(row) => again(RoadDto::from(row)).to_record(),
            Record::Helibase(row) => again(HelibaseDto::from(row)).to_record(),
            Record::WaterLeg(row) => again(WaterLegDto::from(row)).to_record(),
            Record::Closure(row) => again(ClosureDto::from(row)).to_record(),
            Record::QuotaRule(row) => again(QuotaRuleDto::from(row)).to_record(),
            Record::Quota(row) => again(QuotaDto::from(row)).to_record(),
            Record::Profile(row) => again(ProfileDto::from(row)).to_record(),
            Record::Plan(_) | Record::Event(_) | Record::Key(_) => {
                unreachable!("not among these records")
            }
        };
        assert_eq!(back, Ok(record));
    }
}

#[test]
fn decimals_become_whole_numbers() {
    let Record::Region(row) = of::<RegionDto>(region()).to_record().unwrap() else {
        panic!("a region");
    };
    let point = row.location.unwrap();
    assert_eq!((point.lon_e6, point.lat_e6), (118_342_118, -35_052_279));
    assert_eq!(row.area_ha, Some(89_220));
    assert_eq!(row.code.to_string(), "371302000000");
    assert_eq!(row.parent.unwrap().to_string(), "371300000000");
    assert_eq!((row.mountain, row.functional_zone), (Some(true), true));
    assert_eq!(row.location_source, LocationSource::Seat);
}

#[test]
fn all_faults_of_a_region_are_named() {
    use FaultCode as F;
    let convert = RegionDto::to_record;
    let changes = json!({
        "code": "37130", "name": "", "tier": "parish", "type": "x", "population": -1,
        "lon": 181, "lat": 91, "location_source": "guess", "area_km2": -1, "terrain": "hill",
        "valid_from": "2022-1-1", "valid_to": "1949-12-31", "replaced_by": "x", "name_en": "a\nb"
    });
    let expected = at(&[
        ("/code", F::Malformed),
        ("/name", F::OutOfRange),
        ("/name_en", F::Malformed),
        ("/tier", F::UnknownValue),
        ("/type", F::UnknownValue),
        ("/population", F::OutOfRange),
        ("/lon", F::OutOfRange),
        ("/lat", F::OutOfRange),
        ("/location_source", F::UnknownValue),
        ("/area_km2", F::OutOfRange),
        ("/terrain", F::UnknownValue),
        ("/valid_from", F::Malformed),
        ("/valid_to", F::OutOfRange),
        ("/replaced_by", F::Malformed),
    ]);
    assert_eq!(spoilt(region(), changes, convert), expected);
    for (changes, pointer, code) in [
        (json!({"tier": "city"}), "/tier", F::Hierarchy),
        (json!({"parent": "371302"}), "/parent", F::Hierarchy),
        (json!({"parent": "x"}), "/parent", F::Malformed),
        (json!({"lat": null}), "/lat", F::Required),
        (json!({"lon": null}), "/lon", F::Required),
        (json!({"valid_to": "1994-12-16"}), "/valid_to", F::DateOrder),
        (json!({"replaced_by": "371302"}), "/replaced_by", F::Hierarchy),
        (json!({"code": "37", "tier": "province", "parent": "37"}), "/parent", F::NotAllowed),
    ] {
        let found = spoilt(region(), changes, convert);
        assert_eq!(found, at(&[(pointer, code)]));
    }
}

#[test]
fn all_faults_of_goods_are_named() {
    use FaultCode as F;
    let changes = json!({
        "code": "A B", "unit": "a;b", "priority": 10, "need": null, "weight_g": -1,
        "packs": [{"unit": "箱", "factor": 1}, {"unit": "箱", "factor": 1_000_001}],
        "hazard_domains": ["a b", "a b"], "life": {
            "kind": "none", "months": 0, "notice_days": -1, "perishing_days": 36_501
        },
        "external_codes": {"gb38565": "1010001", "a b": "x", "local": "a=b"}
    });
    let expected = at(&[
        ("/code", F::Malformed),
        ("/packs/1/unit", F::Duplicate),
        ("/packs/0/factor", F::OutOfRange),
        ("/packs/1/factor", F::OutOfRange),
        ("/unit", F::Malformed),
        ("/hazard_domains/1", F::Duplicate),
        ("/hazard_domains/0", F::Malformed),
        ("/hazard_domains/1", F::Malformed),
        ("/priority", F::OutOfRange),
        ("/need", F::Required),
        ("/life/months", F::NotAllowed),
        ("/life/notice_days", F::NotAllowed),
        ("/life/perishing_days", F::NotAllowed),
        ("/life/months", F::OutOfRange),
        ("/life/notice_days", F::OutOfRange),
        ("/life/perishing_days", F::OutOfRange),
        ("/weight_g", F::OutOfRange),
        ("/external_codes/a b", F::Malformed),
        ("/external_codes/gb38565", F::Malformed),
        ("/external_codes/local", F::Malformed),
    ]);
    assert_eq!(spoilt(item(), changes, ItemDto::to_record), expected);
    for bad in ["4010100", "10101", "1000100", "1010001", "101010a"] {
        let changes = json!({"external_codes": {"gb38565": bad}});
        let found = spoilt(item(), changes, ItemDto::to_record);
        assert_eq!(found, at(&[("/external_codes/gb38565", F::Malformed)]), "{bad}");
    }
    for (bad, code) in [
        (json!(0.3001), F::Malformed),
        (json!(0), F::OutOfRange),
        (json!(1e300), F::OutOfRange),
        (json!(1e-9), F::Malformed),
    ] {
        let changes = json!({"per_person": bad});
        let found = spoilt(need(), changes, NeedDto::to_record);
        assert_eq!(found, at(&[("/per_person", code)]));
    }
}

#[test]
fn all_faults_of_places_and_plans_are_named() {
    use FaultCode as F;
    let found = spoilt(
        organization(),
        json!({"credit_code": "11371300004221111x", "kind": "army"}),
        OrganizationDto::to_record,
    );
    let expected = at(&[("/kind", F::UnknownValue), ("/credit_code", F::Malformed)]);
    assert_eq!(found, expected);
    let changes = json!({"readiness_min": -1, "lon": 180.000_001, "status": "open"});
    let expected = at(&[
        ("/lon", F::OutOfRange),
        ("/readiness_min", F::OutOfRange),
        ("/status", F::UnknownValue),
    ]);
    assert_eq!(spoilt(depot(), changes, DepotDto::to_record), expected);
    for (changes, pointer, code) in [
        (json!({"item": "A"}), "/need", F::NotAllowed),
        (json!({"need": null}), "/item", F::Required),
        (json!({"target": 5, "floor": 6}), "/floor", F::OutOfRange),
        (json!({"target": 1_000_000_000_001_i64}), "/target", F::OutOfRange),
        (json!({"effective_to": "2021-12-31"}), "/effective_to", F::DateOrder),
        (json!({"id": "x"}), "/id", F::Malformed),
        (json!({"rule": "a b"}), "/rule", F::Malformed),
    ] {
        assert_eq!(spoilt(quota(), changes, QuotaDto::to_record), at(&[(pointer, code)]));
    }
    let mut tiers = profile()["tiers"].clone();
    tiers[0]["speed_kmh"] = json!(0);
    tiers[2]["tier"] = json!("county");
    let changes = json!({"tiers": tiers, "modes_counted": ["x"], "clock": "noon"});
    let expected = at(&[
        ("/tiers/0/speed_kmh", F::OutOfRange),
        ("/tiers/2/tier", F::Hierarchy),
        ("/modes_counted/0", F::UnknownValue),
        ("/clock", F::UnknownValue),
    ]);
    assert_eq!(spoilt(profile(), changes, ProfileDto::to_record), expected);
}

#[test]
fn words_are_those_of_the_domain() {
    for word in words::LOCATION_SOURCES {
        assert_eq!(LocationSource::parse(word).map(LocationSource::as_str), Some(word));
    }
}

#[test]
fn schemas_ask_for_what_must_be_given() {
    use utoipa::PartialSchema;
    let schema = serde_json::to_value(RegionDto::schema()).unwrap();
    let required = json!(["code", "name", "tier", "type", "location_source"]);
    assert_eq!(schema["required"], required);
    assert_eq!(schema["properties"]["tier"]["enum"][4], "village");
    assert_eq!(schema["properties"]["lat"]["maximum"], json!(90));
}
