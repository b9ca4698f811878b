//! The OpenAPI document, gathered from the handlers.
//!
//! Lives here: title, tags, security and the list of operations. Does not live here: any single
//! operation. Invariant: `openapi/openapi.json` is this document; a test compares them.

mod contract;

use contract::Contract;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::quota_rules;
use super::reference::handlers as reference;
use super::reference::{closures, helibases, registers, water, ways};
use super::reopenings;
use super::reserves;
use super::{
    coverage, explanations, gaps, health, me, movements, plans, problem, rotation, scenarios,
    stock, summaries,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Changping (常平)",
        description = "Emergency supply stockpiles: what lies where, what is missing, what must be \
                       turned over, who is reached within the time limit.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        movements::record,
        movements::list::list,
        movements::get,
        movements::reverse,
        movements::import::import,
        reference::list_regions,
        reference::get_region,
        reference::put_region,
        reference::list_organizations,
        reference::get_organization,
        reference::put_organization,
        reference::list_depots,
        reference::get_depot,
        reference::put_depot,
        reference::list_items,
        reference::get_item,
        reference::put_item,
        reference::list_needs,
        reference::get_need,
        reference::put_need,
        reference::list_quotas,
        reference::get_quota,
        reference::put_quota,
        reference::list_quota_rules,
        reference::get_quota_rule,
        reference::put_quota_rule,
        quota_rules::preview,
        quota_rules::adopt,
        registers::list_agreements,
        registers::get_agreement,
        registers::put_agreement,
        registers::list_capacities,
        registers::get_capacity,
        registers::put_capacity,
        registers::list_pledges,
        registers::get_pledge,
        registers::put_pledge,
        helibases::list_helibases,
        helibases::get_helibase,
        helibases::put_helibase,
        water::list_water_legs,
        water::get_water_leg,
        water::put_water_leg,
        ways::list_routes,
        ways::get_route,
        ways::put_route,
        ways::list_roads,
        ways::get_road,
        ways::put_road,
        closures::list_closures,
        closures::get_closure,
        closures::put_closure,
        reopenings::list,
        reserves::list,
        reference::list_profiles,
        reference::get_profile,
        reference::put_profile,
        stock::list,
        gaps::list,
        explanations::gap::explain,
        gaps::donors::list,
        rotation::due,
        rotation::balance,
        scenarios::events::list,
        scenarios::events::get,
        scenarios::events::put,
        scenarios::events::allocation,
        plans::list,
        plans::draft,
        plans::get,
        plans::edit,
        plans::approve,
        plans::order,
        plans::cancel,
        plans::lines,
        plans::trace::trace,
        explanations::purchase::explain,
        rotation::plan::get,
        rotation::plan::simulate,
        explanations::balance::explain,
        coverage::list,
        scenarios::compute,
        summaries::list,
        me::me,
        health::live,
        health::ready,
        health::metrics,
    ),
    components(
        responses(problem::ProblemResponse),
        schemas(problem::ProblemBody, problem::ProblemFault)
    ),
    tags(
        (name = "movements", description = "Book, reverse, read movements"),
        (name = "reference", description = "Regions, organizations, depots, items, needs, quotas"),
        (name = "stock", description = "What lies where"),
        (name = "planning", description = "What is missing, ages, or arrives too late"),
        (name = "province", description = "What the provincial system pulls"),
        (name = "access", description = "Who the caller is"),
        (name = "operations", description = "Health and metrics"),
    ),
    security(("key" = [])),
    modifiers(&KeySecurity, &Contract)
)]
struct Document;

struct KeySecurity;

impl Modify for KeySecurity {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A key made by `changping keys create`; a demo needs none."))
            .build();
        if let Some(components) = document.components.as_mut() {
            components.add_security_scheme("key", SecurityScheme::Http(scheme));
        }
    }
}

/// The document as a value.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The document of a demo: its callers may bring a key, but need none.
pub fn demo_document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let nobody = SecurityRequirement::default();
    document.security = document.security.map(|required| [vec![nobody], required].concat());
    document
}

/// A document as text.
pub fn text(document: &utoipa::openapi::OpenApi) -> String {
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    /// Renew it with `cargo run -- openapi > openapi/openapi.json`.
    #[test]
    fn the_committed_document_has_not_drifted() {
        let committed = include_str!("../../openapi/openapi.json");
        let now = super::text(&super::document());
        assert!(committed == now, "run: cargo run -- openapi > openapi/openapi.json");
    }
}
