//! Somebody with SQL tampers with the book, anywhere: `changping verify` names the first bad entry.
//!
//! What single forgeries look like is in `tests/store`. Invariant: every column of the ledger's
//! tables is struck, those that the engine has and not those that a list here knows.

use changping::domain::chain::{canonical, genesis, hex, link};
use changping::domain::movement::Movement;
use changping::store::ledger::tail;
use serde_json::{Value, json};

use crate::crowd::MOVEMENTS;
use crate::support::forms::{issue, movement, receipt, with};
use crate::support::sql::{number, run, texts, try_run};
use crate::support::world::{CITY_DEPOT, DEPOT_A, Keys, address, settle};
use crate::support::{Client, Database, Engine, Server, changping, cluster, on_both};
use crate::turn::{Dice, Turn};

const TABLES: [&str; 5] = ["entry", "line", "lot", "balance", "head"];

/// What no hash covers: what a key was asked with, the revision of the reference data; the number
/// of the only row says nothing.
const NOT_CHAINED: [(&str, &str); 4] =
    [("entry", "key"), ("entry", "request_hash"), ("head", "reference_rev"), ("head", "id")];

/// Values that could be, where any other would show at once.
const PLAUSIBLE: [(&str, &str, &str); 11] = [
    ("entry", "id", "'01920000-0000-7000-8000-000000000001'"),
    ("entry", "principal", "'01920000-0000-7000-8000-000000000002'"),
    ("entry", "kind", "'document'"),
    ("entry", "type", "'opening'"),
    ("entry", "organization", "'LZ-YJ'"),
    ("line", "from_place", "'loss'"),
    ("line", "to_place", "'loss'"),
    ("line", "to_condition", "'damaged'"),
    ("line", "from_depot", "'LZ-01'"),
    ("lot", "item", "'TENT'"),
    ("balance", "condition", "'damaged'"),
];

/// A sound book, of which every forgery gets a copy of its own.
struct Book<'a> {
    database: &'a Database,
    keys: Keys,
    copies: u32,
    folder: tempfile::TempDir,
    last: i64,
}

struct Column {
    table: String,
    name: String,
    kind: String,
    nullable: bool,
}

impl<'a> Book<'a> {
    fn new(database: &'a Database) -> Self {
        let keys = settle(&database.url);
        let server = Server::start(&database.url);
        let client = Client::new(&server.base, keys.of("clerk"));
        let mut latest = Value::Null;
        for (n, body) in papers().iter().enumerate() {
            latest = client.post(MOVEMENTS, &format!("k{n}"), body).expect(201);
        }
        let path = format!("{MOVEMENTS}/{}/reversals", latest["id"].as_str().unwrap());
        let reversal = client.post(&path, "r", &json!({"reason": "counted wrong"})).expect(201);
        assert!(server.stop().success());
        let last = reversal["seq"].as_i64().unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { database, keys, copies: 0, folder, last }
    }

    fn is_sqlite(&self) -> bool {
        self.database.engine == Engine::Sqlite
    }

    /// A copy without its guards; on PostgreSQL always the same, its rows put back.
    fn copy(&mut self) -> String {
        self.copies += 1;
        let url = &self.database.url;
        if self.is_sqlite() {
            let copy = self.folder.path().join(format!("copy-{}.db", self.copies));
            std::fs::copy(url.trim_start_matches("sqlite://"), &copy).unwrap();
            return format!("sqlite://{}", copy.display());
        }
        let (server, name) = url.rsplit_once('/').unwrap();
        let copy = format!("{server}/{name}_copy");
        if self.copies == 1 {
            let cluster = cluster().expect("the cluster that the database is in");
            cluster.run_sql(&format!("CREATE DATABASE {name}_copy TEMPLATE {name}"));
            let keep = TABLES.map(|table| format!("CREATE TABLE honest.{table} AS TABLE {table};"));
            run(&copy, &format!("CREATE SCHEMA honest; {}", keep.concat()));
        } else {
            let put = TABLES.map(|table| format!("INSERT INTO {table} TABLE honest.{table};"));
            let lax = "SET session_replication_role = replica;";
            run(&copy, &format!("{lax} TRUNCATE {}; {}", TABLES.join(", "), put.concat()));
        }
        copy
    }

