//! Certainty: whether a row of gaps rests on something that is missing.
//!
//! Lives here: the verdict on a row, and how many lines of its subtree are in doubt; `totals` tells
//! what is known apart from what is not. Does not live here: the figures (`gap`, `custody`).
//! Invariant: what is not known is told apart, never counted as met.

mod totals;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::gap::Row;
use super::reference::Reference;
use super::region::RegionIx;
use super::unknown::{Unknown, Unknowns};

pub use totals::{GoodsTotals, Part, Totals};

/// How far a row can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Certainty {
    /// Of the own account; `None` where everything is known.
    pub unknown: Option<Unknown>,
    /// Lines of the subtree of which something is missing, with a quota or without.
    pub lines: Unknowns,
}

impl Certainty {
    /// The verdict on a row of a day.
    pub fn of(reference: &Reference, row: &Row, on: NaiveDate) -> Self {
        let all = reference.doubts().about(&row.goods.subject(), row.mode);
        // In the other modes a region of which nothing says anything has no account.
        let silent = row.account.is_none().then_some(Unknown::NoRegister);
        if all.is_empty() && row.open.is_empty() {
            return Self { unknown: silent, ..Self::default() };
        }
        let regions = &reference.regions;
        let Some(root) = regions.find(row.region.code) else {
            return Self::default();
        };
        let mut found: BTreeMap<RegionIx, Unknown> = row.open.iter().copied().collect();
        let from = all.partition_point(|(region, _)| *region < root);
        let inside = all.iter().skip(from).take_while(|(region, _)| regions.within(*region, root));
        for (region, _) in inside.filter(|(_, quota)| quota.in_force(on)) {
            found.entry(*region).or_insert(Unknown::NoPopulation);
        }
        let mut lines = Unknowns::default();
        found.values().for_each(|why| lines.note(*why));
        Self { unknown: found.get(&root).copied().or(silent), lines }
    }

    /// Why a row does not count among those that are known: for its own line, else for one below.
    pub fn why(&self) -> Option<Unknown> {
        let first = self.lines.first()?;
        self.unknown.or(Some(first))
    }
}

#[cfg(test)]
#[path = "certainty_tests.rs"]
mod tests;
