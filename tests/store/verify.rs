//! `verify` finds what was forged past the service, and names the first bad entry.
//!
//! That the engine refuses forging is in `triggers`; here the triggers are taken away first.
//! Invariant: the same book passes before it is forged.

use changping::domain::chain::{canonical, hex, link};
use changping::service::verify::{Flaw, Report, verify};
use changping::store::ledger::tail;

use crate::forging::unguard;
use crate::support::desk::{Desk, hand_out, receive};
use crate::support::sql::{self, texts};
use crate::support::world::{address, block_on, settle};
use crate::support::{changping, on_both};

/// Six entries: receipts of 10, 20, 30, then issues of 1, 2, 3.
fn fill(url: &str) -> Report {
    settle(url);
    let desk = Desk::open(url);
    block_on(async {
        for n in 1..=3 {
            desk.booked(&format!("r{n}"), receive("TENT", n * 10)).await;
        }
        for n in 1..=3 {
            desk.booked(&format!("i{n}"), hand_out("TENT", n)).await;
        }
    });
    desk.book.close();
    verify(&address(url), None).unwrap().unwrap()
}

fn forge(url: &str, statements: &str) {
    let guards_off = unguard(url);
    let lax = if url.starts_with("sqlite") {
        "PRAGMA foreign_keys = OFF;"
    } else {
        "SET session_replication_role = replica;"
    };
    sql::run(url, &format!("{lax}{guards_off}{statements}"));
}

/// Forges a fresh book and gives the flaw.
#[track_caller]
fn flaw_of(statements: &str) -> Vec<Flaw> {
    let found = std::cell::RefCell::new(Vec::new());
    on_both(|database| {
        fill(&database.url);
        forge(&database.url, statements);
        let verdict = verify(&address(&database.url), None).unwrap();
        found.borrow_mut().push(verdict.unwrap_err());
    });
    found.into_inner()
}

#[track_caller]
fn check(statements: &str, seq: Option<i64>, says: &str) {
    for flaw in flaw_of(statements) {
        assert_eq!(flaw.seq, seq, "{statements}: {flaw:?}");
        assert!(flaw.what.contains(says), "{statements}: {flaw:?}");
    }
}

#[test]
fn a_sound_book_passes_and_says_what_it_holds() {
    on_both(|database| {
        let report = fill(&database.url);
        assert_eq!((report.seq, report.entries, report.lines), (6, 6, 6));
        assert_eq!((report.balances, report.lines), (1, 6));
        let output = changping(&database.url, &["verify"]);
        assert!(output.status.success());
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("head 6:{}", report.hash)), "{said}");
    });
}

#[test]
fn a_changed_line_is_found() {
    let changed = "UPDATE line SET quantity = quantity + 1 WHERE seq = 4";
    check(changed, Some(4), "its hash is");
    check("UPDATE line SET to_place = 'loss' WHERE seq = 5", Some(5), "its hash is");
    check("DELETE FROM line WHERE seq = 2", Some(2), "its hash is");
}

#[test]
fn a_changed_entry_is_found() {
    for field in ["note", "document_no", "handled_by", "recorded_by"] {
        check(&format!("UPDATE entry SET {field} = 'x' WHERE seq = 3"), Some(3), "its hash is");
    }
    check("UPDATE entry SET occurred_at = occurred_at - 1 WHERE seq = 6", Some(6), "hash");
    check("UPDATE entry SET type = 'opening' WHERE seq = 1", Some(1), "its hash is");
}

#[test]
fn a_missing_entry_is_found() {
    let gone = |seq: i64| {
        format!("DELETE FROM line WHERE seq = {seq}; DELETE FROM entry WHERE seq = {seq};")
    };
    check(&gone(3), Some(3), "missing");
    check(&gone(1), Some(1), "missing");
    check(&gone(6), Some(6), "the book ends with entry 5");
}

#[test]
fn swapped_entries_are_found() {
    let swap = "UPDATE line SET seq = -2 WHERE seq = 2; UPDATE line SET seq = 2 WHERE seq = 3;
        UPDATE line SET seq = 3 WHERE seq = -2;";
    check(swap, Some(2), "its hash is");
}

