//! An older book put in the place of the one that a running service follows.
//!
//! Standbys are in `failover`. Invariant: the service says in its log that the book is another one,
//! answers from it at once, and books on it as if it had never known more.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::crowd::MOVEMENTS;
use crate::support::desk::{Desk, assert_sound, receive};
use crate::support::forms::receipt;
use crate::support::sql::{number, run};
use crate::support::world::{CITY_DEPOT, Keys, block_on, settle};
use crate::support::{Client, Database, Engine, Server, cluster, on_both};
use crate::turn::{Turn, pause};

/// Entries in the backup, and those booked after it.
const KEPT: i64 = 3;
const GONE: i64 = 4;
const PATIENCE: Duration = Duration::from_secs(3);

fn body(nth: i64) -> Value {
    receipt(CITY_DEPOT, "TENT", 10 + nth)
}

fn post(client: &Client, key: &str, nth: i64) -> crate::support::Reply {
    client.post(MOVEMENTS, &format!("{key}{nth}"), &body(nth))
}

fn name_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

fn back_up(database: &Database, folder: &Path) {
    match database.engine {
        Engine::Sqlite => {
            run(&database.url, &format!("VACUUM INTO '{}'", folder.join("backup").display()));
        }
        Engine::Postgres => {
            let name = name_of(&database.url);
            let statement = format!("CREATE DATABASE backup_{name} TEMPLATE {name}");
            cluster().unwrap().run_sql(&statement);
        }
    }
}

/// Puts a copy of the backup where the book is, under the feet of whoever has it open.
fn restore(database: &Database, folder: &Path) {
    match database.engine {
        Engine::Sqlite => {
            let path = database.url.strip_prefix("sqlite://").unwrap();
            let copy = folder.join("copy");
            std::fs::copy(folder.join("backup"), &copy).unwrap();
            for tail in ["-wal", "-shm"] {
                let _not_there = std::fs::remove_file(format!("{path}{tail}"));
            }
            std::fs::rename(copy, path).unwrap();
        }
        Engine::Postgres => {
            let name = name_of(&database.url);
            let server = cluster().unwrap();
            server.run_sql(&format!("DROP DATABASE {name} WITH (FORCE)"));
            server.run_sql(&format!("CREATE DATABASE {name} TEMPLATE backup_{name}"));
        }
    }
}

/// The first answer that is not marked as old; it tells of what is in the database.
fn read(client: &Client, url: &str) {
    let began = Instant::now();
    let stock = loop {
        let stock = client.get(&format!("/v1/stock?depot={CITY_DEPOT}")).expect(200);
        if stock["stale_since"].is_null() {
            break stock;
        }
        assert!(began.elapsed() < PATIENCE, "old for {PATIENCE:?}");
        pause(20);
    };
    assert_eq!(stock["ledger_seq"], number(url, "SELECT seq FROM head"));
    let rows = stock["items"].as_array().unwrap().iter();
    let read: i64 = rows.map(|row| row["on_hand"].as_i64().unwrap()).sum();
    assert_eq!(read, number(url, "SELECT COALESCE(SUM(quantity), 0) FROM balance"));
}

/// One restoring; `others` is how many entries another process has made since, before this service
/// looks again.
fn once(database: &Database, keys: &Keys, others: i64, read_first: bool, folder: &Path) {
    let log = folder.join("log");
    restore(database, folder);
    let server = Server::start_logging(&database.url, &log);
    let client = Client::new(&server.base, keys.of("clerk"));
    for nth in 0..GONE {
        assert!(!post(&client, "gone", nth).replayed());
    }
    restore(database, folder);
    let desk = Desk::open(&database.url);
    for nth in 0..others {
        block_on(desk.booked(&format!("theirs{nth}"), receive("TENT", 1)));
    }
    desk.book.close();
    if read_first {
        read(&client, &database.url);
    }
    let began = Instant::now();
    let anew = loop {
        let anew = post(&client, "gone", 0);
        if anew.status != 503 {
            break anew;
        }
        assert!(began.elapsed() < PATIENCE, "no movement for {PATIENCE:?}");
    };
    assert_eq!(anew.expect(201)["seq"], json!(KEPT + others + 1));
    assert!(!anew.replayed(), "the restored book does not know it");
    assert!(post(&client, "kept", 0).replayed(), "the restored book knows it");
    read(&client, &database.url);
    client.get("/readyz").expect(200);
    let said = std::fs::read_to_string(&log).unwrap();
    let line = said.lines().find(|line| line.contains("not the one followed so far"));
    let line: Value = serde_json::from_str(line.expect("named in the log")).unwrap();
    let (seq, head) = (line["seq"].as_i64(), line["head"].as_i64());
    assert_eq!((seq, head), (Some(KEPT + GONE), Some(KEPT + others)));
    assert!(server.stop().success());
    assert_sound(&database.url);
}

#[test]
fn a_book_restored_behind_a_running_service_is_noticed_and_named() {
    let turn = Turn::take("older books put behind a running service", 1, 20);
    on_both(|database| {
        let folder = TempDir::new().unwrap();
        let keys = settle(&database.url);
        let server = Server::start(&database.url);
        let client = Client::new(&server.base, keys.of("clerk"));
        for nth in 0..KEPT {
            post(&client, "kept", nth).expect(201);
        }
        assert!(server.stop().success());
        back_up(database, folder.path());
        for _ in 0..turn.rounds {
            // The restored book is behind, level with, and ahead of what the service followed.
            for others in [0, GONE, GONE + 2] {
                once(database, &keys, others, true, folder.path());
                once(database, &keys, others, false, folder.path());
            }
        }
        turn.say(&format!("{}: {} restored, all noticed", database.engine, 6 * turn.rounds));
    });
}
