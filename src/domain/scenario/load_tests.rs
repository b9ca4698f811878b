//! Tests of loads: boats and trucks that carry what a plan sends or do not, and how proposals are
//! rounded.
//!
//! Lives here: figures by number. Does not live here: random plans (`fleet_tests`). Invariant:
//! nothing is short that is carried, and enough is left of what is proposed.

use std::sync::Arc;

use super::super::catalogue::{Item, ItemStatus, LifeKind, Per};
use super::super::lot::LotDraft;
use super::super::profile::{Profile, Truck};
use super::super::water;
use super::clock_tests::{THERE, joined};
use super::tests::both_counties;
use super::*;
use crate::domain::depot::Depot;
use crate::domain::fixture::*;
use crate::domain::reference::Record;

#[test]
fn boats_are_judged_from_the_first_arrival_to_the_last_limit() {
    let legs = ["WA", "WB"].map(|text| Record::WaterLeg(water::sample(text, "371301")));
    let mut position = joined(legs.to_vec());
    receive(&mut position, "D-371302", "QUILT", 500, lot("L", "2030-01-01"));
    let mut outcome = run(&position, &both_counties(&position)).unwrap();
    let row = outcome.deliveries.first().unwrap().clone();
    let [one, two] = [0, 1].map(|at: usize| Arc::clone(&outcome.areas[at].region));
    let number = position.reference.water_legs.find("WA").unwrap();
    let load = |region, arrives_min, weight_g| Delivery {
        region,
        arrives_min,
        weight_g,
        leg: Some(number),
        ..row.clone()
    };
    let loads = |second: i64| {
        vec![
            load(Arc::clone(&one), 300, 10_000_000),
            load(Arc::clone(&two), 200, second),
            load(Arc::clone(&one), 400, 1),
        ]
    };
    // 80 minutes a crossing there and back: from 200 to 600 six of them, two boats of 3 tonnes.
    let mut told = |limits: [u32; 2], second: i64| {
        for (area, limit_min) in outcome.areas.iter_mut().zip(limits) {
            area.limit_min = limit_min;
        }
        let rows = ferry::check(&position, &loads(second), &outcome.areas);
        assert_eq!(rows.len(), 1, "no load, no row");
        (rows[0].ferried.crossings, rows[0].ferried.capacity_kg, rows[0].short_g)
    };
    for limits in [[600, 360], [360, 600]] {
        assert_eq!(told(limits, 27_000_000), (6, 36_000, 1_000_001), "{limits:?}");
        assert_eq!(told(limits, 25_999_999), (6, 36_000, 0), "just enough");
        assert_eq!(told(limits, 1), (6, 36_000, 0), "no less than nothing is short");
    }
}

/// Two quilts a truck.
fn trucked(quilts: i64, trucks: [Option<u32>; 2]) -> Position {
    let truck = Some(Truck { payload_kg: 5, volume_l: None });
    let mut records = vec![Record::Profile(Profile { truck, ..profile("3713") })];
    let dry = need("water", 0, Per::Day);
    records.push(Record::Need(dry));
    for (text, trucks) in ["D-371301", "D-371302"].into_iter().zip(trucks) {
        let known = world();
        let row: Depot = (**known.reference.depots.by_code(text).unwrap()).clone();
        records.push(Record::Depot(Depot { trucks, ..row }));
    }
    let mut position = with_records(&world(), records);
    for text in ["D-371301", "D-371302"] {
        receive(&mut position, text, "QUILT", quilts, lot("L", "2030-01-01"));
    }
    position
}

