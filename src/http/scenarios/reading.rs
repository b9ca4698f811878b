//! From what a scenario is asked as to what is computed.
//!
//! Lives here: every fault of a value, and codes by the caller's snapshot. Does not live here: the
//! shapes (`dto`). Invariant: a code out of the caller's region is an unknown one.

use std::time::Duration;

use chrono::{DateTime, NaiveDate};

use crate::domain::calendar::Instant;
use crate::domain::coverage::{MAX_DAYS, Scope};
use crate::domain::profile::ClockStart;
use crate::domain::reference::unknown;
use crate::domain::refusal::{Fault, FaultCode, Refusal};
use crate::domain::region::{RegionCode, RegionIx};
use crate::domain::scenario::{Fleets, MAX_AREAS, MAX_HOURS, Scenario, Struck};
use crate::domain::travel::USUAL_PERCENT;
use crate::service::answers::SOLVING;
use crate::service::failure::Failure;

use super::super::access::Caller;
use super::super::answer;
use super::super::extract::{List, list_fault};
use super::super::problem::{Code, Problem};
use super::closing;
use super::dto::ScenarioRequest;

/// The longest wait, in minutes: 30 days.
pub(super) const MAX_MINUTES: u32 = MAX_HOURS * 60;
/// The longest search: an answer is waited for ten seconds in all.
const MAX_SOLVE_MS: u32 = 8_000;
const MAX_CLASS: u32 = 9;
/// The lists of a scenario or an event, and how long each may be.
pub(super) const LISTS: [List; 3] =
    [("areas", (1, MAX_AREAS)), ("closures", (0, 2_000)), ("disabled_depots", (0, 10_000))];
const MAX_NAME: usize = 200;

#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(
        &mut self,
        pointer: impl Into<String>,
        code: FaultCode,
        expected: impl Into<String>,
    ) {
        self.0.push(Fault::new(pointer, code, expected));
    }

    pub(super) fn within(
        &mut self,
        pointer: String,
        value: Option<u32>,
        (least, most): (u32, u32),
    ) {
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            self.add(pointer, FaultCode::OutOfRange, format!("{least} to {most}"));
        }
    }

    pub(super) fn region(&mut self, pointer: String, text: &str) {
        if RegionCode::parse(text).is_none() {
            self.add(pointer, FaultCode::Malformed, "a division code of 2 to 12 digits");
        }
    }

    fn word<T>(
        &mut self,
        pointer: &str,
        given: Option<&str>,
        parse: fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let found = given.and_then(parse);
        if given.is_some() && found.is_none() {
            self.add(pointer, FaultCode::UnknownValue, words.join(", "));
        }
        found
    }
}

impl ScenarioRequest {
    /// The scenario that this shape describes, by the caller's snapshot.
    ///
    /// # Errors
    /// 422 with every fault, 409 for a code that is unknown or out of scope.
    pub(super) fn to_scenario<P>(&self, caller: &Caller<P>) -> Result<Scenario, Problem> {
        let mut faults = Faults::default();
        let on = self.date(&mut faults);
        self.check(&mut faults);
        let scopes = Scope::ALL.map(Scope::as_str);
        let scope = faults.word("/scope", self.scope.as_deref(), Scope::parse, &scopes);
        let clocks = ClockStart::ALL.map(ClockStart::as_str);
        let clock = faults.word("/clock", self.clock.as_deref(), ClockStart::parse, &clocks);
        let words = Fleets::ALL.map(Fleets::as_str);
        let fleets = faults.word("/fleet", self.fleet.as_deref(), Fleets::parse, &words);
        let areas = self.codes(&mut faults);
        if !faults.0.is_empty() {
            return Err(Problem::invalid(Code::InvalidValue, faults.0));
        }
        let scenario = Scenario {
            areas: self.struck(caller, &areas)?,
            closures: closing::closures(&self.closures, caller)?,
            disabled: self.disabled(caller)?,
            hours: self.hours,
            elapsed_min: self.elapsed_min.unwrap_or(0),
            days: self.days.unwrap_or(1),
            scope: scope.unwrap_or_default(),
            clock,
            speed_percent: self.speed_percent.unwrap_or(USUAL_PERCENT),
            off_hours: self.off_hours,
            surviving_percent: self.surviving_percent.unwrap_or(100),
            month: self.month,
            fleets: fleets.unwrap_or_default(),
            detail: self.detail,
            sets_out_min: None,
            event: None,
            on: answer::when(on.map(|day| day.to_string()).as_deref())?.present_or_future()?,
        };
        Ok(scenario)
    }

