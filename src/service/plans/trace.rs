//! Following a plan's line through the book.
//!
//! Lives here: its receipts, their lots, where these lie, how they were used. Does not live here:
//! who may see which depot. Invariant: lots are those of the line's receipts, reversed or not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::depot::{Depot, Organization};
use crate::domain::lot::Lot;
use crate::domain::movement::{Condition, Movement};
use crate::domain::position::{Position, lot_index};
use crate::domain::procurement::ProcurementPlan;
use crate::store::tracing;

use super::super::book::Book;
use super::super::failure::Failure;

/// The most movements by which goods have left.
const MAX_ISSUES: i64 = 1_000;

/// Goods of a lot that lie somewhere now.
#[derive(Debug, Clone)]
pub struct Lies {
    pub lot_id: i64,
    pub depot: Arc<Depot>,
    pub owner: Arc<Organization>,
    pub condition: Condition,
    pub quantity: i64,
}

/// What became of a plan's line.
#[derive(Debug)]
pub struct Trace {
    /// Receipts and their reversals.
    pub receipts: Vec<Movement>,
    pub lots: Vec<Arc<Lot>>,
    pub places: Vec<Lies>,
    /// The first thousand movements by which the lots were used up or lost.
    pub issues: Vec<Movement>,
}

/// Follows a line to its receipts, lots, places and issues.
///
/// # Errors
/// Any fault of the database.
pub async fn trace(
    book: &Book,
    position: Arc<Position>,
    plan: &ProcurementPlan,
    line_no: u32,
) -> Result<Trace, Failure> {
    let order_no = format!("{}/{line_no}", plan.code);
    let receipts = book.on_reader(move |db| tracing::by_order(db, &order_no)).await?;
    let seq = position.head.seq;
    let receipts: Vec<Movement> = receipts.into_iter().filter(|entry| entry.seq <= seq).collect();
    let mut lots: BTreeMap<i64, Arc<Lot>> = BTreeMap::new();
    for line in receipts.iter().flat_map(|movement| &movement.lines) {
        lots.insert(line.lot.id, Arc::clone(&line.lot));
    }
    let ids: Vec<i64> = lots.keys().copied().collect();
    let (wanted, at) = (ids.clone(), Arc::clone(&position));
    let (places, depots) = book.compute(move || lie(&at, &wanted)).await?;
    let issues =
        book.on_reader(move |db| tracing::left_for_good(db, &depots, &ids, MAX_ISSUES)).await?;
    let issues = issues.into_iter().filter(|entry| entry.seq <= seq).collect();
    Ok(Trace { receipts, lots: lots.into_values().collect(), places, issues })
}

/// Where lots lie, and every depot that they have ever lain in.
fn lie(position: &Position, ids: &[i64]) -> (Vec<Lies>, Vec<String>) {
    let reference = &position.reference;
    let lots: BTreeSet<u32> = ids.iter().filter_map(|id| lot_index(*id)).collect();
    let items: BTreeSet<u32> = lots
        .iter()
        .filter_map(|ix| reference.items.find(position.lot(*ix)?.key.item.as_str()))
        .collect();
    let (mut places, mut depots) = (Vec::new(), Vec::new());
    for (depot, shard) in position.shards() {
        let Some(depot) = reference.depots.get(depot) else {
            continue;
        };
        let rows = items.iter().flat_map(|item| shard.of_item(*item));
        let mut touched = false;
        for row in rows.filter(|row| lots.contains(&row.key.lot)) {
            touched = true;
            let owner = reference.organizations.get(row.key.owner);
            if let Some(owner) = owner.filter(|_| row.quantity > 0) {
                places.push(Lies {
                    lot_id: i64::from(row.key.lot) + 1,
                    depot: Arc::clone(depot),
                    owner: Arc::clone(owner),
                    condition: row.key.condition,
                    quantity: row.quantity,
                });
            }
        }
        if touched {
            depots.push(depot.code.to_string());
        }
    }
    (places, depots)
}
