//! One area struck alone: what reaches it when, and what that covers.
//!
//! Lives here: the sums over arrivals and the figures drawn from them. Does not live here: who may
//! serve the area (`eligibility`) and how long it takes (`travel`). Invariant: coverage is the
//! least over the mandatory needs, compared as exact fractions and cut down only when shown.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::quantity::{Ratio, div_up, narrow, product};
use crate::domain::quota::Mode;
use crate::domain::travel::{Hold, Travel};

use super::answer::{Binding, Layers, Missing, NeedRow, Reason};
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

    /// What comes in.
    pub fn sums(&self) -> &Sums {
        &self.sums
    }

    /// When it is met, if ever.
    pub fn met_at_min(&self) -> Option<i64> {
        self.met_at_min
    }

    /// The least whole units that meet the need.
    pub fn threshold(&self) -> i128 {
        div_up(self.required_milli, 1_000)
    }

    /// What ever comes of what counts.
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

    /// What is in time and counted.
    pub fn reachable(&self) -> i128 {
        self.up_to(self.counted)
    }

    /// What is in time, with all layers up to `layer`.
    fn up_to(&self, layer: Layer) -> i128 {
        up_to(&self.sums.in_time, layer)
    }

    fn applies(&self) -> bool {
        self.required_milli > 0
    }

    /// What is reachable of what is required, at most all of it, in thousandths.
    fn served_milli(&self) -> i128 {
        (self.reachable() * 1_000).min(self.required_milli)
    }

    fn ratio(&self, units: i128) -> Ratio {
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

/// What some of the arrivals cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attained {
    pub coverage: Option<Ratio>,
    pub persons_covered: Option<i64>,
    pub compliant: Option<bool>,
    pub full_at_min: Option<i64>,
}

impl From<&Verdict> for Attained {
    fn from(verdict: &Verdict) -> Self {
        Self {
            coverage: verdict.coverage,
            persons_covered: verdict.persons_covered,
            compliant: verdict.compliant,
            full_at_min: verdict.full_at_min,
        }
    }
}

impl Attained {
    /// What the tallies of an area's needs come to.
    pub fn of(persons: i64, attainment_permille: u32, all: &[Tally]) -> Self {
        let Some(worst) = worst(all).and_then(|at| all.get(at)) else {
            return Self::nothing_asked(persons);
        };
        let (served, required) = (worst.served_milli(), worst.required_milli);
        let covered = i128::from(persons).saturating_mul(served).div_euclid(required);
        let attained = served.saturating_mul(1_000)
            >= required.saturating_mul(i128::from(attainment_permille));
        let mandatory = all.iter().filter(|tally| tally.is_mandatory());
        Self {
            coverage: Some(worst.ratio(worst.reachable())),
            persons_covered: Some(narrow(covered)),
            compliant: Some(attained),
            full_at_min: mandatory
                .map(|tally| tally.met_at_min)
                .try_fold(0, |latest, met| met.map(|at| at.max(latest))),
        }
    }

    /// Nobody to serve is served at once; people without a mandatory need cannot be judged.
    fn nothing_asked(persons: i64) -> Self {
        let nobody = persons <= 0;
        Self {
            coverage: nobody.then_some(Ratio::ONE),
            persons_covered: nobody.then_some(0),
            compliant: nobody.then_some(true),
            full_at_min: nobody.then_some(0),
        }
    }
}

/// The mandatory need served least; of equals the first.
fn worst(all: &[Tally]) -> Option<usize> {
    let mandatory = all.iter().enumerate().filter(|(_, tally)| tally.is_mandatory());
    mandatory.min_by(|(_, a), (_, b)| a.compare(b)).map(|(at, _)| at)
}

/// What the tallies of an area say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub coverage: Option<Ratio>,
    pub persons_covered: Option<i64>,
    pub compliant: Option<bool>,
    pub full_at_min: Option<i64>,
    pub binding: Option<Binding>,
    pub layers: Layers,
    pub needs: Vec<NeedRow>,
}

