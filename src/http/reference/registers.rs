//! Handlers of agreements, capacities and pledges: list, read, create and replace.
//!
//! Lives here: one triple per register. Does not live here: what they share (`resource`).
//! Invariant: what is of another region is not there.

use actix_web::{HttpRequest, HttpResponse, web};

use super::super::access::{Caller, may};
use super::super::extract;
use super::super::page::Page;
use super::super::problem::{Problem, ProblemResponse};
use super::handlers::one;
use super::kinds::{Agreements, Capacities, Pledges};
use super::queries::{AgreementQuery, CapacityQuery, PledgeQuery, inside, subtree};
use super::resource::{self, says};
use super::{AgreementDto, CapacityDto, PledgeDto};

one!(
    get_agreement,
    "get_agreement",
    put_agreement,
    "put_agreement",
    "/v1/agreements/{code}",
    Agreements,
    AgreementDto,
    may::WriteReference,
    "code",
    "LY-AG-01"
);

/// List agreements by code.
#[utoipa::path(get, path = "/v1/agreements", tag = "reference", operation_id = "list_agreements",
    params(AgreementQuery),
    responses((status = 200, description = "A page of agreements", body = Page<AgreementDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_agreements(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: AgreementQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    resource::list::<Agreements, _>(&caller, &request, &query.paging()?, |row| {
        let terms = &row.terms;
        inside(reference, root, terms.region)
            && query.item.as_deref().is_none_or(|item| item == terms.item.as_str())
            && says(query.q.as_deref(), &[terms.code.as_str(), &terms.name])
    })
}

one!(
    get_capacity,
    "get_capacity",
    put_capacity,
    "put_capacity",
    "/v1/capacities/{code}",
    Capacities,
    CapacityDto,
    may::WriteReference,
    "code",
    "LY-CP-01"
);

/// List capacities by code.
#[utoipa::path(get, path = "/v1/capacities", tag = "reference", operation_id = "list_capacities",
    params(CapacityQuery),
    responses((status = 200, description = "A page of capacities", body = Page<CapacityDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_capacities(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: CapacityQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    resource::list::<Capacities, _>(&caller, &request, &query.paging()?, |row| {
        let terms = &row.terms;
        inside(reference, root, terms.region)
            && query.item.as_deref().is_none_or(|item| item == terms.item.as_str())
            && says(query.q.as_deref(), &[terms.code.as_str(), &terms.name])
    })
}

one!(
    get_pledge,
    "get_pledge",
    put_pledge,
    "put_pledge",
    "/v1/pledges/{code}",
    Pledges,
    PledgeDto,
    may::WriteReference,
    "code",
    "LY-PL-01"
);

/// List pledges by code.
#[utoipa::path(get, path = "/v1/pledges", tag = "reference", operation_id = "list_pledges",
    params(PledgeQuery),
    responses((status = 200, description = "A page of pledges", body = Page<PledgeDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_pledges(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: PledgeQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    resource::list::<Pledges, _>(&caller, &request, &query.paging()?, |row| {
        let terms = &row.terms;
        inside(reference, root, terms.region)
            && query.item.as_deref().is_none_or(|item| item == terms.item.as_str())
            && says(query.q.as_deref(), &[terms.code.as_str(), &terms.name])
    })
}
