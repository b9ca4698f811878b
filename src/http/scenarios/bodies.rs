//! The movements that carry a plan out, ready to post.
//!
//! Lives here: issues straight from each depot, or orders by way of a depot in the area, in bodies
//! of at most as many lines as a movement may have. Does not live here: booking them. Invariant:
//! they draw on depots in the caller's region only, and on goods of the owner that the plan names.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::catalogue::Code as ShortCode;
use crate::domain::depot::Depot;
use crate::domain::event::order_no;
use crate::domain::movement::{MAX_LINES, MovementType};
use crate::domain::region::Region;
use crate::domain::scenario::{Delivery, Outcome};

/// A body for `POST /v1/movements`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioOrder {
    /// `issue` or `relocate`.
    #[serde(rename = "type")]
    kind: String,
    /// The area that receives.
    counterparty: String,
    /// The scenario.
    reason: String,
    /// The stored event and the area; of what is flown the base, the minute from the start at which
    /// it lands and how many flights do so together, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_no: Option<String>,
    /// How it goes, where it is flown.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    lines: Vec<ScenarioOrderLine>,
}

/// Goods that leave; lots are taken first-expired-first-out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioOrderLine {
    from: String,
    /// In a `relocate`: the depot in the area.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    item: String,
    owner: String,
    quantity: i64,
}

/// What is carried out.
pub(super) struct Order<'a> {
    pub reason: &'a str,
    /// The stored event that it is for.
    pub event: Option<&'a ShortCode>,
}

/// Goods that leave one depot for one area together.
pub(super) struct Sending<'a> {
    pub depot: &'a Depot,
    pub region: &'a Region,
    /// Whether the depot lies in the area.
    pub inside: bool,
    pub order_no: Option<String>,
    /// How it goes, where it is flown.
    pub note: Option<String>,
    /// Item, owner and base units.
    pub goods: Vec<(&'a ShortCode, &'a ShortCode, i64)>,
}

/// The deliveries from depots that the caller sees, by depot and area.
fn sendings<'a>(
    order: &Order<'_>,
    outcome: &'a Outcome,
    names: &impl Fn(&Depot) -> bool,
) -> Vec<Sending<'a>> {
    let mut seen: Vec<&Delivery> =
        outcome.deliveries.iter().filter(|row| names(&row.depot)).collect();
    seen.sort_by(|a, b| (&a.depot.code, a.region.code).cmp(&(&b.depot.code, b.region.code)));
    let together =
        seen.chunk_by(|a, b| a.depot.code == b.depot.code && a.region.code == b.region.code);
    let sending = |rows: &[&'a Delivery]| {
        let first = *rows.first()?;
        Some(Sending {
            depot: &first.depot,
            region: &first.region,
            inside: first.inside,
            order_no: order.event.map(|event| order_no(event, first.region.code)),
            note: None,
            goods: rows.iter().map(|row| (&row.item.code, &row.owner.code, row.quantity)).collect(),
        })
    };
    together.filter_map(sending).collect()
}

/// One issue for each depot and area.
pub(super) fn issues(
    order: &Order<'_>,
    outcome: &Outcome,
    names: &impl Fn(&Depot) -> bool,
) -> Vec<ScenarioOrder> {
    straight(order, &sendings(order, outcome, names))
}

/// For each depot and area an issue where the depot lies in the area or nothing there can take the
/// goods in, else a relocation into the area and the issue from there; in the order of posting.
pub(super) fn orders(
    order: &Order<'_>,
    outcome: &Outcome,
    names: &impl Fn(&Depot) -> bool,
) -> Vec<ScenarioOrder> {
    by_way(order, outcome, &sendings(order, outcome, names))
}

/// The issues of some sendings.
pub(super) fn straight(order: &Order<'_>, sendings: &[Sending<'_>]) -> Vec<ScenarioOrder> {
    sendings.iter().flat_map(|sending| bodies(order, sending, &STRAIGHT)).collect()
}

/// The same by way of the depot in the area, where there is one.
pub(super) fn by_way(
    order: &Order<'_>,
    outcome: &Outcome,
    sendings: &[Sending<'_>],
) -> Vec<ScenarioOrder> {
    let legs = sendings.iter().flat_map(|sending| {
        let area = outcome.areas.iter().find(|area| area.region.code == sending.region.code);
        let receiving = area.and_then(|area| area.receiving.as_deref());
        match receiving.filter(|_| !sending.inside) {
            None => bodies(order, sending, &STRAIGHT),
            Some(depot) => {
                let into = Leg { kind: MovementType::Relocate, from: None, to: Some(depot) };
                let out = Leg { kind: MovementType::Issue, from: Some(depot), to: None };
                let mut both = bodies(order, sending, &into);
                both.extend(bodies(order, sending, &out));
                both
            }
        }
    });
    legs.collect()
}

/// How goods go on.
struct Leg<'a> {
    kind: MovementType,
    /// Else from where they lie.
    from: Option<&'a Depot>,
    to: Option<&'a Depot>,
}

/// Straight from the depot to the people.
const STRAIGHT: Leg<'_> = Leg { kind: MovementType::Issue, from: None, to: None };

fn bodies(order: &Order<'_>, sending: &Sending<'_>, leg: &Leg<'_>) -> Vec<ScenarioOrder> {
    let from = leg.from.unwrap_or(sending.depot);
    let line = |(item, owner, quantity): &(&ShortCode, &ShortCode, i64)| ScenarioOrderLine {
        from: from.code.to_string(),
        to: leg.to.map(|depot| depot.code.to_string()),
        item: item.to_string(),
        owner: owner.to_string(),
        quantity: *quantity,
    };
    let body = |goods: &[(&ShortCode, &ShortCode, i64)]| ScenarioOrder {
        kind: leg.kind.as_str().to_string(),
        counterparty: format!("{} {}", sending.region.code, sending.region.name),
        reason: order.reason.to_string(),
        order_no: sending.order_no.clone(),
        note: sending.note.clone(),
        lines: goods.iter().map(line).collect(),
    };
    sending.goods.chunks(MAX_LINES).map(body).collect()
}
