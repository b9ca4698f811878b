//! Request bodies as a clerk's program would send them.
//!
//! Codes are the world's. Invariant: what is built here is well-formed; tests break it on purpose.

use serde_json::{Value, json};

/// When the forms say that goods moved, unless a test says otherwise.
pub const OCCURRED_AT: &str = "2024-05-01T09:30:00+08:00";

pub fn movement(kind: &str, lines: &[Value]) -> Value {
    json!({ "type": kind, "occurred_at": OCCURRED_AT, "lines": lines })
}

pub fn receipt(depot: &str, item: &str, quantity: i64) -> Value {
    let line = json!({ "to": depot, "item": item, "quantity": quantity });
    movement("receipt_purchase", &[line])
}

/// A receipt of one lot that is good until a date.
pub fn receipt_of_lot(depot: &str, item: &str, quantity: i64, lot: &str, until: &str) -> Value {
    let lot = json!({ "lot_no": lot, "expires_on": until });
    with(receipt(depot, item, quantity), "/lines/0", "lot", lot)
}

pub fn issue(depot: &str, item: &str, quantity: i64) -> Value {
    let line = json!({ "from": depot, "item": item, "quantity": quantity });
    movement("issue", &[line])
}

/// The same body with one field set in the object at a pointer.
pub fn with(mut body: Value, pointer: &str, field: &str, value: impl Into<Value>) -> Value {
    let object = body.pointer_mut(pointer).expect("the form has it");
    object[field] = value.into();
    body
}

pub fn numbered(body: Value, document_no: &str) -> Value {
    with(body, "", "document_no", document_no)
}

pub fn at(body: Value, occurred_at: &str) -> Value {
    with(body, "", "occurred_at", occurred_at)
}
