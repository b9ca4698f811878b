//! Tests of what is flown: the worked example, what is brought to a base, why nothing is flown.
//!
//! Lives here: whole answers. Does not live here: flights of random bases and what never happens
//! (`law_tests`), the arithmetic of one flight (`helibase_tests`). Invariant: the plan by road is
//! the same with flights and without.

use super::super::tests::both_counties;
use super::super::{Closure, Obstacle, Outcome, run};
use super::*;
use crate::domain::catalogue::{LifeKind, Per};
use crate::domain::fixture::*;
use crate::domain::helibase::Helibase;
use crate::domain::reference::Record;
use crate::domain::region::Point;

/// 40.1 km south of county 371301, where a depot of the city stands.
pub const PAD: Point = Point { lon_e6: 118_400_000, lat_e6: 34_938_550 };

/// Quilts of 2.5 kg, bottles of half a kilo and meals of 200 g in that depot, for 2,000 people.
pub fn settled(base: Helibase) -> Position {
    let mut bottle = item("WATER", Some(("water", 500)), LifeKind::Hard, 12);
    bottle.weight_g = 500;
    let mut meal = item("MEAL", Some(("food", 1)), LifeKind::Hard, 12);
    meal.weight_g = 200;
    let records = vec![
        Record::Profile(profile("3713")),
        Record::Item(bottle),
        Record::Need(need("food", 3_000, Per::Day)),
        Record::Item(meal),
        Record::Helibase(base),
        Record::Depot(depot("D-PAD", "3713", "O-3713", PAD.lon_e6, PAD.lat_e6)),
    ];
    let mut position = with_records(&world(), records);
    for (item, count) in [("QUILT", 2_000), ("WATER", 12_000), ("MEAL", 6_000)] {
        receive(&mut position, "D-PAD", item, count, lot("L", "2030-01-01"));
    }
    position
}

pub fn at_pad() -> Helibase {
    Helibase { location: PAD, ..helibase("HB", "3713") }
}

/// County 371301 with 2,000 people, its roads closed for good.
pub fn cut_off(position: &Position) -> Scenario {
    let mut scenario = both_counties(position);
    scenario.areas.truncate(1);
    scenario.areas.iter_mut().for_each(|area| area.displaced = 2_000);
    let region = scenario.areas[0].region;
    let what = Obstacle::Region(region);
    scenario.closures = vec![Closure { what, closes_min: 0, opens_min: None }];
    scenario
}

pub fn answer(position: &Position, scenario: &Scenario) -> Outcome {
    run(position, scenario).unwrap()
}

#[test]
fn the_worked_base_brings_803_persons_what_they_need() {
    let position = settled(at_pad());
    let outcome = answer(&position, &cut_off(&position));
    let [row] = outcome.flights.as_slice() else { panic!("{:?}", outcome.flights) };
    assert_eq!((row.lift.cm + 500) / 1_000, 4_010);
    assert_eq!((row.first_min, row.sorties, row.lift.capacity_kg), (Some(148), 7, 4_900));
    assert!(row.weight_g <= 4_900_000 && row.grounded.is_none(), "{}", row.weight_g);
    let area = &outcome.areas[0];
    assert_eq!((area.persons_covered, area.with_air.1), (Some(0), Some(803)));
    assert!(outcome.deliveries.is_empty(), "it is on top of the plan");
}

#[test]
fn goods_that_are_not_at_the_base_are_brought_there_first() {
    let near = settled(at_pad());
    let mut base = at_pad();
    // The base is 20 km off the depot: a truck is called up, loaded and driven.
    base.location.lat_e6 += 180_000;
    let far = settled(base);
    let row = |position: &Position| answer(position, &cut_off(position)).flights[0].clone();
    let (at_hand, brought) = (row(&near), row(&far));
    assert!(at_hand.loads.iter().all(|load| !load.brought));
    assert!(brought.loads.iter().all(|load| load.brought));
    assert!(brought.lift.capacity_kg >= at_hand.lift.capacity_kg, "it is nearer to the area");
    assert!(brought.first_min > at_hand.first_min, "{:?}", brought.first_min);
    assert!(brought.sorties < at_hand.sorties, "{}", brought.sorties);
}

#[test]
fn why_nothing_is_flown_is_told_with_the_distance() {
    let told = |change: &dyn Fn(&mut Helibase), scenario: &dyn Fn(&mut Scenario)| {
        let mut base = at_pad();
        change(&mut base);
        let position = settled(base);
        let mut asked = cut_off(&position);
        scenario(&mut asked);
        let outcome = answer(&position, &asked);
        let row = outcome.flights[0].clone();
        assert_eq!(outcome.areas[0].with_air.1, outcome.areas[0].persons_covered);
        assert!(row.lift.cm > 0 && row.sorties == 0 && row.loads.is_empty());
        row.grounded
    };
    let as_is = |_: &mut Scenario| {};
    assert_eq!(told(&|base| base.radius_km = 40, &as_is), Some(Grounded::Distance));
    assert_eq!(told(&|base| base.flying_min = 12, &as_is), Some(Grounded::Daylight));
    let hurried = |one: &mut Scenario| {
        one.hours = Some(3);
        one.closures.clear();
    };
    assert_eq!(told(&|_| {}, &hurried), Some(Grounded::Time));
    // The base counts as lying in a county that no truck reaches either.
    let county = |base: &mut Helibase| base.region = region_code("371302");
    let shut = |one: &mut Scenario| {
        let region = settled(at_pad()).reference.regions.find(region_code("371302"));
        let what = Obstacle::Region(region.unwrap());
        one.closures.push(Closure { what, closes_min: 0, opens_min: None });
    };
    assert_eq!(told(&county, &shut), Some(Grounded::Goods));
    // Hours that have gone by are hours of daylight.
    let late = |one: &mut Scenario| (one.elapsed_min, one.hours) = (360, Some(24));
    assert_eq!(told(&|_| {}, &late), Some(Grounded::Daylight));
}

