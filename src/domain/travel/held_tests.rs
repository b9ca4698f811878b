//! Tests of measured routes, of those whose road is closed, and of which closure a way waits for.

use proptest::prelude::*;

use super::super::{BlockedPair, BlockedRoad};
use super::tests::{COUNTY_FIXED, HERE, Pair, at, by_routes, haul, road};
use super::*;
use crate::domain::fixture::*;
use crate::domain::profile::ClockStart;
use crate::domain::road::Road;
use crate::domain::travel::{Timetable, USUAL_PERCENT};

/// Roads, measured minutes from the depot, and stretches that are closed until a minute.
fn guide(roads: &[Road], measured: Option<u32>, closures: &[(&str, Option<u32>)]) -> Guide {
    let routes = measured.map(|minutes| (HERE, 3, "2021-09-01", minutes));
    let numbered = (0..).zip(closures);
    let road = |(number, (name, opens_min)): (u32, &(&str, Option<u32>))| BlockedRoad {
        road: code(name),
        opens_min: *opens_min,
        number,
    };
    let blocked = Blocked { pairs: Vec::new(), roads: numbered.map(road).collect() };
    let guide = by_routes(routes, Network::of(roads));
    guide.blocked(&blocked, &Arc::new(Regions::default()), |_| None)
}

#[test]
fn a_measured_route_goes_before_everything() {
    let (area, depot) = (at(0), at(100_000));
    let pair = Pair::known(area, depot);
    let network = Network::of(&[road("R1", area, depot, 20_000)]);
    let routes = [
        (HERE, 3, "2021-09-01", 50),
        (HERE, 3, "2021-05-01", 70),
        (RegionIx(8), 3, "2021-09-01", 1),
        (HERE, 4, "2021-09-01", 2),
    ];
    let mut guide = by_routes(routes, network);
    let found = pair.reach(&mut guide, USUAL_PERCENT, Tier::County);
    // The one measured last.
    let expected = (COUNTY_FIXED + 50, Travel::Measured, false);
    assert_eq!((found.minutes, found.travel, found.inherited), expected);
    assert_eq!(pair.reach(&mut guide, 70, Tier::County).minutes, COUNTY_FIXED + 72);
}

/// 16 km by two stretches, 24 minutes; 30 km by one, 45 minutes.
fn two_ways() -> (Pair, [Road; 3]) {
    let (area, between, depot) = (at(0), at(50_000), at(100_000));
    let roads = [
        road("R1", area, depot, 30_000),
        road("R2", area, between, 8_000),
        road("R3", between, depot, 8_000),
    ];
    (Pair::known(area, depot), roads)
}

#[test]
fn a_measured_time_is_not_told_for_a_way_whose_road_is_closed() {
    let (pair, roads) = two_ways();
    let found = |closures: &[(&str, Option<u32>)]| {
        let mut guide = guide(&roads, Some(50), closures);
        let found = pair.reach(&mut guide, USUAL_PERCENT, Tier::County);
        assert_eq!(found.open_min, COUNTY_FIXED + 50, "whatever is closed");
        (found.minutes - COUNTY_FIXED, found.wait_min, found.travel)
    };
    assert_eq!(found(&[]), (50, Some(0), Travel::Measured));
    assert_eq!(found(&[("R1", None)]), (50, Some(0), Travel::Measured), "it is not on the way");
    // Going round takes 21 minutes more than the roads say the way takes.
    assert_eq!(found(&[("R2", None)]), (71, Some(0), Travel::Road));
    // Trucks are loaded after 120 minutes: 20 more to wait are less than 21 round.
    assert_eq!(found(&[("R2", Some(140))]), (50, Some(140), Travel::Measured));
    assert_eq!(found(&[("R2", Some(141))]), (71, Some(0), Travel::Road), "of equals, at once");
    assert_eq!(found(&[("R2", Some(142))]), (71, Some(0), Travel::Road));
    assert_eq!(found(&[("R1", None), ("R3", None)]), (50, None, Travel::Measured), "no way");
    // Roads that say nothing of the way leave what somebody has driven.
    let apart = [road("R2", at(0), at(10_000), 1_200)];
    let mut unjoined = guide(&apart, Some(50), &[("R2", None)]);
    let found = pair.reach(&mut unjoined, USUAL_PERCENT, Tier::County);
    assert_eq!((found.minutes, found.travel), (COUNTY_FIXED + 50, Travel::Measured));
    // At half the speed going round takes twice as much more.
    let mut slow = guide(&roads, Some(50), &[("R2", None)]);
    assert_eq!(pair.reach(&mut slow, 50, Tier::County).minutes, COUNTY_FIXED + 100 + 42);
    // Where an end is inherited, what is added rests on that.
    let wide = Pair { area: (at(0), Spread::Within { cm: 100 }), ..pair };
    let mut round = guide(&roads, Some(50), &[("R2", None)]);
    let found = wide.reach(&mut round, USUAL_PERCENT, Tier::County);
    assert_eq!((found.travel, found.inherited), (Travel::Estimated, true));
}

