//! The readers' pool: connections that were lost never come back to serve stale answers.
//!
//! What a commit does without its connection is in `commits`. Invariant: once the server answers
//! again, so do reads, at once.

use std::time::Duration;

use changping::store::dialect::Db;
use changping::store::fault::{StoreFault, Stored};
use changping::store::settings;

use crate::support::Database;
use crate::support::desk::{Desk, assert_sound, hand_out, receive};
use crate::support::sql::run;
use crate::support::world::{block_on, settle};

/// How many readers are open at once.
const READERS: usize = 6;

#[test]
fn sessions_ended_while_they_idle_are_replaced_at_once() {
    let Some(database) = Database::postgres() else { return };
    settle(&database.url);
    let desk = Desk::open(&database.url);
    block_on(async {
        desk.booked("stock", receive("TENT", 50)).await;
        for round in 0..5_i64 {
            // Connections that have never asked for the head: a dead one fails at its first
            // preparation, which the driver does not count as broken.
            let mut open = tokio::task::JoinSet::new();
            for _ in 0..READERS {
                let book = desk.book.clone();
                open.spawn(async move {
                    let slow = |db: &mut Db| {
                        std::thread::sleep(Duration::from_millis(50));
                        settings::read(db, "demo_date")
                    };
                    book.on_reader(slow).await
                });
            }
            while let Some(done) = open.join_next().await {
                done.unwrap().unwrap();
            }
            run(
                &database.url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            );
            for _ in 0..READERS {
                assert_eq!(desk.read().await.head.seq, round + 1);
            }
            desk.booked(&format!("k{round}"), hand_out("TENT", 1)).await;
        }
    });
    desk.book.close();
    assert_sound(&database.url);
}

#[test]
fn a_question_that_grows_with_the_book_may_take_longer() {
    fn slow(db: &mut Db) -> Stored<Option<String>> {
        std::thread::sleep(Duration::from_millis(3_300));
        settings::read(db, "demo_date")
    }
    let database = Database::sqlite();
    settle(&database.url);
    let book = Desk::open(&database.url).book;
    let (given_up, patient) =
        block_on(async { tokio::join!(book.on_reader(slow), book.on_patient_reader(slow)) });
    assert!(matches!(given_up, Err(StoreFault::Lost(_))), "{given_up:?}");
    assert!(patient.is_ok(), "{patient:?}");
    book.close();
}
