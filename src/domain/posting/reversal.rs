//! Reversal: the exact mirror of one booked movement, at most once.
//!
//! Lives here: the mirrored lines and their check. Does not live here: finding the target in the
//! book. Invariant: lots and quantities are the target's; only the direction and the time change.

use super::super::calendar::Instant;
use super::super::movement::{Account, Inside, Line, Movement, MovementType, Paper};
use super::super::position::{Position, lot_index};
use super::super::reference::unknown;
use super::super::refusal::Refusal;
use super::history::{HistoryNeed, need_of_account};
use super::picking::stock_ref;
use super::{Booked, Desk, Entry, Pending, seal};

/// A reversal as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalDraft {
    pub reason: String,
    /// `None` is the time of recording.
    pub occurred_at: Option<Instant>,
}

/// Plans the reversal of `target`.
///
/// # Errors
/// `UnknownReference` out of scope, `NotReversible`, `AlreadyReversed`, `ReversalBeforeTarget`, or
/// `InsufficientStock` and `NegativeHistory` where the goods have since gone.
pub fn plan_reversal(
    desk: Desk<'_>,
    draft: &ReversalDraft,
    target: &Movement,
    reversed_by: Option<Booked>,
) -> Result<Movement, Refusal> {
    check_scope(desk, target)?;
    if target.kind == MovementType::Reversal {
        return Err(Refusal::NotReversible { id: target.id });
    }
    if let Some(Booked { id, seq }) = reversed_by {
        return Err(Refusal::AlreadyReversed { id, seq });
    }
    let occurred_at = draft.occurred_at.unwrap_or(desk.now);
    if occurred_at < target.occurred_at {
        return Err(Refusal::ReversalBeforeTarget { target_occurred_at: target.occurred_at });
    }
    let mut pending = Pending::new();
    let mut lines = Vec::with_capacity(target.lines.len());
    for (ix, line) in target.lines.iter().rev().enumerate() {
        let line = mirrored(line, ix);
        if let Account::Inside(from) = &line.from {
            check_line(desk, &line, from, occurred_at, &mut pending)?;
        }
        if let Account::Inside(to) = &line.to {
            note(desk, &mut pending, to, &line, line.quantity);
        }
        lines.push(line);
    }
    // By the order number what had been received for a plan's line is taken back.
    let order_no = target.paper.order_no.clone();
    let paper = Paper { reason: Some(draft.reason.clone()), order_no, ..Paper::default() };
    let entry = Entry {
        kind: MovementType::Reversal,
        occurred_at,
        organization: target.organization.clone(),
        paper,
        reversal_of: Some(target.id),
        lines,
    };
    Ok(seal(desk, entry))
}

/// The accounts whose later lines must be known before the reversal can be decided.
pub fn reversal_history_needs(
    position: &Position,
    target: &Movement,
    at: Instant,
) -> Vec<HistoryNeed> {
    let sources = target.lines.iter().filter_map(|line| match &line.to {
        Account::Inside(inside) => Some((inside, line)),
        Account::Outside(_) => None,
    });
    sources
        .filter_map(|(inside, line)| {
            let item = line.lot.key.item.as_str();
            need_of_account(position, inside, item, line.lot.id, at)
        })
        .collect()
}

/// The line backwards; the last line of the target comes first, as what came last must go first.
fn mirrored(line: &Line, ix: usize) -> Line {
    let line_no = u32::try_from(ix).unwrap_or(u32::MAX).saturating_add(1);
    let (from, to) = (line.to.clone(), line.from.clone());
    Line { line_no, request_line: line.line_no, from, to, ..line.clone() }
}

fn check_scope(desk: Desk<'_>, target: &Movement) -> Result<(), Refusal> {
    let reference = &desk.position.reference;
    let sees = |inside: &Inside| {
        let depot = reference.depots.by_code(inside.depot.as_str());
        depot.is_some_and(|depot| desk.principal.sees_code(&reference.regions, depot.region))
    };
    // What a reversal takes goods from is what its target brought them into.
    let acted_on = target.lines.iter().all(|line| match (&line.to, &line.from) {
        (Account::Inside(inside), _) | (_, Account::Inside(inside)) => sees(inside),
        _ => true,
    });
    if acted_on { Ok(()) } else { Err(unknown("movement", &target.id.to_string(), "/id")) }
}

fn check_line(
    desk: Desk<'_>,
    line: &Line,
    from: &Inside,
    at: Instant,
    pending: &mut Pending,
) -> Result<(), Refusal> {
    let row = lot_index(line.lot.id)
        .and_then(|lot| desk.position.key(from, line.lot.key.item.as_str(), lot))
        .and_then(|(depot, key)| Some((depot, desk.position.shard(depot)?.get(&key)?)));
    let (now, least) = match row {
        None => (0, (0, at)),
        Some((depot, row)) => {
            let now = row.quantity + pending.get(&(depot, row.key)).copied().unwrap_or(0);
            let least = if row.last_occurred_at > at {
                desk.history.least_from(from, line.lot.id, at, now)
            } else {
                (now, at)
            };
            (now, least)
        }
    };
    if least.0 >= line.quantity {
        note(desk, pending, from, line, -line.quantity);
        return Ok(());
    }
    let stock = stock_ref(from, line.lot.key.item.as_str(), line.lot.key.lot_no.as_deref());
    let (number, need) = (line.request_line, line.quantity);
    if now >= need {
        let (least, at) = least;
        return Err(Refusal::NegativeHistory { line: number, stock, at, least, need });
    }
    Err(Refusal::InsufficientStock { line: number, stock, have: now, need, unusable: 0 })
}

fn note(desk: Desk<'_>, pending: &mut Pending, account: &Inside, line: &Line, delta: i64) {
    let at = lot_index(line.lot.id)
        .and_then(|lot| desk.position.key(account, line.lot.key.item.as_str(), lot));
    if let Some(at) = at {
        *pending.entry(at).or_insert(0) += delta;
    }
}
