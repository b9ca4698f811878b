//! Configuration: every flag, environment variable and default, in one place.
//!
//! Lives here: the command line's grammar. Does not live here: what commands do (`cli`). Invariant:
//! nothing else reads flags or the environment.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::builder::{BoolishValueParser, RangedU64ValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Changping (常平): emergency supply stockpiles.
#[derive(Debug, Parser)]
#[command(name = "changping", version, about, max_term_width = 100)]
pub struct Config {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Where the book is kept: sqlite://PATH or postgres://USER@HOST[,HOST]/NAME
    #[arg(long, global = true, env = "CHANGPING_DATABASE_URL")]
    pub database_url: Option<String>,
    /// Reach PostgreSQL on other machines without TLS
    #[arg(long, global = true, env = "CHANGPING_ALLOW_PLAINTEXT_DATABASE",
        value_parser = BoolishValueParser::new())]
    pub allow_plaintext_database: bool,
    /// How many MiB SQLite's log grows to before it is written back to the file [default: 64]
    #[arg(long, global = true, env = "CHANGPING_SQLITE_LOG_MIB")]
    pub sqlite_log_mib: Option<NonZeroU32>,
    /// Language of tables, messages and answers: zh or en (default: LANG, else en)
    #[arg(long, global = true, env = "CHANGPING_LANGUAGE")]
    pub language: Option<LanguageChoice>,
    /// What to log, such as info or changping=debug
    #[arg(long, global = true, env = "CHANGPING_LOG", default_value = "info")]
    pub log: String,
}

/// A language of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LanguageChoice {
    Zh,
    En,
}

/// The database used where none is named.
pub const DEFAULT_DATABASE_URL: &str = "sqlite://changping.db";

impl Common {
    /// The database's address.
    pub fn url(&self) -> &str {
        self.database_url.as_deref().unwrap_or(DEFAULT_DATABASE_URL)
    }

    /// The locale name of the environment, where no language is named.
    pub fn locale(&self) -> Option<String> {
        ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| std::env::var(name).ok())
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the REST API
    Serve(Serve),
    /// Bring the database to this program's schema, making a SQLite file where needed
    Migrate,
    /// Put the seeds in: real divisions, census, catalogue, illustrative quotas
    Seed(Seed),
    /// Read a file of reference data, all or nothing; or of movements, checked as a whole first
    Import(Import),
    /// Write reference data as a file that `import` reads
    Export(Export),
    /// Show who is reached in time, worst first
    Coverage(Coverage),
    /// Play a stored event as an exercise: who is reached, the proofs, who gets what
    Drill(Drill),
    /// Make, list and revoke keys
    #[command(subcommand)]
    Keys(Keys),
    /// Print the OpenAPI document
    Openapi,
    /// Fold the book again and prove every hash and balance
    Verify(Verify),
    /// Copy a SQLite database, also while it is served, verify the copy and print its head
    Backup(Backup),
}

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port to listen on
    #[arg(long, env = "CHANGPING_BIND", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,
    /// Requests a second under one key, twice as many at once after a rest; without a valid key,
    /// from one address. 0 is any number
    #[arg(long, env = "CHANGPING_RATE_LIMIT", default_value_t = 1_000)]
    pub rate_limit: u32,
    /// Connections at a time; more wait to be let in
    #[arg(long, env = "CHANGPING_MAX_CONNECTIONS", default_value = "4096")]
    pub max_connections: NonZeroUsize,
    /// Seconds that a client may take to send a body or to read an answer, and one more for each
    /// 64 KiB of it
    #[arg(long, env = "CHANGPING_CLIENT_TIMEOUT", default_value_t = 30,
        value_parser = clap::value_parser!(u16).range(1..))]
    pub client_timeout: u16,
    /// Serve a demo of both cities, without keys, on this machine only; the database is a
    /// temporary file unless --database-url names one
    #[arg(long)]
    pub demo: bool,
    /// The day that a new demo's dates count from (default: today)
    #[arg(long, requires = "demo")]
    pub demo_date: Option<NaiveDate>,
}

/// What to seed.
#[derive(Debug, Args)]
pub struct Seed {
    /// Also make illustrative depots and stock, and mark the database as a demo
    #[arg(long)]
    pub demo: bool,
    /// The day that the demo's dates count from (default: today)
    #[arg(long, requires = "demo")]
    pub demo_date: Option<NaiveDate>,
}

/// What to read.
#[derive(Debug, Args)]
pub struct Import {
    /// regions, organizations, depots, items, needs, quotas, profiles, movements, matrix and others
    pub kind: String,
    /// CSV or JSON (movements: CSV, or one JSON document a line); `-` is standard input. Absent
    /// where a matrix is asked of a server
    #[arg(required_unless_present = "server", conflicts_with = "server")]
    pub file: Option<PathBuf>,
    /// Check everything, write nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub matrix: Matrix,
}

