//! How far a key reaches along a movement: whose goods a reversal may take, which lines are shown.
//!
//! Plain scope of depots and records is in `refusals` and `territory`. Invariant: nothing of a
//! depot out of scope is told, not even its balance.

use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, Stage, on_each};
use crate::support::forms::{movement, numbered, receipt};
use crate::support::world::{CITY_DEPOT, DEPOT_A, DEPOT_B};

fn path(movement: &Value) -> String {
    format!("{MOVEMENTS}/{}", movement["id"].as_str().unwrap())
}

fn reversal(movement: &Value) -> String {
    format!("{}/reversals", path(movement))
}

#[test]
fn a_reversal_takes_goods_only_from_depots_in_scope() {
    on_each(|stage| {
        stage.stock();
        let line = json!({"from": DEPOT_A, "to": DEPOT_B, "item": "TENT", "quantity": 2});
        let ours = stage.client("clerk-a");
        let moved = ours.post(MOVEMENTS, "k1", &movement("relocate", &[line])).expect(201);
        let why = json!({"reason": "错发"});
        ours.post(&reversal(&moved), "k2", &why).problem(404, "not_found");
        let back = stage.client("clerk-b").post(&reversal(&moved), "k3", &why).expect(201);
        assert_eq!(back["lines"][0]["from"], DEPOT_B);
        assert_eq!(back["lines"][0]["to"], DEPOT_A);
    });
}

#[test]
fn lines_out_of_scope_are_withheld_and_counted() {
    on_each(|stage| {
        let lines = [
            json!({"to": DEPOT_A, "item": "TENT", "quantity": 1}),
            json!({"to": DEPOT_B, "item": "TENT", "quantity": 42,
                   "lot": {"lot_no": "SECRET"}}),
        ];
        let booked = stage.book("k", &movement("receipt_purchase", &lines));
        assert_eq!(booked["lines_withheld"], 0);
        let ours = stage.client("clerk-a");
        for seen in [
            ours.get(&path(&booked)).expect(200),
            ours.get(MOVEMENTS).expect(200)["items"][0].clone(),
        ] {
            assert_eq!(seen["lines"].as_array().unwrap().len(), 1, "{seen}");
            assert_eq!(seen["lines"][0]["to"], DEPOT_A);
            assert_eq!(seen["lines_withheld"], 1);
            assert!(!seen.to_string().contains("SECRET"));
        }
        let all = stage.client("clerk").get(&path(&booked)).expect(200);
        assert_eq!(all["lines"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn what_was_moved_on_within_a_document_is_reversed_backwards() {
    on_each(|stage| {
        stage.book("r", &receipt(CITY_DEPOT, "TENT", 10));
        let change = |from: &str, to: &str, quantity: i64| {
            json!({"from": CITY_DEPOT, "item": "TENT", "condition": from,
                   "to_condition": to, "quantity": quantity})
        };
        let lines = [change("good", "damaged", 10), change("damaged", "good", 10)];
        let booked = stage.book("c", &movement("condition_change", &lines));
        let clerk = stage.client("clerk");
        let back = clerk.post(&reversal(&booked), "v", &json!({"reason": "x"})).expect(201);
        assert_eq!(back["lines"][0]["request_line"], 2);
    });
}

#[test]
fn a_reversed_paper_may_be_booked_anew() {
    on_each(|stage| {
        let paper = numbered(receipt(CITY_DEPOT, "TENT", 10), "临应急〔2024〕7号");
        let booked = stage.book("k1", &paper);
        stage.refused("k2", &paper).problem(409, "document_exists");
        let clerk = stage.client("clerk");
        clerk.post(&reversal(&booked), "k3", &json!({"reason": "数量有误"})).expect(201);
        let anew = numbered(receipt(CITY_DEPOT, "TENT", 12), "临应急[2024]7号");
        stage.book("k4", &anew);
        stage.refused("k5", &anew).problem(409, "document_exists");
    });
}

#[test]
fn a_query_has_32_parameters_at_most() {
    on_each(|stage| {
        let many: Vec<String> = (0..33).map(|n| format!("p{n}=1")).collect();
        let reply = stage.client("clerk").get(&format!("{MOVEMENTS}?{}", many.join("&")));
        let problem = reply.problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["code"], "out_of_range");
    });
}

#[test]
fn invented_methods_make_no_new_metrics() {
    on_each(|stage: &Stage| {
        let client = stage.anonymous();
        let lines = || client.get("/metrics").text.lines().count();
        client.send("ZZ0", "/v1/me", &[], None);
        lines();
        let before = lines();
        for n in 1..6 {
            client.send(&format!("ZZ{n}"), "/v1/me", &[], None);
        }
        assert_eq!(lines(), before);
    });
}
