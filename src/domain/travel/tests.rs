//! Tests of travel: distances, inherited points and delivery times by number.

use proptest::prelude::*;

use super::*;
use crate::domain::fixture::*;
use crate::domain::profile::{ClockStart, Profile};
use crate::domain::reference::{Record, Reference};
use crate::domain::region::Region;

fn point(lon_e6: i32, lat_e6: i32) -> Point {
    Point { lon_e6, lat_e6 }
}

fn haul(owner: Tier, depot: Tier) -> Haul {
    Haul { owner, agree: None, depot, readiness_min: None, wait_min: 0 }
}

pub fn timetable(clock: ClockStart, mountain: bool) -> Timetable {
    Timetable::new(&profile("3713"), clock, mountain)
}

/// Owner, depot, metres, minutes from the disaster, minutes from the order.
const TIMES: [(Tier, Tier, u32, i64, i64); 6] = [
    (Tier::Village, Tier::Village, 1_000, 94, 94),
    (Tier::Township, Tier::Township, 8_000, 186, 171),
    (Tier::County, Tier::County, 25_000, 289, 259),
    (Tier::City, Tier::City, 82_300, 459, 399),
    (Tier::Province, Tier::Province, 218_000, 734, 614),
    (Tier::Province, Tier::City, 82_300, 519, 399),
];

#[test]
fn delivery_times_are_those_of_the_plan() {
    for (owner, depot, metres, disaster, order) in TIMES {
        let minutes =
            |clock| timetable(clock, false).deliver_min(haul(owner, depot), metres * 100).unwrap();
        assert_eq!(minutes(ClockStart::Disaster), disaster, "{owner:?}");
        assert_eq!(minutes(ClockStart::Order), order, "{owner:?}");
    }
}

#[test]
fn the_sum_is_rounded_up_once_and_not_at_a_whole_minute() {
    let plain = timetable(ClockStart::Disaster, false);
    let village = haul(Tier::Village, Tier::Village);
    // 20 km/h and a detour of 1.3: 10 km are exactly 39 minutes.
    assert_eq!(plain.deliver_min(village, 1_000_000), Some(129));
    assert_eq!(plain.deliver_min(village, 1_000_001), Some(130));
    assert_eq!(plain.deliver_min(village, 0), Some(90));
}

#[test]
fn mountains_waiting_readiness_and_consent_cost_time() {
    let plain = timetable(ClockStart::Disaster, false);
    let county = haul(Tier::County, Tier::County);
    let minutes = |haul| plain.deliver_min(haul, 2_500_000).unwrap();
    let mountain = timetable(ClockStart::Disaster, true);
    assert_eq!(mountain.deliver_min(county, 2_500_000), Some(297));
    let waits = |wait_min| minutes(Haul { wait_min, ..county });
    assert_eq!((waits(120), waits(121), waits(1_440)), (289, 290, 1_609));
    let readiness_min = Some(10);
    let ready = Haul { readiness_min, ..county };
    assert_eq!(minutes(ready), 239);
    let agree = |tier| minutes(Haul { agree: Some(tier), ..county });
    assert_eq!((agree(Tier::City), agree(Tier::Township)), (319, 289));
}

#[test]
fn outside_working_hours_each_tier_is_called_up_later_unless_it_is_on_duty() {
    let conditions = Conditions { speed_percent: 100, off_hours: true };
    let night = Timetable::under(&profile("3713"), ClockStart::Disaster, false, conditions);
    let later = [15, 30, 60, 60, 0, 60];
    for ((owner, depot, metres, minutes, _), later) in TIMES.into_iter().zip(later) {
        let found = night.deliver_min(haul(owner, depot), metres * 100);
        assert_eq!(found, Some(minutes + later), "{owner:?}");
    }
    // Trucks are called up and loaded while the way is closed, whatever the hour.
    let county = haul(Tier::County, Tier::County);
    let waits = |wait_min| night.deliver_min(Haul { wait_min, ..county }, 2_500_000);
    assert_eq!((waits(180), waits(181)), (Some(349), Some(350)));
    let ready = Haul { readiness_min: Some(10), ..county };
    assert_eq!(night.deliver_min(ready, 2_500_000), Some(239), "a readiness of its own stands");
}

#[test]
fn what_is_promised_is_decided_later_where_the_city_says_so() {
    let minutes = |promise_decide_min: Option<u32>, clock: ClockStart| {
        let city = Profile { promise_decide_min, ..profile("3713") };
        let table = Timetable::new(&city, clock, false);
        // Six hours by contract, 10 km at 50 km/h, last mile and handing out.
        let plain = haul(Tier::City, Tier::City);
        (table.promise_min((Tier::City, None), 360, 1_000_000), table.deliver_min(plain, 1_000_000))
    };
    let after = 360 + 16 + 30 + 60;
    let own = Some(60 + 90 + 90 + 16 + 90);
    assert_eq!(minutes(None, ClockStart::Disaster), (Some(60 + after), own));
    assert_eq!(minutes(Some(60), ClockStart::Disaster), (Some(60 + 60 + after), own), "+1.0");
    // Counted from the order, the decision is over.
    assert_eq!(minutes(Some(60), ClockStart::Order).0, Some(after));
}

