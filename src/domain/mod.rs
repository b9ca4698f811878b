//! The rules of emergency stock: pure functions over plain values.
//!
//! Lives here: everything the service knows about places, goods, quantities and time limits.
//! Does not live here: I/O, clocks, randomness, serialisation, SQL, HTTP. Invariant: integers only;
//! floats stay inside `travel` and leave it as whole minutes.

pub mod calendar;
pub mod quantity;
pub mod refusal;
pub mod region;

pub mod catalogue;
pub mod depot;
pub mod lot;
pub mod quota;
pub mod quota_rule;

pub mod access;
pub mod closure;
pub mod event;
pub mod helibase;
pub mod procurement;
pub mod profile;
pub mod reference;
pub mod reopening;
pub mod reserve;
pub mod road;
pub mod route;
pub mod source;
pub mod travel;
pub mod unknown;
pub mod water;

pub mod movement;

pub mod chain;

pub mod balance;
pub mod line;
pub mod shelf;

pub mod index;
pub mod position;
pub mod posting;

pub mod stock;

pub mod account;
pub mod adoption;
pub mod gap;
pub mod mode_mix;
pub mod purchasing;
pub mod rotation;
pub mod summary;

pub mod allocation;
pub mod coverage;
pub mod scenario;

pub mod certainty;
pub mod custody;
pub mod donor;
pub mod explanation;

#[cfg(test)]
pub(crate) mod fixture;
