//! Strict reading of queries.
//!
//! Lives here: which parameters are unknown, repeated, missing or no values of theirs. Does not
//! live here: the meaning of values. Invariant: every wrong parameter is named, each once.

use actix_web::{HttpRequest, error::QueryPayloadError, web};
use serde::de::DeserializeOwned;

use crate::domain::refusal::{Fault, FaultCode};

use super::super::problem::{Code, Problem};
use super::parameter;
use super::shape;

/// The most parameters of a query.
const MAX_PARAMETERS: usize = 32;

type Pair = (String, String);

/// Reads the query; unknown parameters, repeats, missing and wrong values are named.
///
/// # Errors
/// 400 with the name of each.
pub fn query<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    let text = request.query_string();
    if !is_utf8(text) {
        return Err(parameter("", FaultCode::Malformed, "percent-encoded UTF-8"));
    }
    let pairs = web::Query::<Vec<Pair>>::from_query(text)
        .map_err(|_| parameter("", FaultCode::Malformed, "name=value pairs"))?;
    if pairs.len() > MAX_PARAMETERS {
        let expected = format!("at most {MAX_PARAMETERS} parameters");
        return Err(parameter("", FaultCode::OutOfRange, &expected));
    }
    let repeated = pairs.iter().any(|(name, _)| given(&pairs, name) > 1);
    if !repeated && let Ok(read) = web::Query::<T>::from_query(text) {
        return Ok(read.into_inner());
    }
    Err(Problem::invalid(Code::InvalidParameter, faults::<T>(&pairs)))
}

/// Refuses any query where an operation takes none.
///
/// # Errors
/// 400 with the name of each parameter.
pub fn no_query(request: &HttpRequest) -> Result<(), Problem> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    if request.query_string().is_empty() {
        return Ok(());
    }
    query::<Nothing>(request).map(|Nothing {}| ())
}

fn given(pairs: &[Pair], name: &str) -> usize {
    pairs.iter().filter(|(other, _)| other == name).count()
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

/// Every wrong parameter in the order given, then those that are missing.
fn faults<T: DeserializeOwned>(pairs: &[Pair]) -> Vec<Fault> {
    let mut found: Vec<Fault> = Vec::new();
    let mut fine: Vec<Pair> = Vec::new();
    for (ix, pair) in pairs.iter().enumerate() {
        let (name, _) = pair;
        if pairs.iter().take(ix).any(|(earlier, _)| earlier == name) {
            continue;
        }
        if let Some(words) = wrong::<T>(pair) {
            found.push(Fault { pointer: name.clone(), ..shape::fault(String::new(), &words) });
            continue;
        }
        if given(pairs, name) > 1 {
            found.push(Fault::new(name, FaultCode::Duplicate, "the parameter once"));
        }
        fine.push(pair.clone());
    }
    while let Some(name) = refusal::<T>(&fine).as_deref().and_then(missing) {
        // A wrong one is there, and is named already.
        if found.iter().all(|fault| fault.pointer != name) {
            found.push(Fault::new(name, FaultCode::Required, "a value"));
        }
        let stand_ins = ["0", "true", ""].map(|value| (name.to_string(), value.to_string()));
        let Some(stand_in) = stand_ins.into_iter().find(|pair| wrong::<T>(pair).is_none()) else {
            break;
        };
        fine.push(stand_in);
    }
    if found.is_empty() {
        found.push(Fault::new("", FaultCode::Malformed, "name=value pairs"));
    }
    found
}

/// What is said of one parameter alone, but for what is missing beside it.
fn wrong<T: DeserializeOwned>(pair: &Pair) -> Option<String> {
    refusal::<T>(std::slice::from_ref(pair)).filter(|words| missing(words).is_none())
}

fn missing(words: &str) -> Option<&str> {
    words.strip_prefix("missing field `")?.split('`').next()
}

/// Why a query cannot be read; `None` where it can.
fn refusal<T: DeserializeOwned>(pairs: &[Pair]) -> Option<String> {
    let error = web::Query::<T>::from_query(&encode(pairs)).err()?;
    Some(match error {
        QueryPayloadError::Deserialize(inner) => inner.to_string(),
        other => other.to_string(),
    })
}

fn encode(pairs: &[Pair]) -> String {
    let byte = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    let text = |s: &str| s.bytes().map(byte).collect::<String>();
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", text(name), text(value))).collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        region: String,
        days: u32,
        hours: Option<u32>,
        detail: Option<bool>,
    }

    fn told(text: &str) -> Vec<(String, &'static str)> {
        let pairs = web::Query::<Vec<Pair>>::from_query(text).unwrap().into_inner();
        let request = TestRequest::with_uri(&format!("/?{text}")).to_http_request();
        assert!(query::<Asked>(&request).is_err(), "{text}");
        let found = faults::<Asked>(&pairs).into_iter();
        found.map(|fault| (fault.pointer, fault.code.as_str())).collect()
    }

    fn check(text: &str, expected: &[(&str, &'static str)]) {
        let expected: Vec<(String, &'static str)> =
            expected.iter().map(|(name, code)| ((*name).to_string(), *code)).collect();
        assert_eq!(told(text), expected, "{text}");
    }

    #[test]
    fn a_query_without_fault_is_read() {
        let request = TestRequest::with_uri("/?days=1&region=%E6%B2%82&hours=2").to_http_request();
        let asked: Asked = query(&request).unwrap();
        assert_eq!((asked.region.as_str(), asked.days), ("沂", 1));
        assert_eq!((asked.hours, asked.detail), (Some(2), None));
    }

    #[test]
    fn every_wrong_parameter_is_named_once_in_order_and_then_what_is_missing() {
        check(
            "colour=red&hours=x&detail=maybe&hours=1&hours=2&size=1&a%26b=%25",
            &[
                ("colour", "unknown_field"),
                ("hours", "malformed"),
                ("detail", "malformed"),
                ("size", "unknown_field"),
                ("a&b", "unknown_field"),
                ("region", "required"),
                ("days", "required"),
            ],
        );
        check("days=-1&region=37", &[("days", "malformed")]);
        check("days=x", &[("days", "malformed"), ("region", "required")]);
        check("days=1&region=1&region=1", &[("region", "duplicate")]);
        check("", &[("region", "required"), ("days", "required")]);
    }
}
