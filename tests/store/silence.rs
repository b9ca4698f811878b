//! A database that says nothing, or takes too long: who is told what, and who goes on.
//!
//! Wires that fail under load are in `tests/reliability`. Invariant: whoever was given up neither
//! writes nor answers any more, and what a slow database has booked is told by its key.

use std::time::{Duration, Instant};

use changping::service::book::Outcome;
use changping::service::failure::Failure;
use changping::store::dialect::Db;
use changping::store::fault::{StoreFault, Stored};
use changping::store::{head, settings};
use changping::telemetry;
use diesel::{RunQueryDsl, sql_query};

use crate::support::desk::{Desk, assert_sound, hand_out, receive};
use crate::support::sql::{number, run};
use crate::support::wire::{At, Deed};
use crate::support::world::{address, block_on, settle};
use crate::support::{Database, Wire, cluster, on_both};

/// The limit of a call, with the wait for the lock before it.
const GIVEN_UP: Duration = Duration::from_secs(4);

struct Stage {
    database: Database,
    wire: Wire,
    desk: Desk,
}

/// A desk at a wire, fifty tents in stock; nothing without PostgreSQL.
fn stage() -> Option<Stage> {
    let database = Database::postgres()?;
    settle(&database.url);
    let wire = Wire::to(cluster()?.port());
    let desk = Desk::open(&wire.through(&database.url));
    block_on(desk.booked("stock", receive("TENT", 50)));
    Some(Stage { database, wire, desk })
}

impl Stage {
    fn entries(&self) -> i64 {
        number(&self.database.url, "SELECT COUNT(*) FROM entry")
    }

    fn end(self) {
        self.desk.book.close();
        assert_sound(&self.database.url);
    }

    /// From now on each insert of an entry, or each commit of one, takes so many seconds.
    fn slow(&self, when: &str, seconds: f64) {
        let made = format!(
            "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$;
             CREATE {when} FOR EACH ROW EXECUTE FUNCTION linger();"
        );
        run(&self.database.url, &made);
    }

    async fn unknown(&self, key: &str) {
        let began = Instant::now();
        let outcome = self.desk.post(key, hand_out("TENT", 1)).await;
        assert!(matches!(outcome, Err(Failure::OutcomeUnknown)), "{key}: {outcome:?}");
        assert!(began.elapsed() < GIVEN_UP, "{key}: told after {:?}", began.elapsed());
    }

    /// Repeats until the outcome is known.
    async fn settled(&self, key: &str) -> bool {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(25) {
            match self.desk.post(key, hand_out("TENT", 1)).await {
                Ok(Outcome::Booked { replayed, .. }) => return replayed,
                Err(Failure::OutcomeUnknown | Failure::Unavailable) => {}
                other => panic!("{key}: {other:?}"),
            }
        }
        panic!("{key} is not told in {:?}", began.elapsed());
    }
}

fn given_up() -> u64 {
    let text = telemetry::render();
    let line = text.lines().find_map(|l| l.strip_prefix("changping_committers_abandoned_total "));
    line.unwrap().parse().unwrap()
}

#[test]
fn a_committer_given_up_before_its_commit_never_commits() {
    let Some(stage) = stage() else { return };
    let before = given_up();
    block_on(async {
        // Behind another process it writes under the lock, with a COMMIT of its own.
        let other = Desk::open(&stage.database.url);
        other.booked("theirs", receive("TENT", 1)).await;
        other.book.close();
        stage.slow("TRIGGER lingers AFTER INSERT ON entry", 3.0);
        stage.unknown("k").await;
        // Waits for the lock of the transaction that was left behind, and so for its end.
        run(&stage.database.url, "DROP TRIGGER lingers ON entry");
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(stage.entries(), 2, "it came back, and wrote");
        assert!(!stage.settled("k").await);
        assert_eq!(stage.desk.read().await.head.seq, 3);
    });
    assert!(given_up() > before);
    stage.end();
}

#[test]
fn a_message_given_up_that_is_done_after_all_is_told_by_its_key() {
    let Some(stage) = stage() else { return };
    stage.slow("TRIGGER lingers AFTER INSERT ON entry", 3.0);
    block_on(async {
        stage.unknown("k").await;
        // Waits for the lock of the statement that was left behind, and so for its COMMIT.
        run(&stage.database.url, "DROP TRIGGER lingers ON entry");
        assert!(stage.settled("k").await);
        assert_eq!(stage.entries(), 2);
        stage.desk.booked("next", hand_out("TENT", 1)).await;
    });
    stage.end();
}

#[test]
fn a_committer_that_comes_back_late_publishes_nothing() {
    let Some(stage) = stage() else { return };
    block_on(async {
        stage.wire.arm(At::Commit, Deed::HoldAfter);
        stage.unknown("k").await;
        assert!(stage.settled("k").await, "the COMMIT had gone on");
        stage.desk.booked("next", hand_out("TENT", 1)).await;
        stage.wire.release();
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(stage.desk.book.snapshot().head.seq, 3, "the Position went back");
    });
    stage.end();
}