#[test]
fn trucks_that_suffice_are_no_cause_and_those_that_do_not_are_named() {
    let position = trucked(6, [Some(3), Some(2)]);
    let answer = |fleets: Fleets| {
        let mut scenario = Scenario { fleets, ..both_counties(&position) };
        scenario.areas.iter_mut().for_each(|area| area.displaced = 6);
        run(&position, &scenario).unwrap()
    };
    let found = answer(Fleets::Check);
    let rows = |outcome: &Outcome| {
        let row = |row: &AreaRow| {
            (row.needs[0].delivered, row.needs[0].without_truck, row.needs[0].cause())
        };
        outcome.areas.iter().map(row).collect::<Vec<_>>()
    };
    // Each county's own depot serves it: three trucks for six quilts are enough, two are not.
    assert_eq!(rows(&found), [(6, 0, None), (6, 6, Some(Cause::Fleet))]);
    let without: Vec<(&str, bool)> =
        (found.deliveries.iter()).map(|row| (row.depot.code.as_str(), row.without_truck)).collect();
    assert_eq!(without, [("D-371301", false), ("D-371302", true)]);
    let suffices: Vec<_> =
        found.fleets.iter().map(|row| (row.loads_without, row.suffices())).collect();
    assert_eq!(suffices, [(0, Some(true)), (1, Some(false))]);
    // As a bound: what suffices is not touched, and of the other two trucks' worth is sent.
    let bound = answer(Fleets::Bound);
    assert_eq!(rows(&bound), [(6, 0, None), (4, 2, Some(Cause::Fleet))]);
    assert!(bound.deliveries.iter().all(|row| !row.without_truck), "all of it has a truck");
    let left: Vec<i64> = bound.fleets.iter().map(|row| row.left_g).collect();
    assert_eq!(left, [0, 2 * 2_500]);
}

#[test]
fn what_leaves_first_has_the_trucks() {
    // The city's depot stands nearer to county 371302, which is named last.
    let truck = Some(Truck { payload_kg: 5, volume_l: None });
    let position = joined(vec![
        Record::Profile(Profile { truck, ..profile("3713") }),
        Record::Need(need("water", 0, Per::Day)),
        Record::Region(region("371302", THERE.lon_e6, THERE.lat_e6)),
    ]);
    let depot: Depot = (**position.reference.depots.by_code("D-3713").unwrap()).clone();
    let told = |trucks: u32| {
        let row = Record::Depot(Depot { trucks: Some(trucks), ..depot.clone() });
        let position = with_records(&position, vec![row]);
        let mut scenario = both_counties(&position);
        scenario.areas.iter_mut().for_each(|area| area.displaced = 4);
        let outcome = run(&position, &scenario).unwrap();
        let row = |row: &Delivery| (row.region.code, row.without_truck);
        let mut rows: Vec<_> = outcome.deliveries.iter().map(row).collect();
        rows.sort_unstable();
        rows.into_iter().map(|(_, without)| without).collect::<Vec<bool>>()
    };
    assert_eq!(told(4), [false, false], "two trucks each, all of them");
    assert_eq!(told(3), [true, false], "the one that is there later goes without");
    assert_eq!(told(1), [true, true]);
}

#[test]
fn what_is_proposed_is_rounded_so_that_enough_is_left_of_it() {
    let mut position = with_records(&world(), vec![Record::Profile(profile("3713"))]);
    for depot in ["D-371301", "D-371302", "D-3713"] {
        receive(&mut position, depot, "QUILT", 500, lot("L", "2030-01-01"));
    }
    let brought = |surviving_percent: u32| {
        let mut scenario = Scenario { surviving_percent, detail: true, ..both_counties(&position) };
        scenario.areas.iter_mut().for_each(|area| area.displaced = 1_000);
        let advice = run(&position, &scenario).unwrap().detail.unwrap().advice;
        let in_area = |row: &&Advice| row.need.code.as_str() == "bedding" && row.depot.is_none();
        let found = advice.iter().find(in_area).unwrap().whole;
        (found.pieces, found.delivered)
    };
    // 500 and 350 in each county and 500 of the city for 2,000 people: 250 and 400 lack in each.
    assert_eq!(brought(100), (250, 250));
    assert_eq!(brought(70), (572, 400), "of 571 there would be left 399");
}

#[test]
fn all_that_goes_without_a_truck_is_added_up() {
    let position = trucked(6, [Some(0), Some(0)]);
    let mut scenario = Scenario { scope: Scope::City, ..both_counties(&position) };
    scenario.areas.truncate(1);
    scenario.areas.iter_mut().for_each(|area| area.displaced = 12);
    let outcome = run(&position, &scenario).unwrap();
    assert_eq!(outcome.deliveries.len(), 2, "six from either county");
    let bedding = &outcome.areas[0].needs[0];
    assert_eq!((bedding.delivered, bedding.without_truck), (12, 12));
}

