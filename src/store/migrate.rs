//! Migrations: embedded, the same names for both engines.
//!
//! Lives here: bringing a database to this program's schema, and telling whether it is there. Does
//! not live here: the schema (`migrations/`). Invariant: two processes never migrate at once.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::DatabaseUrl;
use super::dialect::Db;
use super::fault::{StoreFault, Stored};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// Any number, the same in every version of this program.
const ADVISORY_LOCK: i64 = 0x6368_616e_6770;

/// Brings the database to this program's schema; the names of the migrations that were run.
///
/// # Errors
/// `Lost` when it cannot be reached, `Unusable` when it holds another schema.
pub fn migrate(url: &DatabaseUrl) -> Stored<Vec<String>> {
    let mut db = url.connect_or_create()?;
    match &mut db {
        Db::Sqlite(conn) => run(&mut **conn, SQLITE),
        Db::Postgres(_) => {
            db.batch(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?;
            let Db::Postgres(conn) = &mut db else {
                return Ok(Vec::new());
            };
            run(&mut **conn, POSTGRES)
        }
    }
}

fn run<B: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<B>,
    source: EmbeddedMigrations,
) -> Stored<Vec<String>> {
    let versions = conn.run_pending_migrations(source).map_err(unusable)?;
    Ok(versions.iter().map(ToString::to_string).collect())
}

/// Whether the database has exactly this program's schema.
///
/// # Errors
/// `Unusable` with what to do when it has not.
pub fn check(db: &mut Db) -> Stored<()> {
    let pending = match db {
        Db::Sqlite(conn) => conn.has_pending_migration(SQLITE),
        Db::Postgres(conn) => conn.has_pending_migration(POSTGRES),
    };
    match pending {
        Ok(false) => Ok(()),
        Ok(true) => {
            let text = "the database has not this program's schema; run `changping migrate`";
            Err(StoreFault::Unusable(text.to_string()))
        }
        Err(error) => Err(unusable(error)),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err hands over")]
fn unusable(error: Box<dyn std::error::Error + Send + Sync>) -> StoreFault {
    StoreFault::Unusable(format!("the schema cannot be brought up to date: {error}"))
}
