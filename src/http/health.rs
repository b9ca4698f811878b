//! Liveness, readiness and metrics.
//!
//! Lives here: what machines ask about the process. Does not live here: anything about stock.
//! Invariant: readiness is true only while the database answers.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::failure::Failure;
use crate::telemetry;

use super::problem::Problem;
use super::state::App;

/// How the service stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    pub status: String,
    /// Last entry of this process's view of the book.
    pub ledger_seq: i64,
    /// Revision of the reference data.
    pub reference_rev: i64,
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operations", operation_id = "get_health",
    security(()),
    responses((status = 200, description = "Alive", body = Health)))]
pub async fn live(app: web::Data<App>) -> HttpResponse {
    let head = app.book.snapshot().head;
    HttpResponse::Ok().json(Health {
        status: "ok".to_string(),
        ledger_seq: head.seq,
        reference_rev: head.reference_rev,
    })
}

/// The service can answer: the database is reached and the Position is at its head.
#[utoipa::path(get, path = "/readyz", tag = "operations", operation_id = "get_readiness",
    security(()),
    responses((status = 200, description = "Ready", body = Health),
        (status = 503, description = "The database does not answer")))]
pub async fn ready(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let reading = app.book.read().await?;
    if reading.stale_since.is_some() {
        return Err(Failure::Unavailable.into());
    }
    let head = reading.position.head;
    Ok(HttpResponse::Ok().json(Health {
        status: "ok".to_string(),
        ledger_seq: head.seq,
        reference_rev: head.reference_rev,
    }))
}

/// Counters and histograms in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations", operation_id = "get_metrics",
    security(()),
    responses((status = 200, description = "Metrics", body = String,
        content_type = "text/plain")))]
pub async fn metrics(app: web::Data<App>) -> HttpResponse {
    telemetry::note_seq(app.book.snapshot().head.seq);
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; version=0.0.4"))
        .body(telemetry::render())
}
