//! Goods on their way to one area: what the scope admits, what is in time, what comes when.
//!
//! Lives here: sums of what is in time and too late, and arrivals in order of time, for which
//! sources are looked at only when somebody waits for them. Does not live here: what arrivals cover
//! (`area`). Invariant: sums and order are those of a look at every source.

use std::collections::BTreeMap;

use crate::domain::quota::Mode;
use crate::domain::travel::{Spread, Travel};

use super::area::{Arrival, Measure};
use super::blocks::{Admitted, Agreed};
use super::eligibility::Layer;
use super::ground::{Ground, Marks};
use super::promises::Promised;
use super::queue::{Next, Queue};
use super::supply::Amount;

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
    /// Whether it was counted with its block.
    bulk: bool,
}

/// All that arrives some time.
#[derive(Default)]
pub struct Goods<'g, 's> {
    ground: Option<Ground<'g, 's>>,
    limit_min: i64,
    sums: Vec<Sums>,
    /// Those looked at one by one, then the promised, then those of blocks, as they are opened.
    arrivals: Vec<Arrival<'s>>,
    singles: usize,
    promised: usize,
    queue: Queue,
    /// Places in `arrivals` in order of time, as far as somebody has looked.
    order: Vec<usize>,
    /// Blocks that are in time as a whole, and sources of others that are.
    whole: Vec<usize>,
    bulk: Vec<usize>,
    /// The first layers in blocks: in time, and ever.
    nearest_block: Option<Layer>,
    any_block: Option<Layer>,
    /// Whether any of it rests on an inherited point.
    pub inherited: bool,
}

