//! Posting: whether a draft may be booked, from which lots, and as which entry.
//!
//! Lives here: the decision, first-expired-first-out, reversal and back-dating. Does not live here:
//! the transaction around it. Invariant: what is planned can be applied to the same Position, and
//! leaves no balance negative at any business instant.

mod history;
mod orders;
mod picking;
mod resolve;
mod reversal;

use std::collections::HashMap;

use uuid::Uuid;

use super::access::Principal;
use super::calendar::Instant;
use super::catalogue::Code;
use super::chain;
use super::movement::{Draft, Line, Movement, MovementType, Paper};
use super::position::{Key, Position};
use super::refusal::Refusal;

pub use history::{History, HistoryNeed};
pub use resolve::{faults, reversal_faults};
pub use reversal::{ReversalDraft, plan_reversal, reversal_history_needs};

/// A movement already in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booked {
    pub id: Uuid,
    pub seq: i64,
}

/// What a decision is made upon.
#[derive(Debug, Clone, Copy)]
pub struct Desk<'a> {
    /// The stock after all that was accepted before.
    pub position: &'a Position,
    /// Later lines of back-dated accounts.
    pub history: &'a History,
    pub principal: &'a Principal,
    /// The new movement's id.
    pub id: Uuid,
    /// The time of recording.
    pub now: Instant,
}

/// Balance changes that this movement's earlier lines have planned.
type Pending = HashMap<(u32, Key), i64>;

/// Plans a draft as the entry after `desk.position`. `same_paper` is the movement that the same
/// document has already been booked as.
///
/// # Errors
/// The first refusal of the rules; nothing is booked then.
pub fn plan(
    desk: Desk<'_>,
    draft: &Draft,
    same_paper: Option<Booked>,
) -> Result<Movement, Refusal> {
    let resolved = resolve::resolve(desk, draft)?;
    if let (Some(booked), Some(document_no), false) =
        (same_paper, &draft.paper.document_no, draft.repeat_of_document)
    {
        let document_no = document_no.clone();
        return Err(Refusal::DocumentExists { document_no, id: booked.id, seq: booked.seq });
    }
    orders::check(desk, draft)?;
    let occurred_at = draft.occurred_at.unwrap_or(desk.now);
    let mut planner = picking::Planner::new(desk, draft.kind, occurred_at);
    for line in &resolved.lines {
        planner.plan(line)?;
    }
    let entry = Entry {
        kind: draft.kind,
        occurred_at,
        organization: resolved.organization,
        paper: draft.paper.clone(),
        reversal_of: None,
        lines: planner.lines,
    };
    Ok(seal(desk, entry))
}

/// The organization whose document a draft is: the owner of its first line's goods; `None` where
/// that cannot be known.
pub fn document_owner(position: &Position, draft: &Draft) -> Option<Code> {
    let line = draft.lines.first()?;
    let depot = line.from.as_ref().or(line.to.as_ref())?;
    let depot = position.reference.depots.by_code(depot.as_str())?;
    Some(line.owner.clone().unwrap_or_else(|| depot.organization.clone()))
}

/// The accounts whose later lines must be known before the draft can be decided.
pub fn history_needs(position: &Position, draft: &Draft, now: Instant) -> Vec<HistoryNeed> {
    history::needs_of_draft(position, draft, draft.occurred_at.unwrap_or(now))
}

struct Entry {
    kind: MovementType,
    occurred_at: Instant,
    organization: Code,
    paper: Paper,
    reversal_of: Option<Uuid>,
    lines: Vec<Line>,
}

fn seal(desk: Desk<'_>, entry: Entry) -> Movement {
    let head = &desk.position.head;
    let mut movement = Movement {
        id: desk.id,
        seq: head.seq + 1,
        kind: entry.kind,
        occurred_at: entry.occurred_at,
        recorded_at: desk.now,
        principal: desk.principal.id,
        recorded_by: desk.principal.name.clone(),
        organization: entry.organization,
        paper: entry.paper,
        reversal_of: entry.reversal_of,
        lines: entry.lines,
        hash: [0; 32],
    };
    movement.hash = chain::link(&head.hash, movement.seq, &chain::canonical(&movement));
    movement
}

#[cfg(test)]
mod tests;
