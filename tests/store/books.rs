//! Several Books on one database: each reads what the others were promised.
//!
//! Races for the last unit are in `tests/reliability`. Invariant: Books share nothing but the
//! database.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use changping::domain::calendar::add_days;
use changping::domain::chain::hex;
use changping::domain::index::Index;
use changping::domain::position::Position;
use changping::service::book::{Book, now};
use changping::service::failure::Failure;

use crate::forging::restore;
use crate::support::desk::{Desk, assert_sound, balances, receive};
use crate::support::world::{address, block_on, settle};
use crate::support::{Database, on_both};

#[test]
fn a_second_book_sees_what_the_first_acknowledged() {
    on_both(|database| {
        settle(&database.url);
        let books = [Desk::open(&database.url), Desk::open(&database.url)];
        block_on(async {
            for n in 1..=40_i64 {
                let (writer, reader) = if n % 2 == 0 { (0, 1) } else { (1, 0) };
                let movement = books[writer].booked(&format!("k{n}"), receive("TENT", 1)).await;
                let reading = books[reader].book.read().await.unwrap();
                assert!(reading.stale_since.is_none());
                assert_eq!(reading.position.head.seq, n);
                assert_eq!(reading.position.head.hash, movement.hash);
            }
            let positions = [books[0].read().await, books[1].read().await];
            assert_eq!(balances(&positions[0]), balances(&positions[1]));
        });
        for desk in books {
            desk.book.close();
        }
    });
}

