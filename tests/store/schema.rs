//! The two engines have one schema, and the query builder's description is of it.
//!
//! What triggers do is in `triggers`. Invariant: each engine is asked what it has, no file is read
//! but the query builder's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use changping::domain::chain::{genesis, hex};
use changping::store::migrate::migrate;

use crate::support::sql::texts;
use crate::support::world::address;
use crate::support::{Database, on_both};

/// Columns by table: name, class of type, whether NULL may be.
type Tables = BTreeMap<String, BTreeSet<(String, String, bool)>>;

const OWN: &str = "'__diesel_schema_migrations', 'sqlite_sequence'";

fn split(row: &str) -> Vec<String> {
    row.split('|').map(str::to_string).collect()
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite")
}

/// What the engines call differently and store alike. SQLite has no date and no truth of its own.
fn class(table: &str, column: &str, declared: &str) -> String {
    let date =
        column.ends_with("_on") || column.starts_with("valid_") || column.starts_with("effective_");
    let truths = [
        ("need", "mandatory"),
        ("api_key", "revoked"),
        ("road", "one_way"),
        ("event", "exercise"),
        ("event", "illustrative"),
        ("event", "off_hours"),
    ];
    let truth = truths.contains(&(table, column));
    match declared.to_lowercase().as_str() {
        "integer" if truth => "truth",
        "integer" | "bigint" => "number",
        "text" if date => "date",
        "text" => "text",
        "date" => "date",
        "blob" | "bytea" => "bytes",
        "boolean" => "truth",
        other => panic!("{table}.{column} is {other}"),
    }
    .to_string()
}

fn tables(url: &str) -> Tables {
    let query = if is_sqlite(url) {
        format!(
            "SELECT m.name || '|' || c.name || '|' || c.type || '|' ||
                CASE c.\"notnull\" WHEN 1 THEN 'NO' ELSE 'YES' END AS value
             FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
             WHERE m.type = 'table' AND m.name NOT IN ({OWN})"
        )
    } else {
        format!(
            "SELECT table_name || '|' || column_name || '|' || data_type || '|' || is_nullable
                AS value
             FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name NOT IN ({OWN})"
        )
    };
    let mut found = Tables::new();
    for row in texts(url, &query) {
        let cells = split(&row);
        let column = (cells[1].clone(), class(&cells[0], &cells[1], &cells[2]), cells[3] == "YES");
        found.entry(cells[0].clone()).or_default().insert(column);
    }
    found
}

/// Table, columns in order, kind (`pk`, `unique`, `index`), with the condition of partial ones.
fn indexes(url: &str) -> BTreeSet<String> {
    let query = if is_sqlite(url) {
        format!(
            "SELECT m.name || '|' || (SELECT group_concat(name, ',')
                    FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || '|' ||
                CASE WHEN i.origin = 'pk' THEN 'pk' WHEN i.\"unique\" = 1 THEN 'unique'
                    ELSE 'index' END || '|' || i.partial AS value
             FROM sqlite_master m JOIN pragma_index_list(m.name) i
             WHERE m.type = 'table' AND m.name NOT IN ({OWN})
             UNION
             SELECT m.name || '|' || c.name || '|pk|0'
             FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
             WHERE m.type = 'table' AND m.name NOT IN ({OWN}) AND c.pk = 1
               AND (SELECT COUNT(*) FROM pragma_table_xinfo(m.name) k WHERE k.pk > 0) = 1"
        )
    } else {
        format!(
            "SELECT t.relname || '|' || (SELECT string_agg(a.attname, ',' ORDER BY k.ord)
                    FROM unnest(x.indkey) WITH ORDINALITY AS k(num, ord)
                    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num) || '|' ||
                CASE WHEN x.indisprimary THEN 'pk' WHEN x.indisunique THEN 'unique'
                    ELSE 'index' END || '|' ||
                CASE WHEN x.indpred IS NULL THEN '0' ELSE '1' END AS value
             FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
             JOIN pg_namespace n ON n.oid = t.relnamespace
             WHERE n.nspname = 'public' AND t.relname NOT IN ({OWN})"
        )
    };
    texts(url, &query).into_iter().collect()
}

fn index_names(url: &str) -> BTreeSet<String> {
    let query = if is_sqlite(url) {
        "SELECT name AS value FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    } else {
        "SELECT c.relname::text AS value FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
         JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid
         WHERE n.nspname = 'public' AND k.oid IS NULL"
    };
    texts(url, query).into_iter().collect()
}

/// Name and table of every trigger.
pub fn triggers(url: &str) -> Vec<(String, String)> {
    let query = if is_sqlite(url) {
        "SELECT name || '|' || tbl_name AS value FROM sqlite_master WHERE type = 'trigger'"
    } else {
        "SELECT g.tgname || '|' || t.relname AS value FROM pg_trigger g
         JOIN pg_class t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal"
    };
    let rows = texts(url, query);
    let pair = |row: &String| {
        let cells = split(row);
        (cells[0].clone(), cells[1].clone())
    };
    rows.iter().map(pair).collect()
}

