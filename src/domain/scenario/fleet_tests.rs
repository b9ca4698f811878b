//! Tests of fleets as a bound: what the trucks carry of random plans, checked by a few lines that
//! know nothing of how it was loaded.
//!
//! Invariant: weights, volumes and trucks are added up here from the deliveries alone.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::catalogue::{Code, Need};
use super::super::depot::Depot;
use super::super::position::Position;
use super::super::profile::{Profile, Truck};
use super::super::quantity::Ratio;
use super::super::reference::Record;
use super::super::region::RegionCode;
use super::tests::both_counties;
use super::*;
use crate::domain::fixture::*;

const DEPOTS: [&str; 3] = ["D-371301", "D-371302", "D-3713"];

/// Quilts and bottles in a depot, and its trucks.
type Store = (i64, i64, Option<u32>);

#[derive(Debug, Clone)]
struct World {
    stores: Vec<Store>,
    people: [i64; 2],
    classes: [u32; 2],
    truck: Option<(u32, Option<u32>)>,
    optional: bool,
}

fn worlds() -> impl Strategy<Value = World> {
    let trucks = prop_oneof![1 => Just(None), 6 => (0..12_u32).prop_map(Some)];
    let stores = prop::collection::vec((0..900_i64, 0..9_000_i64, trucks), DEPOTS.len());
    let people = (1..900_i64, 1..900_i64).prop_map(|(one, two)| [one, two]);
    let classes = (0..2_u32, 0..2_u32).prop_map(|(one, two)| [one, two]);
    let truck = prop_oneof![
        1 => Just(None),
        8 => (200..3_000_u32, prop::option::of(500..9_000_u32)).prop_map(Some),
    ];
    (stores, people, classes, truck, any::<bool>()).prop_map(
        |(stores, people, classes, truck, optional)| World {
            stores,
            people,
            classes,
            truck,
            optional,
        },
    )
}

impl World {
    fn position(&self) -> Position {
        let truck = |(payload_kg, volume_l)| Truck { payload_kg, volume_l };
        let city = Profile { truck: self.truck.map(truck), ..profile("3713") };
        let mut position = with_records(&world(), vec![Record::Profile(city)]);
        let reference = &position.reference;
        let mut records = Vec::new();
        for (code, (.., trucks)) in DEPOTS.iter().zip(&self.stores) {
            let depot: Depot = (**reference.depots.by_code(code).unwrap()).clone();
            records.push(Record::Depot(Depot { trucks: *trucks, ..depot }));
        }
        let water: Need = (**reference.needs.by_code("water").unwrap()).clone();
        records.push(Record::Need(Need { mandatory: !self.optional, ..water }));
        position = with_records(&position, records);
        for (code, (quilts, bottles, _)) in DEPOTS.iter().zip(&self.stores) {
            for (item, quantity) in [("QUILT", *quilts), ("WATER", *bottles)] {
                if quantity > 0 {
                    receive(&mut position, code, item, quantity, lot("L", "2030-01-01"));
                }
            }
        }
        position
    }

    fn answer(&self, fleets: Fleets) -> Outcome {
        let position = self.position();
        let mut scenario = both_counties(&position);
        for (area, (people, class)) in
            scenario.areas.iter_mut().zip(self.people.into_iter().zip(self.classes))
        {
            (area.displaced, area.class) = (people, class);
        }
        run(&position, &Scenario { fleets, ..scenario }).unwrap()
    }

    fn with_trucks(&self, trucks: Option<u32>) -> Self {
        let stores = self.stores.iter().map(|(quilts, bottles, _)| (*quilts, *bottles, trucks));
        Self { stores: stores.collect(), ..self.clone() }
    }
}

/// Units by area and need.
fn delivered(outcome: &Outcome) -> BTreeMap<(RegionCode, Code), i64> {
    let rows = outcome.areas.iter().flat_map(|row| {
        row.needs.iter().map(|one| ((row.region.code, one.need.code.clone()), one.delivered))
    });
    rows.collect()
}

/// Pieces by depot, area, item and owner.
fn pieces(outcome: &Outcome) -> BTreeMap<[String; 4], i64> {
    let mut sums = BTreeMap::new();
    for row in &outcome.deliveries {
        let key = [
            row.depot.code.to_string(),
            row.region.code.to_string(),
            row.item.code.to_string(),
            row.owner.code.to_string(),
        ];
        *sums.entry(key).or_insert(0) += row.quantity;
    }
    sums
}

fn up(amount: i64, one: i64) -> i64 {
    (amount + one - 1) / one
}

