//! Tests of scenarios that need no server.
//!
//! Lives here: the bound on pairs, closures, seasons, what the disaster leaves, the curves. Does
//! not live here: who gets what (`allocation`, and over HTTP). Invariant: a bound is met from both
//! sides.

use super::super::travel::Hold;
use super::closure::Parting;
use super::*;
use crate::domain::catalogue::{Item, Need, Provision};
use crate::domain::fixture::*;
use crate::domain::reference::Record;

const COUNTIES: [&str; 2] = ["371301", "371302"];

/// Quilts in both counties and the city: two ways to each county.
fn stocked() -> Position {
    let mut position = with_records(&world(), vec![Record::Profile(profile("3713"))]);
    for depot in ["D-371301", "D-371302", "D-3713"] {
        receive(&mut position, depot, "QUILT", 500, lot("L", "2030-01-01"));
    }
    position
}

pub(super) fn both_counties(position: &Position) -> Scenario {
    let region = |text: &str| position.reference.regions.find(region_code(text)).unwrap();
    Scenario {
        areas: COUNTIES
            .map(|text| Struck { region: region(text), displaced: 600, class: 0 })
            .to_vec(),
        closures: Vec::new(),
        disabled: Vec::new(),
        hours: None,
        elapsed_min: 0,
        days: 1,
        scope: Scope::default(),
        clock: None,
        speed_percent: 100,
        off_hours: false,
        surviving_percent: 100,
        on: day("2026-11-22"),
        month: None,
        sets_out_min: None,
        event: None,
        fleets: Fleets::default(),
        detail: false,
    }
}

#[test]
fn more_pairs_than_are_looked_at_are_refused_whole() {
    let position = stocked();
    let scenario = both_counties(&position);
    let outcome = run_within(&position, &scenario, 4, &mut || true).expect("as many as may be");
    let needs = outcome.areas.iter().flat_map(|row| &row.needs);
    let bedding = needs.filter(|one| one.need.code.as_str() == "bedding");
    let given: Vec<i64> = bedding.map(|one| one.delivered).collect();
    assert_eq!(given, [600, 600]);
    let Err(Refusal::Invalid(faults)) = run_within(&position, &scenario, 3, &mut || true) else {
        panic!("one pair too many");
    };
    assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/areas", FaultCode::OutOfRange));
}

fn bedding(outcome: &Outcome) -> Vec<i64> {
    let needs = outcome.areas.iter().flat_map(|row| &row.needs);
    needs.filter(|one| one.need.code.as_str() == "bedding").map(|one| one.delivered).collect()
}

#[test]
fn goods_wait_for_each_closure_that_they_meet() {
    let wait = |there: i64, closures: &[(u32, Option<u32>)]| {
        let gate = |(closes, opens_min): &(u32, Option<u32>)| {
            (*closes, Hold { number: 0, opens_min: *opens_min })
        };
        let closures = closures.iter().map(gate).collect();
        Hold::wait_min(Parting { closures, there }.hold(i64::from))
    };
    assert_eq!(wait(100, &[]), Some(0));
    assert_eq!(wait(100, &[(0, Some(60))]), Some(60));
    assert_eq!(wait(100, &[(100, Some(600))]), Some(0), "there before it closes");
    assert_eq!(wait(101, &[(100, Some(600))]), Some(600));
    assert_eq!(wait(0, &[(0, Some(5))]), Some(5), "closed from the start");
    assert_eq!(wait(100, &[(120, Some(600)), (0, Some(60))]), Some(600), "from one into the next");
    assert_eq!(wait(100, &[(120, None), (0, Some(60))]), None);
    assert_eq!(wait(100, &[(200, None), (0, Some(60))]), Some(60));
}

#[test]
fn pairs_and_stretches_close_for_a_time_too() {
    let position = stocked();
    let region = |text: &str| position.reference.regions.find(region_code(text)).unwrap();
    let depot = position.reference.depots.find("D-3713").unwrap();
    let given = |what: Obstacle, closes_min: u32, opens_min: Option<u32>| {
        let mut scenario = both_counties(&position);
        scenario.areas.iter_mut().for_each(|area| area.displaced = 1_000);
        scenario.closures = vec![Closure { what, closes_min, opens_min }];
        let outcome = run(&position, &scenario).unwrap();
        let causes = outcome.areas[0].needs.iter().filter_map(|one| one.relief);
        (bedding(&outcome), causes.map(|relief| relief.causes[0]).collect::<Vec<Cause>>())
    };
    let pair = |text: &str| Obstacle::Pair { depot, region: region(text) };
    // The city's 500 go to both; with one way shut, all to the other.
    assert_eq!(given(pair("371301"), 0, None).0, [500, 1_000]);
    assert!(given(pair("371301"), 0, None).1.contains(&Cause::Road));
    assert_eq!(given(pair("371301"), 0, Some(60)).0, [750, 750], "open before they are loaded");
    assert_eq!(given(pair("371301"), 5_000, None).0, [750, 750], "there before it closes");
    assert_eq!(given(pair("3713"), 0, None).0, [750, 750], "the depot lies inside");
    let other = Obstacle::Pair {
        depot: position.reference.depots.find("D-371301").unwrap(),
        region: region("371301"),
    };
    assert_eq!(given(other, 0, None).0, [750, 750]);
    // Nobody knows the stretch: it is on no way.
    assert_eq!(given(Obstacle::Roads(vec![code("R-9")]), 0, None).0, [750, 750]);
}

