//! Rows of the ledger and their domain values.
//!
//! Lives here: the mapping, field by field. Does not live here: statements. Invariant: a row that
//! cannot be a domain value is reported, never mended.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::calendar::Instant;
use crate::domain::catalogue::Code;
use crate::domain::lot::{Lot, LotKey};
use crate::domain::movement::{
    Account, Condition, Inside, Line, Movement, MovementType, Outside, Paper, Place,
};

use super::dialect::{Db, on_engine};
use super::fault::{Stored, corrupt};
use super::schema::{entry, line, lot};

/// The new balance of one account after a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceAfter {
    pub account: Inside,
    pub lot_id: i64,
    pub quantity: i64,
    pub last_occurred_at: Instant,
    /// Whether the account had no balance of this lot before, not even a zero.
    pub is_new: bool,
}

/// An answer to be kept as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    pub principal: Uuid,
    pub key: String,
    pub request_hash: [u8; 32],
    pub status: u16,
    pub body: String,
    pub created_at: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = entry)]
pub(super) struct EntryRow {
    pub seq: i64,
    pub id: String,
    pub kind: String,
    pub type_: String,
    pub occurred_at: i64,
    pub recorded_at: i64,
    pub principal: String,
    pub recorded_by: String,
    pub organization: String,
    pub document_no: Option<String>,
    pub order_no: Option<String>,
    pub counterparty: Option<String>,
    pub handled_by: Option<String>,
    pub checked_by: Option<String>,
    pub approved_by: Option<String>,
    pub reason: Option<String>,
    pub note: Option<String>,
    pub reversal_of: Option<String>,
    pub hash: Vec<u8>,
}

fn uuid(what: &str, text: &str) -> Stored<Uuid> {
    Uuid::parse_str(text).map_err(|_| corrupt(what, text))
}

fn code(what: &str, text: &str) -> Stored<Code> {
    Code::parse(text).ok_or_else(|| corrupt(what, text))
}

impl EntryRow {
    pub(super) fn into_domain(self, lines: Vec<Line>) -> Stored<Movement> {
        let kind = MovementType::parse(&self.type_).filter(|_| self.kind == "movement");
        Ok(Movement {
            id: uuid("entry id", &self.id)?,
            seq: self.seq,
            kind: kind.ok_or_else(|| corrupt("entry type", &self.type_))?,
            occurred_at: Instant(self.occurred_at),
            recorded_at: Instant(self.recorded_at),
            principal: uuid("entry principal", &self.principal)?,
            recorded_by: self.recorded_by,
            organization: code("entry organization", &self.organization)?,
            paper: Paper {
                document_no: self.document_no,
                order_no: self.order_no,
                counterparty: self.counterparty,
                handled_by: self.handled_by,
                checked_by: self.checked_by,
                approved_by: self.approved_by,
                reason: self.reason,
                note: self.note,
            },
            reversal_of: match &self.reversal_of {
                Some(id) => Some(uuid("reversal target", id)?),
                None => None,
            },
            lines,
            hash: <[u8; 32]>::try_from(self.hash)
                .map_err(|_| corrupt("hash of entry", self.seq))?,
        })
    }
}

/// Codes and texts that have been read, each kept once.
#[derive(Debug, Default)]
pub(super) struct Words {
    codes: HashMap<String, Code>,
    texts: HashSet<Arc<str>>,
}

impl Words {
    pub(super) fn code(&mut self, what: &str, text: &str) -> Stored<Code> {
        if let Some(known) = self.codes.get(text) {
            return Ok(known.clone());
        }
        let new = code(what, text)?;
        self.codes.insert(text.to_string(), new.clone());
        Ok(new)
    }

    fn text(&mut self, text: String) -> Arc<str> {
        if let Some(known) = self.texts.get(text.as_str()) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&new));
        new
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = lot)]
pub(super) struct LotRow {
    pub id: i64,
    item: String,
    lot_no: Option<String>,
    manufacturer: Option<String>,
    produced_on: Option<NaiveDate>,
    expires_on: Option<NaiveDate>,
    unit_price_fen: Option<i64>,
    source: Option<String>,
}

impl LotRow {
    /// Words that many lots share are kept once.
    pub(super) fn into_domain(self, words: &mut Words) -> Stored<Lot> {
        let key = LotKey {
            item: words.code("lot item", &self.item)?,
            lot_no: self.lot_no.map(Into::into),
            manufacturer: self.manufacturer.map(|text| words.text(text)),
            produced_on: self.produced_on,
            expires_on: self.expires_on,
            unit_price_fen: self.unit_price_fen,
            source: self.source.map(|text| words.text(text)),
        };
        Ok(Lot { id: self.id, key })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = line)]
