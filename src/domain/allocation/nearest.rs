//! Nearest first: the plan that a quicker one is looked for from.
//!
//! Lives here: sending by the quickest way that is left, again and again. Does not live here: what
//! is better (`simplex`). Invariant: each load empties its source or fills its area.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::column::Column;
use super::reach::{Legs, place};
use super::tree::Load;

/// What was sent, and what is left.
pub(super) struct First {
    pub loads: Vec<Load>,
    pub left: Vec<i64>,
    pub lacking: Vec<i64>,
}

/// Sends by the quickest way of all, then by the next, what each can take. Sources are named by
/// their order in `sources`, ways cost so much a minute.
pub(super) fn nearest_first(
    legs: &Legs,
    sources: &[u32],
    supply: &[i64],
    demand: &[i64],
    minute: i64,
) -> First {
    let held = |source: &u32| supply.get(place(*source)).copied().unwrap_or_default();
    let mut left: Vec<i64> = sources.iter().map(held).collect();
    let mut lacking: Vec<i64> = demand.iter().map(|units| (*units).max(0)).collect();
    let mut loads = Vec::new();
    let mut next = Column::of(0_usize, sources.len());
    let mut heap: BinaryHeap<Reverse<(u32, u32)>> = (0_u32..)
        .zip(sources)
        .filter_map(|(at, source)| Some(Reverse((legs.of(place(*source)).first()?.minutes, at))))
        .collect();
    while let Some(Reverse((minutes, at))) = heap.pop() {
        let (Some(source), Some(left)) = (sources.get(place(at)), left.get_mut(place(at))) else {
            continue;
        };
        let rest = legs.of(place(*source)).iter().enumerate().skip(next.at(place(at)));
        for (nth, leg) in rest {
            let Some(lacking) = lacking.get_mut(place(leg.end)) else { continue };
            let units = (*left).min(*lacking);
            if units == 0 {
                continue;
            }
            if leg.minutes > minutes {
                next.put(place(at), nth);
                heap.push(Reverse((leg.minutes, at)));
                break;
            }
            *left -= units;
            *lacking -= units;
            let cost = i64::from(minutes) * minute;
            loads.push(Load { source: at, area: leg.end, cost, units });
            if *left == 0 {
                break;
            }
        }
    }
    First { loads, left, lacking }
}
