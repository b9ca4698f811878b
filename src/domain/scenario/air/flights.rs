//! Flights: which machine carries what to which area, one flight after another.
//!
//! Lives here: the order of flights and what each loads. Does not live here: which goods there are
//! to fly, and for whom (`air`). Invariant: no machine is in two places at a time, every flight
//! lands by daylight and in time, and no piece is flown twice. It is a feasible plan, not proven to
//! be the best.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;

use super::super::super::coverage::Pieces;
use super::super::super::helibase::{Helibase, Hour};
use super::super::questions::Fraction;

/// A need of a place.
#[derive(Debug, Clone)]
pub struct Want {
    pub need: usize,
    pub required: i64,
    /// At most what is required.
    pub served: i64,
}

/// An area that lacks what could be flown.
#[derive(Debug, Clone)]
pub struct Place {
    /// The smaller is served first.
    pub class: u32,
    pub persons: i64,
    /// When a machine must have landed.
    pub latest_min: i64,
    pub wants: Vec<Want>,
}

/// Goods of one source that nobody else gets.
#[derive(Debug, Clone)]
pub struct Pile {
    pub need: usize,
    pub kind: Pieces,
    /// The places that the source may serve, in order.
    pub serves: Vec<usize>,
}

/// A base with its machines.
#[derive(Debug)]
pub struct Pad {
    pub base: Arc<Helibase>,
    /// When the first machine may leave.
    pub loaded_min: i64,
    /// When flying ends.
    pub dusk_min: i64,
    /// Flights that are booked, the first to land first: when their machines may leave again, and
    /// how many they are.
    pub away: Vec<(Hour, u32)>,
    /// How far each place is; `None` beyond the radius.
    pub legs: Vec<Option<u32>>,
    /// When each pile is there; `None` is never.
    pub ready: Vec<Option<i64>>,
}

impl Pad {
    /// Each of its machines with the hour from which it may leave: those that are away on booked
    /// flights are taken to have been the first that were free.
    fn machines(&self) -> BinaryHeap<Reverse<(Hour, u32)>> {
        let begins = self.base.hour(self.loaded_min);
        let all = (0..self.base.aircraft).map(|machine| Reverse((begins, machine)));
        let mut free: BinaryHeap<Reverse<(Hour, u32)>> = all.collect();
        for (back, count) in &self.away {
            let count = (*count).min(self.base.aircraft);
            let gone: Vec<_> = (0..count).filter_map(|_| free.pop()).collect();
            let again = gone.into_iter().map(|Reverse((hour, machine))| (hour.max(*back), machine));
            free.extend(again.map(Reverse));
        }
        free
    }

    /// Whether a machine that could fly is away on a booked flight.
    pub fn is_booked(&self) -> bool {
        let begins = self.base.hour(self.loaded_min);
        self.away.iter().any(|(back, _)| *back > begins)
    }
}

/// One flight.
#[derive(Debug, Clone)]
pub struct Sortie {
    pub pad: usize,
    pub place: usize,
    /// Whole minutes until it lands.
    pub lands_min: i64,
    /// Piles and pieces of them.
    pub load: Vec<(usize, i64)>,
}

/// What a machine finds to do.
enum Turn {
    Flies {
        place: usize,
        load: Vec<(usize, i64)>,
    },
    /// Nothing before so many minutes.
    Waits(i64),
    Rests,
}

/// The most flights that are planned.
const MAX_SORTIES: usize = 100_000;

/// The flights of all bases: whichever machine is free first flies next, to the area of the first
/// class whose least met need that its base can raise is met least; ties by the order of places.
pub fn fly(pads: &[Pad], places: Vec<Place>, piles: Vec<Pile>) -> Vec<Sortie> {
    let mut field = Field::new(pads, places, piles);
    let mut free: BinaryHeap<Reverse<(Hour, usize, u32)>> = BinaryHeap::new();
    for (at, pad) in pads.iter().enumerate() {
        let machines = pad.machines().into_iter();
        free.extend(machines.map(|Reverse((hour, machine))| Reverse((hour, at, machine))));
    }
    let mut sorties = Vec::new();
    while let Some(Reverse((hour, at, machine))) = free.pop() {
        if sorties.len() >= MAX_SORTIES {
            break;
        }
        let Some(pad) = pads.get(at) else { continue };
        match field.turn(at, pad, hour) {
            Turn::Flies { place, load } => {
                let cm = pad.legs.get(place).copied().flatten().unwrap_or_default();
                let lands_min = pad.base.lands(hour, cm).minutes_up();
                field.load(place, &load);
                sorties.push(Sortie { pad: at, place, lands_min, load });
                free.push(Reverse((pad.base.back(hour, cm), at, machine)));
            }
            Turn::Waits(until) => free.push(Reverse((pad.base.hour(until), at, machine))),
            Turn::Rests => {}
        }
    }
    sorties
}

