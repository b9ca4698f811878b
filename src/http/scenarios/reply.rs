//! What a scenario is answered with.
//!
//! Lives here: rows, names beside codes, and the sentence of each proof. Does not live here: how
//! the figures came about. Invariant: minutes count from the start of the scenario.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::catalogue::Code as ShortCode;
use crate::domain::coverage::{Layer, Missing};
use crate::domain::depot::Depot;
use crate::domain::helibase::Helibase;
use crate::domain::reference::InForce;
use crate::domain::scenario::{
    AreaNeed, AreaRow, Cause, Closure, Escalation, Fleets, HeldBack, Outcome, ShortageRow,
};

use super::super::access::{Caller, may};
use super::super::answer::closures::{AppliedClosures, Numbered, WaitsFor};
use super::super::answer::number;
use super::super::words::local;
use super::bodies::{Order, ScenarioOrder, issues, orders};
use super::bound::ScenarioBound;
use super::closing::ScenarioClosure;
use super::deliveries::{Allocation, ScenarioFerry, ScenarioFleet, allocation, ferry, fleet};
use super::detail::ScenarioDetail;
use super::flights::{ScenarioAir, ScenarioFlight, air, flight};
use super::haste::ScenarioPlan;
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
    /// What has been issued for the event, of what is required.
    issued: i64,
    /// In whole goods; the last piece may give a little more than was asked.
    delivered: i64,
    /// `(issued + delivered) / required`, at most one, cut down.
    ratio: f64,
    /// Why it is less than one: `stock`, `time` or `road`; `fleet` where all is there but
    /// trucks, or more of it is.
    cause: Option<String>,
    /// Where `cause` is `road`: what each closure keeps from being there in time; most first.
    held_back: Vec<ScenarioHeldBack>,
    /// What is flown beside `delivered`: in none of the other figures of this row.
    delivered_by_air: i64,
    /// What of `delivered` is in loads that the trucks of their depots do not carry whole; with
    /// `fleet` `bound`, what more would be delivered if trucks were no bound.
    without_truck: i64,
    /// With `fleet` `bound`: what would be delivered if trucks were no bound.
    delivered_without_bound: Option<i64>,
    /// What it would get with every road open, where it is short and a road is closed.
    delivered_on_open_roads: Option<i64>,
    /// What it would get without a time limit, where it is short.
    delivered_whenever: Option<i64>,
    /// When the last of it is in people's hands; `null` where it is never enough.
    complete_at_min: Option<u32>,
}

/// What one closure keeps from being in an area in time.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioHeldBack {
    #[serde(flatten)]
    waits_for: WaitsFor,
    depots: usize,
    /// What lies in those depots, in the need's unit.
    units: i64,
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
    /// Both with what is flown.
    coverage_with_air: Option<f64>,
    persons_with_air: Option<i64>,
    /// With `fleet` `bound`: `coverage` if trucks were no bound.
    coverage_without_bound: Option<f64>,
    persons_without_bound: Option<i64>,
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

/// What is told of a scenario beside what was computed.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub name: String,
    pub exercise: bool,
    pub illustrative: bool,
    pub fleets: Fleets,
    pub started_at: Option<String>,
    pub elapsed_min: u32,
    pub as_movements: bool,
    pub orders: bool,
    /// The stored event that it is.
    pub event: Option<ShortCode>,
    /// Closures that it names itself.
    pub closed: Vec<Closure>,
    /// Closures of the register.
    pub in_force: Vec<InForce>,
}

