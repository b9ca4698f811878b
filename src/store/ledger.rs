//! Reading the ledger: entries and lines.
//!
//! Lives here: following the book from a `seq`, what came later to an account. Does not live here:
//! writing (`append`), loading all of it (`stock`). Invariant: results are in the book's order.

use diesel::prelude::*;

use crate::domain::calendar::Instant;
use crate::domain::catalogue::Code;
use crate::domain::movement::{Account, Inside, Movement, Place};

use super::dialect::{Db, on_engine};
use super::fault::{Stored, corrupt};
use super::rows::{self, EntryRow, LineRow, with_lines};
use super::schema::{entry, line, lot};

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

/// The idempotency key and the document of an entry, as they are looked up.
pub type Filed = (String, Option<String>);

/// What the entries from `first` to `last` are filed under.
///
/// # Errors
/// `Lost` and the like.
pub fn filed(db: &mut Db, first: i64, last: i64) -> Stored<Vec<Filed>> {
    let query = entry::table
        .filter(entry::seq.ge(first).and(entry::seq.le(last)))
        .select((entry::key, entry::document_key));
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

/// What has come from suppliers under each order number that could name a plan's line, less what
/// reversals took back, in the entries after `after` up to `upto`.
///
/// # Errors
/// `Lost` and the like.
pub fn received(db: &mut Db, (after, upto): (i64, i64)) -> Stored<Vec<(String, i64)>> {
    const SUPPLIER: &str = "supplier";
    let lines = entry::table
        .inner_join(line::table.on(line::seq.eq(entry::seq)))
        .filter(entry::seq.gt(after).and(entry::seq.le(upto)))
        .filter(entry::order_no.is_not_null().and(entry::order_no.like("%/%")))
        .filter(line::from_place.eq(SUPPLIER).or(line::to_place.eq(SUPPLIER)))
        .select((entry::order_no.assume_not_null(), line::from_place, line::quantity));
    let rows: Vec<(String, String, i64)> = on_engine!(db, conn => lines.load(conn))?;
    let signed = |(order_no, from, quantity): (String, String, i64)| {
        (order_no, if from == SUPPLIER { quantity } else { -quantity })
    };
    Ok(rows.into_iter().map(signed).collect())
}

/// Base units of an item that went from one account to another under an order number.
pub type Served = (String, Code, (Account, Account), i64);

/// What has gone to people, come back from them, or gone from depot to depot under each order
/// number that could name an event's area.
///
/// # Errors
/// `Lost`, or `Corrupt` for rows that cannot be.
pub fn served(db: &mut Db) -> Stored<Vec<Served>> {
    const CONSUMED: &str = "consumed";
    let depot = Place::Depot.as_str();
    let lines = entry::table
        .inner_join(line::table.on(line::seq.eq(entry::seq)))
        .inner_join(lot::table.on(lot::id.eq(line::lot_id)))
        .filter(entry::order_no.is_not_null().and(entry::order_no.like("%/____________")))
        .filter(line::from_place.eq(CONSUMED).or(line::from_place.eq(depot)))
        .filter(line::to_place.eq(CONSUMED).or(line::to_place.eq(depot)))
        .order((entry::seq, line::line_no));
    let rows: Vec<(String, String, LineRow)> = on_engine!(db, conn => {
        let order_no = entry::order_no.assume_not_null();
        lines.select((order_no, lot::item, LineRow::as_select())).load(conn)
    })?;
    let served = |(order_no, item, row): (String, String, LineRow)| {
        let item = Code::parse(&item).ok_or_else(|| corrupt("item", &item))?;
        let quantity = row.quantity;
        Ok((order_no, item, row.accounts()?, quantity))
    };
    rows.into_iter().map(served).collect()
}

/// One line's effect on one inside account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub account: Inside,
    pub lot_id: i64,
    pub at: Instant,
    pub delta: i64,
}

fn changes(rows: Vec<LineRow>) -> Stored<Vec<Change>> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (lot_id, at) = (row.lot_id, Instant(row.occurred_at));
        let quantity = row.quantity;
        let (from, to) = row.accounts()?;
        for (account, delta) in [(from, -quantity), (to, quantity)] {
            if let Account::Inside(account) = account {
                found.push(Change { account, lot_id, at, delta });
            }
        }
    }
    Ok(found)
}

