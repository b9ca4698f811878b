//! Checks of single values, each with its pointer and what would be right.
//!
//! Lives here: bounds and forms. Does not live here: which field has which bound. Invariant: a
//! check that fails leaves a fault, so a record without faults has all its values.

use std::collections::HashSet;
use std::hash::Hash;
use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, NaiveDate};

use crate::domain::calendar::Instant;
use crate::domain::catalogue::{Code, MAX_CODE_LENGTH};
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::RegionCode;
use crate::service::flat;

/// The longest name, in characters.
pub const MAX_NAME: usize = 200;
/// The longest unit.
pub const MAX_UNIT: usize = 20;
/// The largest weight, volume or floor area.
pub const MAX_SIZE: i64 = 1_000_000_000;
const REGION_FORM: &str = concat!(
    "a division code of 12 digits (2+2+2+3+3) or its first 2, 4, 6 or 9; ",
    "no digits after a group of zeros"
);

/// Units of `10^-places` as the nearest float, which is written with the same decimals.
pub fn fraction(units: i64, places: usize) -> f64 {
    flat::write_decimal(units, places).parse().unwrap_or_default()
}

/// A key as a part of a JSON pointer.
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Collects the faults of one record.
#[derive(Default)]
pub struct Check {
    faults: Vec<Fault>,
}

impl Check {
    pub fn fault(&mut self, pointer: &str, code: FaultCode, expected: impl Into<String>) {
        self.faults.push(Fault::new(pointer, code, expected));
    }

    /// The record, if nothing was wrong.
    pub fn finish<T>(mut self, built: Option<T>) -> Result<T, Vec<Fault>> {
        match built {
            Some(record) if self.faults.is_empty() => Ok(record),
            built => {
                if built.is_none() && self.faults.is_empty() {
                    self.fault("", FaultCode::Malformed, "a complete record");
                }
                Err(self.faults)
            }
        }
    }

    /// A text of so many characters, none of them a control character.
    pub fn text(
        &mut self,
        pointer: &str,
        value: String,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        let bounds = format!("{} to {} characters", length.start(), length.end());
        if !length.contains(&value.chars().count()) {
            self.fault(pointer, FaultCode::OutOfRange, bounds);
        } else if value.chars().any(char::is_control) {
            let expected = format!("{bounds}, no control characters");
            self.fault(pointer, FaultCode::Malformed, expected);
        } else {
            return Some(value);
        }
        None
    }

    /// A name or another short text that is not empty.
    pub fn name(&mut self, pointer: &str, value: String) -> Option<String> {
        self.text(pointer, value, 1..=MAX_NAME)
    }

    /// A short text that can stand in a list of a flat table.
    pub fn part(&mut self, pointer: &str, value: String, most: usize) -> Option<String> {
        let value = self.text(pointer, value, 1..=most)?;
        if flat::fits(&value) {
            return Some(value);
        }
        self.fault(pointer, FaultCode::Malformed, "a text without ; and =");
        None
    }

    /// One of the words of a list.
    pub fn word<T>(
        &mut self,
        pointer: &str,
        value: &str,
        parse: fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let found = parse(value);
        if found.is_none() {
            let expected = format!("one of {}", words.join(", "));
            self.fault(pointer, FaultCode::UnknownValue, expected);
        }
        found
    }

    pub fn code(&mut self, pointer: &str, value: &str) -> Option<Code> {
        let code = Code::parse(value);
        if code.is_none() {
            let expected = format!(
                "1 to {MAX_CODE_LENGTH} letters, digits, `-`, `_` or `.`, a letter or digit first"
            );
            self.fault(pointer, FaultCode::Malformed, expected);
        }
        code
    }

    pub fn region(&mut self, pointer: &str, value: &str) -> Option<RegionCode> {
        let code = RegionCode::parse(value);
        if code.is_none() {
            self.fault(pointer, FaultCode::Malformed, REGION_FORM);
        }
        code
    }

