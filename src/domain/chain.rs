//! The hash chain: the canonical record of an entry and the link to the one before.
//!
//! Lives here: record version 1, byte for byte. Does not live here: what an entry means. Invariant:
//! `hash(n) = SHA-256(hash(n-1) || seq || record)`, big-endian, and a version is never redefined.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::lot::Lot;
use super::movement::{Account, Line, Movement};

/// The version that new entries are written with.
pub const RECORD_VERSION: u8 = 1;

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The hash before the first entry: SHA-256 of a fixed text.
pub fn genesis() -> Hash {
    Sha256::digest(b"changping:genesis:1").into()
}

/// SHA-256 of any bytes.
pub fn digest(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// The hash of entry `seq` whose canonical record is `record`, after `before`.
pub fn link(before: &Hash, seq: i64, record: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(seq.to_be_bytes());
    hasher.update(record);
    hasher.finalize().into()
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// The canonical record of a movement, version 1: a version byte, then fields, each with its length
/// as four bytes before it; an absent field has the length `ffffffff` and no bytes.
pub fn canonical(movement: &Movement) -> Vec<u8> {
    let mut out = Writer(vec![RECORD_VERSION]);
    let paper = &movement.paper;
    out.bytes(movement.id.as_bytes());
    out.text("movement");
    out.text(movement.kind.as_str());
    out.number(movement.occurred_at.0);
    out.number(movement.recorded_at.0);
    out.bytes(movement.principal.as_bytes());
    out.text(&movement.recorded_by);
    out.text(movement.organization.as_str());
    let fields = [
        &paper.document_no,
        &paper.order_no,
        &paper.counterparty,
        &paper.handled_by,
        &paper.checked_by,
        &paper.approved_by,
        &paper.reason,
        &paper.note,
    ];
    for field in fields {
        out.maybe(field.as_deref());
    }
    match movement.reversal_of {
        Some(id) => out.bytes(id.as_bytes()),
        None => out.maybe(None),
    }
    out.number(i64::try_from(movement.lines.len()).unwrap_or(i64::MAX));
    for line in &movement.lines {
        out.line(line);
    }
    out.0
}

struct Writer(Vec<u8>);

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn maybe(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.0.extend_from_slice(&u32::MAX.to_be_bytes()),
        }
    }

    fn number(&mut self, number: i64) {
        self.bytes(&number.to_be_bytes());
    }

    fn date(&mut self, date: Option<NaiveDate>) {
        self.maybe(date.map(|date| date.to_string()).as_deref());
    }

    fn account(&mut self, account: &Account) {
        match account {
            Account::Inside(inside) => {
                self.text(inside.place.as_str());
                self.text(inside.depot.as_str());
                self.text(inside.owner.as_str());
                self.text(inside.condition.as_str());
            }
            Account::Outside(outside) => self.text(outside.as_str()),
        }
    }

    fn line(&mut self, line: &Line) {
        self.number(i64::from(line.line_no));
        self.number(i64::from(line.request_line));
        self.account(&line.from);
        self.account(&line.to);
        self.number(line.quantity);
        self.lot(&line.lot);
    }

    fn lot(&mut self, lot: &Lot) {
        let key = &lot.key;
        self.number(lot.id);
        self.text(key.item.as_str());
        self.maybe(key.lot_no.as_deref());
        self.maybe(key.manufacturer.as_deref());
        self.date(key.produced_on);
        self.date(key.expires_on);
        match key.unit_price_fen {
            Some(price) => self.number(price),
            None => self.maybe(None),
        }
        self.maybe(key.source.as_deref());
    }
}

#[cfg(test)]
#[path = "chain_tests.rs"]
mod tests;
