//! Deliveries of a scenario on the wire, and the trucks that they take.
//!
//! Lives here: one row a depot, area and item, one row a depot. Does not live here: how they came
//! about. Invariant: minutes count from the start, and a depot out of the caller's region is not
//! named.

use chrono::{DateTime, Duration};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::depot::Depot;
use crate::domain::scenario::{Delivery, FerryRow, FleetRow};

use super::super::answer::closures::{Numbered, WaitsFor};
use super::super::words::local;

/// Goods from a depot to an area.
#[derive(Debug, Serialize, ToSchema)]
pub struct Allocation {
    /// `null` where the depot lies out of the caller's region.
    depot: Option<String>,
    depot_name: Option<String>,
    /// The tier of the region whose organization owns the goods.
    owner_tier: String,
    /// The organization, where the depot is named.
    owner: Option<String>,
    owner_name: Option<String>,
    item: String,
    item_name: String,
    need: String,
    region: String,
    region_name: String,
    /// Base units of the item.
    quantity: i64,
    unit: String,
    /// Minutes from the start until they leave the depot.
    leaves_min: u32,
    #[schema(format = DateTime)]
    leaves_at: Option<String>,
    /// Minutes from the start until they are in people's hands.
    arrives_min: u32,
    #[schema(format = DateTime)]
    arrives_at: Option<String>,
    weight_kg: i64,
    /// The same in tonnes, rounded up to the kilogram.
    tonnes: f64,
    /// Rounded up to the litre.
    volume_m3: f64,
    /// Trucks for this row alone; `null` where nobody has said what one carries.
    trucks: Option<i64>,
    /// `fleet` where the depot's trucks do not carry its load whole.
    binding: Option<String>,
    /// On what the time rests: `measured`, `road`, `water` or `estimated`.
    travel: String,
    inherited_location: bool,
    /// Whether it goes round a stretch that is closed.
    detour: bool,
    /// The closure that makes it late.
    waits_for: Option<WaitsFor>,
    /// The water leg that it takes; `null` also where that lies out of the caller's region.
    water_leg: Option<String>,
}

/// What the plan takes out of one depot, and the trucks it has.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioFleet {
    depot: String,
    depot_name: String,
    /// What is sent, rounded up to the kilogram.
    tonnes: f64,
    /// The same, rounded up to the litre.
    volume_m3: f64,
    /// With `fleet` `bound`: what stays behind for want of trucks, rounded up to the kilogram.
    left_tonnes: f64,
    /// Whether the trucks carry the whole plan; `null` where nobody has said how many there are, or
    /// what one carries: such a depot is not bounded.
    suffices: Option<bool>,
    /// Trucks for the whole plan, one trip each; `null` where nobody has said what one carries.
    trucks_needed: Option<i64>,
    /// `null` where nobody has said.
    trucks: Option<u32>,
    /// Areas whose load the trucks do not carry whole, when those to be there first go first.
    loads_without: usize,
}

pub(super) fn allocation<P>(
    row: &Delivery,
    begun: Option<DateTime<chrono::FixedOffset>>,
    names: &impl Fn(&Depot) -> bool,
    closures: &Numbered<P>,
) -> Allocation {
    let named = names(&row.depot);
    let at = |minutes: u32| {
        begun.map(|begun| (begun + Duration::minutes(i64::from(minutes))).to_rfc3339())
    };
    Allocation {
        depot: named.then(|| row.depot.code.to_string()),
        depot_name: named.then(|| row.depot.name.clone()),
        owner_tier: row.owner_region.tier.as_str().to_string(),
        owner: named.then(|| row.owner.code.to_string()),
        owner_name: named.then(|| row.owner.name.clone()),
        item: row.item.code.to_string(),
        item_name: local(&row.item.name, &row.item.name_en),
        need: row.need.code.to_string(),
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        quantity: row.quantity,
        unit: local(&row.item.unit, row.item.unit_en()),
        leaves_min: row.leaves_min,
        leaves_at: at(row.leaves_min),
        arrives_min: row.arrives_min,
        arrives_at: at(row.arrives_min),
        weight_kg: row.weight_g.div_euclid(1_000),
        tonnes: thousandths(row.weight_g),
        volume_m3: thousandths(row.volume_ml),
        trucks: row.trucks,
        binding: row.without_truck.then(|| "fleet".to_string()),
        travel: row.travel.as_str().to_string(),
        inherited_location: row.inherited,
        detour: row.detour,
        waits_for: row.held_by.map(|number| closures.waits_for(number)),
        water_leg: row.leg.and_then(|number| closures.leg(number)).map(|leg| leg.code.to_string()),
    }
}

/// What the plan sends over one water leg, and what its boats carry: a check, no bound on the plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioFerry {
    water_leg: String,
    water_leg_name: String,
    /// Rounded up to the kilogram.
    tonnes: f64,
    boats: u32,
    /// Of each boat in time, if boats never lie still.
    crossings: i64,
    /// What they carry in time.
    capacity_tonnes: f64,
    /// What they do not.
    short_tonnes: f64,
}

pub(super) fn ferry(row: &FerryRow) -> ScenarioFerry {
    ScenarioFerry {
        water_leg: row.leg.code.to_string(),
        water_leg_name: row.leg.name.clone(),
        tonnes: thousandths(row.weight_g),
        boats: row.leg.boats,
        crossings: row.ferried.crossings,
        capacity_tonnes: thousandths(row.ferried.capacity_kg.saturating_mul(1_000)),
        short_tonnes: thousandths(row.short_g),
    }
}

pub(super) fn fleet(row: &FleetRow) -> ScenarioFleet {
    ScenarioFleet {
        depot: row.depot.code.to_string(),
        depot_name: row.depot.name.clone(),
        tonnes: thousandths(row.weight_g),
        volume_m3: thousandths(row.volume_ml),
        trucks_needed: row.trucks_needed,
        trucks: row.depot.trucks,
        loads_without: row.loads_without,
        suffices: row.suffices(),
        left_tonnes: thousandths(row.left_g),
    }
}

/// Thousands of a figure, with three places, rounded up.
pub(super) fn thousandths(figure: i64) -> f64 {
    let whole = figure.saturating_add(999).div_euclid(1_000);
    let text = format!("{}.{:03}", whole.div_euclid(1_000), whole.rem_euclid(1_000));
    text.parse().unwrap_or_default()
}
