//! Movements booked, reversed and read again, and the manners of every path.
//!
//! Refusals are in `refusals`, wrong values in `faults`. Invariant: what a reply to a POST says is
//! what a GET says later.

use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, Stage, flow, on_each};
use crate::support::forms::{self, issue, movement, numbered, receipt, receipt_of_lot, with};
use crate::support::world::{CITY_DEPOT, DEPOT_A};

fn full_receipt() -> Value {
    json!({
        "type": "receipt_purchase", "occurred_at": "2021-11-10T09:30:00+08:00",
        "document_no": "临应急采〔2021〕18号", "order_no": "D-7", "counterparty": "某纺织厂",
        "handled_by": "张三", "checked_by": "李四", "approved_by": "王五", "reason": "补库",
        "note": "第一批",
        "lines": [{
            "to": CITY_DEPOT, "item": "QUILT", "owner": "SD-YJ", "condition": "good",
            "quantity": 20, "unit": "箱",
            "lot": {"lot_no": "B2110", "produced_on": "2021-10-01", "expires_on": null,
                    "manufacturer": "某纺织厂", "unit_price_fen": 8900, "source": "purchase"}
        }]
    })
}

#[test]
fn a_receipt_is_told_in_full_and_read_again() {
    on_each(|stage| {
        let asked = full_receipt();
        let clerk = stage.client("clerk");
        let reply = clerk.post(MOVEMENTS, "k1", &asked);
        let booked = reply.expect(201);
        for field in ["type", "document_no", "order_no", "counterparty", "handled_by"] {
            assert_eq!(booked[field], asked[field], "{field}");
        }
        for field in ["checked_by", "approved_by", "reason", "note"] {
            assert_eq!(booked[field], asked[field], "{field}");
        }
        assert_eq!(booked["seq"], 1);
        assert_eq!(booked["occurred_at"], "2021-11-10T01:30:00Z");
        assert_eq!(booked["recorded_by"], "clerk");
        assert_eq!(booked["reversal_of"], Value::Null);
        assert_eq!(booked["hash"].as_str().unwrap().len(), 64);
        assert!(booked["recorded_at"].as_str().unwrap().ends_with('Z'));
        let line = json!({
            "line_no": 1, "request_line": 1, "item": "QUILT", "lot_id": 1, "lot_no": "B2110",
            "expires_on": "2029-10-01", "owner": "SD-YJ", "condition": "good",
            "to_condition": null, "from": "supplier", "to": CITY_DEPOT, "quantity": 480
        });
        assert_eq!(booked["lines"], json!([line]));
        let place = format!("{MOVEMENTS}/{}", booked["id"].as_str().unwrap());
        assert_eq!(reply.header("location"), place);
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!(clerk.get(&place).expect(200), booked);
        assert_eq!(clerk.get(MOVEMENTS).expect(200)["items"], json!([booked]));
    });
}

#[test]
fn an_issue_takes_the_lots_that_expire_first() {
    on_each(|stage| {
        for (key, lot, until, quantity) in [
            ("r1", "late", "2030-03-01", 5),
            ("r2", "past", "2024-04-30", 50),
            ("r3", "soon", "2024-05-01", 4),
        ] {
            let body = receipt_of_lot(CITY_DEPOT, "WATER", quantity, lot, until);
            stage.book(key, &forms::at(body, "2024-01-01T00:00:00+08:00"));
        }
        let lines = [
            json!({"from": CITY_DEPOT, "item": "WATER", "quantity": 6}),
            json!({"from": CITY_DEPOT, "item": "WATER", "quantity": 1,
                   "lot": {"lot_no": "late"}}),
        ];
        let booked = stage.book("i1", &movement("issue", &lines));
        let taken: Vec<Value> = booked["lines"].as_array().unwrap().clone();
        let told = |ix: usize| {
            let line = &taken[ix];
            json!([line["line_no"], line["request_line"], line["lot_no"], line["quantity"]])
        };
        assert_eq!(taken.len(), 3, "{booked}");
        assert_eq!(told(0), json!([1, 1, "soon", 4]));
        assert_eq!(told(1), json!([2, 1, "late", 2]));
        assert_eq!(told(2), json!([3, 2, "late", 1]));
        assert_eq!(taken[0]["to"], "consumed");
    });
}

#[test]
fn every_type_that_can_be_booked_is_booked() {
    on_each(|stage| {
        let line = |value: Value| value;
        let into = |quantity| line(json!({"to": CITY_DEPOT, "item": "TENT", "quantity": quantity}));
        let out = json!({"from": CITY_DEPOT, "item": "TENT", "quantity": 1});
        let across = with(out.clone(), "", "to", DEPOT_A);
        let within = with(out.clone(), "", "to_condition", "damaged");
        let scrapped = with(out.clone(), "", "condition", "damaged");
        for (kind, lines, flows) in [
            ("opening", into(9), json!(["found", CITY_DEPOT, "TENT", 9])),
            ("receipt_purchase", into(1), json!(["supplier", CITY_DEPOT, "TENT", 1])),
            ("receipt_donation", into(1), json!(["supplier", CITY_DEPOT, "TENT", 1])),
            ("adjust_gain", into(1), json!(["found", CITY_DEPOT, "TENT", 1])),
            ("issue", out.clone(), json!([CITY_DEPOT, "consumed", "TENT", 1])),
            ("relocate", across, json!([CITY_DEPOT, DEPOT_A, "TENT", 1])),
            ("condition_change", within, json!([CITY_DEPOT, CITY_DEPOT, "TENT", 1])),
            ("adjust_loss", out, json!([CITY_DEPOT, "loss", "TENT", 1])),
            ("scrap", scrapped, json!([CITY_DEPOT, "loss", "TENT", 1])),
        ] {
            let booked = stage.book(kind, &movement(kind, &[lines]));
            assert_eq!(booked["type"], kind);
            assert_eq!(flow(&booked["lines"][0]), flows, "{kind}");
        }
    });
}

