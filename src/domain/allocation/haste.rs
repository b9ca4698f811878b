//! How quick a plan is, and how quick any could be.
//!
//! Lives here: a bound from below that a price for each area proves, and a plan for want of time.
//! Does not live here: the search for the quickest plan (`simplex`). Invariant: whatever the
//! prices, no plan takes less than the bound.

use super::Question;
use super::column::Column;
use super::flow::Flow;
use super::reach::{Reach, place};
use super::simplex::Sent;

/// How quick a plan is, with the proof of how quick any plan could be that delivers the same.
///
/// Let each area pay its price for a unit, and each source earn what any area in its reach pays
/// above the minutes of the way, if anything. No plan takes less than all that areas pay for what
/// they get, less all that sources could earn with what they have: the dual of the transportation
/// problem (Hitchcock 1941).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Haste {
    /// Minutes until goods are in people's hands, over all units.
    pub minutes: i128,
    /// No plan that delivers the same takes less; equal to `minutes` where the plan is the
    /// quickest.
    pub least: i128,
    /// What proves it: minutes that each area would pay for a unit.
    pub prices: Vec<i64>,
}

impl Haste {
    /// Whether no plan is quicker.
    pub fn is_proven(&self) -> bool {
        self.minutes == self.least
    }
}

/// Minutes over all units.
pub(super) fn minutes(sent: &[Sent]) -> i128 {
    sent.iter().map(|sent| i128::from(sent.minutes) * i128::from(sent.units)).sum()
}

/// What these prices prove.
pub(super) fn bound(reach: &Reach, supply: &[i64], delivered: &[i64], prices: &[i64]) -> i128 {
    let price = |area: usize| prices.get(area).copied().unwrap_or_default();
    let paid = delivered.iter().enumerate();
    let paid: i128 = paid.map(|(area, units)| i128::from(*units) * i128::from(price(area))).sum();
    let dearest = prices.iter().copied().max().unwrap_or_default();
    let earned = supply.iter().enumerate().filter(|(_, units)| **units > 0);
    let earned = earned.map(|(source, units)| {
        let legs = reach.of_source().of(source);
        let paying = legs.iter().take_while(|leg| i64::from(leg.minutes) < dearest);
        let most = paying.map(|leg| price(place(leg.end)) - i64::from(leg.minutes)).max();
        i128::from(*units) * i128::from(most.unwrap_or_default().max(0))
    });
    paid - earned.sum::<i128>()
}

/// The price of its quickest way for each area: what no plan undercuts.
pub(super) fn nearest(reach: &Reach, supply: &[i64], areas: usize) -> Vec<i64> {
    let holds = |source: u32| supply.get(place(source)).is_some_and(|units| *units > 0);
    let first = |area: usize| reach.of_area().of(area).iter().find(|leg| holds(leg.end));
    (0..areas).map(|area| first(area).map_or(0, |leg| i64::from(leg.minutes))).collect()
}

/// A plan that brings what is settled, however long it takes: the largest flow between classes of
/// sources and areas, and whichever sources of a class come first.
pub(super) fn rough(question: Question<'_>, delivered: &[i64]) -> Vec<Sent> {
    let Question { reach, supply, .. } = question;
    let pooled = reach.pooled(supply);
    let asks = delivered.iter().map(|units| i128::from(*units)).enumerate();
    let classes = pooled.iter().copied().enumerate();
    let mut flow = Flow::of(reach.classes(), delivered.len(), classes, asks);
    flow.fill();
    flow.augment();
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); pooled.len()];
    for source in (0..supply.len()).rev() {
        if let Some(members) = reach.class_of(source).and_then(|class| members.get_mut(class)) {
            members.push(source);
        }
    }
    let mut left: Column<i64> = supply.iter().copied().collect();
    let mut sent = Vec::new();
    for area in 0..delivered.len() {
        for (class, units) in flow.taken(area) {
            let Some(members) = members.get_mut(place(*class)) else { continue };
            let mut wanted = i64::try_from(*units).unwrap_or(i64::MAX);
            while let Some(source) = members.last().copied().filter(|_| wanted > 0) {
                let units = wanted.min(left.at(source));
                if units > 0 {
                    let legs = reach.of_source().of(source);
                    let leg = legs.iter().find(|leg| place(leg.end) == area);
                    let minutes = leg.map(|leg| leg.minutes).unwrap_or_default();
                    sent.push(Sent { source, area, units, minutes });
                    left.put(source, left.at(source) - units);
                    wanted -= units;
                }
                if left.at(source) == 0 {
                    members.pop();
                }
            }
        }
    }
    sent.sort_unstable_by_key(|sent| (sent.source, sent.area));
    sent
}
