//! The REST surface, asked over the wire of the real program on both engines.
//!
//! One module per room or rule; what happens when processes die is in `tests/reliability`.
//! Invariant: after every test the book passes `verify`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod access;
mod bodies;
mod closing;
mod closures;
mod codes;
mod contract;
mod donors;
mod doubts;
mod events;
mod explanations;
mod faults;
mod fleets;
mod flights;
mod held;
mod hidden;
mod imports;
mod keys;
mod limits;
mod lists;
mod matrices;
mod matrix_depots;
mod movements;
mod orders;
mod parameters;
mod plan_lines;
mod planning;
mod plans;
mod prices;
mod quota_rules;
mod reach;
mod reach_of_scope;
mod reference;
mod refusals;
mod registers;
mod repeats;
mod reserves;
mod rotation;
mod scenarios;
mod seeds;
mod sight;
mod sorties;
mod stage;
mod stock;
mod summaries;
mod territory;
mod totals;
mod waits;
mod water;
mod ways;
