//! Coverage (覆盖): which share of an area's people gets the basics within the time limit.
//!
//! Lives here: the question and the walk over the areas, each struck alone, so that
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
mod pace;
mod promises;
mod queue;
mod supply;
mod survey;

use std::sync::Arc;

use chrono::NaiveDate;

use super::position::Position;
use super::profile::{ClockStart, Profile};
use super::reference::{Reference, unknown};
use super::refusal::{Fault, FaultCode, Refusal};
use super::region::{Region, RegionIx, Tier};
use super::travel::{Blocked, Site, USUAL_PERCENT};

pub use super::travel::Travel;
pub use air::Air;
pub use answer::{Answer, Binding, Layers, Missing, NeedRow, Reason, Row, Totals};
use closure::Closures;
pub use closure::{Closure, wait_min};
pub use detail::{Attained, Class, Detail, Loss, Margin, Modes, Remedy, Step};
use detail::{Case, Found};
pub use eligibility::{Layer, Neighbourhood, Scope};
use goods::{Goods, promised};
use ground::{Call, Ground, Stock};
use pace::Paced;
use promises::{Promised, Promises};
pub use supply::Supply;
pub use survey::Survey;
use survey::Tools;

/// The most areas that are answered for in detail.
pub const MAX_DETAILED: usize = 10_000;
/// The longest self-supply that may be asked for, in days.
pub const MAX_DAYS: i64 = 366;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The areas asked about lie in it.
    pub region: RegionIx,
    /// Their tier; else the lowest that their city plans for, or the region's own if lower.
    pub tier: Option<Tier>,
    /// The time limit; else the city's own.
    pub hours: Option<u32>,
    /// Days of self-supply.
    pub days: i64,
    pub scope: Scope,
    /// From when the limit counts; else as the city counts it.
    pub clock: Option<ClockStart>,
    /// The day for which expiry and season are judged.
    pub on: NaiveDate,
    /// Percent of the usual speed that night and weather leave.
    pub speed_percent: u32,
    pub shock: Shock,
    /// Regions that no truck enters or leaves for a time.
    pub closures: Vec<Closure>,
    /// Other ways that are closed for a time.
    pub blocked: Blocked,
    /// Whether each row gets its curve, the three totals, its margin and the loss of a depot.
    pub detail: bool,
}

/// What the disaster leaves of the stock that lies where it strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shock {
    /// Tier of the region that is struck with the area; `None`, or one below the area's, is the
    /// area itself.
    pub tier: Option<Tier>,
    /// Percent of each amount that can still be given out there, at most 100.
    pub surviving_percent: u32,
}

impl Default for Shock {
    fn default() -> Self {
        Self { tier: None, surviving_percent: WHOLE_PERCENT }
    }
}

/// All that lies there.
const WHOLE_PERCENT: u32 = 100;

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
    let mut areas = check_all(reference, query)?;
    // Areas of one city follow each other, and of these such at one point, so that the ruler
    // measures every pair of points once.
    areas.sort_by_key(|area| {
        let city = reference.regions.ancestor_of_tier(area.ix, Tier::City);
        (city, area.site.map(|site| (site.point.lon_e6, site.point.lat_e6)))
    });
    let asks = |area: &Area| area.profile.is_some_and(|row| row.counts_promises());
    let nothing = Promises::default();
    let counted = query.detail || areas.iter().any(asks);
    let promises = if counted { &survey.promises } else { &nothing };
    let mut tools = survey.tools(reference, query);
    let given = Given { reference, query, survey, promises };
    let mut rows: Vec<Row> = areas.into_iter().map(|area| area.row(&given, &mut tools)).collect();
    rows.sort_unstable_by_key(|row| row.ix);
    Ok(Answer { rows })
}

/// The areas asked about, where the query can be answered.
fn check_all<'a>(reference: &'a Reference, query: &Query) -> Result<Vec<Area<'a>>, Refusal> {
    let root = reference.regions.get(query.region);
    check(query, root.ok_or_else(|| no_region(query.region))?)?;
    let areas = areas(reference, query);
    if query.detail && areas.len() > MAX_DETAILED {
        let expected =
            format!("a smaller region or a higher tier: at most {MAX_DETAILED} areas in detail");
        return Err(Refusal::Invalid(vec![Fault::new("detail", FaultCode::OutOfRange, expected)]));
    }
    Ok(areas)
}

fn no_region(ix: RegionIx) -> Refusal {
    unknown("region", &ix.0.to_string(), "region")
}

