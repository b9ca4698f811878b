//! Tests of what the areas of a scenario ask for, and of whom: what has been issued, what is not
//! known, what is optional, whose goods count.
//!
//! Lives here: units and people by number. Does not live here: who gets what (`allocation`).
//! Invariant: nobody asks for what they have, and what is not known asks for nothing.

use super::super::catalogue::{Item, ItemStatus, LifeKind, Need, Per};
use super::super::coverage::Missing;
use super::super::event::{Event, EventArea, order_no, sample};
use super::super::movement::MovementType;
use super::super::quantity::Ratio;
use super::tests::both_counties;
use super::*;
use crate::domain::fixture::*;
use crate::domain::reference::Record;

/// Quilts in both counties and the city; nobody needs water.
fn stocked(quilts: i64) -> Position {
    let dry = Record::Need(need("water", 0, Per::Day));
    let mut position = with_records(&world(), vec![Record::Profile(profile("3713")), dry]);
    for depot in ["D-371301", "D-371302", "D-3713"] {
        receive(&mut position, depot, "QUILT", quilts, lot("L", "2030-01-01"));
    }
    position
}

fn bedding(outcome: &Outcome) -> Vec<i64> {
    let needs = outcome.areas.iter().flat_map(|row| &row.needs);
    needs.filter(|one| one.need.code.as_str() == "bedding").map(|one| one.delivered).collect()
}

/// An event that strikes county 371302.
fn flood(displaced: i64) -> Event {
    Event {
        closures: Vec::new(),
        disabled_depots: Vec::new(),
        areas: vec![EventArea {
            region: region_code("371302"),
            displaced: Some(displaced),
            class: 0,
        }],
        ..sample()
    }
}

/// Quilts of the county's own depot, issued for the event.
fn issued(position: &mut Position, quilts: i64) {
    let mut issue =
        draft(MovementType::Issue, noon("2026-07-01"), vec![out("D-371302", "QUILT", quilts)]);
    issue.paper.order_no = Some(order_no(&code("E-1"), region_code("371302")));
    book(position, &issue, noon("2026-07-01")).unwrap();
}

#[test]
fn what_has_been_issued_is_asked_for_no_more_and_counts_up_to_what_is_needed() {
    let mut position = with_records(&stocked(500), vec![Record::Event(flood(200))]);
    issued(&mut position, 100);
    for (displaced, required, issued, delivered) in
        [(200, 200, 100, 100), (100, 100, 100, 0), (60, 60, 60, 0)]
    {
        let position = with_records(&position, vec![Record::Event(flood(displaced))]);
        let event = position.reference.events.by_code("E-1").unwrap();
        let moment = Moment { elapsed_min: 0, on: day("2026-07-02") };
        let scenario = Scenario::of_event(&position.reference, event, moment);
        let outcome = run(&position, &scenario).unwrap();
        let [row] = &outcome.areas[..] else { panic!("one area") };
        let [one] = &row.needs[..] else { panic!("one need: {:?}", row.needs) };
        assert_eq!((one.required, one.issued, one.delivered), (required, issued, delivered));
        assert_eq!((row.coverage, row.persons_covered), (Some(Ratio::ONE), Some(displaced)));
        assert_eq!(outcome.shortages, []);
    }
}

#[test]
fn no_share_is_taken_again_of_what_is_left_once_goods_have_gone_for_the_event() {
    let mut position = with_records(&stocked(101), vec![Record::Event(flood(1_000))]);
    let mut sent = |quilts: i64| {
        issued(&mut position, quilts);
        let event = position.reference.events.by_code("E-1").unwrap();
        let moment = Moment { elapsed_min: 0, on: day("2026-07-02") };
        let scenario = Scenario::of_event(&position.reference, event, moment);
        let outcome = run(&position, &Scenario { surviving_percent: 50, ..scenario }).unwrap();
        let own = outcome.deliveries.iter().filter(|row| row.depot.code.as_str() == "D-371302");
        own.map(|row| row.quantity).sum::<i64>()
    };
    // Fifty of 101 have survived, of which 30 have gone; the city's depot was not struck.
    assert_eq!((sent(30), sent(20), sent(10)), (20, 0, 0));
}

