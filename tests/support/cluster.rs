//! A private PostgreSQL cluster, made from the machine's own server binaries.
//!
//! It listens on a free loopback port, trusts everyone and holds nothing but test databases.
//! Invariant: the server and its folder die with the test process, even with one killed by
//! `kill -9`: a shell holds the other end of a pipe and tidies up when the pipe closes.

mod crash;

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const OLDEST_MAJOR: u32 = 15;
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// A free port may be taken between our looking and the server's binding.
const START_ATTEMPTS: u32 = 5;

/// Arguments: the folder of the binaries, the cluster's folder, then the server's options. A line
/// on its input starts the server again, once it is dead.
pub(super) const KEEPER: &str = r#"
bin=$1 dir=$2
shift 2
trap '' HUP INT TERM
start() {
    "$bin/postgres" -D "$dir/data" "$@" >>"$dir/log" 2>&1 </dev/null &
    server=$!
}
start "$@"
while read -r again; do
    wait "$server"
    start "$@"
done
kill -QUIT "$server" 2>/dev/null
wait "$server"
rm -rf "$dir"
"#;

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// `fsync=off`: for every test that does not pull the plug.
    Fast,
    /// `fsync=on`: for tests of what survives, and for measuring.
    Full,
}

pub struct Cluster {
    keeper: Child,
    dir: PathBuf,
    binaries: PathBuf,
    port: u16,
    databases: AtomicU32,
}

/// The cluster all tests of this process share, or nothing on a machine without a server.
pub fn cluster() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(Durability::Fast)).as_ref()
}

impl Cluster {
    /// A cluster of the caller's own; nothing where there are no binaries.
    pub fn start(durability: Durability) -> Option<Self> {
        Self::start_on(durability, |_| Vec::new())
    }

    /// The same, its server given more of an environment once the cluster's folder is known.
    pub fn start_on(
        durability: Durability,
        environment: impl Fn(&Path) -> Vec<(String, String)>,
    ) -> Option<Self> {
        let binaries = binaries()?;
        let fill = |dir: &Path, account: Option<&Account>| initialise(&binaries, dir, account);
        Some(Self::start_filled(&binaries, durability, fill, environment))
    }

    /// Another cluster on a base backup of this one, taken now.
    pub fn restored_from_base_backup(&self) -> Self {
        let fill = |dir: &Path, account: Option<&Account>| {
            let mut backup = Command::new(self.binaries.join("pg_basebackup"));
            backup.arg("-D").arg(dir.join("data")).args(["--wal-method=stream", "--no-sync"]);
            backup.args(["--checkpoint=fast", "--dbname"]).arg(self.maintenance());
            run_as(&mut backup, account, dir);
            complete(&mut backup).map(|_said| ())
        };
        Self::start_filled(&self.binaries, Durability::Fast, fill, |_| Vec::new())
    }

    fn start_filled(
        binaries: &Path,
        durability: Durability,
        fill: impl Fn(&Path, Option<&Account>) -> Result<(), String>,
        environment: impl Fn(&Path) -> Vec<(String, String)>,
    ) -> Self {
        for _ in 1..START_ATTEMPTS {
            if let Ok(started) = Self::try_start(binaries, durability, &fill, &environment) {
                return started;
            }
        }
        Self::try_start(binaries, durability, fill, environment)
            .unwrap_or_else(|log| panic!("the PostgreSQL cluster does not start:\n{log}"))
    }

