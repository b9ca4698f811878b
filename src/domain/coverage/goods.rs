//! Goods on their way to one area: what the scope admits, what is in time, what comes when.
//!
//! Lives here: sums of what is in time and too late, and a queue in order of time that looks at
//! sources only when somebody waits for them. Does not live here: what arrivals cover (`area`).
//! Invariant: sums and queue are those of a look at every source.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::domain::quota::Mode;
use crate::domain::region::{RegionIx, Regions};
use crate::domain::travel::{
    Approach, Guide, Haul, Origin, Ruler, Site, Spread, Timetable, Travel,
};

use super::area::{Arrival, Measure};
use super::blocks::{Admitted, Agreed, Blocks};
use super::closure::{Closure, Closures};
use super::eligibility::{Layer, Neighbourhood, Standing};
use super::pace::Paced;
use super::promises::Promised;
use super::supply::{Amount, Source, Supply};
use super::{Query, WHOLE_PERCENT};

/// What is asked of all goods for one area.
pub struct Call<'a> {
    pub query: &'a Query,
    pub closures: &'a Closures,
    /// Those that the area lies in.
    pub around_it: &'a [Closure],
    pub regions: &'a Regions,
    pub around: &'a Neighbourhood<'a>,
    pub timetable: &'a Timetable,
    pub limit_min: i64,
}

/// What lies in depots, and the area it is for.
#[derive(Clone, Copy)]
pub struct Stock<'s> {
    pub supply: &'s Supply,
    pub blocks: &'s Blocks,
    pub site: Site,
    pub area: RegionIx,
    /// The region whose stock suffers, if any.
    pub struck: Option<RegionIx>,
}

/// Blocks whose sources must be looked at one by one for an area.
#[derive(Debug, Default)]
pub struct Marks {
    stamps: Vec<u32>,
    now: u32,
}

impl Marks {
    fn clear(&mut self, blocks: usize) {
        self.now = self.now.wrapping_add(1);
        if self.now == 0 || self.stamps.len() != blocks {
            (self.now, self.stamps) = (1, vec![0; blocks]);
        }
    }

    /// Marks the blocks around a source.
    fn put(&mut self, around: impl Iterator<Item = usize>) {
        for block in around {
            match self.stamps.get_mut(block) {
                Some(cell) if *cell != self.now => *cell = self.now,
                _ => return,
            }
        }
    }

    fn has(&self, block: usize) -> bool {
        self.stamps.get(block) == Some(&self.now)
    }
}

/// All that is needed to look at a source.
pub struct Ground<'g, 's> {
    pub call: &'g Call<'g>,
    pub stock: Stock<'s>,
    pub paced: &'g Paced,
    pub ruler: &'g mut Ruler,
    pub guide: &'g mut Guide,
    pub approach: Approach,
}

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

/// What comes next: an arrival, or what a block brings from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Block(usize, Agreed),
    Arrival(usize),
}

/// What comes, by minute: a shelf for each of the first two days, as nearly all is asked for there.
#[derive(Debug, Default)]
struct Queue {
    /// What was put in, each with what lay on its shelf before.
    all: Vec<(Next, Option<usize>)>,
    /// What lies on top of each shelf.
    shelves: Vec<Option<usize>>,
    /// No shelf before this one holds anything.
    now: usize,
    later: BinaryHeap<Reverse<(i64, Next)>>,
}

impl Queue {
    const SHELVES: usize = 2_880;

    fn push(&mut self, minutes: i64, next: Next) {
        let Some(at) = usize::try_from(minutes.max(0)).ok().filter(|at| *at < Self::SHELVES) else {
            self.later.push(Reverse((minutes, next)));
            return;
        };
        if self.shelves.len() <= at {
            self.shelves.resize(at + 1, None);
        }
        if let Some(shelf) = self.shelves.get_mut(at) {
            let below = shelf.replace(self.all.len());
            self.all.push((next, below));
        }
        self.now = self.now.min(at);
    }

