//! Writers that decide before they lock: whatever somebody else has written meanwhile is noticed.
//!
//! Many processes under load are in `tests/reliability/processes.rs`. Invariant: a batch is written
//! at the end it was decided at, or decided again.

use std::sync::Arc;
use std::time::Duration;

use changping::domain::catalogue::Pack;
use changping::domain::movement::Movement;
use changping::domain::reference::Record;
use changping::service::book::{Outcome, plain_amendment};
use changping::service::failure::Failure;
use changping::store::append::{Batch, NewEntry, append, append_at_once};
use changping::store::dialect::Db;
use changping::store::fault::StoreFault;
use changping::store::head::{End, end, lock};

use crate::support::desk::{Desk, assert_sound, balances, hand_out, receive};
use crate::support::sql::{number, run};
use crate::support::world::{address, block_on, records, settle};
use crate::support::{Database, on_both};

#[test]
fn what_another_process_has_booked_is_not_sold_again() {
    on_both(|database| {
        settle(&database.url);
        let (ours, theirs) = (Desk::open(&database.url), Desk::open(&database.url));
        block_on(async {
            ours.booked("stock", receive("TENT", 5)).await;
            for turn in 0..3 {
                // Each in turn is behind the other without knowing.
                let (first, second) =
                    if turn % 2 == 0 { (&theirs, &ours) } else { (&ours, &theirs) };
                first.booked(&format!("a{turn}"), hand_out("TENT", 5)).await;
                let refused = second.refused(&format!("b{turn}"), hand_out("TENT", 1)).await;
                assert_eq!(refused["have"], 0);
                second.booked(&format!("c{turn}"), receive("TENT", 5)).await;
            }
            assert_eq!(balances(&*ours.read().await), balances(&*theirs.read().await));
        });
        ours.book.close();
        theirs.book.close();
        assert_sound(&database.url);
    });
}

#[test]
fn a_key_that_another_process_has_answered_is_known() {
    on_both(|database| {
        settle(&database.url);
        let (ours, theirs) = (Desk::open(&database.url), Desk::open(&database.url));
        block_on(async {
            ours.booked("stock", receive("TENT", 5)).await;
            // A refusal takes no number: only the count of kept answers tells of it.
            theirs.refused("refused", hand_out("TENT", 9)).await;
            let reused = ours.post("refused", hand_out("TENT", 1)).await;
            assert!(matches!(reused, Err(Failure::KeyReused { .. })), "{reused:?}");
            let again = ours.post("refused", hand_out("TENT", 9)).await;
            assert!(matches!(again, Ok(Outcome::Refused { replayed: true, .. })), "{again:?}");
            let first = theirs.booked("booked", hand_out("TENT", 1)).await;
            let again = ours.booked("booked", hand_out("TENT", 1)).await;
            assert_eq!(again.seq, first.seq);
        });
        // What was answered before a start is known after it.
        ours.book.close();
        let ours = Desk::open(&database.url);
        block_on(async {
            for key in ["booked", "stock", "refused"] {
                let reused = ours.post(key, hand_out("TENT", 2)).await;
                assert!(matches!(reused, Err(Failure::KeyReused { .. })), "{key}: {reused:?}");
            }
        });
        ours.book.close();
        theirs.book.close();
        assert_eq!(number(&database.url, "SELECT kept FROM head"), 1);
        assert_sound(&database.url);
    });
}

#[test]
fn what_another_process_has_changed_counts_where_nothing_is_written() {
    on_both(|database| {
        settle(&database.url);
        let (ours, theirs) = (Desk::open(&database.url), Desk::open(&database.url));
        let mut pallets = receive("TENT", 1);
        pallets.lines[0].unit = Some("托盘".to_string());
        let amended = records().into_iter().filter_map(|record| match record {
            Record::Item(mut item) if item.code.as_str() == "TENT" => {
                item.packs.push(Pack { unit: "托盘".to_string(), factor: 48 });
                Some(Record::Item(item))
            }
            _ => None,
        });
        let amended: Vec<Record> = amended.collect();
        block_on(async {
            ours.booked("stock", receive("TENT", 5)).await;
            let unknown = ours.post("k", pallets.clone()).await;
            assert!(matches!(unknown, Err(Failure::Invalid(_))), "{unknown:?}");
            theirs.book.amend(plain_amendment(amended)).await.unwrap();
            assert_eq!(ours.booked("another", pallets).await.lines[0].quantity, 48);
        });
        ours.book.close();
        theirs.book.close();
        assert_sound(&database.url);
    });
}

