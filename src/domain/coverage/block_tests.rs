//! Tests of blocks: what is settled by bounds is what a look at every source gives.

use proptest::prelude::*;

use super::tests::{placed, query};
use super::*;
use crate::domain::fixture::*;
use crate::domain::reference::Record;
use crate::domain::region::LocationSource;
use crate::domain::route::Route;
use crate::domain::travel::{Blocked, BlockedPair};

pub const PLACES: [&str; 10] = [
    "37",
    "3713",
    "371301",
    "371302",
    "371301101",
    "371301102",
    "371301101201",
    "3710",
    "371001",
    "32",
];

/// Region, owner, hundredths of a degree east and north, readiness, quilts, bottles, and whether
/// the point is inherited.
pub type Store = (usize, usize, i32, i32, u32, i64, i64, bool);

pub fn stores() -> impl Strategy<Value = Vec<Store>> {
    let store = (
        0..PLACES.len(),
        0..PLACES.len(),
        -450..450_i32,
        -450..450_i32,
        0..200_u32,
        0..900_i64,
        0..4_000_i64,
        prop::bool::weighted(0.05),
    );
    prop::collection::vec(store, 0..60)
}

pub fn with_stores(stores: &[Store]) -> Position {
    let mut records = vec![Record::Profile(profile("3713")), Record::Profile(profile("3710"))];
    for (at, lon) in [("32", 2_000_000), ("3710", 1_000_000), ("371001", 1_100_000)] {
        records.push(Record::Region(region(at, lon, 0)));
        records.push(Record::Organization(organization(&format!("O-{at}"), at)));
    }
    for (n, (place, owner, lon, lat, ready, _, _, inherited)) in stores.iter().enumerate() {
        let owner = format!("O-{}", PLACES[*owner]);
        let name = format!("S-{n:03}");
        let mut store = depot(&name, PLACES[*place], &owner, lon * 10_000, lat * 10_000);
        store.readiness_min = (ready % 3 > 0).then_some(*ready);
        if *inherited {
            store.location_source = LocationSource::Inherited;
        }
        records.push(Record::Depot(store));
    }
    let mut position = with_records(&placed(), records);
    for (n, (_, owner, .., quilts, bottles, _)) in stores.iter().enumerate() {
        for (item, quantity) in [("QUILT", *quilts), ("WATER", *bottles)] {
            let lot = lot("L", "2030-01-01");
            let depot = format!("S-{n:03}");
            // One in five depots holds somebody else's goods too.
            let owner = format!("O-{}", PLACES[*owner]);
            let other = (n % 5 == 0 && item == "WATER").then_some("O-3713");
            if quantity > 0 {
                let owner = other.unwrap_or(&owner);
                receive_owned(&mut position, &depot, Some(owner), item, quantity, lot);
            }
        }
    }
    position
}

pub fn with_routes(position: &Position, routes: &[(usize, usize, u32)]) -> Position {
    let depots = position.reference.depots.len();
    let route = |(n, (depot, region, minutes)): (usize, &(usize, usize, u32))| {
        let depot = position.reference.depots.get(u32::try_from(depot % depots).unwrap());
        Record::Route(Route {
            code: code(&format!("W-{n}")),
            depot: depot.unwrap().code.clone(),
            region: region_code(PLACES[*region]),
            minutes: *minutes,
            basis: crate::domain::route::Basis::Driven,
            source: "test".to_string(),
            valid_from: day("2020-01-01"),
            valid_to: None,
            status: crate::domain::catalogue::ItemStatus::Active,
        })
    };
    with_records(position, routes.iter().enumerate().map(route).collect())
}

/// Region and minutes until it opens.
pub fn closed(position: &Position, closures: &[(usize, Option<u32>)]) -> Vec<Closure> {
    let find = |text: &str| position.reference.regions.find(region_code(text)).unwrap();
    let closure = |(number, (place, opens_min)): (u32, &(usize, Option<u32>))| Closure {
        region: find(PLACES[*place]),
        opens_min: *opens_min,
        number,
    };
    (0..).zip(closures).map(closure).collect()
}

/// Depot, region and minutes until the way opens.
pub fn blocked(position: &Position, pairs: &[(u32, usize, Option<u32>)]) -> Blocked {
    let depots = u32::try_from(position.reference.depots.len()).unwrap();
    let pair =
        |(number, (depot, place, opens_min)): (u32, &(u32, usize, Option<u32>))| BlockedPair {
            depot: depot % depots,
            region: position.reference.regions.find(region_code(PLACES[*place])).unwrap(),
            opens_min: *opens_min,
            number,
        };
    // After those of closed regions, as each closure has a number of its own.
    Blocked { pairs: (100..).zip(pairs).map(pair).collect(), roads: Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn bounds_settle_what_a_look_at_every_source_settles(
        stores in stores(),
        routes in prop::collection::vec((0..70_usize, 0..10_usize, 0..900_u32), 0..4),
        closures in prop::collection::vec((0..10_usize, prop::option::of(0..1_500_u32)), 0..3),
        pairs in prop::collection::vec(
            (0..70_u32, 0..10_usize, prop::option::of(0..900_u32)),
            0..4,
        ),
        hours in 1..18_u32,
        surviving in prop::option::of((0..5_usize, 0..100_u32)),
        persons in 1..6_000_i64,
    ) {
        let position = with_routes(&with_stores(&stores), &routes);
        let mut records = Vec::new();
        for (_, region) in position.reference.regions.iter() {
            let mut region = (**region).clone();
            region.planned_displaced = Some(persons);
            records.push(Record::Region(region));
        }
        let position = with_records(&position, records);
        let closures = closed(&position, &closures);
        let blocked = blocked(&position, &pairs);
        for (at, scope) in
            ["37", "3710", "371301101"].into_iter().flat_map(|at| Scope::ALL.map(|s| (at, s)))
        {
            for tier in [Tier::City, Tier::County, Tier::Township, Tier::Village] {
                let mut asked = query(&position, at, Some(tier));
                if position.reference.regions.get(asked.region).is_some_and(|r| r.tier > tier) {
                    continue;
                }
                asked.scope = scope;
                asked.hours = Some(hours);
                asked.detail = true;
                asked.closures.clone_from(&closures);
                asked.blocked.clone_from(&blocked);
                if let Some((tier, surviving_percent)) = surviving {
                    asked.shock = Shock { tier: Some(Tier::ALL[tier]), surviving_percent };
                }
                let expected = Survey::one_by_one(&position, asked.on);
                let expected = survey_coverage(&position.reference, &expected, &asked).unwrap();
                let found = coverage(&position, &asked).unwrap();
                for (found, expected) in found.rows.iter().zip(&expected.rows) {
                    prop_assert_eq!(found, expected, "{:?} {:?}", scope, tier);
                }
                prop_assert_eq!(found.rows.len(), expected.rows.len());
            }
        }
    }
}
