//! Reclosing: the same closures open at other minutes, as they do each minute that goes by.
//!
//! Lives here: which sources and areas that bears on, and what it does to the figures. Does not
//! live here: changes of stock (`following`). Invariant: an answer brought over to other minutes
//! equals the one surveyed with them; one that cannot be is left as it is.

use std::ops::Range;
use std::sync::Arc;

use crate::domain::region::{RegionIx, Regions};
use crate::domain::travel::Travel;

use super::super::Query;
use super::super::closure::Closures;
use super::super::trace::{Coming, NEVER};
use super::Live;
use super::bearing::{Bearing, Leaving};
use super::desk::{Common, Desk, Way};
use super::sight::{Sight, runs};
use super::tract::{Lie, Tract};

/// One part in so many of all ways from sources to areas is looked at anew; if more would have to
/// be, a survey is no dearer.
const WORTH: usize = 3;

/// What opens at another minute.
struct Moved {
    regions: Vec<RegionIx>,
    /// Depot and region.
    pairs: Vec<(u32, RegionIx)>,
}

impl Moved {
    /// Between two questions that close the same ways; `None` where stretches of road are among
    /// it, or a way is open in one of them by now: what goes by it is looked up otherwise then.
    fn between(one: &Query, other: &Query) -> Option<Self> {
        let pairs = one.blocked.pairs.iter().zip(&other.blocked.pairs);
        let pairs: Vec<_> = pairs.filter(|(one, other)| one.opens_min != other.opens_min).collect();
        let is_open = |opens_min: Option<u32>| opens_min == Some(0);
        let opened = pairs.iter().any(|(a, b)| is_open(a.opens_min) || is_open(b.opens_min));
        if opened || one.blocked.roads != other.blocked.roads {
            return None;
        }
        let regions = one.closures.iter().zip(&other.closures);
        let regions = regions.filter(|(one, other)| one.opens_min != other.opens_min);
        Some(Self {
            regions: regions.map(|(one, _)| one.region).collect(),
            pairs: pairs.into_iter().map(|(one, _)| (one.depot, one.region)).collect(),
        })
    }

    /// Whether a region lies in one whose roads open at another minute.
    fn holds(&self, regions: &Regions, at: RegionIx) -> bool {
        self.regions.iter().any(|root| regions.within(at, *root))
    }

    /// Whether it bears on every way to some areas.
    fn surrounds(&self, regions: &Regions, tract: &Tract) -> bool {
        let lie = &tract.lie;
        let mut places = tract.places.iter().filter(|_| lie.parted);
        let root = lie.root.is_some_and(|root| self.holds(regions, root));
        // Without a region above them they are looked at one by one.
        root || lie.root.is_none() || places.any(|place| self.holds(regions, place.ix))
    }

    /// Depots of which ways to some areas are blocked until another minute.
    fn blocked(&self, regions: &Regions, lie: &Lie) -> Vec<u32> {
        let meet = |at: RegionIx| {
            lie.root.is_none_or(|root| regions.within(root, at) || regions.within(at, root))
        };
        self.pairs.iter().filter(|(_, at)| meet(*at)).map(|(depot, _)| *depot).collect()
    }
}

/// What a tract looks at anew.
struct Task {
    /// Sources by place.
    due: Vec<usize>,
    /// Depots of which a way to it is blocked until another minute.
    blocked: Vec<u32>,
}

impl Live {
    /// Brings the answer over to the same closures that open at other minutes. False where that
    /// cannot be, or costs as much as to survey anew; it is as it was then.
    pub fn reclose(&mut self, asked: &Query) -> bool {
        self.reclose_if_worth(asked, WORTH)
    }

    /// The same where no more than one way in so many is looked at.
    pub fn reclose_if_worth(&mut self, asked: &Query, worth: usize) -> bool {
        let asked = asked.unnumbered();
        if asked == self.query {
            return true;
        }
        let same = asked.untimed() == self.query.untimed();
        let Some(moved) = Moved::between(&self.query, &asked).filter(|_| same) else {
            return false;
        };
        // What is promised waits for the roads of its owner's region.
        if self.promised && !moved.regions.is_empty() {
            return false;
        }
        let tasks = self.tasks(&moved);
        let sources = self.shelves.all().count();
        let all: usize = self.tracts.iter().map(|tract| tract.places.len() * sources).sum();
        let due = self.tracts.iter().zip(&tasks);
        let due: usize = due.map(|(tract, task)| tract.places.len() * task.due.len()).sum();
        if due > all / worth {
            return false;
        }
        self.carry_over(asked, &tasks);
        true
    }

