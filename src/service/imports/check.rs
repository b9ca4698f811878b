//! The check of a long import: every document planned in order, nothing written.
//!
//! Lives here: what each document is found to be. Does not live here: the file, and the booking
//! (`delivery`). Invariant: of the documents themselves nothing is kept but a digest of each.

use std::collections::HashMap;

use uuid::Uuid;

use crate::domain::access::Principal;
use crate::domain::movement::Draft;
use crate::domain::refusal::Refusal;
use crate::store::fault::Stored;
use crate::store::receipts::{Answer, Receipt};

use super::super::book::Rehearsal;
use super::{content_of, importer, key_of, paper_of};

/// What a document of the file is found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// To be booked, at this attempt.
    Fresh(u16),
    /// Booked by an earlier run.
    Done,
    /// Booked by other means.
    Elsewhere,
    /// An earlier run has booked another content under this number, as this entry.
    Conflict {
        seq: i64,
    },
    /// The file has another document of this type and number, which starts on this line.
    Twice {
        line: u64,
    },
    /// It has no number to be resumed by.
    Unnumbered,
    Refused(Refusal),
}

/// A check under way.
pub struct Check<'a> {
    rehearsal: Rehearsal<'a>,
    principal: Principal,
    /// The line of each document so far, by half of its paper's digest.
    seen: HashMap<[u8; 16], u64>,
}

impl<'a> Check<'a> {
    pub fn new(rehearsal: Rehearsal<'a>) -> Self {
        Self { rehearsal, principal: importer(), seen: HashMap::new() }
    }

    /// Looks at the next documents, each with the line on which it starts.
    ///
    /// # Errors
    /// `Lost` or `Corrupt`.
    pub fn next(&mut self, documents: &[(u64, &Draft)]) -> Stored<Vec<Finding>> {
        let mut findings: Vec<Option<Finding>> =
            documents.iter().map(|(line, draft)| self.paper(*line, draft)).collect();
        self.find_booked(documents, &mut findings)?;
        let open: Vec<&Draft> = documents
            .iter()
            .zip(&findings)
            .filter(|(_, finding)| is_open(finding.as_ref()))
            .map(|((_, draft), _)| *draft)
            .collect();
        let mut judged = self.rehearsal.next(&self.principal, &open)?.into_iter();
        for finding in findings.iter_mut().filter(|finding| is_open(finding.as_ref())) {
            let Some(judged) = judged.next() else { break };
            *finding = match judged.outcome {
                _ if judged.booked.is_some() => Some(Finding::Elsewhere),
                Ok(()) => finding.take().or(Some(Finding::Fresh(1))),
                Err(refusal) => Some(Finding::Refused(refusal)),
            };
        }
        Ok(findings.into_iter().map(|finding| finding.unwrap_or(Finding::Fresh(1))).collect())
    }

    /// What is wrong with a document's number, if anything.
    fn paper(&mut self, line: u64, draft: &Draft) -> Option<Finding> {
        let Some(number) = &draft.paper.document_no else {
            return Some(Finding::Unnumbered);
        };
        let paper = paper_of(draft.kind, number);
        let half = paper.first_chunk().copied().unwrap_or_default();
        let before = *self.seen.entry(half).or_insert(line);
        (before != line).then_some(Finding::Twice { line: before })
    }

    /// Finds those that earlier runs have booked, by their keys.
    fn find_booked(
        &mut self,
        documents: &[(u64, &Draft)],
        findings: &mut [Option<Finding>],
    ) -> Stored<()> {
        let papers: Vec<[u8; 32]> = documents
            .iter()
            .map(|(_, draft)| {
                let number = draft.paper.document_no.as_deref().unwrap_or_default();
                paper_of(draft.kind, number)
            })
            .collect();
        let keys: Vec<String> = papers.iter().map(|paper| key_of(paper, 1)).collect();
        let mut answered = self.rehearsal.answered(Uuid::nil(), &keys)?;
        let places = papers.iter().zip(&keys).zip(documents).zip(findings);
        for (((paper, key), (_, draft)), finding) in places.filter(|(_, f)| f.is_none()) {
            if let Some(first) = answered.remove(key) {
                *finding = Some(self.known(paper, first, draft)?);
            }
        }
        Ok(())
    }

    /// What a document is whose first attempt was answered.
    fn known(&mut self, paper: &[u8; 32], first: Receipt, draft: &Draft) -> Stored<Finding> {
        let (mut last, mut next) = (first, 2);
        while let Some(later) = self.answer(&key_of(paper, next))? {
            (last, next) = (later, next.saturating_add(1));
        }
        let Answer::Movement { seq } = last.answer else {
            return Ok(Finding::Fresh(next));
        };
        Ok(if last.request_hash == content_of(draft) {
            Finding::Done
        } else if self.rehearsal.standing(draft)?.is_some() {
            Finding::Conflict { seq }
        } else {
            Finding::Fresh(next)
        })
    }

    fn answer(&mut self, key: &str) -> Stored<Option<Receipt>> {
        let found = self.rehearsal.answered(Uuid::nil(), &[key.to_string()])?;
        Ok(found.into_values().next())
    }
}

fn is_open(finding: Option<&Finding>) -> bool {
    matches!(finding, None | Some(Finding::Fresh(_)))
}