/// What happened to these lots in one depot after `since`, for back-dated lines.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn changes_in_depot(
    db: &mut Db,
    depot: &str,
    lot_ids: &[i64],
    since: Instant,
) -> Stored<Vec<Change>> {
    let mut found = Vec::new();
    for chunk in lot_ids.chunks(super::dialect::ROWS_PER_STATEMENT) {
        let later = line::table
            .filter(line::lot_id.eq_any(chunk.to_vec()))
            .filter(line::occurred_at.gt(since.0));
        let out = later.clone().filter(line::from_depot.eq(depot));
        let rows: Vec<LineRow> =
            on_engine!(db, conn => out.select(LineRow::as_select()).load(conn))?;
        found.extend(changes(rows)?.into_iter().filter(|change| change.delta < 0));
        let into = later.filter(line::to_depot.eq(depot));
        let rows: Vec<LineRow> =
            on_engine!(db, conn => into.select(LineRow::as_select()).load(conn))?;
        found.extend(changes(rows)?.into_iter().filter(|change| change.delta > 0));
    }
    found.retain(|change| change.account.depot.as_str() == depot);
    Ok(found)
}

/// One account's net change of one lot.
pub type NetChange = (Inside, i64, i64);

/// What was booked up to `seq` and occurred at or after `occurred_from`, or was booked after
/// `known_at`, summed by account and lot: what an earlier picture of the stock must take back.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn changes_to_take_back(
    db: &mut Db,
    seq: i64,
    occurred_from: Option<Instant>,
    known_at: Option<i64>,
) -> Stored<Vec<NetChange>> {
    let known = known_at.unwrap_or(seq).min(seq);
    let from = occurred_from.map_or(i64::MAX, |at| at.0);
    let mut found = Vec::new();
    for incoming in [false, true] {
        for (place, depot, owner, condition, lot_id, quantity) in
            sums(db, incoming, seq, known, from)?
        {
            let sides = depot.zip(owner).zip(condition);
            let Some(((depot, owner), condition)) = sides else { continue };
            let account = rows::inside(&place, &depot, &owner, &condition)?;
            found.push((account, lot_id, if incoming { quantity } else { -quantity }));
        }
    }
    Ok(found)
}

type Sum = (String, Option<String>, Option<String>, Option<String>, i64, i64);

/// Quantities by account and lot, of the side that goods came into or left.
fn sums(db: &mut Db, incoming: bool, seq: i64, known: i64, from: i64) -> Stored<Vec<Sum>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let total = || sql::<BigInt>("CAST(SUM(quantity) AS BIGINT)");
    let late = line::seq.gt(known).and(line::seq.le(seq));
    let back = line::seq.le(known).and(line::occurred_at.ge(from));
    let wanted = line::table.filter(late.or(back));
    if incoming {
        let key = (line::to_place, line::to_depot, line::to_owner, line::to_condition);
        let query = wanted
            .filter(line::to_depot.is_not_null())
            .group_by((key, line::lot_id))
            .select((key.0, key.1, key.2, key.3, line::lot_id, total()));
        return Ok(on_engine!(db, conn => query.load(conn))?);
    }
    let key = (line::from_place, line::from_depot, line::from_owner, line::from_condition);
    let query = wanted
        .filter(line::from_depot.is_not_null())
        .group_by((key, line::lot_id))
        .select((key.0, key.1, key.2, key.3, line::lot_id, total()));
    Ok(on_engine!(db, conn => query.load(conn))?)
}

/// How many lines are stored.
///
/// # Errors
/// `Lost` and the like.
pub fn count_lines(db: &mut Db) -> Stored<i64> {
    let query = line::table.count();
    Ok(on_engine!(db, conn => query.get_result(conn))?)
}

/// The first `seq` that a line names and no entry has.
///
/// # Errors
/// `Lost` and the like.
pub fn first_stray_line(db: &mut Db) -> Stored<Option<i64>> {
    let query = line::table
        .filter(line::seq.ne_all(entry::table.select(entry::seq)))
        .order(line::seq)
        .select(line::seq);
    Ok(on_engine!(db, conn => query.first(conn).optional())?)
}
