//! What goods wait for: the closure that each late or blocked way names, to those who may see it.
//!
//! How waits come about is tested beside the domain. Invariant: a closure out of the caller's
//! region is told by no code, whatever waits for it.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::stage::{Stage, on_each};
use crate::support::Client;
use crate::support::forms::{receipt, receipt_of_lot};
use crate::support::records::{profile, quota, quota_id};
use crate::support::world::{CITY_DEPOT, COUNTY_A, DEPOT_A};

/// Closes the way from the city's depot to county A, an hour ago, for so many hours.
fn settle(stage: &Stage, for_hours: i64) {
    let admin = stage.client("admin");
    admin.create("/v1/profiles/3713", &profile());
    stage.book("q", &receipt(CITY_DEPOT, "QUILT", 5_000));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
    stage.book("a", &receipt(DEPOT_A, "QUILT", 50));
    let at = |hours: i64| {
        let at = Utc::now() + Duration::hours(hours);
        at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    };
    let body = json!({"code": "RC-1", "kind": "pair", "region": COUNTY_A, "depot": CITY_DEPOT,
        "closed_at": at(-1), "expected_reopen_at": at(for_hours - 1), "cause": "flood",
        "status": "active"});
    admin.create("/v1/closures/RC-1", &body);
}

fn post(client: &Client, body: &Value) -> Value {
    let headers = [("content-type", "application/json")];
    let bytes = body.to_string();
    let path = "/v1/coverage/scenarios";
    client.send("POST", path, &headers, Some(bytes.as_bytes())).expect(200)
}

fn bedding(answer: &Value) -> Value {
    let areas = answer["areas"].as_array().unwrap();
    areas.iter().find(|row| row["need"] == "bedding").unwrap().clone()
}

/// Code, place in the question and whether it says until when.
fn told(row: &Value) -> (Value, Value, bool) {
    (row["closure"].clone(), row["closed"].clone(), row["opens_min"].is_i64())
}

#[test]
fn an_area_in_detail_names_what_holds_its_goods_back() {
    on_each(|stage| {
        settle(stage, 24);
        let path = format!("/v1/coverage?region={COUNTY_A}&tier=county&detail=true");
        let detail = |client: &Client, query: &str| {
            client.get(&format!("{path}{query}")).expect(200)["items"][0]["detail"].clone()
        };
        let planner = stage.client("planner");
        let found = detail(&planner, "");
        let held = &found["held_back"];
        assert_eq!(held.as_array().unwrap().len(), 1, "{held}");
        assert_eq!(told(&held[0]), (json!("RC-1"), Value::Null, true));
        assert_eq!(held[0]["depots"], 1);
        assert!((1_370..=1_380).contains(&held[0]["opens_min"].as_i64().unwrap()), "{held}");
        assert_eq!(told(&found["remedy"]["waits_for"]), (json!("RC-1"), Value::Null, true));
        assert_eq!(detail(&planner, "&closures=ignore")["held_back"], json!([]));
        // The question's own closure opens later, so goods wait for that one.
        let later = detail(&planner, &format!("&closed={COUNTY_A}&reopens_h=48"));
        assert_eq!(told(&later["held_back"][0]), (Value::Null, json!(0), true));
        // Whoever sees the county alone learns that something holds goods back, not what or when.
        let county = detail(&stage.hire("planner", COUNTY_A), "");
        assert_eq!(told(&county["held_back"][0]), (Value::Null, Value::Null, false));
        assert_eq!(told(&county["remedy"]["waits_for"]), (Value::Null, Value::Null, false));
        assert_eq!(county["remedy"]["depot"], Value::Null);
        assert!(!county.to_string().contains("RC-1") && !county.to_string().contains(CITY_DEPOT));
    });
}

#[test]
fn scenarios_name_the_closure_that_each_delivery_waits_for() {
    on_each(|stage| {
        settle(stage, 24);
        let flood = json!({"name": "洪水(示例)", "exercise": true, "hours": 12,
            "areas": [{"region": COUNTY_A, "displaced": 100}]});
        let planner = stage.client("planner");
        let answer = post(&planner, &flood);
        let row = bedding(&answer);
        assert_eq!((&row["cause"], &row["delivered"]), (&json!("road"), &json!(50)));
        assert_eq!(told(&row["held_back"][0]), (json!("RC-1"), Value::Null, true));
        let figures = (&row["held_back"][0]["depots"], &row["held_back"][0]["units"]);
        assert_eq!(figures, (&json!(1), &json!(5_000)));
        // In time, after waiting.
        let mut patient = flood.clone();
        patient["hours"] = json!(48);
        let answer = post(&planner, &patient);
        let sent = |answer: &Value, from: Value| {
            let rows = answer["allocations"].as_array().unwrap();
            let row = rows.iter().find(|row| row["depot"] == from && row["need"] == "bedding");
            row.unwrap()["waits_for"].clone()
        };
        assert_eq!(told(&sent(&answer, json!(CITY_DEPOT))), (json!("RC-1"), Value::Null, true));
        assert_eq!(sent(&answer, json!(DEPOT_A)), Value::Null, "it lies inside");
        assert_eq!(bedding(&answer)["held_back"], json!([]));
        // What the question names itself.
        let mut own = patient.clone();
        own["closures"] = json!([{"region": COUNTY_A, "opens_min": 1_500}]);
        let answer = post(&planner, &own);
        assert_eq!(told(&sent(&answer, json!(CITY_DEPOT))), (Value::Null, json!(0), true));
        let county = stage.hire("planner", COUNTY_A);
        let answer = post(&county, &patient);
        assert_eq!(told(&sent(&answer, Value::Null)), (Value::Null, Value::Null, false));
        let short = post(&county, &flood);
        assert_eq!(told(&bedding(&short)["held_back"][0]), (Value::Null, Value::Null, false));
        assert!(!short.to_string().contains("RC-1") && !answer.to_string().contains("RC-1"));
    });
}

#[test]
fn donors_name_the_closure_that_they_wait_for() {
    on_each(|stage| {
        settle(stage, 24);
        let admin = stage.client("admin");
        for (digits, place, target) in [(1, "3713", 2_000), (2, COUNTY_A, 1_000)] {
            let body = quota(digits, place, "QUILT", target, target / 2);
            admin.create(&format!("/v1/quotas/{}", quota_id(digits)), &body);
        }
        let ask = |client: &Client| {
            let path = format!("/v1/gaps/donors?region={COUNTY_A}&item=QUILT");
            client.get(&path).expect(200)["items"][0].clone()
        };
        let row = ask(&stage.client("planner"));
        assert_eq!(row["waits_for"], "RC-1");
        assert!((1_370..=1_380).contains(&row["opens_min"].as_i64().unwrap()), "{row}");
        let path = "/v1/closures/RC-1";
        let mut overdue = stage.client("planner").get(path).json();
        (overdue["closed_at"], overdue["expected_reopen_at"]) =
            (json!("2026-01-01T00:00:00Z"), json!("2026-01-02T00:00:00Z"));
        stage.client("planner").put(path, Some(("if-match", "*")), &overdue).expect(200);
        let row = ask(&stage.client("planner"));
        assert_eq!((&row["cut_off"], &row["waits_for"]), (&json!(true), &json!("RC-1")));
        assert_eq!(row["opens_min"], Value::Null);
    });
}
