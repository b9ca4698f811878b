//! What an account waits for: lines of plans that are approved or ordered and have not all come.
//!
//! Lives here: outstanding quantities with their days. Does not live here: how they are received
//! (`position`). Invariant: what is overdue or has no day is told apart, never counted as coming.

use chrono::NaiveDate;

use super::plan::{Change, Commitment};
use crate::domain::calendar::add_days;
use crate::domain::catalogue::Code;
use crate::domain::position::Position;
use crate::domain::region::RegionIx;

/// A plan's line that has not all come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnOrder {
    pub plan: Code,
    pub line_no: u32,
    pub due_on: NaiveDate,
    pub quantity: i64,
}

/// All that an account waits for of one item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OnOrders {
    /// By day, then plan and line.
    pub coming: Vec<OnOrder>,
    /// Due before the first day.
    pub overdue: i64,
    /// Without a day.
    pub undated: i64,
}

/// What `region`'s plans have on order of `item` from a day on.
pub fn on_order(position: &Position, region: RegionIx, item: u32, from: NaiveDate) -> OnOrders {
    let reference = &position.reference;
    let code = reference.regions.get(region).map(|region| region.code);
    let mut found = OnOrders::default();
    let Some(item) = reference.items.get(item) else {
        return found;
    };
    let ours = |region| Some(region) == code;
    for (_, plan) in reference.plans.iter() {
        if !plan.state.is_committed() || !ours(plan.region) {
            continue;
        }
        for line in plan.lines.iter().filter(|line| line.item == item.code) {
            let quantity = position.outstanding(plan, line);
            match line.due_on {
                _ if quantity == 0 => {}
                None => found.undated = found.undated.saturating_add(quantity),
                Some(due) if due < from => {
                    found.overdue = found.overdue.saturating_add(quantity);
                }
                Some(due_on) => {
                    let (plan, line_no) = (plan.code.clone(), line.line_no);
                    found.coming.push(OnOrder { plan, line_no, due_on, quantity });
                }
            }
        }
    }
    found
        .coming
        .sort_by(|a, b| (a.due_on, &a.plan, a.line_no).cmp(&(b.due_on, &b.plan, b.line_no)));
    found
}

impl OnOrders {
    /// The same as purchases that a plan may bring forward.
    pub fn commitments(&self) -> Vec<Commitment> {
        let commitment = |order: &OnOrder| Commitment {
            on: order.due_on,
            quantity: order.quantity,
            last_usable_on: None,
            movable: true,
        };
        self.coming.iter().map(commitment).collect()
    }

    /// The same as changes of the stock of `item`, which ages from its day on.
    pub fn changes(&self, position: &Position, item: u32) -> Vec<Change> {
        let life = |(order, gone): (&OnOrder, Option<NaiveDate>)| {
            let ends = gone.map(|gone| (gone, -order.quantity));
            std::iter::once((order.due_on, order.quantity)).chain(ends)
        };
        self.lives(position, item).flat_map(life).collect()
    }

    /// Each order with the first day on which its goods are no longer usable.
    pub fn lives(
        &self,
        position: &Position,
        item: u32,
    ) -> impl Iterator<Item = (&OnOrder, Option<NaiveDate>)> {
        let life = position.reference.items.get(item).map(|item| item.life);
        let gone = move |on| life.and_then(|life| life.ends(on)).map(|last| add_days(last, 1));
        self.coming.iter().map(move |order| (order, gone(order.due_on)))
    }
}
