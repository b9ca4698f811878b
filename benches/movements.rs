//! Movements a second over HTTP, against one transaction per movement: `cargo bench --bench
//! movements`.
//!
//! On PostgreSQL the other side is pgbench at its best client count, on SQLite one writer without
//! HTTP; both write the same rows into the same tables. Prints, never judges.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    reason = "a bench that cannot run says so by panicking, and prints its figures"
)]

mod ground;
mod load;
mod single;
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Duration;

use ground::{DEPOTS, ITEMS, depot_code, item_code};
use support::pace::fdatasync;
use support::{Cluster, Database, Durability, Server};

/// The service's, so that the writer of the other side does not wait for a slower one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long each count is measured, unless the environment says `SECONDS=…`.
const SECONDS: u64 = 8;
const CONNECTIONS: [usize; 4] = [1, 8, 32, 128];

/// The words after `--`.
fn words() -> Vec<String> {
    std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect()
}

/// The counts of connections asked for, or all.
fn connections() -> Vec<usize> {
    let asked: Vec<usize> = words().iter().filter_map(|word| word.parse().ok()).collect();
    if asked.is_empty() { CONNECTIONS.to_vec() } else { asked }
}

/// Whether the other side is to be left out.
fn is_alone() -> bool {
    words().iter().any(|word| word == "alone")
}

fn time() -> Duration {
    let asked = std::env::var("SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(asked.unwrap_or(SECONDS))
}

/// One issue of one unit, as a clerk's program sends it.
fn body(n: usize) -> String {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let (depot, item) = (depot_code(mixed % DEPOTS), item_code((mixed >> 16) % ITEMS));
    format!(
        "{{\"type\":\"issue\",\"document_no\":\"临应急发〔2026〕{n}号\",\"handled_by\":\"值班员\",\
         \"lines\":[{{\"from\":\"{depot}\",\"item\":\"{item}\",\"quantity\":1}}]}}"
    )
}

/// The processor time that a process and its children have used so far.
fn cpu_of_family(parent: &str) -> Duration {
    let stats = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|process| {
        let stat = std::fs::read_to_string(process.path().join("stat")).ok()?;
        let (pid, rest) = (stat.split(' ').next()?.to_string(), stat.rsplit(')').next()?);
        let fields: Vec<String> = rest.split_whitespace().map(str::to_string).collect();
        (pid == parent || fields[1] == parent).then_some(fields)
    });
    // User and system time in ticks of a hundredth of a second.
    let ticks = stats.flat_map(|fields| [fields[11].parse(), fields[12].parse()]);
    Duration::from_millis(ticks.map(|tick: Result<u64, _>| tick.unwrap() * 10).sum())
}

/// Runs the service at every count of connections; the rate and the mean latency of each.
fn serve(url: &str, key: &str, database_cpu: impl Fn() -> Duration) -> Vec<(usize, f64, f64)> {
    let server = Server::logging(url);
    load::post(&server.base, key, 16, Duration::from_secs(2), |n| body(n + 7_000_000_000));
    let mut rates = Vec::new();
    for (round, connections) in connections().into_iter().enumerate() {
        let from = (round + 1) * 5_000_000_000;
        let (cpu, theirs) = (server.cpu(), database_cpu());
        let figures = load::post(&server.base, key, connections, time(), move |n| body(n + from));
        let each = |used: Duration| used.as_secs_f64() * 1e6 / figures.answered.max(1) as f64;
        let (cpu, theirs) = (each(server.cpu() - cpu), each(database_cpu() - theirs));
        println!(
            "  changping, {connections:3} connections: {:7.0} movements/s; mean {:.2}, p50 {:.2}, \
             p99 {:.2} ms; {cpu:.0} us of the service's CPU each, {theirs:.0} of the database's{}",
            figures.per_second(),
            figures.mean_ms(),
            figures.percentile_ms(50.0),
            figures.percentile_ms(99.0),
            if figures.refused.is_empty() {
                String::new()
            } else {
                format!("; others {:?}", figures.refused)
            }
        );
        rates.push((connections, figures.per_second(), figures.mean_ms()));
    }
    assert!(server.stop().success());
    rates
}

fn ratios(rates: &[(usize, f64, f64)], (best, lone_ms): (f64, f64)) {
    for (connections, rate, mean_ms) in rates {
        match connections {
            1 => println!("  lone client's latency: {:.2} x the other side's", mean_ms / lone_ms),
            _ => println!("  {connections:3} connections: {:.2} x", rate / best),
        }
    }
}

fn on_postgres() {
    let Some(cluster) = Cluster::start(Durability::Full) else {
        return;
    };
    println!("PostgreSQL, synchronous_commit=on; fdatasync {:?}", fdatasync());
    let url = cluster.fresh_database();
    let key = ground::lay(&url);
    cluster.run_sql("ALTER SYSTEM SET max_wal_size = '4GB'");
    cluster.run_sql("SELECT pg_reload_conf()");
    let copy = cluster.copy_of(&url);
    let other = (!is_alone()).then(|| single::pgbench(&cluster, &copy, time()));
    let file = cluster.run_sql("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)");
    let rates = serve(&url, &key, || cpu_of_family(file.trim()));
    other.inspect(|other| ratios(&rates, *other));
    println!("  fdatasync afterwards {:?}", fdatasync());
}

fn on_sqlite() {
    println!("SQLite, synchronous=FULL; fdatasync {:?}", fdatasync());
    let database = Database::sqlite();
    let key = ground::lay(&database.url);
    let other = (!is_alone()).then(|| single::sqlite(&database.url, time()));
    let rates = serve(&database.url, &key, || Duration::ZERO);
    other.inspect(|other| ratios(&rates, *other));
    println!("  fdatasync afterwards {:?}", fdatasync());
}

fn main() {
    let left_out = |engine: &str| words().iter().any(|word| word == engine);
    if !left_out("sqlite") {
        on_postgres();
    }
    if !left_out("postgres") {
        on_sqlite();
    }
}
