//! Tests of what is flown: the worked example, two areas on one base, and what never happens.
//!
//! Lives here: whole answers, and flights of random bases. Does not live here: the arithmetic of
//! one flight (`helibase_tests`). Invariant: a plan of flights is checked by code that knows
//! nothing of how it was made.

use proptest::prelude::*;

use super::super::tests::both_counties;
use super::super::{Closure, Obstacle, Outcome, run};
use super::*;
use crate::domain::catalogue::{LifeKind, Per};
use crate::domain::coverage::Pieces;
use crate::domain::fixture::*;
use crate::domain::helibase::Helibase;
use crate::domain::reference::Record;
use crate::domain::region::Point;

/// 40.1 km south of county 371301, where a depot of the city stands.
const PAD: Point = Point { lon_e6: 118_400_000, lat_e6: 34_938_550 };

/// Quilts of 2.5 kg, bottles of half a kilo and meals of 200 g in that depot, for 2,000 people.
fn settled(base: Helibase) -> Position {
    let mut bottle = item("WATER", Some(("water", 500)), LifeKind::Hard, 12);
    bottle.weight_g = 500;
    let mut meal = item("MEAL", Some(("food", 1)), LifeKind::Hard, 12);
    meal.weight_g = 200;
    let records = vec![
        Record::Profile(profile("3713")),
        Record::Item(bottle),
        Record::Need(need("food", 3_000, Per::Day)),
        Record::Item(meal),
        Record::Helibase(base),
        Record::Depot(depot("D-PAD", "3713", "O-3713", PAD.lon_e6, PAD.lat_e6)),
    ];
    let mut position = with_records(&world(), records);
    for (item, count) in [("QUILT", 2_000), ("WATER", 12_000), ("MEAL", 6_000)] {
        receive(&mut position, "D-PAD", item, count, lot("L", "2030-01-01"));
    }
    position
}

fn at_pad() -> Helibase {
    Helibase { location: PAD, ..helibase("HB", "3713") }
}

/// County 371301 with 2,000 people, its roads closed for good.
fn cut_off(position: &Position) -> Scenario {
    let mut scenario = both_counties(position);
    scenario.areas.truncate(1);
    scenario.areas.iter_mut().for_each(|area| area.displaced = 2_000);
    let region = scenario.areas[0].region;
    let what = Obstacle::Region(region);
    scenario.closures = vec![Closure { what, closes_min: 0, opens_min: None }];
    scenario
}

fn answer(position: &Position, scenario: &Scenario) -> Outcome {
    run(position, scenario).unwrap()
}

#[test]
fn the_worked_base_brings_803_persons_what_they_need() {
    let position = settled(at_pad());
    let outcome = answer(&position, &cut_off(&position));
    let [row] = outcome.flights.as_slice() else { panic!("{:?}", outcome.flights) };
    assert_eq!((row.lift.cm + 500) / 1_000, 4_010);
    assert_eq!((row.first_min, row.sorties, row.lift.capacity_kg), (Some(148), 7, 4_900));
    assert!(row.weight_g <= 4_900_000 && row.grounded.is_none(), "{}", row.weight_g);
    let area = &outcome.areas[0];
    assert_eq!((area.persons_covered, area.with_air.1), (Some(0), Some(803)));
    assert!(outcome.deliveries.is_empty(), "it is on top of the plan");
}

#[test]
fn goods_that_are_not_at_the_base_are_brought_there_first() {
    let near = settled(at_pad());
    let mut base = at_pad();
    // The base is 20 km off the depot: a truck is called up, loaded and driven.
    base.location.lat_e6 += 180_000;
    let far = settled(base);
    let row = |position: &Position| answer(position, &cut_off(position)).flights[0].clone();
    let (at_hand, brought) = (row(&near), row(&far));
    assert!(brought.lift.capacity_kg >= at_hand.lift.capacity_kg, "it is nearer to the area");
    assert!(brought.first_min > at_hand.first_min, "{:?}", brought.first_min);
    assert!(brought.sorties < at_hand.sorties, "{}", brought.sorties);
}

