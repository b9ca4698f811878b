//! The cellar: the only SQL, on SQLite and PostgreSQL.
//!
//! Lives here: connections, statements and rows, one room per table family. Does not live here: any
//! rule about stock. Invariant: a write holds the head row from its first statement on.

pub mod connection;
pub mod dialect;
pub mod fault;
mod file;
pub mod migrate;
pub mod pulse;
mod rows;
mod schema;
pub mod standby;

pub mod append;
pub mod audit;
pub mod backup;
pub mod head;
pub mod ledger;
pub mod movements;
pub mod receipts;
pub mod reference;
pub mod settings;
pub mod stock;
pub mod tracing;
