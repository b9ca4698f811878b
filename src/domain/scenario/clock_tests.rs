//! Tests of when goods of a scenario are there: minutes gone by, closures that are met or not, what
//! opens while goods wait anyway, boats.
//!
//! Lives here: minutes by number. Does not live here: what they carry (`load_tests`). Invariant:
//! what opens at an hour opens at that hour, whenever it is asked.

use super::super::region::{Point, RegionIx};
use super::super::road::Road;
use super::super::travel::Hold;
use super::super::water::{self, WaterLeg};
use super::closure::Gates;
use super::tests::both_counties;
use super::*;
use crate::domain::calendar::Instant;
use crate::domain::catalogue::ItemStatus;
use crate::domain::event::{Event, sample};
use crate::domain::fixture::*;
use crate::domain::reference::Record;

const HERE: Point = Point { lon_e6: 0, lat_e6: 0 };
pub(super) const THERE: Point = Point { lon_e6: 100_000, lat_e6: 0 };
/// Of the city's goods: decided, mobilised and loaded, then the last mile and handing out.
const DECIDED: u32 = 60;
const LOADED: u32 = 180;
const HANDED_OUT: u32 = 90;

/// County 371301 at one end of what records join, and the city's quilts at the other.
pub(super) fn joined(records: Vec<Record>) -> Position {
    let county = Record::Region(region("371301", HERE.lon_e6, HERE.lat_e6));
    let store = depot("D-3713", "3713", "O-3713", THERE.lon_e6, THERE.lat_e6);
    let mut all = vec![Record::Profile(profile("3713")), county, Record::Depot(store)];
    all.extend(records);
    let mut position = with_records(&world(), all);
    receive(&mut position, "D-3713", "QUILT", 500, lot("L", "2030-01-01"));
    position
}

fn road(text: &str, length_m: u32) -> Record {
    Record::Road(Road {
        code: code(text),
        from: HERE,
        to: THERE,
        length_m,
        class: None,
        speed_kmh: None,
        one_way: false,
        status: ItemStatus::Active,
    })
}

fn find(position: &Position, text: &str) -> RegionIx {
    position.reference.regions.find(region_code(text)).unwrap()
}

fn one_county(position: &Position, closures: Vec<Closure>) -> Scenario {
    let mut scenario = both_counties(position);
    scenario.areas.truncate(1);
    Scenario { closures, hours: Some(72), ..scenario }
}

fn shut(what: Obstacle, closes_min: u32, opens_min: Option<u32>) -> Closure {
    Closure { what, closes_min, opens_min }
}

/// The first delivery: when it leaves and arrives, whether it goes round, what it waits for.
fn sent(position: &Position, scenario: &Scenario) -> (u32, u32, bool, Option<u32>) {
    let outcome = run(position, scenario).unwrap();
    let row = outcome.deliveries.first().expect("something is sent");
    (row.leaves_min, row.arrives_min, row.detour, row.held_by)
}

#[test]
fn minutes_gone_by_are_taken_off_every_closure() {
    let position = joined(Vec::new());
    let regions = &position.reference.regions;
    let (county, depot) = (find(&position, "371301"), position.reference.depots.find("D-3713"));
    let pair = Obstacle::Pair { depot: depot.unwrap(), region: county };
    let roads = Obstacle::Roads(vec![code("R1")]);
    let closures = vec![
        shut(Obstacle::Region(county), 100, Some(300)),
        shut(pair, 30, Some(60)),
        shut(roads.clone(), 0, Some(200)),
        shut(roads, 0, None),
    ];
    let scenario = Scenario { elapsed_min: 90, ..one_county(&position, closures) };
    let gates =
        Gates::of(regions, &scenario).parting((depot.unwrap(), find(&position, "3713")), county);
    let hold = |number: u32, opens_min: Option<u32>| Hold { number, opens_min };
    assert_eq!(gates, [(10, hold(0, Some(210))), (0, hold(1, Some(0)))]);
    let opens: Vec<_> =
        scenario.blocked().roads.iter().map(|row| (row.number, row.opens_min)).collect();
    assert_eq!(opens, [(2, Some(110)), (3, None)]);
}

