//! The committer: one thread that writes, batch by batch, and advances the Position.
//!
//! Lives here: the loop, the transaction, and what is said when a commit's outcome is unknown. Does
//! not live here: decisions. Invariant: nothing is answered, and nothing published, before COMMIT.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{mpsc, oneshot};

use crate::domain::position::{Head, Position};
use crate::domain::refusal::Refusal;
use crate::store::append::Batch;
use crate::store::connection::DatabaseUrl;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::{append, head, receipts, reference, settings};
use crate::telemetry;

use super::super::failure::Failure;
use super::jobs::{Amendment, Job, Outcome, PostRequest, Reply};
use super::planning::{self, Planned};
use super::{loading, now};

/// Lines that one transaction takes at most, beyond its first request.
const BATCH_LINES: usize = 2_000;

type PostJob = (Box<PostRequest>, oneshot::Sender<Reply<Outcome>>);

/// Where a write failed.
enum WriteFault {
    /// Nothing was written.
    Before(StoreFault),
    /// COMMIT was sent and not answered.
    AtCommit(StoreFault),
    /// Nothing was to be written: the rules or a precondition say no.
    Refused(Failure),
}

impl From<StoreFault> for WriteFault {
    fn from(fault: StoreFault) -> Self {
        Self::Before(fault)
    }
}

pub(super) struct Committer {
    url: DatabaseUrl,
    db: Option<Db>,
    published: Arc<ArcSwap<Position>>,
    position: Position,
}

impl Committer {
    pub(super) fn new(url: DatabaseUrl, db: Db, published: Arc<ArcSwap<Position>>) -> Self {
        let position = Position::clone(&published.load());
        Self { url, db: Some(db), published, position }
    }

    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut waiting = None;
        while let Some(job) = waiting.take().or_else(|| jobs.blocking_recv()) {
            match job {
                Job::Post(request, reply) => {
                    let (batch, next) = gather((request, reply), &mut jobs);
                    waiting = next;
                    self.post(batch);
                }
                Job::Amend(amendment, reply) => {
                    let outcome = self.amend(&amendment);
                    let _ = reply.send(outcome);
                }
                Job::CatchUp(reply) => {
                    let outcome = self.catch_up();
                    let _ = reply.send(outcome);
                }
                Job::Stop => break,
            }
        }
    }

    fn publish(&mut self, position: Position) {
        if position.head != self.position.head {
            self.published.store(Arc::new(position.clone()));
            self.position = position;
        }
    }

    fn catch_up(&mut self) -> Stored<()> {
        let from = self.position.clone();
        let next = self.on_connection(|db| {
            db.reading(|db| {
                let head = head::read(db)?;
                loading::follow(db, &from, &head)
            })
        })?;
        self.publish(next);
        Ok(())
    }

    /// Runs `work` on the connection; one found lost is replaced once.
    fn on_connection<T>(&mut self, work: impl Fn(&mut Db) -> Stored<T>) -> Stored<T> {
        let mut db = self.take_connection()?;
        let mut outcome = work(&mut db);
        if let Err(StoreFault::Lost(_)) = &outcome {
            db = self.url.connect()?;
            outcome = work(&mut db);
        }
        if !matches!(&outcome, Err(StoreFault::Lost(_))) {
            self.db = Some(db);
        }
        outcome
    }

    fn take_connection(&mut self) -> Stored<Db> {
        match self.db.take() {
            Some(db) => Ok(db),
            None => self.url.connect(),
        }
    }

    /// Locks the head and brings the Position up to it: what every write starts with.
    fn start(&mut self) -> Stored<(Db, Head)> {
        let mut db = self.take_connection()?;
        let mut locked = head::lock(&mut db);
        if let Err(StoreFault::Lost(_)) = &locked {
            db = self.url.connect()?;
            locked = head::lock(&mut db);
        }
        let head = locked?;
        match loading::follow(&mut db, &self.position, &head) {
            Ok(position) => {
                self.publish(position);
                Ok((db, head))
            }
            Err(fault) => {
                db.rollback();
                Err(fault)
            }
        }
    }

    /// Ends the transaction: commits after `outcome` is good, else rolls back.
    fn finish<T>(&mut self, mut db: Db, outcome: Result<T, WriteFault>) -> Result<T, WriteFault> {
        match outcome {
            Ok(value) => match db.commit() {
                Ok(()) => {
                    self.db = Some(db);
                    Ok(value)
                }
                Err(fault) => {
                    db.rollback();
                    Err(WriteFault::AtCommit(fault))
                }
            },
            Err(fault) => {
                db.rollback();
                if !matches!(&fault, WriteFault::Before(StoreFault::Lost(_))) {
                    self.db = Some(db);
                }
                Err(fault)
            }
        }
    }

    fn post(&mut self, batch: Vec<PostJob>) {
        let (requests, replies): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        let requests: Vec<&PostRequest> = requests.iter().map(AsRef::as_ref).collect();
        match self.write_batch(&requests) {
            Ok(answers) => {
                for (reply, answer) in replies.into_iter().zip(answers) {
                    let _ = reply.send(answer);
                }
            }
            Err(fault) => {
                let failure = failure_of(fault);
                for reply in replies {
                    let _ = reply.send(Err(failure.clone()));
                }
            }
        }
    }

    fn write_batch(
        &mut self,
        requests: &[&PostRequest],
    ) -> Result<Vec<Reply<Outcome>>, WriteFault> {
        let (mut db, _) = self.start()?;
        let planned = write_planned(&mut db, &self.position, requests);
        let planned = self.finish(db, planned.map_err(WriteFault::Before))?;
        telemetry::count_batch(requests.len());
        self.publish(planned.overlay);
        Ok(planned.answers)
    }

    fn amend(&mut self, amendment: &Amendment) -> Reply<i64> {
        self.write_amendment(amendment).map_err(failure_of)
    }

    fn write_amendment(&mut self, amendment: &Amendment) -> Result<i64, WriteFault> {
        // A large file is checked before the lock is held; again only if the book has moved.
        let before = self.position.head;
        let ahead = checked(&self.position, amendment).ok();
        let (mut db, head) = self.start()?;
        let outcome = match ahead {
            Some(next) if self.position.head == before => Ok(next),
            _ => checked(&self.position, amendment),
        };
        let outcome = outcome.and_then(|mut next| {
            let rev = head.reference_rev + 1;
            reference::save(&mut db, &amendment.records, rev)?;
            for (name, value) in &amendment.settings {
                settings::write(&mut db, name, value)?;
            }
            next.head.reference_rev = rev;
            head::advance(&mut db, &next.head)?;
            Ok(next)
        });
        let next = self.finish(db, outcome)?;
        let rev = next.head.reference_rev;
        self.publish(next);
        Ok(rev)
    }
}

