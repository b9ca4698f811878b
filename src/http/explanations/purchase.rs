//! One line of a procurement plan explained.
//!
//! Lives here: `/v1/plans/{code}/lines/{line_no}/explanation`, its parameters and answer; `steps`
//! has what that is made of. Does not live here: what stands behind the line
//! (`domain::explanation`). Invariant: whoever may not see prices sees no sign of them.

mod steps;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::access::Action;
use crate::domain::explanation::Purchase;
use crate::domain::procurement::{PlanLine, ProcurementPlan};
use crate::service::explanations;
use crate::service::failure::Failure;
use crate::service::plans::find;

use super::super::access::{Caller, may};
use super::super::answer::{self, Answer};
use super::super::context;
use super::super::extract;
use super::super::problem::Problem;
use super::super::table::{self, Format};
use super::super::words::{local, priced, purchased};
use super::DEFAULT_LIMIT;
use super::parts::PartRow;
use steps::{
    DifferenceRow, PackingBody, PlanEndingBody, PlanGapBody, PlanInboundBody, PricingBody,
    differences, ending, gap, inbound, packing, pricing,
};

/// How a line is to be opened.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PurchaseExplanationQuery {
    /// The last entry to be known; the plan's own `ledger_seq` by default.
    known_at: Option<i64>,
    /// Keep the first n of each list; 100 by default. Counts and sums stay whole.
    limit: Option<usize>,
    /// `json`, or `csv` (the balances).
    format: Option<String>,
}

/// When the plan took its figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedAt {
    planned_on: String,
    ledger_seq: i64,
    reference_rev: i64,
}

/// A line of a procurement plan with everything that it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurchaseExplanation {
    plan: String,
    line_no: u32,
    order_no: String,
    region: String,
    region_name: String,
    /// `own` or `subtree`.
    scope: String,
    item: String,
    item_name: String,
    unit: String,
    /// 1 is bought first; `null` last.
    priority: Option<u8>,
    /// Lines of the plan; this one is the `line_no`-th by priority, then item.
    line_count: usize,
    year_end: String,
    gap: PlanGapBody,
    ending: PlanEndingBody,
    /// The planner's.
    growth: i64,
    inbound: PlanInboundBody,
    packing: PackingBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<PricingBody>,
    planned: PlannedAt,
    /// Where this is not what the plan says; empty where it is.
    differences: Vec<DifferenceRow>,
    /// The same to be read aloud, in the language of the request.
    sentences: Vec<String>,
    /// The last entry that is known here. Quotas, orders, items are those of `reference_rev`: now.
    ledger_seq: i64,
    reference_rev: i64,
    /// The plan's day.
    as_of: String,
    stale_since: Option<String>,
}

/// Why a plan's line buys what it buys: quotas, lots, endings, orders, packs, price, budget.
#[utoipa::path(get, path = "/v1/plans/{code}/lines/{line_no}/explanation", tag = "planning",
    operation_id = "explain_plan_line",
    params(("code" = String, Path, description = "Code of the plan", example = "LY-2027"),
        ("line_no" = u32, Path, description = "Number of the line", minimum = 1, maximum = 2000,
            example = 1),
        PurchaseExplanationQuery),
    responses((status = 200, description = "The line with its parts", body = PurchaseExplanation),
        (status = "default", response = crate::http::problem::ProblemResponse)))]
pub async fn explain(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let asked: PurchaseExplanationQuery = extract::query(&request)?;
    let (format, limit) =
        extract::all((Format::of(&request, asked.format.as_deref()), answer::limit(asked.limit)))?;
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let (code, number) = path.into_inner();
    let plan = find(&caller.position.reference, &caller.principal, &code)?;
    let line = number.parse().ok().and_then(|number| plan.line(number));
    let line = line.ok_or_else(|| Failure::not_found("plan line", format!("{code}/{number}")))?;
    let (position, named) = (Arc::clone(&caller.position), (Arc::clone(&plan), line.clone()));
    let (known_at, found) =
        explanations::purchase(&caller.book, position, named, asked.known_at).await?;
    match format {
        Format::Json => {
            table::respond(format, &body(&caller, (&plan, line), &found, known_at, limit))
        }
        Format::Csv => {
            let region = caller.position.reference.regions.find(plan.region);
            let parts = found.counted.iter().chain(&found.excluded);
            let rows = parts.map(|part| PartRow::of(&caller, part)).collect();
            let on = plan.planned_on;
            table::respond(format, &Answer::new(&caller, region, on, rows, Some(limit)))
        }
    }
}

fn body<P>(
    caller: &Caller<P>,
    (plan, line): (&ProcurementPlan, &PlanLine),
    found: &Purchase,
    known_at: i64,
    limit: usize,
) -> PurchaseExplanation {
    let region = caller.position.reference.regions.by_code(plan.region);
    let language = context::current().language;
    let sees_prices = caller.principal.role.may(Action::ReadPrices);
    let pricing = sees_prices.then(|| pricing(plan, line, found));
    let mut sentences = purchased(found, plan, line, language);
    if let Some(told) = &pricing {
        let (amount, sum) = (told.amount_fen, told.cumulative_fen);
        sentences.extend(priced(amount, sum, plan.budget_fen, language));
    }
    PurchaseExplanation {
        plan: plan.code.to_string(),
        line_no: line.line_no,
        order_no: format!("{}/{}", plan.code, line.line_no),
        region: plan.region.to_string(),
        region_name: region.map(|region| region.name.clone()).unwrap_or_default(),
        scope: plan.scope.as_str().to_string(),
        item: found.item.code.to_string(),
        item_name: local(&found.item.name, &found.item.name_en),
        unit: local(&found.item.unit, found.item.unit_en()),
        priority: line.priority,
        line_count: plan.lines.len(),
        year_end: found.year_end.to_string(),
        gap: gap(caller, found, limit),
        ending: ending(caller, found, limit),
        growth: line.growth,
        inbound: inbound(found, limit),
        packing: packing(line, found),
        pricing,
        planned: PlannedAt {
            planned_on: plan.planned_on.to_string(),
            ledger_seq: plan.ledger_seq,
            reference_rev: plan.reference_rev,
        },
        differences: differences(line, &found.line),
        sentences,
        ledger_seq: known_at,
        reference_rev: caller.position.head.reference_rev,
        as_of: plan.planned_on.to_string(),
        stale_since: caller.stale_since.map(|at| at.rfc3339()),
    }
}