#[test]
fn a_reversal_mirrors_its_target() {
    on_each(|stage| {
        let booked = stage.book("r", &numbered(receipt(CITY_DEPOT, "QUILT", 7), "R-1"));
        let path = format!("{MOVEMENTS}/{}/reversals", booked["id"].as_str().unwrap());
        let clerk = stage.client("clerk");
        let reply = clerk.post(&path, "v", &json!({"reason": "录入错误"}));
        let reversal = reply.expect(201);
        assert_eq!(reversal["type"], "reversal");
        assert_eq!(reversal["reversal_of"], booked["id"]);
        assert_eq!(reversal["reason"], "录入错误");
        assert_eq!(flow(&reversal["lines"][0]), json!([CITY_DEPOT, "supplier", "QUILT", 7]));
        let place = reply.header("location").to_string();
        assert_eq!(clerk.get(&place).expect(200), reversal);
        let again = clerk.post(&path, "v", &json!({"reason": "录入错误"}));
        assert!(again.replayed() && again.text == reply.text);
        clerk
            .post(MOVEMENTS, "i", &issue(CITY_DEPOT, "QUILT", 1))
            .problem(409, "insufficient_stock");
    });
}

#[test]
fn absent_occurred_at_is_the_time_of_recording() {
    on_each(|stage| {
        let mut body = receipt(CITY_DEPOT, "TENT", 1);
        body.as_object_mut().unwrap().remove("occurred_at");
        let booked = stage.book("k", &body);
        assert_eq!(booked["occurred_at"], booked["recorded_at"]);
        assert_eq!(booked["lines"][0]["owner"], "LY-YJ");
    });
}

#[test]
fn every_path_has_head_and_names_its_methods() {
    on_each(|stage| {
        let id = stage.book("k", &receipt(CITY_DEPOT, "TENT", 1))["id"].clone();
        let one = format!("{MOVEMENTS}/{}", id.as_str().unwrap());
        let planner = stage.client("planner");
        for (path, allow) in [
            (MOVEMENTS, "GET, HEAD, POST"),
            (&one, "GET, HEAD"),
            (&format!("{one}/reversals"), "POST"),
            ("/v1/me", "GET, HEAD"),
            ("/healthz", "GET, HEAD"),
            ("/readyz", "GET, HEAD"),
            ("/metrics", "GET, HEAD"),
            ("/openapi.json", "GET, HEAD"),
        ] {
            let other = planner.send("DELETE", path, &[], None);
            other.problem(405, "method_not_allowed");
            assert_eq!(other.header("allow"), allow, "{path}");
            if allow.contains("HEAD") {
                let (head, get) = (planner.send("HEAD", path, &[], None), planner.get(path));
                assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
                let kind = "content-type";
                assert_eq!(head.header(kind), get.header(kind), "{path}");
            }
        }
    });
}

#[test]
fn what_is_not_there_is_a_problem() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let nobody = "0190a5d2-0000-7000-8000-000000000000";
        for path in ["/", "/v1", "/v1/nothing", "/v1/movements/", "/v2/movements", "//"] {
            clerk.get(path).problem(404, "not_found");
        }
        for id in [nobody, "7", "x%2F..", "%00"] {
            clerk.get(&format!("{MOVEMENTS}/{id}")).problem(404, "not_found");
        }
        let path = format!("{MOVEMENTS}/{nobody}/reversals");
        let reply = clerk.post(&path, "k", &json!({"reason": "x"}));
        reply.problem(404, "not_found");
        assert_eq!(reply.header("x-request-id"), reply.json()["request_id"]);
    });
}

#[test]
fn problems_speak_the_readers_language() {
    on_each(|stage| {
        let titles = |accept: &str| {
            let client = stage.client("clerk");
            let reply = client.send("GET", "/v1/nothing", &[("accept-language", accept)], None);
            let language = reply.header("content-language").to_string();
            (language, reply.problem(404, "not_found")["title"].as_str().unwrap().to_string())
        };
        assert_eq!(titles("zh-CN,zh;q=0.9,en;q=0.1").1, "未找到");
        assert_eq!(titles("en-GB,zh;q=0.5").1, "Not found");
        assert_eq!(titles("fr").1, "Not found");
        assert!(titles("zh").0.starts_with("zh") && titles("en").0.starts_with("en"));
        detail_in_both(stage);
    });
}

fn detail_in_both(stage: &Stage) {
    let body = issue(CITY_DEPOT, "QUILT", 3).to_string();
    let ask = |language: &str, key: &str| {
        let headers = [
            ("accept-language", language),
            ("idempotency-key", key),
            ("content-type", "application/json"),
        ];
        let reply = stage.client("clerk").send("POST", MOVEMENTS, &headers, Some(body.as_bytes()));
        reply.problem(409, "insufficient_stock")
    };
    let (zh, en) = (ask("zh", "z"), ask("en", "e"));
    assert_eq!(zh["title"], "库存不足");
    assert_eq!(en["title"], "Insufficient stock");
    for problem in [zh, en] {
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(CITY_DEPOT) && !detail.contains(['{', '}']), "{detail}");
    }
}
