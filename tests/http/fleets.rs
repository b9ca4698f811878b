//! Trucks as a bound: what is sent where they are few, and how that is told.
//!
//! Which goods go on which truck is tested beside the division. Invariant: what is told without the
//! bound is what the same question tells that knows no trucks.

use chrono::{Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::stage::{Stage, on_each};
use crate::support::forms::{receipt, receipt_of_lot};
use crate::support::records::{depot, profile};
use crate::support::world::{CITY_DEPOT, COUNTY_A, COUNTY_B, DEPOT_A, DEPOT_B};

const EVENT: &str = "/v1/events/E-1";

/// Quilts in both counties and the city, where the water lies, too.
fn settle(stage: &Stage) {
    stage.client("admin").create("/v1/profiles/3713", &profile());
    stage.book("a", &receipt(DEPOT_A, "QUILT", 500));
    stage.book("b", &receipt(DEPOT_B, "QUILT", 1_800));
    stage.book("c", &receipt(CITY_DEPOT, "QUILT", 2_500));
    stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 60_000, "L", "2190-01-01"));
}

/// Gives the city's depot so many trucks of a tonne.
fn equip(stage: &Stage, trucks: u32) {
    let mut body = depot(CITY_DEPOT, "3713", "LY-YJ");
    body["trucks"] = json!(trucks);
    body["truck_payload_kg"] = json!(1_000);
    let path = format!("/v1/depots/{CITY_DEPOT}");
    stage.client("admin").put(&path, Some(("if-match", "*")), &body).expect(200);
}

fn scenario(stage: &Stage, fleet: Value) -> crate::support::Reply {
    let body = json!({
        "name": "洪水(示例)", "fleet": fleet, "orders": true,
        "areas": [
            {"region": COUNTY_A, "displaced": 3_000}, {"region": COUNTY_B, "displaced": 2_000},
        ],
    });
    let headers = [("content-type", "application/json")];
    let path = "/v1/coverage/scenarios";
    stage.client("planner").send("POST", path, &headers, Some(body.to_string().as_bytes()))
}

fn rows<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer[field].as_array().unwrap()
}

fn sum<'a>(rows: impl Iterator<Item = &'a Value>, field: &str) -> i64 {
    rows.map(|row| row[field].as_i64().unwrap()).sum()
}

/// That an answer tells beside each figure what it would be without the bound.
fn assert_beside(bound: &Value, free: &Value) {
    for (row, before) in rows(bound, "areas").iter().zip(rows(free, "areas")) {
        assert_eq!(row["delivered_without_bound"], before["delivered"]);
        assert_eq!(before["delivered_without_bound"], Value::Null);
        let whole = row["delivered"].as_i64().unwrap() + row["without_truck"].as_i64().unwrap();
        assert_eq!(before["delivered"], whole);
        let short = row["ratio"].as_f64().unwrap() < 1.0;
        let by_trucks = short && row["without_truck"].as_i64().unwrap() > 0;
        assert_eq!(row["cause"] == "fleet", by_trucks, "{row}");
    }
    for (row, before) in rows(bound, "summary").iter().zip(rows(free, "summary")) {
        assert_eq!(row["coverage_without_bound"], before["coverage"]);
        assert_eq!(row["persons_without_bound"], before["persons_covered"]);
    }
    assert_eq!(bound["bound"]["persons_without_bound"], free["persons_covered"]);
    assert_eq!((&bound["fleet"], &free["fleet"]), (&json!("bound"), &json!("check")));
    assert_eq!(free["bound"], Value::Null);
    assert_eq!(bound["shortages"], free["shortages"], "proofs know no trucks");
}

fn of_city(answer: &Value) -> Value {
    let mut fleets = rows(answer, "fleets").iter();
    fleets.find(|row| row["depot"] == CITY_DEPOT).unwrap().clone()
}

