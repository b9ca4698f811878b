//! The ledger's rows: entries, lines, lots and balances.
//!
//! Lives here: appending a batch, following the book from a `seq`, loading the balances. Does not
//! live here: decisions and hashes. Invariant: ledger rows are inserted and read, nothing else.

use std::sync::Arc;

use diesel::prelude::*;

use crate::domain::calendar::Instant;
use crate::domain::lot::Lot;
use crate::domain::movement::{Account, Inside, Movement};

use super::dialect::{Db, insert_all, on_engine};
use super::fault::{Stored, corrupt};
use super::rows::{BalanceRow, EntryRow, LineRow, LotRow, with_lines};
use super::schema::{balance, entry, line, lot};

pub use super::rows::BalanceAfter;

/// Appends movements with their new lots, and sets the balances they touched. Within the
/// transaction that locked the head.
///
/// # Errors
/// Any fault; the transaction must then be rolled back.
pub fn append(
    db: &mut Db,
    movements: &[Movement],
    new_lots: &[Arc<Lot>],
    balances: &[BalanceAfter],
) -> Stored<()> {
    let lots: Vec<LotRow> = new_lots.iter().map(|lot| LotRow::from(lot.as_ref())).collect();
    insert_all!(db, lot::table, &lots);
    let entries: Vec<EntryRow> = movements.iter().map(EntryRow::from).collect();
    insert_all!(db, entry::table, &entries);
    let lines: Vec<LineRow> = movements
        .iter()
        .flat_map(|movement| movement.lines.iter().map(|line| LineRow::new(movement, line)))
        .collect();
    insert_all!(db, line::table, &lines);
    set_balances(db, balances)
}

fn set_balances(db: &mut Db, balances: &[BalanceAfter]) -> Stored<()> {
    use diesel::upsert::excluded;
    let rows: Vec<BalanceRow> = balances.iter().map(BalanceRow::from).collect();
    let key = (balance::depot, balance::owner, balance::place, balance::condition, balance::lot_id);
    let values = (
        balance::quantity.eq(excluded(balance::quantity)),
        balance::last_occurred_at.eq(excluded(balance::last_occurred_at)),
    );
    match db {
        Db::Sqlite(conn) => {
            for row in &rows {
                diesel::insert_into(balance::table)
                    .values(row)
                    .on_conflict(key)
                    .do_update()
                    .set(values)
                    .execute(&mut **conn)?;
            }
        }
        Db::Postgres(conn) => {
            for chunk in rows.chunks(super::dialect::ROWS_PER_STATEMENT) {
                diesel::insert_into(balance::table)
                    .values(chunk)
                    .on_conflict(key)
                    .do_update()
                    .set(values)
                    .execute(&mut **conn)?;
            }
        }
    }
    Ok(())
}

/// The movements after `seq`, in order, at most `limit`.
///
/// # Errors
/// `Lost`, or `Corrupt` for rows that cannot be.
pub fn tail(db: &mut Db, after: i64, limit: i64) -> Stored<Vec<Movement>> {
    let query = entry::table.filter(entry::seq.gt(after)).order(entry::seq).limit(limit);
    let entries: Vec<EntryRow> =
        on_engine!(db, conn => query.select(EntryRow::as_select()).load(conn))?;
    with_lines(db, entries)
}

/// Lots after `id`, in order, at most `limit`.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn lots_after(db: &mut Db, id: i64, limit: i64) -> Stored<Vec<Arc<Lot>>> {
    let query = lot::table.filter(lot::id.gt(id)).order(lot::id).limit(limit);
    let rows: Vec<LotRow> = on_engine!(db, conn => query.select(LotRow::as_select()).load(conn))?;
    rows.into_iter().map(|row| row.into_domain().map(Arc::new)).collect()
}

/// All stored balances, depot by depot.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn balances(db: &mut Db, depot: &str) -> Stored<Vec<BalanceAfter>> {
    let query = balance::table.filter(balance::depot.eq(depot));
    let rows: Vec<BalanceRow> =
        on_engine!(db, conn => query.select(BalanceRow::as_select()).load(conn))?;
    rows.into_iter().map(BalanceRow::into_domain).collect()
}

/// The depots that have balances.
///
/// # Errors
/// `Lost` and the like.
pub fn depots_with_balances(db: &mut Db) -> Stored<Vec<String>> {
    let query = balance::table.select(balance::depot).distinct().order(balance::depot);
    Ok(on_engine!(db, conn => query.load(conn))?)
}

/// The hash of entry `seq`; `None` where the book does not reach it.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn hash_at(db: &mut Db, seq: i64) -> Stored<Option<[u8; 32]>> {
    let query = entry::table.find(seq).select(entry::hash);
    let stored: Option<Vec<u8>> = on_engine!(db, conn => query.first(conn).optional())?;
    let Some(bytes) = stored else { return Ok(None) };
    let hash = <[u8; 32]>::try_from(bytes).map_err(|_| corrupt("hash of entry", seq))?;
    Ok(Some(hash))
}

/// One line's effect on one inside account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub account: Inside,
    pub lot_id: i64,
    pub seq: i64,
    pub at: Instant,
    pub delta: i64,
}

fn changes(rows: Vec<LineRow>) -> Stored<Vec<Change>> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (seq, lot_id, at) = (row.seq, row.lot_id, Instant(row.occurred_at));
        let quantity = row.quantity;
        let (from, to) = row.accounts()?;
        for (account, delta) in [(from, -quantity), (to, quantity)] {
            if let Account::Inside(account) = account {
                found.push(Change { account, lot_id, seq, at, delta });
            }
        }
    }
    Ok(found)
}

/// What happened to these lots after `since`, for back-dated lines.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn changes_of_lots(db: &mut Db, lot_ids: &[i64], since: Instant) -> Stored<Vec<Change>> {
    let mut found = Vec::new();
    for chunk in lot_ids.chunks(super::dialect::ROWS_PER_STATEMENT) {
        let query = line::table
            .filter(line::lot_id.eq_any(chunk.to_vec()))
            .filter(line::occurred_at.gt(since.0));
        let rows: Vec<LineRow> =
            on_engine!(db, conn => query.select(LineRow::as_select()).load(conn))?;
        found.extend(changes(rows)?);
    }
    Ok(found)
}

/// What was booked up to `seq` and occurred at or after `occurred_from`, or was booked after
/// `known_at`: what an earlier picture of the stock must take back.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn changes_to_take_back(
    db: &mut Db,
    seq: i64,
    occurred_from: Option<Instant>,
    known_at: Option<i64>,
) -> Stored<Vec<Change>> {
    let mut rows: Vec<LineRow> = Vec::new();
    let known = known_at.unwrap_or(seq).min(seq);
    if let Some(from) = occurred_from {
        let query = line::table.filter(line::seq.le(known)).filter(line::occurred_at.ge(from.0));
        rows.extend(on_engine!(db, conn => query.select(LineRow::as_select()).load(conn))?);
    }
    let later = line::table.filter(line::seq.gt(known)).filter(line::seq.le(seq));
    rows.extend(on_engine!(db, conn => later.select(LineRow::as_select()).load(conn))?);
    changes(rows)
}
