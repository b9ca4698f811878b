//! One table of every path, with who may call it.
//!
//! Lives here: paths, methods, handlers and the action each needs. Does not live here: what they
//! do. Invariant: an operation that is not in this table is not served.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, Route};

use crate::domain::access::Action;

use super::problem::{Code, Problem};
use super::{coverage, gaps, health, me, movements, rotation, stock, summaries};

/// One operation: method, path, and the action it needs (`None` is open to all).
pub type Operation = (&'static str, &'static str, Option<Action>);

/// Paths of everything that the OpenAPI document describes.
pub const OPERATIONS: &[Operation] = &[
    ("POST", "/v1/movements", Some(Action::Record)),
    ("GET", "/v1/movements", Some(Action::ReadMovements)),
    ("GET", "/v1/movements/{id}", Some(Action::ReadMovements)),
    ("POST", "/v1/movements/{id}/reversals", Some(Action::Record)),
    ("GET", "/v1/stock", Some(Action::ReadStock)),
    ("GET", "/v1/gaps", Some(Action::ReadPlanning)),
    ("GET", "/v1/rotation", Some(Action::ReadPlanning)),
    ("GET", "/v1/rotation/balance", Some(Action::ReadPlanning)),
    ("GET", "/v1/coverage", Some(Action::ReadPlanning)),
    ("GET", "/v1/summaries", Some(Action::ReadSummaries)),
    ("GET", "/v1/me", Some(Action::ReadSelf)),
    ("GET", "/healthz", None),
    ("GET", "/readyz", None),
    ("GET", "/metrics", None),
];

/// Puts every path into the application.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/v1/movements", |r| {
            r.get(movements::list::list).post(movements::record)
        }))
        .service(resource("/v1/movements/{id}", |r| r.get(movements::get)))
        .service(resource("/v1/movements/{id}/reversals", |r| {
            r.post(movements::reverse)
        }))
        .service(resource("/v1/stock", |r| r.get(stock::list)))
        .service(resource("/v1/gaps", |r| r.get(gaps::list)))
        .service(resource("/v1/rotation", |r| r.get(rotation::due)))
        .service(resource("/v1/rotation/balance", |r| {
            r.get(rotation::balance)
        }))
        .service(resource("/v1/coverage", |r| r.get(coverage::list)))
        .service(resource("/v1/summaries", |r| r.get(summaries::list)))
        .service(resource("/v1/me", |r| r.get(me::me)))
        .service(resource("/healthz", |r| r.get(health::live)))
        .service(resource("/readyz", |r| r.get(health::ready)))
        .service(resource("/metrics", |r| r.get(health::metrics)))
        .service(resource("/openapi.json", |r| r.get(document)))
        .default_service(web::to(nothing_here));
}

async fn document() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((actix_web::http::header::CONTENT_TYPE, "application/json"))
        .body(super::openapi::text())
}

async fn nothing_here() -> Result<HttpResponse, Problem> {
    Err(Problem::new(Code::NotFound))
}

/// One resource with all its methods; another method gets 405 and `Allow`.
struct Methods {
    resource: Resource,
    allowed: Vec<&'static str>,
}

impl Methods {
    fn add(mut self, names: &[&'static str], route: Route) -> Self {
        self.resource = self.resource.route(route);
        self.allowed.extend_from_slice(names);
        self
    }

    fn get<F, A>(self, handler: F) -> Self
    where
        F: actix_web::Handler<A>,
        A: actix_web::FromRequest + 'static,
        F::Output: actix_web::Responder + 'static,
    {
        let head = web::route().method(Method::HEAD).to(handler.clone());
        self.add(&["GET"], web::get().to(handler))
            .add(&["HEAD"], head)
    }

    fn post<F, A>(self, handler: F) -> Self
    where
        F: actix_web::Handler<A>,
        A: actix_web::FromRequest + 'static,
        F::Output: actix_web::Responder + 'static,
    {
        self.add(&["POST"], web::post().to(handler))
    }
}

fn resource(path: &str, build: impl FnOnce(Methods) -> Methods) -> Resource {
    let Methods { resource, allowed } = build(Methods {
        resource: web::resource(path),
        allowed: Vec::new(),
    });
    let allow = allowed.join(", ");
    resource.default_service(web::to(move |request: HttpRequest| {
        let allow = allow.clone();
        async move {
            tracing::debug!(method = %request.method(), "no such method here");
            let problem = Problem::new(Code::MethodNotAllowed);
            let mut response = actix_web::ResponseError::error_response(&problem);
            if let Ok(value) = actix_web::http::header::HeaderValue::from_str(&allow) {
                response
                    .headers_mut()
                    .insert(actix_web::http::header::ALLOW, value);
            }
            response
        }
    }))
}
