//! Scenarios: several areas struck together, competing for what can reach them.
//!
//! Lives here: from stock, people and roads to one question of allocation a need, and from its
//! answer to figures. Does not live here: the division itself (`allocation`), times (`travel`).
//! Invariant: needs are independent, as no vehicle is shared; nothing is written.

mod answer;
mod goods;
mod ways;

use std::cell::OnceCell;
use std::collections::HashSet;

use chrono::NaiveDate;

use super::allocation::{Ask, Plan, Question, Reach, allocate, divide};
use super::catalogue::Need;
use super::coverage::{MAX_DAYS, Scope, Supply};
use super::position::Position;
use super::profile::ClockStart;
use super::quantity::{div_up, narrow};
use super::refusal::{Fault, FaultCode, Refusal};
use super::region::RegionIx;
use super::travel::Ruler;

pub use answer::{AreaNeed, AreaRow, Cause, Delivery, Outcome, ShortageRow};
use ways::Ways;

/// The most areas of one scenario.
pub const MAX_AREAS: usize = 2_000;
/// The most pairs of one scenario: what they take is bounded by some hundred megabytes.
const MAX_WAYS: usize = 5_000_000;
/// The most people of one area.
pub const MAX_DISPLACED: i64 = 100_000_000;

/// An area that is struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Struck {
    pub region: RegionIx,
    /// People who need everything from outside their homes.
    pub displaced: i64,
    /// The smaller is served first.
    pub class: u32,
}

/// No road leads into or out of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closure {
    pub region: RegionIx,
    /// Minutes from the start until the way is open again; `None` is not while it matters.
    pub opens_min: Option<u32>,
}

/// What has happened and how it is to be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    pub areas: Vec<Struck>,
    pub closures: Vec<Closure>,
    /// Depots that give nothing, by their index.
    pub disabled: Vec<u32>,
    /// The time limit from the start; else the city's own.
    pub hours: Option<u32>,
    /// Minutes since the start in which nothing has left yet.
    pub elapsed_min: u32,
    /// Days of self-supply.
    pub days: i64,
    pub scope: Scope,
    /// From when the limit counts; else as the city counts it.
    pub clock: Option<ClockStart>,
    /// The day for which expiry and season are judged.
    pub on: NaiveDate,
}

/// The exact answer of §5.8.
///
/// # Errors
/// `Invalid` for no area or too many, an area inside another, a depot disabled twice, days or
/// people out of bounds, more pairs of area and depot than are looked at.
pub fn run(position: &Position, scenario: &Scenario) -> Result<Outcome, Refusal> {
    run_within(position, scenario, MAX_WAYS)
}

/// The same with so many pairs at most.
fn run_within(position: &Position, scenario: &Scenario, most: usize) -> Result<Outcome, Refusal> {
    check(position, scenario)?;
    let mut ruler = Ruler::default();
    let supply = Supply::gather(position, scenario.on, &mut ruler);
    let ways = Ways::of(position, scenario, &supply, &mut ruler, most)
        .map_err(|fault| Refusal::Invalid(vec![fault]))?;
    let mut outcome = Outcome::of(position, scenario, &ways);
    let (reach, relaxed) = (ways.in_time(), Relaxed::new(&ways));
    for (place, need) in supply.needs.iter().enumerate() {
        let asks = asks(scenario, need, &ways);
        if asks.iter().all(|ask| ask.units == 0) {
            continue;
        }
        let held = ways.held(&supply, place);
        let question = Question { reach: &reach, supply: &held, asks: &asks };
        let plan = allocate(question);
        let causes = causes(question, &plan, &relaxed);
        let goods = goods::load(position, scenario, (&supply, &ways), (place, &plan));
        outcome.add(need, &asks, (&plan, &causes), goods, &ways);
    }
    outcome.close();
    Ok(outcome)
}

