//! Somebody with SQL tampers with the book, anywhere: `changping verify` names the first bad entry.
//!
//! How is in `forgery`; single forgeries are in `tests/store`. Invariant: every column of the
//! ledger's tables is struck, those that the engine has and not those that a list here knows.

use changping::domain::chain::{canonical, genesis, hex, link};
use changping::domain::movement::Movement;
use changping::store::ledger::tail;

use crate::crowd::MOVEMENTS;
use crate::forgery::{Book, guards_off, named};
use crate::support::forms::receipt;
use crate::support::sql::run;
use crate::support::world::{CITY_DEPOT, address};
use crate::support::{Client, Server, changping, on_both};
use crate::turn::Turn;

/// What `verify` complains of, given a head noted elsewhere.
fn complaint(url: &str, noted: &str) -> String {
    let output = changping(url, &["verify", "--noted-head", noted]);
    assert!(!output.status.success(), "verify sees nothing wrong");
    String::from_utf8(output.stderr).unwrap()
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
