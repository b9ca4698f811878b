//! Tests of why an area is short: each cause against answers to other questions.
//!
//! Lives here: scenarios asked again with roads open, with all the hours there are, with both. Does
//! not live here: how an answer finds its causes. Invariant: what is told of an area that is short
//! is what those answers deliver to it.

use proptest::prelude::*;

use super::tests::both_counties;
use super::*;
use crate::domain::fixture::*;
use crate::domain::reference::Record;

/// Quilts in both counties and in two depots of the city, one of them far away.
fn stocked(quilts: [i64; 4]) -> Position {
    let far = depot("D-FAR", "3713", "O-3713", 119_600_000, 35_300_000);
    let records = vec![Record::Profile(profile("3713")), Record::Depot(far)];
    let mut position = with_records(&world(), records);
    for (depot, count) in ["D-371301", "D-371302", "D-3713", "D-FAR"].into_iter().zip(quilts) {
        if count > 0 {
            receive(&mut position, depot, "QUILT", count, lot("L", "2030-01-01"));
        }
    }
    position
}

/// What each area gets of bedding, and why not more.
fn bedding(position: &Position, scenario: &Scenario) -> Vec<(i64, i64, Option<Relief>)> {
    let outcome = run(position, scenario).unwrap();
    let needs = outcome.areas.iter().flat_map(|row| &row.needs);
    let needs = needs.filter(|one| one.need.code.as_str() == "bedding");
    needs.map(|one| (one.delivered, one.required, one.relief)).collect()
}

/// Everything that would have to be otherwise, from what is delivered then.
fn judged(got: i64, open: i64, whenever: i64, both: i64) -> &'static [Cause] {
    match (open > got, whenever > got, both > got) {
        (true, _, _) => &[Cause::Road],
        (false, true, _) => &[Cause::Time],
        (false, false, true) => &[Cause::Road, Cause::Time],
        (false, false, false) => &[Cause::Stock],
    }
}

#[test]
fn each_cause_is_met() {
    let position = stocked([100, 0, 400, 0]);
    let told = |hours: u32, closed: bool, displaced: i64| {
        let mut scenario = both_counties(&position);
        scenario.areas.truncate(1);
        scenario.areas[0].displaced = displaced;
        scenario.hours = Some(hours);
        let what = Obstacle::Region(scenario.areas[0].region);
        let closure = Closure { what, closes_min: 0, opens_min: None };
        scenario.closures = if closed { vec![closure] } else { Vec::new() };
        bedding(&position, &scenario)[0].2.map(|relief| relief.causes)
    };
    assert_eq!(told(12, false, 500), None);
    assert_eq!(told(12, false, 501), Some(&[Cause::Stock][..]));
    assert_eq!(told(12, true, 500), Some(&[Cause::Road][..]));
    assert_eq!(told(5, false, 500), Some(&[Cause::Time][..]));
    assert_eq!(told(5, true, 500), Some(&[Cause::Road, Cause::Time][..]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn causes_are_what_other_answers_deliver(
        quilts in prop::array::uniform4(0..900_i64),
        displaced in prop::array::uniform2(1..1_500_i64),
        hours in 2..13_u32,
        opens in prop::collection::vec(prop::option::of(30..1_500_u32), 0..3),
    ) {
        let position = stocked(quilts);
        let mut scenario = both_counties(&position);
        for (area, people) in scenario.areas.iter_mut().zip(displaced) {
            area.displaced = people;
        }
        scenario.hours = Some(hours);
        let closed = scenario.areas.iter().zip(opens);
        scenario.closures = closed
            .map(|(area, opens_min)| {
                let what = Obstacle::Region(area.region);
                Closure { what, closes_min: 0, opens_min }
            })
            .collect();
        let open = Scenario { closures: Vec::new(), ..scenario.clone() };
        let forever = |scenario: &Scenario| Scenario {
            hours: Some(MAX_HOURS),
            ..scenario.clone()
        };
        let told = bedding(&position, &scenario);
        let others = [open.clone(), forever(&scenario), forever(&open)];
        let others = others.map(|other| bedding(&position, &other));
        for (at, (got, required, relief)) in told.into_iter().enumerate() {
            let [open, whenever, both] = [0, 1, 2].map(|other: usize| others[other][at].0);
            prop_assert_eq!(relief.is_some(), got < required);
            let Some(relief) = relief else { continue };
            prop_assert_eq!(relief.causes, judged(got, open, whenever, both));
            prop_assert_eq!(relief.on_open_roads.unwrap_or(got), open);
            prop_assert_eq!(relief.whenever, whenever);
            if let Some(told) = relief.on_open_roads_whenever {
                prop_assert_eq!(told, both);
            }
            let apart = relief.causes.len() > 1;
            prop_assert!(!apart || relief.on_open_roads_whenever == Some(both));
        }
    }
}
