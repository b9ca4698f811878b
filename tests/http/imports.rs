//! Files of movements over HTTP: both forms, all faults at once, all or nothing, once.
//!
//! How cells are read is tested beside the reader, the command line in `tests/reliability`.
//! Invariant: a file that is refused leaves no trace but its refusal.

use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, Stage, on_each};
use crate::support::forms::{issue, numbered, receipt, with};
use crate::support::world::{CITY_DEPOT, CLOSED_DEPOT, DEPOT_A, DEPOT_B};
use crate::support::{Client, Reply};

pub const IMPORT: &str = "/v1/movements/import";
const CSV: &str = "text/csv; charset=utf-8";
const NDJSON: &str = "application/x-ndjson";

fn send(client: &Client, path: &str, key: Option<&str>, kind: &str, body: &str) -> Reply {
    let mut headers = vec![("content-type", kind)];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    client.send("POST", path, &headers, Some(body.as_bytes()))
}

pub fn lines_of(documents: &[Value]) -> String {
    documents.iter().map(|document| format!("{document}\n")).collect()
}

fn post(stage: &Stage, key: &str, documents: &[Value]) -> Reply {
    send(&stage.client("clerk"), IMPORT, Some(key), NDJSON, &lines_of(documents))
}

fn rehearse(stage: &Stage, documents: &[Value]) -> Reply {
    let path = format!("{IMPORT}?dry_run=true");
    send(&stage.client("clerk"), &path, None, NDJSON, &lines_of(documents))
}

/// Two receipts, and an issue of what they bring.
fn three() -> [Value; 3] {
    let two = json!([{"to": CITY_DEPOT, "item": "TENT", "quantity": 5},
        {"to": CITY_DEPOT, "item": "QUILT", "quantity": 2, "unit": "箱"}]);
    [
        numbered(with(receipt(CITY_DEPOT, "TENT", 1), "", "lines", two), "P-1"),
        numbered(receipt(CITY_DEPOT, "TENT", 3), "P-2"),
        issue(CITY_DEPOT, "TENT", 7),
    ]
}

/// The same as a table.
const TABLE: &str = "\u{feff}type,occurred_at,document_no,from,to,item,quantity,unit\r
receipt_purchase,2024-05-01T09:30:00+08:00,P-1,,LY-CITY-01,TENT,5,\r
receipt_purchase,2024-05-01T09:30:00+08:00,P-1,,LY-CITY-01,QUILT,2,箱\r
receipt_purchase,2024-05-01T09:30:00+08:00,P-2,,LY-CITY-01,TENT,3,\r
issue,2024-05-01T09:30:00+08:00,,LY-CITY-01,,TENT,7,\r
";

/// A movement without what differs from one booking to the next.
fn essence(movement: &Value) -> Value {
    let mut movement = movement.clone();
    for field in ["id", "seq", "hash", "recorded_at"] {
        movement[field] = Value::Null;
    }
    movement
}

#[test]
fn a_file_is_booked_as_a_whole_in_its_order() {
    on_each(|stage| {
        let reply = post(stage, "k", &three());
        let told = reply.expect(201);
        assert_eq!(reply.header("content-type"), "application/json");
        assert_eq!((&told["movements"], &told["lines"]), (&json!(3), &json!(4)));
        assert_eq!((&told["first_seq"], &told["last_seq"]), (&json!(1), &json!(3)));
        assert_eq!(told["dry_run"], false);
        let listed = stage.client("clerk").get(MOVEMENTS).expect(200);
        for (ix, item) in told["items"].as_array().unwrap().iter().enumerate() {
            let booked = &listed["items"][ix];
            assert_eq!(item["line"], json!(ix + 1));
            for field in ["id", "seq", "document_no", "type"] {
                assert_eq!(item[field], booked[field], "{field}");
            }
        }
        assert_eq!(listed["items"][0]["lines"][1]["quantity"], 48);
        assert_eq!(stage.seq(), 3);
        // What was imported stands in the way of its paper like any other movement.
        let again = numbered(receipt(CITY_DEPOT, "TENT", 3), "P-2");
        let problem = stage.refused("again", &again).problem(409, "document_exists");
        assert_eq!(problem["seq"], 2);
    });
}

