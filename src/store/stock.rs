//! Loading the stock: all lots, all balances, in pieces that several connections can share.
//!
//! Lives here: where to cut, and one query a piece. Does not live here: the Position. Invariant:
//! the pieces together are everything, whatever the engine's order of texts.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use crate::domain::calendar::Instant;
use crate::domain::lot::Lot;
use crate::domain::position::StoredRun;

use super::dialect::{Db, on_engine};
use super::fault::{Stored, corrupt};
use super::rows::{self, LotRow, Words};
use super::schema::{depot, lot};

pub use super::rows::BalanceAfter;

/// The highest lot id; zero where there is none.
///
/// # Errors
/// `Lost` and the like.
pub fn last_lot(db: &mut Db) -> Stored<i64> {
    let query = lot::table.select(diesel::dsl::max(lot::id));
    let last: Option<i64> = on_engine!(db, conn => query.first(conn))?;
    Ok(last.unwrap_or(0))
}

/// The lots of ids `first` to `last`, in order.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn lots(db: &mut Db, first: i64, last: i64) -> Stored<Vec<Arc<Lot>>> {
    let query = lot::table.filter(lot::id.between(first, last)).order(lot::id);
    let rows: Vec<LotRow> = on_engine!(db, conn => query.select(LotRow::as_select()).load(conn))?;
    let mut words = Words::default();
    rows.into_iter().map(|row| row.into_domain(&mut words).map(Arc::new)).collect()
}

/// Every `step`-th depot code in the engine's own order: where the balances may be cut.
///
/// # Errors
/// `Lost` and the like.
pub fn cuts(db: &mut Db, step: usize) -> Stored<Vec<String>> {
    let query = depot::table.select(depot::code).order(depot::code);
    let codes: Vec<String> = on_engine!(db, conn => query.load(conn))?;
    Ok(codes.into_iter().step_by(step).skip(1).collect())
}

#[derive(QueryableByName)]
struct Arrays {
    #[diesel(sql_type = Text)]
    depot: String,
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    condition: String,
    #[diesel(sql_type = Array<BigInt>)]
    lots: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    quantities: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    instants: Vec<i64>,
}

#[derive(QueryableByName)]
struct Texts {
    #[diesel(sql_type = Text)]
    depot: String,
    #[diesel(sql_type = Text)]
    owner: String,
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    condition: String,
    /// `lot quantity instant`, separated by commas.
    #[diesel(sql_type = Text)]
    rows: String,
}

/// The balances of one piece of those that `cuts` make, account by account.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn balances(db: &mut Db, cuts: &[String], piece: usize) -> Stored<Vec<StoredRun>> {
    let text = |at: Option<usize>| at.and_then(|at| cuts.get(at)).map(String::as_str);
    // A bound that is not there becomes one that every code passes: none is empty.
    let after = text(piece.checked_sub(1)).unwrap_or_default();
    let (range, upto) = match text(Some(piece)) {
        Some(upto) => ("depot > $1 AND depot <= $2", upto),
        None => ("depot > $1 AND depot <> $2", ""),
    };
    match db {
        Db::Postgres(conn) => {
            let query = format!(
                "SELECT depot, owner, place, condition, array_agg(lot_id) AS lots, \
                 array_agg(quantity) AS quantities, array_agg(last_occurred_at) AS instants \
                 FROM balance WHERE {range} GROUP BY depot, owner, place, condition"
            );
            let query = diesel::sql_query(query).bind::<Text, _>(after).bind::<Text, _>(upto);
            query.load::<Arrays>(&mut **conn)?.into_iter().map(run_of_arrays).collect()
        }
        Db::Sqlite(conn) => {
            let query = format!(
                "SELECT depot, owner, place, condition, group_concat(\
                 lot_id || ' ' || quantity || ' ' || last_occurred_at) AS rows \
                 FROM balance WHERE {range} GROUP BY depot, owner, place, condition"
            );
            let query = diesel::sql_query(query).bind::<Text, _>(after).bind::<Text, _>(upto);
            query.load::<Texts>(&mut **conn)?.into_iter().map(run_of_text).collect()
        }
    }
}

fn run_of_arrays(found: Arrays) -> Stored<StoredRun> {
    let account = rows::inside(&found.place, &found.depot, &found.owner, &found.condition)?;
    let numbers = found.lots.into_iter().zip(found.quantities).zip(found.instants);
    let rows = numbers.map(|((lot, quantity), at)| (lot, quantity, Instant(at))).collect();
    Ok(StoredRun { account, rows })
}

fn run_of_text(found: Texts) -> Stored<StoredRun> {
    let account = rows::inside(&found.place, &found.depot, &found.owner, &found.condition)?;
    let row = |text: &str| {
        let mut numbers = text.split(' ').map(str::parse::<i64>);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(lot)), Some(Ok(quantity)), Some(Ok(at))) => Ok((lot, quantity, Instant(at))),
            _ => Err(corrupt("balance", text)),
        }
    };
    Ok(StoredRun { account, rows: found.rows.split(',').map(row).collect::<Stored<_>>()? })
}