struct Field {
    places: Vec<Place>,
    piles: Vec<Pile>,
    /// By pad and need: piles that one of its machines can carry, the first to be there first.
    at_pad: Vec<Vec<Vec<usize>>>,
    /// Pads, places and needs for which there is nothing left to fly.
    done: HashSet<(usize, usize, usize)>,
}

impl Field {
    fn new(pads: &[Pad], places: Vec<Place>, piles: Vec<Pile>) -> Self {
        let needs = piles.iter().map(|pile| pile.need + 1).max().unwrap_or(0);
        let of_pad = |pad: &Pad| {
            let mut by_need = vec![Vec::new(); needs];
            let most = i64::from(pad.base.payload_kg).saturating_mul(GRAMS);
            for (at, (pile, ready)) in piles.iter().zip(&pad.ready).enumerate() {
                let light = pile.kind.item.weight_g <= most;
                if let Some(list) = by_need.get_mut(pile.need).filter(|_| light) {
                    list.extend(ready.map(|_| at));
                }
            }
            let ready = |at: &usize| pad.ready.get(*at).copied().flatten();
            by_need.iter_mut().for_each(|list| list.sort_by_key(|at| (ready(at), *at)));
            by_need
        };
        let at_pad = pads.iter().map(of_pad).collect();
        Self { places, piles, at_pad, done: HashSet::new() }
    }

    /// What a machine that is free at some hour does next.
    fn turn(&mut self, at: usize, pad: &Pad, hour: Hour) -> Turn {
        let mut passed: HashSet<usize> = HashSet::new();
        let mut waits: Option<i64> = None;
        while let Some(place) = self.neediest(at, pad, hour, &passed) {
            let wants = self.places.get(place).map_or(0, |found| found.wants.len());
            let ended = (0..wants).filter(|want| self.ends(at, place, *want)).count();
            if ended > 0 {
                continue;
            }
            let since = hour.minutes_down() - i64::from(pad.base.load_min);
            let load = self.choose(at, pad, place, since);
            if !load.is_empty() {
                return Turn::Flies { place, load };
            }
            let next = self.next_ready(at, pad, place, since);
            let until = next.map(|ready| ready + i64::from(pad.base.load_min));
            waits = [waits, until].into_iter().flatten().min();
            passed.insert(place);
        }
        waits.map_or(Turn::Rests, Turn::Waits)
    }

    /// The place to fly to, if any can be reached in time.
    fn neediest(&self, at: usize, pad: &Pad, hour: Hour, passed: &HashSet<usize>) -> Option<usize> {
        let reached = |place: &usize| {
            let found = self.places.get(*place)?;
            let cm = pad.legs.get(*place).copied().flatten()?;
            let lands = pad.base.lands(hour, cm);
            lands.is_by(found.latest_min.min(pad.dusk_min)).then_some(())
        };
        let places = (0..self.places.len()).filter(|place| !passed.contains(place));
        let needy = places.filter(|place| reached(place).is_some()).filter_map(|place| {
            let found = self.places.get(place)?;
            let open = found.wants.iter().enumerate().filter(|(want, one)| {
                one.served < one.required && !self.done.contains(&(at, place, *want))
            });
            let least = open.map(|(_, one)| Fraction(one.served, one.required)).min()?;
            Some((found.class, least, place))
        });
        needy.min().map(|(_, _, place)| place)
    }

    /// Piles of a want that a pad's machines may carry to a place.
    fn piles(&self, at: usize, place: usize, need: usize) -> impl Iterator<Item = usize> {
        let list = self.at_pad.get(at).and_then(|by_need| by_need.get(need));
        list.into_iter().flatten().copied().filter(move |pile| {
            let found = self.piles.get(*pile);
            found.is_some_and(|one| {
                one.kind.quantity > 0 && one.serves.binary_search(&place).is_ok()
            })
        })
    }

    /// Notes that nothing more of a want can be flown from a pad; whether that is new.
    fn ends(&mut self, at: usize, place: usize, want: usize) -> bool {
        let found = self.places.get(place).and_then(|found| found.wants.get(want));
        let Some(need) = found.map(|found| found.need) else { return false };
        self.piles(at, place, need).next().is_none() && self.done.insert((at, place, want))
    }

