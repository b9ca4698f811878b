//! One JSON document a line, each the body of a request for one movement.
//!
//! Lives here: lines and their shapes. Does not live here: the rules of values. Invariant: a line
//! longer than a request may be is not held, and the lines after it are still read.

use std::io::{self, BufRead};

use serde_json::error::Category;

use crate::domain::refusal::FaultCode;

use super::super::super::extract::shape_fault;
use super::super::super::strict;
use super::super::dto::MovementRequest;
use super::lines::{Lines, Read};
use super::{LineFault, MAX_RECORD, Place, Shaped};

/// The documents of a file, line by line.
pub(super) struct Entries<R> {
    lines: Lines<R>,
}

impl<R: BufRead> Entries<R> {
    pub(super) fn new(source: R) -> Self {
        Self { lines: Lines::new(source) }
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Shaped>> {
        loop {
            let read = self.lines.read(MAX_RECORD)?;
            let (line, text) = (self.lines.line, self.lines.bytes.trim_ascii());
            match read {
                Read::End => return Ok(None),
                Read::TooLong => {
                    let expected = format!("a line of at most {MAX_RECORD} bytes");
                    let fault = LineFault::new(line, "", FaultCode::OutOfRange, expected);
                    return Ok(Some(faulty(fault)));
                }
                Read::Line if text.is_empty() => {}
                Read::Line => return Ok(Some(shape(text, line))),
            }
        }
    }
}

fn shape(text: &[u8], line: u64) -> Shaped {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = serde_path_to_error::deserialize::<_, MovementRequest>(&mut reader);
    let fault = match read {
        Ok(request) => match reader.end() {
            Ok(()) => {
                let lines = request.lines.len();
                let request = Some((request, Place::Entry(line)));
                return Shaped { request, faults: Vec::new(), lines };
            }
            Err(error) => malformed(line, &error),
        },
        Err(error) if error.inner().classify() == Category::Data => {
            // The reader's own words end with a place within the line.
            let words = error.inner().to_string();
            let words = words.split(" at line ").next().unwrap_or_default();
            LineFault { line, fault: shape_fault(strict::pointer(error.path()), words) }
        }
        Err(error) => malformed(line, error.inner()),
    };
    faulty(fault)
}

fn faulty(fault: LineFault) -> Shaped {
    Shaped { request: None, faults: vec![fault], lines: 1 }
}

fn malformed(line: u64, error: &serde_json::Error) -> LineFault {
    let expected = format!("JSON; column {}", error.column());
    LineFault::new(line, "", FaultCode::Malformed, expected)
}