/// Trucks that a depot's deliveries take, one area a truck.
fn trucks_of(outcome: &Outcome, depot: &str, (payload_kg, volume_l): (u32, Option<u32>)) -> i64 {
    let mut loads: BTreeMap<RegionCode, (i64, i64)> = BTreeMap::new();
    for row in outcome.deliveries.iter().filter(|row| row.depot.code.as_str() == depot) {
        let load = loads.entry(row.region.code).or_default();
        load.0 += row.quantity * row.item.weight_g;
        load.1 += row.quantity * row.item.volume_ml;
    }
    let each = |(weight_g, volume_ml): &(i64, i64)| {
        let by_volume = volume_l.map_or(0, |litres| up(*volume_ml, i64::from(litres) * 1_000));
        up(*weight_g, i64::from(payload_kg) * 1_000).max(by_volume)
    };
    loads.values().map(each).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_bounded_plan_is_a_part_of_the_plan_that_its_trucks_carry(world in worlds()) {
        let (free, bound) = (world.answer(Fleets::Check), world.answer(Fleets::Bound));
        let all = pieces(&free);
        for (key, sent) in pieces(&bound) {
            prop_assert!(sent > 0 && all.get(&key).is_some_and(|most| sent <= *most), "{:?}", key);
        }
        prop_assert!(bound.deliveries.iter().all(|row| !row.without_truck));
        let planned = delivered(&free);
        for row in &bound.areas {
            for one in &row.needs {
                let key = (row.region.code, one.need.code.clone());
                prop_assert_eq!(one.unbounded, planned.get(&key).copied());
                prop_assert_eq!(one.delivered + one.without_truck, planned[&key]);
                let rows = bound.deliveries.iter().filter(|sent| {
                    sent.region.code == key.0 && sent.need.code == key.1
                });
                prop_assert_eq!(rows.map(|sent| sent.units).sum::<i64>(), one.delivered);
                let lacks = one.delivered < one.required && one.without_truck > 0;
                prop_assert_eq!(one.cause() == Some(Cause::Fleet), lacks);
            }
            let before = free.areas.iter().find(|other| other.region.code == row.region.code);
            let before = before.unwrap();
            prop_assert_eq!(row.unbounded, Some((before.coverage, before.persons_covered)));
            prop_assert!(row.coverage <= before.coverage);
        }
        for (code, (.., trucks)) in DEPOTS.iter().zip(&world.stores) {
            let fleet = bound.fleets.iter().find(|row| row.depot.code.as_str() == *code);
            let theirs = |outcome: &Outcome| {
                let mut rows = pieces(outcome);
                rows.retain(|[depot, ..], _| depot == code);
                rows
            };
            match world.truck.zip(*trucks) {
                Some((truck, have)) => {
                    prop_assert!(trucks_of(&bound, code, truck) <= i64::from(have));
                    let enough = trucks_of(&free, code, truck) <= i64::from(have);
                    prop_assert!(!enough || theirs(&bound) == theirs(&free));
                    prop_assert!(fleet.is_none_or(|row| row.suffices() == Some(enough)));
                }
                None => {
                    prop_assert_eq!(theirs(&bound), theirs(&free), "unknown is no bound");
                    prop_assert!(fleet.is_none_or(|row| row.suffices().is_none()));
                }
            }
        }
    }

    #[test]
    fn more_trucks_in_one_depot_bring_no_area_less(world in worlds(), more in 1..9_u32) {
        let mut world = world;
        for store in world.stores.iter_mut().take(2) {
            (store.0, store.1) = (0, 0);
        }
        let have = world.stores[2].2.unwrap_or(3);
        let few = delivered(&world.with_trucks(Some(have)).answer(Fleets::Bound));
        let many = delivered(&world.with_trucks(Some(have + more)).answer(Fleets::Bound));
        for (key, units) in &few {
            prop_assert!(many[key] >= *units, "{:?}", key);
        }
        let enough = world.with_trucks(Some(1_000_000)).answer(Fleets::Bound);
        prop_assert_eq!(delivered(&enough), delivered(&world.answer(Fleets::Check)));
    }

    #[test]
    fn no_truck_leaves_what_people_cannot_do_without(world in worlds()) {
        let world = World { optional: true, ..world };
        let bound = world.answer(Fleets::Bound);
        // Bedding is mandatory and water is not: where a quilt stays behind for want of trucks,
        // water went to nobody but in room that a quilt does not fill.
        let Some((payload_kg, volume_l)) = world.truck else { return Ok(()) };
        let free = pieces(&world.answer(Fleets::Check));
        let sent = pieces(&bound);
        let quilt = bound.deliveries.iter().find(|row| row.item.code.as_str() == "QUILT");
        let Some(item) = quilt.map(|row| std::sync::Arc::clone(&row.item)) else { return Ok(()) };
        for (key, all) in free.iter().filter(|(key, _)| key[2] == "QUILT") {
            let left = all - sent.get(key).copied().unwrap_or_default();
            let depot = bound.fleets.iter().find(|row| row.depot.code.as_str() == key[0]).unwrap();
            let by_weight = i64::from(payload_kg) * 1_000 / item.weight_g.max(1);
            let by_volume = volume_l.map_or(i64::MAX, |litres| {
                i64::from(litres) * 1_000 / item.volume_ml.max(1)
            });
            let fits = by_weight.min(by_volume);
            if left == 0 || fits == 0 {
                continue;
            }
            // Every truck of the depot is on its way, and full of quilts but for less than one.
            let quilts: i64 = (sent.iter())
                .filter(|(other, _)| other[0] == key[0] && other[2] == "QUILT")
                .map(|(_, pieces)| *pieces)
                .sum();
            let have = i64::from(depot.depot.trucks.unwrap());
            let lanes = 2;
            prop_assert!(quilts >= (have - lanes).max(0) * fits, "{} of {}", quilts, have);
        }
    }
}