    /// Every fault of its values that needs no look at the register.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        self.date(&mut faults);
        self.check(&mut faults);
        let clock = self.clock.as_deref();
        let clocks = ClockStart::ALL.map(ClockStart::as_str);
        faults.word("/clock", clock, ClockStart::parse, &clocks);
        self.codes(&mut faults);
        faults.0
    }

    /// When it began, where that is said.
    pub(super) fn begun(&self) -> Option<Instant> {
        let begun = DateTime::parse_from_rfc3339(self.started_at.as_deref()?).ok()?;
        Some(Instant(begun.timestamp_micros()))
    }

    /// For how long quicker plans are looked for.
    pub(super) fn solving(&self) -> Duration {
        self.solve_ms.map_or(SOLVING, |milliseconds| Duration::from_millis(milliseconds.into()))
    }

    fn date(&self, faults: &mut Faults) -> Option<NaiveDate> {
        let text = self.as_of.as_deref()?;
        let parsed = text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10);
        if parsed.is_none() {
            faults.add("/as_of", FaultCode::Malformed, "a date as YYYY-MM-DD");
        }
        parsed
    }

    fn check(&self, faults: &mut Faults) {
        if self.name.trim().is_empty() || self.name.chars().count() > MAX_NAME {
            let expected = format!("1 to {MAX_NAME} characters");
            faults.add("/name", FaultCode::OutOfRange, expected);
        }
        let begun = self.started_at.as_deref();
        if begun.is_some_and(|text| DateTime::parse_from_rfc3339(text).is_err()) {
            let expected = "an instant such as 2021-11-10T20:00:00+08:00";
            faults.add("/started_at", FaultCode::Malformed, expected);
        }
        for (pointer, asked) in [("/as_movements", self.as_movements), ("/orders", self.orders)] {
            if self.exercise && asked {
                let expected = "absent in a drill: nothing of it may be booked";
                faults.add(pointer, FaultCode::NotAllowed, expected);
            }
        }
        faults.within("/hours".to_string(), self.hours, (1, MAX_HOURS));
        faults.within("/elapsed_min".to_string(), self.elapsed_min, (0, MAX_MINUTES));
        faults.within("/surviving_percent".to_string(), self.surviving_percent, (0, 100));
        faults.within("/month".to_string(), self.month, (1, 12));
        faults.within("/solve_ms".to_string(), self.solve_ms, (0, MAX_SOLVE_MS));
        faults.within("/speed_percent".to_string(), self.speed_percent, (1, USUAL_PERCENT));
        if self.days.is_some_and(|days| !(1..=MAX_DAYS).contains(&days)) {
            faults.add("/days", FaultCode::OutOfRange, format!("1 to {MAX_DAYS}"));
        }
        let counts = [self.areas.len(), self.closures.len(), self.disabled_depots.len()];
        let long = LISTS.into_iter().zip(counts);
        faults.0.extend(long.filter_map(|(list, count)| list_fault(list, count)));
        for (at, area) in self.areas.iter().enumerate() {
            faults.within(format!("/areas/{at}/priority"), area.priority, (0, MAX_CLASS));
            if area.displaced == Some(0) {
                let pointer = format!("/areas/{at}/displaced");
                faults.add(pointer, FaultCode::OutOfRange, "at least one person");
            }
        }
        closing::check(&self.closures, faults);
    }

    /// The codes of the areas, faults noted.
    fn codes(&self, faults: &mut Faults) -> Vec<Option<RegionCode>> {
        for (at, area) in self.areas.iter().enumerate() {
            faults.region(format!("/areas/{at}/region"), &area.region);
        }
        self.areas.iter().map(|area| RegionCode::parse(&area.region)).collect()
    }

    fn struck<P>(
        &self,
        caller: &Caller<P>,
        codes: &[Option<RegionCode>],
    ) -> Result<Vec<Struck>, Problem> {
        let mut faults = Faults::default();
        let mut struck = Vec::new();
        for (at, (area, code)) in self.areas.iter().zip(codes).enumerate() {
            let region = seen(caller, *code, &area.region, &format!("/areas/{at}/region"))?;
            let found = caller.position.reference.regions.get(region);
            let planned = found.and_then(|region| region.planned_displaced);
            let Some(displaced) = area.displaced.or(planned.filter(|people| *people > 0)) else {
                let expected = "people displaced: the region has no planned figure";
                faults.add(format!("/areas/{at}/displaced"), FaultCode::Required, expected);
                continue;
            };
            struck.push(Struck { region, displaced, class: area.priority.unwrap_or(0) });
        }
        if faults.0.is_empty() {
            return Ok(struck);
        }
        Err(Problem::invalid(Code::InvalidValue, faults.0))
    }

    fn disabled<P>(&self, caller: &Caller<P>) -> Result<Vec<u32>, Problem> {
        let depot = |(at, code): (usize, &String)| {
            seen_depot(caller, code, &format!("/disabled_depots/{at}"))
        };
        self.disabled_depots.iter().enumerate().map(depot).collect()
    }
}

pub(super) fn seen_depot<P>(caller: &Caller<P>, code: &str, pointer: &str) -> Result<u32, Problem> {
    let reference = &caller.position.reference;
    let found = reference.depots.find(code).filter(|ix| {
        let region = reference.depot_region(*ix);
        region.is_some_and(|region| caller.principal.sees(&reference.regions, region))
    });
    found.ok_or_else(|| refused(unknown("depot", code, pointer)))
}

pub(super) fn seen<P>(
    caller: &Caller<P>,
    code: Option<RegionCode>,
    text: &str,
    pointer: &str,
) -> Result<RegionIx, Problem> {
    let regions = &caller.position.reference.regions;
    let found = code.and_then(|code| regions.find(code));
    let seen = found.filter(|ix| caller.principal.sees(regions, *ix));
    seen.ok_or_else(|| refused(unknown("region", text, pointer)))
}

pub(super) fn refused(refusal: Refusal) -> Problem {
    Failure::from(refusal).into()
}