#[test]
fn what_opens_at_an_hour_is_met_at_that_hour_whenever_it_is_asked() {
    let position = joined(vec![road("R1", 50_000)]);
    let county = find(&position, "371301");
    for what in [Obstacle::Region(county), Obstacle::Roads(vec![code("R1")])] {
        let scenario = one_county(&position, vec![shut(what, 0, Some(1_000))]);
        for elapsed_min in [0, 1, 400, 820] {
            let (leaves, arrives, _, held_by) =
                sent(&position, &Scenario { elapsed_min, ..scenario.clone() });
            // Decided when it is asked, so that the wait begins with the decision's end.
            assert_eq!(leaves, DECIDED + 1_000, "{elapsed_min}");
            assert_eq!(arrives, DECIDED + 1_000 + 60 + HANDED_OUT, "{elapsed_min}");
            assert_eq!(held_by, Some(0).filter(|_| elapsed_min < 820), "{elapsed_min}");
        }
        // Open before they are loaded: nothing waits.
        let late = Scenario { elapsed_min: 900, ..scenario };
        let arrives = 900 + DECIDED + LOADED + 60 + HANDED_OUT;
        assert_eq!(sent(&position, &late).1, arrives);
    }
}

#[test]
fn what_closes_later_holds_up_only_what_is_not_there_by_then() {
    let position = joined(vec![road("R1", 50_000)]);
    let county = find(&position, "371301");
    let there = DECIDED + LOADED + 60;
    let arrives = |elapsed_min: u32, closes_min: u32| {
        let closures = vec![shut(Obstacle::Region(county), closes_min, Some(2_000))];
        let scenario = Scenario { elapsed_min, ..one_county(&position, closures) };
        let (_, arrives, _, held_by) = sent(&position, &scenario);
        assert_eq!(held_by.is_some(), arrives > elapsed_min + there + HANDED_OUT);
        arrives
    };
    for elapsed_min in [0, 50] {
        let in_time = elapsed_min + there;
        assert_eq!(arrives(elapsed_min, in_time), in_time + HANDED_OUT, "there as it closes");
        assert_eq!(arrives(elapsed_min, in_time - 1), DECIDED + 2_000 + 60 + HANDED_OUT);
    }
}

#[test]
fn what_waits_anyway_takes_the_road_that_opens_meanwhile() {
    // 60 minutes by the short way, 120 by the long one.
    let position = joined(vec![road("R1", 50_000), road("R2", 100_000)]);
    let county = find(&position, "371301");
    let arrives = |road_opens: Option<u32>, region_opens: Option<u32>| {
        let mut closures = vec![shut(Obstacle::Roads(vec![code("R1")]), 0, road_opens)];
        closures.extend(region_opens.map(|at| shut(Obstacle::Region(county), 0, Some(at))));
        sent(&position, &one_county(&position, closures))
    };
    let leaving = |at: u32, way_min: u32| (DECIDED + at, DECIDED + at + way_min + HANDED_OUT);
    let told = |(leaves, arrives, detour, held_by): (u32, u32, bool, Option<u32>)| {
        ((leaves, arrives), detour, held_by)
    };
    assert_eq!(told(arrives(Some(600), None)), (leaving(LOADED, 120), true, None));
    // The region keeps it until the stretch is open.
    assert_eq!(told(arrives(Some(600), Some(800))), (leaving(800, 60), false, Some(1)));
    // The stretch opens a little after the region: waiting for it is sooner than going round.
    assert_eq!(told(arrives(Some(850), Some(800))), (leaving(850, 60), false, Some(0)));
    // It opens too late for that.
    assert_eq!(told(arrives(Some(870), Some(800))), (leaving(800, 120), true, Some(1)));
}

#[test]
fn what_waits_anyway_takes_the_boat_of_the_hour_at_which_it_comes() {
    // The pier is where the depot is; boats cross in half an hour between six and eighteen.
    let leg = WaterLeg { pier: THERE, ..water::sample("WL", "371301") };
    let position = joined(vec![Record::WaterLeg(leg)]);
    let county = find(&position, "371301");
    let arrives = |opens_min: Option<u32>| {
        let closures = opens_min.map(|at| shut(Obstacle::Region(county), 0, Some(at)));
        let scenario = one_county(&position, closures.into_iter().collect());
        let at_eight = Scenario { sets_out_min: Some(480), ..scenario };
        sent(&position, &at_eight).1
    };
    // Loaded at noon.
    assert_eq!(arrives(None), DECIDED + LOADED + 30 + HANDED_OUT);
    // Off at 17:00 at the latest, else with the first boat of the next day.
    assert_eq!(arrives(Some(480)), DECIDED + 480 + 30 + HANDED_OUT);
    assert_eq!(arrives(Some(600)), 22 * 60 + 30 + HANDED_OUT);
}

