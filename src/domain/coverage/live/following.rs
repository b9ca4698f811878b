//! Following: what changes of stock do to the figures of a tract.
//!
//! Lives here: sums and verdicts after a change, and when needs are met, once somebody asks. Does
//! not live here: when goods arrive (`desk`). Invariant: after a change every figure that is told
//! is what gathering it anew would give.

use std::ops::Range;

use crate::domain::travel::{Spread, Travel};

use super::super::answer::Badness;
use super::super::tally::Tally;
use super::super::trace::{Coming, NEVER, PROMISES, ahead};
use super::super::verdict::Attained;
use super::bearing::{Bearing, Leaving};
use super::desk::{Desk, Way};
use super::shelves::Change;
use super::sight::{Sight, runs};
use super::tract::{Place, Tract};

impl Tract {
    /// Takes up changes of sources; the shelves hold them already.
    pub fn follow(&mut self, changes: &[(&Change, Leaving)], desk: &mut Desk) {
        let width = self.places.len();
        let bearing = |leaving| desk.bearing(&self.lie, leaving);
        let (changes, sources): (Vec<_>, Vec<_>) = changes
            .iter()
            .map(|(change, leaving)| (change, (leaving, bearing(leaving))))
            .filter(|(_, (_, bearing))| !matches!(bearing, Bearing::Off))
            .unzip();
        if sources.is_empty() {
            return;
        }
        let mut judged = vec![false; width];
        let sights = Sight::of_all((&self.lie, &self.places), &sources, desk);
        for (change, sight) in changes.into_iter().zip(&sights) {
            for (areas, [way]) in runs(width, [sight]) {
                if let Some(way) = way {
                    self.take(areas, change, way, &mut judged, desk);
                }
            }
        }
        self.judge(&judged, desk);
    }

    /// Takes up a change that is the same for some areas.
    fn take(
        &mut self,
        areas: Range<usize>,
        change: &Change,
        way: Way,
        judged: &mut [bool],
        desk: &mut Desk,
    ) {
        if change.had != change.has {
            areas.clone().for_each(|area| self.turn(area, change, way, desk));
        }
        for (need, units) in &change.deltas {
            if way.in_time {
                way.layer.of(&mut self.in_time).add(*need, areas.clone(), *units);
                if way.inside {
                    self.isolated.add(*need, areas.clone(), *units);
                }
            }
            if way.layer > self.lie.counted {
                continue;
            }
            if way.in_time_if_open && !way.in_time {
                self.held_back.add(*need, areas.clone(), *units);
            }
            if !way.arrives {
                continue;
            }
            self.ever.add(*need, areas.clone(), *units);
            if way.in_time {
                self.reach.add(*need, areas.clone(), *units);
                self.doubt((*need, *units), areas.clone(), judged);
            }
            // What comes after a need is met, or an area full, changes nothing in when it is.
            if way.least_min > self.last_min {
                continue;
            }
            if desk.common.shelves.needs.get(*need).is_some_and(|need| need.mandatory) {
                self.fill(areas.clone(), (change.number, *need, *units), way, desk);
            }
            self.reopen(*need, areas.clone(), way.least_min);
        }
    }

    /// Notes that nobody knows when some areas have enough of a need, where that was no earlier
    /// than a minute.
    pub fn reopen(&mut self, need: usize, areas: Range<usize>, least_min: u32) {
        let width = self.places.len();
        let run = need * width + areas.start..need * width + areas.end;
        let met_min = self.met_min.get(run).unwrap_or_default();
        let open = self.open.get_mut(areas).unwrap_or_default();
        for (open, met_min) in open.iter_mut().zip(met_min) {
            *open |= u64::from(least_min <= *met_min) << need;
        }
    }

    /// Notes which of some areas are to be judged anew after a change of what is in time: a need
    /// that was met and still is changes nothing.
    pub fn doubt(&mut self, (need, units): (usize, i64), areas: Range<usize>, judged: &mut [bool]) {
        let Some(least) = self.least.get_mut(need) else { return };
        let width = self.places.len();
        let all = areas == (0..width);
        let after = least.saturating_add(units);
        if all && after.min(*least) >= 0 {
            *least = after;
            return;
        }
        let mut found = if all { i64::MAX } else { *least };
        for area in areas {
            let required = self.required.get(need * width + area).copied().unwrap_or_default();
            let reach = self.reach.get(need, area);
            if let Some(cell) = judged.get_mut(area) {
                *cell |= reach.min(reach - units) < required;
            }
            found = found.min(reach.saturating_sub(required));
        }
        *least = found;
    }

    /// A source that has something for the first time or again, or has nothing left.
    fn turn(&mut self, area: usize, change: &Change, way: Way, desk: &mut Desk) {
        let counts = way.layer <= self.lie.counted;
        self.suspect(area, way, desk);
        let Some(place) = self.places.get_mut(area) else { return };
        let known = || place.order.iter().any(|coming| coming.number() == change.number);
        if !change.has || !counts || way.least_min > place.until_min || known() {
            return;
        }
        let minutes = desk.minutes(&self.lie, place, change.number, way);
        let minutes = minutes.filter(|minutes| *minutes <= place.until_min);
        if let Some(coming) = minutes.and_then(|at| Coming::new(at, change.number)) {
            let at = place.order.partition_point(|known| *known < coming);
            place.order.insert(at, coming);
        }
    }

