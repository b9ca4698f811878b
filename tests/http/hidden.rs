//! Writes to a code that something out of the caller's sight has.
//!
//! What is read of it is in `sight` and `territory`. Invariant: a write that stores nothing tells
//! nothing: it is refused as it would be under a code that nothing has.

use serde_json::{Value, json};

use crate::stage::{Stage, on_each};
use crate::support::Client;
use crate::support::forms::with;
use crate::support::records::{
    depot, organization, profile, promise, quota, quota_id, quota_rule, region,
};
use crate::support::world::{COUNTY_A, COUNTY_B, DEPOT_B};

const CREATE: (&str, &str) = ("if-none-match", "*");
const REPLACE: (&str, &str) = ("if-match", "*");
const TOWNSHIP_B: &str = "371311901000";
const NOWHERE: &str = "370999000000";

/// A kind of record: where it is kept, its key, a hidden one, and a key that nothing has.
struct Kind {
    plural: &'static str,
    key: &'static str,
    body: Value,
    free: String,
}

fn kind(plural: &'static str, body: Value) -> Kind {
    Kind { plural, key: "code", body, free: "FREE-1".to_string() }
}

fn way(code: &str, own: &Value) -> Value {
    let mut body = json!({"code": code, "name": "示例", "region": COUNTY_B, "source": "示例",
        "status": "active"});
    for (name, value) in own.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// One of each kind that lies in county B.
fn kinds() -> Vec<Kind> {
    let of = |own: Value| promise("HID", COUNTY_B, &own);
    let mut route = way(
        "HID",
        &json!({"depot": DEPOT_B, "minutes": 20,
        "valid_from": "2026-01-01"}),
    );
    route.as_object_mut().unwrap().shift_remove("name");
    let leg = json!({"lon": 118.35, "lat": 35.1, "crossing_min": 40, "turnaround_min": 20,
        "sails_from": "00:00", "sails_until": "24:00", "boats": 1, "boat_kg": 100});
    let base = json!({"lon": 118.35, "lat": 35.1, "radius_km": 80, "cruise_kmh": 200,
        "payload_kg": 700, "aircraft": 1, "ready_min": 45, "load_min": 30, "turnaround_min": 30,
        "flying_min": 360});
    let closed = json!({"code": "HID", "kind": "area", "region": COUNTY_B, "cause": "flood",
        "closed_at": "2026-01-01T00:00:00Z", "status": "active"});
    vec![
        Kind {
            free: "371311902000".to_string(),
            ..kind("regions", region(TOWNSHIP_B, "township"))
        },
        kind("organizations", organization("HID", COUNTY_B)),
        kind("depots", depot("HID", COUNTY_B, "LY-YJ")),
        kind("agreements", of(json!({"contract_quantity": 5, "response_hours": 6}))),
        kind(
            "capacities",
            of(json!({"daily_rate": 5, "startup_hours": 6, "finished_goods": 7,
            "limit": 8})),
        ),
        kind("pledges", of(json!({"pledged_quantity": 5, "response_hours": 6}))),
        kind("routes", route),
        kind("helibases", way("HID", &base)),
        kind("water-legs", way("HID", &leg)),
        kind("closures", closed),
        kind("quota-rules", quota_rule("HID", COUNTY_B, "county", "QUILT")),
        Kind {
            key: "id",
            free: quota_id(9),
            ..kind("quotas", quota(7, COUNTY_B, "QUILT", 100, 50))
        },
        Kind {
            key: "id",
            ..kind(
                "events",
                json!({"id": "HID", "name": "洪水(示例)", "exercise": true,
                "illustrative": true, "status": "open",
                "areas": [{"region": COUNTY_B, "displaced": 10}]}),
            )
        },
    ]
}

/// The same record elsewhere.
fn at(kind: &Kind, place: &str) -> Value {
    match kind.plural {
        "regions" => with(kind.body.clone(), "", "parent", place),
        "events" => {
            with(kind.body.clone(), "", "areas", json!([{"region": place, "displaced": 10}]))
        }
        _ => with(kind.body.clone(), "", "region", place),
    }
}

/// What a write of this body under a key is told, with the key taken out.
fn told(
    client: &Client,
    kind: &Kind,
    body: &Value,
    (code, condition): (&str, (&str, &str)),
) -> String {
    let body = with(body.clone(), "", kind.key, code);
    let reply = client.put(&format!("/v1/{}/{code}", kind.plural), Some(condition), &body);
    let mut problem = reply.json();
    problem.as_object_mut().unwrap().shift_remove("request_id");
    format!("{} {problem}", reply.status).replace(code, "CODE")
}

fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    for kind in kinds() {
        let code = kind.body[kind.key].as_str().unwrap();
        let path = format!("/v1/{}/{code}", kind.plural);
        stage.client("admin").create(&path, &kind.body);
    }
}

#[test]
fn a_refused_write_does_not_tell_that_something_has_the_code() {
    on_each(|stage| {
        settle(stage);
        let county = stage.hire("admin", COUNTY_A);
        let mut told_apart: Vec<String> = Vec::new();
        for kind in kinds() {
            let hidden = kind.body[kind.key].as_str().unwrap().to_string();
            county.get(&format!("/v1/{}/{hidden}", kind.plural)).problem(404, "not_found");
            for place in [COUNTY_A, COUNTY_B, NOWHERE] {
                let body = at(&kind, place);
                for condition in [REPLACE, CREATE] {
                    if (place, condition) == (COUNTY_A, CREATE) {
                        continue;
                    }
                    let [there, free] = [hidden.as_str(), kind.free.as_str()]
                        .map(|code| told(&county, &kind, &body, (code, condition)));
                    // Whatever the body names, there is nothing to replace; what an event names
                    // is looked at first.
                    let replaces = condition == REPLACE && kind.plural != "events";
                    let expected = if replaces { "412 " } else { "4" };
                    if there != free || !free.starts_with(expected) {
                        told_apart.push(format!("{} {place}: {there}, {free}", kind.plural));
                    }
                }
            }
            if kind.plural != "routes" {
                let taken = told(&county, &kind, &at(&kind, COUNTY_A), (&hidden, CREATE));
                assert!(taken.starts_with("412 "), "{}: {taken}", kind.plural);
            }
        }
        assert_eq!(told_apart, Vec::<String>::new());
    });
}
