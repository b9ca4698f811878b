//! Totals of a summary: what all rows come to, and a hash that a puller can check its copy by.
//!
//! Lives here: the sums and the canonical text. Does not live here: the rows (`summary`).
//! Invariant: equal rows in equal order have equal hashes, on both sides.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{Cell, Row};
use crate::domain::calendar::{push_date, push_padded};
use crate::domain::chain::{Hash, hex};

/// What all rows come to, for reconciliation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    pub row_count: usize,
    /// The merge of all rows; `depot_count` counts a depot once for every row it is in.
    pub cell: Cell,
    /// Of [`canonical`], in lower-case hexadecimal digits.
    pub hash: String,
}

/// Bytes that a line has at most, as a rule.
const LINE: usize = 192;
/// Rows whose text is made at a time.
const PORTION: usize = 1_024;

/// The totals of an answer's rows. Their text is made on as many threads as there are, and hashed
/// in its order.
pub fn total(rows: &[Row<'_>]) -> Totals {
    let portions = rows.par_chunks(PORTION).map(|rows| {
        let mut sum = Cell::default();
        rows.iter().for_each(|row| sum.merge(row.cell));
        (sum, canonical(rows))
    });
    let portions: Vec<(Cell, String)> = portions.collect();
    let (mut cell, mut hash) = (Cell::default(), Sha256::new());
    for (sum, text) in &portions {
        cell.merge(sum);
        hash.update(text);
    }
    let hash: Hash = hash.finalize().into();
    Totals { row_count: rows.len(), cell, hash: hex(&hash) }
}

/// The text under the hash, so that a puller can check its own copy: a line per row in the answer's
/// order, ended by a line feed, of these fields with a comma between: owner region, custody region
/// (12 digits each), code of the item or need or the word of the class, mode, depot count, on hand,
/// effective, reserved, quarantine, damaged, expired, overdue storage, in transit, on loan, quota,
/// gap, expiring in 30, 90, 180 and 365 days, earliest expiry (`YYYY-MM-DD` or `-`), last movement
/// (RFC 3339 in UTC or `-`).
pub fn canonical(rows: &[Row<'_>]) -> String {
    let mut text = String::with_capacity(rows.len().saturating_mul(LINE));
    for of_place in runs(rows) {
        let place = place(of_place);
        of_place.iter().for_each(|row| push_row(&mut text, &place, row));
    }
    text
}

/// Rows of one owner and custody, which follow each other.
fn runs<'r, 'a>(rows: &'r [Row<'a>]) -> impl Iterator<Item = &'r [Row<'a>]> {
    let same =
        |a: &Row<'_>, b: &Row<'_>| a.owner.code == b.owner.code && a.custody.code == b.custody.code;
    rows.chunk_by(same)
}

/// The fields that such rows begin with.
fn place(rows: &[Row<'_>]) -> String {
    let text = |row: &Row<'_>| format!("{},{},", row.owner.code, row.custody.code);
    rows.first().map(text).unwrap_or_default()
}

fn push_row(text: &mut String, place: &str, row: &Row<'_>) {
    let cell = row.cell;
    for part in [place, row.kind.code(), ",", row.mode.as_str()] {
        text.push_str(part);
    }
    let quantities = std::iter::once(cell.depot_count)
        .chain(cell.figures.quantities())
        .chain([cell.quota, cell.gap])
        .chain(cell.expiring);
    for quantity in quantities {
        text.push(',');
        push_padded(text, quantity, 0);
    }
    text.push(',');
    match cell.figures.earliest_expiry {
        Some(day) => push_date(text, day),
        None => text.push('-'),
    }
    text.push(',');
    match cell.figures.last_occurred_at {
        Some(at) => at.push_rfc3339(text),
        None => text.push('-'),
    }
    text.push('\n');
}
