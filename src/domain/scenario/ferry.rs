//! Ferries: whether the boats of each water leg carry what the plan sends over it.
//!
//! Lives here: loads by leg against what its boats carry in time. Does not live here: who gets
//! what, which knows no boats. Invariant: boats are a check, no bound on the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::position::Position;
use super::super::water::{Ferried, WaterLeg};
use super::answer::Delivery;
use super::area::AreaRow;

const G_PER_KG: i64 = 1_000;

/// What a plan sends over one leg, and what its boats carry until the last limit of its areas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FerryRow {
    pub leg: Arc<WaterLeg>,
    pub weight_g: i64,
    pub ferried: Ferried,
    /// What they do not carry in time.
    pub short_g: i64,
}

/// Sums the loads by leg.
pub fn check(position: &Position, deliveries: &[Delivery], areas: &[AreaRow]) -> Vec<FerryRow> {
    let mut legs: BTreeMap<u32, (i64, u32, u32)> = BTreeMap::new();
    for row in deliveries {
        let Some(number) = row.leg else { continue };
        let area = areas.iter().find(|area| area.region.code == row.region.code);
        let limit_min = area.map_or(0, |area| area.limit_min);
        let (weight_g, first, latest) = legs.entry(number).or_insert((0, u32::MAX, 0));
        *weight_g = weight_g.saturating_add(row.weight_g);
        (*first, *latest) = ((*first).min(row.arrives_min), (*latest).max(limit_min));
    }
    let row = |(number, (weight_g, first, latest)): (u32, (i64, u32, u32))| {
        let leg = Arc::clone(position.reference.water_legs.get(number)?);
        let ferried = leg.ferried(i64::from(first), i64::from(latest));
        let carried = ferried.capacity_kg.saturating_mul(G_PER_KG);
        Some(FerryRow { leg, weight_g, ferried, short_g: (weight_g - carried).max(0) })
    };
    let mut rows: Vec<FerryRow> = legs.into_iter().filter_map(row).collect();
    rows.sort_by(|a, b| a.leg.code.cmp(&b.leg.code));
    rows
}
