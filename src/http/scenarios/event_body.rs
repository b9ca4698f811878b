//! A stored event on the wire.
//!
//! Lives here: its shape, and every fault that keeps it from being stored. Does not live here: what
//! comes of it. Invariant: what a scenario would be refused for, an event is refused for.

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::calendar::Instant;
use crate::domain::catalogue::Code as ShortCode;
use crate::domain::closure::ClosedWay;
use crate::domain::event::{Event, EventArea, EventClosure, EventState};
use crate::domain::profile::ClockStart;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::{RegionCode, RegionIx};
use crate::domain::scenario::{self, Obstacle, Scenario};
use crate::service::failure::Failure;

use super::super::access::{Caller, may};
use super::super::forms;
use super::super::problem::{Code, Problem};
use super::dto::{AreaRequest, ClosureRequest, ScenarioRequest};

const MAX_SOURCE: usize = 2_000;
const MAX_NAME: usize = 200;

/// What has happened, or is played in a drill.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EventBody {
    /// Short code; an issue with the order number `<id>/<area>`, the area by 12 digits, counts for
    /// the event.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "DRILL-YI-SHU-FLOOD")]
    id: String,
    #[schema(min_length = 1, max_length = 200, example = "沂河沭河流域洪水(示例)")]
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    name_en: Option<String>,
    /// Whether it is a drill: nothing of it has happened, and nothing is booked for it.
    exercise: bool,
    /// Whether its figures are examples.
    #[serde(default)]
    illustrative: bool,
    /// `open` or `closed`.
    #[schema(pattern = "^(open|closed)$", example = "open")]
    status: String,
    /// When it began, RFC 3339 with offset; only a drill may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, example = "2021-11-10T20:00:00+08:00")]
    started_at: Option<String>,
    /// Time limit from the start; the city's own by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 720, example = 12)]
    hours: Option<u32>,
    /// `disaster` or `order`; the city's own by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = forms::clock_or_null)]
    clock: Option<String>,
    /// Days of self-supply; 1 by default.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 366, example = 1)]
    days: i64,
    /// Percent of the usual speed that night and weather leave; all of it by default.
    #[serde(default = "whole")]
    #[schema(minimum = 1, maximum = 100, example = 70)]
    speed_percent: u32,
    /// Whether people and trucks must be called up outside working hours, which takes as much
    /// longer as the profile says.
    #[serde(default)]
    off_hours: bool,
    /// Percent of what lies in the areas that can still be given out; all of it by default.
    #[serde(default = "whole")]
    #[schema(minimum = 0, maximum = 100, example = 50)]
    surviving_percent: u32,
    /// Month for which seasonal needs are judged; that of the day by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 12, example = 7)]
    month: Option<u32>,
    #[schema(min_items = 1, max_items = 2000)]
    areas: Vec<AreaRequest>,
    #[serde(default)]
    #[schema(max_items = 2000)]
    closures: Vec<ClosureRequest>,
    /// Codes of depots that give nothing.
    #[serde(default)]
    #[schema(max_items = 10000)]
    disabled_depots: Vec<String>,
    /// Sources and assumptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    source: Option<String>,
}

fn one() -> i64 {
    1
}

fn whole() -> u32 {
    100
}

impl EventBody {
    /// The event that this shape describes, by the caller's snapshot.
    ///
    /// # Errors
    /// 422 with every fault, 409 for a code that is unknown or out of scope.
    pub(super) fn read(self, caller: &Caller<may::Plan>, named: &str) -> Result<Event, Problem> {
        let request = self.request();
        let mut faults = request.faults();
        let code = self.own_faults(named, &mut faults);
        if !faults.is_empty() {
            return Err(Problem::invalid(Code::InvalidValue, faults));
        }
        let scenario = request.to_scenario(caller)?;
        scenario::check(&caller.position, &scenario)
            .map_err(|refusal| Problem::from(Failure::from(refusal)))?;
        let unplaced = self.unplaced(caller, &scenario);
        let Some(code) = code.filter(|_| unplaced.is_empty()) else {
            return Err(Problem::invalid(Code::InvalidValue, unplaced));
        };
        Ok(self.event(code, caller, &scenario))
    }

    /// The same as a question that is asked once.
    fn request(&self) -> ScenarioRequest {
        ScenarioRequest {
            name: self.name.clone(),
            exercise: self.exercise,
            as_movements: false,
            orders: false,
            detail: false,
            solve_ms: None,
            started_at: self.started_at.clone(),
            hours: self.hours,
            elapsed_min: None,
            clock: self.clock.clone(),
            speed_percent: Some(self.speed_percent),
            off_hours: self.off_hours,
            surviving_percent: Some(self.surviving_percent),
            month: self.month,
            days: Some(self.days),
            scope: None,
            fleet: None,
            as_of: None,
            areas: self.areas.clone(),
            closures: self.closures.clone(),
            disabled_depots: self.disabled_depots.clone(),
        }
    }

