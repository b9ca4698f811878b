//! Bad input: every value that cannot be is named by its pointer, and nothing is written.
//!
//! Refusals by rule or state are in `refusals`, unreadable bodies in `bodies`. Invariant: each
//! case says which field it breaks.

use serde_json::{Value, json};

use crate::stage::{Stage, on_each};
use crate::support::forms::{at, issue, movement, receipt, with};
use crate::support::sql::seconds_from_now;
use crate::support::world::{CITY_DEPOT, DEPOT_A};

/// A valid receipt whose line, lot or top has one field set.
fn top(field: &str, value: Value) -> Value {
    with(receipt(CITY_DEPOT, "QUILT", 5), "", field, value)
}

fn line(field: &str, value: Value) -> Value {
    with(receipt(CITY_DEPOT, "QUILT", 5), "/lines/0", field, value)
}

fn lot(lot: Value) -> Value {
    line("lot", lot)
}

fn without(field: &str) -> Value {
    let mut body = receipt(CITY_DEPOT, "QUILT", 5);
    body.as_object_mut().unwrap().remove(field);
    body
}

fn line_without(field: &str) -> Value {
    let mut body = receipt(CITY_DEPOT, "QUILT", 5);
    body["lines"][0].as_object_mut().unwrap().remove(field);
    body
}

/// Requires 422 with exactly these faults.
#[track_caller]
fn check(stage: &Stage, body: &Value, faults: &[(&str, &str)]) {
    let problem = stage.refused("k", body).problem(422, "invalid_value");
    let errors = problem["errors"].as_array().unwrap();
    let told = |error: &Value| {
        assert!(error["detail"].as_str().is_some_and(|text| !text.is_empty()));
        let text = |field: &str| error[field].as_str().unwrap().to_string();
        (text("pointer"), text("code"))
    };
    let found: Vec<(String, String)> = errors.iter().map(told).collect();
    let wanted: Vec<(String, String)> =
        faults.iter().map(|(at, code)| ((*at).to_string(), (*code).to_string())).collect();
    assert_eq!(found, wanted, "{body}");
}

#[test]
fn quantities_are_whole_and_positive() {
    on_each(|stage| {
        let at = "/lines/0/quantity";
        for value in [json!(0), json!(-1), json!(i64::MIN), json!(1_000_000_000_001_i64)] {
            check(stage, &line("quantity", value), &[(at, "out_of_range")]);
        }
        for value in [json!(1.5), json!(1e30), json!("5"), json!(null), json!([1]), json!(true)] {
            check(stage, &line("quantity", value), &[(at, "wrong_type")]);
        }
        let huge = line("quantity", json!(u64::MAX));
        let problem = stage.refused("k", &huge).problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], at);
        check(stage, &line_without("quantity"), &[(at, "required")]);
        let many = with(line("unit", json!("箱")), "/lines/0", "quantity", 1_000_000_000_000_i64);
        check(stage, &many, &[(at, "out_of_range")]);
        check(stage, &line("unit", json!("斤")), &[("/lines/0/unit", "unknown_unit")]);
    });
}

#[test]
fn dates_stand_in_order_and_not_ahead() {
    on_each(|stage| {
        let turned = json!({"produced_on": "2024-02-01", "expires_on": "2024-01-31"});
        check(stage, &lot(turned), &[("/lines/0/lot/expires_on", "date_order")]);
        let ahead = lot(json!({"produced_on": "2198-01-01"}));
        check(stage, &ahead, &[("/lines/0/lot/produced_on", "in_future")]);
        let far = lot(json!({"expires_on": "2200-01-01"}));
        check(stage, &far, &[("/lines/0/lot/expires_on", "out_of_range")]);
        for text in ["2024-02-30", "yesterday", "2024-2-1", "20240201", ""] {
            let body = lot(json!({"expires_on": text}));
            check(stage, &body, &[("/lines/0/lot/expires_on", "malformed")]);
        }
        let hard = receipt(CITY_DEPOT, "WATER", 5);
        check(stage, &hard, &[("/lines/0/lot/expires_on", "expiry_required")]);
        let here = "/occurred_at";
        check(stage, &top("occurred_at", json!(seconds_from_now(330))), &[(here, "in_future")]);
        check(stage, &top("occurred_at", json!("1949-12-31T00:00:00Z")), &[(here, "out_of_range")]);
        for text in ["2024-05-01", "2024-05-01T09:30:00", "", "2024-05-01T25:00:00Z"] {
            check(stage, &top("occurred_at", json!(text)), &[(here, "malformed")]);
        }
        let soon = at(receipt(CITY_DEPOT, "QUILT", 1), &seconds_from_now(240));
        stage.book("soon", &soon);
    });
}

