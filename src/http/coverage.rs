//! Coverage over HTTP: who is reached in time, one area struck alone.
//!
//! Lives here: `/v1/coverage`, its parameters and rows. Does not live here: the engine
//! (`domain::coverage`). Invariant: an unknown figure is `null` with a reason, never zero.

mod detail;

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::coverage::{
    Binding, Closure, MAX_HOURS, Query, Row, Scope, Shock, Shown, Totals,
};
use crate::domain::profile::ClockStart;
use crate::domain::refusal::FaultCode;
use crate::domain::region::Tier;
use crate::domain::travel::Blocked;
use crate::service::closures as service;

use super::access::{Caller, may};
use super::answer::closures::{AppliedClosures, Numbered, RegisterUse};
use super::answer::{self, Answer, number};
use super::context;
use super::extract::{self, parameter};
use super::forms::ROW_ORDERS;
use super::problem::Problem;
use super::table::{self, Format};
use super::words::local;

use detail::DetailBody;

/// Within which the cities' plans want roads to be open again.
const REOPENS_H: u32 = 24;

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
    #[param(minimum = 1, maximum = 720, example = 12)]
    hours: Option<u32>,
    /// Days of self-supply; 1 by default.
    #[param(minimum = 1, maximum = 366, example = 3)]
    days: Option<i64>,
    /// `own_chain` (default), `city`, `province` or `any`.
    scope: Option<String>,
    /// `disaster` or `order`; the city's own by default.
    clock: Option<String>,
    /// Division code of a region that no truck enters or leaves until its roads open.
    closed: Option<String>,
    /// Hours until the roads of `closed` open; 24 by default.
    #[param(minimum = 0, maximum = 720, example = 24)]
    reopens_h: Option<u32>,
    /// `apply` (default): closures of the register that are in force count, too; `ignore`: they do
    /// not.
    closures: Option<String>,
    /// Percent of the usual speed that night and weather leave; all of it by default.
    #[param(minimum = 1, maximum = 100, example = 70)]
    speed_percent: Option<u32>,
    /// Whether people and trucks must be called up outside working hours, which takes as much
    /// longer as the profile says; `false` by default.
    off_hours: Option<bool>,
    /// Tier of the region that is struck with the area; the area itself by default. Only with
    /// `surviving_percent`.
    shock: Option<String>,
    /// Percent of the stock lying in the struck region that can still be given out; all of it by
    /// default.
    #[param(minimum = 0, maximum = 100, example = 50)]
    surviving_percent: Option<u32>,
    /// Curve, three totals by reserve mode, margin, loss of a depot, remedy and sentences on each
    /// row; at most 10,000 areas.
    detail: Option<bool>,
    /// `tree` (default) or `worst`: unknown areas first, then those covered worst.
    order: Option<String>,
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
    /// `stock`, `time`, `road` or `unknown`.
    reason: String,
    /// Where unknown: `profile`, `planned_displaced`, `location` or `needs`.
    missing: Option<String>,
    /// What is lacking at the time limit, in the need's unit.
    short: Option<i64>,
    unit: Option<String>,
    /// Minutes until this need is met; `null` is never.
    met_at_min: Option<i64>,
}

/// Coverage by owners up to a tier, cumulative; `isolated` is what lies in the area alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct LayersBody {
    /// Goods owned by the area and regions in it.
    own: Option<f64>,
    /// With those of owners up to the county.
    county: Option<f64>,
    /// With those of the city.
    city: Option<f64>,
    /// With those of owners above the city, where the scope admits them.
    province: Option<f64>,
    /// What lies in the area, whoever owns it, as if no road led there.
    isolated: Option<f64>,
}

/// One need of an area.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedBody {
    need: String,
    name: String,
    unit: String,
    /// Whether the area's coverage rests on it.
    mandatory: bool,
    /// What its people need for the days asked about, in `unit`.
    required: i64,
    /// What can be in their hands in time, in `unit`; more than is required is told, too.
    reachable: i64,
    /// `reachable / required`, at most 1, cut down.
    coverage: f64,
    /// What of it lies in the area, whoever owns it, and is in time.
    isolated: i64,
    /// Minutes until it is met; `null` is never.
    met_at_min: Option<i64>,
}