#[test]
fn nothing_is_proposed_for_a_depot_that_gives_nothing() {
    let mut position = with_records(&world(), vec![Record::Profile(profile("3713"))]);
    for depot in ["D-371301", "D-371302", "D-3713"] {
        receive(&mut position, depot, "QUILT", 500, lot("L", "2030-01-01"));
    }
    let city = position.reference.depots.find("D-3713").unwrap();
    let proposed = |disabled: Vec<u32>| {
        let mut scenario = Scenario { disabled, detail: true, ..both_counties(&position) };
        scenario.areas.iter_mut().for_each(|area| area.displaced = 1_000);
        let advice = run(&position, &scenario).unwrap().detail.unwrap().advice;
        assert!(!advice.is_empty());
        advice.iter().any(|row| row.depot.as_ref().is_some_and(|at| at.code.as_str() == "D-3713"))
    };
    assert!(proposed(Vec::new()), "it reaches both");
    assert!(!proposed(vec![city]), "it is lost");
}

#[test]
fn a_load_leaves_with_the_first_of_its_goods() {
    let truck = Some(Truck { payload_kg: 5, volume_l: None });
    let mut position = joined(vec![
        Record::Profile(Profile { truck, ..profile("3713") }),
        Record::Need(need("water", 0, Per::Day)),
        Record::Region(region("371302", THERE.lon_e6, THERE.lat_e6)),
    ]);
    // The county decides sooner than the city; its goods are there after 318 minutes, and the
    // city's after 348, or 330 in the county beside the depot.
    receive_owned(&mut position, "D-3713", Some("O-371301"), "QUILT", 2, lot("L", "2030-01-01"));
    let depot: Depot = (**position.reference.depots.by_code("D-3713").unwrap()).clone();
    let position = with_records(&position, vec![Record::Depot(Depot { trucks: Some(2), ..depot })]);
    let mut scenario = both_counties(&position);
    for (area, displaced) in scenario.areas.iter_mut().zip([4, 2]) {
        area.displaced = displaced;
    }
    let outcome = run(&position, &scenario).unwrap();
    let row = |row: &Delivery| (row.arrives_min, row.quantity, row.without_truck);
    let rows: Vec<_> = outcome.deliveries.iter().map(row).collect();
    assert_eq!(rows, [(318, 2, false), (348, 2, false), (330, 2, true)]);
}

#[test]
fn no_area_goes_short_for_whole_pieces_while_there_are_more() {
    let given = |crates: i64| {
        let mut position = with_records(
            &world(),
            vec![
                Record::Profile(profile("3713")),
                Record::Need(need("water", 0, Per::Day)),
                Record::Item(item("CRATE", Some(("bedding", 10)), LifeKind::None, 0)),
            ],
        );
        receive(&mut position, "D-3713", "CRATE", crates, lot("L", "2030-01-01"));
        let mut scenario = both_counties(&position);
        scenario.areas.iter_mut().for_each(|area| area.displaced = 12);
        let outcome = run(&position, &scenario).unwrap();
        assert!(outcome.shortages.is_empty(), "{crates} crates are enough for 24 people");
        let sent: i64 = outcome.deliveries.iter().map(|row| row.quantity).sum();
        assert!(sent <= crates);
        assert_eq!(outcome.deliveries.len(), 2, "one row an area, however it was made up");
        outcome.areas.iter().map(|area| area.needs[0].delivered).collect::<Vec<i64>>()
    };
    assert_eq!(given(10), [20, 20]);
    assert_eq!(given(4), [20, 20]);
    let mut few = given(3);
    few.sort_unstable();
    assert_eq!(few, [10, 20], "a fourth crate is not there");
}

/// Needs nothing but quilts, of which a bale serves three; the city's depot and one of its own
/// that is a day's drive away have so many bales.
fn baled([near, far]: [i64; 2]) -> Position {
    let bale = item("BALE", Some(("bedding", 3)), LifeKind::None, 0);
    let quilt = item("QUILT", Some(("bedding", 1)), LifeKind::None, 0);
    let records = vec![
        Record::Profile(profile("3713")),
        Record::Need(need("water", 0, Per::Day)),
        Record::Item(bale),
        Record::Item(Item { status: ItemStatus::Retired, ..quilt }),
        Record::Depot(depot("D-FAR", "3713", "O-3713", 110_000_000, 35_100_000)),
    ];
    let mut position = with_records(&world(), records);
    for (depot, bales) in [("D-3713", near), ("D-FAR", far)] {
        if bales > 0 {
            receive(&mut position, depot, "BALE", bales, LotDraft::default());
        }
    }
    position
}

