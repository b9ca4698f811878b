//! Movements: booked, reversed, found again.
//!
//! Lives here: the use-cases of a clerk. Does not live here: decisions (`domain::posting`) and the
//! transaction (`book`). Invariant: what is out of the principal's scope is as if it were not
//! there.

use std::sync::Arc;

use uuid::Uuid;

use crate::domain::access::{Action, Principal};
use crate::domain::calendar::Instant;
use crate::domain::movement::{Account, Draft, Movement, MovementType};
use crate::domain::position::Position;
use crate::domain::posting::{self, ReversalDraft};
use crate::domain::reference::Reference;
use crate::domain::region::RegionIx;
use crate::store::movements as stored;

use super::access::{Credential, authorise};
use super::book::{Book, Order, Outcome, PostRequest, Rendering, now};
use super::failure::Failure;

/// Under which key a movement is booked, and how a refusal is kept.
pub struct Envelope {
    pub principal: Principal,
    pub credential: Option<Credential>,
    pub key: String,
    pub request_hash: [u8; 32],
    pub render: Rendering,
}

impl Envelope {
    fn post(self, order: Order) -> PostRequest {
        let Self { principal, credential, key, request_hash, render } = self;
        PostRequest { principal, credential, key, request_hash, order, render, stamp: None }
    }
}

/// Books a movement.
///
/// # Errors
/// Any `Failure`; the values' faults are all named at once.
pub async fn record(book: &Book, envelope: Envelope, draft: Draft) -> Result<Outcome, Failure> {
    authorise(&envelope.principal, Action::Record)?;
    let faults = posting::faults(&draft, now());
    if !faults.is_empty() {
        return Err(Failure::Invalid(faults));
    }
    book.post(envelope.post(Order::Record(draft))).await
}

/// Books the mirror of a movement.
///
/// # Errors
/// Any `Failure`.
pub async fn reverse(
    book: &Book,
    envelope: Envelope,
    id: Uuid,
    draft: ReversalDraft,
) -> Result<Outcome, Failure> {
    authorise(&envelope.principal, Action::Record)?;
    let faults = posting::reversal_faults(&draft, now());
    if !faults.is_empty() {
        return Err(Failure::Invalid(faults));
    }
    book.post(envelope.post(Order::Reverse { id, draft })).await
}

/// A movement with the lines that touch the caller's scope, and how many others it has.
#[derive(Debug, Clone)]
pub struct Seen {
    pub movement: Movement,
    pub lines_withheld: usize,
}

/// The movement of an id, if one of its depots is in scope.
///
/// # Errors
/// `NotFound`, or any fault of the database.
pub async fn find(book: &Book, principal: &Principal, id: Uuid) -> Result<Seen, Failure> {
    authorise(principal, Action::ReadMovements)?;
    let found = book.on_reader(move |db| stored::by_ids(db, &[id])).await?;
    let movement = found.into_iter().next().ok_or_else(|| Failure::no_movement(id))?;
    let reference = &book.snapshot().reference;
    let seen = seen(principal, reference, movement);
    if seen.movement.lines.is_empty() { Err(Failure::no_movement(id)) } else { Ok(seen) }
}

fn seen(principal: &Principal, reference: &Reference, mut movement: Movement) -> Seen {
    let sees = |account: &Account| match account {
        Account::Inside(inside) => {
            let depot = reference.depots.by_code(inside.depot.as_str());
            depot.is_some_and(|depot| principal.sees_code(&reference.regions, depot.region))
        }
        Account::Outside(_) => false,
    };
    let all = movement.lines.len();
    movement.lines.retain(|line| sees(&line.from) || sees(&line.to));
    let lines_withheld = all.saturating_sub(movement.lines.len());
    Seen { movement, lines_withheld }
}

/// What a list of movements is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pub depot: Option<u32>,
    pub region: Option<RegionIx>,
    pub item: Option<String>,
    pub kind: Option<MovementType>,
    pub document_no: Option<String>,
    pub from_seq: i64,
    pub occurred_from: Option<Instant>,
    pub occurred_before: Option<Instant>,
}

/// The next movements in the order of the book, and whether more follow.
///
/// # Errors
/// Any fault of the database.
pub async fn list(
    book: &Book,
    principal: &Principal,
    position: &Arc<Position>,
    query: Query,
    limit: usize,
) -> Result<(Vec<Seen>, bool), Failure> {
    authorise(principal, Action::ReadMovements)?;
    let filter = stored::Filter {
        depots: depots_of(principal, &position.reference, &query),
        item: query.item,
        kind: query.kind,
        document_no: query.document_no,
        from_seq: query.from_seq,
        to_seq: position.head.seq,
        occurred_from: query.occurred_from,
        occurred_before: query.occurred_before,
    };
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut found = book.on_reader(move |db| stored::list(db, &filter, wanted)).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let reference = &position.reference;
    let found = found.into_iter().map(|movement| seen(principal, reference, movement));
    Ok((found.collect(), more))
}

/// The depots that a list is narrowed to; `None` is all.
fn depots_of(principal: &Principal, reference: &Reference, query: &Query) -> Option<Vec<String>> {
    let regions = &reference.regions;
    let everything = |root: RegionIx| regions.subtree(root).count() == regions.len();
    let own = principal.region.and_then(|code| regions.find(code));
    let own_is_all = principal.region.is_none() || own.is_some_and(everything);
    if query.depot.is_none() && query.region.is_none_or(everything) && own_is_all {
        return None;
    }
    let wanted = |(ix, depot): (u32, &Arc<crate::domain::depot::Depot>)| {
        let region = reference.regions.find(depot.region)?;
        let fits = query.depot.is_none_or(|only| only == ix)
            && query.region.is_none_or(|root| reference.regions.within(region, root))
            && principal.sees(&reference.regions, region);
        fits.then(|| depot.code.to_string())
    };
    Some(reference.depots.iter().filter_map(wanted).collect())
}
