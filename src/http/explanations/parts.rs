//! Parts on the wire: single balances as summands of a figure.
//!
//! Lives here: their fields and names. Does not live here: which belong to which figure. Invariant:
//! a depot outside the caller's scope is not named; its goods are counted, as they are the
//! account's own.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::explanation::{self, Part};

use super::super::access::Caller;
use super::super::words::local;

/// One balance of a depot, owner and lot.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartRow {
    /// Whether it counts.
    counts: bool,
    /// Why it does not: `expired`, `overdue_storage`, `quarantine`, `damaged`, `in_transit`,
    /// `on_loan`, `owned_above`.
    reason: Option<String>,
    lot_id: i64,
    lot_no: Option<String>,
    item: String,
    item_name: String,
    /// `null` where the account's goods lie outside the caller's region.
    depot: Option<String>,
    depot_name: Option<String>,
    owner: String,
    owner_name: String,
    /// Base units of the item.
    quantity: i64,
    unit: String,
    /// What one base unit gives in the unit of the row.
    per_unit: i64,
    /// `quantity` in the unit of the row.
    amount: i64,
    last_usable_on: Option<String>,
    /// For rotation: `overdue`, `due`, `due_soon` or `ok`.
    status: String,
    /// Ends in fewer days than its item's `life.perishing_days`.
    perishing: bool,
}

impl PartRow {
    /// A part as the caller may see it.
    pub fn of<P>(caller: &Caller<P>, part: &Part) -> Self {
        let regions = &caller.position.reference.regions;
        let depot =
            Some(&part.depot).filter(|depot| caller.principal.sees_code(regions, depot.region));
        Self {
            counts: part.excluded.is_none(),
            reason: part.excluded.map(|reason| reason.as_str().to_string()),
            lot_id: part.lot.id,
            lot_no: part.lot.key.lot_no.as_deref().map(str::to_string),
            item: part.item.code.to_string(),
            item_name: local(&part.item.name, &part.item.name_en),
            depot: depot.map(|depot| depot.code.to_string()),
            depot_name: depot.map(|depot| depot.name.clone()),
            owner: part.owner.code.to_string(),
            owner_name: part.owner.name.clone(),
            quantity: part.quantity,
            unit: local(&part.item.unit, part.item.unit_en()),
            per_unit: part.per_unit,
            amount: part.amount,
            last_usable_on: part.last_usable_on.map(|date| date.to_string()),
            status: part.status.map_or("ok", |status| status.as_str()).to_string(),
            perishing: part.perishing,
        }
    }
}

/// Balances with their sum.
#[derive(Debug, Serialize, ToSchema)]
pub struct Parts {
    /// How many there are, before `limit`.
    count: usize,
    /// Their sum in the unit of the row.
    amount: i64,
    items: Vec<PartRow>,
}

/// What does not count for one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonSum {
    reason: String,
    count: usize,
    amount: i64,
}

/// Balances that do not count.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExcludedParts {
    #[serde(flatten)]
    parts: Parts,
    by_reason: Vec<ReasonSum>,
}

impl Parts {
    /// The sum of all, and the first of them.
    pub fn of<'a, P>(
        caller: &Caller<P>,
        all: impl IntoIterator<Item = &'a Part>,
        limit: usize,
    ) -> Self {
        let mut found = Self { count: 0, amount: 0, items: Vec::new() };
        for part in all {
            found.count += 1;
            found.amount = found.amount.saturating_add(part.amount);
            if found.items.len() < limit {
                found.items.push(PartRow::of(caller, part));
            }
        }
        found
    }
}

impl ExcludedParts {
    /// The same with the sums of each reason.
    pub fn of<P>(
        caller: &Caller<P>,
        all: &[Part],
        sums: Vec<explanation::ReasonSum>,
        limit: usize,
    ) -> Self {
        let by_reason = sums.into_iter().map(|sum| ReasonSum {
            reason: sum.reason.as_str().to_string(),
            count: sum.count,
            amount: sum.amount,
        });
        Self { parts: Parts::of(caller, all, limit), by_reason: by_reason.collect() }
    }
}
