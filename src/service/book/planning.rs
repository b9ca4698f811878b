//! One batch: prefetch what its decisions need, decide in order, collect what is to be written.
//!
//! Lives here: the order of checks within a batch. Does not live here: the transaction. Invariant:
//! a refused request changes nothing for its neighbours.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::domain::access::{Action, Principal};
use crate::domain::calendar::Instant;
use crate::domain::chain;
use crate::domain::lot::Lot;
use crate::domain::movement::{Account, Inside, Movement, normalised_document_no};
use crate::domain::position::{Position, lot_index};
use crate::domain::posting::{self, Booked, Desk};
use crate::domain::refusal::Refusal;
use crate::store::append::NewEntry;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::head::End;
use crate::store::movements::DocumentKey;
use crate::store::receipts::{Answer, KeptAnswer};
use crate::store::stock::BalanceAfter;

use super::super::access;
use super::super::failure::Failure;
use super::jobs::{Order, Outcome, PostRequest, Reply};
use super::known::Known;
use super::prefetch::{Prefetch, document_key, document_of, prefetch};

/// What a batch has come to.
pub(super) struct Planned {
    /// One answer per request, in order; valid once the batch is committed.
    pub answers: Vec<Reply<Outcome>>,
    pub entries: Vec<NewEntry>,
    pub new_lots: Vec<Arc<Lot>>,
    /// Refusals, to be told again.
    pub kept: Vec<KeptAnswer>,
    /// The Position after the batch.
    pub overlay: Position,
    /// The end that the batch was decided at.
    pub from: End,
    /// The Position there.
    before: Position,
}

impl Planned {
    /// A batch in which nothing is written.
    pub(super) fn nothing(position: &Position, from: &End) -> Self {
        Self {
            answers: Vec::new(),
            entries: Vec::new(),
            new_lots: Vec::new(),
            kept: Vec::new(),
            overlay: position.clone(),
            from: *from,
            before: position.clone(),
        }
    }

    /// The end after the batch.
    pub(super) fn to(&self) -> End {
        let kept = i64::try_from(self.kept.len()).unwrap_or(i64::MAX);
        End { head: self.overlay.head, kept: self.from.kept.saturating_add(kept) }
    }

    /// The balances that the batch touched, as they are after it.
    pub(super) fn balances(&self) -> Vec<BalanceAfter> {
        let mut touched: Vec<(&Inside, &Lot)> = Vec::new();
        for line in self.entries.iter().flat_map(|new| &new.movement.lines) {
            for account in [&line.from, &line.to] {
                if let Account::Inside(inside) = account {
                    touched.push((inside, &line.lot));
                }
            }
        }
        touched.sort_unstable_by(|a, b| (a.0, a.1.id).cmp(&(b.0, b.1.id)));
        touched.dedup_by(|a, b| (a.0, a.1.id) == (b.0, b.1.id));
        touched.into_iter().filter_map(|(account, lot)| self.balance(account, lot)).collect()
    }

    fn balance(&self, account: &Inside, lot: &Lot) -> Option<BalanceAfter> {
        let (depot, key) = self.overlay.key(account, lot.key.item.as_str(), lot_index(lot.id)?)?;
        let row = self.overlay.shard(depot)?.get(&key)?;
        let before = self.before.shard(depot).and_then(|shard| shard.get(&key));
        Some(BalanceAfter {
            account: account.clone(),
            lot_id: lot.id,
            quantity: row.quantity,
            last_occurred_at: row.last_occurred_at,
            is_new: before.is_none(),
        })
    }
}

/// Decides every request in order against what was accepted before it.
///
/// # Errors
/// `Lost` and the like; no request is decided then.
pub(super) fn plan(
    db: &mut Db,
    sheet: Sheet,
    requests: &[PostRequest],
    now: Instant,
) -> Stored<Planned> {
    let mut sheet = sheet;
    sheet.prefetch = prefetch(db, &sheet.planned.before, requests, now)?;
    for request in requests {
        sheet.add(request, now)?;
    }
    Ok(sheet.planned)
}

/// Why a request books nothing.
enum No {
    /// By the rules of the book; kept and told again.
    Refused(Refusal),
    /// By what the request is or who asks; not kept.
    Failed(Failure),
}

