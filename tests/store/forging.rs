//! Forging: what an administrator with SQL could do to the rows of the book.
//!
//! What is found of it is in `verify` and `books`. Invariant: nothing here goes through the
//! service.

use std::path::Path;

use crate::support::sql;

/// The statements that let ledger rows be forged, on either engine.
pub fn unguard(url: &str) -> String {
    let triggers = crate::schema::triggers(url);
    let sqlite = url.starts_with("sqlite");
    let drop = |(name, table): &(String, String)| {
        if sqlite {
            format!("DROP TRIGGER {name};")
        } else {
            format!("DROP TRIGGER {name} ON {table};")
        }
    };
    triggers.iter().map(drop).collect()
}

/// Puts the rows of an older copy of a SQLite database in the place of its own.
pub fn restore(url: &str, backup: &Path) {
    let triggers = sql::texts(url, "SELECT sql AS value FROM sqlite_master WHERE type = 'trigger'");
    let mut script = format!("ATTACH '{}' AS old; BEGIN IMMEDIATE;", backup.display());
    script.push_str(&unguard(url));
    for table in ["receipt", "balance", "line", "lot", "entry", "head"] {
        script.push_str(&format!("DELETE FROM main.{table};"));
    }
    for table in ["head", "entry", "lot", "line", "balance", "receipt"] {
        script.push_str(&format!("INSERT INTO main.{table} SELECT * FROM old.{table};"));
    }
    for trigger in triggers {
        script.push_str(&trigger);
        script.push(';');
    }
    script.push_str("COMMIT;");
    sql::run(url, &script);
}