fn check(query: &Query, root: &Region) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    if !(1..=MAX_DAYS).contains(&query.days) {
        let expected = format!("1 to {MAX_DAYS}");
        faults.push(Fault::new("days", FaultCode::OutOfRange, expected));
    }
    if !(1..=USUAL_PERCENT).contains(&query.speed_percent) {
        let expected = format!("1 to {USUAL_PERCENT}");
        faults.push(Fault::new("speed_percent", FaultCode::OutOfRange, expected));
    }
    if query.shock.surviving_percent > WHOLE_PERCENT {
        let expected = format!("0 to {WHOLE_PERCENT}");
        faults.push(Fault::new("surviving_percent", FaultCode::OutOfRange, expected));
    }
    if query.tier.is_some_and(|tier| tier < root.tier) {
        let expected = format!("{} or a tier below it", root.tier.as_str());
        faults.push(Fault::new("tier", FaultCode::Hierarchy, expected));
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
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
}

impl Area<'_> {
    fn row(self, given: &Given, tools: &mut Tools) -> Row {
        let hours = given.query.hours.or(self.profile.map(|row| row.target_hours));
        let clock = given.query.clock.or(self.profile.map(|row| row.clock));
        let found = match self.known(hours, clock) {
            Ok(known) => self.judge(&known, given, tools),
            Err(missing) => Found::unknown(missing),
        };
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

    fn judge(&self, known: &Known, given: &Given, tools: &mut Tools) -> Found {
        let (reference, query, survey) = (given.reference, given.query, given.survey);
        let regions = &reference.regions;
        let mut terrain = regions.chain(self.ix).filter_map(|at| regions.get(at));
        let mountain = terrain.find_map(|at| at.mountain).unwrap_or(false);
        let profile = known.profile;
        let pace = (known.clock, query.speed_percent);
        let paced = tools.timetables.of(profile, mountain, pace);
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
        let asked: Vec<(i128, bool)> = (needs.iter())
            .map(|need| {
                let milli = need.required_milli(known.persons, query.days, query.on);
                (milli, need.mandatory)
            })
            .collect();
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
        let mut goods = self.goods(&call, (known, given), &paced, &promises, tools);
        let tallies = case.tallies(&mut goods, case.modes);
        let mut verdict = case.verdict(&tallies);
        let unconfirmed = promises.iter().filter(|row| row.unconfirmed).count();
        let detail = || case.detail(&mut goods, (&tallies, &verdict), unconfirmed);
        let detail = query.detail.then(detail).flatten();
        let detail = detail.map(|row| Detail {
            air: known.asked(given, call.limit_min).air(&verdict.needs),
            ..row
        });
        let travel = case.travel(&goods);
        let inherited = goods.inherited;
        drop(goods);
        let closed = !query.closures.is_empty() || !query.blocked.is_empty();
        if closed && verdict.binding.is_some() {
            let closures = &Closures::default();
            let call = Call { closures, around_it: &[], open_roads: true, ..call };
            let mut goods = self.goods(&call, (known, given), &paced, &promises, tools);
            let tallies = case.tallies(&mut goods, case.modes);
            verdict.blame_roads(&case.verdict(&tallies));
        }
        tools.closures = closures;
        Found { verdict, inherited, travel, detail }
    }

    /// What is on its way to the area.
    fn goods<'g, 's>(
        &self,
        call: &'g Call<'g>,
        (known, given): (&Known, &Given<'s>),
        paced: &'g Paced,
        promises: &'s [Promised],
        tools: &'g mut Tools,
    ) -> Goods<'g, 's> {
        let (query, survey) = (given.query, given.survey);
        let admitted = tools.admitted(survey, call.regions, query, self.ix);
        let approach = tools.guide.approach(self.ix, known.site);
        let approach = if call.open_roads { approach.on_open_roads() } else { approach };
        let stock = Stock {
            supply: &survey.supply,
            blocks: &survey.blocks,
            site: known.site,
            area: self.ix,
            struck: self.struck(given.reference, query.shock),
        };
        let (ruler, guide) = (&mut tools.ruler, &mut tools.guide);
        let ground = Ground { call, stock, paced, ruler, guide, approach };
        let mut goods = Goods::lying(ground, &admitted, &mut tools.marks);
        goods.add(promised(promises, call.open_roads && !query.closures.is_empty()));
        goods
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
mod block_tests;
#[cfg(test)]
mod metamorphic_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod scope_tests;
#[cfg(test)]
mod tests;
