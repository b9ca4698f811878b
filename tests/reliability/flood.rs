//! A flood of requests over many raw connections, at a rate that does not wait for answers.
//!
//! What must come of it is in `overload`. Invariant: every answer is looked at, and every 201 is
//! kept.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::crowd::MOVEMENTS;
use crate::support::forms::movement;
use crate::support::raw::{Raw, header, post, request, status};
use crate::support::world::CITY_DEPOT;
use crate::turn::pause;

/// Threads that send.
const SENDERS: u64 = 4;
/// One request in so many is a planning read.
const READS: u64 = 5;

/// Who sends what, where.
#[derive(Clone, Copy)]
pub struct Flood<'a> {
    pub base: &'a str,
    pub writer: &'a str,
    pub reader: &'a str,
    /// Names its idempotency keys.
    pub name: &'a str,
    pub connections: u64,
    /// Requests that fall due each second; nothing is as soon as others are answered.
    pub rate: Option<u64>,
    pub time: Duration,
    /// The movement of every write.
    pub body: &'a str,
}

/// A movement that costs the service more than it costs to send.
pub fn long_movement() -> String {
    let line = json!({ "to": CITY_DEPOT, "item": "TENT", "quantity": 1 });
    movement("receipt_purchase", &vec![line; 60]).to_string()
}

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    pub due: u64,
    pub sent: u64,
    /// Sent once more, as the connection was closed without an answer.
    pub again: u64,
    /// How many answers of each status.
    pub statuses: BTreeMap<u16, u64>,
    /// The ids that were acknowledged.
    pub booked: Vec<String>,
}

impl Outcome {
    pub fn of(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or_default()
    }

    fn take(&mut self, reply: &str) {
        let status = status(reply);
        *self.statuses.entry(status).or_default() += 1;
        if matches!(status, 429 | 503) {
            assert!(header(reply, "retry-after").parse::<u64>().is_ok_and(|s| s >= 1), "{reply}");
        }
        if status == 201 {
            let id = reply.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next());
            self.booked.push(id.expect("an id").to_string());
        }
    }

    fn add(&mut self, other: Self) {
        self.due += other.due;
        self.sent += other.sent;
        self.again += other.again;
        self.booked.extend(other.booked);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }
}

impl Flood<'_> {
    /// Sends until the time is over, then takes in what is still to come.
    pub fn run(self) -> Outcome {
        let mut outcome = Outcome::default();
        std::thread::scope(|scope| {
            let senders: Vec<_> = (0..SENDERS).map(|n| scope.spawn(move || self.send(n))).collect();
            senders.into_iter().for_each(|sender| outcome.add(sender.join().unwrap()));
        });
        outcome
    }

    fn next(&self, sender: u64, nth: u64) -> String {
        if nth.is_multiple_of(READS) {
            return request("GET", "/v1/gaps?region=3713", self.reader, "", 0);
        }
        post(MOVEMENTS, self.writer, &format!("{}-{sender}-{nth}", self.name), self.body)
    }

    fn connect(&self) -> Raw {
        let raw = Raw::connect(self.base);
        raw.stream.set_nonblocking(true).expect("a socket");
        raw
    }

    fn send(&self, sender: u64) -> Outcome {
        let mut outcome = Outcome::default();
        // The one that has rested longest goes first: none is closed for its rest.
        let mut idle: VecDeque<Raw> =
            (0..self.connections / SENDERS).map(|_| self.connect()).collect();
        let mut busy: Vec<(Raw, String)> = Vec::new();
        let began = Instant::now();
        while began.elapsed() < self.time + Duration::from_secs(40) {
            let over = began.elapsed() >= self.time;
            if over && busy.is_empty() {
                break;
            }
            let passed = began.elapsed().min(self.time).as_secs_f64();
            outcome.due = match self.rate {
                Some(rate) => (rate as f64 * passed) as u64 / SENDERS,
                None => outcome.sent + idle.len() as u64,
            };
            while !over && outcome.sent < outcome.due {
                let Some(mut raw) = idle.pop_front() else { break };
                let request = self.next(sender, outcome.sent);
                // One that has rested for too long is closed: found when its answer is read.
                let _closed = raw.send(&request);
                outcome.sent += 1;
                busy.push((raw, request));
            }
            pause(1);
            let mut still = Vec::new();
            for (mut raw, request) in busy {
                match raw.reply() {
                    Ok(Some(reply)) => {
                        outcome.take(&reply);
                        let closes = header(&reply, "connection") == "close";
                        idle.push_back(if closes { self.connect() } else { raw });
                    }
                    Ok(None) => still.push((raw, request)),
                    Err(_) => {
                        outcome.again += 1;
                        let mut raw = self.connect();
                        raw.send(&request).expect("it takes requests");
                        still.push((raw, request));
                    }
                }
            }
            busy = still;
        }
        assert!(busy.is_empty(), "{} requests were never answered", busy.len());
        outcome
    }
}
