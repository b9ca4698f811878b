//! Stored events over HTTP, and their allocation at the present instant.
//!
//! Lives here: `/v1/events` and what stands below it. Does not live here: shapes (`event_body`),
//! figures (`domain::scenario`). Invariant: what changes an event names the version it changes.

use std::sync::Arc;

use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::DateTime;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::calendar::Instant;
use crate::domain::coverage::Scope;
use crate::domain::event::{Event, EventState};
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::scenario::{Fleets, Moment, Scenario};
use crate::service::answers;
use crate::service::book::now;
use crate::service::closures;
use crate::service::events as service;

use super::super::access::{Caller, may};
use super::super::answer::closures::RegisterUse;
use super::super::etag::{self, Condition};
use super::super::extract;
use super::super::forms;
use super::super::page::{self, Page};
use super::super::problem::{Code, Problem, ProblemResponse};
use super::super::table::{self, Format};
use super::event_body::EventBody;
use super::reading::LISTS;
use super::reply::{ScenarioAnswer, Told};

/// Which events are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// `open` or `closed`.
    status: Option<String>,
    /// Whether it is a drill.
    exercise: Option<bool>,
    /// Part of the id or the name.
    q: Option<String>,
    /// Items on a page.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// How an event is to be met.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventAllocationQuery {
    /// The instant from which goods may leave, RFC 3339: now by default, the start in a drill.
    #[param(example = "2021-11-10T23:00:00+08:00")]
    at: Option<String>,
    /// `own_chain` (default), `city`, `province` or `any`.
    scope: Option<String>,
    /// `apply` (default): closures of the register that are in force then count, too; `ignore`:
    /// they do not.
    closures: Option<String>,
    /// `check` (default): the plan knows no trucks, and says which loads they do not carry whole;
    /// `bound`: only what the trucks of each depot carry is sent, one trip each.
    fleet: Option<String>,
    /// Curves, variants and proposals, too.
    detail: Option<bool>,
    /// The orders that carry the plan out, and those of what is flown, too; not in a drill, nor for
    /// one that is closed.
    orders: Option<bool>,
}

fn tag(event: &Event) -> String {
    etag::of(format!("{event:?}").as_bytes())
}

/// List events by id.
#[utoipa::path(get, path = "/v1/events", tag = "planning", operation_id = "list_events",
    params(EventsQuery),
    responses((status = 200, description = "A page of events", body = Page<EventBody>),
        (status = "default", response = ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: EventsQuery = extract::query(&request)?;
    let filters = format!("events {:?} {:?} {:?}", asked.status, asked.exercise, asked.q);
    let status = asked.status.as_deref();
    let (format, limit, after, state, ()) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        page::limit(asked.limit),
        page::after(&filters, asked.cursor.as_deref()),
        extract::word("status", status, &EventState::ALL, EventState::as_str),
        extract::text("q", asked.q.as_deref(), forms::MAX_SEARCH),
    ))?;
    let wanted = asked.q.as_deref().map(str::to_lowercase);
    let reference = &caller.position.reference;
    let rows = reference.events.sorted().into_iter().filter(|event| {
        let says = |text: &str| wanted.as_ref().is_none_or(|q| text.to_lowercase().contains(q));
        service::sees(&caller.principal, reference, event)
            && state.is_none_or(|state| state == event.state)
            && asked.exercise.is_none_or(|exercise| exercise == event.exercise)
            && (says(event.code.as_str()) || says(&event.name))
    });
    let cut = page::cut(rows, limit, &filters, after.as_deref(), |event| event.code.to_string());
    let items: Vec<EventBody> = cut.items.iter().map(|event| EventBody::from(&***event)).collect();
    table::respond(format, &Page { items, next: cut.next })
}

/// Read an event.
#[utoipa::path(get, path = "/v1/events/{id}", tag = "planning", operation_id = "get_event",
    params(("id" = String, Path, description = "Id of the event", example = "DRILL-YI-SHU-FLOOD"),
        ("If-None-Match" = Option<String>, Header, description = "ETags already read")),
    responses((status = 200, description = "The event", body = EventBody,
            headers(("ETag" = String, description = "Its version"))),
        (status = 304, description = "Not modified"),
        (status = "default", response = ProblemResponse)))]
pub async fn get(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let event = service::find(&caller.position.reference, &caller.principal, &path)?;
    let tag = tag(&event);
    if etag::not_modified(&request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
    }
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(EventBody::from(&*event)))
}

