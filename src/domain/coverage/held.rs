//! Goods held back: what closures keep from being in an area in time, and which of them does.
//!
//! Lives here: the goods of one need that would be there on open roads, by the closure that each
//! source waits for last. Does not live here: how long they wait (`ground`). Invariant: a source is
//! counted once, with the last closure on its way to open.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::quantity::narrow;
use crate::domain::travel::Hold;

use super::goods::Goods;
use super::ground::Ground;
use super::tally::Measure;

/// What one closure holds back of an area's binding need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldBack {
    pub hold: Hold,
    pub depots: usize,
    /// What would be there in time on open roads, in the need's unit.
    pub units: i64,
}

/// What of a need lies in depots and is there in time, by place in the supply.
pub fn in_time(goods: &mut Goods, measure: Measure, need: usize) -> Vec<(usize, i128)> {
    let mut found = Vec::new();
    for at in 0.. {
        let Some(arrival) = goods.nth(at).filter(|row| row.minutes <= measure.limit_min) else {
            break;
        };
        let Some(place) = arrival.place.filter(|_| measure.counts(arrival)) else { continue };
        let amounts = arrival.amounts.iter().filter(|amount| amount.need == need);
        found.extend(amounts.map(|amount| (place, arrival.units(amount))));
    }
    found
}

/// What of it closures hold back; most first.
pub fn held_back(ground: &mut Ground, on_open_roads: &[(usize, i128)]) -> Vec<HeldBack> {
    let mut found: BTreeMap<u32, (Hold, BTreeSet<u32>, i128)> = BTreeMap::new();
    for (place, units) in on_open_roads.iter().filter(|(_, units)| *units > 0) {
        let Some(hold) = ground.held_back_by(*place) else { continue };
        let Some(source) = ground.stock.supply.all().get(*place) else { continue };
        let (_, depots, sum) = found.entry(hold.number).or_insert((hold, BTreeSet::new(), 0));
        depots.insert(source.depot);
        *sum += units;
    }
    let row = |(hold, depots, units): (Hold, BTreeSet<u32>, i128)| HeldBack {
        hold,
        depots: depots.len(),
        units: narrow(units),
    };
    let mut rows: Vec<HeldBack> = found.into_values().map(row).collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.units), row.hold.number));
    rows
}