fn check(position: &Position, scenario: &Scenario) -> Result<(), Refusal> {
    let regions = &position.reference.regions;
    let mut faults = Vec::new();
    let mut fault = |pointer: String, code, expected: String| {
        faults.push(Fault::new(pointer, code, expected));
    };
    if !(1..=MAX_AREAS).contains(&scenario.areas.len()) {
        fault("/areas".to_string(), FaultCode::OutOfRange, format!("1 to {MAX_AREAS} areas"));
    }
    if !(1..=MAX_DAYS).contains(&scenario.days) {
        fault("/days".to_string(), FaultCode::OutOfRange, format!("1 to {MAX_DAYS}"));
    }
    let struck: HashSet<RegionIx> = scenario.areas.iter().map(|area| area.region).collect();
    let mut seen = HashSet::new();
    for (at, area) in scenario.areas.iter().enumerate() {
        if !seen.insert(area.region) {
            let pointer = format!("/areas/{at}/region");
            fault(pointer, FaultCode::Duplicate, "each area once".to_string());
        } else if regions.chain(area.region).skip(1).any(|above| struck.contains(&above)) {
            let pointer = format!("/areas/{at}/region");
            let expected = "an area that lies in no other area of the scenario".to_string();
            fault(pointer, FaultCode::Hierarchy, expected);
        }
        if !(0..=MAX_DISPLACED).contains(&area.displaced) {
            let pointer = format!("/areas/{at}/displaced");
            fault(pointer, FaultCode::OutOfRange, format!("0 to {MAX_DISPLACED}"));
        }
    }
    let mut disabled = HashSet::new();
    for (at, depot) in scenario.disabled.iter().enumerate() {
        if !disabled.insert(depot) {
            let pointer = format!("/disabled_depots/{at}");
            fault(pointer, FaultCode::Duplicate, "each depot once".to_string());
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
}

/// What every area asks for of a need, in whole units rounded up.
fn asks(scenario: &Scenario, need: &Need, ways: &Ways) -> Vec<Ask> {
    let areas = scenario.areas.iter().zip(&ways.missing);
    areas
        .map(|(area, missing)| {
            let milli = need.required_milli(area.displaced, scenario.days, scenario.on);
            let units = if missing.is_some() { 0 } else { narrow(div_up(milli, 1_000)) };
            Ask { units, class: area.class }
        })
        .collect()
}

/// The ways as they would be otherwise, made when first asked for.
struct Relaxed<'a> {
    ways: &'a Ways,
    open: OnceCell<Option<Reach>>,
    late: OnceCell<Reach>,
}

impl<'a> Relaxed<'a> {
    fn new(ways: &'a Ways) -> Self {
        Self { ways, open: OnceCell::new(), late: OnceCell::new() }
    }

    /// With every road open; `None` where that changes nothing.
    fn open(&self) -> Option<&Reach> {
        let reach = || self.ways.has_waits().then(|| self.ways.in_time_on_open_roads());
        self.open.get_or_init(reach).as_ref()
    }

    /// Without a limit.
    fn late(&self) -> &Reach {
        self.late.get_or_init(|| self.ways.whenever())
    }
}

/// Why each area gets less than it asks for: what would have to be otherwise for it to get more.
fn causes(question: Question<'_>, plan: &Plan, relaxed: &Relaxed<'_>) -> Vec<Option<Cause>> {
    let given = |units: &[i64], area: usize| units.get(area).copied().unwrap_or_default();
    let asks = question.asks.iter().enumerate();
    let short: Vec<bool> =
        asks.map(|(area, ask)| given(&plan.delivered, area) < ask.units).collect();
    if !short.contains(&true) {
        return vec![None; short.len()];
    }
    let open = relaxed.open().map(|reach| divide(Question { reach, ..question }));
    let late = divide(Question { reach: relaxed.late(), ..question });
    let more = |other: &[i64], area: usize| given(other, area) > given(&plan.delivered, area);
    short
        .into_iter()
        .enumerate()
        .map(|(area, short)| {
            short.then(|| match &open {
                Some(open) if more(open, area) => Cause::Road,
                _ if more(&late, area) => Cause::Time,
                _ => Cause::Stock,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
