//! Refusals: well-formed requests that the rules or the stock say no to, with their facts.
//!
//! Wrong values are in `faults`. Invariant: a refusal takes no place in the book.

use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, Stage, on_each};
use crate::support::forms::{at, issue, movement, receipt, receipt_of_lot, with};
use crate::support::world::{CITY_DEPOT, CLOSED_DEPOT, DEPOT_A, DEPOT_B};

#[track_caller]
fn unknown(stage: &Stage, key: &str, body: &Value, facts: [&str; 3]) {
    let problem = stage.refused(key, body).problem(409, "unknown_reference");
    let told = ["kind", "name", "pointer"].map(|field| problem[field].as_str().unwrap());
    assert_eq!(told, facts);
    assert!(problem["detail"].as_str().unwrap().contains(facts[1]));
}

#[test]
fn unknown_references_are_named() {
    on_each(|stage| {
        let fine = receipt(CITY_DEPOT, "QUILT", 5);
        let set = |field: &str| with(fine.clone(), "/lines/0", field, "NOWHERE");
        unknown(stage, "k1", &set("to"), ["depot", "NOWHERE", "/lines/0/to"]);
        unknown(stage, "k2", &set("item"), ["item", "NOWHERE", "/lines/0/item"]);
        unknown(stage, "k3", &set("owner"), ["organization", "NOWHERE", "/lines/0/owner"]);
        let out = with(issue(CITY_DEPOT, "QUILT", 1), "/lines/0", "from", "NOWHERE");
        unknown(stage, "k4", &out, ["depot", "NOWHERE", "/lines/0/from"]);
        let lines = [
            json!({"to": CITY_DEPOT, "item": "QUILT", "quantity": 1}),
            json!({"to": CITY_DEPOT, "item": "NOWHAT", "quantity": 1}),
        ];
        let body = movement("opening", &lines);
        unknown(stage, "k5", &body, ["item", "NOWHAT", "/lines/1/item"]);
    });
}

#[test]
fn more_than_there_is_cannot_go_out() {
    on_each(|stage| {
        let early = "2024-01-01T00:00:00+08:00";
        let past = receipt_of_lot(CITY_DEPOT, "WATER", 30, "past", "2024-02-01");
        stage.book("r1", &at(past, early));
        let good = receipt_of_lot(CITY_DEPOT, "WATER", 4, "good", "2034-01-01");
        stage.book("r2", &at(good, early));
        let problem = stage.refused("i1", &issue(CITY_DEPOT, "WATER", 5));
        let problem = problem.problem(409, "insufficient_stock");
        for (field, value) in [
            ("have", json!(4)),
            ("need", json!(5)),
            ("unusable", json!(30)),
            ("line", json!(1)),
            ("depot", json!(CITY_DEPOT)),
            ("owner", json!("LY-YJ")),
            ("item", json!("WATER")),
            ("lot_no", json!(null)),
            ("condition", json!("good")),
        ] {
            assert_eq!(problem[field], value, "{field}: {problem}");
        }
        let named =
            with(issue(CITY_DEPOT, "WATER", 5), "/lines/0", "lot", json!({"lot_no": "past"}));
        let problem = stage.refused("i2", &named).problem(409, "lot_expired");
        assert_eq!(problem["last_usable_on"], "2024-02-01");
        assert_eq!(problem["occurred_on"], "2024-05-01");
        assert_eq!(problem["lot_no"], "past");
        // Lines of one movement take from each other, and goods of others are never drawn on.
        let twice = json!({"from": CITY_DEPOT, "item": "WATER", "quantity": 3});
        let body = movement("issue", &[twice.clone(), twice]);
        let problem = stage.refused("i3", &body).problem(409, "insufficient_stock");
        assert_eq!((&problem["line"], &problem["have"]), (&json!(2), &json!(1)));
        let others = with(issue(CITY_DEPOT, "WATER", 1), "/lines/0", "owner", "SD-YJ");
        let problem = stage.refused("i4", &others).problem(409, "insufficient_stock");
        assert_eq!((&problem["owner"], &problem["have"]), (&json!("SD-YJ"), &json!(0)));
        stage.book("i5", &issue(CITY_DEPOT, "WATER", 4));
    });
}

