//! One area in detail: its curve over time, the three totals, its margin, the loss of a depot.
//!
//! Lives here: what is drawn from an area's arrivals beyond the verdict. Does not live here: how
//! they come about (`travel`, `promises`). Invariant: every figure follows from the same arrivals
//! as the verdict, so that the curve at the time limit is the coverage.

use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::quantity::{Ratio, narrow, product};
use crate::domain::quota::Mode;
use crate::domain::reference::Reference;
use crate::domain::travel::{Hold, Travel};

use super::air::Air;
use super::answer::{Missing, Reason};
use super::area::{Arrival, Attained, Measure, Tally, Verdict, tally};
use super::eligibility::Layer;
use super::goods::{Giver, Goods};
use super::held::HeldBack;
use super::trace::Trace;

/// The most steps of a curve; of a longer one, small steps are left out.
const MAX_STEPS: usize = 200;
/// How many steps room is made for at once.
const USUAL_STEPS: usize = 48;
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
    /// On what that time rests.
    pub travel: Option<Travel>,
    /// For which closure those goods wait.
    pub hold: Option<Hold>,
    /// What must be bought of the binding need, as waiting does not bring it.
    pub short_ever: i64,
}

/// A step of the curve: from this minute on, so much is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub at_min: i64,
    /// The least known layer on which the arrivals of this minute rest.
    pub travel: Travel,
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
    /// What closures keep of the binding need from being there in time; most first.
    pub held_back: Vec<HeldBack>,
    /// In order of time, until all is covered or nothing more comes.
    pub curve: Vec<Step>,
    /// What could be flown in; `None` where there is no base.
    pub air: Option<Air>,
    /// Whether steps of less than 1/200 were left out of the curve.
    pub thinned: bool,
}

/// What was found out about an area.
#[derive(Debug)]
pub struct Found {
    pub verdict: Verdict,
    pub inherited: bool,
    pub travel: Travel,
    pub detail: Option<Detail>,
    /// On what it rests, where that is kept.
    pub trace: Option<Trace>,
}

impl Found {
    pub fn unknown(missing: Missing) -> Self {
        let (verdict, travel) = (Verdict::unknown(missing), Travel::Estimated);
        Self { verdict, inherited: false, travel, detail: None, trace: None }
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
    /// What comes in for each need, of some modes.
    pub fn tallies(&self, goods: &mut Goods, modes: &[Mode]) -> Vec<Tally> {
        tally(self.asked, goods, self.measure(modes), None)
    }

    /// What they come to.
    pub fn verdict(&self, tallies: &[Tally]) -> Verdict {
        Verdict::of(self.persons, self.attainment_permille, self.needs, tallies)
    }

    /// The detail behind a verdict on the same goods; `None` where nothing is asked for.
    pub fn detail(
        &self,
        goods: &mut Goods,
        (tallies, verdict): (&[Tally], &Verdict),
        unconfirmed: usize,
    ) -> Option<Detail> {
        let measure = self.measure(self.modes);
        let margin = self.margin(tallies, verdict)?;
        let mut attained = |modes: &[Mode]| {
            let lying = |modes: &[Mode]| modes.contains(&Mode::GovPhysical);
            if !goods.has_promised() && lying(modes) == lying(self.modes) {
                return verdict.into();
            }
            let tallies = self.tallies(goods, modes);
            (&self.verdict(&tallies)).into()
        };
        let modes = Modes {
            gov_only: attained(&GOV_ONLY),
            gov_agreement: attained(&GOV_AGREEMENT),
            all_modes: attained(&Mode::ALL),
            unconfirmed,
        };
        let mut curve = self.curve(goods, measure, tallies);
        let thinned = curve.len() > MAX_STEPS;
        if thinned {
            thin(&mut curve);
        }
        Some(Detail {
            class: self.class(verdict, &modes),
            modes,
            margin,
            remedy: self.remedy(goods, measure, tallies, verdict),
            loss: self.loss(goods, measure, tallies),
            held_back: Vec::new(),
            curve,
            air: None,
            thinned,
        })
    }

    /// The least known layer on which the arrivals in time rest; of all, where none is in time.
    pub fn travel(&self, goods: &Goods) -> Travel {
        goods.travel(self.measure(self.modes))
    }

    pub fn measure<'m>(&self, modes: &'m [Mode]) -> Measure<'m> {
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

