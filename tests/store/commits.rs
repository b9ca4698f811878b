//! COMMITs that are not answered: the caller is told so, and the same key tells the outcome.
//!
//! Killed services are in `tests/reliability`. Invariant: whatever the wire did, one key has one
//! effect.

use changping::service::book::Outcome;
use changping::service::failure::Failure;

use crate::support::desk::{Desk, assert_sound, hand_out, receive};
use crate::support::sql::{number, run};
use crate::support::wire::{At, Deed, Door};
use crate::support::world::{block_on, settle};
use crate::support::{Database, Wire, cluster};

/// A wire and a desk at its end, five tents in stock; nothing without PostgreSQL.
fn desk() -> Option<(Database, Wire, Desk)> {
    let database = Database::postgres()?;
    settle(&database.url);
    let wire = Wire::to(cluster()?.port());
    let desk = Desk::open(&wire.through(&database.url));
    block_on(desk.booked("stock", receive("TENT", 5)));
    Some((database, wire, desk))
}

fn count(database: &Database) -> i64 {
    number(&database.url, "SELECT COUNT(*) FROM entry")
}

#[test]
fn a_commit_that_was_done_but_not_answered_is_told_by_its_key() {
    let Some((database, wire, desk)) = desk() else {
        return;
    };
    block_on(async {
        // Nor is there another connection to be had on which to look for it.
        wire.door(Door::Refuse);
        wire.arm(At::Commit, Deed::CutAfter);
        let first = desk.post("k", hand_out("TENT", 2)).await;
        wire.door(Door::Open);
        assert!(matches!(first, Err(Failure::OutcomeUnknown)), "{first:?}");
        assert_eq!(count(&database), 2, "the server had the COMMIT");
        let again = desk.post("k", hand_out("TENT", 2)).await.unwrap();
        let Outcome::Booked { movement, replayed } = again else {
            panic!("{again:?}");
        };
        assert!(replayed);
        assert_eq!(movement.seq, 2);
        assert_eq!(desk.read().await.head.seq, 2);
        assert_eq!(desk.booked("next", hand_out("TENT", 3)).await.seq, 3);
    });
    desk.book.close();
    assert_sound(&database.url);
}

#[test]
fn a_commit_that_never_arrived_is_done_by_the_repeat() {
    let Some((database, wire, desk)) = desk() else {
        return;
    };
    block_on(async {
        wire.door(Door::Refuse);
        wire.arm(At::Commit, Deed::CutBefore);
        let first = desk.post("k", hand_out("TENT", 5)).await;
        wire.door(Door::Open);
        assert!(matches!(first, Err(Failure::OutcomeUnknown)), "{first:?}");
        assert_eq!(count(&database), 1);
        let again = desk.post("k", hand_out("TENT", 5)).await.unwrap();
        let replayed = matches!(again, Outcome::Booked { replayed: true, .. });
        assert!(!replayed, "{again:?}");
        assert_eq!(count(&database), 2);
    });
    desk.book.close();
    assert_sound(&database.url);
}

#[test]
fn a_write_that_was_not_answered_is_found_on_the_next_connection() {
    let Some((database, wire, desk)) = desk() else {
        return;
    };
    block_on(async {
        for (seq, deed) in [(2, Deed::CutAfter), (4, Deed::CutBefore), (6, Deed::CutAfter)] {
            wire.arm(At::Commit, deed);
            let booked = desk.booked(&format!("k{seq}"), hand_out("TENT", 1)).await;
            assert!(!wire.disarm(), "{deed:?}: the wire was not cut");
            assert_eq!((booked.seq, count(&database)), (seq, seq), "{deed:?}");
            assert_eq!(desk.read().await.head.seq, seq);
            // What is planned behind a write that was decided anew takes the lock.
            desk.booked(&format!("behind{seq}"), receive("TENT", 1)).await;
        }
        desk.booked("last", hand_out("TENT", 5)).await;
    });
    desk.book.close();
    assert_sound(&database.url);
}

#[test]
fn a_reader_does_not_see_what_an_unanswered_commit_planned() {
    let Some((database, wire, desk)) = desk() else {
        return;
    };
    block_on(async {
        wire.door(Door::Refuse);
        wire.arm(At::Commit, Deed::CutBefore);
        let first = desk.post("k", hand_out("TENT", 5)).await;
        wire.door(Door::Open);
        assert!(matches!(first, Err(Failure::OutcomeUnknown)), "{first:?}");
        assert_eq!(desk.book.snapshot().head.seq, 1);
        assert_eq!(desk.read().await.head.seq, 1);
        // Another process goes on from the same place.
        let other = Desk::open(&database.url);
        let theirs = other.booked("theirs", hand_out("TENT", 1)).await;
        let position = desk.read().await;
        assert_eq!((position.head.seq, position.head.hash), (2, theirs.hash));
        let refused = desk.refused("k", hand_out("TENT", 5)).await;
        assert_eq!((&refused["have"], &refused["need"]), (&4.into(), &5.into()));
        other.book.close();
    });
    desk.book.close();
    assert_sound(&database.url);
}

#[test]
fn a_session_ended_at_its_commit_leaves_nothing_behind() {
    let Some((database, _wire, desk)) = desk() else {
        return;
    };
    run(
        &database.url,
        "CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER falls AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION fall();",
    );
    block_on(async {
        for _ in 0..3 {
            let failed = desk.post("k", hand_out("TENT", 5)).await;
            assert!(matches!(failed, Err(Failure::OutcomeUnknown)), "{failed:?}");
            assert_eq!(count(&database), 1);
        }
        run(&database.url, "DROP TRIGGER falls ON entry");
        desk.booked("k", hand_out("TENT", 5)).await;
    });
    desk.book.close();
    assert_sound(&database.url);
}

#[test]
fn sessions_ended_between_writes_are_not_noticed() {
    let Some((database, _wire, desk)) = desk() else {
        return;
    };
    block_on(async {
        for n in 1..=5_i64 {
            run(
                &database.url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            );
            let booked = desk.booked(&format!("k{n}"), hand_out("TENT", 1)).await;
            assert_eq!(booked.seq, n + 1);
            assert_eq!(desk.read().await.head.seq, n + 1);
        }
    });
    desk.book.close();
    assert_sound(&database.url);
}
