//! A SQLite file held open, and whether it is still the one at its path.
//!
//! Lives here: the comparison of the two. Does not live here: opening, statements. Invariant: what
//! is written to a file that has lost its name is never taken for written.

use std::ops::{Deref, DerefMut};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use diesel::SqliteConnection;

use super::fault::{StoreFault, Stored};

/// Device and number: what a file is, whatever it is called.
type Identity = (u64, u64);

/// A connection to a file whose identity is known.
pub struct OpenFile {
    conn: Box<SqliteConnection>,
    path: PathBuf,
    identity: Identity,
}

pub(super) fn identity_of(path: &Path) -> Option<Identity> {
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

impl OpenFile {
    /// Takes a connection that was opened on `path` when `before` was there.
    ///
    /// # Errors
    /// `Lost` where the file is another one already.
    pub(super) fn new(
        conn: SqliteConnection,
        path: &Path,
        before: Option<Identity>,
    ) -> Stored<Self> {
        let found = identity_of(path).ok_or_else(|| replaced(path))?;
        if before.is_some_and(|before| before != found) {
            return Err(replaced(path));
        }
        Ok(Self { conn: Box::new(conn), path: path.to_path_buf(), identity: found })
    }

    /// Whether the file is still the one at its path; it costs a microsecond.
    ///
    /// # Errors
    /// `Lost` where another file stands there, or none.
    pub(super) fn check(&self) -> Stored<()> {
        if identity_of(&self.path) == Some(self.identity) {
            return Ok(());
        }
        tracing::warn!(path = %self.path.display(), "the database file was replaced or removed");
        Err(replaced(&self.path))
    }
}

fn replaced(path: &Path) -> StoreFault {
    StoreFault::Lost(format!("{} is not the file that was opened", path.display()))
}

impl Deref for OpenFile {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.conn
    }
}

impl DerefMut for OpenFile {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }
}
