//! Quotas on the wire as the reason of a figure.
//!
//! Lives here: what rows of explanations and rotation plans say of a quota. Does not live here: the
//! quota as a record (`reference`). Invariant: a quota that counts people nobody has counted says
//! so.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::quota::Quota;
use crate::domain::reference::Reference;
use crate::domain::unknown::Unknown;

/// A quota as the reason of a figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuotaRow {
    quota_id: String,
    document: Option<String>,
    /// `absolute` or `population`.
    basis: String,
    target: i64,
    floor: i64,
    effective_from: String,
    effective_to: Option<String>,
    /// The quota rule that set it.
    quota_rule: Option<String>,
    /// `no_population`: it counts people that the region does not tell.
    unknown_reason: Option<&'static str>,
}

impl QuotaRow {
    /// A quota, and whether it can be relied on.
    pub fn of(reference: &Reference, quota: &Quota) -> Self {
        let doubted = reference.is_in_doubt(quota);
        Self {
            quota_id: quota.id.to_string(),
            document: quota.document.clone(),
            basis: quota.basis.as_str().to_string(),
            target: quota.target,
            floor: quota.floor,
            effective_from: quota.effective_from.to_string(),
            effective_to: quota.effective_to.map(|date| date.to_string()),
            quota_rule: quota.rule.as_ref().map(ToString::to_string),
            unknown_reason: doubted.then(|| Unknown::NoPopulation.as_str()),
        }
    }
}