#[test]
fn a_read_after_midnight_has_the_index_weighed_for_the_new_day() {
    on_both(|database| {
        settle(&database.url);
        let ahead = Arc::new(AtomicI64::new(0));
        let days = Arc::clone(&ahead);
        let calendar = move || add_days(now().shanghai_date(), days.load(Ordering::Relaxed));
        let book = Book::open_by(&address(&database.url), Arc::new(calendar.clone())).unwrap();
        let day = |book: &Book| book.snapshot().index().map(Index::day);
        // Nothing is written: it is the read that wakes the committer, and only it.
        for days in 0..3 {
            ahead.store(days, Ordering::Relaxed);
            block_on(book.read()).unwrap();
            let patience = Instant::now() + Duration::from_secs(20);
            while day(&book) != Some(calendar()) && Instant::now() < patience {
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(day(&book), Some(calendar()));
            assert!(book.snapshot().index_agrees());
        }
        book.close();
    });
}

#[test]
fn reference_data_reach_every_book() {
    on_both(|database| {
        settle(&database.url);
        let books = [Desk::open(&database.url), Desk::open(&database.url)];
        block_on(async {
            let revision = books[0].close_depot_b().await;
            let position = books[1].read().await;
            assert_eq!(position.head.reference_rev, revision);
            let refused = books[1].refused("k", receive_at_b()).await;
            assert_eq!(refused["code"], "depot_closed");
        });
        for desk in books {
            desk.book.close();
        }
    });
}

fn receive_at_b() -> changping::domain::movement::Draft {
    let mut draft = receive("TENT", 1);
    draft.lines[0].to = Some(crate::support::world::code(crate::support::world::DEPOT_B));
    draft
}

#[test]
fn a_loaded_position_is_the_followed_one() {
    on_both(|database| {
        settle(&database.url);
        let first = Desk::open(&database.url);
        let followed = block_on(async {
            for n in 1..=20 {
                first.booked(&format!("k{n}"), receive("QUILT", n)).await;
            }
            first.read().await
        });
        first.book.close();
        let second = Book::open(&address(&database.url)).unwrap();
        let loaded = second.snapshot();
        assert_eq!(loaded.head, followed.head);
        assert_eq!(loaded.lot_count(), followed.lot_count());
        assert_eq!(balances(&loaded), balances(&followed));
        second.close();
    });
}

/// A copy of a SQLite database, made while nobody writes.
fn copy(from: &str, to: &Path) {
    let from = from.trim_start_matches("sqlite://");
    for end in ["", "-wal", "-shm"] {
        let (source, target) = (format!("{from}{end}"), format!("{}{end}", to.display()));
        if Path::new(&source).exists() {
            fs::copy(source, target).unwrap();
        }
    }
}

fn head(position: &Position) -> (i64, String) {
    (position.head.seq, hex(&position.head.hash))
}

/// An administrator puts an older backup back under a running service: rows, not files, as a
/// running process keeps its file open.
#[test]
fn a_book_that_went_back_is_loaded_anew() {
    let database = Database::sqlite();
    settle(&database.url);
    let desk = Desk::open(&database.url);
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.db");
    block_on(async {
        desk.booked("k1", receive("TENT", 5)).await;
        copy(&database.url, &backup);
        for n in 2..=4 {
            desk.booked(&format!("k{n}"), receive("TENT", 5)).await;
        }
    });
    restore(&database.url, &backup);
    block_on(async {
        let booked = desk.booked("other", receive("TENT", 7)).await;
        assert_eq!(booked.seq, 2, "the book was not loaded anew");
        let position = desk.read().await;
        assert_eq!(head(&position), (2, hex(&booked.hash)));
        assert_eq!(balances(&position).values().sum::<i64>(), 12);
        // What the lost entries were asked under may be asked again: they are gone.
        desk.booked("k2", receive("TENT", 5)).await;
    });
    desk.book.close();
    assert_sound(&database.url);
}

#[test]
fn a_reader_notices_a_book_that_went_back() {
    let database = Database::sqlite();
    settle(&database.url);
    let desk = Desk::open(&database.url);
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.db");
    block_on(async {
        let first = desk.booked("k1", receive("TENT", 5)).await;
        copy(&database.url, &backup);
        desk.booked("k2", receive("TENT", 5)).await;
        restore(&database.url, &backup);
        let position = desk.read().await;
        assert_eq!(head(&position), (1, hex(&first.hash)), "a read shows what is no longer there");
    });
    desk.book.close();
}

/// After the restore another process writes on: as far as the first had been, and farther.
#[test]
fn a_book_that_others_carried_on_from_an_older_copy_is_loaded_anew() {
    for farther in [1, 2] {
        let database = Database::sqlite();
        settle(&database.url);
        let desk = Desk::open(&database.url);
        let folder = tempfile::tempdir().unwrap();
        let backup = folder.path().join("backup.db");
        block_on(async {
            desk.booked("k1", receive("TENT", 5)).await;
            copy(&database.url, &backup);
            desk.booked("k2", receive("TENT", 5)).await;
            restore(&database.url, &backup);
            let other = Desk::open(&database.url);
            for n in 0..farther {
                other.booked(&format!("o{n}"), receive("TENT", 100)).await;
            }
            let (ours, theirs) = (desk.read().await, other.read().await);
            assert_eq!(head(&ours), head(&theirs));
            assert_eq!(balances(&ours), balances(&theirs));
            other.book.close();
        });
        desk.book.close();
        assert_sound(&database.url);
    }
}

/// Keeps the head locked for as long as it lives, from a session of its own.
fn lock_the_head(database: &Database) -> changping::store::dialect::Db {
    let mut db = address(&database.url).connect().unwrap();
    changping::store::head::lock(&mut db).unwrap();
    db
}

/// More than one batch and a full queue.
const TOO_MANY: i64 = 4_000;

#[test]
fn more_than_can_wait_is_turned_away_and_the_rest_is_booked() {
    on_both(|database| {
        settle(&database.url);
        let desk = Arc::new(Desk::open(&database.url));
        let mut other = lock_the_head(database);
        let (booked, turned_away) = block_on(async {
            let mut waiting = tokio::task::JoinSet::new();
            for n in 0..TOO_MANY {
                let desk = Arc::clone(&desk);
                waiting.spawn(async move { desk.post(&format!("k{n}"), receive("TENT", 1)).await });
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            other.rollback();
            let (mut booked, mut turned_away) = (0, 0);
            while let Some(outcome) = waiting.join_next().await {
                match outcome.unwrap() {
                    Ok(_) => booked += 1,
                    Err(Failure::Overloaded) => turned_away += 1,
                    Err(other) => panic!("{other:?}"),
                }
            }
            (booked, turned_away)
        });
        assert_eq!(booked + turned_away, TOO_MANY);
        assert!(booked >= 1_024 && turned_away > 0, "{booked} booked, {turned_away} not");
        assert_eq!(desk.book.snapshot().head.seq, booked);
        desk.book.close();
        assert_sound(&database.url);
    });
}

#[test]
fn a_computation_past_its_budget_is_given_up_and_one_in_line_is_never_begun() {
    let database = Database::sqlite();
    settle(&database.url);
    let desk = Arc::new(Desk::open(&database.url));
    let begun = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let cores = std::thread::available_parallelism().unwrap().get();
    block_on(async {
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..cores * 10 {
            let (desk, begun) = (Arc::clone(&desk), Arc::clone(&begun));
            waiting.spawn(async move {
                let work = move || {
                    begun.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(500));
                };
                desk.book.compute_within(Duration::from_millis(100), work).await
            });
        }
        while let Some(outcome) = waiting.join_next().await {
            assert_eq!(outcome.unwrap(), Err(Failure::Overloaded));
        }
        assert_eq!(desk.book.compute(|| 7).await, Ok(7), "the pool goes on");
    });
    assert_eq!(begun.load(std::sync::atomic::Ordering::SeqCst), cores);
    desk.book.close();
}
