//! What the service must say, in the model's words, and the first difference if it does not.
//!
//! Whether it may be booked is in `naive`. Invariant: of a refusal every fact is compared and none
//! may be there that is not expected; of a movement all but id, hash and the server's clock.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::naive::{Entry, Line, Model, Side, Verdict, sum};
use super::words::{micros, word};
use crate::support::Reply;

/// Members of every problem that are no facts.
const PROSE: [&str; 6] = ["type", "title", "status", "detail", "code", "request_id"];
const FIGURES: [&str; 6] =
    ["on_hand", "effective", "quarantine", "damaged", "expired", "overdue_storage"];

fn line(line: &Line, line_no: usize) -> Value {
    let inside = |side: &Side| match side {
        Side::Inside(account) => Some(account.clone()),
        Side::Outside(_) => None,
    };
    let (from, to) = (inside(&line.from), inside(&line.to));
    let first = from.clone().or_else(|| to.clone()).unwrap();
    let changed = to.map(|to| to.condition).filter(|condition| *condition != first.condition);
    json!({
        "line_no": line_no, "request_line": line.request_line, "item": line.lot.item,
        "lot_id": line.lot.id, "lot_no": line.lot.lot_no,
        "expires_on": line.lot.expires_on.map(|date| date.to_string()), "owner": first.owner,
        "condition": first.condition, "to_condition": changed, "from": line.from.name(),
        "to": line.to.name(), "quantity": line.quantity
    })
}

fn movement(entry: &Entry, seq: i64, who: &str) -> Value {
    let lines: Vec<Value> = entry.lines.iter().zip(1..).map(|(it, no)| line(it, no)).collect();
    let reason = entry.reversal_of.as_ref().map(|_| "误录");
    json!({
        "type": entry.kind, "seq": seq, "document_no": entry.document_no, "recorded_by": who,
        "reversal_of": entry.reversal_of, "reason": reason, "lines_withheld": 0, "lines": lines
    })
}

/// Facts as they are on the wire, with instants as numbers and the server's own left out.
fn facts_of(problem: &Value, expected: &Value) -> Value {
    let mut found = problem.clone();
    let facts = found.as_object_mut().unwrap();
    facts.retain(|name, _| !PROSE.contains(&name.as_str()));
    for name in ["at", "target_occurred_at"] {
        if let Some(at) = facts.get_mut(name) {
            let own = expected[name].is_null();
            *at = if own { Value::Null } else { micros(at.as_str().unwrap()).into() };
        }
    }
    if let Some(errors) = facts.get_mut("errors").and_then(Value::as_array_mut) {
        let code = |fault: &Value| json!({ "pointer": fault["pointer"], "code": fault["code"] });
        let mut codes: Vec<Value> = errors.iter().map(code).collect();
        codes.sort_by_key(Value::to_string);
        *errors = codes;
    }
    found
}

fn differ(what: &str, expected: &impl std::fmt::Debug, reply: &Reply) -> Result<(), String> {
    let status = reply.status;
    Err(format!("{what}: the model says {expected:?}, the service {status} {}", reply.text))
}

/// Compares a reply with the model's verdict.
pub fn compare(
    verdict: &Verdict,
    reply: &Reply,
    who: &str,
    seq: i64,
    body: &Value,
) -> Result<(), String> {
    match verdict {
        Verdict::Again { status, text } => {
            if (reply.status, &reply.text, reply.replayed()) != (*status, text, true) {
                return differ("a repeat", verdict, reply);
            }
        }
        Verdict::Refused { status, code, facts, .. } => {
            let problem = reply.json();
            let mut expected = facts.clone();
            if let Some(errors) = expected.get_mut("errors").and_then(Value::as_array_mut) {
                errors.sort_by_key(Value::to_string);
            }
            let same = reply.status == *status
                && problem["code"] == *code
                && facts_of(&problem, facts) == expected
                && !reply.replayed();
            if !same {
                return differ("a refusal", &(status, code, expected), reply);
            }
        }
        Verdict::Booked(entry) => {
            let expected = movement(entry, seq, who);
            let found = reply.json();
            let told = word(body, "occurred_at").map(micros);
            let given = |name: &str| word(&found, name).map(micros);
            let same = reply.status == 201
                && !reply.replayed()
                && expected.as_object().unwrap().iter().all(|(name, it)| found[name] == *it)
                && given("occurred_at") == told.or_else(|| given("recorded_at"));
            if !same {
                return differ("a movement", &expected.to_string(), reply);
            }
        }
    }
    Ok(())
}

/// Rows of stock by lot: figures and the earliest expiry.
type Rows = BTreeMap<(String, String, i64), ([i64; 6], Option<String>)>;

/// Stock by lot of one item, of the lines up to an entry and before an instant, usable on a date.
pub fn stock(model: &Model, item: &str, seq: i64, before: i64, on: NaiveDate) -> Rows {
    let mut rows = Rows::new();
    for (account, lot) in model.touched() {
        let then = model.lines.iter().filter(|line| line.seq <= seq && line.at < before);
        let quantity = sum(then, &account, &lot);
        if lot.item != item || quantity == 0 {
            continue;
        }
        let key = (account.depot.clone(), account.owner.clone(), lot.id);
        let (figures, earliest) = rows.entry(key).or_default();
        let usable = lot.usable(on);
        let as_what = match account.condition.as_str() {
            "quarantine" => 2,
            "damaged" => 3,
            _ if usable => 1,
            _ if item.starts_with('H') => 4,
            _ => 5,
        };
        figures[0] += quantity;
        figures[as_what] += quantity;
        if as_what == 1 {
            *earliest = lot.last_day().map(|last| last.to_string());
        }
    }
    rows
}

pub fn stock_told(answer: &Value) -> Rows {
    let row = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap().to_string();
        let figures = FIGURES.map(|name| row[name].as_i64().unwrap());
        let earliest = row["earliest_expiry"].as_str().map(str::to_string);
        ((text("depot"), text("owner"), row["lot_id"].as_i64().unwrap()), (figures, earliest))
    };
    answer["items"].as_array().unwrap().iter().map(row).collect()
}