    fn own_faults(&self, named: &str, faults: &mut Vec<Fault>) -> Option<ShortCode> {
        let mut fault = |pointer: &str, code, expected: String| {
            faults.push(Fault::new(pointer.to_string(), code, expected));
        };
        let code = ShortCode::parse(&self.id).filter(|code| code.as_str() == named);
        if code.is_none() {
            fault("/id", FaultCode::Malformed, format!("{named}, as in the path, a short code"));
        }
        if EventState::parse(&self.status).is_none() {
            fault("/status", FaultCode::UnknownValue, "open, closed".to_string());
        }
        if self.started_at.is_none() && !self.exercise {
            fault("/started_at", FaultCode::Required, "when it began".to_string());
        }
        for (pointer, text, most) in
            [("/name_en", &self.name_en, MAX_NAME), ("/source", &self.source, MAX_SOURCE)]
        {
            let fits = |text: &String| (1..=most).contains(&text.trim().chars().count());
            if !text.as_ref().is_none_or(fits) {
                fault(pointer, FaultCode::OutOfRange, format!("1 to {most} characters"));
            }
        }
        code
    }

    /// Areas of which nobody knows where they are.
    fn unplaced(&self, caller: &Caller<may::Plan>, scenario: &Scenario) -> Vec<Fault> {
        let regions = &caller.position.reference.regions;
        let mut faults = Vec::new();
        for (at, area) in scenario.areas.iter().enumerate() {
            let placed = |ix: RegionIx| regions.get(ix).is_some_and(|row| row.location.is_some());
            if !regions.chain(area.region).any(placed) {
                let expected = "a region that has a position, or lies in one that has";
                let pointer = format!("/areas/{at}/region");
                faults.push(Fault::new(pointer, FaultCode::Required, expected));
            }
        }
        faults
    }

    fn event(self, code: ShortCode, caller: &Caller<may::Plan>, scenario: &Scenario) -> Event {
        let regions = &caller.position.reference.regions;
        let region = |ix: RegionIx| regions.get(ix).map(|region| region.code);
        let depots = &caller.position.reference.depots;
        let areas = scenario.areas.iter().zip(&self.areas).filter_map(|(found, asked)| {
            let (region, class) = (region(found.region)?, found.class);
            Some(EventArea { region, displaced: asked.displaced, class })
        });
        let closures = scenario.closures.iter().filter_map(|closure| {
            let (closes_min, opens_min) = (closure.closes_min, closure.opens_min);
            let (place, way) = match &closure.what {
                Obstacle::Region(ix) => (Some(*ix), ClosedWay::Area),
                Obstacle::Pair { depot, region } => {
                    let depot = depots.get(*depot)?.code.clone();
                    (Some(*region), ClosedWay::Pair { depot })
                }
                Obstacle::Roads(roads) => (None, ClosedWay::Roads(roads.clone())),
            };
            Some(EventClosure { region: place.and_then(region), way, closes_min, opens_min })
        });
        let disabled = scenario.disabled.iter().filter_map(|ix| depots.get(*ix));
        let begun = self.started_at.as_deref().and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        Event {
            code,
            areas: areas.collect(),
            closures: closures.collect(),
            disabled_depots: disabled.map(|depot| depot.code.clone()).collect(),
            state: EventState::parse(&self.status).unwrap_or(EventState::Open),
            started_at: begun.map(|at| Instant(at.timestamp_micros())),
            clock: scenario.clock,
            hours: self.hours,
            days: self.days,
            speed_percent: self.speed_percent,
            off_hours: self.off_hours,
            surviving_percent: self.surviving_percent,
            month: self.month,
            name: self.name,
            name_en: self.name_en,
            exercise: self.exercise,
            illustrative: self.illustrative,
            source: self.source,
        }
    }
}

impl From<&Event> for EventBody {
    fn from(event: &Event) -> Self {
        let text = |code: RegionCode| code.to_string();
        let area = |area: &EventArea| AreaRequest {
            region: text(area.region),
            displaced: area.displaced,
            priority: Some(area.class),
        };
        let closure = |closure: &EventClosure| ClosureRequest {
            region: closure.region.map(text),
            depot: match &closure.way {
                ClosedWay::Pair { depot } => Some(depot.to_string()),
                ClosedWay::Area | ClosedWay::Roads(_) => None,
            },
            roads: match &closure.way {
                ClosedWay::Roads(roads) => roads.iter().map(ToString::to_string).collect(),
                ClosedWay::Area | ClosedWay::Pair { .. } => Vec::new(),
            },
            closes_min: Some(closure.closes_min),
            opens_min: closure.opens_min,
            stays: closure.opens_min.is_none(),
        };
        Self {
            id: event.code.to_string(),
            name: event.name.clone(),
            name_en: event.name_en.clone(),
            exercise: event.exercise,
            illustrative: event.illustrative,
            status: event.state.as_str().to_string(),
            started_at: event.started_at.map(Instant::rfc3339),
            hours: event.hours,
            clock: event.clock.map(ClockStart::as_str).map(str::to_string),
            days: event.days,
            speed_percent: event.speed_percent,
            off_hours: event.off_hours,
            surviving_percent: event.surviving_percent,
            month: event.month,
            areas: event.areas.iter().map(area).collect(),
            closures: event.closures.iter().map(closure).collect(),
            disabled_depots: event.disabled_depots.iter().map(ToString::to_string).collect(),
            source: event.source.clone(),
        }
    }
}
