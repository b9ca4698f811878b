//! Reach: which source reaches which area, and when; the same for all needs.
//!
//! Lives here: ways by source and by area, the quickest first, and sources that reach the same
//! areas as one class. Does not live here: amounts. Invariant: the ways of a source, and those of
//! an area, stand in the order of time.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Link;
use super::column::Column;
use super::rows::Row;

/// A way, seen from one of its ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Leg {
    pub minutes: u32,
    /// The source seen from an area, the area seen from a source.
    pub end: u32,
}

/// A way by its places: minutes, source, area.
type Way = (u32, u32, u32);

/// Ways by one of their ends, the quickest of each first.
#[derive(Debug, Clone, Default)]
pub(super) struct Legs {
    /// Where those of each place begin, and where the last ones end.
    begins: Vec<usize>,
    legs: Vec<Leg>,
}

impl Legs {
    /// Puts legs in the order of their places and leaves their order else as it is.
    pub(super) fn by_place(places: usize, legs: impl Iterator<Item = (u32, Leg)> + Clone) -> Self {
        let mut begin = Column::of(0_usize, places + 1);
        let mut count = 0;
        for (at, _) in legs.clone() {
            begin.edit(place(at) + 1, |begin| *begin += 1);
            count += 1;
        }
        let mut begins = vec![0];
        for at in 0..places {
            let so_far = begin.at(at) + begin.at(at + 1);
            begin.put(at + 1, so_far);
            begins.push(so_far);
        }
        let mut sorted = vec![Leg::default(); count];
        for (at, leg) in legs {
            if let Some(cell) = sorted.get_mut(begin.at(place(at))) {
                *cell = leg;
            }
            begin.edit(place(at), |begin| *begin += 1);
        }
        Self { begins, legs: sorted }
    }

    /// Asks for those of each place in turn.
    pub(super) fn fill(places: u32, mut fill: impl FnMut(u32, &mut Vec<Leg>)) -> Self {
        let (mut begins, mut legs) = (Vec::with_capacity(place(places) + 1), Vec::new());
        begins.push(0);
        for at in 0..places {
            fill(at, &mut legs);
            begins.push(legs.len());
        }
        Self { begins, legs }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.legs.len()
    }

    /// Those of a place.
    pub(super) fn of(&self, place: usize) -> &[Leg] {
        let (from, until) = (self.begins.get(place), self.begins.get(place + 1));
        let range = from.zip(until).map(|(from, until)| *from..*until);
        range.and_then(|range| self.legs.get(range)).unwrap_or_default()
    }
}

/// Ways in the order of time, from both ends.
#[derive(Debug, Clone, Default)]
struct Sorted {
    of_source: Legs,
    of_area: Legs,
    longest: u32,
}

/// Who reaches whom when.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    ranks: Vec<u8>,
    areas: usize,
    ways: Vec<Way>,
    /// Made when first asked for: shares need no times.
    sorted: OnceLock<Sorted>,
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
        let links = links.into_iter();
        let mut ways: Vec<Way> = Vec::with_capacity(links.size_hint().0);
        ways.extend(links.filter_map(small));
        let mut rows = vec![Row::of(areas); ranks.len()];
        for (_, source, area) in &ways {
            if let Some(row) = rows.get_mut(place(*source)) {
                row.set(place(*area));
            }
        }
        let (class_of, classes) = classes(rows, areas);
        Self { ranks, areas, ways, sorted: OnceLock::new(), class_of, classes }
    }

    fn sorted(&self) -> &Sorted {
        self.sorted.get_or_init(|| {
            let longest = self.ways.iter().map(|way| way.0).max().unwrap_or_default();
            let ways = by_time(&self.ways, longest);
            let of_source = ways.iter().map(|way| (way.1, Leg { minutes: way.0, end: way.2 }));
            let of_area = ways.iter().map(|way| (way.2, Leg { minutes: way.0, end: way.1 }));
            Sorted {
                of_source: Legs::by_place(self.ranks.len(), of_source),
                of_area: Legs::by_place(self.areas, of_area),
                longest,
            }
        })
    }

    /// Ways from each source, the quickest first.
    pub(super) fn of_source(&self) -> &Legs {
        &self.sorted().of_source
    }

    /// Ways into each area, the quickest first.
    pub(super) fn of_area(&self) -> &Legs {
        &self.sorted().of_area
    }

    /// The minutes of the longest way.
    pub(super) fn longest(&self) -> u32 {
        self.sorted().longest
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
fn by_time(ways: &[Way], longest: u32) -> Vec<Way> {
    let most = place(longest);
    if most > ways.len().max(1_000) {
        let mut ways = ways.to_vec();
        ways.sort_by_key(|way| way.0);
        return ways;
    }
    let mut begin = Column::of(0_usize, most + 2);
    for way in ways {
        begin.edit(place(way.0) + 1, |begin| *begin += 1);
    }
    for minutes in 0..most {
        begin.put(minutes + 1, begin.at(minutes + 1) + begin.at(minutes));
    }
    let mut sorted = vec![(0, 0, 0); ways.len()];
    for way in ways {
        let at = begin.at(place(way.0));
        begin.put(place(way.0), at + 1);
        if let Some(cell) = sorted.get_mut(at) {
            *cell = *way;
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
