//! Annual procurement plans over HTTP.
//!
//! Lives here: `/v1/plans` and what stands below it. Does not live here: shapes (`body`, `reply`),
//! figures (`domain`). Invariant: what changes a plan names its key or the version that it changes.

mod body;
mod reply;
pub mod trace;

use std::sync::Arc;

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::procurement::{PlanState, ProcurementPlan};
use crate::domain::refusal::{FaultCode, Refusal};
use crate::service::book::{Kept, Rendering};
use crate::service::failure::Failure;
use crate::service::plans::{self as service, Telling, YEARS};

use super::access::{Caller, Permission, may};
use super::answer::{Answer, kept};
use super::etag::{self, Condition};
use super::page::{self, Page};
use super::problem::{Code, Problem, ProblemResponse};
use super::table::{self, Format};
use super::{context, extract, forms};

pub use body::{DraftBody, EditBody, NothingBody};
pub use reply::{PlanLineRow, PlanReply, PlanSummary};

/// Which plans are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlansQuery {
    /// Division code: plans of its subtree.
    region: Option<String>,
    /// The year that they are for.
    #[param(minimum = 2000, maximum = 2199, example = 2030)]
    year: Option<i32>,
    /// `draft`, `approved`, `ordered`, `received` or `cancelled`.
    state: Option<String>,
    /// Items on a page.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// How lines are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LinesQuery {
    /// `json`, `csv` or `xlsx`; amounts of the last two are in yuan.
    format: Option<String>,
}

/// A plan as its reader sees it, with its tag.
fn shown<P: Permission>(caller: &Caller<P>, plan: &ProcurementPlan) -> (Vec<u8>, String) {
    let prices = reply::sees_prices(&caller.principal);
    let told = reply::reply(plan, &caller.position, prices);
    let bytes = serde_json::to_vec(&told).unwrap_or_default();
    let tag = etag::of(&bytes);
    (bytes, tag)
}

fn with_tag(bytes: Vec<u8>, tag: String) -> HttpResponse {
    HttpResponse::Ok().insert_header((ETAG, tag)).content_type("application/json").body(bytes)
}

fn rendering() -> Rendering {
    let context = context::current();
    Box::new(move |refusal: &Refusal| Problem::from(refusal).render(&context))
}

fn telling(prices: bool) -> Telling {
    let context = context::current();
    Box::new(move |plan, position| {
        context::with(&context, || {
            serde_json::to_string(&reply::reply(plan, position, prices)).unwrap_or_default()
        })
    })
}

/// List plans by code.
#[utoipa::path(get, path = "/v1/plans", tag = "planning", operation_id = "list_plans",
    params(PlansQuery),
    responses((status = 200, description = "A page of plans", body = Page<PlanSummary>),
        (status = "default", response = ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: PlansQuery = extract::query(&request)?;
    let format = Format::of(&request, asked.format.as_deref())?;
    let limit = page::limit(asked.limit)?;
    let filters = format!("plans {:?} {:?} {:?}", asked.region, asked.year, asked.state);
    let after = page::after(&filters, asked.cursor.as_deref())?;
    let region = extract::region_code("region", asked.region.as_deref())?;
    let root = caller.region_or_scope(region)?;
    if asked.year.is_some_and(|year| !YEARS.contains(&year)) {
        let expected = format!("{} to {}", YEARS.start(), YEARS.end());
        return Err(extract::parameter("year", FaultCode::OutOfRange, &expected));
    }
    let state = asked.state.as_deref();
    if state.is_some_and(|state| !forms::PLAN_STATES.contains(&state)) {
        return Err(Problem::invalid(Code::InvalidParameter, vec![body::unknown_state()]));
    }
    let position = &caller.position;
    let regions = &position.reference.regions;
    let rows = position.reference.plans.sorted().into_iter().filter(|plan| {
        let inside = root.is_none_or(|root| {
            regions.find(plan.region).is_some_and(|ix| regions.within(ix, root))
        });
        inside
            && asked.year.is_none_or(|year| year == plan.year)
            && state.is_none_or(|state| state == reply::state(plan, position))
    });
    let cut = page::cut(rows, limit, &filters, after.as_deref(), |plan| plan.code.to_string());
    let prices = reply::sees_prices(&caller.principal);
    let items: Vec<PlanSummary> =
        cut.items.iter().map(|plan| reply::summary(plan, position, prices)).collect();
    table::respond(format, &Page { items, next: cut.next })
}

/// Draft a plan from the book as it stands.
#[utoipa::path(post, path = "/v1/plans", tag = "planning", operation_id = "draft_plan",
    params(("Idempotency-Key" = String, Header,
        description = "1 to 128 visible ASCII characters; repeats get the first answer",
        example = "LY-PLAN-2027")),
    request_body = DraftBody,
    responses((status = 201, description = "Stored as a draft", body = PlanReply,
            headers(("Location" = String, description = "Path of the plan"),
                ("Idempotency-Replayed" = bool, description = "On a repeat: `true`"))),
        (status = "default", response = ProblemResponse)))]
