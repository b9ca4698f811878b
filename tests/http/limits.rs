//! What one caller, or one slow client, may take of the service.
//!
//! All of them at once are in `tests/reliability/overload.rs`. Invariant: whoever is turned away is
//! told when to come again, and has left no trace.

use std::time::{Duration, Instant};

use crate::imports::IMPORT;
use crate::stage::MOVEMENTS;
use crate::support::forms::receipt;
use crate::support::raw::{Raw, header, post, request, status};
use crate::support::world::{CITY_DEPOT, Keys, settle};
use crate::support::{Client, Database, Server};

/// A service with one of its limits set.
fn serve(limit: &str, value: &str) -> (Database, Keys, Server) {
    let database = Database::sqlite();
    let keys = settle(&database.url);
    let server = Server::start_under(&database.url, &[(limit.to_string(), value.to_string())]);
    (database, keys, server)
}

#[test]
fn who_asks_too_often_is_told_when_to_come_again() {
    let (_database, keys, server) = serve("CHANGPING_RATE_LIMIT", "1");
    let client = |key: &str| Client::new(&server.base, key);
    let clerk = client(keys.of("clerk"));
    let began = Instant::now();
    clerk.get("/v1/me").expect(200);
    clerk.get("/v1/me").expect(200);
    let english = clerk.get("/v1/me");
    let chinese = clerk.send("GET", "/v1/me", &[("accept-language", "zh")], None);
    let write = clerk.post(MOVEMENTS, "k", &receipt(CITY_DEPOT, "TENT", 1));
    assert!(began.elapsed() < Duration::from_secs(1), "too slow to be turned away");
    for reply in [&english, &chinese, &write] {
        reply.problem(429, "rate_limited");
        assert_eq!(reply.header("retry-after"), "1");
    }
    assert_ne!(english.json()["title"], chinese.json()["title"]);
    client(keys.of("clerk-2")).get("/v1/me").expect(200);
    // Who guesses keys guesses for all of this address, whatever is asked for.
    client("cp_guess-1").get("/v1/me").problem(401, "unauthenticated");
    client("cp_guess-2").get("/v1/nothing").problem(404, "not_found");
    client("cp_guess-3").get("/v1/me").problem(429, "rate_limited");
    Client::anonymous(&server.base).get("/openapi.json").problem(429, "rate_limited");
    for _ in 0..9 {
        client("cp_guess-4").get("/healthz").expect(200);
        assert_eq!(client("").get("/readyz").expect(200)["ledger_seq"], 0);
    }
    std::thread::sleep(Duration::from_millis(1_100));
    clerk.post(MOVEMENTS, "k", &receipt(CITY_DEPOT, "TENT", 1)).expect(201);
}

#[test]
fn a_body_that_comes_byte_by_byte_is_not_waited_for() {
    let (_database, keys, server) = serve("CHANGPING_CLIENT_TIMEOUT", "1");
    let client = Client::new(&server.base, keys.of("clerk"));
    for (path, kind) in [(MOVEMENTS, "application/json"), (IMPORT, "text/csv")] {
        let mut raw = Raw::connect(&server.base);
        let more = format!("idempotency-key: k\r\ncontent-type: {kind}\r\n");
        raw.send(request("POST", path, keys.of("clerk"), &more, 1_000)).unwrap();
        raw.stream.set_nonblocking(true).unwrap();
        let began = Instant::now();
        let reply = loop {
            raw.send(" ").unwrap();
            std::thread::sleep(Duration::from_millis(50));
            if let Some(reply) = raw.reply().unwrap() {
                break reply;
            }
            assert!(began.elapsed() < Duration::from_secs(5), "it waits and waits");
        };
        assert!(began.elapsed() >= Duration::from_secs(1));
        assert_eq!(status(&reply), 408, "{reply}");
        assert!(reply.contains("\"request_timeout\""), "{reply}");
        assert_eq!(header(&reply, "connection"), "close");
    }
    client.post(MOVEMENTS, "k", &receipt(CITY_DEPOT, "TENT", 1)).expect(201);
}

/// Bytes of a file that is never sent to its end.
const LARGE: usize = 7 << 20;

#[test]
fn large_bodies_together_are_bounded_and_keep_no_movement_out() {
    let (_database, keys, server) = serve("CHANGPING_CLIENT_TIMEOUT", "30");
    let clerk = Client::new(&server.base, keys.of("clerk"));
    let blanks = vec![b' '; LARGE];
    let more = "idempotency-key: k\r\ncontent-type: text/csv\r\n";
    let head = request("POST", IMPORT, keys.of("clerk"), more, LARGE + 1);
    let held: Vec<Raw> = (0..10)
        .map(|_| {
            let mut raw = Raw::connect(&server.base);
            raw.stream.set_nonblocking(false).unwrap();
            raw.send(&head).unwrap();
            // Whoever is turned away is not read to the end.
            let _cut = raw.send(&blanks);
            raw
        })
        .collect();
    let mut turned_away = 0;
    for mut raw in held {
        raw.stream.set_nonblocking(true).unwrap();
        std::thread::sleep(Duration::from_millis(20));
        if let Ok(Some(reply)) = raw.reply() {
            assert_eq!(status(&reply), 503, "{reply}");
            assert!(reply.contains("\"overloaded\""), "{reply}");
            assert_eq!(header(&reply, "retry-after"), "1");
            turned_away += 1;
        }
        clerk.post(MOVEMENTS, "k", &receipt(CITY_DEPOT, "TENT", 1)).expect(201);
    }
    // Nine of seven fit into 64 MiB.
    assert!(turned_away >= 1, "nobody was turned away");
    let mut raw = Raw::connect(&server.base);
    raw.send(post(MOVEMENTS, keys.of("clerk"), "l", &" ".repeat(1 << 20))).unwrap();
    assert_eq!(status(&raw.reply().unwrap().unwrap()), 400, "there is room again");
}

#[test]
fn connections_beyond_the_most_wait_to_be_let_in() {
    // One for each worker.
    let (_database, keys, server) = serve("CHANGPING_MAX_CONNECTIONS", "1");
    let workers = std::thread::available_parallelism().unwrap().get();
    let get = request("GET", "/v1/me", keys.of("clerk"), "", 0);
    let connect = |_| {
        let mut raw = Raw::connect(&server.base);
        raw.stream.set_nonblocking(true).unwrap();
        raw.send(&get).unwrap();
        raw
    };
    let mut waiting: Vec<Raw> = (0..4 * workers + 4).map(connect).collect();
    std::thread::sleep(Duration::from_millis(500));
    let (all, began) = (waiting.len(), Instant::now());
    let mut first = None;
    while !waiting.is_empty() {
        // Whoever is answered goes, and another is let in.
        waiting.retain_mut(|raw| raw.reply().unwrap().is_none());
        let answered = *first.get_or_insert(all - waiting.len());
        assert!((1..=2 * workers).contains(&answered), "{answered} of {all} at once");
        assert!(began.elapsed() < Duration::from_secs(20), "{} never let in", waiting.len());
        std::thread::sleep(Duration::from_millis(10));
    }
}