    fn columns(&self) -> Vec<Column> {
        let tables = TABLES.map(|table| format!("'{table}'")).join(", ");
        let query = if self.is_sqlite() {
            format!(
                "SELECT m.name || '|' || c.name || '|' || lower(c.type) || '|' || c.\"notnull\"
                    AS value
                 FROM sqlite_master m JOIN pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND m.name IN ({tables})"
            )
        } else {
            format!(
                "SELECT table_name || '|' || column_name || '|' || data_type || '|' ||
                    CASE is_nullable WHEN 'NO' THEN '1' ELSE '0' END AS value
                 FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name IN ({tables})"
            )
        };
        let columns = texts(&self.database.url, &query).into_iter().map(|row| {
            let cells: Vec<String> = row.split('|').map(str::to_string).collect();
            let [table, name, kind, needed] = cells.try_into().unwrap();
            Column { table, name, kind, nullable: needed == "0" }
        });
        columns.filter(|column| !NOT_CHAINED.contains(&column.named())).collect()
    }

    /// Forges a copy and requires that `verify` names this entry, or none and fails all the same.
    fn forge(&mut self, statements: &str, first: Option<i64>) {
        let url = self.copy();
        let guards = guards_off(&url);
        if let Err(error) = try_run(&url, &format!("{guards}{statements}")) {
            panic!("{statements}: {error}");
        }
        let output = changping(&url, &["verify"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{statements}: verify sees nothing wrong");
        assert_eq!(named(&said), first, "{statements}: {said}");
    }

    /// Where one row of a table is, of those for which `condition` holds.
    fn row(&self, table: &str, condition: &str, dice: &mut Dice) -> Option<String> {
        let parts: &[&str] = match table {
            "entry" => &["seq"],
            "line" => &["seq", "line_no"],
            "balance" => &["depot", "owner", "place", "condition", "lot_id"],
            _ => &["id"],
        };
        let terms: Vec<String> =
            parts.iter().map(|part| format!("'{part} = ''' || {part} || ''''")).collect();
        let key = terms.join(" || ' AND ' || ");
        let query = format!("SELECT {key} AS value FROM {table} WHERE {condition} ORDER BY 1");
        let found = texts(&self.database.url, &query);
        let ix = dice.below(u64::try_from(found.len().max(1)).unwrap());
        found.into_iter().nth(usize::try_from(ix).unwrap())
    }

    /// The entry at which a forged row of a table must show.
    fn first_bad(&self, column: &Column, row: &str) -> Option<i64> {
        let url = &self.database.url;
        match column.table.as_str() {
            "entry" | "line" => {
                Some(number(url, &format!("SELECT MIN(seq) FROM {} WHERE {row}", column.table)))
            }
            "lot" => {
                let lots = format!("SELECT id FROM lot WHERE {row}");
                Some(number(url, &format!("SELECT MIN(seq) FROM line WHERE lot_id IN ({lots})")))
            }
            "head" if column.name == "seq" => Some(self.last + 1),
            "head" if column.name == "hash" => Some(self.last),
            _ => None,
        }
    }

    /// Gives one row another value, of several that it could be given.
    fn strike(&mut self, column: &Column, dice: &mut Dice) -> bool {
        let mut values = column.values(self.is_sqlite());
        let first = dice.below(u64::try_from(values.len()).unwrap());
        values.rotate_left(usize::try_from(first).unwrap());
        for value in values {
            let name = &column.name;
            let differs = if value == "NULL" {
                format!("{name} IS NOT NULL")
            } else {
                format!("({name} IS NULL OR {name} <> {value})")
            };
            let Some(row) = self.row(&column.table, &differs, dice) else { continue };
            let first = self.first_bad(column, &row);
            let table = &column.table;
            self.forge(&format!("UPDATE {table} SET {name} = {value} WHERE {row}"), first);
            return true;
        }
        false
    }
}

impl Column {
    fn named(&self) -> (&str, &str) {
        (&self.table, &self.name)
    }

    /// Expressions for other values of its type.
    fn values(&self, sqlite: bool) -> Vec<String> {
        let name = &self.name;
        let mut values = vec![match self.kind.as_str() {
            "integer" | "bigint" => format!("COALESCE({name}, 0) + 1000"),
            "blob" => "zeroblob(32)".to_string(),
            "bytea" => "decode(repeat('00', 32), 'hex')".to_string(),
            "date" => "DATE '2031-01-01'".to_string(),
            "text" if sqlite && name.ends_with("_on") => "'2031-01-01'".to_string(),
            "text" => format!("COALESCE({name}, '') || 'x'"),
            other => panic!("{}.{name} is {other}", self.table),
        }];
        let plausible =
            PLAUSIBLE.iter().filter(|(table, column, _)| (*table, *column) == self.named());
        values.extend(plausible.map(|(_, _, value)| (*value).to_string()));
        values.extend(self.nullable.then(|| "NULL".to_string()));
        values
    }
}

/// Papers with every field, lots with every attribute, goods that come, move and go.
fn papers() -> Vec<Value> {
    let lot = |n: u32| {
        json!({
            "lot_no": format!("B{n}"), "manufacturer": "Granary", "produced_on": "2023-01-01",
            "expires_on": "2197-01-01", "unit_price_fen": 8_900 + n, "source": "purchase"
        })
    };
    let full = |body: Value, n: u32| {
        let mut body = with(body, "", "document_no", format!("paper-{n}"));
        for field in ["order_no", "counterparty", "handled_by", "checked_by", "approved_by"] {
            body = with(body, "", field, format!("{field}-{n}"));
        }
        with(with(body, "", "reason", "as planned"), "", "note", "none")
    };
    let mut papers = Vec::new();
    for n in 1..=4 {
        let body = with(receipt(CITY_DEPOT, "QUILT", 20), "/lines/0", "lot", lot(n));
        papers.push(full(body, n));
        papers.push(receipt(CITY_DEPOT, "TENT", 5));
    }
    papers.push(full(issue(CITY_DEPOT, "QUILT", 30), 5));
    let moved = json!({"from": CITY_DEPOT, "to": DEPOT_A, "item": "QUILT", "quantity": 30});
    papers.push(movement("relocate", &[moved]));
    papers.push(with(issue(DEPOT_A, "QUILT", 3), "/lines/0", "owner", "LY-YJ"));
    papers.push(full(receipt(DEPOT_A, "TENT", 4), 6));
    papers
}

fn guards_off(url: &str) -> String {
    if url.starts_with("sqlite") {
        let query = "SELECT name AS value FROM sqlite_master WHERE type = 'trigger'";
        let drops = texts(url, query).into_iter().map(|name| format!("DROP TRIGGER {name};"));
        let drops: String = drops.collect();
        return format!("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; {drops}");
    }
    let query = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I;', conrelid::regclass, conname)
            AS value
         FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace";
    let drops: String = texts(url, query).into_iter().collect();
    format!("SET session_replication_role = replica; {drops}")
}

/// What `verify` complains of, given a head noted elsewhere.
fn complaint(url: &str, noted: &str) -> String {
    let output = changping(url, &["verify", "--noted-head", noted]);
    assert!(!output.status.success(), "verify sees nothing wrong");
    String::from_utf8(output.stderr).unwrap()
}

/// The entry that a complaint names.
fn named(said: &str) -> Option<i64> {
    let (number, _) = said.strip_prefix("changping: entry ")?.split_once(':')?;
    number.parse().ok()
}

fn head(url: &str) -> String {
    let output = changping(url, &["verify"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().find_map(|line| line.strip_prefix("head ")).unwrap().to_string()
}

#[test]
fn any_column_tampered_with_is_found_at_its_entry() {
    let turn = Turn::take("tampering with columns", 1, 20);
    on_both(|database| {
        let (mut book, mut dice) = (Book::new(database), turn.dice());
        let columns = book.columns();
        assert!(columns.len() > 40, "only {} columns", columns.len());
        for _ in 0..turn.rounds {
            for column in &columns {
                let struck = book.strike(column, &mut dice);
                assert!(struck, "{:?} was not struck", column.named());
            }
        }
        let (forged, columns) = (book.copies, columns.len());
        turn.say(&format!("{}: {forged} forgeries of {columns} columns", database.engine));
    });
}

#[test]
fn rows_taken_out_put_in_or_swapped_are_found_at_their_entry() {
    let turn = Turn::take("tampering with rows", 2, 60);
    on_both(|database| {
        let (mut book, mut dice) = (Book::new(database), turn.dice());
        let last = book.last;
        let mut any = |below: i64| 1 + i64::try_from(dice.below(below.unsigned_abs())).unwrap();
        for _ in 0..turn.rounds {
            let seq = any(last);
            let out = format!("DELETE FROM line WHERE seq = {seq};");
            book.forge(&out, Some(seq));
            book.forge(&format!("DELETE FROM entry WHERE seq = {seq};"), Some(seq));
            book.forge(&format!("{out} DELETE FROM entry WHERE seq = {seq};"), Some(seq));
            let (a, b) = (any(last - 1), any(last));
            let (a, b) = if a < b { (a, b) } else { (b, a + 1) };
            let swap: String = ["entry", "line"]
                .map(|table| {
                    format!(
                        "UPDATE {table} SET seq = -1 WHERE seq = {a};
                         UPDATE {table} SET seq = {a} WHERE seq = {b};
                         UPDATE {table} SET seq = {b} WHERE seq = -1;"
                    )
                })
                .concat();
            book.forge(&swap, Some(a));
            let rows = |table: &str, columns: &str, changed: &str| {
                let key = if table == "lot" { "id" } else { "seq" };
                format!(
                    "INSERT INTO {table} ({key}{columns}) SELECT {changed}{columns} FROM {table}
                     WHERE {key} = 1;"
                )
            };
            let line = ", line_no, request_line, lot_id, quantity, from_place, to_place, to_depot,
                to_owner, to_condition, occurred_at";
            book.forge(&rows("line", line, "99"), Some(99));
            let more = line.replacen(", line_no", "", 1);
            let put = format!(
                "INSERT INTO line (seq, line_no{more}) SELECT {seq}, 77{more} FROM line
                 WHERE seq = 1;"
            );
            book.forge(&put, Some(seq));
            book.forge(&rows("lot", ", item, lot_no", "99"), None);
            let entry = ", kind, type, occurred_at, recorded_at, principal, recorded_by,
                organization, hash, id, key, request_hash";
            let fresh = entry.replacen(", id, key", "", 1).replacen(", request_hash", "", 1);
            let put = format!(
                "INSERT INTO entry (seq, id, key, request_hash{fresh})
                 SELECT {last} + 1, '01920000-0000-7000-8000-000000000001', 'other', hash{fresh}
                 FROM entry WHERE seq = {seq};"
            );
            book.forge(&put, Some(last + 1));
        }
        book.forge("DELETE FROM balance", None);
        turn.say(&format!("{}: {} forgeries", database.engine, book.copies));
    });
}

/// A chain that is whole again, and a tail cut so cleanly that nothing is missing: only a head
/// noted elsewhere tells.
#[test]
fn a_rewritten_or_shortened_book_is_found_by_a_noted_head() {
    let turn = Turn::take("tampering with the whole chain", 3, 50);
    on_both(|database| {
        let (mut book, mut dice) = (Book::new(database), turn.dice());
        let noted = head(&database.url);
        let at = |seq: i64, hash: &[u8; 32]| format!("{seq}:{}", hex(hash));
        for _ in 0..turn.rounds {
            let seq = 1 + i64::try_from(dice.below(book.last.unsigned_abs())).unwrap();
            let url = book.copy();
            let honest = movements(&url);
            run(&url, &format!("{}{}", guards_off(&url), rewritten(&honest, seq, &url)));
            head(&url);
            assert_eq!(named(&complaint(&url, &noted)), Some(book.last));
            // Every head noted from there on tells, none from before.
            let there = &honest[usize::try_from(seq).unwrap() - 1];
            let said = complaint(&url, &at(seq, &there.hash));
            assert_eq!(named(&said), Some(seq), "{said}");
            if seq > 1 {
                let before = &honest[usize::try_from(seq).unwrap() - 2];
                let noted = at(seq - 1, &before.hash);
                let output = changping(&url, &["verify", "--noted-head", &noted]);
                assert!(output.status.success(), "an entry before the forgery is called bad");
            }
        }
        // An older copy put back is the same book with its tail cut off.
        let longer = book.copy();
        let server = Server::start(&longer);
        let client = Client::new(&server.base, book.keys.of("clerk"));
        for n in 0..2 {
            client.post(MOVEMENTS, &format!("l{n}"), &receipt(CITY_DEPOT, "TENT", 1)).expect(201);
        }
        assert!(server.stop().success());
        let said = complaint(&database.url, &head(&longer));
        assert_eq!(named(&said), Some(book.last + 1), "{said}");
        turn.say(&format!("{}: {} chains", database.engine, turn.rounds));
    });
}

fn movements(url: &str) -> Vec<Movement> {
    let mut db = address(url).connect().unwrap();
    tail(&mut db, 0, 1_000).unwrap()
}

/// Statements that change entry `seq` and give it and all later ones the hashes that fit.
fn rewritten(honest: &[Movement], seq: i64, url: &str) -> String {
    let bytes = |hash: &[u8; 32]| match url.starts_with("sqlite") {
        true => format!("X'{}'", hex(hash)),
        false => format!("'\\x{}'", hex(hash)),
    };
    let mut script = format!("UPDATE entry SET note = 'forged' WHERE seq = {seq};");
    let mut before = genesis();
    for movement in honest {
        let mut forged = movement.clone();
        if forged.seq == seq {
            forged.paper.note = Some("forged".to_string());
        }
        before = link(&before, forged.seq, &canonical(&forged));
        let hash = bytes(&before);
        script.push_str(&format!("UPDATE entry SET hash = {hash} WHERE seq = {};", forged.seq));
    }
    script.push_str(&format!("UPDATE head SET hash = {};", bytes(&before)));
    script
}
