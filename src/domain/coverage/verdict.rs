//! The verdict: what the tallies of one area come to.
//!
//! Lives here: coverage, the people covered, whether the city's share is attained, and what binds.
//! Does not live here: what comes in for each need (`tally`). Invariant: coverage is the least over
//! the mandatory needs, never an average; what is not known is no figure.

use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::quantity::{Ratio, narrow};

use super::answer::{Binding, Layers, Missing, NeedRow, Reason};
use super::eligibility::Layer;
use super::tally::{Tally, worst};

/// What some of the arrivals cover; no figure where something is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attained {
    pub coverage: Option<Ratio>,
    pub persons_covered: Option<i64>,
    pub compliant: Option<bool>,
    pub full_at_min: Option<i64>,
}

impl Attained {
    /// What the tallies of an area's needs come to, for so many people.
    pub fn of(persons: i64, attainment_permille: u32, all: &[Tally]) -> Self {
        let Some(worst) = worst(all).and_then(|at| all.get(at)) else {
            return Self::nothing_asked(persons);
        };
        let mandatory = all.iter().filter(|tally| tally.is_mandatory());
        Self {
            coverage: Some(worst.coverage()),
            persons_covered: Some(worst.serves(persons)),
            compliant: Some(worst.attains(attainment_permille)),
            full_at_min: mandatory
                .map(Tally::met_at_min)
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

/// What the tallies of an area say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub attained: Attained,
    /// `None` where everything is covered.
    pub binding: Option<Binding>,
    pub layers: Layers,
    pub needs: Vec<NeedRow>,
}

impl Verdict {
    /// The verdict where something is not known: no figure at all rather than a zero.
    pub fn unknown(missing: Missing) -> Self {
        Self {
            attained: Attained::default(),
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
        let rows = needs.iter().zip(all).filter(|(_, tally)| tally.applies());
        let shown = rows.map(|(need, tally)| need_row(need, tally)).collect();
        let worst = worst(all).and_then(|at| needs.get(at).zip(all.get(at)));
        let Some((need, worst)) = worst else {
            return Self { needs: shown, ..Self::nothing_asked(persons) };
        };
        let least = |units: fn(&Tally) -> i128| {
            let mandatory = all.iter().filter(|tally| tally.is_mandatory());
            mandatory.map(|tally| tally.ratio(units(tally))).min()
        };
        Self {
            attained: Attained::of(persons, attainment_permille, all),
            binding: (!worst.is_met()).then(|| binding(need, worst)),
            layers: Layers {
                own: least(|tally| tally.up_to(Layer::Own)),
                county: least(|tally| tally.up_to(Layer::County)),
                city: least(|tally| tally.up_to(Layer::City)),
                province: least(|tally| tally.up_to(Layer::Province)),
                isolated: least(|tally| tally.sums().isolated),
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
        Self {
            attained: Attained::nothing_asked(persons),
            binding: None,
            layers: Layers { own: one, county: one, city: one, province: one, isolated: one },
            needs: Vec::new(),
        }
    }
}

fn need_row(need: &Arc<Need>, tally: &Tally) -> NeedRow {
    NeedRow {
        need: Arc::clone(need),
        required: narrow(tally.threshold()),
        reachable: narrow(tally.reachable()),
        coverage: tally.coverage(),
        isolated: narrow(tally.sums().isolated),
        met_at_min: tally.met_at_min(),
    }
}

fn binding(need: &Arc<Need>, tally: &Tally) -> Binding {
    let met_at_min = tally.met_at_min();
    Binding {
        need: Some(Arc::clone(need)),
        reason: if met_at_min.is_none() { Reason::Stock } else { Reason::Time },
        missing: None,
        short: Some(tally.short()),
        met_at_min,
    }
}
