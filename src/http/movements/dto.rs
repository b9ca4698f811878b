//! The shapes of movements on the wire, and their way into the domain.
//!
//! Lives here: fields, bounds and their faults. Does not live here: rules that need stock.
//! Invariant: a draft that leaves here holds no value that cannot be.

use std::fmt;

use chrono::{DateTime, NaiveDate};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::calendar::Instant;
use crate::domain::catalogue::Code;
use crate::domain::lot::LotDraft;
use crate::domain::movement::{Condition, Draft, DraftLine, MAX_LINES, MovementType, Paper};
use crate::domain::posting::ReversalDraft;
use crate::domain::quantity::{MAX_QUANTITY, Quantity};
use crate::domain::refusal::{Fault, FaultCode};

use super::super::forms;

/// The longest text of a paper's field, in characters.
const MAX_TEXT: usize = 500;

/// A movement to book.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MovementRequest {
    #[serde(rename = "type")]
    #[schema(schema_with = forms::bookable_type)]
    pub(super) kind: String,
    /// RFC 3339 with offset; at most five minutes ahead; absent is now.
    #[schema(format = DateTime, example = "2021-11-10T09:30:00+08:00")]
    pub(super) occurred_at: Option<String>,
    /// The paper's number; the same number of the same type and owner is booked once.
    #[schema(min_length = 1, max_length = 500, example = "临应急采〔2021〕18号")]
    pub(super) document_no: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    pub(super) order_no: Option<String>,
    /// Supplier, donor or receiver.
    #[schema(min_length = 1, max_length = 500)]
    pub(super) counterparty: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    pub(super) handled_by: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    pub(super) checked_by: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    pub(super) approved_by: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    pub(super) reason: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    pub(super) note: Option<String>,
    /// Book the same document number again, knowingly.
    #[serde(default)]
    pub(super) repeat_of_document: bool,
    #[schema(min_items = 1, max_items = 500)]
    pub(super) lines: Vec<LineRequest>,
}

/// One line of a movement to book.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineRequest {
    /// Depot code: where goods leave.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    pub(super) from: Option<String>,
    /// Depot code: where goods come in.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "LY-CITY-01")]
    pub(super) to: Option<String>,
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "QUILT")]
    pub(super) item: String,
    /// Owning organization; absent is the depot's own.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "LY-YJ")]
    pub(super) owner: Option<String>,
    /// The new owner, in `relocate` only; absent leaves the goods whose they are.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "LS-YJ")]
    pub(super) to_owner: Option<String>,
    /// `good` (default), `quarantine` or `damaged`.
    #[schema(schema_with = forms::condition_or_null)]
    pub(super) condition: Option<String>,
    /// The new condition, in `condition_change` only.
    #[schema(schema_with = forms::condition_or_null)]
    pub(super) to_condition: Option<String>,
    /// Whole units, 1 to 1e12.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 500)]
    pub(super) quantity: i64,
    /// The item's base unit (default) or one of its packs.
    #[schema(min_length = 1, max_length = 20)]
    pub(super) unit: Option<String>,
    pub(super) lot: Option<LotRequest>,
}

/// Which lot; absent attributes are unknown (coming in) or not asked (going out).
#[derive(Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LotRequest {
    #[schema(min_length = 1, max_length = 100, example = "B2110")]
    pub(super) lot_no: Option<String>,
    #[schema(format = Date, example = "2021-10-01")]
    pub(super) produced_on: Option<String>,
    #[schema(format = Date, example = "2029-10-01")]
    pub(super) expires_on: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    pub(super) manufacturer: Option<String>,
    /// Price of one base unit in fen.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 8900)]
    pub(super) unit_price_fen: Option<i64>,
    #[schema(min_length = 1, max_length = 200)]
    pub(super) source: Option<String>,
}

/// A reversal to book.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReversalRequest {
    #[schema(min_length = 1, max_length = 500, example = "数量录入错误")]
    reason: String,
    /// RFC 3339; absent is now.
    #[schema(format = DateTime, example = "2021-11-11T09:30:00+08:00")]
    occurred_at: Option<String>,
}

/// A field of a line, written out only where something is wrong with it.
#[derive(Clone, Copy)]
struct Field(usize, &'static str);

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "/lines/{}/{}", self.0, self.1)
    }
}

