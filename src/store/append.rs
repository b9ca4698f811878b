//! Appending a batch: its lots, entries and lines, the balances it touched, what is kept, the head.
//!
//! Lives here: what the rows are; one cached statement a row on SQLite is in `rows`, one statement
//! a batch on PostgreSQL in `arrays`. Does not live here: decisions and hashes. Invariant: nothing
//! of a batch without the rest, and nothing on a book that has moved since it was decided.

mod arrays;
mod rows;

use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::lot::Lot;
use crate::domain::movement::{Account, Line, Movement, normalised_document_no};

use super::dialect::Db;
use super::fault::{StoreFault, Stored};
use super::head::{self, End};
use super::rows::{BalanceAfter, KeptAnswer};
use super::schema::{balance, entry, line, lot, receipt};

/// A movement with the key it was asked under: its own receipt.
#[derive(Debug, Clone)]
pub struct NewEntry {
    pub movement: Arc<Movement>,
    pub key: String,
    pub request_hash: [u8; 32],
}

/// What one transaction adds to the book.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    pub entries: &'a [NewEntry],
    pub new_lots: &'a [Arc<Lot>],
    /// Each balance once, as it is after the batch.
    pub balances: &'a [BalanceAfter],
    /// Refusals and replies to imports.
    pub kept: &'a [KeptAnswer],
    /// The end that the batch was decided at.
    pub from: &'a End,
    /// The end after the batch.
    pub to: &'a End,
}

/// Gets a connection ready to append, so that the first batch takes no longer than others.
///
/// # Errors
/// `Lost`; the connection is then of no use.
pub fn acquaint(db: &mut Db) -> Stored<()> {
    match db {
        Db::Sqlite(_) => Ok(()),
        Db::Postgres(conn) => arrays::acquaint(conn),
    }
}

/// Appends a batch and moves the end, within the transaction that locked the head.
///
/// # Errors
/// Any fault, `Corrupt` where the head is not at the batch's beginning or a balance that was there
/// is not; the transaction must then be rolled back.
pub fn append(db: &mut Db, batch: Batch<'_>) -> Stored<()> {
    match db {
        Db::Sqlite(conn) => {
            rows::append(conn, batch)?;
            head::advance(db, batch.to)
        }
        Db::Postgres(conn) => match arrays::append(conn, batch)? {
            true => Ok(()),
            false => Err(StoreFault::Corrupt("the head moved under its lock".to_string())),
        },
    }
}

/// Appends a batch as a transaction of its own, if the head is still at its beginning; whether it
/// was. PostgreSQL decides that by the head row, which it locks first, in one message there and
/// back.
///
/// # Errors
/// `Lost` leaves open whether it was done; after any other fault it was not.
pub fn append_at_once(conn: &mut PgConnection, batch: Batch<'_>) -> Stored<bool> {
    arrays::append(conn, batch)
}

#[derive(Debug, Insertable)]
#[diesel(table_name = entry, treat_none_as_default_value = false)]
struct EntryRow<'a> {
    seq: i64,
    id: String,
    kind: &'static str,
    type_: &'static str,
    occurred_at: i64,
    recorded_at: i64,
    principal: String,
    recorded_by: &'a str,
    organization: &'a str,
    document_no: Option<&'a str>,
    document_key: Option<String>,
    order_no: Option<&'a str>,
    counterparty: Option<&'a str>,
    handled_by: Option<&'a str>,
    checked_by: Option<&'a str>,
    approved_by: Option<&'a str>,
    reason: Option<&'a str>,
    note: Option<&'a str>,
    reversal_of: Option<String>,
    hash: &'a [u8],
    key: &'a str,
    request_hash: &'a [u8],
}

impl<'a> EntryRow<'a> {
    fn new(new: &'a NewEntry) -> Self {
        let movement = &*new.movement;
        let paper = &movement.paper;
        Self {
            seq: movement.seq,
            id: movement.id.to_string(),
            kind: "movement",
            type_: movement.kind.as_str(),
            occurred_at: movement.occurred_at.0,
            recorded_at: movement.recorded_at.0,
            principal: movement.principal.to_string(),
            recorded_by: &movement.recorded_by,
            organization: movement.organization.as_str(),
            document_no: paper.document_no.as_deref(),
            document_key: paper.document_no.as_deref().map(normalised_document_no),
            order_no: paper.order_no.as_deref(),
            counterparty: paper.counterparty.as_deref(),
            handled_by: paper.handled_by.as_deref(),
            checked_by: paper.checked_by.as_deref(),
            approved_by: paper.approved_by.as_deref(),
            reason: paper.reason.as_deref(),
            note: paper.note.as_deref(),
            reversal_of: movement.reversal_of.map(|id| id.to_string()),
            hash: &movement.hash,
            key: &new.key,
            request_hash: &new.request_hash,
        }
    }
}

