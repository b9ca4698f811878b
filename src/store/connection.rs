//! Connections: which database a URL means, how to open it, and a pool of readers.
//!
//! Lives here: URL schemes, session settings, the pool. Does not live here: statements. Invariant:
//! opening never creates a database; only `migrate` does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::r2d2::{ManageConnection, Pool};
use diesel::{Connection, PgConnection, SqliteConnection};

use super::dialect::Db;
use super::fault::{StoreFault, Stored};

/// How long a statement waits for another SQLite writer.
const BUSY_TIMEOUT_MS: u32 = 5_000;
/// How long a reader waits for a free connection.
const POOL_TIMEOUT: Duration = Duration::from_secs(2);

/// A database address whose scheme is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://path`, relative or absolute.
    Sqlite(PathBuf),
    /// `postgres://…`, one or several hosts.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// `Unusable` for any other scheme, an empty path, and a PostgreSQL host that is not this
    /// machine where the program has no TLS and `allow_plaintext` is not set.
    pub fn parse(text: &str, allow_plaintext: bool) -> Stored<Self> {
        if let Some(path) = text.strip_prefix("sqlite://") {
            if path.is_empty() || path.contains('\0') {
                return Err(unusable("the database URL names no file: sqlite://PATH"));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            if !allow_plaintext && !cfg!(feature = "postgres-tls") {
                refuse_plaintext(text)?;
            }
            return Ok(Self::Postgres(with_session_parameters(text)));
        }
        Err(unusable(
            "the database URL must start with sqlite:// or postgres:// (nothing was created)",
        ))
    }

    /// Opens a connection to a database that exists.
    ///
    /// # Errors
    /// `Unusable` when a SQLite file is missing, `Lost` when a server does not answer.
    pub fn connect(&self) -> Stored<Db> {
        match self {
            Self::Sqlite(path) => {
                if !path.exists() {
                    return Err(unusable(&format!(
                        "there is no database at {}; `changping migrate` makes one",
                        path.display()
                    )));
                }
                open_sqlite(path, "rw")
            }
            Self::Postgres(url) => open_postgres(url),
        }
    }

    /// Opens a connection for the one that writes: its few statements are planned once, and by
    /// index whatever the statistics say, as a plan made for an empty book is kept while it grows.
    ///
    /// # Errors
    /// As of `connect`.
    pub fn connect_writer(&self) -> Stored<Db> {
        let mut db = self.connect()?;
        if let Db::Postgres(_) = db {
            db.batch(
                "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
                 SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off",
            )?;
        }
        Ok(db)
    }

    /// Opens a connection, making the SQLite file where it is missing.
    pub(super) fn connect_or_create(&self) -> Stored<Db> {
        match self {
            Self::Sqlite(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                if folder.is_some_and(|folder| !folder.is_dir()) {
                    return Err(unusable(&format!(
                        "the folder of {} does not exist",
                        path.display()
                    )));
                }
                open_sqlite(path, "rwc")
            }
            Self::Postgres(url) => open_postgres(url),
        }
    }

    /// The address as it may be shown: without a password.
    pub fn display(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(url) => {
                let shown = url.split('?').next().unwrap_or_default();
                match (shown.find("://"), shown.rfind('@')) {
                    (Some(scheme), Some(at)) => {
                        let user = shown.get(scheme + 3..at).unwrap_or_default();
                        let user = user.split(':').next().unwrap_or_default();
                        let hosts = shown.get(at..).unwrap_or_default();
                        format!("postgres://{user}{hosts}")
                    }
                    _ => shown.to_string(),
                }
            }
        }
    }
}

fn unusable(text: &str) -> StoreFault {
    StoreFault::Unusable(text.to_string())
}

