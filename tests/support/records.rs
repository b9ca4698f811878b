//! Reference data as an administrator's program would send it.
//!
//! Codes that records name are the world's. Invariant: what is built here is complete and fits the
//! world; tests break it on purpose.

use serde_json::{Value, json};

/// A region of the tier that its code has, with everything that coverage asks for.
pub fn region(code: &str, tier: &str) -> Value {
    json!({
        "code": code, "name": format!("区划{code}"), "tier": tier, "type": "administrative",
        "population": 50_000, "planned_displaced": 1_000, "lon": 118.35, "lat": 35.1,
        "location_source": "seat"
    })
}

pub fn organization(code: &str, region: &str) -> Value {
    json!({ "code": code, "name": format!("机构{code}"), "region": region, "kind": "government" })
}

pub fn depot(code: &str, region: &str, organization: &str) -> Value {
    json!({
        "code": code, "name": format!("库{code}"), "kind": "dispatch_point", "region": region,
        "organization": organization, "lon": 118.35, "lat": 35.1, "location_source": "surveyed",
        "status": "active"
    })
}

pub fn need(code: &str) -> Value {
    json!({
        "code": code, "name": "照明", "name_en": "light", "unit": "盏", "per_person": 0.125,
        "per": "once", "mandatory": false, "season": "10-04"
    })
}

pub fn item(code: &str) -> Value {
    json!({
        "code": code, "name": "毛毯", "name_en": "blanket", "spec": "1.5 m × 2 m", "unit": "条",
        "packs": [{"unit": "包", "factor": 10}], "function_class": "living",
        "hazard_domains": ["living"], "need": "bedding", "provides": 1,
        "life": {"kind": "advisory", "months": 96, "lead_days": 180}, "weight_g": 1_500,
        "volume_ml": 9_000, "external_codes": {"gb38565": "1010100"}, "status": "active"
    })
}

/// A quota that has been in force since 2022; its id ends in these digits.
pub fn quota(digits: u32, region: &str, item: &str, target: i64, floor: i64) -> Value {
    json!({
        "id": quota_id(digits), "region": region, "item": item, "mode": "gov_physical",
        "basis": "absolute", "target": target, "floor": floor, "effective_from": "2022-01-01"
    })
}

pub fn quota_id(digits: u32) -> String {
    format!("0192a4c0-7c1e-7b00-8000-{digits:012}")
}

/// The city's planning parameters, as seeded for Linyi.
pub fn profile() -> Value {
    let mut seeded: Value = serde_json::from_str(include_str!("../../seeds/profiles.json"))
        .expect("the seeds are JSON");
    let mut profile = seeded[0].take();
    for tier in profile["tiers"].as_array_mut().expect("tiers") {
        tier["fallback_area_km2"] = tier["fallback_area_km2"].as_f64().into();
    }
    profile
}

/// A rule in force since 2022: so much a displaced person and a tenth, in packs of 24, seven tenths
/// of it as physical reserve and three by agreement.
pub fn quota_rule(code: &str, region: &str, tier: &str, item: &str) -> Value {
    json!({
        "code": code, "name": "规则", "region": region, "tier": tier, "item": item,
        "basis": "population", "redundancy_permille": 100,
        "modes": [
            {"mode": "gov_physical", "share_permille": 700},
            {"mode": "agreement", "share_permille": 300}
        ],
        "floor_permille": 800, "pack": "箱", "effective_from": "2022-01-01",
        "document": "示例规则(非标准)"
    })
}

/// A register's entry about quilts, valid for ages, with its own fields.
pub fn promise(code: &str, region: &str, own: &Value) -> Value {
    let mut entry = json!({
        "code": code, "name": "示例", "region": region, "organization": "LY-YJ", "item": "QUILT",
        "valid_from": "2020-01-01", "valid_to": "2190-12-31", "status": "active"
    });
    for (name, value) in own.as_object().expect("fields") {
        entry[name] = value.clone();
    }
    entry
}