#[test]
fn unknown_and_missing_fields_are_named() {
    on_each(|stage| {
        check(stage, &top("colour", json!(1)), &[("/colour", "unknown_field")]);
        check(stage, &line("color/shade", json!(1)), &[("/lines/0/color~1shade", "unknown_field")]);
        check(stage, &lot(json!({"batch": 1})), &[("/lines/0/lot/batch", "unknown_field")]);
        check(stage, &without("type"), &[("/type", "required")]);
        check(stage, &without("lines"), &[("/lines", "required")]);
        check(stage, &line_without("item"), &[("/lines/0/item", "required")]);
        check(stage, &line_without("to"), &[("/lines/0/to", "required")]);
        check(stage, &line("from", json!(DEPOT_A)), &[("/lines/0/from", "not_allowed")]);
        let handed = line("to_owner", json!("LS-YJ"));
        check(stage, &handed, &[("/lines/0/to_owner", "not_allowed")]);
        let changed = line("to_condition", json!("damaged"));
        check(stage, &changed, &[("/lines/0/to_condition", "not_allowed")]);
        let alone = json!({"from": CITY_DEPOT, "item": "QUILT", "quantity": 1});
        let same = with(alone.clone(), "", "to", CITY_DEPOT);
        check(stage, &movement("relocate", &[same]), &[("/lines/0/to", "duplicate")]);
        check(
            stage,
            &movement("condition_change", std::slice::from_ref(&alone)),
            &[("/lines/0/to_condition", "required")],
        );
        let damaged = with(alone, "", "condition", "damaged");
        let pointer = "/lines/0/condition";
        check(stage, &movement("issue", &[damaged]), &[(pointer, "unknown_value")]);
    });
}

#[test]
fn words_and_types_are_checked() {
    on_each(|stage| {
        for word in ["", "loan_out", "reversal", "RECEIPT_PURCHASE", "nothing"] {
            check(stage, &top("type", json!(word)), &[("/type", "unknown_value")]);
        }
        check(stage, &top("type", json!(1)), &[("/type", "wrong_type")]);
        check(stage, &top("lines", json!({})), &[("/lines", "wrong_type")]);
        check(stage, &top("lines", json!([1])), &[("/lines/0", "wrong_type")]);
        check(stage, &top("note", json!(7)), &[("/note", "wrong_type")]);
        check(
            stage,
            &top("repeat_of_document", json!("yes")),
            &[("/repeat_of_document", "wrong_type")],
        );
        check(stage, &lot(json!(5)), &[("/lines/0/lot", "wrong_type")]);
        check(
            stage,
            &line("condition", json!("fresh")),
            &[("/lines/0/condition", "unknown_value")],
        );
        for code in ["", "被", "A B", "-x"] {
            check(stage, &line("item", json!(code)), &[("/lines/0/item", "malformed")]);
        }
        check(stage, &top("note", json!("")), &[("/note", "out_of_range")]);
        check(stage, &top("note", json!("字".repeat(501))), &[("/note", "out_of_range")]);
        check(stage, &top("note", json!("a\u{0}b")), &[("/note", "malformed")]);
        let price = lot(json!({"unit_price_fen": -1}));
        check(stage, &price, &[("/lines/0/lot/unit_price_fen", "out_of_range")]);
        stage.book("long", &top("note", json!("字".repeat(500))));
    });
}

