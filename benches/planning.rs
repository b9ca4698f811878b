//! Stock, gaps and summaries of a province of 72,000 depots while it is written to, against the
//! same sums by PostgreSQL: `cargo bench --bench planning`.
//!
//! Prints, never judges. `-- 10` makes a province of a tenth of the depots and asks a tenth as
//! often; `-- nation` asks the nation alone, `-- province` leaves it out; `today`, `later`,
//! `owners` and `balances` ask these questions alone; `while=PATH` rests while there is no file at
//! that path, before anything is measured.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    dead_code,
    reason = "a bench that cannot run says so by panicking, and prints its figures"
)]

mod load;
mod province;
#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use changping::domain::access::Role;
use changping::domain::depot::DepotStatus;
use changping::domain::reference::Record;
use changping::service::book::{Book, plain_amendment};
use changping::store::migrate::migrate;

use province::Size;
use province::questions::{Question, questions};
use support::pace::fdatasync;
use support::world::{self, address, block_on};
use support::{Client, Cluster, Durability, Server};

/// Movements a second, on so many connections.
const RATE: u32 = 2_000;
const CONNECTIONS: u32 = 16;

/// What the server has counted for a route: upper bounds in seconds and how many stayed below.
fn buckets(client: &Client, route: &str) -> Vec<(f64, f64)> {
    let text = client.get("/metrics").text;
    let route = format!("route=\"{route}\"");
    let lines = text.lines().filter(|line| {
        line.starts_with("changping_http_request_seconds_bucket")
            && line.contains("method=\"GET\"")
            && line.contains(&route)
    });
    let bucket = |line: &str| {
        let (_, rest) = line.split_once("le=\"")?;
        let (bound, rest) = rest.split_once('"')?;
        let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().ok()? };
        Some((bound, rest.rsplit(' ').next()?.parse().ok()?))
    };
    lines.filter_map(bucket).collect()
}

/// The bound below which so large a share stayed.
fn bound_ms(counted: &[(f64, f64)], share: f64) -> f64 {
    let all = counted.last().map_or(0.0, |(_, count)| *count);
    let found = counted.iter().find(|(_, count)| *count >= all * share);
    found.map_or(f64::NAN, |(bound, _)| bound * 1e3)
}

