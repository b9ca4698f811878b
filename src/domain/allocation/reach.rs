//! Reach: which source reaches which area, and when; the same for all needs.
//!
//! Lives here: ways by area, the nearest first, and sources that reach the same areas as one class.
//! Does not live here: amounts. Invariant: an area's ways stand in the order of time.

use std::collections::HashMap;

use super::Link;
use super::column::Column;
use super::rows::Row;

/// A way into an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Leg {
    pub minutes: u32,
    pub source: u32,
}

/// Who reaches whom when.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    ranks: Vec<u8>,
    areas: Vec<Vec<Leg>>,
    /// All ways, the quickest first: minutes, source, area.
    ways: Vec<(u32, u32, u32)>,
    /// By source; `None` for one that reaches nobody.
    class_of: Vec<Option<usize>>,
    classes: Vec<Row>,
}

impl Reach {
    /// Ways between sources and areas by their places; at most one a pair. A source's rank breaks
    /// ties of time: goods from lower tiers go first.
    pub fn of(ranks: Vec<u8>, areas: usize, links: impl IntoIterator<Item = Link>) -> Self {
        let small = |link: Link| {
            let source = u32::try_from(link.source).ok().filter(|_| link.source < ranks.len())?;
            let area = u32::try_from(link.area).ok().filter(|_| link.area < areas)?;
            Some((link.minutes, source, area))
        };
        let ways = by_time(links.into_iter().filter_map(small).collect());
        let mut rows = vec![Row::of(areas); ranks.len()];
        let mut legs: Vec<Vec<Leg>> = vec![Vec::new(); areas];
        for (minutes, source, area) in &ways {
            let (at, to) = (place(*source), place(*area));
            if let (Some(row), Some(legs)) = (rows.get_mut(at), legs.get_mut(to)) {
                row.set(to);
                legs.push(Leg { minutes: *minutes, source: *source });
            }
        }
        let (class_of, classes) = classes(rows, areas);
        Self { ranks, areas: legs, ways, class_of, classes }
    }

    /// Ways into an area, the nearest first.
    pub(super) fn legs(&self, area: usize) -> &[Leg] {
        self.areas.get(area).map(Vec::as_slice).unwrap_or_default()
    }

    /// All ways, the quickest first: minutes, source, area.
    pub(super) fn ways(&self) -> &[(u32, u32, u32)] {
        &self.ways
    }

    pub(super) fn rank(&self, source: usize) -> u8 {
        self.ranks.get(source).copied().unwrap_or_default()
    }

    /// The areas that the sources of each class reach, the fewest first.
    pub(super) fn classes(&self) -> &[Row] {
        &self.classes
    }

    /// The class of a source; `None` for one that reaches nobody.
    pub(super) fn class_of(&self, source: usize) -> Option<usize> {
        self.class_of.get(source).copied().flatten()
    }

    /// What each class has of what its sources have.
    pub(super) fn pooled(&self, supply: &[i64]) -> Vec<i128> {
        let mut pooled = vec![0; self.classes.len()];
        for (units, class) in supply.iter().zip(&self.class_of) {
            if let Some(pool) = class.and_then(|class| pooled.get_mut(class)) {
                *pool += i128::from((*units).max(0));
            }
        }
        pooled
    }
}

/// Sorts by minutes, of which there are few different ones, by counting.
fn by_time(ways: Vec<(u32, u32, u32)>) -> Vec<(u32, u32, u32)> {
    let most = ways.iter().map(|way| way.0).max().map_or(0, place);
    if most > ways.len().max(1_000) {
        let mut ways = ways;
        ways.sort_unstable();
        return ways;
    }
    let mut begin = Column::of(0_usize, most + 2);
    for way in &ways {
        let next = place(way.0) + 1;
        begin.put(next, begin.at(next) + 1);
    }
    for minutes in 0..most {
        begin.put(minutes + 1, begin.at(minutes + 1) + begin.at(minutes));
    }
    let mut sorted = vec![(0, 0, 0); ways.len()];
    for way in ways {
        let at = begin.at(place(way.0));
        begin.put(place(way.0), at + 1);
        if let Some(cell) = sorted.get_mut(at) {
            *cell = way;
        }
    }
    sorted
}

/// Sources that reach the same areas as one class; the class of each source.
fn classes(rows: Vec<Row>, areas: usize) -> (Vec<Option<usize>>, Vec<Row>) {
    let nobody = Row::of(areas);
    let mut kinds: Vec<&Row> = rows.iter().filter(|row| **row != nobody).collect();
    kinds.sort_unstable_by_key(|row| (row.count(), *row));
    kinds.dedup();
    let known: HashMap<&Row, usize> =
        kinds.iter().enumerate().map(|(at, row)| (*row, at)).collect();
    let class_of = rows.iter().map(|row| known.get(row).copied()).collect();
    (class_of, kinds.into_iter().cloned().collect())
}

/// A place that was kept small.
pub(super) fn place(small: u32) -> usize {
    usize::try_from(small).unwrap_or(usize::MAX)
}
