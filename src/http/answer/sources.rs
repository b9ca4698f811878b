//! Promised goods on the wire: what one source behind an account gives.
//!
//! Lives here: what rows of reserves and explanations say of a source. Does not live here: the
//! register's record (`reference`). Invariant: what is not confirmed stands beside what is, and
//! says why.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::calendar::days_between;
use crate::domain::source::SourceRow;

/// A source of the own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceBody {
    mode: &'static str,
    code: String,
    name: String,
    organization: Option<String>,
    item: String,
    available: i64,
    unconfirmed: i64,
    /// `confirmed`, `stale` or `unknown`.
    state: &'static str,
    /// `no_declaration`, `old_declaration`, `no_fulfilment` or `no_profile`.
    reason: Option<&'static str>,
    declared_on: Option<String>,
    declaration_age_days: Option<i64>,
}

impl SourceBody {
    /// A source as it stands on a day.
    pub fn of(row: &SourceRow, on: NaiveDate) -> Self {
        Self {
            mode: row.mode.as_str(),
            code: row.code.to_string(),
            name: row.name.clone(),
            organization: row.organization.as_ref().map(ToString::to_string),
            item: row.item.to_string(),
            available: row.available.quantity,
            unconfirmed: row.available.unconfirmed,
            state: row.available.state.as_str(),
            reason: row.available.doubt.map(|doubt| doubt.as_str()),
            declared_on: row.declared_on.map(|day| day.to_string()),
            declaration_age_days: row.declared_on.map(|day| days_between(day, on)),
        }
    }
}
