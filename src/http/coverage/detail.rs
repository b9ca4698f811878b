//! The detail of a row of coverage: class, three totals, margin, loss of a depot, remedy, curve.
//!
//! Lives here: its shapes, and the facts that its sentences tell. Does not live here: the figures
//! (`domain::coverage`). Invariant: a depot out of the caller's scope is counted and not named.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::coverage::{
    Air, Attained, Detail, HeldBack, Loss, Margin, Modes, Remedy, Row, Step, Travel,
};
use crate::domain::depot::Depot;
use crate::domain::helibase::Helibase;

use super::super::answer::closures::{Numbered, WaitsFor};
use super::super::answer::number;
use super::super::words::{Language, Struck, struck};

/// What some of the goods cover.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttainedBody {
    coverage: Option<f64>,
    persons_covered: Option<i64>,
    compliant: Option<bool>,
    full_at_min: Option<i64>,
}

impl From<&Attained> for AttainedBody {
    fn from(attained: &Attained) -> Self {
        Self {
            coverage: attained.coverage.map(number),
            persons_covered: attained.persons_covered,
            compliant: attained.compliant,
            full_at_min: attained.full_at_min,
        }
    }
}

/// Government stock alone, with agreements, with all modes. A coverage that is `null` is unknown.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModesBody {
    gov_only: AttainedBody,
    gov_agreement: AttainedBody,
    all_modes: AttainedBody,
    /// Promises in no total, as nobody has confirmed them lately or knows where they lie.
    unconfirmed: usize,
}

impl From<&Modes> for ModesBody {
    fn from(modes: &Modes) -> Self {
        Self {
            gov_only: (&modes.gov_only).into(),
            gov_agreement: (&modes.gov_agreement).into(),
            all_modes: (&modes.all_modes).into(),
            unconfirmed: modes.unconfirmed,
        }
    }
}

/// How much is there beyond what is asked, or missing from it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarginBody {
    /// The mandatory need with the least.
    need: String,
    need_name: String,
    /// What is reachable in time over what is required, cut down; more than 1 is to spare.
    times: f64,
    /// From the last need met to the time limit, negative where it is missed; `null` is never met.
    minutes: Option<i64>,
}

fn margin(margin: &Margin, language: Language) -> MarginBody {
    MarginBody {
        need: margin.need.code.to_string(),
        need_name: language.pick(&margin.need.name, &margin.need.name_en).clone(),
        times: number(margin.times),
        minutes: margin.minutes,
    }
}

/// The area without the one depot whose loss costs it most.
#[derive(Debug, Serialize, ToSchema)]
pub struct DepotLossBody {
    /// `null` where it lies out of the caller's scope.
    depot: Option<String>,
    depot_name: Option<String>,
    /// The need that would be served least.
    need: String,
    need_name: String,
    unit: String,
    /// What the depot gives of it in time.
    gave: i64,
    coverage: Option<f64>,
    persons_covered: Option<i64>,
    compliant: Option<bool>,
    full_at_min: Option<i64>,
}

fn loss(loss: &Loss, depot: Option<&Depot>, language: Language) -> DepotLossBody {
    DepotLossBody {
        depot: depot.map(|depot| depot.code.to_string()),
        depot_name: depot.map(|depot| depot.name.clone()),
        need: loss.need.code.to_string(),
        need_name: language.pick(&loss.need.name, &loss.need.name_en).clone(),
        unit: language.pick(loss.need.unit.as_str(), loss.need.unit_en()).to_string(),
        gave: loss.gave,
        coverage: loss.left.coverage.map(number),
        persons_covered: loss.left.persons_covered,
        compliant: loss.left.compliant,
        full_at_min: loss.left.full_at_min,
    }
}

/// What would close the shortfall of the binding need.
#[derive(Debug, Serialize, ToSchema)]
pub struct AreaRemedyBody {
    /// The depot with whose goods the need is met; `null` where none does, or out of scope.
    depot: Option<String>,
    depot_name: Option<String>,
    /// Minutes until the need is met so.
    at_min: Option<i64>,
    /// On what that time rests: `measured`, `road`, `water` or `estimated`.
    travel: Option<&'static str>,
    /// The closure that those goods wait for.
    waits_for: Option<WaitsFor>,
    /// What waiting does not bring, in the need's unit.
    short_ever: i64,
}

fn remedy<P>(remedy: &Remedy, depot: Option<&Depot>, closures: &Numbered<P>) -> AreaRemedyBody {
    AreaRemedyBody {
        depot: depot.map(|depot| depot.code.to_string()),
        depot_name: depot.map(|depot| depot.name.clone()),
        at_min: remedy.at_min,
        travel: remedy.travel.map(Travel::as_str),
        waits_for: remedy.hold.map(|hold| closures.waits_for(hold.number)),
        short_ever: remedy.short_ever,
    }
}

