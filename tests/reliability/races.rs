//! Two who write on one database race for the last unit, a thousand times.
//!
//! Single Books are in `tests/store`. Invariant: one of the two gets it, and both know it at once.

use std::sync::Barrier;
use std::time::Duration;

use changping::service::book::Outcome;
use serde_json::Value;

use crate::crowd::{MOVEMENTS, all_movements};
use crate::support::desk::{Desk, assert_sound, balances, hand_out};
use crate::support::forms::{issue, receipt};
use crate::support::world::{CITY_DEPOT, address, block_on, settle};
use crate::support::{Client, Database, Server};
use crate::turn::Turn;

/// What came of asking for the last unit: the movement's id, or how much there was.
#[derive(Debug)]
enum Luck {
    Got(String),
    Left(i64),
}

fn luck(status: u16, body: &Value) -> Luck {
    match status {
        201 => Luck::Got(body["id"].as_str().unwrap().to_string()),
        409 if body["code"] == "insufficient_stock" => Luck::Left(body["have"].as_i64().unwrap()),
        _ => panic!("{status}: {body}"),
    }
}

fn ask(client: &Client, key: &str) -> Luck {
    let body = without_date(issue(CITY_DEPOT, "TENT", 1));
    let reply = client.post(MOVEMENTS, key, &body);
    luck(reply.status, &reply.json())
}

/// Two movements of one round are of one instant or later: nothing is back-dated.
fn without_date(mut body: Value) -> Value {
    body.as_object_mut().unwrap().remove("occurred_at");
    body
}

/// Requires that one got it and the other found nothing; which, and what.
fn one_winner(first: Luck, second: Luck) -> (usize, String) {
    match (first, second) {
        (Luck::Got(id), Luck::Left(0)) => (0, id),
        (Luck::Left(0), Luck::Got(id)) => (1, id),
        other => panic!("oversold, or for nobody: {other:?}"),
    }
}

#[test]
fn two_services_on_one_postgresql_never_sell_the_last_unit_twice() {
    let Some(database) = Database::postgres() else {
        return;
    };
    let turn = Turn::take("races of two services on PostgreSQL", 1_000, 1_000);
    let rounds = turn.rounds as usize;
    let keys = settle(&database.url);
    let servers = [Server::start(&database.url), Server::start(&database.url)];
    let clients = [0, 1].map(|ix: usize| Client::new(&servers[ix].base, keys.of("clerk")));
    let mut wins = [0, 0];
    for round in 0..rounds {
        let restock = without_date(receipt(CITY_DEPOT, "TENT", 1));
        clients[round % 2].post(MOVEMENTS, &format!("r{round}"), &restock).expect(201);
        let gate = Barrier::new(2);
        let race = |ix: usize| {
            gate.wait();
            ask(&clients[ix], &format!("i{round}-{ix}"))
        };
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| race(1));
            (race(0), other.join().unwrap())
        });
        let (winner, id) = one_winner(first, second);
        wins[winner] += 1;
        let loser = &clients[1 - winner];
        loser.get(&format!("{MOVEMENTS}/{id}")).expect(200);
        let seq = loser.get(&format!("{MOVEMENTS}?limit=1")).expect(200)["ledger_seq"].as_i64();
        assert_eq!(seq, i64::try_from(2 * (round + 1)).ok(), "a read lacks an acknowledged write");
    }
    let lists = [0, 1].map(|ix: usize| all_movements(&clients[ix]));
    assert_eq!(lists[0].len(), 2 * rounds);
    assert_eq!(lists[0], lists[1]);
    drop(servers);
    assert_sound(&database.url);
    turn.say(&format!("wins {wins:?}"));
}

#[test]
fn a_second_writer_beside_a_serving_sqlite_never_sells_the_last_unit_twice() {
    let database = Database::sqlite();
    let turn = Turn::take("races beside a serving SQLite", 1_000, 1_000);
    let rounds = turn.rounds as usize;
    let keys = settle(&database.url);
    let server = Server::start(&database.url);
    let client = Client::new(&server.base, keys.of("clerk"));
    let desk = Desk::open(&database.url);
    let mut dice = turn.dice();
    let mut wins = [0, 0];
    for round in 0..rounds {
        let restock = without_date(receipt(CITY_DEPOT, "TENT", 1));
        client.post(MOVEMENTS, &format!("r{round}"), &restock).expect(201);
        let gate = Barrier::new(2);
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                gate.wait();
                ask(&client, &format!("i{round}"))
            });
            gate.wait();
            // The way over HTTP is longer; both should come first sometimes.
            std::thread::sleep(Duration::from_micros(dice.below(4_000)));
            let ours = block_on(desk.post(&format!("i{round}"), hand_out("TENT", 1))).unwrap();
            let ours = match ours {
                Outcome::Booked { movement, .. } => Luck::Got(movement.id.to_string()),
                Outcome::Refused { status, body, .. } => {
                    luck(status, &serde_json::from_str(&body).unwrap())
                }
            };
            (other.join().unwrap(), ours)
        });
        let (winner, id) = one_winner(first, second);
        wins[winner] += 1;
        client.get(&format!("{MOVEMENTS}/{id}")).expect(200);
        let seq = block_on(desk.read()).head.seq;
        assert_eq!(seq, i64::try_from(2 * (round + 1)).unwrap());
    }
    assert_eq!(all_movements(&client).len(), 2 * rounds);
    let followed = block_on(desk.read());
    desk.book.close();
    drop(server);
    let loaded = changping::service::book::Book::open(&address(&database.url)).unwrap();
    assert_eq!(balances(&loaded.snapshot()), balances(&followed));
    assert_eq!(loaded.snapshot().head, followed.head);
    loaded.close();
    assert_sound(&database.url);
    turn.say(&format!("wins {wins:?}"));
}
