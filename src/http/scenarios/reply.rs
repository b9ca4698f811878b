//! What a scenario is answered with.
//!
//! Lives here: rows, names beside codes, and the sentence of each proof. Does not live here: how
//! the figures came about. Invariant: minutes count from the start of the scenario.

use chrono::{DateTime, Duration, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::coverage::Missing;
use crate::domain::depot::Depot;
use crate::domain::scenario::{AreaNeed, AreaRow, Cause, Delivery, Outcome, ShortageRow};

use super::super::access::{Caller, may};
use super::super::answer::number;
use super::super::words::local;
use super::bodies::{IssueBody, issues};
use super::dto::ScenarioRequest;

/// One need of one area.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioArea {
    region: String,
    region_name: String,
    need: String,
    need_name: String,
    unit: String,
    mandatory: bool,
    required: i64,
    /// In whole goods; the last piece may give a little more than was asked.
    delivered: i64,
    /// `delivered / required`, at most one, cut down.
    ratio: f64,
    /// Why it is less than one: `stock`, `time` or `road`.
    cause: Option<String>,
    /// When the last of it is in people's hands; `null` where it is never enough.
    complete_at_min: Option<u32>,
}

/// One area, all its needs together.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioSummary {
    region: String,
    region_name: String,
    tier: String,
    displaced: i64,
    priority: u32,
    hours: u32,
    /// The least ratio of the mandatory needs; `null` is unknown.
    coverage: Option<f64>,
    persons_covered: Option<i64>,
    /// Where unknown: `profile`, `location` or `needs`.
    missing: Option<String>,
    /// The mandatory need with the least ratio.
    binding_need: Option<String>,
    cause: Option<String>,
}

/// Goods from a depot to an area.
#[derive(Debug, Serialize, ToSchema)]
pub struct Allocation {
    /// `null` where the depot lies out of the caller's region.
    depot: Option<String>,
    depot_name: Option<String>,
    /// The tier of the region whose organization owns the goods.
    owner_tier: String,
    /// The organization, where the depot is named.
    owner: Option<String>,
    owner_name: Option<String>,
    item: String,
    item_name: String,
    need: String,
    region: String,
    region_name: String,
    /// Base units of the item.
    quantity: i64,
    unit: String,
    /// Minutes from the start until they are in people's hands.
    arrives_min: u32,
    #[schema(format = DateTime)]
    arrives_at: Option<String>,
    weight_kg: i64,
    travel: String,
    inherited_location: bool,
}

/// A proof: these regions ask for `required`, all depots that can reach any of them in time hold
/// `reachable`; no allocation does better.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioShortage {
    need: String,
    need_name: String,
    unit: String,
    regions: Vec<String>,
    depots: Vec<String>,
    /// Depots among them that lie out of the caller's region.
    depots_withheld: usize,
    required: i64,
    reachable: i64,
    short: i64,
    /// The proof as a sentence.
    sentence: String,
}

/// The answer to a scenario.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioAnswer {
    name: String,
    exercise: bool,
    started_at: Option<String>,
    /// People displaced in all areas.
    displaced: i64,
    /// People of all areas whose mandatory needs are met in time; areas that cannot be judged are
    /// counted apart.
    persons_covered: i64,
    unknown_areas: usize,
    /// One row an area.
    summary: Vec<ScenarioSummary>,
    /// One row an area and need.
    areas: Vec<ScenarioArea>,
    allocations: Vec<Allocation>,
    /// Bodies ready to post, where asked for: one `issue` a depot and area.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    movements: Vec<IssueBody>,
    shortages: Vec<ScenarioShortage>,
    #[schema(minimum = 0)]
    ledger_seq: i64,
    #[schema(minimum = 0)]
    reference_rev: i64,
    as_of: String,
    stale_since: Option<String>,
}

