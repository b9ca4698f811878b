//! Scenarios: several areas struck together, competing for what can reach them.
//!
//! Lives here: from stock, people and roads to one question of allocation a need, and from its
//! answer to figures. Does not live here: the division itself (`allocation`), times (`travel`).
//! Invariant: needs are independent, as no vehicle is shared; nothing is written.

mod advice;
mod air;
mod answer;
mod area;
mod closure;
mod detail;
mod escalation;
mod ferry;
mod fleet;
mod goods;
mod held;
mod known;
mod moment;
mod questions;
mod survivors;
mod ways;

use std::cell::OnceCell;
use std::collections::HashSet;

use chrono::{Datelike, NaiveDate};

use super::allocation::{Plan, Reach, allocate_while, divide};
use super::catalogue::Code;
pub use super::coverage::MAX_HOURS;
use super::coverage::{MAX_DAYS, Scope, Supply};
use super::position::Position;
use super::profile::ClockStart;
use super::refusal::{Fault, FaultCode, Refusal};
use super::region::RegionIx;
use super::travel::{Conditions, Ruler, USUAL_PERCENT};

pub use advice::{Advice, Gain, Remedy};
pub use air::{Airload, FeederRow, FlightRow, Grounded, LandingRow};
pub use answer::{Delivery, Outcome, ShortageRow};
pub use area::{AreaNeed, AreaRow, Cause, Relief};
pub use closure::{Closure, Obstacle};
use detail::Case;
pub use detail::{Detail, MAX_DETAILED_WAYS, Mark, Step, Variant, Variation};
pub use escalation::Escalation;
pub use ferry::FerryRow;
pub use fleet::{FleetRow, Fleets};
pub use held::HeldBack;
pub use moment::Moment;
use questions::{Asked, Shares, asked};
use survivors::Sent;
use ways::{Compass, Ways};

/// The most areas of one scenario.
pub const MAX_AREAS: usize = 2_000;
/// The most pairs of one scenario: what they take is bounded by some hundred megabytes.
const MAX_WAYS: usize = 5_000_000;
/// All that lies there.
const WHOLE_PERCENT: u32 = 100;
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
    /// Percent of the usual speed that night and weather leave.
    pub speed_percent: u32,
    /// Whether people and trucks must be called up outside working hours.
    pub off_hours: bool,
    /// Percent of what lies in the areas that can still be given out.
    pub surviving_percent: u32,
    /// The day for which expiry is judged.
    pub on: NaiveDate,
    /// The month for which seasonal needs are judged; else that of the day.
    pub month: Option<u32>,
    /// The minute of Shanghai's day at which goods may first leave, where anybody knows: boats sail
    /// within their hours only.
    pub sets_out_min: Option<u32>,
    /// What has been issued for this event is taken off what is needed.
    pub event: Option<Code>,
    /// What the trucks of the depots mean for the plan; levels, proofs and detail know none.
    pub fleets: Fleets,
    /// Whether curves, variants and advice are wanted.
    pub detail: bool,
}

impl Scenario {
    /// What the hour makes longer.
    fn conditions(&self) -> Conditions {
        Conditions { speed_percent: self.speed_percent, off_hours: self.off_hours }
    }

    /// The day for which seasonal needs are judged.
    fn season_day(&self) -> NaiveDate {
        let first = |month| NaiveDate::from_ymd_opt(self.on.year(), month, 1);
        self.month.and_then(first).unwrap_or(self.on)
    }
}

/// The exact answer of §5.8.
///
/// # Errors
/// `Invalid` for no area or too many, an area inside another, a depot disabled twice, days or
/// people out of bounds, more pairs of area and depot than are looked at.
pub fn run(position: &Position, scenario: &Scenario) -> Result<Outcome, Refusal> {
    run_while(position, scenario, &mut || true)
}

