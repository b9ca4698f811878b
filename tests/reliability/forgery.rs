//! A sound book and its forged copies: what somebody with SQL could do to any row or column.
//!
//! What is found of it is in `tampering`. Invariant: nothing here goes through the service but the
//! sound book, and a forged copy is nobody else's.

use serde_json::{Value, json};

use crate::crowd::MOVEMENTS;
use crate::support::forms::{issue, movement, receipt, with};
use crate::support::sql::{number, run, texts, try_run};
use crate::support::world::{CITY_DEPOT, DEPOT_A, Keys, settle};
use crate::support::{Client, Database, Engine, Server, changping, cluster};
use crate::turn::Dice;

const TABLES: [&str; 5] = ["entry", "line", "lot", "balance", "head"];

/// What no hash covers: what a key was asked with, the revision of the reference data, how many
/// answers are kept; the number of the only row says nothing.
const NOT_CHAINED: [(&str, &str); 5] = [
    ("entry", "key"),
    ("entry", "request_hash"),
    ("head", "reference_rev"),
    ("head", "kept"),
    ("head", "id"),
];

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
pub struct Book<'a> {
    database: &'a Database,
    pub keys: Keys,
    pub copies: u32,
    folder: tempfile::TempDir,
    pub last: i64,
}

pub struct Column {
    table: String,
    name: String,
    kind: String,
    nullable: bool,
}

impl<'a> Book<'a> {
    pub fn new(database: &'a Database) -> Self {
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
    pub fn copy(&mut self) -> String {
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

    pub fn columns(&self) -> Vec<Column> {
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
    pub fn forge(&mut self, statements: &str, first: Option<i64>) {
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
    pub fn strike(&mut self, column: &Column, dice: &mut Dice) -> bool {
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
    pub fn named(&self) -> (&str, &str) {
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

/// What takes triggers, foreign keys and checks away.
pub fn guards_off(url: &str) -> String {
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

/// The entry that a complaint names.
pub fn named(said: &str) -> Option<i64> {
    let (number, _) = said.strip_prefix("changping: entry ")?.split_once(':')?;
    number.parse().ok()
}
