//! What several integration tests stand on: a private PostgreSQL cluster, a fresh database on each
//! engine, a small world in it, the program serving it, a client that asks.
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
    clippy::indexing_slicing,
    reason = "each test binary uses its own part; support fails by panicking, as tests do"
)]

pub mod client;
pub mod cluster;
pub mod desk;
pub mod engines;
pub mod forms;
pub mod pace;
pub mod pair;
pub mod preload;
pub mod raw;
pub mod records;
pub mod server;
pub mod sql;
pub mod wire;
pub mod world;

pub use client::{Client, Reply};
pub use cluster::{Cluster, Durability, cluster};
pub use engines::{Database, Engine, engines, on_both};
pub use server::{Server, changping, changping_under};
pub use wire::Wire;