#[test]
fn why_nothing_is_flown_is_told_with_the_distance() {
    let told = |change: &dyn Fn(&mut Helibase), scenario: &dyn Fn(&mut Scenario)| {
        let mut base = at_pad();
        change(&mut base);
        let position = settled(base);
        let mut asked = cut_off(&position);
        scenario(&mut asked);
        let outcome = answer(&position, &asked);
        let row = outcome.flights[0].clone();
        assert_eq!(outcome.areas[0].with_air.1, outcome.areas[0].persons_covered);
        assert!(row.lift.cm > 0 && row.sorties == 0 && row.loads.is_empty());
        row.grounded
    };
    let as_is = |_: &mut Scenario| {};
    assert_eq!(told(&|base| base.radius_km = 40, &as_is), Some(Grounded::Distance));
    assert_eq!(told(&|base| base.flying_min = 12, &as_is), Some(Grounded::Daylight));
    let hurried = |one: &mut Scenario| {
        one.hours = Some(3);
        one.closures.clear();
    };
    assert_eq!(told(&|_| {}, &hurried), Some(Grounded::Time));
    // The base counts as lying in a county that no truck reaches either.
    let county = |base: &mut Helibase| base.region = region_code("371302");
    let shut = |one: &mut Scenario| {
        let region = settled(at_pad()).reference.regions.find(region_code("371302"));
        let what = Obstacle::Region(region.unwrap());
        one.closures.push(Closure { what, closes_min: 0, opens_min: None });
    };
    assert_eq!(told(&county, &shut), Some(Grounded::Goods));
    // Hours that have gone by are hours of daylight.
    let late = |one: &mut Scenario| (one.elapsed_min, one.hours) = (360, Some(24));
    assert_eq!(told(&|_| {}, &late), Some(Grounded::Daylight));
}

#[test]
fn an_area_that_lacks_an_open_road_and_time_is_flown_to() {
    let position = settled(at_pad());
    let mut scenario = cut_off(&position);
    // By road goods would take six and a half hours, the first machine two and a half.
    scenario.hours = Some(5);
    let short = |outcome: &Outcome| {
        outcome.areas[0].needs.iter().map(AreaNeed::causes).collect::<Vec<&[Cause]>>()
    };
    let shut = answer(&position, &scenario);
    assert_eq!(short(&shut), [&[Cause::Road, Cause::Time][..]; 3]);
    assert!(shut.flights[0].sorties > 0 && shut.areas[0].with_air.1 > Some(0));
    for need in &shut.areas[0].needs {
        let relief = need.relief.unwrap();
        assert_eq!((relief.on_open_roads, relief.whenever), (Some(0), 0));
        assert_eq!(relief.on_open_roads_whenever, Some(need.required));
        assert!(need.held_back.is_empty(), "nothing would be in time on open roads");
    }
    scenario.closures.clear();
    assert_eq!(short(&answer(&position, &scenario)), [&[Cause::Time][..]; 3]);
}

#[test]
fn what_roads_bring_is_not_flown_and_stock_that_lacks_is_not_made_up() {
    let position = settled(at_pad());
    let mut scenario = cut_off(&position);
    scenario.closures.clear();
    let open = answer(&position, &scenario);
    assert!(open.flights.is_empty() && !open.deliveries.is_empty());
    assert_eq!(open.areas[0].with_air, (open.areas[0].coverage, open.areas[0].persons_covered));
    // The other county takes by road what it needs first; what is left is flown.
    let mut both = both_counties(&position);
    both.areas.iter_mut().for_each(|area| area.displaced = 1_900);
    both.closures = cut_off(&position).closures;
    let shared = answer(&position, &both);
    let sent: i64 = shared
        .deliveries
        .iter()
        .filter(|row| row.item.code.as_str() == "QUILT")
        .map(|row| row.quantity)
        .sum();
    let flown: i64 = shared
        .flights
        .iter()
        .flat_map(|row| &row.loads)
        .filter(|load| load.item.code.as_str() == "QUILT")
        .map(|load| load.quantity)
        .sum();
    assert_eq!((sent, flown), (1_900, 100));
}

/// Some goods that lie at a base.
fn pieces(position: &Position, item: &str, quantity: i64) -> Pieces {
    let items = &position.reference.items;
    let owner = position.reference.organizations.by_code("O-3713").unwrap();
    let item = Arc::clone(items.by_code(item).unwrap());
    let amount = item.provision.as_ref().unwrap().amount;
    Pieces { item, owner: Arc::clone(owner), amount, quantity }
}

