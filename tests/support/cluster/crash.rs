//! Killing a cluster's server as a crash would, and starting it again on what is left.
//!
//! Starting it the first time is in `cluster`. Invariant: a crash comes back only when no process
//! of the server is left, so that a start finds what a start after a crash finds.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Cluster, START_TIMEOUT};

impl Cluster {
    /// `kill -9` of the postmaster, and of its children at the same instant or not: then they
    /// notice by themselves. Comes back when none of them is left.
    pub fn crash(&self, children_too: bool) {
        let postmaster = self.ready_postmaster().expect("a running server");
        // A stopped postmaster makes no more children.
        signal("-STOP", std::slice::from_ref(&postmaster));
        let mut children = children_of(&postmaster);
        let mut killed = vec![postmaster];
        if children_too {
            killed.append(&mut children.clone());
        }
        signal("-KILL", &killed);
        children.append(&mut killed);
        let deadline = Instant::now() + START_TIMEOUT;
        while children.iter().any(|process| is_alive(process)) {
            assert!(Instant::now() < deadline, "processes of a dead server live on: {children:?}");
            sleep(Duration::from_millis(2));
        }
    }

    /// Starts a crashed server again on its port and data; comes back when it takes connections.
    pub fn restart(&self) {
        let file = fs::read_to_string(self.dir.join("data/postmaster.pid")).unwrap_or_default();
        let before = file.lines().next().map(str::to_owned);
        let mut keeper = self.keeper.stdin.as_ref().expect("the keeper's input");
        keeper.write_all(b"again\n").expect("the keeper listens");
        let deadline = Instant::now() + START_TIMEOUT;
        while self.ready_postmaster().is_none_or(|found| Some(found) == before) {
            assert!(Instant::now() < deadline, "no start after a crash:\n{}", self.log());
            sleep(Duration::from_millis(2));
        }
    }
}

fn signal(name: &str, processes: &[String]) {
    let sent = Command::new("kill").arg(name).args(processes).stderr(Stdio::null()).status();
    // A child may have ended meanwhile.
    sent.expect("kill runs");
}

/// State and parent of a process, from what the kernel tells of it.
fn state_and_parent(process: &str) -> Option<(String, String)> {
    let told = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before it may hold blanks and brackets.
    let mut words = told.rsplit_once(')')?.1.split_whitespace();
    Some((words.next()?.to_owned(), words.next()?.to_owned()))
}

fn children_of(parent: &str) -> Vec<String> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = all.filter_map(|entry| entry.file_name().into_string().ok());
    let is_child = |process: &String| state_and_parent(process).is_some_and(|it| it.1 == parent);
    names.filter(is_child).collect()
}

/// The dead that nobody has buried yet are not alive.
fn is_alive(process: &str) -> bool {
    state_and_parent(process).is_some_and(|(state, _)| state != "Z")
}