#[test]
fn a_table_and_its_json_lines_are_the_same_file() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let told = send(&clerk, IMPORT, Some("table"), CSV, TABLE).expect(201);
        let lines: Vec<&Value> =
            told["items"].as_array().unwrap().iter().map(|item| &item["line"]).collect();
        assert_eq!(lines, [&json!(2), &json!(4), &json!(5)]);
        let other = three().map(|document| with(document, "", "repeat_of_document", true));
        post(stage, "lines", &other).expect(201);
        let listed = clerk.get(MOVEMENTS).expect(200);
        let listed = listed["items"].as_array().unwrap();
        assert_eq!(listed.len(), 6);
        for ix in 0..3 {
            assert_eq!(essence(&listed[ix]), essence(&listed[ix + 3]));
        }
    });
}

#[test]
fn every_value_that_cannot_be_is_named_with_its_line() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let table = "type,occurred_at,document_no,to,item,quantity,unit,note
opening,2999-01-01T00:00:00Z,P-1,LY-CITY-01,TENT,x,,
opening,2999-01-01T00:00:00Z,P-1,LY CITY,TENT,0,,other
isue,,P-2,LY-CITY-01,TENT,1
opening,,P-3,,TENT,1,,
";
        let problem = send(&clerk, IMPORT, Some("k"), CSV, table).problem(422, "invalid_value");
        let errors = problem["errors"].as_array().unwrap();
        let told: Vec<Value> = errors
            .iter()
            .map(|error| json!([error["line"], error["pointer"], error["code"]]))
            .collect();
        let expected = [
            json!([2, "quantity", "wrong_type"]),
            json!([3, "note", "disagrees"]),
            json!([3, "quantity", "out_of_range"]),
            json!([3, "to", "malformed"]),
            json!([4, "", "malformed"]),
            json!([5, "to", "required"]),
        ];
        assert_eq!(told, expected);
        assert!(errors.iter().all(|error| error["detail"].as_str().unwrap().contains("expected")));
        // The rest needs the catalogue; it is named all at once, too, and before any refusal.
        let unit = with(receipt(CITY_DEPOT, "TENT", 1), "/lines/0", "unit", "吨");
        let ageless = receipt(CITY_DEPOT, "WATER", 1);
        let documents = [unit.clone(), receipt("NOWHERE", "TENT", 1), ageless, unit];
        for reply in [post(stage, "k", &documents), rehearse(stage, &documents)] {
            let problem = reply.problem(422, "invalid_value");
            let errors = problem["errors"].as_array().unwrap();
            let told: Vec<(i64, &str, &str)> = errors
                .iter()
                .map(|error| {
                    let text = |field: &str| error[field].as_str().unwrap();
                    (error["line"].as_i64().unwrap(), text("pointer"), text("code"))
                })
                .collect();
            let expected = [
                (1, "/lines/0/unit", "unknown_unit"),
                (3, "/lines/0/lot/expires_on", "expiry_required"),
                (4, "/lines/0/unit", "unknown_unit"),
            ];
            assert_eq!(told, expected);
        }
        // The same paper twice in one file is not what a clerk means, unless it says so.
        let paper = numbered(receipt(CITY_DEPOT, "TENT", 3), "P-2");
        for reply in [post(stage, "k", &[paper.clone(), paper.clone()]), {
            rehearse(stage, &[paper.clone(), paper.clone()])
        }] {
            let problem = reply.problem(422, "invalid_value");
            let error = &problem["errors"][0];
            assert_eq!((&error["line"], &error["pointer"]), (&json!(2), &json!("/document_no")));
        }
        assert_eq!(stage.seq(), 0);
        let knowingly = with(paper.clone(), "", "repeat_of_document", true);
        post(stage, "k", &[paper, knowingly]).expect(201);
    });
}

