//! The storage fails under load and comes back: full, read-only, or unable to sync.
//!
//! Single writes are in `points`. Invariant: writes get 507 or 503, reads go on, and when the fault
//! ends the service that is running writes again; nothing is lost or doubled.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::crowd::{MOVEMENTS, Member, compare};
use crate::disk::{Disk, FULL, GROWING, READ_ONLY, SYNC_FAILS, TORN};
use crate::support::desk::assert_sound;
use crate::support::forms::{receipt, with};
use crate::support::world::{CITY_DEPOT, Keys, address, settle};
use crate::support::{Client, Cluster, Durability, Reply, Server};
use crate::turn::{Dice, Turn, pause};

const CROWD: u64 = 6;
/// How soon after a fault the first write must go through.
const SOON: Duration = Duration::from_secs(3);
/// How long a fault is waited for to be noticed.
const LONG: Duration = Duration::from_secs(10);

/// A running service, and somebody who looks at it while a crowd posts.
struct Scene<'a> {
    client: &'a Client,
    own: Member,
    asked: u64,
    slowest: Duration,
    refusals: Vec<String>,
}

impl<'a> Scene<'a> {
    fn new(client: &'a Client) -> Self {
        let (asked, slowest, refusals) = Default::default();
        Self { client, own: Member::new("own".to_string(), 0), asked, slowest, refusals }
    }

    /// Writes something long, so that files must grow.
    fn write(&mut self) -> Reply {
        self.asked += 1;
        let lines = vec![receipt(CITY_DEPOT, "QUILT", 1)["lines"][0].clone(); 40];
        let body = with(receipt(CITY_DEPOT, "QUILT", 1), "", "lines", lines);
        let body = with(body, "", "note", "x".repeat(400));
        self.own.post(self.client, &format!("s{}", self.asked), body)
    }

    /// Lets the fault be noticed by a write; `codes` are what the write may be told.
    fn refused(&mut self, codes: &[&str]) {
        let began = Instant::now();
        loop {
            let reply = self.write();
            if reply.status >= 500 {
                let code = reply.json()["code"].as_str().unwrap().to_string();
                assert!(codes.contains(&code.as_str()), "{}, not {codes:?}", reply.text);
                self.refusals.push(code);
                return;
            }
            assert!(began.elapsed() < LONG, "nothing was refused");
        }
    }

    /// Reads are answered, and with what is so.
    fn reads(&self) {
        self.client.get(&format!("{MOVEMENTS}?limit=5")).expect(200);
        self.reads_stock();
    }

    fn reads_stock(&self) {
        let stock = self.client.get("/v1/stock").expect(200);
        assert_eq!(stock["stale_since"], Value::Null, "a read is told to be old");
    }

    /// The fault is over: somebody writes soon.
    fn recovers(&mut self) {
        let began = Instant::now();
        loop {
            let reply = self.write();
            if reply.status == 201 {
                break;
            }
            assert!(began.elapsed() < SOON, "no write goes through: {}", reply.text);
            pause(20);
        }
        self.slowest = self.slowest.max(began.elapsed());
    }
}

/// Everybody posts while faults come and go; then everything is asked for again and compared.
fn under_load(
    server: &Server,
    keys: &Keys,
    turn: &Turn,
    mut fault: impl FnMut(&mut Scene<'_>, &mut Dice),
) {
    let client = Client::new(&server.base, keys.of("clerk"));
    let mut scene = Scene::new(&client);
    let mut members: Vec<Member> =
        (0..CROWD).map(|n| Member::new(format!("m{n}"), turn.seed.wrapping_add(n))).collect();
    let (mut dice, over) = (turn.dice(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let _ends = Over(&over);
        for member in &mut members {
            let (client, over) = (&client, &over);
            scope.spawn(move || member.post_until(client, over));
        }
        for _ in 0..turn.rounds {
            pause(dice.below(80));
            fault(&mut scene, &mut dice);
        }
    });
    let (slowest, refusals) = (scene.slowest, scene.refusals);
    members.push(scene.own);
    let unanswered: usize = members.iter().map(|member| member.open.len()).sum();
    for member in &mut members {
        member.catch_up(&client);
    }
    let held = compare(&members, &client);
    let repeats: usize = members.iter().map(|member| member.repeats).sum();
    assert!(unanswered > 0, "nobody noticed");
    turn.say(&format!(
        "{} faults: {held} booked, {unanswered} refused or unknown, of which {repeats} had been \
         done; none lost, none doubled; told {:?}; writing again within {slowest:?}",
        turn.rounds,
        tally(&refusals),
    ));
}

/// Ends the crowd's work, even when a test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn tally(words: &[String]) -> std::collections::BTreeMap<&str, u32> {
    let mut counts = std::collections::BTreeMap::new();
    for word in words {
        *counts.entry(word.as_str()).or_default() += 1;
    }
    counts
}

