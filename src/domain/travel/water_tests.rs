//! Tests of ways over water: by number, and that boats never make a way quicker.

use proptest::prelude::*;

use super::super::guide::tests::{COUNTY_FIXED, at, by_routes, haul, road};
use super::super::{Blocked, BlockedPair, BlockedRoad, Network, USUAL_PERCENT, distance_cm};
use super::*;
use crate::domain::fixture::*;
use crate::domain::profile::ClockStart;
use crate::domain::region::Tier;

const ISLAND: &str = "371301101";
const OTHER_ISLAND: &str = "371301102";

/// Two islands in county 371301, one with its pier at the meridian, the other with its pier at the
/// depot, and what is known of the land.
struct Shore {
    position: crate::domain::position::Position,
    sets_out_min: Option<u32>,
    measured: bool,
    pairs: Vec<BlockedPair>,
    roads: Vec<BlockedRoad>,
    /// Of the slower leg to the island.
    pier: Point,
    percent: u32,
    /// Of the goods, whatever is closed.
    wait_min: u32,
    /// Whether whatever is closed is taken for open.
    open: bool,
    /// Of area and depot.
    spreads: [Spread; 2],
}

impl Shore {
    fn new() -> Self {
        let position = with_records(&world(), Vec::new());
        Self {
            position,
            sets_out_min: None,
            measured: false,
            pairs: Vec::new(),
            roads: Vec::new(),
            pier: at(0),
            percent: USUAL_PERCENT,
            wait_min: 0,
            open: false,
            spreads: [Spread::Known; 2],
        }
    }

    fn find(&self, text: &str) -> RegionIx {
        self.position.reference.regions.find(region_code(text)).unwrap()
    }

    /// From a depot in a region, 11.13 km from the pier by a road of 20 km, to an area.
    fn reach(&self, from: &str, to: &str) -> Reach {
        let regions = &self.position.reference.regions;
        let (area, depot) = (self.find(to), self.find(from));
        let leg = |number: u32, island: &str, pier: Point, crossing_min: u32| Crossing {
            number,
            region: self.find(island),
            pier,
            crossing_min,
            sails: (6 * 60, 18 * 60),
        };
        let legs = vec![
            leg(4, ISLAND, self.pier, 45),
            leg(7, ISLAND, at(0), 40),
            leg(9, OTHER_ISLAND, at(100_000), 50),
        ];
        let routes = self.measured.then_some((area, 3, "2021-09-01", 100));
        let network = Network::of(&[
            road("R1", at(0), at(100_000), 20_000),
            road("R2", at(100_000), at(200_000), 24_000),
        ]);
        let blocked = Blocked { pairs: self.pairs.clone(), roads: self.roads.clone() };
        let guide = by_routes(routes, network);
        let guide = guide.over_water(Waters::new(regions, legs, self.sets_out_min));
        let mut guide = guide.blocked(&blocked, regions, |_| Some(depot));
        let city = profile("3713");
        let table = Timetable::at_speed(&city, ClockStart::Disaster, false, self.percent);
        let mut ruler = Ruler::default();
        let end = ruler.end(at(100_000));
        let point = if to == ISLAND { at(-500_000) } else { at(0) };
        ruler.stand(point);
        let mut approach = guide.approach(area, Site { point, spread: self.spreads[0] });
        approach = if self.open { approach.on_open_roads() } else { approach };
        let origin = Origin { depot: 3, region: depot, end, spread: self.spreads[1] };
        let goods = Haul { wait_min: self.wait_min, ..haul(Tier::County) };
        let found = table.reach(goods, origin, &mut guide, &mut approach, &mut ruler);
        assert_eq!(ruler.cm(end), Some(distance_cm(point, at(100_000))), "it stands there again");
        found.unwrap()
    }
}

