//! The disk's pace: what one synchronous write costs here and now.
//!
//! What is printed beside it is the caller's business. Invariant: a file of its own, in the folder
//! for temporary files.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The middle of a hundred `fdatasync` calls of 4 KiB each.
pub fn fdatasync() -> Duration {
    let folder = TempDir::new().expect("a folder");
    let mut file = File::create(folder.path().join("probe")).expect("a file");
    let mut times: Vec<Duration> = (0..100)
        .map(|_| {
            file.write_all(&[7; 4_096]).expect("a write");
            let began = Instant::now();
            file.sync_data().expect("a sync");
            began.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
