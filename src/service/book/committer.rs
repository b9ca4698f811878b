//! The committer: what is written, batch by batch, and the Position it advances.
//!
//! Lives here: the transaction, and what is said when a commit's outcome is unknown. Does not live
//! here: decisions, the queue and who holds the office (`office`), who writes (`crew`). Invariant:
//! nothing that a batch writes is answered or published before its COMMIT.

mod posts;
mod session;

use std::sync::Arc;

use crate::domain::position::Position;
use crate::store::append::Batch;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::head::End;
use crate::store::pulse::Pulse;
use crate::store::stock::BalanceAfter;
use crate::store::{append, head, reference, settings};

use super::super::failure::Failure;
use super::jobs::{Amendment, ImportRequest, Imported, Kept, KeyedAmendment, Outcome, Reply};
use super::office::{Office, Unanswered, Work};
use super::planning::{Planned, Sheet};
use super::{importing, keyed, loading, now};

/// A count of kept answers that no book has: what is known must be compared under the lock first.
const UNKNOWN: i64 = -1;

/// Where a write failed.
enum WriteFault {
    /// Nothing was written.
    Before(StoreFault),
    /// COMMIT was sent and not answered.
    AtCommit(StoreFault),
    /// All of a write was sent as one message and not answered.
    Unanswered(StoreFault),
    /// Nothing was to be written: the rules or a precondition say no.
    Refused(Failure),
}

impl From<StoreFault> for WriteFault {
    fn from(fault: StoreFault) -> Self {
        Self::Before(fault)
    }
}

pub(super) struct Committer {
    office: Arc<Office>,
    turn: u64,
    /// What the watchdog feels of the connection.
    pulse: Arc<Pulse>,
    db: Option<Db>,
    /// Whether the standby has all that this connection could see when it was opened.
    confirmed: bool,
    position: Position,
    /// The end at which the Position stands; what is kept there is not known at first.
    end: End,
    /// Whether nobody else has written since, as far as the last write could tell.
    alone: bool,
    stopped: bool,
}

impl Committer {
    /// A committer of this turn; with the connection that the Position was loaded on, if it was.
    pub(super) fn new(
        office: Arc<Office>,
        turn: u64,
        pulse: Arc<Pulse>,
        loaded: Option<(Db, End)>,
    ) -> Self {
        let position = office.position();
        let (mut db, end) = match loaded {
            Some((db, end)) => (Some(db), end),
            None => (None, End { head: position.head, kept: UNKNOWN }),
        };
        if let Some(db) = &mut db {
            db.feel(&pulse);
        }
        let alone = db.is_some();
        let (confirmed, stopped) = (false, false);
        Self { office, turn, pulse, db, confirmed, position, end, alone, stopped }
    }

    pub(super) fn office(&self) -> &Arc<Office> {
        &self.office
    }

    pub(super) fn turn(&self) -> u64 {
        self.turn
    }

    /// The Position that the next batch is to be planned against, and its end.
    pub(super) fn stands_at(&self) -> (Position, End) {
        (self.position.clone(), self.end)
    }

    /// Whether what was planned begins where the book ends, as far as is known here.
    pub(super) fn goes_on_from(&self, planned: &Planned) -> bool {
        planned.from == self.end
    }

    /// Everything asked was done.
    pub(super) fn stop(mut self: Box<Self>) {
        self.stopped = true;
    }

    /// Does anything but posts.
    pub(super) fn work(&mut self, work: Work) {
        match work {
            Work::Post(requests) => self.post(&requests, None).tell(),
            Work::Amend(amendment) => {
                let outcome = self.write_amendment(&amendment).map_err(failure_of);
                if let Unanswered::Amend(reply) = self.office.unanswered(self.turn) {
                    let _gone = reply.send(outcome);
                }
            }
            Work::Import(request) => {
                let outcome = self.import(*request);
                let outcome = outcome.unwrap_or_else(|fault| Err(failure_of(fault)));
                if let Unanswered::Import(reply) = self.office.unanswered(self.turn) {
                    let _gone = reply.send(outcome);
                }
            }
            Work::Keyed(request) => {
                let outcome = self.keyed(*request);
                let outcome = outcome.unwrap_or_else(|fault| Err(failure_of(fault)));
                if let Unanswered::Keyed(reply) = self.office.unanswered(self.turn) {
                    let _gone = reply.send(outcome);
                }
            }
            Work::CatchUp => {
                let outcome = self.catch_up();
                if let Unanswered::CatchUp(reply) = self.office.unanswered(self.turn) {
                    let _gone = reply.send(outcome);
                }
            }
        }
    }

    /// Lays the index for a new day, once after midnight in Shanghai.
    pub(super) fn turn_the_day(&mut self) {
        let today = self.office.today();
        if self.position.index().is_some_and(|index| index.day() != today) {
            self.position.keep_index(today);
            self.office.publish(self.turn, &self.position);
        }
    }

