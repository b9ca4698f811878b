//! The real program, started as a process of its own on a free loopback port.
//!
//! What it answers is the tests' business. Invariant: like the cluster's server it dies with the
//! test process, however that ends: a shell holds the other end of a pipe.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

/// Runs its arguments; says their process id; kills them when its input ends; ends as they did.
const KEEPER: &str = r#"
"$@" </dev/null &
server=$!
echo "pid $server"
exec >/dev/null 2>&1
cat >/dev/null
kill -9 "$server" 2>/dev/null
wait "$server"
"#;

/// The program with one command's arguments, run to its end.
pub fn changping(url: &str, args: &[&str]) -> Output {
    changping_under(url, args, &[])
}

/// The same with more of an environment, by name and value.
pub fn changping_under(url: &str, args: &[&str], environment: &[(String, String)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_changping"));
    command.args(["--database-url", url, "--log", "error"]).args(args);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::null()).output().expect("the program runs")
}

pub struct Server {
    keeper: Child,
    said: BufReader<ChildStdout>,
    pid: String,
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    pub url: String,
}

impl Server {
    /// Serves a database that is migrated already.
    pub fn start(url: &str) -> Self {
        Self::start_with(url, &[], &[])
    }

    /// The same with more of an environment, by name and value.
    pub fn start_under(url: &str, environment: &[(String, String)]) -> Self {
        Self::start_with(url, &[], environment)
    }

    /// Serves a demo of a date, made where it is not there yet.
    pub fn demo(url: &str, date: &str) -> Self {
        Self::demo_under(url, date, &[])
    }

    /// The same with more of an environment, by name and value.
    pub fn demo_under(url: &str, date: &str, environment: &[(String, String)]) -> Self {
        Self::start_with(url, &["--demo", "--demo-date", date], environment)
    }

    /// Serves, and says in a file what it warns of.
    pub fn start_logging(url: &str, log: &Path) -> Self {
        let file = File::create(log).expect("a file for the log");
        Self::spawn(url, "warn", Stdio::from(file), &[], &[])
    }

    /// Serves with the log of a production service, which nobody reads.
    pub fn logging(url: &str) -> Self {
        Self::spawn(url, "info", Stdio::null(), &[], &[])
    }

    /// The processor time that it has used so far.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).expect("it runs");
        let rest = stat.rsplit(')').next().expect("a state");
        let ticks = |n: usize| rest.split_whitespace().nth(n)?.parse::<u64>().ok();
        // User and system time in ticks of a hundredth of a second.
        let used = ticks(11).zip(ticks(12)).map(|(user, system)| user + system);
        Duration::from_millis(used.expect("two figures") * 10)
    }

    /// The memory that it has now, and the most it has had, in KiB.
    pub fn memory_kib(&self) -> (u64, u64) {
        let path = format!("/proc/{}/status", self.pid);
        let status = std::fs::read_to_string(path).expect("it runs");
        let of = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name)).expect("a figure");
            line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("KiB")
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    fn start_with(url: &str, more: &[&str], environment: &[(String, String)]) -> Self {
        Self::spawn(url, "off", Stdio::inherit(), more, environment)
    }

    fn spawn(
        url: &str,
        log: &str,
        complaints: Stdio,
        more: &[&str],
        environment: &[(String, String)],
    ) -> Self {
        let mut command = Command::new("sh");
        command
            .args(["-c", KEEPER, "sh", env!("CARGO_BIN_EXE_changping")])
            .args(["--database-url", url, "--log", log, "--language", "en"])
            .args(["serve", "--bind", "127.0.0.1:0"])
            .args(more)
            // Counted like in service, and never reached.
            .env("CHANGPING_RATE_LIMIT", "1000000")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .process_group(0);
        let mut keeper = command.spawn().expect("sh runs");
        let mut said = BufReader::new(keeper.stdout.take().expect("its output"));
        let (mut pid, mut base) = (None, None);
        while pid.is_none() || base.is_none() {
            let mut line = String::new();
            let read = said.read_line(&mut line).expect("its words");
            assert!(read > 0, "the service on {url} ended before it served");
            if let Some(number) = line.strip_prefix("pid ") {
                pid = Some(number.trim().to_string());
            } else if line.starts_with("http://") {
                base = line.split(' ').next().map(str::to_string);
            }
        }
        Self {
            keeper,
            said,
            pid: pid.unwrap_or_default(),
            base: base.unwrap_or_default(),
            url: url.to_string(),
        }
    }

    /// How many sockets the process has open.
    pub fn sockets(&self) -> usize {
        let open = std::fs::read_dir(format!("/proc/{}/fd", self.pid)).expect("it runs");
        let targets = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    }

    /// How many threads the process has.
    pub fn threads(&self) -> usize {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid));
        tasks.expect("the process runs").count()
    }

    /// `kill -9`: nothing is tidied up.
    pub fn kill(self) {
        let status = self.end("-KILL");
        assert_eq!(status.signal().or(status.code().map(|code| code - 128)), Some(9));
    }

    /// `SIGTERM`, and how it ended.
    pub fn stop(self) -> ExitStatus {
        self.end("-TERM")
    }

    /// Waits for the end of one that was killed from elsewhere.
    pub fn killed(self) {
        let status = self.ended();
        assert_eq!(status.signal().or(status.code().map(|code| code - 128)), Some(9));
    }

    fn end(self, signal: &str) -> ExitStatus {
        let sent = Command::new("kill").args([signal, &self.pid]).status();
        assert!(sent.expect("kill runs").success(), "no process {}", self.pid);
        self.ended()
    }

    fn ended(mut self) -> ExitStatus {
        // The program's end closes the last copy of its output.
        let mut rest = Vec::new();
        self.said.read_to_end(&mut rest).expect("its last words");
        drop(self.keeper.stdin.take());
        self.keeper.wait().expect("its end")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _gone = self.keeper.wait();
    }
}
