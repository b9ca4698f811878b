//! One table of every path, with who may call it.
//!
//! Lives here: paths, methods, handlers and the action each needs. Does not live here: what they
//! do. Invariant: an operation that is not in this table is not served.

use std::sync::LazyLock;

use actix_web::http::Method;
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, Route};
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

use crate::domain::access::Action;

use super::extract;
use super::problem::{Code, Problem};
use super::quota_rules;
use super::reference::handlers as reference;
use super::reference::{closures, helibases, registers, water, ways};
use super::reopenings;
use super::reserves;
use super::state::{App, Mode};
use super::{
    coverage, explanations, gaps, health, me, movements, openapi, plans, rotation, scenarios,
    stock, summaries,
};

/// One operation: method, path, and the action it needs (`None` is open to all).
pub type Operation = (&'static str, &'static str, Option<Action>);

/// Where files of movements go; their bodies may be larger than others.
pub const IMPORT: &str = "/v1/movements/import";
/// Where scenarios go; lists of a body that is too large are counted, so that one can be named.
pub const SCENARIOS: &str = "/v1/coverage/scenarios";
/// What the paths of stored events, whose lists are counted too, begin with.
const EVENTS: &str = "/v1/events/";

/// The most bytes of a body that a path reads at all.
pub fn most_bytes(path: &str) -> usize {
    match path {
        IMPORT => extract::MAX_IMPORT,
        SCENARIOS => extract::MAX_COUNTED,
        _ if path.starts_with(EVENTS) => extract::MAX_COUNTED,
        _ => extract::MAX_BODY,
    }
}

