//! What is asked of the committer, and what it answers.
//!
//! Lives here: the queue's values. Does not live here: how they are served. Invariant: every job
//! is answered exactly once, or its sender is told that the outcome is unknown.

use std::sync::Arc;

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::domain::access::{Action, Principal};
use crate::domain::calendar::Instant;
use crate::domain::movement::{Draft, Movement};
use crate::domain::position::Position;
use crate::domain::posting::ReversalDraft;
use crate::domain::reference::{Record, Reference};
use crate::domain::refusal::Fault;
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

/// Documents to book under one key, all or none.
pub struct ImportRequest {
    pub principal: Principal,
    /// As in `PostRequest`.
    pub credential: Option<Credential>,
    /// The idempotency key; unique per principal.
    pub key: String,
    /// SHA-256 of method, path, query and body.
    pub request_hash: [u8; 32],
    /// Each with how its own refusal is told.
    pub documents: Vec<(Draft, Rendering)>,
    /// How the whole is answered, now and in replays.
    pub compose: Composing,
}

/// What became of all documents, in their order.
pub enum Decided<'a> {
    Booked(Vec<&'a Movement>),
    /// The rendered refusals of those that were refused.
    Refused(Vec<String>),
}

/// How an import's answer is kept for replays: its status and body.
pub type Composing = Box<dyn Fn(Decided<'_>) -> (u16, String) + Send>;

/// Values that cannot be, by the number of the document, from 0.
pub type FaultyDocuments = Vec<(usize, Vec<Fault>)>;

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// Answered for good, with the body that every replay gets.
    Kept { status: u16, body: String, replayed: bool },
    /// Nothing was written, no key is used up.
    Invalid(FaultyDocuments),
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

/// Reference data to change under a key, decided by what stands there.
pub struct KeyedAmendment {
    pub principal: Principal,
    /// As in `PostRequest`.
    pub credential: Option<Credential>,
    /// What the principal's role must allow, judged once more under the lock.
    pub action: Action,
    /// The idempotency key; unique per principal.
    pub key: String,
    /// SHA-256 of method, path, query and canonical body.
    pub request_hash: [u8; 32],
    pub decide: Deciding,
    /// How a refusal is kept for replays.
    pub render: Rendering,
}

/// What is to be written, by the Position under the lock; a `Refused` is kept, any other failure
/// uses up no key.
pub type Deciding = Box<dyn FnOnce(&Principal, &Position) -> Result<Amended, Failure> + Send>;

/// The records of a keyed amendment, and how they are told of.
pub struct Amended {
    pub records: Vec<Record>,
    pub status: u16,
    /// The body, from the revision under which the records stand.
    pub compose: Box<dyn FnOnce(i64) -> String + Send>,
}

/// An answer for good, with the body that every replay gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub status: u16,
    pub body: String,
    pub replayed: bool,
}

/// One job in the queue.
pub(super) enum Job {
    Post(Box<PostRequest>, oneshot::Sender<Reply<Outcome>>),
    Import(Box<ImportRequest>, oneshot::Sender<Reply<Imported>>),
    Amend(Box<Amendment>, oneshot::Sender<Reply<i64>>),
    Keyed(Box<KeyedAmendment>, oneshot::Sender<Reply<Kept>>),
    CatchUp(oneshot::Sender<Stored<()>>),
    Stop,
}
