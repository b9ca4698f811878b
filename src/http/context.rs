//! The context of one request: its id and the language of its reader.
//!
//! Lives here: the task-local context and the middleware that sets it, logs and counts. Does not
//! live here: authentication. Invariant: every answer carries the request id that the log has.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};
use std::time::{Instant, SystemTime};

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

thread_local! {
    static DICE: Cell<u64> = Cell::new(RandomState::new().hash_one(()));
}

/// An id that no other request has; it need not be hard to guess, so the system is not asked for
/// random bytes, which every request would wait for.
fn new_id() -> Uuid {
    let at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
    let (first, second) = (throw(), throw());
    let mut bytes = [0; 10];
    let thrown = first.to_le_bytes().into_iter().chain(second.to_le_bytes());
    bytes.iter_mut().zip(thrown).for_each(|(byte, thrown)| *byte = thrown);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// The next number of this thread (`SplitMix64`).
fn throw() -> u64 {
    let state = DICE.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
    DICE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The context of the request being served; a fresh one outside of any.
pub fn current() -> Context {
    CONTEXT
        .try_with(Clone::clone)
        .unwrap_or_else(|_| Context { language: Language::En, request_id: new_id().to_string() })
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
    let context = Context { language: language_of(&request), request_id: new_id().to_string() };
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_requests_have_one_id() {
        let ids = || (0..10_000).map(|_| new_id()).collect::<Vec<_>>();
        let others = std::thread::spawn(ids);
        let all: HashSet<Uuid> = ids().into_iter().chain(others.join().unwrap()).collect();
        assert_eq!(all.len(), 20_000);
        assert!(all.iter().all(|id| id.get_version_num() == 7));
    }
}