/// Create (`If-None-Match: *`) or replace (`If-Match`) an event.
#[utoipa::path(put, path = "/v1/events/{id}", tag = "planning", operation_id = "put_event",
    params(("id" = String, Path, description = "Id of the event", example = "DRILL-YI-SHU-FLOOD"),
        ("If-None-Match" = Option<String>, Header, description = "`*` to create"),
        ("If-Match" = Option<String>, Header,
            description = "The ETag to replace, or `*`; not with `If-None-Match`")),
    request_body = EventBody,
    responses((status = 200, description = "Replaced", body = EventBody,
            headers(("ETag" = String, description = "Its version"))),
        (status = 201, description = "Created", body = EventBody,
            headers(("ETag" = String, description = "Its version"))),
        (status = "default", response = ProblemResponse)))]
pub async fn put(
    caller: Caller<may::Plan>,
    request: HttpRequest,
    path: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let json = extract::listed::<EventBody>(&request, payload, &LISTS).await?;
    let condition = Condition::of(&request)?;
    let event = json.value.read(&caller, &path)?;
    let created = condition == Condition::Create;
    let expected = move |present: Option<&Event>| condition.holds(present.map(tag).as_deref());
    service::store(&caller.book, &caller.principal, event.clone(), expected).await?;
    let mut builder = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(builder.insert_header((ETAG, tag(&event))).json(EventBody::from(&event)))
}

/// Who gets what of an event from now on: what has been issued for it is taken off what is needed,
/// hours that have gone by off the time limit.
#[utoipa::path(get, path = "/v1/events/{id}/allocation", tag = "planning",
    operation_id = "compute_event_allocation",
    params(("id" = String, Path, description = "Id of the event", example = "DRILL-YI-SHU-FLOOD"),
        EventAllocationQuery),
    responses((status = 200, description = "The allocation at one instant; nothing is written",
            body = ScenarioAnswer),
        (status = "default", response = ProblemResponse)))]
pub async fn allocation(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let asked: EventAllocationQuery = extract::query(&request)?;
    let (scope, fleets, at, register) = extract::all((
        extract::word("scope", asked.scope.as_deref(), &Scope::ALL, Scope::as_str),
        extract::word("fleet", asked.fleet.as_deref(), &Fleets::ALL, Fleets::as_str),
        asked.at.as_deref().map(instant).transpose(),
        RegisterUse::read(asked.closures.as_deref()),
    ))?;
    let event = service::find(&caller.position.reference, &caller.principal, &path)?;
    let orders = asked.orders.unwrap_or(false);
    if orders && !event.is_running() {
        let expected = "absent in a drill and for an event that is closed";
        return Err(extract::parameter("orders", FaultCode::NotAllowed, expected));
    }
    let moment = Moment::of(&event, at, now());
    let mut scenario = Scenario::of_event(&caller.position.reference, &event, moment);
    scenario.scope = scope.unwrap_or_default();
    scenario.fleets = fleets.unwrap_or_default();
    scenario.detail = asked.detail.unwrap_or(false);
    let departs = closures::departure(event.started_at, &scenario);
    scenario.sets_out_min = closures::sets_out_min(event.started_at, &scenario);
    let in_force = register.in_force(&caller, departs);
    let closed = scenario.closures.clone();
    closures::close_scenario(&caller.position.reference, &in_force, &mut scenario);
    let told = Told {
        name: event.name.clone(),
        exercise: event.exercise,
        started_at: event.started_at.map(Instant::rfc3339),
        as_movements: false,
        orders,
        event: Some(event.code.clone()),
        illustrative: event.illustrative,
        fleets: scenario.fleets,
        elapsed_min: scenario.elapsed_min,
        closed,
        in_force,
    };
    let on = scenario.on;
    let outcome = answers::scenario(&caller.book, Arc::clone(&caller.position), scenario).await?;
    Ok(HttpResponse::Ok().json(ScenarioAnswer::new(&caller, told, on, &outcome)))
}

fn instant(text: &str) -> Result<Instant, Problem> {
    let parsed = DateTime::parse_from_rfc3339(text);
    parsed.map(|at| Instant(at.timestamp_micros())).map_err(|_| {
        let expected = "an instant such as 2021-11-10T23:00:00+08:00";
        let fault = Fault::new("at", FaultCode::Malformed, expected);
        Problem::invalid(Code::InvalidParameter, vec![fault])
    })
}
