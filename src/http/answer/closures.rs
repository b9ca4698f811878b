//! Closures of the register in answers: whether they are applied, and which were.
//!
//! Lives here: the parameter `closures`, the shape of a closure that an answer reckons with, and
//! which of them a way waits for.
//! Does not live here: what it costs a delivery (`domain::travel`). Invariant: a closure of a place
//! out of the caller's region is counted and not named.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::calendar::Instant;
use crate::domain::catalogue::Code;
use crate::domain::closure::RoadClosure;
use crate::domain::reference::InForce;
use crate::domain::water::WaterLeg;
use crate::service::closures as service;

use super::super::access::Caller;
use super::super::extract;
use super::super::forms::REGISTER_USES;
use super::super::problem::Problem;

/// A closure of the register that the answer reckons with.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppliedClosure {
    code: String,
    /// `area`, `pair` or `roads`.
    kind: String,
    region: String,
    region_name: Option<String>,
    /// Of a pair.
    depot: Option<String>,
    /// Stretches, by code.
    roads: Vec<String>,
    cause: String,
    closed_at: String,
    /// Minutes until it opens, from the instant asked about; `null` where nobody knows, as its
    /// expected time has passed.
    opens_min: Option<u32>,
}

/// The closures of the register that an answer reckons with.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppliedClosures {
    closures: Vec<AppliedClosure>,
    /// Others, of places out of the caller's region.
    closures_withheld: usize,
}

/// Whether an answer reckons with the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterUse {
    Applied,
    Ignored,
}

impl RegisterUse {
    /// Reads the parameter `closures`; it is applied by default.
    ///
    /// # Errors
    /// 400 for another word than `apply` and `ignore`.
    pub fn read(given: Option<&str>) -> Result<Self, Problem> {
        let [_, ignore] = REGISTER_USES;
        let used = extract::word("closures", given, &REGISTER_USES, |word| word)?;
        Ok(if used == Some(ignore) { Self::Ignored } else { Self::Applied })
    }

    /// The closures in force at an instant.
    pub fn in_force<P>(self, caller: &Caller<P>, at: Instant) -> Vec<InForce> {
        match self {
            Self::Applied => service::in_force(&caller.position.reference, at),
            Self::Ignored => Vec::new(),
        }
    }
}

impl AppliedClosures {
    /// As the caller may see them.
    pub fn of<P>(caller: &Caller<P>, found: &[InForce]) -> Self {
        let (mut closures, mut closures_withheld) = (Vec::new(), 0);
        for one in found {
            if sees(caller, &one.closure) {
                closures.push(applied(caller, one));
            } else {
                closures_withheld += 1;
            }
        }
        Self { closures, closures_withheld }
    }
}

/// What goods wait for: of the closures on their way the last to open.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaitsFor {
    /// Its code, where it is of the register; `null` where it lies out of the caller's region.
    closure: Option<String>,
    /// Its place among the closures that the question or the event itself names, from 0.
    closed: Option<usize>,
    /// Minutes from the start until it opens, rounded up; `null` where nobody knows or it stays
    /// closed, and where the closure is not named.
    opens_min: Option<u32>,
}

/// The closures of an answer by their numbers: those that the question names, then the register's.
pub struct Numbered<'a, P> {
    pub caller: &'a Caller<P>,
    /// When each that the question names opens.
    pub given: &'a [Option<u32>],
    pub in_force: &'a [InForce],
    /// Minutes from the start to the instant at which those of the register were looked at.
    pub elapsed_min: u32,
}

impl<P> Numbered<'_, P> {
    /// The closure of a number, as the caller may see it.
    pub fn waits_for(&self, number: u32) -> WaitsFor {
        let hidden = WaitsFor { closure: None, closed: None, opens_min: None };
        let Ok(place) = usize::try_from(number) else { return hidden };
        if let Some(opens_min) = self.given.get(place) {
            return WaitsFor { closed: Some(place), opens_min: *opens_min, ..hidden };
        }
        let found = self.in_force.get(place.saturating_sub(self.given.len()));
        match found.filter(|one| sees(self.caller, &one.closure)) {
            None => hidden,
            Some(one) => WaitsFor {
                closure: Some(one.closure.code.to_string()),
                opens_min: one.opens_min.map(|at| at.saturating_add(self.elapsed_min)),
                ..hidden
            },
        }
    }

    /// The water leg of a number, where the caller sees what lies across.
    pub fn leg(&self, number: u32) -> Option<&WaterLeg> {
        let reference = &self.caller.position.reference;
        let leg = reference.water_legs.get(number)?;
        let sees = self.caller.principal.sees_code(&reference.regions, leg.region);
        sees.then(|| leg.as_ref())
    }

    /// The same in two cells: its code, and minutes until it opens.
    pub fn cells(&self, number: u32) -> (Option<String>, Option<u32>) {
        let found = self.waits_for(number);
        (found.closure, found.opens_min)
    }
}

fn sees<P>(caller: &Caller<P>, closure: &RoadClosure) -> bool {
    let reference = &caller.position.reference;
    let sees = |region| caller.principal.sees_code(&reference.regions, region);
    let depot = closure.depot().and_then(|depot| reference.depots.by_code(depot.as_str()));
    sees(closure.region) && depot.is_none_or(|depot| sees(depot.region))
}

fn applied<P>(caller: &Caller<P>, one: &InForce) -> AppliedClosure {
    let closure = &one.closure;
    let region = caller.position.reference.regions.by_code(closure.region);
    AppliedClosure {
        code: closure.code.to_string(),
        kind: closure.kind().as_str().to_string(),
        region: closure.region.to_string(),
        region_name: region.map(|region| region.name.clone()),
        depot: closure.depot().map(Code::to_string),
        roads: closure.roads().iter().map(Code::to_string).collect(),
        cause: closure.cause.as_str().to_string(),
        closed_at: closure.closed_at.rfc3339(),
        opens_min: one.opens_min,
    }
}
