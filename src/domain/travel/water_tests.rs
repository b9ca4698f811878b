//! Tests of ways over water: by number, and that boats never make a way quicker.

use proptest::prelude::*;

use super::super::guide::tests::{COUNTY_FIXED, at, haul, road};
use super::super::{Blocked, BlockedPair, Network};
use super::*;
use crate::domain::fixture::*;
use crate::domain::profile::ClockStart;
use crate::domain::region::Tier;
use crate::domain::route::Measured;

const ISLAND: &str = "371301101";

/// An island in county 371301 with its pier at the meridian, and what is known of the land.
struct Shore {
    position: crate::domain::position::Position,
    sets_out_min: Option<u32>,
    measured: bool,
    pairs: Vec<BlockedPair>,
}

impl Shore {
    fn new() -> Self {
        let position = with_records(&world(), Vec::new());
        Self { position, sets_out_min: None, measured: false, pairs: Vec::new() }
    }

    fn find(&self, text: &str) -> RegionIx {
        self.position.reference.regions.find(region_code(text)).unwrap()
    }

    /// From a depot in a region, 11.13 km from the pier by a road of 20 km, to an area.
    fn reach(&self, from: &str, to: &str) -> Reach {
        let regions = &self.position.reference.regions;
        let (area, depot) = (self.find(to), self.find(from));
        let leg = |number: u32, crossing_min: u32| Crossing {
            number,
            region: self.find(ISLAND),
            pier: at(0),
            crossing_min,
            sails: (6 * 60, 18 * 60),
        };
        let legs = vec![leg(4, 45), leg(7, 40)];
        let routes = self.measured.then(|| (area, 3, day("2021-09-01"), 100));
        let network = Network::of(&[road("R1", at(0), at(100_000), 20_000)]);
        let blocked = Blocked { pairs: self.pairs.clone(), roads: Vec::new() };
        let guide = Guide::new(Measured::of(routes), Arc::new(network));
        let guide = guide.over_water(Waters::new(regions, legs, self.sets_out_min));
        let mut guide = guide.blocked(&blocked, regions, |_| Some(depot));
        let table = Timetable::new(&profile("3713"), ClockStart::Disaster, false);
        let mut ruler = Ruler::default();
        let end = ruler.end(at(100_000));
        let point = if to == ISLAND { at(-500_000) } else { at(0) };
        ruler.stand(point);
        let mut approach = guide.approach(area, Site { point, spread: Spread::Known });
        let origin = Origin { depot: 3, region: depot, end, spread: Spread::Known };
        table.reach(haul(Tier::County), origin, &mut guide, &mut approach, &mut ruler).unwrap()
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
