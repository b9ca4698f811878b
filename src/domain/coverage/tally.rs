//! Tallies: what comes in for each need of one area, against what is required of it.
//!
//! Lives here: arrivals, which of them count, their sums, and when a need is met. Does not live
//! here: how goods come to arrive (`goods`), what the tallies come to (`verdict`). Invariant:
//! fractions are compared exactly and cut down only when shown.

use std::cmp::Ordering;

use crate::domain::quantity::{Ratio, div_up, narrow, product};
use crate::domain::quota::Mode;
use crate::domain::travel::{Hold, Travel};

use super::eligibility::Layer;
use super::goods::{Giver, Goods, Sums};
use super::supply::Amount;

/// Goods of one source with the minute at which people have them.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub minutes: i64,
    pub travel: Travel,
    pub layer: Layer,
    pub inside: bool,
    pub mode: Mode,
    /// The depot's index; `None` for what others have promised.
    pub depot: Option<u32>,
    /// Its place in the supply; `None` for what others have promised.
    pub place: Option<usize>,
    /// What of closures makes it late.
    pub hold: Option<Hold>,
    /// Percent of the amounts that the disaster leaves.
    pub surviving_percent: u32,
    pub amounts: &'a [Amount],
}

impl Arrival<'_> {
    /// What of an amount is left, cut down.
    pub fn units(&self, amount: &Amount) -> i128 {
        match self.surviving_percent {
            100.. => amount.units,
            percent => (amount.units * i128::from(percent)).div_euclid(100),
        }
    }
}

/// One need of the area and what comes in for it.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    /// In thousandths of the need's unit; zero or less where it does not apply.
    required_milli: i128,
    mandatory: bool,
    counted: Layer,
    sums: Sums,
    met_at_min: Option<i64>,
}

/// What counts: until when, up to which layer, of which modes.
#[derive(Debug, Clone, Copy)]
pub struct Measure<'a> {
    pub limit_min: i64,
    pub counted: Layer,
    pub modes: &'a [Mode],
}

impl Measure<'_> {
    /// Whether an arrival counts, some time.
    pub fn counts(&self, arrival: &Arrival) -> bool {
        arrival.layer <= self.counted && self.modes.contains(&arrival.mode)
    }
}

/// Adds up the goods for each need, `(required_milli, mandatory)`, without those of a depot.
pub fn tally(
    needs: &[(i128, bool)],
    goods: &mut Goods,
    measure: Measure,
    without: Option<Giver>,
) -> Vec<Tally> {
    let sums = goods.sums(measure, without);
    let of = |((required_milli, mandatory), sums): (&(i128, bool), Sums)| Tally {
        required_milli: *required_milli,
        mandatory: *mandatory,
        counted: measure.counted,
        sums,
        met_at_min: (*required_milli <= 0).then_some(0),
    };
    let mut tallies: Vec<Tally> = needs.iter().zip(sums).map(of).collect();
    find_times(&mut tallies, goods, measure, without);
    tallies
}

/// Finds when each need is met that ever is, and looks no further.
fn find_times(tallies: &mut [Tally], goods: &mut Goods, measure: Measure, without: Option<Giver>) {
    // By need: what must still come; never so much once it is met or never will be.
    const NEVER: i128 = i128::MAX;
    let left = |tally: &Tally| if tally.awaits_time() { tally.threshold() } else { NEVER };
    let mut left: Vec<i128> = tallies.iter().map(left).collect();
    let mut awaited = left.iter().filter(|left| **left != NEVER).count();
    let lost = without.map(|giver| giver.depot);
    let mut at = 0;
    while awaited > 0 {
        let Some(arrival) = goods.nth(at) else { return };
        at += 1;
        if !measure.counts(arrival) || (lost.is_some() && arrival.depot == lost) {
            continue;
        }
        for amount in arrival.amounts {
            let Some(left) = left.get_mut(amount.need) else { continue };
            *left -= arrival.units(amount);
            if *left <= 0 {
                *left = NEVER;
                awaited -= 1;
                if let Some(tally) = tallies.get_mut(amount.need) {
                    tally.met_at_min = Some(arrival.minutes);
                }
            }
        }
    }
}

