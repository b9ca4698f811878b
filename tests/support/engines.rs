//! A fresh, empty database on each engine the service speaks to.
//!
//! Schema and contents are the tests' own business. Invariant: two tests never share a database.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tempfile::TempDir;

use super::cluster::cluster;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl fmt::Display for Engine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

pub struct Database {
    pub engine: Engine,
    pub url: String,
    /// Where a SQLite file lives, removed with the last word about it.
    _dir: Option<TempDir>,
}

impl Database {
    pub fn sqlite() -> Self {
        let dir = TempDir::with_prefix("changping-sqlite-").expect("a folder for the database");
        let url = format!("sqlite://{}", dir.path().join("changping.db").display());
        Self { engine: Engine::Sqlite, url, _dir: Some(dir) }
    }

    /// Nothing on a machine without PostgreSQL; `cluster` has said so.
    pub fn postgres() -> Option<Self> {
        let url = cluster()?.fresh_database();
        Some(Self { engine: Engine::Postgres, url, _dir: None })
    }
}

/// One fresh database per engine this machine has.
pub fn engines() -> Vec<Database> {
    let mut found = vec![Database::sqlite()];
    found.extend(Database::postgres());
    found
}

/// Runs a test on each engine, on all of them even if one fails, and names those that failed.
pub fn on_both(test: impl Fn(&Database)) {
    let mut failures = Vec::new();
    for database in engines() {
        if let Err(cause) = catch_unwind(AssertUnwindSafe(|| test(&database))) {
            failures.push(format!("on {}: {}", database.engine, message(cause.as_ref())));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn message(cause: &(dyn Any + Send)) -> &str {
    let owned = cause.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}
