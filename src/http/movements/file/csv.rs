//! One row a line of a movement; consecutive rows of one type and number are one document.
//!
//! Lives here: header, cells, and gathering rows into documents. Does not live here: the rules of
//! values. Invariant: every fault of a row is named, and a faulty row does not hide the others.

use std::io::{self, BufRead};

use crate::domain::movement::MAX_LINES;
use crate::domain::refusal::FaultCode;

use super::super::dto::{LineRequest, LotRequest, MovementRequest};
use super::lines::{Cells, Lines, Read, Texts};
use super::{LineFault, MAX_RECORD, Place, Shaped};

macro_rules! columns {
    ($($field:ident = $name:literal),* $(,)?) => {
        /// Which cell of a row stands under which name.
        #[derive(Default)]
        struct Columns { $($field: Option<usize>),* }

        /// The names, in the order of the documentation.
        const NAMES: &[&str] = &[$($name),*];

        impl Columns {
            fn slot(&mut self, name: &str) -> Option<&mut Option<usize>> {
                match name { $($name => Some(&mut self.$field),)* _ => None }
            }
        }
    };
}

columns! {
    kind = "type",
    occurred_at = "occurred_at",
    document_no = "document_no",
    order_no = "order_no",
    counterparty = "counterparty",
    handled_by = "handled_by",
    checked_by = "checked_by",
    approved_by = "approved_by",
    reason = "reason",
    note = "note",
    repeat_of_document = "repeat_of_document",
    from = "from",
    to = "to",
    item = "item",
    owner = "owner",
    to_owner = "to_owner",
    condition = "condition",
    to_condition = "to_condition",
    quantity = "quantity",
    unit = "unit",
    lot_no = "lot_no",
    manufacturer = "manufacturer",
    produced_on = "produced_on",
    expires_on = "expires_on",
    unit_price_fen = "unit_price_fen",
    source = "source",
}

/// Those without which no row can be.
const REQUIRED: [&str; 3] = ["type", "item", "quantity"];

/// A row of the file.
struct Row {
    line: u64,
    cells: Texts,
}

impl Row {
    fn cell(&self, place: Option<usize>) -> Option<&str> {
        self.cells.get(place?).filter(|text| !text.is_empty())
    }

    fn text(&self, place: Option<usize>) -> Option<String> {
        self.cell(place).map(str::to_string)
    }
}

/// What reading one row comes to.
enum Found {
    Row(Row),
    Faulty(LineFault),
    End,
}

impl Columns {
    /// Reads the header row, or names what is wrong with it.
    fn read(header: &Row) -> Result<Self, Vec<LineFault>> {
        let (mut columns, mut faults) = (Self::default(), Vec::new());
        let mut fault = |name: &str, code, expected: String| {
            faults.push(LineFault::new(header.line, name, code, expected));
        };
        for (ix, name) in header.cells.iter().enumerate() {
            match columns.slot(name) {
                None => {
                    let expected = format!("one of the columns {}", NAMES.join(", "));
                    fault(name, FaultCode::UnknownField, expected);
                }
                Some(Some(_)) => fault(name, FaultCode::Duplicate, "each column once".to_string()),
                Some(slot) => *slot = Some(ix),
            }
        }
        for name in REQUIRED {
            if columns.slot(name).is_some_and(|slot| slot.is_none()) {
                fault(name, FaultCode::Required, "a column of this name".to_string());
            }
        }
        if faults.is_empty() { Ok(columns) } else { Err(faults) }
    }

