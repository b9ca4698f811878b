//! Goods: units of a need as whole pieces of the items that lie there.
//!
//! Lives here: loading each shipment from the depot's items. Does not live here: who gets how much.
//! Invariant: no piece is loaded twice; what one shipment cannot take in whole pieces goes to the
//! next from the same source, and the last one takes a piece more.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::allocation::{Plan, Shipment};
use super::super::catalogue::Item;
use super::super::coverage::Supply;
use super::super::depot::Organization;
use super::super::position::Position;
use super::ways::Ways;
use super::{Scenario, survivors};

/// Pieces of one item on their way.
#[derive(Debug, Clone)]
pub struct Load {
    pub shipment: Shipment,
    pub item: Arc<Item>,
    pub owner: Arc<Organization>,
    pub pieces: i64,
    /// What they give of the need.
    pub units: i64,
}

/// The loads of a need's plan, by source and area.
pub fn load(
    position: &Position,
    scenario: &Scenario,
    (supply, ways): (&Supply, &Ways),
    (need, plan): (usize, &Plan),
) -> Vec<Load> {
    let mut by_source: BTreeMap<usize, Vec<Shipment>> = BTreeMap::new();
    for shipment in &plan.shipments {
        by_source.entry(shipment.link.source).or_default().push(*shipment);
    }
    let Some(need) = supply.needs.get(need) else { return Vec::new() };
    let mut loads = Vec::new();
    for (source, shipments) in by_source {
        let Some(holder) = ways.holders.get(source) else { continue };
        let mut stock = survivors::pieces(position, scenario, holder, need);
        let smallest = stock.len().saturating_sub(1);
        let (mut carried, last) = (0, shipments.len().saturating_sub(1));
        for (nth, shipment) in shipments.into_iter().enumerate() {
            let mut wanted = shipment.units + carried;
            for (at, kind) in stock.iter_mut().enumerate() {
                let rest = nth == last && at == smallest && wanted.rem_euclid(kind.amount) > 0;
                let fit = wanted.div_euclid(kind.amount) + i64::from(rest);
                let pieces = fit.clamp(0, kind.quantity);
                if pieces > 0 {
                    kind.quantity -= pieces;
                    let units = pieces.saturating_mul(kind.amount);
                    wanted -= units;
                    let (item, owner) = (Arc::clone(&kind.item), Arc::clone(&kind.owner));
                    loads.push(Load { shipment, item, owner, pieces, units });
                }
            }
            carried = wanted;
        }
    }
    loads
}

/// What they give of the need, by area.
pub fn units(loads: &[Load], areas: usize) -> Vec<i64> {
    let mut units = vec![0_i64; areas];
    for load in loads {
        if let Some(sum) = units.get_mut(load.shipment.link.area) {
            *sum = sum.saturating_add(load.units);
        }
    }
    units
}
