//! From the database to the Position: all of it at the start, the tail afterwards.
//!
//! Lives here: loading, following, and telling that the book is another one. Does not live here:
//! the queue. Invariant: every entry followed continues the hash chain.

use std::sync::Arc;

use crate::domain::chain;
use crate::domain::position::{Broken, Head, Position};
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::{ledger, reference};

/// Rows per statement while loading.
const CHUNK: i64 = 10_000;

fn broken(what: &str, cause: Broken) -> StoreFault {
    StoreFault::Corrupt(format!("{what}: {cause:?}"))
}

/// The Position at `head`, from the stored balances.
///
/// # Errors
/// `Lost`, or `Corrupt` where the rows do not fit together.
pub(super) fn load(db: &mut Db, head: &Head) -> Stored<Position> {
    let mut position = Position::empty();
    let records = reference::changed_since(db, 0)?;
    let all = position.reference.with(records);
    position.set_reference(Arc::new(all), head.reference_rev);
    let mut last = 0;
    loop {
        let lots = ledger::lots_after(db, last, CHUNK)?;
        let Some(lot) = lots.last() else { break };
        last = lot.id;
        for lot in lots {
            let id = lot.id;
            position.load_lot(lot).map_err(|cause| broken(&format!("lot {id}"), cause))?;
        }
    }
    for depot in ledger::depots_with_balances(db)? {
        for row in ledger::balances(db, &depot)? {
            position
                .load_balance(&row.account, row.lot_id, row.quantity, row.last_occurred_at)
                .map_err(|cause| broken(&format!("balances of depot {depot}"), cause))?;
        }
    }
    position.head = *head;
    Ok(position)
}

/// The Position at `head`, from one that may be behind; a book that does not continue it is loaded
/// anew.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub(super) fn follow(db: &mut Db, from: &Position, head: &Head) -> Stored<Position> {
    if from.head == *head {
        return Ok(from.clone());
    }
    if !continues(db, from, head)? {
        tracing::warn!(
            seq = from.head.seq,
            head = head.seq,
            "the book is not the one followed so far; loading it anew"
        );
        return load(db, head);
    }
    let mut next = from.clone();
    if head.reference_rev > from.head.reference_rev {
        let records = reference::changed_since(db, from.head.reference_rev)?;
        let reference = from.reference.with(records);
        next.set_reference(Arc::new(reference), head.reference_rev);
    }
    while next.head.seq < head.seq {
        let tail = ledger::tail(db, next.head.seq, CHUNK)?;
        if tail.is_empty() {
            return Err(StoreFault::Corrupt(format!("no entry after {}", next.head.seq)));
        }
        for movement in tail.iter().take_while(|movement| movement.seq <= head.seq) {
            let record = chain::canonical(movement);
            if chain::link(&next.head.hash, movement.seq, &record) != movement.hash {
                tracing::warn!(seq = movement.seq, "the chain is broken here; loading anew");
                return load(db, head);
            }
            next.apply(movement).map_err(|cause| broken("tail", cause))?;
        }
    }
    Ok(next)
}

fn continues(db: &mut Db, from: &Position, head: &Head) -> Stored<bool> {
    let (before, after) = (&from.head, head);
    if after.seq < before.seq || after.reference_rev < before.reference_rev {
        return Ok(false);
    }
    if after.seq == before.seq {
        return Ok(after.hash == before.hash);
    }
    if before.seq == 0 {
        return Ok(before.hash == chain::genesis());
    }
    Ok(ledger::hash_at(db, before.seq)? == Some(before.hash))
}
