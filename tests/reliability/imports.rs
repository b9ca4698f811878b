//! A long import killed again and again, and one beside a serving process.
//!
//! Files over HTTP are in `tests/http/imports.rs`. Invariant: however often an import is started,
//! every document is booked exactly once, in the order of the file.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::crowd::{MOVEMENTS, all_movements};
use crate::support::desk::assert_sound;
use crate::support::forms::{OCCURRED_AT, issue, numbered, receipt};
use crate::support::world::{CITY_DEPOT, DEPOT_A, settle};
use crate::support::{Client, Database, Server, changping, on_both, sql};
use crate::turn::{Turn, pause};

/// A table of so many documents of five rows: each receives, every third hands out what came last.
fn table(documents: usize) -> String {
    let mut text = "type,occurred_at,document_no,from,to,item,quantity,lot_no\n".to_string();
    for n in 0..documents {
        for row in 0..5 {
            let (kind, from, to) = if n % 3 == 2 {
                ("issue", CITY_DEPOT, "")
            } else {
                ("receipt_purchase", "", CITY_DEPOT)
            };
            let lot = if n % 3 == 2 { String::new() } else { format!("B{}", n % 40) };
            text += &format!("{kind},{OCCURRED_AT},D-{n},{from},{to},TENT,{},{lot}\n", row + 1);
        }
    }
    text
}

struct File {
    _folder: TempDir,
    path: PathBuf,
}

impl File {
    fn of(text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("movements.csv");
        std::fs::write(&path, text).unwrap();
        Self { _folder: folder, path }
    }

    fn import(&self, url: &str) -> Output {
        changping(url, &["import", "movements", text(&self.path)])
    }

