//! Tests of the arithmetic of sorties: the worked example by number, and its bounds.

use proptest::prelude::*;

use super::*;
use crate::domain::fixture::helibase;

/// Feixian's base to the seat of Pingyi.
const PINGYI_CM: u32 = 4_010_000;
/// Twelve hours less an hour of handing out.
const LATEST_MIN: i64 = 660;

#[test]
fn the_worked_example_serves_803_persons() {
    let lift = helibase("H", "3713").lift(PINGYI_CM, 60, LATEST_MIN);
    // First arrival after 2.45 h, a cycle of 0.90 h, seven flights of 700 kg.
    assert_eq!((lift.within_radius, lift.first_min), (true, Some(148)));
    assert_eq!((lift.sorties, lift.capacity_kg), (7, 4_900));
    // A quilt, three litres of water and a day's food are 6.1 kg.
    assert_eq!(lift.capacity_kg * 1_000 / 6_100, 803);
}

#[test]
fn the_radius_binds_to_the_centimetre() {
    let base = helibase("H", "3713");
    let at = base.lift(8_000_000, 60, LATEST_MIN);
    assert!(at.within_radius && at.sorties > 0);
    let beyond = base.lift(8_000_001, 60, LATEST_MIN);
    let none =
        Lift { cm: 8_000_001, within_radius: false, first_min: None, sorties: 0, capacity_kg: 0 };
    assert_eq!(beyond, none);
}

#[test]
fn the_last_flight_lands_in_time_and_by_daylight() {
    let mut base = helibase("H", "3713");
    // Loaded after 135 minutes, over no way at all: a flight every half hour.
    assert_eq!(base.lift(0, 60, 134).sorties, 0);
    assert_eq!(base.lift(0, 60, 135).sorties, 1);
    assert_eq!(base.lift(0, 60, 164).sorties, 1);
    assert_eq!(base.lift(0, 60, 165).sorties, 2);
    // Six hours of daylight, whatever the limit.
    assert_eq!(base.lift(0, 60, 100_000).sorties, 13);
    base.flying_min = 0;
    assert_eq!(base.lift(0, 60, 100_000).sorties, 1);
    assert_eq!(base.lift(1, 60, 100_000).sorties, 0);
    base.aircraft = 3;
    assert_eq!(base.lift(0, 60, 100_000).capacity_kg, 2_100);
}

proptest! {
    #[test]
    fn flights_one_after_another_are_as_many_as_the_formula_tells(
        cm in 0..8_000_000_u32,
        latest in 0..2_000_i64,
        flying in 0..800_u32,
        (cruise, turnaround) in (1..500_u32, 1..90_u32),
    ) {
        let mut base = helibase("H", "3713");
        (base.flying_min, base.cruise_kmh, base.turnaround_min) = (flying, cruise, turnaround);
        let loaded = 60 + i64::from(base.ready_min) + i64::from(base.load_min);
        let last = latest.min(loaded + i64::from(flying));
        let (mut leaves, mut sorties, mut first) = (base.hour(loaded), 0, None);
        while base.lands(leaves, cm).is_by(last) {
            first.get_or_insert(base.lands(leaves, cm).minutes_up());
            sorties += 1;
            leaves = base.back(leaves, cm);
        }
        let told = base.lift(cm, 60, latest);
        prop_assert_eq!(told.sorties, sorties);
        prop_assert_eq!(told.first_min.filter(|_| sorties > 0), first);
    }

    #[test]
    fn farther_later_and_darker_never_lift_more(
        cm in 0..8_000_000_u32,
        more in 0..2_000_000_u32,
        latest in 0..2_000_i64,
        less in 0..500_i64,
        flying in 0..800_u32,
    ) {
        let base = helibase("H", "3713");
        let dark = Helibase { flying_min: flying.min(base.flying_min), ..base.clone() };
        let lift = base.lift(cm, 60, latest);
        for other in [
            base.lift(cm + more, 60, latest),
            base.lift(cm, 60, latest - less),
            base.lift(cm, 90, latest),
            dark.lift(cm, 60, latest),
        ] {
            prop_assert!(other.capacity_kg <= lift.capacity_kg);
        }
    }
}
