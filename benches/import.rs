//! Bulk import beside `COPY` of the very same rows: `cargo bench --bench import`.
//!
//! On a private PostgreSQL cluster with `fsync` on. Prints lines a second of `changping import
//! movements` (the whole run, its check, its booking), of `COPY … FROM` into the same tables with
//! the same indexes and constraints, one transaction a table, and their ratio. Judges nothing.
//! `LINES` asks for another number of lines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "a bench that cannot run says so by panicking, and prints its figures"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use changping::domain::catalogue::{Code, FunctionClass, Item, ItemStatus, Life, LifeKind};
use changping::domain::depot::{Depot, DepotKind, DepotStatus, Organization, OrganizationKind};
use changping::domain::reference::Record;
use changping::domain::region::{LocationSource, Point, Region, RegionCode};
use changping::service::book::{Book, plain_amendment};
use changping::store::connection::DatabaseUrl;
use changping::store::migrate::migrate;
use support::{Cluster, Durability};
use tempfile::TempDir;

const LINES: usize = 200_000;
const LINES_PER_DOCUMENT: usize = 20;
const DEPOTS: usize = 4_000;
const ITEMS: usize = 200;
/// The tables that an import fills, parents first.
const TABLES: [&str; 5] = ["lot", "entry", "line", "balance", "receipt"];

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

const POINT: Point = Point { lon_e6: 118_350_000, lat_e6: 35_100_000 };

fn region(text: &str) -> Record {
    let code = RegionCode::parse(text).unwrap();
    Record::Region(Region {
        code,
        name: text.to_string(),
        name_en: None,
        tier: code.tier(),
        functional_zone: false,
        parent: code.parent(),
        population: None,
        population_source: None,
        planned_displaced: None,
        location: Some(POINT),
        location_source: LocationSource::Seat,
        area_ha: None,
        mountain: None,
        valid_from: None,
        valid_to: None,
        replaced_by: None,
    })
}

fn depot(n: usize) -> Record {
    Record::Depot(Depot {
        code: code(&format!("D-{n:04}")),
        name: format!("库{n}"),
        kind: DepotKind::Warehouse,
        region: RegionCode::parse("3713").unwrap(),
        organization: code("LY-YJ"),
        custodian: None,
        location: POINT,
        location_source: LocationSource::Surveyed,
        readiness_min: None,
        area_m2: None,
        volume_m3: None,
        trucks: None,
        truck_payload_kg: None,
        status: DepotStatus::Active,
    })
}

fn item(n: usize) -> Record {
    Record::Item(Item {
        code: code(&format!("I-{n:03}")),
        name: format!("物资{n}"),
        name_en: format!("item {n}"),
        spec: String::new(),
        unit: "件".to_string(),
        unit_en: None,
        packs: Vec::new(),
        function_class: FunctionClass::Living,
        hazard_domains: Vec::new(),
        priority: None,
        provision: None,
        life: Life {
            kind: LifeKind::Advisory,
            months: Some(96),
            lead_days: Some(180),
            ..Life::NONE
        },
        weight_g: 1,
        volume_ml: 1,
        external_codes: Vec::new(),
        status: ItemStatus::Active,
    })
}

fn world() -> Vec<Record> {
    let mut records = vec![region("37"), region("3713")];
    records.push(Record::Organization(Organization {
        code: code("LY-YJ"),
        name: "应急管理局".to_string(),
        region: RegionCode::parse("3713").unwrap(),
        kind: OrganizationKind::Government,
        credit_code: None,
    }));
    records.extend((0..ITEMS).map(item));
    records.extend((0..DEPOTS).map(depot));
    records
}

