//! The parameters of lists of reference data.
//!
//! Lives here: which filters each list takes. Does not live here: pages. Invariant: a filter that a
//! list does not take is refused as unknown.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::domain::access::Principal;
use crate::domain::reference::Reference;
use crate::domain::region::{RegionCode, RegionIx};
use crate::service::failure::Failure;

use super::super::extract;
use super::super::forms;
use super::super::problem::Problem;
use super::resource::Paging;

/// A list's parameters: its own filters, then paging.
macro_rules! list_query {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: Option<String>,)*
            /// Items on a page.
            limit: Option<usize>,
            /// The `next` of the page before.
            cursor: Option<String>,
            /// `json` or `csv`.
            format: Option<String>,
        }

        impl $name {
            /// The paging part, its cursor bound to the filters.
            ///
            /// # Errors
            /// 400 for a filter that no record could fit.
            pub(super) fn paging(&self) -> Result<Paging, Problem> {
                $(well_formed(stringify!($field), self.$field.as_deref())?;)*
                let filters = [
                    stringify!($name).to_string(),
                    $(format!("&{}={:?}", stringify!($field), self.$field),)*
                ]
                .concat();
                Ok(Paging {
                    limit: self.limit,
                    cursor: self.cursor.clone(),
                    format: self.format.clone(),
                    filters,
                })
            }
        }
    };
}

list_query! {
    /// Filters of regions.
    RegionQuery {
        /// Division code: its subtree.
        region,
        /// Division code: its children.
        parent,
        /// `province`, `city`, `county`, `township` or `village`.
        tier,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of organizations.
    OrganizationQuery {
        /// Division code: its subtree.
        region,
        /// Kind of organization.
        kind,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of depots.
    DepotQuery {
        /// Division code: its subtree.
        region,
        /// Kind of depot.
        kind,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of items.
    ItemQuery {
        /// `living`, `medical` or `rescue`.
        function_class,
        /// Need code: items that serve it.
        need,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of needs.
    NeedQuery {
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of quotas.
    QuotaQuery {
        /// Division code: its subtree.
        region,
        /// Item code.
        item,
        /// Need code.
        need,
    }
}

list_query! {
    /// Filters of agreements.
    AgreementQuery {
        /// Division code: its subtree.
        region,
        /// Item code.
        item,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of capacities.
    CapacityQuery {
        /// Division code: its subtree.
        region,
        /// Item code.
        item,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of pledges.
    PledgeQuery {
        /// Division code: its subtree.
        region,
        /// Item code.
        item,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of measured routes.
    RouteQuery {
        /// Division code: routes into its subtree.
        region,
        /// Text within code, depot or source.
        q,
    }
}

list_query! {
    /// Filters of helicopter bases.
    HelibaseQuery {
        /// Division code: its subtree.
        region,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of water legs.
    WaterLegQuery {
        /// Division code: its subtree.
        region,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of closures.
    ClosureQuery {
        /// Division code: closures of its subtree.
        region,
        /// `area`, `pair` or `roads`.
        kind,
        /// Why they were closed.
        cause,
        /// Text within code or document.
        q,
    }
}

list_query! {
    /// Filters of roads.
    RoadQuery {
        /// Text within code or class.
        q,
    }
}

list_query! {
    /// Filters of quota rules.
    QuotaRuleQuery {
        /// Division code: its subtree.
        region,
        /// Tier whose quotas the rule sets.
        tier,
        /// Item code.
        item,
        /// Need code.
        need,
        /// Text within code or name.
        q,
    }
}

list_query! {
    /// Filters of profiles: none.
    ProfileQuery {}
}

/// Refuses texts and codes that no record has; regions and words are read where they are used.
fn well_formed(name: &str, given: Option<&str>) -> Result<(), Problem> {
    match name {
        "q" => extract::text(name, given, forms::MAX_SEARCH),
        "item" | "need" => extract::code(name, given),
        _ => Ok(()),
    }
}

/// The subtree that a list is narrowed to.
///
/// # Errors
/// 400 for what is no code, 404 for one that is unknown or out of scope.
pub(super) fn subtree(
    principal: &Principal,
    reference: &Reference,
    name: &str,
    given: Option<&str>,
) -> Result<Option<RegionIx>, Problem> {
    let Some(code) = extract::region_code(name, given)? else {
        return Ok(None);
    };
    let regions = &reference.regions;
    let found = regions.find(code).filter(|ix| principal.sees(regions, *ix));
    found.map(Some).ok_or_else(|| Failure::not_found("region", code).into())
}

/// Whether a region lies in the subtree, if one is asked for.
pub(super) fn inside(reference: &Reference, root: Option<RegionIx>, code: RegionCode) -> bool {
    let Some(root) = root else { return true };
    let regions = &reference.regions;
    regions.find(code).is_some_and(|ix| regions.within(ix, root))
}
