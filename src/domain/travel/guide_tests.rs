//! Tests of the guide: layers in their order, roads by number and against a slower search.

use proptest::prelude::*;

use super::super::tests::timetable;
use super::super::{
    BlockedPair, BlockedRoad, Haul, Network, Timetable, USUAL_PERCENT, distance_cm,
};
use super::*;
use crate::domain::catalogue::ItemStatus;
use crate::domain::fixture::*;
use crate::domain::profile::ClockStart;
use crate::domain::road::Road;
use crate::domain::route;

/// Degrees along the equator; a tenth is 11.13 km.
pub fn at(lon_e6: i32) -> Point {
    Point { lon_e6, lat_e6: 0 }
}

pub fn road(name: &str, from: Point, to: Point, length_m: u32) -> Road {
    Road {
        code: code(name),
        from,
        to,
        length_m,
        class: None,
        speed_kmh: None,
        one_way: false,
        status: ItemStatus::Active,
    }
}

pub fn haul(tier: Tier) -> Haul {
    Haul { owner: tier, agree: None, depot: tier, readiness_min: None, wait_min: 0 }
}

pub const HERE: RegionIx = RegionIx(7);

/// Where area and depot stand, and how well that is known.
#[derive(Clone, Copy)]
pub struct Pair {
    pub area: (Point, Spread),
    pub depot: (Point, Spread),
}

impl Pair {
    pub fn known(area: Point, depot: Point) -> Self {
        Self { area: (area, Spread::Known), depot: (depot, Spread::Known) }
    }

    pub fn reach(self, guide: &mut Guide, percent: u32, tier: Tier) -> Reach {
        self.reach_waiting(guide, percent, haul(tier))
    }

    fn reach_waiting(self, guide: &mut Guide, percent: u32, haul: Haul) -> Reach {
        let table = Timetable::at_speed(&profile("3713"), ClockStart::Disaster, false, percent);
        let mut ruler = Ruler::default();
        let end = ruler.end(self.depot.0);
        ruler.stand(self.area.0);
        let site = Site { point: self.area.0, spread: self.area.1 };
        let mut approach = guide.approach(HERE, site);
        let origin = Origin { depot: 3, region: HERE, end, spread: self.depot.1 };
        table.reach(haul, origin, guide, &mut approach, &mut ruler).unwrap()
    }
}

fn by_roads(roads: &[Road]) -> Guide {
    by_routes(None, Network::of(roads))
}

