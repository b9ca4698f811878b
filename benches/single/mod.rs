//! The other side: one transaction per movement, without HTTP, rules or hashes.
//!
//! Lives here: pgbench's script and a lone SQLite writer. Does not live here: the service.
//! Invariant: the same rows into the same tables with the same indexes as the service writes, and
//! the disk is waited for.

use std::io::Write;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use changping::domain::calendar;
use changping::domain::movement::{
    Account, Condition, Inside, Line, Movement, MovementType, Outside, Paper, Place,
};
use changping::service::book::{Book, now};
use changping::store::append::{Batch, NewEntry, append};
use changping::store::head;
use changping::store::stock::BalanceAfter;
use uuid::Uuid;

use crate::ground::{DEPOTS, ITEMS, depot_code, item_code};
use crate::support::Cluster;
use crate::support::world::{address, code};

const CLIENTS: [u32; 7] = [1, 4, 8, 16, 32, 64, 128];

/// No lock of the head, no look-up of receipts or documents: less than the service does.
const SCRIPT: &str = "\\set depot random(0, 1999)
\\set lot random(0, 9)
BEGIN;
INSERT INTO entry (seq, id, kind, type, occurred_at, recorded_at, principal, recorded_by,
    organization, document_no, document_key, handled_by, hash, key, request_hash)
VALUES (nextval('bench'), gen_random_uuid()::text, 'movement', 'issue',
    extract(epoch from now())::bigint * 1000000, extract(epoch from now())::bigint * 1000000,
    '0192a4c0-7c1e-7b00-8000-000000000001', 'bench', 'LS-YJ',
    '临应急发〔2026〕' || currval('bench') || '号', '临应急发[2026]' || currval('bench') || '号',
    '值班员', sha256(int8send(currval('bench'))), 'b-' || currval('bench'),
    sha256(int8send(currval('bench'))));
INSERT INTO line (seq, line_no, request_line, lot_id, quantity, from_place, from_depot,
    from_owner, from_condition, to_place, occurred_at)
VALUES (currval('bench'), 1, 1, :lot + 1, 1, 'depot', 'D' || lpad(:depot::text, 5, '0'), 'LS-YJ',
    'good', 'consumed', extract(epoch from now())::bigint * 1000000);
UPDATE balance SET quantity = quantity - 1,
    last_occurred_at = extract(epoch from now())::bigint * 1000000
WHERE depot = 'D' || lpad(:depot::text, 5, '0') AND owner = 'LS-YJ' AND place = 'depot'
    AND condition = 'good' AND lot_id = :lot + 1;
COMMIT;
";

/// Transactions a second at the best client count, and a lone client's mean latency in ms.
pub fn pgbench(cluster: &Cluster, url: &str, time: Duration) -> (f64, f64) {
    crate::support::sql::run(url, "CREATE SEQUENCE bench START 1000000 CACHE 1");
    let mut script = tempfile::NamedTempFile::new().expect("a file");
    script.write_all(SCRIPT.as_bytes()).expect("a script");
    let (mut best, mut lone_ms) = (0.0, 0.0);
    for clients in CLIENTS {
        let output = Command::new(cluster.program("pgbench"))
            .args(["-n", "-M", "prepared", "-j", "2", "-c", &clients.to_string()])
            .args(["-T", &time.as_secs().to_string(), "-f"])
            .arg(script.path())
            .arg(url)
            .output()
            .expect("pgbench runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let rate = figure(&said, "tps = ");
        let latency = figure(&said, "latency average = ");
        println!("  pgbench, {clients:3} clients: {rate:7.0} transactions/s; mean {latency:.2} ms");
        best = f64::max(best, rate);
        if clients == 1 {
            lone_ms = latency;
        }
    }
    (best, lone_ms)
}

fn figure(text: &str, name: &str) -> f64 {
    let rest = text.split(name).nth(1).unwrap_or_default();
    rest.split([' ', '\n']).next().and_then(|number| number.parse().ok()).expect(name)
}

/// Movements a second of one writer, and its mean latency in ms.
pub fn sqlite(url: &str, time: Duration) -> (f64, f64) {
    let copy = format!("{url}-single");
    let path = |url: &str| url.trim_start_matches("sqlite://").to_string();
    std::fs::copy(path(url), path(&copy)).expect("a copy");
    let position = {
        let book = Book::open(&address(&copy)).expect("the book opens");
        let position = book.snapshot();
        book.close();
        position
    };
    let mut db = address(&copy).connect_writer().expect("a connection");
    let mut from = head::end(&mut db).expect("an end");
    let began = Instant::now();
    let mut written = 0_u32;
    while began.elapsed() < time {
        let n = (written as usize).wrapping_mul(0x9e37_79b9) >> 4;
        let mut to = from;
        to.head.seq += 1;
        let entry = entry(&position, to.head.seq, n);
        let line = &entry.movement.lines[0];
        let Account::Inside(account) = &line.from else { panic!("an issue") };
        let balance = BalanceAfter {
            account: account.clone(),
            lot_id: line.lot.id,
            quantity: i64::from(written) + 1,
            last_occurred_at: entry.movement.occurred_at,
            is_new: false,
        };
        head::lock(&mut db).expect("a lock");
        let (entries, balances) = (&[entry], &[balance]);
        let (new_lots, kept) = Default::default();
        let batch = Batch { entries, new_lots, balances, kept, from: &from, to: &to };
        append(&mut db, batch).expect("it is written");
        db.commit().expect("it is on disk");
        from = to;
        written += 1;
    }
    let took = began.elapsed().as_secs_f64();
    let rate = f64::from(written) / took;
    println!("  one transaction per movement, one writer: {rate:.0}/s; mean {:.2} ms", 1e3 / rate);
    (rate, 1e3 / rate)
}

fn entry(position: &changping::domain::position::Position, seq: i64, n: usize) -> NewEntry {
    let at: calendar::Instant = now();
    let lot = position.lot(u32::try_from(n % ITEMS).unwrap()).unwrap();
    assert_eq!(lot.key.item.as_str(), item_code(n % ITEMS));
    let from = Inside {
        place: Place::Depot,
        depot: code(&depot_code(n % DEPOTS)),
        owner: code("LS-YJ"),
        condition: Condition::Good,
    };
    let line = Line {
        line_no: 1,
        request_line: 1,
        lot: Arc::clone(lot),
        from: Account::Inside(from),
        to: Account::Outside(Outside::Consumed),
        quantity: 1,
    };
    let paper = Paper {
        document_no: Some(format!("临应急发〔2026〕{seq}号")),
        handled_by: Some("值班员".to_string()),
        ..Paper::default()
    };
    let movement = Movement {
        id: Uuid::now_v7(),
        seq,
        kind: MovementType::Issue,
        occurred_at: at,
        recorded_at: at,
        principal: Uuid::nil(),
        recorded_by: "bench".to_string(),
        organization: code("LS-YJ"),
        paper,
        reversal_of: None,
        lines: vec![line],
        hash: [7; 32],
    };
    NewEntry { movement: Arc::new(movement), key: format!("b-{seq}"), request_hash: [7; 32] }
}
