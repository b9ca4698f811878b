//! What is asked of the committer, and what it answers.
//!
//! Lives here: the queue's values. Does not live here: how they are served. Invariant: every job
//! is answered exactly once, or its sender is told that the outcome is unknown.

use std::sync::Arc;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::domain::access::Principal;
use crate::domain::calendar::Instant;
use crate::domain::movement::{Draft, Movement};
use crate::domain::posting::ReversalDraft;
use crate::domain::reference::{Record, Reference};
use crate::store::fault::Stored;

use super::super::access::Credential;
use super::super::failure::Failure;
use super::Rendering;

/// An answer of the committer.
pub(super) type Reply<T> = Result<T, Failure>;

/// A movement to book.
#[derive(Debug, Clone)]
pub enum Order {
    Record(Draft),
    Reverse { id: Uuid, draft: ReversalDraft },
}

/// A movement to book, under a key.
pub struct PostRequest {
    pub principal: Principal,
    /// The key by which the principal was recognised; looked at again under the lock if the
    /// register has changed since. The operator and the demo have none.
    pub credential: Option<Credential>,
    /// The idempotency key; unique per principal.
    pub key: String,
    /// SHA-256 of method, path, query and canonical body.
    pub request_hash: [u8; 32],
    pub order: Order,
    /// How a refusal is kept for replays.
    pub render: Rendering,
    /// The seeder's own id and time of recording, so that a demo is the same bytes every time;
    /// people's movements have none.
    pub stamp: Option<(Uuid, Instant)>,
}

impl PostRequest {
    /// How many lines it adds to a batch.
    pub(super) fn lines(&self) -> usize {
        match &self.order {
            Order::Record(draft) => draft.lines.len(),
            Order::Reverse { .. } => 1,
        }
    }
}

/// What became of a movement.
#[derive(Debug, Clone)]
pub enum Outcome {
    Booked {
        movement: Arc<Movement>,
        replayed: bool,
    },
    /// Refused, with the body that every replay gets.
    Refused {
        status: u16,
        body: String,
        replayed: bool,
    },
}

/// A check of an amendment against the reference data that it will change.
pub type Precondition = Box<dyn Fn(&Reference) -> Result<(), Failure> + Send>;

/// Reference data to change, all or nothing.
pub struct Amendment {
    pub records: Vec<Record>,
    pub precondition: Precondition,
    /// Settings of the database to write along.
    pub settings: Vec<(String, String)>,
}

/// One job in the queue.
pub(super) enum Job {
    Post(Box<PostRequest>, oneshot::Sender<Reply<Outcome>>),
    Amend(Box<Amendment>, oneshot::Sender<Reply<i64>>),
    CatchUp(oneshot::Sender<Stored<()>>),
    Stop,
}
