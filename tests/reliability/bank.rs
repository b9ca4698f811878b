//! The bank test: eight who book everything that can be booked, four who count meanwhile.
//!
//! Several processes are in `processes`. Invariant: every read shows the stock after exactly the
//! entry it names, with nothing made, lost or below zero.

use crate::support::desk::assert_sound;
use crate::support::{Client, Database, Server};
use crate::tally::{Tally, rows_of, without_zeros};
use crate::trader::{Floor, Trader, days_ago, settle_six_depots, watch};
use crate::turn::Turn;

const WRITERS: u64 = 8;
const READERS: u64 = 4;
/// The most that one line brings in or takes out.
const LARGEST: u64 = 20;
/// Dates in the past whose stock is compared at the end.
const PAST_DATES: i64 = 45;

fn trade_and_count(database: &Database, turn: &Turn) {
    let keys = settle_six_depots(&database.url);
    let server = Server::start(&database.url);
    let client = Client::new(&server.base, keys.of("clerk"));
    let (floor, goal) = (Floor::default(), turn.rounds);
    let mut traders: Vec<Trader> = (0..WRITERS)
        .map(|n| Trader::new(format!("w{n}"), turn.seed.wrapping_add(n), LARGEST))
        .collect();
    let samples = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|n| {
                let seed = turn.seed.wrapping_add(100 + n);
                scope.spawn({
                    let (client, floor) = (&client, &floor);
                    move || watch(client, floor, goal, seed)
                })
            })
            .collect();
        for trader in &mut traders {
            scope.spawn(|| trader.trade(&client, &floor, goal));
        }
        readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect::<Vec<_>>()
    });
    let tally = Tally::of(&client);
    let reads = samples.len();
    tally.agrees_with(samples);
    tally.never_negative();
    for days in 0..PAST_DATES {
        let date = days_ago(days);
        let answer = client.get(&format!("/v1/stock?as_of={date}")).expect(200);
        assert_eq!(without_zeros(&rows_of(&answer)), tally.on(&date), "as of {date}");
    }
    drop(server);
    assert_sound(&database.url);
    let refused =
        |code: &str| traders.iter().filter_map(|trader| trader.refused.get(code)).sum::<u64>();
    let [short, late, twice] =
        ["insufficient_stock", "negative_history", "already_reversed"].map(refused);
    turn.say(&format!(
        "{} booked, refused {short} short, {late} in hindsight, {twice} reversed already; {reads} \
         reads, each what its entry left",
        tally.len()
    ));
    assert!(short > 0 && late > 0 && twice > 0 && reads > 100, "too little happened");
}

#[test]
fn every_read_adds_up_on_sqlite() {
    let turn = Turn::take("bank on SQLite", 3_000, 100_000);
    trade_and_count(&Database::sqlite(), &turn);
}

#[test]
fn every_read_adds_up_on_postgresql() {
    if let Some(database) = Database::postgres() {
        let turn = Turn::take("bank on PostgreSQL", 3_000, 100_000);
        trade_and_count(&database, &turn);
    }
}
