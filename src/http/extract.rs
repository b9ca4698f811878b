//! Strict reading of requests: bodies, queries, paths and keys.
//!
//! Lives here: what is refused before any rule is asked, by field. Does not live here: the meaning
//! of values. Invariant: an unknown field or parameter is an error, never ignored.

mod lists;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{HttpRequest, web};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::domain::catalogue;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::RegionCode;
use crate::service::book::request_hash;

use super::problem::{Code, Problem};
use super::strict::{self, pointer_part};

pub use lists::{List, MAX_COUNTED, body_of, fault as list_fault, listed};

/// The most bytes of a body.
pub const MAX_BODY: usize = 1 << 20;
/// The most bytes of a file of movements.
pub const MAX_IMPORT: usize = 8 << 20;
/// The most parameters of a query.
const MAX_PARAMETERS: usize = 32;
/// The longest idempotency key.
const MAX_KEY: usize = 128;

/// A JSON body of a known shape, with its canonical bytes.
pub struct JsonBody<T> {
    pub value: T,
    /// The same JSON with sorted keys and no blanks.
    pub canonical: Vec<u8>,
}

/// Reads a JSON body; unknown fields and wrong types are named by pointer.
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
    // Once more, for the place of what is wrong.
    let mut value =
        strict::read(bytes).map_err(|fault| Problem::invalid(Code::MalformedJson, vec![fault]))?;
    value.sort_all_objects();
    let canonical = serde_json::to_vec(&value).unwrap_or_default();
    let value = serde_path_to_error::deserialize(value).map_err(|error| wrong_shape(&error))?;
    Ok(JsonBody { value, canonical })
}

fn wrong_shape(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let text = error.inner().to_string();
    let pointer = strict::pointer(error.path());
    Problem::invalid(Code::InvalidValue, vec![shape_fault(pointer, &text)])
}

/// The fault behind a deserialiser's words.
pub fn shape_fault(pointer: String, text: &str) -> Fault {
    let quoted = text.split('`').nth(1).unwrap_or_default();
    if text.starts_with("unknown field") {
        let known = text.split_once("expected ").map_or("", |(_, rest)| rest).replace('`', "");
        let at = if pointer.ends_with(&format!("/{}", pointer_part(quoted))) {
            pointer
        } else {
            format!("{pointer}/{}", pointer_part(quoted))
        };
        return Fault::new(at, FaultCode::UnknownField, known);
    }
    if text.starts_with("missing field") {
        return Fault::new(format!("{pointer}/{quoted}"), FaultCode::Required, "a value");
    }
    if text.starts_with("duplicate field") {
        return Fault::new(format!("{pointer}/{quoted}"), FaultCode::Duplicate, "one value");
    }
    let expected = match text.split_once("expected ") {
        Some((_, "u32" | "u64" | "usize")) if quoted.starts_with('-') => {
            "a whole number, 0 or more".to_string()
        }
        Some((_, "i64" | "u32" | "u64" | "usize")) => "a whole number".to_string(),
        Some((_, rest)) => rest.replace('`', ""),
        None if text.contains("digit")
            || text.contains("number too")
            || text.contains("integer") =>
        {
            "a whole number within bounds".to_string()
        }
        None => text.replace('`', ""),
    };
    let code = if text.starts_with("unknown variant") {
        FaultCode::UnknownValue
    } else if text.starts_with("invalid value") {
        FaultCode::OutOfRange
    } else if text.starts_with("invalid type") || text.starts_with("invalid length") {
        FaultCode::WrongType
    } else {
        FaultCode::Malformed
    };
    Fault::new(pointer, code, expected)
}

/// Reads the query; unknown parameters, repeats and wrong values are named.
///
/// # Errors
/// 400 with the parameter's name.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    let text = request.query_string();
    let named = |name: &str, code, expected: &str| {
        Problem::invalid(Code::InvalidParameter, vec![Fault::new(name, code, expected)])
    };
    if !is_utf8(text) {
        return Err(named("", FaultCode::Malformed, "percent-encoded UTF-8"));
    }
    let pairs = web::Query::<Vec<(String, String)>>::from_query(text)
        .map_err(|_| named("", FaultCode::Malformed, "name=value pairs"))?;
    if pairs.len() > MAX_PARAMETERS {
        let expected = format!("at most {MAX_PARAMETERS} parameters");
        return Err(named("", FaultCode::OutOfRange, &expected));
    }
    for (ix, (name, _)) in pairs.iter().enumerate() {
        if pairs.iter().take(ix).any(|(earlier, _)| earlier == name) {
            return Err(named(name, FaultCode::Duplicate, "the parameter once"));
        }
    }
    web::Query::<T>::from_query(text).map(web::Query::into_inner).map_err(|error| {
        let text = match &error {
            actix_web::error::QueryPayloadError::Deserialize(inner) => inner.to_string(),
            other => other.to_string(),
        };
        let mut fault = shape_fault(String::new(), &text);
        fault.pointer = fault.pointer.trim_start_matches('/').to_string();
        if fault.pointer.is_empty() {
            fault.pointer = culprit::<T>(&pairs).unwrap_or_default();
        }
        Problem::invalid(Code::InvalidParameter, vec![fault])
    })
}

/// Whether a query stays text when its `%` escapes are undone; other bytes would be replaced.
fn is_utf8(text: &str) -> bool {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => rest = after,
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    std::str::from_utf8(&bytes).is_ok()
}

/// The parameter without which the query can be read.
fn culprit<T: DeserializeOwned>(pairs: &[(String, String)]) -> Option<String> {
    let readable_without = |skip: usize| {
        let rest: Vec<(&str, &str)> = pairs
            .iter()
            .enumerate()
            .filter(|(ix, _)| *ix != skip)
            .map(|(_, (name, value))| (name.as_str(), value.as_str()))
            .collect();
        let object: serde_json::Map<String, Value> =
            rest.iter().map(|(n, v)| ((*n).to_string(), Value::String((*v).to_string()))).collect();
        let text = encode(&object);
        web::Query::<T>::from_query(&text).is_ok()
    };
    (0..pairs.len())
        .find(|ix| readable_without(*ix))
        .and_then(|ix| pairs.get(ix).map(|(name, _)| name.clone()))
}

fn encode(object: &serde_json::Map<String, Value>) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    let text = |s: &str| s.bytes().map(byte).collect::<String>();
    let pairs: Vec<String> = object
        .iter()
        .map(|(name, value)| format!("{}={}", text(name), text(value.as_str().unwrap_or(""))))
        .collect();
    pairs.join("&")
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

/// Refuses any query where an operation takes none.
///
/// # Errors
/// 400 with the first parameter's name.
pub fn no_query(request: &HttpRequest) -> Result<(), Problem> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    if request.query_string().is_empty() {
        return Ok(());
    }
    query::<Nothing>(request).map(|Nothing {}| ())
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
