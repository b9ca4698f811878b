//! Which code and facts a failure gets.
//!
//! Does not live here: statuses (`codes`), the words (`words`). Invariant: every failure and every
//! refusal of the rules maps without a catch-all, and a driver's text never leaves.

use serde_json::{Value, json};

use crate::domain::refusal::{Refusal, StockRef};
use crate::service::failure::Failure;

use super::super::context;
use super::{Code, Problem};

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => (&refusal).into(),
            Failure::Invalid(faults) => Self::invalid(Code::InvalidValue, faults),
            Failure::Unauthenticated => Self::new(Code::Unauthenticated),
            Failure::Forbidden(_) => Self::new(Code::Forbidden),
            Failure::NotFound { kind, code } => {
                Self::with(Code::NotFound, json!({ "kind": kind, "name": code }))
            }
            Failure::AsOfUnsupported => Self::new(Code::AsOfUnsupported),
            Failure::KeyReused { key } => {
                Self::with(Code::IdempotencyKeyReused, json!({ "key": key }))
            }
            Failure::PreconditionFailed { code } => {
                Self::with(Code::PreconditionFailed, json!({ "name": code }))
            }
            Failure::OutcomeUnknown => Self::new(Code::OutcomeUnknown),
            Failure::Unavailable => Self::new(Code::Unavailable),
            Failure::Overloaded => Self::new(Code::Overloaded),
            Failure::NoSpace => Self::new(Code::NoSpace),
            Failure::Broken(cause) => {
                let request_id = context::current().request_id;
                tracing::error!(%cause, %request_id, "a request failed inside");
                Self::new(Code::Internal)
            }
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Invalid(faults) => Self::invalid(Code::InvalidValue, faults.clone()),
            Refusal::UnknownReference { kind, code, pointer } => Self::with(
                Code::UnknownReference,
                json!({ "kind": kind, "name": code, "pointer": pointer }),
            ),
            Refusal::InsufficientStock { line, stock, have, need, unusable } => {
                Self::with(Code::InsufficientStock, stock_facts(*line, stock))
                    .add("have", *have)
                    .add("need", *need)
                    .add("unusable", *unusable)
            }
            Refusal::LotExpired { line, stock, last_usable_on, occurred_on } => {
                Self::with(Code::LotExpired, stock_facts(*line, stock))
                    .add("last_usable_on", last_usable_on.to_string())
                    .add("occurred_on", occurred_on.to_string())
            }
            Refusal::NegativeHistory { line, stock, at, least, need } => {
                Self::with(Code::NegativeHistory, stock_facts(*line, stock))
                    .add("at", at.rfc3339())
                    .add("have", *least)
                    .add("need", *need)
            }
            Refusal::DepotClosed { depot, status } => {
                Self::with(Code::DepotClosed, json!({ "depot": depot, "depot_status": status }))
            }
            Refusal::DocumentExists { document_no, id, seq } => Self::with(
                Code::DocumentExists,
                json!({ "document_no": document_no, "movement_id": id.to_string(), "seq": seq }),
            ),
            Refusal::AlreadyReversed { id, seq } => Self::with(
                Code::AlreadyReversed,
                json!({ "movement_id": id.to_string(), "seq": seq }),
            ),
            Refusal::NotReversible { id } => {
                Self::with(Code::NotReversible, json!({ "movement_id": id.to_string() }))
            }
            Refusal::ReversalBeforeTarget { target_occurred_at } => Self::with(
                Code::ReversalBeforeTarget,
                json!({ "target_occurred_at": target_occurred_at.rfc3339() }),
            ),
            Refusal::PlanState { code, state, wanted } => Self::with(
                Code::PlanState,
                json!({ "plan": code, "state": state, "wanted": wanted }),
            ),
            Refusal::PlanLine { order_no, reason, state, item } => Self::with(
                Code::PlanLine,
                json!({ "order_no": order_no, "reason": reason, "state": state, "item": item }),
            ),
            Refusal::EventState { code, state } => {
                Self::with(Code::EventState, json!({ "event": code, "state": state }))
            }
            Refusal::Conflict { kind, code, with } => Self::with(
                Code::ReferenceConflict,
                json!({
                    "kind": kind, "name": code, "with": with, "field": "/effective_from",
                }),
            ),
        }
    }
}

impl Problem {
    fn add(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_string(), value.into());
        self
    }
}

fn stock_facts(line: u32, stock: &StockRef) -> Value {
    json!({
        "line": line, "depot": stock.depot, "owner": stock.owner, "item": stock.item,
        "lot_no": stock.lot_no, "condition": stock.condition,
    })
}
