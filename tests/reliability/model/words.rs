//! What is wrong with a request before any stock is looked at, by the naive rules.
//!
//! The stock is in `naive`. Invariant: written from the rules, not from the service's code; it
//! reads the same JSON that is sent.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::naive::{Account, Verdict};
use crate::support::world::{CITY_DEPOT, CLOSED_DEPOT, DEPOT_A, DEPOT_B, DEPOT_T};

const MOST: i64 = 1_000_000_000_000;
const AHEAD_US: i64 = 5 * 60 * 1_000_000;
const OWNERS: [&str; 4] = ["SD-YJ", "LY-YJ", "LS-YJ", "LZ-YJ"];
/// Depot, whose it is, and whether the clerk of county A keeps it.
const DEPOTS: [(&str, &str, bool); 5] = [
    (CITY_DEPOT, "LY-YJ", false),
    (CLOSED_DEPOT, "LY-YJ", false),
    (DEPOT_A, "LS-YJ", true),
    (DEPOT_T, "LS-YJ", true),
    (DEPOT_B, "LZ-YJ", false),
];

pub fn word<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value[name].as_str()
}

pub fn date(value: &Value, name: &str) -> Option<NaiveDate> {
    word(value, name).map(|text| text.parse().unwrap())
}

pub fn micros(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()
}

/// The Shanghai date of an instant.
pub fn day(at: i64) -> NaiveDate {
    let shifted = at + 8 * 3_600 * 1_000_000;
    DateTime::<Utc>::from_timestamp_micros(shifted).unwrap().date_naive()
}

pub fn in_scope(who: &str, depot: &str) -> bool {
    who == "clerk" || DEPOTS.iter().any(|(code, _, of_a)| *code == depot && *of_a)
}

pub fn is_receipt(kind: &str) -> bool {
    ["opening", "receipt_purchase", "receipt_donation", "adjust_gain"].contains(&kind)
}

/// The outside account of a type; none where goods stay within depots.
pub fn outside(kind: &str) -> Option<&'static str> {
    match kind {
        "opening" | "adjust_gain" => Some("found"),
        "receipt_purchase" | "receipt_donation" => Some("supplier"),
        "issue" => Some("consumed"),
        "adjust_loss" | "scrap" => Some("loss"),
        _ => None,
    }
}

/// What an item's code says of its life: how many months, and whether they bind.
pub fn life(item: &str) -> (Option<u32>, bool) {
    match item.as_bytes()[0] {
        b'A' => (Some(96), false),
        b'H' => (Some(12), true),
        _ => (None, false),
    }
}

