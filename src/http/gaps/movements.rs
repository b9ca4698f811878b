//! Bodies of relocations that bring what donors are asked for.
//!
//! Lives here: one body for each depot, as `POST /v1/movements` takes it. Does not live here: what
//! is asked of whom. Invariant: a body never moves goods to where they are, nor names a price.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::donor::{Donor, Offers};
use crate::domain::lot::Lot;
use crate::domain::movement::{MAX_LINES, MovementType};

/// Which lot a line draws on; absent where the ledger chooses, first expired first.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotToMove {
    #[serde(skip_serializing_if = "Option::is_none")]
    lot_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    produced_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

/// A line of the body.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineToMove {
    from: String,
    to: String,
    item: String,
    owner: String,
    /// Absent where the region has no organization: the goods then stay whose they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_owner: Option<String>,
    quantity: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lot: Option<LotToMove>,
}

/// A body for `POST /v1/movements`; the clerk of the giving depot books it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementToPost {
    #[serde(rename = "type")]
    kind: String,
    lines: Vec<LineToMove>,
}

/// What one depot is asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct DonorMovement {
    depot: String,
    depot_name: String,
    /// Regions that must order it.
    needs_order_of: Vec<String>,
    /// What is asked for, in the unit of the gap.
    amount: i64,
    /// By how much the movement closes the gap of the account: 0 where the goods stay whose they
    /// are.
    closes: i64,
    movement: Option<MovementToPost>,
    /// Why there is none: `no_receiving_depot`, or `lies_here` for goods of another owner that lie
    /// in the receiving depot already and need only change hands.
    movement_reason: Option<String>,
}

/// One for each depot that is asked, in the order of its first donor; at most 500 lines each.
pub fn movements(offers: &Offers) -> Vec<DonorMovement> {
    let asked: Vec<&Donor> = offers.donors.iter().filter(|donor| donor.proposed > 0).collect();
    let mut depots: Vec<&Donor> = Vec::new();
    for donor in &asked {
        if depots.iter().all(|first| first.depot.code != donor.depot.code) {
            depots.push(donor);
        }
    }
    let mut found = Vec::new();
    for first in depots {
        let here = asked.iter().filter(|donor| donor.depot.code == first.depot.code);
        let here: Vec<&Donor> = here.copied().collect();
        found.extend(of_depot(offers, &here));
    }
    found
}

/// The movements out of one depot.
fn of_depot(offers: &Offers, donors: &[&Donor]) -> Vec<DonorMovement> {
    let reason = match (&offers.target.depot, donors.first()) {
        (None, _) => Some("no_receiving_depot"),
        (Some(to), Some(first)) if to.code == first.depot.code => Some("lies_here"),
        _ => None,
    };
    let mut lines: Vec<(&Donor, LineToMove)> = Vec::new();
    for donor in donors {
        lines.extend(lines_of(offers, donor).into_iter().map(|line| (*donor, line)));
    }
    let mut found = Vec::new();
    while !lines.is_empty() {
        let later = lines.split_off(lines.len().min(MAX_LINES));
        found.extend(bundle(offers, lines, reason));
        lines = later;
    }
    found
}

fn bundle(
    offers: &Offers,
    lines: Vec<(&Donor, LineToMove)>,
    reason: Option<&str>,
) -> Option<DonorMovement> {
    let first = lines.first().map(|(donor, _)| *donor)?;
    let mut orders: Vec<String> = lines
        .iter()
        .filter_map(|(donor, _)| donor.needs_order_of.as_ref())
        .map(|region| region.code.to_string())
        .collect();
    orders.sort_unstable();
    orders.dedup();
    let amount = lines.iter().map(|(donor, line)| line.quantity * donor.per_unit).sum();
    let handed_over = offers.target.owner.is_some() && reason.is_none();
    let lines = lines.into_iter().map(|(_, line)| line).collect();
    let kind = MovementType::Relocate.as_str().to_string();
    Some(DonorMovement {
        depot: first.depot.code.to_string(),
        depot_name: first.depot.name.clone(),
        needs_order_of: orders,
        amount,
        closes: if handed_over { amount } else { 0 },
        movement: reason.is_none().then_some(MovementToPost { kind, lines }),
        movement_reason: reason.map(str::to_string),
    })
}

/// One line, or one for each lot that must be named.
fn lines_of(offers: &Offers, donor: &Donor) -> Vec<LineToMove> {
    let line = |quantity: i64, lot: Option<&Lot>| LineToMove {
        from: donor.depot.code.to_string(),
        to: offers.target.depot.as_ref().map(|to| to.code.to_string()).unwrap_or_default(),
        item: donor.item.code.to_string(),
        owner: donor.owner.code.to_string(),
        to_owner: offers.target.owner.as_ref().map(|owner| owner.code.to_string()),
        quantity,
        lot: lot.map(lot_to_move),
    };
    if donor.lots.is_empty() {
        return vec![line(donor.proposed, None)];
    }
    let mut open = donor.proposed;
    let mut lines = Vec::new();
    for (lot, held) in &donor.lots {
        let taken = open.min(*held);
        if taken > 0 {
            lines.push(line(taken, Some(lot)));
            open -= taken;
        }
    }
    lines
}

fn lot_to_move(lot: &Lot) -> LotToMove {
    let key = &lot.key;
    LotToMove {
        lot_no: key.lot_no.as_deref().map(str::to_string),
        produced_on: key.produced_on.map(|date| date.to_string()),
        expires_on: key.expires_on.map(|date| date.to_string()),
        manufacturer: key.manufacturer.as_deref().map(str::to_string),
        source: key.source.as_deref().map(str::to_string),
    }
}