#[derive(Debug, Insertable)]
#[diesel(table_name = lot, treat_none_as_default_value = false)]
struct LotRow<'a> {
    id: i64,
    item: &'a str,
    lot_no: Option<&'a str>,
    manufacturer: Option<&'a str>,
    produced_on: Option<NaiveDate>,
    expires_on: Option<NaiveDate>,
    unit_price_fen: Option<i64>,
    source: Option<&'a str>,
}

impl<'a> LotRow<'a> {
    fn new(lot: &'a Lot) -> Self {
        let key = &lot.key;
        Self {
            id: lot.id,
            item: key.item.as_str(),
            lot_no: key.lot_no.as_deref(),
            manufacturer: key.manufacturer.as_deref(),
            produced_on: key.produced_on,
            expires_on: key.expires_on,
            unit_price_fen: key.unit_price_fen,
            source: key.source.as_deref(),
        }
    }
}

/// Place, depot, owner and condition of one side of a line.
type Side<'a> = (&'static str, Option<&'a str>, Option<&'a str>, Option<&'static str>);

fn side(account: &Account) -> Side<'_> {
    match account {
        Account::Inside(inside) => (
            inside.place.as_str(),
            Some(inside.depot.as_str()),
            Some(inside.owner.as_str()),
            Some(inside.condition.as_str()),
        ),
        Account::Outside(outside) => (outside.as_str(), None, None, None),
    }
}

#[derive(Debug, Insertable)]
#[diesel(table_name = line, treat_none_as_default_value = false)]
struct LineRow<'a> {
    seq: i64,
    line_no: i64,
    request_line: i64,
    lot_id: i64,
    quantity: i64,
    from_place: &'static str,
    from_depot: Option<&'a str>,
    from_owner: Option<&'a str>,
    from_condition: Option<&'static str>,
    to_place: &'static str,
    to_depot: Option<&'a str>,
    to_owner: Option<&'a str>,
    to_condition: Option<&'static str>,
    occurred_at: i64,
}

impl<'a> LineRow<'a> {
    fn new(movement: &'a Movement, line: &'a Line) -> Self {
        let (from_place, from_depot, from_owner, from_condition) = side(&line.from);
        let (to_place, to_depot, to_owner, to_condition) = side(&line.to);
        Self {
            seq: movement.seq,
            line_no: i64::from(line.line_no),
            request_line: i64::from(line.request_line),
            lot_id: line.lot.id,
            quantity: line.quantity,
            from_place,
            from_depot,
            from_owner,
            from_condition,
            to_place,
            to_depot,
            to_owner,
            to_condition,
            occurred_at: movement.occurred_at.0,
        }
    }
}

#[derive(Debug, Insertable)]
#[diesel(table_name = balance)]
struct BalanceRow<'a> {
    depot: &'a str,
    owner: &'a str,
    place: &'static str,
    condition: &'static str,
    lot_id: i64,
    quantity: i64,
    last_occurred_at: i64,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = receipt)]
struct ReceiptRow<'a> {
    principal: String,
    key: &'a str,
    request_hash: &'a [u8],
    status: i64,
    body: &'a str,
    created_at: i64,
    no: i64,
}

impl<'a> ReceiptRow<'a> {
    fn new(no: i64, kept: &'a KeptAnswer) -> Self {
        Self {
            principal: kept.principal.to_string(),
            key: &kept.key,
            request_hash: &kept.request_hash,
            status: i64::from(kept.status),
            body: &kept.body,
            created_at: kept.created_at,
            no,
        }
    }
}

impl<'a> BalanceRow<'a> {
    fn new(after: &'a BalanceAfter) -> Self {
        Self {
            depot: after.account.depot.as_str(),
            owner: after.account.owner.as_str(),
            place: after.account.place.as_str(),
            condition: after.account.condition.as_str(),
            lot_id: after.lot_id,
            quantity: after.quantity,
            last_occurred_at: after.last_occurred_at.0,
        }
    }
}

fn lines<'a>(batch: &Batch<'a>) -> impl Iterator<Item = LineRow<'a>> {
    let movements = batch.entries.iter().map(|new| &*new.movement);
    movements.flat_map(|movement| movement.lines.iter().map(|line| LineRow::new(movement, line)))
}

fn receipts<'a>(batch: &Batch<'a>) -> impl Iterator<Item = ReceiptRow<'a>> {
    let numbers = batch.from.kept.saturating_add(1)..;
    numbers.zip(batch.kept).map(|(no, kept)| ReceiptRow::new(no, kept))
}

fn missing_balance() -> StoreFault {
    StoreFault::Corrupt("a balance that the book had is not there".to_string())
}
