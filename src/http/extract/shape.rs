//! All that is wrong with the shape of a body, found by mending it and reading again.
//!
//! Lives here: a reader's words as a fault, and stand-ins for what is missing or of another type.
//! Does not live here: the rules of values. Invariant: a place is named once and nothing within a
//! stand-in is; the work is bounded whatever the body.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::domain::refusal::{Fault, FaultCode};

use super::super::strict::{self, pointer_part};

/// The most faults that one answer names.
const MAX_FAULTS: usize = 32;
/// The most readings of one body; most faults take one or two.
const MAX_READINGS: usize = 160;
/// The most bytes that all readings of one body go through.
const MAX_READ: usize = 16 << 20;

/// Every fault in the shape of a body of `size` bytes, by place; none where it is a `T`.
pub fn faults<T: DeserializeOwned>(mut body: Value, size: usize) -> Vec<Fault> {
    let mut mending = Mending::default();
    for _ in 0..(MAX_READ / size.max(1)).clamp(1, MAX_READINGS) {
        let Err(error) = serde_path_to_error::deserialize::<_, T>(&body) else { break };
        let (at, words) = (strict::pointer(error.path()), error.inner().to_string());
        let full = mending.found.len() >= MAX_FAULTS;
        if !mending.mend(&mut body, fault(at, &words), &words, full) {
            break;
        }
    }
    let mut found = mending.found;
    found.sort_by_cached_key(|fault| place(&fault.pointer));
    found
}

/// Where a pointer sorts: entries of lists by their number.
fn place(pointer: &str) -> Vec<(u64, String)> {
    let part = |part: &str| (part.parse().unwrap_or(u64::MAX), part.to_string());
    pointer.split('/').map(part).collect()
}

/// Something put in where a value was missing or of another type.
struct StandIn {
    pointer: String,
    tried: Vec<Value>,
}

#[derive(Default)]
struct Mending {
    found: Vec<Fault>,
    stand_ins: Vec<StandIn>,
}

impl Mending {
    /// Notes a fault and mends its place; whether reading once more may tell something else.
    /// Where no more are named (`full`), only what the last one expects is still looked for.
    fn mend(&mut self, body: &mut Value, fault: Fault, words: &str, full: bool) -> bool {
        let at = fault.pointer.clone();
        let own = self.stand_ins.iter().any(|stand_in| stand_in.pointer == at);
        if full && !own {
            return false;
        }
        match fault.code {
            FaultCode::UnknownField => {
                self.note(fault);
                remove(body, &at)
            }
            FaultCode::Required => {
                self.note(fault);
                self.stand_ins.push(StandIn { pointer: at.clone(), tried: vec![Value::Null] });
                insert(body, &at)
            }
            _ => {
                if own {
                    self.tell(&at, fault.expected);
                } else {
                    // What lies within is no more what the field should hold than the whole is.
                    self.found.retain(|earlier| !within(&earlier.pointer, &at));
                    self.note(fault);
                    self.stand_ins.push(StandIn { pointer: at.clone(), tried: Vec::new() });
                }
                let stand_in = self.stand_ins.iter_mut().find(|stand_in| stand_in.pointer == at);
                let next = stand_in.and_then(|stand_in| stand_in.next(words));
                match (body.pointer_mut(&at), next) {
                    (Some(present), Some(next)) => *present = next,
                    _ => return false,
                }
                true
            }
        }
    }

    fn note(&mut self, fault: Fault) {
        if !self.stand_ins.iter().any(|stand_in| within(&fault.pointer, &stand_in.pointer)) {
            self.found.push(fault);
        }
    }

    /// What a missing value should be, as its stand-in was refused for it.
    fn tell(&mut self, at: &str, expected: String) {
        let noted = self.found.iter_mut().find(|fault| fault.pointer == at);
        if let Some(missing) = noted.filter(|fault| fault.code == FaultCode::Required) {
            missing.expected = expected;
        }
    }
}