#[test]
fn on_a_database_whose_every_commit_is_too_slow_each_key_is_told_in_the_end() {
    let Some(stage) = stage() else { return };
    stage.slow(
        "CONSTRAINT TRIGGER lingers AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED",
        2.4,
    );
    block_on(async {
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|key| stage.settled(key));
        let told = tokio::join!(a, b, c, d);
        assert_eq!(told, (true, true, true, true), "told by a repeat");
        assert_eq!(stage.desk.read().await.head.seq, 5);
    });
    assert_eq!(stage.entries(), 5);
    stage.end();
}

#[test]
fn a_repeat_is_answered_whatever_comes_of_its_batch() {
    let Some(stage) = stage() else { return };
    stage.slow(
        "CONSTRAINT TRIGGER lingers AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED",
        2.4,
    );
    block_on(async {
        let desk = &stage.desk;
        stage.unknown("a").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        // While the amendment waits for the lock, the repeat and a new movement queue together.
        let mut other = address(&stage.database.url).connect().unwrap();
        head::lock(&mut other).unwrap();
        let amended = async { desk.close_depot_b().await > 0 };
        let repeated = async {
            let told = desk.post("a", hand_out("TENT", 1)).await;
            matches!(told, Ok(Outcome::Booked { replayed: true, .. }))
        };
        let unknown = async {
            let told = desk.post("b", hand_out("TENT", 1)).await;
            matches!(told, Err(Failure::OutcomeUnknown))
        };
        let unlocked = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            other.rollback();
            true
        };
        assert_eq!(tokio::join!(amended, repeated, unknown, unlocked), (true, true, true, true));
        assert!(stage.settled("b").await);
    });
    stage.end();
}

#[test]
fn committers_that_hang_are_bounded_and_the_book_goes_on_when_they_come_back() {
    let Some(stage) = stage() else { return };
    block_on(async {
        for nth in 0..8 {
            stage.wire.arm(At::Commit, Deed::SilenceBefore);
            stage.unknown(&format!("k{nth}")).await;
        }
        let began = Instant::now();
        let turned_away = stage.desk.post("more", hand_out("TENT", 1)).await;
        assert!(matches!(turned_away, Err(Failure::Unavailable)), "{turned_away:?}");
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
        // A reader is not held up by them.
        assert_eq!(stage.desk.read().await.head.seq, 1);
        stage.wire.bury();
        assert!(!stage.settled("more").await);
        for nth in 0..8 {
            assert!(!stage.settled(&format!("k{nth}")).await);
        }
    });
    stage.end();
}

#[test]
fn a_wait_for_another_writers_lock_is_not_silence() {
    on_both(|database| {
        settle(&database.url);
        let desk = Desk::open(&database.url);
        let mut other = address(&database.url).connect().unwrap();
        head::lock(&mut other).unwrap();
        block_on(async {
            // Given up, it would be told that nobody knows.
            // PostgreSQL ends the other's idle transaction; SQLite knows no such thing.
            let outcome = desk.post("k", receive("TENT", 1)).await;
            let expected = match &outcome {
                Ok(Outcome::Booked { .. }) => matches!(other, Db::Postgres(_)),
                Err(Failure::Unavailable) => matches!(other, Db::Sqlite(_)),
                _ => false,
            };
            assert!(expected, "{outcome:?}");
            other.rollback();
            desk.post("k", receive("TENT", 1)).await.unwrap();
        });
        desk.book.close();
        assert_sound(&database.url);
    });
}

#[test]
fn a_silent_head_is_marked_and_the_next_one_is_asked_on_another_connection() {
    let Some(stage) = stage() else { return };
    block_on(async {
        stage.desk.read().await;
        stage.wire.silence();
        let began = Instant::now();
        let marked = stage.desk.book.read().await.unwrap();
        assert!(marked.stale_since.is_some(), "old without saying so");
        assert!(began.elapsed() < Duration::from_millis(1_500), "{:?}", began.elapsed());
        assert_eq!(stage.desk.read().await.head.seq, 1);
    });
    stage.wire.bury();
    stage.end();
}

fn sleep(db: &mut Db) -> Stored<()> {
    let Db::Postgres(conn) = db else { panic!("only PostgreSQL sleeps") };
    sql_query("SELECT pg_sleep(7)").execute(&mut **conn)?;
    Ok(())
}

#[test]
fn silent_readers_are_replaced() {
    let Some(stage) = stage() else { return };
    block_on(async {
        let mut asleep = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let book = stage.desk.book.clone();
            asleep.spawn(async move { book.on_reader(sleep).await });
        }
        while let Some(done) = asleep.join_next().await {
            assert!(matches!(done.unwrap(), Err(StoreFault::Lost(_))));
        }
        let began = Instant::now();
        stage.desk.book.on_reader(|db| settings::read(db, "demo_date")).await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    });
    stage.end();
}

#[test]
fn a_session_that_waits_for_the_end_of_a_message_does_not_keep_the_lock() {
    let Some(stage) = stage() else { return };
    block_on(async {
        // Bound, described, done; the server waits to be told that this was all.
        stage.wire.arm(At::Message(4), Deed::SilenceBefore);
        stage.unknown("k").await;
        let began = Instant::now();
        assert!(!stage.settled("k").await);
        assert!(began.elapsed() < GIVEN_UP, "settled after {:?}", began.elapsed());
    });
    stage.end();
}