#[test]
fn what_is_held_back_is_what_would_be_in_time_on_open_roads() {
    let mut position = with_records(&world(), vec![Record::Profile(profile("3713"))]);
    receive(&mut position, "D-371301", "QUILT", 300, lot("L", "2030-01-01"));
    receive(&mut position, "D-3713", "QUILT", 400, lot("L", "2030-01-01"));
    receive(&mut position, "D-371302", "WATER", 900, lot("L", "2030-01-01"));
    let region = |text: &str| position.reference.regions.find(region_code(text)).unwrap();
    let city = position.reference.depots.find("D-3713").unwrap();
    let outcome = |hours: Option<u32>, opens_min: Option<u32>| {
        let areas = Obstacle::Region(region("371301"));
        let pair = Obstacle::Pair { depot: city, region: region("371302") };
        let closure = |what: Obstacle| Closure { what, closes_min: 0, opens_min };
        let scope = Scope::City;
        let mut scenario = Scenario { scope, hours, ..both_counties(&position) };
        scenario.closures = vec![closure(areas), closure(pair)];
        run(&position, &scenario).unwrap()
    };
    let held = |outcome: &Outcome, need: &str| {
        let needs = outcome.areas.iter().flat_map(|row| &row.needs);
        let found = needs.filter(|one| one.need.code.as_str() == need);
        let rows = |one: &AreaNeed| {
            let row = |row: &HeldBack| (row.number, row.depots, row.units);
            one.held_back.iter().map(row).collect::<Vec<_>>()
        };
        found.map(rows).collect::<Vec<_>>()
    };
    let shut = outcome(None, None);
    // The city's quilts on either way; what has none of a need holds none of it back.
    let quilts = [vec![(0, 1, 400)], vec![(1, 1, 400), (0, 1, 300)]];
    assert_eq!(held(&shut, "bedding"), quilts);
    assert_eq!(held(&shut, "water"), [vec![(0, 1, 450_000)], vec![]]);
    // Too late on open roads too: no closure is to blame.
    assert_eq!(held(&outcome(Some(3), None), "bedding"), [vec![], vec![]]);
    // Open before they are loaded: in time, and nothing waits.
    let soon = outcome(None, Some(60));
    assert_eq!(held(&soon, "bedding"), [vec![], vec![]]);
    assert!(soon.deliveries.iter().all(|row| row.held_by.is_none()));
    assert!(soon.deliveries.iter().any(|row| row.depot.code.as_str() == "D-3713"));
}

#[test]
fn the_disaster_takes_its_part_of_what_lies_where_it_strikes() {
    let position = stocked();
    let crowd = |surviving_percent: u32| {
        let mut scenario = Scenario { surviving_percent, ..both_counties(&position) };
        scenario.areas.iter_mut().for_each(|area| area.displaced = 1_000);
        bedding(&run(&position, &scenario).unwrap())
    };
    assert_eq!(crowd(100), [750, 750]);
    assert_eq!(crowd(51), [505, 505], "255 in each county, the 500 of the city");
    assert_eq!(crowd(0), [250, 250]);
}

#[test]
fn seasonal_needs_follow_the_month_asked_for() {
    let position = stocked();
    let need = position.reference.needs.by_code("bedding").unwrap();
    let season = crate::domain::catalogue::Season::parse("10-04");
    let winter = Record::Need(Need { season, ..(**need).clone() });
    let position = with_records(&position, vec![winter]);
    let asked = |month: Option<u32>| {
        let scenario = Scenario { month, ..both_counties(&position) };
        bedding(&run(&position, &scenario).unwrap()).len()
    };
    assert_eq!((asked(None), asked(Some(1)), asked(Some(7))), (2, 2, 0));
}

#[test]
fn no_curve_is_above_the_potential() {
    let position = stocked();
    let scenario = Scenario { detail: true, ..both_counties(&position) };
    let answered = run(&position, &scenario).unwrap().detail.unwrap();
    assert_eq!(answered.curve.len(), 12, "an hour a step");
    for step in &answered.curve {
        assert!(step.potential.share >= step.plan.share, "{step:?}");
        assert!(step.potential.share >= step.nearest_first.share, "{step:?}");
    }
    let last = answered.curve.last().unwrap();
    assert_eq!(last.plan, last.potential, "the plan delivers all that can be");
}

