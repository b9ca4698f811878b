//! Files of movements: CSV with one row a line of a movement, or one JSON document a line.
//!
//! Lives here: what both forms give, document by document, with the lines of the file. Does not
//! live here: the rules of values (`dto`) and of stock. Invariant: reading holds one document at a
//! time, however long the file.

mod csv;
mod lines;
mod ndjson;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead};

use crate::domain::calendar::Instant;
use crate::domain::movement::Draft;
use crate::domain::posting;
use crate::domain::refusal::{Fault, FaultCode, Refusal};

use super::dto::MovementRequest;

/// The most bytes of one row or document: what a request for a single movement may have.
const MAX_RECORD: usize = super::super::extract::MAX_BODY;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Csv,
    Ndjson,
}

impl Form {
    /// The form of a media type without its parameters.
    pub fn of_media(media: &str) -> Option<Self> {
        match media.to_ascii_lowercase().as_str() {
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// The form of a file by how it starts: an object is no header row.
    pub fn of_start(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(lines::BOM).unwrap_or(bytes);
        if bytes.trim_ascii_start().first() == Some(&b'{') { Self::Ndjson } else { Self::Csv }
    }
}

/// A fault with the line of the file that it stands on, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    pub line: u64,
    /// Its pointer is the column's name in a table, a JSON pointer into the document otherwise.
    pub fault: Fault,
}

impl LineFault {
    pub fn new(line: u64, pointer: &str, code: FaultCode, expected: impl Into<String>) -> Self {
        Self { line, fault: Fault::new(pointer, code, expected) }
    }
}

/// Where a document stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A table: the line of the file of each of its rows.
    Rows(Vec<u64>),
    /// One JSON document on this line.
    Entry(u64),
}

impl Place {
    /// The line on which the document starts.
    pub fn first(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.first().copied().unwrap_or_default(),
            Self::Entry(line) => *line,
        }
    }

    /// The line and the pointer in the file, of a pointer into the document.
    pub fn of(&self, pointer: &str) -> (u64, String) {
        let Self::Rows(rows) = self else {
            return (self.first(), pointer.to_string());
        };
        let column = pointer.rsplit('/').next().unwrap_or_default();
        let row = pointer.strip_prefix("/lines/").and_then(|rest| {
            let ix: usize = rest.split('/').next()?.parse().ok()?;
            rows.get(ix)
        });
        let column = if pointer == "/lines" { "" } else { column };
        (row.copied().unwrap_or_else(|| self.first()), column.to_string())
    }

    /// A fault of the document as a fault of the file.
    pub fn fault(&self, fault: Fault) -> LineFault {
        let (line, pointer) = self.of(&fault.pointer);
        LineFault { line, fault: Fault { pointer, ..fault } }
    }

    /// Where in the file a refusal points to.
    pub fn refused(&self, refusal: &Refusal) -> (u64, String) {
        match (refusal, self) {
            (Refusal::UnknownReference { pointer, .. }, _) => self.of(pointer),
            (Refusal::DocumentExists { .. }, _) => self.of("/document_no"),
            (
                Refusal::InsufficientStock { line, .. }
                | Refusal::LotExpired { line, .. }
                | Refusal::NegativeHistory { line, .. },
                _,
            ) => {
                let ix = line.saturating_sub(1);
                self.of(&format!("/lines/{ix}/quantity"))
            }
            _ => self.of(""),
        }
    }
}

/// One document of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub draft: Draft,
    pub place: Place,
    /// How many lines of movements it has.
    pub lines: usize,
}

/// What comes next in a file.
#[derive(Debug)]
pub enum Next {
    Document(Box<Document>),
    /// A document, or a row, that cannot be; how many lines of movements it has.
    Faults(Vec<LineFault>, usize),
}

/// A file, document by document.
pub struct Documents<R> {
    source: Source<R>,
    now: Instant,
}

enum Source<R> {
    Csv(Box<csv::Rows<R>>),
    Ndjson(ndjson::Entries<R>),
}

/// A document as the file has it.
struct Shaped {
    /// What can be read of it, and where.
    request: Option<(MovementRequest, Place)>,
    /// What is wrong with its shape.
    faults: Vec<LineFault>,
    /// How many lines of movements it takes.
    lines: usize,
}

impl<R: BufRead> Documents<R> {
    /// Starts to read. Values are judged as of `now`.
    pub fn new(form: Form, source: R, now: Instant) -> Self {
        let source = match form {
            Form::Csv => Source::Csv(Box::new(csv::Rows::new(source))),
            Form::Ndjson => Source::Ndjson(ndjson::Entries::new(source)),
        };
        Self { source, now }
    }

    /// The next document, checked by every rule that needs no stock; `None` at the end.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn read_next(&mut self) -> io::Result<Option<Next>> {
        let shaped = match &mut self.source {
            Source::Csv(rows) => rows.next()?,
            Source::Ndjson(entries) => entries.next()?,
        };
        Ok(shaped.map(|shaped| self.judged(shaped)))
    }

    fn judged(&self, shaped: Shaped) -> Next {
        let Shaped { request, mut faults, lines } = shaped;
        if let Some((request, place)) = request {
            let found = match request.into_draft() {
                Ok(draft) => {
                    let found = posting::faults(&draft, self.now);
                    if found.is_empty() && faults.is_empty() {
                        return Next::Document(Box::new(Document { draft, place, lines }));
                    }
                    found
                }
                Err(found) => found,
            };
            faults.extend(found.into_iter().map(|fault| place.fault(fault)));
        }
        faults.sort_by_key(|fault| fault.line);
        Next::Faults(faults, lines)
    }
}