#[test]
fn goods_go_to_the_pier_and_cross() {
    let mut shore = Shore::new();
    // 20 km at 40 km/h to the pier, and the quicker of two crossings.
    let there = shore.reach("371301", ISLAND);
    assert_eq!((there.minutes, there.travel), (COUNTY_FIXED + 30 + 40, Travel::Water));
    assert_eq!((there.leg, there.wait_min), (Some(7), Some(0)));
    // From the island to the county: a crossing, then from the pier.
    let back = shore.reach(ISLAND, "371301");
    assert_eq!((back.minutes, back.leg), (COUNTY_FIXED + 40, Some(7)), "the pier is the place");
    let inside = shore.reach(ISLAND, ISLAND);
    assert_eq!((inside.leg, inside.travel == Travel::Water), (None, false), "no boat");
    let elsewhere = shore.reach("371302", "371301");
    assert_eq!(elsewhere.leg, None);
    // Whoever drove it has crossed the water with it.
    shore.measured = true;
    let driven = shore.reach("371301", ISLAND);
    assert_eq!((driven.minutes, driven.leg), (COUNTY_FIXED + 100, None));
}

#[test]
fn goods_wait_for_the_first_boat_of_the_day() {
    let mut shore = Shore::new();
    // 150 minutes until they leave, 30 on the road: at the quay at 05:00, an hour too early.
    shore.sets_out_min = Some(2 * 60);
    let early = shore.reach("371301", ISLAND);
    assert_eq!(early.minutes, COUNTY_FIXED + 30 + 60 + 40);
    assert_eq!(early.open_min, early.minutes, "no road is to blame");
    shore.sets_out_min = Some(15 * 60);
    assert_eq!(shore.reach("371301", ISLAND).minutes, COUNTY_FIXED + 30 + 40, "the last boat");
    shore.sets_out_min = Some(15 * 60 + 1);
    assert_eq!(shore.reach("371301", ISLAND).minutes, COUNTY_FIXED + 30 + 719 + 40);
    // What waits for a closed way is at the quay later: 130 of waiting are 10 more than loading.
    shore.sets_out_min = Some(2 * 60);
    let (region, opens_min) = (shore.find(ISLAND), Some(130));
    shore.pairs = vec![BlockedPair { depot: 3, region, opens_min, number: 0 }];
    let held = shore.reach("371301", ISLAND);
    assert_eq!((held.minutes, held.wait_min), (COUNTY_FIXED + 30 + 50 + 40, Some(130)));
    assert_eq!(held.open_min, COUNTY_FIXED + 30 + 60 + 40);
}

#[test]
fn goods_of_one_island_cross_twice_to_another() {
    let mut shore = Shore::new();
    let there = shore.reach(OTHER_ISLAND, ISLAND);
    assert_eq!((there.minutes, there.leg), (COUNTY_FIXED + 50 + 30 + 40, Some(7)), "the last");
    // At the first quay at 04:30, and off at six.
    shore.sets_out_min = Some(2 * 60);
    assert_eq!(shore.reach(OTHER_ISLAND, ISLAND).minutes, COUNTY_FIXED + 90 + 50 + 30 + 40);
    let back = shore.reach(OTHER_ISLAND, "371301");
    assert_eq!((back.minutes, back.leg), (COUNTY_FIXED + 90 + 50 + 30, Some(9)));
    // What waits 80 minutes longer than it is loaded is there at 05:50.
    let (region, opens_min) = (shore.find(ISLAND), Some(200));
    shore.pairs = vec![BlockedPair { depot: 3, region, opens_min, number: 0 }];
    let held = shore.reach(OTHER_ISLAND, ISLAND);
    assert_eq!(held.minutes, COUNTY_FIXED + 10 + 50 + 30 + 40);
    assert_eq!(held.open_min, COUNTY_FIXED + 90 + 50 + 30 + 40);
    shore.pairs.clear();
    // Off at 17:01, at the second quay at 18:21, and off from there in the morning.
    shore.sets_out_min = Some(14 * 60 + 31);
    assert_eq!(shore.reach(OTHER_ISLAND, ISLAND).minutes, COUNTY_FIXED + 50 + 30 + 699 + 40);
}

#[test]
fn a_crossing_is_slowed_and_doubted_as_the_way_is() {
    let mut shore = Shore::new();
    shore.percent = 50;
    assert_eq!(shore.reach("371301", ISLAND).minutes, COUNTY_FIXED + 60 + 80);
    assert_eq!(shore.reach(ISLAND, "371301").minutes, COUNTY_FIXED + 80, "the pier is the place");
    shore.percent = USUAL_PERCENT;
    assert!(!shore.reach("371301", ISLAND).inherited);
    shore.spreads = [Spread::Within { cm: 100 }, Spread::Known];
    assert!(shore.reach("371301", ISLAND).inherited, "somewhere on the island");
    shore.spreads = [Spread::Known, Spread::Within { cm: 100 }];
    assert!(shore.reach(ISLAND, "371301").inherited, "from somewhere on it");
    // The way to the pier is no better known than the depot.
    assert_eq!(shore.reach("371301", ISLAND).travel, Travel::Estimated);
}

