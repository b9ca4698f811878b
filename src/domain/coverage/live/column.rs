//! Columns: a tract's figures by need and area, of which what is alike for all areas is one number.
//!
//! Lives here: adding and looking up. Does not live here: what the figures mean (`tract`).
//! Invariant: a figure is what was added for its need and its area, whether one by one or to all.

use std::ops::Range;

/// Figures by need and area; one by one only where areas differ.
#[derive(Debug)]
pub struct Column {
    width: usize,
    /// By need, what all areas have.
    common: Vec<i64>,
    /// By need and area, what is beyond that; none while it is zero for all.
    own: Vec<i64>,
}

impl Column {
    /// Zeros for so many areas.
    pub fn of(width: usize, needs: usize) -> Self {
        Self { width, common: vec![0; needs], own: Vec::new() }
    }

    /// The figure of a need and an area.
    pub fn get(&self, need: usize, area: usize) -> i64 {
        let common = self.common.get(need).copied().unwrap_or_default();
        common + self.own.get(need * self.width + area).copied().unwrap_or_default()
    }

    /// Adds to the figures of some areas.
    pub fn add(&mut self, need: usize, areas: Range<usize>, units: i64) {
        if areas == (0..self.width) {
            if let Some(common) = self.common.get_mut(need) {
                *common += units;
            }
            return;
        }
        if units != 0 && self.own.is_empty() {
            self.own = vec![0; self.common.len() * self.width];
        }
        let run = need * self.width + areas.start..need * self.width + areas.end;
        self.own.get_mut(run).unwrap_or_default().iter_mut().for_each(|cell| *cell += units);
    }

    /// Figures that it takes room for.
    pub fn cells(&self) -> usize {
        self.common.capacity() + self.own.capacity()
    }
}
