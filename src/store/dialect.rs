//! The two engines behind one type, and statements that differ between them.
//!
//! Lives here: the connection enum and the macro that runs one typed statement on either engine.
//! Does not live here: what the statements mean. Invariant: a statement is written once.

use std::time::{Duration, Instant};

use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};

use super::fault::{StoreFault, Stored};
use super::file::OpenFile;
use super::standby;

/// A commit that takes longer may have had its wait for the standby cancelled, which PostgreSQL
/// reports as a warning only.
const SLOW_COMMIT: Duration = Duration::from_millis(500);

/// Why a statement with its COMMIT did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtOnce {
    /// It was refused, and nothing of it is done.
    Undone(StoreFault),
    /// It was not answered.
    Unknown(StoreFault),
    /// It is done here, and the standby has not said that it has it.
    Unconfirmed(StoreFault),
}

/// A connection to either engine.
pub enum Db {
    Sqlite(OpenFile),
    Postgres(Box<PgConnection>),
}

/// Runs one expression with `$conn` bound to the typed connection of whichever engine it is.
macro_rules! on_engine {
    ($db:expr, $conn:ident => $body:expr) => {
        match $db {
            $crate::store::dialect::Db::Sqlite($conn) => {
                let $conn = &mut **$conn;
                $body
            }
            $crate::store::dialect::Db::Postgres($conn) => {
                let $conn = &mut **$conn;
                $body
            }
        }
    };
}
pub(crate) use on_engine;

/// Keeps a statement far below PostgreSQL's 65,535 parameters.
pub(crate) const ROWS_PER_STATEMENT: usize = 500;

impl Db {
    /// Runs plain statements without parameters.
    pub(super) fn batch(&mut self, sql: &str) -> Stored<()> {
        on_engine!(self, conn => conn.batch_execute(sql))?;
        Ok(())
    }

    /// Starts a transaction that will write.
    pub(super) fn begin_write(&mut self) -> Stored<()> {
        match self {
            Self::Sqlite(conn) => {
                AnsiTransactionManager::begin_transaction_sql(&mut **conn, "BEGIN IMMEDIATE")
            }
            // A writer that hangs gives the lock up; one that waits for it is told in time. Readers
            // hold none and may take their time.
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
                &mut **conn,
                "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '2s'; \
                 SET LOCAL lock_timeout = '3s'",
            ),
        }?;
        Ok(())
    }

    /// Starts a transaction that sees one instant of the database.
    pub fn begin_read(&mut self) -> Stored<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction(&mut **conn),
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
                &mut **conn,
                "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        }?;
        Ok(())
    }

    /// Makes the transaction's writes durable, on the standby too where one is configured.
    ///
    /// # Errors
    /// Any fault, after which the outcome is unknown.
    pub fn commit(&mut self) -> Stored<()> {
        match self {
            Self::Sqlite(conn) => {
                AnsiTransactionManager::commit_transaction(&mut **conn)?;
                conn.check()?;
            }
            Self::Postgres(conn) => {
                let began = Instant::now();
                AnsiTransactionManager::commit_transaction(&mut **conn)?;
                if began.elapsed() >= SLOW_COMMIT {
                    standby::confirm_on(conn)?;
                }
            }
        }
        Ok(())
    }

    /// Runs one statement of PostgreSQL as a transaction of its own, its COMMIT included.
    ///
    /// # Errors
    /// Whether it can have been done.
    pub fn at_once<T>(
        &mut self,
        statement: impl FnOnce(&mut PgConnection) -> Stored<T>,
    ) -> Result<T, AtOnce> {
        let Self::Postgres(conn) = self else {
            return Err(AtOnce::Undone(StoreFault::Bug("SQLite does nothing at once".to_string())));
        };
        let began = Instant::now();
        let done = statement(conn).map_err(|fault| match fault {
            StoreFault::Lost(_) => AtOnce::Unknown(fault),
            fault => AtOnce::Undone(fault),
        })?;
        if began.elapsed() >= SLOW_COMMIT {
            standby::confirm_on(conn).map_err(AtOnce::Unconfirmed)?;
        }
        Ok(done)
    }

    /// Whether the server has closed the session, as far as has been heard: nothing is asked, and
    /// nothing sent. Its last words and the end of the stream may come one after the other.
    pub fn is_closed(&mut self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(conn) => {
                (0..2).any(|_| conn.notifications_iter().any(|heard| heard.is_err()))
            }
        }
    }

    /// Whether what is read and written here is what the address names.
    ///
    /// # Errors
    /// `Lost` where a SQLite file was replaced or removed under the connection.
    pub fn check_place(&self) -> Stored<()> {
        match self {
            Self::Sqlite(conn) => conn.check(),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Drops the transaction's writes; a lost connection has dropped them already.
    pub fn rollback(&mut self) {
        let outcome = match self {
            Self::Sqlite(conn) => AnsiTransactionManager::rollback_transaction(&mut **conn),
            Self::Postgres(conn) => AnsiTransactionManager::rollback_transaction(&mut **conn),
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "rollback failed; the connection is dropped");
        }
    }

    /// Runs `work` within a read transaction.
    pub fn reading<T>(&mut self, work: impl FnOnce(&mut Self) -> Stored<T>) -> Stored<T> {
        self.begin_read()?;
        match work(self) {
            Ok(value) => {
                self.commit()?;
                Ok(value)
            }
            Err(fault) => {
                self.rollback();
                Err(fault)
            }
        }
    }
}
