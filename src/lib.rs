//! Changping: what lies where in a tiered emergency reserve, what is missing, who is reached in
//! time.
//!
//! Modules in dependency order; an arrow not named in ARCHITECTURE.md is refused by a test.

/// Ground floor: the rules, pure.
pub mod domain;
/// Cellar: the only SQL.
pub mod store;

/// First floor: use-cases.
pub mod service;

/// Second floor: the wire.
pub mod http;
