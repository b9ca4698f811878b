//! What has been received for the lines of procurement plans.
//!
//! Lives here: the fold of receipts that name a plan's line, and of their reversals. Does not live
//! here: whether a receipt may name it (`posting`). Invariant: what a reversal takes back is as if
//! it had never been received.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::catalogue::Code;
use super::super::movement::{Account, Movement, Outside};
use super::super::procurement::{PlanLine, ProcurementPlan, named_line};
use super::Position;

/// Base units by plan and line.
#[derive(Debug, Clone, Default)]
pub(super) struct Orders(Arc<BTreeMap<(Code, u32), i64>>);

impl Orders {
    fn add(&mut self, order_no: &str, quantity: i64) {
        if let Some(line) = named_line(order_no) {
            let sum = Arc::make_mut(&mut self.0).entry(line).or_default();
            *sum = sum.saturating_add(quantity);
        }
    }

    /// Folds one entry: what comes from a supplier is received, what goes back is not.
    pub(super) fn apply(&mut self, movement: &Movement) {
        let Some(order_no) = movement.paper.order_no.as_deref() else {
            return;
        };
        const SUPPLIER: Account = Account::Outside(Outside::Supplier);
        for line in &movement.lines {
            if line.from == SUPPLIER {
                self.add(order_no, line.quantity);
            } else if line.to == SUPPLIER {
                self.add(order_no, -line.quantity);
            }
        }
    }
}

impl Position {
    /// Takes over what the stored book has received under an order number.
    pub fn load_received(&mut self, order_no: &str, quantity: i64) {
        self.orders.add(order_no, quantity);
    }

    /// Base units received for a line of a plan.
    pub fn received(&self, plan: &Code, line_no: u32) -> i64 {
        self.orders.0.get(&(plan.clone(), line_no)).copied().unwrap_or(0).max(0)
    }

    /// Base units of a line that have not come.
    pub fn outstanding(&self, plan: &ProcurementPlan, line: &PlanLine) -> i64 {
        line.quantity.saturating_sub(self.received(&plan.code, line.line_no)).max(0)
    }
}
