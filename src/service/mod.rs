//! The first floor: use-cases; authorise, load, ask the domain, store.
//!
//! Lives here: what the service does, one room per noun. Does not live here: rules, statements or
//! the wire. Invariant: nothing is decided here that the domain could decide.

pub mod flat;
pub mod seed;
