//! The primary dies under load and the standby takes its place, while the service goes on.
//!
//! Restored backups are in `restored`. Invariant: with a synchronous standby nothing acknowledged
//! is lost; without one something is, and the service knows the new book for another one.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::crowd::{MOVEMENTS, Member, all_movements, compare};
use crate::support::desk::assert_sound;
use crate::support::forms::receipt;
use crate::support::pair::Pair;
use crate::support::sql::number;
use crate::support::wire::Flow;
use crate::support::world::{CITY_DEPOT, Keys, settle};
use crate::support::{Client, Server};
use crate::turn::{Dice, Turn, pause};

const CROWD: usize = 6;
/// How long the service may need once the standby is the primary.
const RECOVERY: Duration = Duration::from_secs(5);
/// What the service's log says of a book that is not the one it followed.
const ANOTHER_BOOK: &str = "the book is not the one followed so far";

/// What one failover came to.
struct Run {
    members: Vec<Member>,
    server: Server,
    keys: Keys,
    pair: Pair,
    /// From the death of the primary to the promotion's end, and to the next booked movement.
    promoted: Duration,
    recovered: Duration,
}

impl Run {
    fn client(&self) -> Client {
        Client::new(&self.server.base, self.keys.of("clerk"))
    }
}

/// Posts until told to stop, whatever comes but nonsense.
fn post_on(member: &mut Member, client: &Client, stop: &AtomicBool, booked: &AtomicU32) {
    while !stop.load(Ordering::Acquire) {
        let reply = member.post_next(client).expect("the service lives");
        match reply.status {
            201 => {
                booked.fetch_add(1, Ordering::SeqCst);
            }
            409 => {}
            503 => pause(20),
            other => panic!("{other}: {}", reply.text),
        }
    }
}

fn run(synchronous: bool, hears: bool, dice: &mut Dice, log: &Path) -> Option<Run> {
    let pair = Pair::start(synchronous)?;
    let url = pair.database();
    let keys = settle(&url);
    let server = Server::start_logging(&url, log);
    let member = |nth| Member::new(format!("m{nth}"), dice.below(u64::MAX));
    let mut members: Vec<Member> = (0..CROWD).map(member).collect();
    let (stop, booked) = (AtomicBool::new(false), AtomicU32::new(0));
    let (promoted, recovered) = std::thread::scope(|scope| {
        for member in &mut members {
            let client = Client::new(&server.base, keys.of("clerk"));
            let (stop, booked) = (&stop, &booked);
            scope.spawn(move || post_on(member, &client, stop, booked));
        }
        pause(300 + dice.below(700));
        // With confirmations alone held back, the standby has what nobody was told.
        pair.stall(hears);
        pause(200 + dice.below(1_000));
        let died = Instant::now();
        pair.fail_over();
        let promoted = died.elapsed();
        let before = booked.load(Ordering::SeqCst);
        while booked.load(Ordering::SeqCst) == before && died.elapsed() < promoted + RECOVERY {
            pause(5);
        }
        let recovered = died.elapsed();
        pause(200);
        stop.store(true, Ordering::Release);
        (promoted, recovered)
    });
    assert!(recovered < promoted + RECOVERY, "no movement {RECOVERY:?} after the promotion");
    let mut run = Run { members, server, keys, pair, promoted, recovered };
    let client = run.client();
    if synchronous {
        run.members.iter_mut().for_each(|member| member.catch_up(&client));
    }
    Some(run)
}

/// Requires that what the service reads is what the new primary holds, and that it is sound.
fn agrees(run: &Run) {
    let url = run.pair.standby.url("book");
    let stock = run.client().get(&format!("/v1/stock?depot={CITY_DEPOT}")).expect(200);
    assert_eq!(stock["stale_since"], Value::Null);
    assert_eq!(stock["ledger_seq"], number(&url, "SELECT seq FROM head"));
    let held = stock["items"].as_array().unwrap().iter();
    let read: i64 = held.map(|row| row["on_hand"].as_i64().unwrap()).sum();
    assert_eq!(read, number(&url, "SELECT COALESCE(SUM(quantity), 0) FROM balance"));
    assert_sound(&url);
}

