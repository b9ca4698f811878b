//! Back-dating: what an account had at every later instant.
//!
//! Lives here: which accounts' later lines are needed, and the least balance from an instant on.
//! Does not live here: reading lines from the book. Invariant: an account that is not asked for has
//! no line in the book after the instant in question.

use std::collections::HashMap;

use super::super::calendar::Instant;
use super::super::movement::{Account, Draft, Inside, Movement, Place};
use super::super::position::{Balance, Key, Position};

/// An account of one lot whose lines after `since` must be known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HistoryNeed {
    pub account: Inside,
    pub lot_id: i64,
    pub since: Instant,
}

/// Later lines by account and lot: when, and by how much the balance changed.
#[derive(Debug, Clone, Default)]
pub struct History {
    later: HashMap<(Inside, i64), Vec<(Instant, i64)>>,
}

impl History {
    /// Adds one line's change of one account.
    pub fn add(&mut self, account: Inside, lot_id: i64, at: Instant, delta: i64) {
        self.later.entry((account, lot_id)).or_default().push((at, delta));
    }

    /// Adds what this batch has just accepted.
    pub fn record(&mut self, movement: &Movement) {
        for line in &movement.lines {
            if let Account::Inside(to) = &line.to {
                self.add(to.clone(), line.lot.id, movement.occurred_at, line.quantity);
            }
            if let Account::Inside(from) = &line.from {
                self.add(from.clone(), line.lot.id, movement.occurred_at, -line.quantity);
            }
        }
    }

    /// The least balance from `at` on, and when it is reached, given the balance after everything.
    pub(super) fn least_from(
        &self,
        account: &Inside,
        lot_id: i64,
        at: Instant,
        now: i64,
    ) -> (i64, Instant) {
        let mut changes = std::collections::BTreeMap::new();
        let known = self.later.get(&(account.clone(), lot_id));
        for (when, delta) in known.into_iter().flatten().filter(|(when, _)| *when > at) {
            *changes.entry(*when).or_insert(0_i64) += delta;
        }
        let mut balance = now - changes.values().sum::<i64>();
        let mut least = (balance, at);
        for (when, delta) in changes {
            balance += delta;
            if balance < least.0 {
                least = (balance, when);
            }
        }
        least
    }
}

/// The accounts that an outgoing line of `draft` may draw on and that have later lines.
pub(super) fn needs_of_draft(
    position: &Position,
    draft: &Draft,
    occurred_at: Instant,
) -> Vec<HistoryNeed> {
    let reference = &position.reference;
    let mut needs = Vec::new();
    for line in &draft.lines {
        let found = line.from.as_ref().and_then(|code| {
            let depot_ix = reference.depots.find(code.as_str())?;
            let depot = reference.depots.get(depot_ix)?;
            let owner = line.owner.as_ref().unwrap_or(&depot.organization);
            let owner_ix = reference.organizations.find(owner.as_str())?;
            let item_ix = reference.items.find(line.item.as_str())?;
            Some((position.shard(depot_ix)?.of(item_ix, owner_ix), code, owner))
        });
        let Some((rows, depot, owner)) = found else {
            continue;
        };
        let account = Inside {
            place: Place::Depot,
            depot: depot.clone(),
            owner: owner.clone(),
            condition: line.condition,
        };
        let later = |row: &&Balance| {
            row.key.place == Place::Depot
                && row.key.condition == line.condition
                && row.last_occurred_at > occurred_at
        };
        needs.extend(rows.iter().filter(later).filter_map(|row| {
            let lot = position.lot(row.key.lot)?;
            Some(HistoryNeed { account: account.clone(), lot_id: lot.id, since: occurred_at })
        }));
    }
    needs
}

/// The need for one account, where it has later lines.
pub(super) fn need_of_account(
    position: &Position,
    account: &Inside,
    item: &str,
    lot_id: i64,
    since: Instant,
) -> Option<HistoryNeed> {
    let lot = super::super::position::lot_index(lot_id)?;
    let (depot, key): (u32, Key) = position.key(account, item, lot)?;
    let row = position.shard(depot)?.get(&key)?;
    (row.last_occurred_at > since).then(|| HistoryNeed { account: account.clone(), lot_id, since })
}
