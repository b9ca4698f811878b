//! Strict reading of requests: bodies, parameters and keys.
//!
//! Lives here: what is refused before any rule is asked, by field. Does not live here: all that is
//! wrong with a body (`shape`) or a query (`query`), the meaning of values. Invariant: an unknown
//! field or parameter is an error, never ignored.

mod lists;
mod query;
mod shape;
mod together;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{HttpRequest, web};
use serde::de::DeserializeOwned;

use crate::domain::catalogue;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::RegionCode;
use crate::service::book::request_hash;

use super::problem::{Code, Problem};
use super::strict;

pub use lists::{List, MAX_COUNTED, body_of, fault as list_fault, listed};
pub use query::{no_query, query};
pub use shape::fault as shape_fault;
pub use together::all;

/// The most bytes of a body.
pub const MAX_BODY: usize = 1 << 20;
/// The most bytes of a file of movements.
pub const MAX_IMPORT: usize = 8 << 20;
/// The longest idempotency key.
const MAX_KEY: usize = 128;

/// A JSON body of a known shape, with its canonical bytes.
pub struct JsonBody<T> {
    pub value: T,
    /// The same JSON with sorted keys and no blanks.
    pub canonical: Vec<u8>,
}

/// Reads a JSON body; missing and unknown fields and wrong types are named by pointer, together.
///
/// # Errors
/// 415 for another content type, 400 for bytes that are no JSON, 422 for a wrong shape.
pub fn json<T: DeserializeOwned>(
    request: &HttpRequest,
    bytes: &web::Bytes,
) -> Result<JsonBody<T>, Problem> {
    let content = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = content.and_then(|value| value.split(';').next()).unwrap_or("").trim();
    let packed = request.headers().get(CONTENT_ENCODING).is_some_and(|value| value != "identity");
    if packed || !media.eq_ignore_ascii_case("application/json") {
        return Err(Problem::new(Code::UnsupportedMediaType));
    }
    if bytes.len() > MAX_BODY {
        return Err(Problem::new(Code::BodyTooLarge));
    }
    if let Some(canonical) = strict::canonical(bytes)
        && let Ok(value) = serde_json::from_slice(bytes)
    {
        return Ok(JsonBody { value, canonical });
    }
    // Once more, for the places of all that is wrong.
    let mut given =
        strict::read(bytes).map_err(|fault| Problem::invalid(Code::MalformedJson, vec![fault]))?;
    given.sort_all_objects();
    let Ok(value) = T::deserialize(&given) else {
        let faults = shape::faults::<T>(given, bytes.len());
        return Err(Problem::invalid(Code::InvalidValue, faults));
    };
    let canonical = serde_json::to_vec(&given).unwrap_or_default();
    Ok(JsonBody { value, canonical })
}

/// A parameter that must be one of some words.
///
/// # Errors
/// 400 naming the parameter and the words.
pub fn word<T: Copy>(
    name: &str,
    given: Option<&str>,
    all: &[T],
    as_str: impl Fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(given) = given else { return Ok(None) };
    let found = all.iter().copied().find(|value| as_str(*value) == given);
    found.map(Some).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
        parameter(name, FaultCode::UnknownValue, &format!("one of {}", words.join(", ")))
    })
}

/// The problem of one query parameter.
pub fn parameter(name: &str, code: FaultCode, expected: &str) -> Problem {
    Problem::invalid(Code::InvalidParameter, vec![Fault::new(name, code, expected)])
}

/// A region code of a query parameter.
///
/// # Errors
/// 400 where it is no code.
pub fn region_code(name: &str, given: Option<&str>) -> Result<Option<RegionCode>, Problem> {
    let Some(given) = given else { return Ok(None) };
    RegionCode::parse(given).map(Some).ok_or_else(|| {
        let expected = "a division code of 2, 4, 6, 9 or 12 digits without a zero group inside";
        parameter(name, FaultCode::Malformed, expected)
    })
}

/// Refuses a text that no record could hold.
///
/// # Errors
/// 400 where it is too long or has control characters.
pub fn text(name: &str, given: Option<&str>, most: usize) -> Result<(), Problem> {
    let Some(given) = given else { return Ok(()) };
    if given.chars().count() > most {
        let expected = format!("at most {most} characters");
        return Err(parameter(name, FaultCode::OutOfRange, &expected));
    }
    if given.chars().any(char::is_control) {
        return Err(parameter(name, FaultCode::Malformed, "text without control characters"));
    }
    Ok(())
}

/// Refuses a text that is no code of anything.
///
/// # Errors
/// 400 where it is none.
pub fn code(name: &str, given: Option<&str>) -> Result<(), Problem> {
    if given.is_none_or(|given| catalogue::Code::parse(given).is_some()) {
        return Ok(());
    }
    let expected = "1 to 40 letters, digits, `-`, `_` or `.`, a letter or digit first";
    Err(parameter(name, FaultCode::Malformed, expected))
}

/// The idempotency key of a writing POST, and the hash that its request is known by.
///
/// # Errors
/// 400 where it is missing, or not 1 to 128 visible ASCII characters.
pub fn idempotency(
    request: &HttpRequest,
    canonical_body: &[u8],
) -> Result<(String, [u8; 32]), Problem> {
    let value = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok());
    let key = value.map(str::trim).filter(|key| {
        (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    let key = key.ok_or_else(|| Problem::new(Code::IdempotencyKeyMissing))?;
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    Ok((key.to_string(), request_hash(request.method().as_str(), target, canonical_body)))
}
