//! Coverage (覆盖): which share of an area's people gets the basics within the time limit.
//!
//! Lives here: the question and the walk over the areas, each struck alone, so that
//! shared stock counts for every one of them. Does not live here: areas that compete for stock.
//! Invariant: what is not known is said to be unknown, never counted as zero or as covered.

mod answer;
mod area;
mod detail;
mod eligibility;
mod promises;
mod supply;

use std::sync::Arc;

use chrono::NaiveDate;

use super::position::Position;
use super::profile::{ClockStart, Profile};
use super::quota::Mode;
use super::reference::{Reference, unknown};
use super::refusal::{Fault, FaultCode, Refusal};
use super::region::{Region, RegionIx, Tier};
use super::travel::{Haul, Ruler, Site, Timetable};

pub use answer::{Answer, Binding, Layers, Missing, NeedRow, Reason, Row, Totals, Travel};
use area::Arrival;
pub use detail::{Attained, Class, Detail, Loss, Margin, Modes, Remedy, Step};
use detail::{Case, Found};
pub use eligibility::{Neighbourhood, Scope};
use promises::{Promised, Promises};
pub use supply::Supply;

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
    pub shock: Shock,
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
    let reference = &position.reference;
    let root = reference.regions.get(query.region);
    check(query, root.ok_or_else(|| no_region(query.region))?)?;
    let mut areas: Vec<Area> = areas(reference, query);
    if query.detail && areas.len() > MAX_DETAILED {
        let expected =
            format!("a smaller region or a higher tier: at most {MAX_DETAILED} areas in detail");
        return Err(Refusal::Invalid(vec![Fault::new("detail", FaultCode::OutOfRange, expected)]));
    }
    // Areas at one point follow each other, so the ruler measures every pair of points once.
    areas.sort_by_key(|area| area.site.map(|site| (site.point.lon_e6, site.point.lat_e6)));
    let mut ruler = Ruler::default();
    let supply = Supply::gather(position, query.on, &mut ruler);
    let asks = |area: &Area| area.profile.is_some_and(|row| row.counts_promises());
    let promises = if query.detail || areas.iter().any(asks) {
        Promises::gather(reference, query.on, &supply.needs, &mut ruler)
    } else {
        Promises::default()
    };
    let given = Given { reference, query, supply: &supply, promises: &promises };
    let mut rows: Vec<Row> = areas.into_iter().map(|area| area.row(&given, &mut ruler)).collect();
    rows.sort_unstable_by_key(|row| row.ix);
    Ok(Answer { rows })
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
    supply: &'a Supply,
    promises: &'a Promises,
}

impl Area<'_> {
    fn row(self, given: &Given, ruler: &mut Ruler) -> Row {
        let hours = given.query.hours.or(self.profile.map(|row| row.target_hours));
        let clock = given.query.clock.or(self.profile.map(|row| row.clock));
        let found = match self.known(hours, clock) {
            Ok(known) => self.judge(&known, given, ruler),
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
            travel: Travel::Estimated,
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

    fn judge(&self, known: &Known, given: &Given, ruler: &mut Ruler) -> Found {
        let (reference, query, supply) = (given.reference, given.query, given.supply);
        let regions = &reference.regions;
        let mut terrain = regions.chain(self.ix).filter_map(|at| regions.get(at));
        let mountain = terrain.find_map(|at| at.mountain).unwrap_or(false);
        let timetable = Timetable::new(known.profile, known.clock, mountain);
        ruler.stand(known.site.point);
        let struck = self.struck(reference, query.shock);
        let mut inherited = false;
        let mut arrivals = Vec::new();
        let around = Neighbourhood::of(regions, self.ix);
        around.visit(supply, query.scope, |source, standing| {
            let haul = Haul {
                owner: source.owner_tier,
                agree: standing.agree,
                depot: source.depot_tier,
                readiness_min: source.readiness_min,
                wait_min: 0,
            };
            let ends = [known.site.spread, source.spread];
            let reach = timetable.reach_min(haul, ruler, source.end, ends);
            inherited |= reach.is_some_and(|(_, estimated)| estimated);
            let spared = struck.is_none_or(|root| !regions.within(source.region, root));
            let left = if spared { WHOLE_PERCENT } else { query.shock.surviving_percent };
            arrivals.extend(reach.map(|(minutes, _)| Arrival {
                minutes,
                layer: standing.layer,
                inside: standing.inside,
                mode: Mode::GovPhysical,
                depot: Some(source.depot),
                surviving_percent: left,
                amounts: supply.amounts(source),
            }));
        });
        let limit_min = i64::from(known.hours) * 60;
        let promised: Vec<Promised> =
            given.promises.reach(&around, query.scope, &timetable, ruler, known.site, limit_min);
        arrivals.extend(promised.iter().filter_map(Promised::arrival));
        let asked: Vec<(i128, bool)> = (supply.needs.iter())
            .map(|need| {
                let milli = need.required_milli(known.persons, query.days, query.on);
                (milli, need.mandatory)
            })
            .collect();
        let case = Case {
            reference,
            persons: known.persons,
            attainment_permille: known.profile.attainment_permille,
            needs: &supply.needs,
            asked: &asked,
            limit_min,
            counted: query.scope.counted(),
            modes: &known.profile.modes_counted,
        };
        let verdict = case.verdict(&mut arrivals, case.modes);
        let unconfirmed = promised.iter().filter(|row| row.unconfirmed).count();
        let detail =
            query.detail.then(|| case.detail(&mut arrivals, &verdict, unconfirmed)).flatten();
        Found { verdict, inherited, detail }
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

#[cfg(test)]
mod metamorphic_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod scope_tests;
#[cfg(test)]
mod tests;
