//! What planning answers name: nothing that lies out of the caller's region, in no part of them.
//!
//! Each room's own tests look at its fields one by one; here whole answers are searched. Invariant:
//! what is hidden from one key is told to another, so that there was something to hide.

use chrono::{Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, Stage, on_each, rows};
use crate::support::Client;
use crate::support::forms::{receipt, receipt_of_lot};
use crate::support::records::{depot, organization, profile, quota, quota_id, region};
use crate::support::world::{CITY_DEPOT, COUNTY_A, COUNTY_B, DEPOT_A, DEPOT_B, DEPOT_T};

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));
const TOWNSHIP: &str = "371302101000";
/// Codes that lie out of the township, or belong to those who do: depots, their owner, a closure, a
/// water leg, a helicopter base, a route, regions.
const OUTSIDE: [&str; 9] =
    [CITY_DEPOT, DEPOT_A, "LY-YJ", "RC-1", "WL-1", "HB-1", "RT-1", "371300000000", "371302000000"];

fn at(hours: i64) -> String {
    (Utc::now() + Duration::hours(hours)).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Goods of the city and the county for the township: by boat from the city, whose trucks are few,
/// and by a road into the county that opens in some hours.
fn settle(stage: &Stage, opens_h: i64) {
    let admin = stage.client("admin");
    admin.create("/v1/profiles/3713", &profile());
    stage.book("c", &receipt(CITY_DEPOT, "QUILT", 1_500));
    stage.book("a", &receipt(DEPOT_A, "QUILT", 200));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
    let mut store = depot(CITY_DEPOT, "3713", "LY-YJ");
    (store["trucks"], store["truck_payload_kg"]) = (json!(1), json!(1_000));
    let path = format!("/v1/depots/{CITY_DEPOT}");
    admin.put(&path, Some(("if-match", "*")), &store).expect(200);
    let (lon, lat) = (json!(118.35), json!(35.1));
    let leg = json!({"code": "WL-1", "name": "示例", "region": COUNTY_A, "lon": lon, "lat": lat,
        "crossing_min": 40, "turnaround_min": 20, "sails_from": "00:00", "sails_until": "24:00",
        "boats": 1, "boat_kg": 100, "source": "示例", "status": "active"});
    admin.create("/v1/water-legs/WL-1", &leg);
    let base = json!({"code": "HB-1", "name": "示例", "region": COUNTY_A, "lon": lon, "lat": lat,
        "radius_km": 80, "cruise_kmh": 200, "payload_kg": 700, "aircraft": 1, "ready_min": 45,
        "load_min": 30, "turnaround_min": 30, "flying_min": 360, "source": "示例",
        "status": "active"});
    admin.create("/v1/helibases/HB-1", &base);
    let route = json!({"code": "RT-1", "depot": DEPOT_A, "region": TOWNSHIP, "minutes": 20,
        "source": "示例", "valid_from": "2026-01-01", "status": "active"});
    admin.create("/v1/routes/RT-1", &route);
    let closed = json!({"code": "RC-1", "kind": "area", "region": COUNTY_A, "cause": "flood",
        "closed_at": at(-1), "expected_reopen_at": at(opens_h), "status": "active"});
    stage.client("planner").create("/v1/closures/RC-1", &closed);
    for (digits, place, target) in [(1, "3713", 100), (2, TOWNSHIP, 1_000)] {
        let body = quota(digits, place, "QUILT", target, target / 2);
        admin.create(&format!("/v1/quotas/{}", quota_id(digits)), &body);
    }
}

/// A scenario of the township with all that may be asked of it.
fn scenario(client: &Client, hours: u32, fleet: &str) -> String {
    let area = json!([{"region": TOWNSHIP, "displaced": 2_000}]);
    let body = json!({"name": "洪水(示例)", "hours": hours, "areas": area, "detail": true,
        "as_movements": true, "orders": true, "started_at": at(0), "fleet": fleet});
    let headers = [("content-type", "application/json")];
    let (path, bytes) = ("/v1/coverage/scenarios", body.to_string());
    let reply = client.send("POST", path, &headers, Some(bytes.as_bytes()));
    reply.expect(200);
    reply.text
}

/// All that planning tells of the township.
fn answers(client: &Client, hours: u32) -> Vec<(String, String)> {
    let tell = |fleet: &str| (format!("scenario {fleet}"), scenario(client, hours, fleet));
    let mut found = ["check", "bound"].map(tell).to_vec();
    let coverage = format!("/v1/coverage?region={TOWNSHIP}&tier=township&hours={hours}");
    for path in [
        coverage.clone(),
        format!("{coverage}&format=csv"),
        format!("{coverage}&detail=true"),
        format!("/v1/gaps/donors?region={TOWNSHIP}&item=QUILT"),
        format!("/v1/gaps/donors?region={TOWNSHIP}&item=QUILT&format=csv"),
        "/v1/events/E-1/allocation?detail=true&orders=true".to_string(),
        "/v1/events/E-1/allocation?fleet=bound".to_string(),
        "/v1/closures".to_string(),
        "/v1/water-legs".to_string(),
        "/v1/helibases".to_string(),
        "/v1/routes".to_string(),
        "/v1/events".to_string(),
    ] {
        let reply = client.get(&path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text);
        found.push((path, reply.text));
    }
    found
}

#[test]
fn no_planning_answer_names_what_lies_out_of_the_callers_region() {
    // In time after a wait; too late; too late on open roads, too.
    for (opens_h, hours) in [(2, 24), (48, 12), (48, 3)] {
        on_each(|stage| {
            settle(stage, opens_h);
            let event = json!({"id": "E-1", "name": "洪水(示例)", "exercise": false,
                "illustrative": true, "status": "open", "started_at": at(0), "hours": hours,
                "areas": [{"region": TOWNSHIP, "displaced": 2_000}]});
            stage.client("planner").put("/v1/events/E-1", CREATE, &event).expect(201);
            let county = answers(&stage.client("planner"), hours);
            for code in OUTSIDE {
                let told = county.iter().any(|(_, text)| text.contains(code));
                assert!(told, "{hours} h: nobody is told of {code}");
            }
            for (path, text) in answers(&stage.hire("planner", TOWNSHIP), hours) {
                for code in OUTSIDE {
                    assert!(!text.contains(code), "{hours} h, {path} names {code}: {text}");
                }
            }
        });
    }
}

#[test]
fn a_scenario_names_to_each_key_what_lies_in_its_region() {
    on_each(|stage| {
        settle(stage, 2);
        stage.book("t", &receipt(DEPOT_T, "QUILT", 10));
        let township = scenario(&stage.hire("planner", TOWNSHIP), 24, "check");
        let answer: Value = serde_json::from_str(&township).unwrap();
        let named: Vec<&Value> =
            answer["movements"].as_array().unwrap().iter().map(|row| &row["lines"]).collect();
        assert_eq!(named.len(), 1, "{named:?}");
        assert_eq!(named[0][0]["from"], DEPOT_T);
        assert!(answer["shortages"][0]["depots_withheld"].as_i64().unwrap() >= 1);
        assert_eq!((&answer["closures"], &answer["closures_withheld"]), (&json!([]), &json!(1)));
        assert_eq!(answer["ferries"], json!([]));
    });
}

#[test]
fn an_event_is_known_to_who_sees_the_depots_of_its_closed_ways() {
    on_each(|stage| {
        let event = json!({"id": "E-1", "name": "洪水(示例)", "exercise": true,
            "illustrative": true, "status": "open",
            "areas": [{"region": COUNTY_A, "displaced": 10}],
            "closures": [{"region": COUNTY_A, "depot": DEPOT_B}]});
        stage.client("admin").create("/v1/profiles/3713", &profile());
        let planner = stage.client("planner");
        planner.put("/v1/events/E-1", CREATE, &event).expect(201);
        let county = stage.hire("planner", COUNTY_A);
        county.get("/v1/events/E-1").problem(404, "not_found");
        county.get("/v1/events/E-1/allocation").problem(404, "not_found");
        assert_eq!(rows(&county.get("/v1/events").expect(200)).len(), 0);
        let anew = Some(("if-match", "*"));
        let mut own = event.clone();
        own["closures"] = json!([]);
        county.put("/v1/events/E-1", anew, &own).problem(412, "precondition_failed");
        planner.put("/v1/events/E-1", anew, &own).expect(200);
        county.get("/v1/events/E-1").expect(200);
    });
}

#[test]
fn nobody_of_another_city_issues_for_an_event() {
    on_each(|stage| {
        let admin = stage.client("admin");
        admin.create("/v1/profiles/3713", &profile());
        stage.book("a", &receipt(DEPOT_A, "QUILT", 50));
        admin.create("/v1/regions/3710", &region("3710", "city"));
        admin.create("/v1/regions/371002", &region("371002", "county"));
        admin.create("/v1/organizations/WH-YJ", &organization("WH-YJ", "3710"));
        let event = json!({"id": "E-1", "name": "洪水(示例)", "exercise": false,
            "illustrative": true, "status": "open", "started_at": at(-1),
            "areas": [{"region": "371002", "displaced": 10},
                {"region": COUNTY_B, "displaced": 10}]});
        stage.hire("planner", "37").put("/v1/events/E-1", CREATE, &event).expect(201);
        let issue = |area: &str| {
            let line = json!({"from": DEPOT_A, "item": "QUILT", "quantity": 1});
            json!({"type": "issue", "order_no": format!("E-1/{area}"), "lines": [line]})
        };
        let clerk = stage.client("clerk-a");
        let far = clerk.post(MOVEMENTS, "far", &issue("371002000000"));
        assert_eq!(far.problem(409, "unknown_reference")["pointer"], "/order_no");
        clerk.post(MOVEMENTS, "near", &issue("371311000000")).expect(201);
    });
}
