//! The largest flow from classes of sources to areas, and the cut that bounds it.
//!
//! Lives here: blocking flows along shortest paths (Dinic), on sets of areas as bits, so that a
//! class that reaches a thousand areas is looked at in sixteen steps. Does not live here: which
//! source of a class sends (`simplex`). Invariant: the flow kept is feasible at every moment, so
//! asking for more needs no new start.

use super::column::Column;
use super::reach::place;
use super::rows::Row;

/// Not reached.
const NONE: u32 = u32::MAX;

/// A flow on part of the classes and areas.
#[derive(Debug, Clone)]
pub(super) struct Flow<'a> {
    rows: &'a [Row],
    /// Classes that take part, those that reach the fewest areas first.
    classes: Vec<usize>,
    /// Areas that take part.
    part: Row,
    /// By class, what it has left.
    left: Column<i128>,
    /// By area, what it still asks for.
    open: Column<i128>,
    /// By area, what came from which class.
    taken: Vec<Vec<(u32, i128)>>,
}

/// Distances from classes that have something left.
struct Levels {
    class: Column<u32>,
    /// Areas by level.
    areas: Vec<Row>,
    /// Areas that were not reached.
    rest: Row,
    /// Whether the last level has an area that asks for more.
    found: bool,
}

impl<'a> Flow<'a> {
    /// No flow yet. `classes` and `asks` name who takes part, with what they have and ask for.
    pub(super) fn of(
        rows: &'a [Row],
        areas: usize,
        classes: impl Iterator<Item = (usize, i128)>,
        asks: impl Iterator<Item = (usize, i128)>,
    ) -> Self {
        let mut flow = Self {
            rows,
            classes: Vec::new(),
            part: Row::of(areas),
            left: Column::of(0, rows.len()),
            open: Column::of(0, areas),
            taken: vec![Vec::new(); areas],
        };
        for (area, units) in asks {
            flow.part.set(area);
            flow.open.put(area, units);
        }
        for (class, units) in classes.filter(|(_, units)| *units > 0) {
            flow.classes.push(class);
            flow.left.put(class, units);
        }
        flow
    }

