//! A crowd of clients that post under keys and remember what they were told.
//!
//! Who kills what is in `kills`. Invariant: a key is asked again, with the same body, until it is
//! answered.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::time::Instant;

use serde_json::Value;

use crate::support::forms::{issue, receipt};
use crate::support::world::CITY_DEPOT;
use crate::support::{Client, Reply};
use crate::turn::{Dice, pause};

pub const MOVEMENTS: &str = "/v1/movements";

/// How many answered keys a member asks again when it catches up.
const ASKED_AGAIN: u64 = 2;

/// One of the crowd: what it was told, and what it is still to be told.
pub struct Member {
    name: String,
    dice: Dice,
    asked: u64,
    pub told: BTreeMap<String, (u16, String)>,
    pub open: BTreeMap<String, Value>,
    /// Bodies of the last answered keys.
    answered: Vec<(String, Value)>,
    /// Booked replies not yet compared with the book.
    fresh: Vec<String>,
    pub repeats: usize,
}

/// Stops everybody when it is dropped, also by a failure.
pub struct Whistle<'a>(pub &'a AtomicBool);

impl Drop for Whistle<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

pub fn crowd(members: u64, seed: u64) -> Vec<Member> {
    (0..members).map(|n| Member::new(format!("m{n}"), seed.wrapping_add(n))).collect()
}

impl Member {
    pub fn new(name: String, seed: u64) -> Self {
        let (told, open, answered, fresh) = Default::default();
        Self { name, dice: Dice(seed), asked: 0, told, open, answered, fresh, repeats: 0 }
    }

    fn next(&mut self) -> (String, Value) {
        self.asked += 1;
        let quantity = i64::try_from(1 + self.dice.below(9)).unwrap();
        let body = if self.dice.below(2) == 0 {
            issue(CITY_DEPOT, "TENT", quantity)
        } else {
            receipt(CITY_DEPOT, "TENT", quantity)
        };
        (format!("{}-{}", self.name, self.asked), body)
    }

    fn answered(&mut self, key: &str, reply: &Reply) -> bool {
        if reply.status >= 500 {
            return false;
        }
        assert!(matches!(reply.status, 201 | 409), "{key}: {}", reply.text);
        self.told.insert(key.to_string(), (reply.status, reply.text.clone()));
        self.answered.extend(self.open.remove_entry(key));
        if reply.status == 201 {
            self.fresh.push(reply.text.clone());
        }
        true
    }

    /// Posts one movement of the caller's making.
    pub fn post(&mut self, client: &Client, key: &str, body: Value) -> Reply {
        let reply = client.post(MOVEMENTS, key, &body);
        self.open.insert(key.to_string(), body);
        self.answered(key, &reply);
        reply
    }

    /// Posts a new movement; what the service said, unless it is gone.
    pub fn post_next(&mut self, client: &Client) -> Option<Reply> {
        let (key, body) = self.next();
        self.open.insert(key.clone(), body.clone());
        let reply = client.try_post(MOVEMENTS, &key, &body).ok()?;
        self.answered(&key, &reply);
        Some(reply)
    }

    /// Posts new movements until told to stop or the service is gone.
    pub fn post_until(&mut self, client: &Client, stop: &AtomicBool) {
        while !stop.load(Ordering::Acquire) && self.post_next(client).is_some() {}
    }

    /// Posts through an outage: every movement is asked again until it is answered or all stop.
    /// Reports when it was told of a booking.
    pub fn post_through(&mut self, client: &Client, stop: &AtomicBool, told: &Sender<Instant>) {
        while !stop.load(Ordering::Acquire) {
            let (key, body) = self.next();
            self.open.insert(key.clone(), body.clone());
            while !stop.load(Ordering::Acquire) && self.open.contains_key(&key) {
                let reply = client.post(MOVEMENTS, &key, &body);
                if !self.answered(&key, &reply) {
                    assert_eq!(reply.status, 503, "{}", reply.text);
                    pause(5);
                } else if reply.status == 201 {
                    // Nobody may be listening any more.
                    let _unheard = told.send(Instant::now());
                }
            }
        }
    }

    /// Asks again what was not answered, and some of what was: that gets the same answer.
    pub fn catch_up(&mut self, client: &Client) {
        for _ in 0..ASKED_AGAIN.min(self.answered.len() as u64) {
            let at = self.dice.below(self.answered.len() as u64) as usize;
            let (key, body) = &self.answered[at];
            let reply = client.post(MOVEMENTS, key, body);
            assert!(reply.replayed(), "{key} was answered and is forgotten: {}", reply.text);
            assert_eq!((reply.status, reply.text), self.told[key], "{key}");
        }
        self.answered.clear();
        for (key, body) in self.open.clone() {
            let reply = client.post(MOVEMENTS, &key, &body);
            self.repeats += usize::from(reply.replayed());
            assert!(self.answered(&key, &reply), "{key}: {}", reply.text);
        }
    }

    /// Every reply by which this member was told that a movement is booked.
    pub fn booked(&self) -> impl Iterator<Item = &str> {
        let booked = self.told.values().filter(|(status, _)| *status == 201);
        booked.map(|(_, text)| text.as_str())
    }
}

/// Everything that stands in the book from a place on, page by page: reply by id.
pub fn movements_from(client: &Client, seq: i64) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{MOVEMENTS}?limit=500&from_seq={seq}{cursor}"));
        let page = page.expect(200);
        for item in page["items"].as_array().unwrap() {
            let id = item["id"].as_str().unwrap().to_string();
            assert!(found.insert(id, item.clone()).is_none(), "a movement stands twice");
        }
        let Some(next) = page["next"].as_str() else {
            return found;
        };
        cursor = format!("&cursor={next}");
    }
}

/// The whole list.
pub fn all_movements(client: &Client) -> BTreeMap<String, Value> {
    movements_from(client, 1)
}

/// Requires that the book holds these replies, all of them, once, and nothing else.
fn same<'a>(held: &BTreeMap<String, Value>, told: impl Iterator<Item = &'a str>) {
    let mut met = BTreeMap::new();
    for text in told {
        let body: Value = serde_json::from_str(text).unwrap();
        let id = body["id"].as_str().unwrap();
        assert_eq!(held.get(id), Some(&body), "acknowledged and lost");
        assert!(met.insert(id.to_string(), ()).is_none(), "one movement for two keys");
    }
    assert_eq!(met.len(), held.len(), "booked twice, or for nobody");
}

/// Requires it of everything that anybody was ever told.
pub fn compare(members: &[Member], client: &Client) -> usize {
    let held = all_movements(client);
    assert!(members.iter().all(|member| member.open.is_empty()));
    same(&held, members.iter().flat_map(Member::booked));
    held.len()
}

/// Requires it of what was told since the last comparison, which ended at `upto`.
pub fn compare_fresh(members: &mut [Member], client: &Client, upto: &mut i64) {
    let held = movements_from(client, *upto + 1);
    assert!(members.iter().all(|member| member.open.is_empty()));
    same(&held, members.iter().flat_map(|member| &member.fresh).map(String::as_str));
    *upto += held.len() as i64;
    members.iter_mut().for_each(|member| member.fresh.clear());
}