    /// By tract.
    fn tasks(&self, moved: &Moved) -> Vec<Task> {
        let regions = &self.position.reference.regions;
        let sources = || self.shelves.all().map(|(_, source)| source);
        let inside: Vec<bool> = sources().map(|at| moved.holds(regions, at.region)).collect();
        let task = |tract: &Tract| {
            let blocked = moved.blocked(regions, &tract.lie);
            let all = moved.surrounds(regions, tract);
            let due = sources()
                .zip(&inside)
                .enumerate()
                .filter(|(_, (source, inside))| all || **inside || blocked.contains(&source.depot));
            Task { due: due.map(|(place, _)| place).collect(), blocked }
        };
        self.tracts.iter().map(task).collect()
    }

    fn carry_over(&mut self, asked: Query, tasks: &[Task]) {
        let position = Arc::clone(&self.position);
        let (reference, shelves) = (&position.reference, &self.shelves);
        let closures = Closures::by_region(&asked.closures);
        let mut guide = reference.guide(asked.on, &asked.blocked);
        let was = Common { reference, query: &self.query, shelves, closures: &self.closures };
        let is = Common { query: &asked, closures: &closures, ..was };
        let [leaving, leaving_now]: [Vec<Leaving>; 2] =
            [was, is].map(|common| shelves.all().map(|one| common.leaving(one)).collect());
        for (tract, task) in self.tracts.iter_mut().zip(tasks) {
            let around = |at: RegionIx| closures.around(&reference.regions, at);
            let around = tract.lie.root.map_or_else(Vec::new, around);
            let desk = Desk::of(was, &mut self.guide, &mut self.ruler);
            let before = bearings(&tract.lie, task, &leaving, &desk);
            tract.lie.closures = around;
            let desk = Desk::of(is, &mut guide, &mut self.ruler);
            let after = bearings(&tract.lie, task, &leaving_now, &desk);
            // Most wait for nothing that has moved, or load as long anyway.
            let (before, after): (Vec<_>, Vec<_>) = (before.into_iter().zip(after))
                .filter(|((one, was), (_, is))| {
                    !was.is_like(is) || task.blocked.contains(&one.source.depot)
                })
                .unzip();
            if before.is_empty() {
                continue;
            }
            let mut desk = Desk::of(was, &mut self.guide, &mut self.ruler);
            let was = Sight::of_all((&tract.lie, &tract.places), &before, &mut desk);
            let mut desk = Desk::of(is, &mut guide, &mut self.ruler);
            let is = Sight::of_all((&tract.lie, &tract.places), &after, &mut desk);
            let mut judged = vec![false; tract.places.len()];
            for (((leaving, _), was), is) in before.iter().zip(&was).zip(&is) {
                tract.shift(leaving.number, [was, is], &mut judged, &mut desk);
            }
            tract.judge(&judged, &desk);
        }
        (self.query, self.closures, self.guide) = (asked, closures, guide);
    }
}

/// What the sources of a task mean for the areas of a tract.
fn bearings<'l, 's>(
    lie: &Lie,
    task: &Task,
    leaving: &'l [Leaving<'s>],
    desk: &Desk,
) -> Vec<(&'l Leaving<'s>, Bearing)> {
    let due = task.due.iter().filter_map(|place| leaving.get(*place));
    due.map(|leaving| (leaving, desk.bearing(lie, leaving))).collect()
}

impl Tract {
    /// Takes up that a source means something else for some of the areas now.
    fn shift(&mut self, number: u32, sights: [&Sight; 2], judged: &mut [bool], desk: &mut Desk) {
        let shelves = desk.common.shelves;
        for (areas, ways) in runs(self.places.len(), sights) {
            if is_unmoved(ways) {
                continue;
            }
            for need in 0..shelves.needs.len() {
                let place = usize::try_from(number).unwrap_or(usize::MAX);
                let units = shelves.units(need).get(place).copied().unwrap_or_default();
                if units != 0 {
                    self.shift_units(areas.clone(), (number, need, units), ways, judged, desk);
                }
            }
            for area in areas {
                self.reorder(area, number, ways, desk);
            }
        }
    }

