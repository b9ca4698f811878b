//! Tests of live coverage: brought up to a Position it is what a survey of that Position gives.

use proptest::prelude::*;

use super::block_tests::{PLACES, Store, stores, with_routes, with_stores};
use super::tests::query;
use super::*;
use crate::domain::calendar::Instant;
use crate::domain::catalogue::ItemStatus;
use crate::domain::fixture::*;
use crate::domain::movement::{Condition, Place};
use crate::domain::position::{Balance, Key, Shard};
use crate::domain::quota::Mode;
use crate::domain::reference::Record;
use crate::domain::region::LocationSource;
use crate::domain::road::Road;
use crate::domain::travel::{Blocked, BlockedPair};

/// Depot, owner, item, quantity that then lies there.
type Step = (usize, usize, usize, i64);

fn step() -> impl Strategy<Value = Step> {
    let quantity = prop_oneof![Just(0), 1..60_i64, 0..9_000_i64];
    (0..70_usize, 0..10_usize, 0..2_usize, quantity)
}

const ITEMS: [&str; 2] = ["QUILT", "WATER"];

/// The same book with another quantity of an item in a depot.
fn moved(position: &Position, (depot, owner, item, quantity): &Step) -> Position {
    let reference = &position.reference;
    let depot = u32::try_from(depot % reference.depots.len()).unwrap();
    let name = ITEMS[*item];
    let lot = (0..).find(|at| position.lot(*at).unwrap().key.item.as_str() == name).unwrap();
    let key = Key {
        item: reference.items.find(name).unwrap(),
        owner: reference.organizations.find(&format!("O-{}", PLACES[*owner])).unwrap(),
        place: Place::Depot,
        condition: Condition::Good,
        lot,
    };
    let mut rows = position.shard(depot).unwrap().rows().to_vec();
    rows.retain(|row| row.key != key);
    rows.push(Balance { key, quantity: *quantity, last_occurred_at: Instant(0) });
    let mut next = position.clone();
    next.load_shard(depot, Shard::of_rows(rows).unwrap()).unwrap();
    next
}

/// Stock, people, promises, and now and then roads and routes.
fn book(
    stores: &[Store],
    routes: &[(usize, usize, u32)],
    persons: &[i64],
    roads: bool,
) -> Position {
    let mut position = with_stores(stores);
    for item in ITEMS {
        receive(&mut position, "D-3713", item, 1, lot("L", "2030-01-01"));
    }
    let mut position = with_routes(&position, routes);
    let mut records = Vec::new();
    for ((_, region), persons) in position.reference.regions.iter().zip(persons.iter().cycle()) {
        let mut region = (**region).clone();
        region.planned_displaced = (*persons > 0).then_some(*persons);
        if persons % 7 == 0 {
            region.location_source = LocationSource::Inherited;
        }
        records.push(Record::Region(region));
    }
    for (n, at) in ["3713", "371302"].into_iter().enumerate() {
        let mut entry = agreement(&format!("A-{n}"), at);
        entry.terms.valid_from = day("2021-01-01");
        entry.declared_on = Some(day("2021-11-01"));
        records.push(Record::Agreement(entry));
    }
    let mut city = profile("3710");
    city.modes_counted = vec![Mode::GovPhysical, Mode::Agreement];
    records.push(Record::Profile(city));
    let points: Vec<_> =
        (position.reference.regions.iter()).filter_map(|(_, region)| region.location).collect();
    for (n, two) in points.windows(2).enumerate().filter(|_| roads) {
        records.push(Record::Road(Road {
            code: code(&format!("R-{n}")),
            from: two[0],
            to: two[1],
            length_m: 40_000,
            class: None,
            speed_kmh: Some(80),
            one_way: false,
            status: ItemStatus::Active,
        }));
    }
    position = with_records(&position, records);
    position
}

fn questions(position: &Position, hours: Option<u32>) -> Vec<Query> {
    let mut all = Vec::new();
    for (at, scope) in
        ["37", "3710", "371301101"].into_iter().flat_map(|at| Scope::ALL.map(|s| (at, s)))
    {
        for tier in [Tier::County, Tier::Village] {
            let asked = query(position, at, Some(tier));
            let region = position.reference.regions.get(asked.region).unwrap();
            if region.tier <= tier {
                all.push(Query { scope, hours, ..asked });
            }
        }
    }
    all
}

