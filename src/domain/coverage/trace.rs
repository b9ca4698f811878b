//! The trace: what the verdict on one area rests on, in few bytes.
//!
//! Lives here: sums by need, and what comes until the last need is met, in order of time. Does not
//! live here: what becomes of it when stock moves (`live`). Invariant: everything that counts and
//! arrives until `until_min` is in its order.

use super::case::Case;
use super::goods::Goods;
use super::tally::{Arrival, Tally};

/// How much longer than until the last need is met arrivals are kept: less stock makes it later.
const AHEAD_MIN: u32 = 20;

/// No minute: what never comes, or is never met.
pub const NEVER: u32 = u32::MAX;

/// Something that comes to an area: the minute in the upper bits, so that they sort by it, and in
/// the others the number of a source; from `PROMISES` on a place among the area's promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coming(u32);

/// Numbers from here on are of promises.
pub const PROMISES: u32 = 1 << 19;
/// Bits of a number.
const NUMBER_BITS: u32 = 20;
/// The last minute that is kept in order: nearly three days.
const LAST_KEPT_MIN: u32 = (1 << (u32::BITS - NUMBER_BITS)) - 1;

impl Coming {
    /// `None` for a minute later than is kept, or a number beyond those that are.
    pub fn new(minutes: u32, number: u32) -> Option<Self> {
        let fits = minutes <= LAST_KEPT_MIN && number >> NUMBER_BITS == 0;
        fits.then_some(Self(minutes << NUMBER_BITS | number))
    }

    pub fn minutes(self) -> u32 {
        self.0 >> NUMBER_BITS
    }

    pub fn number(self) -> u32 {
        self.0 & ((1 << NUMBER_BITS) - 1)
    }
}

/// One promise that counts for an area.
#[derive(Debug, Clone, Copy)]
pub struct Gift {
    pub minutes: u32,
    pub need: usize,
    pub units: i64,
}

/// What one need of an area rests on.
#[derive(Debug, Clone, Copy)]
pub struct Basis {
    /// Whole units that meet it; zero or less where it does not apply.
    pub required: i64,
    /// What comes in time, by layer.
    pub in_time: [i64; 4],
    pub isolated: i64,
    /// What ever comes of what counts.
    pub ever: i64,
    /// What more of it would be in time if every road were open.
    pub held_back: i64,
    pub met_min: u32,
}

/// What one area's verdict rests on.
#[derive(Debug)]
pub struct Trace {
    /// By need; `None` where a sum does not fit.
    pub bases: Option<Vec<Basis>>,
    pub order: Vec<Coming>,
    pub until_min: u32,
    /// All promises that count.
    pub promised: Vec<Gift>,
}

/// Sums beyond this are not kept: far enough from the end of the numbers to add to them.
pub const MOST: i64 = i64::MAX / 4;

fn fits(units: i128) -> Option<i64> {
    i64::try_from(units).ok().filter(|units| *units <= MOST)
}

impl Basis {
    fn of(tally: &Tally) -> Option<Self> {
        let sums = tally.sums();
        let [own, county, city, province] = sums.in_time;
        Some(Self {
            // More than there can ever be, if it does not fit.
            required: i64::try_from(tally.threshold()).unwrap_or(i64::MAX),
            in_time: [fits(own)?, fits(county)?, fits(city)?, fits(province)?],
            isolated: fits(sums.isolated)?,
            ever: fits(tally.ever())?,
            held_back: 0,
            met_min: tally.met_at_min().map_or(NEVER, minute),
        })
    }
}

/// Minutes as they are kept; beyond all that is asked for they are alike.
pub fn minute(minutes: i64) -> u32 {
    u32::try_from(minutes.max(0)).unwrap_or(NEVER - 1).min(NEVER - 1)
}

/// Until when arrivals are kept where the last need is met then.
pub fn ahead(last_min: u32) -> u32 {
    last_min.saturating_add(AHEAD_MIN).min(LAST_KEPT_MIN)
}

impl Trace {
    /// Takes over what more of each need is in time with goods on open roads than by the tallies.
    pub fn hold_back(&mut self, on_open_roads: &Goods, tallies: &[Tally], case: &Case) {
        let Some(bases) = &mut self.bases else { return };
        let sums = on_open_roads.sums(case.measure(), None);
        for ((basis, sums), tally) in bases.iter_mut().zip(sums).zip(tallies) {
            let open = Tally::of_sums((0, false), case.counted, sums, None);
            let Some(units) = fits(open.reachable() - tally.reachable()) else {
                self.bases = None;
                return;
            };
            basis.held_back = units;
        }
    }

    /// What the tallies of an area rest on.
    pub fn of(goods: &mut Goods, tallies: &[Tally], case: &Case) -> Self {
        let bases: Option<Vec<Basis>> = tallies.iter().map(Basis::of).collect();
        let mets = bases.iter().flatten().map(|basis| basis.met_min);
        let until_min = ahead(mets.filter(|met| *met < NEVER).max().unwrap_or_default());
        let measure = case.measure();
        let gift = |arrival: &Arrival| {
            let amount = arrival.amounts.first()?;
            let units = fits(amount.units)?;
            Some(Gift { minutes: minute(arrival.minutes), need: amount.need, units })
        };
        let counts = |arrival: &&Arrival| measure.counts(arrival);
        let promised: Option<Vec<Gift>> = goods.promised().filter(counts).map(gift).collect();
        let mut order = Vec::new();
        for at in 0.. {
            let Some(arrival) = goods.nth(at) else { break };
            let minutes = minute(arrival.minutes);
            if minutes > until_min {
                break;
            }
            let source = arrival.place.and_then(|place| u32::try_from(place).ok());
            let source = source.filter(|_| measure.counts(arrival));
            order.extend(source.and_then(|number| Coming::new(minutes, number)));
        }
        let bases = bases.filter(|_| promised.is_some());
        let promised = promised.unwrap_or_default();
        let numbered = (PROMISES..).zip(&promised);
        let early = numbered.filter(|(_, gift)| gift.minutes <= until_min);
        order.extend(early.filter_map(|(number, gift)| Coming::new(gift.minutes, number)));
        order.sort_unstable();
        order.shrink_to_fit();
        Self { bases, order, until_min, promised }
    }
}
