//! A line of JSON: fields whose names stand in the program, put together in a buffer of fixed size.
//!
//! Lives here: copying names and numbers as chunks of known length, which costs a tenth of what a
//! call for each of them costs. Does not live here: which fields a row has. Invariant: the bytes
//! are those of `serde_json`; a line that does not fit is an error, never a part of it.

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::Error;

use super::json;

/// Bytes of a line: some forty numbers with their names.
const SIZE: usize = 1_536;
/// The longest name with its quotation marks, comma and colon.
const NAME: usize = 32;
/// Digits of the greatest number.
const DIGITS: usize = 20;

/// A name with what stands around it: `,"name":`.
pub struct Name {
    text: [u8; NAME],
    length: usize,
}

impl Name {
    /// Of a name without anything to escape; one that is too long makes every line an error.
    pub fn of(name: &'static str) -> Self {
        let (mut text, whole) = ([0; NAME], format!(",\"{name}\":"));
        let fits = text.iter_mut().zip(whole.bytes());
        fits.for_each(|(place, byte)| *place = byte);
        Self { text, length: if whole.len() <= NAME { whole.len() } else { SIZE } }
    }
}

/// A line that is being written.
pub struct Line {
    bytes: [u8; SIZE],
    length: usize,
}

impl Line {
    /// One without anything on it.
    pub fn blank() -> Self {
        Self { bytes: [0; SIZE], length: 0 }
    }

    /// Takes away what is on it.
    pub fn clear(&mut self) {
        self.length = 0;
    }

    /// Writes `text` and keeps the first `length` bytes of it; what stands behind them is written
    /// over by what comes next.
    fn put<const N: usize>(&mut self, text: &[u8; N], length: usize) {
        let rest = self.bytes.get_mut(self.length..).and_then(<[u8]>::first_chunk_mut::<N>);
        match rest {
            Some(place) => {
                *place = *text;
                self.length = self.length.saturating_add(length);
            }
            None => self.length = SIZE,
        }
    }

    /// Writes a name, and a number under it.
    pub fn number(&mut self, name: &Name, number: i64) {
        self.put(&name.text, name.length);
        if number < 0 {
            self.put(b"-", 1);
        }
        let mut rest = number.unsigned_abs();
        let mut digits = [b'0'; 2 * DIGITS];
        let mut first = DIGITS;
        while let Some(place) = first.checked_sub(1).and_then(|at| digits.get_mut(at)) {
            first -= 1;
            *place = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        match digits.get(first..).and_then(<[u8]>::first_chunk::<DIGITS>) {
            Some(shown) => self.put(shown, DIGITS - first),
            None => self.length = SIZE,
        }
    }

    /// Writes a name, and under it a text without anything to escape, or that there is none.
    pub fn text(&mut self, name: &Name, text: Option<&str>) {
        self.put(&name.text, name.length);
        let Some(text) = text else {
            return self.put(b"null", 4);
        };
        self.put(b"\"", 1);
        let end = self.length.saturating_add(text.len());
        match self.bytes.get_mut(self.length..end) {
            Some(place) => {
                place.copy_from_slice(text.as_bytes());
                self.length = end;
            }
            None => self.length = SIZE,
        }
        self.put(b"\"", 1);
    }

    /// What is on it.
    ///
    /// # Errors
    /// Where it did not fit.
    pub fn written(&self) -> Result<&[u8], Error> {
        let full = self.length >= SIZE;
        let written = self.bytes.get(..self.length).filter(|_| !full);
        written.ok_or_else(|| Error::custom("a line is too long"))
    }
}

/// The fields of an object, without the braces around them.
///
/// # Errors
/// What the value's own serialisation says; a value that is no object.
pub fn fields<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = json::to_vec(value)?;
    let object = bytes.first() == Some(&b'{') && bytes.pop() == Some(b'}');
    if !object {
        return Err(Error::custom("fields of what is no object"));
    }
    bytes.remove(0);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_ordinary_serializer_writes_them() {
        let name = Name::of("n");
        for number in [0, 7, 10, 99, 100, 12_345, -1, -10, i64::MAX, i64::MIN] {
            let mut line = Line::blank();
            line.number(&name, number);
            line.text(&name, Some("2030-01-01"));
            line.text(&name, None);
            let plain = format!(",\"n\":{number},\"n\":\"2030-01-01\",\"n\":null");
            assert_eq!(line.written().unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn a_line_that_does_not_fit_is_an_error() {
        let mut line = Line::blank();
        let name = Name::of("a_name_of_some_length");
        (0..100).for_each(|number| line.number(&name, number));
        assert!(line.written().is_err());
        line.clear();
        line.text(&name, Some(&"x".repeat(2 * SIZE)));
        assert!(line.written().is_err());
        line.clear();
        line.number(&Name::of("a_name_that_is_longer_than_any_name_of_a_field"), 1);
        assert!(line.written().is_err());
        line.clear();
        line.number(&name, 1);
        assert!(line.written().is_ok());
    }

    #[test]
    fn fields_are_those_of_an_object() {
        assert_eq!(
            fields(&serde_json::json!({ "a": 1, "b": null })).unwrap(),
            b"\"a\":1,\"b\":null"
        );
        assert!(fields(&[1]).is_err() && fields(&"{}").is_err());
    }
}
