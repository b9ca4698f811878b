//! What a scenario is answered with.
//!
//! Lives here: rows, names beside codes, and the sentence of each proof. Does not live here: how
//! the figures came about. Invariant: minutes count from the start of the scenario.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::catalogue::Code as ShortCode;
use crate::domain::depot::Depot;
use crate::domain::helibase::Helibase;
use crate::domain::reference::InForce;
use crate::domain::scenario::{Closure, Fleets, Outcome, ShortageRow};

use super::super::access::{Caller, may};
use super::super::answer::closures::{AppliedClosures, Numbered};
use super::super::words::local;
use super::airlift;
use super::areas::{ScenarioArea, ScenarioSummary, area, summary};
use super::bodies::{Order, ScenarioOrder, issues, orders};
use super::bound::ScenarioBound;
use super::closing::ScenarioClosure;
use super::deliveries::{Allocation, ScenarioFerry, ScenarioFleet, allocation, ferry, fleet};
use super::detail::ScenarioDetail;
use super::flights::{ScenarioAir, ScenarioFlight, air, flight};
use super::haste::ScenarioPlan;
use super::sentences;

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
    /// roads or time, of what it leaves over.
    flights: Vec<ScenarioFlight>,
    /// As `movements`, of what is flown: one `issue` a landing and depot.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    movements_by_air: Vec<ScenarioOrder>,
    /// As `orders`, of what is flown: a `relocate` into the area and an `issue` there for each
    /// landing and depot, or the `issue` alone. Machines of flights that are booked for an event
    /// fly nothing else meanwhile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    orders_by_air: Vec<ScenarioOrder>,
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
            air: air(outcome, &names),
            started_at: told.started_at,
            displaced: rows.clone().map(|row| row.struck.displaced).sum(),
            persons_covered: rows.clone().filter_map(|row| row.persons_covered).sum(),
            unknown_areas: rows.clone().filter(|row| row.missing.is_some()).count(),
            areas: areas.collect(),
            summary: rows.map(summary).collect(),
            allocations: deliveries.map(|row| allocation(row, begun, &names, closures)).collect(),
            movements: if told.as_movements { issues(&order, outcome, &names) } else { vec![] },
            movements_by_air: match told.as_movements {
                true => airlift::issues(&order, outcome, &names, &sees),
                false => Vec::new(),
            },
            orders_by_air: match told.orders {
                true => airlift::orders(&order, outcome, &names, &sees),
                false => Vec::new(),
            },
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
