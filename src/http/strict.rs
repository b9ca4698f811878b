//! JSON in which no name stands twice.
//!
//! Lives here: reading bytes into a value, and the place of what is wrong. Does not live here: the
//! shapes. Invariant: two readers of an accepted body cannot differ on which value a name has.

mod canonical;

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_path_to_error::{Path, Segment};

use crate::domain::refusal::{Fault, FaultCode};

pub use canonical::canonical;

/// A value whose objects have distinct names.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_string()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Strict(value)) = parts.next_element()? {
            found.push(value);
        }
        Ok(Value::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            let Strict(value) = fields.next_value()?;
            if found.contains_key(&name) {
                return Err(A::Error::custom(Twice(&name)));
            }
            found.insert(name, value);
        }
        Ok(Value::Object(found))
    }
}

/// Says which name stands twice.
struct Twice<'a>(&'a str);

const TWICE: &str = "twice: ";

impl fmt::Display for Twice<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{TWICE}{}", pointer_part(self.0))
    }
}

/// Reads a whole body.
///
/// # Errors
/// What is wrong: no JSON, too deep, or a name twice in one object.
pub fn read(bytes: &[u8]) -> Result<Value, Fault> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Strict(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let text = error.inner().to_string();
        let Some(rest) = text.strip_prefix(TWICE) else {
            return malformed(error.inner());
        };
        let name = rest.rsplit_once(" at line ").map_or(rest, |(name, _)| name);
        let above = pointer(error.path());
        let above = above.strip_suffix(&format!("/{name}")).unwrap_or(&above);
        Fault::new(format!("{above}/{name}"), FaultCode::Duplicate, "the name once")
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Fault {
    let expected = format!("JSON; line {}, column {}", error.line(), error.column());
    Fault::new("", FaultCode::Malformed, expected)
}

/// A path as a JSON pointer.
pub fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", pointer_part(key)),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => "/?".to_string(),
        })
        .collect()
}

/// A name as a part of a JSON pointer.
pub fn pointer_part(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are() {
        let text = r#"{"b":[1,-2,2.5,null,true,"x"],"a":{"b":{}}}"#;
        assert_eq!(read(text.as_bytes()).unwrap().to_string(), text);
    }

    #[test]
    fn a_name_twice_is_told_with_its_place() {
        for (text, at) in [
            (r#"{"a":1,"a":1}"#, "/a"),
            (r#"{"a":[{"b":{"c":1,"d":2,"c":3}}]}"#, "/a/0/b/c"),
            (r#"{"a/b":{"~":1,"~":2}}"#, "/a~1b/~0"),
            (r#"{"a":{"a":1,"b":{"a":1}},"a":1}"#, "/a"),
        ] {
            let fault = read(text.as_bytes()).unwrap_err();
            assert_eq!((fault.pointer.as_str(), fault.code), (at, FaultCode::Duplicate), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for text in ["", "{", "1 2", "nan", "1e999", deep.as_str()] {
            assert_eq!(read(text.as_bytes()).unwrap_err().code, FaultCode::Malformed, "{text}");
        }
    }
}
