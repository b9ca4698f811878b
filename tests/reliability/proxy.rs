//! The wire to PostgreSQL fails in every way it can, under load, and comes back.
//!
//! Cuts at a chosen message are in `sweep`, what the faults are in `faults`. Invariant: a write is
//! told the truth or 503, a read that may be old says so, everybody is answered in time, and
//! nothing stays broken when the wire is whole.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use crate::crowd::{Member, Whistle, compare};
use crate::faults::Fault;
use crate::support::desk::assert_sound;
use crate::support::sql::number;
use crate::support::world::{Keys, settle};
use crate::support::{Client, Database, Server, Wire, cluster};
use crate::turn::{Turn, pause};

const SERVERS: usize = 2;
const WRITERS: usize = 3;
/// The longest that anybody waits for an answer: two seconds for the head, three for a list, and
/// what a busy machine adds.
const PATIENCE: Duration = Duration::from_millis(5_500);
/// The longest from the end of a fault to the first write and the first read that is not old.
const RECOVERY: Duration = Duration::from_secs(3);
/// After which PostgreSQL itself ends a writing session that says nothing; those of several
/// services that wait for the lock get it, and are ended, one after the other.
const SESSIONS_END: Duration = Duration::from_secs(2 * SERVERS as u64);
/// The most connections of one service: its readers, its committer, its reader of the head.
const CONNECTIONS: i64 = 10;
/// How many more threads a service may have after a fault than it had at its busiest before any.
const MORE_THREADS: usize = 12;

const PLANNING: [&str; 4] = [
    "/v1/stock?depot=LY-CITY-01",
    "/v1/gaps?region=3713",
    "/v1/rotation?region=3713",
    "/v1/summaries?region=3713",
];

/// What the crowd has seen together.
#[derive(Default)]
struct Seen {
    /// The last entry that anybody was told of.
    told: AtomicI64,
    slowest_ms: AtomicU64,
    unavailable: AtomicU64,
    stale: AtomicU64,
    fresh: AtomicU64,
    stop: AtomicBool,
}

impl Seen {
    fn in_time(&self, what: &str, began: Instant) {
        let took = began.elapsed();
        assert!(took <= PATIENCE, "{what}: answered after {took:?}");
        let took = u64::try_from(took.as_millis()).unwrap();
        self.slowest_ms.fetch_max(took, Ordering::Relaxed);
    }

    /// One movement posted; whether it was booked or refused.
    fn write(&self, member: &mut Member, client: &Client) -> bool {
        let began = Instant::now();
        let reply = member.post_next(client).expect("the service lives");
        self.in_time("a write", began);
        match reply.status {
            201 => {
                let seq = reply.json()["seq"].as_i64().unwrap();
                self.told.fetch_max(seq, Ordering::SeqCst);
                true
            }
            409 => true,
            503 => {
                assert!(!reply.header("retry-after").is_empty());
                self.unavailable.fetch_add(1, Ordering::Relaxed);
                false
            }
            other => panic!("a write got {other}: {}", reply.text),
        }
    }

    /// One planning read; whether it was fresh.
    fn read(&self, path: &str, client: &Client) -> bool {
        let told = self.told.load(Ordering::SeqCst);
        let began = Instant::now();
        let reply = client.get(path);
        self.in_time(path, began);
        let body = reply.expect(200);
        let fresh = body["stale_since"].is_null();
        let seq = body["ledger_seq"].as_i64().unwrap();
        assert!(!fresh || seq >= told, "{path}: old without saying so, {seq} before {told}");
        let count = if fresh { &self.fresh } else { &self.stale };
        count.fetch_add(1, Ordering::Relaxed);
        fresh
    }

    fn write_on(&self, member: &mut Member, client: &Client) {
        while !self.stop.load(Ordering::Acquire) {
            let done = self.write(member, client);
            pause(if done { 3 } else { 50 });
        }
    }

    fn read_on(&self, client: &Client) {
        for path in PLANNING.iter().cycle() {
            if self.stop.load(Ordering::Acquire) {
                return;
            }
            self.read(path, client);
            let began = Instant::now();
            let list = client.get("/v1/movements?limit=5");
            self.in_time("a list", began);
            assert!(matches!(list.status, 200 | 503), "{}", list.text);
            pause(10);
        }
    }
}

struct Stage {
    database: Database,
    wire: Wire,
    servers: Vec<Server>,
    keys: Keys,
    seen: Seen,
}

impl Stage {
    fn set() -> Option<Self> {
        let database = Database::postgres()?;
        let keys = settle(&database.url);
        let wire = Wire::to(cluster()?.port());
        let through = wire.through(&database.url);
        let servers = (0..SERVERS).map(|_| Server::start(&through)).collect();
        Some(Self { database, wire, servers, keys, seen: Seen::default() })
    }

    fn client(&self, server: usize, holder: &str) -> Client {
        Client::new(&self.servers[server].base, self.keys.of(holder))
    }

