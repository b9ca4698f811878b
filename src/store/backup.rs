//! A copy of a SQLite database, taken while it is served.
//!
//! Lives here: the copying. Does not live here: PostgreSQL, which brings its own tools. Invariant:
//! the copy is one instant of the book, whole and synced before it is said to be there.

use std::fs::File;
use std::path::Path;

use super::connection::DatabaseUrl;
use super::fault::{StoreFault, Stored};

/// Copies everything committed so far into a file that does not exist yet.
///
/// # Errors
/// `Unusable` for PostgreSQL, or where the file exists; `Full` and the like.
pub fn copy(url: &DatabaseUrl, to: &Path) -> Stored<DatabaseUrl> {
    if matches!(url, DatabaseUrl::Postgres(_)) {
        return Err(unusable("PostgreSQL is backed up with pg_dump or pg_basebackup"));
    }
    let text = to.to_str().ok_or_else(|| unusable("the file's name is not UTF-8"))?;
    if to.exists() {
        return Err(unusable(&format!("{text} exists; a backup overwrites nothing")));
    }
    let mut db = url.connect()?;
    db.batch(&format!("VACUUM INTO '{}'", text.replace('\'', "''")))?;
    let copy = DatabaseUrl::file(to);
    // The first opening turns its write-ahead log on; the last closing leaves one file.
    drop(copy.connect()?);
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let synced = File::open(to)
        .and_then(|file| file.sync_all())
        .and_then(|()| File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all());
    synced.map_err(|error| StoreFault::Lost(format!("{text} is not synced: {error}")))?;
    Ok(copy)
}

fn unusable(text: &str) -> StoreFault {
    StoreFault::Unusable(text.to_string())
}