    /// The arrival with which the binding need is met.
    fn remedy(
        &self,
        goods: &mut Goods,
        measure: Measure,
        tallies: &[Tally],
        verdict: &Verdict,
    ) -> Option<Remedy> {
        let binding = verdict.binding.as_ref()?;
        let need = binding.need.as_ref()?;
        let place = self.needs.iter().position(|row| row.code == need.code)?;
        let at_min = binding.met_at_min.filter(|_| binding.reason != Reason::Stock);
        let code = |arrival: &Arrival| {
            arrival.depot.and_then(|ix| self.reference.depots.get(ix)).map(|row| row.code.clone())
        };
        let mut last: Option<Arrival> = None;
        for at in 0.. {
            let until = at_min.zip(goods.nth(at)).filter(|(until, row)| row.minutes <= *until);
            let Some((until, row)) = until else { break };
            let brings = || row.amounts.iter().any(|amount| amount.need == place);
            let met = row.minutes == until && measure.counts(row) && brings();
            if met && last.as_ref().is_none_or(|known| code(row) < code(known)) {
                last = Some(*row);
            }
        }
        Some(Remedy {
            depot: last.and_then(|arrival| arrival.depot),
            at_min,
            travel: last.map(|arrival| arrival.travel),
            hold: last.and_then(|arrival| arrival.hold),
            short_ever: tallies.get(place).map_or(0, Tally::short_ever),
        })
    }

    /// The loss of the depot without which the least-served need is served least. Of a need only
    /// the depot that gives most can be that one.
    fn loss(&self, goods: &mut Goods, measure: Measure, tallies: &[Tally]) -> Option<Loss> {
        let givers = goods.givers(measure);
        let code = |giver: &Giver| self.reference.depots.get(giver.depot).map(|row| &row.code);
        let left = |(place, (giver, tally)): (usize, (&Option<Giver>, &Tally))| {
            let giver = giver.as_ref().filter(|_| tally.is_mandatory())?;
            let (required, _) = *self.asked.get(place)?;
            let left = Ratio::of((tally.reachable() - giver.units) * 1_000, required)?;
            Some((left, code(giver), place, *giver))
        };
        let found = givers.iter().zip(tallies).enumerate().filter_map(left);
        let (.., place, giver) =
            found.min_by_key(|(left, code, place, _)| (*left, *code, *place))?;
        let tallies = tally(self.asked, goods, measure, Some(giver));
        Some(Loss {
            depot: giver.depot,
            need: Arc::clone(self.needs.get(place)?),
            gave: narrow(giver.units),
            left: (&self.verdict(&tallies)).into(),
        })
    }

    /// The steps, until nothing that comes later covers more.
    fn curve(&self, goods: &mut Goods, measure: Measure, tallies: &[Tally]) -> Vec<Step> {
        let mandatory = tallies.iter().filter(|tally| tally.is_mandatory());
        let last = mandatory.map(Tally::last).min().unwrap_or(Ratio::ZERO);
        let asked = self.asked.iter().enumerate();
        let mandatory: Vec<(usize, i128)> = asked
            .filter(|(_, (required, mandatory))| *mandatory && *required > 0)
            .map(|(need, (required, _))| (need, *required))
            .collect();
        let mut sums = vec![0_i128; self.asked.len()];
        let mut steps: Vec<Step> = Vec::with_capacity(USUAL_STEPS);
        let mut travel = Travel::Measured;
        let mut shown = Ratio::ZERO;
        // The need served least, and whether more of it has come since that was found out.
        let (mut worst, mut moved) = (None, true);
        let mut at = 0;
        while shown < last {
            let Some(arrival) = goods.nth(at) else { break };
            at += 1;
            let at_min = arrival.minutes;
            if measure.counts(arrival) {
                travel = travel.max(arrival.travel);
                for amount in arrival.amounts {
                    if let Some(sum) = sums.get_mut(amount.need) {
                        *sum += arrival.units(amount);
                    }
                    moved |= worst == Some(amount.need);
                }
            }
            if goods.nth(at).is_some_and(|next| next.minutes == at_min) {
                continue;
            }
            if !std::mem::take(&mut moved) {
                travel = Travel::Measured;
                continue;
            }
            let Some((need, served, required)) = least(&mandatory, &sums) else { break };
            worst = Some(need);
            let coverage = Ratio::capped(served, required);
            let covered = i128::from(self.persons).saturating_mul(served).div_euclid(required);
            if coverage > shown {
                steps.push(Step { at_min, travel, coverage, persons_covered: narrow(covered) });
                shown = coverage;
            }
            travel = Travel::Measured;
        }
        steps
    }
}

/// Of needs with what is required of them, the one served least of all, what is served of it, and
/// what is required.
fn least(needs: &[(usize, i128)], sums: &[i128]) -> Option<(usize, i128, i128)> {
    let mut found: Option<(usize, i128, i128)> = None;
    for (need, required) in needs {
        let served = (sums.get(*need)? * 1_000).min(*required);
        let less = |(_, other, of_other): (usize, i128, i128)| {
            product(served, of_other) < product(other, *required)
        };
        if found.is_none_or(less) {
            found = Some((*need, served, *required));
        }
    }
    found
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
