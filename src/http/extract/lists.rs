//! Bodies with long lists: how much of them is read, and which list is too long.
//!
//! Lives here: reading up to a limit once the caller is known, and counting entries without
//! keeping any. Does not live here: what an entry may be. Invariant: a body over the usual size is
//! never made into values.

use std::fmt;

use actix_web::error::PayloadError;
use actix_web::{HttpRequest, web};
use serde::de::{
    Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::domain::refusal::{Fault, FaultCode};

use super::super::limits::code_of;
use super::super::problem::{Code, Problem};
use super::{JsonBody, MAX_BODY, json};

/// The most bytes of a body whose lists are counted.
pub const MAX_COUNTED: usize = 8 << 20;

/// A list of a body: its name, and how many entries it may have.
pub type List = (&'static str, (usize, usize));

/// Reads a body only now that the caller is known.
///
/// # Errors
/// 413 for more bytes than `most`, 408 for one that comes too slowly, 503 where there is no room.
pub async fn body_of(payload: web::Payload, most: usize) -> Result<web::Bytes, Problem> {
    match payload.to_bytes_limited(most).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => {
            let code = error.as_error::<PayloadError>().map_or(Code::MalformedJson, code_of);
            Err(Problem::new(code))
        }
        Err(_) => Err(Problem::new(Code::BodyTooLarge)),
    }
}

/// Reads a JSON body that may have long lists. One that is too large for the usual limit is
/// refused either way; a list with too many entries is named.
///
/// # Errors
/// Those of `json`, and 422 naming each list of a large body that is too long.
pub async fn listed<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: web::Payload,
    lists: &[List],
) -> Result<JsonBody<T>, Problem> {
    let bytes = body_of(payload, MAX_COUNTED).await?;
    if bytes.len() > MAX_BODY {
        let faults = too_long(&bytes, lists);
        if !faults.is_empty() {
            return Err(Problem::invalid(Code::InvalidValue, faults));
        }
    }
    json(request, &bytes)
}

/// The fault of a list with so many entries, if it is one.
pub fn fault((name, (least, most)): List, count: usize) -> Option<Fault> {
    let expected = format!("{least} to {most}");
    let fault = || Fault::new(format!("/{name}"), FaultCode::OutOfRange, expected);
    (!(least..=most).contains(&count)).then(fault)
}

/// The lists of a body that are too long; none where it is no JSON object.
fn too_long(bytes: &[u8], lists: &[List]) -> Vec<Fault> {
    let Ok(Lengths(lengths)) = serde_json::from_slice(bytes) else { return Vec::new() };
    let longest = |list: &List| {
        let named = lengths.iter().filter(|(name, _)| name == list.0);
        named.map(|(_, length)| *length).max().filter(|length| *length > list.1.1)
    };
    lists.iter().filter_map(|list| fault(*list, longest(list)?)).collect()
}

/// The names of an object with the lengths of their lists; no more names than any body has.
struct Lengths(Vec<(String, usize)>);

const MAX_NAMES: usize = 64;

impl<'de> Deserialize<'de> for Lengths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Names).map(Self)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Vec<(String, usize)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(name) = fields.next_key::<String>()? {
            let Length(length) = fields.next_value()?;
            if found.len() < MAX_NAMES {
                found.push((name, length));
            }
        }
        Ok(found)
    }
}

/// The length of a list; 0 of anything else.
struct Length(usize);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entries).map(Self)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = usize;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<usize, A::Error> {
        let mut count = 0;
        while entries.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<usize, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(0)
    }

    fn visit_bool<E>(self, _: bool) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_i64<E>(self, _: i64) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_u64<E>(self, _: u64) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_f64<E>(self, _: f64) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_str<E>(self, _: &str) -> Result<usize, E> {
        Ok(0)
    }

    fn visit_unit<E>(self) -> Result<usize, E> {
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_counted_whatever_stands_in_it_and_beside_it() {
        let lists: [List; 2] = [("areas", (1, 3)), ("closures", (0, 1))];
        let told = |text: &str| -> Vec<String> {
            let faults = too_long(text.as_bytes(), &lists);
            faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.expected)).collect()
        };
        let beside =
            r#""name":"x","exercise":true,"a":-1,"b":1.5,"c":null,"d":{"areas":[1,2,3,4]}"#;
        assert_eq!(told(&format!("{{{beside}}}")), Vec::<String>::new());
        let areas = r#""areas":[{"region":"37"},[],null,"x"]"#;
        assert_eq!(told(&format!("{{{beside},{areas}}}")), ["/areas 1 to 3"]);
        let both = format!("{{{areas},\"closures\":[1,2]}}");
        assert_eq!(told(&both), ["/areas 1 to 3", "/closures 0 to 1"]);
        for other in ["[1,2,3,4]", "{\"areas\":[1,2,3,4]", "", "{\"areas\":[1,2,3]}"] {
            assert_eq!(told(other), Vec::<String>::new(), "{other}");
        }
    }
}