#[test]
fn a_way_names_the_closure_that_it_waits_for() {
    let (pair, roads) = two_ways();
    let held = |closures: &[(&str, Option<u32>)]| {
        let mut guide = guide(&roads, None, closures);
        let found = pair.reach(&mut guide, USUAL_PERCENT, Tier::County);
        found.hold.map(|hold| (hold.number, hold.opens_min))
    };
    assert_eq!(held(&[]), None);
    assert_eq!(held(&[("R2", None)]), None, "it goes round");
    // Of two that open together, the one on the way.
    assert_eq!(held(&[("R1", Some(130)), ("R3", Some(130))]), Some((1, Some(130))));
    assert_eq!(held(&[("R3", Some(130)), ("R1", Some(130))]), Some((0, Some(130))));
    // Of two on one way, the last to open.
    let both = [("R2", Some(125)), ("R3", Some(130)), ("R1", None)];
    assert_eq!(held(&both), Some((1, Some(130))));
    // Of two of one stretch, the last to open, in whichever order.
    assert_eq!(held(&[("R2", Some(125)), ("R2", Some(130)), ("R1", None)]), Some((1, Some(130))));
    assert_eq!(held(&[("R2", Some(130)), ("R2", Some(125)), ("R1", None)]), Some((0, Some(130))));
    // Never open: the one on the way that open roads would take.
    assert_eq!(held(&[("R1", None), ("R3", None)]), Some((1, None)));
    assert_eq!(held(&[("R2", Some(0))]), None, "open already");
}

#[test]
fn a_way_is_not_held_by_what_is_beside_it() {
    let (pair, [round, near, far]) = two_ways();
    // A stretch as long as the nearer one beside it, and one that leads nowhere.
    let beside = Road { code: code("R0"), ..near.clone() };
    let aside = road("R4", at(50_000), at(60_000), 1_000);
    // The depot is numbered before what lies between.
    let roads = [round, aside, beside, near, far];
    let closures = [("R4", Some(130)), ("R0", None), ("R2", Some(130))];
    let mut guide = guide(&roads, None, &closures);
    let found = pair.reach(&mut guide, USUAL_PERCENT, Tier::County);
    assert_eq!((found.wait_min, found.hold.map(|hold| hold.number)), (Some(130), Some(2)));
}

/// The way of a pair by an approach of one's own.
fn reach_by(guide: &mut Guide, mut approach: Approach, pair: Pair) -> Reach {
    let mut ruler = Ruler::default();
    let end = ruler.end(pair.depot.0);
    ruler.stand(pair.area.0);
    let origin = Origin { depot: 3, region: HERE, end, spread: Spread::Known };
    let table = Timetable::at_speed(&profile("3713"), ClockStart::Disaster, false, USUAL_PERCENT);
    table.reach(haul(Tier::County), origin, guide, &mut approach, &mut ruler).unwrap()
}