#[test]
fn a_full_or_read_only_disk_costs_nothing_on_sqlite() {
    let turn = Turn::take("full and read-only disk on SQLite", 15, 300);
    let Some(disk) = Disk::new() else { return };
    let keys = settle(&disk.url());
    let server = disk.serve();
    under_load(&server, &keys, &turn, |scene, dice| {
        let kinds = [FULL, FULL | TORN, GROWING | TORN, READ_ONLY, SYNC_FAILS];
        let kind = kinds[usize::try_from(dice.below(5)).unwrap()];
        // From somewhere within a transaction on.
        disk.fail_from(kind, disk.clock() + dice.below(40));
        let codes: &[&str] = match kind {
            READ_ONLY | SYNC_FAILS => &["unavailable", "outcome_unknown"],
            _ => &["no_space", "unavailable", "outcome_unknown"],
        };
        scene.refused(codes);
        scene.reads();
        disk.mend();
        scene.recovers();
    });
    assert!(server.stop().success());
    assert_sound(&disk.url());
}

#[test]
fn a_connection_opened_on_a_read_only_disk_does_not_outlive_the_fault() {
    let Some(disk) = Disk::new() else { return };
    let keys = settle(&disk.url());
    let server = disk.serve();
    let client = Client::new(&server.base, keys.of("clerk"));
    let mut scene = Scene::new(&client);
    scene.recovers();
    disk.fail(SYNC_FAILS);
    scene.refused(&["outcome_unknown"]);
    // The first read takes the open file that the writer has left, so the writer must open it.
    scene.reads();
    disk.fail(READ_ONLY);
    scene.refused(&["unavailable"]);
    disk.mend();
    scene.recovers();
}

/// A cluster on whose data a fault can be put: `inside` is a folder of the data folder.
fn cluster_on(disk: &Disk, inside: &str) -> Option<Cluster> {
    disk.open_to_all();
    Cluster::start_on(Durability::Full, |folder| disk.environment(&folder.join(inside)))
}

#[test]
fn a_full_disk_costs_nothing_on_postgresql() {
    let turn = Turn::take("full disk on PostgreSQL", 8, 100);
    let Some(disk) = Disk::new() else { return };
    let Some(cluster) = cluster_on(&disk, "data/base") else { return };
    let url = cluster.fresh_database();
    let keys = settle(&url);
    let server = Server::start(&url);
    under_load(&server, &keys, &turn, |scene, _| {
        disk.fail(GROWING);
        scene.refused(&["no_space"]);
        scene.reads();
        disk.mend();
        scene.recovers();
    });
    assert!(server.stop().success());
    assert_sound(&url);
}

/// A log that cannot be written or synced makes PostgreSQL panic and start again by itself.
#[test]
fn a_log_that_cannot_be_kept_costs_nothing_on_postgresql() {
    let turn = Turn::take("failing log of PostgreSQL", 3, 50);
    let Some(disk) = Disk::new() else { return };
    let Some(cluster) = cluster_on(&disk, "data/pg_wal") else { return };
    let url = cluster.fresh_database();
    let keys = settle(&url);
    let server = Server::start(&url);
    under_load(&server, &keys, &turn, |scene, dice| {
        let (refused, began) = (disk.refused(), Instant::now());
        disk.fail_once(if dice.below(2) == 0 { FULL } else { SYNC_FAILS });
        while disk.refused() == refused {
            assert!(began.elapsed() < LONG, "nobody wrote");
            pause(1);
        }
        disk.mend();
        // How long PostgreSQL takes to come back is its own affair.
        pause(50);
        while address(&url).connect().is_err() {
            assert!(began.elapsed() < LONG, "PostgreSQL does not come back: {}", cluster.log());
            pause(10);
        }
        scene.recovers();
    });
    assert!(cluster.log().contains("PANIC"), "the log was kept all the same");
    assert!(server.stop().success());
    assert_sound(&url);
}

#[test]
fn a_read_only_postgresql_is_read_on() {
    let turn = Turn::take("read-only PostgreSQL", 5, 50);
    let Some(cluster) = Cluster::start(Durability::Fast) else { return };
    let url = cluster.fresh_database();
    let keys = settle(&url);
    let server = Server::start(&url);
    let read_only = |value: &str| {
        cluster.run_sql(&format!("ALTER SYSTEM SET default_transaction_read_only = {value}"));
        cluster.run_sql("SELECT pg_reload_conf()");
    };
    under_load(&server, &keys, &turn, |scene, _| {
        scene.reads_stock();
        read_only("on");
        scene.refused(&["unavailable"]);
        // From the session that is open; a new one asks for a server that takes writes.
        scene.reads_stock();
        read_only("off");
        scene.recovers();
    });
    assert!(server.stop().success());
    assert_sound(&url);
}
