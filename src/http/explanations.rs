//! Explanations over HTTP: a gap, a balance or a plan's line opened into what it comes from.
//!
//! Lives here: `/v1/gaps/explanation`, `/v1/rotation/balance/explanation` and
//! `/v1/plans/{code}/lines/{line_no}/explanation`. Does not live here: the parts
//! (`domain::explanation`) and the sentences (`words`). Invariant: `limit` cuts lists, never counts
//! and sums.

pub mod balance;
pub mod gap;
mod parts;
pub mod purchase;

/// Entries of each list where the request names no limit.
const DEFAULT_LIMIT: usize = 100;
