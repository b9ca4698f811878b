//! What can go wrong below: every driver error as one of a few kinds.
//!
//! Lives here: the mapping from driver errors. Does not live here: words for users. Invariant: the
//! driver's text goes to the log, never to the wire.

use diesel::result::{DatabaseErrorKind, Error};

/// A fault of the database or of what it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// The database cannot be reached, or the session is gone; try again later.
    #[error("the database cannot be reached: {0}")]
    Lost(String),
    /// Another writer holds what is needed; try again soon.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// No room left on the disk.
    #[error("the database has no room left: {0}")]
    Full(String),
    /// The database takes no writes.
    #[error("the database is read-only: {0}")]
    ReadOnly(String),
    /// The address or the state of the database is not what the program can work with.
    #[error("{0}")]
    Unusable(String),
    /// A row that cannot be what it claims.
    #[error("the database holds what cannot be: {0}")]
    Corrupt(String),
    /// A statement that should not have failed.
    #[error("unexpected database error: {0}")]
    Bug(String),
}

/// What every function of this floor returns.
pub type Stored<T> = Result<T, StoreFault>;

impl StoreFault {
    /// Whether the connection that met it is of no more use. One that was opened on a read-only
    /// disk, or to a server that is a standby now, stays read-only when writing is possible again.
    pub fn spoils_the_connection(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::ReadOnly(_))
    }
}

impl From<Error> for StoreFault {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        if let Error::DatabaseError(kind, _) = &error {
            match kind {
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
                    return Self::Lost(text);
                }
                DatabaseErrorKind::ReadOnlyTransaction => return Self::ReadOnly(text),
                DatabaseErrorKind::SerializationFailure => return Self::Busy(text),
                _ => {}
            }
        }
        if matches!(error, Error::BrokenTransactionManager) {
            return Self::Lost(text);
        }
        if matches!(error, Error::DeserializationError(_)) {
            return Self::Corrupt(text);
        }
        by_text(text)
    }
}

/// The drivers name these conditions only in their texts.
fn by_text(text: String) -> StoreFault {
    let says = |needles: &[&str]| needles.iter().any(|needle| text.contains(needle));
    if says(&["database is locked", "database table is locked", "lock timeout", "deadlock"]) {
        StoreFault::Busy(text)
    } else if says(&["disk is full", "No space left", "could not extend file"]) {
        StoreFault::Full(text)
    } else if says(&["readonly database", "read-only"]) {
        StoreFault::ReadOnly(text)
    } else if says(&[
        "server closed the connection",
        "connection to server",
        "no connection to the server",
        "terminating connection",
        "SSL SYSCALL",
        "could not receive data",
        "could not send data",
        "shutting down",
        "starting up",
        "disk I/O error",
        "unable to open database file",
        "canceling wait for synchronous replication",
    ]) {
        StoreFault::Lost(text)
    } else {
        StoreFault::Bug(text)
    }
}

/// A stored word that no enum knows.
pub(crate) fn corrupt(what: &str, value: impl std::fmt::Display) -> StoreFault {
    StoreFault::Corrupt(format!("{what} `{value}`"))
}
