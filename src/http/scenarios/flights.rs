//! Flights of a scenario on the wire: what helicopters carry on top of the plan.
//!
//! Lives here: one row an area and base, and what all of them come to. Does not live here: how they
//! came about (`domain::scenario`). Invariant: a base or a depot out of the caller's region is not
//! named, and flights are never called the best there are.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::depot::Depot;
use crate::domain::helibase::Helibase;
use crate::domain::scenario::{Airload, FeederRow, FlightRow, Grounded, Outcome};

use super::super::words::local;
use super::sentences;

/// What one base flies to an area that lacks mandatory goods because of roads or time; or the base
/// that could lift most, and why it flies nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioFlight {
    region: String,
    region_name: String,
    /// `null` where it lies out of the caller's region.
    base: Option<String>,
    base_name: Option<String>,
    /// From the base, as the crow flies.
    distance_m: i64,
    within_radius: bool,
    /// Minutes from the start until the first machine lands; where nothing is flown, until one
    /// could.
    first_min: Option<i64>,
    /// Flights of all its machines to this area.
    sorties: i64,
    /// What they carry, rounded up to the kilogram.
    tonnes: f64,
    /// The most it could lift there in time if it flew nowhere else, also on no flight that is
    /// booked, and goods were at hand.
    capacity_kg: i64,
    /// Why nothing is flown: `distance`, `daylight`, `time`, `goods` (none is left over that could
    /// be brought to the base), `others` (all that could be flown goes to others) or `booked` (the
    /// machines are away on flights that are booked for the event).
    grounded: Option<String>,
    goods: Vec<ScenarioAirload>,
}

/// Goods of one depot that are flown.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioAirload {
    /// `null` where the depot lies out of the caller's region.
    depot: Option<String>,
    owner: Option<String>,
    item: String,
    item_name: String,
    need: String,
    /// Whether trucks bring it to the base; else it lies there.
    brought_by_road: bool,
    /// Base units of the item.
    quantity: i64,
    /// In the need's unit.
    delivered: i64,
    weight_kg: i64,
}

/// What all flights come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioAir {
    /// People whose mandatory needs are met with what is flown; `persons_covered` is without.
    persons_covered: i64,
    sorties: i64,
    tonnes: f64,
    /// One row a depot that the caller sees and from which trucks bring goods to bases: a check, no
    /// bound on flights.
    trucks: Vec<ScenarioFeeder>,
    sentence: String,
}

/// What trucks of one depot bring to bases, one trip each, beside what the plan by road takes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioFeeder {
    depot: String,
    depot_name: String,
    /// Rounded up to the kilogram.
    tonnes: f64,
    /// Rounded up to the litre.
    volume_m3: f64,
    /// `null` where nobody has said what one carries.
    trucks_needed: Option<i64>,
    /// What the plan by road takes of the depot's trucks; with `fleet` `bound` at most all.
    trucks_of_plan: Option<i64>,
    /// `null` where nobody has said.
    trucks: Option<u32>,
    /// Whether they carry both; `null` where nobody has said how many there are, or what one
    /// carries.
    suffices: Option<bool>,
}

pub(super) fn flight(
    row: &FlightRow,
    names: &impl Fn(&Depot) -> bool,
    sees: &impl Fn(&Helibase) -> bool,
) -> ScenarioFlight {
    let base = sees(&row.base).then_some(&row.base);
    let load = |load: &Airload| ScenarioAirload {
        depot: names(&load.depot).then(|| load.depot.code.to_string()),
        owner: names(&load.depot).then(|| load.owner.code.to_string()),
        item: load.item.code.to_string(),
        item_name: local(&load.item.name, &load.item.name_en),
        need: load.need.code.to_string(),
        brought_by_road: load.brought,
        quantity: load.quantity,
        delivered: load.units,
        weight_kg: load.weight_g.div_euclid(1_000),
    };
    ScenarioFlight {
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        base: base.map(|base| base.code.to_string()),
        base_name: base.map(|base| base.name.clone()),
        distance_m: i64::from(row.lift.cm) / 100,
        within_radius: row.lift.within_radius,
        first_min: row.first_min.or(row.lift.first_min),
        sorties: row.sorties,
        tonnes: super::deliveries::thousandths(row.weight_g),
        capacity_kg: row.lift.capacity_kg,
        grounded: row.grounded.map(Grounded::as_str).map(str::to_string),
        goods: row.loads.iter().map(load).collect(),
    }
}

fn feeder(row: &FeederRow) -> ScenarioFeeder {
    ScenarioFeeder {
        depot: row.depot.code.to_string(),
        depot_name: row.depot.name.clone(),
        tonnes: super::deliveries::thousandths(row.weight_g),
        volume_m3: super::deliveries::thousandths(row.volume_ml),
        trucks_needed: row.trucks_needed,
        trucks_of_plan: row.trucks_of_plan,
        trucks: row.depot.trucks,
        suffices: row.suffices(),
    }
}

/// `None` where nobody lacks what could be flown, or there is no base.
pub(super) fn air(outcome: &Outcome, names: &impl Fn(&Depot) -> bool) -> Option<ScenarioAir> {
    let rows = &outcome.flights;
    let persons: i64 = outcome.areas.iter().filter_map(|row| row.with_air.1).sum();
    let feeders = outcome.feeders.iter().filter(|row| names(&row.depot));
    (!rows.is_empty()).then(|| ScenarioAir {
        persons_covered: persons,
        sorties: rows.iter().map(|row| row.sorties).sum(),
        tonnes: super::deliveries::thousandths(rows.iter().map(|row| row.weight_g).sum()),
        trucks: feeders.map(feeder).collect(),
        sentence: sentences::air(outcome),
    })
}