/// The answer to a scenario.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioAnswer {
    name: String,
    /// The stored event that it is.
    event: Option<String>,
    exercise: bool,
    /// Whether its figures are examples.
    illustrative: bool,
    started_at: Option<String>,
    /// Minutes from the start in which nothing of the plan has left.
    elapsed_min: u32,
    /// `check` or `bound`.
    fleet: String,
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
    /// One row a depot that the caller sees.
    fleets: Vec<ScenarioFleet>,
    /// One row a water leg that the caller sees.
    ferries: Vec<ScenarioFerry>,
    /// What `flights` come to; `null` where nobody lacks what could be flown, or there is no base.
    air: Option<ScenarioAir>,
    /// What helicopters carry on top of the plan to areas that lack mandatory goods because of
    /// roads or time, of what it leaves over; neither `movements` nor `orders` have it.
    flights: Vec<ScenarioFlight>,
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
    /// Closures that the question or the event names.
    closed: Vec<ScenarioClosure>,
    #[serde(flatten)]
    applied: AppliedClosures,
    /// How quick the plan for each need is.
    plans: Vec<ScenarioPlan>,
    /// With `fleet` `bound`: how far trucks keep the plan from what could be delivered.
    bound: Option<ScenarioBound>,
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
        told: Told,
        on: NaiveDate,
        outcome: &Outcome,
    ) -> Self {
        let head = caller.position.head;
        let begun = told.started_at.as_deref().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        let reference = &caller.position.reference;
        let regions = &reference.regions;
        let names = |depot: &Depot| caller.principal.sees_code(regions, depot.region);
        let sees = |base: &Helibase| caller.principal.sees_code(regions, base.region);
        let deliveries = outcome.deliveries.iter();
        let rows = outcome.areas.iter();
        let opens: Vec<Option<u32>> = told.closed.iter().map(|row| row.opens_min).collect();
        let (in_force, elapsed_min) = (told.in_force.as_slice(), told.elapsed_min);
        let closures = &Numbered { caller, given: &opens, in_force, elapsed_min };
        let of_area = |row| move |need| area(row, need, closures);
        let areas = rows.clone().flat_map(|row| row.needs.iter().map(of_area(row)));
        let ferries = outcome.ferries.iter();
        let ferries = ferries.filter(|row| caller.principal.sees_code(regions, row.leg.region));
        let order = Order { reason: &told.name, event: told.event.as_ref() };
        Self {
            event: told.event.as_ref().map(ToString::to_string),
            exercise: told.exercise,
            illustrative: told.illustrative,
            fleet: told.fleets.as_str().to_string(),
            bound: (told.fleets == Fleets::Bound).then(|| ScenarioBound::new(outcome)),
            elapsed_min: told.elapsed_min,
            fleets: outcome.fleets.iter().filter(|row| names(&row.depot)).map(fleet).collect(),
            ferries: ferries.map(ferry).collect(),
            flights: outcome.flights.iter().map(|row| flight(row, &names, &sees)).collect(),
            air: air(outcome),
            started_at: told.started_at,
            displaced: rows.clone().map(|row| row.struck.displaced).sum(),
            persons_covered: rows.clone().filter_map(|row| row.persons_covered).sum(),
            unknown_areas: rows.clone().filter(|row| row.missing.is_some()).count(),
            areas: areas.collect(),
            summary: rows.map(summary).collect(),
            allocations: deliveries.map(|row| allocation(row, begun, &names, closures)).collect(),
            movements: if told.as_movements { issues(&order, outcome, &names) } else { vec![] },
            orders: if told.orders { orders(&order, outcome, &names) } else { vec![] },
            detail: outcome.detail.as_ref().map(|row| ScenarioDetail::new(caller, row)),
            headline: sentences::headline(outcome),
            shortages: outcome.shortages.iter().map(|row| shortage(row, &names)).collect(),
            closed: told.closed.iter().map(|row| ScenarioClosure::of(reference, row)).collect(),
            applied: AppliedClosures::of(caller, &told.in_force),
            plans: outcome.hastes.iter().map(ScenarioPlan::new).collect(),
            name: told.name,
            ledger_seq: head.seq,
            reference_rev: head.reference_rev,
            as_of: on.to_string(),
            stale_since: caller.stale_since.map(|at| at.rfc3339()),
        }
    }
}

fn area<P>(row: &AreaRow, one: &AreaNeed, closures: &Numbered<P>) -> ScenarioArea {
    let held_back = |row: &HeldBack| ScenarioHeldBack {
        waits_for: closures.waits_for(row.number),
        depots: row.depots,
        units: row.units,
    };
    ScenarioArea {
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        need: one.need.code.to_string(),
        need_name: local(&one.need.name, &one.need.name_en),
        unit: local(&one.need.unit, one.need.unit_en()),
        mandatory: one.need.mandatory,
        required: one.required,
        issued: one.issued,
        delivered_by_air: one.by_air,
        without_truck: one.without_truck,
        delivered_without_bound: one.unbounded,
        delivered: one.delivered,
        ratio: number(one.ratio),
        cause: one.cause().map(word),
        held_back: one.held_back.iter().map(held_back).collect(),
        delivered_on_open_roads: one.relief.and_then(|relief| relief.on_open_roads),
        delivered_whenever: one.relief.map(|relief| relief.whenever),
        complete_at_min: one.complete_at_min,
    }
}

fn summary(row: &AreaRow) -> ScenarioSummary {
    let worst = row.worst().filter(|worst| worst.served() < worst.required);
    let unbounded = row.unbounded;
    ScenarioSummary {
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        tier: row.region.tier.as_str().to_string(),
        displaced: row.struck.displaced,
        priority: row.struck.class,
        hours: row.limit_min / 60,
        coverage: row.coverage.map(number),
        persons_covered: row.persons_covered,
        coverage_with_air: row.with_air.0.map(number),
        persons_with_air: row.with_air.1,
        missing: row.missing.map(Missing::as_str).map(str::to_string),
        binding_need: worst.map(|worst| worst.need.code.to_string()),
        coverage_without_bound: unbounded.and_then(|(coverage, _)| coverage).map(number),
        persons_without_bound: unbounded.and_then(|(_, persons)| persons),
        cause: worst.and_then(AreaNeed::cause).map(word),
        escalation: escalation(&row.escalation),
    }
}

fn word(cause: Cause) -> String {
    cause.as_str().to_string()
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

fn shortage(row: &ShortageRow, names: &impl Fn(&Depot) -> bool) -> ScenarioShortage {
    let seen: Vec<&(Arc<Depot>, i64)> =
        row.depots.iter().filter(|(depot, _)| names(depot)).collect();
    let held: i64 = seen.iter().map(|(_, units)| units).sum();
    ScenarioShortage {
        need: row.need.code.to_string(),
        need_name: local(&row.need.name, &row.need.name_en),
        unit: local(&row.need.unit, row.need.unit_en()),
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