/// One area struck alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageRow {
    region: String,
    region_name: String,
    tier: String,
    population: Option<i64>,
    planned_displaced: Option<i64>,
    /// The time limit that was applied.
    hours: Option<u32>,
    /// From when it counts: `disaster` or `order`.
    clock: Option<String>,
    /// The least over the mandatory needs, cut down; `null` is unknown.
    coverage: Option<f64>,
    /// `planned_displaced × coverage`, cut down.
    persons_covered: Option<i64>,
    /// Whether it is covered as far as the city's profile sets (`attainment_permille`).
    compliant: Option<bool>,
    /// Minutes until all mandatory needs are met; `null` is never, or unknown.
    full_at_min: Option<i64>,
    binding: Option<BindingBody>,
    layers: LayersBody,
    /// `measured`, `road`, `water` or `estimated`: the least known on which what is in time rests.
    travel: String,
    /// Whether the area or a source stands at a point inherited from the region above.
    inherited_location: bool,
    needs: Vec<NeedBody>,
    /// Where `detail` asks for it and the coverage is known.
    detail: Option<DetailBody>,
}

/// All areas together, before `limit`. Those of unknown coverage are in no figure but their own.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageTotals {
    areas: usize,
    unknown_areas: usize,
    /// Areas that are covered as far as their city's profile sets.
    compliant_areas: usize,
    /// Over the areas that are known; `null` where none is.
    compliant_ratio: Option<f64>,
    planned_displaced: i64,
    /// Each area struck alone: stock that several share is counted for each.
    persons_covered: i64,
    /// `persons_covered / planned_displaced`, cut down.
    persons_ratio: Option<f64>,
    /// The area that is covered worst.
    worst_region: Option<String>,
    worst_region_name: Option<String>,
}

impl From<&Totals> for CoverageTotals {
    fn from(totals: &Totals) -> Self {
        let worst = totals.worst.as_ref();
        Self {
            areas: totals.areas,
            unknown_areas: totals.unknown,
            compliant_areas: totals.compliant,
            compliant_ratio: totals.areas_ratio().map(number),
            planned_displaced: totals.planned_displaced,
            persons_covered: totals.persons_covered,
            persons_ratio: totals.persons_ratio().map(number),
            worst_region: worst.map(|region| region.code.to_string()),
            worst_region_name: worst.map(|region| region.name.clone()),
        }
    }
}

/// Rows of coverage with their totals.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoverageAnswer {
    #[serde(flatten)]
    answer: Answer<CoverageRow>,
    totals: CoverageTotals,
    #[serde(flatten)]
    applied: AppliedClosures,
}

fn binding(binding: &Binding) -> BindingBody {
    let need = binding.need.as_ref();
    BindingBody {
        need: need.map(|need| need.code.to_string()),
        need_name: need.map(|need| local(&need.name, &need.name_en)),
        reason: binding.reason.as_str().to_string(),
        missing: binding.missing.map(|missing| missing.as_str().to_string()),
        short: binding.short,
        unit: need.map(|need| local(&need.unit, need.unit_en())),
        met_at_min: binding.met_at_min,
    }
}

