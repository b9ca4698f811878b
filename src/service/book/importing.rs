//! Imports: documents booked together under one key, all or none.
//!
//! Lives here: what an import comes to, from the plans of its documents. Does not live here: the
//! transaction, and the decision on a single document. Invariant: either every document is booked,
//! or none is and the answer says what was wrong with each.

use std::collections::HashSet;

use uuid::Uuid;

use crate::domain::calendar::Instant;
use crate::domain::movement::Draft;
use crate::domain::position::Position;
use crate::domain::refusal::{Fault, FaultCode};
use crate::store::dialect::Db;
use crate::store::fault::Stored;
use crate::store::receipts::{self, Answer, KeptAnswer, Receipt};

use super::super::access;
use super::super::failure::Failure;
use super::jobs::{
    Decided, FaultyDocuments, ImportRequest, Imported, Order, Outcome, PostRequest, Reply,
};
use super::planning::{self, Planned, Sheet};
use super::prefetch::document_of;

/// Plans an import: what is to be written, and the answer once that is committed.
///
/// # Errors
/// `Lost` and the like; nothing is decided then.
pub(super) fn decide(
    db: &mut Db,
    sheet: Sheet,
    request: ImportRequest,
    now: Instant,
) -> Stored<(Planned, Reply<Imported>)> {
    let nothing = sheet.nothing();
    let position = &nothing.overlay.clone();
    let ImportRequest { principal, credential, key, request_hash, documents, compose } = request;
    if let Err(failure) = access::recognise_again(position, &principal, credential) {
        return Ok((nothing, Err(failure)));
    }
    if let Some(receipt) = answered(db, principal.id, &key)? {
        return Ok((nothing, replay(receipt, request_hash, key)));
    }
    let twice = papers_twice(position, documents.iter().map(|(draft, _)| draft));
    if !twice.is_empty() {
        return Ok((nothing, Ok(Imported::Invalid(twice))));
    }
    // A client's key holds no blank, so that these are nobody else's.
    let posts: Vec<PostRequest> = (1..)
        .zip(documents)
        .map(|(n, (draft, render)): (u32, _)| PostRequest {
            principal: principal.clone(),
            credential,
            key: format!("{key} {n}"),
            request_hash,
            order: Order::Record(draft),
            render,
            stamp: None,
        })
        .collect();
    let mut planned = planning::plan(db, sheet, &posts, now)?;
    let mut refused = Vec::new();
    let mut invalid = FaultyDocuments::new();
    for (ix, answer) in std::mem::take(&mut planned.answers).into_iter().enumerate() {
        match answer {
            Ok(Outcome::Booked { .. }) => {}
            Ok(Outcome::Refused { body, .. }) => refused.push(body),
            Err(Failure::Invalid(faults)) => invalid.push((ix, faults)),
            Err(failure) => return Ok((nothing, Err(failure))),
        }
    }
    if !invalid.is_empty() {
        return Ok((nothing, Ok(Imported::Invalid(invalid))));
    }
    let (mut planned, (status, body)) = if refused.is_empty() {
        let booked = planned.entries.iter().map(|entry| entry.movement.as_ref());
        let answer = compose(Decided::Booked(booked.collect()));
        (planned, answer)
    } else {
        (nothing, compose(Decided::Refused(refused)))
    };
    planned.kept.push(KeptAnswer {
        principal: principal.id,
        key,
        request_hash,
        status,
        body: body.clone(),
        created_at: now.0,
    });
    Ok((planned, Ok(Imported::Kept { status, body, replayed: false })))
}

/// What an import's own key has been answered, if anything.
fn answered(db: &mut Db, holder: Uuid, key: &str) -> Stored<Option<Receipt>> {
    let found = receipts::find(db, &[(holder, key)])?;
    Ok(found.into_values().next())
}

/// The same answer to the same import; any other request under its key is another one.
fn replay(receipt: Receipt, request_hash: [u8; 32], key: String) -> Reply<Imported> {
    match receipt.answer {
        Answer::Kept { status, body } if receipt.request_hash == request_hash => {
            Ok(Imported::Kept { status, body, replayed: true })
        }
        Answer::Kept { .. } | Answer::Movement { .. } => Err(Failure::KeyReused { key }),
    }
}

/// Documents whose paper is that of an earlier one of the same file, where that is not meant.
pub(super) fn papers_twice<'a>(
    position: &Position,
    drafts: impl Iterator<Item = &'a Draft>,
) -> FaultyDocuments {
    let mut seen = HashSet::new();
    let mut twice = FaultyDocuments::new();
    for (ix, draft) in drafts.enumerate() {
        let Some(paper) = document_of(position, draft) else { continue };
        if !seen.insert(paper) && !draft.repeat_of_document {
            let expected = "a number that no document before has";
            twice.push((ix, vec![Fault::new("/document_no", FaultCode::Duplicate, expected)]));
        }
    }
    twice
}
