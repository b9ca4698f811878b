//! One area in detail: its curve over time, the three totals, its margin, the loss of a depot.
//!
//! Lives here: what is drawn from an area's arrivals beyond the verdict. Does not live here: how
//! they come about (`travel`, `promises`). Invariant: every figure follows from the same arrivals
//! as the verdict, so that the curve at the time limit is the coverage.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::quantity::{Ratio, narrow};
use crate::domain::quota::Mode;
use crate::domain::reference::Reference;

use super::answer::{Missing, Reason};
use super::area::{Arrival, Measure, Tally, Verdict, tally};
use super::eligibility::Layer;

/// The most steps of a curve; of a longer one, small steps are left out.
const MAX_STEPS: usize = 200;
/// The least rise between two steps of a curve that is too long: 1/200.
const LEAST_RISE: i64 = Ratio::ONE.0 / 200;

const GOV_ONLY: [Mode; 1] = [Mode::GovPhysical];
const GOV_AGREEMENT: [Mode; 2] = [Mode::GovPhysical, Mode::Agreement];

/// What an area needs so that it reaches its share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// What lies in it is enough.
    SelfSufficient,
    /// It takes government stock from elsewhere.
    WithUpper,
    /// It takes what others have promised.
    WithAgreement,
    NotCovered,
}

impl Class {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SelfSufficient => "self_sufficient",
            Self::WithUpper => "with_upper",
            Self::WithAgreement => "with_agreement",
            Self::NotCovered => "not_covered",
        }
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

/// Government stock alone, with agreements, with capacities and pledges as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modes {
    pub gov_only: Attained,
    pub gov_agreement: Attained,
    pub all_modes: Attained,
    /// Promises that may serve the area and are in no total, as nobody has confirmed them lately.
    pub unconfirmed: usize,
}

/// How much is there beyond what is asked, or missing from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Margin {
    /// The mandatory need with the least.
    pub need: Arc<Need>,
    /// What is reachable in time over what is required; beyond one is to spare.
    pub times: Ratio,
    /// Minutes from the last need met to the time limit, negative where it is missed; `None` where
    /// it is never met.
    pub minutes: Option<i64>,
}

/// The area without the one depot whose loss costs it most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The depot's index.
    pub depot: u32,
    /// The need that would be least served.
    pub need: Arc<Need>,
    /// What the depot gives of it in time.
    pub gave: i64,
    pub left: Attained,
}

/// What would close an area's shortfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remedy {
    /// The depot with which the binding need is met, where one does.
    pub depot: Option<u32>,
    pub at_min: Option<i64>,
    /// What must be bought of the binding need, as waiting does not bring it.
    pub short_ever: i64,
}

/// A step of the curve: from this minute on, so much is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub at_min: i64,
    pub coverage: Ratio,
    pub persons_covered: i64,
}

/// All that is told of an area beyond its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    pub class: Class,
    pub modes: Modes,
    pub margin: Margin,
    /// `None` where no depot gives anything in time.
    pub loss: Option<Loss>,
    /// `None` where everything is covered.
    pub remedy: Option<Remedy>,
    /// In order of time, until all is covered or nothing more comes.
    pub curve: Vec<Step>,
    /// Whether steps of less than 1/200 were left out of the curve.
    pub thinned: bool,
}

/// What was found out about an area.
#[derive(Debug)]
pub struct Found {
    pub verdict: Verdict,
    pub inherited: bool,
    pub detail: Option<Detail>,
}

impl Found {
    pub fn unknown(missing: Missing) -> Self {
        Self { verdict: Verdict::unknown(missing), inherited: false, detail: None }
    }
}

/// What an area asks for, and what counts for it.
pub struct Case<'a> {
    pub reference: &'a Reference,
    pub persons: i64,
    pub attainment_permille: u32,
    pub needs: &'a [Arc<Need>],
    /// For each need what is required in thousandths, and whether it is mandatory.
    pub asked: &'a [(i128, bool)],
    pub limit_min: i64,
    pub counted: Layer,
    /// Modes that count towards the area's own target.
    pub modes: &'a [Mode],
}