impl Verdict {
    /// The verdict where something is not known: no figure at all rather than a zero.
    pub fn unknown(missing: Missing) -> Self {
        Self {
            coverage: None,
            persons_covered: None,
            compliant: None,
            full_at_min: None,
            binding: Some(Binding {
                need: None,
                reason: Reason::Unknown,
                missing: Some(missing),
                short: None,
                met_at_min: None,
            }),
            layers: Layers::default(),
            needs: Vec::new(),
        }
    }

    /// The verdict on so many people; `needs` and `tallies` stand in the same order.
    pub fn of(persons: i64, attainment_permille: u32, needs: &[Arc<Need>], all: &[Tally]) -> Self {
        let rows = || needs.iter().zip(all).filter(|(_, tally)| tally.applies());
        let shown = rows().map(|(need, tally)| need_row(need, tally)).collect();
        let worst = worst(all).and_then(|at| needs.get(at).zip(all.get(at)));
        let Some((need, worst)) = worst else {
            return Self { needs: shown, ..Self::nothing_asked(persons) };
        };
        let mandatory = || rows().filter(|(_, tally)| tally.mandatory);
        let least = |units: fn(&Tally) -> i128| {
            let ratios = mandatory().map(|(_, tally)| tally.ratio(units(tally)));
            ratios.min()
        };
        let Attained { coverage, persons_covered, compliant, full_at_min } =
            Attained::of(persons, attainment_permille, all);
        Self {
            coverage,
            persons_covered,
            compliant,
            full_at_min,
            binding: (worst.served_milli() < worst.required_milli).then(|| binding(need, worst)),
            layers: Layers {
                own: least(|tally| tally.up_to(Layer::Own)),
                county: least(|tally| tally.up_to(Layer::County)),
                city: least(|tally| tally.up_to(Layer::City)),
                province: least(|tally| tally.up_to(Layer::Province)),
                isolated: least(|tally| tally.sums.isolated),
            },
            needs: shown,
        }
    }

    /// Says that closed roads bind where the same goods would be in time without them.
    pub fn blame_roads(&mut self, on_open_roads: &Self) {
        let Some(binding) = &mut self.binding else { return };
        let Some(need) = &binding.need else { return };
        let open = on_open_roads.needs.iter().find(|row| row.need.code == need.code);
        if open.is_some_and(|row| row.coverage == Ratio::ONE) {
            binding.reason = Reason::Road;
        }
    }

    /// The place of the need that binds.
    pub fn binding_place(&self, needs: &[Arc<Need>]) -> Option<usize> {
        let bound = self.binding.as_ref()?.need.as_ref()?;
        needs.iter().position(|need| need.code == bound.code)
    }

    /// Nobody to serve is served at once; people without a mandatory need cannot be judged.
    fn nothing_asked(persons: i64) -> Self {
        if persons > 0 {
            return Self::unknown(Missing::Needs);
        }
        let one = Some(Ratio::ONE);
        let Attained { coverage, persons_covered, compliant, full_at_min } =
            Attained::nothing_asked(persons);
        Self {
            coverage,
            persons_covered,
            compliant,
            full_at_min,
            binding: None,
            layers: Layers { own: one, county: one, city: one, province: one, isolated: one },
            needs: Vec::new(),
        }
    }
}

fn need_row(need: &Arc<Need>, tally: &Tally) -> NeedRow {
    NeedRow {
        need: Arc::clone(need),
        required: narrow(div_up(tally.required_milli, 1_000)),
        reachable: narrow(tally.reachable()),
        coverage: tally.ratio(tally.reachable()),
        isolated: narrow(tally.sums.isolated),
        met_at_min: tally.met_at_min,
    }
}

fn binding(need: &Arc<Need>, tally: &Tally) -> Binding {
    let short_milli = tally.required_milli - tally.served_milli();
    Binding {
        need: Some(Arc::clone(need)),
        reason: if tally.met_at_min.is_none() { Reason::Stock } else { Reason::Time },
        missing: None,
        short: Some(narrow(div_up(short_milli, 1_000))),
        met_at_min: tally.met_at_min,
    }
}
