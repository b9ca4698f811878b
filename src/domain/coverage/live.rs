//! Live coverage: an answer that is kept, and brought up to a later Position by what has changed
//! in the depots.
//!
//! Lives here: which questions are kept, their first survey, and the walk over tracts after a
//! change. Does not live here: rows and totals (`telling`), where answers are kept, and how many
//! (`service`). Invariant: an answer brought up to a Position equals the one surveyed from it; what
//! else than stock changes is surveyed anew.

mod bearing;
mod column;
mod desk;
mod following;
mod fullness;
mod reclosing;
mod shelves;
mod sight;
mod telling;
mod tract;

use std::sync::Arc;

use rayon::prelude::*;

use crate::domain::position::Position;
use crate::domain::quota::Mode;
use crate::domain::refusal::Refusal;
use crate::domain::region::RegionIx;
use crate::domain::travel::{Ball, Guide, Ruler, Timetable};

use super::answer::Row;
use super::area::Area;
use super::closure::Closures;
use super::eligibility::Lineage;
use super::promises::Promises;
use super::query::{Query, Shock};
use super::survey::{Survey, Tools};
use super::trace::Basis;
use super::verdict::Attained;
use super::{Given, check_all, runs};
use bearing::Leaving;
use desk::{Common, Desk, most_cm};
use shelves::{Change, Shelves};
pub use telling::{Shown, Told};
use tract::{Lie, Place, Tract};

/// The most needs of an answer that is kept: one bit each.
const MOST_NEEDS: usize = 64;

/// An answer that is kept.
#[derive(Debug)]
pub struct Live {
    query: Query,
    position: Arc<Position>,
    shelves: Shelves,
    /// The question's, by region.
    closures: Closures,
    guide: Guide,
    /// Ends are the depots' points.
    ruler: Ruler,
    tracts: Vec<Tract>,
    /// Whether anything counts that others have promised.
    promised: bool,
    /// Areas whose coverage cannot be known, whatever the stock.
    unknown: Vec<Row>,
    /// All areas in the tree's order.
    spots: Vec<(RegionIx, Spot)>,
}

/// Where an area stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    /// Tract, and place in it.
    Known(usize, usize),
    Unknown(usize),
}

/// An area as it was surveyed.
enum Seen {
    Known(Box<Place>, Vec<Basis>, Attained),
    Unknown(Box<Row>),
}

impl Live {
    /// Whether answers to such a question can be kept: such without a shock and without detail.
    pub fn keeps(query: &Query) -> bool {
        !query.detail && query.shock == Shock::default()
    }

    /// Surveys the areas and keeps what their rows rest on; `None` where the question is none that
    /// is kept, or sums are beyond what is kept.
    ///
    /// # Errors
    /// As `coverage`.
    pub fn of(position: &Arc<Position>, query: &Query) -> Result<Option<Self>, Refusal> {
        let reference = &position.reference;
        let areas = check_all(reference, query)?;
        let lying = |area: &Area| {
            area.profile.is_none_or(|row| row.modes_counted.contains(&Mode::GovPhysical))
        };
        let needs = reference.needs.len();
        if !Self::keeps(query) || !areas.iter().all(lying) || needs > MOST_NEEDS {
            return Ok(None);
        }
        let survey = Survey::of(position, query.on);
        let shelves = Shelves::of(position, &survey.supply, query.on);
        let nothing = Promises::default();
        let counted = areas.iter().any(Area::counts_promises);
        let promises = if counted { &survey.promises } else { &nothing };
        let given = Given { reference, query, survey: &survey, promises, traced: true };
        let runs = runs(reference, areas);
        let seen = survey_runs(&given, &runs);
        let Some((shelves, seen)) = shelves.zip(seen) else { return Ok(None) };
        let mut live = Self {
            query: query.unnumbered(),
            position: Arc::clone(position),
            shelves,
            closures: Closures::by_region(&query.closures),
            guide: reference.guide(query.on, &query.blocked),
            ruler: survey.ruler().clone(),
            promised: !promises.is_empty(),
            tracts: Vec::new(),
            unknown: Vec::new(),
            spots: Vec::new(),
        };
        for (run, seen) in runs.iter().zip(seen) {
            live.put(run, seen);
        }
        live.spots.sort_unstable_by_key(|(ix, _)| *ix);
        Ok(Some(live))
    }

    fn put(&mut self, run: &[Area], seen: Vec<Seen>) {
        let mut known = Vec::new();
        for one in seen {
            match one {
                Seen::Known(place, bases, attained) => {
                    self.spots.push((place.ix, Spot::Known(self.tracts.len(), known.len())));
                    known.push((*place, bases, attained));
                }
                Seen::Unknown(row) => {
                    self.spots.push((row.ix, Spot::Unknown(self.unknown.len())));
                    self.unknown.push(*row);
                }
            }
        }
        let Some(((first, ..), area)) = known.first().zip(run.first()) else { return };
        let regions = &self.position.reference.regions;
        let mountain = area.is_mountain(regions);
        let conditions = self.query.conditions();
        let timetable = Timetable::under(&first.profile, first.clock, mountain, conditions);
        let places = || known.iter().map(|(place, ..)| place);
        let approaches = places().map(|place| self.guide.approach(place.ix, place.site));
        let mut routed: Vec<u32> =
            approaches.flat_map(|approach| approach.singled_out().collect::<Vec<_>>()).collect();
        routed.sort_unstable();
        routed.dedup();
        let root = regions.parent(first.ix);
        let closures = root.map_or_else(Vec::new, |root| self.closures.around(regions, root));
        let parts = |place: &Place| self.closures.closes(place.ix);
        let lie = Lie {
            root,
            parted: places().any(parts),
            closures,
            timetable,
            limit_min: i64::from(first.hours) * 60,
            counted: self.query.scope.counted(),
            line: Lineage::of(regions, first.ix),
            ball: Ball::about(places().map(|place| place.site.point)),
            most_cm: most_cm(&timetable, places().map(|place| &place.site)),
            routed,
        };
        self.tracts.push(Tract::of(lie, known, self.shelves.needs.len()));
    }

