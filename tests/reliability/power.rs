//! The power fails: what is left of a SQLite database is found sound and complete, at any cut.
//!
//! How a cut is made is in `image`. Invariant: a movement is acknowledged only once no cut can
//! take it back, and one that is not there can be asked for again.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::crowd::{MOVEMENTS, all_movements};
use crate::disk::{Disk, SYNC_FAILS};
use crate::image::Recording;
use crate::support::desk::assert_sound;
use crate::support::forms::{issue, receipt};
use crate::support::world::{CITY_DEPOT, Keys, settle};
use crate::support::{Client, Server};
use crate::turn::{Dice, Turn, pause, say};

/// Cuts taken from one recorded run.
const CUTS: u32 = 12;
const CLERKS: u64 = 6;
/// Operations of one run: enough for several checkpoints.
const LONG_ENOUGH: u64 = 10_000;

/// One request of the recorded run.
struct Asked {
    key: String,
    body: Value,
    /// What was answered, and the disk's clock when the answer was there.
    told: Option<(u64, u16, String)>,
}

impl Asked {
    fn told_by(&self, clock: u64) -> Option<(u16, &str)> {
        let (at, status, text) = self.told.as_ref()?;
        (*at <= clock).then_some((*status, text.as_str()))
    }
}

/// Asks as long as the run goes on; what came of it. 5xx tells nothing.
fn clerk(name: u64, client: &Client, disk: &Disk, seed: u64, over: &AtomicBool) -> Vec<Asked> {
    let mut dice = Dice(seed.wrapping_add(name));
    let mut asked = Vec::new();
    while !over.load(Ordering::Acquire) {
        let quantity = i64::try_from(1 + dice.below(9)).unwrap();
        let form = if dice.below(3) == 0 { issue } else { receipt };
        let item = ["TENT", "QUILT"][usize::from(dice.below(2) == 0)];
        let (key, body) = (format!("c{name}-{}", asked.len()), form(CITY_DEPOT, item, quantity));
        let reply = client.post(MOVEMENTS, &key, &body);
        let told = (reply.status < 500).then(|| (disk.clock(), reply.status, reply.text.clone()));
        asked.push(Asked { key, body, told });
    }
    asked
}

/// A run of the service on a disk that records, stopped politely and started once in between.
fn run(disk: &Disk, keys: &Keys, seed: u64, failing: bool) -> Vec<Asked> {
    let mut asked = Vec::new();
    for half in 1..=2 {
        let server = disk.serve_recorded();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let clerks = (0..CLERKS).map(|n| {
                let client = Client::new(&server.base, keys.of("clerk"));
                let (over, name) = (&over, half * CLERKS + n);
                scope.spawn(move || clerk(name, &client, disk, seed, over))
            });
            let clerks: Vec<_> = clerks.collect();
            let mut dice = Dice(seed ^ half);
            while disk.clock() < half * LONG_ENOUGH / 2 {
                if failing {
                    pause(dice.below(60));
                    disk.fail(SYNC_FAILS);
                    pause(dice.below(12));
                    disk.mend();
                }
                pause(10);
            }
            over.store(true, Ordering::Release);
            asked.extend(clerks.into_iter().flat_map(|clerk| clerk.join().unwrap()));
        });
        assert!(server.stop().success());
    }
    asked
}

/// Opens what a cut has left, and asks again: for some of what was booked, and for all the rest.
fn check(url: &str, keys: &Keys, asked: &[Asked], clock: u64) {
    assert_sound(url);
    let server = Server::start(url);
    let client = Client::new(&server.base, keys.of("clerk"));
    let left = all_movements(&client);
    let mut ids = BTreeMap::new();
    for (n, request) in asked.iter().enumerate() {
        let told = request.told_by(clock);
        if let Some((201, text)) = told {
            let body: Value = serde_json::from_str(text).unwrap();
            let id = body["id"].as_str().unwrap();
            let found = left.get(id);
            assert_eq!(found, Some(&body), "{} was acknowledged and is lost", request.key);
            if n % 8 > 0 {
                assert!(ids.insert(id.to_string(), &request.key).is_none());
                continue;
            }
        }
        let again = client.post(MOVEMENTS, &request.key, &request.body);
        assert!(matches!(again.status, 201 | 409), "{}: {}", request.key, again.text);
        if let Some((status, text)) = told {
            assert_eq!((again.status, again.text.as_str()), (status, text), "{}", request.key);
            assert!(again.replayed(), "{} was answered and is not remembered", request.key);
        }
        if again.status == 201 {
            let id = again.json()["id"].as_str().unwrap().to_string();
            assert!(ids.insert(id, &request.key).is_none(), "one movement for two keys");
        }
    }
    let held = all_movements(&client);
    let stray = held.keys().find(|id| !ids.contains_key(*id));
    assert!(held.len() == ids.len() && stray.is_none(), "booked for nobody: {stray:?}");
    assert!(server.stop().success());
    assert_sound(url);
}

fn cut_the_power(name: &str, full: u32, failing: bool) {
    let turn = Turn::take(name, CUTS, full);
    let mut dice = turn.dice();
    let (mut cuts, mut runs, mut checkpoints, mut told, mut unknown) = (0, 0, 0, 0, 0);
    while cuts < turn.rounds {
        let Some(disk) = Disk::new() else { return };
        let keys = settle(&disk.url());
        let mut recording = Recording::of_folder(disk.folder());
        let asked = run(&disk, &keys, dice.below(u64::MAX), failing);
        recording.read(&disk.log());
        assert_sound(&disk.url());
        runs += 1;
        checkpoints += recording.syncs_of("changping.db");
        told += asked.iter().filter(|request| request.told.is_some()).count();
        unknown += asked.iter().filter(|request| request.told.is_none()).count();
        for _ in 0..CUTS.min(turn.rounds - cuts) {
            let clock = dice.below(recording.end() + 1);
            let folder = TempDir::new().unwrap();
            recording.cut(clock, &mut dice, folder.path());
            let url = format!("sqlite://{}", folder.path().join("changping.db").display());
            let outcome = std::panic::catch_unwind(|| check(&url, &keys, &asked, clock));
            if let Err(cause) = outcome {
                let kept = folder.keep();
                say(&format!("cut at {clock} of {}; see {}", recording.end(), kept.display()));
                std::panic::resume_unwind(cause);
            }
            cuts += 1;
        }
        let wal = disk.folder().join("changping.db-wal");
        assert!(fs::metadata(wal).is_err(), "a polite stop leaves no log");
    }
    assert_eq!(unknown > 0, failing, "{unknown} without an answer");
    assert!(checkpoints >= 3 * runs, "{checkpoints} checkpoints in {runs} runs");
    turn.say(&format!(
        "{cuts} cuts of {runs} runs, {checkpoints} checkpoints, {told} answered, {unknown} told \
         to ask again: none lost, none doubled"
    ));
}

#[test]
fn a_power_cut_takes_back_nothing_acknowledged() {
    cut_the_power("power cuts on SQLite", 200, false);
}

/// A sync that fails may have dropped pages for good, whatever a later one says.
#[test]
fn a_failed_sync_acknowledges_nothing_that_a_power_cut_takes_back() {
    cut_the_power("power cuts after failed syncs on SQLite", 60, true);
}
