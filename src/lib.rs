//! Changping: what lies where in a tiered emergency reserve, what is missing, who is reached in
//! time.
//!
//! Modules in dependency order; an arrow not named in ARCHITECTURE.md is refused by a test.

/// Ground floor: the rules, pure.
pub mod domain;

/// Every flag, environment variable and default.
pub mod config;
/// Logs and metrics.
pub mod telemetry;

/// Cellar: the only SQL.
pub mod store;

/// First floor: the use-cases.
pub mod service;

/// Second floor: the REST surface.
pub mod http;

/// Front door: the command line.
pub mod cli;