/// With measured routes, on a day in September 2021.
pub fn by_routes(
    routes: impl IntoIterator<Item = (RegionIx, u32, &'static str, u32)>,
    network: Network,
) -> Guide {
    let driven = |(region, depot, from, minutes): (_, _, &str, _)| {
        (region, depot, Arc::new(route::sample(minutes, from)))
    };
    let measured = Measured::of(routes.into_iter().map(driven));
    Guide::new(Arc::new(measured), day("2021-09-15"), Arc::new(network))
}

/// A county's goods leave after 150 minutes and need 90 after the road, at 40 km/h.
pub const COUNTY_FIXED: i64 = 30 + 60 + 60 + 30 + 60;

#[test]
fn a_road_counts_by_its_length_and_the_tiers_speed() {
    let (area, depot) = (at(0), at(100_000));
    let pair = Pair::known(area, depot);
    let mut guide = by_roads(&[road("R1", area, depot, 20_000)]);
    // 20 km at 40 km/h are half an hour.
    let found = pair.reach(&mut guide, USUAL_PERCENT, Tier::County);
    assert_eq!((found.minutes, found.travel), (COUNTY_FIXED + 30, Travel::Road));
    assert!(!found.inherited);
    // At half the speed, an hour.
    let slow = pair.reach(&mut guide, 50, Tier::County);
    assert_eq!(slow.minutes, COUNTY_FIXED + 60);
    // A village's tractor goes 20 km/h: another time to keep for the same two nodes.
    let village = pair.reach(&mut guide, USUAL_PERCENT, Tier::Village);
    assert_eq!(village.minutes, 15 + 15 + 60 + 60);
    let mut fast = road("R1", area, depot, 20_000);
    fast.speed_kmh = Some(80);
    let found = pair.reach(&mut by_roads(&[fast.clone()]), USUAL_PERCENT, Tier::County);
    assert_eq!(found.minutes, COUNTY_FIXED + 15);
    fast.status = ItemStatus::Retired;
    let none = pair.reach(&mut by_roads(&[fast]), USUAL_PERCENT, Tier::County);
    assert_eq!(none.travel, Travel::Estimated);
}

#[test]
fn the_quickest_of_two_ways_is_taken_and_one_way_is_one_way() {
    let (area, between, depot) = (at(0), at(50_000), at(100_000));
    let pair = Pair::known(area, depot);
    let straight = road("R1", area, depot, 30_000);
    let halves = [road("R2", area, between, 8_000), road("R3", between, depot, 8_000)];
    let all = [straight.clone(), halves[0].clone(), halves[1].clone()];
    let minutes = |roads: &[Road]| {
        let found = pair.reach(&mut by_roads(roads), USUAL_PERCENT, Tier::County);
        (found.minutes - COUNTY_FIXED, found.travel)
    };
    assert_eq!(minutes(&all), (24, Travel::Road));
    // From the area away only: trucks come the other way.
    let mut away = all.clone();
    away[1].one_way = true;
    assert_eq!(minutes(&away), (45, Travel::Road));
    let mut towards = away.clone();
    (towards[1].from, towards[1].to) = (between, area);
    assert_eq!(minutes(&towards), (24, Travel::Road));
}

#[test]
fn the_way_to_the_road_is_added_and_a_far_road_is_none() {
    let (area, depot) = (at(0), at(100_000));
    let pair = Pair::known(area, depot);
    // The road begins a thousandth of a degree (111.32 m) from either end.
    let near = road("R1", at(1_000), at(99_000), 20_000);
    let found = pair.reach(&mut by_roads(&[near]), USUAL_PERCENT, Tier::County);
    // 20 km, and 222.64 m with their detour of 1.3: 30.4 minutes, rounded up once.
    assert_eq!((found.minutes, found.travel), (COUNTY_FIXED + 31, Travel::Road));
    // To walk farther than the two are apart, only to take a road, is no way.
    let far = road("R1", at(-60_000), at(160_000), 1);
    let line = pair.reach(&mut by_roads(&[far]), USUAL_PERCENT, Tier::County);
    let straight = pair.reach(&mut by_roads(&[]), USUAL_PERCENT, Tier::County);
    assert_eq!(line, straight);
    assert_eq!(straight.travel, Travel::Estimated);
    // Both ends at one node: the road says nothing of the way between them.
    let aside = road("R1", at(50_000), at(10_000_000), 1);
    let one = pair.reach(&mut by_roads(&[aside]), USUAL_PERCENT, Tier::County);
    assert_eq!(one.travel, Travel::Estimated);
}

#[test]
fn roads_that_do_not_join_the_two_are_no_way() {
    let (area, depot) = (at(0), at(100_000));
    let apart = [road("R1", area, at(10_000), 1_200), road("R2", at(90_000), depot, 1_200)];
    let pair = Pair::known(area, depot);
    let found = pair.reach(&mut by_roads(&apart), USUAL_PERCENT, Tier::County);
    assert_eq!(found.travel, Travel::Estimated);
}

#[test]
fn an_inherited_end_is_estimated_and_no_nearer_than_it_may_be() {
    let (area, depot) = (at(0), at(100_000));
    let wide = Spread::Within { cm: 4_000_000 };
    let pair = Pair { area: (area, wide), depot: (depot, Spread::Known) };
    let mut guide = by_roads(&[road("R1", area, depot, 20_000)]);
    let found = pair.reach(&mut guide, USUAL_PERCENT, Tier::County);
    // 40 km with their detour take 78 minutes, longer than the road's 30.
    assert_eq!((found.minutes, found.travel), (COUNTY_FIXED + 78, Travel::Estimated));
    assert!(found.inherited);
    let narrow = Pair { area: (area, Spread::Within { cm: 100 }), ..pair };
    let found = narrow.reach(&mut guide, USUAL_PERCENT, Tier::County);
    assert_eq!((found.minutes, found.travel), (COUNTY_FIXED + 30, Travel::Estimated));
}

#[test]
fn a_guide_without_roads_is_the_straight_line() {
    let table = timetable(ClockStart::Disaster, false);
    let pair = Pair::known(at(0), at(224_578));
    let found = pair.reach(&mut by_roads(&[]), USUAL_PERCENT, Tier::County);
    let line = table.deliver_min(haul(Tier::County), distance_cm(at(0), at(224_578)));
    assert_eq!(Some(found.minutes), line);
    assert_eq!(found.minutes, 289);
}

/// The guide over roads of which some are closed until a minute, or for good.
fn closed(roads: &[Road], closures: &[(&str, Option<u32>)]) -> Guide {
    let numbered = (0..).zip(closures);
    let road = |(number, (name, opens_min)): (u32, &(&str, Option<u32>))| BlockedRoad {
        road: code(name),
        opens_min: *opens_min,
        number,
    };
    let blocked = Blocked { pairs: Vec::new(), roads: numbered.map(road).collect() };
    by_roads(roads).blocked(&blocked, &Arc::new(Regions::default()), |_| None)
}

#[test]
fn a_closed_stretch_is_gone_round_or_waited_for_whichever_is_sooner() {
    let (area, between, depot) = (at(0), at(50_000), at(100_000));
    let pair = Pair::known(area, depot);
    let roads = [
        road("R1", area, depot, 30_000),
        road("R2", area, between, 8_000),
        road("R3", between, depot, 8_000),
    ];
    let found = |closures: &[(&str, Option<u32>)]| {
        let found = pair.reach(&mut closed(&roads, closures), USUAL_PERCENT, Tier::County);
        assert_eq!(found.open_min, COUNTY_FIXED + 24, "whatever is closed");
        (found.minutes - COUNTY_FIXED, found.wait_min, found.detour)
    };
    assert_eq!(found(&[]), (24, Some(0), false));
    assert_eq!(found(&[("R2", None)]), (45, Some(0), true), "round it");
    assert_eq!(found(&[("R1", None)]), (24, Some(0), false), "it is not on the way");
    // A county's trucks are loaded after 120 minutes: until then a wait costs nothing.
    assert_eq!(found(&[("R2", Some(120))]), (24, Some(120), false));
    assert_eq!(found(&[("R2", Some(140))]), (24, Some(140), false), "20 more, round it is 21");
    assert_eq!(found(&[("R2", Some(142))]), (45, Some(0), true));
    assert_eq!(found(&[("R2", Some(0))]), (24, Some(0), false), "open already");
    // One after the other: the way round opens first, the way itself never.
    let both = [("R1", Some(600)), ("R3", None), ("R2", Some(10))];
    assert_eq!(found(&both), (45, Some(600), true));
    assert_eq!(found(&[("R1", Some(130)), ("R3", Some(900))]), (45, Some(130), true));
    // Both for good: no straight line takes their place.
    assert_eq!(found(&[("R1", None), ("R3", None)]), (24, None, false));
    let way = closed(&roads, &[("R1", None), ("R3", None)])
        .approach(HERE, Site { point: area, spread: Spread::Known });
    assert_eq!(way.on_open_roads().singled_out().count(), 0);
    // What waits anyway takes what opens meanwhile.
    let waiting = Haul { wait_min: 900, ..haul(Tier::County) };
    let mut guide = closed(&roads, &[("R2", Some(800))]);
    let found = pair.reach_waiting(&mut guide, USUAL_PERCENT, waiting);
    assert_eq!((found.minutes - COUNTY_FIXED, found.wait_min), (24, Some(800)));
}

#[test]
fn a_pair_waits_for_its_own_way_and_no_other() {
    let world = with_records(&world(), Vec::new());
    let regions = &world.reference.regions;
    let find = |text: &str| regions.find(region_code(text)).unwrap();
    let (county, town) = (find("371301"), find("371301101"));
    let pairs = |rows: &[(u32, RegionIx, Option<u32>)], stands: RegionIx| {
        let pair = |row: &(u32, RegionIx, Option<u32>)| BlockedPair {
            depot: row.0,
            region: row.1,
            opens_min: row.2,
            number: 0,
        };
        let blocked = Blocked { pairs: rows.iter().map(pair).collect(), roads: Vec::new() };
        by_roads(&[]).blocked(&blocked, regions, |_| Some(stands))
    };
    let wait = |guide: &mut Guide, region: RegionIx, depot: u32| {
        let table = timetable(ClockStart::Disaster, false);
        let mut ruler = Ruler::default();
        let end = ruler.end(at(100_000));
        ruler.stand(at(0));
        let mut approach = guide.approach(region, Site { point: at(0), spread: Spread::Known });
        let origin = Origin { depot, region: HERE, end, spread: Spread::Known };
        let found = table.reach(haul(Tier::County), origin, guide, &mut approach, &mut ruler);
        found.unwrap().wait_min
    };
    let mut guide = pairs(&[(3, county, Some(60)), (3, town, Some(90))], find("371302"));
    assert_eq!(wait(&mut guide, county, 3), Some(60));
    assert_eq!(wait(&mut guide, town, 3), Some(90), "all in the region, until the last opens");
    assert_eq!(wait(&mut guide, county, 4), Some(0));
    assert_eq!(wait(&mut guide, find("3713"), 3), Some(0), "not what the region lies in");
    let mut guide = pairs(&[(3, county, Some(60)), (3, county, None)], find("371302"));
    assert_eq!(wait(&mut guide, town, 3), None);
    let mut inside = pairs(&[(3, county, None)], town);
    assert_eq!(wait(&mut inside, town, 3), Some(0), "with the depot inside, nothing parts them");
}

/// A stretch as numbers: its ends, its length, and whether it is closed, until when.
type Drawn = (usize, usize, u32, Option<Option<u32>>);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn the_soonest_way_is_that_of_every_hour_tried_by_itself(
        drawn in prop::collection::vec((0..5_usize, 0..5_usize, 1_000..200_000_u32,
            prop::option::of(prop::option::of(0..400_u32))), 1..14),
        waits in 0..300_u32,
    ) {
        let place = |n: usize| at(i32::try_from(n).unwrap() * 400_000);
        let drawn: Vec<Drawn> = drawn.into_iter().filter(|row| row.0 != row.1).collect();
        let name = |n: usize| format!("R{n}");
        let stretch = |(n, row): (usize, &Drawn)| road(&name(n), place(row.0), place(row.1), row.2);
        let roads: Vec<Road> = drawn.iter().enumerate().map(stretch).collect();
        let names: Vec<String> = (0..drawn.len()).map(name).collect();
        let closures: Vec<(&str, Option<u32>)> = drawn.iter().zip(&names)
            .filter_map(|(row, name)| row.3.map(|opens| (name.as_str(), opens))).collect();
        let pair = Pair::known(place(0), place(4));
        let table = Timetable::at_speed(&profile("3713"), ClockStart::Disaster, false, 100);
        let ready = haul(Tier::County);
        let total = |found: Reach, wait_min: u32| {
            let wait = found.wait_min?.max(wait_min);
            Some(found.minutes + table.waiting_min(ready, wait))
        };
        let waiting = Haul { wait_min: waits, ..ready };
        let found = pair.reach_waiting(&mut closed(&roads, &closures), 100, waiting);
        let open = pair.reach(&mut by_roads(&roads), 100, Tier::County);
        prop_assert_eq!((found.open_min, found.travel), (open.minutes, open.travel));
        let hours = closures.iter().filter_map(|(_, opens)| *opens).chain([0]);
        let by_hand = hours.filter_map(|hour| {
            let shut: Vec<(&str, Option<u32>)> = closures.iter()
                .filter(|(_, opens)| opens.is_none_or(|at| at > hour))
                .map(|(name, _)| (*name, None)).collect();
            let then = pair.reach(&mut closed(&roads, &shut), 100, Tier::County);
            total(Reach { wait_min: then.wait_min.map(|_| hour), ..then }, waits)
        });
        prop_assert_eq!(total(found, waits), by_hand.min());
        // What is closed never helps.
        let least = open.minutes + table.waiting_min(ready, waits);
        prop_assert!(total(found, waits).is_none_or(|minutes| minutes >= least));
    }

    #[test]
    fn ways_are_those_of_a_search_by_hand(
        stretches in prop::collection::vec((0..8_usize, 0..8_usize, 1..90_000_u32,
            prop::option::of(10..120_u32), any::<bool>()), 1..24),
        speed in 10..100_u32,
    ) {
        let place = |n: usize| at(i32::try_from(n).unwrap() * 1_000_000);
        let roads: Vec<Road> = stretches.iter().enumerate()
            .filter(|(_, row)| row.0 != row.1)
            .map(|(n, (from, to, length_m, speed_kmh, one_way))| Road {
                speed_kmh: *speed_kmh,
                one_way: *one_way,
                ..road(&format!("R{n}"), place(*from), place(*to), *length_m)
            })
            .collect();
        // Times between all places by relaxing every stretch as often as there are places.
        let mut times = [[None::<u64>; 8]; 8];
        for (n, row) in times.iter_mut().enumerate() {
            row[n] = Some(0);
        }
        for _ in 0..8 {
            for stretch in &roads {
                let ms = (u64::from(stretch.length_m) * 3_600)
                    .div_ceil(u64::from(stretch.speed_kmh.unwrap_or(speed)));
                let number = |point: Point| usize::try_from(point.lon_e6 / 1_000_000).unwrap();
                let (from, to) = (number(stretch.from), number(stretch.to));
                for row in &mut times {
                    let mut relax = |a: usize, b: usize| {
                        if let Some(so_far) = row[a] {
                            let better = row[b].is_none_or(|old| so_far + ms < old);
                            row[b] = if better { Some(so_far + ms) } else { row[b] };
                        }
                    };
                    relax(from, to);
                    if !stretch.one_way {
                        relax(to, from);
                    }
                }
            }
        }
        let network = Network::of(&roads);
        for (from, row) in times.iter().enumerate() {
            for (to, expected) in row.iter().enumerate() {
                let snapped = |n| network.snap(place(n)).filter(|(_, cm)| *cm == 0);
                let (Some((a, _)), Some((b, _))) = (snapped(from), snapped(to)) else { continue };
                let found = network.times_to(b, speed)[a];
                prop_assert_eq!(found, *expected, "{} to {}", from, to);
            }
        }
    }

    #[test]
    fn the_nearest_node_is_the_nearest(
        points in prop::collection::vec(
            (-2_000_000..2_000_000_i32, -2_000_000..2_000_000_i32),
            2..40,
        ),
        (lon_e6, lat_e6) in (-2_500_000..2_500_000_i32, -2_500_000..2_500_000_i32),
    ) {
        let points: Vec<Point> =
            points.into_iter().map(|(lon_e6, lat_e6)| Point { lon_e6, lat_e6 }).collect();
        let roads: Vec<Road> = points.windows(2).enumerate()
            .map(|(n, two)| road(&format!("R{n}"), two[0], two[1], 1))
            .collect();
        let from = Point { lon_e6, lat_e6 };
        let (_, cm) = Network::of(&roads).snap(from).unwrap();
        let least = points.iter().map(|point| distance_cm(from, *point)).min().unwrap();
        // Through the earth and over it may differ by a hair where two are as near.
        prop_assert!(cm.abs_diff(least) <= 100, "{} {}", cm, least);
    }
}

#[test]
fn no_roads_have_no_node() {
    assert_eq!(Network::default().snap(at(0)), None);
}