/// The waiting posts that go into one transaction with `first`, and the next job of another kind.
fn gather(first: PostJob, jobs: &mut mpsc::Receiver<Job>) -> (Vec<PostJob>, Option<Job>) {
    let mut lines = first.0.lines();
    let mut batch = vec![first];
    while lines < BATCH_LINES {
        match jobs.try_recv() {
            Ok(Job::Post(request, reply)) => {
                lines += request.lines();
                batch.push((request, reply));
            }
            Ok(other) => return (batch, Some(other)),
            Err(_) => break,
        }
    }
    (batch, None)
}

fn write_planned(db: &mut Db, position: &Position, requests: &[&PostRequest]) -> Stored<Planned> {
    let planned = planning::plan(db, position, requests, now())?;
    if !planned.entries.is_empty() {
        let batch = Batch {
            entries: &planned.entries,
            new_lots: &planned.new_lots,
            balances: &planned.balances(),
            head: &planned.overlay.head,
        };
        append::append(db, batch)?;
    }
    receipts::keep(db, &planned.kept)?;
    Ok(planned)
}

/// The Position with the amendment put in, every record checked against all the others.
fn checked(position: &Position, amendment: &Amendment) -> Result<Position, WriteFault> {
    (amendment.precondition)(&position.reference).map_err(WriteFault::Refused)?;
    let reference = position.reference.with(amendment.records.iter().cloned());
    for record in &amendment.records {
        reference.check(record).map_err(|refusal: Refusal| WriteFault::Refused(refusal.into()))?;
    }
    let mut next = position.clone();
    next.set_reference(Arc::new(reference), position.head.reference_rev);
    Ok(next)
}

fn failure_of(fault: WriteFault) -> Failure {
    match fault {
        WriteFault::Refused(failure) => failure,
        WriteFault::Before(fault) => fault.into(),
        WriteFault::AtCommit(StoreFault::Full(text)) => StoreFault::Full(text).into(),
        WriteFault::AtCommit(fault) => {
            tracing::error!(%fault, "a commit was not answered; its outcome is unknown");
            Failure::OutcomeUnknown
        }
    }
}
