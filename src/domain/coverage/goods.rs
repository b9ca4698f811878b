//! Goods on their way to one area: what the scope admits, what is in time, what comes when.
//!
//! Lives here: sums of what is in time and too late, and arrivals in order of time, for which
//! sources are looked at only when somebody waits for them. Does not live here: what several areas
//! have in common (`vicinity`), what arrivals cover (`tally`, `verdict`). Invariant: sums and order
//! are those of a look at every source.

use std::collections::BTreeMap;

use crate::domain::quota::Mode;
use crate::domain::travel::{Spread, Travel};

use super::blocks::Admitted;
use super::eligibility::Layer;
use super::ground::Ground;
use super::promises::Promised;
use super::queue::Queue;
use super::supply::{Amount, Source, Supply};
use super::tally::{Arrival, Measure};
use super::vicinity::{Vicinity, first};

/// How many arrivals room is made for at once.
const USUAL: usize = 256;

/// What comes in for one need.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sums {
    /// In time, by layer.
    pub in_time: [i128; 4],
    /// Too late, by layer.
    pub late: [i128; 4],
    /// In time and lying in the area.
    pub isolated: i128,
}

impl Sums {
    fn add(&mut self, arrival: &Arrival, in_time: bool, units: i128) {
        let sums = if in_time { &mut self.in_time } else { &mut self.late };
        *arrival.layer.of(sums) += units;
        if in_time && arrival.inside {
            self.isolated += units;
        }
    }
}

/// A depot that gives most of a need in time.
#[derive(Debug, Clone, Copy)]
pub struct Giver {
    pub depot: u32,
    pub units: i128,
    /// Its place in the supply.
    place: usize,
    /// Whether it was counted without a look at it.
    bulk: bool,
}

/// For each need the depot that gives most; of equals that of the least code.
pub struct Givers<'s> {
    supply: &'s Supply,
    counted: Layer,
    pub found: Vec<Option<Giver>>,
}

impl<'s> Givers<'s> {
    pub fn of(supply: &'s Supply, counted: Layer, found: Vec<Option<Giver>>) -> Self {
        Self { supply, counted, found }
    }

    fn hold(&mut self, need: usize, giver: Giver) {
        let Some(cell) = self.found.get_mut(need) else { return };
        let more = |known: &Giver| {
            let sooner = || self.supply.is_named_before(giver.place, known.place);
            giver.units > known.units || (giver.units == known.units && sooner())
        };
        if giver.units > 0 && cell.as_ref().is_none_or(more) {
            *cell = Some(giver);
        }
    }

    /// What a source that is not apart gives of some needs.
    pub fn put(&mut self, amounts: &[Amount], place: usize) {
        let source = self.supply.all().get(place);
        let counts = |row: &&Source| Layer::of_others(row.owner_tier) <= self.counted;
        let Some(source) = source.filter(counts) else { return };
        for amount in amounts {
            let (depot, units) = (source.depot, amount.units);
            self.hold(amount.need, Giver { depot, units, place, bulk: true });
        }
    }

    /// All that it gives.
    pub fn put_all(&mut self, place: usize) {
        let supply = self.supply;
        let source = supply.all().get(place);
        self.put(source.map_or(&[][..], |source| supply.amounts(source)), place);
    }
}

/// All that arrives some time.
#[derive(Default)]
pub struct Goods<'g, 's> {
    ground: Option<Ground<'g, 's>>,
    vicinity: Option<&'g mut Vicinity>,
    limit_min: i64,
    sums: Vec<Sums>,
    /// Those looked at one by one, then the promised, then others, as they are asked for.
    arrivals: Vec<Arrival<'s>>,
    singles: usize,
    promised: usize,
    queue: Queue<usize>,
    /// How many of those that could come next have been looked at.
    looked: usize,
    /// In order of time, as far as somebody has asked.
    order: Vec<Arrival<'s>>,
    /// Sources that are in time for this area, if not for all of the vicinity.
    bulk: Vec<usize>,
    /// The first layers that are not apart: in time, and ever.
    nearest: Option<Layer>,
    any: Option<Layer>,
    /// Whether any of it rests on an inherited point.
    pub inherited: bool,
}

