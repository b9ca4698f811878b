//! SQLite's log while a Book is open on it.
//!
//! What survives a power cut is in `tests/reliability`. Invariant: nothing here asks for the log to
//! be brought into the file; the Book does.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::{Duration, Instant};

use changping::store::write_ahead::measure;

use crate::support::Database;
use crate::support::desk::{Desk, assert_sound, receive};
use crate::support::world::{address, block_on, settle};

/// Pages of 2 KiB in a log of one MiB.
const LIMIT: i64 = 512;

#[test]
fn a_long_log_is_brought_in_beside_the_writer_and_none_is_left_behind() {
    let database = Database::sqlite();
    settle(&database.url);
    let url = address(&database.url).with_log_of(NonZeroU32::new(1));
    let mut other = url.connect().unwrap();
    let desk = Desk::open_at(&url);
    let long = (0..LIMIT).find(|n| {
        block_on(desk.booked(&format!("k{n}"), receive("TENT", 1)));
        measure(&mut other).unwrap().pages >= LIMIT / 4 * 3
    });
    assert!(long.is_some());
    assert!(measure(&mut other).unwrap().pages < LIMIT, "not the writer's turn yet");
    // The writer rests, so that it is not the writer who does it.
    let deadline = Instant::now() + Duration::from_secs(20);
    while measure(&mut other).unwrap().waiting() > 0 {
        assert!(Instant::now() < deadline, "nobody brings it in: {:?}", measure(&mut other));
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(other);
    desk.book.close();
    let path = database.url.strip_prefix("sqlite://").unwrap();
    assert!(!Path::new(&format!("{path}-wal")).exists(), "the committer's connection was the last");
    assert_sound(&database.url);
}