/// Quilts packed in sevens, so that no share is a whole number of packs.
fn packed() -> Position {
    let position = world();
    let quilt = position.reference.items.by_code("QUILT").unwrap();
    let provision = quilt.provision.clone().map(|given| Provision { amount: 7, ..given });
    let packs = Record::Item(Item { provision, ..(**quilt).clone() });
    let mut position = with_records(&position, vec![Record::Profile(profile("3713")), packs]);
    for (depot, count) in [("D-371301", 51), ("D-371302", 23), ("D-3713", 41)] {
        receive(&mut position, depot, "QUILT", count, lot("L", "2030-01-01"));
        receive(&mut position, depot, "WATER", 24_000, lot("W", "2030-01-01"));
    }
    position
}

#[test]
fn a_circumstance_is_answered_as_if_it_had_been_asked_about() {
    let position = packed();
    for surviving_percent in [100, 77, 50] {
        let mut scenario = Scenario { surviving_percent, detail: true, ..both_counties(&position) };
        scenario.areas.iter_mut().for_each(|area| area.displaced = 997);
        let variants = run(&position, &scenario).unwrap().detail.unwrap().variants;
        assert!(variants.len() > 4, "{variants:?}");
        for variant in variants {
            let mut other = Scenario { detail: false, ..scenario.clone() };
            match variant.variation {
                Variation::SpeedPercent(percent) => other.speed_percent = percent,
                Variation::SurvivingPercent(percent) => other.surviving_percent = percent,
                Variation::Hours(hours) => other.hours = Some(hours),
                Variation::Scope(scope) => other.scope = scope,
            }
            let asked = run(&position, &other).unwrap();
            let persons: i64 = asked.areas.iter().filter_map(|row| row.persons_covered).sum();
            let lowest = asked.areas.iter().filter_map(|row| row.coverage).min();
            assert_eq!((variant.persons, variant.lowest), (persons, lowest), "{variant:?}");
            assert!(persons > 0);
        }
    }
}

#[test]
fn what_survives_is_whole_pieces_of_each_item() {
    let position = packed();
    let mut scenario = Scenario { surviving_percent: 50, ..both_counties(&position) };
    scenario.areas.iter_mut().for_each(|area| area.displaced = 997);
    let sent = run(&position, &scenario).unwrap().deliveries;
    let pieces = |depot: &str| -> i64 {
        let quilts = sent.iter().filter(|row| row.item.code.as_str() == "QUILT");
        quilts.filter(|row| row.depot.code.as_str() == depot).map(|row| row.quantity).sum()
    };
    assert_eq!(["D-371301", "D-371302", "D-3713"].map(pieces), [25, 11, 41]);
}

/// Where quilts are proposed to lie; each proposal must bring what it says when they lie there.
fn proposed(surviving_percent: u32, hours: Option<u32>) -> HashSet<(Remedy, String)> {
    let position = stocked();
    let mut scenario =
        Scenario { surviving_percent, hours, detail: true, ..both_counties(&position) };
    scenario.areas.iter_mut().for_each(|area| area.displaced = 1_000);
    let answer = |position: &Position| run(position, &scenario).unwrap();
    let total = |position: &Position| bedding(&answer(position)).iter().sum::<i64>();
    let advice = answer(&position).detail.unwrap().advice;
    let mut places = HashSet::new();
    for row in advice.iter().filter(|row| row.need.code.as_str() == "bedding") {
        // A store in an area stands for any depot in it.
        let in_area = || format!("D-{}", &row.region.code.to_string()[..6]);
        let depot = row.depot.as_ref().map_or_else(in_area, |depot| depot.code.to_string());
        for gain in [row.pack, row.whole] {
            let mut there = position.clone();
            receive(&mut there, &depot, "QUILT", gain.pieces, lot("M", "2030-01-01"));
            let more = total(&there) - total(&position);
            assert_eq!(more, gain.delivered, "{surviving_percent} % of {gain:?} at {depot}");
        }
        assert!(row.whole.delivered > 0, "{depot}");
        places.insert((row.remedy, depot));
    }
    places
}

#[test]
fn what_is_proposed_brings_what_it_promises_when_it_is_there_beforehand() {
    let at = |remedy: Remedy, depot: &str| (remedy, depot.to_string());
    let city = at(Remedy::Buy, "D-3713");
    let own = at(Remedy::Buy, "D-371301");
    let nearer = at(Remedy::Preposition, "D-371301");
    for surviving_percent in [100, 70, 1] {
        let found = proposed(surviving_percent, None);
        assert!(found.contains(&city) && found.contains(&own), "{found:?}");
        // The city's quilts come after five hours.
        let found = proposed(surviving_percent, Some(5));
        assert!(found.contains(&own) && found.contains(&nearer), "{found:?}");
    }
    // Nothing would be left of what lies in an area.
    assert_eq!(proposed(0, None), HashSet::from([city]));
    assert_eq!(proposed(0, Some(5)), HashSet::new());
}
