//! The lines of a file, and the cells of a table's rows.
//!
//! Lives here: line numbers, the longest line, quotes. Does not live here: what lines mean.
//! Invariant: a line is counted whether or not it can be held.

use std::io::{self, BufRead};

/// The lines of a file, one at a time.
pub(super) struct Lines<R> {
    source: R,
    /// The number of the last line read, from 1.
    pub line: u64,
    pub bytes: Vec<u8>,
}

/// What reading a line comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    Line,
    TooLong,
    End,
}

/// What spreadsheets put before UTF-8 text.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, line: 0, bytes: Vec::new() }
    }

    /// Reads the next line without its end, if it has no more than `most` bytes.
    pub(super) fn read(&mut self, most: usize) -> io::Result<Read> {
        self.bytes.clear();
        let (mut any, mut fits, mut ended) = (false, true, false);
        while !ended {
            let found = self.source.fill_buf()?;
            if found.is_empty() {
                break;
            }
            any = true;
            let end = found.iter().position(|byte| *byte == b'\n');
            let part = found.get(..end.unwrap_or(found.len())).unwrap_or_default();
            fits = fits && self.bytes.len() + part.len() <= most;
            if fits {
                self.bytes.extend_from_slice(part);
            }
            ended = end.is_some();
            let used = part.len() + usize::from(ended);
            self.source.consume(used);
        }
        if !any {
            return Ok(Read::End);
        }
        self.line += 1;
        if self.line == 1 && self.bytes.starts_with(BOM) {
            self.bytes.drain(..BOM.len());
        }
        if self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        Ok(if fits { Read::Line } else { Read::TooLong })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a cell, where a quote means something.
    Start,
    Bare,
    Quoted,
    /// After a quote that ends the cell, or doubles.
    Closed,
}

/// The cells of one row, which goes on over line ends within quotes.
pub(super) struct Cells {
    state: State,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    pub(super) fn new() -> Self {
        Self { state: State::Start, text: Vec::new(), ends: Vec::new() }
    }

    /// How many bytes it has.
    pub(super) fn size(&self) -> usize {
        self.text.len()
    }

    /// Adds a line; whether the row is complete with it.
    pub(super) fn feed(&mut self, line: &[u8]) -> bool {
        for byte in line {
            self.state = match (self.state, byte) {
                (State::Start, b'"') | (State::Closed, b'"') => {
                    if self.state == State::Closed {
                        self.text.push(b'"');
                    }
                    State::Quoted
                }
                (State::Quoted, b'"') => State::Closed,
                (State::Quoted, _) => {
                    self.text.push(*byte);
                    State::Quoted
                }
                (_, b',') => {
                    self.ends.push(self.text.len());
                    State::Start
                }
                _ => {
                    self.text.push(*byte);
                    State::Bare
                }
            };
        }
        if self.state == State::Quoted {
            self.text.push(b'\n');
            return false;
        }
        self.ends.push(self.text.len());
        true
    }

    /// The texts of the cells; `None` where they are not UTF-8.
    pub(super) fn texts(self) -> Option<Texts> {
        let text = String::from_utf8(self.text).ok()?;
        // A cell that splits a character is not UTF-8 by itself.
        self.ends
            .iter()
            .all(|end| text.is_char_boundary(*end))
            .then_some(Texts { text, ends: self.ends })
    }
}

/// The texts of one row's cells.
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// A cell without blanks around it.
    pub(super) fn get(&self, ix: usize) -> Option<&str> {
        let end = *self.ends.get(ix)?;
        let start = ix.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..end).map(str::trim)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|ix| self.get(ix))
    }
}
