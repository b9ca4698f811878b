//! Every code of the table of problems is provoked, or it is said where and why not here.
//!
//! The facts of each refusal are in `refusals`. Invariant: a code without an entry is a red test.

use changping::http::context::Context;
use changping::http::problem::{Code, Problem};
use changping::http::words::Language;
use serde_json::{Value, json};

use crate::imports::IMPORT;
use crate::stage::{MOVEMENTS, Stage, on_each};
use crate::support::Reply;
use crate::support::forms::{at, issue, movement, numbered, receipt, receipt_of_lot, with};
use crate::support::sql::run;
use crate::support::world::{CITY_DEPOT, CLOSED_DEPOT};

/// Codes that no request of these tests can bring about at will, and where they are checked.
const ELSEWHERE: &[(&str, &str)] = &[
    ("outcome_unknown", "rendered below; tests/store breaks a commit under a Book"),
    ("overloaded", "rendered below; tests/store lets more wait than fit"),
    ("rate_limited", "limits.rs asks a service that allows little"),
    ("request_timeout", "limits.rs sends byte by byte to a service without patience"),
];

fn words() -> Vec<&'static str> {
    Code::ALL.iter().map(|code| code.as_str()).collect()
}

#[test]
fn every_code_is_provoked_or_accounted_for() {
    on_each(|stage| {
        let provoked = provoke(stage);
        let mut missing = words();
        for (code, reply) in &provoked {
            let known = Code::ALL.iter().find(|known| known.as_str() == *code).unwrap();
            reply.problem(known.status(), code);
            missing.retain(|word| word != code);
        }
        missing.retain(|word| ELSEWHERE.iter().all(|(code, _)| code != word));
        assert!(missing.is_empty(), "nothing provokes {missing:?}");
        for (code, reason) in ELSEWHERE {
            assert!(words().contains(code), "{code} is no code any more ({reason})");
            let here = provoked.iter().any(|(provoked, _)| provoked == code);
            assert!(!here, "{code} is provoked here; take it from the list");
        }
    });
}

fn provoke(stage: &Stage) -> Vec<(&'static str, Reply)> {
    stage.book("stock", &receipt(CITY_DEPOT, "TENT", 5));
    let mut provoked = malformed(stage);
    provoked.extend(forbidden(stage));
    provoked.extend(refused(stage));
    provoked.extend(reversed(stage));
    provoked.extend(amended(stage));
    provoked.extend(broken(stage));
    provoked
}

/// The database complains in its own words, as it does when the disk is full or a lock is held.
fn broken(stage: &Stage) -> Vec<(&'static str, Reply)> {
    let full = ["database or disk is full", "could not extend file: No space left on device"];
    let held = ["database is locked", "deadlock detected"];
    let odd = ["something unheard of"; 2];
    let answers = [("no_space", full), ("unavailable", held), ("internal", odd)];
    let before = stage.seq();
    let provoked = answers.map(|(code, [sqlite, postgres])| {
        if stage.url.starts_with("sqlite://") {
            let raise = format!("SELECT RAISE(ABORT, '{sqlite}')");
            let sql = format!("CREATE TRIGGER breaks BEFORE INSERT ON entry BEGIN {raise}; END");
            run(&stage.url, &sql);
        } else {
            let raise = format!("BEGIN RAISE EXCEPTION '{postgres}'; END");
            let sql = format!(
                "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql
                 AS $$ {raise} $$; CREATE TRIGGER breaks BEFORE INSERT ON entry
                 FOR EACH ROW EXECUTE FUNCTION fail()"
            );
            run(&stage.url, &sql);
        }
        let body = receipt(CITY_DEPOT, "TENT", 1);
        let reply = stage.client("clerk").post(MOVEMENTS, code, &body);
        let place = if stage.url.starts_with("sqlite://") { "" } else { " ON entry" };
        run(&stage.url, &format!("DROP TRIGGER breaks{place}"));
        assert!(!reply.text.contains("disk is full") && !reply.text.contains("unheard"));
        (code, reply)
    });
    assert_eq!(stage.seq(), before, "a write that failed left no trace");
    stage.book("mended", &receipt(CITY_DEPOT, "TENT", 1));
    provoked.into()
}