pub async fn draft(
    caller: Caller<may::Plan>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let json = extract::json::<DraftBody>(&request, &body)?;
    let key = extract::idempotency(&request, &json.canonical)?;
    let asked = json.value.read().map_err(|faults| Problem::invalid(Code::InvalidValue, faults))?;
    let prices = reply::sees_prices(&caller.principal);
    let asker = (caller.principal.clone(), caller.credential);
    let told = (telling(prices), rendering());
    let position = Arc::clone(&caller.position);
    let answer = service::create(&caller.book, position, asker, key, asked, told).await?;
    Ok(located(answer))
}

fn located(answer: Kept) -> HttpResponse {
    let body: Option<serde_json::Value> = serde_json::from_str(&answer.body).ok();
    let code = body.as_ref().filter(|_| answer.status < 400).and_then(|body| body["code"].as_str());
    let path = code.map(|code| format!("/v1/plans/{code}"));
    let mut response = kept(answer.status, answer.body, answer.replayed);
    let value = path.and_then(|path| path.parse().ok());
    if let Some(value) = value {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

fn seen<P: Permission>(caller: &Caller<P>, code: &str) -> Result<Arc<ProcurementPlan>, Problem> {
    Ok(service::find(&caller.position.reference, &caller.principal, code)?)
}

/// Read a plan with its lines.
#[utoipa::path(get, path = "/v1/plans/{code}", tag = "planning", operation_id = "get_plan",
    params(("code" = String, Path, description = "Code of the plan", example = "LY-2027"),
        ("If-None-Match" = Option<String>, Header, description = "ETags already read")),
    responses((status = 200, description = "The plan", body = PlanReply,
            headers(("ETag" = String, description = "Its version"))),
        (status = 304, description = "Not modified"),
        (status = "default", response = ProblemResponse)))]
pub async fn get(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let plan = seen(&caller, &path)?;
    let (bytes, tag) = shown(&caller, &plan);
    if etag::not_modified(&request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
    }
    Ok(with_tag(bytes, tag))
}

/// Edit a draft: its name, budget, and any of its lines.
#[utoipa::path(put, path = "/v1/plans/{code}", tag = "planning", operation_id = "edit_plan",
    params(("code" = String, Path, description = "Code of the plan", example = "LY-2027"),
        ("If-Match" = Option<String>, Header, description = "The ETag to replace, or `*`")),
    request_body = EditBody,
    responses((status = 200, description = "Stored", body = PlanReply,
            headers(("ETag" = String, description = "Its version"))),
        (status = "default", response = ProblemResponse)))]