#[test]
fn every_refused_document_is_named_and_none_is_booked() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        stage.book("paper", &numbered(receipt(CITY_DEPOT, "TENT", 1), "P-9"));
        let documents = [
            receipt(CITY_DEPOT, "TENT", 5),
            numbered(issue(CITY_DEPOT, "TENT", 7), "I-1"),
            receipt(CLOSED_DEPOT, "TENT", 1),
            issue(CITY_DEPOT, "TENT", 6),
            numbered(receipt(CITY_DEPOT, "TENT", 1), "P-9"),
            receipt(CITY_DEPOT, "NOWHAT", 1),
        ];
        let reply = post(stage, "k", &documents);
        for reply in [&reply, &rehearse(stage, &documents)] {
            let problem = reply.problem(409, "import_refused");
            assert_eq!(problem["refused"], 4);
            let errors = problem["errors"].as_array().unwrap();
            let told: Vec<Value> = errors
                .iter()
                .map(|error| json!([error["line"], error["code"], error["pointer"]]))
                .collect();
            let expected = [
                json!([2, "insufficient_stock", "/lines/0/quantity"]),
                json!([3, "depot_closed", ""]),
                json!([5, "document_exists", "/document_no"]),
                json!([6, "unknown_reference", "/lines/0/item"]),
            ];
            assert_eq!(told, expected);
            assert_eq!(errors[0]["document_no"], "I-1");
            assert_eq!(errors[0]["facts"]["have"], 6);
            assert_eq!(errors[1]["facts"]["depot"], CLOSED_DEPOT);
            assert_eq!(errors[2]["facts"]["seq"], 1);
            assert_eq!(errors[3]["facts"]["name"], "NOWHAT");
            assert!(errors[0]["detail"].as_str().unwrap().contains(CITY_DEPOT));
        }
        assert_eq!(stage.seq(), 1);
        // The refusal is kept, even when the file would no longer be refused.
        stage.book("more", &receipt(CITY_DEPOT, "TENT", 100));
        let again = post(stage, "k", &documents);
        assert!(again.replayed() && again.text == reply.text, "{}", again.text);
        // In a table the column is named, and each row has its line.
        let table = "type,document_no,from,item,quantity\nissue,I-2,LY-CITY-01,TENT,1\n\
            issue,I-2,LY-CITY-01,TENT,999\n";
        let problem = send(&clerk, IMPORT, Some("t"), CSV, table).problem(409, "import_refused");
        let error = &problem["errors"][0];
        let told = [&error["line"], &error["pointer"], &error["facts"]["line"]];
        assert_eq!(told, [&json!(3), &json!("quantity"), &json!(2)]);
    });
}

#[test]
fn a_repeat_gets_the_first_answer_and_a_key_means_one_file() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let first = post(stage, "k", &three());
        first.expect(201);
        assert!(!first.replayed());
        for _ in 0..2 {
            let again = post(stage, "k", &three());
            assert!(again.status == 201 && again.replayed() && again.text == first.text);
        }
        let more = [&three()[..], &[receipt(CITY_DEPOT, "TENT", 1)]].concat();
        let problem = post(stage, "k", &more).problem(422, "idempotency_key_reused");
        assert_eq!(problem["key"], "k");
        // A movement's key is no import's, and the other way round.
        let body = receipt(CITY_DEPOT, "TENT", 1);
        clerk.post(MOVEMENTS, "k", &body).problem(422, "idempotency_key_reused");
        clerk.post(MOVEMENTS, "single", &body).expect(201);
        post(stage, "single", &three()).problem(422, "idempotency_key_reused");
        assert_eq!(stage.seq(), 4);
        let theirs = send(&stage.client("clerk-2"), IMPORT, Some("k"), NDJSON, &body.to_string());
        assert!(theirs.status == 201 && !theirs.replayed());
    });
}

#[test]
fn the_same_file_by_many_at_once_is_booked_once() {
    on_each(|stage| {
        let ask = || post(stage, "k", &three());
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(replies.iter().all(|reply| reply.status == 201 && reply.text == replies[0].text));
        assert_eq!(replies.iter().filter(|reply| !reply.replayed()).count(), 1);
        assert_eq!(stage.seq(), 3);
    });
}

