//! Tests of scenarios that need no server.
//!
//! Lives here: the bound on pairs. Does not live here: who gets what (`allocation`, and over HTTP).
//! Invariant: a bound is met from both sides.

use super::*;
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

fn both_counties(position: &Position) -> Scenario {
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
        on: day("2026-11-22"),
    }
}

#[test]
fn more_pairs_than_are_looked_at_are_refused_whole() {
    let position = stocked();
    let scenario = both_counties(&position);
    let outcome = run_within(&position, &scenario, 4).expect("as many as may be");
    let needs = outcome.areas.iter().flat_map(|row| &row.needs);
    let bedding = needs.filter(|one| one.need.code.as_str() == "bedding");
    let given: Vec<i64> = bedding.map(|one| one.delivered).collect();
    assert_eq!(given, [600, 600]);
    let Err(Refusal::Invalid(faults)) = run_within(&position, &scenario, 3) else {
        panic!("one pair too many");
    };
    assert_eq!((faults[0].pointer.as_str(), faults[0].code), ("/areas", FaultCode::OutOfRange));
}