/// Collects faults while values are read.
struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn fault(&mut self, pointer: impl ToString, code: FaultCode, expected: impl Into<String>) {
        self.faults.push(Fault::new(pointer.to_string(), code, expected));
    }

    fn text(
        &mut self,
        pointer: impl ToString,
        text: Option<String>,
        most: usize,
    ) -> Option<String> {
        let trimmed = text?.trim().to_string();
        let length = trimmed.chars().count();
        if length == 0 || length > most {
            self.fault(pointer, FaultCode::OutOfRange, format!("1 to {most} characters"));
        } else if trimmed.chars().any(|c| c.is_control()) {
            self.fault(pointer, FaultCode::Malformed, "text without control characters");
        }
        Some(trimmed)
    }

    fn code(&mut self, pointer: impl ToString, text: Option<&str>) -> Option<Code> {
        let code = Code::parse(text?);
        if code.is_none() {
            let expected = "a code of 1 to 40 letters, digits, `-`, `_` or `.`";
            self.fault(pointer, FaultCode::Malformed, expected);
        }
        code
    }

    fn condition(&mut self, pointer: impl ToString, word: Option<&str>) -> Option<Condition> {
        let condition = Condition::parse(word?);
        if condition.is_none() {
            self.fault(pointer, FaultCode::UnknownValue, "good, quarantine or damaged");
        }
        condition
    }

    fn date(&mut self, pointer: impl ToString, text: Option<&str>) -> Option<NaiveDate> {
        let text = text?;
        let date = text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10);
        if date.is_none() {
            self.fault(pointer, FaultCode::Malformed, "a date as YYYY-MM-DD");
        }
        date
    }

    fn instant(&mut self, pointer: impl ToString, text: Option<&str>) -> Option<Instant> {
        let parsed = DateTime::parse_from_rfc3339(text?);
        if parsed.is_err() {
            let expected = "an instant as 2021-11-10T09:30:00+08:00";
            self.fault(pointer, FaultCode::Malformed, expected);
        }
        parsed.ok().map(|at| Instant(at.timestamp_micros()))
    }

    fn line(&mut self, ix: usize, line: LineRequest) -> Option<DraftLine> {
        let at = |field| Field(ix, field);
        let quantity = Quantity::new(line.quantity);
        if quantity.is_none() {
            let expected = format!("a whole number from 1 to {MAX_QUANTITY}");
            self.fault(at("quantity"), FaultCode::OutOfRange, expected);
        }
        let from = self.code(at("from"), line.from.as_deref());
        let to = self.code(at("to"), line.to.as_deref());
        let owner = self.code(at("owner"), line.owner.as_deref());
        let to_owner = self.code(at("to_owner"), line.to_owner.as_deref());
        let item = self.code(at("item"), Some(&line.item));
        let condition = self.condition(at("condition"), line.condition.as_deref());
        let to_condition = self.condition(at("to_condition"), line.to_condition.as_deref());
        let unit = self.text(at("unit"), line.unit, 20);
        let lot = line.lot.map(|lot| self.lot(ix, lot));
        Some(DraftLine {
            from,
            to,
            item: item?,
            owner,
            to_owner,
            condition: condition.unwrap_or(Condition::Good),
            to_condition,
            quantity: quantity?,
            unit,
            lot,
        })
    }

    fn lot(&mut self, ix: usize, lot: LotRequest) -> LotDraft {
        let at = |field| Field(ix, field);
        if lot.unit_price_fen.is_some_and(|price| !(0..=MAX_QUANTITY).contains(&price)) {
            let expected = format!("a whole number of fen from 0 to {MAX_QUANTITY}");
            self.fault(at("lot/unit_price_fen"), FaultCode::OutOfRange, expected);
        }
        LotDraft {
            lot_no: self.text(at("lot/lot_no"), lot.lot_no, 100),
            produced_on: self.date(at("lot/produced_on"), lot.produced_on.as_deref()),
            expires_on: self.date(at("lot/expires_on"), lot.expires_on.as_deref()),
            manufacturer: self.text(at("lot/manufacturer"), lot.manufacturer, 200),
            unit_price_fen: lot.unit_price_fen,
            source: self.text(at("lot/source"), lot.source, 200),
        }
    }

    fn end<T>(self, value: Option<T>) -> Result<T, Vec<Fault>> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(self.faults),
        }
    }
}

impl MovementRequest {
    /// The draft, or every fault of its values.
    ///
    /// # Errors
    /// All faults at once, each with its pointer.
    pub fn into_draft(self) -> Result<Draft, Vec<Fault>> {
        let mut reader = Reader { faults: Vec::new() };
        let kind = MovementType::parse(&self.kind).filter(|kind| kind.shape().is_some());
        if kind.is_none() {
            reader.fault("/type", FaultCode::UnknownValue, bookable_types());
        }
        if self.lines.is_empty() || self.lines.len() > MAX_LINES {
            let expected = format!("1 to {MAX_LINES} lines, not {}", self.lines.len());
            reader.fault("/lines", FaultCode::OutOfRange, expected);
            return Err(reader.faults);
        }
        let occurred_at = reader.instant("/occurred_at", self.occurred_at.as_deref());
        let paper = Paper {
            document_no: reader.text("/document_no", self.document_no, MAX_TEXT),
            order_no: reader.text("/order_no", self.order_no, MAX_TEXT),
            counterparty: reader.text("/counterparty", self.counterparty, MAX_TEXT),
            handled_by: reader.text("/handled_by", self.handled_by, MAX_TEXT),
            checked_by: reader.text("/checked_by", self.checked_by, MAX_TEXT),
            approved_by: reader.text("/approved_by", self.approved_by, MAX_TEXT),
            reason: reader.text("/reason", self.reason, MAX_TEXT),
            note: reader.text("/note", self.note, MAX_TEXT),
        };
        let lines: Vec<DraftLine> = self
            .lines
            .into_iter()
            .enumerate()
            .filter_map(|(ix, line)| reader.line(ix, line))
            .collect();
        let repeat_of_document = self.repeat_of_document;
        let draft = kind.map(|kind| Draft { kind, occurred_at, paper, repeat_of_document, lines });
        reader.end(draft)
    }
}

fn bookable_types() -> String {
    let words: Vec<&str> = MovementType::ALL
        .iter()
        .filter(|kind| kind.shape().is_some())
        .map(|kind| kind.as_str())
        .collect();
    format!("one of {}", words.join(", "))
}

impl ReversalRequest {
    /// The draft, or every fault of its values.
    ///
    /// # Errors
    /// All faults at once, each with its pointer.
    pub fn into_draft(self) -> Result<ReversalDraft, Vec<Fault>> {
        let mut reader = Reader { faults: Vec::new() };
        let reason = reader.text("/reason", Some(self.reason), MAX_TEXT);
        let occurred_at = reader.instant("/occurred_at", self.occurred_at.as_deref());
        let draft = reason.map(|reason| ReversalDraft { reason, occurred_at });
        reader.end(draft)
    }
}
