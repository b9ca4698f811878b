//! Water legs: the register, and deliveries that cross by boat.
//!
//! Ways by number are tested beside the engine. Invariant: a delivery that takes a boat says which,
//! to whoever sees what lies across.

use chrono::{Duration, Utc};
use serde_json::{Value, json};

use crate::stage::{Stage, on_each, rows};
use crate::support::Client;
use crate::support::forms::{receipt, receipt_of_lot, with};
use crate::support::records::profile;
use crate::support::world::CITY_DEPOT;

const CREATE: Option<(&str, &str)> = Some(("if-none-match", "*"));
const PATH: &str = "/v1/water-legs/WL-1";
const COUNTY: &str = "371302";
const TOWNSHIP: &str = "371302101000";

/// Forty minutes to the township, by day, from a pier beside the city's depot.
fn leg(stage: &Stage) -> Value {
    let depot = stage.client("admin").get(&format!("/v1/depots/{CITY_DEPOT}")).expect(200);
    json!({"code": "WL-1", "name": "示例", "region": TOWNSHIP, "lon": depot["lon"],
        "lat": depot["lat"], "crossing_min": 40, "turnaround_min": 20, "sails_from": "06:00",
        "sails_until": "20:00", "boats": 1, "boat_kg": 100, "source": "示例",
        "status": "active"})
}

fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("q", &receipt(CITY_DEPOT, "QUILT", 5_000));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
}

/// What a scenario that begins tomorrow at an hour sends of bedding to the township.
fn bedding(client: &Client, hour: &str) -> (Value, Value) {
    let tomorrow = (Utc::now() + Duration::hours(8 + 24)).date_naive();
    let body = json!({"name": "台风(示例)", "exercise": true, "hours": 24,
        "started_at": format!("{tomorrow}T{hour}:00+08:00"),
        "areas": [{"region": TOWNSHIP, "displaced": 200}]});
    let headers = [("content-type", "application/json")];
    let path = "/v1/coverage/scenarios";
    let bytes = body.to_string();
    let answer = client.send("POST", path, &headers, Some(bytes.as_bytes())).expect(200);
    let sent = answer["allocations"].as_array().unwrap().iter();
    let row = sent.clone().find(|row| row["need"] == "bedding").unwrap().clone();
    (row, answer)
}

#[test]
fn a_leg_is_a_register_with_its_bounds() {
    on_each(|stage| {
        let (admin, good) = (stage.client("admin"), leg(stage));
        for (field, value, code) in [
            ("crossing_min", json!(0), "out_of_range"),
            ("crossing_min", json!(1_441), "out_of_range"),
            ("turnaround_min", json!(-1), "out_of_range"),
            ("boats", json!(0), "out_of_range"),
            ("boat_kg", json!(0), "out_of_range"),
            ("lon", json!(181), "out_of_range"),
            ("sails_from", json!("6:00"), "malformed"),
            ("sails_from", json!("24:00"), "malformed"),
            ("sails_until", json!("24:01"), "malformed"),
            ("sails_until", json!("06:00"), "out_of_range"),
            ("status", json!("wet"), "unknown_value"),
        ] {
            let reply = admin.put(PATH, CREATE, &with(good.clone(), "", field, value.clone()));
            let fault = reply.problem(422, "invalid_value")["errors"][0].clone();
            let told = (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap());
            assert_eq!(told, (format!("/{field}").as_str(), code), "{value}");
        }
        let nowhere = with(good.clone(), "", "region", "379999");
        admin.put(PATH, CREATE, &nowhere).problem(409, "unknown_reference");
        stage.client("planner").put(PATH, CREATE, &good).problem(403, "forbidden");
        admin.create(PATH, &good);
        assert_eq!(admin.get(PATH).json(), good);
        let csv = admin.get("/v1/water-legs?format=csv");
        assert!(csv.text.lines().nth(1).is_some_and(|row| row.contains("06:00")), "{}", csv.text);
        for (query, count) in [("", 1), ("?region=371311", 0), ("?q=wl-1", 1), ("?q=x", 0)] {
            let page = admin.get(&format!("/v1/water-legs{query}")).expect(200);
            assert_eq!(rows(&page).len(), count, "{query}");
        }
        let county = stage.hire("planner", "371311");
        county.get(PATH).problem(404, "not_found");
        assert_eq!(rows(&county.get("/v1/water-legs").expect(200)).len(), 0);
    });
}