#[test]
fn how_far_a_place_may_be_off_adds_nothing_to_the_way_beyond_the_water() {
    let mut shore = Shore::new();
    let wide = Spread::Within { cm: 5_000_000 };
    shore.spreads = [Spread::Known, wide];
    assert_eq!(shore.reach(ISLAND, "371301").minutes, COUNTY_FIXED + 40);
    shore.spreads = [wide, Spread::Known];
    assert_eq!(shore.reach("371301", ISLAND).minutes, COUNTY_FIXED + 30 + 40);
    // On the same side as the way by land it does: 50 km with their detour at 40 km/h.
    shore.spreads = [Spread::Known, wide];
    assert_eq!(shore.reach("371301", ISLAND).minutes, COUNTY_FIXED + 98 + 40);
}

#[test]
fn what_waits_anyway_takes_the_crossing_whose_road_opens_meanwhile() {
    // 70 minutes by the one, whose road opens after 300, and 81 by the other.
    let mut shore = Shore { pier: at(200_000), ..Shore::new() };
    let opens_min = Some(300);
    shore.roads = vec![BlockedRoad { road: code("R1"), opens_min, number: 0 }];
    for (wait_min, leg) in [(0, 4), (280, 4), (295, 7), (400, 7)] {
        shore.wait_min = wait_min;
        assert_eq!(shore.reach("371301", ISLAND).leg, Some(leg), "{wait_min}");
    }
}

#[test]
fn of_two_crossings_the_one_to_be_there_first_is_taken() {
    // 36 minutes to the other pier and 45 across, against 30 and 40.
    let mut shore = Shore { pier: at(200_000), ..Shore::new() };
    let mut there = |closed: &[Option<u32>], open: bool| {
        shore.open = open;
        let road = |opens_min: &Option<u32>| BlockedRoad {
            road: code("R1"),
            opens_min: *opens_min,
            number: 0,
        };
        shore.roads = closed.iter().map(road).collect();
        let found = shore.reach("371301", ISLAND);
        (found.leg, found.minutes - COUNTY_FIXED, found.wait_min)
    };
    assert_eq!(there(&[], false), (Some(7), 70, Some(0)));
    // Trucks are loaded after 120 minutes: five more to wait are less than eleven on the way.
    assert_eq!(there(&[Some(125)], false), (Some(7), 70, Some(125)));
    assert_eq!(there(&[Some(300)], false), (Some(4), 81, Some(0)));
    assert_eq!(there(&[None], false), (Some(4), 81, Some(0)), "not the one that stays closed");
    assert_eq!(there(&[None], true), (Some(7), 70, Some(0)), "were it open");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn goods_that_set_out_later_are_there_no_sooner(
        sets_out in 0..1_440_u32,
        later in 0..600_u32,
        wait_min in 0..900_u32,
    ) {
        let mut shore = Shore::new();
        let region = shore.find(ISLAND);
        let mut there = |sets_out: u32, wait_min: u32| {
            shore.sets_out_min = Some(sets_out);
            shore.pairs =
                vec![BlockedPair { depot: 3, region, opens_min: Some(wait_min), number: 0 }];
            let found = shore.reach("371301", ISLAND);
            let table = Timetable::new(&profile("3713"), ClockStart::Disaster, false);
            let held = table.waiting_min(haul(Tier::County), found.wait_min.unwrap());
            // What is closed never helps.
            assert!(found.minutes + held >= found.open_min);
            found.minutes + held
        };
        let at_once = there(sets_out, wait_min);
        prop_assert!(there(sets_out, wait_min + later) >= at_once);
        prop_assert!(there(sets_out + later, wait_min) + i64::from(later) >= at_once);
        prop_assert!(at_once >= COUNTY_FIXED + 30 + 40);
    }
}