impl From<&Row> for CoverageRow {
    fn from(row: &Row) -> Self {
        let needs = row.needs.iter().map(|one| NeedBody {
            need: one.need.code.to_string(),
            name: local(&one.need.name, &one.need.name_en),
            unit: local(&one.need.unit, one.need.unit_en()),
            mandatory: one.need.mandatory,
            required: one.required,
            reachable: one.reachable,
            coverage: number(one.coverage),
            isolated: one.isolated,
            met_at_min: one.met_at_min,
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
            detail: None,
        }
    }
}

/// Which share of each area's people gets the basics within the time limit.
#[utoipa::path(get, path = "/v1/coverage", tag = "planning", operation_id = "list_coverage",
    params(CoverageQuery),
    responses((status = 200, description = "Coverage at one instant", body = CoverageAnswer),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: CoverageQuery = extract::query(&request)?;
    let (format, limit, order, query, register) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        extract::word("order", asked.order.as_deref(), &ROW_ORDERS, |word| word),
        asked.query(&caller),
        RegisterUse::read(asked.closures.as_deref()),
    ))?;
    let (mut query, [_, worst]) = (query, ROW_ORDERS);
    let (region, on) = (query.region, query.on);
    let in_force = register.in_force(&caller, service::instant_of(on));
    let opens: Vec<Option<u32>> = query.closures.iter().map(|one| one.opens_min).collect();
    service::close_coverage(&caller.position.reference, &in_force, &mut query);
    let position = std::sync::Arc::clone(&caller.position);
    let shown = Shown { worst_first: order == Some(worst), limit };
    let found = caller.book.coverage(position, query, shown).await?;
    let totals = CoverageTotals::from(&found.totals);
    let row_count = found.totals.areas;
    let language = context::current().language;
    let closures = Numbered { caller: &caller, given: &opens, in_force: &in_force, elapsed_min: 0 };
    let row = |row: &Row| CoverageRow {
        detail: row.detail.as_ref().map(|more| detail::body(&closures, row, more, language)),
        ..CoverageRow::from(row)
    };
    let rows: Vec<CoverageRow> = found.rows.iter().map(row).collect();
    let answer = Answer { row_count, ..Answer::new(&caller, Some(region), on, rows, limit) };
    let applied = AppliedClosures::of(&caller, &in_force);
    table::respond(format, &CoverageAnswer { answer, totals, applied })
}

impl CoverageQuery {
    fn query<P>(&self, caller: &Caller<P>) -> Result<Query, Problem> {
        let (region, on, tier, scope, clock, closures, shock) = extract::all((
            caller.region_of_answer(self.region.as_deref()),
            answer::present(self.as_of.as_deref()),
            extract::word("tier", self.tier.as_deref(), &Tier::ALL, Tier::as_str),
            extract::word("scope", self.scope.as_deref(), &Scope::ALL, Scope::as_str),
            extract::word("clock", self.clock.as_deref(), &ClockStart::ALL, ClockStart::as_str),
            self.closures(caller),
            self.shock(),
        ))?;
        Ok(Query {
            region,
            tier,
            hours: self.hours,
            days: self.days.unwrap_or(1),
            scope: scope.unwrap_or_default(),
            clock,
            on,
            speed_percent: self.speed_percent.unwrap_or(100),
            off_hours: self.off_hours.unwrap_or(false),
            shock,
            closures,
            blocked: Blocked::default(),
            detail: self.detail.unwrap_or(false),
        })
    }

    fn closures<P>(&self, caller: &Caller<P>) -> Result<Vec<Closure>, Problem> {
        let code = extract::region_code("closed", self.closed.as_deref())?;
        let bounds = format!("0 to {MAX_HOURS}");
        match (code, self.reopens_h) {
            (_, Some(hours)) if hours > MAX_HOURS => {
                Err(parameter("reopens_h", FaultCode::OutOfRange, &bounds))
            }
            (None, Some(_)) => Err(parameter("closed", FaultCode::Required, "with `reopens_h`")),
            (None, None) => Ok(Vec::new()),
            (Some(code), hours) => {
                let opens_min = Some(hours.unwrap_or(REOPENS_H) * 60);
                Ok(vec![Closure { region: caller.region(code)?, opens_min, number: 0 }])
            }
        }
    }

    fn shock(&self) -> Result<Shock, Problem> {
        let tier = extract::word("shock", self.shock.as_deref(), &Tier::ALL, Tier::as_str)?;
        match self.surviving_percent {
            Some(surviving_percent) if surviving_percent > 100 => {
                Err(parameter("surviving_percent", FaultCode::OutOfRange, "0 to 100"))
            }
            Some(surviving_percent) => Ok(Shock { tier, surviving_percent }),
            None if tier.is_some() => {
                Err(parameter("surviving_percent", FaultCode::Required, "0 to 100 with `shock`"))
            }
            None => Ok(Shock::default()),
        }
    }
}
