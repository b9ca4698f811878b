//! Commands of a random sequence, small enough to be shrunk and read.
//!
//! What must come of them is in `naive`. Invariant: a command means the same in every run but for
//! the clock; what does not exist is picked on purpose, and rarely.

use chrono::{Duration, SecondsFormat, Utc};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::support::world::{CITY_DEPOT, CLOSED_DEPOT, DEPOT_A, DEPOT_B, DEPOT_T};

/// Prefixes of the items of one case: without a life, with an advisory and with a hard one.
pub const ITEMS: [&str; 3] = ["T", "A", "H"];
const RECEIPTS: [&str; 4] = ["opening", "receipt_purchase", "receipt_donation", "adjust_gain"];

#[derive(Clone, Debug)]
pub enum Command {
    Book(Form),
    /// Of the n-th movement booked so far, or of one that is not there.
    Reverse {
        who: &'static str,
        target: usize,
        when: When,
    },
    /// The n-th request once more, its members in another order; by its sender or by another.
    Repeat {
        which: usize,
        by: Option<&'static str>,
    },
    /// Another body under the n-th request's key.
    Reuse {
        which: usize,
        form: Form,
    },
    Restart {
        politely: bool,
    },
    Count {
        known_at: Option<usize>,
        as_of: Option<&'static str>,
    },
}

#[derive(Clone, Copy, Debug)]
pub enum When {
    /// The server's clock decides.
    Now,
    At(&'static str),
    /// So many minutes ahead of the clock.
    Ahead(i64),
}

#[derive(Clone, Debug)]
pub struct Form {
    pub who: &'static str,
    kind: &'static str,
    when: When,
    document_no: Option<&'static str>,
    repeat_of_document: bool,
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    depot: &'static str,
    other: &'static str,
    /// Leaves out an end, or names one too many.
    bent: bool,
    item: &'static str,
    owner: Option<&'static str>,
    condition: Option<&'static str>,
    to_condition: Option<&'static str>,
    quantity: i64,
    unit: Option<&'static str>,
    lot: Option<Lot>,
}

#[derive(Clone, Debug)]
struct Lot {
    number: Option<&'static str>,
    produced_on: Option<&'static str>,
    expires_on: Option<&'static str>,
}

impl When {
    fn put(self, body: &mut Value) {
        match self {
            Self::Now => {}
            Self::At(at) => body["occurred_at"] = at.into(),
            Self::Ahead(minutes) => {
                let at = Utc::now() + Duration::minutes(minutes);
                body["occurred_at"] = at.to_rfc3339_opts(SecondsFormat::Micros, true).into();
            }
        }
    }
}

pub fn reversal(when: When) -> Value {
    let mut body = json!({ "reason": "误录" });
    when.put(&mut body);
    body
}

/// The same members the other way round.
pub fn turned(body: &Value) -> Value {
    match body {
        Value::Object(map) => {
            let turned = map.iter().rev().map(|(name, value)| (name.clone(), turned(value)));
            Value::Object(turned.collect::<Map<_, _>>())
        }
        Value::Array(all) => Value::Array(all.iter().map(turned).collect()),
        other => other.clone(),
    }
}

impl Form {
    /// The request's body; codes of items and documents end in the case's number.
    pub fn body(&self, case: usize) -> Value {
        let lines: Vec<Value> = self.lines.iter().map(|line| line.body(self.kind, case)).collect();
        let mut body = json!({ "type": self.kind, "lines": lines });
        if let Some(number) = self.document_no {
            body["document_no"] = format!("{number}{case}号").into();
        }
        if self.repeat_of_document {
            body["repeat_of_document"] = true.into();
        }
        self.when.put(&mut body);
        body
    }
}

impl Line {
    /// Fits the type, unless it is bent.
    fn body(&self, kind: &str, case: usize) -> Value {
        let (bent, receipt) = (self.bent, RECEIPTS.contains(&kind));
        let mut body = json!({ "item": format!("{}{case}", self.item), "quantity": self.quantity });
        let mut put = |name: &str, word: Option<&str>| {
            word.into_iter().for_each(|word| body[name] = word.into());
        };
        let elsewhere = if self.depot == CITY_DEPOT { DEPOT_A } else { CITY_DEPOT };
        let other = if self.other == self.depot && !bent { elsewhere } else { self.other };
        put("from", Some(self.depot).filter(|_| !receipt || bent));
        put(
            "to",
            match kind {
                "relocate" => Some(other).filter(|_| !bent || other == self.depot),
                _ => Some(if receipt { self.depot } else { other }).filter(|_| receipt || bent),
            },
        );
        let condition = self.condition.filter(|_| kind != "issue" || bent);
        let is = condition.unwrap_or("good");
        let changed = match self.to_condition {
            to if bent => to,
            Some(to) if to != is => Some(to),
            _ => Some(if is == "good" { "damaged" } else { "good" }),
        };
        put("owner", self.owner);
        put("condition", condition);
        put("to_condition", changed.filter(|_| kind == "condition_change" || bent));
        put("unit", self.unit);
        if let Some(lot) = &self.lot {
            // Who takes from a numbered lot mostly names the number alone.
            let number_only = !receipt && !bent && lot.number.is_some();
            let unless_number = |date: Option<&str>| date.filter(|_| !number_only).map(Value::from);
            body["lot"] = json!({
                "lot_no": lot.number, "produced_on": unless_number(lot.produced_on),
                "expires_on": unless_number(lot.expires_on)
            });
        }
        if receipt && self.item == "H" && !bent && body["lot"]["expires_on"].is_null() {
            body["lot"]["expires_on"] = "2024-05-05".into();
        }
        body
    }
}

fn depot() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        40 => Just(CITY_DEPOT), 10 => Just(DEPOT_A), 3 => Just(DEPOT_T), 3 => Just(DEPOT_B),
        1 => Just(CLOSED_DEPOT), 1 => Just("NOWHERE"),
    ]
}

