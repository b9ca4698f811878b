//! Telling: what is shown of an answer that is kept.
//!
//! Lives here: totals, the worst areas, rows in the order asked for. Does not live here: the
//! figures of a tract (`tract`, `following`). Invariant: when an area is full is found out only for
//! areas that are shown, or may be the worst.

use std::collections::BinaryHeap;
use std::sync::Arc;

use super::super::answer::{Answer, Badness, Headline, Row, Totals};
use super::super::verdict::Attained;
use super::tract::Place;
use super::{Live, Spot};

/// In which order rows are shown, and how many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    /// Areas of unknown coverage first, then the worst, instead of the tree's order.
    pub worst_first: bool,
    pub limit: Option<usize>,
}

/// What is told: all areas together, and the rows that are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub totals: Totals,
    pub rows: Vec<Row>,
}

impl Told {
    /// Of an answer that is not kept.
    pub fn of(mut answer: Answer, shown: Shown) -> Self {
        let totals = answer.totals();
        if shown.worst_first {
            answer.put_worst_first();
        }
        answer.rows.truncate(shown.limit.unwrap_or(usize::MAX));
        Self { totals, rows: answer.rows }
    }
}

impl Live {
    /// The sums over all areas; `worst` is the worst that is known.
    fn totals(&self, worst: Option<Spot>) -> Totals {
        let mut totals = Totals { unknown: self.unknown.len(), ..Totals::default() };
        totals.areas = totals.unknown;
        for sums in self.tracts.iter().map(|tract| tract.sums) {
            totals.areas += sums.areas;
            totals.unknown += sums.unknown;
            totals.compliant += sums.compliant;
            let add = |sum: &mut i64, more: i64| *sum = sum.saturating_add(more);
            add(&mut totals.planned_displaced, sums.planned_displaced);
            add(&mut totals.persons_covered, sums.persons_covered);
        }
        let place = worst.and_then(|spot| self.place(spot)).map(|(place, _)| place);
        totals.worst = place.map(|place| Arc::clone(&place.region));
        totals
    }

    /// An area that is in a tract, and what it comes to.
    fn place(&self, spot: Spot) -> Option<(&Place, Attained)> {
        let Spot::Known(tract, area) = spot else { return None };
        let tract = self.tracts.get(tract)?;
        tract.places.get(area).zip(tract.attained.get(area).copied())
    }

    /// The worst areas, as many as are asked for, with or without those that are unknown.
    fn worst(&mut self, count: usize, known: bool) -> Vec<Spot> {
        let (mut desk, tracts, unknown) = self.desk();
        // As many tracts have an area this bad: one that has none as bad has none of the worst.
        let mut least: Vec<_> = tracts.iter().map(|tract| tract.sums.least).collect();
        let last = count.saturating_sub(1);
        let cut = (last < least.len() && !known).then(|| *least.select_nth_unstable(last).1);
        let mut order: Vec<(Badness, usize)> = (tracts.iter_mut().enumerate())
            .filter(|(_, tract)| cut.is_none_or(|cut| tract.sums.least <= cut))
            .filter_map(|(at, tract)| Some((tract.worst(&mut desk)?, at)))
            .collect();
        order.sort_unstable();
        // The worst so far, the least bad of them on top.
        let mut found: BinaryHeap<(Badness, Spot)> = BinaryHeap::new();
        let put = |found: &mut BinaryHeap<_>, one| {
            found.push(one);
            if found.len() > count {
                found.pop();
            }
        };
        for (at, row) in unknown.iter().enumerate().filter(|_| !known) {
            put(&mut found, (Headline::of(row).badness(), Spot::Unknown(at)));
        }
        for (bad, number) in order {
            let top = found.peek().filter(|_| found.len() >= count).map(|(top, _)| *top);
            if top.is_some_and(|top| top <= bad) {
                break;
            }
            let Some(tract) = tracts.get_mut(number) else { continue };
            for area in 0..tract.places.len() {
                let coverage = tract.attained.get(area).and_then(|one| one.coverage);
                let better = top.is_some_and(|(top, ..)| coverage > top);
                if better || (known && coverage.is_none()) {
                    continue;
                }
                tract.refresh(area, &mut desk);
                if let Some(one) = tract.headline(area) {
                    put(&mut found, (one.badness(), Spot::Known(number, area)));
                }
            }
        }
        found.into_sorted_vec().into_iter().map(|(_, spot)| spot).collect()
    }

    /// The sums over all areas and some rows.
    pub fn tell(&mut self, shown: Shown) -> Told {
        let count = shown.limit.unwrap_or(usize::MAX).min(self.spots.len());
        let worst = if shown.worst_first { self.worst(count, false) } else { Vec::new() };
        let is_known = |spot: &&Spot| {
            self.place(**spot).is_some_and(|(_, attained)| attained.coverage.is_some())
        };
        let first = worst.iter().find(is_known).copied();
        let first = first.or_else(|| self.worst(1, true).first().copied());
        let totals = self.totals(first);
        let spots = if shown.worst_first {
            worst
        } else {
            self.spots.iter().take(count).map(|(_, spot)| *spot).collect()
        };
        let (mut desk, tracts, unknown) = self.desk();
        let row = |spot| match spot {
            Spot::Known(tract, area) => tracts.get_mut(tract)?.row(area, &mut desk),
            Spot::Unknown(at) => unknown.get(at).cloned(),
        };
        Told { totals, rows: spots.into_iter().filter_map(row).collect() }
    }
}
