//! Goods held back: what closures keep from being in an area in time, and which of them does.
//!
//! Lives here: sums by closure. Does not live here: how long goods wait (`ways`). Invariant: a
//! source is counted once, with the last closure on its way to open.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::ways::Ways;

/// What one closure keeps from being in an area in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldBack {
    /// Of the closure, among those of the scenario.
    pub number: u32,
    pub depots: usize,
    /// What lies there, in the need's unit, for whichever area.
    pub units: i64,
}

/// What closures keep from an area of what each source holds; most first.
pub fn held_back(ways: &Ways, area: usize, held: &[i64]) -> Vec<HeldBack> {
    let mut found: BTreeMap<u32, (BTreeSet<u32>, i64)> = BTreeMap::new();
    for (source, number) in ways.kept_out(area) {
        let units = held.get(source).copied().unwrap_or_default();
        let Some(holder) = ways.holders.get(source).filter(|_| units > 0) else { continue };
        let (depots, sum) = found.entry(number).or_default();
        depots.insert(holder.depot);
        *sum = sum.saturating_add(units);
    }
    let row = |(number, (depots, units)): (u32, (BTreeSet<u32>, i64))| HeldBack {
        number,
        depots: depots.len(),
        units,
    };
    let mut rows: Vec<HeldBack> = found.into_iter().map(row).collect();
    rows.sort_by_key(|row| (Reverse(row.units), row.number));
    rows
}