impl ScenarioAnswer {
    pub(super) fn new(
        caller: &Caller<may::ReadPlanning>,
        told: ScenarioRequest,
        on: NaiveDate,
        outcome: &Outcome,
    ) -> Self {
        let head = caller.position.head;
        let begun = told.started_at.as_deref().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        let regions = &caller.position.reference.regions;
        let names = |depot: &Depot| caller.principal.sees_code(regions, depot.region);
        let deliveries = outcome.deliveries.iter();
        let rows = outcome.areas.iter();
        let areas = rows.clone().flat_map(|row| row.needs.iter().map(|need| area(row, need)));
        Self {
            exercise: told.exercise,
            started_at: told.started_at,
            displaced: rows.clone().map(|row| row.struck.displaced).sum(),
            persons_covered: rows.clone().filter_map(|row| row.persons_covered).sum(),
            unknown_areas: rows.clone().filter(|row| row.missing.is_some()).count(),
            areas: areas.collect(),
            summary: rows.map(summary).collect(),
            allocations: deliveries.map(|row| allocation(row, begun, &names)).collect(),
            movements: if told.as_movements { issues(&told.name, outcome, &names) } else { vec![] },
            shortages: outcome.shortages.iter().map(|row| shortage(row, &names)).collect(),
            name: told.name,
            ledger_seq: head.seq,
            reference_rev: head.reference_rev,
            as_of: on.to_string(),
            stale_since: caller.stale_since.map(|at| at.rfc3339()),
        }
    }
}

fn area(row: &AreaRow, one: &AreaNeed) -> ScenarioArea {
    ScenarioArea {
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        need: one.need.code.to_string(),
        need_name: local(&one.need.name, &one.need.name_en),
        unit: one.need.unit.clone(),
        mandatory: one.need.mandatory,
        required: one.required,
        delivered: one.delivered,
        ratio: number(one.ratio),
        cause: one.cause.map(|cause| cause.as_str().to_string()),
        complete_at_min: one.complete_at_min,
    }
}

fn summary(row: &AreaRow) -> ScenarioSummary {
    let worst = row.worst().filter(|worst| worst.delivered < worst.required);
    ScenarioSummary {
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        tier: row.region.tier.as_str().to_string(),
        displaced: row.struck.displaced,
        priority: row.struck.class,
        hours: row.limit_min / 60,
        coverage: row.coverage.map(number),
        persons_covered: row.persons_covered,
        missing: row.missing.map(Missing::as_str).map(str::to_string),
        binding_need: worst.map(|worst| worst.need.code.to_string()),
        cause: worst.and_then(|worst| worst.cause).map(Cause::as_str).map(str::to_string),
    }
}

fn allocation(
    row: &Delivery,
    begun: Option<DateTime<chrono::FixedOffset>>,
    names: &impl Fn(&Depot) -> bool,
) -> Allocation {
    let named = names(&row.depot);
    let arrives = begun.map(|begun| begun + Duration::minutes(i64::from(row.arrives_min)));
    Allocation {
        depot: named.then(|| row.depot.code.to_string()),
        depot_name: named.then(|| row.depot.name.clone()),
        owner_tier: row.owner_region.tier.as_str().to_string(),
        owner: named.then(|| row.owner.code.to_string()),
        owner_name: named.then(|| row.owner.name.clone()),
        item: row.item.code.to_string(),
        item_name: local(&row.item.name, &row.item.name_en),
        need: row.need.code.to_string(),
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        quantity: row.quantity,
        unit: row.item.unit.clone(),
        arrives_min: row.arrives_min,
        arrives_at: arrives.map(|at| at.to_rfc3339()),
        weight_kg: row.weight_g.div_euclid(1_000),
        travel: "estimated".to_string(),
        inherited_location: row.inherited,
    }
}

fn shortage(row: &ShortageRow, names: &impl Fn(&Depot) -> bool) -> ScenarioShortage {
    let places: Vec<&str> = row.regions.iter().map(|region| region.name.as_str()).collect();
    let seen = row.depots.iter().filter(|depot| names(depot));
    let named: Vec<String> = seen.map(|depot| depot.code.to_string()).collect();
    let ShortageRow { required, reachable, short, .. } = row;
    let (unit, depots) = (&row.need.unit, row.depots.len());
    let zh = format!(
        "{}共需{}{required}{unit},能按时到达的{depots}个库点共有{reachable}{unit},\
         无论如何调配都缺{short}{unit}。",
        places.join("、"),
        row.need.name,
    );
    let en = format!(
        "{} need {required} {unit} of {}; the {depots} depots that can reach any of them in time \
         hold {reachable}; whatever is sent where, {short} are lacking.",
        places.join(", "),
        row.need.name_en,
    );
    ScenarioShortage {
        need: row.need.code.to_string(),
        need_name: local(&row.need.name, &row.need.name_en),
        unit: unit.clone(),
        regions: row.regions.iter().map(|region| region.code.to_string()).collect(),
        depots_withheld: row.depots.len() - named.len(),
        depots: named,
        required: *required,
        reachable: *reachable,
        short: *short,
        sentence: local(&zh, &en),
    }
}
