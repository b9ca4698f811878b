//! Tests of promises on their way: closed regions, who decides, where they lie.
//!
//! Lives here: minutes by number. Does not live here: what a register's entry gives (`reserve`).
//! Invariant: a promise is never there sooner than its owner's tier and the roads let it.

use super::tests::{TOWNSHIP, placed, query, with_region};
use super::*;
use crate::domain::catalogue::{ItemStatus, Per};
use crate::domain::fixture::*;
use crate::domain::quota::Mode;
use crate::domain::reference::Record;
use crate::domain::region::{LocationSource, Point};
use crate::domain::reserve::Agreement;

const HERE: Point = Point { lon_e6: 0, lat_e6: 0 };
/// By contract within six hours, then the last mile and handing out, the same for every tier.
const CALLED_AND_HANDED_OUT: i64 = 360 + 30 + 60;

/// An agreement of a region over 900 quilts that lie where the township is.
fn near(owner: &str) -> Agreement {
    let mut found = agreement("AG", owner);
    found.terms.location = Some(HERE);
    found
}

/// 500 people of the township ask for quilts, and agreements alone count for them.
fn asking(records: Vec<Record>) -> Position {
    let mut counted = profile("3713");
    counted.modes_counted = vec![Mode::Agreement];
    let dry = Record::Need(need("water", 0, Per::Day));
    let position = with_records(&placed(), vec![Record::Profile(counted), dry]);
    let position = with_region(&position, |region| region.planned_displaced = Some(500));
    with_records(&position, records)
}

fn told(position: &Position, change: impl FnOnce(&mut Query)) -> Row {
    let mut asked = query(position, TOWNSHIP, Some(Tier::Township));
    (asked.on, asked.detail) = (day("2022-01-10"), true);
    change(&mut asked);
    coverage(position, &asked).unwrap().rows.remove(0)
}

/// When the people have their quilts.
fn met_at(promise: Agreement, change: impl FnOnce(&mut Query)) -> Option<i64> {
    told(&asking(vec![Record::Agreement(promise)]), change).full_at_min
}

#[test]
fn the_tier_that_has_the_contract_decides() {
    for (owner, decide_min) in [(TOWNSHIP, 15), ("371301", 30), ("3713", 60)] {
        let expected = Some(decide_min + CALLED_AND_HANDED_OUT);
        assert_eq!(met_at(near(owner), |_| {}), expected, "{owner}");
    }
    // What is promised to the county beside counts where the city's goods do, and the city agrees.
    assert_eq!(met_at(near("371302"), |_| {}), None);
    let city = met_at(near("371302"), |query| query.scope = Scope::City);
    assert_eq!(city, Some(60 + CALLED_AND_HANDED_OUT));
}

#[test]
fn a_promise_waits_for_the_region_that_parts_it_from_the_area() {
    let position = asking(vec![Record::Agreement(near("371301"))]);
    let closed = |code: &str, opens_min: Option<u32>| {
        let region = position.reference.regions.find(region_code(code)).unwrap();
        let row = told(&position, |query| {
            query.closures = vec![Closure { region, opens_min, number: 0 }];
        });
        (row.full_at_min, row.binding.map(|binding| binding.reason))
    };
    let decided_and_called = 30 + CALLED_AND_HANDED_OUT;
    assert_eq!(closed(TOWNSHIP, Some(360)), (Some(decided_and_called), None), "called meanwhile");
    assert_eq!(closed(TOWNSHIP, Some(500)), (Some(decided_and_called + 140), None));
    let late = closed(TOWNSHIP, Some(1_000));
    assert_eq!(late, (Some(decided_and_called + 640), Some(Reason::Road)), "after twelve hours");
    assert_eq!(closed(TOWNSHIP, None), (None, Some(Reason::Road)));
    // Closed on the same side as the township, or elsewhere: it does not wait.
    for same in ["371301", "371302"] {
        assert_eq!(closed(same, None), (Some(decided_and_called), None), "{same}");
    }
    // Nor does what is promised to the township itself.
    let own = asking(vec![Record::Agreement(near(TOWNSHIP))]);
    let region = own.reference.regions.find(region_code(TOWNSHIP)).unwrap();
    let row = told(&own, |query| {
        query.closures = vec![Closure { region, opens_min: None, number: 0 }];
    });
    assert_eq!(row.full_at_min, Some(15 + CALLED_AND_HANDED_OUT));
}

#[test]
fn a_promise_comes_from_somewhere_in_the_region_that_has_it() {
    let county = Record::Region(region("371301", 0, 0));
    let anywhere = asking(vec![county.clone(), Record::Agreement(agreement("AG", "371301"))]);
    // 20.3 km is as far as a county of 1,300 km² is wide: 39.7 minutes at 40 km/h.
    let expected = Some(30 + 40 + CALLED_AND_HANDED_OUT);
    assert_eq!(told(&anywhere, |_| {}).full_at_min, expected);
    // So it is where nobody knows where in the county the township is.
    let unplaced = asking(vec![county, Record::Agreement(near("371301"))]);
    let unplaced =
        with_region(&unplaced, |region| region.location_source = LocationSource::Inherited);
    assert_eq!(told(&unplaced, |_| {}).full_at_min, expected);
}

#[test]
fn a_promise_of_which_nobody_knows_where_it_lies_is_unconfirmed() {
    let unplaced = |code: &str| {
        let mut found = region(code, 0, 0);
        found.location = None;
        Record::Region(found)
    };
    let mut records = ["37", "3713", "371301"].map(unplaced).to_vec();
    records.push(Record::Agreement(agreement("AG", "371301")));
    let row = told(&asking(records), |_| {});
    assert_eq!((row.coverage.map(|ratio| ratio.0), row.full_at_min), (Some(0), None));
    assert_eq!(row.detail.unwrap().modes.unconfirmed, 1);
}

#[test]
fn a_promise_out_of_force_is_none() {
    let taken = |change: fn(&mut Agreement), on: &str| {
        let mut promise = near("371301");
        promise.declared_on = Some(day(on));
        change(&mut promise);
        let position = asking(vec![Record::Agreement(promise)]);
        let row = told(&position, |query| query.on = day(on));
        (row.full_at_min.is_some(), row.detail.unwrap().modes.unconfirmed)
    };
    assert_eq!(taken(|_| {}, "2021-01-01"), (true, 0), "the first day");
    assert_eq!(taken(|_| {}, "2020-12-31"), (false, 0));
    assert_eq!(taken(|_| {}, "2022-12-31"), (true, 0), "the last day");
    assert_eq!(taken(|_| {}, "2023-01-01"), (false, 0));
    let retired = |promise: &mut Agreement| promise.terms.status = ItemStatus::Retired;
    assert_eq!(taken(retired, "2022-01-10"), (false, 0));
}

#[test]
fn what_is_made_after_the_limit_counts_when_all_of_it_is_made() {
    // 800 quilts lie ready; 5,000 a day come after a day, the last of 20,000 after 117 hours.
    let mut factory = capacity("CP", "371301");
    factory.terms.location = Some(HERE);
    let mut counted = profile("3713");
    counted.modes_counted = vec![Mode::Capacity];
    let position = asking(vec![Record::Profile(counted), Record::Capacity(factory)]);
    let position = with_region(&position, |region| region.planned_displaced = Some(1_000));
    let met_at = |hours: u32| told(&position, |query| query.hours = Some(hours)).full_at_min;
    assert_eq!(met_at(26), Some(30 + 117 * 60 + 90));
    // The first hour's work is there after 27 hours.
    assert_eq!(met_at(27), Some(30 + 25 * 60 + 90));
}
