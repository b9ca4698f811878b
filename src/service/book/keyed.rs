//! Amendments under an idempotency key: decided under the lock, answered once for all repeats.
//!
//! Lives here: the order of checks, and what is kept. Does not live here: the transaction, and what
//! the records are. Invariant: the answer is kept in the transaction that writes what it tells of;
//! a refusal writes nothing else.

use std::sync::Arc;

use crate::domain::calendar::Instant;
use crate::domain::position::Position;
use crate::domain::reference::Record;
use crate::store::append::{self, Batch};
use crate::store::dialect::Db;
use crate::store::fault::Stored;
use crate::store::head::End;
use crate::store::receipts::{self, Answer, KeptAnswer};
use crate::store::reference;

use super::super::access;
use super::super::failure::Failure;
use super::jobs::{Kept, KeyedAmendment, Reply};

/// What a keyed amendment has come to, before it is written.
pub(super) struct Decision {
    /// Already checked against the reference data with all of them put in.
    pub records: Vec<Record>,
    pub kept: Vec<KeptAnswer>,
    /// The Position with the records put in, its revision raised.
    pub next: Position,
}

/// Decides an amendment: what is to be written, and the answer once that is committed.
///
/// # Errors
/// `Lost` and the like; nothing is decided then.
pub(super) fn decide(
    db: &mut Db,
    position: &Position,
    request: KeyedAmendment,
    now: Instant,
) -> Stored<(Decision, Reply<Kept>)> {
    let nothing = || Decision { records: Vec::new(), kept: Vec::new(), next: position.clone() };
    let KeyedAmendment { principal, credential, action, key, request_hash, decide, render } =
        request;
    let known = access::recognise_again(position, &principal, credential)
        .and_then(|principal| access::authorise(&principal, action).map(|()| principal));
    let principal = match known {
        Ok(principal) => principal,
        Err(failure) => return Ok((nothing(), Err(failure))),
    };
    let found = receipts::find(db, &[(principal.id, &key)])?.into_values().next();
    if let Some(receipt) = found {
        let reply = match receipt.answer {
            Answer::Kept { status, body } if receipt.request_hash == request_hash => {
                Ok(Kept { status, body, replayed: true })
            }
            Answer::Kept { .. } | Answer::Movement { .. } => Err(Failure::KeyReused { key }),
        };
        return Ok((nothing(), reply));
    }
    let mut decision = nothing();
    let told = decide(&principal, position).and_then(|decided| {
        if !decided.records.is_empty() {
            decision.next = amended(position, &decided.records)?;
            decision.next.head.reference_rev += 1;
        }
        decision.records = decided.records;
        Ok((decided.status, (decided.compose)(decision.next.head.reference_rev)))
    });
    let (status, body) = match told {
        Ok(answer) => answer,
        Err(Failure::Refused(refusal)) => {
            decision = nothing();
            render(&refusal)
        }
        Err(failure) => return Ok((nothing(), Err(failure))),
    };
    decision.kept.push(KeptAnswer {
        principal: principal.id,
        key,
        request_hash,
        status,
        body: body.clone(),
        created_at: now.0,
    });
    Ok((decision, Ok(Kept { status, body, replayed: false })))
}

/// Writes what was decided at the end `from`, within the transaction that locked the head; the end
/// it then has.
///
/// # Errors
/// Any fault; the transaction must then be rolled back.
pub(super) fn write(db: &mut Db, decision: &Decision, from: &End) -> Stored<End> {
    let kept = from.kept + i64::try_from(decision.kept.len()).unwrap_or(i64::MAX);
    let to = End { head: decision.next.head, kept };
    if to != *from {
        reference::save(db, &decision.records, to.head.reference_rev)?;
        let kept = decision.kept.as_slice();
        let (entries, new_lots, balances) = Default::default();
        append::append(db, Batch { entries, new_lots, balances, kept, from, to: &to })?;
    }
    Ok(to)
}

/// The Position with records put in, every one checked against all the others; its revision is
/// still to be raised.
///
/// # Errors
/// The refusal of the first record that does not fit.
pub(super) fn amended(position: &Position, records: &[Record]) -> Result<Position, Failure> {
    let reference = position.reference.with(records.iter().cloned());
    for record in records {
        reference.check(record)?;
    }
    let mut next = position.clone();
    next.set_reference(Arc::new(reference), position.head.reference_rev);
    Ok(next)
}
