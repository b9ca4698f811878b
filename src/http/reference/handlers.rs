//! Handlers of reference data: list, read, create and replace.
//!
//! Lives here: one triple per kind. Does not live here: what they share (`resource`). Invariant: a
//! write names what it expects to find.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::catalogue::FunctionClass;
use crate::domain::depot::{DepotKind, OrganizationKind};
use crate::domain::quota::Subject;
use crate::domain::region::Tier;

use super::super::access::{Caller, may};
use super::super::extract;
use super::super::page::Page;
use super::super::problem::{Problem, ProblemResponse};
use super::kinds::{
    Depots, Items, Needs, Organizations, Profiles, QuotaRules, Quotas, RegionsKind,
};
use super::queries::{
    DepotQuery, ItemQuery, NeedQuery, OrganizationQuery, ProfileQuery, QuotaQuery, QuotaRuleQuery,
    RegionQuery, inside, subtree,
};
use super::resource::{self, says};
use super::{
    DepotDto, ItemDto, NeedDto, OrganizationDto, ProfileDto, QuotaDto, QuotaRuleDto, RegionDto,
};

/// The read and the conditional write of one kind.
macro_rules! one {
    ($get:ident, $get_id:literal, $put:ident, $put_id:literal, $path:literal, $kind:ty, $dto:ty,
     $may:ty, $code:literal, $example:literal) => {
        /// Read one record.
        #[utoipa::path(get, path = $path, tag = "reference", operation_id = $get_id,
            params(
                ($code = String, Path, description = "Code of the record", example = $example),
                ("If-None-Match" = Option<String>, Header, description = "ETags already read")),
            responses(
                (status = 200, description = "The record", body = $dto,
                    headers(("ETag" = String, description = "Its version"))),
                (status = 304, description = "Not modified"),
                (status = "default", response = ProblemResponse)))]
        pub async fn $get(
            caller: Caller<may::ReadReference>,
            request: HttpRequest,
            path: web::Path<String>,
        ) -> Result<HttpResponse, Problem> {
            resource::get::<$kind, _>(&caller, &request, &path)
        }

        /// Create (`If-None-Match: *`) or replace (`If-Match`) one record.
        #[utoipa::path(put, path = $path, tag = "reference", operation_id = $put_id,
            params(
                ($code = String, Path, description = "Code of the record", example = $example),
                ("If-None-Match" = Option<String>, Header, description = "`*` to create"),
                ("If-Match" = Option<String>, Header,
                    description = "The ETag to replace, or `*`; not with `If-None-Match`")),
            request_body = $dto,
            responses(
                (status = 200, description = "Replaced", body = $dto,
                    headers(("ETag" = String, description = "Its version"))),
                (status = 201, description = "Created", body = $dto,
                    headers(("ETag" = String, description = "Its version"))),
                (status = "default", response = ProblemResponse)))]
        pub async fn $put(
            caller: Caller<$may>,
            request: HttpRequest,
            path: web::Path<String>,
            body: web::Bytes,
        ) -> Result<HttpResponse, Problem> {
            resource::put::<$kind, _>(&caller, &request, &path, &body).await
        }
    };
}

pub(super) use one;

one!(
    get_region,
    "get_region",
    put_region,
    "put_region",
    "/v1/regions/{code}",
    RegionsKind,
    RegionDto,
    may::WriteReference,
    "code",
    "371300000000"
);