pub async fn edit(
    caller: Caller<may::Plan>,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let json = extract::json::<EditBody>(&request, &body)?;
    let edit = json.value.read().map_err(|faults| Problem::invalid(Code::InvalidValue, faults))?;
    let condition = Condition::of(&request)?;
    let plan = seen(&caller, &path)?;
    if plan.state != PlanState::Draft {
        let (state, wanted) = (plan.state.as_str(), PlanState::Draft.as_str());
        let code = plan.code.to_string();
        return Err((&Refusal::PlanState { code, state, wanted }).into());
    }
    if condition == Condition::Create {
        return Err(Failure::PreconditionFailed { code: plan.code.to_string() }.into());
    }
    let next = service::edited(&plan, &edit)?;
    let (_, read) = shown(&caller, &plan);
    let unchanged = move |present: Option<&ProcurementPlan>| {
        condition.holds(Some(&read)) && present == Some(plan.as_ref())
    };
    service::store_edit(&caller.book, &caller.principal, next.clone(), unchanged).await?;
    let (bytes, tag) = shown(&caller, &next);
    Ok(with_tag(bytes, tag))
}

async fn pass(
    caller: Caller<may::Plan>,
    request: HttpRequest,
    code: String,
    body: web::Bytes,
    next: PlanState,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let json = extract::json::<NothingBody>(&request, &body)?;
    let key = extract::idempotency(&request, &json.canonical)?;
    let prices = reply::sees_prices(&caller.principal);
    let asker = (caller.principal.clone(), caller.credential);
    let told = (telling(prices), rendering());
    let answer = service::pass(&caller.book, asker, key, (code, next), told).await?;
    Ok(kept(answer.status, answer.body, answer.replayed))
}

/// A passage of a plan into another state.
macro_rules! passage {
    ($name:ident, $path:literal, $id:literal, $about:literal, $state:ident) => {
        #[doc = $about]
        #[utoipa::path(post, path = $path, tag = "planning", operation_id = $id,
            params(("code" = String, Path, description = "Code of the plan", example = "LY-2027"),
                ("Idempotency-Key" = String, Header,
                    description = "1 to 128 visible ASCII characters; repeats get the first answer",
                    example = "LY-PLAN-2027-1")),
            request_body = NothingBody,
            responses((status = 201, description = "Done, and on disk", body = PlanReply,
                    headers(("Idempotency-Replayed" = bool, description = "On a repeat: `true`"))),
                (status = "default", response = ProblemResponse)))]
        pub async fn $name(
            caller: Caller<may::Plan>,
            request: HttpRequest,
            path: web::Path<String>,
            body: web::Bytes,
        ) -> Result<HttpResponse, Problem> {
            pass(caller, request, path.into_inner(), body, PlanState::$state).await
        }
    };
}

passage!(approve, "/v1/plans/{code}/approvals", "approve_plan", "Approve a draft.", Approved);
passage!(
    order,
    "/v1/plans/{code}/orders",
    "order_plan",
    "Order what an approved plan buys.",
    Ordered
);
passage!(cancel, "/v1/plans/{code}/cancellations", "cancel_plan", "Cancel a plan.", Cancelled);

/// The lines of a plan as rows.
#[utoipa::path(get, path = "/v1/plans/{code}/lines", tag = "planning",
    operation_id = "list_plan_lines",
    params(("code" = String, Path, description = "Code of the plan", example = "LY-2027"),
        LinesQuery),
    responses((status = 200, description = "Lines in their order", body = Answer<PlanLineRow>),
        (status = "default", response = ProblemResponse)))]
pub async fn lines(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let asked: LinesQuery = extract::query(&request)?;
    let sheet = asked.format.as_deref() == Some("xlsx");
    let format = (!sheet).then(|| Format::of(&request, asked.format.as_deref())).transpose()?;
    let plan = seen(&caller, &path)?;
    let region = caller.position.reference.regions.find(plan.region);
    let (book, on) = (&caller.position, plan.planned_on);
    let prices = reply::sees_prices(&caller.principal);
    match format {
        None => table::respond_sheet(&reply::cells(&plan, book, prices)),
        Some(Format::Json) => {
            let rows = reply::rows(&plan, book, prices);
            table::respond(Format::Json, &Answer::new(&caller, region, on, rows, None))
        }
        Some(Format::Csv) => {
            let rows = reply::cells(&plan, book, prices);
            table::respond(Format::Csv, &Answer::new(&caller, region, on, rows, None))
        }
    }
}
