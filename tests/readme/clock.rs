//! A clock of README's day for the program: `clock.c`, preloaded.
//!
//! What is in force, due or past its date depends on today. Invariant: a process that has this
//! environment starts at the same minute, whenever the test runs.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::preload;

/// A quarter to eleven of 2026-11-22 in Shanghai, in seconds since 1970.
const THEN: u64 = 1_795_315_500;

/// What a process is told so that its clock is of that day; nothing where no library can be
/// preloaded.
pub fn environment(folder: &Path) -> Option<Vec<(String, String)>> {
    let library = preload::compile("tests/readme/clock.c", &folder.join("clock.so"))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let shift = i128::from(THEN) - i128::from(now);
    Some(vec![
        ("LD_PRELOAD".to_string(), library),
        ("CHANGPING_CLOCK_SHIFT_S".to_string(), shift.to_string()),
    ])
}
