//! Stock: every grouping, on any day, as it was known at any entry.
//!
//! Reserve standards are in `planning`. Invariant: in every row `on_hand` is the sum of its parts.

use changping::domain::calendar::add_days;
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::stage::{Stage, each, on_each, rows};
use crate::support::forms::{at, issue, receipt, receipt_of_lot, with};
use crate::support::world::{CITY_DEPOT, COUNTY_A, DEPOT_A, DEPOT_B, DEPOT_T};

/// The day of the service's answers.
fn today(stage: &Stage) -> NaiveDate {
    let answer = stage.client("clerk").get("/v1/stock").expect(200);
    answer["as_of"].as_str().unwrap().parse().unwrap()
}

/// Stock of every condition, place and age: how many units lie in depots.
fn fill(stage: &Stage) -> i64 {
    let good = today(stage);
    stage.book("quilts", &receipt(CITY_DEPOT, "QUILT", 100));
    stage.book("tents-a", &receipt(DEPOT_A, "TENT", 30));
    stage.book("tents-t", &receipt(DEPOT_T, "TENT", 7));
    stage.book("tents-b", &receipt(DEPOT_B, "TENT", 11));
    for (lot, days) in [("old", -3), ("last", 0), ("new", 40)] {
        let until = add_days(good, days).to_string();
        stage.book(lot, &receipt_of_lot(CITY_DEPOT, "WATER", 24, lot, &until));
    }
    let worn = json!({ "lot_no": "worn", "produced_on": "2010-01-01" });
    let worn = with(receipt(DEPOT_A, "QUILT", 9), "/lines/0", "lot", worn);
    stage.book("worn", &worn);
    for (condition, quantity) in [("quarantine", 5), ("damaged", 2)] {
        let body = with(receipt(DEPOT_A, "QUILT", quantity), "/lines/0", "condition", condition);
        stage.book(condition, &body);
    }
    let theirs = with(receipt(CITY_DEPOT, "TENT", 13), "/lines/0", "owner", "SD-YJ");
    stage.book("theirs", &theirs);
    100 + 30 + 7 + 11 + 72 + 9 + 5 + 2 + 13
}

fn figure(row: &Value, name: &str) -> i64 {
    row[name].as_i64().unwrap_or_else(|| panic!("no {name} in {row}"))
}

fn sum(answer: &Value, name: &str) -> i64 {
    rows(answer).iter().map(|row| figure(row, name)).sum()
}

#[test]
fn every_grouping_adds_up() {
    on_each(|stage| {
        let on_hand = fill(stage);
        let clerk = stage.client("clerk");
        for query in ["depot", "region", "item", "lot", "region&tier=city", "region&tier=county"] {
            let answer = clerk.get(&format!("/v1/stock?group_by={query}")).expect(200);
            for row in rows(&answer) {
                let parts = [
                    "effective",
                    "reserved",
                    "expired",
                    "overdue_storage",
                    "damaged",
                    "quarantine",
                ];
                let parts: i64 = parts.iter().map(|name| figure(row, name)).sum();
                assert_eq!(figure(row, "on_hand"), parts, "{row}");
                assert!(row["item_name"].is_string() && row["unit"].is_string(), "{row}");
            }
            let totals = [
                "on_hand",
                "expired",
                "overdue_storage",
                "damaged",
                "quarantine",
                "in_transit",
                "on_loan",
            ];
            let totals = totals.map(|name| sum(&answer, name));
            assert_eq!(totals, [on_hand, 24, 9, 2, 5, 0, 0], "{query}");
            assert_eq!(answer["next"], Value::Null);
            assert_eq!(answer["ledger_seq"], stage.seq());
            assert!(answer["reference_rev"].as_i64().unwrap() > 0);
        }
    });
}

#[test]
fn groups_have_their_keys_and_filters_narrow_them() {
    on_each(|stage| {
        fill(stage);
        let clerk = stage.client("clerk");
        let get = |query: &str| clerk.get(&format!("/v1/stock?{query}")).expect(200);
        let lots = get("group_by=lot&item=WATER&depot=LY-CITY-01");
        let mut numbers = each(&lots, "lot_no");
        numbers.sort_by_key(|number| number.to_string());
        assert_eq!(numbers, [&json!("last"), &json!("new"), &json!("old")]);
        for row in rows(&lots) {
            assert_eq!((&row["depot"], &row["owner"]), (&json!(CITY_DEPOT), &json!("LY-YJ")));
            assert_eq!(row["item"], "WATER");
            assert!(row["lot_id"].as_i64().is_some() && row["expires_on"].is_string(), "{row}");
        }
        let depot = get("group_by=depot&depot=LS-01&item=TENT");
        assert_eq!(rows(&depot).len(), 1);
        assert_eq!(depot["items"][0]["depot_name"], "库LS-01");
        assert_eq!(sum(&get("region=371302&item=TENT"), "on_hand"), 37);
        assert_eq!(sum(&get("region=371302101&item=TENT"), "on_hand"), 7);
        assert_eq!(sum(&get("owner=SD-YJ"), "on_hand"), 13);
        assert_eq!(sum(&get("function_class=living&item=TENT"), "on_hand"), 61);
        assert_eq!(rows(&get("function_class=medical")).len(), 0);
        let counties = get("group_by=region&tier=county&item=TENT&region=3713");
        let found: Vec<_> = rows(&counties)
            .iter()
            .map(|row| (row["region"].as_str().unwrap(), figure(row, "on_hand")))
            .collect();
        assert!(found.contains(&("371302000000", 37)), "{found:?}");
        assert!(found.contains(&("371311000000", 11)), "{found:?}");
        let items = get("group_by=item");
        assert_eq!(each(&items, "item"), [&json!("QUILT"), &json!("TENT"), &json!("WATER")]);
        let first = get("group_by=item&limit=2");
        assert_eq!((rows(&first).len(), &first["row_count"]), (2, &json!(3)));
        assert_eq!(rows(&first)[..], rows(&items)[..2]);
        clerk.get("/v1/stock?depot=NOWHERE").problem(404, "not_found");
        clerk.get("/v1/stock?group_by=colour").problem(400, "invalid_parameter");
        clerk.get("/v1/stock?colour=red").problem(400, "invalid_parameter");
        clerk.get("/v1/stock?limit=0").problem(400, "invalid_parameter");
        clerk.get("/v1/stock?as_of=2024-02-30").problem(400, "invalid_parameter");
    });
}

