//! Closures that a scenario or an event names.
//!
//! Lives here: every fault of their values, their codes by the caller's snapshot, and how they are
//! told back. Does not live here: what they cost a delivery (`domain::scenario`). Invariant: a
//! closure names a region, a depot and a region, or stretches, and nothing else.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::catalogue::Code as ShortCode;
use crate::domain::closure::MAX_ROADS;
use crate::domain::reference::{Reference, unknown};
use crate::domain::refusal::{Fault, FaultCode, Refusal};
use crate::domain::region::RegionCode;
use crate::domain::scenario::{Closure, Obstacle};

use super::super::access::Caller;
use super::super::problem::Problem;
use super::dto::ClosureRequest;
use super::reading::{Faults, MAX_MINUTES, refused, seen, seen_depot};

/// The latest that a way opens again: it may close as late as the longest limit ends.
const MAX_OPENS: u32 = 2 * MAX_MINUTES;
/// A way is held to be open again a day after it was closed, where nothing is said.
const REOPENS_MIN: u32 = 24 * 60;

/// A closure that the question names.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioClosure {
    /// `area`, `pair` or `roads`.
    kind: String,
    region: Option<String>,
    region_name: Option<String>,
    depot: Option<String>,
    roads: Vec<String>,
    /// Minutes from the start.
    closes_min: u32,
    /// Minutes from the start; `null` where it stays closed.
    opens_min: Option<u32>,
}

impl ScenarioClosure {
    pub(super) fn of(reference: &Reference, closure: &Closure) -> Self {
        let (kind, depot, region, roads) = match &closure.what {
            Obstacle::Region(region) => ("area", None, Some(*region), &[][..]),
            Obstacle::Pair { depot, region } => ("pair", Some(*depot), Some(*region), &[][..]),
            Obstacle::Roads(roads) => ("roads", None, None, roads.as_slice()),
        };
        let region = region.and_then(|ix| reference.regions.get(ix));
        let depot = depot.and_then(|ix| reference.depots.get(ix));
        Self {
            kind: kind.to_string(),
            region: region.map(|region| region.code.to_string()),
            region_name: region.map(|region| region.name.clone()),
            depot: depot.map(|depot| depot.code.to_string()),
            roads: roads.iter().map(ShortCode::to_string).collect(),
            closes_min: closure.closes_min,
            opens_min: closure.opens_min,
        }
    }
}

/// Every fault of their values that needs no look at the register.
pub(super) fn check(closures: &[ClosureRequest], faults: &mut Faults) {
    for (at, closure) in closures.iter().enumerate() {
        let pointer = |field: &str| format!("/closures/{at}/{field}");
        faults.within(pointer("opens_min"), closure.opens_min, (1, MAX_OPENS));
        faults.within(pointer("closes_min"), closure.closes_min, (0, MAX_MINUTES));
        let closes_min = closure.closes_min.unwrap_or(0);
        if closure.opens_min.is_some_and(|opens| opens > 0 && opens <= closes_min) {
            faults.add(pointer("opens_min"), FaultCode::OutOfRange, "later than it closes");
        }
        if closure.stays && closure.opens_min.is_some() {
            let expected = "absent where the road stays closed";
            faults.add(pointer("opens_min"), FaultCode::NotAllowed, expected);
        }
        name(closure, &pointer, faults);
        let earlier = closures.iter().take(at).position(|other| is_twice(other, closure));
        if let Some(first) = earlier {
            let expected = format!("a time apart from /closures/{first}, which closes the same");
            faults.add(pointer("depot"), FaultCode::Duplicate, expected);
        }
    }
}

/// What it names.
fn name(closure: &ClosureRequest, pointer: &impl Fn(&str) -> String, faults: &mut Faults) {
    if closure.roads.is_empty() {
        match &closure.region {
            Some(text) => faults.region(pointer("region"), text),
            None => faults.add(pointer("region"), FaultCode::Required, "a region, or roads"),
        }
        return;
    }
    let given = [("region", &closure.region), ("depot", &closure.depot)];
    for (field, _) in given.iter().filter(|(_, given)| given.is_some()) {
        faults.add(pointer(field), FaultCode::NotAllowed, "absent with roads");
    }
    if closure.roads.len() > MAX_ROADS {
        faults.add(pointer("roads"), FaultCode::OutOfRange, format!("at most {MAX_ROADS} entries"));
    }
    if closure.closes_min.is_some_and(|at| at > 0) {
        let expected = "absent with roads: they are closed from the start";
        faults.add(pointer("closes_min"), FaultCode::NotAllowed, expected);
    }
    for (at, road) in closure.roads.iter().enumerate() {
        if closure.roads.iter().take(at).any(|before| before == road) {
            let expected = "another than those before it";
            faults.add(pointer(&format!("roads/{at}")), FaultCode::Duplicate, expected);
        }
    }
}

/// Whether both close the way from one depot to one region at one time.
fn is_twice(one: &ClosureRequest, two: &ClosureRequest) -> bool {
    let region = |closure: &ClosureRequest| {
        closure.region.as_deref().and_then(RegionCode::parse).filter(|_| closure.depot.is_some())
    };
    let same = region(one).is_some() && region(one) == region(two) && one.depot == two.depot;
    let closes = |closure: &ClosureRequest| closure.closes_min.unwrap_or(0);
    let before = |a: &ClosureRequest, b: &ClosureRequest| opens(a).is_none_or(|at| closes(b) < at);
    same && before(one, two) && before(two, one)
}

fn opens(closure: &ClosureRequest) -> Option<u32> {
    let usual = closure.closes_min.unwrap_or(0).saturating_add(REOPENS_MIN);
    (!closure.stays).then_some(closure.opens_min.unwrap_or(usual))
}

/// What they close, by the caller's snapshot.
///
/// # Errors
/// 409 for a code that is unknown or out of scope, 422 for a depot inside its region.
pub(super) fn closures<P>(
    asked: &[ClosureRequest],
    caller: &Caller<P>,
) -> Result<Vec<Closure>, Problem> {
    let closure = |(at, row): (usize, &ClosureRequest)| {
        let closes_min = row.closes_min.unwrap_or(0);
        Ok(Closure { what: obstacle(at, row, caller)?, closes_min, opens_min: opens(row) })
    };
    asked.iter().enumerate().map(closure).collect()
}

fn obstacle<P>(at: usize, row: &ClosureRequest, caller: &Caller<P>) -> Result<Obstacle, Problem> {
    let reference = &caller.position.reference;
    let Some(text) = &row.region else {
        let road = |(place, code): (usize, &String)| {
            let found = reference.roads.by_code(code).map(|road| road.code.clone());
            let pointer = format!("/closures/{at}/roads/{place}");
            found.ok_or_else(|| refused(unknown("road", code, &pointer)))
        };
        let roads: Result<Vec<ShortCode>, Problem> =
            row.roads.iter().enumerate().map(road).collect();
        return Ok(Obstacle::Roads(roads?));
    };
    let region = seen(caller, RegionCode::parse(text), text, &format!("/closures/{at}/region"))?;
    let Some(code) = &row.depot else { return Ok(Obstacle::Region(region)) };
    let pointer = format!("/closures/{at}/depot");
    let depot = seen_depot(caller, code, &pointer)?;
    let stands = reference.depot_region(depot);
    if stands.is_some_and(|stands| reference.regions.within(stands, region)) {
        let fault = Fault::new(pointer, FaultCode::Hierarchy, "a depot outside the region");
        return Err(refused(Refusal::Invalid(vec![fault])));
    }
    Ok(Obstacle::Pair { depot, region })
}