/// What is told is what a survey of the same Position tells, in either order.
fn agrees(live: &mut Live, position: &Position) -> Result<(), TestCaseError> {
    let asked = live.query().clone();
    let expected = coverage(position, &asked).unwrap();
    for (worst_first, limit) in [(false, None), (true, None), (true, Some(2))] {
        let shown = Shown { worst_first, limit };
        let (found, expected) = (live.tell(shown), Told::of(expected.clone(), shown));
        for (found, expected) in found.rows.iter().zip(&expected.rows) {
            prop_assert_eq!(found, expected, "{:?}", asked);
        }
        prop_assert_eq!(found.rows.len(), expected.rows.len());
        prop_assert_eq!(found.totals, expected.totals, "{:?}", asked);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_follows_movements_is_what_a_survey_gives(
        stores in stores(),
        routes in prop::collection::vec((0..70_usize, 0..10_usize, 0..900_u32), 0..4),
        persons in prop::collection::vec(0..6_000_i64, 1..12),
        hours in prop::option::of(0..18_u32),
        roads in prop::bool::weighted(0.2),
        steps in prop::collection::vec(
            prop::collection::vec(
                step(),
                1..4,
            ),
            1..16,
        ),
    ) {
        let first = Arc::new(book(&stores, &routes, &persons, roads));
        let asked = questions(&first, hours);
        let mut kept: Vec<Live> =
            asked.iter().map(|asked| Live::of(&first, asked).unwrap().unwrap()).collect();
        for live in &mut kept {
            agrees(live, &first)?;
        }
        let mut now = Arc::clone(&first);
        for (n, step) in steps.iter().enumerate() {
            now = Arc::new(step.iter().fold((*now).clone(), |book, step| moved(&book, step)));
            for live in &mut kept {
                prop_assert!(live.follow(&now));
                if n % 3 == 2 || n + 1 == steps.len() {
                    agrees(live, &now)?;
                }
            }
        }
        for live in &mut kept {
            prop_assert!(live.follow(&first));
            agrees(live, &first)?;
        }
    }
}

#[test]
fn other_reference_data_are_surveyed_anew() {
    let position = Arc::new(super::tests::worked_example());
    let asked = query(&position, "3713", Some(Tier::Township));
    let mut live = Live::of(&position, &asked).unwrap().unwrap();
    assert!(live.follow(&position));
    let more = Arc::new(with_records(&position, Vec::new()));
    assert!(!live.follow(&more));
}

#[test]
fn detail_shocks_and_closures_are_not_kept() {
    let position = Arc::new(super::tests::worked_example());
    let asked = query(&position, "3713", Some(Tier::Township));
    let region = asked.region;
    let closures = vec![Closure { region, opens_min: None, number: 0 }];
    let shock = Shock { tier: None, surviving_percent: 50 };
    let pair = BlockedPair { depot: 0, region, opens_min: None, number: 0 };
    let blocked = Blocked { pairs: vec![pair], roads: Vec::new() };
    assert!(Live::of(&position, &asked).unwrap().is_some());
    for other in [
        Query { detail: true, ..asked.clone() },
        Query { closures, ..asked.clone() },
        Query { shock, ..asked.clone() },
        Query { blocked, ..asked.clone() },
    ] {
        assert!(Live::of(&position, &other).unwrap().is_none());
    }
    assert!(Live::of(&position, &Query { days: 0, ..asked }).is_err());
}

#[test]
fn what_an_answer_takes_is_told() {
    let position = Arc::new(super::tests::worked_example());
    let all = Live::of(&position, &query(&position, "37", Some(Tier::Township))).unwrap().unwrap();
    let one = query(&position, "371301101", Some(Tier::Township));
    let one = Live::of(&position, &one).unwrap().unwrap();
    assert!(all.bytes() > one.bytes() && one.bytes() > 0);
}