    /// The question.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Whether it rests on the same reference data as a Position. Other quotas, plans, events and
    /// keys change nothing in it, nor do closures: those that count are part of the question.
    fn is_under(&self, position: &Position) -> bool {
        let (one, other) = (&self.position.reference, &position.reference);
        Arc::ptr_eq(&one.regions, &other.regions)
            && Arc::ptr_eq(&one.organizations, &other.organizations)
            && Arc::ptr_eq(&one.depots, &other.depots)
            && Arc::ptr_eq(&one.items, &other.items)
            && Arc::ptr_eq(&one.needs, &other.needs)
            && Arc::ptr_eq(&one.profiles, &other.profiles)
            && Arc::ptr_eq(&one.agreements, &other.agreements)
            && Arc::ptr_eq(&one.capacities, &other.capacities)
            && Arc::ptr_eq(&one.pledges, &other.pledges)
            && Arc::ptr_eq(&one.routes, &other.routes)
            && Arc::ptr_eq(&one.roads, &other.roads)
            && Arc::ptr_eq(&one.water_legs, &other.water_legs)
    }

    /// Brings the answer up to a Position, or back to one. False where it cannot be, as other
    /// reference data or sums too large must be surveyed anew; it is of no use then.
    pub fn follow(&mut self, position: &Arc<Position>) -> bool {
        if !self.is_under(position) {
            return false;
        }
        let changes = self.shelves.follow(&self.position, position, &mut self.ruler);
        let Some(changes) = changes else { return false };
        self.position = Arc::clone(position);
        if !changes.is_empty() {
            let (mut desk, tracts, _) = self.desk();
            let common = desk.common;
            let leaving = |number| Some(common.leaving((number, common.shelves.get(number)?)));
            let changes: Vec<(&Change, Leaving)> = (changes.iter())
                .filter_map(|change| Some((change, leaving(change.number)?)))
                .collect();
            tracts.iter_mut().for_each(|tract| tract.follow(&changes, &mut desk));
        }
        true
    }

    fn desk(&mut self) -> (Desk<'_>, &mut [Tract], &[Row]) {
        let common = Common {
            reference: &self.position.reference,
            query: &self.query,
            shelves: &self.shelves,
            closures: &self.closures,
        };
        let desk = Desk::of(common, &mut self.guide, &mut self.ruler);
        (desk, &mut self.tracts, &self.unknown)
    }

    /// All sums that rows rest on.
    #[cfg(test)]
    pub fn figures(&self) -> Vec<[i64; 8]> {
        self.tracts.iter().flat_map(Tract::figures).collect()
    }

    /// Bytes that it takes, nearly.
    pub fn bytes(&self) -> usize {
        let unknown = self.unknown.len() * size_of::<Row>();
        let spots = self.spots.len() * size_of::<(RegionIx, Spot)>();
        let tracts: usize = self.tracts.iter().map(Tract::bytes).sum();
        self.shelves.bytes() + unknown + spots + tracts + self.guide.most_bytes()
    }
}

/// Looks at the areas of all runs, a part on each thread; `None` where sums do not fit.
fn survey_runs(given: &Given, runs: &[Vec<Area>]) -> Option<Vec<Vec<Seen>>> {
    let part = runs.len().div_ceil(rayon::current_num_threads()).max(1);
    let parts: Option<Vec<Vec<Vec<Seen>>>> = runs
        .par_chunks(part)
        .map(|part| {
            let mut tools = given.survey.tools(given.reference, given.query);
            let mut look = |run: &Vec<Area>| {
                tools.around = Default::default();
                run.iter().map(|area| seen(area, (given, run), &mut tools)).collect()
            };
            part.iter().map(&mut look).collect()
        })
        .collect();
    Some(parts?.into_iter().flatten().collect())
}

fn seen(area: &Area, (given, run): (&Given, &[Area]), tools: &mut Tools) -> Option<Seen> {
    let mut found = area.found(given, run, tools);
    let trace = found.trace.take();
    let mut row = area.told(given.query, found);
    let Some(mut trace) = trace else { return Some(Seen::Unknown(Box::new(row))) };
    row.needs.clear();
    let (bases, profile, site) = (trace.bases.take()?, area.profile?, area.site?);
    let place = Place::of(&row, profile, site, trace)?;
    Some(Seen::Known(Box::new(place), bases, row.attained()))
}
