//! Totals of a summary: what all rows come to, and a hash that a puller can check its copy by.
//!
//! Lives here: the sums and the canonical text. Does not live here: the rows (`summary`).
//! Invariant: equal rows in equal order have equal hashes, on both sides.

use std::fmt::Write;

use super::{Cell, Row};
use crate::domain::calendar::Instant;
use crate::domain::chain::{digest, hex};

/// What all rows come to, for reconciliation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    pub row_count: usize,
    /// The merge of all rows; `depot_count` counts a depot once for every row it is in.
    pub cell: Cell,
    /// Of [`canonical`], in lower-case hexadecimal digits.
    pub hash: String,
}

/// The totals of an answer's rows.
pub fn total(rows: &[Row]) -> Totals {
    let mut cell = Cell::default();
    for row in rows {
        cell.merge(&row.cell);
    }
    Totals { row_count: rows.len(), cell, hash: hex(&digest(canonical(rows).as_bytes())) }
}

/// The text under the hash, so that a puller can check its own copy: a line per row in the answer's
/// order, ended by a line feed, of these fields with a comma between: owner region, custody region
/// (12 digits each), code of the item or need or the word of the class, mode, depot count, on hand,
/// effective, reserved, quarantine, damaged, expired, overdue storage, in transit, on loan, quota,
/// gap, expiring in 30, 90, 180 and 365 days, earliest expiry (`YYYY-MM-DD` or `-`), last movement
/// (RFC 3339 in UTC or `-`).
pub fn canonical(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let Row { owner, custody, kind, mode, cell } = row;
        let (owner, custody, mode) = (owner.code, custody.code, mode.as_str());
        let _ = write!(text, "{owner},{custody},{},{mode}", kind.code());
        let quantities = std::iter::once(cell.depot_count)
            .chain(cell.figures.quantities())
            .chain([cell.quota, cell.gap])
            .chain(cell.expiring);
        for quantity in quantities {
            // Most are zero, and formatting is most of the work.
            if quantity == 0 {
                text.push_str(",0");
            } else {
                let _ = write!(text, ",{quantity}");
            }
        }
        let absent = || "-".to_string();
        let expiry = cell.figures.earliest_expiry;
        let moved = cell.figures.last_occurred_at;
        let expiry = expiry.map_or_else(absent, |day| day.to_string());
        let moved = moved.map_or_else(absent, Instant::rfc3339);
        let _ = writeln!(text, ",{expiry},{moved}");
    }
    text
}