    /// An import under way, whose output nobody reads.
    fn start(&self, url: &str) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_changping"));
        command.args(["--database-url", url, "--log", "off"]);
        command.args(["import", "movements", text(&self.path)]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program runs")
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn said(output: &Output) -> String {
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said += &String::from_utf8_lossy(&output.stderr);
    said
}

#[track_caller]
fn assert_refused(output: &Output, words: &[&str]) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for word in words {
        assert!(said.contains(word), "no `{word}` in\n{said}");
    }
}

#[track_caller]
fn assert_done(output: &Output, words: &[&str]) {
    let said = said(output);
    assert!(output.status.success(), "{said}");
    for word in words {
        assert!(said.contains(word), "no `{word}` in\n{said}");
    }
}

/// What is booked, by document number, in the order of the book.
fn booked(url: &str, key: &str) -> Vec<(String, usize)> {
    let server = Server::start(url);
    let client = Client::new(&server.base, key);
    let by_seq: BTreeMap<i64, Value> = all_movements(&client)
        .into_values()
        .map(|movement| (movement["seq"].as_i64().unwrap(), movement))
        .collect();
    let asked = |movement: &Value| {
        let lines = movement["lines"].as_array().unwrap();
        lines.iter().filter_map(|line| line["request_line"].as_u64()).max().unwrap_or_default()
    };
    let number = |movement: &Value| movement["document_no"].as_str().unwrap_or("").to_string();
    by_seq.values().map(|one| (number(one), asked(one) as usize)).collect()
}

fn kill_again_and_again(database: &Database, turn: &Turn, documents: usize) {
    let keys = settle(&database.url);
    let (file, documents) = kill_inside(&database.url, documents);
    let mut dice = turn.dice();
    let (mut kills, mut ended, mut progress) = (1, false, vec![entries(&database.url)]);
    // Of the later kills one in three comes at any moment, the check included, the others while it
    // books.
    while kills < turn.rounds && !ended {
        let mut child = file.start(&database.url);
        let before = progress.last().copied().unwrap_or_default();
        let while_booking = dice.below(3) > 0;
        let most = if while_booking { 300 } else { 1_500 };
        let patience = Duration::from_millis(dice.below(most));
        let mut due = Instant::now() + patience;
        while Instant::now() < due && !ended {
            ended = child.try_wait().unwrap().is_some();
            if while_booking && entries(&database.url) == before {
                due = Instant::now() + patience;
            }
            pause(5);
        }
        child.kill().unwrap();
        let status = child.wait().unwrap();
        assert!(!ended || status.success(), "an undisturbed run failed: {status}");
        kills += u32::from(!ended);
        assert_sound(&database.url);
        progress.push(entries(&database.url));
    }
    assert!(progress.is_sorted(), "{progress:?}");
    let inside = progress.iter().filter(|seq| (1..documents as i64).contains(*seq)).count();
    assert!(inside > 0, "no kill hit the booking: {progress:?}");
    assert_done(&file.import(&database.url), &["booked"]);
    let nothing = format!("already booked: {documents}, of which by other means: 0");
    assert_done(&file.import(&database.url), &["to book: 0 movements", &nothing]);
    assert_sound(&database.url);
    let wanted: Vec<(String, usize)> = (0..documents).map(|n| (format!("D-{n}"), 5)).collect();
    assert_eq!(booked(&database.url, keys.of("clerk")), wanted);
    progress.truncate(20);
    turn.say(&format!("{kills} kills, {inside} with the file half booked; {progress:?} entries"));
}

/// Kills an import as soon as something is booked, with a file twice as long each time that it was
/// done by then; the file that was hit, and how many documents it has.
fn kill_inside(url: &str, mut documents: usize) -> (File, usize) {
    loop {
        let before = entries(url);
        let file = File::of(&table(documents));
        let mut child = file.start(url);
        while entries(url) == before && child.try_wait().unwrap().is_none() {}
        child.kill().unwrap();
        child.wait().unwrap();
        if entries(url) < documents as i64 {
            return (file, documents);
        }
        documents *= 2;
    }
}

fn entries(url: &str) -> i64 {
    sql::number(url, "SELECT MAX(seq) FROM head")
}

#[test]
fn an_import_killed_again_and_again_books_everything_once_on_sqlite() {
    let turn = Turn::take("kills of an import on SQLite", 5, 100);
    kill_again_and_again(&Database::sqlite(), &turn, 2_000 * turn.rounds as usize / 5);
}

#[test]
fn an_import_killed_again_and_again_books_everything_once_on_postgresql() {
    if let Some(database) = Database::postgres() {
        let turn = Turn::take("kills of an import on PostgreSQL", 5, 100);
        kill_again_and_again(&database, &turn, 2_000 * turn.rounds as usize / 5);
    }
}

#[test]
fn a_serving_process_gets_its_turn_beside_an_import() {
    let turn = Turn::take("a serving process beside an import", 1, 5);
    on_both(|database| {
        let keys = settle(&database.url);
        let server = Server::start(&database.url);
        let client = Client::new(&server.base, keys.of("clerk"));
        let documents = 6_000 * turn.rounds as usize;
        let file = File::of(&table(documents));
        let mut import = file.start(&database.url);
        let (mut waits, mut during) = (Vec::new(), 0);
        let status = loop {
            let ended = import.try_wait().unwrap();
            let before = entries(&database.url);
            let began = Instant::now();
            let key = format!("k{}", waits.len());
            client.post(MOVEMENTS, &key, &receipt(DEPOT_A, "TENT", 1)).expect(201);
            waits.push(began.elapsed());
            let after = entries(&database.url);
            during += usize::from(before > 0 && after < documents as i64);
            if let Some(status) = ended {
                break status;
            }
            pause(20);
        };
        assert!(status.success(), "{status}");
        assert!(during > 2, "only {during} posts while the import booked");
        waits.sort();
        let (middle, most) = (waits[waits.len() / 2], waits[waits.len() - 1]);
        assert!(most < Duration::from_millis(2_500), "one waited {most:?}");
        let held = all_movements(&client).len();
        assert_eq!(held, documents + waits.len());
        drop(server);
        assert_sound(&database.url);
        let engine = database.engine;
        turn.say(&format!(
            "{engine}: {documents} documents, {} posts beside them, {during} of them during the \
             booking; waited {middle:?} (middle), {most:?} (most)",
            waits.len()
        ));
    });
}

#[test]
fn a_faulty_file_is_told_line_by_line_and_not_booked() {
    let _turn = Turn::take("faulty files", 1, 1);
    on_both(|database| {
        let keys = settle(&database.url);
        let url = &database.url;
        // Ten thousand lines later the book still knows what the file brought and took in June.
        let june = [
            "receipt_purchase,2024-06-01T12:00:00+08:00,J-1,,LS-01,TENT,4,",
            "issue,2024-06-05T12:00:00+08:00,J-2,LS-01,,TENT,3,",
            "receipt_purchase,2024-06-09T12:00:00+08:00,J-3,,LS-01,TENT,9,",
        ];
        let mut rows = table(2_000).replacen('\n', &format!("\n{}\n", june.join("\n")), 1);
        rows += "issue,2024-06-03T12:00:00+08:00,J-4,LS-01,,TENT,2,\n";
        rows += "issue,,X-1,LY-CITY-01,,TENT,99999999,\n";
        rows += "receipt_purchase,,X-2,,NOWHERE,TENT,1,\n";
        rows += "receipt_purchase,,,,LY-CITY-01,TENT,1,\n";
        rows += "receipt_purchase,,D-0,,LY-CITY-01,TENT,1,\n";
        rows += "receipt_purchase,,X-3,,LY-CITY-01,TENT,0,\n";
        rows += "receipt_purchase,,X-4,,LY-CITY-01,TENT,1,\n";
        let told = [
            "line 10005: quantity negative_history",
            "line 10006: quantity insufficient_stock",
            "line 10007: to unknown_reference",
            "line 10008: document_no is missing",
            "line 10009: document_no is a duplicate",
            "line 10010: quantity is out of range",
            "line 5 has the same",
            "6 faults; nothing was written",
        ];
        let wrong = File::of(&rows);
        assert_refused(&wrong.import(url), &told);
        assert_eq!(entries(url), 0);
        let dry = ["import", "movements", text(&wrong.path), "--dry-run"];
        assert_refused(&changping(url, &dry), &told);
        // More faults than are shown are counted.
        let many = "type,item,to,quantity\n".to_string() + &"opening,TENT,D,x\n".repeat(150);
        let reply = File::of(&many).import(url);
        assert_refused(&reply, &["line 2: quantity", "line 101: quantity", "and 50 more"]);
        assert!(!said(&reply).contains("line 102:"));
        assert_refused(&File::of("type,item\n").import(url), &["quantity is missing"]);
        assert_refused(&File::of("\n").import(url), &["a header row"]);
        let fine = File::of(&table(30));
        let dry = ["import", "movements", text(&fine.path), "--dry-run"];
        assert_done(
            &changping(url, &dry),
            &["to book: 30 movements, 150 lines", "nothing written"],
        );
        assert_eq!((entries(url), booked(url, keys.of("clerk")).len()), (0, 0));
    });
}

#[test]
fn what_is_booked_is_skipped_and_what_differs_is_told() {
    let _turn = Turn::take("imports resumed by document number", 1, 1);
    on_both(|database| {
        let keys = settle(&database.url);
        let url = &database.url;
        let server = Server::start(url);
        let clerk = Client::new(&server.base, keys.of("clerk"));
        // Booked by a clerk, and written otherwise in the file.
        let by_hand = numbered(receipt(CITY_DEPOT, "TENT", 9), "入库〔2024〕1号");
        clerk.post(MOVEMENTS, "k", &by_hand).expect(201);
        let head = "type,occurred_at,document_no,to,item,quantity\n";
        let row = |number: &str, quantity: i64| {
            format!("receipt_purchase,{OCCURRED_AT},{number},LY-CITY-01,TENT,{quantity}\n")
        };
        let first = row("入库[2024]1号", 9) + &row("A-2", 2);
        assert_done(
            &File::of(&(head.to_string() + &first)).import(url),
            &["booked: 1 movements, 1 lines", "other means: 1"],
        );
        // The same values in the other form, and one document more.
        let line = json!([{"to": CITY_DEPOT, "item": "TENT", "quantity": 2, "condition": "good"}]);
        let document = json!({"type": "receipt_purchase", "document_no": "A-2", "lines": line,
            "occurred_at": "2024-05-01T01:30:00Z"});
        let more = numbered(issue(CITY_DEPOT, "TENT", 11), "A-3");
        let mut stdin = Command::new(env!("CARGO_BIN_EXE_changping"));
        stdin.args(["--database-url", url, "--log", "error", "import", "movements", "-"]);
        stdin.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = stdin.spawn().unwrap();
        let text = format!("{document}\n{more}\n");
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let words =
            ["booked: 1 movements, 1 lines", "already booked: 1, of which by other means: 0"];
        assert_done(&child.wait_with_output().unwrap(), &words);
        // Another content under an imported number is a conflict, until the first is reversed.
        let changed = File::of(&(head.to_string() + &row("A-2", 3)));
        assert_refused(&changed.import(url), &["line 2: conflict", "nothing was written"]);
        clerk.post(MOVEMENTS, "give", &receipt(CITY_DEPOT, "TENT", 5)).expect(201);
        let listed = clerk.get(&format!("{MOVEMENTS}?document_no=A-2")).expect(200);
        let path = format!("{MOVEMENTS}/{}/reversals", listed["items"][0]["id"].as_str().unwrap());
        clerk.post(&path, "v", &json!({"reason": "x"})).expect(201);
        assert_done(&changed.import(url), &["booked: 1 movements"]);
        assert_done(&changed.import(url), &["to book: 0 movements", "already booked: 1"]);
        drop(server);
        assert_sound(url);
    });
}
