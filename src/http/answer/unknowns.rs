//! Unknowns on the wire: how much is not known, by why.
//!
//! Lives here: the counts that totals of planning answers have. Does not live here: who counts
//! (`domain::unknown`). Invariant: each reason has a field, also where there is none of it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::unknown::{Unknown, Unknowns};

/// Counts by what is missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownCounts {
    /// No register tells the stock of the mode.
    #[schema(minimum = 0)]
    no_register: i64,
    /// A source was never declared.
    #[schema(minimum = 0)]
    no_declaration: i64,
    /// A source was declared too long ago.
    #[schema(minimum = 0)]
    old_declaration: i64,
    /// Nobody says how much of a pledge is expected to come.
    #[schema(minimum = 0)]
    no_fulfilment: i64,
    /// No city profile says within which hours.
    #[schema(minimum = 0)]
    no_profile: i64,
    /// The quota counts people that the region does not tell.
    #[schema(minimum = 0)]
    no_population: i64,
}

impl From<&Unknowns> for UnknownCounts {
    fn from(counts: &Unknowns) -> Self {
        Self {
            no_register: counts.of(Unknown::NoRegister),
            no_declaration: counts.of(Unknown::NoDeclaration),
            old_declaration: counts.of(Unknown::OldDeclaration),
            no_fulfilment: counts.of(Unknown::NoFulfilment),
            no_profile: counts.of(Unknown::NoProfile),
            no_population: counts.of(Unknown::NoPopulation),
        }
    }
}