/// List regions by code.
#[utoipa::path(get, path = "/v1/regions", tag = "reference", operation_id = "list_regions",
    params(RegionQuery),
    responses((status = 200, description = "A page of regions", body = Page<RegionDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_regions(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: RegionQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    let parent = subtree(&caller.principal, reference, "parent", query.parent.as_deref())?;
    let parent = parent.and_then(|ix| reference.regions.get(ix)).map(|region| region.code);
    let tier = extract::word("tier", query.tier.as_deref(), &Tier::ALL, Tier::as_str)?;
    resource::list::<RegionsKind, _>(&caller, &request, &query.paging()?, |row| {
        inside(reference, root, row.code)
            && parent.is_none_or(|parent| row.parent == Some(parent))
            && tier.is_none_or(|tier| row.tier == tier)
            && says(query.q.as_deref(), &[&row.code.to_string(), &row.name])
    })
}

one!(
    get_organization,
    "get_organization",
    put_organization,
    "put_organization",
    "/v1/organizations/{code}",
    Organizations,
    OrganizationDto,
    may::WriteReference,
    "code",
    "LY-YJ"
);

/// List organizations by code.
#[utoipa::path(get, path = "/v1/organizations", tag = "reference",
    operation_id = "list_organizations",
    params(OrganizationQuery),
    responses((status = 200, description = "A page of organizations", body = Page<OrganizationDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_organizations(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: OrganizationQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    let kind = query.kind.as_deref();
    let kind = extract::word("kind", kind, &OrganizationKind::ALL, OrganizationKind::as_str)?;
    resource::list::<Organizations, _>(&caller, &request, &query.paging()?, |row| {
        inside(reference, root, row.region)
            && kind.is_none_or(|kind| row.kind == kind)
            && says(query.q.as_deref(), &[row.code.as_str(), &row.name])
    })
}

one!(
    get_depot,
    "get_depot",
    put_depot,
    "put_depot",
    "/v1/depots/{code}",
    Depots,
    DepotDto,
    may::WriteReference,
    "code",
    "LY-CITY-01"
);

/// List depots by code.
#[utoipa::path(get, path = "/v1/depots", tag = "reference", operation_id = "list_depots",
    params(DepotQuery),
    responses((status = 200, description = "A page of depots", body = Page<DepotDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_depots(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: DepotQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    let kind = extract::word("kind", query.kind.as_deref(), &DepotKind::ALL, DepotKind::as_str)?;
    resource::list::<Depots, _>(&caller, &request, &query.paging()?, |row| {
        inside(reference, root, row.region)
            && kind.is_none_or(|kind| row.kind == kind)
            && says(query.q.as_deref(), &[row.code.as_str(), &row.name])
    })
}

one!(
    get_item,
    "get_item",
    put_item,
    "put_item",
    "/v1/items/{code}",
    Items,
    ItemDto,
    may::WriteReference,
    "code",
    "QUILT"
);

/// List items by code.
#[utoipa::path(get, path = "/v1/items", tag = "reference", operation_id = "list_items",
    params(ItemQuery),
    responses((status = 200, description = "A page of items", body = Page<ItemDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_items(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: ItemQuery = extract::query(&request)?;
    let class = query.function_class.as_deref();
    let class = extract::word("function_class", class, &FunctionClass::ALL, FunctionClass::as_str)?;
    resource::list::<Items, _>(&caller, &request, &query.paging()?, |row| {
        let need = row.provision.as_ref().map(|provision| provision.need.as_str());
        class.is_none_or(|class| row.function_class == class)
            && (query.need.is_none() || query.need.as_deref() == need)
            && says(query.q.as_deref(), &[row.code.as_str(), &row.name, &row.name_en])
    })
}

one!(
    get_need,
    "get_need",
    put_need,
    "put_need",
    "/v1/needs/{code}",
    Needs,
    NeedDto,
    may::WriteReference,
    "code",
    "water"
);

/// List needs by code.
#[utoipa::path(get, path = "/v1/needs", tag = "reference", operation_id = "list_needs",
    params(NeedQuery),
    responses((status = 200, description = "A page of needs", body = Page<NeedDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_needs(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: NeedQuery = extract::query(&request)?;
    resource::list::<Needs, _>(&caller, &request, &query.paging()?, |row| {
        says(query.q.as_deref(), &[row.code.as_str(), &row.name, &row.name_en])
    })
}

one!(
    get_quota,
    "get_quota",
    put_quota,
    "put_quota",
    "/v1/quotas/{id}",
    Quotas,
    QuotaDto,
    may::Plan,
    "id",
    "0192a4c0-7c1e-7b00-8000-000000000001"
);

/// List quotas by code.
#[utoipa::path(get, path = "/v1/quotas", tag = "reference", operation_id = "list_quotas",
    params(QuotaQuery),
    responses((status = 200, description = "A page of quotas", body = Page<QuotaDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_quotas(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: QuotaQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    resource::list::<Quotas, _>(&caller, &request, &query.paging()?, |row| {
        inside(reference, root, row.region)
            && about(&row.subject, query.item.as_deref(), query.need.as_deref())
    })
}

one!(
    get_quota_rule,
    "get_quota_rule",
    put_quota_rule,
    "put_quota_rule",
    "/v1/quota-rules/{code}",
    QuotaRules,
    QuotaRuleDto,
    may::Plan,
    "code",
    "LY-QUILT-COUNTY"
);

/// List quota rules by code.
#[utoipa::path(get, path = "/v1/quota-rules", tag = "reference", operation_id = "list_quota_rules",
    params(QuotaRuleQuery),
    responses((status = 200, description = "A page of quota rules", body = Page<QuotaRuleDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_quota_rules(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: QuotaRuleQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    let tier = extract::word("tier", query.tier.as_deref(), &Tier::ALL, Tier::as_str)?;
    resource::list::<QuotaRules, _>(&caller, &request, &query.paging()?, |row| {
        inside(reference, root, row.region)
            && tier.is_none_or(|tier| row.tier == tier)
            && about(&row.subject, query.item.as_deref(), query.need.as_deref())
            && says(query.q.as_deref(), &[row.code.as_str(), &row.name])
    })
}

/// Whether a subject is the item or need asked for.
fn about(subject: &Subject, item: Option<&str>, need: Option<&str>) -> bool {
    match subject {
        Subject::Item(code) => need.is_none() && item.is_none_or(|item| item == code.as_str()),
        Subject::Need(code) => item.is_none() && need.is_none_or(|need| need == code.as_str()),
    }
}

one!(
    get_profile,
    "get_profile",
    put_profile,
    "put_profile",
    "/v1/profiles/{code}",
    Profiles,
    ProfileDto,
    may::WriteReference,
    "code",
    "371300000000"
);

/// List profiles by code.
#[utoipa::path(get, path = "/v1/profiles", tag = "reference", operation_id = "list_profiles",
    params(ProfileQuery),
    responses((status = 200, description = "A page of profiles", body = Page<ProfileDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_profiles(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: ProfileQuery = extract::query(&request)?;
    resource::list::<Profiles, _>(&caller, &request, &query.paging()?, |_| true)
}