    fn row(&self, class: usize) -> Option<&'a Row> {
        self.rows.get(class)
    }

    /// What an area has got.
    pub(super) fn got(&self, area: usize) -> i128 {
        self.taken(area).iter().map(|(_, units)| units).sum()
    }

    /// What an area got from which class.
    pub(super) fn taken(&self, area: usize) -> &[(u32, i128)] {
        self.taken.get(area).map(Vec::as_slice).unwrap_or_default()
    }

    /// Lets an area ask for more, or for less of what it did not get.
    pub(super) fn ask(&mut self, area: usize, by: i128) {
        self.open.put(area, self.open.at(area) + by);
    }

    fn give(&mut self, class: usize, area: usize, units: i128) {
        let (Some(taken), Ok(class)) = (self.taken.get_mut(area), u32::try_from(class)) else {
            return;
        };
        match taken.iter_mut().find(|(from, _)| *from == class) {
            Some((_, had)) => *had += units,
            None => taken.push((class, units)),
        }
    }

    /// Sends what can be sent without moving anything.
    pub(super) fn fill(&mut self) -> i128 {
        let mut sent = 0;
        let mut asking = Row::of(0);
        asking.clone_from(&self.part);
        for at in 0..self.classes.len() {
            let Some(class) = self.classes.get(at).copied() else { break };
            let Some(row) = self.row(class) else { continue };
            let mut left = self.left.at(class);
            while left > 0 {
                let Some(area) = row.first_of_both(&asking) else { break };
                let open = self.open.at(area);
                let units = open.min(left);
                let (taken, from) = (self.taken.get_mut(area), u32::try_from(class));
                if let (Some(taken), Ok(from), true) = (taken, from, units > 0) {
                    taken.push((from, units));
                    self.open.put(area, open - units);
                    (left, sent) = (left - units, sent + units);
                }
                if units == open {
                    asking.clear(area);
                }
            }
            self.left.put(class, left);
        }
        sent
    }

    /// Sends as much more as can be sent; how much that is.
    pub(super) fn augment(&mut self) -> i128 {
        let mut sent = 0;
        loop {
            let mut levels = self.levels(true);
            if !levels.found {
                return sent;
            }
            let mut next = Column::of(0, self.taken.len());
            for at in 0..self.classes.len() {
                let Some(class) = self.classes.get(at).copied() else { break };
                while self.left.at(class) > 0 && levels.class.at(class) == 0 {
                    let step = self.push(class, &mut levels, &mut next);
                    if step == 0 {
                        break;
                    }
                    sent += step;
                }
            }
        }
    }

    /// Areas to which more could still come: what is left of the source's side of the least cut.
    pub(super) fn beyond_reach(&self) -> Row {
        self.levels(false).rest
    }

    fn levels(&self, stop: bool) -> Levels {
        let areas = self.taken.len();
        let mut levels = Levels {
            class: Column::of(NONE, self.rows.len()),
            areas: Vec::new(),
            rest: self.part.clone(),
            found: false,
        };
        let mut edge: Vec<usize> =
            self.classes.iter().copied().filter(|class| self.left.at(*class) > 0).collect();
        for class in &edge {
            levels.class.put(*class, 0);
        }
        let mut level = 0;
        while !edge.is_empty() {
            let mut reached = Row::of(areas);
            for class in edge.drain(..) {
                if let Some(row) = self.row(class) {
                    levels.rest.hand_over(row, &mut reached);
                }
            }
            level += 1;
            for area in reached.areas() {
                levels.found |= self.open.at(area) > 0;
                for (class, units) in self.taken.get(area).into_iter().flatten() {
                    let class = place(*class);
                    if *units > 0 && levels.class.at(class) == NONE {
                        levels.class.put(class, level);
                        edge.push(class);
                    }
                }
            }
            levels.areas.push(reached);
            if stop && levels.found {
                break;
            }
        }
        levels
    }

    /// One path of the layered network, found without recursion: from a class to an area, from that
    /// to a class that it could do without, and so on to an area that asks for more.
    fn push(&mut self, start: usize, levels: &mut Levels, next: &mut Column<usize>) -> i128 {
        let mut path: Vec<(usize, usize)> = Vec::new();
        let mut class = start;
        loop {
            let depth = path.len();
            let row = self.row(class).zip(levels.areas.get(depth));
            let Some(area) = row.and_then(|(row, areas)| row.first_of_both(areas)) else {
                levels.class.put(class, NONE);
                let Some((before, area)) = path.pop() else { return 0 };
                next.put(area, next.at(area) + 1);
                class = before;
                continue;
            };
            if self.open.at(area) > 0 {
                path.push((class, area));
                return self.send(&path);
            }
            let wanted = u32::try_from(depth + 1).unwrap_or(NONE);
            match self.donor(area, wanted, levels, next) {
                Some(donor) => {
                    path.push((class, area));
                    class = donor;
                }
                None => {
                    if let Some(areas) = levels.areas.get_mut(depth) {
                        areas.clear(area);
                    }
                }
            }
        }
    }

    /// The next class of a level that an area has something from.
    fn donor(
        &self,
        area: usize,
        level: u32,
        levels: &Levels,
        next: &mut Column<usize>,
    ) -> Option<usize> {
        let taken = self.taken.get(area)?;
        let mut at = next.at(area);
        let found = loop {
            let Some((class, units)) = taken.get(at) else { break None };
            let class = place(*class);
            if *units > 0 && levels.class.at(class) == level {
                break Some(class);
            }
            at += 1;
        };
        next.put(area, at);
        found
    }

    fn send(&mut self, path: &[(usize, usize)]) -> i128 {
        let (Some((start, _)), Some((_, end))) = (path.first(), path.last()) else { return 0 };
        let mut step = self.left.at(*start).min(self.open.at(*end));
        for pair in path.windows(2) {
            if let [(_, area), (donor, _)] = pair {
                step = step.min(self.has_from(*area, *donor));
            }
        }
        for pair in path.windows(2) {
            if let [(_, area), (donor, _)] = pair {
                self.give(*donor, *area, -step);
            }
        }
        for (class, area) in path {
            self.give(*class, *area, step);
        }
        self.left.put(*start, self.left.at(*start) - step);
        self.open.put(*end, self.open.at(*end) - step);
        step
    }

    fn has_from(&self, area: usize, class: usize) -> i128 {
        let mut taken = self.taken.get(area).into_iter().flatten();
        taken.find(|(from, _)| place(*from) == class).map_or(0, |(_, units)| *units)
    }
}
