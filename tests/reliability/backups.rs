//! Backups taken while a crowd posts, put back, and served.
//!
//! How an administrator does it is in the README. Invariant: everything acknowledged before the
//! backup began is in it, and what is in it is one instant of the book.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use crate::crowd::{MOVEMENTS, all_movements};
use crate::support::forms::{issue, receipt};
use crate::support::world::{CITY_DEPOT, Keys, settle};
use crate::support::{Client, Cluster, Database, Durability, Server, changping};
use crate::turn::{Turn, pause, say};

const CROWD: u32 = 6;

/// What has been acknowledged so far: request and answer by key.
type Told = Mutex<BTreeMap<String, (Value, String)>>;

fn post_until(name: u32, client: &Client, told: &Told, over: &AtomicBool) {
    for n in 0.. {
        if over.load(Ordering::Acquire) {
            return;
        }
        let form = if n % 3 == 2 { issue } else { receipt };
        let (key, body) = (format!("c{name}-{n}"), form(CITY_DEPOT, "TENT", 1));
        // A book that grows slowly is checked quickly.
        pause(5);
        let reply = client.post(MOVEMENTS, &key, &body);
        if reply.status == 201 {
            told.lock().unwrap().insert(key, (body, reply.text));
        }
    }
}

/// The head that a command's output ends with.
fn head_in(output: &std::process::Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    said.lines().find_map(|line| line.strip_prefix("head ")).unwrap().to_string()
}

/// Backs up again and again under load. `backup` gives the copy's URL.
fn under_load(
    url: &str,
    turn: &Turn,
    kinds: &[&str],
    mut backup: impl FnMut(&str, u32, &mut dyn FnMut(&str)),
) {
    let keys = settle(url);
    let server = Server::start(url);
    let client = Client::new(&server.base, keys.of("clerk"));
    let (told, over) = (Told::default(), AtomicBool::new(false));
    let (mut marked, mut held) = (0, 0);
    std::thread::scope(|scope| {
        let ends = Over(&over);
        for name in 0..CROWD {
            let (client, told, over) = (&client, &told, &over);
            scope.spawn(move || post_until(name, client, told, over));
        }
        for round in 0..turn.rounds {
            for kind in kinds {
                pause(150);
                while told.lock().unwrap().is_empty() {
                    pause(10);
                }
                let mark = told.lock().unwrap().clone();
                backup(kind, round, &mut |copy| {
                    held += check(copy, &keys, &mark, url);
                    marked += mark.len();
                });
            }
        }
        drop(ends);
    });
    assert!(server.stop().success());
    assert!(held > marked, "nothing was written during the backups");
    turn.say(&format!("{marked} acknowledged before the backups, {held} in them, none missing"));
}

/// A copy is sound, continues in the original, and serves what was acknowledged before the mark.
fn check(
    copy: &str,
    keys: &Keys,
    mark: &BTreeMap<String, (Value, String)>,
    original: &str,
) -> usize {
    let head = head_in(&changping(copy, &["verify"]));
    head_in(&changping(original, &["verify", "--noted-head", &head]));
    let server = Server::start(copy);
    let client = Client::new(&server.base, keys.of("clerk"));
    let held = all_movements(&client);
    for (key, (_, text)) in mark {
        let body: Value = serde_json::from_str(text).unwrap();
        let found = held.get(body["id"].as_str().unwrap());
        assert_eq!(found, Some(&body), "{key} was acknowledged before the backup");
    }
    for (key, (body, text)) in mark.iter().take(20) {
        let again = client.post(MOVEMENTS, key, body);
        assert!(again.replayed() && again.text == *text, "{key}: {}", again.text);
    }
    client.post(MOVEMENTS, "after", &receipt(CITY_DEPOT, "TENT", 1)).expect(201);
    assert!(server.stop().success());
    // What the copy has booked since is not in the original: its head is not there.
    let later = head_in(&changping(copy, &["verify"]));
    let output = changping(original, &["verify", "--noted-head", &later]);
    assert!(!output.status.success(), "two books with one head");
    held.len()
}

/// Ends the crowd's work, even when a test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn sqlite_shell() -> bool {
    let mut shell = Command::new("sqlite3");
    let there = shell.arg("-version").stdout(Stdio::null()).status().is_ok();
    if !there {
        say("\n*** backup by sqlite3 SKIPPED: no such program here\n");
    }
    there
}

fn shell_backup(original: &str, copy: &Path) {
    let database = original.trim_start_matches("sqlite://");
    let command = format!(".backup '{}'", copy.display());
    // Without an instant of its own the shell begins again whenever something was written.
    let instant = ["BEGIN", "SELECT seq FROM head"];
    let output =
        Command::new("sqlite3").arg(database).args(instant).arg(&command).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_backup_of_a_served_sqlite_has_all_that_was_acknowledged() {
    let turn = Turn::take("backups of SQLite", 3, 50);
    let database = Database::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let kinds: &[&str] = if sqlite_shell() { &["own", "shell"] } else { &["own"] };
    under_load(&database.url, &turn, kinds, |kind, round, check| {
        let file = folder.path().join(format!("{kind}'s copy {round}.db"));
        let copy = format!("sqlite://{}", file.display());
        if kind == "shell" {
            let plain = folder.path().join(format!("shell-{round}.db"));
            shell_backup(&database.url, &plain);
            return check(&format!("sqlite://{}", plain.display()));
        }
        let name = file.to_str().unwrap();
        let printed = head_in(&changping(&database.url, &["backup", name]));
        assert_eq!(printed, head_in(&changping(&copy, &["verify"])), "not the copy's head");
        let again = changping(&database.url, &["backup", name]);
        assert!(!again.status.success(), "a backup was overwritten");
        check(&copy);
    });
}

#[test]
fn a_backup_of_a_served_postgresql_has_all_that_was_acknowledged() {
    let turn = Turn::take("backups of PostgreSQL", 2, 20);
    let Some(cluster) = Cluster::start(Durability::Fast) else { return };
    let url = cluster.fresh_database();
    let name = url.rsplit_once('/').unwrap().1.to_string();
    let folder = tempfile::tempdir().unwrap();
    let refused = changping(&url, &["backup", "nowhere"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("pg_dump"));
    under_load(&url, &turn, &["dump", "base"], |kind, round, check| {
        if kind == "dump" {
            let file = folder.path().join(format!("{round}.dump")).display().to_string();
            cluster.tool("pg_dump", &["-Fc", "-f", &file, &url]);
            let copy = cluster.fresh_database();
            cluster.tool("pg_restore", &["--exit-on-error", "-d", &copy, &file]);
            check(&copy);
        } else {
            let restored = cluster.restored_from_base_backup();
            let copy = format!("postgres://changping@127.0.0.1:{}/{name}", restored.port());
            check(&copy);
        }
    });
}
