//! The committer: one thread that writes, batch by batch, and advances the Position.
//!
//! Lives here: the loop, the transaction, and what is said when a commit's outcome is unknown. Does
//! not live here: decisions, the queue and who holds the office (`office`). Invariant: nothing that
//! a batch writes is answered or published before its COMMIT.

use std::sync::Arc;

use crate::domain::position::{Head, Position};
use crate::store::append::Batch;
use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::pulse::Pulse;
use crate::store::{append, head, receipts, reference, settings, standby};
use crate::telemetry;

use super::super::failure::Failure;
use super::jobs::{
    Amendment, ImportRequest, Imported, Kept, KeyedAmendment, Outcome, PostRequest, Reply,
};
use super::office::{Office, Unanswered, Work};
use super::planning::{self, Planned};
use super::{importing, keyed, loading, now};

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
    office: Arc<Office>,
    turn: u64,
    /// What the watchdog feels of the connection.
    pulse: Arc<Pulse>,
    db: Option<Db>,
    /// Whether the standby has all that this connection could see when it was opened.
    confirmed: bool,
    position: Position,
    stopped: bool,
}

impl Committer {
    pub(super) fn new(office: Arc<Office>, turn: u64, pulse: Arc<Pulse>, db: Option<Db>) -> Self {
        let position = office.position();
        let mut db = db;
        if let Some(db) = &mut db {
            db.feel(&pulse);
        }
        Self { office, turn, pulse, db, confirmed: false, position, stopped: false }
    }