/// What a batch comes to so far.
pub(super) struct Sheet {
    prefetch: Prefetch,
    planned: Planned,
    known: Arc<Known>,
    /// What the keys of this batch have come to so far.
    outcomes: HashMap<(Uuid, String), ([u8; 32], Outcome)>,
}

impl Sheet {
    /// A batch to be decided at the end `from`, where the Position is `position`.
    pub(super) fn blank(position: &Position, from: &End, known: &Arc<Known>) -> Self {
        Self {
            prefetch: Prefetch::default(),
            planned: Planned::nothing(position, from),
            known: Arc::clone(known),
            outcomes: HashMap::new(),
        }
    }

    /// Decides one more request, if nothing has to be read for it; whether so.
    ///
    /// # Errors
    /// `Bug` where a planned movement does not apply.
    pub(super) fn add_unread(&mut self, request: &PostRequest, now: Instant) -> Stored<bool> {
        let Order::Record(draft) = &request.order else { return Ok(false) };
        let before = &self.planned.before;
        let again = || {
            let holder = (request.principal.id, request.key.clone());
            self.outcomes.contains_key(&holder)
        };
        if self.known.may_have_key(&request.key) && !again() {
            return Ok(false);
        }
        if let Some(document) = document_of(before, draft)
            && self.known.may_have_document(&document.number)
            && !self.prefetch.documents.contains_key(&document)
        {
            return Ok(false);
        }
        if !posting::history_needs(before, draft, now).is_empty() {
            return Ok(false);
        }
        self.add(request, now)?;
        Ok(true)
    }

    /// A batch decided at the same end, in which nothing is written.
    pub(super) fn nothing(&self) -> Planned {
        Planned::nothing(&self.planned.before, &self.planned.from)
    }

    /// What the requests so far have come to.
    pub(super) fn done(self) -> Planned {
        self.planned
    }

    fn add(&mut self, request: &PostRequest, now: Instant) -> Stored<()> {
        let document = match &request.order {
            Order::Record(draft) => draft.paper.document_no.as_deref(),
            Order::Reverse { .. } => None,
        };
        self.known.mark(&request.key, document.map(normalised_document_no).as_deref());
        let answer = self.decide(request, now)?;
        self.planned.answers.push(answer);
        Ok(())
    }

    fn decide(&mut self, request: &PostRequest, now: Instant) -> Stored<Reply<Outcome>> {
        let PostRequest { principal, credential, .. } = request;
        let principal = match access::recognise_again(&self.planned.overlay, principal, *credential)
        {
            Ok(principal) => principal,
            Err(failure) => return Ok(Err(failure)),
        };
        let holder = (principal.id, request.key.clone());
        if let Some(known) = self.known(&holder)? {
            let (hash, outcome) = known;
            let reused = || Failure::KeyReused { key: request.key.clone() };
            return Ok(if hash == request.request_hash { Ok(outcome) } else { Err(reused()) });
        }
        let outcome = match self.ask(request, &principal, now) {
            Ok(movement) => {
                let movement = Arc::new(movement);
                self.accept(&movement)?;
                let (key, request_hash) = (request.key.clone(), request.request_hash);
                self.planned.entries.push(NewEntry {
                    movement: Arc::clone(&movement),
                    key,
                    request_hash,
                });
                Outcome::Booked { movement, replayed: false }
            }
            Err(No::Failed(failure)) => return Ok(Err(failure)),
            Err(No::Refused(refusal)) => {
                let (status, body) = (request.render)(&refusal);
                self.planned.kept.push(KeptAnswer {
                    principal: request.principal.id,
                    key: request.key.clone(),
                    request_hash: request.request_hash,
                    status,
                    body: body.clone(),
                    created_at: request.stamp.map_or(now, |(_, at)| at).0,
                });
                Outcome::Refused { status, body, replayed: false }
            }
        };
        self.outcomes.insert(holder, (request.request_hash, outcome.clone()));
        Ok(Ok(outcome))
    }

