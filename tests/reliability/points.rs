//! Every write on SQLite is struck at every one of its operations on the disk.
//!
//! A blow kills the process before or after the operation, or makes it and all later ones fail.
//! What stands on both engines under load is in `storage`. Invariant: whatever the point, the book
//! is sound, a fault is told as 503 or 507, and the same key has one effect.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::crowd::{MOVEMENTS, all_movements};
use crate::disk::{Disk, FULL, GROWING, READ_ONLY, SYNC_FAILS, TORN};
use crate::support::desk::assert_sound;
use crate::support::forms::{issue, movement, receipt, receipt_of_lot};
use crate::support::world::{CITY_DEPOT, DEPOT_A, Keys, settle};
use crate::support::{Client, Reply, Server, changping, changping_under, records};
use crate::turn::{Dice, Turn};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    KillBefore,
    KillAfter,
    Fault(u64),
}

const BLOWS: [Blow; 7] = [
    Blow::KillBefore,
    Blow::KillAfter,
    Blow::Fault(FULL),
    Blow::Fault(FULL | TORN),
    Blow::Fault(GROWING),
    Blow::Fault(READ_ONLY),
    Blow::Fault(SYNC_FAILS),
];

const WRITES: [&str; 6] = ["receipt", "issue", "relocation", "reversal", "refusal", "record"];

impl Blow {
    fn lift(self, disk: &Disk, operation: u64) {
        match self {
            Self::KillBefore => disk.kill_at(operation, 0),
            Self::KillAfter => disk.kill_at(0, operation),
            Self::Fault(faults) => disk.fail_from(faults, operation),
        }
    }

    fn lower(disk: &Disk) {
        disk.kill_at(0, 0);
        disk.mend();
    }

    /// What the service answers to the write that the fault strikes: SQLite touches the disk at
    /// COMMIT only, and then a full disk alone is sure to have taken nothing.
    fn is_told(self, reply: &Reply) {
        let full = matches!(self, Self::Fault(faults) if faults & (FULL | GROWING) != 0);
        if full {
            reply.problem(507, "no_space");
        } else {
            reply.problem(503, "outcome_unknown");
        }
    }
}

struct Stage {
    disk: Disk,
    keys: Keys,
    server: Option<Server>,
    dice: Dice,
    asked: u64,
    /// Points struck and points found beyond the write's end.
    struck: u64,
    beyond: u64,
    answers: BTreeMap<String, u64>,
}

impl Stage {
    fn client(&self, holder: &str) -> Client {
        Client::new(&self.server.as_ref().unwrap().base, self.keys.of(holder))
    }

    fn key(&mut self) -> String {
        self.asked += 1;
        format!("k{}", self.asked)
    }

    fn book(&mut self, body: &Value) -> Value {
        let key = self.key();
        self.client("clerk").post(MOVEMENTS, &key, body).expect(201)
    }

    /// What is to be posted, once what it needs is there.
    fn prepare(&mut self, write: &str) -> (String, Value) {
        let line = json!({"from": CITY_DEPOT, "to": DEPOT_A, "item": "TENT", "quantity": 1});
        let body = match write {
            "receipt" => receipt(CITY_DEPOT, "TENT", 5),
            "issue" => {
                let lot = |stage: &mut Self, lot: &str| {
                    let until = "2199-01-01";
                    stage.book(&receipt_of_lot(CITY_DEPOT, "QUILT", 1, lot, until));
                };
                let fresh = format!("a{}", self.asked);
                lot(self, &fresh);
                lot(self, "b");
                issue(CITY_DEPOT, "QUILT", 2)
            }
            "relocation" => {
                self.book(&receipt(CITY_DEPOT, "TENT", 1));
                movement("relocate", &[line])
            }
            "refusal" => issue(CITY_DEPOT, "WATER", 1),
            _ => {
                let target = self.book(&receipt(CITY_DEPOT, "TENT", 2));
                let path = format!("{MOVEMENTS}/{}/reversals", target["id"].as_str().unwrap());
                return (path, json!({"reason": "counted wrong"}));
            }
        };
        (MOVEMENTS.to_string(), body)
    }

    fn seq(&self) -> i64 {
        let page = self.client("clerk").get(&format!("{MOVEMENTS}?limit=1")).expect(200);
        page["ledger_seq"].as_i64().unwrap()
    }