    fn crowd<'s>(
        &'s self,
        scope: &'s Scope<'s, '_>,
        members: &'s mut [Member],
    ) -> Vec<ScopedJoinHandle<'s, ()>> {
        let mut crowd = Vec::new();
        for (nth, member) in members.iter_mut().enumerate() {
            let client = self.client(nth % SERVERS, "clerk");
            crowd.push(scope.spawn(move || self.seen.write_on(member, &client)));
        }
        for server in 0..SERVERS {
            let client = self.client(server, "planner");
            crowd.push(scope.spawn(move || self.seen.read_on(&client)));
        }
        crowd
    }

    fn connections(&self) -> i64 {
        let query = "SELECT COUNT(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND application_name = 'changping'";
        number(&self.database.url, query)
    }

    fn threads(&self) -> usize {
        self.servers.iter().map(Server::threads).max().unwrap()
    }

    /// From a fault's end to the first write and the first fresh read of every service.
    fn recover(&self, probe: &mut Member, fault: Fault, since: Instant) -> Duration {
        let ended = Instant::now();
        let deadline = ended.max(since + SESSIONS_END) + RECOVERY;
        for server in 0..SERVERS {
            let (clerk, planner) = (self.client(server, "clerk"), self.client(server, "planner"));
            while !self.seen.write(probe, &clerk) {
                assert!(Instant::now() < deadline, "{server}: no write {:?} on", since.elapsed());
                pause(20);
            }
            while !self.seen.read(PLANNING[0], &planner) {
                assert!(Instant::now() < deadline, "{server}: old reads {:?} on", since.elapsed());
                pause(20);
            }
        }
        assert!(Instant::now() < deadline, "recovered late from {fault:?}");
        ended.elapsed()
    }

    /// Within some seconds there are no more connections and threads than there may be.
    fn nothing_leaks(&self, fault: Fault, threads: usize) {
        let most = CONNECTIONS * i64::try_from(SERVERS).unwrap();
        let deadline = Instant::now() + Duration::from_secs(5);
        loop {
            let (connections, now) = (self.connections(), self.threads());
            if connections <= most && now <= threads {
                return;
            }
            let text = format!("{connections} connections of {most}, {now} threads of {threads}");
            assert!(Instant::now() < deadline, "after {fault:?}: {text}");
            pause(100);
        }
    }
}

#[test]
fn a_wire_that_fails_in_any_way_is_only_a_pause() {
    let Some(stage) = Stage::set() else {
        return;
    };
    let every = u32::try_from(Fault::ALL.len()).unwrap();
    let turn = Turn::take("faults of the wire to PostgreSQL", every, 100);
    let mut dice = turn.dice();
    let member = |nth: usize| Member::new(format!("m{nth}"), turn.seed.wrapping_add(nth as u64));
    let mut members: Vec<Member> = (0..SERVERS * WRITERS).map(member).collect();
    let mut probe = Member::new("probe".to_string(), turn.seed);
    let mut slowest = Duration::ZERO;
    std::thread::scope(|scope| {
        let crowd = stage.crowd(scope, &mut members);
        let _stop = Whistle(&stage.seen.stop);
        pause(1_000);
        let threads = stage.threads() + MORE_THREADS;
        for round in 0..turn.rounds {
            pause(dice.below(500));
            let fault = Fault::of_round(round, &mut dice);
            let since = Instant::now();
            fault.last(&stage.wire, Duration::from_millis(500 + dice.below(3_500)), &mut dice);
            let lasted = since.elapsed();
            let took = stage.recover(&mut probe, fault, since);
            slowest = slowest.max(took);
            stage.wire.bury();
            stage.nothing_leaks(fault, threads);
            turn.say(&format!("{fault:?} for {lasted:.1?}, recovered after {took:.2?}"));
            if crowd.iter().any(ScopedJoinHandle::is_finished) {
                break;
            }
        }
    });
    members.push(probe);
    conclude(&turn, &stage, &mut members, slowest);
}

fn conclude(turn: &Turn, stage: &Stage, members: &mut [Member], slowest: Duration) {
    let open: usize = members.iter().map(|member| member.open.len()).sum();
    for member in members.iter_mut() {
        member.catch_up(&stage.client(0, "clerk"));
    }
    let held = (0..SERVERS).map(|server| compare(members, &stage.client(server, "clerk"))).max();
    assert_sound(&stage.database.url);
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let seen = &stage.seen;
    assert!(count(&seen.stale) > 0 && count(&seen.unavailable) > 0, "no fault was felt");
    let repeats: usize = members.iter().map(|member| member.repeats).sum();
    turn.say(&format!(
        "{} faults: {} booked, {open} got 503, of which {repeats} had been done; {} reads fresh, \
         {} marked; slowest answer {} ms, slowest recovery {slowest:.2?}",
        turn.rounds,
        held.unwrap(),
        count(&seen.fresh),
        count(&seen.stale),
        count(&seen.slowest_ms),
    ));
}