fn who() -> impl Strategy<Value = &'static str> {
    prop_oneof![40 => Just("clerk"), 4 => Just("clerk-a"), 1 => Just("province")]
}

fn when() -> impl Strategy<Value = When> {
    let day = select(vec![
        "2024-05-01T09:30:00+08:00",
        "2024-05-02T00:00:00+08:00",
        "2024-05-02T23:59:59.999999+08:00",
        "2024-05-03T00:00:00+08:00",
        "2024-05-04T08:00:00Z",
        "2024-05-06T09:30:00+08:00",
    ]);
    prop_oneof![
        50 => day.prop_map(When::At), 10 => Just(When::Now), 3 => Just(When::Ahead(2)),
        1 => Just(When::Ahead(10)), 1 => Just(When::At("1949-12-31T09:30:00+08:00")),
    ]
}

fn kind() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        24 => select(RECEIPTS.to_vec()), 14 => Just("issue"), 6 => Just("relocate"),
        4 => Just("condition_change"), 3 => Just("adjust_loss"), 2 => Just("scrap"),
        1 => Just("loan_out"),
    ]
}

fn quantity() -> impl Strategy<Value = i64> {
    prop_oneof![
        80 => 1..30_i64, 4 => Just(1_000), 2 => Just(1_000_000_000_000), 1 => Just(0),
        1 => Just(1_000_000_000_001),
    ]
}

fn lot() -> impl Strategy<Value = Lot> {
    let number = weighted(0.7, select(vec!["L1", "L2"]));
    let produced = weighted(0.3, select(vec!["2023-05-02", "2024-02-29", "2024-05-03"]));
    let expires = select(vec!["2024-05-02", "2024-05-03", "2024-05-05", "2099-12-31"]);
    (number, produced, weighted(0.7, expires)).prop_map(|(number, produced_on, expires_on)| Lot {
        number,
        produced_on,
        expires_on,
    })
}

fn line() -> impl Strategy<Value = Line> {
    let conditions = || select(vec!["good", "quarantine", "damaged"]);
    let condition = weighted(0.15, conditions());
    let item = prop_oneof![12 => select(ITEMS.to_vec()), 24 => Just("H"), 1 => Just("X")];
    let owner = select(vec!["LY-YJ", "LY-YJ", "LY-YJ", "LS-YJ", "SD-YJ", "NOBODY"]);
    let owner = weighted(0.1, owner);
    let unit = weighted(0.1, select(vec!["箱", "床", "床", "吨"]));
    (
        (depot(), depot(), proptest::bool::weighted(0.02), item, owner),
        (condition, weighted(0.5, conditions()), quantity(), unit, weighted(0.5, lot())),
    )
        .prop_map(|(place, what)| Line {
            depot: place.0,
            other: place.1,
            bent: place.2,
            item: place.3,
            owner: place.4,
            condition: what.0,
            to_condition: what.1,
            quantity: what.2,
            unit: what.3,
            lot: what.4,
        })
}

fn form() -> impl Strategy<Value = Form> {
    let document = weighted(0.3, select(vec!["甲〔2024〕", "甲[2024]", "乙（2024）"]));
    let lines = prop_oneof![6 => vec(line(), 1), 2 => vec(line(), 2..4)];
    (who(), kind(), when(), document, proptest::bool::weighted(0.1), lines).prop_map(
        |(who, kind, when, document_no, repeat_of_document, lines)| Form {
            who,
            kind,
            when,
            document_no,
            repeat_of_document,
            lines,
        },
    )
}

fn command() -> impl Strategy<Value = Command> {
    let index = || 0..64_usize;
    let as_of = weighted(0.7, select(vec!["2024-05-02", "2024-05-03", "2024-05-05", "2100-01-01"]));
    prop_oneof![
        60 => form().prop_map(Command::Book),
        14 => (who(), index(), when()).prop_map(|(who, target, when)| {
            Command::Reverse { who, target, when }
        }),
        6 => (index(), weighted(0.2, who())).prop_map(|(which, by)| Command::Repeat { which, by }),
        3 => (index(), form()).prop_map(|(which, form)| Command::Reuse { which, form }),
        1 => any::<bool>().prop_map(|politely| Command::Restart { politely }),
        6 => (weighted(0.3, index()), as_of).prop_map(|(known_at, as_of)| {
            Command::Count { known_at, as_of }
        }),
    ]
}

pub fn commands() -> impl Strategy<Value = Vec<Command>> {
    vec(command(), 1..64)
}
