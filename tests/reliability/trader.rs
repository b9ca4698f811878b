//! One who books movements of every kind, at random, and one who reads stock meanwhile.
//!
//! What their findings must agree with is in `tally`. Invariant: a reader keeps every answer, with
//! the entry that it names, so that all are compared when the book is at rest.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::crowd::MOVEMENTS;
use crate::support::forms::{at, movement};
use crate::support::records::depot;
use crate::support::world::{
    CITY_DEPOT, COUNTY_A, COUNTY_B, DEPOT_A, DEPOT_B, DEPOT_T, Keys, settle,
};
use crate::support::{Client, Server};
use crate::tally::{Sample, rows_of};
use crate::turn::{Dice, pause};

const MORE_DEPOTS: [&str; 2] = ["LS-02", "LZ-02"];
const DEPOTS: [&str; 6] = [CITY_DEPOT, DEPOT_A, DEPOT_B, DEPOT_T, MORE_DEPOTS[0], MORE_DEPOTS[1]];
const ITEMS: [&str; 3] = ["TENT", "QUILT", "WATER"];
/// How far back a late entry goes.
const LATE_DAYS: u64 = 40;
/// Readers do not starve the writers whom they are to meet.
const READER_PAUSE_MS: u64 = 5;

/// The world with six depots that take goods.
pub fn settle_six_depots(url: &str) -> Keys {
    let keys = settle(url);
    let server = Server::start(url);
    let admin = Client::new(&server.base, keys.of("admin"));
    for (code, region, keeper) in
        [(MORE_DEPOTS[0], COUNTY_A, "LS-YJ"), (MORE_DEPOTS[1], COUNTY_B, "LZ-YJ")]
    {
        admin.create(&format!("/v1/depots/{code}"), &depot(code, region, keeper));
    }
    keys
}

/// What all traders and readers know of each other.
#[derive(Default)]
pub struct Floor {
    /// The last entry that was acknowledged to anyone.
    acknowledged: AtomicI64,
    /// One of them has failed; the others need not go on.
    failed: AtomicBool,
}

impl Floor {
    fn reached(&self, goal: u32) -> bool {
        self.failed.load(Ordering::Acquire)
            || self.acknowledged.load(Ordering::Acquire) >= i64::from(goal)
    }
}

/// Tells the others when its holder fails.
struct Alarm<'a>(&'a Floor);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.failed.store(true, Ordering::Release);
        }
    }
}

pub struct Trader {
    name: String,
    dice: Dice,
    asked: u64,
    /// The most that one line brings in; with little, stock is always scarce.
    largest: u64,
    /// Ids of what it booked.
    booked: Vec<String>,
    /// How often it was refused, by code.
    pub refused: BTreeMap<String, u64>,
}

impl Trader {
    pub fn new(name: String, seed: u64, largest: u64) -> Self {
        let (booked, refused) = Default::default();
        Self { name, dice: Dice(seed), asked: 0, largest, booked, refused }
    }

    /// Books until the book has so many entries.
    pub fn trade(&mut self, client: &Client, floor: &Floor, goal: u32) {
        let _alarm = Alarm(floor);
        while !floor.reached(goal) {
            let (path, body) = self.order();
            self.asked += 1;
            let reply = client.post(&path, &format!("{}-{}", self.name, self.asked), &body);
            let answer = reply.json();
            if reply.status == 201 {
                let seq = answer["seq"].as_i64().unwrap();
                floor.acknowledged.fetch_max(seq, Ordering::AcqRel);
                self.booked.push(answer["id"].as_str().unwrap().to_string());
            } else {
                assert_eq!(reply.status, 409, "{body}: {}", reply.text);
                assert!(answer["have"].as_i64() < answer["need"].as_i64().or(Some(1)), "{answer}");
                let code = answer["code"].as_str().unwrap().to_string();
                *self.refused.entry(code).or_insert(0) += 1;
            }
        }
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.dice.below(words.len() as u64) as usize]
    }

    fn order(&mut self) -> (String, Value) {
        let die = self.dice.below(100);
        let (path, mut body) = if die >= 90 && !self.booked.is_empty() {
            let at = self.dice.below(self.booked.len() as u64) as usize;
            (format!("{MOVEMENTS}/{}/reversals", self.booked[at]), json!({ "reason": "误录" }))
        } else {
            let lines: Vec<Value> = (0..=self.dice.below(2)).map(|_| self.line(die)).collect();
            (MOVEMENTS.to_string(), movement(kind(die), &lines))
        };
        body.as_object_mut().unwrap().remove("occurred_at");
        if self.dice.below(5) < 2 {
            let minutes = 1 + self.dice.below(LATE_DAYS * 24 * 60);
            let late = Utc::now() - Duration::minutes(minutes as i64);
            body = at(body, &late.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
        (path, body)
    }

    fn line(&mut self, die: u64) -> Value {
        let (item, depot) = (self.pick(&ITEMS), self.pick(&DEPOTS));
        let quantity = 1 + self.dice.below(self.largest);
        let mut line = json!({ "item": item, "quantity": quantity });
        match kind(die) {
            "receipt_purchase" | "adjust_gain" => {
                let lot = format!("L{}", self.dice.below(4));
                let until = self.pick(&["2023-06-30", "2098-06-30", "2099-12-31"]);
                line["to"] = depot.into();
                line["lot"] = json!({ "lot_no": lot, "expires_on": until });
            }
            "relocate" => {
                let others: Vec<&str> = DEPOTS.into_iter().filter(|it| *it != depot).collect();
                line["from"] = depot.into();
                line["to"] = self.pick(&others).into();
            }
            "condition_change" => {
                let ways = [("good", "damaged"), ("damaged", "good"), ("good", "quarantine")];
                let way = ways[self.dice.below(3) as usize];
                line["from"] = depot.into();
                (line["condition"], line["to_condition"]) = (way.0.into(), way.1.into());
            }
            _ => line["from"] = depot.into(),
        }
        line
    }
}

fn kind(die: u64) -> &'static str {
    match die {
        0..32 => "receipt_purchase",
        32..57 => "issue",
        57..72 => "relocate",
        72..82 => "condition_change",
        82..86 => "adjust_gain",
        _ => "adjust_loss",
    }
}

/// Reads stock by depot, item and lot, as it is and as it was known, until the book has so many
/// entries.
pub fn watch(client: &Client, floor: &Floor, goal: u32, seed: u64) -> Vec<Sample> {
    let _alarm = Alarm(floor);
    let mut dice = Dice(seed);
    let mut samples = Vec::new();
    while !floor.reached(goal) {
        let before = floor.acknowledged.load(Ordering::Acquire);
        let group = ["depot", "item", "lot"][dice.below(3) as usize];
        let known = (dice.below(6) == 0).then(|| dice.below(before as u64 + 1));
        let known_at = known.map(|seq| format!("&known_at={seq}")).unwrap_or_default();
        let answer = client.get(&format!("/v1/stock?group_by={group}{known_at}")).expect(200);
        let seq = answer["ledger_seq"].as_i64().unwrap();
        assert!(seq >= before, "a read at {seq} lacks entry {before}, acknowledged before it");
        assert_eq!(answer["stale_since"], Value::Null);
        let seq = known.map_or(seq, |seq| seq as i64);
        samples.push(Sample { seq, rows: rows_of(&answer) });
        pause(READER_PAUSE_MS);
    }
    samples
}

/// The Shanghai date so many days ago.
pub fn days_ago(days: i64) -> String {
    let now: DateTime<Utc> = Utc::now() + Duration::hours(8) - Duration::days(days);
    now.date_naive().to_string()
}