impl<'g, 's> Goods<'g, 's> {
    /// What lies in depots.
    pub fn lying(
        mut ground: Ground<'g, 's>,
        admitted: &Admitted,
        vicinity: &'g mut Vicinity,
    ) -> Self {
        let supply = ground.stock.supply;
        let estimated = vicinity.any.is_some() && ground.stock.site.spread != Spread::Known;
        let mut goods = Self {
            limit_min: ground.call.limit_min,
            sums: vicinity.sums.clone(),
            nearest: vicinity.nearest,
            any: vicinity.any,
            inherited: vicinity.inherited || estimated,
            arrivals: Vec::with_capacity(USUAL),
            order: Vec::with_capacity(USUAL),
            queue: std::mem::take(&mut vicinity.shelves),
            ..Self::default()
        };
        for passing in &vicinity.open {
            if ground.is_in_time(*passing) {
                let source = supply.all().get(passing.place);
                let amounts = source.map_or(&[][..], |source| supply.amounts(source));
                take(&mut goods.sums, amounts, passing.layer, true);
                goods.nearest = first(goods.nearest, passing.layer);
                goods.bulk.push(passing.place);
            }
        }
        let mut singles = vicinity.apart.clone();
        ground.add_near(admitted, &mut singles);
        (goods.ground, goods.vicinity) = (Some(ground), Some(vicinity));
        for place in singles {
            goods.look(place);
        }
        goods.singles = goods.arrivals.len();
        for at in 0..goods.singles {
            goods.count(at);
        }
        goods.promised = goods.singles;
        goods
    }

    /// Hands its shelves to the next area.
    pub fn clear(self) {
        if let Some(vicinity) = self.vicinity {
            vicinity.shelves = self.queue.cleared();
        }
    }

    /// Only these, all looked at one by one.
    #[cfg(test)]
    pub fn of_arrivals(arrivals: Vec<Arrival<'s>>, needs: usize, limit_min: i64) -> Self {
        let mut goods = Self { sums: vec![Sums::default(); needs], limit_min, ..Self::default() };
        goods.singles = arrivals.len();
        goods.promised = arrivals.len();
        arrivals.into_iter().for_each(|arrival| goods.push(arrival));
        (0..goods.singles).for_each(|at| goods.count(at));
        goods
    }

    /// Also what is promised.
    pub fn add(&mut self, promised: impl Iterator<Item = Arrival<'s>>) {
        promised.for_each(|arrival| self.push(arrival));
        self.promised = self.arrivals.len();
    }

    /// Whether anything in it is promised.
    pub fn has_promised(&self) -> bool {
        self.promised > self.singles
    }