#[test]
fn back_dating_never_makes_a_later_balance_negative() {
    on_each(|stage| {
        let day = |n: i64, body: Value| at(body, &format!("2024-06-{n:02}T12:00:00+08:00"));
        stage.book("r1", &day(1, receipt(CITY_DEPOT, "TENT", 10)));
        stage.book("i1", &day(5, issue(CITY_DEPOT, "TENT", 8)));
        stage.book("r2", &day(9, receipt(CITY_DEPOT, "TENT", 10)));
        let problem = stage.refused("i2", &day(3, issue(CITY_DEPOT, "TENT", 3)));
        let problem = problem.problem(409, "negative_history");
        assert_eq!((&problem["have"], &problem["need"]), (&json!(2), &json!(3)));
        assert_eq!(problem["at"], "2024-06-05T04:00:00Z");
        stage.book("i3", &day(3, issue(CITY_DEPOT, "TENT", 2)));
        stage.refused("i4", &day(4, issue(CITY_DEPOT, "TENT", 1))).problem(409, "negative_history");
        stage.book("i5", &day(9, issue(CITY_DEPOT, "TENT", 10)));
    });
}

#[test]
fn a_closed_depot_takes_and_gives_nothing() {
    on_each(|stage| {
        stage.book("r", &receipt(CITY_DEPOT, "TENT", 10));
        let line = json!({"from": CITY_DEPOT, "to": CLOSED_DEPOT, "item": "TENT", "quantity": 1});
        for (key, body) in [
            ("k1", receipt(CLOSED_DEPOT, "TENT", 1)),
            ("k2", issue(CLOSED_DEPOT, "TENT", 1)),
            ("k3", movement("relocate", &[line])),
        ] {
            let problem = stage.refused(key, &body).problem(409, "depot_closed");
            assert_eq!(problem["depot"], CLOSED_DEPOT);
            assert_eq!(problem["depot_status"], "closed");
        }
    });
}

#[test]
fn a_movement_is_reversed_once() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let booked = stage.book("r", &receipt(CITY_DEPOT, "TENT", 10));
        let path = |movement: &Value| {
            format!("{MOVEMENTS}/{}/reversals", movement["id"].as_str().unwrap())
        };
        let early = json!({"reason": "x", "occurred_at": "2024-04-30T00:00:00Z"});
        let problem = clerk.post(&path(&booked), "v1", &early);
        let problem = problem.problem(409, "reversal_before_target");
        assert_eq!(problem["target_occurred_at"], "2024-05-01T01:30:00Z");
        let taken = stage.book("i", &issue(CITY_DEPOT, "TENT", 1));
        let now = json!({"reason": "x"});
        let problem = clerk.post(&path(&booked), "v2", &now).problem(409, "insufficient_stock");
        assert_eq!((&problem["have"], &problem["need"]), (&json!(9), &json!(10)));
        let back = clerk.post(&path(&taken), "v3", &now).expect(201);
        let again = clerk.post(&path(&taken), "v4", &now).problem(409, "already_reversed");
        assert_eq!((&again["movement_id"], &again["seq"]), (&back["id"], &back["seq"]));
        let twice = clerk.post(&path(&back), "v5", &now).problem(409, "not_reversible");
        assert_eq!(twice["movement_id"], back["id"]);
        clerk.post(&path(&booked), "v6", &now).expect(201);
        for (body, pointer) in [
            (json!({}), "/reason"),
            (json!({"reason": ""}), "/reason"),
            (json!({"reason": "x", "why": 1}), "/why"),
            (json!({"reason": "x", "occurred_at": "2999-01-01T00:00:00Z"}), "/occurred_at"),
        ] {
            let problem = clerk.post(&path(&booked), "v7", &body).problem(422, "invalid_value");
            assert_eq!(problem["errors"][0]["pointer"], pointer);
        }
    });
}

#[test]
fn many_who_reverse_at_once_reverse_once() {
    on_each(|stage| {
        let booked = stage.book("r", &receipt(CITY_DEPOT, "TENT", 10));
        let path = format!("{MOVEMENTS}/{}/reversals", booked["id"].as_str().unwrap());
        let ask = |n: usize| {
            let clerk = stage.client("clerk");
            clerk.post(&path, &format!("v{n}"), &json!({"reason": "x"})).status
        };
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let ask = &ask;
            let asking: Vec<_> = (0..12).map(|n| scope.spawn(move || ask(n))).collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 11, "{statuses:?}");
        assert_eq!(stage.seq(), 2);
    });
}

