//! Tests of live coverage: brought up to a Position it is what a survey of that Position gives.

use std::sync::Arc;

use proptest::prelude::*;

use super::block_tests::{PLACES, Store, blocked, closed, stores, with_routes, with_stores};
use super::tests::query;
use super::*;
use crate::domain::calendar::Instant;
use crate::domain::catalogue::{ItemStatus, LifeKind, Per};
use crate::domain::fixture::*;
use crate::domain::movement::{Condition, Place};
use crate::domain::position::{Balance, Key, Shard};
use crate::domain::profile::Profile;
use crate::domain::quota::{Mode, Subject};
use crate::domain::reference::Record;
use crate::domain::region::{LocationSource, Point};
use crate::domain::road::Road;
use crate::domain::travel::{Blocked, BlockedPair, BlockedRoad};
use crate::domain::water;

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

/// Neighbours about one point, by hundredths of a degree.
fn villages() -> impl Strategy<Value = Vec<(i32, i32)>> {
    prop_oneof![
        2 => prop::collection::vec((-450..450_i32, -450..450_i32), 0..9),
        1 => prop::collection::vec((-40..40_i32, -40..40_i32), 2..9),
    ]
}

/// Stock, people, promises, and now and then roads and routes.
fn book(
    (stores, villages): (&[Store], &[(i32, i32)]),
    routes: &[(usize, usize, u32)],
    persons: &[i64],
    (roads, promised): (bool, bool),
) -> Position {
    let mut position = with_stores(stores);
    for item in ITEMS {
        receive(&mut position, "D-3713", item, 1, lot("L", "2030-01-01"));
    }
    let township = Record::Region(region("371302103", 0, 0));
    let village = |(n, (lon, lat)): (usize, &(i32, i32))| {
        Record::Region(region(&format!("3713021032{n:02}"), lon * 10_000, lat * 10_000))
    };
    let villages = villages.iter().enumerate().map(village);
    let position = with_records(&position, std::iter::once(township).chain(villages).collect());
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
    for (n, at) in ["3713", "371302"].into_iter().enumerate().filter(|_| promised) {
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
    // A chain, and slower ways that leave out each of its places.
    let [chain, round] = [2, 3].map(|size| points.windows(size).enumerate());
    let chain = chain.map(|(n, part)| (format!("R-{n}"), part, 40_000));
    let round = round.map(|(n, part)| (format!("Q-{n}"), part, 110_000));
    for (name, part, length_m) in chain.chain(round).filter(|_| roads) {
        records.push(stretch(&name, [part[0], part[part.len() - 1]], length_m));
    }
    position = with_records(&position, records);
    position
}

fn stretch(name: &str, [from, to]: [Point; 2], length_m: u32) -> Record {
    let (code, status) = (code(name), ItemStatus::Active);
    let (class, speed_kmh, one_way) = (None, Some(80), false);
    Record::Road(Road { code, from, to, length_m, class, speed_kmh, one_way, status })
}

/// What is closed: regions, ways from a depot to a region, stretches; each with when it opens.
#[derive(Debug, Clone, Default)]
struct Shut {
    regions: Vec<(usize, Option<u32>)>,
    pairs: Vec<(u32, usize, Option<u32>)>,
    roads: Vec<(usize, Option<u32>)>,
}

impl Shut {
    /// The same regions and ways, which open at other minutes in turn.
    fn opening(&self, minutes: &[Option<u32>]) -> Self {
        let mut same = self.clone();
        let mut next = minutes.iter().cycle().copied();
        let regions = same.regions.iter_mut().map(|(_, opens)| opens);
        for opens in regions.chain(same.pairs.iter_mut().map(|(.., opens)| opens)) {
            *opens = next.next().flatten();
        }
        same
    }
}

/// Nothing in one case of three.
fn shut() -> impl Strategy<Value = Shut> {
    let opens = || prop_oneof![1 => Just(Some(0)), 9 => prop::option::of(0..1_500_u32)];
    let some = (
        prop::collection::vec((0..10_usize, opens()), 0..3),
        prop::collection::vec((0..70_u32, 0..10_usize, opens()), 0..4),
        prop::collection::vec((0..9_usize, opens()), 0..4),
    );
    let some = some.prop_map(|(regions, pairs, roads)| Shut { regions, pairs, roads });
    prop_oneof![1 => Just(Shut::default()), 2 => some]
}

fn close(position: &Position, shut: &Shut, asked: Query) -> Query {
    let road = |(n, opens_min): &(usize, Option<u32>)| BlockedRoad {
        road: code(&format!("R-{n}")),
        opens_min: *opens_min,
        number: 0,
    };
    let ways = blocked(position, &shut.pairs);
    Query {
        closures: closed(position, &shut.regions),
        blocked: Blocked { roads: shut.roads.iter().map(road).collect(), ..ways },
        ..asked
    }
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
pub fn agrees(live: &mut Live, position: &Position) -> Result<(), TestCaseError> {
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
    let surveyed = Live::of(&Arc::new(position.clone()), &asked).unwrap().unwrap();
    prop_assert_eq!(live.figures(), surveyed.figures(), "{:?}", asked);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_follows_movements_is_what_a_survey_gives(
        (stores, villages) in (stores(), villages()),
        routes in prop::collection::vec((0..70_usize, 0..10_usize, 0..900_u32), 0..4),
        persons in prop::collection::vec(0..6_000_i64, 1..12),
        hours in prop::option::of(1..18_u32),
        roads in prop::bool::weighted(0.3),
        shut in shut(),
        steps in prop::collection::vec(
            prop::collection::vec(
                step(),
                1..4,
            ),
            1..16,
        ),
    ) {
        let first = Arc::new(book((&stores, &villages), &routes, &persons, (roads, true)));
        let asked = questions(&first, hours).into_iter().map(|one| close(&first, &shut, one));
        let asked: Vec<Query> = asked.collect();
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_opens_at_other_minutes_is_what_a_survey_gives(
        (stores, villages) in (stores(), villages()),
        routes in prop::collection::vec((0..70_usize, 0..10_usize, 0..900_u32), 0..4),
        persons in prop::collection::vec(0..6_000_i64, 1..12),
        hours in prop::option::of(1..18_u32),
        (roads, promised) in (prop::bool::weighted(0.2), prop::bool::weighted(0.1)),
        shut in shut(),
        rounds in prop::collection::vec(
            (
                prop::collection::vec(step(), 0..3),
                prop::collection::vec(prop::option::weighted(0.8, 1..1_200_u32), 1..6),
            ),
            1..8,
        ),
    ) {
        let first = Arc::new(book((&stores, &villages), &routes, &persons, (roads, promised)));
        let asked = questions(&first, hours).into_iter().map(|one| close(&first, &shut, one));
        let mut kept: Vec<Live> =
            asked.map(|asked| Live::of(&first, &asked).unwrap().unwrap()).collect();
        let open_by_now = shut.pairs.iter().any(|(.., opens)| *opens == Some(0));
        let mut now = first;
        for (n, (steps, minutes)) in rounds.iter().enumerate() {
            now = Arc::new(steps.iter().fold((*now).clone(), |book, step| moved(&book, step)));
            for live in &mut kept {
                let asked = close(&now, &shut.opening(minutes), live.query().clone());
                let early = n % 2 == 0;
                prop_assert!(early || live.follow(&now));
                if live.reclose_if_worth(&asked, 1) {
                    prop_assert_eq!(live.query(), &asked.unnumbered());
                } else {
                    prop_assert!(promised || open_by_now);
                    *live = Live::of(&now, &asked).unwrap().unwrap();
                }
                prop_assert!(live.follow(&now));
                agrees(live, &now)?;
            }
        }
    }
}

#[test]
fn a_minute_that_goes_by_is_not_surveyed_anew() {
    let position = Arc::new(super::tests::worked_example());
    let asked = query(&position, "3713", Some(Tier::Township));
    let closed_at = |place, opens_min| {
        let shut = Shut { regions: vec![(place, opens_min)], ..Shut::default() };
        close(&position, &shut, asked.clone())
    };
    // Few ways go there: another county.
    let closing = |opens_min| closed_at(3, opens_min);
    let mut live = Live::of(&position, &closing(Some(100))).unwrap().unwrap();
    assert!(live.reclose(&closing(Some(99))));
    agrees(&mut live, &position).unwrap();
    // All ways go there.
    let around = |opens_min| closed_at(2, opens_min);
    let mut all = Live::of(&position, &around(Some(700))).unwrap().unwrap();
    let before = all.tell(Shown::default());
    assert!(!all.reclose(&around(Some(100))), "a survey is no dearer");
    agrees(&mut all, &position).unwrap();
    assert!(all.reclose_if_worth(&around(Some(100)), 1));
    agrees(&mut all, &position).unwrap();
    assert_ne!(all.tell(Shown::default()), before);
    assert!(live.reclose(&closing(None)));
    agrees(&mut live, &position).unwrap();
    // Others are not the same question, and leave it as it is.
    assert!(!live.reclose(&asked));
    let road = BlockedRoad { road: code("R-1"), opens_min: Some(60), number: 0 };
    let with_road = |opens_min| {
        let roads = vec![BlockedRoad { opens_min, ..road.clone() }];
        Query { blocked: Blocked { roads, ..Blocked::default() }, ..closing(None) }
    };
    assert!(!live.reclose(&with_road(Some(60))));
    agrees(&mut live, &position).unwrap();
    let mut live = Live::of(&position, &with_road(Some(60))).unwrap().unwrap();
    assert!(!live.reclose(&with_road(Some(59))), "every way may go by it");
    agrees(&mut live, &position).unwrap();
}

#[test]
fn other_reference_data_are_surveyed_anew() {
    let position = Arc::new(super::tests::worked_example());
    let asked = query(&position, "3713", Some(Tier::Township));
    let mut live = Live::of(&position, &asked).unwrap().unwrap();
    assert!(live.follow(&position));
    let records = [
        Record::Profile(Profile { distribute_min: 700, ..profile("3713") }),
        Record::Region(region("371303", 0, 0)),
        Record::Organization(organization("O-1", "3713")),
        Record::Depot(depot("D-1", "3713", "O-3713", 0, 0)),
        Record::Item(item("ROPE", None, LifeKind::None, 0)),
        Record::Need(need("light", 1_000, Per::Once)),
        Record::Agreement(agreement("A-1", "3713")),
        Record::Capacity(capacity("C-1", "3713")),
        Record::Pledge(pledge("P-1", "3713")),
        Record::WaterLeg(water::sample("W-1", "3713")),
        stretch("R-1", [Point { lon_e6: 0, lat_e6: 0 }; 2], 1),
    ];
    let routes = with_routes(&position, &[(0, 0, 60)]);
    for other in records.map(|one| with_records(&position, vec![one])).into_iter().chain([routes]) {
        assert!(!live.follow(&Arc::new(other)));
    }
    let quota = Record::Quota(quota("3713", Subject::Item(code("QUILT")), 5, 5));
    assert!(live.follow(&Arc::new(with_records(&position, vec![quota]))), "no part of an answer");
}

#[test]
fn closures_are_told_apart_by_what_they_close_and_when() {
    let position = super::tests::worked_example();
    let asked = query(&position, "3713", Some(Tier::Township));
    let closing = |all: &[(usize, Option<u32>, u32)]| {
        let closure = |(place, opens_min, number): &(usize, Option<u32>, u32)| Closure {
            number: *number,
            ..closed(&position, &[(*place, *opens_min)])[0]
        };
        Query { closures: all.iter().map(closure).collect(), ..asked.clone() }.unnumbered()
    };
    let two = closing(&[(2, Some(60), 0), (3, None, 1)]);
    assert_eq!(closing(&[(3, None, 0), (2, Some(60), 1)]), two);
    assert_ne!(closing(&[(3, None, 0), (2, Some(59), 1)]), two);
    assert_ne!(closing(&[(2, Some(60), 0)]), two);
}

#[test]
fn detail_and_shocks_are_not_kept() {
    let position = Arc::new(super::tests::worked_example());
    let asked = query(&position, "3713", Some(Tier::Township));
    let region = asked.region;
    let shock = Shock { tier: None, surviving_percent: 50 };
    let pair = BlockedPair { depot: 0, region, opens_min: None, number: 0 };
    let blocked = Blocked { pairs: vec![pair], roads: Vec::new() };
    for kept in [asked.clone(), Query { blocked, ..asked.clone() }] {
        assert!(Live::of(&position, &kept).unwrap().is_some());
    }
    for other in [Query { detail: true, ..asked.clone() }, Query { shock, ..asked.clone() }] {
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
