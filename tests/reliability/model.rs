//! Random command sequences against a plain model: every reply must be the one it expects.
//!
//! Commands are in `model/command`, the rules in `model/naive`. Invariant: every case has items of
//! its own in a book shared with others, so that cases do not see each other.

mod command;
mod naive;
mod replies;
mod undo;
mod words;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use chrono::NaiveDate;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::crowd::{MOVEMENTS, movements_from};
use crate::support::desk::assert_sound;
use crate::support::forms::receipt;
use crate::support::records;
use crate::support::world::{CITY_DEPOT, Keys, settle};
use crate::support::{Client, Database, Reply, Server};
use crate::turn::Turn;
use command::{Command, Form, ITEMS, commands, reversal, turned};
use naive::{Model, Told, Verdict};
use words::{day, micros};

/// How many simpler sequences are tried after a failure.
const SHRINKING: u32 = 150;

/// A book grows with its cases; a fresh one keeps their times alike.
const CASES_PER_BOOK: u32 = 60;
/// Enough cases for every rare answer to be met.
const SHORT: u32 = 60;

fn clock() -> i64 {
    changping::service::book::now().0
}

/// A served book in which case after case is played.
struct Stage {
    url: String,
    keys: Keys,
    server: RefCell<Option<Server>>,
    cases: Cell<usize>,
    /// What was answered, by status and code.
    answers: RefCell<BTreeMap<String, u64>>,
}

/// One case under way.
struct Play<'a> {
    stage: &'a Stage,
    case: usize,
    model: Model,
    first_seq: i64,
    /// Who asked what under which key: path and body.
    asked: Vec<(&'static str, String, String, Value)>,
    replies: Vec<Value>,
}

impl Stage {
    fn client(&self, who: &str) -> Client {
        let server = self.server.borrow();
        Client::new(&server.as_ref().unwrap().base, self.keys.of(who))
    }

    fn restart(&self, politely: bool) {
        let server = self.server.borrow_mut().take().unwrap();
        if politely {
            let status = server.stop();
            assert!(status.success(), "{status}");
        } else {
            server.kill();
        }
        *self.server.borrow_mut() = Some(Server::start(&self.url));
    }

    fn count(&self, reply: &Reply) {
        let what = match reply.status {
            201 if reply.replayed() => "replayed".to_string(),
            201 => "booked".to_string(),
            _ => reply.json()["code"].as_str().unwrap_or_default().to_string(),
        };
        *self.answers.borrow_mut().entry(what).or_insert(0) += 1;
    }

    /// New items, and a first movement that tells where the book stands.
    fn open(&self) -> Play<'_> {
        if self.server.borrow().is_none() {
            *self.server.borrow_mut() = Some(Server::start(&self.url));
        }
        let case = self.cases.get();
        self.cases.set(case + 1);
        let admin = self.client("admin");
        let lives = [
            json!({ "kind": "none" }),
            json!({ "kind": "advisory", "months": 96, "lead_days": 180 }),
            json!({ "kind": "hard", "months": 12, "lead_days": 60 }),
        ];
        let items: Vec<String> = ITEMS.iter().map(|item| format!("{item}{case}")).collect();
        for (code, life) in items.iter().zip(lives) {
            let mut item = records::item(code);
            item["packs"] = json!([{ "unit": "箱", "factor": 24 }]);
            (item["unit"], item["life"]) = ("床".into(), life);
            admin.create(&format!("/v1/items/{code}"), &item);
        }
        let mark = with_lot(receipt(CITY_DEPOT, "TENT", 1), &format!("mark {case}"));
        let key = format!("{case}-mark");
        let mark = self.client("clerk").post(MOVEMENTS, &key, &mark).expect(201);
        let first_seq = mark["seq"].as_i64().unwrap();
        let first_lot = mark["lines"][0]["lot_id"].as_i64().unwrap() + 1;
        let model = Model::new(items, first_seq, first_lot);
        let (asked, replies) = Default::default();
        Play { stage: self, case, model, first_seq, asked, replies }
    }

    fn play(&self, commands: &[Command]) -> Result<(), String> {
        let mut play = self.open();
        for (ix, command) in commands.iter().enumerate() {
            play.step(command).map_err(|fault| format!("command {}: {fault}", ix + 1))?;
        }
        play.step(&Command::Count { known_at: None, as_of: None })?;
        let listed = movements_from(&self.client("clerk"), play.first_seq + 1);
        let booked = play.replies.iter().map(|it| (it["id"].as_str().unwrap().to_string(), it));
        if !listed.iter().map(|(id, it)| (id.clone(), it)).eq(booked.collect::<BTreeMap<_, _>>()) {
            return Err(format!("the list is not what was booked: {listed:?}"));
        }
        Ok(())
    }
}

fn with_lot(mut body: Value, number: &str) -> Value {
    body["lines"][0]["lot"] = json!({ "lot_no": number });
    body
}