    /// The next of all; of one minute the one put in last.
    fn pop(&mut self) -> Option<Next> {
        while let Some(shelf) = self.shelves.get_mut(self.now) {
            if let Some((next, below)) = shelf.and_then(|top| self.all.get(top)) {
                *shelf = *below;
                return Some(*next);
            }
            self.now += 1;
        }
        self.later.pop().map(|Reverse((_, next))| next)
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
    /// The highest layers in blocks: in time, and ever.
    nearest_block: Option<Layer>,
    any_block: Option<Layer>,
    /// Whether any of it rests on an inherited point.
    pub inherited: bool,
}

impl<'g, 's> Goods<'g, 's> {
    /// What lies in depots.
    pub fn lying(mut ground: Ground<'g, 's>, admitted: &Admitted, marks: &mut Marks) -> Self {
        let stock = ground.stock;
        let paced = ground.paced;
        let near_cm = paced.timetable.least_cm(stock.site.spread);
        let apart = ground.is_apart();
        ground.mark(marks);
        let limit_min = ground.call.limit_min;
        let sums = vec![Sums::default(); stock.supply.needs.len()];
        let mut goods = Self { sums, limit_min, ..Self::default() };
        for (sums, totals) in goods.sums.iter_mut().zip(&admitted.totals) {
            sums.late = *totals;
        }
        let mut singles = Vec::new();
        let mut left: Vec<(usize, Agreed)> = admitted.blocks.clone();
        while let Some((number, agreed)) = left.pop() {
            let Some(block) = stock.blocks.get(number) else { continue };
            let layer = block.layer();
            let one_by_one = apart || block.is_shared() || marks.has(number);
            let pace = paced.pace(stock.blocks, number, agreed);
            let wait = ground.wait_of(number).filter(|_| !one_by_one);
            let bounds = wait.and_then(|_| ground.ruler.ball_bounds(block.ball));
            let Some(((pace, bounds), wait)) = pace.zip(bounds).zip(wait) else {
                match block.parts.filter(|_| !apart && !block.is_shared()) {
                    Some(parts) => left.extend(parts.map(|part| (part, agreed))),
                    None => {
                        goods.take(&block.sums, layer, false);
                        singles.extend_from_slice(stock.blocks.members(number));
                    }
                }
                continue;
            };
            let pace = if wait == (0, 0) { *pace } else { pace.waiting(wait.0, wait.1) };
            let verdict = pace.verdict(&paced.timetable, bounds, near_cm, limit_min);
            if let (None, Some(parts)) = (verdict, block.parts) {
                left.extend(parts.map(|part| (part, agreed)));
                continue;
            }
            let least_min = pace.least_min(&paced.timetable, bounds, near_cm);
            goods.queue.push(least_min, Next::Block(number, agreed));
            goods.any_block = goods.any_block.max(Some(layer));
            goods.inherited |= block.inherited || stock.site.spread != Spread::Known;
            match verdict {
                Some(false) => {}
                Some(true) => {
                    goods.take(&block.sums, layer, true);
                    goods.whole.push(number);
                    goods.nearest_block = goods.nearest_block.max(Some(layer));
                }
                None => {
                    for place in stock.blocks.members(number) {
                        if ground.is_in_time(*place, agreed) {
                            goods.bulk.push(*place);
                            goods.nearest_block = goods.nearest_block.max(Some(layer));
                        }
                    }
                }
            }
        }
        for at in 0..goods.bulk.len() {
            let source = goods.bulk.get(at).and_then(|place| stock.supply.all().get(*place));
            if let Some(source) = source {
                let layer = Layer::of_others(source.owner_tier);
                goods.take(stock.supply.amounts(source), layer, true);
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
        let (singles, promised) = self.arrivals.split_at(self.singles);
        let promised = promised.get(..self.promised - self.singles).unwrap_or_default();
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
        for arrival in promised.iter().filter(|row| measure.modes.contains(&row.mode)) {
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
        let of_block = |layer: Option<Layer>| layer.filter(|_| lying).map(|_| Travel::Estimated);
        let least = in_time.map(|row| row.travel).max().max(of_block(self.nearest_block));
        let ever = || counted().map(|row| row.travel).max().max(of_block(self.any_block));
        least.or_else(ever).unwrap_or(Travel::Estimated)
    }
}

impl<'s> Ground<'_, 's> {
    /// Whether no block can be judged as a whole: roads may be quicker than its bounds, or some
    /// trucks do not move.
    fn is_apart(&self) -> bool {
        self.guide.has_roads() || !self.paced.timetable.moves()
    }

    /// The least and the most that goods of a block wait for roads, where none of it lies in a
    /// closure with the area; `None` where some stay closed.
    fn wait_of(&self, block: usize) -> Option<(u32, u32)> {
        if self.call.closures.is_empty() {
            return Some((0, 0));
        }
        let inward = self.call.around_it.iter();
        let inward = inward
            .map(|closure| closure.opens_min)
            .try_fold(0, |wait, opens| opens.map(|opens| wait.max(opens)))?;
        Some((inward, inward.max(self.call.closures.of_block(block)?)))
    }

    /// The least minutes in which anything of a block arrives.
    fn least_min(&mut self, number: usize, agreed: Agreed) -> Option<i64> {
        let (blocks, timetable) = (self.stock.blocks, &self.paced.timetable);
        let pace = self.paced.pace(blocks, number, agreed)?;
        let (least, most) = self.wait_of(number)?;
        let bounds = self.ruler.ball_bounds(blocks.get(number)?.ball)?;
        let near_cm = timetable.least_cm(self.stock.site.spread);
        Some(pace.waiting(least, most).least_min(timetable, bounds, near_cm))
    }

    /// Marks the blocks of which some source is unlike the rest for this area.
    fn mark(&self, marks: &mut Marks) {
        let Stock { supply, blocks, area, struck, .. } = self.stock;
        let regions = self.call.regions;
        marks.clear(blocks.all().len());
        for place in supply.places_in(regions, area) {
            marks.put(blocks.around(place));
        }
        for place in supply.places_owned_in(regions, area) {
            marks.put(blocks.around(place));
        }
        for closure in self.call.around_it {
            for place in supply.places_in(regions, closure.region) {
                marks.put(blocks.around(place));
            }
        }
        for place in struck.into_iter().flat_map(|root| supply.places_in(regions, root)) {
            marks.put(blocks.around(place));
        }
        for depot in self.approach.measured() {
            for place in supply.places_of_depot(depot) {
                marks.put(blocks.around(place));
            }
        }
    }

    /// Adds sources in the area and of its own chain whose blocks are not admitted as a whole.
    fn add_near(&self, admitted: &Admitted, singles: &mut Vec<usize>) {
        let Stock { supply, area, .. } = self.stock;
        let regions = self.call.regions;
        let left = |place: &usize| !admitted.has(*place);
        let inside = supply.places_in(regions, area);
        singles.extend(inside.clone().filter(left));
        for owner in regions.chain(area) {
            let theirs = supply.places_owned_by(owner);
            singles.extend(theirs.filter(|place| !inside.contains(place) && left(place)));
        }
    }

    fn wait_min(&self, place: usize, source: &Source) -> Option<u32> {
        if self.call.closures.is_empty() {
            return Some(0);
        }
        let area = (self.stock.area, self.call.around_it);
        self.call.closures.wait_min(self.call.regions, (place, source.region), area)
    }

    fn haul(source: &Source, standing: Standing) -> Haul {
        Haul {
            owner: source.owner_tier,
            agree: standing.agree,
            depot: source.depot_tier,
            readiness_min: source.readiness_min,
            wait_min: 0,
        }
    }

    /// Whether a source that is like the rest of its block is in time.
    fn is_in_time(&mut self, place: usize, agreed: Agreed) -> bool {
        let Some(source) = self.stock.supply.all().get(place) else { return false };
        let agree = match agreed {
            Agreed::Exactly(agree) => agree,
            Agreed::Various => {
                let standing = self.call.around.standing(source, self.call.query.scope);
                standing.and_then(|standing| standing.agree)
            }
        };
        let standing = Standing { layer: Layer::Province, inside: false, agree };
        let way = (source.end, [self.stock.site.spread, source.spread]);
        let Some(wait_min) = self.wait_min(place, source) else { return false };
        let haul = Haul { wait_min, ..Self::haul(source, standing) };
        let limit_min = self.call.limit_min;
        let found = self.call.timetable.is_in_time(haul, self.ruler, way, limit_min);
        found.unwrap_or(false)
    }

    /// A source's arrival and whether it rests on an inherited point; `None` where the scope leaves
    /// it off, or it never gets there.
    fn arrival(&mut self, place: usize) -> Option<(Arrival<'s>, bool)> {
        let Stock { supply, struck, .. } = self.stock;
        let (query, regions) = (self.call.query, self.call.regions);
        let source = supply.all().get(place)?;
        let standing = self.call.around.standing(source, query.scope)?;
        let haul = Self::haul(source, standing);
        let (depot, end, spread) = (source.depot, source.end, source.spread);
        let origin = Origin { depot, end, spread };
        let (timetable, approach) = (self.call.timetable, &mut self.approach);
        let reach = timetable.reach(haul, origin, self.guide, approach, self.ruler)?;
        let minutes = match self.wait_min(place, source)? {
            0 => reach.minutes,
            wait => reach.minutes + timetable.waiting_min(haul, wait),
        };
        let spared = struck.is_none_or(|root| !regions.within(source.region, root));
        let arrival = Arrival {
            minutes,
            travel: reach.travel,
            layer: standing.layer,
            inside: standing.inside,
            mode: Mode::GovPhysical,
            depot: Some(source.depot),
            surviving_percent: if spared { WHOLE_PERCENT } else { query.shock.surviving_percent },
            amounts: supply.amounts(source),
        };
        Some((arrival, reach.inherited))
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
