//! How long a start takes with 1,000,000 movements and 4,000,000 lot balances, and how much memory
//! a balance takes: `cargo bench --bench start`.
//!
//! The book is made through the service's own committer, so the first figures are its own pace.
//! Prints, never judges. `-- 10` makes a book of a tenth of the size.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::panic,
    dead_code,
    reason = "a bench that cannot run says so by panicking, and prints its figures"
)]

mod ground;
#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use changping::domain::access::Principal;
use changping::domain::depot::DepotStatus;
use changping::domain::lot::LotDraft;
use changping::domain::movement::{Condition, Draft, DraftLine, MovementType, Paper};
use changping::domain::quantity::Quantity;
use changping::domain::reference::Record;
use changping::service::book::{Book, Order, Outcome, PostRequest, plain_amendment};
use changping::store::migrate::migrate;

use support::pace::fdatasync;
use support::world::{self, COUNTY_A, address, block_on, code};
use support::{Cluster, Database, Durability, Server};

const DEPOTS: usize = 72_000;
const ITEMS: usize = 200;
const MOVEMENTS: usize = 1_000_000;
const LINES: usize = 4;
/// Lots of each item; a lot lies in ten depots.
const LOTS: usize = 2_000;
/// Requests that wait for the committer at once.
const WINDOW: usize = 500;

fn depot(n: usize) -> String {
    format!("D{n:05}")
}

fn item(n: usize) -> String {
    format!("ITEM-{n:03}")
}

async fn lay(book: &Book) {
    let mut records = world::records();
    for n in 0..DEPOTS {
        records.push(Record::Depot(world::depot(
            &depot(n),
            COUNTY_A,
            "LS-YJ",
            DepotStatus::Active,
        )));
    }
    for n in 0..ITEMS {
        let life = world::advisory(96);
        records.push(Record::Item(world::item(&item(n), "件", None, life)));
    }
    book.amend(plain_amendment(records)).await.expect("they fit");
}

/// The n-th line of all: its depot, item and lot follow from n, none twice.
fn line(n: usize) -> DraftLine {
    let (depot_no, shelf) = (n % DEPOTS, n / DEPOTS);
    let item_no = (shelf * 37 + depot_no) % ITEMS;
    let lot_no = (shelf * DEPOTS + depot_no) / 10 % LOTS;
    DraftLine {
        from: None,
        to: Some(code(&depot(depot_no))),
        item: code(&item(item_no)),
        owner: None,
        condition: Condition::Good,
        to_owner: None,
        to_condition: None,
        quantity: Quantity::new(100).expect("a quantity"),
        unit: None,
        lot: Some(LotDraft {
            lot_no: Some(format!("B{lot_no:05}")),
            manufacturer: Some("山东某纺织有限公司".to_string()),
            produced_on: chrono::NaiveDate::from_ymd_opt(2025, 3, 1),
            ..LotDraft::default()
        }),
    }
}

async fn fill(book: &Book, movements: usize) {
    let began = Instant::now();
    for start in (0..movements).step_by(WINDOW) {
        let posts: Vec<_> = (start..movements.min(start + WINDOW))
            .map(|n| {
                let draft = Draft {
                    kind: MovementType::Opening,
                    occurred_at: None,
                    paper: Paper {
                        document_no: Some(format!("鲁应急储〔2026〕{n}号")),
                        ..Paper::default()
                    },
                    repeat_of_document: false,
                    lines: (n * LINES..(n + 1) * LINES).map(line).collect(),
                };
                let (book, request) = (book.clone(), request(n, draft));
                tokio::spawn(async move { book.post(request).await })
            })
            .collect();
        for post in posts {
            let outcome = post.await.expect("a task");
            assert!(matches!(outcome, Ok(Outcome::Booked { .. })), "{outcome:?}");
        }
    }
    let rate = (movements * LINES) as f64 / began.elapsed().as_secs_f64();
    println!("  {movements} movements booked, {rate:.0} lines/s");
}

fn request(n: usize, draft: Draft) -> PostRequest {
    PostRequest {
        principal: Principal::operator("bench"),
        credential: None,
        key: format!("start-{n}"),
        request_hash: [0; 32],
        order: Order::Record(draft),
        render: Box::new(|refusal| (409, format!("{refusal:?}"))),
        stamp: None,
    }
}

fn measure(url: &str, movements: usize) {
    migrate(&address(url)).expect("migrations run");
    let book = Book::open(&address(url)).expect("the book opens");
    block_on(async {
        lay(&book).await;
        fill(&book, movements).await;
    });
    book.close();
    drop(book);
    for round in 1..=3 {
        let began = Instant::now();
        let server = Server::start(url);
        let ready = began.elapsed();
        report(round, ready, &server, movements * LINES);
        assert!(server.stop().success());
    }
}

fn report(round: usize, ready: Duration, server: &Server, balances: usize) {
    let (now, peak) = server.memory_kib();
    let each = |kib: u64| kib as f64 * 1_024.0 / balances as f64;
    println!(
        "  start {round}: ready after {:.2} s; {:.0} bytes of memory a balance ({now} KiB in all), \
         {:.0} at most on the way",
        ready.as_secs_f64(),
        each(now),
        each(peak),
    );
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let part: usize = words.iter().find_map(|word| word.parse().ok()).unwrap_or(1);
    let movements = MOVEMENTS / part;
    let wanted = |engine: &str| {
        let named = |word: &String| word == "sqlite" || word == "postgres";
        !words.iter().any(named) || words.iter().any(|word| word == engine)
    };
    if wanted("postgres")
        && let Some(cluster) = Cluster::start(Durability::Full)
    {
        println!("PostgreSQL, fdatasync {:?}", fdatasync());
        cluster.run_sql("ALTER SYSTEM SET max_wal_size = '4GB'");
        cluster.run_sql("SELECT pg_reload_conf()");
        measure(&cluster.fresh_database(), movements);
    }
    if wanted("sqlite") {
        println!("SQLite, fdatasync {:?}", fdatasync());
        measure(&Database::sqlite().url, movements);
    }
}
