//! Prefetch: what the decisions of a batch need from the database, in a few queries.
//!
//! Lives here: receipts, documents, reversal targets and later lines. Does not live here:
//! decisions. Invariant: the number of queries does not grow with the requests, but for the depots
//! of back-dated lines.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::calendar::Instant;
use crate::domain::movement::{Draft, Movement, normalised_document_no};
use crate::domain::position::Position;
use crate::domain::posting::{self, Booked, History, HistoryNeed};
use crate::store::dialect::Db;
use crate::store::fault::Stored;
use crate::store::ledger;
use crate::store::movements::{self, DocumentKey};
use crate::store::receipts::{self, Answer, Receipt};

use super::jobs::{Order, PostRequest};

/// What the decisions of a batch need from the database, in a few queries.
#[derive(Default)]
pub(super) struct Prefetch {
    pub receipts: HashMap<(Uuid, String), Receipt>,
    pub replays: HashMap<i64, Arc<Movement>>,
    pub documents: HashMap<DocumentKey, Booked>,
    pub targets: HashMap<Uuid, Movement>,
    pub reversed: HashMap<Uuid, Booked>,
    pub history: History,
}

/// The document that an order would book.
pub(super) fn document_key(position: &Position, order: &Order) -> Option<DocumentKey> {
    match order {
        Order::Record(draft) => document_of(position, draft),
        Order::Reverse { .. } => None,
    }
}

/// The document that a draft would book.
pub(super) fn document_of(position: &Position, draft: &Draft) -> Option<DocumentKey> {
    let number = normalised_document_no(draft.paper.document_no.as_deref()?);
    let owner = posting::document_owner(position, draft)?;
    Some(DocumentKey { kind: draft.kind, organization: owner.to_string(), number })
}

/// Reads what the batch needs.
pub(super) fn prefetch(
    db: &mut Db,
    position: &Position,
    requests: &[PostRequest],
    now: Instant,
) -> Stored<Prefetch> {
    let keys: Vec<(Uuid, &str)> =
        requests.iter().map(|r| (r.principal.id, r.key.as_str())).collect();
    let receipts = receipts::find(db, &keys)?;
    let seqs: Vec<i64> = receipts
        .values()
        .filter_map(|receipt| match receipt.answer {
            Answer::Movement { seq } => Some(seq),
            Answer::Kept { .. } => None,
        })
        .collect();
    let mut replays = HashMap::new();
    if !seqs.is_empty() {
        for movement in movements::by_seqs(db, &seqs)? {
            replays.insert(movement.seq, Arc::new(movement));
        }
    }
    let papers: Vec<DocumentKey> =
        requests.iter().filter_map(|r| document_key(position, &r.order)).collect();
    let documents = movements::by_document(db, &papers)?;
    let ids: Vec<Uuid> = requests
        .iter()
        .filter_map(|r| match &r.order {
            Order::Reverse { id, .. } => Some(*id),
            Order::Record(_) => None,
        })
        .collect();
    let (mut targets, mut reversed) = (HashMap::new(), HashMap::new());
    if !ids.is_empty() {
        let found = movements::by_ids(db, &ids)?;
        targets = found.into_iter().map(|movement| (movement.id, movement)).collect();
        reversed = movements::reversals_of(db, &ids)?;
    }
    let mut needs = Vec::new();
    for request in requests {
        needs.extend(history_needs(position, request, &targets, now));
    }
    let history = load_history(db, &needs)?;
    Ok(Prefetch { receipts, replays, documents, targets, reversed, history })
}

fn history_needs(
    position: &Position,
    request: &PostRequest,
    targets: &HashMap<Uuid, Movement>,
    now: Instant,
) -> Vec<HistoryNeed> {
    match &request.order {
        Order::Record(draft) => posting::history_needs(position, draft, now),
        Order::Reverse { id, draft } => targets.get(id).map_or_else(Vec::new, |target| {
            let at = draft.occurred_at.unwrap_or(now);
            posting::reversal_history_needs(position, target, at)
        }),
    }
}

/// Reads the later lines of the accounts in question, one query a depot and side.
pub(super) fn load_history(db: &mut Db, needs: &[HistoryNeed]) -> Stored<History> {
    let mut history = History::default();
    let mut depots: BTreeMap<&str, (Instant, BTreeSet<i64>)> = BTreeMap::new();
    for need in needs {
        let depot = need.account.depot.as_str();
        let (since, lots) = depots.entry(depot).or_insert_with(|| (need.since, BTreeSet::new()));
        *since = need.since.min(*since);
        lots.insert(need.lot_id);
    }
    for (depot, (since, lots)) in depots {
        let lots: Vec<i64> = lots.into_iter().collect();
        for change in ledger::changes_in_depot(db, depot, &lots, since)? {
            history.add(change.account, change.lot_id, change.at, change.delta);
        }
    }
    Ok(history)
}
