//! What a scenario is answered with.
//!
//! Lives here: rows, names beside codes, and the sentence of each proof. Does not live here: how
//! the figures came about. Invariant: minutes count from the start of the scenario.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::coverage::{Layer, Missing};
use crate::domain::depot::Depot;
use crate::domain::scenario::{AreaNeed, AreaRow, Delivery, Escalation, Outcome, ShortageRow};

use super::super::access::{Caller, may};
use super::super::answer::number;
use super::super::words::local;
use super::bodies::{ScenarioOrder, issues, orders};
use super::detail::ScenarioDetail;
use super::dto::ScenarioRequest;
use super::sentences;

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
    /// What it would get with every road open, where it is short and a road is closed.
    delivered_on_open_roads: Option<i64>,
    /// What it would get without a time limit, where it is short.
    delivered_whenever: Option<i64>,
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
    escalation: ScenarioEscalation,
}

/// Up to which level goods must be called for; a level counts with those below it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioEscalation {
    /// The lowest of `own`, `county`, `city` and `province` with which the area gets all that it
    /// gets; `null` where it gets nothing.
    level: Option<String>,
    /// Coverage with goods of owners at or below the area.
    own: Option<f64>,
    county: Option<f64>,
    city: Option<f64>,
    /// `null` where the scope leaves goods owned above the city off.
    province: Option<f64>,
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
    /// Minutes from the start until they leave the depot.
    leaves_min: u32,
    #[schema(format = DateTime)]
    leaves_at: Option<String>,
    /// Minutes from the start until they are in people's hands.
    arrives_min: u32,
    #[schema(format = DateTime)]
    arrives_at: Option<String>,
    weight_kg: i64,
    /// The same in tonnes, rounded up to the kilogram.
    tonnes: f64,
    /// Rounded up to the litre.
    volume_m3: f64,
    /// On what the time rests: `measured`, `road` or `estimated`.
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
    /// What each of them holds, in the unit of the need.
    holdings: Vec<i64>,
    /// Depots among them that lie out of the caller's region.
    depots_withheld: usize,
    /// What those hold together.
    holdings_withheld: i64,
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
    /// How many are covered, who is covered least and why.
    headline: String,
    /// One row an area.
    summary: Vec<ScenarioSummary>,
    /// One row an area and need.
    areas: Vec<ScenarioArea>,
    allocations: Vec<Allocation>,
    /// Bodies ready to post, where asked for: one `issue` a depot and area.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    movements: Vec<ScenarioOrder>,
    /// Bodies ready to post in this order, where asked for: a `relocate` into the area and an
    /// `issue` there for each depot and area, or the `issue` alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    orders: Vec<ScenarioOrder>,
    /// Where asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<ScenarioDetail>,
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
            orders: if told.orders { orders(&told.name, outcome, &names) } else { vec![] },
            detail: outcome.detail.as_ref().map(|row| ScenarioDetail::new(caller, row)),
            headline: sentences::headline(outcome),
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
        cause: one.relief.map(|relief| relief.cause.as_str().to_string()),
        delivered_on_open_roads: one.relief.and_then(|relief| relief.on_open_roads),
        delivered_whenever: one.relief.map(|relief| relief.whenever),
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
        cause: worst.and_then(|one| one.relief).map(|relief| relief.cause.as_str().to_string()),
        escalation: escalation(&row.escalation),
    }
}

fn escalation(row: &Escalation) -> ScenarioEscalation {
    let [own, county, city, province] = row.coverage.map(|ratio| ratio.map(number));
    let level = row.level.map(|level| match level {
        Layer::Own => "own",
        Layer::County => "county",
        Layer::City => "city",
        Layer::Province => "province",
    });
    ScenarioEscalation { level: level.map(str::to_string), own, county, city, province }
}

fn allocation(
    row: &Delivery,
    begun: Option<DateTime<chrono::FixedOffset>>,
    names: &impl Fn(&Depot) -> bool,
) -> Allocation {
    let named = names(&row.depot);
    let at = |minutes: u32| {
        begun.map(|begun| (begun + Duration::minutes(i64::from(minutes))).to_rfc3339())
    };
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
        leaves_min: row.leaves_min,
        leaves_at: at(row.leaves_min),
        arrives_min: row.arrives_min,
        arrives_at: at(row.arrives_min),
        weight_kg: row.weight_g.div_euclid(1_000),
        tonnes: thousandths(row.weight_g),
        volume_m3: thousandths(row.volume_ml),
        travel: row.travel.as_str().to_string(),
        inherited_location: row.inherited,
    }
}

fn shortage(row: &ShortageRow, names: &impl Fn(&Depot) -> bool) -> ScenarioShortage {
    let seen: Vec<&(Arc<Depot>, i64)> =
        row.depots.iter().filter(|(depot, _)| names(depot)).collect();
    let held: i64 = seen.iter().map(|(_, units)| units).sum();
    ScenarioShortage {
        need: row.need.code.to_string(),
        need_name: local(&row.need.name, &row.need.name_en),
        unit: row.need.unit.clone(),
        regions: row.regions.iter().map(|region| region.code.to_string()).collect(),
        depots: seen.iter().map(|(depot, _)| depot.code.to_string()).collect(),
        holdings: seen.iter().map(|(_, units)| *units).collect(),
        depots_withheld: row.depots.len() - seen.len(),
        holdings_withheld: row.reachable - held,
        required: row.required,
        reachable: row.reachable,
        short: row.short,
        sentence: sentences::shortage(row),
    }
}

/// Thousands of a figure, with three places, rounded up.
fn thousandths(figure: i64) -> f64 {
    let whole = figure.saturating_add(999).div_euclid(1_000);
    let text = format!("{}.{:03}", whole.div_euclid(1_000), whole.rem_euclid(1_000));
    text.parse().unwrap_or_default()
}
