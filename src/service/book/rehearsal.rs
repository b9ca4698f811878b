//! Rehearsals: documents planned one after the other, and nothing written.
//!
//! Lives here: what must be remembered of the documents before, so that any number of them can be
//! rehearsed piece by piece. Does not live here: the decision on a document (`domain::posting`).
//! Invariant: one instant of the database is seen from beginning to end.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::domain::access::Principal;
use crate::domain::calendar::Instant;
use crate::domain::movement::{Account, Draft, Inside, Movement};
use crate::domain::position::{Key, Position, lot_index};
use crate::domain::posting::{self, Booked, Desk, HistoryNeed};
use crate::domain::reference::Reference;
use crate::domain::refusal::Refusal;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::head;
use crate::store::movements::{self, DocumentKey};
use crate::store::receipts::{self, Receipt};

use super::importing::papers_twice;
use super::prefetch::{document_of, load_history};
use super::{Book, FaultyDocuments, loading};

/// How a rehearsed document fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What its paper is booked as already, where it does not say that it repeats it.
    pub booked: Option<Booked>,
    /// Whether it would be booked now.
    pub outcome: Result<(), Refusal>,
}

/// The book as it would be after what was rehearsed so far.
pub struct Rehearsal<'a> {
    db: &'a mut Db,
    position: Position,
    /// What the rehearsed documents changed, and when: the book does not have it.
    later: HashMap<(u32, Key), Vec<(Instant, i64)>>,
    now: Instant,
}

impl<'a> Rehearsal<'a> {
    /// Starts at the book's end. Within a read transaction.
    ///
    /// # Errors
    /// `Lost` or `Corrupt`.
    pub fn start(book: &Book, db: &'a mut Db, now: Instant) -> Stored<Self> {
        let head = head::read(db)?;
        let position = loading::follow(&book.inner.url, db, &book.snapshot(), &head)?;
        Ok(Self { db, position, later: HashMap::new(), now })
    }

    /// The reference data that documents are judged by.
    pub fn reference(&self) -> &Reference {
        &self.position.reference
    }

    /// What these keys of a principal have been answered in the book.
    ///
    /// # Errors
    /// `Lost` or `Corrupt`.
    pub fn answered(&mut self, holder: Uuid, keys: &[String]) -> Stored<HashMap<String, Receipt>> {
        let keys: Vec<(Uuid, &str)> = keys.iter().map(|key| (holder, key.as_str())).collect();
        let found = receipts::find(self.db, &keys)?;
        Ok(found.into_iter().map(|((_, key), receipt)| (key, receipt)).collect())
    }

    /// What a document's paper is booked as in the book, unless that was reversed.
    ///
    /// # Errors
    /// `Lost` or `Corrupt`.
    pub fn standing(&mut self, draft: &Draft) -> Stored<Option<Booked>> {
        let Some(paper) = document_of(&self.position, draft) else {
            return Ok(None);
        };
        let found = movements::by_document(self.db, std::slice::from_ref(&paper))?;
        Ok(found.get(&paper).copied())
    }

    /// Documents that stand twice among these.
    pub fn papers_twice(&self, drafts: &[Draft]) -> FaultyDocuments {
        papers_twice(&self.position, drafts.iter())
    }

    /// Plans the next documents in order; each counts for those after it if it fits.
    ///
    /// # Errors
    /// `Lost` or `Corrupt`.
    pub fn next(&mut self, principal: &Principal, drafts: &[&Draft]) -> Stored<Vec<Judged>> {
        let papers: Vec<DocumentKey> =
            drafts.iter().filter_map(|draft| document_of(&self.position, draft)).collect();
        let booked = movements::by_document(self.db, &papers)?;
        let needs: Vec<HistoryNeed> = drafts
            .iter()
            .flat_map(|draft| posting::history_needs(&self.position, draft, self.now))
            .collect();
        let mut history = load_history(self.db, &needs)?;
        self.recall(&needs, &mut history);
        let mut judged = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let same = document_of(&self.position, draft).and_then(|key| booked.get(&key).copied());
            let desk = Desk {
                position: &self.position,
                history: &history,
                principal,
                id: Uuid::nil(),
                now: self.now,
            };
            let outcome = match posting::plan(desk, draft, same) {
                Ok(movement) => {
                    self.accept(&movement)?;
                    history.record(&movement);
                    Ok(())
                }
                Err(refusal) => Err(refusal),
            };
            let booked = same.filter(|_| !draft.repeat_of_document);
            judged.push(Judged { booked, outcome });
        }
        Ok(judged)
    }

    /// Adds what earlier rehearsed documents did to the accounts in question.
    fn recall(&self, needs: &[HistoryNeed], history: &mut posting::History) {
        let mut seen = HashSet::new();
        for need in needs {
            let Some(place) = self.place(&need.account, need.lot_id) else { continue };
            if seen.insert(place) {
                for (at, delta) in self.later.get(&place).into_iter().flatten() {
                    history.add(need.account.clone(), need.lot_id, *at, *delta);
                }
            }
        }
    }

    fn place(&self, account: &Inside, lot_id: i64) -> Option<(u32, Key)> {
        let lot = lot_index(lot_id)?;
        let item = self.position.lot(lot)?.key.item.clone();
        self.position.key(account, item.as_str(), lot)
    }

    fn accept(&mut self, movement: &Movement) -> Stored<()> {
        self.position.apply(movement).map_err(|cause| {
            StoreFault::Bug(format!("a planned movement does not apply: {cause:?}"))
        })?;
        for line in &movement.lines {
            for (account, delta) in [(&line.to, line.quantity), (&line.from, -line.quantity)] {
                if let Account::Inside(inside) = account
                    && let Some(place) = self.place(inside, line.lot.id)
                {
                    self.later.entry(place).or_default().push((movement.occurred_at, delta));
                }
            }
        }
        Ok(())
    }
}
