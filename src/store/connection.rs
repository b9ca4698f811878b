//! Connections: which database a URL means, and how to open it.
//!
//! Lives here: URL schemes, session settings. Does not live here: statements, who holds a
//! connection. Invariant: opening never creates a database; only `migrate` does.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};

use super::dialect::Db;
use super::fault::{StoreFault, Stored};
use super::file::{self, OpenFile};

/// How long a statement waits for another SQLite writer.
const BUSY_TIMEOUT_MS: u32 = 5_000;
/// How long a call on SQLite may be silent: a disk that writes a checkpoint has its moments.
const SQLITE_SILENCE_S: u64 = 5;
const TIMEOUT_NAME: &str = "connect_timeout=";
/// The page of a new SQLite file in bytes. A batch touches many pages and little of each: small
/// ones are quicker to log.
const SQLITE_PAGE: u32 = 2_048;
/// How far a SQLite log grows before it is written back, where nothing else is said.
const SQLITE_LOG_MIB: NonZeroU32 = NonZeroU32::MIN.saturating_add(63);

/// A database address whose scheme is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite://path`, relative or absolute, and how many MiB its log grows to before it is
    /// written back.
    Sqlite(PathBuf, NonZeroU32),
    /// `postgres://…`, one or several hosts.
    Postgres(String),
}

