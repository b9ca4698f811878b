//! Bodies of many faults, and how soon they are found.
//!
//! Whole requests are in `tests/http/faults`. Invariant: what is told does not depend on the order
//! of the fields.

use std::cell::Cell;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::*;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Area,
    Road,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is read")]
struct Place {
    region: String,
    displaced: u32,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape is read")]
struct Asked {
    name: String,
    exercise: bool,
    kind: Kind,
    areas: Vec<Place>,
    first: Place,
    #[serde(default)]
    hours: Option<u32>,
    #[serde(default)]
    codes: Vec<String>,
}

fn found(body: &Value) -> Vec<Fault> {
    let mut sorted = body.clone();
    sorted.sort_all_objects();
    let size = sorted.to_string().len();
    faults::<Asked>(sorted, size)
}

fn brief(body: &Value) -> Vec<(String, &'static str)> {
    let told = found(body).into_iter();
    told.map(|fault| (fault.pointer, fault.code.as_str())).collect()
}

fn check(body: &Value, expected: &[(&str, &'static str)]) {
    let expected: Vec<(String, &'static str)> =
        expected.iter().map(|(at, code)| ((*at).to_string(), *code)).collect();
    assert_eq!(brief(body), expected, "{body}");
}

fn place() -> Value {
    json!({"region": "37", "displaced": 1})
}

fn whole() -> Value {
    json!({"name": "x", "exercise": true, "kind": "area", "areas": [place()], "first": place()})
}

#[test]
fn a_body_of_the_shape_has_no_fault() {
    check(&whole(), &[]);
}

#[test]
fn all_that_is_missing_is_told_with_what_it_should_be() {
    let told = found(&json!({}));
    let told: Vec<(&str, FaultCode, &str)> = told
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.code, fault.expected.as_str()))
        .collect();
    let required = FaultCode::Required;
    assert_eq!(
        told,
        [
            ("/areas", required, "an array"),
            ("/exercise", required, "true or false"),
            ("/first", required, "an object"),
            ("/kind", required, "area or road"),
            ("/name", required, "a string"),
        ]
    );
}

#[test]
fn faults_of_every_kind_are_told_at_once_wherever_they_stand() {
    let areas = json!([place(), {"displaced": "many"}, 7, {"region": 37, "people": 1}, place(),
        place(), place(), place(), place(), place(), {"region": "37", "displaced": -1}]);
    let body = json!({"exercise": "no", "kind": "sea", "areas": areas, "hours": 5_000_000_000_u64,
        "first": {"first": 1, "displaced": 1.5}, "codes": ["a", 1, null], "a/b": 1, "name": null});
    let expected = [
        ("/areas/1/displaced", "wrong_type"),
        ("/areas/1/region", "required"),
        ("/areas/2", "wrong_type"),
        ("/areas/3/displaced", "required"),
        ("/areas/3/people", "unknown_field"),
        ("/areas/3/region", "wrong_type"),
        ("/areas/10/displaced", "out_of_range"),
        ("/a~1b", "unknown_field"),
        ("/codes/1", "wrong_type"),
        ("/codes/2", "wrong_type"),
        ("/exercise", "wrong_type"),
        ("/first/displaced", "wrong_type"),
        ("/first/first", "unknown_field"),
        ("/first/region", "required"),
        ("/hours", "out_of_range"),
        ("/kind", "unknown_value"),
        ("/name", "wrong_type"),
    ];
    check(&body, &expected);
    let Value::Object(fields) = &body else { panic!("{body}") };
    let turned: Map<String, Value> =
        fields.iter().rev().map(|(name, value)| (name.clone(), value.clone())).collect();
    check(&Value::Object(turned), &expected);
    let words: Vec<String> = found(&body).into_iter().map(|fault| fault.expected).collect();
    assert_eq!(words[7], "one of name, exercise, kind, areas, first, hours, codes");
    assert_eq!(words[2], "an object");
    assert_eq!(words[6], "a whole number, 0 or more");
    assert_eq!(words[10], "true or false");
    assert_eq!(words[14], "a whole number within bounds");
    assert_eq!(words[15], "area or road");
}

#[test]
fn a_body_that_is_no_object_has_one_fault() {
    for body in [json!(null), json!([]), json!([1, 2]), json!("x"), json!(1), json!(vec![1; 40])] {
        check(&body, &[("", "wrong_type")]);
        assert_eq!(found(&body)[0].expected, "an object", "{body}");
    }
}

#[test]
fn no_more_are_told_than_anybody_reads() {
    let many: Vec<Value> = (0..40).map(|_| json!({"region": "37"})).collect();
    let mut body = whole();
    body["areas"] = json!(many);
    let told = found(&body);
    assert_eq!(told.len(), MAX_FAULTS);
    let at = |at: usize| format!("/areas/{at}/displaced");
    assert_eq!((&told[0].pointer, &told[31].pointer), (&at(0), &at(31)));
    assert!(told.iter().all(|fault| fault.expected == "a whole number"), "{told:?}");
}

thread_local! {
    static READINGS: Cell<usize> = const { Cell::new(0) };
}

/// Counts how often it is read.
struct Counted;

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        READINGS.set(READINGS.get() + 1);
        Asked::deserialize(reader).map(|_| Self)
    }
}

/// Bounds of time are wide, as a busy machine is slow and this is no build for speed.
#[test]
fn a_megabyte_of_faults_is_read_a_few_times_and_no_more() {
    let unknown: Map<String, Value> = (0..87_000).map(|n| (format!("u{n:06}"), json!(1))).collect();
    let last = json!({"region": "37", "displaced": "x"});
    let mut areas: Vec<Value> = vec![place(); 34_000];
    areas.extend(vec![last; 100]);
    let mut long = whole();
    long["areas"] = json!(areas);
    for body in [Value::Object(unknown), long] {
        let size = body.to_string().len();
        assert!((1_000_000..=1 << 20).contains(&size), "{size}");
        let begun = Instant::now();
        READINGS.set(0);
        let told = faults::<Counted>(body, size);
        println!("{} readings, {} faults, {:?}", READINGS.get(), told.len(), begun.elapsed());
        assert!(READINGS.get() <= 16, "{}", READINGS.get());
        assert!((8..=MAX_FAULTS).contains(&told.len()), "{}", told.len());
        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    }
}

/// A value that no stand-in suits.
#[derive(Debug)]
struct Never;

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let _ = Value::deserialize(reader)?;
        Err(serde::de::Error::custom("not that"))
    }
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only its shape is read")]
struct Hopeless {
    a: u32,
    never: Never,
    z: u32,
}

#[test]
fn where_nothing_helps_what_has_been_found_is_told() {
    let told = faults::<Hopeless>(json!({"a": "x", "never": 1, "z": "y"}), 30);
    let told: Vec<(&str, FaultCode)> =
        told.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    assert_eq!(told, [("/a", FaultCode::WrongType), ("/never", FaultCode::Malformed)]);
}
