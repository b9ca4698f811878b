//! Pages of entity lists: limits and cursors.
//!
//! Lives here: the opaque cursor, bound to the filters it was given with. Does not live here: the
//! order of any list. Invariant: a cursor of other filters is refused, never misread.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::chain::{digest, hex};
use crate::domain::refusal::FaultCode;

use super::extract::parameter;
use super::problem::{Code, Problem};

/// Items on a page where the request names no limit.
const DEFAULT_LIMIT: usize = 100;
/// The most items on a page.
const MAX_LIMIT: usize = 500;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The cursor of the next page; `null` on the last.
    pub next: Option<String>,
}

/// How many items to give.
///
/// # Errors
/// 400 outside 1 to 500.
pub fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    match asked {
        None => Ok(DEFAULT_LIMIT),
        Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        Some(_) => Err(parameter("limit", FaultCode::OutOfRange, "1 to 500")),
    }
}

fn binding(filters: &str) -> String {
    hex(&digest(filters.as_bytes())).chars().take(12).collect()
}

/// The cursor after `last`, for these filters.
pub fn cursor(filters: &str, last: &str) -> String {
    format!("{}{}", binding(filters), hex(last.as_bytes()))
}

/// What the cursor stands after.
///
/// # Errors
/// 400 for a cursor of other filters, or none of ours.
pub fn after(filters: &str, cursor: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let rest = cursor.strip_prefix(&binding(filters));
    let bytes = rest.and_then(unhex).and_then(|bytes| String::from_utf8(bytes).ok());
    bytes.map(Some).ok_or_else(|| Problem::new(Code::InvalidCursor))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !text.len().is_multiple_of(2) || !text.bytes().all(digit) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Cuts a sorted list to the page after the cursor.
pub fn cut<T>(
    rows: impl Iterator<Item = T>,
    limit: usize,
    filters: &str,
    after: Option<&str>,
    key: impl Fn(&T) -> String,
) -> Page<T> {
    let mut rest = rows.skip_while(|row| after.is_some_and(|after| key(row).as_str() <= after));
    let items: Vec<T> = rest.by_ref().take(limit).collect();
    let more = rest.next().is_some();
    let next = items.last().filter(|_| more).map(|last| cursor(filters, &key(last)));
    Page { items, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_bound_to_their_filters() {
        let given = cursor("tier=city", "371300000000");
        assert_eq!(after("tier=city", Some(&given)).unwrap().as_deref(), Some("371300000000"));
        assert!(after("tier=county", Some(&given)).is_err());
        let loud = given.to_uppercase();
        for bad in ["", "zz", "0000", loud.as_str()] {
            assert!(after("tier=city", Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn pages_meet_without_gap_or_overlap() {
        let rows = ["a", "b", "c", "d", "e"];
        let key = |row: &&str| (*row).to_string();
        let first = cut(rows.into_iter(), 2, "f", None, key);
        let next = after("f", first.next.as_deref()).unwrap();
        let second = cut(rows.into_iter(), 3, "f", next.as_deref(), key);
        assert_eq!((first.items, second.items), (vec!["a", "b"], vec!["c", "d", "e"]));
        assert_eq!(second.next, None);
    }
}
