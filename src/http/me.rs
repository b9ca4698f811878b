//! Who the caller is.
//!
//! Lives here: one answer. Does not live here: keys. Invariant: no key is ever shown.

use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{Caller, may};
use super::context;
use super::extract;
use super::problem::Problem;

/// The holder of the key.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    #[schema(example = "临沂市库管员")]
    pub name: String,
    /// `clerk`, `planner`, `province` or `admin`.
    #[schema(example = "clerk")]
    pub role: String,
    /// The region whose subtree the key sees; `null` is everything.
    #[schema(example = "371300000000")]
    pub region: Option<String>,
    pub region_name: Option<String>,
    /// The language of this answer.
    #[schema(example = "zh-CN")]
    pub language: String,
}

/// Name, role, region and language of the caller.
#[utoipa::path(get, path = "/v1/me", tag = "access", operation_id = "get_me",
    responses((status = 200, description = "The caller", body = Me),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn me(
    caller: Caller<may::ReadSelf>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let principal = &caller.principal;
    let regions = &caller.position.reference.regions;
    let region = principal.region.and_then(|code| regions.by_code(code));
    Ok(HttpResponse::Ok().json(Me {
        name: principal.name.clone(),
        role: principal.role.as_str().to_string(),
        region: principal.region.map(|code| code.to_string()),
        region_name: region.map(|region| region.name.clone()),
        language: context::current().language.tag().to_string(),
    }))
}
