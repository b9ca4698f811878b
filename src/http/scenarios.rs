//! Scenarios over HTTP: several areas struck together.
//!
//! Lives here: `POST /v1/coverage/scenarios`, which computes and writes nothing. Does not live
//! here: shapes (`dto`, `reply`) and the division (`domain::scenario`). Invariant: every shortage
//! comes with its proof.

mod airlift;
mod areas;
mod bodies;
mod bound;
mod closing;
mod deliveries;
mod detail;
mod dto;
mod event_body;
pub mod events;
mod flights;
mod haste;
mod reading;
mod reply;
pub mod sentences;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::service::answers;
use crate::service::closures as service;

use super::access::{Caller, may};
use super::answer::closures::RegisterUse;
use super::extract;
use super::problem::Problem;

pub use dto::{AreaRequest, ClosureRequest, ScenarioRequest};
pub use reply::ScenarioAnswer;
use reply::Told;

/// How a scenario is to be computed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScenarioQuery {
    /// `apply` (default): closures of the register that are in force when goods may leave count,
    /// too; `ignore`: they do not.
    closures: Option<String>,
}

/// The fairest deliveries that are possible when several areas are struck together: who gets what,
/// from where and when, and a proof of every shortage.
#[utoipa::path(post, path = "/v1/coverage/scenarios", tag = "planning",
    operation_id = "compute_scenario", params(ScenarioQuery), request_body = ScenarioRequest,
    responses((status = 200, description = "The allocation at one instant; nothing is written",
            body = ScenarioAnswer),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn compute(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let asked: ScenarioQuery = extract::query(&request)?;
    let json = extract::listed::<ScenarioRequest>(&request, payload, &reading::LISTS).await?;
    let request = json.value;
    let register = RegisterUse::read(asked.closures.as_deref())?;
    let mut scenario = request.to_scenario(&caller)?;
    let at = service::departure(request.begun(), &scenario);
    scenario.sets_out_min = service::sets_out_min(request.begun(), &scenario);
    let in_force = register.in_force(&caller, at);
    let closed = scenario.closures.clone();
    service::close_scenario(&caller.position.reference, &in_force, &mut scenario);
    let solving = request.solving();
    let told = Told {
        name: request.name,
        exercise: request.exercise,
        started_at: request.started_at,
        as_movements: request.as_movements,
        orders: request.orders,
        event: None,
        illustrative: false,
        fleets: scenario.fleets,
        elapsed_min: scenario.elapsed_min,
        closed,
        in_force,
    };
    let on = scenario.on;
    let position = std::sync::Arc::clone(&caller.position);
    let outcome = answers::scenario_within(&caller.book, position, scenario, solving).await?;
    Ok(HttpResponse::Ok().json(ScenarioAnswer::new(&caller, told, on, &outcome)))
}