    fn try_start(
        binaries: &Path,
        durability: Durability,
        fill: impl Fn(&Path, Option<&Account>) -> Result<(), String>,
        environment: impl Fn(&Path) -> Vec<(String, String)>,
    ) -> Result<Self, String> {
        let account = Account::for_server();
        let folder = TempDir::with_prefix("changping-pg-").expect("a folder for the cluster");
        if let Some(account) = &account {
            chown(folder.path(), Some(account.uid), Some(account.gid))
                .expect("hand the folder over");
        }
        fill(folder.path(), account.as_ref())?;
        let port = free_port();
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "sh"]).arg(binaries).arg(folder.path());
        for option in options(folder.path(), port, durability) {
            command.args(["-c", &option]);
        }
        run_as(&mut command, account.as_ref(), folder.path());
        command.envs(environment(folder.path()));
        // A group of its own: an interrupt at the terminal reaches the tests, not the keeper.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let keeper = command.spawn().expect("sh runs");
        let databases = AtomicU32::new(0);
        let binaries = binaries.to_path_buf();
        let started = Self { keeper, dir: folder.keep(), binaries, port, databases };
        started.wait_until_ready().map(|()| started)
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            if self.ready_postmaster().is_some() {
                return Ok(());
            }
            if self.log().contains("FATAL:") {
                break;
            }
            sleep(Duration::from_millis(20));
        }
        Err(self.log())
    }

    /// A new, empty database; its URL.
    pub fn fresh_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run_sql(&format!("CREATE DATABASE {name} TEMPLATE template0"));
        format!("postgres://changping@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs a statement in the maintenance database and gives back what it prints.
    pub fn run_sql(&self, statement: &str) -> String {
        let url = self.maintenance();
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        psql.args(["--set=ON_ERROR_STOP=1", "--command", statement]).arg(url);
        complete(&mut psql).unwrap_or_else(|error| panic!("{statement}: {error}"))
    }

    fn maintenance(&self) -> String {
        format!("postgres://changping@127.0.0.1:{}/postgres", self.port)
    }

    /// Runs one of PostgreSQL's own programs to its end.
    pub fn tool(&self, name: &str, args: &[&str]) -> String {
        let mut tool = Command::new(self.program(name));
        complete(tool.args(args)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The postmaster's process id, once it takes connections. It writes `ready` into the last
    /// line of its own pid file: unlike a connection, this cannot be another server that has our
    /// port.
    fn ready_postmaster(&self) -> Option<String> {
        let file = fs::read_to_string(self.dir.join("data/postmaster.pid")).ok()?;
        let ready = file.lines().nth(7).is_some_and(|line| line.trim() == "ready");
        file.lines().next().filter(|_| ready).map(str::to_owned)
    }

    /// A database of its own with all that is in the one at `url`, which nobody may be using.
    pub fn copy_of(&self, url: &str) -> String {
        let original = url.rsplit('/').next().expect("a database's name");
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run_sql(&format!("CREATE DATABASE {name} TEMPLATE {original}"));
        format!("postgres://changping@127.0.0.1:{}/{name}", self.port)
    }

    /// A program of the server's own, such as `pgbench`.
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _gone = self.keeper.wait();
    }
}

pub(super) fn options(dir: &Path, port: u16, durability: Durability) -> Vec<String> {
    let fsync = if durability == Durability::Full { "on" } else { "off" };
    vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={}", dir.display()),
        "max_connections=200".to_owned(),
        format!("fsync={fsync}"),
        format!("full_page_writes={fsync}"),
        "timezone=UTC".to_owned(),
    ]
}

pub(super) fn initialise(
    binaries: &Path,
    dir: &Path,
    account: Option<&Account>,
) -> Result<(), String> {
    let mut initdb = Command::new(binaries.join("initdb"));
    initdb.arg("-D").arg(dir.join("data")).args(["-U", "changping", "-E", "UTF8"]);
    initdb.args(["--auth=trust", "--no-sync", "--locale=C.UTF-8"]);
    run_as(&mut initdb, account, dir);
    complete(&mut initdb).map(|_said| ())
}

pub(super) fn run_as(command: &mut Command, account: Option<&Account>, dir: &Path) {
    command.env("LC_ALL", "C").current_dir(dir);
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
}

pub(super) fn free_port() -> u16 {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
    probe.local_addr().expect("its address").port()
}

/// The account that runs the server: PostgreSQL refuses root.
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// Nothing when we are not root and so run the server ourselves.
    pub(super) fn for_server() -> Option<Self> {
        if id(&["-u"]) != Some(0) {
            return None;
        }
        ["postgres", "nobody"].iter().find_map(|name| {
            let uid = id(&["-u", name])?;
            let gid = id(&["-g", name])?;
            Some(Self { uid, gid })
        })
    }
}

fn id(args: &[&str]) -> Option<u32> {
    complete(Command::new("id").args(args)).ok()?.trim().parse().ok()
}

/// The server binaries; nothing, said loudly, where there are none. On a machine that promises
/// them (`CI=true`) their absence is a failure.
pub(super) fn binaries() -> Option<PathBuf> {
    let found = find_binaries();
    if found.is_none() {
        let promised = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!promised, "CI=true, but no PostgreSQL >= {OLDEST_MAJOR} server binaries");
        say_skipped();
    }
    found
}

/// The newest server binaries of Debian's folders, else those of the `pg_config` on the PATH.
fn find_binaries() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = installed.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let folder = |major: u32| PathBuf::from(format!("/usr/lib/postgresql/{major}/bin"));
    let newest = versions.filter(|major| is_server(&folder(*major), *major)).max();
    newest.map(folder).or_else(configured_binaries)
}

fn configured_binaries() -> Option<PathBuf> {
    let version = complete(Command::new("pg_config").arg("--version")).ok()?;
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
    let major = version.split_whitespace().find_map(|part| digits(part).parse().ok())?;
    let said = complete(Command::new("pg_config").arg("--bindir")).ok()?;
    let folder = PathBuf::from(said.trim());
    is_server(&folder, major).then_some(folder)
}

fn is_server(folder: &Path, major: u32) -> bool {
    let programs = ["postgres", "initdb", "psql"];
    major >= OLDEST_MAJOR && programs.iter().all(|program| folder.join(program).is_file())
}

/// Runs a program to its end: what it printed, or what it complained of.
pub(super) fn complete(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let program = command.get_program().display().to_string();
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// Once per process, past the test harness's capture.
fn say_skipped() {
    static SAID: OnceLock<()> = OnceLock::new();
    SAID.get_or_init(|| {
        let text = format!(
            "\n*** PostgreSQL tests SKIPPED: no server binaries >= {OLDEST_MAJOR} in \
             /usr/lib/postgresql or by pg_config\n"
        );
        let _unheard = std::io::stderr().write_all(text.as_bytes());
    });
}
