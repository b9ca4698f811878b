//! SQLite's write-ahead log: how far it has grown, and bringing it back into the file.
//!
//! Lives here: the two questions to the engine. Does not live here: when they are asked (`service::
//! book`). Invariant: a writer neither waits for what is done here nor is waited for.

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;

use super::dialect::Db;
use super::fault::{StoreFault, Stored};

/// The log, in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, diesel::QueryableByName)]
pub struct Log {
    /// How long it is.
    #[diesel(sql_type = BigInt, column_name = "log")]
    pub pages: i64,
    /// How much of it is in the file.
    #[diesel(sql_type = BigInt, column_name = "checkpointed")]
    pub in_file: i64,
}

impl Log {
    /// What is not in the file yet.
    pub fn waiting(&self) -> i64 {
        self.pages - self.in_file
    }
}

/// How the log stands; nothing is done about it.
///
/// # Errors
/// `Lost` and the like; `Bug` on PostgreSQL, which keeps its own.
pub fn measure(db: &mut Db) -> Stored<Log> {
    ask(db, "NOOP")
}

/// Writes all of the log that no reader still needs into the file, and syncs both.
///
/// # Errors
/// As of `measure`; `Full` where the file cannot grow.
pub fn bring_in(db: &mut Db) -> Stored<Log> {
    ask(db, "PASSIVE")
}

fn ask(db: &mut Db, mode: &str) -> Stored<Log> {
    db.check_place()?;
    let Db::Sqlite(conn) = db else {
        return Err(StoreFault::Bug("PostgreSQL brings its log in itself".to_string()));
    };
    Ok(diesel::sql_query(format!("PRAGMA wal_checkpoint({mode})")).get_result(&mut **conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::connection::DatabaseUrl;

    #[test]
    fn what_is_brought_in_is_in_the_file_and_the_log_stays() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::file(folder.path().join("a.db"));
        let mut writer = url.connect_or_create().unwrap();
        let mut other = url.connect().unwrap();
        writer.batch("CREATE TABLE one (two); INSERT INTO one VALUES (zeroblob(100000))").unwrap();
        let before = measure(&mut other).unwrap();
        assert!(before.pages > 48 && before.in_file == 0, "{before:?}");
        assert_eq!(measure(&mut other).unwrap(), before, "measuring does nothing");
        let after = bring_in(&mut other).unwrap();
        assert_eq!((after.pages, after.waiting()), (before.pages, 0));
        writer.batch("INSERT INTO one VALUES (1)").unwrap();
        let next = measure(&mut other).unwrap();
        assert!(next.pages < before.pages, "the log begins anew: {next:?}");
    }
}
