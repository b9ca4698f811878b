//! The serving program killed under load, again and again, and stopped politely once.
//!
//! The crowd and its memory are in `crowd`. Invariant: `kill -9` at any instant loses nothing that
//! was acknowledged and doubles nothing that is asked again.

use std::sync::atomic::AtomicBool;

use crate::crowd::{Member, Whistle, compare, compare_fresh, crowd};
use crate::support::desk::assert_sound;
use crate::support::world::{Keys, settle};
use crate::support::{Client, Database, Server, on_both};
use crate::turn::{Turn, pause};

pub const CROWD: u64 = 8;
/// `verify` folds the whole book: after so many kills, and at the end.
pub const VERIFY_EVERY: u32 = 25;

fn client(server: &Server, keys: &Keys) -> Client {
    Client::new(&server.base, keys.of("clerk"))
}

/// Everybody posts while `end` ends the server; then everybody has noticed.
fn under_load(members: &mut [Member], server: Server, keys: &Keys, end: impl FnOnce(Server)) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for member in members.iter_mut() {
            let (client, stop) = (client(&server, keys), &stop);
            scope.spawn(move || member.post_until(&client, stop));
        }
        let _whistle = Whistle(&stop);
        end(server);
    });
}

fn kill_again_and_again(database: &Database, turn: &Turn) {
    let keys = settle(&database.url);
    let mut dice = turn.dice();
    let mut members = crowd(CROWD, turn.seed);
    let mut server = Server::start(&database.url);
    let (mut open, mut compared) = (0, 0);
    for round in 1..=turn.rounds {
        let wait = 30 + dice.below(300);
        under_load(&mut members, server, &keys, |server| {
            pause(wait);
            server.kill();
        });
        if round % VERIFY_EVERY == 0 {
            assert_sound(&database.url);
        }
        open += members.iter().map(|member| member.open.len()).sum::<usize>();
        server = Server::start(&database.url);
        let client = client(&server, &keys);
        for member in &mut members {
            member.catch_up(&client);
        }
        compare_fresh(&mut members, &client, &mut compared);
    }
    let held = compare(&members, &client(&server, &keys));
    let repeats: usize = members.iter().map(|member| member.repeats).sum();
    let refused: usize = members.iter().map(|member| member.told.len()).sum::<usize>() - held;
    drop(server);
    assert_sound(&database.url);
    assert!(held > 100, "only {held} movements: no load");
    turn.say(&format!(
        "{} kills: {held} booked, {refused} refused, {open} unanswered, of which {repeats} had \
         been done; none lost, none doubled",
        turn.rounds
    ));
}

#[test]
fn kill_minus_nine_loses_and_doubles_nothing_on_sqlite() {
    let turn = Turn::take("kills of the server on SQLite", 20, 1_000);
    kill_again_and_again(&Database::sqlite(), &turn);
}

#[test]
fn kill_minus_nine_loses_and_doubles_nothing_on_postgresql() {
    if let Some(database) = Database::postgres() {
        let turn = Turn::take("kills of the server on PostgreSQL", 10, 300);
        kill_again_and_again(&database, &turn);
    }
}

#[test]
fn a_polite_stop_answers_what_is_under_way() {
    let _turn = Turn::take("polite stop", 1, 1);
    on_both(|database| {
        let keys = settle(&database.url);
        let mut members = crowd(CROWD, 1);
        let server = Server::start(&database.url);
        under_load(&mut members, server, &keys, |server| {
            pause(300);
            let status = server.stop();
            assert!(status.success(), "{status}");
        });
        assert_sound(&database.url);
        let server = Server::start(&database.url);
        let client = client(&server, &keys);
        for member in &mut members {
            member.catch_up(&client);
            assert_eq!(member.repeats, 0, "done and not answered");
        }
        compare(&members, &client);
    });
}

#[test]
fn a_stop_is_polite_from_the_first_moment_on() {
    let turn = Turn::take("stops right after the start", 20, 200);
    let database = Database::sqlite();
    settle(&database.url);
    for _ in 0..turn.rounds {
        let status = Server::start(&database.url).stop();
        assert!(status.success(), "{status}");
    }
}
