//! What the book is asked to write: into the committer's queue, and its answer awaited.
//!
//! Does not live here: what the committer does with it (`committer`). Invariant: whoever is not
//! answered in time is told that the outcome is not known, never that nothing was written.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::service::failure::Failure;

use super::jobs::{self, Job};
use super::{Amendment, Book, ImportRequest, Imported, Kept, KeyedAmendment, Outcome, PostRequest};

/// How long a write may wait for the committer's answer. What it then becomes is not known.
const WRITING_BUDGET: Duration = Duration::from_secs(30);

impl Book {
    /// Books a movement, or answers what its key has been answered before.
    ///
    /// # Errors
    /// Any `Failure`; only `OutcomeUnknown` leaves open whether it was written.
    pub async fn post(&self, request: PostRequest) -> Result<Outcome, Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Post(Box::new(request), reply))?;
        answered_in_time(answer).await
    }

    /// Queues a movement as soon as there is a place: what is queued first is decided first. The
    /// answer is that of `post`.
    ///
    /// # Errors
    /// `Unavailable` where the committer has ended.
    pub async fn queue(
        &self,
        request: PostRequest,
    ) -> Result<oneshot::Receiver<Result<Outcome, Failure>>, Failure> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Post(Box::new(request), reply);
        self.inner.queue.send(job).await.map_err(|_| Failure::Unavailable)?;
        Ok(answer)
    }

    /// Books documents together, all or none, or answers what the key has been answered before.
    ///
    /// # Errors
    /// Any `Failure`; only `OutcomeUnknown` leaves open whether they were written.
    pub async fn import(&self, request: ImportRequest) -> Result<Imported, Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Import(Box::new(request), reply))?;
        answered_in_time(answer).await
    }

    /// Changes reference data, however long it takes; the revision they stand under.
    ///
    /// # Errors
    /// Any `Failure`; only `OutcomeUnknown` leaves open whether it was written.
    pub async fn amend(&self, amendment: Amendment) -> Result<i64, Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Amend(Box::new(amendment), reply))?;
        answer.await.map_err(|_| Failure::OutcomeUnknown)?
    }

    /// The same for somebody who waits.
    ///
    /// # Errors
    /// Any `Failure`; only `OutcomeUnknown` leaves open whether it was written.
    pub async fn amend_in_time(&self, amendment: Amendment) -> Result<i64, Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Amend(Box::new(amendment), reply))?;
        answered_in_time(answer).await
    }

    /// Changes reference data under a key, or answers what the key has been answered before.
    ///
    /// # Errors
    /// Any `Failure`; only `OutcomeUnknown` leaves open whether it was written.
    pub async fn amend_once(&self, request: KeyedAmendment) -> Result<Kept, Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Keyed(Box::new(request), reply))?;
        answered_in_time(answer).await
    }

    fn send(&self, job: Job) -> Result<(), Failure> {
        self.inner.queue.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Failure::Overloaded,
            mpsc::error::TrySendError::Closed(_) => Failure::Unavailable,
        })
    }
}

/// The committer's answer; it may still write what it was not waited for.
async fn answered_in_time<T>(answer: oneshot::Receiver<jobs::Reply<T>>) -> Result<T, Failure> {
    let answer = tokio::time::timeout(WRITING_BUDGET, answer).await;
    answer.map_err(|_| Failure::OutcomeUnknown)?.map_err(|_| Failure::OutcomeUnknown)?
}