#[test]
fn stock_is_as_it_was_on_the_day() {
    on_each(|stage| {
        let (clerk, day) = (stage.client("clerk"), today(stage));
        stage.book("r", &receipt(CITY_DEPOT, "TENT", 10));
        let last = add_days(day, 20);
        stage.book("w", &receipt_of_lot(CITY_DEPOT, "WATER", 24, "L", &last.to_string()));
        stage.book("i", &at(issue(CITY_DEPOT, "TENT", 4), &format!("{day}T00:00:00+08:00")));
        let on = |date: NaiveDate, item: &str, name: &str| {
            let path = format!("/v1/stock?as_of={date}&item={item}");
            let answer = clerk.get(&path).expect(200);
            assert_eq!(answer["as_of"], date.to_string());
            sum(&answer, name)
        };
        let received: NaiveDate = "2024-05-01".parse().unwrap();
        assert_eq!(on(add_days(received, -1), "TENT", "on_hand"), 0);
        assert_eq!(on(received, "TENT", "on_hand"), 10);
        assert_eq!(on(add_days(day, -1), "TENT", "on_hand"), 10);
        assert_eq!(on(day, "TENT", "on_hand"), 6);
        assert_eq!(on(add_days(day, 400), "TENT", "on_hand"), 6);
        let water = |date| (on(date, "WATER", "effective"), on(date, "WATER", "expired"));
        assert_eq!(water(day), (24, 0));
        assert_eq!(water(last), (24, 0));
        assert_eq!(water(add_days(last, 1)), (0, 24));
    });
}

#[test]
fn stock_is_as_it_was_known() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        stage.book("r", &receipt(CITY_DEPOT, "TENT", 10));
        stage.book("i", &issue(CITY_DEPOT, "TENT", 4));
        // Booked last, but it happened first.
        stage.book("late", &at(receipt(CITY_DEPOT, "TENT", 5), "2024-04-01T08:00:00+08:00"));
        let known = |query: &str| {
            let answer = clerk.get(&format!("/v1/stock?item=TENT&{query}")).expect(200);
            sum(&answer, "effective")
        };
        assert_eq!(known("known_at=0"), 0);
        assert_eq!(known("known_at=1"), 10);
        assert_eq!(known("known_at=2"), 6);
        assert_eq!(known("known_at=3"), 11);
        assert_eq!(known(""), 11);
        assert_eq!(known("as_of=2024-04-30"), 5);
        assert_eq!(known("as_of=2024-04-30&known_at=2"), 0);
        assert_eq!(known("as_of=2024-05-01&known_at=2"), 6);
        clerk.get("/v1/stock?known_at=4").problem(422, "invalid_value");
        for wrong in ["-1", "x", "1.5", "99999999999999999999"] {
            let reply = clerk.get(&format!("/v1/stock?known_at={wrong}"));
            assert!((400..500).contains(&reply.status), "{wrong}: {}", reply.text);
        }
    });
}

#[test]
fn a_county_sees_the_stock_of_its_depots() {
    on_each(|stage| {
        fill(stage);
        for role in ["clerk", "planner", "province"] {
            let ours = stage.hire(role, COUNTY_A);
            let answer = ours.get("/v1/stock").expect(200);
            let depots = each(&answer, "depot");
            let inside = [json!(DEPOT_A), json!(DEPOT_T)];
            assert!(depots.iter().all(|depot| inside.contains(depot)), "{depots:?}");
            assert_eq!(answer["region"], "371302000000");
            for query in ["depot=LZ-01", "region=371311", "region=3713"] {
                ours.get(&format!("/v1/stock?{query}")).problem(404, "not_found");
            }
        }
    });
}

#[test]
fn prices_of_lots_have_their_readers() {
    on_each(|stage| {
        let lot = json!({ "lot_no": "P", "unit_price_fen": 8_931 });
        stage.book("priced", &with(receipt(CITY_DEPOT, "QUILT", 5), "/lines/0", "lot", lot));
        let path = "/v1/stock?region=3713&group_by=lot";
        for (holder, price) in [
            ("clerk", json!(8_931)),
            ("planner", json!(8_931)),
            ("admin", json!(8_931)),
            ("province", Value::Null),
        ] {
            let client = stage.client(holder);
            let answer = client.get(path).expect(200);
            assert_eq!(each(&answer, "unit_price_fen"), [&price], "{holder}");
            let table = client.send("GET", path, &[("accept", "text/csv")], None).text;
            assert_eq!(table.contains("8931"), !price.is_null(), "{holder}: {table}");
        }
    });
}
