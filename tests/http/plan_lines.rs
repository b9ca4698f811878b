//! Lines of procurement plans opened into quotas, lots, endings, orders, packs, price and budget.
//!
//! That parts add up on any stock is tested beside the domain. Invariant: a plan that stands is
//! opened by the book as it saw it, and says what has changed since.

use serde_json::{Value, json};

use crate::plans::{PLANS, draft, pass, water};
use crate::stage::{Stage, on_each};
use crate::support::forms::{receipt_of_lot, with};
use crate::support::records::{quota, quota_id};
use crate::support::world::{CITY, CITY_DEPOT, COUNTY_A};

fn open(stage: &Stage, role: &str, line: &str, query: &str) -> Value {
    let path = format!("{PLANS}/{line}/explanation{query}");
    let headers = [("accept-language", "en")];
    stage.client(role).send("GET", &path, &headers, None).expect(200)
}

fn figures<const N: usize>(body: &Value, names: [&str; N]) -> [i64; N] {
    names.map(|name| body[name].as_i64().unwrap_or_else(|| panic!("{name} of {body}")))
}

#[test]
fn a_line_is_opened_into_what_it_comes_from() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        let found = open(stage, "planner", "P1/lines/2", "");
        assert_eq!((&found["order_no"], &found["item"]), (&json!("P1/2"), &json!("WATER")));
        assert_eq!(
            (&found["as_of"], &found["ledger_seq"]),
            (&json!(format!("{year}-01-01")), &json!(3))
        );
        let gap = &found["gap"];
        assert_eq!(figures(gap, ["quota_sum", "effective_sum", "net_gap"]), [1_000, 800, 200]);
        assert_eq!(gap["accounts"][0]["quota"]["quota_id"], quota_id(1));
        assert_eq!(figures(&gap["accounts"][0], ["effective", "ending"]), [800, 300]);
        assert_eq!(figures(&gap["counted"], ["count", "amount"]), [2, 800]);
        let lots = |parts: &Value| -> Vec<Value> {
            parts["items"].as_array().unwrap().iter().map(|part| part["lot_no"].clone()).collect()
        };
        assert_eq!(lots(&gap["counted"]), ["B", "C"]);
        let past = json!([{ "reason": "expired", "count": 1, "amount": 400 }]);
        assert_eq!(gap["not_counted"]["by_reason"], past, "it ends before the plan's day");
        let ending = &found["ending"];
        assert_eq!(
            (lots(&ending["parts"]), figures(ending, ["left", "beyond", "expiring"])),
            (vec![json!("B")], [500, 0, 300])
        );
        let part = &ending["parts"]["items"][0];
        assert_eq!(
            (&part["depot"], &part["last_usable_on"]),
            (&json!(CITY_DEPOT), &json!(format!("{year}-06-01")))
        );
        assert_eq!(
            figures(&found["packing"], ["wanted", "pack", "packs", "proposed", "quantity"]),
            [550, 24, 23, 552, 552]
        );
        let pricing = &found["pricing"];
        assert_eq!(
            figures(pricing, ["unit_price_fen", "amount_fen", "before_fen", "budget_fen"]),
            [150, 82_800, 0, 80_000]
        );
        assert_eq!((&pricing["lot_no"], &pricing["within_budget"]), (&json!("C"), &json!(false)));
        assert_eq!((&found["differences"], found["growth"].as_i64()), (&json!([]), Some(50)));
        let told = found["sentences"].to_string();
        assert!(told.contains("200 + 300 + 50 - 0 = 550") && told.contains("80000"), "{told}");
        let cut = open(stage, "planner", "P1/lines/2", "?limit=1");
        assert_eq!(
            (lots(&cut["gap"]["counted"]).len(), figures(&cut["gap"]["counted"], ["count"])),
            (1, [2])
        );
        let tent = open(stage, "planner", "P1/lines/1", "");
        assert_eq!(
            (&tent["pricing"]["price_source"], &tent["pricing"]["amount_fen"]),
            (&json!("unknown"), &Value::Null)
        );
        let path = format!("{PLANS}/P1/lines/2/explanation?format=csv");
        let zh = [("accept-language", "zh")];
        let csv = stage.client("planner").send("GET", &path, &zh, None);
        assert_eq!(csv.text.trim_end().lines().count(), 4, "{}", csv.text);
    });
}

