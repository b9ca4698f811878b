//! Stored words, numbers and lists back to domain values.
//!
//! Lives here: one reader for each kind of column. Does not live here: tables. Invariant: what
//! cannot be is reported with its column, never mended.

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::catalogue::Code;
use crate::domain::region::RegionCode;

use super::super::fault::{StoreFault, Stored, corrupt};

/// The value of a stored word.
pub(super) fn word<T>(what: &str, text: &str, parse: fn(&str) -> Option<T>) -> Stored<T> {
    parse(text).ok_or_else(|| corrupt(what, text))
}

pub(super) fn code(what: &str, text: &str) -> Stored<Code> {
    word(what, text, Code::parse)
}

pub(super) fn optional_code(what: &str, text: Option<&str>) -> Stored<Option<Code>> {
    text.map(|text| code(what, text)).transpose()
}

pub(super) fn region(what: &str, text: &str) -> Stored<RegionCode> {
    word(what, text, RegionCode::parse)
}

pub(super) fn optional_region(what: &str, text: Option<&str>) -> Stored<Option<RegionCode>> {
    text.map(|text| region(what, text)).transpose()
}

pub(super) fn uuid(what: &str, text: &str) -> Stored<Uuid> {
    word(what, text, |text| Uuid::parse_str(text).ok())
}

/// A stored number in the domain's narrower type.
pub(super) fn number<T: TryFrom<i64>>(what: &str, value: i64) -> Stored<T> {
    T::try_from(value).map_err(|_| corrupt(what, value))
}

pub(super) fn optional_number<T: TryFrom<i64>>(
    what: &str,
    value: Option<i64>,
) -> Stored<Option<T>> {
    value.map(|value| number(what, value)).transpose()
}

/// A list as JSON text.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|error| StoreFault::Bug(error.to_string()))
}

pub(super) fn from_json<T: DeserializeOwned>(what: &str, text: &str) -> Stored<T> {
    serde_json::from_str(text).map_err(|_| corrupt(what, text))
}
