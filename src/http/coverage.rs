//! Coverage over HTTP: who is reached in time, one area struck alone.
//!
//! Lives here: `/v1/coverage`, its parameters and rows. Does not live here: the engine
//! (`domain::coverage`). Invariant: an unknown figure is `null` with a reason, never zero.

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::coverage::{Binding, Query, Row, Scope};
use crate::domain::profile::ClockStart;
use crate::domain::refusal::FaultCode;
use crate::domain::region::Tier;
use crate::service::answers;

use super::access::{Caller, may};
use super::answer::{self, Answer, number};
use super::extract::{self, parameter};
use super::problem::Problem;
use super::table::{self, Format};
use super::words::local;

/// The longest time limit, in hours: 30 days.
const MAX_HOURS: u32 = 720;

/// What coverage is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CoverageQuery {
    /// Division code.
    region: Option<String>,
    /// Tier of the areas; the lowest that the city plans for by default.
    tier: Option<String>,
    /// Time limit; the city's own by default.
    #[param(minimum = 0, maximum = 720, example = 12)]
    hours: Option<u32>,
    /// Days of self-supply; 1 by default.
    #[param(minimum = 1, maximum = 366, example = 3)]
    days: Option<i64>,
    /// `own_chain` (default), `city`, `province` or `any`.
    scope: Option<String>,
    /// `disaster` or `order`; the city's own by default.
    clock: Option<String>,
    /// Today or a later date.
    as_of: Option<String>,
    /// Keep the first n rows.
    limit: Option<usize>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// What binds an area's coverage, and what would close it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BindingBody {
    need: Option<String>,
    need_name: Option<String>,
    /// `stock`, `time` or `unknown`.
    reason: String,
    /// Where unknown: `profile`, `planned_displaced`, `location` or `needs`.
    missing: Option<String>,
    /// What is lacking at the time limit, in the need's unit.
    short: Option<i64>,
    unit: Option<String>,
    /// When this need is met, if ever.
    met_at_min: Option<i64>,
}

/// Coverage by owners up to a tier, cumulative; `isolated` is what lies in the area alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct LayersBody {
    own: Option<f64>,
    county: Option<f64>,
    city: Option<f64>,
    province: Option<f64>,
    isolated: Option<f64>,
}

/// One need of an area.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedBody {
    need: String,
    name: String,
    unit: String,
    mandatory: bool,
    required: i64,
    reachable: i64,
    coverage: f64,
}

/// One area struck alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageRow {
    region: String,
    region_name: String,
    tier: String,
    population: Option<i64>,
    planned_displaced: Option<i64>,
    hours: Option<u32>,
    clock: Option<String>,
    /// The least over the mandatory needs, cut down; `null` is unknown.
    coverage: Option<f64>,
    persons_covered: Option<i64>,
    compliant: Option<bool>,
    /// Minutes until all mandatory needs are met; `null` is never, or unknown.
    full_at_min: Option<i64>,
    binding: Option<BindingBody>,
    layers: LayersBody,
    /// `measured`, `road` or `estimated`.
    travel: String,
    /// Whether the area or a source stands at a point inherited from the region above.
    inherited_location: bool,
    needs: Vec<NeedBody>,
}

fn binding(binding: &Binding) -> BindingBody {
    let need = binding.need.as_ref();
    BindingBody {
        need: need.map(|need| need.code.to_string()),
        need_name: need.map(|need| local(&need.name, &need.name_en)),
        reason: binding.reason.as_str().to_string(),
        missing: binding.missing.map(|missing| missing.as_str().to_string()),
        short: binding.short,
        unit: need.map(|need| need.unit.clone()),
        met_at_min: binding.met_at_min,
    }
}

impl From<&Row> for CoverageRow {
    fn from(row: &Row) -> Self {
        let needs = row.needs.iter().map(|one| NeedBody {
            need: one.need.code.to_string(),
            name: local(&one.need.name, &one.need.name_en),
            unit: one.need.unit.clone(),
            mandatory: one.need.mandatory,
            required: one.required,
            reachable: one.reachable,
            coverage: number(one.coverage),
        });
        Self {
            region: row.region.code.to_string(),
            region_name: row.region.name.clone(),
            tier: row.region.tier.as_str().to_string(),
            population: row.region.population,
            planned_displaced: row.region.planned_displaced,
            hours: row.hours,
            clock: row.clock.map(|clock| clock.as_str().to_string()),
            coverage: row.coverage.map(number),
            persons_covered: row.persons_covered,
            compliant: row.compliant,
            full_at_min: row.full_at_min,
            binding: row.binding.as_ref().map(binding),
            layers: LayersBody {
                own: row.layers.own.map(number),
                county: row.layers.county.map(number),
                city: row.layers.city.map(number),
                province: row.layers.province.map(number),
                isolated: row.layers.isolated.map(number),
            },
            travel: row.travel.as_str().to_string(),
            inherited_location: row.inherited,
            needs: needs.collect(),
        }
    }
}

/// Which share of each area's people gets the basics within the time limit.
#[utoipa::path(get, path = "/v1/coverage", tag = "planning", operation_id = "list_coverage",
    params(CoverageQuery),
    responses((status = 200, description = "Coverage at one instant", body = Answer<CoverageRow>),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: CoverageQuery = extract::query(&request)?;
    let format = Format::of(&request, asked.format.as_deref())?;
    let limit = answer::limit(asked.limit)?;
    let on = answer::when(asked.as_of.as_deref())?.present_or_future()?;
    if asked.hours.is_some_and(|hours| hours > MAX_HOURS) {
        let expected = format!("0 to {MAX_HOURS}");
        return Err(parameter("hours", FaultCode::OutOfRange, &expected));
    }
    let region = caller.region_of_answer(asked.region.as_deref())?;
    let query = Query {
        region,
        tier: extract::word("tier", asked.tier.as_deref(), &Tier::ALL, Tier::as_str)?,
        hours: asked.hours,
        days: asked.days.unwrap_or(1),
        scope: extract::word("scope", asked.scope.as_deref(), &Scope::ALL, Scope::as_str)?
            .unwrap_or_default(),
        clock: extract::word(
            "clock",
            asked.clock.as_deref(),
            &ClockStart::ALL,
            ClockStart::as_str,
        )?,
        on,
    };
    let position = std::sync::Arc::clone(&caller.position);
    let found = answers::coverage(&caller.book, position, query).await?;
    let rows: Vec<CoverageRow> = found.rows.iter().map(CoverageRow::from).collect();
    table::respond(format, &Answer::new(&caller, Some(region), on, rows, limit))
}
