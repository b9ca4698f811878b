//! Fullness: the minute from which on all mandatory needs of an area are met.
//!
//! Lives here: what shows that this minute still holds, and the walk to another. Does not live
//! here: when a single need is met (`following`). Invariant: while `open` is not set, no need is
//! short at the minute, and the witness is short right before it.

use std::ops::Range;

use super::super::trace::{NEVER, PROMISES};
use super::desk::{Desk, Way};
use super::shelves::Shelves;
use super::tract::{Place, Tract};

/// Since when an area has all it needs.
#[derive(Debug, Clone, Copy)]
pub struct Full {
    pub at_min: u32,
    /// A need that is short right before, or for ever.
    witness: usize,
    /// By how much it is, as a number below zero.
    lack: i64,
    /// Whether the minute may be another now.
    open: bool,
}

impl Full {
    /// Not known yet.
    pub const UNKNOWN: Self = Self { at_min: NEVER, witness: 0, lack: -1, open: true };
}

impl Tract {
    /// Takes up that a source has more or less of a mandatory need.
    pub fn fill(
        &mut self,
        areas: Range<usize>,
        (number, need, units): (u32, usize, i64),
        way: Way,
        desk: &Desk,
    ) {
        let width = self.places.len();
        for area in areas {
            let at = need * width + area;
            let cells = (self.full.get_mut(area), self.spare.get_mut(at), self.places.get(area));
            let (Some(full), Some(spare), Some(place)) = cells else { return };
            if full.at_min == NEVER {
                let required = self.required.get(at).copied().unwrap_or_default();
                full.open |= full.witness == need && self.ever.get(need, area) >= required;
                self.stale |= full.open;
                continue;
            }
            let order = desk.compare(&self.lie, place, (number, way), full.at_min);
            let Some(order) = order.filter(|order| order.is_le()) else { continue };
            *spare += units;
            full.open |= *spare < 0;
            if order.is_lt() && full.witness == need {
                full.lack += units;
                full.open |= full.lack >= 0;
            }
            self.stale |= full.open;
        }
    }

    /// Since when an area has all it needs, found out if it must be; `None` is never.
    pub fn full_at(&mut self, area: usize, desk: &mut Desk) -> Option<u32> {
        let full = *self.full.get(area)?;
        if full.open {
            let found = self.walk(area, full, desk.common.shelves);
            let found = found.unwrap_or_else(|| self.refill(area, desk));
            *self.full.get_mut(area)? = found;
            self.last_min = self.last_min.max(found.at_min);
        }
        self.full.get(area).map(|full| full.at_min).filter(|at_min| *at_min < NEVER)
    }

    /// Walks from the minute that was to the one that is; `None` where what is kept in order does
    /// not lead there.
    fn walk(&mut self, area: usize, full: Full, shelves: &Shelves) -> Option<Full> {
        let place = self.places.get(area)?;
        if full.at_min > place.until_min {
            return None;
        }
        let needs: Vec<usize> = self.mandatory(area, shelves).collect();
        let width = self.places.len();
        let spare = |need: &usize| self.spare.get(need * width + area).copied();
        let mut spares: Vec<i64> = needs.iter().filter_map(spare).collect();
        let short = |spares: &[i64]| spares.iter().position(|spare| *spare < 0);
        let order = &place.order;
        let mut next = order.partition_point(|coming| coming.minutes() <= full.at_min);
        let mut found = full;
        // Forward, a minute at a time, until nothing is short.
        while let Some(lacks) = short(&spares) {
            found.witness = *needs.get(lacks)?;
            found.lack = *spares.get(lacks)?;
            found.at_min = order.get(next)?.minutes();
            let until = order.partition_point(|coming| coming.minutes() <= found.at_min);
            add(&mut spares, &needs, (place, next..until), shelves, 1);
            next = until;
        }
        // Else back, as long as nothing would be short without the last minute.
        let forward = found.at_min != full.at_min;
        loop {
            if forward {
                break;
            }
            found.at_min = order.get(next.checked_sub(1)?)?.minutes();
            let from = order.partition_point(|coming| coming.minutes() < found.at_min);
            let mut before = spares.clone();
            add(&mut before, &needs, (place, from..next), shelves, -1);
            if let Some(lacks) = short(&before) {
                (found.witness, found.lack) = (*needs.get(lacks)?, *before.get(lacks)?);
                break;
            }
            (spares, next) = (before, from);
        }
        for (need, spare) in needs.iter().zip(spares) {
            *self.spare.get_mut(need * width + area)? = spare;
        }
        Some(Full { open: false, ..found })
    }

    /// Finds it out by when each need is met.
    fn refill(&mut self, area: usize, desk: &mut Desk) -> Full {
        let shelves = desk.common.shelves;
        let width = self.places.len();
        let needs: Vec<usize> = self.mandatory(area, shelves).collect();
        let mut full = Full { at_min: 0, witness: 0, lack: -1, open: false };
        for need in &needs {
            let met_min = self.met(*need, area, desk);
            if met_min >= full.at_min {
                (full.at_min, full.witness) = (met_min, *need);
            }
        }
        let Some(place) = self.places.get(area) else { return full };
        let kept = full.at_min <= place.until_min;
        // Beyond what is kept in order it is found out each time.
        full.open = !kept && full.at_min < NEVER;
        let required = |need: &usize| self.required.get(need * width + area).copied();
        let mut sums: Vec<i64> = needs.iter().filter_map(required).map(|units| -units).collect();
        let early = place.order.partition_point(|coming| coming.minutes() < full.at_min);
        let until = place.order.partition_point(|coming| coming.minutes() <= full.at_min);
        add(&mut sums, &needs, (place, 0..early), shelves, 1);
        let witness = needs.iter().position(|need| *need == full.witness);
        full.lack = witness.and_then(|at| sums.get(at).copied()).unwrap_or(-1);
        add(&mut sums, &needs, (place, early..until), shelves, 1);
        for (need, sum) in needs.iter().zip(sums) {
            if let Some(cell) = self.spare.get_mut(need * width + area) {
                *cell = sum;
            }
        }
        full
    }

    /// The mandatory needs that apply to an area.
    fn mandatory(&self, area: usize, shelves: &Shelves) -> impl Iterator<Item = usize> {
        let width = self.places.len();
        let applies = move |need: usize| {
            self.required.get(need * width + area).is_some_and(|required| *required > 0)
        };
        let all = shelves.needs.iter().enumerate().filter(|(_, need)| need.mandatory);
        all.map(|(need, _)| need).filter(move |need| applies(*need))
    }
}

/// Adds what a part of the order brings of each need, so many times.
fn add(
    sums: &mut [i64],
    needs: &[usize],
    (place, part): (&Place, Range<usize>),
    shelves: &Shelves,
    times: i64,
) {
    for coming in place.order.get(part).unwrap_or_default() {
        let number = coming.number();
        let slot = usize::try_from(number).unwrap_or(usize::MAX);
        let gift = number.checked_sub(PROMISES).and_then(|at| usize::try_from(at).ok());
        let gift = gift.and_then(|at| place.promised.get(at));
        for (sum, need) in sums.iter_mut().zip(needs) {
            *sum += times
                * match gift {
                    Some(gift) if gift.need == *need => gift.units,
                    Some(_) => 0,
                    None => shelves.units(*need).get(slot).copied().unwrap_or_default(),
                };
        }
    }
}