    /// When the next goods for a place are there that were not at some minute.
    fn next_ready(&self, at: usize, pad: &Pad, place: usize, since: i64) -> Option<i64> {
        let wants = self.places.get(place)?.wants.iter().filter(|one| one.served < one.required);
        let piles = wants.flat_map(|one| self.piles(at, place, one.need));
        let ready = piles.filter_map(|pile| pad.ready.get(pile).copied().flatten());
        ready.filter(|ready| *ready > since).min()
    }

    /// A load for a place of what is there at some minute: as much as serves most people with all
    /// that it lacks, and what more fits.
    fn choose(&self, at: usize, pad: &Pad, place: usize, since: i64) -> Vec<(usize, i64)> {
        let Some(found) = self.places.get(place) else { return Vec::new() };
        let there = |pile: &usize| {
            let ready = pad.ready.get(*pile).copied().flatten();
            ready.is_some_and(|ready| ready <= since)
        };
        let stocks: Vec<(&Want, Vec<usize>)> = found
            .wants
            .iter()
            .map(|want| (want, self.piles(at, place, want.need).filter(there).collect()))
            .collect();
        let most = i128::from(pad.base.payload_kg) * i128::from(GRAMS);
        let (mut enough, mut more) = (0, found.persons.saturating_add(1));
        while enough + 1 < more {
            let middle = enough + (more - enough) / 2;
            let mut trial = Load::new(&self.piles, i128::MAX);
            stocks.iter().for_each(|(want, piles)| trial.add(piles, found.lacks(want, middle)));
            if trial.grams <= most { enough = middle } else { more = middle }
        }
        let mut load = Load::new(&self.piles, most);
        stocks.iter().for_each(|(want, piles)| load.add(piles, found.lacks(want, enough)));
        for (want, piles) in &stocks {
            load.add(piles, found.lacks(want, more.min(found.persons)));
        }
        load.pieces
    }

    /// Takes a load off the piles and gives it to a place.
    fn load(&mut self, place: usize, load: &[(usize, i64)]) {
        let Some(found) = self.places.get_mut(place) else { return };
        for (pile, pieces) in load {
            let Some(pile) = self.piles.get_mut(*pile) else { continue };
            pile.kind.quantity -= pieces;
            let units = pieces.saturating_mul(pile.kind.amount);
            if let Some(want) = found.wants.iter_mut().find(|want| want.need == pile.need) {
                want.served = want.served.saturating_add(units).min(want.required);
            }
        }
    }
}

const GRAMS: i64 = 1_000;

impl Place {
    /// What so many of its people lack of a need, in whole units.
    fn lacks(&self, want: &Want, people: i64) -> i64 {
        let whole = i128::from(want.required) * i128::from(people);
        let persons = i128::from(self.persons.max(1));
        let target = whole.div_euclid(persons) + i128::from(whole.rem_euclid(persons) > 0);
        i64::try_from(target).unwrap_or(i64::MAX).min(want.required) - want.served
    }
}

/// Pieces for one flight.
struct Load<'a> {
    piles: &'a [Pile],
    pieces: Vec<(usize, i64)>,
    grams: i128,
    most: i128,
}

impl<'a> Load<'a> {
    fn new(piles: &'a [Pile], most: i128) -> Self {
        Self { piles, pieces: Vec::new(), grams: 0, most }
    }

    /// Adds pieces until there are so many units of them, as far as they fit.
    fn add(&mut self, of: &[usize], units: i64) {
        let mut open = units;
        for at in of {
            let Some(pile) = self.piles.get(*at) else { continue };
            let amount = pile.kind.amount.max(1);
            let known = self.pieces.iter_mut().find(|(known, _)| known == at);
            let taken = known.as_ref().map_or(0, |(_, pieces)| *pieces);
            open -= taken.saturating_mul(amount);
            if open <= 0 {
                return;
            }
            let wanted = open.div_euclid(amount) + i64::from(open.rem_euclid(amount) > 0);
            let weight = i128::from(pile.kind.item.weight_g.max(0));
            let fit = (self.most - self.grams).checked_div(weight);
            let fit = fit.and_then(|fit| i64::try_from(fit).ok()).unwrap_or(i64::MAX);
            let pieces = wanted.min(pile.kind.quantity - taken).min(fit);
            if pieces <= 0 {
                continue;
            }
            self.grams += weight * i128::from(pieces);
            open -= pieces.saturating_mul(amount);
            match known {
                Some((_, before)) => *before += pieces,
                None => self.pieces.push((*at, pieces)),
            }
        }
    }
}
