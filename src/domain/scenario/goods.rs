//! Goods: units of a need as whole pieces of the items that lie there.
//!
//! Lives here: loading each shipment from the depot's items. Does not live here: who gets how much.
//! Invariant: no piece is loaded twice; what one shipment cannot take in whole pieces goes to the
//! next from the same source, and the last one takes a piece more; an area that is then left short
//! of its plan gets a piece more where one is left.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::allocation::{Plan, Shipment};
use super::super::catalogue::Item;
use super::super::coverage::{Pieces, Supply};
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

/// What one source sends, and what then still lies there, the largest pieces first.
struct Stand {
    loads: Vec<Load>,
    rest: Vec<Pieces>,
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
    let mut stands = BTreeMap::new();
    for (source, shipments) in by_source {
        let Some(holder) = ways.holders.get(source) else { continue };
        let stock = survivors::pieces(position, scenario, holder, need);
        stands.insert(source, Stand::send(stock, shipments));
    }
    top_up(&mut stands, &plan.shipments);
    stands.into_values().flat_map(|stand| stand.loads).collect()
}

/// An area that whole pieces leave short of its plan gets one more, where any is left in a depot
/// that serves it: the first to arrive first.
fn top_up(stands: &mut BTreeMap<usize, Stand>, shipments: &[Shipment]) {
    let mut lacking: BTreeMap<usize, i64> = BTreeMap::new();
    for shipment in shipments {
        *lacking.entry(shipment.link.area).or_default() += shipment.units;
    }
    for load in stands.values().flat_map(|stand| &stand.loads) {
        *lacking.entry(load.shipment.link.area).or_default() -= load.units;
    }
    lacking.retain(|_, units| *units > 0);
    let short = |shipment: &&Shipment| lacking.contains_key(&shipment.link.area);
    let mut serving: Vec<Shipment> = shipments.iter().filter(short).copied().collect();
    serving.sort_by_key(|shipment| (shipment.link.minutes, shipment.link.source));
    for shipment in serving {
        let lacks = lacking.get_mut(&shipment.link.area);
        if let (Some(lacks), Some(stand)) = (lacks, stands.get_mut(&shipment.link.source)) {
            *lacks -= stand.add(shipment, *lacks);
        }
    }
}

impl Stand {
    fn send(mut stock: Vec<Pieces>, shipments: Vec<Shipment>) -> Self {
        let mut loads = Vec::new();
        let smallest = stock.len().saturating_sub(1);
        let (mut carried, last) = (0, shipments.len().saturating_sub(1));
        for (nth, shipment) in shipments.into_iter().enumerate() {
            let mut wanted = shipment.units + carried;
            for (at, kind) in stock.iter_mut().enumerate() {
                let rest = nth == last && at == smallest && wanted.rem_euclid(kind.amount) > 0;
                let fit = wanted.div_euclid(kind.amount) + i64::from(rest);
                let pieces = fit.clamp(0, kind.quantity);
                if pieces > 0 {
                    let load = Load::take(kind, shipment, pieces);
                    wanted -= load.units;
                    loads.push(load);
                }
            }
            carried = wanted;
        }
        Self { loads, rest: stock }
    }

    /// Adds what is lacking to a shipment, the smallest pieces first, and tells how much it was.
    fn add(&mut self, shipment: Shipment, lacks: i64) -> i64 {
        let mut added = 0;
        for kind in self.rest.iter_mut().rev() {
            let open = (lacks - added).max(0);
            let whole = open.div_euclid(kind.amount);
            let fit = whole + i64::from(open.rem_euclid(kind.amount) > 0);
            let pieces = fit.clamp(0, kind.quantity);
            if pieces == 0 {
                continue;
            }
            let more = Load::take(kind, shipment, pieces);
            added += more.units;
            match self.loads.iter_mut().find(|load| load.goes_with(&more)) {
                Some(load) => {
                    load.pieces += more.pieces;
                    load.units += more.units;
                }
                None => self.loads.push(more),
            }
        }
        added
    }
}

impl Load {
    fn take(kind: &mut Pieces, shipment: Shipment, pieces: i64) -> Self {
        kind.quantity -= pieces;
        let units = pieces.saturating_mul(kind.amount);
        let (item, owner) = (Arc::clone(&kind.item), Arc::clone(&kind.owner));
        Self { shipment, item, owner, pieces, units }
    }

    fn goes_with(&self, other: &Self) -> bool {
        self.shipment.link == other.shipment.link
            && self.item.code == other.item.code
            && self.owner.code == other.owner.code
    }
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
