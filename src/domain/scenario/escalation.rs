//! Escalation: up to which level goods must be called for, area by area.
//!
//! Lives here: the same question with goods of the own level only, then also of the county, the
//! city and the province. Does not live here: who may serve whom (`coverage`). Invariant: a level
//! counts with all below it.

use super::super::coverage::Layer;
use super::super::quantity::Ratio;
use super::Scenario;
use super::questions::{Asked, Fraction, Shares, least, shares};
use super::ways::Ways;

/// The levels, lowest first.
const LEVELS: [Layer; 4] = [Layer::Own, Layer::County, Layer::City, Layer::Province];

/// What an area gets with goods up to each level, and which level it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Escalation {
    /// The lowest level with which it gets all that it gets; `None` where it gets nothing.
    pub level: Option<Layer>,
    /// By level; `None` for levels that the scope leaves off.
    pub coverage: [Option<Ratio>; 4],
}

/// The escalation of each area, given what it gets in the end.
pub fn escalation(
    scenario: &Scenario,
    ways: &Ways,
    asked: &[Asked],
    all: &Shares,
) -> Vec<Escalation> {
    let last = scenario.scope.counted();
    let mut found = vec![Escalation::default(); scenario.areas.len()];
    for (place, level) in LEVELS.into_iter().enumerate().filter(|(_, level)| *level <= last) {
        let lower;
        let got = if level == last {
            all
        } else {
            lower = shares(asked, &ways.in_time_up_to(level));
            &lower
        };
        for (at, escalation) in found.iter_mut().enumerate() {
            let parts = least(asked, got, at).zip(least(asked, all, at));
            let Some(((served, required), (most, whole))) = parts else { continue };
            if let Some(coverage) = escalation.coverage.get_mut(place) {
                *coverage = Some(Ratio::capped(served.into(), required.into()));
            }
            let enough = Fraction(served, required) >= Fraction(most, whole);
            if escalation.level.is_none() && most > 0 && enough {
                escalation.level = Some(level);
            }
        }
    }
    found
}
