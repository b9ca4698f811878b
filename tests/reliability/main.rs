//! What is left when processes die, and who wins when several race.
//!
//! What each test proves and how to run it to its full count is in `README.md` beside this file.
//! Broken connections under one Book are in `tests/store`. Invariant: what was acknowledged is in
//! the book exactly once, with that content, and `verify` passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a test that fails says so by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod backups;
mod bank;
mod crowd;
mod disk;
mod failover;
mod faults;
mod flood;
mod forgery;
mod image;
mod imports;
mod kills;
mod model;
mod outage;
mod overload;
mod points;
mod postmaster;
mod power;
mod processes;
mod proxy;
mod races;
mod restored;
mod storage;
mod sweep;
mod syncs;
mod tally;
mod tampering;
mod trader;
mod turn;