    /// A whole number within bounds.
    pub fn whole<T: TryFrom<i64>>(
        &mut self,
        pointer: &str,
        value: i64,
        bounds: RangeInclusive<i64>,
    ) -> Option<T> {
        let found = Some(value).filter(|value| bounds.contains(value));
        let found = found.and_then(|value| T::try_from(value).ok());
        if found.is_none() {
            let expected = format!("{} to {}", bounds.start(), bounds.end());
            self.fault(pointer, FaultCode::OutOfRange, expected);
        }
        found
    }

    /// A decimal rounded to `places` and within bounds, in units of the last place.
    pub fn rounded(
        &mut self,
        pointer: &str,
        value: f64,
        places: usize,
        bounds: RangeInclusive<i64>,
    ) -> Option<i64> {
        let found = flat::decimal(&value.to_string(), places).map(|scaled| scaled.units);
        let found = found.filter(|units| bounds.contains(units));
        if found.is_none() {
            let bound = |units: &i64| flat::write_decimal(*units, places);
            let expected = format!("{} to {}", bound(bounds.start()), bound(bounds.end()));
            self.fault(pointer, FaultCode::OutOfRange, expected);
        }
        found
    }

    /// The same, where further places than `places` are a fault.
    pub fn exact(
        &mut self,
        pointer: &str,
        value: f64,
        places: usize,
        bounds: RangeInclusive<i64>,
    ) -> Option<i64> {
        let scaled = flat::decimal(&value.to_string(), places);
        if scaled.is_some_and(|scaled| !scaled.exact) {
            let expected = format!("at most {places} decimals");
            self.fault(pointer, FaultCode::Malformed, expected);
            return None;
        }
        self.rounded(pointer, value, places, bounds)
    }

    pub fn date(&mut self, pointer: &str, value: &str) -> Option<NaiveDate> {
        let form = value.len() == 10;
        let Some(date) = NaiveDate::parse_from_str(value, "%Y-%m-%d").ok().filter(|_| form) else {
            self.fault(pointer, FaultCode::Malformed, "a date as YYYY-MM-DD");
            return None;
        };
        if !(1950..=2199).contains(&date.year()) {
            self.fault(pointer, FaultCode::OutOfRange, "a date from 1950 to 2199");
            return None;
        }
        Some(date)
    }

    /// An instant as RFC 3339 with its offset.
    pub fn instant(&mut self, pointer: &str, value: &str) -> Option<Instant> {
        let Ok(at) = DateTime::parse_from_rfc3339(value) else {
            let expected = "an instant such as 2021-11-10T20:00:00+08:00";
            self.fault(pointer, FaultCode::Malformed, expected);
            return None;
        };
        if !(1950..=2199).contains(&at.year()) {
            self.fault(pointer, FaultCode::OutOfRange, "a date from 1950 to 2199");
            return None;
        }
        Some(Instant(at.timestamp_micros()))
    }

    /// That a period does not end before it begins.
    pub fn in_order(&mut self, pointer: &str, from: Option<NaiveDate>, to: Option<NaiveDate>) {
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            let expected = format!("not before {from}");
            self.fault(pointer, FaultCode::DateOrder, expected);
        }
    }

    /// That no key appears twice; `pointers` names the place of each.
    pub fn distinct<K: Eq + Hash>(
        &mut self,
        keys: impl IntoIterator<Item = K>,
        pointer: impl Fn(usize) -> String,
    ) {
        let mut seen = HashSet::new();
        for (ix, key) in keys.into_iter().enumerate() {
            if !seen.insert(key) {
                let expected = "another than those before it";
                self.fault(&pointer(ix), FaultCode::Duplicate, expected);
            }
        }
    }

    /// That a list has not more parts than this.
    pub fn at_most(&mut self, pointer: &str, length: usize, most: usize) {
        if length > most {
            let expected = format!("at most {most} entries");
            self.fault(pointer, FaultCode::OutOfRange, expected);
        }
    }
}
