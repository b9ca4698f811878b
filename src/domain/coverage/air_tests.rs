//! Tests of what could be flown: by when, for how many, of which goods, from which base.
//!
//! Lives here: who counts. Does not live here: the arithmetic of sorties (`helibase`). Invariant:
//! what lies in the area, or is optional, or no longer bought, is not to be lifted.

use super::tests::{TOWNSHIP, placed, query, stock, with_region};
use super::*;
use crate::domain::catalogue::{Item, ItemStatus, LifeKind, Need, Per};
use crate::domain::fixture::*;
use crate::domain::profile::ClockStart;
use crate::domain::reference::Record;

/// Quilts of 2.5 kg, one each, and a base beside the township.
fn asking(records: Vec<Record>) -> Position {
    let dry = Record::Need(need("water", 0, Per::Day));
    let base = Record::Helibase(helibase("HB", "3713"));
    with_records(&with_records(&placed(), vec![dry, base]), records)
}

fn air(position: &Position, change: impl FnOnce(&mut Query)) -> Air {
    let mut asked = query(position, TOWNSHIP, Some(Tier::Township));
    asked.detail = true;
    change(&mut asked);
    let row = coverage(position, &asked).unwrap().rows.remove(0);
    row.detail.unwrap().air.unwrap()
}

#[test]
fn lifts_are_counted_from_the_decision_to_the_handing_out() {
    let position = asking(Vec::new());
    let base = helibase("HB", "3713");
    for hours in [2_u32, 3, 5, 9] {
        for (clock, decide_min) in [(ClockStart::Disaster, 60), (ClockStart::Order, 0)] {
            let found = air(&position, |query| {
                (query.hours, query.clock) = (Some(hours), Some(clock));
            });
            let latest_min = i64::from(hours) * 60 - 60;
            assert_eq!(found.lift, base.lift(0, decide_min, latest_min), "{hours} h {clock:?}");
        }
    }
}

#[test]
fn what_the_area_has_or_can_do_without_is_not_lifted() {
    let told = |position: &Position| {
        let found = air(position, |_| {});
        (found.grams_per_person, found.persons)
    };
    // 13 flights of 700 kg.
    let position = asking(Vec::new());
    assert_eq!(told(&position), (Some(2_500), Some(2_000)), "no more people than there are");
    let crowded = with_region(&position, |region| region.planned_displaced = Some(5_000));
    assert_eq!(told(&crowded), (Some(2_500), Some(3_640)));
    let optional = Need { mandatory: false, ..need("light", 1_000, Per::Once) };
    let lamp = item("LAMP", Some(("light", 1)), LifeKind::None, 0);
    let more = vec![Record::Need(optional.clone()), Record::Item(lamp.clone())];
    assert_eq!(told(&with_records(&crowded, more)).0, Some(2_500), "not what is optional");
    let mandatory = Need { mandatory: true, ..optional };
    let more = vec![Record::Need(mandatory), Record::Item(lamp)];
    let both = with_records(&crowded, more);
    assert_eq!(told(&both).0, Some(5_000));
    let mut stocked = both.clone();
    stock(&mut stocked, "D-371301101", None, 5_000, 0);
    assert_eq!(told(&stocked).0, Some(2_500), "not what lies there");
    // The lightest goods that serve it and are still bought.
    let light = Item { weight_g: 500, ..item("BLANKET", Some(("bedding", 1)), LifeKind::None, 0) };
    let retired = Item { status: ItemStatus::Retired, ..light.clone() };
    assert_eq!(told(&with_records(&crowded, vec![Record::Item(light)])).0, Some(500));
    assert_eq!(told(&with_records(&crowded, vec![Record::Item(retired)])).0, Some(2_500));
}

#[test]
fn of_bases_that_lift_as_much_the_nearest_is_told() {
    let at = |code: &str, lon_e6: i32, payload_kg: u32| {
        let mut base = helibase(code, "3713");
        (base.location.lon_e6, base.payload_kg) = (lon_e6, payload_kg);
        Record::Helibase(base)
    };
    let told = |bases: Vec<Record>| {
        let found = air(&asking(bases), |query| query.hours = Some(4));
        found.base.code.to_string()
    };
    // Beyond their radius both lift nothing.
    let far = [at("HB", 900_000, 700), at("HA", 950_000, 700)];
    assert_eq!(told(far.to_vec()), "HB");
    let same = [at("HB", 100_000, 700), at("HA", 100_000, 700)];
    assert_eq!(told(same.to_vec()), "HA", "of equals the first by code");
    let near = [at("HB", 0, 700), at("HA", 100_000, 2_000)];
    assert_eq!(told(near.to_vec()), "HA", "who lifts more, though farther off");
}
