//! First floor: the use-cases. Authorise, load, ask the domain, store.
//!
//! Lives here: the book (database and Position together) and one room per noun. Does not live here:
//! HTTP, and any rule about stock. Invariant: nothing is answered before it is on disk.

pub mod book;
pub mod events;
pub mod failure;
pub mod flat;

pub mod access;
pub mod answers;
pub mod closures;
pub mod explanations;
pub mod imports;
pub mod movements;
pub mod plans;
pub mod planting;
pub mod quota_rules;
pub mod reference;
pub mod seed;
pub mod verify;