#[test]
fn an_area_that_lacks_an_open_road_and_time_is_flown_to() {
    let position = settled(at_pad());
    let mut scenario = cut_off(&position);
    // By road goods would take six and a half hours, the first machine two and a half.
    scenario.hours = Some(5);
    let short = |outcome: &Outcome| {
        outcome.areas[0].needs.iter().map(AreaNeed::causes).collect::<Vec<&[Cause]>>()
    };
    let shut = answer(&position, &scenario);
    assert_eq!(short(&shut), [&[Cause::Road, Cause::Time][..]; 3]);
    assert!(shut.flights[0].sorties > 0 && shut.areas[0].with_air.1 > Some(0));
    for need in &shut.areas[0].needs {
        let relief = need.relief.unwrap();
        assert_eq!((relief.on_open_roads, relief.whenever), (Some(0), 0));
        assert_eq!(relief.on_open_roads_whenever, Some(need.required));
        assert!(need.held_back.is_empty(), "nothing would be in time on open roads");
    }
    scenario.closures.clear();
    assert_eq!(short(&answer(&position, &scenario)), [&[Cause::Time][..]; 3]);
}

#[test]
fn what_roads_bring_is_not_flown_and_stock_that_lacks_is_not_made_up() {
    let position = settled(at_pad());
    let mut scenario = cut_off(&position);
    scenario.closures.clear();
    let open = answer(&position, &scenario);
    assert!(open.flights.is_empty() && !open.deliveries.is_empty());
    assert_eq!(open.areas[0].with_air, (open.areas[0].coverage, open.areas[0].persons_covered));
    // The other county takes by road what it needs first; what is left is flown.
    let mut both = both_counties(&position);
    both.areas.iter_mut().for_each(|area| area.displaced = 1_900);
    both.closures = cut_off(&position).closures;
    let shared = answer(&position, &both);
    let sent: i64 = shared
        .deliveries
        .iter()
        .filter(|row| row.item.code.as_str() == "QUILT")
        .map(|row| row.quantity)
        .sum();
    let flown: i64 = shared
        .flights
        .iter()
        .flat_map(|row| &row.loads)
        .filter(|load| load.item.code.as_str() == "QUILT")
        .map(|load| load.quantity)
        .sum();
    assert_eq!((sent, flown), (1_900, 100));
}

#[test]
fn trucks_that_bring_goods_to_a_base_are_checked_beside_those_of_the_plan() {
    let mut base = at_pad();
    base.location.lat_e6 += 180_000;
    let feeders = |trucks: Option<u32>, payload_kg: Option<u32>, base: &Helibase, others: i64| {
        let mut pad = depot("D-PAD", "3713", "O-3713", PAD.lon_e6, PAD.lat_e6);
        (pad.trucks, pad.truck_payload_kg) = (trucks, payload_kg);
        let position = with_records(&settled(base.clone()), vec![Record::Depot(pad)]);
        let mut scenario = cut_off(&position);
        scenario.areas = both_counties(&position).areas;
        scenario.areas[0].displaced = 2_000;
        scenario.areas[1].displaced = others;
        answer(&position, &scenario)
    };
    // Nothing by road for anybody else: all that is flown comes on trucks of 500 kg.
    let alone = feeders(Some(8), Some(500), &base, 0);
    let [row] = alone.feeders.as_slice() else { panic!("{:?}", alone.feeders) };
    let flown: i64 = alone.flights.iter().map(|flight| flight.weight_g).sum();
    assert_eq!((row.weight_g, row.trucks_of_plan), (flown, Some(0)));
    let by_hand = (flown + 499_999) / 500_000;
    assert_eq!(row.trucks_needed, Some(by_hand));
    assert_eq!(row.suffices(), Some(by_hand <= 8));
    let with = |trucks: i64| {
        let trucks = u32::try_from(trucks).unwrap();
        feeders(Some(trucks), Some(500), &base, 0).feeders[0].suffices()
    };
    assert_eq!((with(by_hand), with(by_hand - 1)), (Some(true), Some(false)));
    // What goes by road to the other county takes trucks, too.
    let both = feeders(Some(8), Some(500), &base, 100);
    let row = &both.feeders[0];
    assert_eq!(row.trucks_of_plan, both.fleets[0].trucks_needed);
    assert!(row.trucks_of_plan > Some(0));
    let needed = row.trucks_needed.unwrap() + row.trucks_of_plan.unwrap();
    assert_eq!(row.suffices(), Some(needed <= 8));
    // Nobody knows, or nothing need be brought.
    assert_eq!(feeders(None, Some(500), &base, 0).feeders[0].suffices(), None);
    let at_hand = feeders(Some(1), Some(500), &at_pad(), 0);
    assert!(at_hand.feeders.is_empty() && at_hand.flights[0].sorties > 0);
}