    /// What this key has been answered, in this batch or before.
    fn known(&self, holder: &(Uuid, String)) -> Stored<Option<([u8; 32], Outcome)>> {
        if let Some((hash, outcome)) = self.outcomes.get(holder) {
            return Ok(Some((*hash, outcome.clone().replay())));
        }
        let Some(receipt) = self.prefetch.receipts.get(holder) else {
            return Ok(None);
        };
        let outcome = match &receipt.answer {
            Answer::Movement { seq } => {
                let movement = self.prefetch.replays.get(seq).ok_or_else(|| {
                    StoreFault::Corrupt(format!("no entry {seq} for the key `{}`", holder.1))
                })?;
                Outcome::Booked { movement: Arc::clone(movement), replayed: true }
            }
            Answer::Kept { status, body } => {
                Outcome::Refused { status: *status, body: body.clone(), replayed: true }
            }
        };
        Ok(Some((receipt.request_hash, outcome)))
    }

    fn ask(
        &self,
        request: &PostRequest,
        principal: &Principal,
        now: Instant,
    ) -> Result<Movement, No> {
        access::authorise(principal, Action::Record).map_err(No::Failed)?;
        self.plan(request, principal, now).map_err(|refusal| match refusal {
            Refusal::Invalid(faults) => No::Failed(Failure::Invalid(faults)),
            Refusal::UnknownReference { kind: "movement", code, .. } => {
                No::Failed(Failure::NotFound { kind: "movement", code })
            }
            refusal => No::Refused(refusal),
        })
    }

    fn plan(
        &self,
        request: &PostRequest,
        principal: &Principal,
        now: Instant,
    ) -> Result<Movement, Refusal> {
        let desk = Desk {
            position: &self.planned.overlay,
            history: &self.prefetch.history,
            principal,
            id: request.stamp.map_or_else(Uuid::now_v7, |(id, _)| id),
            now: request.stamp.map_or(now, |(_, at)| at),
        };
        match &request.order {
            Order::Record(draft) => {
                let paper = document_key(desk.position, &request.order);
                let booked = paper.and_then(|key| self.prefetch.documents.get(&key).copied());
                posting::plan(desk, draft, booked)
            }
            Order::Reverse { id, draft } => {
                let target = self.prefetch.targets.get(id).ok_or_else(|| {
                    crate::domain::reference::unknown("movement", &id.to_string(), "/id")
                })?;
                posting::plan_reversal(desk, draft, target, self.prefetch.reversed.get(id).copied())
            }
        }
    }

    fn accept(&mut self, movement: &Arc<Movement>) -> Stored<()> {
        let known = self.planned.overlay.lot_count();
        self.planned.overlay.apply(movement).map_err(|cause| {
            StoreFault::Bug(format!("a planned movement does not apply: {cause:?}"))
        })?;
        let first_new = lot_id_after(known);
        let mut lots: Vec<Arc<Lot>> = movement
            .lines
            .iter()
            .filter(|line| line.lot.id >= first_new)
            .map(|line| Arc::clone(&line.lot))
            .collect();
        lots.sort_by_key(|lot| lot.id);
        lots.dedup_by_key(|lot| lot.id);
        self.planned.new_lots.extend(lots);
        self.prefetch.history.record(movement);
        let booked = Booked { id: movement.id, seq: movement.seq };
        if let Some(number) = movement.paper.document_no.as_deref() {
            let key = DocumentKey {
                kind: movement.kind,
                organization: movement.organization.to_string(),
                number: normalised_document_no(number),
            };
            self.prefetch.documents.entry(key).or_insert(booked);
        }
        if let Some(target) = movement.reversal_of {
            self.prefetch.reversed.insert(target, booked);
        }
        Ok(())
    }
}

fn lot_id_after(known: usize) -> i64 {
    i64::try_from(known).unwrap_or(i64::MAX).saturating_add(1)
}

impl Outcome {
    /// The same outcome, as it is told again.
    fn replay(self) -> Self {
        match self {
            Self::Booked { movement, .. } => Self::Booked { movement, replayed: true },
            Self::Refused { status, body, .. } => Self::Refused { status, body, replayed: true },
        }
    }
}

/// The hash that a key's request is known by: method, path, query and canonical body.
pub fn request_hash(method: &str, target: &str, canonical_body: &[u8]) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(method.len() + target.len() + canonical_body.len() + 2);
    bytes.extend_from_slice(method.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(target.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(canonical_body);
    chain::digest(&bytes)
}