#[test]
fn deliveries_cross_by_day_and_boats_are_told_beside_them() {
    on_each(|stage| {
        settle(stage);
        let planner = stage.client("planner");
        let (dry, answer) = bedding(&planner, "08:00");
        assert_eq!((&dry["water_leg"], &answer["ferries"]), (&Value::Null, &json!([])));
        stage.client("admin").create(PATH, &leg(stage));
        // 240 minutes until they leave, none to the pier, 40 across, 90 to people's hands.
        let (by_day, answer) = bedding(&planner, "08:00");
        assert_eq!((&by_day["arrives_min"], &by_day["water_leg"]), (&json!(370), &json!("WL-1")));
        let ferry = &answer["ferries"][0];
        assert_eq!((&ferry["water_leg"], &ferry["boats"]), (&json!("WL-1"), &json!(1)));
        // From 370 to 1,440 a boat comes every 100 minutes: eleven times.
        assert_eq!((&ferry["crossings"], &ferry["capacity_tonnes"]), (&json!(11), &json!(1.1)));
        let short = ferry["tonnes"].as_f64().unwrap() - 1.1;
        assert!((ferry["short_tonnes"].as_f64().unwrap() - short.max(0.0)).abs() < 0.0015);
        // By night goods are at the pier at midnight, and the first boat leaves at six.
        let (by_night, _) = bedding(&planner, "20:00");
        assert_eq!(by_night["arrives_min"], 600 + 40 + 90);
        // Whoever sees the township sees the leg; whoever sees the county alone where the leg is
        // the city's does not.
        let (seen, _) = bedding(&stage.hire("planner", COUNTY), "08:00");
        assert_eq!(seen["water_leg"], "WL-1");
        let wider = with(leg(stage), "", "region", COUNTY);
        stage.client("admin").put(PATH, Some(("if-match", "*")), &wider).expect(200);
        let (hidden, answer) = bedding(&stage.hire("planner", TOWNSHIP), "08:00");
        assert_eq!((&hidden["arrives_min"], &hidden["water_leg"]), (&json!(370), &Value::Null));
        assert_eq!(answer["ferries"], json!([]));
        assert!(!answer.to_string().contains("WL-1"));
        // A leg that is retired takes nobody across.
        let retired = with(leg(stage), "", "status", "retired");
        stage.client("admin").put(PATH, Some(("if-match", "*")), &retired).expect(200);
        assert_eq!(bedding(&planner, "08:00").0["water_leg"], Value::Null);
        stage.client("admin").put(PATH, Some(("if-match", "*")), &leg(stage)).expect(200);
        // A storm: nothing crosses until the region is open again.
        let closed = json!({"code": "RC-1", "kind": "area", "region": TOWNSHIP, "cause": "wind",
            "closed_at": "2026-01-01T00:00:00Z", "expected_reopen_at": "2190-01-01T00:00:00Z",
            "status": "active"});
        stage.client("admin").create("/v1/closures/RC-1", &closed);
        let path = format!("/v1/coverage?region={TOWNSHIP}&tier=township");
        let row = planner.get(&path).expect(200)["items"][0].clone();
        assert_eq!((&row["coverage"], &row["binding"]["reason"]), (&json!(0.0), &json!("road")));
    });
}

#[test]
fn what_is_polled_after_a_movement_crosses_too() {
    on_each(|stage| {
        settle(stage);
        stage.client("admin").create(PATH, &leg(stage));
        let planner = stage.client("planner");
        let township = |query: &str| {
            // By land goods would be there after 330 minutes, by boat after 370.
            let path = format!("/v1/coverage?region={TOWNSHIP}&tier=township&hours=6{query}");
            let row = planner.get(&path).expect(200)["items"][0].clone();
            assert_eq!(row["coverage"], 0.0, "{query}: {row}");
            (row["full_at_min"].clone(), row["binding"].clone())
        };
        let before = township("");
        assert_eq!(before, township("&detail=true"));
        stage.book("more", &receipt(CITY_DEPOT, "QUILT", 700));
        assert_eq!(township(""), before);
    });
}