/// What goes with a matrix alone.
#[derive(Debug, Args)]
pub struct Matrix {
    /// Of a matrix in a file (OSRM's /table or Valhalla's sources_to_targets, as JSON): the file
    /// that says what its indices stand for, as side,index,code
    #[arg(long, conflicts_with = "server")]
    pub places: Option<PathBuf>,
    /// Of a matrix: which server answered, and over which roads
    #[arg(long)]
    pub source: Option<String>,
    /// Of a matrix: the first day on which its times count (default: today)
    #[arg(long)]
    pub valid_from: Option<NaiveDate>,
    /// Ask this routing server for a matrix: http://HOST:PORT, in plain HTTP
    #[arg(long, requires_all = ["server_kind", "from", "to"])]
    pub server: Option<String>,
    /// What the server speaks
    #[arg(long = "kind", id = "server_kind", value_name = "KIND", requires = "server")]
    pub server_kind: Option<RoutingServer>,
    /// Where goods leave from: depots, or divisions for all depots in them
    #[arg(long, value_delimiter = ',', value_name = "CODE", requires = "server")]
    pub from: Vec<String>,
    /// Where goods go to: divisions
    #[arg(long, value_delimiter = ',', value_name = "CODE", requires = "server")]
    pub to: Vec<String>,
    /// All divisions of this tier in those of --to, instead of themselves
    #[arg(long, requires = "server")]
    pub tier: Option<String>,
    /// The most places that one request names, depots and divisions together
    #[arg(long, default_value_t = 100, requires = "server",
        value_parser = RangedU64ValueParser::<usize>::new().range(2..=10_000))]
    pub block: usize,
    /// How often a request that fails is repeated
    #[arg(long, default_value_t = 2, requires = "server",
        value_parser = RangedU64ValueParser::<u32>::new().range(0..=10))]
    pub retries: u32,
    /// Seconds until a request has failed
    #[arg(long, default_value_t = 60, requires = "server",
        value_parser = RangedU64ValueParser::<u64>::new().range(1..=3_600))]
    pub timeout_s: u64,
}

/// What a routing server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoutingServer {
    Osrm,
    Valhalla,
}

/// What to write.
#[derive(Debug, Args)]
pub struct Export {
    /// regions, organizations, depots, items, needs, quotas or profiles
    pub kind: String,
}

/// Which coverage to show.
#[derive(Debug, Args)]
pub struct Coverage {
    /// Division code
    #[arg(long)]
    pub region: String,
    /// Time limit in hours, at most 720 (default: the city's own)
    #[arg(long, value_parser = RangedU64ValueParser::<u32>::new().range(1..=720))]
    pub hours: Option<u32>,
    /// Tier of the areas (default: the lowest that the city plans for)
    #[arg(long)]
    pub tier: Option<String>,
    /// Days of self-supply
    #[arg(long, default_value_t = 1)]
    pub days: i64,
    /// own_chain, city, province or any
    #[arg(long, default_value = "own_chain")]
    pub scope: String,
    /// Division code of a region that no truck enters or leaves until its roads open
    #[arg(long)]
    pub closed: Option<String>,
    /// Hours until the roads of the closed region open
    #[arg(long, default_value_t = 24)]
    pub reopens_h: u32,
    /// Leave off closures of the register that are in force
    #[arg(long)]
    pub ignore_closures: bool,
    /// Percent of the usual speed that night and weather leave
    #[arg(long, default_value_t = 100)]
    pub speed_percent: u32,
    /// People and trucks are called up outside working hours, which takes longer by tier
    #[arg(long)]
    pub off_hours: bool,
    /// Percent of the stock lying in the struck area that can still be given out
    #[arg(long, default_value_t = 100)]
    pub surviving_percent: u32,
    /// Rows to show
    #[arg(long, default_value_t = 20)]
    pub top: usize,
}

/// Which event to play, and on which book.
#[derive(Debug, Args)]
pub struct Drill {
    /// Id of the event, such as DRILL-YI-SHU-FLOOD; without it, the events are listed
    pub event: Option<String>,
    /// own_chain, city, province or any
    #[arg(long, default_value = "own_chain")]
    pub scope: String,
    /// Rows of each table
    #[arg(long, default_value_t = 5)]
    pub top: usize,
    /// The day that the demo's dates count from, where no database is named (default: today)
    #[arg(long)]
    pub demo_date: Option<NaiveDate>,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key and print it once
    Create(CreateKey),
    /// List all keys
    List,
    /// Revoke a key, effective on the next request
    Revoke {
        /// The key's id, as listed
        id: uuid::Uuid,
    },
}

/// A key to make.
#[derive(Debug, Args)]
pub struct CreateKey {
    /// clerk, planner, province or admin
    #[arg(long)]
    pub role: String,
    /// Division code whose subtree the key sees
    #[arg(long)]
    pub region: String,
    /// Whose key it is
    #[arg(long)]
    pub name: String,
    /// Last day of validity
    #[arg(long)]
    pub expires_on: Option<NaiveDate>,
}

/// Where to copy to.
#[derive(Debug, Args)]
pub struct Backup {
    /// The copy, which must not exist yet
    pub file: PathBuf,
}

/// How to verify.
#[derive(Debug, Args)]
pub struct Verify {
    /// A head noted elsewhere, as SEQ:HASH: finds a chain that was rewritten or cut
    #[arg(long)]
    pub noted_head: Option<String>,
}