    /// After the blow: the killed service is started again, the failing disk mended.
    fn recover(&mut self, blow: Blow, reply: Option<&Reply>) {
        if reply.is_none() {
            assert!(!matches!(blow, Blow::Fault(_)), "{blow:?} ended the connection");
            self.server.take().unwrap().killed();
            Blow::lower(&self.disk);
            assert_sound(&self.disk.url());
            self.server = Some(self.disk.serve());
            return;
        }
        if matches!(blow, Blow::Fault(_)) {
            let clerk = self.client("clerk");
            clerk.get(MOVEMENTS).expect(200);
            let stock = clerk.get("/v1/stock").expect(200);
            assert_eq!(stock["stale_since"], Value::Null, "{blow:?}");
        }
        Blow::lower(&self.disk);
    }

    fn count(&mut self, blow: Blow, reply: Option<&Reply>) {
        self.struck += 1;
        let what = reply.map_or("killed".to_string(), |reply| reply.status.to_string());
        if let Some(reply) = reply {
            blow.is_told(reply);
        }
        *self.answers.entry(what).or_default() += 1;
    }

    /// Strikes one movement at its operation `k`; whether it has so many.
    fn strike_movement(&mut self, write: &str, blow: Blow, k: u64) -> bool {
        let (path, body) = self.prepare(write);
        let (key, before, client) = (self.key(), self.seq(), self.client("clerk"));
        blow.lift(&self.disk, self.disk.clock() + k);
        let reply = client.try_post(&path, &key, &body).ok();
        let expected = if write == "refusal" { 409 } else { 201 };
        let in_time = reply.as_ref().is_some_and(|reply| reply.status == expected);
        self.recover(blow, reply.as_ref());
        if !in_time {
            self.count(blow, reply.as_ref());
        }
        // The first try after a fault may still find the connection that saw it.
        let client = self.client("clerk");
        let mut again = client.post(&path, &key, &body);
        if again.status >= 500 {
            again.problem(503, "unavailable");
            again = client.post(&path, &key, &body);
        }
        assert_eq!(again.status, expected, "{write} {blow:?} {k}: {}", again.text);
        if let Some(first) = reply.filter(|_| in_time) {
            assert!(
                again.replayed() && again.text == first.text,
                "{write} {blow:?} {k}: forgotten"
            );
        }
        let third = client.post(&path, &key, &body);
        assert!(third.replayed() && third.text == again.text, "{write} {blow:?} {k}");
        let effect = i64::from(expected == 201);
        assert_eq!(self.seq(), before + effect, "{write} {blow:?} {k}: not one effect");
        !in_time
    }

    /// The same for a record of reference data.
    fn strike_record(&mut self, blow: Blow, k: u64) -> bool {
        self.asked += 1;
        let path = format!("/v1/items/ITEM-{}", self.asked);
        let body = records::item(&format!("ITEM-{}", self.asked));
        let put = |client: &Client| {
            let headers = [("content-type", "application/json"), ("if-none-match", "*")];
            client.try_send("PUT", &path, &headers, Some(body.to_string().as_bytes()))
        };
        let client = self.client("admin");
        blow.lift(&self.disk, self.disk.clock() + k);
        let reply = put(&client).ok();
        let in_time = reply.as_ref().is_some_and(|reply| reply.status == 201);
        self.recover(blow, reply.as_ref());
        if !in_time {
            self.count(blow, reply.as_ref());
        }
        let client = self.client("admin");
        let mut again = put(&client).unwrap();
        if again.status >= 500 {
            again = put(&client).unwrap();
        }
        let known = again.status == 201 || again.status == 412;
        assert!(known && (!in_time || again.status == 412), "{blow:?} {k}: {}", again.text);
        assert_eq!(client.get(&path).expect(200)["name"], body["name"], "{blow:?} {k}");
        !in_time
    }

    fn strike(&mut self, write: &str, blow: Blow, k: u64) -> bool {
        match write {
            "record" => self.strike_record(blow, k),
            _ => self.strike_movement(write, blow, k),
        }
    }

    /// Strikes at `most` operations of a write, or at all of them if it has no more.
    fn sweep(&mut self, write: &str, blow: Blow, most: u64) {
        let before = self.disk.clock();
        let (path, body) = self.prepare(if write == "record" { "receipt" } else { write });
        let ready = self.disk.clock();
        let key = self.key();
        self.client("clerk").post(&path, &key, &body);
        let length = self.disk.clock() - ready;
        assert!(length > 2 && ready >= before, "{write} has {length} operations");
        if most >= length {
            let mut k = 1;
            while self.strike(write, blow, k) {
                k += 1;
            }
            self.beyond += 1;
            return;
        }
        for _ in 0..most {
            let k = 1 + self.dice.below(length + 1);
            let struck = self.strike(write, blow, k);
            self.beyond += u64::from(!struck);
        }
    }
}