#[test]
fn an_approach_on_open_roads_waits_for_nothing() {
    let (pair, roads) = two_ways();
    let mut guide = guide(&roads, None, &[("R1", None), ("R3", None)]);
    let site = Site { point: pair.area.0, spread: Spread::Known };
    let (closed, open) = (guide.approach(HERE, site), guide.approach(HERE, site).on_open_roads());
    assert_eq!(reach_by(&mut guide, closed, pair).wait_min, None);
    assert_eq!(reach_by(&mut guide, open, pair).wait_min, Some(0));
}

#[test]
fn a_blocked_pair_and_a_closed_stretch_are_both_waited_for() {
    let world = with_records(&world(), Vec::new());
    let regions = &world.reference.regions;
    let find = |text: &str| regions.find(region_code(text)).unwrap();
    let (town, city) = (find("371301101"), find("3713"));
    let (pair, roads) = two_ways();
    let found = |of_pair: Option<u32>, of_roads: Option<u32>| {
        let road = |name: &str| BlockedRoad { road: code(name), opens_min: of_roads, number: 1 };
        let blocked = Blocked {
            pairs: vec![BlockedPair { depot: 3, region: town, opens_min: of_pair, number: 0 }],
            roads: ["R1", "R2"].map(road).to_vec(),
        };
        let guide = by_routes(None, Network::of(&roads));
        let mut guide = guide.blocked(&blocked, regions, |_| Some(city));
        let site = Site { point: pair.area.0, spread: Spread::Known };
        let approach = guide.approach(town, site);
        let found = reach_by(&mut guide, approach, pair);
        (found.wait_min, found.hold.map(|hold| hold.number))
    };
    assert_eq!(found(Some(200), Some(300)), (Some(300), Some(1)));
    assert_eq!(found(Some(300), Some(200)), (Some(300), Some(0)));
    assert_eq!(found(Some(200), None), (None, Some(1)));
    assert_eq!(found(None, Some(200)), (None, Some(0)));
    assert_eq!(found(None, None), (None, Some(0)), "of two that stay closed the first");
}

#[test]
fn what_a_pair_holds_up_anyway_goes_round_no_stretch_that_opens_meanwhile() {
    let world = with_records(&world(), Vec::new());
    let regions = &world.reference.regions;
    let find = |text: &str| regions.find(region_code(text)).unwrap();
    let (town, city) = (find("371301101"), find("3713"));
    let (pair, roads) = two_ways();
    let found = |opens_min: Option<u32>| {
        let blocked = Blocked {
            pairs: vec![BlockedPair { depot: 3, region: town, opens_min: Some(300), number: 0 }],
            roads: vec![BlockedRoad { road: code("R2"), opens_min, number: 1 }],
        };
        let guide = by_routes(None, Network::of(&roads));
        let mut guide = guide.blocked(&blocked, regions, |_| Some(city));
        let approach = guide.approach(town, Site { point: pair.area.0, spread: Spread::Known });
        let found = reach_by(&mut guide, approach, pair);
        let minutes = found.minutes - COUNTY_FIXED;
        (minutes, found.wait_min, found.detour, found.hold.map(|hold| hold.number))
    };
    assert_eq!(found(Some(280)), (24, Some(300), false, Some(0)), "open by then");
    // Twenty minutes more to wait are less than the 21 that going round takes.
    assert_eq!(found(Some(320)), (24, Some(320), false, Some(1)));
    assert_eq!(found(Some(322)), (45, Some(300), true, Some(0)));
    assert_eq!(found(None), (45, Some(300), true, Some(0)));
}

