//! Feeders: whether the trucks of each depot also bring to bases what is flown from there.
//!
//! Lives here: loads by depot and base, one trip a truck, beside what the plan takes. Does not live
//! here: the trucks of the plan (`fleet`). Invariant: it is a check; no flight is left out for it,
//! and a depot of which nobody knows the trucks is neither enough nor too little.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::super::catalogue::Code;
use super::super::super::depot::Depot;
use super::super::super::position::Position;
use super::super::answer::Outcome;
use super::super::fleet::{truck_of, trucks};

/// What trucks bring from one depot to bases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeederRow {
    pub depot: Arc<Depot>,
    pub weight_g: i64,
    pub volume_ml: i64,
    /// One trip each; `None` where nobody has said what one carries.
    pub trucks_needed: Option<i64>,
    /// Trucks of the depot that the plan by road takes; where they bound it, no more than there
    /// are. `None` where nobody has said what one carries.
    pub trucks_of_plan: Option<i64>,
}

impl FeederRow {
    /// Whether there are enough for both; `None` where nobody has said how many there are or what
    /// one carries.
    pub fn suffices(&self) -> Option<bool> {
        let needed = self.trucks_needed?.saturating_add(self.trucks_of_plan?);
        self.depot.trucks.map(|have| needed <= i64::from(have))
    }
}

/// One row a depot from which goods are brought to a base, by its code.
pub fn feeders(position: &Position, outcome: &Outcome) -> Vec<FeederRow> {
    let mut loads: BTreeMap<(&Code, &Code), (i64, i64)> = BTreeMap::new();
    let mut depots: BTreeMap<&Code, FeederRow> = BTreeMap::new();
    let rows = outcome.flights.iter();
    for (row, load) in rows.flat_map(|row| row.loads.iter().map(move |load| (row, load))) {
        if !load.brought {
            continue;
        }
        let volume_ml = load.quantity.saturating_mul(load.item.volume_ml);
        let (weight, volume) = loads.entry((&load.depot.code, &row.base.code)).or_default();
        *weight = weight.saturating_add(load.weight_g);
        *volume = volume.saturating_add(volume_ml);
        let feeder = depots.entry(&load.depot.code).or_insert_with(|| FeederRow {
            depot: Arc::clone(&load.depot),
            weight_g: 0,
            volume_ml: 0,
            trucks_needed: Some(0),
            trucks_of_plan: of_plan(outcome, &load.depot),
        });
        feeder.weight_g = feeder.weight_g.saturating_add(load.weight_g);
        feeder.volume_ml = feeder.volume_ml.saturating_add(volume_ml);
    }
    let bases: BTreeMap<&Code, _> =
        outcome.flights.iter().map(|row| (&row.base.code, row.base.region)).collect();
    for ((depot, base), (weight_g, volume_ml)) in loads {
        let Some(feeder) = depots.get_mut(depot) else { continue };
        let truck = bases.get(base).and_then(|region| truck_of(position, &feeder.depot, *region));
        let needed = truck.map(|truck| trucks(truck, weight_g, volume_ml));
        feeder.trucks_needed = feeder.trucks_needed.zip(needed).map(|(sum, more)| sum + more);
    }
    depots.into_values().collect()
}

/// Trucks of a depot that the plan by road takes.
fn of_plan(outcome: &Outcome, depot: &Depot) -> Option<i64> {
    let Some(row) = outcome.fleets.iter().find(|row| row.depot.code == depot.code) else {
        return Some(0);
    };
    // Where trucks bound the plan, what they do not carry stays behind.
    let bounded = outcome.areas.iter().any(|area| area.unbounded.is_some());
    let most = depot.trucks.filter(|_| bounded).map_or(i64::MAX, i64::from);
    row.trucks_needed.map(|needed| needed.min(most))
}