/// Paths of everything that the OpenAPI document describes.
pub const OPERATIONS: &[Operation] = &[
    ("POST", "/v1/movements", Some(Action::Record)),
    ("GET", "/v1/movements", Some(Action::ReadMovements)),
    ("POST", IMPORT, Some(Action::Record)),
    ("GET", "/v1/movements/{id}", Some(Action::ReadMovements)),
    ("POST", "/v1/movements/{id}/reversals", Some(Action::Record)),
    ("GET", "/v1/regions", Some(Action::ReadReference)),
    ("GET", "/v1/regions/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/regions/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/organizations", Some(Action::ReadReference)),
    ("GET", "/v1/organizations/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/organizations/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/depots", Some(Action::ReadReference)),
    ("GET", "/v1/depots/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/depots/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/items", Some(Action::ReadReference)),
    ("GET", "/v1/items/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/items/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/needs", Some(Action::ReadReference)),
    ("GET", "/v1/needs/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/needs/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/quotas", Some(Action::ReadReference)),
    ("GET", "/v1/quotas/{id}", Some(Action::ReadReference)),
    ("PUT", "/v1/quotas/{id}", Some(Action::Plan)),
    ("GET", "/v1/quota-rules", Some(Action::ReadReference)),
    ("GET", "/v1/quota-rules/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/quota-rules/{code}", Some(Action::Plan)),
    ("GET", "/v1/quota-rules/{code}/preview", Some(Action::Plan)),
    ("POST", "/v1/quota-rules/{code}/adoptions", Some(Action::Plan)),
    ("GET", "/v1/agreements", Some(Action::ReadReference)),
    ("GET", "/v1/agreements/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/agreements/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/capacities", Some(Action::ReadReference)),
    ("GET", "/v1/capacities/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/capacities/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/pledges", Some(Action::ReadReference)),
    ("GET", "/v1/pledges/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/pledges/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/routes", Some(Action::ReadReference)),
    ("GET", "/v1/routes/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/routes/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/roads", Some(Action::ReadReference)),
    ("GET", "/v1/roads/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/roads/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/helibases", Some(Action::ReadReference)),
    ("GET", "/v1/helibases/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/helibases/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/water-legs", Some(Action::ReadReference)),
    ("GET", "/v1/water-legs/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/water-legs/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/closures", Some(Action::ReadReference)),
    ("GET", "/v1/closures/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/closures/{code}", Some(Action::Plan)),
    ("GET", "/v1/reopenings", Some(Action::ReadPlanning)),
    ("GET", "/v1/reserves", Some(Action::ReadPlanning)),
    ("GET", "/v1/profiles", Some(Action::ReadReference)),
    ("GET", "/v1/profiles/{code}", Some(Action::ReadReference)),
    ("PUT", "/v1/profiles/{code}", Some(Action::WriteReference)),
    ("GET", "/v1/stock", Some(Action::ReadStock)),
    ("GET", "/v1/gaps", Some(Action::ReadPlanning)),
    ("GET", "/v1/gaps/explanation", Some(Action::ReadPlanning)),
    ("GET", "/v1/gaps/donors", Some(Action::ReadPlanning)),
    ("GET", "/v1/rotation", Some(Action::ReadPlanning)),
    ("GET", "/v1/rotation/balance", Some(Action::ReadPlanning)),
    ("GET", "/v1/plans", Some(Action::ReadPlanning)),
    ("POST", "/v1/plans", Some(Action::Plan)),
    ("GET", "/v1/plans/{code}", Some(Action::ReadPlanning)),
    ("PUT", "/v1/plans/{code}", Some(Action::Plan)),
    ("POST", "/v1/plans/{code}/approvals", Some(Action::Plan)),
    ("POST", "/v1/plans/{code}/orders", Some(Action::Plan)),
    ("POST", "/v1/plans/{code}/cancellations", Some(Action::Plan)),
    ("GET", "/v1/plans/{code}/lines", Some(Action::ReadPlanning)),
    ("GET", "/v1/plans/{code}/lines/{line_no}/explanation", Some(Action::ReadPlanning)),
    ("GET", "/v1/plans/{code}/lines/{line_no}/trace", Some(Action::ReadPlanning)),
    ("GET", "/v1/rotation/plan", Some(Action::ReadPlanning)),
    ("POST", "/v1/rotation/plan", Some(Action::ReadPlanning)),
    ("GET", "/v1/rotation/balance/explanation", Some(Action::ReadPlanning)),
    ("GET", "/v1/coverage", Some(Action::ReadPlanning)),
    ("POST", SCENARIOS, Some(Action::ReadPlanning)),
    ("GET", "/v1/events", Some(Action::ReadPlanning)),
    ("GET", "/v1/events/{id}", Some(Action::ReadPlanning)),
    ("PUT", "/v1/events/{id}", Some(Action::Plan)),
    ("GET", "/v1/events/{id}/allocation", Some(Action::ReadPlanning)),
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
        .service(resource(IMPORT, |r| r.post(movements::import::import)))
        .service(resource("/v1/movements/{id}", |r| r.get(movements::get)))
        .service(resource("/v1/movements/{id}/reversals", |r| r.post(movements::reverse)))
        .configure(reference_data)
        .configure(reserves_of_others)
        .configure(procurement)
        .service(resource("/v1/stock", |r| r.get(stock::list)))
        .service(resource("/v1/gaps", |r| r.get(gaps::list)))
        .service(resource("/v1/gaps/donors", |r| r.get(gaps::donors::list)))
        .service(resource("/v1/gaps/explanation", |r| r.get(explanations::gap::explain)))
        .service(resource("/v1/rotation", |r| r.get(rotation::due)))
        .service(resource("/v1/rotation/balance", |r| r.get(rotation::balance)))
        .service(resource("/v1/rotation/balance/explanation", |r| {
            r.get(explanations::balance::explain)
        }))
        .service(resource("/v1/rotation/plan", |r| {
            r.get(rotation::plan::get).post(rotation::plan::simulate)
        }))
        .service(resource("/v1/coverage", |r| r.get(coverage::list)))
        .service(resource(SCENARIOS, |r| r.post(scenarios::compute)))
        .service(resource("/v1/events", |r| r.get(scenarios::events::list)))
        .service(resource("/v1/events/{id}", |r| {
            r.get(scenarios::events::get).put(scenarios::events::put)
        }))
        .service(resource("/v1/events/{id}/allocation", |r| r.get(scenarios::events::allocation)))
        .service(resource("/v1/summaries", |r| r.get(summaries::list)))
        .service(resource("/v1/me", |r| r.get(me::me)))
        .service(resource("/healthz", |r| r.get(health::live)))
        .service(resource("/readyz", |r| r.get(health::ready)))
        .service(resource("/metrics", |r| r.get(health::metrics)))
        .service(resource("/openapi.json", |r| r.get(document)))
        .service(web::redirect("/docs", "/docs/"))
        .service(SwaggerUi::new("/docs/{tail:.*}").config(SwaggerConfig::new(["/openapi.json"])))
        .default_service(web::to(nothing_here));
}

fn procurement(config: &mut ServiceConfig) {
    config
        .service(resource("/v1/plans", |r| r.get(plans::list).post(plans::draft)))
        .service(resource("/v1/plans/{code}", |r| r.get(plans::get).put(plans::edit)))
        .service(resource("/v1/plans/{code}/approvals", |r| r.post(plans::approve)))
        .service(resource("/v1/plans/{code}/orders", |r| r.post(plans::order)))
        .service(resource("/v1/plans/{code}/cancellations", |r| r.post(plans::cancel)))
        .service(resource("/v1/plans/{code}/lines", |r| r.get(plans::lines)))
        .service(resource("/v1/plans/{code}/lines/{line_no}/explanation", |r| {
            r.get(explanations::purchase::explain)
        }))
        .service(resource("/v1/plans/{code}/lines/{line_no}/trace", |r| {
            r.get(plans::trace::trace)
        }));
}