#[test]
fn a_cut_tail_is_found_by_the_head_or_by_a_noted_one() {
    on_both(|database| {
        let report = fill(&database.url);
        let hash =
            if database.url.starts_with("sqlite") { "hex(hash)" } else { "encode(hash, 'hex')" };
        let query = format!("SELECT {hash} AS value FROM entry WHERE seq = 4");
        let at_four = texts(&database.url, &query)[0].to_lowercase();
        let bytes = if database.url.starts_with("sqlite") {
            format!("X'{at_four}'")
        } else {
            format!("'\\x{at_four}'")
        };
        let cut = format!(
            "DELETE FROM line WHERE seq > 4; DELETE FROM entry WHERE seq > 4;
             UPDATE balance SET quantity = 59, last_occurred_at =
                (SELECT MAX(occurred_at) FROM entry);
             UPDATE head SET seq = 4, hash = {bytes}"
        );
        forge(&database.url, &cut);
        assert!(verify(&address(&database.url), None).unwrap().is_ok(), "a cut so clean is unseen");
        let noted = format!("6:{}", report.hash);
        let output = changping(&database.url, &["verify", "--noted-head", &noted]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.contains("entry 5: "), "{said}");
    });
}

#[test]
fn a_changed_balance_is_found() {
    check("UPDATE balance SET quantity = quantity + 1", None, "the balance of lot 1");
    check("UPDATE balance SET last_occurred_at = 5", None, "the balance of lot 1");
    check("DELETE FROM balance", None, "0 balances are stored");
    let more =
        "INSERT INTO balance SELECT depot, owner, 'loan', condition, lot_id, 1, 1 FROM balance";
    check(more, None, "the balance of lot 1");
}

#[test]
fn a_changed_lot_is_found_at_its_first_entry() {
    check("UPDATE lot SET lot_no = 'x'", Some(1), "its hash is");
    check("UPDATE lot SET unit_price_fen = 1", Some(1), "its hash is");
    check("UPDATE lot SET item = 'QUILT'", Some(1), "its hash is");
}

#[test]
fn a_line_of_no_entry_is_found() {
    let stray = "INSERT INTO line SELECT 9, line_no, request_line, lot_id, quantity, from_place,
        from_depot, from_owner, from_condition, to_place, to_depot, to_owner, to_condition,
        occurred_at FROM line WHERE seq = 2";
    check(stray, Some(9), "7 lines are stored");
}

#[test]
fn a_forged_head_is_found() {
    check("UPDATE head SET seq = 7", Some(7), "its head says 7");
    check("UPDATE head SET hash = (SELECT hash FROM entry WHERE seq = 5)", Some(6), "head's hash");
}

/// Somebody who can compute hashes rewrites the last entry, hash, head and all.
#[test]
fn a_rewritten_last_entry_is_found_only_by_a_noted_head() {
    on_both(|database| {
        let report = fill(&database.url);
        let mut db = address(&database.url).connect().unwrap();
        let mut book = tail(&mut db, 4, 10).unwrap();
        drop(db);
        let mut last = book.pop().unwrap();
        last.paper.note = Some("forged".to_string());
        last.hash = link(&book.pop().unwrap().hash, 6, &canonical(&last));
        let hash = if database.url.starts_with("sqlite") {
            format!("X'{}'", hex(&last.hash))
        } else {
            format!("'\\x{}'", hex(&last.hash))
        };
        forge(
            &database.url,
            &format!(
                "UPDATE entry SET note = 'forged', hash = {hash} WHERE seq = 6;
             UPDATE head SET hash = {hash}"
            ),
        );
        assert!(verify(&address(&database.url), None).unwrap().is_ok());
        let noted = (6, bytes(&report.hash));
        let flaw = verify(&address(&database.url), Some(noted)).unwrap().unwrap_err();
        assert_eq!(flaw.seq, Some(6), "{flaw:?}");
        let before = changping(
            &database.url,
            &["verify", "--noted-head", &format!("6:{}", hex(&last.hash))],
        );
        assert!(before.status.success());
    });
}

fn bytes(digits: &str) -> [u8; 32] {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let all: Vec<u8> = (0..64).step_by(2).map(byte).collect();
    all.try_into().unwrap()
}
