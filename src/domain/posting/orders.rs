//! Whether a receipt may name the line of a procurement plan.
//!
//! Lives here: the order number `<plan>/<line>` and what it must stand for. Does not live here: how
//! much of it has come (`position`). Invariant: what is received under a plan's line is its item.

use super::super::movement::{Draft, Outside, Shape};
use super::super::procurement::named_line;
use super::super::refusal::Refusal;
use super::Desk;

/// Checks the order number of goods that come from a supplier.
///
/// # Errors
/// `PlanLine` for a plan or line that nothing has, that is not on order, or of another item.
pub(super) fn check(desk: Desk<'_>, draft: &Draft) -> Result<(), Refusal> {
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