#[test]
fn few_trucks_bound_what_is_sent_and_unknown_ones_do_not() {
    on_each(|stage| {
        settle(stage);
        let free = scenario(stage, Value::Null).expect(200);
        let unknown = scenario(stage, json!("bound")).expect(200);
        assert_beside(&unknown, &free);
        assert_eq!(unknown["bound"]["depots_unknown"], 3);
        assert_eq!(unknown["bound"]["depots_bounded"], 0);
        assert_eq!(unknown["allocations"], free["allocations"], "nobody has said how many");
        assert_eq!(of_city(&unknown)["suffices"], Value::Null);

        equip(stage, 2);
        let free = scenario(stage, json!("check")).expect(200);
        let bound = scenario(stage, json!("bound")).expect(200);
        assert_beside(&bound, &free);
        assert_eq!(bound["bound"]["depots_unknown"], 2);
        assert_eq!(bound["bound"]["depots_bounded"], 1);
        let sent = |answer: &Value| {
            let all = rows(answer, "allocations").iter();
            let theirs: Vec<Value> =
                all.filter(|row| row["depot"] == CITY_DEPOT).cloned().collect();
            (sum(theirs.iter(), "weight_kg"), sum(theirs.iter(), "quantity"), theirs)
        };
        let (kg, pieces, theirs) = sent(&bound);
        assert!(kg <= 2_000 && pieces > 0, "{kg} kg on two trucks of a tonne");
        assert!(theirs.iter().all(|row| row["binding"] == Value::Null));
        let city = of_city(&bound);
        assert_eq!(city["suffices"], false);
        let planned = f64::from(i32::try_from(sent(&free).0).unwrap()) / 1_000.0;
        let left = planned - city["tonnes"].as_f64().unwrap();
        assert!((left - city["left_tonnes"].as_f64().unwrap()).abs() < 0.01, "{city}");
        assert!(bound["persons_covered"].as_i64() < free["persons_covered"].as_i64());
        let told = bound["bound"]["sentence"].as_str().unwrap();
        assert!(told.contains(&free["persons_covered"].to_string()), "{told}");
        let needs = rows(&bound["bound"], "needs");
        assert_eq!(needs.len(), 2);
        let most = |row: &Value| sum(std::iter::once(row), "delivered_without_bound");
        assert!(needs.iter().all(|row| sum(std::iter::once(row), "delivered") <= most(row)));
        // What is carried out is what the trucks carry.
        let orders = rows(&bound, "orders").iter().filter(|row| row["type"] != "issue");
        let lines = orders.flat_map(|row| rows(row, "lines"));
        let out = sum(lines.filter(|line| line["from"] == CITY_DEPOT), "quantity");
        assert_eq!(out, pieces);

        equip(stage, 100_000);
        let enough = scenario(stage, json!("bound")).expect(200);
        assert_beside(&enough, &scenario(stage, Value::Null).expect(200));
        assert_eq!(enough["persons_covered"], enough["bound"]["persons_without_bound"]);
        let wrong = scenario(stage, json!("none"));
        assert_eq!(wrong.problem(422, "invalid_value")["errors"][0]["pointer"], "/fleet");
    });
}

#[test]
fn a_stored_event_is_met_by_the_trucks_there_are_where_that_is_asked() {
    on_each(|stage| {
        settle(stage);
        equip(stage, 1);
        let planner = stage.client("planner");
        let begun = Utc::now() - Duration::minutes(30);
        let event = json!({
            "id": "E-1", "name": "洪水(示例)", "exercise": false, "illustrative": true,
            "status": "open", "started_at": begun.to_rfc3339_opts(SecondsFormat::Secs, true),
            "hours": 12, "areas": [{"region": COUNTY_A, "displaced": 3_000}],
        });
        planner.put(EVENT, Some(("if-none-match", "*")), &event).expect(201);
        let ask = |words: &str| planner.get(&format!("{EVENT}/allocation?{words}"));
        let (free, bound) = (ask("fleet=check").expect(200), ask("fleet=bound").expect(200));
        assert_beside(&bound, &free);
        assert!(bound["persons_covered"].as_i64() < free["persons_covered"].as_i64());
        assert_eq!(of_city(&bound)["trucks"], 1);
        let wrong = ask("fleet=some").problem(400, "invalid_parameter");
        assert_eq!(wrong["errors"][0]["pointer"], "fleet");
    });
}
