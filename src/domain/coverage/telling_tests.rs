//! Tests of what is told of a kept answer: which area is the worst.

use super::following_tests::{Kept, laid};
use super::tests::{TOWNSHIP, query, stock, with_depot, worked_example};
use super::*;
use crate::domain::fixture::*;
use crate::domain::reference::Record;
use crate::domain::region::{Point, Region};

#[test]
fn the_worst_area_is_found_among_all_that_lie_apart() {
    let mut position = worked_example();
    stock(&mut position, "D-3713", None, 0, 900_000);
    for at in ["371301", TOWNSHIP, "371301101201"] {
        position = laid(&position, &format!("D-{at}"), &format!("O-{at}"), "QUILT", 0);
    }
    // The middle one stands better than the first, the last worse than both.
    for persons in [[10_000, 9_000, 20_000], [10_000, 20_000, 9_000], [9_000, 10_000, 10_000]] {
        let towns = ["371301101", "371301102", "371302101"];
        let places = persons.into_iter().zip(towns).flat_map(|(persons, town)| {
            let planned_displaced = Some(persons);
            let village = Region { planned_displaced, ..region(&format!("{town}201"), 0, 0) };
            [Record::Region(region(town, 0, 0)), Record::Region(village)]
        });
        let position = with_records(&position, places.collect());
        let mut kept = Kept::of(&position, &query(&position, "3713", Some(Tier::Village)));
        kept.lies("3713", "QUILT", 7_000);
    }
}

#[test]
fn when_an_area_is_full_is_followed_where_only_the_worst_is_told() {
    // Nothing is in time; both are full by the county, then by the city, then one by its own.
    let far = Record::Region(region("371301102", -300_000, 0));
    let position = with_records(&worked_example(), vec![far]);
    let mut position = with_depot(&position, "D-371301102", |depot| {
        depot.location = Point { lon_e6: -300_000, lat_e6: 0 };
        depot.readiness_min = Some(1_500);
    });
    stock(&mut position, "D-371301102", None, 2_000, 0);
    stock(&mut position, "D-371301", None, 2_000, 20_000);
    let asked = Query { hours: Some(1), ..query(&position, "371301", Some(Tier::Township)) };
    let mut kept = Kept::untold(&position, &asked);
    let worst = |kept: &mut Kept| {
        let shown = Shown { worst_first: false, limit: Some(0) };
        let told = kept.live.tell(shown);
        assert_eq!(told, Told::of(coverage(&kept.now, &asked).unwrap(), shown));
        told.totals.worst.unwrap().code
    };
    let [near, far] = [TOWNSHIP, "371301102"].map(region_code);
    worst(&mut kept);
    kept.slips("371301101201", "QUILT", 0).slips(TOWNSHIP, "QUILT", 0);
    kept.slips("371301", "QUILT", 0);
    assert_eq!(worst(&mut kept), far);
    kept.slips("3713", "QUILT", 0);
    assert_eq!(worst(&mut kept), near);
}