    fn shift_units(
        &mut self,
        areas: Range<usize>,
        (number, need, units): (u32, usize, i64),
        ways: [Option<Way>; 2],
        judged: &mut [bool],
        desk: &Desk,
    ) {
        let [was, is] = ways;
        let Some(Way { layer, inside, .. }) = is.or(was) else { return };
        let more = |counts: fn(Way) -> bool| {
            let [was, is] = ways.map(|way| i64::from(way.is_some_and(counts)));
            (is - was) * units
        };
        let in_time = more(|way| way.in_time);
        if in_time != 0 {
            layer.of(&mut self.in_time).add(need, areas.clone(), in_time);
            if inside {
                self.isolated.add(need, areas.clone(), in_time);
            }
        }
        if layer > self.lie.counted {
            return;
        }
        self.held_back.add(need, areas.clone(), more(|way| way.in_time_if_open && !way.in_time));
        self.ever.add(need, areas.clone(), more(|way| way.arrives));
        if in_time != 0 {
            self.reach.add(need, areas.clone(), in_time);
            self.doubt((need, in_time), areas.clone(), judged);
        }
        let least_min = ways.iter().flatten().map(|way| way.least_min).min().unwrap_or(NEVER);
        if least_min > self.last_min {
            return;
        }
        if desk.common.shelves.needs.get(need).is_some_and(|need| need.mandatory) {
            for (way, units) in [(was, -units), (is, units)] {
                if let Some(way) = way.filter(|way| way.arrives) {
                    self.fill(areas.clone(), (number, need, units), way, desk);
                }
            }
        }
        self.reopen(need, areas, least_min);
    }

    /// Notes on what an area's arrivals rest: what is in time by now is known, as nothing rests on
    /// less than an estimate.
    fn rest(&mut self, area: usize, ways: [Option<Way>; 2], desk: &Desk) {
        let rests = |way: Way| (way.arrives, way.travel, way.inherited);
        let [was, is] = ways;
        let in_time = |way: Option<Way>| way.is_some_and(|way| way.in_time);
        let alike = was.map(rests) == is.map(rests);
        if alike && in_time(was) == in_time(is) {
            return;
        }
        let gains = alike && in_time(is);
        match is.filter(|way| gains && way.travel == Travel::Estimated) {
            Some(way) => {
                let place = self.places.get_mut(area).filter(|_| way.layer <= self.lie.counted);
                place.into_iter().for_each(|place| place.travel = Travel::Estimated);
            }
            None => ways.into_iter().flatten().for_each(|way| self.suspect(area, way, desk)),
        }
    }

    /// Puts a source where it comes in an area's order now.
    fn reorder(&mut self, area: usize, number: u32, ways: [Option<Way>; 2], desk: &Desk) {
        let [_, is] = ways;
        // Nothing rests on a source that has nothing; it keeps its place for when it has.
        if desk.common.shelves.is_present(number) {
            self.rest(area, ways, desk);
        }
        let counted = self.lie.counted;
        let Some(place) = self.places.get_mut(area) else { return };
        let comes = |way: Way| way.layer <= counted && way.least_min <= place.until_min;
        if !ways.into_iter().flatten().any(comes) {
            return;
        }
        if let Some(known) = place.order.iter().position(|coming| coming.number() == number) {
            place.order.remove(known);
        }
        let minutes = is.filter(|way| comes(*way)).and_then(|way| {
            let minutes = desk.minutes(&self.lie, place, number, way)?;
            (minutes <= place.until_min).then_some(minutes)
        });
        if let Some(coming) = minutes.and_then(|at| Coming::new(at, number)) {
            let at = place.order.partition_point(|known| *known < coming);
            place.order.insert(at, coming);
        }
    }
}

/// Whether goods come by two ways alike, and at the same minute.
fn is_unmoved([was, is]: [Option<Way>; 2]) -> bool {
    let key = |way: Way| {
        let at = way.arrives.then_some((way.minutes, way.fixed_min));
        (way.in_time, way.travel, way.inherited, at)
    };
    was.map(key) == is.map(key)
}
