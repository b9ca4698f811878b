//! More than can be served: ten times the load, and clients that hold on to what they have.
//!
//! One caller's limits are in `tests/http`. Invariant: every request is answered, what was
//! acknowledged is in the book, and the service is itself again within seconds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::crowd::{MOVEMENTS, Whistle, all_movements};
use crate::flood::{Flood, long_movement};
use crate::support::desk::assert_sound;
use crate::support::forms::receipt;
use crate::support::raw::{Raw, request};
use crate::support::world::{CITY_DEPOT, Keys, settle};
use crate::support::{Client, Database, Server};
use crate::turn::{Turn, pause};

/// How many times the load that it can bear.
const TIMES: u64 = 10;
/// Within what time it must be itself again.
const RECOVERY: Duration = Duration::from_secs(5);
/// How long a service of these tests waits for a client.
const PATIENCE: u64 = 3;
/// Memory beyond twice that of before, in KiB.
const MORE_MEMORY: u64 = 200 << 10;

fn environment(rate_limit: u64) -> [(String, String); 2] {
    let of = |name: &str, value: u64| (format!("CHANGPING_{name}"), value.to_string());
    [of("RATE_LIMIT", rate_limit), of("CLIENT_TIMEOUT", PATIENCE)]
}

/// Another key's clerk, who posts now and then: how long each post took, and how many were told
/// to come again.
struct Probe<'a> {
    client: &'a Client,
    name: &'a str,
    posts: u64,
    waits: Vec<Duration>,
    turned_away: usize,
    booked: Vec<String>,
}

impl<'a> Probe<'a> {
    fn new(client: &'a Client, name: &'a str) -> Self {
        let (waits, booked) = Default::default();
        Self { client, name, posts: 0, waits, turned_away: 0, booked }
    }

    fn post(&mut self) -> Duration {
        self.posts += 1;
        let began = Instant::now();
        let body = receipt(CITY_DEPOT, "QUILT", 1);
        let reply = self.client.post(MOVEMENTS, &format!("{}-{}", self.name, self.posts), &body);
        let took = began.elapsed();
        match reply.status {
            201 => {
                self.booked.push(reply.json()["id"].as_str().unwrap().to_string());
                self.waits.push(took);
            }
            503 => self.turned_away += 1,
            _ => panic!("{}", reply.text),
        }
        took
    }

    fn median(&self) -> Duration {
        let mut waits = self.waits.clone();
        waits.sort();
        waits.get(waits.len() / 2).copied().unwrap_or_default()
    }
}

/// The rate at which it answers when everybody waits for an answer before asking again.
fn sustainable(url: &str, keys: &Keys, body: &str) -> u64 {
    let server = Server::start_under(url, &environment(0));
    let time = Duration::from_secs(2);
    let (writer, reader) = (keys.of("clerk"), keys.of("planner"));
    let (base, name) = (server.base.as_str(), "before");
    let flood = Flood { base, writer, reader, name, connections: 32, rate: None, time, body };
    let outcome = flood.run();
    assert_eq!(outcome.of(200) + outcome.of(201), outcome.sent, "{:?}", outcome.statuses);
    outcome.sent / time.as_secs()
}

fn ten_times_the_load(turn: &Turn, url: &str) {
    let keys = settle(url);
    let body = long_movement();
    let body = body.as_str();
    let rate = sustainable(url, &keys, body);
    // The two keys of the flood may use a half of what there is.
    let server = Server::start_under(url, &environment(rate / 4));
    let client = Client::new(&server.base, keys.of("clerk-2"));
    let mut calm = Probe::new(&client, "calm");
    for _ in 0..20 {
        calm.post();
    }
    let (before, _) = server.memory_kib();
    let slow = slow_writers(&server, &keys, 100);
    let (writer, reader) = (keys.of("clerk"), keys.of("planner"));
    let time = Duration::from_secs(turn.rounds.into());
    let (base, name, rate) = (server.base.as_str(), "flood", Some(rate * TIMES));
    let flood = Flood { base, writer, reader, name, connections: 400, rate, time, body };
    let stop = AtomicBool::new(false);
    let mut probe = Probe::new(&client, "probe");
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Acquire) {
                probe.post();
                pause(50);
            }
        });
        let _stops = Whistle(&stop);
        flood.run()
    });
    let recovered = recover(&mut Probe::new(&client, "after"), calm.median());
    let (after, most) = server.memory_kib();
    turn.say(&format!(
        "{} requests a second due, {} of {} sent, {} twice, answers {:?}; \
         another key: {} posts, median {:?} ({:?} before), {} turned away; \
         memory {before} KiB before, {most} at most, {after} after; itself again after \
         {recovered:?}",
        rate.unwrap_or_default(),
        outcome.sent,
        outcome.due,
        outcome.again,
        outcome.statuses,
        probe.waits.len(),
        probe.median(),
        calm.median(),
        probe.turned_away,
    ));
    drop(slow);
    let odd = outcome.statuses.keys().find(|status| ![200, 201, 429, 503].contains(status));
    assert_eq!(odd, None);
    assert!(outcome.of(201) > 0 && outcome.of(200) > 0, "the flood's keys get their share");
    assert!(outcome.of(429) + outcome.of(503) > outcome.sent / 2, "it was no overload");
    assert!(!probe.waits.is_empty(), "another key gets no service");
    assert!(most < 2 * before + MORE_MEMORY, "{most} KiB");
    let held = all_movements(&Client::new(&server.base, keys.of("clerk-2")));
    let told = outcome.booked.iter().chain(&probe.booked).chain(&calm.booked);
    told.for_each(|id| assert!(held.contains_key(id), "{id} was acknowledged and is lost"));
    assert!(server.stop().success());
    assert_sound(url);
}