#[test]
fn a_dry_run_says_what_would_be_booked_and_writes_nothing() {
    on_each(|stage| {
        let told = rehearse(stage, &three()).expect(200);
        assert_eq!((&told["movements"], &told["lines"]), (&json!(3), &json!(4)));
        assert_eq!((&told["dry_run"], &told["first_seq"]), (&json!(true), &json!(null)));
        let item = json!({"line": 2, "id": null, "seq": null, "type": "receipt_purchase",
            "document_no": "P-2", "lines": 1});
        assert_eq!(told["items"][1], item);
        assert_eq!(stage.seq(), 0);
        // It uses up no key, even where one is given.
        let path = format!("{IMPORT}?dry_run=true");
        let body = lines_of(&three());
        send(&stage.client("clerk"), &path, Some("k"), NDJSON, &body).expect(200);
        assert!(!post(stage, "k", &three()).replayed());
        // Back-dating is judged upon what the file itself brings.
        let at = |document: Value, day: &str| {
            with(document, "", "occurred_at", format!("2024-06-{day}T12:00:00+08:00"))
        };
        let documents = [
            at(receipt(DEPOT_A, "TENT", 4), "01"),
            at(
                json!({"type": "issue", "lines":
                [{"from": DEPOT_A, "owner": "LS-YJ", "item": "TENT", "quantity": 3}]}),
                "05",
            ),
            at(receipt(DEPOT_A, "TENT", 9), "09"),
            at(issue(DEPOT_A, "TENT", 2), "03"),
        ];
        let problem = rehearse(stage, &documents).problem(409, "import_refused");
        assert_eq!(problem["refused"], 1);
        assert_eq!(problem["errors"][0]["code"], "negative_history");
        assert_eq!(problem["errors"][0]["line"], 4);
        rehearse(stage, &documents[..3]).expect(200);
    });
}

#[test]
fn a_file_has_its_limits() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let line = json!({"to": CITY_DEPOT, "item": "TENT", "quantity": 1});
        let document = with(receipt(CITY_DEPOT, "TENT", 1), "", "lines", vec![line; 500]);
        let full = vec![document; 20];
        let over = [&full[..], &[receipt(CITY_DEPOT, "TENT", 1)]].concat();
        let problem = post(stage, "k", &over).problem(422, "invalid_value");
        let error = &problem["errors"][0];
        assert_eq!((&error["line"], &error["code"]), (&json!(21), &json!("out_of_range")));
        assert_eq!(stage.seq(), 0);
        assert_eq!(post(stage, "k", &full).expect(201)["lines"], 10_000);
        let large = " ".repeat(2 << 20) + &receipt(CITY_DEPOT, "TENT", 1).to_string();
        send(&clerk, IMPORT, Some("blank"), NDJSON, &large).problem(422, "invalid_value");
        let rows = lines_of(&vec![receipt(CITY_DEPOT, "TENT", 1); 9_000]);
        assert!(rows.len() > 1 << 20, "no file larger than a single movement may be");
        send(&clerk, IMPORT, Some("rows"), NDJSON, &rows).expect(201);
        let huge = "\n".repeat((8 << 20) + 1);
        send(&clerk, IMPORT, Some("huge"), NDJSON, &huge).problem(413, "body_too_large");
        let empty = send(&clerk, IMPORT, Some("e"), NDJSON, "\n").problem(422, "invalid_value");
        assert_eq!(empty["errors"][0]["code"], "required");
        send(&clerk, IMPORT, Some("j"), "application/json", "{}")
            .problem(415, "unsupported_media_type");
        send(&clerk, IMPORT, None, NDJSON, &rows).problem(400, "idempotency_key_missing");
        let odd = format!("{IMPORT}?dry_run=maybe");
        let problem = send(&clerk, &odd, None, NDJSON, &rows).problem(400, "invalid_parameter");
        assert_eq!(problem["errors"][0]["pointer"], "dry_run");
    });
}

#[test]
fn what_is_out_of_scope_does_not_exist_for_a_file() {
    on_each(|stage| {
        let ours = stage.client("clerk-a");
        let body = lines_of(&[receipt(DEPOT_A, "TENT", 1), receipt(DEPOT_B, "TENT", 1)]);
        let problem = send(&ours, IMPORT, Some("k"), NDJSON, &body).problem(409, "import_refused");
        let error = &problem["errors"][0];
        assert_eq!((&error["line"], &error["code"]), (&json!(2), &json!("unknown_reference")));
        assert_eq!((&problem["refused"], stage.seq()), (&json!(1), 0));
        let dry = format!("{IMPORT}?dry_run=true");
        send(&ours, &dry, None, NDJSON, &body).problem(409, "import_refused");
        for path in [IMPORT, &dry] {
            let planner = stage.client("planner");
            send(&planner, path, Some("k"), NDJSON, &body).problem(403, "forbidden");
        }
        send(&stage.client("clerk"), IMPORT, Some("k"), NDJSON, &body).expect(201);
    });
}
