//! The detail of a scenario's answer.
//!
//! Lives here: curves, variants and proposals on the wire. Does not live here: how they came about.
//! Invariant: a place out of the caller's region is not named.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::depot::Depot;
use crate::domain::region::Region;
use crate::domain::scenario::{Advice, Detail, Gain, Mark, Step, Variant, Variation};

use super::super::access::{Caller, may};
use super::super::answer::number;
use super::super::words::local;
use super::sentences;

/// What is delivered by some minute.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioMark {
    /// The part of what is asked for, on the mean of the mandatory needs, cut down.
    share: f64,
    /// People all of whose mandatory needs are met.
    persons_covered: i64,
}

/// How deliveries grow with the hours, in units of the needs, before goods are loaded in whole
/// pieces: the last step may differ from the answer's `persons_covered` by what a piece an area is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioStep {
    at_min: u32,
    /// The most that could be delivered by then, whatever comes after.
    potential: ScenarioMark,
    plan: ScenarioMark,
    /// If each depot served the nearest area that still asks.
    nearest_first: ScenarioMark,
}

/// What comes of another circumstance: what the question is answered with where it asks about that.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioVariant {
    /// `speed_percent`, `surviving_percent`, `hours` or `scope`.
    what: String,
    value: String,
    persons_covered: i64,
    /// The least coverage of any area.
    coverage: Option<f64>,
}

/// What goods more at some place bring, by solving again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioGain {
    /// Base units of the item.
    pieces: i64,
    /// More of the need in time, in its unit.
    delivered: i64,
    /// More people for whom this need is met.
    persons_of_need: i64,
    /// More people all of whose mandatory needs are met.
    persons_covered: i64,
}

/// What to buy, or to bring nearer beforehand, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioAdvice {
    /// `buy` or `preposition`.
    what: String,
    need: String,
    item: String,
    item_name: String,
    unit: String,
    /// Where it is to lie; `null` out of the caller's region.
    region: Option<String>,
    region_name: Option<String>,
    /// In which depot, where one is meant.
    depot: Option<String>,
    depot_name: Option<String>,
    /// Whence it is brought nearer.
    from: Option<String>,
    from_name: Option<String>,
    /// One pack more.
    pack: ScenarioGain,
    /// All that is lacking in the area, or in all areas that the depot reaches; or all that lies
    /// where it is brought from.
    whole: ScenarioGain,
    sentence: String,
}

/// Curves, other circumstances, proposals.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioDetail {
    curve: Vec<ScenarioStep>,
    variants: Vec<ScenarioVariant>,
    advice: Vec<ScenarioAdvice>,
}

impl ScenarioDetail {
    pub(super) fn new(caller: &Caller<may::ReadPlanning>, detail: &Detail) -> Self {
        Self {
            curve: detail.curve.iter().map(step).collect(),
            variants: detail.variants.iter().map(variant).collect(),
            advice: detail.advice.iter().map(|row| advice(caller, row)).collect(),
        }
    }
}

fn mark(mark: Mark) -> ScenarioMark {
    ScenarioMark { share: number(mark.share), persons_covered: mark.persons }
}

fn step(step: &Step) -> ScenarioStep {
    ScenarioStep {
        at_min: step.at_min,
        potential: mark(step.potential),
        plan: mark(step.plan),
        nearest_first: mark(step.nearest_first),
    }
}

fn variant(row: &Variant) -> ScenarioVariant {
    let (what, value) = match row.variation {
        Variation::SpeedPercent(percent) => ("speed_percent", percent.to_string()),
        Variation::SurvivingPercent(percent) => ("surviving_percent", percent.to_string()),
        Variation::Hours(hours) => ("hours", hours.to_string()),
        Variation::Scope(scope) => ("scope", scope.as_str().to_string()),
    };
    ScenarioVariant {
        what: what.to_string(),
        value,
        persons_covered: row.persons,
        coverage: row.lowest.map(number),
    }
}

fn gain(gain: Gain) -> ScenarioGain {
    ScenarioGain {
        pieces: gain.pieces,
        delivered: gain.delivered,
        persons_of_need: gain.persons_of_need,
        persons_covered: gain.persons,
    }
}

fn advice(caller: &Caller<may::ReadPlanning>, row: &Advice) -> ScenarioAdvice {
    let regions = &caller.position.reference.regions;
    let seen = |depot: &&std::sync::Arc<Depot>| caller.principal.sees_code(regions, depot.region);
    let region: Option<&Region> =
        Some(&*row.region).filter(|region| caller.principal.sees_code(regions, region.code));
    let (depot, from) = (row.depot.as_ref().filter(seen), row.from.as_ref().filter(seen));
    let hidden = local("范围外的一处库点", "a depot out of scope");
    let place = match (&row.depot, depot, region) {
        (Some(_), Some(depot), _) => depot.name.clone(),
        (None, _, Some(region)) => region.name.clone(),
        _ => hidden.clone(),
    };
    let source = from.map_or(hidden, |depot| depot.name.clone());
    ScenarioAdvice {
        what: row.remedy.as_str().to_string(),
        need: row.need.code.to_string(),
        item: row.item.code.to_string(),
        item_name: local(&row.item.name, &row.item.name_en),
        unit: local(&row.item.unit, row.item.unit_en()),
        region: region.map(|region| region.code.to_string()),
        region_name: region.map(|region| region.name.clone()),
        depot: depot.map(|depot| depot.code.to_string()),
        depot_name: depot.map(|depot| depot.name.clone()),
        from: from.map(|depot| depot.code.to_string()),
        from_name: from.map(|depot| depot.name.clone()),
        pack: gain(row.pack),
        whole: gain(row.whole),
        sentence: sentences::advice(row, &place, &source),
    }
}
