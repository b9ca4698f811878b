//! Coverage (覆盖): which share of an area's people gets the basics within the time limit.
//!
//! Lives here: the walk over the areas, each struck alone, so that
//! shared stock counts for every one of them. Does not live here: areas that compete for stock.
//! Invariant: what is not known is said to be unknown, never counted as zero or as covered.

mod air;
mod answer;
mod area;
mod blocks;
mod closure;
mod detail;
mod eligibility;
mod goods;
mod ground;
mod held;
mod live;
mod pace;
mod promises;
mod query;
mod queue;
mod runs;
mod supply;
mod survey;
mod trace;
mod vicinity;

use std::sync::Arc;

use super::catalogue::Need;
use super::position::Position;
use super::profile::{ClockStart, Profile};
use super::reference::Reference;
use super::refusal::{Fault, FaultCode, Refusal};
use super::region::{Region, RegionIx, Regions, Tier};
use super::travel::{Guide, Ruler, Site};

pub use super::travel::Travel;
pub use air::Air;
pub use answer::{Answer, Binding, Layers, Missing, NeedRow, Reason, Row, Totals};
pub use area::Attained;
use closure::Closures;
pub use closure::{Closure, hold};
use detail::{Case, Found};
pub use detail::{Class, Detail, Loss, Margin, Modes, Remedy, Step};
pub use eligibility::{Layer, Neighbourhood, Scope};
use goods::{Goods, promised};
use ground::{Call, Ground, Stock};
pub use held::HeldBack;
pub use live::{Live, Shown, Told};
use pace::Paced;
use promises::{Promised, Promises};
pub use query::{MAX_DAYS, MAX_DETAILED, MAX_HOURS, Query, Shock};
use query::{WHOLE_PERCENT, check};
use runs::runs;
pub use supply::{Pieces, Supply};
pub use survey::Survey;
use survey::Tools;
use trace::Trace;
use vicinity::Vicinity;

/// How far every area of the region is covered when it alone is struck.
///
/// # Errors
/// `UnknownReference` for a region that is not there, `Invalid` for days or percents out of bounds,
/// a tier above the region's, or detail of more than [`MAX_DETAILED`] areas.
pub fn coverage(position: &Position, query: &Query) -> Result<Answer, Refusal> {
    check_all(&position.reference, query)?;
    survey_coverage(&position.reference, &Survey::of(position, query.on), query)
}

/// The same from what was gathered before; `survey` must be of the query's day and the reference
/// data given.
///
/// # Errors
/// As [`coverage`].
pub fn survey_coverage(
    reference: &Reference,
    survey: &Survey,
    query: &Query,
) -> Result<Answer, Refusal> {
    let areas = check_all(reference, query)?;
    let nothing = Promises::default();
    let counted = query.detail || areas.iter().any(Area::counts_promises);
    let promises = if counted { &survey.promises } else { &nothing };
    let mut tools = survey.tools(reference, query);
    let given = Given { reference, query, survey, promises, traced: false };
    let mut rows: Vec<Row> = Vec::with_capacity(areas.len());
    for run in runs(reference, areas) {
        tools.around = Default::default();
        rows.extend(run.iter().map(|area| area.row(&given, &run, &mut tools)));
    }
    rows.sort_unstable_by_key(|row| row.ix);
    Ok(Answer { rows })
}

/// The areas asked about, where the query can be answered.
fn check_all<'a>(reference: &'a Reference, query: &Query) -> Result<Vec<Area<'a>>, Refusal> {
    check(query, &reference.regions)?;
    let areas = areas(reference, query);
    if query.detail && areas.len() > MAX_DETAILED {
        let expected =
            format!("a smaller region or a higher tier: at most {MAX_DETAILED} areas in detail");
        return Err(Refusal::Invalid(vec![Fault::new("detail", FaultCode::OutOfRange, expected)]));
    }
    Ok(areas)
}

struct Area<'a> {
    ix: RegionIx,
    region: &'a Arc<Region>,
    profile: Option<&'a Arc<Profile>>,
    site: Option<Site>,
}

/// The areas asked about that exist on the day.
fn areas<'a>(reference: &'a Reference, query: &Query) -> Vec<Area<'a>> {
    let regions = &reference.regions;
    let top = regions.get(query.region).map(|region| region.tier);
    let area = |ix: RegionIx| {
        let region = regions.get(ix)?;
        let begun = region.valid_from.is_none_or(|first| first <= query.on);
        let lasts = region.valid_to.is_none_or(|last| query.on <= last);
        let profile = reference.profile_of(ix);
        let lowest = || profile.map_or(Tier::County, |found| found.lowest_tier());
        let tier = query.tier.or_else(|| Some(lowest().max(top?)))?;
        (begun && lasts && region.tier == tier).then(|| Area {
            ix,
            region,
            profile,
            site: Site::of_region(regions, ix),
        })
    };
    regions.subtree(query.region).filter_map(area).collect()
}