/// Opening stock and receipts, one depot a document; of ten lines three bring a lot of their own.
fn write_file(path: &Path, lines: usize) {
    let mut out = BufWriter::new(File::create(path).unwrap());
    let head = "type,occurred_at,document_no,to,item,quantity,lot_no,produced_on,unit_price_fen";
    writeln!(out, "{head}").unwrap();
    for n in 0..lines {
        let document = n / LINES_PER_DOCUMENT;
        let item = n.wrapping_mul(7) % ITEMS;
        let lot = if n % 10 < 3 { n } else { n % 50 };
        writeln!(
            out,
            "receipt_purchase,2024-05-{:02}T09:30:00+08:00,临应急采〔2024〕{document}号,D-{:04},\
             I-{item:03},{},B{lot},2023-{:02}-01,{}",
            1 + document * 28 / (lines / LINES_PER_DOCUMENT + 1),
            document % DEPOTS,
            1 + n % 900,
            1 + lot % 12,
            100 + lot % 10,
        )
        .unwrap();
    }
    out.flush().unwrap();
}

fn fdatasync() -> Duration {
    let folder = TempDir::new().unwrap();
    let mut file = File::create(folder.path().join("probe")).unwrap();
    let mut times: Vec<Duration> = (0..100)
        .map(|_| {
            file.write_all(&[7; 4_096]).unwrap();
            let began = Instant::now();
            file.sync_data().unwrap();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn settle(url: &str) {
    let url = DatabaseUrl::parse(url, false).unwrap();
    migrate(&url).unwrap();
    let book = Book::open(&url).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(book.amend(plain_amendment(world()))).unwrap();
    book.close();
}

/// The whole run, and the part of it after the file was found fit.
fn import(url: &str, file: &Path) -> (Duration, Duration) {
    let began = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_changping"))
        .args(["--database-url", url, "--log", "off", "--language", "en", "import", "movements"])
        .arg(file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut checked = None;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        checked = checked.or(line.starts_with("to book").then(|| began.elapsed()));
        println!("  {line}");
    }
    assert!(child.wait().unwrap().success(), "the import failed");
    let whole = began.elapsed();
    (whole, whole - checked.expect("a checked file"))
}

/// Runs statements with psql; what it printed.
fn psql(url: &str, statements: &str) -> String {
    let plain = url.split('?').next().unwrap();
    let output = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
        .args(["--set=ON_ERROR_STOP=1", "--command", statements, plain])
        .output()
        .expect("psql is on the PATH");
    assert!(output.status.success(), "{statements}: {output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

/// Copies the rows of one database into the tables of another, and says how long that took.
fn copy(from: &str, to: &str, folder: &Path) -> Duration {
    let mut took = Duration::ZERO;
    for table in TABLES {
        let file = folder.join(table);
        let file = file.display();
        psql(from, &format!("\\copy {table} TO '{file}' (FORMAT binary)"));
        let began = Instant::now();
        psql(to, &format!("\\copy {table} FROM '{file}' (FORMAT binary)"));
        let each = began.elapsed();
        let rows = psql(to, &format!("SELECT count(*) FROM {table}"));
        println!("  {table}: {rows} rows in {:.2} s", each.as_secs_f64());
        took += each;
    }
    took
}

fn main() {
    let lines = std::env::var("LINES").ok().and_then(|text| text.parse().ok()).unwrap_or(LINES);
    let Some(cluster) = Cluster::start(Durability::Full) else {
        return;
    };
    println!("fdatasync of 4 KiB: {:.3} ms (middle of 100)", fdatasync().as_secs_f64() * 1e3);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("movements.csv");
    write_file(&file, lines);
    let bytes = std::fs::metadata(&file).unwrap().len();
    println!("{lines} lines, {LINES_PER_DOCUMENT} a document, {} MiB", bytes >> 20);
    let (imported, copied) = (cluster.fresh_database(), cluster.fresh_database());
    settle(&imported);
    settle(&copied);
    let (whole, booking) = import(&imported, &file);
    let copy = copy(&imported, &copied, folder.path());
    let rate = |took: Duration| lines as f64 / took.as_secs_f64();
    println!("import: {:.0} lines/s ({:.2} s)", rate(whole), whole.as_secs_f64());
    println!("  check: {:.0} lines/s", rate(whole - booking));
    println!("  booking: {:.0} lines/s", rate(booking));
    println!("COPY: {:.0} lines/s ({:.2} s)", rate(copy), copy.as_secs_f64());
    let ratio = |took: Duration| copy.as_secs_f64() / took.as_secs_f64();
    println!("ratio: {:.2} whole, {:.2} booking", ratio(whole), ratio(booking));
}
