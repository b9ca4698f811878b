//! Until when goods wait for what the register closes: from which instant, and which closure.
//!
//! What waiting costs is tested beside the domain. Invariant: a closure that opens at some instant
//! opens at that instant, whenever the question begins.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::stage::{Stage, on_each};
use crate::support::Client;
use crate::support::forms::{receipt, receipt_of_lot};
use crate::support::records::profile;
use crate::support::world::{CITY_DEPOT, COUNTY_A};

const TOWNSHIP: &str = "371302101000";

fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("q", &receipt(CITY_DEPOT, "QUILT", 5_000));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
}

/// So many minutes from now.
fn minutes(count: i64) -> String {
    let at = Utc::now() + Duration::minutes(count);
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// Closes county A from one minute to another.
fn close(stage: &Stage, from: i64, until: i64) {
    let body = json!({"code": "RC-1", "kind": "area", "region": COUNTY_A, "cause": "flood",
        "closed_at": minutes(from), "expected_reopen_at": minutes(until), "status": "active"});
    stage.client("planner").create("/v1/closures/RC-1", &body);
}

fn scenario(client: &Client, body: &Value) -> Value {
    let headers = [("content-type", "application/json")];
    let (path, bytes) = ("/v1/coverage/scenarios", body.to_string());
    client.send("POST", path, &headers, Some(bytes.as_bytes())).expect(200)
}

/// The first delivery.
fn first(answer: &Value) -> Value {
    answer["allocations"][0].clone()
}

fn near(found: &Value, expected: i64) -> bool {
    found.as_i64().is_some_and(|found| found.abs_diff(expected) <= 1)
}

#[test]
fn a_closure_of_the_register_opens_at_its_instant_whenever_the_scenario_began() {
    on_each(|stage| {
        settle(stage);
        close(stage, -60, 1_380);
        let planner = stage.client("planner");
        for gone in [0, 120, 600] {
            let body = json!({"name": "洪水(示例)", "exercise": true, "hours": 72,
                "started_at": minutes(-gone), "elapsed_min": gone,
                "areas": [{"region": COUNTY_A, "displaced": 100}]});
            let row = first(&scenario(&planner, &body));
            // An hour of deciding, and then until it opens, from the start on.
            assert!(near(&row["leaves_min"], 60 + 1_380 + gone), "{gone}: {row}");
            let waits = &row["waits_for"];
            assert_eq!(waits["closure"], "RC-1", "{row}");
            assert!(near(&waits["opens_min"], 1_380 + gone), "{gone}: {waits}");
        }
    });
}

#[test]
fn of_a_questions_own_closures_and_the_registers_the_last_to_open_is_named() {
    on_each(|stage| {
        settle(stage);
        close(stage, -60, 1_380);
        let planner = stage.client("planner");
        let held = |reopens_h: u32| {
            let path = format!(
                "/v1/coverage?region={COUNTY_A}&tier=county&detail=true&closed={COUNTY_A}\
                 &reopens_h={reopens_h}"
            );
            let row = planner.get(&path).expect(200)["items"][0].clone();
            let found = row["detail"]["held_back"][0].clone();
            (found["closure"].clone(), found["closed"].clone())
        };
        assert_eq!(held(14), (json!("RC-1"), Value::Null));
        assert_eq!(held(48), (Value::Null, json!(0)));
    });
}

#[test]
fn a_day_to_come_reckons_with_what_is_closed_as_it_begins() {
    on_each(|stage| {
        settle(stage);
        close(stage, -60, 1_380);
        let later = json!({"code": "RC-2", "kind": "area", "region": TOWNSHIP, "cause": "works",
            "closed_at": minutes(4 * 1_440), "expected_reopen_at": minutes(8 * 1_440),
            "status": "active"});
        let planner = stage.client("planner");
        planner.create("/v1/closures/RC-2", &later);
        let named = |days: Option<i64>| {
            let on = |days| (Utc::now() + Duration::hours(8 + 24 * days)).date_naive();
            let as_of = days.map_or_else(String::new, |days| format!("&as_of={}", on(days)));
            let path = format!("/v1/coverage?region={COUNTY_A}&tier=township{as_of}");
            let answer = planner.get(&path).expect(200);
            let rows = answer["closures"].as_array().unwrap().iter();
            rows.map(|row| row["code"].clone()).collect::<Vec<Value>>()
        };
        assert_eq!(named(None), ["RC-1"]);
        assert_eq!(named(Some(0)), ["RC-1"], "today is now, not midnight");
        assert!(named(Some(2)).is_empty(), "it is open by then");
        assert_eq!(named(Some(6)), ["RC-2"]);
    });
}

#[test]
fn boats_sail_by_the_hour_at_which_goods_may_leave() {
    on_each(|stage| {
        settle(stage);
        let admin = stage.client("admin");
        let depot = admin.get(&format!("/v1/depots/{CITY_DEPOT}")).expect(200);
        let leg = json!({"code": "WL-1", "name": "示例", "region": TOWNSHIP,
            "lon": depot["lon"], "lat": depot["lat"], "crossing_min": 40, "turnaround_min": 20,
            "sails_from": "06:00", "sails_until": "20:00", "boats": 1, "boat_kg": 100,
            "source": "示例", "status": "active"});
        admin.create("/v1/water-legs/WL-1", &leg);
        let tomorrow = (Utc::now() + Duration::hours(8 + 24)).date_naive();
        let arrives = |elapsed_min: u32| {
            let body = json!({"name": "台风(示例)", "exercise": true, "hours": 48,
                "started_at": format!("{tomorrow}T08:00:00+08:00"), "elapsed_min": elapsed_min,
                "areas": [{"region": TOWNSHIP, "displaced": 100}]});
            first(&scenario(&stage.client("planner"), &body))["arrives_min"].clone()
        };
        // 240 minutes until they leave, 40 across, 90 to people's hands.
        assert_eq!(arrives(0), 240 + 40 + 90);
        assert_eq!(arrives(60), 60 + 240 + 40 + 90);
        // Twelve hours later they are at the pier at midnight, and the first boat leaves at six.
        assert_eq!(arrives(720), 22 * 60 + 40 + 90);
    });
}

#[test]
fn coverage_goes_round_what_the_register_closes() {
    on_each(|stage| {
        settle(stage);
        let (admin, planner) = (stage.client("admin"), stage.client("planner"));
        let read = admin.get("/v1/regions/371302101");
        let mut body = read.json();
        let [lon, lat] = ["lon", "lat"].map(|name| body[name].as_f64().unwrap());
        body["lon"] = json!(lon + 0.1);
        admin.put("/v1/regions/371302101", Some(("if-match", read.header("etag"))), &body);
        let (depot, town, between) = ([lon, lat], [lon + 0.1, lat], [lon + 0.1, lat + 0.1]);
        for (code, from, to) in
            [("RD-1", depot, town), ("RD-2", depot, between), ("RD-3", between, town)]
        {
            let road = json!({"code": code, "from_lon": from[0], "from_lat": from[1],
                "to_lon": to[0], "to_lat": to[1], "length_m": 30_000, "one_way": false,
                "status": "active"});
            admin.create(&format!("/v1/roads/{code}"), &road);
        }
        let full = || {
            let path = format!("/v1/coverage?region={TOWNSHIP}&tier=township&detail=true");
            let row = planner.get(&path).expect(200)["items"][0].clone();
            row["full_at_min"].as_i64().unwrap()
        };
        let open = full();
        let closed = json!({"code": "RC-1", "kind": "roads", "region": "3713", "roads": ["RD-1"],
            "cause": "flood", "closed_at": minutes(-60), "expected_reopen_at": minutes(1_380),
            "status": "active"});
        planner.create("/v1/closures/RC-1", &closed);
        // Sixty kilometres instead of thirty, at 50 km/h.
        assert_eq!(full() - open, 36);
    });
}