/// Table, column and target of every foreign key.
fn references(url: &str) -> BTreeSet<String> {
    let query = if is_sqlite(url) {
        "SELECT m.name || '|' || f.\"from\" || '|' || f.\"table\" || '|' || f.\"to\" AS value
         FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
    } else {
        "SELECT t.relname || '|' || a.attname || '|' || o.relname || '|' || b.attname AS value
         FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
         JOIN pg_class o ON o.oid = k.confrelid
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]
         JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = k.confkey[1]
         WHERE k.contype = 'f'"
    };
    texts(url, query).into_iter().collect()
}

/// A migrated database of each engine, or nothing where there is only one engine.
fn both() -> Option<[Database; 2]> {
    let databases = [Database::sqlite(), Database::postgres()?];
    for database in &databases {
        migrate(&address(&database.url)).unwrap();
    }
    Some(databases)
}

#[test]
fn both_engines_have_the_same_tables() {
    let Some([sqlite, postgres]) = both() else {
        return;
    };
    let (ours, theirs) = (tables(&sqlite.url), tables(&postgres.url));
    assert!(ours.len() >= 15, "{:?}", ours.keys());
    assert_eq!(ours, theirs);
    // SQLite cannot take the entries that reverse nothing out of what was a constraint.
    let mut sparse = indexes(&postgres.url);
    assert!(sparse.remove("entry|reversal_of|unique|1"));
    sparse.insert("entry|reversal_of|unique|0".to_string());
    assert_eq!(indexes(&sqlite.url), sparse);
    let mut named = index_names(&postgres.url);
    assert!(named.remove("entry_reversal"));
    assert_eq!(index_names(&sqlite.url), named);
    // What the book's lines refer to is checked by SQLite for next to nothing, else by `verify`.
    let mut fewer = references(&sqlite.url);
    let lines = ["line|seq|entry|seq", "line|lot_id|lot|id"];
    assert!(lines.iter().all(|reference| fewer.remove(*reference)));
    assert_eq!(fewer, references(&postgres.url));
    let names = |url: &str| -> BTreeSet<(String, String)> {
        let all = triggers(url).into_iter();
        all.filter(|(name, _)| !name.ends_with("_truncate")).collect()
    };
    assert_eq!(names(&sqlite.url), names(&postgres.url));
}

#[test]
fn sqlite_tables_are_strict() {
    let database = Database::sqlite();
    migrate(&address(&database.url)).unwrap();
    let lax = format!(
        "SELECT name AS value FROM pragma_table_list
         WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name NOT IN ({OWN})"
    );
    let lax = texts(&database.url, &lax);
    assert!(lax.is_empty(), "{lax:?}");
}

#[test]
fn migrations_have_the_same_names_and_run_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let folders = |engine: &str| -> BTreeSet<String> {
        let listing = fs::read_dir(root.join(engine)).unwrap();
        listing.map(|entry| entry.unwrap().file_name().display().to_string()).collect()
    };
    assert_eq!(folders("sqlite"), folders("postgres"));
    assert!(folders("sqlite").len() >= 2);
    let numbers: BTreeSet<String> =
        folders("sqlite").iter().map(|name| name.split('_').next().unwrap().to_string()).collect();
    assert_eq!(numbers.len(), folders("sqlite").len(), "a number stands for one migration");
    on_both(|database| {
        assert_eq!(migrate(&address(&database.url)).unwrap().len(), folders("sqlite").len());
        assert_eq!(migrate(&address(&database.url)).unwrap().len(), 0);
    });
}

#[test]
fn the_head_starts_before_the_first_entry() {
    on_both(|database| {
        migrate(&address(&database.url)).unwrap();
        let hash =
            if is_sqlite(&database.url) { "lower(hex(hash))" } else { "encode(hash, 'hex')" };
        let query = format!(
            "SELECT CAST(id AS TEXT) || '|' || CAST(seq AS TEXT) || '|' || {hash} || '|' ||
                CAST(reference_rev AS TEXT) AS value FROM head"
        );
        assert_eq!(texts(&database.url, &query), [format!("1|0|{}|0", hex(&genesis()))]);
    });
}

/// Tables as `src/store/schema.rs` and what lies in it describe them.
fn described() -> Tables {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let parts = ["src/store/schema.rs", "src/store/schema/ways.rs", "src/store/schema/events.rs"];
    let text = parts.map(read).concat();
    let mut found = Tables::new();
    let (mut table, mut name) = (String::new(), None);
    for line in text.lines().map(str::trim) {
        if let Some((head, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = head.to_string();
        } else if let Some(rest) = line.strip_prefix("#[sql_name = \"") {
            name = Some(rest.trim_end_matches("\"]").to_string());
        } else if let Some((column, kind)) = line.split_once(" -> ").filter(|_| line.ends_with(','))
        {
            let kind = kind.trim_end_matches(',');
            let inner = kind.strip_prefix("Nullable<").map(|kind| kind.trim_end_matches('>'));
            let class = match inner.unwrap_or(kind) {
                "BigInt" => "number",
                "Text" => "text",
                "Date" => "date",
                "Binary" => "bytes",
                "Bool" => "truth",
                other => panic!("{table}.{column} is {other}"),
            };
            let name = name.take().unwrap_or_else(|| column.to_string());
            let column = (name, class.to_string(), inner.is_some());
            found.entry(table.clone()).or_default().insert(column);
        }
    }
    found
}

#[test]
fn the_query_builder_describes_this_schema() {
    on_both(|database| {
        migrate(&address(&database.url)).unwrap();
        assert_eq!(described(), tables(&database.url));
    });
}
