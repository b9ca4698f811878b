//! Laws of flights: what any plan of them must keep, and what may only make it better.
//!
//! Lives here: flights of random bases, with some of them booked, and changed questions. Does not
//! live here: worked answers (`air_tests`). Invariant: a plan of flights is checked by code that
//! knows nothing of how it was made.

use proptest::prelude::*;

use super::tests::{answer, at_pad, cut_off, settled};
use super::*;
use crate::domain::coverage::Pieces;
use crate::domain::fixture::*;
use crate::domain::helibase::Helibase;
use crate::domain::reference::Record;

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

/// That flights can be flown: one machine in one place, nothing twice, nothing too heavy or late.
fn flyable(
    sorties: &[Sortie],
    (machines, flying): (u32, u32),
    asks: &[(u32, i64)],
    goods: &[(i64, i64)],
) -> Result<(), TestCaseError> {
    let (load_min, turnaround) = (30, 30);
    let leg = |sortie: &Sortie| i64::from(asks[sortie.place].0) * 60 / 200;
    let mut left: Vec<i64> = goods.iter().map(|(_, quantity)| *quantity).collect();
    let mut open: Vec<i64> = asks.iter().map(|(_, persons)| *persons).collect();
    // At any minute no more machines are away than there are: whoever lands was loaded before
    // and comes back after.
    let mut away: Vec<(i64, i64)> = Vec::new();
    for sortie in sorties {
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
    Ok(())
}

proptest! {
    #[test]
    fn flights_can_be_flown(
        machines in 1..4_u32,
        flying in 30..600_u32,
        asks in prop::collection::vec((0..80_u32, 1..3_000_i64), 1..5),
        goods in prop::collection::vec((0..500_i64, 0..1_500_i64), 1..5),
        booked in prop::collection::vec(any::<bool>(), 1..8),
    ) {
        let position = world();
        let (pads, places, piles) = field(&position, (machines, flying), &asks, &goods);
        let sorties = fly(&pads, places, piles);
        flyable(&sorties, (machines, flying), &asks, &goods)?;
        // Some of them are booked: with what is flown then, no machine is in two places.
        let (mut pads, mut places, mut piles) =
            field(&position, (machines, flying), &asks, &goods);
        let mut all: Vec<Sortie> = Vec::new();
        for (sortie, booked) in sorties.into_iter().zip(booked.iter().cycle()) {
            if *booked {
                for (pile, pieces) in &sortie.load {
                    piles[*pile].kind.quantity -= pieces;
                    places[sortie.place].wants[0].served += pieces;
                }
                all.push(sortie);
            }
        }
        all.sort_by_key(|sortie| sortie.lands_min);
        let base = Arc::clone(&pads[0].base);
        let back = |sortie: &Sortie| {
            let cm = asks[sortie.place].0 * 100_000;
            (base.back(base.left(base.hour(sortie.lands_min), cm), cm), 1)
        };
        pads[0].away = all.iter().map(back).collect();
        all.extend(fly(&pads, places, piles));
        flyable(&all, (machines, flying), &asks, &goods)?;
        // Goods that are there from the start are flown by more machines no less.
        let early: Vec<(i64, i64)> = goods.iter().map(|(_, count)| (0, *count)).collect();
        let all = |machines: u32| {
            let (pads, places, piles) = field(&position, (machines, flying), &asks[..1], &early);
            flown(&fly(&pads, places, piles))
        };
        prop_assert!(all(machines + 1) >= all(machines));
    }

    /// To one area, from goods that lie at the base: then what has been flown after so many flights
    /// is the same whoever flew them.
    #[test]
    fn more_machines_an_open_road_and_more_hours_never_leave_fewer_with_what_they_need(
        lies in prop::array::uniform3(0..8_000_i64),
        own in 0..900_i64,
        displaced in 1..4_000_i64,
        machines in 0..4_u32,
        hours in 3..14_u32,
        opens in prop::option::of(30..1_500_u32),
    ) {
        let place = |machines: u32| {
            let base = Helibase { aircraft: machines, ..at_pad() };
            let mut position = with_records(&settled(at_pad()), vec![Record::Helibase(base)]);
            for (item, count) in ["QUILT", "WATER", "MEAL"].into_iter().zip(lies) {
                if count > 0 {
                    receive(&mut position, "D-PAD", item, count, lot("M", "2030-01-01"));
                }
            }
            if own > 0 {
                receive(&mut position, "D-371301", "QUILT", own, lot("M", "2030-01-01"));
            }
            position
        };
        let reached = |machines: u32, hours: u32, closes: Option<Option<u32>>| {
            let position = place(machines);
            let mut scenario = cut_off(&position);
            scenario.areas[0].displaced = displaced;
            scenario.hours = Some(hours);
            scenario.closures.truncate(usize::from(closes.is_some()));
            for closure in &mut scenario.closures {
                closure.opens_min = closes.flatten();
            }
            let outcome = answer(&position, &scenario);
            let needs = outcome.areas[0].needs.iter().map(AreaNeed::served_with_air);
            (outcome.areas[0].with_air.1.unwrap(), needs.collect::<Vec<i64>>())
        };
        let never_fewer = |less: &(i64, Vec<i64>), more: &(i64, Vec<i64>)| more.0 >= less.0;
        let shut = reached(machines, hours, Some(None));
        prop_assert!(never_fewer(&shut, &reached(machines + 1, hours, Some(None))));
        prop_assert!(never_fewer(&shut, &reached(machines, hours + 1, Some(None))));
        let later = reached(machines, hours, Some(opens));
        prop_assert!(never_fewer(&shut, &later));
        let open = reached(machines, hours, None);
        prop_assert!(never_fewer(&later, &open));
        // What an open road brings is never less of any need either.
        prop_assert!(open.1.iter().zip(&later.1).all(|(open, later)| open >= later));
    }
}