impl<'g, 's> Goods<'g, 's> {
    /// What lies in depots.
    pub fn lying(mut ground: Ground<'g, 's>, admitted: &Admitted, marks: &mut Marks) -> Self {
        let supply = ground.stock.supply;
        ground.mark(marks);
        let mut goods = Self {
            limit_min: ground.call.limit_min,
            sums: vec![Sums::default(); supply.needs.len()],
            ..Self::default()
        };
        for (sums, totals) in goods.sums.iter_mut().zip(&admitted.totals) {
            sums.late = *totals;
        }
        let mut singles = goods.settle(&mut ground, admitted, marks);
        for place in std::mem::take(&mut goods.bulk) {
            if let Some(source) = supply.all().get(place) {
                let layer = Layer::of_others(source.owner_tier);
                goods.take(supply.amounts(source), layer, true);
                goods.nearest_block = first(goods.nearest_block, layer);
                goods.bulk.push(place);
            }
        }
        ground.add_near(admitted, &mut singles);
        goods.ground = Some(ground);
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

    /// Settles blocks by their bounds, from whole ones to halves of halves; the sources of those
    /// that have none are given back.
    fn settle(
        &mut self,
        ground: &mut Ground<'g, 's>,
        admitted: &Admitted,
        marks: &Marks,
    ) -> Vec<usize> {
        let stock = ground.stock;
        let (apart, near_cm) = (ground.is_apart(), ground.near_cm());
        let mut singles = Vec::new();
        let mut left: Vec<(usize, Agreed)> = admitted.blocks.clone();
        while let Some((number, agreed)) = left.pop() {
            let Some(block) = stock.blocks.get(number) else { continue };
            let alike = !apart && !block.is_shared();
            let bounded = alike && !marks.has(number);
            let bounds = ground.bounds(number, block, agreed).filter(|_| bounded);
            let verdict = bounds.and_then(|(pace, bounds)| {
                pace.verdict(&ground.paced.timetable, bounds, near_cm, self.limit_min)
            });
            if let Some(parts) = block.parts.filter(|_| alike && verdict.is_none()) {
                left.extend(parts.map(|part| (part, agreed)));
                continue;
            }
            let Some((pace, bounds)) = bounds else {
                self.take(&block.sums, block.layer(), false);
                singles.extend_from_slice(stock.blocks.members(number));
                continue;
            };
            let least_min = pace.least_min(&ground.paced.timetable, bounds, near_cm);
            self.queue.push(least_min, Next::Block(number, agreed));
            self.any_block = first(self.any_block, block.layer());
            self.inherited |= block.inherited || stock.site.spread != Spread::Known;
            match verdict {
                Some(false) => {}
                Some(true) => {
                    self.take(&block.sums, block.layer(), true);
                    self.whole.push(number);
                    self.nearest_block = first(self.nearest_block, block.layer());
                }
                None => {
                    let members = stock.blocks.members(number).iter().copied();
                    self.bulk.extend(members.filter(|place| ground.is_in_time(*place, agreed)));
                }
            }
        }
        singles
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

    /// Takes amounts off what is late, and counts them in time.
    fn take(&mut self, amounts: &[Amount], layer: Layer, in_time: bool) {
        for amount in amounts {
            if let Some(sums) = self.sums.get_mut(amount.need) {
                *layer.of(&mut sums.late) -= amount.units;
                if in_time {
                    *layer.of(&mut sums.in_time) += amount.units;
                }
            }
        }
    }

    fn push(&mut self, arrival: Arrival<'s>) {
        self.queue.push(arrival.minutes, Next::Arrival(self.arrivals.len()));
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
    pub fn nth(&mut self, at: usize) -> Option<Arrival<'s>> {
        while self.order.len() <= at {
            match self.queue.pop()? {
                Next::Arrival(place) => self.order.push(place),
                Next::Block(number, agreed) => self.open(number, agreed),
            }
        }
        self.arrivals.get(*self.order.get(at)?).copied()
    }

    /// Looks into a block: at its halves, or its sources.
    fn open(&mut self, number: usize, agreed: Agreed) {
        let Some(ground) = &mut self.ground else { return };
        let blocks = ground.stock.blocks;
        let Some(parts) = blocks.get(number).and_then(|block| block.parts) else {
            blocks.members(number).iter().for_each(|place| self.look(*place));
            return;
        };
        for part in parts {
            let least_min = ground.least_min(part, agreed).unwrap_or_default();
            self.queue.push(least_min, Next::Block(part, agreed));
        }
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
        let mut givers: Vec<Option<Giver>> = vec![None; self.sums.len()];
        let stock = self.ground.as_ref().map(|ground| ground.stock);
        let Some(stock) = stock.filter(|_| measure.modes.contains(&Mode::GovPhysical)) else {
            return givers;
        };
        let supply = stock.supply;
        let mut hold = |need: usize, giver: Giver| {
            let Some(cell) = givers.get_mut(need) else { return };
            let more = |known: &Giver| {
                let sooner = supply.is_named_before(giver.place, known.place);
                giver.units > known.units || (giver.units == known.units && sooner)
            };
            if giver.units > 0 && cell.as_ref().is_none_or(more) {
                *cell = Some(giver);
            }
        };
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
            hold(need, Giver { depot, units, place, bulk: false });
        }
        let mut put = |amount: &Amount, place: usize| {
            let Some(source) = supply.all().get(place) else { return };
            let giver = Giver { depot: source.depot, units: amount.units, place, bulk: true };
            if Layer::of_others(source.owner_tier) <= measure.counted {
                hold(amount.need, giver);
            }
        };
        for block in self.whole.iter().filter_map(|number| stock.blocks.get(*number)) {
            block.largest.iter().for_each(|(amount, place)| put(amount, *place));
        }
        for place in &self.bulk {
            let source = supply.all().get(*place);
            let amounts = source.map_or(&[][..], |source| supply.amounts(source));
            amounts.iter().for_each(|amount| put(amount, *place));
        }
        givers
    }

    /// The least known layer on which the arrivals in time rest; of all, where none is in time.
    pub fn travel(&self, measure: Measure) -> Travel {
        let lying = measure.modes.contains(&Mode::GovPhysical);
        let known = self.arrivals.get(..self.promised).unwrap_or_default();
        let counted = || known.iter().filter(|row| measure.counts(row));
        let in_time = counted().filter(|row| row.minutes <= measure.limit_min);
        // Blocks rest on straight lines.
        let of_block = |layer: Option<Layer>| {
            let counts = layer.is_some_and(|layer| lying && layer <= measure.counted);
            counts.then_some(Travel::Estimated)
        };
        let least = in_time.map(|row| row.travel).max().max(of_block(self.nearest_block));
        let ever = || counted().map(|row| row.travel).max().max(of_block(self.any_block));
        least.or_else(ever).unwrap_or(Travel::Estimated)
    }
}

fn first(known: Option<Layer>, layer: Layer) -> Option<Layer> {
    Some(known.map_or(layer, |known| known.min(layer)))
}

/// What is promised, as it is on the roads there are, or as if all were open.
pub fn promised(all: &[Promised], on_open_roads: bool) -> impl Iterator<Item = Arrival<'_>> {
    all.iter().filter_map(
        move |row| {
            if on_open_roads { row.on_open_roads() } else { row.arrival() }
        },
    )
}
