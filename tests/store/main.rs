//! The book below the REST surface: the schema, its refusals, `verify`, and several Books on one
//! database.
//!
//! What callers are told over HTTP is in `tests/http`. Invariant: forging goes past the service by
//! plain SQL, never through it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod amendments;
mod books;
mod commits;
mod ends;
mod forging;
mod pages;
mod plans;
mod pool;
mod schema;
mod sessions;
mod silence;
mod standby;
mod triggers;
mod upgrade;
mod verify;
