//! Three service processes on one PostgreSQL, with writers and readers on each.
//!
//! Two that race for the last unit are in `races`. Invariant: what one process acknowledged, every
//! read that starts later on any of them contains.

use serde_json::Value;

use crate::crowd::all_movements;
use crate::support::desk::assert_sound;
use crate::support::records::{quota, quota_id};
use crate::support::world::{CITY, COUNTY_A};
use crate::support::{Client, Database, Server};
use crate::tally::Tally;
use crate::trader::{Floor, Trader, settle_six_depots, watch};
use crate::turn::Turn;

const WRITERS: u64 = 3;
const READERS: u64 = 2;
/// So little comes in at a time that the writers of all three race for it.
const LARGEST: u64 = 3;

/// What each of the three must answer alike when all is quiet.
fn answers(planner: &Client) -> Vec<Value> {
    let paths = [
        "/v1/stock?group_by=lot".to_string(),
        "/v1/stock?group_by=region&tier=county".to_string(),
        format!("/v1/gaps?region={CITY}"),
        format!("/v1/summaries?region={CITY}&tier=township"),
    ];
    paths.iter().map(|path| planner.get(path).expect(200)).collect()
}

#[test]
fn three_processes_on_one_postgresql_agree_under_load() {
    let Some(database) = Database::postgres() else {
        return;
    };
    let turn = Turn::take("three processes on PostgreSQL", 1_200, 50_000);
    let keys = settle_six_depots(&database.url);
    let servers = [(); 3].map(|()| Server::start(&database.url));
    let clients = servers.each_ref().map(|server| Client::new(&server.base, keys.of("clerk")));
    let planners = servers.each_ref().map(|server| Client::new(&server.base, keys.of("planner")));
    for (digits, region, item) in [(1, CITY, "TENT"), (2, COUNTY_A, "QUILT")] {
        planners[0].create(
            &format!("/v1/quotas/{}", quota_id(digits)),
            &quota(digits, region, item, 500, 100),
        );
    }
    let (floor, goal) = (Floor::default(), turn.rounds);
    let mut traders: Vec<Trader> = (0..3 * WRITERS)
        .map(|n| Trader::new(format!("w{n}"), turn.seed.wrapping_add(n), LARGEST))
        .collect();
    let samples = std::thread::scope(|scope| {
        let (floor, clients) = (&floor, &clients);
        let readers: Vec<_> = (0..3 * READERS)
            .map(|n| {
                let seed = turn.seed.wrapping_add(100 + n);
                scope.spawn(move || watch(&clients[n as usize % 3], floor, goal, seed))
            })
            .collect();
        for (trader, client) in traders.iter_mut().zip(clients.iter().cycle()) {
            scope.spawn(move || trader.trade(client, floor, goal));
        }
        readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect::<Vec<_>>()
    });
    let tally = Tally::of(&clients[0]);
    let reads = samples.len();
    tally.agrees_with(samples);
    tally.never_negative();
    let said = planners.each_ref().map(answers);
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0], said[2]);
    assert!(said[0][3]["totals"]["hash"].as_str().is_some_and(|hash| !hash.is_empty()));
    let lists = clients.each_ref().map(all_movements);
    assert_eq!(lists[0], lists[1]);
    assert_eq!(lists[0], lists[2]);
    drop(servers);
    assert_sound(&database.url);
    let short = |trader: &Trader| trader.refused.get("insufficient_stock").copied();
    let short: u64 = traders.iter().filter_map(short).sum();
    turn.say(&format!(
        "{} booked, {short} found too little, nothing oversold; {reads} reads on three processes, \
         none behind what anybody was told",
        tally.len()
    ));
    assert!(short > 100 && reads > 100, "too little happened");
}