impl Case<'_> {
    /// What the arrivals of some modes cover.
    pub fn verdict(&self, arrivals: &mut [Arrival], modes: &[Mode]) -> Verdict {
        let tallies = tally(self.asked, arrivals, self.measure(modes));
        Verdict::of(self.persons, self.attainment_permille, self.needs, &tallies)
    }

    /// The detail behind a verdict on the same arrivals; `None` where nothing is asked for.
    pub fn detail(
        &self,
        arrivals: &mut [Arrival],
        verdict: &Verdict,
        unconfirmed: usize,
    ) -> Option<Detail> {
        let measure = self.measure(self.modes);
        let tallies = tally(self.asked, arrivals, measure);
        let margin = self.margin(&tallies, verdict)?;
        let modes = Modes {
            gov_only: (&self.verdict(arrivals, &GOV_ONLY)).into(),
            gov_agreement: (&self.verdict(arrivals, &GOV_AGREEMENT)).into(),
            all_modes: (&self.verdict(arrivals, &Mode::ALL)).into(),
            unconfirmed,
        };
        arrivals.sort_by_key(|arrival| arrival.minutes);
        let mut curve = self.curve(arrivals, measure);
        let thinned = curve.len() > MAX_STEPS;
        if thinned {
            thin(&mut curve);
        }
        Some(Detail {
            class: self.class(verdict, &modes),
            modes,
            margin,
            remedy: self.remedy(arrivals, measure, &tallies, verdict),
            loss: self.loss(arrivals, measure),
            curve,
            thinned,
        })
    }

    fn measure<'m>(&self, modes: &'m [Mode]) -> Measure<'m> {
        Measure { limit_min: self.limit_min, counted: self.counted, modes }
    }

    fn class(&self, verdict: &Verdict, modes: &Modes) -> Class {
        // Ratios are cut down to ten-thousandths, so the comparison with thousandths is exact.
        let enough = Ratio(i64::from(self.attainment_permille).saturating_mul(10));
        if verdict.layers.isolated.is_some_and(|ratio| ratio >= enough) {
            Class::SelfSufficient
        } else if modes.gov_only.compliant == Some(true) {
            Class::WithUpper
        } else if modes.all_modes.compliant == Some(true) {
            Class::WithAgreement
        } else {
            Class::NotCovered
        }
    }

    fn margin(&self, tallies: &[Tally], verdict: &Verdict) -> Option<Margin> {
        let mandatory = self.needs.iter().zip(tallies).filter(|(_, tally)| tally.is_mandatory());
        let least = mandatory.filter_map(|(need, tally)| Some((tally.times()?, need)));
        let (times, need) = least.min_by_key(|(times, _)| *times)?;
        let minutes = verdict.full_at_min.map(|at| self.limit_min.saturating_sub(at));
        Some(Margin { need: Arc::clone(need), times, minutes })
    }

    /// Among arrivals in order of time, the one with which the binding need is met.
    fn remedy(
        &self,
        arrivals: &[Arrival],
        measure: Measure,
        tallies: &[Tally],
        verdict: &Verdict,
    ) -> Option<Remedy> {
        let binding = verdict.binding.as_ref()?;
        let need = binding.need.as_ref()?;
        let place = self.needs.iter().position(|row| row.code == need.code)?;
        let at_min = binding.met_at_min.filter(|_| binding.reason == Reason::Time);
        let brings = |arrival: &&Arrival| {
            measure.counts(arrival)
                && Some(arrival.minutes) == at_min
                && arrival.amounts.iter().any(|amount| amount.need == place)
        };
        let least_code = |arrival: &&Arrival| {
            arrival.depot.and_then(|ix| self.reference.depots.get(ix)).map(|row| row.code.clone())
        };
        let last = arrivals.iter().filter(brings).min_by_key(least_code);
        Some(Remedy {
            depot: last.and_then(|arrival| arrival.depot),
            at_min,
            short_ever: tallies.get(place).map_or(0, Tally::short_ever),
        })
    }

    /// The loss of the depot without which the least-served need is served least.
    fn loss(&self, arrivals: &[Arrival], measure: Measure) -> Option<Loss> {
        let in_time = |row: &&Arrival| measure.counts(row) && row.minutes <= measure.limit_min;
        let mut gave: BTreeMap<(usize, u32), i128> = BTreeMap::new();
        let mut reach = vec![0_i128; self.needs.len()];
        for arrival in arrivals.iter().filter(in_time) {
            for amount in arrival.amounts {
                let units = arrival.units(amount);
                if let Some(sum) = reach.get_mut(amount.need) {
                    *sum += units;
                }
                if let Some(depot) = arrival.depot.filter(|_| units > 0) {
                    *gave.entry((amount.need, depot)).or_insert(0) += units;
                }
            }
        }
        let code = |depot: u32| self.reference.depots.get(depot).map(|row| &row.code);
        let left = |((need, depot), units): (&(usize, u32), &i128)| {
            let (required, mandatory) = *self.asked.get(*need)?;
            let reached = *reach.get(*need)?;
            let left = Ratio::of((reached - units) * 1_000, required).filter(|_| mandatory)?;
            Some((left, code(*depot), *depot, *need, *units))
        };
        let (_, _, depot, place, units) = gave.iter().filter_map(left).min()?;
        let mut others: Vec<Arrival> =
            arrivals.iter().filter(|row| row.depot != Some(depot)).copied().collect();
        let verdict = self.verdict(&mut others, measure.modes);
        let need = Arc::clone(self.needs.get(place)?);
        Some(Loss { depot, need, gave: narrow(units), left: (&verdict).into() })
    }

    /// The steps over arrivals in order of time.
    fn curve(&self, arrivals: &[Arrival], measure: Measure) -> Vec<Step> {
        let mut sums = vec![0_i128; self.asked.len()];
        let mut steps: Vec<Step> = Vec::new();
        let mut counted = arrivals.iter().filter(|row| measure.counts(row)).peekable();
        while let Some(arrival) = counted.next() {
            for amount in arrival.amounts {
                if let Some(sum) = sums.get_mut(amount.need) {
                    *sum += arrival.units(amount);
                }
            }
            let at_min = arrival.minutes;
            if counted.peek().is_some_and(|next| next.minutes == at_min) {
                continue;
            }
            let Some((served, required)) = self.least(&sums) else { break };
            let coverage = Ratio::capped(served, required);
            let covered = i128::from(self.persons).saturating_mul(served).div_euclid(required);
            let before = steps.last().map_or(Ratio::ZERO, |step| step.coverage);
            if coverage > before {
                steps.push(Step { at_min, coverage, persons_covered: narrow(covered) });
            }
            if served >= required {
                break;
            }
        }
        steps
    }

    /// What is served of the mandatory need served least, and what of it is required.
    fn least(&self, sums: &[i128]) -> Option<(i128, i128)> {
        let asked = self.asked.iter().zip(sums);
        asked
            .filter(|((required, mandatory), _)| *mandatory && *required > 0)
            .map(|((required, _), sum)| ((sum * 1_000).min(*required), *required))
            .min_by(|(a, of_a), (b, of_b)| a.saturating_mul(*of_b).cmp(&b.saturating_mul(*of_a)))
    }
}

/// Leaves out steps of less than 1/200, never the last.
fn thin(curve: &mut Vec<Step>) {
    let last = curve.last().copied();
    let mut shown = Ratio::ZERO;
    curve.retain(|step| {
        let keep = step.coverage.0 - shown.0 >= LEAST_RISE || Some(*step) == last;
        if keep {
            shown = step.coverage;
        }
        keep
    });
}

#[cfg(test)]
#[path = "detail_tests.rs"]
mod tests;
