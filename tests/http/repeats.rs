//! Idempotency: the same key gets the same answer, once booked and for ever.
//!
//! Crashes between a request and its repeat are in `tests/reliability`. Invariant: one key, one
//! effect.

use std::collections::BTreeSet;
use std::sync::Barrier;

use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, on_each};
use crate::support::Reply;
use crate::support::forms::{issue, numbered, receipt, with};
use crate::support::world::CITY_DEPOT;

/// What a repeat must share with the first answer.
fn essence(reply: &Reply) -> (u16, String, String) {
    let place = reply.header("location").to_string();
    (reply.status, reply.text.clone(), place)
}

#[test]
fn a_repeat_gets_the_first_answer() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let body = receipt(CITY_DEPOT, "QUILT", 5);
        let first = clerk.post(MOVEMENTS, "k", &body);
        assert!(first.status == 201 && !first.replayed());
        for _ in 0..3 {
            let again = clerk.post(MOVEMENTS, "k", &body);
            assert!(again.replayed());
            assert_eq!(essence(&again), essence(&first));
        }
        assert_eq!(stage.seq(), 1);
        // Blanks and the order of fields are not the request.
        let shuffled = r#"{ "lines":[{"quantity":5,"item":"QUILT","to":"LY-CITY-01"}],
            "occurred_at":"2024-05-01T09:30:00+08:00", "type":"receipt_purchase" }"#;
        let headers = [("idempotency-key", "k"), ("content-type", "application/json")];
        let again = clerk.send("POST", MOVEMENTS, &headers, Some(shuffled.as_bytes()));
        assert!(again.replayed() && again.text == first.text, "{}", again.text);
    });
}

#[test]
fn a_kept_refusal_is_repeated_even_when_it_would_no_longer_be_refused() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let body = issue(CITY_DEPOT, "QUILT", 5);
        let first = clerk.post(MOVEMENTS, "k", &body);
        first.problem(409, "insufficient_stock");
        assert!(!first.replayed());
        stage.book("r", &receipt(CITY_DEPOT, "QUILT", 5));
        let again = clerk.post(MOVEMENTS, "k", &body);
        assert!(again.replayed());
        assert_eq!(essence(&again), essence(&first));
        again.problem(409, "insufficient_stock");
        assert_eq!(stage.seq(), 1);
        assert_eq!(clerk.post(MOVEMENTS, "k2", &body).status, 201);
    });
}

#[test]
fn a_key_means_one_request() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let body = receipt(CITY_DEPOT, "QUILT", 5);
        let booked = stage.book("k", &body);
        let other = receipt(CITY_DEPOT, "QUILT", 6);
        let reply = stage.refused("k", &other);
        let problem = reply.problem(422, "idempotency_key_reused");
        assert_eq!(problem["key"], "k");
        let path = format!("{MOVEMENTS}/{}/reversals", booked["id"].as_str().unwrap());
        let reply = clerk.post(&path, "k", &json!({"reason": "x"}));
        reply.problem(422, "idempotency_key_reused");
        // Keys belong to their holder: another clerk's `k` is another request.
        let theirs = stage.client("clerk-2").post(MOVEMENTS, "k", &other);
        assert!(theirs.status == 201 && !theirs.replayed());
        assert!(clerk.post(MOVEMENTS, "k", &body).replayed());
    });
}

#[test]
fn a_write_needs_a_key_of_its_form() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let body = receipt(CITY_DEPOT, "QUILT", 5).to_string();
        let kind = ("content-type", "application/json");
        let long = "k".repeat(129);
        for headers in [
            vec![kind],
            vec![kind, ("idempotency-key", "")],
            vec![kind, ("idempotency-key", "a b")],
            vec![kind, ("idempotency-key", &long)],
        ] {
            let reply = clerk.send("POST", MOVEMENTS, &headers, Some(body.as_bytes()));
            reply.problem(400, "idempotency_key_missing");
        }
        assert_eq!(stage.seq(), 0);
        let fits = "k".repeat(128);
        let headers = [kind, ("idempotency-key", &fits)];
        let reply = clerk.send("POST", MOVEMENTS, &headers, Some(body.as_bytes()));
        assert_eq!(reply.status, 201);
    });
}