fn open_sqlite(path: &Path, mode: &str) -> Stored<Db> {
    let text = path.to_str().ok_or_else(|| unusable("the database path is not UTF-8"))?;
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let conn = SqliteConnection::establish(&format!("file:{escaped}?mode={mode}"))
        .map_err(|error| StoreFault::Lost(format!("{}: {error}", path.display())))?;
    let mut db = Db::Sqlite(Box::new(conn));
    db.batch(&format!(
        "PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; \
         PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    ))
    .map_err(|fault| not_a_database(path, fault))?;
    Ok(db)
}

fn not_a_database(path: &Path, fault: StoreFault) -> StoreFault {
    match fault {
        StoreFault::Bug(text) if text.contains("not a database") => {
            unusable(&format!("{} is not a SQLite database", path.display()))
        }
        other => other,
    }
}

fn open_postgres(url: &str) -> Stored<Db> {
    let conn = PgConnection::establish(url).map_err(|error| {
        let text = error.to_string();
        StoreFault::Lost(text.lines().next().unwrap_or_default().to_string())
    })?;
    let mut db = Db::Postgres(Box::new(conn));
    db.batch("SET statement_timeout = 0; SET client_min_messages = warning;")?;
    Ok(db)
}

/// Adds what a session of this program needs unless the URL says otherwise.
fn with_session_parameters(url: &str) -> String {
    let wanted = [
        ("connect_timeout", "5"),
        ("application_name", "changping"),
        ("target_session_attrs", "read-write"),
        ("keepalives_idle", "5"),
        ("keepalives_interval", "2"),
        ("keepalives_count", "3"),
        ("tcp_user_timeout", "5000"),
    ];
    let mut full = url.to_string();
    for (name, value) in wanted {
        if !url.contains(&format!("{name}=")) {
            full.push(if full.contains('?') { '&' } else { '?' });
            full.push_str(&format!("{name}={value}"));
        }
    }
    full
}

fn refuse_plaintext(url: &str) -> Stored<()> {
    if ["sslmode=require", "sslmode=verify"].iter().any(|mode| url.contains(mode)) {
        return Err(unusable(
            "this program was built without TLS (feature postgres-tls), but the URL asks for it",
        ));
    }
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let (authority, query) = rest.split_once(['/', '?']).unwrap_or((rest, ""));
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let named = query
        .split(['&', '?'])
        .filter_map(|pair| pair.strip_prefix("host=").or_else(|| pair.strip_prefix("hostaddr=")));
    let far = hosts
        .split(',')
        .chain(named.flat_map(|hosts| hosts.split(',')))
        .map(host_of)
        .find(|host| !is_this_machine(host));
    match far {
        None => Ok(()),
        Some(host) => Err(unusable(&format!(
            "this program was built without TLS and refuses to reach PostgreSQL at {host} in plain \
             text; build with feature postgres-tls or give --allow-plaintext-database"
        ))),
    }
}

fn host_of(part: &str) -> &str {
    if let Some(v6) = part.strip_prefix('[') {
        return v6.split(']').next().unwrap_or_default();
    }
    part.split(':').next().unwrap_or_default()
}

fn is_this_machine(host: &str) -> bool {
    let socket = host.is_empty() || host.starts_with('/') || host.starts_with("%2F");
    let loopback = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    socket || loopback || host == "localhost"
}

/// Makes connections for the pool.
#[derive(Debug, Clone)]
struct Manager {
    url: DatabaseUrl,
}

/// A pooled connection, and whether it has been found lost: the driver alone does not tell.
struct Held {
    db: Db,
    lost: bool,
}

impl ManageConnection for Manager {
    type Connection = Held;
    type Error = StoreFault;

    fn connect(&self) -> Stored<Held> {
        Ok(Held { db: self.url.connect()?, lost: false })
    }

    fn is_valid(&self, _: &mut Held) -> Stored<()> {
        Ok(())
    }

    fn has_broken(&self, held: &mut Held) -> bool {
        use diesel::connection::{AnsiTransactionManager, TransactionManager};
        held.lost
            || match &mut held.db {
                Db::Sqlite(conn) => {
                    AnsiTransactionManager::is_broken_transaction_manager(&mut **conn)
                }
                Db::Postgres(conn) => {
                    AnsiTransactionManager::is_broken_transaction_manager(&mut **conn)
                }
            }
    }
}

/// Connections for reading, bounded.
#[derive(Clone)]
pub struct ReadPool {
    pool: Pool<Manager>,
    url: DatabaseUrl,
}

impl ReadPool {
    /// A pool of at most `size` connections, opened when first needed.
    ///
    /// # Errors
    /// `Unusable` when the pool cannot be built.
    pub fn new(url: &DatabaseUrl, size: u32) -> Stored<Self> {
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(POOL_TIMEOUT)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(Manager { url: url.clone() });
        Ok(Self { pool, url: url.clone() })
    }

    /// Runs `work` on a connection, waiting a bounded time for one. A connection found lost never
    /// goes back, and the work is tried once more on a new one, not on another old one.
    ///
    /// # Errors
    /// What `work` says, or `Lost`.
    pub fn run<T>(&self, work: impl Fn(&mut Db) -> Stored<T>) -> Stored<T> {
        let mut held = self.pool.get().map_err(|error| StoreFault::Lost(error.to_string()))?;
        match work(&mut held.db) {
            Err(StoreFault::Lost(_)) => {
                held.lost = true;
                drop(held);
                work(&mut self.url.connect()?)
            }
            outcome => outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_schemes_are_taken() {
        for bad in ["", "changping.db", "mysql://x/y", "host=localhost dbname=x", "sqlite://"] {
            assert!(DatabaseUrl::parse(bad, false).is_err(), "{bad}");
        }
        let sqlite = DatabaseUrl::parse("sqlite://a/b.db", false);
        assert_eq!(sqlite, Ok(DatabaseUrl::Sqlite(PathBuf::from("a/b.db"))));
    }

    #[cfg(not(feature = "postgres-tls"))]
    #[test]
    fn plain_text_stays_on_this_machine() {
        for near in ["postgres://localhost/x", "postgres://u:p@127.0.0.1:5432/x", "postgres:///x"] {
            assert!(DatabaseUrl::parse(near, false).is_ok(), "{near}");
        }
        for far in ["postgres://db/x", "postgres://u@127.0.0.1,db:5433/x", "postgres:///x?host=db"]
        {
            assert!(DatabaseUrl::parse(far, false).is_err(), "{far}");
            assert!(DatabaseUrl::parse(far, true).is_ok(), "{far}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        let url = DatabaseUrl::parse("postgres://u:secret@127.0.0.1/x", false).unwrap();
        assert_eq!(url.display(), "postgres://u@127.0.0.1/x");
    }
}
