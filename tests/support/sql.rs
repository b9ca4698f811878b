//! Plain SQL past the service: to look at rows, and to forge them.
//!
//! The service has its own statements in `src/store`. Invariant: a connection lives for one call.

use changping::domain::calendar::Instant;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{Nullable, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
}

/// Runs statements, or says what the engine complains of.
pub fn try_run(url: &str, statements: &str) -> Result<(), String> {
    let outcome = match url.strip_prefix("sqlite://") {
        Some(path) => sqlite(path).batch_execute(statements),
        None => postgres(url).batch_execute(statements),
    };
    outcome.map_err(|error| error.to_string())
}

pub fn run(url: &str, statements: &str) {
    try_run(url, statements).unwrap_or_else(|error| panic!("{statements}: {error}"));
}

/// The column `value`, a text, of every row; NULL is an empty text.
pub fn texts(url: &str, query: &str) -> Vec<String> {
    let rows: Result<Vec<Cell>, _> = match url.strip_prefix("sqlite://") {
        Some(path) => sql_query(query).load(&mut sqlite(path)),
        None => sql_query(query).load(&mut postgres(url)),
    };
    let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.into_iter().map(|row| row.value.unwrap_or_default()).collect()
}

/// The one number that a query gives as `value`.
pub fn number(url: &str, expression: &str) -> i64 {
    let found = texts(url, &format!("SELECT CAST(({expression}) AS TEXT) AS value"));
    found[0].parse().unwrap_or_else(|_| panic!("{expression} gives {found:?}"))
}

fn sqlite(path: &str) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path).expect("the SQLite file opens");
    conn.batch_execute("PRAGMA busy_timeout = 5000").expect("a pragma");
    conn
}

fn postgres(url: &str) -> PgConnection {
    PgConnection::establish(url).expect("PostgreSQL answers")
}

/// An RFC 3339 instant so many seconds from now.
pub fn seconds_from_now(seconds: i64) -> String {
    Instant(changping::service::book::now().0 + seconds * 1_000_000).rfc3339()
}
