//! Flights of a scenario on the wire: what helicopters carry on top of the plan.
//!
//! Lives here: one row an area and base, and what all of them come to. Does not live here: how they
//! came about (`domain::scenario`). Invariant: a base or a depot out of the caller's region is not
//! named, and flights are never called the best there are.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::depot::Depot;
use crate::domain::helibase::Helibase;
use crate::domain::scenario::{Airload, FlightRow, Grounded, Outcome};

use super::super::words::local;

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
    sentence: String,
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

/// `None` where nobody lacks what could be flown, or there is no base.
pub(super) fn air(outcome: &Outcome) -> Option<ScenarioAir> {
    let rows = &outcome.flights;
    let persons: i64 = outcome.areas.iter().filter_map(|row| row.with_air.1).sum();
    let without: i64 = outcome.areas.iter().filter_map(|row| row.persons_covered).sum();
    let (sorties, more) = (rows.iter().map(|row| row.sorties).sum(), persons - without);
    (!rows.is_empty()).then(|| ScenarioAir {
        persons_covered: persons,
        sorties,
        tonnes: super::deliveries::thousandths(rows.iter().map(|row| row.weight_g).sum()),
        sentence: local(
            &format!(
                "在地面方案之外,直升机{sorties}架次可再保障{more}人。地面方案为精确解;飞行方案可行,\
                 但未证明最优,且未计运往起降点的车辆。"
            ),
            &format!(
                "On top of the plan by road, {sorties} flights cover {more} people more. The plan \
                 by road is exact; the flights are feasible, not proven to be the best, and know \
                 no trucks that bring goods to a base."
            ),
        ),
    })
}
