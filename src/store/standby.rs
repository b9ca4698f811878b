//! The synchronous standby: whether it has what was committed.
//!
//! Lives here: the question to PostgreSQL after a slow commit. Does not live here: failover.
//! Invariant: a commit that no standby has confirmed is never taken for one that it has.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::dialect::Db;
use super::fault::{StoreFault, Stored};

/// How often, and at what distance, the standby is asked for.
const ASKED: u32 = 10;
const PAUSE: Duration = Duration::from_millis(100);

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = Text)]
    lsn: String,
}

#[derive(QueryableByName)]
struct Confirmed {
    #[diesel(sql_type = Bool)]
    confirmed: bool,
}

/// Whether the standby has all that can be seen here; SQLite has none.
///
/// # Errors
/// `Lost` when it has not within a second.
pub fn confirm(db: &mut Db) -> Stored<()> {
    match db {
        Db::Sqlite(_) => Ok(()),
        Db::Postgres(conn) => confirm_on(conn),
    }
}

/// Asks whether a synchronous standby, where one is configured, has flushed all that was written so
/// far.
///
/// # Errors
/// `Lost` when it has not within a second: an operator or a timeout may have cancelled the wait.
pub(super) fn confirm_on(conn: &mut PgConnection) -> Stored<()> {
    let at: Position = diesel::sql_query("SELECT CAST(pg_current_wal_insert_lsn() AS text) AS lsn")
        .get_result(conn)?;
    for _ in 0..ASKED {
        let answer: Confirmed = diesel::sql_query(
            "SELECT current_setting('synchronous_standby_names') = '' \
             OR current_setting('synchronous_commit') IN ('off', 'local') \
             OR EXISTS (SELECT 1 FROM pg_stat_replication \
                        WHERE sync_state IN ('sync', 'quorum') \
                        AND flush_lsn >= CAST($1 AS pg_lsn)) AS confirmed",
        )
        .bind::<Text, _>(&at.lsn)
        .get_result(conn)?;
        if answer.confirmed {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    Err(StoreFault::Lost("no synchronous standby has confirmed the commit".to_string()))
}
