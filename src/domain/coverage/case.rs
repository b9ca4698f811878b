//! One area's case: what it asks for, and all that is told of the goods that come to it.
//!
//! Lives here: class, the three totals, the margin, the loss of a depot, the remedy. Does not live
//! here: the goods (`goods`), their tallies and verdict (`tally`, `verdict`), the curve (`curve`).
//! Invariant: every figure follows from the same arrivals as the verdict.

use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::quantity::{Ratio, narrow};
use crate::domain::quota::Mode;
use crate::domain::reference::Reference;
use crate::domain::travel::Travel;

use super::answer::{Missing, Reason};
use super::detail::{Class, Detail, Loss, Margin, Modes, Remedy};
use super::eligibility::Layer;
use super::goods::{Giver, Goods};
use super::tally::{Arrival, Measure, Tally, tally};
use super::trace::Trace;
use super::verdict::Verdict;

const GOV_ONLY: [Mode; 1] = [Mode::GovPhysical];
const GOV_AGREEMENT: [Mode; 2] = [Mode::GovPhysical, Mode::Agreement];

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
    /// What counts towards the area's own target.
    pub fn measure(&self) -> Measure<'_> {
        self.measure_of(self.modes)
    }

    fn measure_of<'m>(&self, modes: &'m [Mode]) -> Measure<'m> {
        Measure { limit_min: self.limit_min, counted: self.counted, modes }
    }

    /// What comes in for each need towards the area's own target.
    pub fn tallies(&self, goods: &mut Goods) -> Vec<Tally> {
        tally(self.asked, goods, self.measure(), None)
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
        let margin = self.margin(tallies, verdict)?;
        let mut attained = |modes: &[Mode]| {
            let lying = |modes: &[Mode]| modes.contains(&Mode::GovPhysical);
            if !goods.has_promised() && lying(modes) == lying(self.modes) {
                return verdict.attained;
            }
            let tallies = tally(self.asked, goods, self.measure_of(modes), None);
            self.verdict(&tallies).attained
        };
        let modes = Modes {
            gov_only: attained(&GOV_ONLY),
            gov_agreement: attained(&GOV_AGREEMENT),
            all_modes: attained(&Mode::ALL),
            unconfirmed,
        };
        let (curve, thinned) = self.curve(goods, tallies);
        Some(Detail {
            class: self.class(verdict, &modes),
            modes,
            margin,
            remedy: self.remedy(goods, tallies, verdict),
            loss: self.loss(goods, tallies),
            held_back: Vec::new(),
            curve,
            air: None,
            thinned,
        })
    }

    /// The least known layer on which the arrivals in time rest; of all, where none is in time.
    pub fn travel(&self, goods: &Goods) -> Travel {
        goods.travel(self.measure())
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
        let minutes = verdict.attained.full_at_min.map(|at| self.limit_min.saturating_sub(at));
        Some(Margin { need: Arc::clone(need), times, minutes })
    }

    /// The arrival with which the binding need is met.
    fn remedy(&self, goods: &mut Goods, tallies: &[Tally], verdict: &Verdict) -> Option<Remedy> {
        let measure = self.measure();
        let binding = verdict.binding.as_ref()?;
        let place = verdict.binding_place(self.needs)?;
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
    fn loss(&self, goods: &mut Goods, tallies: &[Tally]) -> Option<Loss> {
        let givers = goods.givers(self.measure());
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
        let tallies = tally(self.asked, goods, self.measure(), Some(giver));
        Some(Loss {
            depot: giver.depot,
            need: Arc::clone(self.needs.get(place)?),
            gave: narrow(giver.units),
            left: self.verdict(&tallies).attained,
        })
    }
}
