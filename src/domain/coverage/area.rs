//! One area struck alone: what reaches it when, and what that covers.
//!
//! Lives here: the sums over arrivals and the figures drawn from them. Does not live here: who may
//! serve the area (`eligibility`) and how long it takes (`travel`). Invariant: coverage is the
//! least over the mandatory needs, compared as exact fractions and cut down only when shown.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::quantity::{Ratio, div_up, narrow};
use crate::domain::quota::Mode;

use super::answer::{Binding, Layers, Missing, NeedRow, Reason};
use super::eligibility::Layer;
use super::supply::Amount;

/// Goods of one source with the minute at which people have them.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub minutes: i64,
    pub layer: Layer,
    pub inside: bool,
    pub mode: Mode,
    /// The depot's index; `None` for what others have promised.
    pub depot: Option<u32>,
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
    /// In time, by layer.
    in_time: [i128; 4],
    /// Too late, by layer.
    late: [i128; 4],
    /// In time and lying in the area.
    isolated: i128,
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

/// Adds up the arrivals for each need, `(required_milli, mandatory)`; puts the earliest first.
pub fn tally(needs: &[(i128, bool)], arrivals: &mut [Arrival], measure: Measure) -> Vec<Tally> {
    let empty = |(required_milli, mandatory): &(i128, bool)| Tally {
        required_milli: *required_milli,
        mandatory: *mandatory,
        counted: measure.counted,
        in_time: [0; 4],
        late: [0; 4],
        isolated: 0,
        met_at_min: (*required_milli <= 0).then_some(0),
    };
    let mut tallies: Vec<Tally> = needs.iter().map(empty).collect();
    for arrival in arrivals.iter().filter(|row| measure.modes.contains(&row.mode)) {
        let in_time = arrival.minutes <= measure.limit_min;
        for amount in arrival.amounts {
            if let Some(tally) = tallies.get_mut(amount.need) {
                tally.add(arrival, in_time, arrival.units(amount));
            }
        }
    }
    find_times(&mut tallies, arrivals, measure);
    tallies
}

/// Finds when each need is met that ever is. Most are met by the first few arrivals, so these are
/// sorted out a handful at a time.
fn find_times(tallies: &mut [Tally], arrivals: &mut [Arrival], measure: Measure) {
    const FIRST: usize = 32;
    let mut sums = vec![0_i128; tallies.len()];
    let mut rest = arrivals;
    let mut size = FIRST;
    while tallies.iter().any(Tally::awaits_time) && !rest.is_empty() {
        if size < rest.len() {
            rest.select_nth_unstable_by_key(size, |arrival| arrival.minutes);
        }
        let (first, later) = rest.split_at_mut(size.min(rest.len()));
        first.sort_unstable_by_key(|arrival| arrival.minutes);
        for arrival in first.iter().filter(|row| measure.counts(row)) {
            for amount in arrival.amounts {
                let place = tallies.get_mut(amount.need).zip(sums.get_mut(amount.need));
                if let Some((tally, sum)) = place {
                    *sum += arrival.units(amount);
                    tally.note(*sum, arrival.minutes);
                }
            }
        }
        rest = later;
        size *= 4;
    }
}

impl Tally {
    fn add(&mut self, arrival: &Arrival, in_time: bool, units: i128) {
        let sums = if in_time { &mut self.in_time } else { &mut self.late };
        let [own, county, city, province] = sums;
        *match arrival.layer {
            Layer::Own => own,
            Layer::County => county,
            Layer::City => city,
            Layer::Province => province,
        } += units;
        if in_time && arrival.inside {
            self.isolated += units;
        }
    }

    fn note(&mut self, sum: i128, minutes: i64) {
        if self.met_at_min.is_none() && sum * 1_000 >= self.required_milli {
            self.met_at_min = Some(minutes);
        }
    }

    /// Whether it is met some time, not yet known when.
    fn awaits_time(&self) -> bool {
        let ever = up_to(&self.in_time, self.counted) + up_to(&self.late, self.counted);
        self.met_at_min.is_none() && ever * 1_000 >= self.required_milli
    }

    /// What is lacking however long one waits, in the need's unit, rounded up.
    pub fn short_ever(&self) -> i64 {
        let ever = up_to(&self.in_time, self.counted) + up_to(&self.late, self.counted);
        narrow(div_up((self.required_milli - ever * 1_000).max(0), 1_000))
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
    fn reachable(&self) -> i128 {
        self.up_to(self.counted)
    }

    /// What is in time, with all layers up to `layer`.
    fn up_to(&self, layer: Layer) -> i128 {
        up_to(&self.in_time, layer)
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
        let mine = self.served_milli().saturating_mul(other.required_milli);
        mine.cmp(&other.served_milli().saturating_mul(self.required_milli))
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
        let mandatory = || rows().filter(|(_, tally)| tally.mandatory);
        let Some((need, worst)) = mandatory().min_by(|(_, a), (_, b)| a.compare(b)) else {
            return Self { needs: shown, ..Self::nothing_asked(persons) };
        };
        let least = |units: fn(&Tally) -> i128| {
            let ratios = mandatory().map(|(_, tally)| tally.ratio(units(tally)));
            ratios.min()
        };
        let (served, required) = (worst.served_milli(), worst.required_milli);
        let covered = i128::from(persons).saturating_mul(served).div_euclid(required);
        let attained = served.saturating_mul(1_000)
            >= required.saturating_mul(i128::from(attainment_permille));
        Self {
            coverage: Some(worst.ratio(worst.reachable())),
            persons_covered: Some(narrow(covered)),
            compliant: Some(attained),
            full_at_min: mandatory()
                .map(|(_, tally)| tally.met_at_min)
                .try_fold(0, |latest, met| met.map(|at| at.max(latest))),
            binding: (served < required).then(|| binding(need, worst)),
            layers: Layers {
                own: least(|tally| tally.up_to(Layer::Own)),
                county: least(|tally| tally.up_to(Layer::County)),
                city: least(|tally| tally.up_to(Layer::City)),
                province: least(|tally| tally.up_to(Layer::Province)),
                isolated: least(|tally| tally.isolated),
            },
            needs: shown,
        }
    }

    /// Nobody to serve is served at once; people without a mandatory need cannot be judged.
    fn nothing_asked(persons: i64) -> Self {
        if persons > 0 {
            return Self::unknown(Missing::Needs);
        }
        let one = Some(Ratio::ONE);
        Self {
            coverage: one,
            persons_covered: Some(0),
            compliant: Some(true),
            full_at_min: Some(0),
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