/// What a helicopter base could lift if the area were cut off. It is no stock and covers nobody.
#[derive(Debug, Serialize, ToSchema)]
pub struct AirBody {
    /// `null` where it lies out of the caller's scope.
    base: Option<String>,
    base_name: Option<String>,
    /// From the base, as the crow flies.
    distance_m: i64,
    within_radius: bool,
    /// Minutes until the first machine could land.
    first_min: Option<i64>,
    /// Flights of each machine in time.
    sorties: i64,
    /// What all machines carry in time.
    capacity_kg: i64,
    /// What one person needs of the mandatory needs that the area itself does not meet, of the
    /// lightest goods.
    grams_per_person: Option<i64>,
    /// People whom that serves, by weight; `null` where nobody knows what goods weigh.
    persons: Option<i64>,
}

fn air(air: &Air, base: Option<&Helibase>) -> AirBody {
    AirBody {
        base: base.map(|base| base.code.to_string()),
        base_name: base.map(|base| base.name.clone()),
        distance_m: i64::from(air.lift.cm) / 100,
        within_radius: air.lift.within_radius,
        first_min: air.lift.first_min,
        sorties: air.lift.sorties,
        capacity_kg: air.lift.capacity_kg,
        grams_per_person: air.grams_per_person,
        persons: air.persons,
    }
}

/// What one closure keeps of the binding need from being there in time.
#[derive(Debug, Serialize, ToSchema)]
pub struct AreaHeldBack {
    #[serde(flatten)]
    waits_for: WaitsFor,
    depots: usize,
    /// What would be there in time on open roads, in the need's unit.
    units: i64,
}

fn held_back<P>(row: &HeldBack, closures: &Numbered<P>) -> AreaHeldBack {
    AreaHeldBack {
        waits_for: closures.waits_for(row.hold.number),
        depots: row.depots,
        units: row.units,
    }
}

/// From this minute on, so much is covered.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepBody {
    at_min: i64,
    /// `measured`, `road`, `water` or `estimated`.
    travel: &'static str,
    coverage: f64,
    persons_covered: i64,
}

impl From<&Step> for StepBody {
    fn from(step: &Step) -> Self {
        let (at_min, persons_covered) = (step.at_min, step.persons_covered);
        let travel = step.travel.as_str();
        Self { at_min, travel, coverage: number(step.coverage), persons_covered }
    }
}

/// All that is told of an area where `detail` asks for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DetailBody {
    /// `self_sufficient`, `with_upper`, `with_agreement` or `not_covered`.
    class: &'static str,
    modes: ModesBody,
    margin: MarginBody,
    /// `null` where no depot gives anything in time.
    loss: Option<DepotLossBody>,
    /// `null` where everything is covered.
    remedy: Option<AreaRemedyBody>,
    /// What closures keep of the binding need from being there in time; most first.
    held_back: Vec<AreaHeldBack>,
    /// The base that could lift most in time; `null` where there is none.
    air: Option<AirBody>,
    /// Coverage over time, until all is covered or nothing more comes.
    curve: Vec<StepBody>,
    /// Whether steps of less than 1/200 were left out of the curve.
    curve_thinned: bool,
    /// The same in words.
    sentences: Vec<String>,
}

/// The detail of a row, by the closures that the answer reckons with.
pub fn body<P>(
    closures: &Numbered<P>,
    row: &Row,
    detail: &Detail,
    language: Language,
) -> DetailBody {
    let caller = closures.caller;
    let reference = &caller.position.reference;
    let named = |ix: u32| {
        let seen = reference
            .depot_region(ix)
            .is_some_and(|region| caller.principal.sees(&reference.regions, region));
        reference.depots.get(ix).filter(|_| seen).map(AsRef::as_ref)
    };
    let lost = detail.loss.as_ref().and_then(|loss| named(loss.depot));
    let closing = detail.remedy.and_then(|remedy| remedy.depot).and_then(named);
    let flown = detail.air.as_ref().map(|air| &*air.base).filter(|base| {
        let region = reference.regions.find(base.region);
        region.is_some_and(|region| caller.principal.sees(&reference.regions, region))
    });
    DetailBody {
        class: detail.class.as_str(),
        modes: (&detail.modes).into(),
        margin: margin(&detail.margin, language),
        loss: detail.loss.as_ref().map(|found| loss(found, lost, language)),
        remedy: detail.remedy.as_ref().map(|found| remedy(found, closing, closures)),
        held_back: detail.held_back.iter().map(|found| held_back(found, closures)).collect(),
        air: detail.air.as_ref().map(|found| air(found, flown)),
        curve: detail.curve.iter().map(StepBody::from).collect(),
        curve_thinned: detail.thinned,
        sentences: struck(&Struck { row, detail, lost, closing, flown }, language),
    }
}