#[test]
fn all_faults_are_told_at_once() {
    on_each(|stage| {
        let wrong = json!({"to": "被", "item": "QUILT", "quantity": 0});
        let fine = json!({"to": CITY_DEPOT, "item": "QUILT", "quantity": 1});
        let body = with(movement("nothing", &[fine, wrong]), "", "note", "");
        check(
            stage,
            &body,
            &[
                ("/type", "unknown_value"),
                ("/note", "out_of_range"),
                ("/lines/1/quantity", "out_of_range"),
                ("/lines/1/to", "malformed"),
            ],
        );
    });
}

#[test]
fn all_faults_of_shape_are_told_at_once() {
    on_each(|stage| {
        let fine = json!({"to": CITY_DEPOT, "item": "QUILT", "quantity": 1});
        let wrong = json!({"to": 1, "quantity": "5", "lot": {"batch": 1}, "colour": "red"});
        let body = json!({"lines": [fine, wrong, 7], "note": 7, "size": 1});
        check(
            stage,
            &body,
            &[
                ("/lines/1/colour", "unknown_field"),
                ("/lines/1/item", "required"),
                ("/lines/1/lot/batch", "unknown_field"),
                ("/lines/1/quantity", "wrong_type"),
                ("/lines/1/to", "wrong_type"),
                ("/lines/2", "wrong_type"),
                ("/note", "wrong_type"),
                ("/size", "unknown_field"),
                ("/type", "required"),
            ],
        );
        check(stage, &json!({}), &[("/lines", "required"), ("/type", "required")]);
        for body in [json!(null), json!([]), json!([1, 2])] {
            check(stage, &body, &[("", "wrong_type")]);
        }
        let unknown: serde_json::Map<String, Value> =
            (0..87_000).map(|n| (format!("u{n:06}"), json!(1))).collect();
        let problem = stage.refused("k", &Value::Object(unknown)).problem(422, "invalid_value");
        let count = problem["errors"].as_array().unwrap().len();
        assert!((8..=32).contains(&count), "{count}");
        assert_eq!(stage.seq(), 0);
    });
}

#[test]
fn faults_of_shape_are_told_in_the_readers_language() {
    on_each(|stage| {
        let planner = stage.client("planner");
        let body = json!({"exercise": "no", "areas": [{}, 7], "hours": -1});
        let told = |language: &str| -> Vec<(String, String)> {
            let headers = [("content-type", "application/json"), ("accept-language", language)];
            let (path, bytes) = ("/v1/coverage/scenarios", body.to_string());
            let reply = planner.send("POST", path, &headers, Some(bytes.as_bytes()));
            let problem = reply.problem(422, "invalid_value");
            let text = |error: &Value, field: &str| error[field].as_str().unwrap().to_string();
            let errors = problem["errors"].as_array().unwrap().iter();
            errors.map(|error| (text(error, "pointer"), text(error, "detail"))).collect()
        };
        let expected = [
            ("/areas/0/region", "is missing; expected: a string", "缺少该值;应为: 字符串"),
            ("/areas/1", "is of the wrong type; expected: an object", "类型不对;应为: 对象"),
            (
                "/exercise",
                "is of the wrong type; expected: true or false",
                "类型不对;应为: true 或 false",
            ),
            (
                "/hours",
                "is out of range; expected: a whole number, 0 or more",
                "超出允许范围;应为: 不小于 0 的整数",
            ),
            ("/name", "is missing; expected: a string", "缺少该值;应为: 字符串"),
        ];
        let owned = |at: &str, text: &str| (at.to_string(), text.to_string());
        assert_eq!(told("en"), expected.map(|(at, en, _)| owned(at, en)));
        assert_eq!(told("zh"), expected.map(|(at, _, zh)| owned(at, zh)));
    });
}

#[test]
fn lines_are_one_to_five_hundred() {
    on_each(|stage| {
        let one = json!({"to": CITY_DEPOT, "item": "TENT", "quantity": 1});
        let many = |n: usize| movement("opening", &vec![one.clone(); n]);
        for n in [0, 501, 10_000] {
            check(stage, &many(n), &[("/lines", "out_of_range")]);
        }
        let booked = stage.book("most", &many(500));
        assert_eq!(booked["lines"].as_array().unwrap().len(), 500);
        let all = issue(CITY_DEPOT, "TENT", 500);
        stage.book("all", &all);
    });
}