    pub(super) fn run(mut self) {
        while let Some(work) = self.office.next(self.turn) {
            self.turn_the_day();
            match work {
                Work::Post(requests) => self.post(&requests),
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
        self.stopped = true;
    }

    /// Lays the index for a new day, once after midnight in Shanghai.
    fn turn_the_day(&mut self) {
        let today = self.office.today();
        if self.position.index().is_some_and(|index| index.day() != today) {
            self.position.keep_index(today);
            self.office.publish(self.turn, &self.position);
        }
    }

    fn publish(&mut self, position: Position) {
        if position.head != self.position.head {
            self.office.publish(self.turn, &position);
            self.position = position;
        }
    }

    fn catch_up(&mut self) -> Stored<()> {
        let (url, from) = (self.office.url.clone(), self.position.clone());
        let next = self.on_connection(|db| {
            db.reading(|db| {
                let head = head::read(db)?;
                loading::follow(&url, db, &from, &head)
            })
        })?;
        self.publish(next);
        Ok(())
    }

    /// Runs `work` on the connection; one found spoilt is replaced once.
    fn on_connection<T>(&mut self, work: impl Fn(&mut Db) -> Stored<T>) -> Stored<T> {
        let mut db = self.take_connection()?;
        let mut outcome = work(&mut db);
        if outcome.as_ref().is_err_and(StoreFault::spoils_the_connection) {
            self.check_turn()?;
            db = self.connect()?;
            outcome = work(&mut db);
        }
        if !outcome.as_ref().is_err_and(StoreFault::spoils_the_connection) {
            self.db = Some(db);
        }
        outcome
    }

    fn take_connection(&mut self) -> Stored<Db> {
        match self.db.take() {
            Some(db) => Ok(db),
            None => self.connect(),
        }
    }

    fn connect(&mut self) -> Stored<Db> {
        self.confirmed = false;
        self.pulse.allow(self.office.url.connect_patience());
        let mut db = self.pulse.during(|| self.office.url.connect_writer())?;
        self.pulse.allow(self.office.url.call_patience());
        db.feel(&self.pulse);
        Ok(db)
    }

    /// Fails when another committer has taken over: then nothing more may be written.
    fn check_turn(&self) -> Stored<()> {
        if self.office.is_held_by(self.turn) {
            return Ok(());
        }
        Err(StoreFault::Lost("another committer has taken over".to_string()))
    }

    /// Locks the head on a connection that sees nothing which the standby lacks: a commit whose
    /// wait for the standby was cut short can be seen, and must not be answered for by its key.
    fn lock(&mut self, db: &mut Db) -> Stored<Head> {
        if !self.confirmed {
            standby::confirm(db)?;
            self.confirmed = true;
        }
        self.pulse.allow(self.office.url.lock_patience());
        let locked = head::lock(db);
        self.pulse.allow(self.office.url.call_patience());
        locked
    }

    /// Locks the head and brings the Position up to it: what every write starts with.
    fn start(&mut self) -> Stored<(Db, Head)> {
        let mut db = self.take_connection()?;
        let mut locked = self.lock(&mut db);
        if locked.as_ref().is_err_and(StoreFault::spoils_the_connection) {
            self.check_turn()?;
            db = self.connect()?;
            locked = self.lock(&mut db);
        }
        let head = locked?;
        match loading::follow(&self.office.url, &mut db, &self.position, &head) {
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
        let outcome =
            outcome.and_then(|value| self.check_turn().map(|()| value).map_err(WriteFault::from));
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
                let spoilt = matches!(&fault, WriteFault::Before(f) if f.spoils_the_connection());
                if !spoilt {
                    self.db = Some(db);
                }
                Err(fault)
            }
        }
    }

    fn post(&mut self, requests: &[PostRequest]) {
        let requests: Vec<&PostRequest> = requests.iter().collect();
        let outcome = self.write_batch(&requests).map_err(failure_of);
        let Unanswered::Posts(replies) = self.office.unanswered(self.turn) else {
            return;
        };
        let answers: Box<dyn Iterator<Item = Reply<Outcome>>> = match outcome {
            Ok(answers) => Box::new(answers.into_iter()),
            Err(failure) => Box::new(std::iter::repeat(Err(failure))),
        };
        for (reply, answer) in replies.into_iter().zip(answers) {
            if let Some(reply) = reply {
                let _gone = reply.send(answer);
            }
        }
    }

    fn write_batch(
        &mut self,
        requests: &[&PostRequest],
    ) -> Result<Vec<Reply<Outcome>>, WriteFault> {
        let (mut db, before) = self.start()?;
        let planned = planning::plan(&mut db, &self.position, requests, now());
        let planned = planned.and_then(|planned| {
            self.answer_repeats(&planned, &before);
            write_planned(&mut db, &planned)?;
            Ok(planned)
        });
        let planned = self.finish(db, planned.map_err(WriteFault::Before))?;
        telemetry::count_batch(requests.len());
        self.publish(planned.overlay);
        Ok(planned.answers)
    }

    fn import(&mut self, request: ImportRequest) -> Result<Reply<Imported>, WriteFault> {
        let (mut db, _) = self.start()?;
        let decided = importing::decide(&mut db, &self.position, request, now());
        let decided = decided.and_then(|(planned, imported)| {
            write_planned(&mut db, &planned)?;
            Ok((planned, imported))
        });
        let (planned, imported) = self.finish(db, decided.map_err(WriteFault::Before))?;
        self.publish(planned.overlay);
        Ok(imported)
    }

    fn keyed(&mut self, request: KeyedAmendment) -> Result<Reply<Kept>, WriteFault> {
        let (mut db, _) = self.start()?;
        let decided = keyed::decide(&mut db, &self.position, request, now());
        let decided = decided.and_then(|(decision, reply)| {
            keyed::write(&mut db, &decision)?;
            Ok((decision, reply))
        });
        let (decision, reply) = self.finish(db, decided.map_err(WriteFault::Before))?;
        self.publish(decision.next);
        Ok(reply)
    }

    /// Answers at once what the book held before this batch. On a database so slow that every
    /// COMMIT is given up, a movement is then still told by its second asking.
    fn answer_repeats(&self, planned: &Planned, before: &Head) {
        let answers = planned.answers.iter().enumerate().filter_map(|(nth, answer)| match answer {
            Ok(Outcome::Booked { movement, .. }) if movement.seq <= before.seq => {
                Some((nth, answer.clone()))
            }
            _ => None,
        });
        self.office.answer_early(self.turn, answers);
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

fn write_planned(db: &mut Db, planned: &Planned) -> Stored<()> {
    if !planned.entries.is_empty() {
        let batch = Batch {
            entries: &planned.entries,
            new_lots: &planned.new_lots,
            balances: &planned.balances(),
            head: &planned.overlay.head,
        };
        append::append(db, batch)?;
    }
    receipts::keep(db, &planned.kept)
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
        WriteFault::AtCommit(fault) => {
            tracing::error!(%fault, "a commit was not answered; its outcome is unknown");
            Failure::OutcomeUnknown
        }
    }
}
