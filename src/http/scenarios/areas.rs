//! Areas of a scenario on the wire: what each gets of each need, and why not more.
//!
//! Lives here: one row an area and need, one row an area. Does not live here: how the figures came
//! about (`domain::scenario`). Invariant: minutes count from the start of the scenario.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::coverage::{Layer, Missing};
use crate::domain::scenario::{AreaNeed, AreaRow, Cause, Escalation, HeldBack};

use super::super::answer::closures::{Numbered, WaitsFor};
use super::super::answer::number;
use super::super::words::local;

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
    /// Everything that would have to be otherwise, together, for it to get more: `cause` alone, or
    /// `road` and `time` where neither an open road nor more time alone would bring more.
    causes: Vec<String>,
    /// Where `cause` is `road`: what each closure keeps from being there in time; most first.
    /// Nothing where `time` lacks as well: it would not be in time on open roads either.
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
    /// What it would get with every road open and without a time limit, where areas are short to
    /// which neither alone brings more.
    delivered_on_open_roads_whenever: Option<i64>,
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
    /// Its time limit from the start; `null` where it cannot be judged.
    hours: Option<u32>,
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
    /// As in `areas`.
    causes: Vec<String>,
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

pub(super) fn area<P>(row: &AreaRow, one: &AreaNeed, closures: &Numbered<P>) -> ScenarioArea {
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
        causes: words(one),
        held_back: one.held_back.iter().map(held_back).collect(),
        delivered_on_open_roads: one.relief.and_then(|relief| relief.on_open_roads),
        delivered_whenever: one.relief.map(|relief| relief.whenever),
        delivered_on_open_roads_whenever: one
            .relief
            .and_then(|relief| relief.on_open_roads_whenever),
        complete_at_min: one.complete_at_min,
    }
}

pub(super) fn summary(row: &AreaRow) -> ScenarioSummary {
    let worst = row.worst().filter(|worst| worst.served() < worst.required);
    let unbounded = row.unbounded;
    ScenarioSummary {
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        tier: row.region.tier.as_str().to_string(),
        displaced: row.struck.displaced,
        priority: row.struck.class,
        hours: Some(row.limit_min / 60).filter(|_| row.missing.is_none()),
        coverage: row.coverage.map(number),
        persons_covered: row.persons_covered,
        coverage_with_air: row.with_air.0.map(number),
        persons_with_air: row.with_air.1,
        missing: row.missing.map(Missing::as_str).map(str::to_string),
        binding_need: worst.map(|worst| worst.need.code.to_string()),
        coverage_without_bound: unbounded.and_then(|(coverage, _)| coverage).map(number),
        persons_without_bound: unbounded.and_then(|(_, persons)| persons),
        cause: worst.and_then(AreaNeed::cause).map(word),
        causes: worst.map(words).unwrap_or_default(),
        escalation: escalation(&row.escalation),
    }
}

fn word(cause: Cause) -> String {
    cause.as_str().to_string()
}

fn words(one: &AreaNeed) -> Vec<String> {
    one.causes().iter().copied().map(word).collect()
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
