//! Bodies that are refused before any value is read: no JSON, another type, too large.
//!
//! Wrong values are in `faults`. Invariant: even these refusals are problems with a request id.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::{MOVEMENTS, Stage, on_each};
use crate::support::forms::receipt;
use crate::support::world::CITY_DEPOT;

#[test]
fn bodies_that_cannot_be_read_are_refused() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let key = ("idempotency-key", "k");
        let kind = ("content-type", "application/json");
        let texts =
            ["", "{", "{} {}", "nul", "{\"type\":\"issue\",}", "\u{feff}{}", "{\"a\":1e999}"];
        for text in texts {
            let reply = clerk.send("POST", MOVEMENTS, &[key, kind], Some(text.as_bytes()));
            let problem = reply.problem(400, "malformed_json");
            assert_eq!(problem["errors"][0]["code"], "malformed", "{text}");
        }
        for bytes in [&b"{\"note\":\"\xff\"}"[..], &b"\x00"[..]] {
            let reply = clerk.send("POST", MOVEMENTS, &[key, kind], Some(bytes));
            reply.problem(400, "malformed_json");
        }
        let deep = "[".repeat(100_000);
        let reply = clerk.send("POST", MOVEMENTS, &[key, kind], Some(deep.as_bytes()));
        reply.problem(400, "malformed_json");
        let body = receipt(CITY_DEPOT, "TENT", 1).to_string();
        for other in ["text/plain", "application/xml", "application/json2", ""] {
            let headers = [key, ("content-type", other)];
            let reply = clerk.send("POST", MOVEMENTS, &headers, Some(body.as_bytes()));
            reply.problem(415, "unsupported_media_type");
        }
        let reply = clerk.send("POST", MOVEMENTS, &[key], Some(body.as_bytes()));
        reply.problem(415, "unsupported_media_type");
        assert_eq!(stage.seq(), 0);
        let kind = ("content-type", "Application/JSON; charset=utf-8");
        assert_eq!(clerk.send("POST", MOVEMENTS, &[key, kind], Some(body.as_bytes())).status, 201);
    });
}

#[test]
fn a_name_twice_and_a_packed_body_are_refused() {
    on_each(|stage| {
        let clerk = stage.client("clerk");
        let (key, kind) = (("idempotency-key", "k"), ("content-type", "application/json"));
        let line = "{\"to\":\"LY-CITY-01\",\"item\":\"TENT\",\"quantity\":1,\"quantity\":2}";
        let body = format!("{{\"type\":\"receipt_purchase\",\"lines\":[{line}]}}");
        let reply = clerk.send("POST", MOVEMENTS, &[key, kind], Some(body.as_bytes()));
        let problem = reply.problem(400, "malformed_json");
        assert_eq!(problem["errors"][0]["code"], "duplicate");
        assert_eq!(problem["errors"][0]["pointer"], "/lines/0/quantity");
        let body = receipt(CITY_DEPOT, "TENT", 1).to_string();
        let packed = [key, kind, ("content-encoding", "gzip")];
        let reply = clerk.send("POST", MOVEMENTS, &packed, Some(body.as_bytes()));
        reply.problem(415, "unsupported_media_type");
        assert_eq!(stage.seq(), 0);
    });
}

/// Sends a body of two megabytes by hand, as much as is taken, and gives what comes back.
fn send_two_megabytes(stage: &Stage, announced: bool) -> String {
    let base = stage.server.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(base).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let length = if announced { "content-length: 2097152" } else { "transfer-encoding: chunked" };
    let head = format!(
        "POST {MOVEMENTS} HTTP/1.1\r\nhost: {base}\r\nauthorization: Bearer {}\r\n\
         idempotency-key: k\r\ncontent-type: application/json\r\naccept-language: zh\r\n\
         {length}\r\n\r\n",
        stage.keys.of("clerk")
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut writing = stream.try_clone().unwrap();
    let writer = std::thread::spawn(move || {
        let blanks = vec![b' '; 1 << 16];
        let parts = if announced { 4 } else { 32 };
        for _ in 0..parts {
            let sent = if announced {
                writing.write_all(&blanks)
            } else {
                let chunk = [b"10000\r\n", &blanks[..], b"\r\n"].concat();
                writing.write_all(&chunk)
            };
            if sent.is_err() {
                return;
            }
        }
    });
    let mut told = vec![0; 4096];
    let read = stream.read(&mut told).unwrap();
    drop(stream);
    writer.join().unwrap();
    String::from_utf8_lossy(&told[..read]).into_owned()
}

#[test]
fn a_body_of_two_megabytes_is_refused() {
    on_each(|stage| {
        for announced in [true, false] {
            let told = send_two_megabytes(stage, announced);
            assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
            assert!(told.contains("content-type: application/problem+json"), "{told}");
        }
        assert_eq!(stage.seq(), 0);
    });
}

/// A scenario, or an event, of so many areas as a client writes it.
fn crowd(event: Option<&str>, count: usize) -> String {
    let areas: Vec<Value> = (0..count)
        .map(|n| format!("371302{:03}{:03}", 100 + n / 900, 100 + n % 900))
        .map(|code| json!({"region": code, "displaced": 8_000}))
        .collect();
    let mut body = json!({"name": "x", "exercise": true, "areas": areas});
    if let Some(id) = event {
        (body["id"], body["status"]) = (json!(id), json!("open"));
    }
    serde_json::to_string_pretty(&body).unwrap()
}

#[test]
fn a_hundred_thousand_areas_are_refused_by_their_number_and_not_by_their_bytes() {
    on_each(|stage| {
        let planner = stage.client("planner");
        let kind = ("content-type", "application/json");
        let post = |language, body: &str| {
            let headers = [kind, ("accept-language", language)];
            planner.send("POST", "/v1/coverage/scenarios", &headers, Some(body.as_bytes()))
        };
        for (count, language) in [(2_001, "en"), (100_000, "en"), (100_000, "zh")] {
            let problem = post(language, &crowd(None, count)).problem(422, "invalid_value");
            let errors = problem["errors"].as_array().unwrap();
            assert_eq!(errors.len(), 1, "{problem}");
            assert_eq!(errors[0]["pointer"], "/areas");
            let detail = errors[0]["detail"].as_str().unwrap();
            assert!(detail.contains("1 ") && detail.contains("2000"), "{detail}");
            assert_eq!(detail.is_ascii(), language == "en", "{detail}");
        }
        let body = crowd(Some("E-9"), 100_000);
        let headers = [kind, ("if-none-match", "*")];
        let reply = planner.send("PUT", "/v1/events/E-9", &headers, Some(body.as_bytes()));
        assert_eq!(reply.problem(422, "invalid_value")["errors"][0]["pointer"], "/areas");
        // Within the bounds of its lists, and yet too large: refused for its size, as elsewhere.
        let blank = " ".repeat(1 << 20);
        post("en", &format!("{}{blank}", crowd(None, 3))).problem(413, "body_too_large");
    });
}
