//! The detail of one area's row: class, the three totals, margin, loss, remedy, curve.
//!
//! Lives here: plain values and their words. Does not live here: how they come about (`case`,
//! `curve`, `held`, `air`). Invariant: a figure that is not known is `None`.

use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::quantity::Ratio;
use crate::domain::travel::{Hold, Travel};

use super::air::Air;
use super::held::HeldBack;
use super::verdict::Attained;

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
    /// What the depot gives of it in time, in the need's unit.
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
    /// What must be bought of the binding need, in its unit, as waiting does not bring it.
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

#[cfg(test)]
#[path = "detail_tests.rs"]
mod tests;