    /// The columns that say something of the whole document.
    fn of_document(&self) -> [(&'static str, Option<usize>); 9] {
        [
            ("occurred_at", self.occurred_at),
            ("order_no", self.order_no),
            ("counterparty", self.counterparty),
            ("handled_by", self.handled_by),
            ("checked_by", self.checked_by),
            ("approved_by", self.approved_by),
            ("reason", self.reason),
            ("note", self.note),
            ("repeat_of_document", self.repeat_of_document),
        ]
    }

    /// Whether two rows are of one document.
    fn together(&self, first: &Row, other: &Row) -> bool {
        let same = |place| first.cell(place) == other.cell(place);
        same(self.document_no) && same(self.kind)
    }

    fn document(&self, row: &Row, faults: &mut Vec<LineFault>) -> MovementRequest {
        let repeat = row.cell(self.repeat_of_document);
        if repeat.is_some_and(|word| !matches!(word, "true" | "false")) {
            let (name, code) = ("repeat_of_document", FaultCode::WrongType);
            faults.push(LineFault::new(row.line, name, code, "true or false"));
        }
        MovementRequest {
            kind: row.text(self.kind).unwrap_or_default(),
            occurred_at: row.text(self.occurred_at),
            document_no: row.text(self.document_no),
            order_no: row.text(self.order_no),
            counterparty: row.text(self.counterparty),
            handled_by: row.text(self.handled_by),
            checked_by: row.text(self.checked_by),
            approved_by: row.text(self.approved_by),
            reason: row.text(self.reason),
            note: row.text(self.note),
            repeat_of_document: repeat == Some("true"),
            lines: Vec::new(),
        }
    }

    fn line(&self, row: &Row, faults: &mut Vec<LineFault>) -> LineRequest {
        let mut whole = |name: &str, place| {
            let text = row.cell(place)?;
            let number = text.parse::<i64>().ok();
            if number.is_none() {
                let code = FaultCode::WrongType;
                faults.push(LineFault::new(row.line, name, code, "a whole number"));
            }
            number
        };
        let unit_price_fen = whole("unit_price_fen", self.unit_price_fen);
        let quantity = whole("quantity", self.quantity);
        if row.cell(self.quantity).is_none() {
            let code = FaultCode::Required;
            faults.push(LineFault::new(row.line, "quantity", code, "a value"));
        }
        let lot = LotRequest {
            lot_no: row.text(self.lot_no),
            produced_on: row.text(self.produced_on),
            expires_on: row.text(self.expires_on),
            manufacturer: row.text(self.manufacturer),
            unit_price_fen,
            source: row.text(self.source),
        };
        LineRequest {
            from: row.text(self.from),
            to: row.text(self.to),
            item: row.text(self.item).unwrap_or_default(),
            owner: row.text(self.owner),
            to_owner: row.text(self.to_owner),
            condition: row.text(self.condition),
            to_condition: row.text(self.to_condition),
            // A cell that is no number has been named; it is not blamed for its value, too.
            quantity: quantity.unwrap_or(1),
            unit: row.text(self.unit),
            lot: (lot != LotRequest::default()).then_some(lot),
        }
    }
}

/// The rows of a table, gathered into documents.
pub(super) struct Rows<R> {
    lines: Lines<R>,
    columns: Option<Columns>,
    /// The row that ended the document before.
    ahead: Option<Row>,
    /// Cells of the header row.
    width: Option<usize>,
    ended: bool,
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(source: R) -> Self {
        let (columns, ahead, width) = (None, None, None);
        Self { lines: Lines::new(source), columns, ahead, width, ended: false }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Shaped>> {
        let columns = match self.columns.take() {
            Some(columns) => columns,
            None if self.ended => return Ok(None),
            None => match self.header()? {
                Ok(columns) => columns,
                Err(faults) => {
                    self.ended = true;
                    return Ok(Some(Shaped { request: None, faults, lines: 0 }));
                }
            },
        };
        let shaped = self.gather(&columns);
        self.columns = Some(columns);
        shaped
    }

    fn header(&mut self) -> io::Result<Result<Columns, Vec<LineFault>>> {
        Ok(match self.read()? {
            Found::Row(row) => Columns::read(&row),
            Found::Faulty(fault) => Err(vec![fault]),
            Found::End => {
                let expected = format!("a header row: {}", NAMES.join(","));
                Err(vec![LineFault::new(1, "", FaultCode::Required, expected)])
            }
        })
    }

    /// The rows of one document, faulty ones among them.
    fn gather(&mut self, columns: &Columns) -> io::Result<Option<Shaped>> {
        let mut faults = Vec::new();
        let first =
            match self.ahead.take().map_or_else(|| self.read(), |row| Ok(Found::Row(row)))? {
                Found::Row(row) => row,
                Found::Faulty(fault) => {
                    return Ok(Some(Shaped { request: None, faults: vec![fault], lines: 1 }));
                }
                Found::End => return Ok(None),
            };
        let mut request = columns.document(&first, &mut faults);
        request.lines.push(columns.line(&first, &mut faults));
        let mut rows = vec![first.line];
        // A row without a number stands alone.
        while first.cell(columns.document_no).is_some() {
            match self.read()? {
                Found::Faulty(fault) => faults.push(fault),
                Found::Row(row) if columns.together(&first, &row) => {
                    for (name, place) in columns.of_document() {
                        if first.cell(place) != row.cell(place) {
                            let expected = format!("as on line {}", first.line);
                            let code = FaultCode::Disagrees;
                            faults.push(LineFault::new(row.line, name, code, expected));
                        }
                    }
                    rows.push(row.line);
                    // One line too many is enough to be refused for.
                    if request.lines.len() <= MAX_LINES {
                        request.lines.push(columns.line(&row, &mut faults));
                    }
                }
                Found::Row(row) => {
                    self.ahead = Some(row);
                    break;
                }
                Found::End => break,
            }
        }
        let lines = rows.len();
        Ok(Some(Shaped { request: Some((request, Place::Rows(rows))), faults, lines }))
    }

    /// The next row that is not blank.
    fn read(&mut self) -> io::Result<Found> {
        while !self.ended {
            let (mut cells, mut first, mut complete) = (Cells::new(), None, false);
            while !complete {
                match self.lines.read(MAX_RECORD.saturating_sub(cells.size()))? {
                    Read::Line => complete = cells.feed(&self.lines.bytes),
                    Read::End if first.is_none() => {
                        self.ended = true;
                        return Ok(Found::End);
                    }
                    // What follows an open quote cannot be told apart into rows.
                    Read::TooLong | Read::End => {
                        let line = *first.get_or_insert(self.lines.line);
                        return Ok(self.broken(line));
                    }
                }
                first.get_or_insert(self.lines.line);
            }
            if let Some(found) = self.row(first.unwrap_or_default(), cells) {
                return Ok(found);
            }
        }
        Ok(Found::End)
    }

    /// A complete row; `None` for a blank one.
    fn row(&mut self, line: u64, cells: Cells) -> Option<Found> {
        let faulty = |expected: String| {
            Some(Found::Faulty(LineFault::new(line, "", FaultCode::Malformed, expected)))
        };
        let Some(cells) = cells.texts() else {
            return faulty("UTF-8 text".to_string());
        };
        if cells.is_blank() {
            return None;
        }
        let width = *self.width.get_or_insert(cells.len());
        if width != cells.len() {
            return faulty(format!("{width} cells, not {}", cells.len()));
        }
        Some(Found::Row(Row { line, cells }))
    }

    fn broken(&mut self, line: u64) -> Found {
        self.ended = true;
        let expected = format!("a row of at most {MAX_RECORD} bytes, every quote closed");
        Found::Faulty(LineFault::new(line, "", FaultCode::OutOfRange, expected))
    }
}