#[test]
fn an_event_is_met_from_the_minute_to_which_it_has_come() {
    const SECOND: i64 = 1_000_000;
    const MINUTE: i64 = 60 * SECOND;
    let begun = noon("2026-07-01");
    let after = |micros: i64| Instant(begun.0 + micros);
    let event = Event { started_at: Some(begun), ..sample() };
    let drill = Event { exercise: true, ..event.clone() };
    let at = |event: &Event, at: Option<i64>, now: i64| {
        Moment::of(event, at.map(after), after(now)).elapsed_min
    };
    assert_eq!(at(&event, None, 0), 0);
    assert_eq!(at(&event, None, 90 * MINUTE), 90);
    assert_eq!(at(&event, None, 90 * MINUTE + 1), 91, "a minute begun is gone");
    assert_eq!(at(&event, None, -90 * MINUTE), 0, "not yet begun");
    assert_eq!(at(&event, Some(30 * MINUTE), 90 * MINUTE), 30, "as is asked");
    assert_eq!(at(&event, Some(-30 * MINUTE), 90 * MINUTE), 0);
    // Nothing of a drill has happened: it begins when it is played.
    assert_eq!(at(&drill, None, 90 * MINUTE), 0);
    assert_eq!(at(&drill, Some(30 * MINUTE), 90 * MINUTE), 30);
    // Stock is judged for the day that is asked, and for none that is over.
    let on =
        |event: &Event, at: Option<i64>, now: i64| Moment::of(event, at.map(after), after(now)).on;
    let day_min = 24 * 60 * MINUTE;
    assert_eq!(on(&event, None, 3 * day_min), day("2026-07-04"));
    assert_eq!(on(&event, Some(0), 3 * day_min), day("2026-07-04"), "what has ended since is gone");
    assert_eq!(on(&event, Some(5 * day_min), 3 * day_min), day("2026-07-06"));
    assert_eq!(on(&drill, None, 3 * day_min), day("2026-07-04"));
    assert_eq!(on(&drill, None, -3 * day_min), day("2026-07-01"));
}

#[test]
fn what_waits_and_is_in_time_is_not_held_back_nor_is_what_is_late_anyway() {
    let near = depot("D-NEAR", "3713", "O-3713", THERE.lon_e6, THERE.lat_e6);
    let mut position = joined(vec![Record::Depot(near)]);
    receive(&mut position, "D-NEAR", "QUILT", 100, lot("L", "2030-01-01"));
    // A continent away.
    receive(&mut position, "D-371302", "QUILT", 300, lot("L", "2030-01-01"));
    let county = find(&position, "371301");
    let city = position.reference.depots.find("D-3713").unwrap();
    let held = |region_opens: Option<u32>| {
        let pair = Obstacle::Pair { depot: city, region: county };
        let region = Obstacle::Region(county);
        let closures = vec![shut(region, 0, region_opens), shut(pair, 0, None)];
        let scenario = Scenario { scope: Scope::City, ..one_county(&position, closures) };
        let outcome = run(&position, &Scenario { hours: Some(12), ..scenario }).unwrap();
        let needs = &outcome.areas[0].needs;
        let bedding = needs.iter().find(|one| one.need.code.as_str() == "bedding").unwrap();
        let row = |row: &HeldBack| (row.number, row.depots, row.units);
        (bedding.delivered, bedding.held_back.iter().map(row).collect::<Vec<_>>())
    };
    assert_eq!(held(Some(200)), (100, vec![(1, 1, 500)]), "twenty minutes later");
    assert_eq!(held(Some(2_000)), (0, vec![(1, 1, 500), (0, 1, 100)]));
    assert_eq!(held(None), (0, vec![(0, 2, 600)]), "of two that stay closed the first");
}

#[test]
fn mountains_and_the_clock_count_for_a_scenario() {
    let position = joined(Vec::new());
    let scenario = one_county(&position, Vec::new());
    // 11.13 km with their detour at 50 km/h.
    let flat = LOADED + 18 + HANDED_OUT;
    assert_eq!(sent(&position, &scenario).1, DECIDED + flat);
    let ordered = Scenario { clock: Some(ClockStart::Order), ..scenario.clone() };
    assert_eq!(sent(&position, &ordered).1, flat, "the decision is over");
    let mut county = region("371301", HERE.lon_e6, HERE.lat_e6);
    county.mountain = Some(true);
    let steep = with_records(&position, vec![Record::Region(county)]);
    assert_eq!(sent(&steep, &scenario).1, DECIDED + flat + 3);
}
