//! Movements over HTTP: book, reverse, read, list.
//!
//! Lives here: handlers of the clerk's room. Does not live here: shapes (`dto`) and rules.
//! Invariant: the same key with the same body gets the same answer.

mod dto;
pub mod file;
pub mod import;
pub mod list;
mod reply;

use actix_web::error::JsonPayloadError;
use actix_web::http::header::{ContentType, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use uuid::Uuid;

use crate::domain::movement::Movement;
use crate::service::book::{Outcome, Rendering};
use crate::service::movements::{self as service, Envelope};

use super::access::{Caller, may};
use super::context;
use super::extract;
use super::problem::{Code, Problem, respond};

pub use dto::{LotRequest, MovementRequest, ReversalRequest};
pub use list::{MovementPage, list};
pub use reply::{LineReply, MovementReply};

/// Keeps a refusal as it was told to the first who asked.
fn rendering() -> Rendering {
    let context = context::current();
    Box::new(move |refusal| Problem::from(refusal).render(&context))
}

fn envelope(
    caller: &Caller<may::Record>,
    request: &HttpRequest,
    canonical: &[u8],
) -> Result<Envelope, Problem> {
    let (key, request_hash) = extract::idempotency(request, canonical)?;
    let (principal, credential) = (caller.principal.clone(), caller.credential);
    Ok(Envelope { principal, credential, key, request_hash, render: rendering() })
}

fn answer(outcome: Outcome) -> HttpResponse {
    let (mut response, replayed) = match outcome {
        Outcome::Booked { movement, replayed } => (created(&movement), replayed),
        Outcome::Refused { status, body, replayed } => (respond(status, body), replayed),
    };
    if replayed {
        let name = actix_web::http::header::HeaderName::from_static("idempotency-replayed");
        let value = actix_web::http::header::HeaderValue::from_static("true");
        response.headers_mut().insert(name, value);
    }
    response
}

fn created(movement: &Movement) -> HttpResponse {
    // As long as most are, so that it is not moved while it is written.
    let mut body = Vec::with_capacity(1_024);
    if let Err(error) = serde_json::to_writer(&mut body, &MovementReply::from(movement)) {
        return HttpResponse::from_error(JsonPayloadError::Serialize(error));
    }
    HttpResponse::Created()
        .insert_header((LOCATION, format!("/v1/movements/{}", movement.id)))
        .insert_header(ContentType::json())
        .body(body)
}

/// Book a movement: one document, 1 to 500 lines, all or nothing.
#[utoipa::path(post, path = "/v1/movements", tag = "movements", operation_id = "record_movement",
    params(("Idempotency-Key" = String, Header,
        description = "1 to 128 visible ASCII characters; repeats get the first answer",
        example = "LY-CITY-01-20211110-0001")),
    request_body = MovementRequest,
    responses((status = 201, description = "Booked, and on disk", body = MovementReply,
        headers(("Location" = String, description = "Path of the movement"),
            ("Idempotency-Replayed" = bool, description = "On a repeat: `true`"))),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn record(
    caller: Caller<may::Record>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let json = extract::json::<MovementRequest>(&request, &body)?;
    let envelope = envelope(&caller, &request, &json.canonical)?;
    let draft =
        json.value.into_draft().map_err(|faults| Problem::invalid(Code::InvalidValue, faults))?;
    Ok(answer(service::record(&caller.book, envelope, draft).await?))
}

/// Reverse a movement: its exact mirror, at most once.
#[utoipa::path(post, path = "/v1/movements/{id}/reversals", tag = "movements",
    operation_id = "reverse_movement",
    params(("id" = Uuid, Path, description = "The movement to reverse",
            example = "0192a4c0-7c1e-7b00-8000-000000000001"),
        ("Idempotency-Key" = String, Header,
            description = "1 to 128 visible ASCII characters; repeats get the first answer",
            example = "LY-CITY-01-20211110-0002")),
    request_body = ReversalRequest,
    responses((status = 201, description = "Booked, and on disk", body = MovementReply,
        headers(("Location" = String, description = "Path of the reversal"),
            ("Idempotency-Replayed" = bool, description = "On a repeat: `true`"))),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn reverse(
    caller: Caller<may::Record>,
    request: HttpRequest,
    path: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let id = movement_id(&path)?;
    let json = extract::json::<ReversalRequest>(&request, &body)?;
    let envelope = envelope(&caller, &request, &json.canonical)?;
    let draft =
        json.value.into_draft().map_err(|faults| Problem::invalid(Code::InvalidValue, faults))?;
    Ok(answer(service::reverse(&caller.book, envelope, id, draft).await?))
}

/// Read one movement.
#[utoipa::path(get, path = "/v1/movements/{id}", tag = "movements",
    operation_id = "get_movement",
    params(("id" = Uuid, Path, description = "The movement's id",
        example = "0192a4c0-7c1e-7b00-8000-000000000001")),
    responses((status = 200, description = "The movement", body = MovementReply),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn get(
    caller: Caller<may::ReadMovements>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let id = movement_id(&path)?;
    let movement = service::find(&caller.book, &caller.principal, id).await?;
    Ok(HttpResponse::Ok().json(MovementReply::from(&movement)))
}

/// A path that is no id names no movement.
fn movement_id(text: &str) -> Result<Uuid, Problem> {
    Uuid::try_parse(text)
        .map_err(|_| crate::service::failure::Failure::not_found("movement", text).into())
}