/// Proposals where the way from the city's depot to county 371301 is closed.
fn parted(position: &Position, displaced: [i64; 2]) -> Vec<Advice> {
    let mut scenario = Scenario { detail: true, ..both_counties(position) };
    for (area, displaced) in scenario.areas.iter_mut().zip(displaced) {
        area.displaced = displaced;
    }
    let depot = position.reference.depots.find("D-3713").unwrap();
    let what = Obstacle::Pair { depot, region: scenario.areas[0].region };
    scenario.closures = vec![Closure { what, closes_min: 0, opens_min: None }];
    run(position, &scenario).unwrap().detail.unwrap().advice
}

#[test]
fn of_pieces_that_serve_several_as_many_are_proposed_as_are_enough_and_there() {
    let found = |bales: [i64; 2], displaced: [i64; 2]| {
        let advice = parted(&baled(bales), displaced);
        let row = |row: &Advice| {
            let from = row.from.as_ref().map(|depot| depot.code.to_string());
            (row.remedy, from, row.whole.pieces, row.whole.delivered)
        };
        let in_area = advice.iter().filter(|row| row.depot.is_none());
        in_area.map(row).collect::<Vec<_>>()
    };
    let buy = |pieces: i64, delivered: i64| (Remedy::Buy, None, pieces, delivered);
    let bring = |from: &str, pieces: i64, delivered: i64| {
        (Remedy::Preposition, Some(from.to_string()), pieces, delivered)
    };
    // 33 bales are for 99 of a hundred people.
    assert_eq!(found([0, 35], [100, 0]), [buy(34, 100), bring("D-FAR", 34, 100)]);
    assert_eq!(found([0, 20], [100, 0]), [buy(34, 100), bring("D-FAR", 20, 60)]);
    // The other county takes 100 of 105 units or of 102: a bale is left, or less than one.
    assert_eq!(found([35, 0], [50, 100]), [buy(17, 50), bring("D-3713", 1, 3)]);
    assert_eq!(found([34, 0], [50, 100]), [buy(17, 50)]);
}

#[test]
fn what_is_loaded_already_is_not_brought_nearer() {
    let mut position = baled([10, 0]);
    receive(&mut position, "D-3713", "QUILT", 20, lot("L", "2030-01-01"));
    // The ten bales go to the other county; the quilts are left.
    let advice = parted(&position, [50, 30]);
    let brought = advice.iter().filter(|row| row.remedy == Remedy::Preposition);
    let rows: Vec<_> = brought.map(|row| (row.item.code.as_str(), row.whole.pieces)).collect();
    assert_eq!(rows, [("QUILT", 20)]);
}

#[test]
fn one_place_has_one_proposal_of_a_kind_however_many_proofs_name_it() {
    let mut position = baled([0, 10]);
    receive(&mut position, "D-3713", "QUILT", 100, lot("L", "2030-01-01"));
    receive(&mut position, "D-371302", "QUILT", 300, lot("L", "2030-01-01"));
    // What the city has goes to county 371301, which has nothing; the other is short for want of
    // it, too, so that both proofs name the first as the worst.
    let mut scenario = Scenario { detail: true, ..both_counties(&position) };
    scenario.areas.iter_mut().for_each(|area| area.displaced = 1_000);
    let outcome = run(&position, &scenario).unwrap();
    assert_eq!(outcome.shortages.len(), 2);
    let row = |row: &Advice| {
        let at = row.depot.as_ref().map_or(row.region.code.to_string(), |at| at.code.to_string());
        (row.remedy, at, row.whole.pieces)
    };
    let found: Vec<_> = outcome.detail.unwrap().advice.iter().map(row).collect();
    let expected = [
        (Remedy::Buy, "371301000000", 300),
        // For the tighter proof: 900 people, and not 1,600.
        (Remedy::Buy, "D-3713", 300),
        (Remedy::Preposition, "371301000000", 10),
    ];
    assert_eq!(found, expected.map(|(remedy, at, pieces)| (remedy, at.to_string(), pieces)));
}
