//! Ways at hand: the few of all ways that the network simplex works on, and the search for others.
//!
//! Lives here: which ways save something at present prices or almost, and what proves that no other
//! does. Does not live here: changing the plan (`simplex`, `tree`). Invariant: a way that is not at
//! hand saves nothing as long as its source is worth no less than its mark and its area no more
//! than its own; each look makes it so.
//!
//! Most ways are never looked at twice. As they stand in the order of time, a source's are looked
//! at only as long as the dearest area could pay for the time, or an area's as long as the cheapest
//! source could be worth it. Marks leave some room: who has kept within it since the last look need
//! not be looked at again.

use super::column::Column;
use super::reach::{Leg, Legs, Reach, place};
use super::simplex::{MINUTE, cost};

/// How many ways of each source to work on, about.
const LISTED: usize = 16;
/// Ways that would cost less than this are at hand at first.
const NEARLY: i64 = 60 * MINUTE;
/// One source or area of so many is asked how much there would be to look at.
const SAMPLE: usize = 8;
/// What there is to look at, at present prices.
pub(super) struct Market<'a> {
    pub reach: &'a Reach,
    /// Sources worked on, by their places in `reach`; all else knows them by their order here.
    pub sources: &'a [u32],
    /// The order of each source by its place.
    pub order: &'a Column<u32>,
    /// What a unit is worth at each source, and to each area.
    pub held: &'a [i64],
    pub worth: &'a [i64],
}

/// Ways at hand.
#[derive(Debug)]
pub(super) struct Hand {
    listed: Legs,
    /// By source: what it may be worth at least.
    floors: Vec<i64>,
    /// By area: what it may be worth at most.
    ceilings: Vec<i64>,
    /// Ways that cost less than this are taken in hand.
    nearly: i64,
}

impl Hand {
    pub(super) fn new() -> Self {
        Self { listed: Legs::default(), floors: Vec::new(), ceilings: Vec::new(), nearly: NEARLY }
    }

    /// Those of a source.
    pub(super) fn of(&self, source: usize) -> &[Leg] {
        self.listed.of(source)
    }

    /// Takes in hand what saves something at present prices, or almost; whether anything does that
    /// was not at hand.
    pub(super) fn look(&mut self, market: &Market<'_>) -> bool {
        if self.floors.len() != market.held.len() {
            return self.look_at_all(market);
        }
        let fallen: Vec<bool> =
            market.held.iter().zip(&self.floors).map(|(held, floor)| held < floor).collect();
        let risen: Vec<u32> = (0..)
            .zip(market.worth.iter().zip(&self.ceilings))
            .filter(|(_, (worth, ceiling))| worth > ceiling)
            .map(|(area, _)| area)
            .collect();
        let count = fallen.iter().filter(|fallen| **fallen).count();
        let part = count * market.worth.len() + risen.len() * market.held.len();
        if 2 * part > market.held.len() * market.worth.len() {
            return self.look_at_all(market);
        }
        self.look_again(market, &fallen, &risen)
    }

    fn look_at_all(&mut self, market: &Market<'_>) -> bool {
        let room = self.nearly / 2;
        self.floors = market.held.iter().map(|held| held - room).collect();
        self.ceilings = market.worth.iter().map(|worth| worth + self.nearly - room).collect();
        let listed = if self.by_source_is_less(market) {
            let dearest = self.dearest();
            Legs::fill(market.count(), |source, legs| self.look_from(market, source, dearest, legs))
        } else {
            let (cheapest, mut found) = (self.cheapest(), Vec::new());
            for (area, ceiling) in (0..).zip(&self.ceilings) {
                let unknown = |_| i64::MIN;
                self.look_into(market, (area, *ceiling), cheapest, unknown, &mut found);
            }
            Legs::by_place(market.held.len(), found.into_iter())
        };
        self.listed = listed;
        let (few, many) = (market.held.len() * LISTED / 2, market.held.len() * LISTED);
        if self.listed.len() > many {
            self.nearly = (self.nearly / 2).max(MINUTE);
        } else if self.listed.len() < few {
            self.nearly += self.nearly / 2;
        }
        (0..market.count()).any(|source| market.saves(source, self.of(place(source))))
    }