#[test]
fn a_tier_that_the_city_does_not_use_goes_by_the_one_above() {
    let mut coarse = profile("3713");
    coarse.tiers.pop();
    let table = Timetable::new(&coarse, ClockStart::Disaster, false);
    let village = table.deliver_min(haul(Tier::Village, Tier::Village), 800_000);
    assert_eq!(village, Some(186));
    coarse.tiers.clear();
    coarse.provincial.speed_kmh = 0;
    let table = Timetable::new(&coarse, ClockStart::Disaster, false);
    assert_eq!(table.deliver_min(haul(Tier::Village, Tier::Village), 1), None);
}

#[test]
fn distances_are_those_of_the_ellipsoid() {
    let origin = point(0, 0);
    assert_eq!(distance_cm(origin, point(1_000_000, 0)), 11_131_949);
    assert_eq!(distance_cm(origin, point(0, 1_000_000)), 11_057_439);
    assert_eq!(distance_cm(origin, point(0, 90_000_000)), 1_000_196_573);
    assert_eq!(distance_cm(origin, point(180_000_000, 0)), 2_000_393_146);
    assert_eq!(distance_cm(origin, origin), 0);
    let (linyi, jinan) = (point(118_350_000, 35_100_000), point(117_014_012, 36_670_849));
    assert_eq!(distance_cm(linyi, jinan), distance_cm(jinan, linyi));
    assert_eq!(distance_cm(linyi, jinan) / 100_000, 211);
}

#[test]
fn a_ruler_measures_as_one_measures_by_hand() {
    let mut ruler = Ruler::default();
    let (near, far) = (point(1_000_000, 0), point(0, 1_000_000));
    assert_eq!((ruler.end(near), ruler.end(far), ruler.end(near)), (0, 1, 0));
    assert_eq!(ruler.cm(0), None);
    for from in [point(0, 0), far, point(0, 0)] {
        ruler.stand(from);
        assert_eq!(ruler.cm(0), Some(distance_cm(from, near)));
        assert_eq!(ruler.cm(1), Some(distance_cm(from, far)));
    }
    assert_eq!(ruler.cm(2), None);
}

/// The world with the township's point inherited from a county of the given area, if any.
fn inheriting(county_area_ha: Option<i64>) -> Reference {
    let county = Region { area_ha: county_area_ha, ..region("371301", 118_400_000, 35_300_000) };
    let township = Region {
        location_source: LocationSource::Inherited,
        ..region("371301101", 118_400_000, 35_300_000)
    };
    let village = Region { location: None, ..region("371301101201", 0, 0) };
    let records = [county, township, village].map(Record::Region);
    (*with_records(&world(), records.into()).reference).clone()
}

fn site(reference: &Reference, code: &str) -> Site {
    let ix = reference.regions.find(region_code(code)).unwrap();
    Site::of_region(&reference.regions, ix).unwrap()
}

#[test]
fn an_inherited_point_may_lie_anywhere_in_the_region_it_came_from() {
    // √(1,300 km² / π) = 20.342 km.
    let reference = inheriting(Some(130_000));
    let spread = Spread::Within { cm: 2_034_214 };
    let point = site(&reference, "371301").point;
    let table = timetable(ClockStart::Disaster, false);
    assert_eq!(site(&reference, "371301").spread, Spread::Known);
    // The village takes the township's point, which the township took from the county.
    for code in ["371301101", "371301101201"] {
        assert_eq!(site(&reference, code), Site { point, spread });
    }
    let leg = |cm, ends| {
        let leg = table.leg(cm, ends);
        (leg.cm, leg.estimated)
    };
    assert_eq!(leg(5, [Spread::Known, Spread::Known]), (5, false));
    assert_eq!(leg(5, [spread, Spread::Known]), (2_034_214, true));
    assert_eq!(leg(5, [Spread::Known, spread]), (2_034_214, true));
    assert_eq!(leg(3_000_000, [spread, spread]), (3_000_000, true));
    // Where the county's area is not known, the profile's typical one, here as large.
    let reference = inheriting(None);
    let spread = site(&reference, "371301101").spread;
    assert_eq!(spread, Spread::Typical(Tier::County));
    assert_eq!(leg(5, [spread, Spread::Known]), (2_034_214, true));
}

