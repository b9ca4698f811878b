//! What the walk buys, as late as it may, and what must follow goods that left first.
//!
//! Lives here: the need of a day, purchases in packs, committed purchases brought forward, gaps to
//! close. Does not live here: what leaves (`walk`). Invariant: what is bought is there on the day
//! that needs it, and never arrives before anything ordered today can.

use chrono::NaiveDate;

use super::super::plan::{Cause, Inbound, Loss, Moved, Rule, Source, Unrepairable};
use super::{Debt, Walk};
use crate::domain::calendar::add_days;
use crate::domain::profile::RotationMode;
use crate::domain::quantity::{div_up, narrow};

impl Walk<'_> {
    /// Notes what must follow within the gap days: what leaves, but for what lay above the target.
    pub(super) fn owe(&mut self, on: NaiveDate, leaving: i64) {
        let turnover = &self.task.turnover;
        if !self.repairs || turnover.mode != RotationMode::OutBeforeIn {
            return;
        }
        let open: i128 = self.debts.iter().map(|debt| debt.quantity).sum();
        let nominal = self.effective + open;
        let target = self.standard(on, |standard| standard.target);
        let quantity = target.min(nominal) - (nominal - i128::from(leaving));
        if quantity > 0 {
            let by = add_days(on, i64::from(turnover.gap_days));
            self.debts.push_back(Debt { by, quantity });
            if by > on {
                self.day_of(by);
            }
        }
    }

    /// Deliveries replace what left longest ago.
    pub(super) fn replace(&mut self, mut quantity: i128) {
        while let Some(debt) = self.debts.front_mut().filter(|_| quantity > 0) {
            let part = debt.quantity.min(quantity);
            debt.quantity -= part;
            quantity -= part;
            if debt.quantity == 0 {
                self.debts.pop_front();
            }
        }
    }

    /// Buys what the day lacks; what cannot be there yet is looked at again on the first day on
    /// which it can.
    pub(super) fn settle(&mut self, on: NaiveDate, cause: Cause) {
        if !self.repairs {
            return;
        }
        let short = self.floor(on) - self.effective;
        let due = self.debts.front().is_some_and(|debt| debt.by <= on);
        if short > 0 && self.losses.is_empty() {
            let quantity = narrow(short);
            self.losses.push(Loss { on, cause, source: None, quantity });
        }
        if on < self.walked.earliest && (short > 0 || due) {
            self.day_of(self.walked.earliest);
            return;
        }
        if short > 0 {
            self.fill(short, on);
        }
        while self.debts.front().is_some_and(|debt| debt.by <= on) {
            self.repay(on);
        }
        self.losses.clear();
    }

    /// Buys the replacement that is due first.
    pub(super) fn repay(&mut self, on: NaiveDate) {
        let Some((by, owed)) = self.debts.front().map(|debt| (debt.by, debt.quantity)) else {
            return;
        };
        // Nothing replaces what the target, fallen since, no longer asks for.
        let target = self.standard(on, |standard| standard.target);
        let quantity = owed.min(target - self.effective).max(0);
        self.replace(owed - quantity);
        if quantity == 0 {
            return;
        }
        let short = narrow(quantity);
        if by < on {
            self.walked.late.push(Unrepairable {
                rule: Rule::RotationGap,
                first_on: by,
                last_on: add_days(on, -1),
                short,
                repairable_on: on,
            });
        }
        self.losses = vec![Loss { on: by, cause: Cause::GapOver, source: None, quantity: short }];
        self.fill(quantity, on);
    }

    /// Brings committed purchases forward, and buys the rest in whole packs.
    fn fill(&mut self, need: i128, on: NaiveDate) {
        let safe = add_days(on, -i64::from(self.task.turnover.safety_days));
        let arrival = safe.max(self.walked.earliest).max(self.task.period.0).min(on);
        let mut left = need;
        for (from_on, ix) in self.coming.clone() {
            if left > 0 {
                left -= self.bring_forward(ix, left, (from_on, arrival, on));
            }
        }
        if left <= 0 {
            return;
        }
        let packs = div_up(left, i128::from(self.task.pack));
        let quantity = narrow(packs.saturating_mul(i128::from(self.task.pack)));
        let lead = i64::from(self.task.turnover.purchase_lead_days);
        let last_usable_on = self.ends(arrival);
        let source = Source::Inbound(self.walked.inbounds.len());
        self.walked.inbounds.push(Inbound {
            on: arrival,
            order_by: add_days(arrival, -lead),
            quantity,
            last_usable_on,
            needed_on: on,
            short: narrow(left),
            losses: self.losses.clone(),
        });
        self.deliver(source, quantity, last_usable_on, (arrival, on));
    }

    /// Brings forward as much of a committed purchase as helps; tells how much that is.
    fn bring_forward(
        &mut self,
        ix: usize,
        need: i128,
        (from_on, arrival, on): (NaiveDate, NaiveDate, NaiveDate),
    ) -> i128 {
        let Some(part) = self.parts.get(ix) else { return 0 };
        let Source::Committed(committed) = part.source else {
            return 0;
        };
        let Some(purchase) = self.task.committed.get(committed).filter(|one| one.movable) else {
            return 0;
        };
        let last_usable_on = purchase.last_usable_on.or_else(|| self.ends(arrival));
        if from_on <= on || last_usable_on.is_some_and(|last| last <= on) {
            return 0;
        }
        let pack = i128::from(self.task.pack);
        let packed = div_up(need, pack).saturating_mul(pack);
        let quantity = narrow(packed.min(i128::from(part.quantity)));
        if quantity == 0 {
            return 0;
        }
        if let Some(part) = self.parts.get_mut(ix) {
            part.quantity -= quantity;
        }
        let moved = Moved { committed, from_on, on: arrival, quantity, needed_on: on };
        self.walked.moved.push(moved);
        self.deliver(Source::Committed(committed), quantity, last_usable_on, (arrival, on));
        i128::from(quantity)
    }

    /// Puts a delivery of an earlier day into the stock of the day being walked.
    fn deliver(
        &mut self,
        source: Source,
        quantity: i64,
        last_usable_on: Option<NaiveDate>,
        (arrival, on): (NaiveDate, NaiveDate),
    ) {
        let ix = self.part(source, quantity, last_usable_on, add_days(on, 1));
        if let Some(part) = self.parts.get_mut(ix) {
            part.present = true;
        }
        self.effective += i128::from(quantity);
        self.walked.changes.push((arrival, quantity));
        self.replace(i128::from(quantity));
        self.serve();
    }
}
