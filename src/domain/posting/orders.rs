//! Whether a receipt may name the line of a procurement plan, and an issue the area of an event.
//!
//! Lives here: the order numbers `<plan>/<line>`, `<event>/<area>` and those of flights, and
//! what they must stand for. Does not live here: how much has come or gone (`position`).
//! Invariant: what is received under a plan's line is its item, and nothing is issued for a
//! drill.

use super::super::event::{Named, named_area};
use super::super::movement::{Draft, MovementType, Outside, Shape};
use super::super::procurement::named_line;
use super::super::reference::unknown;
use super::super::refusal::Refusal;
use super::super::region::{RegionIx, Tier};
use super::Desk;

/// Checks the order number of goods that come from a supplier, or are issued.
///
/// # Errors
/// `PlanLine` for a plan or line that nothing has, that is not on order, or of another item;
/// `UnknownReference` for an event, an area of it or a base that nothing has, `EventState` for
/// one that is over or a drill.
pub(super) fn check(desk: Desk<'_>, draft: &Draft) -> Result<(), Refusal> {
    check_area(desk, draft)?;
    let from_supplier = draft.kind.shape() == Some(Shape::In(Outside::Supplier));
    let order_no = draft.paper.order_no.as_deref().filter(|_| from_supplier);
    let Some((order_no, (code, line_no))) = order_no.and_then(|no| Some((no, named_line(no)?)))
    else {
        return Ok(());
    };
    let refused = |reason: &'static str, state: Option<&'static str>, item: Option<String>| {
        Refusal::PlanLine { order_no: order_no.to_string(), reason, state, item }
    };
    let reference = &desk.position.reference;
    let plan = reference.plans.by_code(code.as_str()).filter(|plan| {
        let regions = &reference.regions;
        let above = |own| regions.find(own).zip(regions.find(plan.region));
        // A plan of the region above may be delivered to a depot below.
        desk.principal.sees_code(regions, plan.region)
            || desk
                .principal
                .region
                .and_then(above)
                .is_some_and(|(own, of)| regions.within(own, of))
    });
    let Some((plan, line)) = plan.and_then(|plan| Some((plan, plan.line(line_no)?))) else {
        return Err(refused("unknown", None, None));
    };
    if !plan.state.is_committed() {
        return Err(refused("state", Some(plan.state.as_str()), None));
    }
    if draft.lines.iter().any(|asked| asked.item != line.item) {
        return Err(refused("item", None, Some(line.item.to_string())));
    }
    Ok(())
}

/// Checks the event and the area that an issue is for, and the base from which it is flown. Whoever
/// sees the area may name it, and so may whoever helps from the same city; the base may be of a
/// region above as well.
fn check_area(desk: Desk<'_>, draft: &Draft) -> Result<(), Refusal> {
    let order_no = draft.paper.order_no.as_deref();
    let order_no = order_no.filter(|_| draft.kind == MovementType::Issue);
    let Some((order_no, named)) = order_no.and_then(|no| Some((no, named_area(no)?))) else {
        return Ok(());
    };
    let Named { event: code, area, landing } = named;
    let reference = &desk.position.reference;
    let regions = &reference.regions;
    let city = |ix: RegionIx| regions.ancestor_of_tier(ix, Tier::City);
    let own = desk.principal.region.and_then(|code| regions.find(code));
    let near = |ix: RegionIx| own.and_then(city).is_some_and(|own| Some(own) == city(ix));
    let admitted =
        regions.find(area).is_some_and(|ix| desk.principal.sees(regions, ix) || near(ix));
    let event = reference.events.by_code(code.as_str());
    let Some(event) = event.filter(|event| admitted && event.strikes(area)) else {
        return Err(unknown("event", order_no, "/order_no"));
    };
    if let Some(landing) = landing {
        let base = reference.helibases.by_code(landing.base.as_str());
        let region = base.and_then(|base| regions.find(base.region));
        let above = |ix| own.is_some_and(|own| regions.within(own, ix));
        let may = |ix| desk.principal.sees(regions, ix) || near(ix) || above(ix);
        if !region.is_some_and(may) {
            return Err(unknown("helibase", landing.base.as_str(), "/order_no"));
        }
    }
    if event.is_running() {
        return Ok(());
    }
    let state = if event.exercise { "exercise" } else { event.state.as_str() };
    Err(Refusal::EventState { code: code.to_string(), state })
}
