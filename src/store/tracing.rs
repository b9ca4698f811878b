//! Following goods through the book: what came under an order number, and where it went.
//!
//! Lives here: two look-ups by index. Does not live here: what lies where now (the Position).
//! Invariant: results are in the order of the book.

use diesel::prelude::*;

use crate::domain::movement::{Movement, Outside};

use super::dialect::{Db, on_engine};
use super::fault::Stored;
use super::rows::{EntryRow, with_lines};
use super::schema::{entry, line};

/// The movements that carry an order number.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn by_order(db: &mut Db, order_no: &str) -> Stored<Vec<Movement>> {
    let query = entry::table.filter(entry::order_no.eq(order_no)).order(entry::seq);
    let entries: Vec<EntryRow> =
        on_engine!(db, conn => query.select(EntryRow::as_select()).load(conn))?;
    with_lines(db, entries)
}

/// The movements by which these lots left these depots for good: used up, or lost.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn left_for_good(
    db: &mut Db,
    depots: &[String],
    lots: &[i64],
    limit: i64,
) -> Stored<Vec<Movement>> {
    let outside = [Outside::Consumed.as_str(), Outside::Loss.as_str()];
    let seqs = line::table
        .filter(line::from_depot.eq_any(depots.to_vec()))
        .filter(line::lot_id.eq_any(lots.to_vec()))
        .filter(line::to_place.eq_any(outside))
        .select(line::seq)
        .distinct()
        .order(line::seq)
        .limit(limit);
    let seqs: Vec<i64> = on_engine!(db, conn => seqs.load(conn))?;
    let query = entry::table.filter(entry::seq.eq_any(seqs)).order(entry::seq);
    let entries: Vec<EntryRow> =
        on_engine!(db, conn => query.select(EntryRow::as_select()).load(conn))?;
    with_lines(db, entries)
}
