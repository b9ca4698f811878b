//! Hazard domains of a city profile on the wire.
//!
//! Lives here: their shape and bounds. Does not live here: which items serve them. Invariant: each
//! code stands once.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::profile::HazardDomain;

use super::check::Check;

const MAX_DOMAINS: usize = 50;

/// A hazard domain in the city's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HazardDomainDto {
    /// The code that items use.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("flood_drought"))]
    pub code: String,
    /// The plan's own word.
    #[schema(min_length = 1, max_length = 200, examples("防汛抗旱"))]
    pub label: String,
    /// The same in English.
    #[schema(min_length = 1, max_length = 200, examples("flood and drought"))]
    pub label_en: String,
}

impl HazardDomainDto {
    fn check(self, check: &mut Check, prefix: &str) -> Option<HazardDomain> {
        let code = check.code(&format!("{prefix}/code"), &self.code);
        let label = check.name(&format!("{prefix}/label"), self.label);
        let label_en = check.name(&format!("{prefix}/label_en"), self.label_en);
        Some(HazardDomain { code: code?.to_string(), label: label?, label_en: label_en? })
    }
}

pub(super) fn hazard_domains(check: &mut Check, rows: Vec<HazardDomainDto>) -> Vec<HazardDomain> {
    check.at_most("/hazard_domains", rows.len(), MAX_DOMAINS);
    let codes: Vec<String> = rows.iter().map(|row| row.code.clone()).collect();
    check.distinct(codes, |ix| format!("/hazard_domains/{ix}/code"));
    rows.into_iter()
        .enumerate()
        .filter_map(|(ix, row)| row.check(check, &format!("/hazard_domains/{ix}")))
        .collect()
}