    /// What is promised.
    pub fn promised(&self) -> impl Iterator<Item = &Arrival<'s>> {
        self.arrivals.get(self.singles..self.promised).unwrap_or_default().iter()
    }

    fn push(&mut self, arrival: Arrival<'s>) {
        self.queue.push(arrival.minutes, self.arrivals.len());
        self.arrivals.push(arrival);
    }

    /// Looks at a source.
    fn look(&mut self, place: usize) {
        let Some((arrival, inherited)) =
            self.ground.as_mut().and_then(|ground| ground.arrival(place))
        else {
            return;
        };
        self.inherited |= inherited;
        self.push(arrival);
    }

    fn count(&mut self, at: usize) {
        let Some(arrival) = self.arrivals.get(at) else { return };
        let in_time = arrival.minutes <= self.limit_min;
        for amount in arrival.amounts {
            if let Some(sums) = self.sums.get_mut(amount.need) {
                sums.add(arrival, in_time, arrival.units(amount));
            }
        }
    }

    /// The arrival at a place in order of time; `None` where there are no more.
    pub fn nth(&mut self, at: usize) -> Option<&Arrival<'s>> {
        while self.order.len() <= at {
            self.go_on()?;
        }
        self.order.get(at)
    }

    /// Finds out what comes next, or looks at one more that could; `None` where there is no more.
    fn go_on(&mut self) -> Option<()> {
        let ground = self.ground.as_mut();
        let around = ground.zip(self.vicinity.as_mut());
        let next = around.and_then(|(ground, vicinity)| vicinity.nth(ground, self.looked));
        let until_min = next.map_or(i64::MAX, |(least_min, _)| least_min);
        if let Some((_, place)) = self.queue.pop(until_min) {
            self.order.push(*self.arrivals.get(place)?);
            return Some(());
        }
        let (_, passing) = next?;
        self.looked += 1;
        let arrival = self.ground.as_mut().and_then(|ground| ground.passing_arrival(passing));
        if let Some(arrival) = arrival {
            self.push(arrival);
        }
        Some(())
    }

    /// What comes in by need, of the modes that count, without the goods of a depot.
    pub fn sums(&self, measure: Measure, without: Option<Giver>) -> Vec<Sums> {
        let singles = self.arrivals.get(..self.singles).unwrap_or_default();
        let lying = measure.modes.contains(&Mode::GovPhysical);
        let mut sums =
            if lying { self.sums.clone() } else { vec![Sums::default(); self.sums.len()] };
        let mut put = |arrival: &Arrival, times: i128| {
            let in_time = arrival.minutes <= measure.limit_min;
            for amount in arrival.amounts {
                if let Some(row) = sums.get_mut(amount.need) {
                    row.add(arrival, in_time, arrival.units(amount) * times);
                }
            }
        };
        for arrival in self.promised().filter(|row| measure.modes.contains(&row.mode)) {
            put(arrival, 1);
        }
        let Some(giver) = without.filter(|_| lying) else { return sums };
        for arrival in singles.iter().filter(|row| row.depot == Some(giver.depot)) {
            put(arrival, -1);
        }
        let stock = self.ground.as_ref().map(|ground| ground.stock);
        let source = stock.filter(|_| giver.bulk).and_then(|stock| {
            stock.supply.all().get(giver.place).map(|source| (stock.supply, source))
        });
        if let Some((supply, source)) = source {
            for amount in supply.amounts(source) {
                if let Some(row) = sums.get_mut(amount.need) {
                    *Layer::of_others(source.owner_tier).of(&mut row.in_time) -= amount.units;
                }
            }
        }
        sums
    }

    /// For each need the depot that gives most of it in time; of equals that of the least code.
    pub fn givers(&self, measure: Measure) -> Vec<Option<Giver>> {
        let around = self.ground.as_ref().zip(self.vicinity.as_ref());
        let around = around.filter(|_| measure.modes.contains(&Mode::GovPhysical));
        let Some((ground, vicinity)) = around else { return vec![None; self.sums.len()] };
        let supply = ground.stock.supply;
        let best = vicinity.best(ground, measure.counted).to_vec();
        let mut givers = Givers::of(supply, measure.counted, best);
        let mut one_by_one: BTreeMap<(usize, u32), i128> = BTreeMap::new();
        let singles = self.arrivals.get(..self.singles).unwrap_or_default().iter();
        for arrival in singles.filter(|row| measure.counts(row) && row.minutes <= measure.limit_min)
        {
            let Some(depot) = arrival.depot else { continue };
            for amount in arrival.amounts {
                *one_by_one.entry((amount.need, depot)).or_default() += arrival.units(amount);
            }
        }
        for ((need, depot), units) in one_by_one {
            let place = supply.places_of_depot(depot).start;
            givers.hold(need, Giver { depot, units, place, bulk: false });
        }
        self.bulk.iter().for_each(|place| givers.put_all(*place));
        givers.found
    }

    /// The least known layer on which the arrivals in time rest; of all, where none is in time.
    pub fn travel(&self, measure: Measure) -> Travel {
        let lying = measure.modes.contains(&Mode::GovPhysical);
        let known = self.arrivals.get(..self.promised).unwrap_or_default();
        let counted = || known.iter().filter(|row| measure.counts(row));
        let in_time = counted().filter(|row| row.minutes <= measure.limit_min);
        // What is not apart comes by straight lines.
        let of_others = |layer: Option<Layer>| {
            let counts = layer.is_some_and(|layer| lying && layer <= measure.counted);
            counts.then_some(Travel::Estimated)
        };
        let least = in_time.map(|row| row.travel).max().max(of_others(self.nearest));
        let ever = || counted().map(|row| row.travel).max().max(of_others(self.any));
        least.or_else(ever).unwrap_or(Travel::Estimated)
    }
}

/// Takes amounts off what is late, and counts them in time or not at all.
pub fn take(sums: &mut [Sums], amounts: &[Amount], layer: Layer, in_time: bool) {
    for amount in amounts {
        if let Some(sums) = sums.get_mut(amount.need) {
            *layer.of(&mut sums.late) -= amount.units;
            if in_time {
                *layer.of(&mut sums.in_time) += amount.units;
            }
        }
    }
}

/// What is promised, as it is on the roads there are, or as if all were open.
pub fn promised(all: &[Promised], on_open_roads: bool) -> impl Iterator<Item = Arrival<'_>> {
    all.iter().filter_map(
        move |row| {
            if on_open_roads { row.on_open_roads() } else { row.arrival() }
        },
    )
}
