//! The booking of a long import: documents queued in order, a bounded number of them at once.
//!
//! Lives here: the window, and the pause that lets others write. Does not live here: the file.
//! Invariant: answers come in the order of the documents; after one that is not an answer of the
//! rules, nothing more is queued.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::domain::access::Principal;
use crate::domain::movement::Draft;

use super::super::book::{Book, Order, Outcome, PostRequest, Rendering};
use super::super::failure::Failure;
use super::{content_of, importer, key_of, paper_of};

/// Lines under way at once: one batch being written, one waiting.
const LINES: usize = 4_000;
/// A database whose waiters look now and then is let go this often…
const WRITING: Duration = Duration::from_millis(800);
/// …for as long as the longest time between two looks of SQLite's.
const PAUSE: Duration = Duration::from_millis(110);

/// What became of one document.
#[derive(Debug, Clone)]
pub enum Delivered {
    Booked,
    /// Another run has booked the same document meanwhile.
    Done,
    /// Another run has booked another content under this number meanwhile.
    Conflict,
    /// With the rendered refusal.
    Refused(String),
    /// It was not decided, or nobody knows; it may be sent again.
    Failed(Failure),
}

type Answer = oneshot::Receiver<Result<Outcome, Failure>>;

/// A window of documents on their way into the book; each comes back with its tag.
pub struct Delivery<'a, T> {
    book: &'a Book,
    principal: Principal,
    under_way: VecDeque<(T, usize, Answer)>,
    lines: usize,
    /// Since when the database has not been let go.
    since: Instant,
}

impl<'a, T> Delivery<'a, T> {
    pub fn new(book: &'a Book) -> Self {
        let under_way = VecDeque::new();
        Self { book, principal: importer(), under_way, lines: 0, since: Instant::now() }
    }

    /// Whether the next document must wait for an answer first.
    pub fn is_full(&self, lines: usize) -> bool {
        let pausing = self.book.is_polled() && self.since.elapsed() >= WRITING;
        !self.under_way.is_empty() && (pausing || self.lines + lines > LINES)
    }

    /// Queues a document.
    ///
    /// # Errors
    /// `Unavailable`: it was not queued.
    pub async fn send(
        &mut self,
        tag: T,
        attempt: u16,
        draft: Draft,
        render: Rendering,
    ) -> Result<(), Failure> {
        let number = draft.paper.document_no.as_deref().unwrap_or_default();
        let lines = draft.lines.len();
        let request = PostRequest {
            principal: self.principal.clone(),
            credential: None,
            key: key_of(&paper_of(draft.kind, number), attempt),
            request_hash: content_of(&draft),
            order: Order::Record(draft),
            render,
            stamp: None,
        };
        let answer = self.book.queue(request).await?;
        self.lines += lines;
        self.under_way.push_back((tag, lines, answer));
        Ok(())
    }

    /// Waits for the oldest document's answer; `None` when none is under way.
    pub async fn next(&mut self) -> Option<(T, Delivered)> {
        let (tag, lines, answer) = self.under_way.pop_front()?;
        let delivered = match answer.await.unwrap_or(Err(Failure::OutcomeUnknown)) {
            Ok(Outcome::Booked { replayed: false, .. }) => Delivered::Booked,
            Ok(Outcome::Booked { replayed: true, .. }) => Delivered::Done,
            Ok(Outcome::Refused { body, .. }) => Delivered::Refused(body),
            Err(Failure::KeyReused { .. }) => Delivered::Conflict,
            Err(failure) => Delivered::Failed(failure),
        };
        self.lines = self.lines.saturating_sub(lines);
        if self.under_way.is_empty() && self.book.is_polled() && self.since.elapsed() >= WRITING {
            tokio::time::sleep(PAUSE).await;
            self.since = Instant::now();
        }
        Some((tag, delivered))
    }
}