#[test]
fn a_depot_inherits_from_its_own_region() {
    let reference = inheriting(Some(130_000));
    let spread = |code: &str, source| {
        let mut depot = depot("X", code, "O-3713", 118_400_000, 35_300_000);
        depot.location_source = source;
        let ix = reference.regions.find(depot.region).unwrap();
        Site::of_depot(&reference.regions, &depot, ix).spread
    };
    let known = spread("371301101", LocationSource::Surveyed);
    assert_eq!(known, Spread::Known);
    let county = Spread::Within { cm: 2_034_214 };
    assert_eq!(spread("371301101", LocationSource::Inherited), county);
    let own = spread("371301102", LocationSource::Inherited);
    assert_eq!(own, Spread::Typical(Tier::Township));
}

#[test]
fn a_region_without_any_point_has_no_site() {
    let lost = Region { location: None, ..region("99", 0, 0) };
    let position = with_records(&world(), vec![Record::Region(lost)]);
    let regions = &position.reference.regions;
    let ix = regions.find(region_code("99")).unwrap();
    assert_eq!(Site::of_region(regions, ix), None);
}

proptest! {
    #[test]
    fn the_geodesic_lies_within_its_bounds(
        (lon, lat) in (-180_000_000..180_000_000_i32, -90_000_000..90_000_000_i32),
        (east, north) in (-40_000_000..40_000_000_i32, -40_000_000..40_000_000_i32),
        scale in 0..7_u32,
    ) {
        let shrink = 10_i32.pow(scale);
        let to = point(lon + east / shrink, (lat + north / shrink).clamp(-90_000_000, 90_000_000));
        let mut ruler = Ruler::default();
        let end = ruler.end(to);
        ruler.stand(point(lon, lat));
        let cm = ruler.cm(end).unwrap();
        let Bounds { least_cm, most_cm } = ruler.bounds(end).unwrap();
        prop_assert!(least_cm <= cm && cm <= most_cm, "{least_cm} {cm} {most_cm}");
    }

    #[test]
    fn bounds_give_the_minute_of_the_geodesic(east in 0..9_000_000_i32, north in 0..9_000_000_i32) {
        let table = timetable(ClockStart::Disaster, false);
        let mut ruler = Ruler::default();
        let from = point(118_000_000, 35_000_000);
        let to = point(from.lon_e6 + east, from.lat_e6 + north);
        let end = ruler.end(to);
        ruler.stand(from);
        let known = [Spread::Known; 2];
        for (owner, depot, ..) in TIMES {
            let haul = haul(owner, depot);
            let minutes = table.deliver_min(haul, distance_cm(from, to));
            let reach = table.reach_min(haul, &mut ruler, end, known);
            prop_assert_eq!(reach, minutes.map(|at| (at, false)));
        }
    }
}

#[test]
fn points_on_the_other_side_of_the_earth_have_no_bounds() {
    let mut ruler = Ruler::default();
    let end = ruler.end(point(180_000_000, 0));
    ruler.stand(point(0, 0));
    assert_eq!(ruler.bounds(end), None);
    let table = timetable(ClockStart::Disaster, false);
    let city = haul(Tier::City, Tier::City);
    let reach = table.reach_min(city, &mut ruler, end, [Spread::Known; 2]);
    assert_eq!(reach, table.deliver_min(city, 2_000_393_146).map(|at| (at, false)));
}

#[test]
fn eighty_kilometres_are_told_to_the_metre() {
    // A helicopter's radius, from the points given to the county seats: metres on the ellipsoid to
    // the hundred, and what a sphere of 6,371 km gives, which differs by no more than 200 m.
    let seat = |lon_e6, lat_e6| point(lon_e6, lat_e6);
    let (city, feixian) = (seat(118_350_000, 35_050_000), seat(117_970_000, 35_270_000));
    let yishui = seat(118_620_000, 35_780_000);
    let table = [
        (city, yishui, 846, 848),
        (city, seat(117_930_000, 35_720_000), 836, 837),
        (city, seat(117_630_000, 35_500_000), 824, 823),
        (feixian, yishui, 817, 817),
        (feixian, seat(118_350_000, 34_620_000), 800, 801),
        (feixian, seat(117_630_000, 35_500_000), 401, 401),
    ];
    for (from, to, hundred_metres, on_a_sphere) in table {
        let cm = distance_cm(from, to);
        assert_eq!((cm + 5_000) / 10_000, hundred_metres, "{from:?} {to:?}");
        assert!(hundred_metres.abs_diff(on_a_sphere) <= 2);
        // Five lie beyond 80 km, one of them by 30 m.
        assert_eq!(cm > 8_000_000, on_a_sphere > 800, "{from:?} {to:?}");
    }
}