/// The last movement once more, under the next number.
fn next(movement: &Movement) -> NewEntry {
    let mut movement = movement.clone();
    movement.seq += 1;
    movement.id = uuid::Uuid::now_v7();
    NewEntry { movement: Arc::new(movement), key: "next".to_string(), request_hash: [7; 32] }
}

fn batch<'a>(entries: &'a [NewEntry], from: &'a End, to: &'a End) -> Batch<'a> {
    let (new_lots, balances, kept) = Default::default();
    Batch { entries, new_lots, balances, kept, from, to }
}

#[test]
fn a_batch_is_appended_at_the_end_it_was_decided_at_or_not_at_all() {
    let Some(database) = Database::postgres() else { return };
    settle(&database.url);
    let desk = Desk::open(&database.url);
    let booked = block_on(desk.booked("stock", receive("TENT", 5)));
    desk.book.close();
    let mut db = address(&database.url).connect_writer().unwrap();
    let from = end(&mut db).unwrap();
    let mut to = from;
    to.head.seq += 1;
    let entries = [next(&booked)];
    let [mut seq, mut hash, mut reference_rev, mut kept] = [from; 4];
    seq.head.seq -= 1;
    hash.head.hash = [0; 32];
    reference_rev.head.reference_rev -= 1;
    kept.kept += 1;
    let stale = [("seq", seq), ("hash", hash), ("reference_rev", reference_rev), ("kept", kept)];
    let at_once = |db: &mut Db, from: &End| {
        let Db::Postgres(conn) = db else { panic!("PostgreSQL") };
        append_at_once(conn, batch(&entries, from, &to))
    };
    for (what, other) in stale {
        assert_eq!(at_once(&mut db, &other), Ok(false), "another {what}");
        lock(&mut db).unwrap();
        let locked = append(&mut db, batch(&entries, &other, &to));
        assert!(matches!(locked, Err(StoreFault::Corrupt(_))), "another {what}: {locked:?}");
        db.rollback();
        assert_eq!(end(&mut db).unwrap(), from, "another {what}");
    }
    assert_eq!(number(&database.url, "SELECT COUNT(*) FROM entry"), 1);
    assert_eq!(at_once(&mut db, &from), Ok(true));
    assert_eq!(end(&mut db).unwrap(), to);
    assert_eq!(number(&database.url, "SELECT COUNT(*) FROM entry"), 2);
}

#[test]
fn a_balance_that_is_gone_is_not_made_anew() {
    on_both(|database| {
        settle(&database.url);
        let desk = Desk::open(&database.url);
        block_on(async {
            desk.booked("stock", receive("TENT", 5)).await;
            run(&database.url, "DELETE FROM balance");
            let failed = desk.post("k", hand_out("TENT", 1)).await;
            assert!(matches!(failed, Err(Failure::Broken(_))), "{failed:?}");
        });
        assert_eq!(number(&database.url, "SELECT seq FROM head"), 1);
        desk.book.close();
    });
}

#[test]
fn what_was_planned_behind_a_write_that_failed_is_planned_again() {
    let Some(database) = Database::postgres() else { return };
    settle(&database.url);
    let desk = Desk::open(&database.url);
    run(
        &database.url,
        "CREATE FUNCTION fall() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_sleep(0.5); RAISE EXCEPTION 'it fell'; END $$;
         CREATE TRIGGER falls BEFORE INSERT ON entry FOR EACH ROW WHEN (NEW.key = 'falls')
         EXECUTE FUNCTION fall();",
    );
    block_on(async {
        let falls = desk.post("falls", receive("TENT", 5));
        let behind = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            desk.post("behind", hand_out("TENT", 5)).await
        };
        let (fell, refused) = tokio::join!(falls, behind);
        assert!(matches!(fell, Err(Failure::Broken(_))), "{fell:?}");
        assert!(matches!(refused, Ok(Outcome::Refused { .. })), "{refused:?}");
        assert_eq!(desk.booked("next", receive("TENT", 5)).await.seq, 1);
    });
    desk.book.close();
    assert_sound(&database.url);
}
