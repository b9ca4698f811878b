//! Tests of the writer of JSON: its bytes against those of the ordinary serializer.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Serialize)]
enum Any {
    Unit,
    New(i64),
    Pair(u8, Option<bool>),
    Fields { text: String, nothing: () },
}

#[derive(Debug, Serialize)]
struct Inner {
    shown: String,
    list: Vec<i64>,
}

#[derive(Debug, Serialize)]
struct Everything<'a> {
    text: &'a str,
    letter: char,
    #[serde(serialize_with = "shown")]
    display: &'a str,
    number: i64,
    small: u16,
    wide: i128,
    real: f64,
    half: f32,
    yes: bool,
    maybe: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u8>,
    empty: Vec<u8>,
    nested: Vec<Any>,
    by_text: BTreeMap<String, Vec<u8>>,
    tuple: (u32, &'a str),
    nobody: BTreeMap<String, u8>,
    #[serde(flatten)]
    inner: Inner,
}

fn shown<S: Serializer>(text: &&str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(text)
}

proptest! {
    #[test]
    fn the_bytes_are_those_of_the_ordinary_serializer(
        text in "[ -~\\x00-\\x1f\"\\\\仓é]{0,12}",
        number: i64,
        real: f64,
        maybe in prop::option::of("[a\"]{0,3}"),
        list in prop::collection::vec(any::<i64>(), 0..3),
        left_out: Option<u8>,
    ) {
        let letter = text.chars().next().unwrap_or('\u{7f}');
        let fields = Any::Fields { text: text.clone(), nothing: () };
        let value = Everything {
            text: &text,
            letter,
            display: &text,
            number,
            small: 7,
            wide: i128::from(number) * 3,
            real,
            half: 0.25,
            yes: number > 0,
            maybe: maybe.as_deref(),
            left_out,
            empty: Vec::new(),
            nested: vec![Any::Unit, Any::New(number), Any::Pair(3, None), fields],
            by_text: BTreeMap::from([(text.clone(), vec![1, 2]), ("z".to_string(), vec![])]),
            tuple: (9, &text),
            nobody: BTreeMap::new(),
            inner: Inner { shown: text.clone(), list },
        };
        prop_assert_eq!(to_vec(&value).unwrap(), serde_json::to_vec(&value).unwrap());
    }
}

#[test]
fn a_key_that_is_no_text_is_refused() {
    assert!(to_vec(&BTreeMap::from([(vec![1_u8], 2)])).is_err());
}
