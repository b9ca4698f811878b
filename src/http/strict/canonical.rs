//! The same JSON with sorted names and no blanks, straight from a body's bytes.
//!
//! Lives here: the quick way for bodies in which nothing is wrong. Does not live here: what is
//! wrong, and where (`strict`). Invariant: the bytes are those of the sorted value, which keys of
//! earlier requests are known by; `None` for whatever `strict` refuses.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// A value that borrows what it can from the body.
enum Node<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    /// By name.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// The canonical bytes of a body.
pub fn canonical(bytes: &[u8]) -> Option<Vec<u8>> {
    let node: Node<'_> = serde_json::from_slice(bytes).ok()?;
    let mut out = Vec::with_capacity(bytes.len());
    write(&node, &mut out)?;
    Some(out)
}

fn write(node: &Node<'_>, out: &mut Vec<u8>) -> Option<()> {
    match node {
        Node::Null => out.extend_from_slice(b"null"),
        Node::Bool(true) => out.extend_from_slice(b"true"),
        Node::Bool(false) => out.extend_from_slice(b"false"),
        Node::Number(number) => serde_json::to_writer(out, number).ok()?,
        Node::Text(text) => serde_json::to_writer(out, text).ok()?,
        Node::List(nodes) => {
            out.push(b'[');
            for (nth, node) in nodes.iter().enumerate() {
                if nth > 0 {
                    out.push(b',');
                }
                write(node, out)?;
            }
            out.push(b']');
        }
        Node::Object(fields) => {
            out.push(b'{');
            for (nth, (name, node)) in fields.iter().enumerate() {
                if nth > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, name).ok()?;
                out.push(b':');
                write(node, out)?;
            }
            out.push(b'}');
        }
    }
    Some(())
}

impl<'de> Deserialize<'de> for Node<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

/// A name, which is read like any text.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(Reader)? {
            Node::Text(name) => Ok(Self(name)),
            _ => Err(D::Error::custom("a name")),
        }
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node<'de>, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node<'de>, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node<'de>, E> {
        Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node<'de>, E> {
        Ok(Node::Text(Cow::Owned(value.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Node<'de>, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Node<'de>, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = parts.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Node<'de>, A::Error> {
        let mut fields: Vec<(Cow<'de, str>, Node<'de>)> = Vec::with_capacity(8);
        while let Some(Name(name)) = parts.next_key()? {
            fields.push((name, parts.next_value()?));
        }
        fields.sort_by(|one, other| one.0.cmp(&other.0));
        let mut names = fields.iter().map(|(name, _)| name).zip(fields.iter().skip(1));
        if names.any(|(name, (next, _))| name == next) {
            return Err(A::Error::custom("a name twice"));
        }
        Ok(Node::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::read;
    use super::canonical;

    /// By way of a tree of values, as it has always been.
    fn sorted(bytes: &[u8]) -> Option<Vec<u8>> {
        let mut value = read(bytes).ok()?;
        value.sort_all_objects();
        serde_json::to_vec(&value).ok()
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = || "[a-c/~\"\\\\\u{0}-\u{1f}é〔号😀 ]{0,4}".prop_map(Value::String);
        let number = prop_oneof![
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
        ];
        let leaf =
            prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, text(),];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                prop::collection::vec(("[a-cé\"~]{0,2}", inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_what_the_sorted_value_says(value in value(), pretty: bool) {
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            let quick = canonical(text.as_bytes());
            prop_assert!(quick.is_some());
            prop_assert_eq!(quick, sorted(text.as_bytes()));
        }

        #[test]
        fn what_one_refuses_the_other_refuses(text in r#"[{}\[\],:"a\\u0d8-9e.tn ]{0,12}"#) {
            prop_assert_eq!(canonical(text.as_bytes()), sorted(text.as_bytes()));
        }
    }

    #[test]
    fn odd_bodies_are_taken_alike() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"b":{"y":1,"x":[1.50,-0.0,1e3,1E400]}}"#,
            r#"{"b":{"y":1,"x":[1.50,-0.0,1e3]},"a":18446744073709551616}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"\u0062":1,"a\/":"\u4e34\n"}"#,
            "1 2",
            "",
            deep.as_str(),
        ] {
            assert_eq!(canonical(text.as_bytes()), sorted(text.as_bytes()), "{text}");
        }
        assert_eq!(canonical(b"\"\xff\""), sorted(b"\"\xff\""));
    }
}
