//! What several integration tests stand on: a private PostgreSQL cluster, a fresh database on each
//! engine.
//!
//! Included with `mod support;`, so each test binary gets its own copy and its own cluster. What
//! the service does is not tested here. Invariant: no server outlives the test process, however it
//! ends.

#![allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "each test binary uses its own part; support fails by panicking, as tests do"
)]

pub mod cluster;
pub mod engines;

pub use cluster::{Cluster, Durability, cluster};
pub use engines::{Database, Engine, engines, on_both};