pub(super) struct LineRow {
    pub seq: i64,
    line_no: i64,
    request_line: i64,
    pub lot_id: i64,
    pub quantity: i64,
    from_place: String,
    from_depot: Option<String>,
    from_owner: Option<String>,
    from_condition: Option<String>,
    to_place: String,
    to_depot: Option<String>,
    to_owner: Option<String>,
    to_condition: Option<String>,
    pub occurred_at: i64,
}

type Side = (String, Option<String>, Option<String>, Option<String>);

fn account(side: Side) -> Stored<Account> {
    match side {
        (place, Some(depot), Some(owner), Some(condition)) => {
            Ok(Account::Inside(inside(&place, &depot, &owner, &condition)?))
        }
        (place, None, None, None) => {
            Outside::parse(&place).map(Account::Outside).ok_or_else(|| corrupt("account", &place))
        }
        (place, ..) => Err(corrupt("account", &place)),
    }
}

/// The inside account of these words.
pub(super) fn inside(place: &str, depot: &str, owner: &str, condition: &str) -> Stored<Inside> {
    Ok(Inside {
        place: Place::parse(place).ok_or_else(|| corrupt("place", place))?,
        depot: code("depot", depot)?,
        owner: code("owner", owner)?,
        condition: Condition::parse(condition).ok_or_else(|| corrupt("condition", condition))?,
    })
}

impl LineRow {
    /// Both sides.
    pub(super) fn accounts(self) -> Stored<(Account, Account)> {
        let from = (self.from_place, self.from_depot, self.from_owner, self.from_condition);
        let to = (self.to_place, self.to_depot, self.to_owner, self.to_condition);
        Ok((account(from)?, account(to)?))
    }

    pub(super) fn into_domain(self, lots: &HashMap<i64, Arc<Lot>>) -> Stored<Line> {
        let number = |value: i64| u32::try_from(value).map_err(|_| corrupt("line number", value));
        let (line_no, request_line) = (number(self.line_no)?, number(self.request_line)?);
        let lot = lots.get(&self.lot_id).ok_or_else(|| corrupt("lot", self.lot_id))?;
        let (lot, quantity) = (Arc::clone(lot), self.quantity);
        let (from, to) = self.accounts()?;
        Ok(Line { line_no, request_line, lot, from, to, quantity })
    }
}

/// Puts the lines to their entries.
pub(super) fn with_lines(db: &mut Db, entries: Vec<EntryRow>) -> Stored<Vec<Movement>> {
    let mut lines: BTreeMap<i64, Vec<LineRow>> = BTreeMap::new();
    let seqs: Vec<i64> = entries.iter().map(|row| row.seq).collect();
    for chunk in seqs.chunks(super::dialect::ROWS_PER_STATEMENT) {
        let query =
            line::table.filter(line::seq.eq_any(chunk.to_vec())).order((line::seq, line::line_no));
        let rows: Vec<LineRow> =
            on_engine!(db, conn => query.select(LineRow::as_select()).load(conn))?;
        for row in rows {
            lines.entry(row.seq).or_default().push(row);
        }
    }
    let lots = lots_of(db, lines.values().flatten().map(|row| row.lot_id))?;
    entries
        .into_iter()
        .map(|row| {
            let seq = row.seq;
            let of_entry = lines.remove(&seq).unwrap_or_default();
            let lines: Stored<Vec<Line>> =
                of_entry.into_iter().map(|line| line.into_domain(&lots)).collect();
            row.into_domain(lines?)
        })
        .collect()
}

fn lots_of(db: &mut Db, ids: impl Iterator<Item = i64>) -> Stored<HashMap<i64, Arc<Lot>>> {
    let mut wanted: Vec<i64> = ids.collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut lots = HashMap::with_capacity(wanted.len());
    let mut words = Words::default();
    for chunk in wanted.chunks(super::dialect::ROWS_PER_STATEMENT) {
        let query = lot::table.filter(lot::id.eq_any(chunk.to_vec()));
        let rows: Vec<LotRow> =
            on_engine!(db, conn => query.select(LotRow::as_select()).load(conn))?;
        for row in rows {
            lots.insert(row.id, Arc::new(row.into_domain(&mut words)?));
        }
    }
    Ok(lots)
}
