//! Explanations over HTTP: a gap or a balance opened into what it comes from.
//!
//! Lives here: `/v1/gaps/explanation` and `/v1/rotation/balance/explanation`. Does not live here:
//! the parts (`domain::explanation`) and the sentences (`words`). Invariant: `limit` cuts lists,
//! never counts and sums.

pub mod balance;
pub mod gap;
mod parts;

/// Entries of each list where the request names no limit.
const DEFAULT_LIMIT: usize = 100;