#[test]
fn a_write_struck_at_any_operation_has_one_effect_or_none() {
    let turn = Turn::take("points of a write on SQLite", 2, 1_000);
    let Some(disk) = Disk::new() else { return };
    let keys = settle(&disk.url());
    let server = Some(disk.serve());
    let (dice, answers) = (turn.dice(), BTreeMap::new());
    let mut stage = Stage { disk, keys, server, dice, asked: 0, struck: 0, beyond: 0, answers };
    for write in WRITES {
        for blow in BLOWS {
            stage.sweep(write, blow, u64::from(turn.rounds));
        }
    }
    all_movements(&stage.client("clerk"));
    let url = stage.disk.url();
    assert!(stage.server.take().unwrap().stop().success());
    assert_sound(&url);
    assert!(stage.struck > 0);
    turn.say(&format!("{} points struck: {:?}", stage.struck, stage.answers));
}

/// Whose name stands how often among the keys that are not revoked.
fn listed(url: &str, name: &str) -> Vec<String> {
    let output = changping(url, &["keys", "list"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| line.contains(name)).map(str::to_string).collect()
}

/// Makes a key and revokes it, each struck at its operation `k`; how many were struck.
fn strike_keys(disk: &Disk, server: &Server, blow: Blow, k: u64) -> u32 {
    let url = disk.url();
    let name = format!("holder-{blow:?}-{k}-end");
    let make = ["keys", "create", "--role", "clerk", "--region", "3713", "--name", &name];
    let strike = |args: &[&str]| {
        blow.lift(disk, disk.clock() + k);
        let output = changping_under(&url, args, &disk.environment(disk.folder()));
        Blow::lower(disk);
        output
    };
    let made = strike(&make);
    let there = listed(&url, &name).len();
    assert!(there <= 1 && (there == 1 || !made.status.success()), "{blow:?} {k}");
    let whole = if there == 1 { made.clone() } else { changping(&url, &make) };
    let rows = listed(&url, &name);
    assert_eq!(rows.len(), 1);
    let id = rows[0].split_whitespace().find(|word| word.len() == 36).unwrap();
    let key = String::from_utf8(whole.stdout).unwrap();
    // A command killed after its COMMIT has not said the key; nobody can use it.
    let holder = (!key.is_empty()).then(|| Client::new(&server.base, key.trim()));
    if let Some(holder) = &holder {
        holder.get("/v1/me").expect(200);
    }
    let revoked = strike(&["keys", "revoke", id]);
    assert!(changping(&url, &["keys", "revoke", id]).status.success());
    if let Some(holder) = &holder {
        holder.get("/v1/me").problem(401, "unauthenticated");
    }
    u32::from(!made.status.success()) + u32::from(!revoked.status.success())
}

#[test]
fn a_key_made_or_revoked_is_there_whole_or_not_at_all() {
    let turn = Turn::take("points of keys on SQLite", 3, 1_000);
    let Some(disk) = Disk::new() else { return };
    let url = disk.url();
    let keys = settle(&url);
    // The service runs beside the command, which dies or fails; the service must not notice.
    let server = Server::start(&url);
    let clerk = Client::new(&server.base, keys.of("clerk"));
    let mut dice = turn.dice();
    let (mut struck, mut posted) = (0, 0);
    for blow in BLOWS {
        for round in 1..=u64::from(turn.rounds) {
            // In order up to the end of both commands, or a few of the first dozen.
            let whole = turn.rounds > 20;
            let k = if whole { round } else { round + 4 * dice.below(3) };
            let now = strike_keys(&disk, &server, blow, k);
            posted += 1;
            let body = receipt(CITY_DEPOT, "TENT", 1);
            clerk.post(MOVEMENTS, &format!("p{posted}"), &body).expect(201);
            struck += now;
            if whole && now == 0 {
                break;
            }
        }
    }
    assert!(struck > 0, "nothing was struck");
    assert!(server.stop().success());
    assert_sound(&url);
    turn.say(&format!("{struck} commands struck"));
}