#[test]
fn the_worst_off_are_served_first_and_a_truck_at_a_time() {
    // A truck of a tonne takes 500 quilts of two kilograms; the city has two of them.
    let world = World {
        stores: vec![(0, 0, Some(0)), (0, 0, Some(0)), (800, 0, Some(1))],
        people: [300, 500],
        classes: [0, 0],
        truck: Some((200, None)),
        optional: true,
    };
    let quilt = world.position().reference.items.by_code("QUILT").unwrap().weight_g;
    let fits = 200_000 / quilt;
    let told = |world: &World| {
        let outcome = world.answer(Fleets::Bound);
        let rows = outcome.areas.iter().map(|row| row.needs[0].delivered);
        rows.collect::<Vec<i64>>()
    };
    assert_eq!(told(&world), [fits, 0], "of equals the area named first");
    let two = world.with_trucks(Some(2));
    assert_eq!(told(&two), [fits, fits], "then the other");
    let first = World { classes: [1, 0], ..world.clone() };
    assert_eq!(told(&first), [0, fits], "whose class is smaller");
    let outcome = world.answer(Fleets::Bound);
    let row = &outcome.areas[1];
    assert_eq!(row.needs[0].cause(), Some(Cause::Fleet));
    assert_eq!((row.coverage, row.persons_covered), (Some(Ratio::ZERO), Some(0)));
    assert_eq!(row.unbounded, Some((Some(Ratio::ONE), Some(500))));
    let fleet = outcome.fleets.iter().find(|row| row.depot.code.as_str() == "D-3713").unwrap();
    assert_eq!(fleet.weight_g, fits * quilt);
    assert_eq!(fleet.left_g, (800 - fits) * quilt);
    assert_eq!(world.answer(Fleets::Check).fleets[0].left_g, 0);
}

#[test]
fn what_the_check_finds_enough_is_not_cut() {
    // Five trucks of four kilograms carry twenty by weight, if not in pieces of two and a half.
    let world = World {
        stores: vec![(0, 0, None), (0, 0, None), (8, 0, Some(5))],
        people: [8, 1],
        classes: [0, 1],
        truck: Some((4, None)),
        optional: true,
    };
    let outcome = world.answer(Fleets::Bound);
    assert_eq!(outcome.areas[0].needs[0].delivered, 8);
    assert_eq!(outcome.fleets[0].suffices(), Some(true));
    let four = world.with_trucks(Some(4)).answer(Fleets::Bound);
    assert_eq!(four.areas[0].needs[0].delivered, 4, "a piece each");
}

#[test]
fn a_truck_takes_along_what_others_get_the_same_way() {
    let world = World {
        stores: vec![(0, 0, Some(0)), (0, 0, Some(0)), (300, 2_400, Some(1))],
        people: [300, 500],
        classes: [0, 1],
        truck: Some((1_000, None)),
        optional: true,
    };
    // A tonne is 400 pieces: 300 quilts for the first area, and bottles for as much as is left.
    let outcome = world.answer(Fleets::Bound);
    let all = outcome.deliveries.iter();
    let sent: Vec<(&str, i64)> = all.map(|row| (row.item.code.as_str(), row.quantity)).collect();
    assert_eq!(sent, [("QUILT", 300), ("WATER", 100)]);
    // A second truck goes where the least part of what people need is, not where some is already.
    let two = world.with_trucks(Some(2)).answer(Fleets::Bound);
    let water = |outcome: &Outcome, area: usize| outcome.areas[area].needs[1].delivered;
    assert_eq!((water(&outcome, 0), water(&two, 0)), (50_000, 250_000), "the first class first");
    let same = World { classes: [0, 0], ..world };
    let two = same.with_trucks(Some(2)).answer(Fleets::Bound);
    assert!(water(&two, 1) > 0 || two.areas[1].needs[0].delivered > 0, "whoever has less");
}