#[test]
fn an_area_of_which_something_is_not_known_asks_for_nothing() {
    // Nobody has said how the other city delivers.
    let elsewhere = ["3710", "371001"].map(|text| Record::Region(region(text, 0, 0)));
    let position = with_records(&stocked(500), elsewhere.to_vec());
    let mut scenario = both_counties(&position);
    let region = position.reference.regions.find(region_code("371001")).unwrap();
    scenario.areas[1].region = region;
    let outcome = run(&position, &scenario).unwrap();
    let unknown = &outcome.areas[1];
    assert_eq!((unknown.missing, unknown.coverage), (Some(Missing::Profile), None));
    assert_eq!((&unknown.needs[..], unknown.persons_covered), (&[][..], None));
    assert_eq!((bedding(&outcome), &outcome.shortages[..]), (vec![600], &[][..]));
}

#[test]
fn what_is_optional_leaves_nobody_uncovered() {
    let position = stocked(500);
    let optional = Need { mandatory: false, ..need("light", 1_000, Per::Once) };
    let position = with_records(&position, vec![Record::Need(optional)]);
    let outcome = run(&position, &Scenario { detail: true, ..both_counties(&position) }).unwrap();
    let covered: Vec<_> = outcome.areas.iter().map(|row| row.persons_covered).collect();
    assert_eq!(covered, [Some(600), Some(600)]);
    assert!(outcome.areas.iter().all(|row| row.escalation.coverage[2] == Some(Ratio::ONE)));
    let detail = outcome.detail.unwrap();
    assert!(!detail.variants.is_empty());
    for variant in &detail.variants {
        assert!(variant.persons > 0 && variant.lowest > Some(Ratio::ZERO), "{variant:?}");
    }
}

#[test]
fn goods_of_the_province_count_in_a_scope_that_has_them() {
    let mut position = stocked(100);
    receive_owned(&mut position, "D-3713", Some("O-37"), "QUILT", 700, lot("P", "2030-01-01"));
    let given = |scope: Scope| {
        let outcome = run(&position, &Scenario { scope, ..both_counties(&position) }).unwrap();
        bedding(&outcome).iter().sum::<i64>()
    };
    assert_eq!((given(Scope::OwnChain), given(Scope::City)), (300, 300));
    assert_eq!(given(Scope::Province), 1_000);
}

#[test]
fn what_is_proposed_is_still_bought_and_no_more_than_is_lacking() {
    let light = item("BLANKET", Some(("bedding", 1)), LifeKind::None, 0);
    let retired = Item { priority: Some(0), status: ItemStatus::Retired, ..light };
    let position = with_records(&stocked(500), vec![Record::Item(retired)]);
    let advice = |hours: Option<u32>, displaced: i64, surviving_percent: u32| {
        let mut scenario =
            Scenario { hours, surviving_percent, detail: true, ..both_counties(&position) };
        scenario.areas.iter_mut().for_each(|area| area.displaced = displaced);
        run(&position, &scenario).unwrap().detail.unwrap().advice
    };
    // 755 and 755 of 750 and 750: ten lack, which is less than a pack of 24.
    let found = advice(None, 755, 100);
    assert!(found.iter().all(|row| row.item.code.as_str() == "QUILT"), "{found:?}");
    for row in &found {
        assert!((1..=10).contains(&row.pack.pieces), "{row:?}");
        assert!((1..=10).contains(&row.whole.pieces), "{row:?}");
    }
    // In five hours the city's 500 are there for nobody, and each county lacks a hundred: what is
    // brought into one of them serves that one alone.
    let brought = |surviving_percent: u32| {
        let found = advice(Some(5), 600, surviving_percent);
        let found = found.iter().filter(|row| row.remedy == Remedy::Preposition);
        found.map(|row| (row.whole.pieces, row.whole.delivered)).collect::<Vec<_>>()
    };
    assert_eq!(brought(100), [(100, 100)]);
    // Where four fifths are left of what lies there, 200 lack, which 250 leave.
    assert_eq!(brought(80), [(250, 200)]);
    // Where half is left, 350 lack, and all 500 are not enough.
    assert_eq!(brought(50), [(500, 250)]);
}