impl StandIn {
    /// What to put in next, after the reader has said these words; `None` where all was in vain.
    fn next(&mut self, words: &str) -> Option<Value> {
        let any = [
            json!(""),
            json!(0),
            json!(1),
            json!(false),
            json!([]),
            json!({}),
            json!("2000-01-01"),
            json!("2000-01-01T00:00:00Z"),
            Value::Null,
        ];
        let mut all = told(words).into_iter().chain(any);
        let next = all.find(|value| !self.tried.contains(value))?;
        self.tried.push(next.clone());
        Some(next)
    }
}

fn within(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

/// What is said of a list in the place of an object: its entries are taken for the fields in turn.
const LONGER: &str = "fewer elements in array";

/// The value that a reader asks for in its words.
fn told(words: &str) -> Option<Value> {
    if words.starts_with("unknown variant") {
        return words.split('`').nth(3).map(Value::from);
    }
    let (_, expected) = words.rsplit_once("expected ")?;
    match expected.split(' ').next()? {
        "struct" => return Some(json!({})),
        "string" | "str" => return Some(json!("")),
        word if is_integer(word) => return Some(json!(0)),
        _ => {}
    }
    match expected {
        "a map" | LONGER => Some(json!({})),
        "a sequence" => Some(json!([])),
        "a string" => Some(json!("")),
        "a boolean" => Some(json!(false)),
        _ => None,
    }
}

fn is_integer(word: &str) -> bool {
    let width = word.strip_prefix(['i', 'u']);
    width.is_some_and(|width| matches!(width, "8" | "16" | "32" | "64" | "size"))
}

/// The object that a place stands in, and its name there.
fn above<'a>(body: &'a mut Value, pointer: &str) -> Option<(&'a mut Value, String)> {
    let (above, name) = pointer.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    Some((body.pointer_mut(above)?, name))
}

fn remove(body: &mut Value, pointer: &str) -> bool {
    let Some((Value::Object(fields), name)) = above(body, pointer) else { return false };
    fields.shift_remove(&name).is_some()
}

fn insert(body: &mut Value, pointer: &str) -> bool {
    let Some((Value::Object(fields), name)) = above(body, pointer) else { return false };
    fields.insert(name, Value::Null).is_none()
}

/// The fault behind a reader's words about the place at `pointer`.
pub fn fault(pointer: String, words: &str) -> Fault {
    let quoted = words.split('`').nth(1).unwrap_or_default();
    let field = format!("/{}", pointer_part(quoted));
    if words.starts_with("unknown field") {
        let known = words.split_once("expected ").map_or("", |(_, rest)| rest).replace('`', "");
        let at = if pointer.ends_with(&field) { pointer } else { pointer + &field };
        return Fault::new(at, FaultCode::UnknownField, known);
    }
    if words.starts_with("missing field") {
        return Fault::new(pointer + &field, FaultCode::Required, "a value");
    }
    if words.starts_with("duplicate field") {
        return Fault::new(pointer + &field, FaultCode::Duplicate, "one value");
    }
    let code = if words.starts_with("unknown variant") {
        FaultCode::UnknownValue
    } else if words.starts_with("invalid value") {
        FaultCode::OutOfRange
    } else if words.starts_with("invalid type") || words.starts_with("invalid length") {
        FaultCode::WrongType
    } else {
        FaultCode::Malformed
    };
    Fault::new(pointer, code, expected(words, quoted, code))
}

/// What would be right, by the reader's words; `quoted` is what it was given.
fn expected(words: &str, quoted: &str, code: FaultCode) -> String {
    let Some((_, rest)) = words.split_once("expected ") else {
        let number = ["digit", "number too", "integer"].iter().any(|word| words.contains(word));
        let bounds = "a whole number within bounds".to_string();
        return if number { bounds } else { words.replace('`', "") };
    };
    match rest {
        _ if rest.starts_with("struct ") => "an object".to_string(),
        "a map" | LONGER => "an object".to_string(),
        "a sequence" => "an array".to_string(),
        "a boolean" => "true or false".to_string(),
        "u8" | "u16" | "u32" | "u64" | "usize" if quoted.starts_with('-') => {
            "a whole number, 0 or more".to_string()
        }
        _ if is_integer(rest) && code == FaultCode::OutOfRange => {
            "a whole number within bounds".to_string()
        }
        _ if is_integer(rest) => "a whole number".to_string(),
        _ => rest.replace('`', ""),
    }
}

#[cfg(test)]
mod tests;
