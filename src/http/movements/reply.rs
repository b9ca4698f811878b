//! The shape of a booked movement on the wire.
//!
//! Lives here: what is told of a movement. Does not live here: what is asked (`dto`). Invariant: no
//! text depends on the reader's language, so that a replay is the same bytes.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::chain::hex;
use crate::domain::movement::{Account, Movement};
use crate::service::movements::Seen;

use super::super::forms;

/// A booked movement.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementReply {
    #[schema(value_type = uuid::Uuid)]
    id: String,
    /// Its place in the book, gapless.
    #[schema(minimum = 1)]
    seq: i64,
    /// SHA-256 over the hash before, `seq` and the canonical record.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    hash: String,
    #[serde(rename = "type")]
    #[schema(schema_with = forms::movement_type)]
    kind: String,
    document_no: Option<String>,
    order_no: Option<String>,
    counterparty: Option<String>,
    handled_by: Option<String>,
    checked_by: Option<String>,
    approved_by: Option<String>,
    reason: Option<String>,
    note: Option<String>,
    /// The movement that this one reverses.
    #[schema(format = Uuid)]
    reversal_of: Option<String>,
    #[schema(format = DateTime)]
    occurred_at: String,
    #[schema(format = DateTime)]
    recorded_at: String,
    recorded_by: String,
    lines: Vec<LineReply>,
    /// Lines at depots out of the caller's region; the hash covers them too.
    lines_withheld: usize,
}

/// A booked line.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineReply {
    line_no: u32,
    /// The asked line that this one serves, from 1.
    request_line: u32,
    item: String,
    lot_id: i64,
    lot_no: Option<String>,
    #[schema(format = Date)]
    expires_on: Option<String>,
    owner: Option<String>,
    /// The new owner, where the line changes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_owner: Option<String>,
    /// The source's condition, or the new goods'.
    #[schema(schema_with = forms::condition_or_null)]
    condition: Option<String>,
    #[schema(schema_with = forms::condition_or_null)]
    to_condition: Option<String>,
    /// Depot code, or the outside account.
    from: String,
    to: String,
    #[schema(minimum = 1)]
    quantity: i64,
}

impl From<&Seen> for MovementReply {
    fn from(seen: &Seen) -> Self {
        Self { lines_withheld: seen.lines_withheld, ..Self::from(&seen.movement) }
    }
}

impl From<&Movement> for MovementReply {
    fn from(movement: &Movement) -> Self {
        let paper = movement.paper.clone();
        Self {
            id: movement.id.to_string(),
            seq: movement.seq,
            hash: hex(&movement.hash),
            kind: movement.kind.as_str().to_string(),
            document_no: paper.document_no,
            order_no: paper.order_no,
            counterparty: paper.counterparty,
            handled_by: paper.handled_by,
            checked_by: paper.checked_by,
            approved_by: paper.approved_by,
            reason: paper.reason,
            note: paper.note,
            reversal_of: movement.reversal_of.map(|id| id.to_string()),
            occurred_at: movement.occurred_at.rfc3339(),
            recorded_at: movement.recorded_at.rfc3339(),
            recorded_by: movement.recorded_by.clone(),
            lines: movement.lines.iter().map(line_reply).collect(),
            lines_withheld: 0,
        }
    }
}

fn line_reply(line: &crate::domain::movement::Line) -> LineReply {
    let name = |account: &Account| match account {
        Account::Inside(inside) => inside.depot.to_string(),
        Account::Outside(outside) => outside.as_str().to_string(),
    };
    let inside = |account: &Account| match account {
        Account::Inside(inside) => Some(inside.clone()),
        Account::Outside(_) => None,
    };
    let (source, target) = (inside(&line.from), inside(&line.to));
    let first = source.clone().or_else(|| target.clone());
    let condition = first.as_ref().map(|inside| inside.condition);
    let owner = first.map(|inside| inside.owner);
    let to_owner = target.as_ref().map(|inside| &inside.owner);
    let to_owner = to_owner.filter(|to| Some(*to) != owner.as_ref()).map(|to| to.to_string());
    let changed = target.map(|inside| inside.condition).filter(|to| Some(*to) != condition);
    LineReply {
        line_no: line.line_no,
        request_line: line.request_line,
        item: line.lot.key.item.to_string(),
        lot_id: line.lot.id,
        lot_no: line.lot.key.lot_no.as_deref().map(str::to_string),
        expires_on: line.lot.key.expires_on.map(|date| date.to_string()),
        owner: owner.map(|owner| owner.to_string()),
        to_owner,
        condition: condition.map(|condition| condition.as_str().to_string()),
        to_condition: changed.map(|condition| condition.as_str().to_string()),
        from: name(&line.from),
        to: name(&line.to),
        quantity: line.quantity,
    }
}