/// What all areas of an answer have in common.
struct Given<'a> {
    reference: &'a Reference,
    query: &'a Query,
    survey: &'a Survey,
    promises: &'a Promises,
    /// Whether what each verdict rests on is kept; nobody looks at the verdict's reason then.
    traced: bool,
}

impl Area<'_> {
    fn counts_promises(&self) -> bool {
        self.profile.is_some_and(|row| row.counts_promises())
    }

    fn row(&self, given: &Given, run: &[Area], tools: &mut Tools) -> Row {
        let found = self.found(given, run, tools);
        self.told(given.query, found)
    }

    /// The limit in hours, and from when it counts.
    fn limit(&self, query: &Query) -> (Option<u32>, Option<ClockStart>) {
        let hours = query.hours.or(self.profile.map(|row| row.target_hours));
        (hours, query.clock.or(self.profile.map(|row| row.clock)))
    }

    /// What there is to tell of an area of a run.
    fn found(&self, given: &Given, run: &[Area], tools: &mut Tools) -> Found {
        let (hours, clock) = self.limit(given.query);
        match self.known(hours, clock) {
            Ok(known) => self.judge(&known, (given, run), tools),
            Err(missing) => Found::unknown(missing),
        }
    }

    fn told(&self, query: &Query, found: Found) -> Row {
        let (hours, clock) = self.limit(query);
        let verdict = found.verdict;
        Row {
            ix: self.ix,
            region: Arc::clone(self.region),
            hours,
            clock,
            coverage: verdict.coverage,
            persons_covered: verdict.persons_covered,
            compliant: verdict.compliant,
            full_at_min: verdict.full_at_min,
            binding: verdict.binding,
            layers: verdict.layers,
            travel: found.travel,
            inherited: found.inherited,
            needs: verdict.needs,
            detail: found.detail,
        }
    }

    fn known(&self, hours: Option<u32>, clock: Option<ClockStart>) -> Result<Known<'_>, Missing> {
        let profile = self.profile.ok_or(Missing::Profile)?;
        Ok(Known {
            profile,
            hours: hours.unwrap_or(profile.target_hours),
            clock: clock.unwrap_or(profile.clock),
            persons: self.region.planned_displaced.ok_or(Missing::PlannedDisplaced)?,
            site: self.site.ok_or(Missing::Location)?,
        })
    }

    fn judge(&self, known: &Known, (given, run): (&Given, &[Area]), tools: &mut Tools) -> Found {
        let (reference, query, survey) = (given.reference, given.query, given.survey);
        let regions = &reference.regions;
        let profile = known.profile;
        let pace = (known.clock, query.speed_percent);
        let paced = tools.timetables.of(profile, self.is_mountain(regions), pace);
        tools.ruler.stand(known.site.point);
        let around = Neighbourhood::of(regions, self.ix);
        let closures = std::mem::take(&mut tools.closures);
        let around_it = closures.around(regions, self.ix);
        let call = Call {
            query,
            closures: &closures,
            around_it: &around_it,
            regions,
            around: &around,
            open_roads: false,
            timetable: &paced.timetable,
            limit_min: i64::from(known.hours) * 60,
        };
        let promises = given.promises.reach(&call, (self.ix, known.site), &mut tools.ruler);
        let needs = &survey.supply.needs;
        let asked = known.needed(needs, query);
        let case = Case {
            reference,
            persons: known.persons,
            attainment_permille: profile.attainment_permille,
            needs,
            asked: &asked,
            limit_min: call.limit_min,
            counted: query.scope.counted(),
            modes: &profile.modes_counted,
        };
        let mut goods = self.goods(&call, (known, given, run), &paced, &promises, tools);
        let tallies = case.tallies(&mut goods, case.modes);
        let mut verdict = case.verdict(&tallies);
        let unconfirmed = promises.iter().filter(|row| row.unconfirmed).count();
        let detail = || case.detail(&mut goods, (&tallies, &verdict), unconfirmed);
        let detail = query.detail.then(detail).flatten();
        let mut detail = detail.map(|row| Detail {
            air: known.asked(given, call.limit_min).air(&verdict.needs),
            ..row
        });
        let travel = case.travel(&goods);
        let inherited = goods.inherited;
        let mut trace = given.traced.then(|| Trace::of(&mut goods, &tallies, &case));
        goods.clear();
        if query.closes() && (given.traced || verdict.binding.is_some()) {
            let none = &Closures::default();
            let open = Call { closures: none, around_it: &[], open_roads: true, ..call };
            let mut goods = self.goods(&open, (known, given, run), &paced, &promises, tools);
            match &mut trace {
                Some(trace) => trace.hold_back(&goods, &tallies, &case),
                None => verdict.blame_roads(&case.verdict(&case.tallies(&mut goods, case.modes))),
            }
            let need = verdict.binding_place(needs).filter(|_| detail.is_some());
            let measure = case.measure(case.modes);
            let would_be = need.map(|need| held::in_time(&mut goods, measure, need));
            goods.clear();
            if let Some((detail, would_be)) = detail.as_mut().zip(would_be) {
                let tools = (&mut tools.ruler, &mut tools.guide);
                let mut ground = self.ground(&call, (known, given), &paced, tools);
                detail.held_back = held::held_back(&mut ground, &would_be);
            }
        }
        tools.closures = closures;
        Found { verdict, inherited, travel, detail, trace }
    }

    fn is_mountain(&self, regions: &Regions) -> bool {
        let mut terrain = regions.chain(self.ix).filter_map(|at| regions.get(at));
        terrain.find_map(|at| at.mountain).unwrap_or(false)
    }

    /// What is on its way to the area.
    fn goods<'g, 's>(
        &self,
        call: &'g Call<'g>,
        (known, given, run): (&Known, &Given<'s>, &[Area]),
        paced: &'g Paced,
        promises: &'s [Promised],
        tools: &'g mut Tools,
    ) -> Goods<'g, 's> {
        let admitted = tools.admitted(given.survey, call.regions, given.query, self.ix);
        let Tools { ruler, guide, marks, around, .. } = tools;
        let ground = self.ground(call, (known, given), paced, (ruler, guide));
        let [there, open, alone] = around;
        // An area that lies in a closure waits for its own roads: it has no neighbours.
        let is_alone = !call.around_it.is_empty();
        let around = match call.open_roads {
            _ if is_alone => alone,
            true => open,
            false => there,
        };
        let settled = || {
            let place = |area: &Area| area.place(given.reference, given.query.shock);
            let all = if is_alone { std::slice::from_ref(self) } else { run };
            let places: Vec<_> = all.iter().filter_map(place).collect();
            Vicinity::of(&ground, &places, &admitted, marks)
        };
        if is_alone {
            *around = None;
        }
        let vicinity = around.get_or_insert_with(settled);
        let mut goods = Goods::lying(ground, &admitted, vicinity);
        goods.add(promised(promises, call.open_roads && !given.query.closures.is_empty()));
        goods
    }

    /// What looks at sources for the area.
    fn ground<'g, 's>(
        &self,
        call: &'g Call<'g>,
        (known, given): (&Known, &Given<'s>),
        paced: &'g Paced,
        (ruler, guide): (&'g mut Ruler, &'g mut Guide),
    ) -> Ground<'g, 's> {
        let (query, survey) = (given.query, given.survey);
        let approach = guide.approach(self.ix, known.site);
        let approach = if call.open_roads { approach.on_open_roads() } else { approach };
        let stock = Stock {
            supply: &survey.supply,
            blocks: &survey.blocks,
            site: known.site,
            area: self.ix,
            struck: self.struck(given.reference, query.shock),
        };
        Ground { call, stock, paced, ruler, guide, approach }
    }

    /// Where it is, and which region's stock suffers with it.
    fn place(
        &self,
        reference: &Reference,
        shock: Shock,
    ) -> Option<(RegionIx, Site, Option<RegionIx>)> {
        Some((self.ix, self.site?, self.struck(reference, shock)))
    }

    /// The region whose stock suffers; `None` where none does.
    fn struck(&self, reference: &Reference, shock: Shock) -> Option<RegionIx> {
        let above = shock.tier.filter(|tier| *tier < self.region.tier);
        let root = above.and_then(|tier| reference.regions.ancestor_of_tier(self.ix, tier));
        (shock.surviving_percent < WHOLE_PERCENT).then(|| root.unwrap_or(self.ix))
    }
}

/// What must be known before an area can be judged.
struct Known<'a> {
    profile: &'a Profile,
    hours: u32,
    clock: ClockStart,
    persons: i64,
    site: Site,
}

impl Known<'_> {
    /// What is required of each need in thousandths, and whether it is mandatory.
    fn needed(&self, needs: &[Arc<Need>], query: &Query) -> Vec<(i128, bool)> {
        let milli = |need: &Need| need.required_milli(self.persons, query.days, query.on);
        needs.iter().map(|need| (milli(need), need.mandatory)).collect()
    }

    /// What is asked of helicopters.
    fn asked<'a>(&'a self, given: &Given<'a>, limit_min: i64) -> air::Asked<'a> {
        air::Asked {
            reference: given.reference,
            profile: self.profile,
            clock: self.clock,
            point: self.site.point,
            persons: self.persons,
            limit_min,
            days: given.query.days,
            on: given.query.on,
        }
    }
}

#[cfg(test)]
mod air_tests;
#[cfg(test)]
mod block_tests;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod metamorphic_tests;
#[cfg(test)]
mod promise_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod scope_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod waiting_tests;