    /// Looks from sources that are worth less than they might be, and into areas that are worth
    /// more; what is at hand of others stays.
    fn look_again(&mut self, market: &Market<'_>, fallen: &[bool], risen: &[u32]) -> bool {
        let room = self.nearly / 2;
        for ((floor, fallen), held) in self.floors.iter_mut().zip(fallen).zip(market.held) {
            if *fallen {
                *floor = held - room;
            }
        }
        let before = self.ceilings.clone();
        for area in risen {
            if let Some(ceiling) = self.ceilings.get_mut(place(*area)) {
                *ceiling = at(market.worth, *area) + room;
            }
        }
        let (dearest, cheapest) = (self.dearest(), self.cheapest());
        let is_fallen = |source: u32| fallen.get(place(source)).copied().unwrap_or_default();
        let mut found = Vec::new();
        for area in risen {
            let (ceiling, known) = (at(&self.ceilings, *area), at(&before, *area));
            let known = |source| if is_fallen(source) { i64::MAX } else { known };
            self.look_into(market, (*area, ceiling), cheapest, known, &mut found);
        }
        let found = Legs::by_place(market.held.len(), found.into_iter());
        let mut any = false;
        self.listed = Legs::fill(market.count(), |source, legs| {
            let begun = legs.len();
            if is_fallen(source) {
                self.look_from(market, source, dearest, legs);
                any = any || market.saves(source, legs.get(begun..).unwrap_or_default());
            } else {
                legs.extend_from_slice(self.of(place(source)));
                legs.extend_from_slice(found.of(place(source)));
                any = any || market.saves(source, found.of(place(source)));
            }
        });
        any
    }

    /// Ways from a source that cost less than marks allow.
    fn look_from(&self, market: &Market<'_>, source: u32, dearest: i64, found: &mut Vec<Leg>) {
        let floor = at(&self.floors, source);
        for leg in market.legs(source) {
            let cost = cost(leg) + floor;
            if cost >= dearest {
                break;
            }
            if cost < at(&self.ceilings, leg.end) {
                found.push(*leg);
            }
        }
    }

    /// Ways into an area that cost less than marks allow, but for those that were known under an
    /// earlier one, or of a source that is looked from.
    fn look_into(
        &self,
        market: &Market<'_>,
        (area, ceiling): (u32, i64),
        cheapest: i64,
        known: impl Fn(u32) -> i64,
        found: &mut Vec<(u32, Leg)>,
    ) {
        for leg in market.reach.of_area().of(place(area)) {
            let cost = cost(leg);
            if cost + cheapest >= ceiling {
                break;
            }
            let source = market.order.at(place(leg.end));
            let Some(floor) = self.floors.get(place(source)) else { continue };
            if cost + floor < ceiling && cost + floor >= known(source) {
                found.push((source, Leg { minutes: leg.minutes, end: area }));
            }
        }
    }

    fn dearest(&self) -> i64 {
        self.ceilings.iter().copied().max().unwrap_or(i64::MIN)
    }

    fn cheapest(&self) -> i64 {
        self.floors.iter().copied().min().unwrap_or_default()
    }

    /// How much there would be to look at from either side, by samples.
    fn by_source_is_less(&self, market: &Market<'_>) -> bool {
        let (dearest, cheapest) = (self.dearest(), self.cheapest());
        let of_source = (0..market.count()).step_by(SAMPLE).map(|source| {
            let floor = at(&self.floors, source);
            market.legs(source).partition_point(|leg| cost(leg) + floor < dearest)
        });
        let of_area = (0_usize..).zip(&self.ceilings).step_by(SAMPLE).map(|(area, ceiling)| {
            let legs = market.reach.of_area().of(area);
            legs.partition_point(|leg| cost(leg) + cheapest < *ceiling)
        });
        of_source.sum::<usize>() <= of_area.sum::<usize>()
    }
}

impl Market<'_> {
    fn count(&self) -> u32 {
        u32::try_from(self.held.len()).unwrap_or(u32::MAX)
    }

    fn legs(&self, source: u32) -> &[Leg] {
        let place_of = self.sources.get(place(source));
        place_of.map(|source| self.reach.of_source().of(place(*source))).unwrap_or_default()
    }

    /// Whether any of these ways of a source saves anything.
    fn saves(&self, source: u32, legs: &[Leg]) -> bool {
        let held = at(self.held, source);
        legs.iter().any(|leg| cost(leg) + held < at(self.worth, leg.end))
    }
}

fn at(marks: &[i64], place_of: u32) -> i64 {
    marks.get(place(place_of)).copied().unwrap_or_default()
}
