//! Sessions are opened as durability needs it.
//!
//! What survives a kill is in `tests/reliability`; that a commit reaches the disk cannot be seen
//! from a killed process, so the settings are asked. Invariant: the session asked is opened as the
//! book's.

use changping::store::dialect::Db;
use changping::store::fault::StoreFault;
use changping::store::head;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use crate::support::world::{address, settle};
use crate::support::{Database, on_both};

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    value: i64,
}

fn number(db: &mut Db, pragma: &str, column: &str) -> i64 {
    let Db::Sqlite(conn) = db else { panic!("only SQLite has pragmas") };
    let query = format!("SELECT {column} AS value FROM pragma_{pragma}");
    let rows: Vec<Number> = sql_query(query).load(&mut **conn).unwrap();
    rows[0].value
}

fn setting(db: &mut Db, name: &str) -> String {
    let query = format!("SELECT current_setting('{name}') AS value");
    let rows: Vec<Word> = match db {
        Db::Sqlite(_) => panic!("only PostgreSQL has settings"),
        Db::Postgres(conn) => sql_query(query).load(&mut **conn).unwrap(),
    };
    rows.into_iter().map(|row| row.value).collect()
}

#[test]
fn every_session_waits_for_the_disk_and_never_hangs() {
    on_both(|database| {
        settle(&database.url);
        let mut db = address(&database.url).connect().unwrap();
        if matches!(db, Db::Sqlite(_)) {
            assert_eq!(number(&mut db, "synchronous", "synchronous"), 2, "FULL");
            assert_eq!(number(&mut db, "foreign_keys", "foreign_keys"), 1);
            assert!(number(&mut db, "busy_timeout", "timeout") >= 1_000);
            let wal = "journal_mode = 'wal'";
            assert_eq!(number(&mut db, "journal_mode", wal), 1, "WAL");
        } else {
            assert_eq!(setting(&mut db, "synchronous_commit"), "on");
            assert_eq!(setting(&mut db, "default_transaction_isolation"), "read committed");
            let idle = "idle_in_transaction_session_timeout";
            assert_eq!(setting(&mut db, idle), "0", "readers hold no lock");
            head::lock(&mut db).unwrap();
            assert_eq!(setting(&mut db, idle), "2s", "a writer that hangs gives the lock up");
            db.rollback();
            assert_eq!(setting(&mut db, "statement_timeout"), "0", "it would cut a COMMIT short");
        }
    });
}

#[test]
fn a_commit_to_a_file_that_lost_its_name_is_not_taken_for_one() {
    let database = Database::sqlite();
    settle(&database.url);
    let path = database.url.strip_prefix("sqlite://").unwrap();
    let mut db = address(&database.url).connect().unwrap();
    head::lock(&mut db).unwrap();
    std::fs::rename(path, format!("{path}.moved")).unwrap();
    assert!(matches!(db.commit(), Err(StoreFault::Lost(_))), "nobody will find it there");
    assert!(matches!(head::read(&mut db), Err(StoreFault::Lost(_))));
    assert!(matches!(head::lock(&mut db), Err(StoreFault::Lost(_))));
    std::fs::rename(format!("{path}.moved"), path).unwrap();
    head::read(&mut db).unwrap();
}