impl Play<'_> {
    fn step(&mut self, command: &Command) -> Result<(), String> {
        match command {
            Command::Book(form) => {
                let key = self.new_key();
                self.book(form, key)
            }
            Command::Reverse { who, target, when } => {
                let key = self.new_key();
                let found = self.model.booked.get(target % (self.model.booked.len() + 1));
                let nothing = "01900000-0000-7000-8000-000000000000".to_string();
                let id = found.map_or(nothing, |booked| booked.id.clone());
                self.ask(who, key, format!("{MOVEMENTS}/{id}/reversals"), reversal(*when))
            }
            Command::Repeat { which, by } => {
                let Some((who, key, path, body)) = self.earlier(*which) else { return Ok(()) };
                self.ask(by.unwrap_or(who), key, path, turned(&body))
            }
            Command::Reuse { which, form } => {
                let Some((_, key, ..)) = self.earlier(*which) else { return Ok(()) };
                self.book(form, key)
            }
            Command::Restart { politely } => {
                self.stage.restart(*politely);
                Ok(())
            }
            Command::Count { known_at, as_of } => self.count(*known_at, *as_of),
        }
    }

    fn new_key(&self) -> String {
        format!("{}-{}", self.case, self.asked.len())
    }

    fn earlier(&self, which: usize) -> Option<(&'static str, String, String, Value)> {
        self.asked.get(which % self.asked.len().max(1)).cloned()
    }

    fn book(&mut self, form: &Form, key: String) -> Result<(), String> {
        self.ask(form.who, key, MOVEMENTS.to_string(), form.body(self.case))
    }

    fn ask(
        &mut self,
        who: &'static str,
        key: String,
        path: String,
        body: Value,
    ) -> Result<(), String> {
        let verdict = self.model.judge(who, &key, &path, &body, clock());
        let reply = self.stage.client(who).post(&path, &key, &body);
        self.stage.count(&reply);
        replies::compare(&verdict, &reply, who, self.model.seq + 1, &body)
            .map_err(|fault| format!("{who} {key} {path} {body}: {fault}"))?;
        let kept = match verdict {
            Verdict::Booked(entry) => {
                self.replies.push(reply.json());
                self.model.learn(entry, &reply.json());
                true
            }
            Verdict::Refused { kept, .. } => kept,
            Verdict::Again { .. } => false,
        };
        if kept {
            let told = Told {
                path: path.clone(),
                body: body.clone(),
                status: reply.status,
                text: reply.text,
            };
            self.model.told.insert((who.to_string(), key.clone()), told);
        }
        self.asked.push((who, key, path, body));
        Ok(())
    }

    /// Compares the stock of every item, as it is or was.
    fn count(&self, known_at: Option<usize>, as_of: Option<&str>) -> Result<(), String> {
        let entries = self.model.booked.len() + 1;
        let known = known_at.map(|n| self.first_seq + (n % entries) as i64);
        let today = day(clock());
        let on: NaiveDate = as_of.map_or(today, |date| date.parse().unwrap());
        // A date that has passed leaves out what came later.
        let end = micros(&format!("{on}T00:00:00+08:00")) + 86_400_000_000;
        let before = if as_of.is_some() && on <= today { end } else { i64::MAX };
        for item in &self.model.items {
            let mut path = format!("/v1/stock?group_by=lot&item={item}");
            known.iter().for_each(|seq| path += &format!("&known_at={seq}"));
            as_of.iter().for_each(|date| path += &format!("&as_of={date}"));
            let reply = self.stage.client("clerk").get(&path);
            if reply.status != 200 {
                return Err(format!("{path}: {} {}", reply.status, reply.text));
            }
            let told = replies::stock_told(&reply.json());
            let seq = known.unwrap_or(i64::MAX);
            let expected = replies::stock(&self.model, item, seq, before, on);
            if told != expected {
                return Err(format!("{path}: the model has {expected:?}, the service {told:?}"));
            }
        }
        Ok(())
    }
}

/// Plays some cases in one book and adds up what was answered.
fn play_in(
    database: &Database,
    cases: u32,
    rng: TestRng,
    answers: BTreeMap<String, u64>,
) -> BTreeMap<String, u64> {
    let keys = settle(&database.url);
    let stage = Stage {
        url: database.url.clone(),
        keys,
        server: RefCell::new(None),
        cases: Cell::default(),
        answers: RefCell::new(answers),
    };
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: SHRINKING,
        ..Config::default()
    };
    let outcome = TestRunner::new_with_rng(config, rng)
        .run(&commands(), |commands| stage.play(&commands).map_err(TestCaseError::fail));
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(fault, commands)) => panic!("{fault}\nafter {commands:#?}"),
        Err(other) => panic!("{other}"),
    }
    drop(stage.server);
    assert_sound(&database.url);
    stage.answers.into_inner()
}

fn play_cases(fresh: impl Fn() -> Database, turn: &Turn) {
    let mut dice = turn.dice();
    let (mut left, mut answers) = (turn.rounds, BTreeMap::new());
    while left > 0 {
        let cases = left.min(CASES_PER_BOOK);
        left -= cases;
        let seed: Vec<u8> = (0..32).map(|_| dice.below(256) as u8).collect();
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        answers = play_in(&fresh(), cases, rng, answers);
    }
    let total: u64 = answers.values().sum();
    turn.say(&format!("{total} replies, all as the model says: {answers:?}"));
    let rare = ["replayed", "lot_expired", "negative_history", "document_exists"];
    for code in rare.iter().filter(|_| turn.rounds >= SHORT) {
        assert!(answers.contains_key(*code), "no {code} in all these cases");
    }
}

#[test]
fn every_reply_is_the_models_on_sqlite() {
    let turn = Turn::take("model on SQLite", SHORT, 2_000);
    play_cases(Database::sqlite, &turn);
}

#[test]
fn every_reply_is_the_models_on_postgresql() {
    if Database::postgres().is_some() {
        let turn = Turn::take("model on PostgreSQL", SHORT, 2_000);
        play_cases(|| Database::postgres().unwrap(), &turn);
    }
}