#[test]
fn what_is_out_of_scope_does_not_exist() {
    on_each(|stage| {
        stage.stock();
        let ours = stage.client("clerk-a");
        let listed = stage.client("clerk").get(&format!("{MOVEMENTS}?depot={DEPOT_B}"));
        let theirs = listed.expect(200)["items"][0]["id"].as_str().unwrap().to_string();
        let before = stage.seq();
        for (key, body, pointer) in [
            ("k1", receipt(DEPOT_B, "TENT", 1), "/lines/0/to"),
            ("k2", issue(DEPOT_B, "TENT", 1), "/lines/0/from"),
            ("k3", receipt(CITY_DEPOT, "TENT", 1), "/lines/0/to"),
        ] {
            let problem = ours.post(MOVEMENTS, key, &body).problem(409, "unknown_reference");
            assert_eq!(problem["pointer"], pointer);
        }
        ours.get(&format!("{MOVEMENTS}/{theirs}")).problem(404, "not_found");
        ours.get(&format!("{MOVEMENTS}?depot={DEPOT_B}")).problem(404, "not_found");
        ours.get(&format!("{MOVEMENTS}?region=371311")).problem(404, "not_found");
        ours.get(&format!("{MOVEMENTS}?region=3713")).problem(404, "not_found");
        let reply = ours.post(
            &format!("{MOVEMENTS}/{theirs}/reversals"),
            "k4",
            &json!({
                "reason": "x"
            }),
        );
        reply.problem(404, "not_found");
        assert_eq!(stage.seq(), before);
        let seen = ours.get(MOVEMENTS).expect(200);
        let depots = seen["items"].as_array().unwrap().iter().map(|m| &m["lines"][0]["to"]);
        assert!(depots.eq([&json!(DEPOT_A)]), "{seen}");
        // The target of a relocation need only exist; then both sides see it.
        let line = json!({"from": DEPOT_A, "to": DEPOT_B, "item": "TENT", "quantity": 2});
        let moved = ours.post(MOVEMENTS, "k5", &movement("relocate", &[line])).expect(201);
        let path = format!("{MOVEMENTS}/{}", moved["id"].as_str().unwrap());
        stage.client("clerk-b").get(&path).expect(200);
        let pulled = json!({"from": DEPOT_B, "to": DEPOT_A, "item": "TENT", "quantity": 2});
        let reply = ours.post(MOVEMENTS, "k6", &movement("relocate", &[pulled]));
        reply.problem(409, "unknown_reference");
    });
}

#[test]
fn many_who_ask_at_once_share_what_there_is() {
    on_each(|stage| {
        stage.book("r", &receipt(CITY_DEPOT, "TENT", 10));
        let ask = |n: usize| {
            let clerk = stage.client(if n.is_multiple_of(2) { "clerk" } else { "clerk-2" });
            let posts = (0..4).map(|m| {
                let body = issue(CITY_DEPOT, "TENT", 1);
                clerk.post(MOVEMENTS, &format!("i{n}-{m}"), &body)
            });
            posts.collect::<Vec<_>>()
        };
        let replies: Vec<_> = std::thread::scope(|scope| {
            let ask = &ask;
            let asking: Vec<_> = (0..16).map(|n| scope.spawn(move || ask(n))).collect();
            asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let (got, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|r| r.status == 201);
        assert_eq!(got.len(), 10);
        for reply in refused {
            assert_eq!(reply.problem(409, "insufficient_stock")["have"], 0);
        }
        assert_eq!(stage.seq(), 11);
    });
}

#[test]
fn many_who_bring_the_same_new_lot_at_once_make_one_lot() {
    on_each(|stage| {
        let ask = |n: usize| {
            let clerk = stage.client("clerk");
            let body = receipt_of_lot(CITY_DEPOT, "WATER", 1, "B1", "2034-01-01");
            clerk.post(MOVEMENTS, &format!("r{n}"), &body).expect(201)
        };
        let lots: Vec<Value> = std::thread::scope(|scope| {
            let ask = &ask;
            let asking: Vec<_> = (0..16).map(|n| scope.spawn(move || ask(n))).collect();
            let replies = asking.into_iter().map(|thread| thread.join().unwrap());
            replies.map(|reply| reply["lines"][0]["lot_id"].clone()).collect()
        });
        assert_eq!(lots, vec![json!(1); 16]);
        stage.book("i", &issue(CITY_DEPOT, "WATER", 16));
    });
}