/// Faults as pointer and code.
pub type Faults = Vec<(String, &'static str)>;

pub fn invalid(mut faults: Faults) -> Verdict {
    faults.sort();
    let errors: Vec<Value> =
        faults.iter().map(|(at, code)| json!({ "pointer": at, "code": code })).collect();
    Verdict::refused(422, "invalid_value", json!({ "errors": errors }), false)
}

pub fn time_faults(body: &Value, now: i64) -> Faults {
    let at = word(body, "occurred_at").map_or(now, micros);
    let mut faults = Faults::new();
    if at > now + AHEAD_US {
        faults.push(("/occurred_at".to_string(), "in_future"));
    }
    if day(at) < NaiveDate::from_ymd_opt(1950, 1, 1).unwrap() {
        faults.push(("/occurred_at".to_string(), "out_of_range"));
    }
    faults
}

/// Faults of single values: those of form first, then those of the type's rules.
pub fn value_faults(body: &Value, now: i64) -> Faults {
    let kind = word(body, "type").unwrap();
    let mut faults = Faults::new();
    if kind == "loan_out" {
        faults.push(("/type".to_string(), "unknown_value"));
    }
    let lines = body["lines"].as_array().unwrap();
    for (ix, line) in lines.iter().enumerate() {
        if !(1..=MOST).contains(&line["quantity"].as_i64().unwrap()) {
            faults.push((format!("/lines/{ix}/quantity"), "out_of_range"));
        }
    }
    if !faults.is_empty() {
        return faults;
    }
    faults = time_faults(body, now);
    for (ix, line) in lines.iter().enumerate() {
        let found = line_faults(kind, line);
        faults.extend(found.into_iter().map(|(at, code)| (format!("/lines/{ix}/{at}"), code)));
    }
    faults
}

fn line_faults(kind: &str, line: &Value) -> Vec<(&'static str, &'static str)> {
    let mut faults = Vec::new();
    let ends = [("from", !is_receipt(kind)), ("to", is_receipt(kind) || kind == "relocate")];
    for (end, wanted) in ends {
        match (wanted, word(line, end)) {
            (true, None) => faults.push((end, "required")),
            (false, Some(_)) => faults.push((end, "not_allowed")),
            _ => {}
        }
    }
    if kind == "relocate" && word(line, "from") == word(line, "to") {
        faults.push(("to", "duplicate"));
    }
    let condition = word(line, "condition").unwrap_or("good");
    match (kind == "condition_change", word(line, "to_condition")) {
        (true, None) => faults.push(("to_condition", "required")),
        (true, Some(to)) if to == condition => faults.push(("to_condition", "duplicate")),
        (false, Some(_)) => faults.push(("to_condition", "not_allowed")),
        _ => {}
    }
    if kind == "issue" && condition != "good" {
        faults.push(("condition", "unknown_value"));
    }
    let lot = &line["lot"];
    let dates = date(lot, "produced_on").zip(date(lot, "expires_on"));
    if dates.is_some_and(|(produced, expires)| expires < produced) {
        faults.push(("lot/expires_on", "date_order"));
    }
    faults
}

/// A line whose every word is known.
pub struct Known {
    pub account: Account,
    pub item: String,
    /// In base units.
    pub quantity: i64,
    /// When it comes in: until when it is good.
    pub expires_on: Option<NaiveDate>,
}

fn unknown(kind: &str, name: &str, pointer: String) -> Verdict {
    let facts = json!({ "kind": kind, "name": name, "pointer": pointer });
    Verdict::refused(409, "unknown_reference", facts, true)
}

/// Looks up every word of a line; the faults that the goods' own data show are collected.
pub fn look_up(
    who: &str,
    items: &[String],
    body: &Value,
    ix: usize,
    faults: &mut Faults,
) -> Result<Known, Verdict> {
    let line = &body["lines"][ix];
    let pointer = |name: &str| format!("/lines/{ix}/{name}");
    let mut depots = Vec::new();
    for end in ["from", "to"] {
        let Some(code) = word(line, end) else { continue };
        let found = DEPOTS.iter().find(|depot| depot.0 == code);
        depots.push((end, *found.ok_or_else(|| unknown("depot", code, pointer(end)))?));
    }
    // Goods leave where the clerk keeps them; where they go need only exist.
    let (end, (depot, keeper, _)) = depots[0];
    if !in_scope(who, depot) {
        return Err(unknown("depot", depot, pointer(end)));
    }
    if depots.iter().any(|(_, depot)| depot.0 == CLOSED_DEPOT) {
        let facts = json!({ "depot": CLOSED_DEPOT, "depot_status": "closed" });
        return Err(Verdict::refused(409, "depot_closed", facts, true));
    }
    let owner = word(line, "owner").unwrap_or(keeper);
    if !OWNERS.contains(&owner) {
        return Err(unknown("organization", owner, pointer("owner")));
    }
    let item = word(line, "item").unwrap();
    if !items.iter().any(|known| known == item) {
        return Err(unknown("item", item, pointer("item")));
    }
    let mut quantity = line["quantity"].as_i64().unwrap();
    let mut expires_on = date(&line["lot"], "expires_on");
    match word(line, "unit") {
        Some("箱") => quantity *= 24,
        Some("吨") => faults.push((pointer("unit"), "unknown_unit")),
        _ => {}
    }
    if quantity > MOST {
        faults.push((pointer("quantity"), "out_of_range"));
    } else if is_receipt(word(body, "type").unwrap()) && word(line, "unit") != Some("吨") {
        let (months, binding) = life(item);
        let produced = date(&line["lot"], "produced_on");
        let by_rule = produced
            .zip(months)
            .map(|(made, months)| made.checked_add_months(chrono::Months::new(months)).unwrap());
        expires_on = expires_on.or(by_rule);
        if binding && expires_on.is_none() {
            faults.push((pointer("lot/expires_on"), "expiry_required"));
        }
    }
    let condition = word(line, "condition").unwrap_or("good").to_string();
    let account = Account { depot: depot.to_string(), owner: owner.to_string(), condition };
    Ok(Known { account, item: item.to_string(), quantity, expires_on })
}