fn malformed(stage: &Stage) -> Vec<(&'static str, Reply)> {
    let clerk = stage.client("clerk");
    let body = receipt(CITY_DEPOT, "TENT", 1).to_string();
    let (key, kind) = (("idempotency-key", "c"), ("content-type", "application/json"));
    let post = |headers: &[(&str, &str)], body: &str| {
        clerk.send("POST", MOVEMENTS, headers, Some(body.as_bytes()))
    };
    let large = " ".repeat((1 << 20) + 1);
    vec![
        ("malformed_json", post(&[key, kind], "{")),
        ("unsupported_media_type", post(&[key], &body)),
        ("idempotency_key_missing", post(&[kind], &body)),
        ("body_too_large", post(&[key, kind], &large)),
        ("invalid_value", post(&[key, kind], "{}")),
        ("invalid_parameter", clerk.get(&format!("{MOVEMENTS}?limit=0"))),
        ("invalid_cursor", clerk.get(&format!("{MOVEMENTS}?cursor=x"))),
        ("not_found", clerk.get("/v1/nothing")),
        ("method_not_allowed", clerk.send("DELETE", MOVEMENTS, &[], None)),
        ("not_acceptable", clerk.send("GET", MOVEMENTS, &[("accept", "image/png")], None)),
    ]
}

fn forbidden(stage: &Stage) -> Vec<(&'static str, Reply)> {
    let other = receipt(CITY_DEPOT, "TENT", 6);
    vec![
        ("unauthenticated", stage.anonymous().get("/v1/me")),
        ("forbidden", stage.client("province").get(MOVEMENTS)),
        ("idempotency_key_reused", stage.client("clerk").post(MOVEMENTS, "stock", &other)),
    ]
}

fn refused(stage: &Stage) -> Vec<(&'static str, Reply)> {
    let post = |key: &str, body: &Value| stage.client("clerk").post(MOVEMENTS, key, body);
    let paper = numbered(receipt(CITY_DEPOT, "TENT", 1), "P-1");
    stage.book("paper", &paper);
    let past = receipt_of_lot(CITY_DEPOT, "WATER", 1, "past", "2024-02-01");
    stage.book("past", &at(past, "2024-01-01T00:00:00Z"));
    let lot = json!({"lot_no": "past"});
    let expired = with(issue(CITY_DEPOT, "WATER", 1), "/lines/0", "lot", lot);
    let early = at(issue(CITY_DEPOT, "TENT", 1), "2024-04-01T00:00:00Z");
    let unplanned = with(receipt(CITY_DEPOT, "TENT", 1), "", "order_no", "P-9/1");
    vec![
        ("plan_line", post("pl", &unplanned)),
        ("plan_state", approved_twice(stage)),
        ("event_state", issued_for_a_drill(stage)),
        ("document_exists", post("d", &paper)),
        ("unknown_reference", post("u", &receipt("NOWHERE", "TENT", 1))),
        ("insufficient_stock", post("i", &issue(CITY_DEPOT, "TENT", 99))),
        ("lot_expired", post("l", &expired)),
        ("negative_history", post("n", &early)),
        ("depot_closed", post("c", &receipt(CLOSED_DEPOT, "TENT", 1))),
        ("import_refused", import(stage, &issue(CITY_DEPOT, "TENT", 99))),
    ]
}

fn issued_for_a_drill(stage: &Stage) -> Reply {
    let drill = json!({
        "id": "E-1", "name": "演练", "exercise": true, "status": "open",
        "areas": [{"region": "3713", "displaced": 1}],
    });
    let planner = stage.client("planner");
    planner.put("/v1/events/E-1", Some(("if-none-match", "*")), &drill).expect(201);
    let body = with(issue(CITY_DEPOT, "TENT", 1), "", "order_no", "E-1/371300000000");
    stage.client("clerk").post(MOVEMENTS, "e", &body)
}

