//! One area struck alone: what reaches it when, and what that covers.
//!
//! Lives here: the sums over arrivals and the figures drawn from them. Does not live here: who may
//! serve the area (`eligibility`) and how long it takes (`travel`). Invariant: coverage is the least
//! over the mandatory needs, compared as exact fractions and cut down only when shown.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::quantity::{Ratio, div_up, narrow};

use super::answer::{Binding, Layers, Missing, NeedRow, Reason};
use super::eligibility::Layer;
use super::supply::Amount;

/// Goods of one source with the minute at which people have them.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub minutes: i64,
    pub layer: Layer,
    pub inside: bool,
    pub amounts: &'a [Amount],
}

/// One need of the area and what comes in for it.
#[derive(Debug, Clone, Copy)]
pub struct Tally {
    required_milli: i128,
    mandatory: bool,
    /// In time, by layer, each with those before it.
    layers: [i128; 4],
    /// In time and lying in the area.
    isolated: i128,
    /// Counted and in time.
    reachable: i128,
    /// Counted, however late.
    ever: i128,
    met_at_min: Option<i64>,
}

/// What counts: until when, and up to which layer.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    pub limit_min: i64,
    pub counted: Layer,
}

/// Adds up the arrivals for each need, `(required_milli, mandatory)`; sorts them by time.
pub fn tally(needs: &[(i128, bool)], arrivals: &mut [Arrival], measure: Measure) -> Vec<Tally> {
    arrivals.sort_unstable_by_key(|arrival| arrival.minutes);
    let empty = |(required_milli, mandatory): &(i128, bool)| Tally {
        required_milli: *required_milli,
        mandatory: *mandatory,
        layers: [0; 4],
        isolated: 0,
        reachable: 0,
        ever: 0,
        met_at_min: (*required_milli <= 0).then_some(0),
    };
    let mut tallies: Vec<Tally> = needs.iter().map(empty).collect();
    for arrival in arrivals {
        for amount in arrival.amounts {
            if let Some(tally) = tallies.get_mut(amount.need) {
                tally.add(arrival, amount.units, measure);
            }
        }
    }
    tallies
}

impl Tally {
    fn add(&mut self, arrival: &Arrival, units: i128, measure: Measure) {
        let counts = arrival.layer <= measure.counted;
        if counts {
            self.ever += units;
            if self.met_at_min.is_none() && self.ever * 1_000 >= self.required_milli {
                self.met_at_min = Some(arrival.minutes);
            }
        }
        if arrival.minutes > measure.limit_min {
            return;
        }
        if counts {
            self.reachable += units;
        }
        if arrival.inside {
            self.isolated += units;
        }
        let [own, county, city, province] = &mut self.layers;
        *province += units;
        if arrival.layer <= Layer::City {
            *city += units;
        }
        if arrival.layer <= Layer::County {
            *county += units;
        }
        if arrival.layer == Layer::Own {
            *own += units;
        }
    }

    fn applies(&self) -> bool {
        self.required_milli > 0
    }

    /// What is reachable of what is required, at most all of it, in thousandths.
    fn served_milli(&self) -> i128 {
        (self.reachable * 1_000).min(self.required_milli)
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
            return Self {
                needs: shown,
                ..Self::nothing_asked(persons)
            };
        };
        let least = |units: fn(&Tally) -> i128| {
            let ratios = mandatory().map(|(_, tally)| tally.ratio(units(tally)));
            ratios.min()
        };
        let (served, required) = (worst.served_milli(), worst.required_milli);
        let covered = i128::from(persons)
            .saturating_mul(served)
            .div_euclid(required);
        let attained = served.saturating_mul(1_000)
            >= required.saturating_mul(i128::from(attainment_permille));
        Self {
            coverage: Some(worst.ratio(worst.reachable)),
            persons_covered: Some(narrow(covered)),
            compliant: Some(attained),
            full_at_min: mandatory()
                .map(|(_, tally)| tally.met_at_min)
                .try_fold(0, |latest, met| met.map(|at| at.max(latest))),
            binding: (served < required).then(|| binding(need, worst)),
            layers: Layers {
                own: least(|tally| tally.layers[0]),
                county: least(|tally| tally.layers[1]),
                city: least(|tally| tally.layers[2]),
                province: least(|tally| tally.layers[3]),
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
            layers: Layers {
                own: one,
                county: one,
                city: one,
                province: one,
                isolated: one,
            },
            needs: Vec::new(),
        }
    }
}

fn need_row(need: &Arc<Need>, tally: &Tally) -> NeedRow {
    NeedRow {
        need: Arc::clone(need),
        required: narrow(div_up(tally.required_milli, 1_000)),
        reachable: narrow(tally.reachable),
        coverage: tally.ratio(tally.reachable),
    }
}

fn binding(need: &Arc<Need>, tally: &Tally) -> Binding {
    let short_milli = tally.required_milli - tally.served_milli();
    Binding {
        need: Some(Arc::clone(need)),
        reason: if tally.met_at_min.is_none() {
            Reason::Stock
        } else {
            Reason::Time
        },
        missing: None,
        short: Some(narrow(div_up(short_milli, 1_000))),
        met_at_min: tally.met_at_min,
    }
}
