//! A crowd of clients that post under keys and remember what they were told.
//!
//! Who kills what is in `kills`. Invariant: a key is asked again, with the same body, until it is
//! answered.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::support::forms::{issue, receipt};
use crate::support::world::CITY_DEPOT;
use crate::support::{Client, Reply};
use crate::turn::Dice;

pub const MOVEMENTS: &str = "/v1/movements";

/// One of the crowd: what it was told, and what it is still to be told.
pub struct Member {
    name: String,
    dice: Dice,
    asked: u64,
    pub told: BTreeMap<String, (u16, String)>,
    pub open: BTreeMap<String, Value>,
    pub repeats: usize,
}

impl Member {
    pub fn new(name: String, seed: u64) -> Self {
        let (told, open) = Default::default();
        Self { name, dice: Dice(seed), asked: 0, told, open, repeats: 0 }
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
        self.open.remove(key);
        true
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

    /// Asks again what was not answered, and some of what was.
    pub fn catch_up(&mut self, client: &Client) {
        for (key, body) in self.open.clone() {
            let reply = client.post(MOVEMENTS, &key, &body);
            self.repeats += usize::from(reply.replayed());
            assert!(self.answered(&key, &reply), "{key}: {}", reply.text);
        }
    }

    /// Every movement that this member was told is booked: reply by id.
    pub fn booked(&self) -> impl Iterator<Item = (String, &str)> {
        let booked = self.told.values().filter(|(status, _)| *status == 201);
        booked.map(|(_, text)| {
            let body: Value = serde_json::from_str(text).unwrap();
            (body["id"].as_str().unwrap().to_string(), text.as_str())
        })
    }
}

/// The whole list, page by page: reply by id.
pub fn all_movements(client: &Client) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("{MOVEMENTS}?limit=500{cursor}")).expect(200);
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

/// Requires that the book holds what the crowd was told, all of it, once, and nothing else.
pub fn compare(members: &[Member], client: &Client) -> usize {
    let held = all_movements(client);
    let mut told = BTreeMap::new();
    for member in members {
        assert!(member.open.is_empty());
        for (id, text) in member.booked() {
            let body: Value = serde_json::from_str(text).unwrap();
            assert_eq!(held.get(&id), Some(&body), "acknowledged and lost");
            assert!(told.insert(id, ()).is_none(), "one movement for two keys");
        }
    }
    assert_eq!(told.len(), held.len(), "booked twice, or for nobody");
    held.len()
}
