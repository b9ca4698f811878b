//! A primary and its standby, with a wire between them.
//!
//! Single servers are in `cluster`. Invariant: like theirs, these servers and their folders die
//! with the test process.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::cluster::{self, Account};
use super::wire::{Flow, Wire};

const PATIENCE: Duration = Duration::from_secs(30);

/// One of the two servers.
pub struct Node {
    keeper: Child,
    dir: PathBuf,
    binaries: PathBuf,
    pub port: u16,
}

impl Node {
    /// Starts a server on a folder that `fill` fills.
    fn start(
        binaries: &Path,
        options: &[String],
        fill: impl Fn(&Path, Option<&Account>) -> Result<(), String>,
    ) -> Self {
        let account = Account::for_server();
        let folder = TempDir::with_prefix("changping-pg-").expect("a folder for the server");
        if let Some(account) = &account {
            let given = chown(folder.path(), Some(account.uid), Some(account.gid));
            given.expect("hand the folder over");
        }
        fill(folder.path(), account.as_ref()).unwrap_or_else(|error| panic!("{error}"));
        let port = cluster::free_port();
        let mut command = Command::new("sh");
        command.args(["-c", cluster::KEEPER, "sh"]).arg(binaries).arg(folder.path());
        let own = cluster::options(folder.path(), port, cluster::Durability::Fast);
        for option in own.iter().chain(options) {
            command.args(["-c", option]);
        }
        cluster::run_as(&mut command, account.as_ref(), folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let keeper = command.spawn().expect("sh runs");
        let node = Self { keeper, dir: folder.keep(), binaries: binaries.to_path_buf(), port };
        node.until("it is ready", || node.pid_file().len() > 7 && node.pid_file()[7] == "ready");
        node
    }

    fn pid_file(&self) -> Vec<String> {
        let text = fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap_or_default();
        text.lines().map(|line| line.trim().to_string()).collect()
    }

    fn until(&self, what: &str, true_now: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !true_now() {
            let log = fs::read_to_string(self.dir.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "waited in vain until {what}:\n{log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What a statement in the maintenance database prints.
    pub fn sql(&self, statement: &str) -> String {
        let url = format!("postgres://changping@127.0.0.1:{}/postgres", self.port);
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        psql.args(["--set=ON_ERROR_STOP=1", "--command", statement]).arg(url);
        let said = cluster::complete(&mut psql);
        said.unwrap_or_else(|error| panic!("{statement}: {error}")).trim().to_string()
    }

    /// `kill -9` of the postmaster and of all its children.
    pub fn kill(&self) {
        let postmaster = self.pid_file().first().cloned().expect("a running server");
        let signal = |name: &str, processes: &[String]| {
            // A child may have ended meanwhile.
            let _sent =
                Command::new("kill").arg(name).args(processes).stderr(Stdio::null()).status();
        };
        // A stopped postmaster makes no more children.
        signal("-STOP", std::slice::from_ref(&postmaster));
        let path = format!("/proc/{postmaster}/task/{postmaster}/children");
        let children = fs::read_to_string(path).expect("the kernel names its children");
        let mut all: Vec<String> = children.split_whitespace().map(str::to_string).collect();
        all.push(postmaster);
        signal("-KILL", &all);
    }

    pub fn promote(&self) {
        assert_eq!(self.sql("SELECT pg_promote(true, 30)"), "t");
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://changping@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _gone = self.keeper.wait();
    }
}

pub struct Pair {
    pub primary: Node,
    pub standby: Node,
    /// Between the two; what the standby confirms goes this way.
    pub between: Wire,
}

impl Pair {
    /// A primary whose commits wait for the standby, or do not; nothing without binaries.
    pub fn start(synchronous: bool) -> Option<Self> {
        let binaries = cluster::binaries()?;
        let primary = Node::start(&binaries, &[], |dir, account| {
            cluster::initialise(&binaries, dir, account)
        });
        let between = Wire::to(primary.port);
        let source = between.through(&primary.url("postgres"));
        let conninfo = format!("primary_conninfo={source}?application_name=standby");
        let standby = Node::start(&binaries, &[conninfo], |dir, account| {
            let mut backup = Command::new(binaries.join("pg_basebackup"));
            backup.arg("-D").arg(dir.join("data")).args(["-R", "-X", "stream", "-c", "fast"]);
            backup.args(["--no-sync", "-d", &primary.url("postgres")]);
            cluster::run_as(&mut backup, account, dir);
            cluster::complete(&mut backup).map(|_said| ())
        });
        if synchronous {
            primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
            primary.sql("SELECT pg_reload_conf()");
        }
        let wanted = if synchronous { "sync" } else { "async" };
        let query = "SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'";
        primary.until("the standby streams", || primary.sql(query) == wanted);
        Some(Self { primary, standby, between })
    }

    /// A new database on both; its URL, which names both servers.
    pub fn database(&self) -> String {
        self.primary.sql("CREATE DATABASE book TEMPLATE template0");
        let (first, second) = (self.primary.port, self.standby.port);
        format!("postgres://changping@127.0.0.1:{first},127.0.0.1:{second}/book")
    }

    /// None of the standby's confirmations reaches the primary any more, and nothing the standby
    /// unless it `hears`.
    pub fn stall(&self, hears: bool) {
        self.between.flow(if hears { Flow::HoldFrontend } else { Flow::Hold });
    }

    /// The primary dies with all that it has not sent; the standby becomes the primary.
    pub fn fail_over(&self) {
        self.primary.kill();
        self.between.cut();
        self.standby.promote();
    }
}
