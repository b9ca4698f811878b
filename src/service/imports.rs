//! Imports of movements: a file as one write, or document by document.
//!
//! Lives here: use-cases, and the keys by which a long import is resumed. Does not live here: forms
//! of files, and decisions (`domain::posting`). Invariant: what a document is known by follows from
//! its type and number alone, and what it says from its values alone.

mod check;
mod delivery;

use crate::domain::access::{Action, Principal};
use crate::domain::chain;
use crate::domain::movement::{Draft, DraftLine, MovementType, normalised_document_no};
use crate::domain::refusal::Refusal;
use crate::store::fault::Stored;

use super::access::{Credential, authorise, holder};
use super::book::{Book, FaultyDocuments, ImportRequest, Imported, Rehearsal, now};
use super::failure::Failure;

pub use check::{Check, Finding};
pub use delivery::{Delivered, Delivery};

/// Books documents together, all or none.
///
/// # Errors
/// Any `Failure`.
pub async fn import(book: &Book, request: ImportRequest) -> Result<Imported, Failure> {
    authorise(&request.principal, Action::Record)?;
    book.import(request).await
}

/// What a rehearsal of documents found, by their numbers from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rehearsed {
    pub invalid: FaultyDocuments,
    pub refused: Vec<(usize, Refusal)>,
}

/// Plans documents in order against the book as it is, and writes nothing.
///
/// # Errors
/// Any `Failure`.
pub async fn rehearse(
    book: &Book,
    principal: Principal,
    credential: Option<Credential>,
    drafts: Vec<Draft>,
) -> Result<Rehearsed, Failure> {
    let of = book.clone();
    let judged = book.on_reader(move |db| {
        db.reading(|db| {
            let mut rehearsal = Rehearsal::start(&of, db, now())?;
            // The register as it is now, not as the last snapshot has it.
            let holder = match &credential {
                Some(credential) => holder(rehearsal.reference(), credential, now()),
                None => Ok(principal.clone()),
            };
            let allowed = holder.and_then(|holder| {
                authorise(&holder, Action::Record)?;
                Ok(holder)
            });
            match allowed {
                Ok(principal) => rehearse_as(&mut rehearsal, &principal, &drafts).map(Ok),
                Err(failure) => Ok(Err(failure)),
            }
        })
    });
    judged.await?
}

fn rehearse_as(
    rehearsal: &mut Rehearsal<'_>,
    principal: &Principal,
    drafts: &[Draft],
) -> Stored<Rehearsed> {
    let invalid = rehearsal.papers_twice(drafts);
    let mut rehearsed = Rehearsed { invalid, refused: Vec::new() };
    if !rehearsed.invalid.is_empty() {
        return Ok(rehearsed);
    }
    let all: Vec<&Draft> = drafts.iter().collect();
    for (ix, judged) in rehearsal.next(principal, &all)?.into_iter().enumerate() {
        match judged.outcome {
            Ok(()) => {}
            Err(Refusal::Invalid(faults)) => rehearsed.invalid.push((ix, faults)),
            Err(refusal) => rehearsed.refused.push((ix, refusal)),
        }
    }
    Ok(rehearsed)
}

/// Who books the documents of a long import.
pub fn importer() -> Principal {
    Principal::operator("import")
}

/// What a document is known by to later runs: its type and number. No client's key holds a blank.
fn paper_of(kind: MovementType, document_no: &str) -> [u8; 32] {
    chain::digest(format!("{} {}", kind.as_str(), normalised_document_no(document_no)).as_bytes())
}

/// The key of one attempt to book a document; each refusal uses one up.
fn key_of(paper: &[u8; 32], attempt: u16) -> String {
    format!("import {} {attempt}", chain::hex(paper))
}

/// The hash of what a document says: of its values, not of how its file writes them.
fn content_of(draft: &Draft) -> [u8; 32] {
    let mut content = Content { bytes: Vec::with_capacity(64 * (draft.lines.len() + 2)) };
    let paper = &draft.paper;
    content.text("type", Some(draft.kind.as_str()));
    content.number("occurred_at", draft.occurred_at.map(|at| at.0));
    content.text("document_no", paper.document_no.as_deref());
    content.text("order_no", paper.order_no.as_deref());
    content.text("counterparty", paper.counterparty.as_deref());
    content.text("handled_by", paper.handled_by.as_deref());
    content.text("checked_by", paper.checked_by.as_deref());
    content.text("approved_by", paper.approved_by.as_deref());
    content.text("reason", paper.reason.as_deref());
    content.text("note", paper.note.as_deref());
    content.text("repeat_of_document", draft.repeat_of_document.then_some("true"));
    for line in &draft.lines {
        content.line(line);
    }
    chain::digest(&content.bytes)
}

/// Named values, each with its length; what is absent takes no place, so that a field added later
/// changes no old document.
struct Content {
    bytes: Vec<u8>,
}

impl Content {
    fn text(&mut self, name: &str, value: Option<&str>) {
        for part in [Some(name).filter(|_| value.is_some()), value].into_iter().flatten() {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            self.bytes.extend_from_slice(&length.to_be_bytes());
            self.bytes.extend_from_slice(part.as_bytes());
        }
    }

    fn number(&mut self, name: &str, value: Option<i64>) {
        self.text(name, value.map(|number| number.to_string()).as_deref());
    }

    fn line(&mut self, line: &DraftLine) {
        self.text("item", Some(line.item.as_str()));
        self.text("from", line.from.as_ref().map(|code| code.as_str()));
        self.text("to", line.to.as_ref().map(|code| code.as_str()));
        self.text("owner", line.owner.as_ref().map(|code| code.as_str()));
        if let Some(to_owner) = &line.to_owner {
            self.text("to_owner", Some(to_owner.as_str()));
        }
        self.text("condition", Some(line.condition.as_str()));
        self.text("to_condition", line.to_condition.map(|condition| condition.as_str()));
        self.number("quantity", Some(line.quantity.units()));
        self.text("unit", line.unit.as_deref());
        let Some(lot) = &line.lot else { return };
        self.text("lot_no", lot.lot_no.as_deref());
        self.text("produced_on", lot.produced_on.map(|date| date.to_string()).as_deref());
        self.text("expires_on", lot.expires_on.map(|date| date.to_string()).as_deref());
        self.text("manufacturer", lot.manufacturer.as_deref());
        self.number("unit_price_fen", lot.unit_price_fen);
        self.text("source", lot.source.as_deref());
    }
}