#[test]
fn values_that_cannot_be_use_up_no_key() {
    on_each(|stage| {
        let body = receipt(CITY_DEPOT, "QUILT", 5);
        let wrong = with(body.clone(), "/lines/0", "quantity", 0);
        stage.refused("k", &wrong).problem(422, "invalid_value");
        stage.book("k", &body);
    });
}

#[test]
fn twenty_at_once_are_one() {
    on_each(|stage| {
        let body = receipt(CITY_DEPOT, "QUILT", 5);
        let gate = Barrier::new(20);
        let ask = || {
            let clerk = stage.client("clerk");
            clerk.get("/v1/me").expect(200);
            gate.wait();
            clerk.post(MOVEMENTS, "same", &body)
        };
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..20).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let distinct: BTreeSet<_> = replies.iter().map(essence).collect();
        assert_eq!(distinct.len(), 1, "{distinct:?}");
        assert_eq!(replies.iter().filter(|reply| !reply.replayed()).count(), 1);
        assert_eq!(stage.seq(), 1);
    });
}

#[test]
fn sixty_four_clients_with_the_same_hundred_keys_book_a_hundred() {
    on_each(|stage| {
        let ask = |reader: usize| {
            let clerk = stage.client("clerk");
            let mut told: Vec<(usize, String)> = Vec::new();
            for n in 0..100 {
                let number = (n + reader * 7) % 100;
                let body = receipt(CITY_DEPOT, "QUILT", i64::try_from(number + 1).unwrap());
                let reply = clerk.post(MOVEMENTS, &format!("key-{number}"), &body);
                assert_eq!(reply.status, 201, "{}", reply.text);
                told.push((number, reply.text));
            }
            told
        };
        let all: Vec<(usize, String)> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..64)
                .map(|reader| {
                    scope.spawn({
                        let ask = &ask;
                        move || ask(reader)
                    })
                })
                .collect();
            asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(all.len(), 6_400);
        let distinct: BTreeSet<_> = all.into_iter().collect();
        assert_eq!(distinct.len(), 100);
        assert_eq!(stage.seq(), 100);
    });
}

#[test]
fn the_same_paper_is_booked_once() {
    on_each(|stage| {
        let body = numbered(receipt(CITY_DEPOT, "QUILT", 5), "临应急采〔2021〕18号");
        let booked = stage.book("k", &body);
        let alike = numbered(receipt(CITY_DEPOT, "QUILT", 9), "临应急采（2021） 18号");
        let reply = stage.client("clerk-2").post(MOVEMENTS, "k", &alike);
        let problem = reply.problem(409, "document_exists");
        assert_eq!(problem["movement_id"], booked["id"]);
        assert_eq!(problem["seq"], booked["seq"]);
        assert_eq!(problem["document_no"], "临应急采（2021） 18号");
        assert_eq!(stage.seq(), 1);
        let knowingly = with(alike.clone(), "", "repeat_of_document", true);
        stage.book("again", &knowingly);
        // Another type and another owner have papers of their own.
        let issued = numbered(issue(CITY_DEPOT, "QUILT", 1), "临应急采〔2021〕18号");
        stage.book("issue", &issued);
        let theirs = with(alike, "/lines/0", "owner", "SD-YJ");
        stage.book("theirs", &theirs);
    });
}

#[test]
fn the_same_paper_by_many_clerks_at_once_is_booked_once() {
    on_each(|stage| {
        let gate = Barrier::new(16);
        let ask = |n: usize| {
            let clerk = stage.client(if n.is_multiple_of(2) { "clerk" } else { "clerk-2" });
            let body = numbered(receipt(CITY_DEPOT, "QUILT", 5), "P-1");
            gate.wait();
            clerk.post(MOVEMENTS, &format!("k{n}"), &body)
        };
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..16)
                .map(|n| {
                    scope.spawn({
                        let ask = &ask;
                        move || ask(n)
                    })
                })
                .collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (booked, refused): (Vec<_>, Vec<_>) =
            replies.iter().partition(|reply| reply.status == 201);
        assert_eq!(booked.len(), 1);
        let id: Value = booked[0].json()["id"].clone();
        for reply in refused {
            assert_eq!(reply.problem(409, "document_exists")["movement_id"], id);
        }
    });
}
