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
    /// The stored event and the area.
    #[serde(skip_serializing_if = "Option::is_none")]
    order_no: Option<String>,
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

/// The deliveries of one depot to one area.
type Pair<'a> = Vec<&'a Delivery>;

/// The deliveries from depots that the caller sees, by depot and area.
fn pairs<'a>(outcome: &'a Outcome, names: &impl Fn(&Depot) -> bool) -> Vec<Pair<'a>> {
    let mut seen: Vec<&Delivery> =
        outcome.deliveries.iter().filter(|row| names(&row.depot)).collect();
    seen.sort_by(|a, b| (&a.depot.code, a.region.code).cmp(&(&b.depot.code, b.region.code)));
    let together =
        seen.chunk_by(|a, b| a.depot.code == b.depot.code && a.region.code == b.region.code);
    together.map(<[&Delivery]>::to_vec).collect()
}

/// One issue for each depot and area.
pub(super) fn issues(
    order: &Order<'_>,
    outcome: &Outcome,
    names: &impl Fn(&Depot) -> bool,
) -> Vec<ScenarioOrder> {
    let pairs = pairs(outcome, names);
    pairs.iter().flat_map(|pair| bodies(order, pair, &STRAIGHT)).collect()
}

/// For each depot and area an issue where the depot lies in the area or nothing there can take the
/// goods in, else a relocation into the area and the issue from there; in the order of posting.
pub(super) fn orders(
    order: &Order<'_>,
    outcome: &Outcome,
    names: &impl Fn(&Depot) -> bool,
) -> Vec<ScenarioOrder> {
    let pairs = pairs(outcome, names);
    let legs = pairs.iter().flat_map(|pair| {
        let first = pair.first();
        let area = first
            .and_then(|row| outcome.areas.iter().find(|area| area.region.code == row.region.code));
        let receiving = area.and_then(|area| area.receiving.as_deref());
        match receiving.filter(|_| first.is_some_and(|row| !row.inside)) {
            None => bodies(order, pair, &STRAIGHT),
            Some(depot) => {
                let into = Leg { kind: MovementType::Relocate, from: None, to: Some(depot) };
                let out = Leg { kind: MovementType::Issue, from: Some(depot), to: None };
                let mut both = bodies(order, pair, &into);
                both.extend(bodies(order, pair, &out));
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

fn bodies(order: &Order<'_>, pair: &Pair<'_>, leg: &Leg<'_>) -> Vec<ScenarioOrder> {
    pair.chunks(MAX_LINES).map(|rows| body(order, rows, leg)).collect()
}

fn body(order: &Order<'_>, rows: &[&Delivery], leg: &Leg<'_>) -> ScenarioOrder {
    let region = rows.first().map(|row| format!("{} {}", row.region.code, row.region.name));
    let line = |row: &&Delivery| ScenarioOrderLine {
        from: leg.from.map_or(&row.depot.code, |depot| &depot.code).to_string(),
        to: leg.to.map(|depot| depot.code.to_string()),
        item: row.item.code.to_string(),
        owner: row.owner.code.to_string(),
        quantity: row.quantity,
    };
    ScenarioOrder {
        kind: leg.kind.as_str().to_string(),
        counterparty: region.unwrap_or_default(),
        reason: order.reason.to_string(),
        order_no: match (order.event, rows.first()) {
            (Some(event), Some(row)) => Some(order_no(event, row.region.code)),
            _ => None,
        },
        lines: rows.iter().map(line).collect(),
    }
}
