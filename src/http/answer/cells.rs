//! Single values on the wire, written without making their text first.
//!
//! Lives here: codes, days and instants. Does not live here: rows. Invariant: what is absent is
//! `null`.

use std::fmt::Display;

use chrono::NaiveDate;
use serde::Serializer;

use crate::domain::calendar::{Instant, push_date};

/// Writes a code as text, without making the text first.
///
/// # Errors
/// Those of the serializer.
pub fn as_text<T: Display, S: Serializer>(code: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(code)
}

/// The same for what may be absent.
///
/// # Errors
/// Those of the serializer.
pub fn as_text_or_null<T: Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

/// Writes a day, or that there is none.
///
/// # Errors
/// Those of the serializer.
pub fn day_or_null<S: Serializer>(
    day: &Option<NaiveDate>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let Some(day) = day else { return serializer.serialize_none() };
    let mut text = String::with_capacity(10);
    push_date(&mut text, *day);
    serializer.serialize_str(&text)
}

/// Writes an instant, or that there is none.
///
/// # Errors
/// Those of the serializer.
pub fn instant_or_null<S: Serializer>(
    at: &Option<Instant>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serializer.serialize_str(&at.rfc3339()),
        None => serializer.serialize_none(),
    }
}