/// The same, looking for the quickest plans only as long as `go_on` says so.
///
/// # Errors
/// Those of `run`.
pub fn run_while(
    position: &Position,
    scenario: &Scenario,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Outcome, Refusal> {
    run_within(position, scenario, MAX_WAYS, go_on)
}

/// The same with so many pairs at most.
fn run_within(
    position: &Position,
    scenario: &Scenario,
    most: usize,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Outcome, Refusal> {
    check(position, scenario)?;
    let guide = position.reference.guide(scenario.on, &scenario.blocked());
    let guide = guide.setting_out_at(scenario.sets_out_min);
    let mut compass = Compass { ruler: Ruler::default(), guide };
    let supply = Supply::gather(position, scenario.on, &mut compass.ruler);
    let ways = Ways::of(position, scenario, &supply, &mut compass, most)
        .map_err(|fault| Refusal::Invalid(vec![fault]))?;
    if scenario.detail && ways.count() > MAX_DETAILED_WAYS {
        let expected = format!(
            "fewer areas, a narrower scope or no detail: at most {MAX_DETAILED_WAYS} pairs of an \
             area and a depot in detail"
        );
        let fault = Fault::new("/detail", FaultCode::OutOfRange, expected);
        return Err(Refusal::Invalid(vec![fault]));
    }
    let mut outcome = Outcome::of(position, scenario, &ways);
    let (reach, relaxed) = (ways.in_time(), Relaxed::new(&ways));
    let asked = asked(position, scenario, &supply, &ways);
    let mut plans = Vec::new();
    for one in &asked {
        let plan = allocate_while(one.over(&reach), go_on);
        let relief = relaxed.relief(one, &plan);
        let goods = goods::load(position, scenario, (&supply, &ways), (one.place, &plan));
        outcome.add(one, (&plan, &relief), goods, &ways);
        plans.push(plan);
    }
    let shares: Shares = plans.iter().map(|plan| plan.delivered.clone()).collect();
    let levels = escalation::escalation(scenario, &ways, &asked, &shares);
    outcome.close(position, scenario.fleets, levels);
    let flown = air::Case { position, scenario, supply: &supply, ways: &ways, asked: &asked };
    flown.fly(&mut outcome, &mut compass, most).map_err(|fault| Refusal::Invalid(vec![fault]))?;
    if scenario.detail {
        let (supply, ways, asked, plans) = (&supply, &ways, asked.as_slice(), plans.as_slice());
        let sent = Sent::of(&outcome.deliveries);
        let case = Case { position, scenario, supply, ways, asked, plans, sent };
        let detail = case.detail(&mut compass, go_on);
        outcome.detail = Some(detail);
    }
    Ok(outcome)
}

/// Whether a scenario can be answered at all.
///
/// # Errors
/// `Invalid` with every fault of its values.
pub fn check(position: &Position, scenario: &Scenario) -> Result<(), Refusal> {
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
    if !(1..=USUAL_PERCENT).contains(&scenario.speed_percent) {
        let expected = format!("1 to {USUAL_PERCENT}");
        fault("/speed_percent".to_string(), FaultCode::OutOfRange, expected);
    }
    for (at, closure) in scenario.closures.iter().enumerate() {
        if closure.opens_min.is_some_and(|opens| opens <= closure.closes_min) {
            let expected = "later than it closes".to_string();
            fault(format!("/closures/{at}/opens_min"), FaultCode::OutOfRange, expected);
        }
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

/// The ways as they would be otherwise, made when first asked for.
struct Relaxed<'a> {
    ways: &'a Ways,
    open: OnceCell<Option<Reach>>,
    late: OnceCell<Reach>,
    both: OnceCell<Option<Reach>>,
}

impl<'a> Relaxed<'a> {
    fn new(ways: &'a Ways) -> Self {
        Self { ways, open: OnceCell::new(), late: OnceCell::new(), both: OnceCell::new() }
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

    /// Both; `None` where opening roads changes nothing.
    fn both(&self) -> Option<&Reach> {
        let reach = || self.ways.has_waits().then(|| self.ways.whenever_on_open_roads());
        self.both.get_or_init(reach).as_ref()
    }

    /// What each area would get otherwise, where it gets less than it asks for, and so why.
    fn relief(&self, one: &Asked, plan: &Plan) -> Vec<Option<Relief>> {
        let given = |units: &[i64], area: usize| units.get(area).copied().unwrap_or_default();
        let asks = one.asks.iter().enumerate();
        let short: Vec<bool> =
            asks.map(|(area, ask)| given(&plan.delivered, area) < ask.units).collect();
        if !short.contains(&true) {
            return vec![None; short.len()];
        }
        let open = self.open().map(|reach| divide(one.over(reach)));
        let late = divide(one.over(self.late()));
        let alone = |area: usize| {
            let got = given(&plan.delivered, area);
            open.as_ref().is_some_and(|units| given(units, area) > got) || given(&late, area) > got
        };
        let neither = short.iter().enumerate().any(|(area, short)| *short && !alone(area));
        let both = self.both().filter(|_| neither).map(|reach| divide(one.over(reach)));
        let relief = |(area, short): (usize, bool)| {
            let of = |units: &Option<Vec<i64>>| units.as_ref().map(|units| given(units, area));
            let got = given(&plan.delivered, area);
            short.then(|| Relief::of(got, of(&open), given(&late, area), of(&both)))
        };
        short.into_iter().enumerate().map(relief).collect()
    }
}

#[cfg(test)]
mod asking_tests;
#[cfg(test)]
mod cause_tests;
#[cfg(test)]
mod clock_tests;
#[cfg(test)]
mod fleet_tests;
#[cfg(test)]
mod load_tests;
#[cfg(test)]
mod tests;
