//! The curve: how an area's coverage rises from minute to minute.
//!
//! Lives here: its steps, and which of too many are left out. Does not live here: the order in
//! which goods come (`goods`). Invariant: the curve at the time limit is the coverage of the
//! verdict.

use crate::domain::quantity::{Ratio, narrow, product};
use crate::domain::travel::Travel;

use super::case::Case;
use super::detail::Step;
use super::goods::Goods;
use super::tally::Tally;

/// The most steps of a curve; of a longer one, small steps are left out.
pub const MAX_STEPS: usize = 200;
/// How many steps room is made for at once.
const USUAL_STEPS: usize = 48;
/// The least rise between two steps of a curve that is too long: 1/200.
const LEAST_RISE: i64 = Ratio::ONE.0 / 200;

impl Case<'_> {
    /// The curve, and whether small steps were left out of it.
    pub fn curve(&self, goods: &mut Goods, tallies: &[Tally]) -> (Vec<Step>, bool) {
        let mut curve = self.steps(goods, tallies);
        let thinned = curve.len() > MAX_STEPS;
        if thinned {
            thin(&mut curve);
        }
        (curve, thinned)
    }

    /// The steps, until nothing that comes later covers more.
    fn steps(&self, goods: &mut Goods, tallies: &[Tally]) -> Vec<Step> {
        let measure = self.measure();
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
pub fn thin(curve: &mut Vec<Step>) {
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