fn reference_data(config: &mut ServiceConfig) {
    config
        .service(resource("/v1/regions", |r| r.get(reference::list_regions)))
        .service(resource("/v1/regions/{code}", |r| {
            r.get(reference::get_region).put(reference::put_region)
        }))
        .service(resource("/v1/organizations", |r| r.get(reference::list_organizations)))
        .service(resource("/v1/organizations/{code}", |r| {
            r.get(reference::get_organization).put(reference::put_organization)
        }))
        .service(resource("/v1/depots", |r| r.get(reference::list_depots)))
        .service(resource("/v1/depots/{code}", |r| {
            r.get(reference::get_depot).put(reference::put_depot)
        }))
        .service(resource("/v1/items", |r| r.get(reference::list_items)))
        .service(resource("/v1/items/{code}", |r| {
            r.get(reference::get_item).put(reference::put_item)
        }))
        .service(resource("/v1/needs", |r| r.get(reference::list_needs)))
        .service(resource("/v1/needs/{code}", |r| {
            r.get(reference::get_need).put(reference::put_need)
        }))
        .service(resource("/v1/quotas", |r| r.get(reference::list_quotas)))
        .service(resource("/v1/quotas/{id}", |r| {
            r.get(reference::get_quota).put(reference::put_quota)
        }))
        .service(resource("/v1/quota-rules", |r| r.get(reference::list_quota_rules)))
        .service(resource("/v1/quota-rules/{code}", |r| {
            r.get(reference::get_quota_rule).put(reference::put_quota_rule)
        }))
        .service(resource("/v1/quota-rules/{code}/preview", |r| r.get(quota_rules::preview)))
        .service(resource("/v1/quota-rules/{code}/adoptions", |r| r.post(quota_rules::adopt)))
        .service(resource("/v1/profiles", |r| r.get(reference::list_profiles)))
        .service(resource("/v1/profiles/{code}", |r| {
            r.get(reference::get_profile).put(reference::put_profile)
        }));
}

fn reserves_of_others(config: &mut ServiceConfig) {
    config
        .service(resource("/v1/agreements", |r| r.get(registers::list_agreements)))
        .service(resource("/v1/agreements/{code}", |r| {
            r.get(registers::get_agreement).put(registers::put_agreement)
        }))
        .service(resource("/v1/capacities", |r| r.get(registers::list_capacities)))
        .service(resource("/v1/capacities/{code}", |r| {
            r.get(registers::get_capacity).put(registers::put_capacity)
        }))
        .service(resource("/v1/pledges", |r| r.get(registers::list_pledges)))
        .service(resource("/v1/pledges/{code}", |r| {
            r.get(registers::get_pledge).put(registers::put_pledge)
        }))
        .service(resource("/v1/routes", |r| r.get(ways::list_routes)))
        .service(resource("/v1/routes/{code}", |r| r.get(ways::get_route).put(ways::put_route)))
        .service(resource("/v1/roads", |r| r.get(ways::list_roads)))
        .service(resource("/v1/roads/{code}", |r| r.get(ways::get_road).put(ways::put_road)))
        .service(resource("/v1/helibases", |r| r.get(helibases::list_helibases)))
        .service(resource("/v1/helibases/{code}", |r| {
            r.get(helibases::get_helibase).put(helibases::put_helibase)
        }))
        .service(resource("/v1/water-legs", |r| r.get(water::list_water_legs)))
        .service(resource("/v1/water-legs/{code}", |r| {
            r.get(water::get_water_leg).put(water::put_water_leg)
        }))
        .service(resource("/v1/closures", |r| r.get(closures::list_closures)))
        .service(resource("/v1/closures/{code}", |r| {
            r.get(closures::get_closure).put(closures::put_closure)
        }))
        .service(resource("/v1/reopenings", |r| r.get(reopenings::list)))
        .service(resource("/v1/reserves", |r| r.get(reserves::list)));
}

async fn document(app: web::Data<App>) -> HttpResponse {
    // Written once: it takes milliseconds, and anybody may ask for it.
    static KEYS: LazyLock<Bytes> =
        LazyLock::new(|| Bytes::from(openapi::text(&openapi::document())));
    static DEMO: LazyLock<Bytes> =
        LazyLock::new(|| Bytes::from(openapi::text(&openapi::demo_document())));
    let text = match app.mode {
        Mode::Keys => &KEYS,
        Mode::Demo => &DEMO,
    };
    HttpResponse::Ok()
        .insert_header((actix_web::http::header::CONTENT_TYPE, "application/json"))
        .body(Bytes::clone(text))
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
        self.add(&["GET"], web::get().to(handler)).add(&["HEAD"], head)
    }

    fn put<F, A>(self, handler: F) -> Self
    where
        F: actix_web::Handler<A>,
        A: actix_web::FromRequest + 'static,
        F::Output: actix_web::Responder + 'static,
    {
        self.add(&["PUT"], web::put().to(handler))
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
    let Methods { resource, allowed } =
        build(Methods { resource: web::resource(path), allowed: Vec::new() });
    let allow = allowed.join(", ");
    resource.default_service(web::to(move |request: HttpRequest| {
        let allow = allow.clone();
        async move {
            tracing::debug!(method = %request.method(), "no such method here");
            let problem = Problem::new(Code::MethodNotAllowed);
            let mut response = actix_web::ResponseError::error_response(&problem);
            if let Ok(value) = actix_web::http::header::HeaderValue::from_str(&allow) {
                response.headers_mut().insert(actix_web::http::header::ALLOW, value);
            }
            response
        }
    }))
}