fn ask(server: &Server, client: &Client, question: &Question, size: Size) {
    let Question { name, route, path, .. } = *question;
    let times = (question.times / size.0).max(10);
    let bytes = client.get(&path(0)).text.len() / 1_024;
    let before = buckets(client, route);
    let mut took: Vec<Duration> = Vec::with_capacity(times);
    for n in 0..times {
        let began = Instant::now();
        let reply = client.get(&path(n));
        took.push(began.elapsed());
        assert_eq!(reply.status, 200, "{}", path(n));
    }
    let after = buckets(client, route);
    let counted: Vec<(f64, f64)> = after
        .iter()
        .map(|(bound, count)| {
            let was = before.iter().find(|(known, _)| known == bound);
            (*bound, count - was.map_or(0.0, |(_, count)| *count))
        })
        .collect();
    took.sort_unstable();
    let at = |share: f64| took[(took.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "  {name:50} {times:4} x, server: p50 <= {:5.1}, p99 <= {:5.1}, max <= {:5.1} ms; \
         client: {:5.1} / {:5.1} / {:5.1} ms; {bytes} KiB; memory {} MiB",
        bound_ms(&counted, 0.5),
        bound_ms(&counted, 0.99),
        bound_ms(&counted, 1.0),
        at(0.5),
        at(0.99),
        took[took.len() - 1].as_secs_f64() * 1e3,
        server.memory_kib().0 / 1_024,
    );
    let mut below = 0.0;
    let steps = counted.iter().filter_map(|(bound, count)| {
        let here = count - below;
        below = *count;
        (here > 0.0).then(|| format!("{}:{here}", bound * 1e3))
    });
    println!("      ms:answers {}", steps.collect::<Vec<_>>().join(" "));
}

/// Waits while the machine is not to be measured on.
fn rest(permit: Option<&str>) {
    while permit.is_some_and(|path| !std::path::Path::new(path).exists()) {
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Asks a question while movements are written; `nth` makes the movements those of no other round.
fn ask_under_load(
    server: &Server,
    (planner, admin): (&str, &str),
    (nth, question): (usize, &Question),
    size: Size,
) {
    let over = Arc::new(AtomicBool::new(false));
    let (base, key, stop) = (server.base.clone(), admin.to_string(), Arc::clone(&over));
    let writer = std::thread::spawn(move || {
        let pace = Duration::from_secs(1) * CONNECTIONS / RATE;
        let connections = CONNECTIONS as usize;
        let over = move || stop.load(Ordering::Relaxed);
        let body = move |n| province::issue(n + nth * 1_000_000_000, size);
        load::post_until(&base, &key, (connections, pace), body, over)
    });
    ask(server, &Client::new(&server.base, planner), question, size);
    over.store(true, Ordering::Relaxed);
    let figures = writer.join().expect("the writer");
    println!(
        "      written beside it: {:.0} movements/s, p50 {:.2}, p99 {:.2} ms; others {:?}",
        figures.per_second(),
        figures.percentile_ms(50.0),
        figures.percentile_ms(99.0),
        figures.refused,
    );
}

/// City by item with usability today, as a report on the tables would ask it.
const GROUP_BY: &str = "EXPLAIN (ANALYZE, TIMING OFF) \
    SELECT substr(r.code, 1, 4), l.item, sum(b.quantity), \
    sum(b.quantity) FILTER (WHERE b.condition = 'good' \
        AND (i.life_kind = 'none' OR l.expires_on IS NULL OR l.expires_on >= CURRENT_DATE)), \
    min(l.expires_on) FILTER (WHERE b.condition = 'good' AND l.expires_on >= CURRENT_DATE) \
    FROM balance b JOIN lot l ON l.id = b.lot_id JOIN item i ON i.code = l.item \
    JOIN depot d ON d.code = b.depot JOIN region r ON r.code = d.region \
    WHERE b.place = 'depot' GROUP BY 1, 2";

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn against_group_by(cluster: &Cluster, url: &str, client: &Client) {
    let run = |sql: &str| cluster.tool("psql", &["--no-psqlrc", "-qAt", "-c", sql, url]);
    run("VACUUM ANALYZE");
    let times = (0..5).map(|_| {
        let said = run(GROUP_BY);
        let line = said.lines().find_map(|line| line.strip_prefix("Execution Time: "));
        line.and_then(|line| line.split(' ').next()?.parse().ok()).expect("a time")
    });
    let grouped = middle(times.collect());
    println!("  GROUP BY city and item on PostgreSQL: {grouped:.0} ms (middle of 5)");
    for path in [
        "/v1/stock?region=37&group_by=region&tier=city",
        "/v1/gaps?region=37&tier=city",
        "/v1/summaries?region=37&tier=city&owner_tier=city",
    ] {
        let times = (0..101).map(|_| {
            let began = Instant::now();
            assert_eq!(client.get(path).status, 200);
            began.elapsed().as_secs_f64() * 1e3
        });
        let asked = middle(times.collect());
        println!("  {path} over HTTP: {asked:.2} ms, {:.0} x faster", grouped / asked);
    }
}

fn measure(cluster: &Cluster, asked: &[Question], size: Size, permit: Option<&str>) {
    let url = cluster.fresh_database();
    migrate(&address(&url)).expect("migrations run");
    let book = Book::open(&address(&url)).expect("the book opens");
    let began = Instant::now();
    let (planner, admin) = block_on(province::lay(&book, size));
    book.close();
    drop(book);
    println!("  {} balances booked in {:.0} s", size.balances(), began.elapsed().as_secs_f64());
    rest(permit);
    let began = Instant::now();
    let server = Server::start(&url);
    let (now, peak) = server.memory_kib();
    let each = |kib: u64| kib as f64 * 1_024.0 / size.balances() as f64;
    println!(
        "  ready after {:.2} s; {:.0} bytes of memory a balance ({now} KiB), {:.0} at most",
        began.elapsed().as_secs_f64(),
        each(now),
        each(peak),
    );
    against_group_by(cluster, &url, &Client::new(&server.base, &planner));
    for question in asked.iter().enumerate() {
        rest(permit);
        ask_under_load(&server, (&planner, &admin), question, size);
    }
    let (now, _) = server.memory_kib();
    println!("  afterwards {:.0} bytes a balance", each(now));
    assert!(server.stop().success());
}

/// Regions of a nation by SQL: 31 provinces, 341 cities, 3,069 counties, 42,966 townships, and
/// villages to make 665,276.
const NATION: &str = "
    INSERT INTO region (code, name, tier, type, parent, location_source, rev)
    SELECT code || repeat('0', 12 - length(code)), 'R' || code,
        CASE length(code) WHEN 2 THEN 'province' WHEN 4 THEN 'city' WHEN 6 THEN 'county'
            WHEN 9 THEN 'township' ELSE 'village' END, 'administrative',
        CASE length(code) WHEN 2 THEN NULL WHEN 12 THEN left(code, 9) || '000'
            WHEN 9 THEN left(code, 6) || '000000'
            ELSE left(code, length(code) - 2) || repeat('0', 14 - length(code)) END, 'seat', 1
    FROM (
        SELECT (10 + p)::text AS code FROM generate_series(1, 31) p
        UNION ALL SELECT format('%s%s', 10 + p, lpad(c::text, 2, '0'))
            FROM generate_series(1, 31) p, generate_series(1, 11) c
        UNION ALL SELECT format('%s%s%s', 10 + p, lpad(c::text, 2, '0'), lpad(k::text, 2, '0'))
            FROM generate_series(1, 31) p, generate_series(1, 11) c, generate_series(1, 9) k
        UNION ALL SELECT format('%s%s%s%s', 10 + p, lpad(c::text, 2, '0'), lpad(k::text, 2, '0'),
            100 + t) FROM generate_series(1, 31) p, generate_series(1, 11) c,
            generate_series(1, 9) k, generate_series(1, 14) t
        UNION ALL (SELECT format('%s%s%s%s%s', 10 + p, lpad(c::text, 2, '0'),
            lpad(k::text, 2, '0'), 100 + t, 200 + v) FROM generate_series(1, 15) v,
            generate_series(1, 31) p, generate_series(1, 11) c, generate_series(1, 9) k,
            generate_series(1, 14) t LIMIT 618869)
    ) AS made";

fn nation(cluster: &Cluster) {
    let url = cluster.fresh_database();
    migrate(&address(&url)).expect("migrations run");
    for sql in [NATION, "UPDATE head SET reference_rev = 1", "ANALYZE region"] {
        cluster.tool("psql", &["--no-psqlrc", "-qAt", "-c", sql, &url]);
    }
    let book = Book::open(&address(&url)).expect("the book opens");
    let planner = block_on(async {
        let mut records = vec![Record::Organization(world::organization("O-37", "37"))];
        records.push(Record::Item(world::item("ITEM-000", "件", None, world::advisory(96))));
        records.push(province::quota(1, "37", 0, 1_000));
        records.extend((0..100).map(|n| {
            let (name, place) = (province::depot_code(n), province::nation_place(n));
            Record::Depot(world::depot(&name, &place, "O-37", DepotStatus::Active))
        }));
        book.amend(plain_amendment(records)).await.expect("they fit");
        province::key(&book, Role::Planner).await
    });
    let regions = book.snapshot().reference.regions.len();
    book.close();
    drop(book);
    let began = Instant::now();
    let server = Server::start(&url);
    let (now, peak) = server.memory_kib();
    let ready = began.elapsed().as_secs_f64();
    println!("A nation of {regions} regions: ready after {ready:.2} s, {now} KiB ({peak} at most)");
    let client = Client::new(&server.base, &planner);
    for path in ["/v1/gaps?region=37", "/v1/gaps?region=37&tier=village", "/v1/summaries?region=37"]
    {
        let times = (0..21).map(|_| {
            let began = Instant::now();
            assert_eq!(client.get(path).status, 200);
            began.elapsed().as_secs_f64() * 1e3
        });
        println!("  {path}: {:.2} ms (middle of 21)", middle(times.collect()));
    }
    assert!(server.stop().success());
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let part = words.iter().find_map(|word| word.parse().ok()).unwrap_or(1);
    let permit = words.iter().find_map(|word| word.strip_prefix("while="));
    let only = |part: &str| words.iter().any(|word| word == part);
    let Some(cluster) = Cluster::start(Durability::Full) else {
        return;
    };
    cluster.run_sql("ALTER SYSTEM SET max_wal_size = '4GB'");
    cluster.run_sql("SELECT pg_reload_conf()");
    println!("PostgreSQL, fdatasync {:?}; 1/{part} of a province", fdatasync());
    if !only("nation") {
        measure(&cluster, &questions(only), Size(part), permit);
    }
    if !only("province") {
        rest(permit);
        nation(&cluster);
    }
    println!("fdatasync afterwards {:?}", fdatasync());
}
