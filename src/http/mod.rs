//! Second floor: the REST surface.
//!
//! Lives here: paths, extractors, DTOs, problems, words in both languages. Does not live here: any
//! decision. Invariant: no driver text and no panic reaches the wire.

pub mod access;
pub mod answer;
pub mod check;
pub mod context;
pub mod etag;
pub mod extract;
pub mod forms;
pub mod limits;
pub mod page;
pub mod problem;
pub mod state;
pub mod strict;
pub mod table;
pub mod words;

pub mod coverage;
pub mod explanations;
pub mod gaps;
pub mod health;
pub mod me;
pub mod movements;
pub mod plans;
pub mod quota_rules;
pub mod reference;
pub mod reopenings;
pub mod reserves;
pub mod rotation;
pub mod scenarios;
pub mod stock;
pub mod summaries;

pub mod openapi;
pub mod routes;
pub mod server;
