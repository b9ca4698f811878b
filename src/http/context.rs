//! The context of one request: its id and the language of its reader.
//!
//! Lives here: the task-local context and the middleware that sets it, logs and counts. Does not
//! live here: authentication. Invariant: every answer carries the request id that the log has.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use uuid::Uuid;

use crate::telemetry;

use super::state::App;
use super::words::Language;

/// What a request carries along.
#[derive(Debug, Clone)]
pub struct Context {
    pub language: Language,
    pub request_id: String,
}

tokio::task_local! {
    static CONTEXT: Context;
}

/// The context of the request being served; a fresh one outside of any.
pub fn current() -> Context {
    CONTEXT.try_with(Clone::clone).unwrap_or_else(|_| Context {
        language: Language::En,
        request_id: Uuid::now_v7().to_string(),
    })
}

/// Runs `work` as if it were part of the request with this context, on whatever thread.
pub fn with<T>(context: &Context, work: impl FnOnce() -> T) -> T {
    CONTEXT.sync_scope(context.clone(), work)
}

fn language_of(request: &ServiceRequest) -> Language {
    let asked = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let default = request.app_data::<web::Data<App>>().map_or(Language::En, |app| app.language);
    asked.and_then(Language::from_accept).unwrap_or(default)
}

/// The method as a metric's label; invented ones share one, so that they make no series.
fn label(method: &str) -> &str {
    match method {
        "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH" | "OPTIONS" => method,
        _ => "other",
    }
}

/// Sets the context, answers, logs one line and counts.
///
/// # Errors
/// What the inner services return.
pub async fn with_context<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let began = Instant::now();
    let context =
        Context { language: language_of(&request), request_id: Uuid::now_v7().to_string() };
    let (method, path) = (request.method().to_string(), request.path().to_string());
    let id = context.request_id.clone();
    let language = context.language;
    let mut response = CONTEXT.scope(context, next.call(request)).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_string());
    let status = response.status().as_u16();
    let elapsed = began.elapsed();
    telemetry::count_request(label(&method), &route, status, elapsed);
    tracing::info!(
        request_id = %id,
        %method,
        %path,
        status,
        elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        "request"
    );
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    let tag = HeaderValue::from_static(language.tag());
    headers.insert(HeaderName::from_static("content-language"), tag);
    headers.insert(
        HeaderName::from_static("vary"),
        HeaderValue::from_static("accept, accept-language"),
    );
    Ok(response)
}