/// Ends sessions of ours that have done what they were told and not been told that it was all: a
/// wire that broke off within a message leaves them holding the lock, and none of PostgreSQL's own
/// limits ends them. One that works, or has an answer to give, waits for something else, or not so
/// long.
const END_HALF_TOLD: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND usename = current_user \
     AND application_name = current_setting('application_name') \
     AND state = 'active' AND wait_event = 'ClientRead' \
     AND state_change < clock_timestamp() - interval '1500 milliseconds'";

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
            return Ok(Self::file(path));
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

    /// A SQLite file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(path.into(), SQLITE_LOG_MIB)
    }

    /// The same, its log written back when it has grown so far.
    #[must_use]
    pub fn with_log_of(self, mib: Option<NonZeroU32>) -> Self {
        match (self, mib) {
            (Self::Sqlite(path, _), Some(mib)) => Self::Sqlite(path, mib),
            (other, _) => other,
        }
    }

    /// Opens a connection to a database that exists.
    ///
    /// # Errors
    /// `Lost` when a SQLite file is missing or a server does not answer.
    pub fn connect(&self) -> Stored<Db> {
        match self {
            Self::Sqlite(path, _) => {
                if !path.exists() {
                    return Err(StoreFault::Lost(format!(
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
        if let (Self::Sqlite(_, mib), Db::Sqlite(conn)) = (self, &mut db) {
            let page = sql::<BigInt>("page_size FROM pragma_page_size");
            let page: i64 = diesel::select(page).get_result(&mut **conn)?;
            let pages = i64::from(mib.get()) * 1_048_576 / page.max(1);
            db.batch(&format!("PRAGMA wal_autocheckpoint = {pages}"))?;
        }
        db.batch(match db {
            Db::Sqlite(_) => "PRAGMA cache_size = -16384",
            Db::Postgres(_) => {
                "SET lock_timeout = '1s'; SET tcp_keepalives_idle = 5; \
                 SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; \
                 SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
                 SET enable_hashjoin = off; SET enable_mergejoin = off; \
                 SET enable_bitmapscan = off; SET jit = off"
            }
        })?;
        if matches!(db, Db::Postgres(_)) {
            db.batch(END_HALF_TOLD)?;
        }
        Ok(db)
    }

    /// Opens a connection, making the SQLite file where it is missing.
    pub(super) fn connect_or_create(&self) -> Stored<Db> {
        match self {
            Self::Sqlite(path, _) => {
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

    /// Whether a batch can be written as one message, which the database itself refuses if the book
    /// has moved; SQLite is asked in no time, and locks the head first.
    pub fn appends_at_once(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// How long opening may take: every host that the address names is given its time.
    pub fn connect_patience(&self) -> Duration {
        let (hosts, each) = match self {
            Self::Sqlite(..) => (1, SQLITE_SILENCE_S),
            Self::Postgres(url) => {
                let set = url.split(['?', '&']).find_map(|pair| pair.strip_prefix(TIMEOUT_NAME));
                (1 + url.matches(',').count(), set.and_then(|text| text.parse().ok()).unwrap_or(2))
            }
        };
        let hosts = u64::try_from(hosts).unwrap_or(1);
        Duration::from_secs(hosts.saturating_mul(each).saturating_add(1))
    }

    /// How long the call that takes the head lock may be silent: a little longer than the engine
    /// itself waits for another writer before it says so.
    pub fn lock_patience(&self) -> Duration {
        match self {
            Self::Sqlite(..) => Duration::from_millis(u64::from(BUSY_TIMEOUT_MS) + 1_000),
            Self::Postgres(_) => Duration::from_millis(3_500),
        }
    }

    /// How long any other call of a writer may be silent, COMMIT included.
    pub fn call_patience(&self) -> Duration {
        match self {
            Self::Sqlite(..) => Duration::from_secs(SQLITE_SILENCE_S),
            Self::Postgres(_) => Duration::from_secs(2),
        }
    }

    /// The address as it may be shown: without a password.
    pub fn display(&self) -> String {
        match self {
            Self::Sqlite(path, _) => format!("sqlite://{}", path.display()),
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
    let before = file::identity_of(path);
    let mut conn = SqliteConnection::establish(&format!("file:{escaped}?mode={mode}"))
        .map_err(|error| StoreFault::Lost(format!("{}: {error}", path.display())))?;
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}; PRAGMA page_size = {SQLITE_PAGE}; \
         PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    ))
    .map_err(|error| not_a_database(path, error.into()))?;
    Ok(Db::Sqlite(OpenFile::new(conn, path, before)?))
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
        ("connect_timeout", "2"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_schemes_are_taken() {
        for bad in ["", "changping.db", "mysql://x/y", "host=localhost dbname=x", "sqlite://"] {
            assert!(DatabaseUrl::parse(bad, false).is_err(), "{bad}");
        }
        let sqlite = DatabaseUrl::parse("sqlite://a/b.db", false);
        assert_eq!(sqlite, Ok(DatabaseUrl::file("a/b.db")));
    }

    #[derive(diesel::QueryableByName)]
    struct Log {
        #[diesel(sql_type = BigInt)]
        wal_autocheckpoint: i64,
    }

    #[test]
    fn a_log_is_written_back_by_its_size_whatever_the_page() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str| DatabaseUrl::file(folder.path().join(name));
        let old = folder.path().join("old.db");
        let mut older = SqliteConnection::establish(&old.display().to_string()).unwrap();
        older.batch_execute("PRAGMA page_size = 4096; CREATE TABLE one (two)").unwrap();
        drop(older);
        drop(of("new.db").connect_or_create().unwrap());
        let pages_of = |url: DatabaseUrl| {
            let Ok(Db::Sqlite(mut conn)) = url.connect_writer() else { panic!("no file") };
            let page = diesel::select(sql::<BigInt>("page_size FROM pragma_page_size"));
            let log = diesel::sql_query("PRAGMA wal_autocheckpoint");
            let log: Log = log.get_result(&mut *conn).unwrap();
            [page.get_result::<i64>(&mut *conn).unwrap(), log.wal_autocheckpoint]
        };
        assert_eq!(pages_of(of("new.db")), [2_048, 32_768]);
        assert_eq!(pages_of(of("new.db").with_log_of(NonZeroU32::new(1))), [2_048, 512]);
        assert_eq!(pages_of(of("old.db").with_log_of(NonZeroU32::new(1))), [4_096, 256]);
        assert_eq!(pages_of(of("old.db").with_log_of(None)), [4_096, 16_384]);
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