    /// Notes that on what an area's arrivals rest may be another now, as something comes by a way,
    /// or no more.
    pub fn suspect(&mut self, area: usize, way: Way, desk: &Desk) {
        let alike = way.travel == Travel::Estimated && self.lie.routed.is_empty();
        let Some(place) = self.places.get_mut(area) else { return };
        let inherited = way.inherited || place.site.spread != Spread::Known;
        place.doubtful |= inherited || !alike || desk.has_roads();
    }

    /// Judges areas anew.
    pub fn judge(&mut self, judged: &[bool], desk: &Desk) {
        let mut tallies = Vec::new();
        let areas = judged.iter().enumerate().filter(|(_, judged)| **judged);
        for (area, _) in areas {
            self.attain(area, desk, &mut tallies);
        }
        if judged.contains(&true) {
            self.add_up();
            self.stale = true;
        }
    }

    fn attain(&mut self, area: usize, desk: &Desk, tallies: &mut Vec<Tally>) {
        self.tally(area, desk, tallies);
        let found = self
            .places
            .get(area)
            .map(|place| Attained::of(place.persons, place.profile.attainment_permille, tallies));
        if let Some((cell, found)) = self.attained.get_mut(area).zip(found) {
            *cell = found;
        }
    }

    /// The worst area, as bad as it stands.
    pub fn worst(&mut self, desk: &mut Desk) -> Option<Badness> {
        if std::mem::take(&mut self.stale) {
            self.worst = None;
            for area in 0..self.places.len() {
                if self.attained.get(area).map(|one| one.coverage) == Some(self.sums.least) {
                    self.refresh(area, desk);
                    let bad = self.headline(area).map(|one| one.badness());
                    self.worst = self.worst.into_iter().chain(bad).min();
                }
            }
        }
        self.worst
    }

    /// Brings what an area comes to up to when it is full.
    pub fn refresh(&mut self, area: usize, desk: &mut Desk) {
        let full_at = self.full_at(area, desk).map(i64::from);
        let known = self.attained.get_mut(area).filter(|known| known.coverage.is_some());
        if let Some(known) = known {
            known.full_at_min = full_at;
        }
    }

    /// Finds out when the open needs of an area are met.
    pub fn settle(&mut self, area: usize, desk: &mut Desk) {
        let open = self.open.get_mut(area).map_or(0, std::mem::take);
        if open == 0 {
            return;
        }
        let width = self.places.len();
        for need in (0..desk.common.shelves.needs.len()).filter(|need| open >> need & 1 == 1) {
            let met_min = self.met(need, area, desk);
            if let Some(cell) = self.met_min.get_mut(need * width + area) {
                *cell = met_min;
                self.last_min = self.last_min.max(met_min);
            }
        }
    }

    /// When a need is met.
    pub fn met(&mut self, need: usize, area: usize, desk: &mut Desk) -> u32 {
        let at = need * self.places.len() + area;
        let required = self.required.get(at).copied().unwrap_or_default();
        if required <= 0 {
            return 0;
        }
        if self.ever.get(need, area) < required {
            return NEVER;
        }
        let shelves = desk.common.shelves;
        let order = |place: &Place| {
            let all = place.order.iter().map(|coming| (coming.minutes(), coming.number()));
            met_min(all, place, shelves.units(need), (need, required))
        };
        let found = self.places.get(area).and_then(order);
        found.unwrap_or_else(|| self.lay(area, need, desk))
    }

    /// Lays what comes in order anew, until the last need is met; when one of them is.
    fn lay(&mut self, area: usize, asked: usize, desk: &mut Desk) -> u32 {
        let (width, counted) = (self.places.len(), self.lie.counted);
        let shelves = desk.common.shelves;
        let Some(place) = self.places.get_mut(area) else { return NEVER };
        let mut stand = desk.stand(&self.lie, place);
        let mut all: Vec<(u32, u32)> = (shelves.present())
            .filter_map(|(number, source)| {
                let way = stand.way(source).filter(|way| way.layer <= counted)?;
                Some((way.minutes?, number))
            })
            .collect();
        all.extend(place.promised.iter().map(|gift| gift.minutes).zip(PROMISES..));
        all.sort_unstable();
        let (mut last_min, mut found) = (0, NEVER);
        for need in 0..shelves.needs.len() {
            let at = need * width + area;
            let required = self.required.get(at).copied().unwrap_or_default();
            if required > 0 && self.ever.get(need, area) >= required {
                let kind = (need, required);
                let met = met_min(all.iter().copied(), place, shelves.units(need), kind);
                last_min = last_min.max(met.unwrap_or_default());
                if need == asked {
                    found = met.unwrap_or(NEVER);
                }
            }
        }
        place.until_min = ahead(last_min);
        let early = all.iter().take_while(|(minutes, _)| *minutes <= place.until_min);
        let order: Vec<Coming> =
            early.filter_map(|(minutes, number)| Coming::new(*minutes, *number)).collect();
        place.order = order;
        place.order.shrink_to_fit();
        found
    }
}

/// When what comes in order meets a need; `None` where it does not.
fn met_min(
    order: impl Iterator<Item = (u32, u32)>,
    place: &Place,
    units: &[i64],
    (need, required): (usize, i64),
) -> Option<u32> {
    let mut sum = 0_i64;
    for (minutes, number) in order {
        sum += if number < PROMISES {
            let source = usize::try_from(number).ok()?;
            units.get(source).copied().unwrap_or_default()
        } else {
            let promise = usize::try_from(number - PROMISES).ok()?;
            let gift = place.promised.get(promise).filter(|gift| gift.need == need);
            gift.map_or(0, |gift| gift.units)
        };
        if sum >= required {
            return Some(minutes);
        }
    }
    None
}