    /// Goes on from `position`, which stands at `end`.
    fn publish(&mut self, position: Position, end: &End) {
        if position.head != self.position.head {
            self.office.publish(self.turn, &position);
            self.position = position;
        }
        self.end = *end;
    }

    fn catch_up(&mut self) -> Stored<()> {
        let (url, known) = (self.office.url.clone(), Arc::clone(&self.office.known));
        let from = self.position.clone();
        let (next, end) = self.on_connection(|db| {
            db.reading(|db| {
                let end = head::end(db)?;
                known.learn(db, &end)?;
                Ok((loading::follow(&url, db, &from, &end.head)?, end))
            })
        })?;
        self.publish(next, &end);
        Ok(())
    }

    fn sheet(&self) -> Sheet {
        Sheet::blank(&self.position, &self.end, &self.office.known)
    }

    /// Goes on from what was written.
    fn adopt(&mut self, planned: Planned) -> Vec<Reply<Outcome>> {
        let to = planned.to();
        self.office.known.reaches(&to);
        self.publish(planned.overlay, &to);
        planned.answers
    }

    fn import(&mut self, request: ImportRequest) -> Result<Reply<Imported>, WriteFault> {
        let mut db = self.start()?;
        let decided = importing::decide(&mut db, self.sheet(), request, now());
        let decided = decided.and_then(|(planned, imported)| {
            planned.kept.iter().for_each(|kept| self.office.known.mark(&kept.key, None));
            write_planned(&mut db, &planned)?;
            Ok((planned, imported))
        });
        let (planned, imported) = self.finish(db, decided.map_err(WriteFault::Before))?;
        self.adopt(planned);
        Ok(imported)
    }

    fn keyed(&mut self, request: KeyedAmendment) -> Result<Reply<Kept>, WriteFault> {
        let mut db = self.start()?;
        let decided = keyed::decide(&mut db, &self.position, request, now());
        let decided = decided.and_then(|(decision, reply)| {
            decision.kept.iter().for_each(|kept| self.office.known.mark(&kept.key, None));
            let to = keyed::write(&mut db, &decision, &self.end)?;
            Ok((decision, to, reply))
        });
        let (decision, to, reply) = self.finish(db, decided.map_err(WriteFault::Before))?;
        self.office.known.reaches(&to);
        self.publish(decision.next, &to);
        Ok(reply)
    }

    fn write_amendment(&mut self, amendment: &Amendment) -> Result<i64, WriteFault> {
        // A large file is checked before the lock is held; again only if the book has moved.
        let before = self.position.head;
        let ahead = checked(&self.position, amendment).ok();
        let mut db = self.start()?;
        let mut to = self.end;
        let outcome = match ahead {
            Some(next) if self.position.head == before => Ok(next),
            _ => checked(&self.position, amendment),
        };
        let outcome = outcome.and_then(|mut next| {
            let rev = to.head.reference_rev + 1;
            reference::save(&mut db, &amendment.records, rev)?;
            for (name, value) in &amendment.settings {
                settings::write(&mut db, name, value)?;
            }
            next.head.reference_rev = rev;
            to.head = next.head;
            head::advance(&mut db, &to)?;
            Ok(next)
        });
        let next = self.finish(db, outcome)?;
        let rev = next.head.reference_rev;
        self.office.known.reaches(&to);
        self.publish(next, &to);
        Ok(rev)
    }
}

fn batch<'a>(planned: &'a Planned, balances: &'a [BalanceAfter], to: &'a End) -> Batch<'a> {
    let (entries, new_lots, kept) = (&*planned.entries, &*planned.new_lots, &*planned.kept);
    Batch { entries, new_lots, balances, kept, from: &planned.from, to }
}

fn write_planned(db: &mut Db, planned: &Planned) -> Stored<()> {
    let to = planned.to();
    if to == planned.from {
        return Ok(());
    }
    append::append(db, batch(planned, &planned.balances(), &to))
}

impl Drop for Committer {
    fn drop(&mut self) {
        drop(self.db.take());
        self.office.leave(self.turn, self.stopped);
    }
}

/// The Position with the amendment put in, every record checked against all the others.
fn checked(position: &Position, amendment: &Amendment) -> Result<Position, WriteFault> {
    (amendment.precondition)(&position.reference).map_err(WriteFault::Refused)?;
    keyed::amended(position, &amendment.records).map_err(WriteFault::Refused)
}

fn failure_of(fault: WriteFault) -> Failure {
    match fault {
        WriteFault::Refused(failure) => failure,
        WriteFault::Before(fault) => fault.into(),
        WriteFault::AtCommit(StoreFault::Full(text)) => StoreFault::Full(text).into(),
        WriteFault::AtCommit(fault) | WriteFault::Unanswered(fault) => {
            tracing::error!(%fault, "a commit was not answered; its outcome is unknown");
            Failure::OutcomeUnknown
        }
    }
}
