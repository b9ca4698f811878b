//! A batch of posts: as one message where nobody else writes, else under the lock.
//!
//! Lives here: which way it takes, and what is made of a message that was not answered. Does not
//! live here: the decisions (`planning`). Invariant: nobody is told that nothing was written while
//! a message may still be done.

use tokio::sync::oneshot;

use crate::store::append;
use crate::store::dialect::{AtOnce, Db};
use crate::store::fault::StoreFault;
use crate::telemetry;

use super::super::super::failure::Failure;
use super::super::jobs::{Outcome, PostRequest, Reply};
use super::super::now;
use super::super::office::Unanswered;
use super::super::planning::{self, Planned};
use super::{Committer, WriteFault, batch, failure_of, write_planned};

/// What a batch of posts is told, and who.
pub(in crate::service::book) struct Answers {
    replies: Vec<Option<oneshot::Sender<Reply<Outcome>>>>,
    outcome: Result<Vec<Reply<Outcome>>, Failure>,
}

impl Answers {
    /// Answers all that are still to be answered.
    pub(in crate::service::book) fn tell(self) {
        let answers: Box<dyn Iterator<Item = Reply<Outcome>>> = match self.outcome {
            Ok(answers) => Box::new(answers.into_iter()),
            Err(failure) => Box::new(std::iter::repeat(Err(failure))),
        };
        for (reply, answer) in self.replies.into_iter().zip(answers) {
            if let Some(reply) = reply {
                let _gone = reply.send(answer);
            }
        }
    }
}

impl Committer {
    /// Writes a batch of posts, as planned if the book still ends where the plan begins.
    pub(in crate::service::book) fn post(
        &mut self,
        requests: &[PostRequest],
        planned: Option<Planned>,
    ) -> Answers {
        let outcome = self.write_batch(requests, planned).map_err(failure_of);
        telemetry::count_batch(requests.len());
        let replies = match self.office.unanswered(self.turn) {
            Unanswered::Posts(replies) => replies,
            _ => Vec::new(),
        };
        Answers { replies, outcome }
    }

    fn write_batch(
        &mut self,
        requests: &[PostRequest],
        planned: Option<Planned>,
    ) -> Result<Vec<Reply<Outcome>>, WriteFault> {
        let Some(planned) = planned else {
            return self.write_locked(requests, None);
        };
        // What writes nothing still has to be decided by the book as it is.
        let writes = planned.to() != planned.from;
        if !writes || !self.alone || !self.office.url.appends_at_once() {
            return self.write_locked(requests, Some(planned));
        }
        match self.write_at_once(&planned) {
            Ok(true) => Ok(self.adopt(planned)),
            // Somebody else has written, or holds the lock for long.
            Ok(false) | Err(WriteFault::Before(StoreFault::Busy(_))) => {
                self.write_locked(requests, None)
            }
            // Whether it was done is seen under the lock.
            Err(WriteFault::Unanswered(fault)) => {
                tracing::warn!(%fault, "a write was not answered; looking for it");
                self.find_or_write(requests, planned)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Writes as one message what begins at the book's end; not done if it does not.
    fn write_at_once(&mut self, planned: &Planned) -> Result<bool, WriteFault> {
        let to = planned.to();
        let mut db = self.take_connection()?;
        if db.is_closed() {
            db = self.connect()?;
        }
        self.confirm(&mut db)?;
        self.check_turn()?;
        let balances = planned.balances();
        let done = db.at_once(|conn| append::append_at_once(conn, batch(planned, &balances, &to)));
        match done {
            Ok(done) => {
                self.db = Some(db);
                Ok(done)
            }
            Err(AtOnce::Undone(fault)) => {
                if !fault.spoils_the_connection() {
                    self.db = Some(db);
                }
                Err(WriteFault::Before(fault))
            }
            Err(AtOnce::Unknown(fault)) => Err(WriteFault::Unanswered(fault)),
            Err(AtOnce::Unconfirmed(fault)) => Err(WriteFault::AtCommit(fault)),
        }
    }

    /// After a write without an answer: nobody is told that nothing was written unless it is sure.
    fn find_or_write(
        &mut self,
        requests: &[PostRequest],
        planned: Planned,
    ) -> Result<Vec<Reply<Outcome>>, WriteFault> {
        let in_doubt = |fault| match fault {
            WriteFault::Before(fault) => WriteFault::AtCommit(fault),
            other => other,
        };
        let mut db = self.start().map_err(WriteFault::AtCommit)?;
        if self.end == planned.to() {
            self.alone = true;
            db.rollback();
            self.db = Some(db);
            return Ok(planned.answers);
        }
        self.write_with(db, requests, None).map_err(in_doubt)
    }

    fn write_locked(
        &mut self,
        requests: &[PostRequest],
        planned: Option<Planned>,
    ) -> Result<Vec<Reply<Outcome>>, WriteFault> {
        let db = self.start()?;
        self.write_with(db, requests, planned)
    }

    /// Writes under the lock: what was planned if it begins here, else what is planned now.
    fn write_with(
        &mut self,
        mut db: Db,
        requests: &[PostRequest],
        planned: Option<Planned>,
    ) -> Result<Vec<Reply<Outcome>>, WriteFault> {
        let planned = match planned.filter(|planned| self.goes_on_from(planned)) {
            Some(planned) => Ok(planned),
            None => planning::plan(&mut db, self.sheet(), requests, now()),
        };
        let planned = planned.and_then(|planned| {
            self.answer_repeats(&planned);
            write_planned(&mut db, &planned)?;
            Ok(planned)
        });
        let planned = self.finish(db, planned.map_err(WriteFault::Before))?;
        Ok(self.adopt(planned))
    }

    /// Answers at once what the book held before this batch. On a database so slow that every
    /// COMMIT is given up, a movement is then still told by its second asking.
    fn answer_repeats(&self, planned: &Planned) {
        let before = planned.from.head.seq;
        let answers = planned.answers.iter().enumerate().filter_map(|(nth, answer)| match answer {
            Ok(Outcome::Booked { movement, .. }) if movement.seq <= before => {
                Some((nth, answer.clone()))
            }
            _ => None,
        });
        self.office.answer_early(self.turn, answers);
    }
}
