//! README's samples, run in their order and held against what README prints below them.
//!
//! Ids, hashes and instants differ from run to run, and README shortens with `…`; all else must be
//! there, in the order printed. Invariant: what README shows is what a fresh demo answers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

#[path = "../support/mod.rs"]
mod support;

mod clock;
mod page;
mod print;

use std::process::{Command, Stdio};

use page::{Sample, samples, words};
use print::complaint;
use support::{Client, Server};

const README: &str = include_str!("../../README.md");
/// The day of README's demo.
const DATE: &str = "2026-11-22";
/// Where README's demo listens.
const BASE: &str = "http://127.0.0.1:8080";

/// What a `curl` of README is answered: `201 Created` and the like, where README says it, and the
/// body.
fn ask(client: &Client, command: &str) -> String {
    let mut words = words(command).into_iter().skip(1);
    let (mut method, mut path, mut body) = ("GET".to_string(), None, None);
    let mut headers = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-i" => {}
            "-X" => method = words.next().expect("a method"),
            "-d" => body = Some(words.next().expect("a body")),
            "-H" => {
                let header = words.next().expect("a header");
                let (name, value) = header.split_once(": ").expect("a name and a value");
                headers.push((name.to_string(), value.to_string()));
            }
            url => path = Some(url.strip_prefix(BASE).expect("the demo's address").to_string()),
        }
    }
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (&**n, &**v)).collect();
    let path = path.expect("an address");
    let reply = client.send(&method, &path, &headers, body.as_deref().map(str::as_bytes));
    let reason = match reply.status {
        200 => "OK",
        201 => "Created",
        409 => "Conflict",
        other => panic!("{command}: {other} {}", reply.text),
    };
    format!("{} {reason}\n{}", reply.status, reply.text)
}

/// What README tells of a part: how many samples, and which are not true.
#[derive(Default)]
struct Told {
    samples: usize,
    untrue: Vec<String>,
}

impl Told {
    fn compare(&mut self, commands: &[String], printed: Option<String>, answer: &str) {
        let Some(printed) = printed else { return };
        self.samples += 1;
        let found = complaint(&printed, answer);
        self.untrue.extend(found.map(|complaint| format!("{}\n{complaint}", commands.join("\n"))));
    }

    /// Requires that all was true, of so many samples at least.
    fn assert_true(self, at_least: usize) {
        assert!(
            self.untrue.is_empty(),
            "README prints what is not so:\n{}",
            self.untrue.join("\n")
        );
        assert!(self.samples >= at_least, "README has lost samples: {} are left", self.samples);
    }
}

#[test]
fn answers_are_those_that_readme_prints() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("demo.db").display());
    let Some(environment) = clock::environment(folder.path()) else { return };
    let server = Server::demo_under(&url, DATE, &environment);
    let client = Client::anonymous(&server.base);
    let mut told = Told::default();
    for Sample { commands, printed } in samples(README, "## Use it", "### In a terminal") {
        let answer: String = commands.iter().map(|command| ask(&client, command)).collect();
        told.compare(&commands, printed, &answer);
    }
    told.assert_true(17);
}

#[test]
fn the_terminal_shows_what_readme_prints() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mut environment) = clock::environment(folder.path()) else { return };
    let mut told = Told::default();
    for Sample { commands, printed } in samples(README, "### In a terminal", "### Ways, best") {
        let mut shown = String::new();
        for command in &commands {
            let words = words(command);
            if let Some(setting) = words.get(1).filter(|_| words[0] == "export") {
                let (name, value) = setting.split_once('=').expect("a name and a value");
                environment.push((name.to_string(), value.to_string()));
                continue;
            }
            assert_eq!(words[0], "changping", "{command}");
            let mut program = Command::new(env!("CARGO_BIN_EXE_changping"));
            program.args(&words[1..]).current_dir(folder.path()).stdin(Stdio::null());
            program.env("CHANGPING_LANGUAGE", "en").envs(environment.iter().cloned());
            let output = program.output().expect("the program runs");
            let said = String::from_utf8(output.stderr).expect("text");
            assert!(output.status.success(), "{command}: {said}");
            shown += &String::from_utf8(output.stdout).expect("text");
        }
        told.compare(&commands, printed, &shown);
    }
    told.assert_true(4);
}