#[test]
fn a_failover_to_a_synchronous_standby_loses_nothing() {
    let turn = Turn::take("failovers to a synchronous standby", 2, 50);
    let folder = TempDir::new().unwrap();
    let mut dice = turn.dice();
    for round in 0..turn.rounds {
        let Some(run) = run(true, round % 2 == 0, &mut dice, &folder.path().join("log")) else {
            return;
        };
        let held = compare(&run.members, &run.client());
        agrees(&run);
        let repeats: usize = run.members.iter().map(|member| member.repeats).sum();
        turn.say(&format!(
            "{held} booked, none lost, none doubled, {repeats} settled by their keys; promoted \
             after {:.2?}, went on after {:.2?}",
            run.promoted, run.recovered
        ));
    }
}

/// How many of those who were told 201 find nothing of it.
fn lost(members: &[Member], client: &Client) -> usize {
    let held = all_movements(client);
    let told = members.iter().flat_map(Member::booked);
    let id = |text: &str| {
        let body: Value = serde_json::from_str(text).unwrap();
        body["id"].as_str().unwrap().to_string()
    };
    told.filter(|text| !held.contains_key(&id(text))).count()
}

#[test]
fn a_failover_to_an_asynchronous_standby_loses_and_is_named() {
    let turn = Turn::take("failovers to an asynchronous standby", 1, 5);
    let folder = TempDir::new().unwrap();
    let mut dice = turn.dice();
    for _ in 0..turn.rounds {
        let log = folder.path().join("log");
        let Some(run) = run(false, false, &mut dice, &log) else {
            return;
        };
        let lost = lost(&run.members, &run.client());
        assert!(lost > 0, "nothing lost: the test of synchronous standbys would see no loss");
        agrees(&run);
        let said = std::fs::read_to_string(&log).unwrap();
        assert!(said.contains(ANOTHER_BOOK), "not named: {said}");
        turn.say(&format!(
            "{lost} acknowledged and lost, as must be; went on after {:.2?}",
            run.recovered
        ));
    }
}

/// Ends the session whose COMMIT waits for the standby; what it has written can then be seen.
fn cut_the_wait_short(pair: &Pair) {
    let query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE application_name = 'changping' AND wait_event = 'SyncRep'";
    let deadline = Instant::now() + RECOVERY;
    while pair.primary.sql(query) == "0" {
        assert!(Instant::now() < deadline, "nobody waits for the standby");
        pause(20);
    }
}

#[test]
fn a_movement_that_the_standby_lacks_is_not_told_by_its_key() {
    let turn = Turn::take("repeats while the standby lacks the movement", 1, 10);
    for _ in 0..turn.rounds {
        let Some(pair) = Pair::start(true) else {
            return;
        };
        let url = pair.database();
        let keys = settle(&url);
        let server = Server::start(&url);
        let client = Client::new(&server.base, keys.of("clerk"));
        let post = || client.post(MOVEMENTS, "k", &receipt(CITY_DEPOT, "TENT", 1));
        pair.stall(false);
        std::thread::scope(|scope| {
            let first = scope.spawn(post);
            cut_the_wait_short(&pair);
            first.join().unwrap().problem(503, "outcome_unknown");
        });
        assert_eq!(number(&pair.primary.url("book"), "SELECT COUNT(*) FROM entry"), 1);
        for _ in 0..3 {
            post().problem(503, "unavailable");
        }
        pair.between.flow(Flow::Pass);
        let began = Instant::now();
        let told = loop {
            let told = post();
            if told.status != 503 {
                break told;
            }
            assert!(began.elapsed() < RECOVERY, "not told, though the standby has it");
        };
        told.expect(201);
        assert!(told.replayed());
        assert_sound(&pair.primary.url("book"));
    }
}