/// One base, so many machines, places at some kilometres, goods there at some minutes.
fn field(
    position: &Position,
    (aircraft, flying_min): (u32, u32),
    asks: &[(u32, i64)],
    goods: &[(i64, i64)],
) -> (Vec<Pad>, Vec<Place>, Vec<Pile>) {
    let place = |(_, persons): &(u32, i64)| Place {
        class: 0,
        persons: *persons,
        latest_min: 660,
        wants: vec![Want { need: 0, required: *persons, served: 0 }],
    };
    let serves: Vec<usize> = (0..asks.len()).collect();
    let pile = |(_, quantity): &(i64, i64)| Pile {
        need: 0,
        kind: pieces(position, "QUILT", *quantity),
        serves: serves.clone(),
    };
    let base = Arc::new(Helibase { aircraft, flying_min, ..helibase("HB", "3713") });
    let pad = Pad {
        base,
        loaded_min: 135,
        dusk_min: 135 + i64::from(flying_min),
        away: Vec::new(),
        legs: asks.iter().map(|(km, _)| Some(km * 100_000)).collect(),
        ready: goods.iter().map(|(ready, _)| Some(*ready)).collect(),
    };
    (vec![pad], asks.iter().map(place).collect(), goods.iter().map(pile).collect())
}

fn flown(sorties: &[Sortie]) -> i64 {
    sorties.iter().flat_map(|sortie| &sortie.load).map(|(_, pieces)| pieces).sum()
}

#[test]
fn two_areas_share_the_flights_of_one_machine() {
    let position = world();
    let at = |asks: &[(u32, i64)]| {
        let (pads, places, piles) = field(&position, (1, 360), asks, &[(0, 100_000)]);
        fly(&pads, places, piles)
    };
    // Seven flights to either alone, as the formula tells; together they are no more.
    assert_eq!(at(&[(40, 100_000)]).len(), 7);
    let both = at(&[(40, 100_000), (40, 100_000)]);
    assert_eq!(both.len(), 7);
    let to = |place: usize| both.iter().filter(|sortie| sortie.place == place).count();
    assert_eq!((to(0), to(1)), (4, 3), "turn by turn");
    assert_eq!(flown(&both), 7 * 280);
}

proptest! {
    #[test]
    fn flights_can_be_flown(
        machines in 1..4_u32,
        flying in 30..600_u32,
        asks in prop::collection::vec((0..80_u32, 1..3_000_i64), 1..5),
        goods in prop::collection::vec((0..500_i64, 0..1_500_i64), 1..5),
    ) {
        let position = world();
        let (pads, places, piles) = field(&position, (machines, flying), &asks, &goods);
        let sorties = fly(&pads, places, piles);
        let (load_min, turnaround) = (30, 30);
        let leg = |sortie: &Sortie| i64::from(asks[sortie.place].0) * 60 / 200;
        let mut left: Vec<i64> = goods.iter().map(|(_, quantity)| *quantity).collect();
        let mut open: Vec<i64> = asks.iter().map(|(_, persons)| *persons).collect();
        // At any minute no more machines are away than there are: whoever lands was loaded before
        // and comes back after.
        let mut away: Vec<(i64, i64)> = Vec::new();
        for sortie in &sorties {
            prop_assert!(sortie.lands_min <= (135 + i64::from(flying)).min(660));
            let leaves = sortie.lands_min - leg(sortie) - 1;
            prop_assert!(leaves + 1 >= 135);
            let mut grams = 0;
            for (pile, pieces) in &sortie.load {
                prop_assert!(*pieces > 0 && goods[*pile].0 <= leaves + 1 - load_min);
                left[*pile] -= pieces;
                open[sortie.place] -= pieces;
                grams += pieces * 2_500;
            }
            prop_assert!(grams > 0 && grams <= 700_000);
            away.push((leaves + 1, sortie.lands_min + leg(sortie) + turnaround - 1));
        }
        prop_assert!(left.iter().chain(&open).all(|rest| *rest >= 0), "nothing twice");
        for (from, _) in &away {
            let out = |(leaves, back): &&(i64, i64)| leaves <= from && from < back;
            let at_once = away.iter().filter(out).count();
            prop_assert!(at_once <= usize::try_from(machines).unwrap(), "{away:?}");
        }
        // Goods that are there from the start are flown by more machines no less.
        let early: Vec<(i64, i64)> = goods.iter().map(|(_, count)| (0, *count)).collect();
        let all = |machines: u32| {
            let (pads, places, piles) = field(&position, (machines, flying), &asks[..1], &early);
            flown(&fly(&pads, places, piles))
        };
        prop_assert!(all(machines + 1) >= all(machines));
    }
}
