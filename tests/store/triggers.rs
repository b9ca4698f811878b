//! The database itself refuses to change what is in the book.
//!
//! What `verify` finds when somebody takes the triggers away is in `verify`. Invariant: after each
//! refusal the book is as it was.

use crate::support::desk::{Desk, assert_sound, hand_out, receive};
use crate::support::sql::{number, try_run};
use crate::support::world::{block_on, settle};
use crate::support::{Engine, on_both};

fn fill(url: &str) {
    settle(url);
    let desk = Desk::open(url);
    block_on(async {
        desk.booked("k1", receive("TENT", 5)).await;
        desk.booked("k2", hand_out("TENT", 2)).await;
        desk.refused("k3", hand_out("TENT", 9)).await;
    });
    desk.book.close();
    let import = "INSERT INTO receipt SELECT principal, 'import', request_hash, 201, body,
        created_at, no + 1 FROM receipt";
    try_run(url, import).unwrap();
}

#[test]
fn ledger_rows_are_neither_changed_nor_deleted() {
    on_both(|database| {
        let url = database.url.as_str();
        fill(url);
        for (table, change) in [
            ("entry", "note = 'x'"),
            ("line", "quantity = quantity + 1"),
            ("lot", "lot_no = 'x'"),
            ("receipt", "status = 200"),
        ] {
            for (verb, statement) in [
                ("update", format!("UPDATE {table} SET {change}")),
                ("delete", format!("DELETE FROM {table}")),
            ] {
                let error = try_run(url, &statement).unwrap_err();
                let wanted = format!("the book refuses {verb} on {table}");
                assert!(error.contains(&wanted), "{statement}: {error}");
            }
            if database.engine == Engine::Postgres {
                let error = try_run(url, &format!("TRUNCATE {table} CASCADE")).unwrap_err();
                assert!(
                    error.contains(&format!("the book refuses truncate on {table}")),
                    "{table}: {error}"
                );
            }
        }
        assert_sound(url);
        assert_eq!(number(url, "SELECT COUNT(*) FROM receipt"), 2);
    });
}

#[test]
fn a_kept_refusal_may_be_forgotten_but_no_import_may() {
    on_both(|database| {
        let url = database.url.as_str();
        fill(url);
        try_run(url, "DELETE FROM receipt WHERE key = 'k3'").unwrap();
        let error = try_run(url, "DELETE FROM receipt WHERE key = 'import'").unwrap_err();
        assert!(error.contains("the book refuses delete on receipt"), "{error}");
    });
}

#[test]
fn the_engine_keeps_balances_and_the_head_within_bounds() {
    on_both(|database| {
        let url = database.url.as_str();
        fill(url);
        for statement in [
            "UPDATE balance SET quantity = -1",
            "UPDATE head SET seq = -1",
            "UPDATE head SET id = 2",
            "INSERT INTO balance
             SELECT depot, owner, 'nowhere', condition, lot_id, 1, 1 FROM balance",
            "INSERT INTO balance
             SELECT depot, owner, place, condition, 99, 1, 1 FROM balance",
        ] {
            assert!(try_run(url, statement).is_err(), "{statement}");
        }
        assert_sound(url);
    });
}