impl Tally {
    /// Of what is known already: sums in time, and when it is met, if ever.
    pub fn of_sums(
        (required_milli, mandatory): (i128, bool),
        counted: Layer,
        sums: Sums,
        met_at_min: Option<i64>,
    ) -> Self {
        Self { required_milli, mandatory, counted, sums, met_at_min }
    }

    /// What comes in, in the need's unit.
    pub fn sums(&self) -> &Sums {
        &self.sums
    }

    /// The minute at which it is met, if ever.
    pub fn met_at_min(&self) -> Option<i64> {
        self.met_at_min
    }

    /// The least whole units that meet the need.
    pub fn threshold(&self) -> i128 {
        div_up(self.required_milli, 1_000)
    }

    /// What ever comes of what counts, in the need's unit.
    pub fn ever(&self) -> i128 {
        up_to(&self.sums.in_time, self.counted) + up_to(&self.sums.late, self.counted)
    }

    /// Whether it is met some time, not yet known when.
    fn awaits_time(&self) -> bool {
        self.met_at_min.is_none() && self.ever() * 1_000 >= self.required_milli
    }

    /// The coverage that it has in the end, however long one waits.
    pub fn last(&self) -> Ratio {
        self.ratio(self.ever())
    }

    /// What is lacking however long one waits, in the need's unit, rounded up.
    pub fn short_ever(&self) -> i64 {
        narrow(div_up((self.required_milli - self.ever() * 1_000).max(0), 1_000))
    }

    /// How many times what is required is reachable in time; `None` where nothing is required.
    pub fn times(&self) -> Option<Ratio> {
        Ratio::of(self.reachable() * 1_000, self.required_milli)
    }

    /// Whether the area cannot do without it.
    pub fn is_mandatory(&self) -> bool {
        self.mandatory && self.applies()
    }

    /// What is in time and counted, in the need's unit.
    pub fn reachable(&self) -> i128 {
        self.up_to(self.counted)
    }

    /// Which part of what is required is reachable in time.
    pub fn coverage(&self) -> Ratio {
        self.ratio(self.reachable())
    }

    /// Whether all that is required is reachable in time.
    pub fn is_met(&self) -> bool {
        self.served_milli() >= self.required_milli
    }

    /// What is lacking at the time limit, in the need's unit, rounded up.
    pub fn short(&self) -> i64 {
        narrow(div_up(self.required_milli - self.served_milli(), 1_000))
    }

    /// Whether at least so many thousandths of what is required are reachable in time.
    pub fn attains(&self, permille: u32) -> bool {
        let asked = self.required_milli.saturating_mul(i128::from(permille));
        self.served_milli().saturating_mul(1_000) >= asked
    }

    /// How many of so many people it is enough for, cut down, where the need applies.
    pub fn serves(&self, persons: i64) -> i64 {
        let served = i128::from(persons).saturating_mul(self.served_milli());
        narrow(served.div_euclid(self.required_milli.max(1)))
    }

    /// What is in time, with all layers up to `layer`, in the need's unit.
    pub fn up_to(&self, layer: Layer) -> i128 {
        up_to(&self.sums.in_time, layer)
    }

    /// Whether anything is required at all.
    pub fn applies(&self) -> bool {
        self.required_milli > 0
    }

    /// What is reachable of what is required, at most all of it, in thousandths.
    fn served_milli(&self) -> i128 {
        (self.reachable() * 1_000).min(self.required_milli)
    }

    /// Which part of what is required so many units are, at most all of it.
    pub fn ratio(&self, units: i128) -> Ratio {
        Ratio::capped(units * 1_000, self.required_milli)
    }

    /// Compares the fractions served, exactly.
    fn compare(&self, other: &Self) -> Ordering {
        let mine = product(self.served_milli(), other.required_milli);
        mine.cmp(&product(other.served_milli(), self.required_milli))
    }
}

fn up_to(sums: &[i128; 4], layer: Layer) -> i128 {
    let [own, county, city, province] = *sums;
    match layer {
        Layer::Own => own,
        Layer::County => own + county,
        Layer::City => own + county + city,
        Layer::Province => own + county + city + province,
    }
}

/// The mandatory need served least; of equals the first.
pub fn worst(all: &[Tally]) -> Option<usize> {
    let mandatory = all.iter().enumerate().filter(|(_, tally)| tally.is_mandatory());
    mandatory.min_by(|(_, a), (_, b)| a.compare(b)).map(|(at, _)| at)
}
