//! The committer's connection: opened, found spoilt, locked, committed.
//!
//! Lives here: what every write begins and ends with. Does not live here: what is written.
//! Invariant: a committer that was relieved sends no COMMIT.

use crate::store::dialect::Db;
use crate::store::fault::{StoreFault, Stored};
use crate::store::head::{self, End};
use crate::store::{append, standby};

use super::super::loading;
use super::{Committer, WriteFault};

impl Committer {
    /// Runs `work` on the connection; one found spoilt is replaced once.
    pub(super) fn on_connection<T>(&mut self, work: impl Fn(&mut Db) -> Stored<T>) -> Stored<T> {
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

    pub(super) fn take_connection(&mut self) -> Stored<Db> {
        match self.db.take() {
            Some(db) => Ok(db),
            None => self.connect(),
        }
    }

    pub(super) fn connect(&mut self) -> Stored<Db> {
        self.confirmed = false;
        self.pulse.allow(self.office.url.connect_patience());
        let mut db = self.pulse.during(|| self.office.url.connect_writer())?;
        self.pulse.allow(self.office.url.call_patience());
        db.feel(&self.pulse);
        append::acquaint(&mut db)?;
        Ok(db)
    }

    /// Fails when another committer has taken over: then nothing more may be written.
    pub(super) fn check_turn(&self) -> Stored<()> {
        if self.office.is_held_by(self.turn) {
            return Ok(());
        }
        Err(StoreFault::Lost("another committer has taken over".to_string()))
    }

    /// Locks the head on a connection that sees nothing which the standby lacks: a commit whose
    /// wait for the standby was cut short can be seen, and must not be answered for by its key.
    pub(super) fn lock(&mut self, db: &mut Db) -> Stored<End> {
        self.confirm(db)?;
        self.pulse.allow(self.office.url.lock_patience());
        let locked = head::lock(db);
        self.pulse.allow(self.office.url.call_patience());
        locked
    }

    pub(super) fn confirm(&mut self, db: &mut Db) -> Stored<()> {
        if !self.confirmed {
            standby::confirm(db)?;
            self.confirmed = true;
        }
        Ok(())
    }

    /// Locks the head and brings the Position and what is known of the book up to it.
    pub(super) fn start(&mut self) -> Stored<Db> {
        let mut db = self.take_connection()?;
        let mut locked = self.lock(&mut db);
        if locked.as_ref().is_err_and(StoreFault::spoils_the_connection) {
            self.check_turn()?;
            db = self.connect()?;
            locked = self.lock(&mut db);
        }
        let end = locked?;
        let followed = loading::follow(&self.office.url, &mut db, &self.position, &end.head)
            .and_then(|position| self.office.known.learn(&mut db, &end).map(|()| position));
        match followed {
            Ok(position) => {
                self.alone = end == self.end;
                self.publish(position, &end);
                Ok(db)
            }
            Err(fault) => {
                db.rollback();
                Err(fault)
            }
        }
    }

    /// Ends the transaction: commits after `outcome` is good, else rolls back.
    pub(super) fn finish<T>(
        &mut self,
        mut db: Db,
        outcome: Result<T, WriteFault>,
    ) -> Result<T, WriteFault> {
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
}