#[test]
fn a_plan_is_opened_by_the_book_that_it_saw() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d1", "P1", year);
        pass(stage, "a", "P1", "approvals");
        draft(stage, "d2", "P2", year);
        let body = receipt_of_lot(CITY_DEPOT, "WATER", 312, "N", "2026-01-01");
        let body =
            with(with(body, "/lines/0/lot", "expires_on", "2199-01-01"), "", "order_no", "P1/2");
        stage.book("r", &body);
        let first = open(stage, "planner", "P1/lines/2", "");
        assert_eq!((&first["differences"], &first["ledger_seq"]), (&json!([]), &json!(3)));
        assert_eq!(first["inbound"]["orders"], json!([]), "P2 is no more than a draft");
        let second = open(stage, "planner", "P2/lines/2", "");
        let order = &second["inbound"]["orders"][0];
        assert_eq!((&order["order_no"], &order["state"]), (&json!("P1/2"), &json!("approved")));
        assert_eq!((figures(order, ["outstanding"]), &order["counts"]), ([552], &json!(true)));
        assert_eq!(figures(&second["inbound"], ["confirmed_inbound", "order_count"]), [552, 1]);
        assert_eq!(
            (&second["differences"], figures(&second["packing"], ["wanted", "proposed"])),
            (&json!([]), [-2, 0])
        );
        let now = open(stage, "planner", "P2/lines/2", "?known_at=4");
        let expected = json!([{ "figure": "net_gap", "planned": 200, "opened": 0 },
            { "figure": "expiring", "planned": 300, "opened": 188 },
            { "figure": "confirmed_inbound", "planned": 552, "opened": 240 }]);
        assert_eq!((&now["differences"], &now["ledger_seq"]), (&expected, &json!(4)));
        assert!(now["sentences"].to_string().contains("changed since"), "{now}");
        // Reference data have no past: a quota that came later is told as a difference.
        let planner = stage.client("planner");
        let path = format!("/v1/quotas/{}", quota_id(1));
        let version = planner.get(&path).header("etag").to_string();
        let body = quota(1, "3713", "WATER", 1_100, 1_000);
        planner.put(&path, Some(("if-match", &version)), &body).expect(200);
        let first = open(stage, "planner", "P1/lines/2", "");
        assert_eq!(
            first["differences"],
            json!([{ "figure": "net_gap", "planned": 200, "opened": 300 }])
        );
    });
}

#[test]
fn prices_and_places_out_of_sight_stay_so() {
    on_each(|stage| {
        let year = water(stage);
        draft(stage, "d", "P1", year);
        let seen = open(stage, "province", "P1/lines/2", "");
        assert!(!seen.to_string().contains("fen") && !seen.to_string().contains("price"), "{seen}");
        assert_eq!(figures(&seen["gap"], ["net_gap"]), [200]);
        let path = format!("{PLANS}/P1/lines/2/explanation");
        stage.hire("planner", COUNTY_A).get(&path).problem(404, "not_found");
        stage.hire("planner", CITY).get(&path).expect(200);
        stage.client("clerk").get(&path).problem(403, "forbidden");
        let planner = stage.client("planner");
        for line in ["P1/lines/9", "P9/lines/1", "P1/lines/x"] {
            planner.get(&format!("{PLANS}/{line}/explanation")).problem(404, "not_found");
        }
        planner.get(&format!("{path}?known_at=4")).problem(422, "invalid_value");
        planner.get(&format!("{path}?known_at=0")).expect(200);
    });
}