#[test]
fn stretches_that_open_at_more_hours_than_are_looked_at_open_with_the_last() {
    let (pair, ways) = two_ways();
    let aside = |n: u32| road(&format!("A{n:02}"), at(200_000), at(210_000), 1_000 + n);
    let roads: Vec<Road> = ways.into_iter().chain((1..=20).map(aside)).collect();
    let names: Vec<String> = (1..=20).map(|n| format!("A{n:02}")).collect();
    let hours = (101..=120).map(Some);
    let others = names.iter().map(String::as_str).zip(hours);
    let wait = |opens_min: Option<u32>, last_min: u32| {
        let mut closures: Vec<(&str, Option<u32>)> = others.clone().collect();
        closures.extend([("R2", opens_min), ("R1", None), ("A20", Some(last_min))]);
        let mut guide = guide(&roads, None, &closures);
        pair.reach(&mut guide, USUAL_PERCENT, Tier::County).wait_min
    };
    assert_eq!(wait(Some(101), 300), Some(101), "among the first");
    assert_eq!(wait(Some(200), 300), Some(300), "with the last");
    assert_eq!(wait(Some(300), 200), Some(300), "it is the last");
    assert_eq!(wait(None, 300), None);
}

#[test]
fn of_two_closures_the_last_to_open_holds() {
    let hold = |number: u32, opens_min: Option<u32>| Hold { number, opens_min };
    let last = |one: Hold, two: Hold| {
        let found = Hold::last_of([one, two]);
        assert_eq!(found, Hold::last_of([two, one]), "in either order");
        found.map(|hold| hold.number)
    };
    assert_eq!(last(hold(4, Some(60)), hold(2, Some(90))), Some(2));
    assert_eq!(last(hold(4, None), hold(2, Some(90))), Some(4));
    assert_eq!(last(hold(4, Some(60)), hold(2, Some(60))), Some(2));
    assert_eq!(last(hold(4, Some(0)), hold(2, Some(0))), None);
    assert_eq!(Hold::wait_min(None), Some(0));
    assert_eq!(Hold::wait_min(Some(hold(1, None))), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_closure_never_makes_a_measured_route_quicker_and_names_itself(
        drawn in prop::collection::vec((0..5_usize, 0..5_usize, 1_000..200_000_u32,
            prop::option::of(prop::option::of(1..400_u32))), 1..14),
        measured in 1..400_u32,
    ) {
        let place = |n: usize| at(i32::try_from(n).unwrap() * 400_000);
        let drawn: Vec<_> = drawn.into_iter().filter(|row| row.0 != row.1).collect();
        let names: Vec<String> = (0..drawn.len()).map(|n| format!("R{n}")).collect();
        let roads: Vec<Road> = drawn.iter().zip(&names)
            .map(|(row, name)| road(name, place(row.0), place(row.1), row.2)).collect();
        let closures: Vec<(&str, Option<u32>)> = drawn.iter().zip(&names)
            .filter_map(|(row, name)| row.3.map(|opens| (name.as_str(), opens))).collect();
        let pair = Pair::known(place(0), place(4));
        let table = Timetable::at_speed(&profile("3713"), ClockStart::Disaster, false, 100);
        let mut closed = guide(&roads, Some(measured), &closures);
        let found = pair.reach(&mut closed, 100, Tier::County);
        prop_assert_eq!(found.open_min, COUNTY_FIXED + i64::from(measured));
        prop_assert!(found.minutes >= found.open_min);
        prop_assert_eq!(found.travel == Travel::Measured, found.minutes == found.open_min
            && !found.detour);
        // As much later as roads alone say, going round or waiting.
        let late = |found: Reach| {
            let wait = table.waiting_min(haul(Tier::County), found.wait_min?);
            Some(found.minutes + wait - found.open_min)
        };
        let alone = pair.reach(&mut guide(&roads, None, &closures), 100, Tier::County);
        if alone.travel == Travel::Road {
            let (with, by_roads) = (late(found), late(alone));
            prop_assert_eq!(with.is_none(), by_roads.is_none());
            prop_assert!(with.zip(by_roads).is_none_or(|(a, b)| a.abs_diff(b) <= 1));
        }
        // What is named opens when the way does.
        let waits = found.wait_min != Some(0);
        prop_assert_eq!(found.hold.is_some(), waits);
        if let Some(hold) = found.hold {
            let number = usize::try_from(hold.number).unwrap();
            prop_assert_eq!(closures[number].1, hold.opens_min);
            prop_assert_eq!(hold.opens_min, found.wait_min);
        }
    }
}