fn approved_twice(stage: &Stage) -> Reply {
    let planner = stage.client("planner");
    let body = json!({ "code": "P-1", "name": "计划", "region": "3713", "year": 2199 });
    planner.post("/v1/plans", "plan", &body).expect(201);
    let approve = |key: &str| planner.post("/v1/plans/P-1/approvals", key, &json!({}));
    approve("yes").expect(201);
    approve("again")
}

fn import(stage: &Stage, document: &Value) -> Reply {
    let headers = [("idempotency-key", "f"), ("content-type", "application/x-ndjson")];
    let body = document.to_string();
    stage.client("clerk").send("POST", IMPORT, &headers, Some(body.as_bytes()))
}

fn reversed(stage: &Stage) -> Vec<(&'static str, Reply)> {
    let line = json!({"to": CITY_DEPOT, "item": "QUILT", "quantity": 1});
    let booked = stage.book("v", &movement("opening", &[line]));
    let reverse = |movement: &Value, key: &str, body: &Value| {
        let id = movement["id"].as_str().unwrap();
        stage.client("clerk").post(&format!("{MOVEMENTS}/{id}/reversals"), key, body)
    };
    let early = json!({"reason": "x", "occurred_at": "2024-04-01T00:00:00Z"});
    let before = reverse(&booked, "v1", &early);
    let reversal = reverse(&booked, "v2", &json!({"reason": "x"})).expect(201);
    vec![
        ("reversal_before_target", before),
        ("already_reversed", reverse(&booked, "v3", &json!({"reason": "x"}))),
        ("not_reversible", reverse(&reversal, "v4", &json!({"reason": "x"}))),
    ]
}

fn amended(stage: &Stage) -> Vec<(&'static str, Reply)> {
    let admin = stage.client("admin");
    let put = |path: &str, condition: &[(&str, &str)], body: &Value| {
        let headers = [&[("content-type", "application/json")], condition].concat();
        admin.send("PUT", path, &headers, Some(body.to_string().as_bytes()))
    };
    let need = json!({
        "code": "water", "name": "饮用水", "name_en": "water", "unit": "mL", "per_person": 3000,
        "per": "day", "mandatory": true
    });
    let quota = |id: &str| {
        json!({
            "id": id, "region": "371300000000", "item": "QUILT", "mode": "gov_physical",
            "basis": "absolute", "target": 10, "floor": 5, "effective_from": "2024-01-01"
        })
    };
    let new = [("if-none-match", "*")];
    let ids = ["0190a5d2-0000-7000-8000-000000000001", "0190a5d2-0000-7000-8000-000000000002"];
    let [first, second] = ids.map(|id| put(&format!("/v1/quotas/{id}"), &new, &quota(id)));
    first.expect(201);
    vec![
        ("as_of_unsupported", admin.get("/v1/gaps?as_of=2001-01-01")),
        ("precondition_required", put("/v1/needs/water", &[], &need)),
        ("precondition_failed", put("/v1/needs/water", &new, &need)),
        ("reference_conflict", second),
    ]
}

#[test]
fn every_code_has_a_status_and_words_in_both_languages() {
    for code in Code::ALL {
        let render = |language| {
            let request_id = "r-1".to_string();
            let (status, body) = Problem::new(*code).render(&Context { language, request_id });
            assert_eq!(status, code.status());
            assert!((400..600).contains(&status));
            let body: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(body["code"], code.as_str());
            assert_eq!(body["status"], status);
            assert_eq!(body["request_id"], "r-1");
            (body["title"].clone(), body["detail"].clone())
        };
        let (zh, en) = (render(Language::Zh), render(Language::En));
        assert!(zh.0 != en.0 && zh.1 != en.1, "{code:?} speaks one language only");
        assert!(!en.0.as_str().unwrap().is_empty() && !zh.1.as_str().unwrap().is_empty());
    }
    let mut sorted = words();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), Code::ALL.len(), "a code stands twice");
}