/// Waits until ten posts in a row are as quick as they were, nearly.
fn recover(probe: &mut Probe<'_>, usual: Duration) -> Duration {
    let (began, mut quick, mut since) = (Instant::now(), 0, Duration::ZERO);
    while quick < 10 {
        if probe.post() <= (usual * 4).max(Duration::from_millis(50)) {
            quick += 1;
        } else {
            quick = 0;
            since = began.elapsed();
        }
        assert!(since < RECOVERY, "it is not itself again after {since:?}");
    }
    since
}

/// Clients whose head or body stops half-way.
fn slow_writers(server: &Server, keys: &Keys, count: usize) -> Vec<Raw> {
    let more = "content-type: application/json\r\nidempotency-key: slow\r\n";
    let whole = request("POST", MOVEMENTS, keys.of("clerk"), more, 1_000);
    let half = |n: usize| {
        let mut raw = Raw::connect(&server.base);
        let part = if n.is_multiple_of(2) { whole.as_str() } else { &whole[..whole.len() / 2] };
        raw.send(part).expect("it is let in");
        raw
    };
    (0..count).map(half).collect()
}

/// Clients that ask for much and read nothing.
fn deaf_readers(server: &Server, keys: &Keys, count: usize) -> Vec<Raw> {
    let get = request("GET", "/openapi.json", keys.of("clerk"), "", 0);
    let ask = |_| {
        let mut raw = Raw::connect(&server.base);
        raw.stream.set_nonblocking(true).expect("a socket");
        // Eight megabytes of answers: more than a socket's buffers hold.
        let _full = raw.send(get.repeat(30));
        raw
    };
    (0..count).map(ask).collect()
}

#[test]
fn ten_times_the_load_is_turned_away_in_order_on_sqlite() {
    let turn = Turn::take("ten times the load on SQLite", 5, 60);
    ten_times_the_load(&turn, &Database::sqlite().url);
}

#[test]
fn ten_times_the_load_is_turned_away_in_order_on_postgresql() {
    let turn = Turn::take("ten times the load on PostgreSQL", 5, 60);
    let Some(database) = Database::postgres() else { return };
    ten_times_the_load(&turn, &database.url);
}

#[test]
fn slow_clients_hold_nothing_for_long() {
    let turn = Turn::take("slow clients", 200, 400);
    let database = Database::sqlite();
    let keys = settle(&database.url);
    let server = Server::start_under(&database.url, &environment(0));
    let client = Client::new(&server.base, keys.of("clerk"));
    client.get("/openapi.json").expect(200);
    let (sockets, (before, _)) = (server.sockets(), server.memory_kib());
    let count = turn.rounds as usize;
    let held = (slow_writers(&server, &keys, count), deaf_readers(&server, &keys, count));
    let began = Instant::now();
    pause(500);
    let at_first = server.sockets() - sockets;
    assert!(at_first > count, "they are let in");
    let mut probe = Probe::new(&client, "probe");
    let mut left = at_first;
    // Heads have ten seconds; deaf clients as long as bodies, and the kernel's own backing off.
    while left > 0 && began.elapsed() < Duration::from_secs(30) {
        probe.post();
        pause(50);
        left = server.sockets().saturating_sub(sockets);
    }
    let (_, most) = server.memory_kib();
    let worst = probe.waits.iter().max().copied().unwrap_or_default();
    turn.say(&format!(
        "{at_first} connections held, {left} after {:.1} s; meanwhile {} posts, median {:?}, \
         longest {worst:?}; memory {before} KiB before, {most} at most",
        began.elapsed().as_secs_f64(),
        probe.waits.len(),
        probe.median(),
    ));
    assert_eq!(left, 0, "connections are held for ever");
    assert_eq!(probe.turned_away, 0);
    assert!(worst < RECOVERY, "others wait for the slow");
    assert!(most < 2 * before + MORE_MEMORY, "{most} KiB");
    drop(held);
    assert!(server.stop().success());
    assert_sound(&database.url);
}
