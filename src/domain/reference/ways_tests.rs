//! Tests of what is known of ways on a day: which routes bind, and which water legs.

use super::*;
use crate::domain::fixture::*;
use crate::domain::profile::ClockStart;
use crate::domain::reference::Record;
use crate::domain::region::{Region, Tier};
use crate::domain::route::{self, Basis};
use crate::domain::travel::{Haul, Origin, Reach, Ruler, Site, Spread, Timetable, Travel};
use crate::domain::water::{self, WaterLeg};

/// From the city's depot to county 371301, in March.
fn route(text: &str, basis: Basis, minutes: u32) -> Route {
    let valid_to = Some(day("2026-03-31"));
    Route { code: code(text), basis, valid_to, ..route::sample(minutes, "2026-03-01") }
}

/// Of the city's goods in the city's depot.
const HAUL: Haul =
    Haul { owner: Tier::City, agree: None, depot: Tier::City, readiness_min: None, wait_min: 0 };

fn reach(records: Vec<Record>, on: &str) -> Reach {
    reach_in(&with_records(&world(), records).reference, on)
}

fn reach_in(reference: &Reference, on: &str) -> Reach {
    let find = |text: &str| reference.regions.find(region_code(text)).unwrap();
    let (area, city) = (find("371301"), find("3713"));
    let depot = reference.depots.find("D-3713").unwrap();
    let mut guide = reference.guide(day(on), &Blocked::default());
    let site = Site::of_region(&reference.regions, area).unwrap();
    let mut ruler = Ruler::default();
    let end = ruler.end(reference.depots.get(depot).unwrap().location);
    ruler.stand(site.point);
    let mut approach = guide.approach(area, site);
    let origin = Origin { depot, region: city, end, spread: Spread::Known };
    table().reach(HAUL, origin, &mut guide, &mut approach, &mut ruler).unwrap()
}

fn table() -> Timetable {
    Timetable::new(&profile("3713"), ClockStart::Disaster, false)
}

/// Minutes on the road by a measured route, if one binds.
fn measured(routes: &[Route], on: &str) -> Option<i64> {
    let found = reach(routes.iter().cloned().map(Record::Route).collect(), on);
    (found.travel == Travel::Measured).then(|| found.minutes - table().fixed_min(HAUL))
}

#[test]
fn a_route_binds_from_its_first_day_to_its_last() {
    let march = [route("R1", Basis::Driven, 95)];
    for (on, expected) in [
        ("2026-02-28", None),
        ("2026-03-01", Some(95)),
        ("2026-03-31", Some(95)),
        ("2026-04-01", None),
    ] {
        assert_eq!(measured(&march, on), expected, "{on}");
    }
    let onward = [Route { valid_to: None, ..route("R1", Basis::Driven, 95) }];
    assert_eq!(measured(&onward, "2036-03-01"), Some(95), "until further notice");
    let retired = [Route { status: ItemStatus::Retired, ..route("R1", Basis::Driven, 95) }];
    assert_eq!(measured(&retired, "2026-03-15"), None);
}

#[test]
fn what_was_driven_goes_before_a_matrix_and_the_newer_before_the_older() {
    let (driven, matrix) = (route("R1", Basis::Driven, 95), route("R2", Basis::Matrix, 60));
    let newer = |of: &Route, text: &str, minutes: u32| Route {
        code: code(text),
        minutes,
        valid_from: day("2026-03-10"),
        valid_to: None,
        ..of.clone()
    };
    let both = [matrix.clone(), driven.clone()];
    assert_eq!(measured(&both, "2026-03-15"), Some(95));
    let later = [newer(&matrix, "R3", 50), matrix.clone(), driven.clone()];
    assert_eq!(measured(&later, "2026-03-15"), Some(95), "however new the matrix");
    assert_eq!(measured(&later, "2026-04-15"), Some(50), "where nobody drove it");
    for routes in
        [[driven.clone(), newer(&driven, "R0", 80)], [newer(&driven, "R9", 80), driven.clone()]]
    {
        assert_eq!(measured(&routes, "2026-03-09"), Some(95));
        assert_eq!(measured(&routes, "2026-03-10"), Some(80), "the one from the later day");
    }
    let longer = Route { code: code("R0"), minutes: 99, ..driven.clone() };
    assert_eq!(measured(&[longer.clone(), driven.clone()], "2026-03-15"), Some(99), "of equals");
    assert_eq!(measured(&[driven, longer], "2026-03-15"), Some(99), "the longer");
}

#[test]
fn routes_are_those_of_the_present_state() {
    let told = |reference: &Reference| {
        let found = reach_in(reference, "2026-03-15");
        (found.travel == Travel::Measured).then(|| found.minutes - table().fixed_min(HAUL))
    };
    let bare = world().reference.clone();
    assert_eq!(told(&bare), None);
    let one = bare.with([Record::Route(route("R1", Basis::Driven, 95))]);
    assert_eq!(told(&one), Some(95), "one that is new");
    let changed = one.with([Record::Route(route("R1", Basis::Driven, 80))]);
    assert_eq!((told(&changed), told(&one)), (Some(80), Some(95)), "one that has changed");
    // Whatever else is new has another place among regions and depots.
    let first = bare.regions.iter().next().map(|(_, region)| Region::clone(region)).unwrap();
    let earlier = Region { code: region_code("11"), parent: None, ..first };
    let moved = changed.with([Record::Region(earlier)]);
    assert_ne!(moved.regions.find(region_code("371301")), bare.regions.find(region_code("371301")));
    assert_eq!(told(&moved), Some(80), "after regions have got other places");
}

#[test]
fn a_water_leg_is_taken_while_it_is_active() {
    let leg = water::sample("WL", "371301");
    let taken = |leg: WaterLeg| reach(vec![Record::WaterLeg(leg)], "2026-03-15").leg.is_some();
    assert!(taken(leg.clone()));
    assert!(!taken(WaterLeg { status: ItemStatus::Retired, ..leg }));
}
