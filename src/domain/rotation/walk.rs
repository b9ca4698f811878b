//! The walk through the days of a rotation plan, greedy.
//!
//! Lives here: what is there on each day and what leaves; below, what is bought for it. Does not
//! live here: the judgement of the outcome (`plan`). Invariant: on the day being walked the stock
//! is the sum of the parts that are present, less what could not be served.

mod purchases;

use std::collections::{BTreeMap, VecDeque};

use chrono::{Datelike, NaiveDate};

use super::plan::{
    Cause, Change, Exit, Inbound, Loss, Moved, RotateOut, Source, Task, Unrepairable, What,
    earliest,
};
use crate::domain::calendar::{add_days, add_months};
use crate::domain::quantity::narrow;

/// Goods that age together.
#[derive(Debug)]
struct Part {
    source: Source,
    quantity: i64,
    /// Of it, what a planned withdrawal will take.
    earmarked: i64,
    last_usable_on: Option<NaiveDate>,
    present: bool,
    /// How it may leave, the way it is going to first.
    exits: Vec<Exit>,
}

impl Part {
    fn available(&self) -> i64 {
        if self.present { self.quantity.saturating_sub(self.earmarked).max(0) } else { 0 }
    }
}

/// What happens on a day; a day without any is looked at because a standard begins.
#[derive(Debug, Default)]
struct Day {
    arrivals: Vec<usize>,
    withdrawals: Vec<usize>,
    exits: Vec<usize>,
}

/// What left and must be replaced by a day.
#[derive(Debug)]
struct Debt {
    by: NaiveDate,
    quantity: i128,
}

/// What a walk leaves behind.
#[derive(Debug)]
pub(super) struct Walked {
    /// The first day on which what is ordered today can be there.
    pub earliest: NaiveDate,
    pub changes: Vec<Change>,
    pub inbounds: Vec<Inbound>,
    pub moved: Vec<Moved>,
    pub rotate_outs: Vec<RotateOut>,
    /// Replacements that come after their gap days.
    pub late: Vec<Unrepairable>,
}

/// One line on its way through the days.
pub(super) struct Walk<'a> {
    task: &'a Task,
    /// Whether anything is bought and let go, or goods only age.
    repairs: bool,
    parts: Vec<Part>,
    /// Committed purchases that have not arrived, by day.
    coming: Vec<(NaiveDate, usize)>,
    days: BTreeMap<NaiveDate, Day>,
    effective: i128,
    /// Withdrawn, but not there.
    owed: i128,
    debts: VecDeque<Debt>,
    losses: Vec<Loss>,
    /// What channels have taken, by calendar year.
    turned_over: BTreeMap<i32, i128>,
    walked: Walked,
}

impl<'a> Walk<'a> {
    pub fn new(task: &'a Task, repairs: bool) -> Self {
        let walked = Walked {
            earliest: earliest(task),
            changes: Vec::new(),
            inbounds: Vec::new(),
            moved: Vec::new(),
            rotate_outs: Vec::new(),
            late: Vec::new(),
        };
        let mut walk = Self {
            task,
            repairs,
            parts: Vec::new(),
            coming: Vec::new(),
            days: BTreeMap::new(),
            effective: 0,
            owed: 0,
            debts: VecDeque::new(),
            losses: Vec::new(),
            turned_over: BTreeMap::new(),
            walked,
        };
        walk.lay_out();
        walk
    }

    /// Puts everything that is known beforehand on its day.
    fn lay_out(&mut self) {
        let (task, from) = (self.task, self.task.period.0);
        self.day_of(from);
        for standard in &task.standards {
            self.day_of(standard.from.max(from));
        }
        for (ix, withdrawal) in task.withdrawals.iter().enumerate() {
            self.day_of(withdrawal.on.max(from)).withdrawals.push(ix);
        }
        for (ix, holding) in task.holdings.iter().enumerate() {
            if holding.last_usable_on.is_some_and(|last| last < from) {
                continue;
            }
            let source = holding.lot_id.map_or(Source::Supposed(ix), Source::Lot);
            let part = self.part(source, holding.quantity, holding.last_usable_on, from);
            self.arrive(part, from);
        }
        for (ix, purchase) in task.committed.iter().enumerate() {
            let on = purchase.on.max(from);
            let last = purchase.last_usable_on.or_else(|| self.ends(on));
            let part = self.part(Source::Committed(ix), purchase.quantity, last, add_days(on, 1));
            self.coming.push((on, part));
            self.day_of(on).arrivals.push(part);
        }
        self.coming.sort_unstable();
    }

    pub fn run(mut self) -> Walked {
        let to = self.task.period.1;
        let first = self.task.period.0;
        while let Some((on, day)) = self.days.pop_first().filter(|(on, _)| *on <= to) {
            for part in day.arrivals {
                self.arrive(part, on);
            }
            for withdrawal in day.withdrawals {
                self.withdraw(withdrawal, on);
            }
            for part in day.exits {
                self.leave(part, on);
            }
            let cause = if on == first { Cause::ShortAtStart } else { Cause::FloorRaised };
            self.settle(on, cause);
        }
        // The replacement of what has left comes even where the period is over before.
        while let Some(by) = self.debts.front().map(|debt| debt.by) {
            self.repay(by.max(self.walked.earliest));
        }
        self.walked
    }

    fn day_of(&mut self, on: NaiveDate) -> &mut Day {
        self.days.entry(on).or_default()
    }

    /// The last usable day of a delivery.
    fn ends(&self, on: NaiveDate) -> Option<NaiveDate> {
        self.task.life_months.map(|months| add_months(on, months))
    }

    fn standard(&self, on: NaiveDate, of: impl Fn(&super::Standard) -> i64) -> i128 {
        let in_force =
            self.task.standards.iter().filter(|standard| {
                standard.from <= on && standard.to.is_none_or(|last| on <= last)
            });
        in_force.map(|standard| i128::from(of(standard))).sum()
    }

    fn floor(&self, on: NaiveDate) -> i128 {
        self.standard(on, |standard| standard.floor)
    }

    /// Adds goods that can leave from a day on, not yet present.
    fn part(
        &mut self,
        source: Source,
        quantity: i64,
        last_usable_on: Option<NaiveDate>,
        not_before: NaiveDate,
    ) -> usize {
        let earmarked = match source {
            Source::Lot(id) => self.earmarked(id, quantity),
            _ => 0,
        };
        let exits = last_usable_on.map_or_else(Vec::new, |last| self.exits(last, not_before));
        let ix = self.parts.len();
        if let Some(exit) = exits.first() {
            self.day_of(exit.on).exits.push(ix);
        }
        let present = false;
        self.parts.push(Part { source, quantity, earmarked, last_usable_on, present, exits });
        ix
    }

    fn earmarked(&self, lot: i64, all: i64) -> i64 {
        self.task.withdrawals.iter().fold(0, |sum, withdrawal| match withdrawal.what {
            What::Lot(id, quantity) if id == lot => sum.saturating_add(quantity.unwrap_or(all)),
            _ => sum,
        })
    }

    /// The ways out, preferred first: the channels that are in time, then none on the last day,
    /// then unused.
    fn exits(&self, last: NaiveDate, not_before: NaiveDate) -> Vec<Exit> {
        let mut exits = Vec::new();
        if self.repairs {
            for (ix, channel) in self.task.turnover.channels.iter().enumerate() {
                let on = channel.takes_until(last);
                if on >= not_before && channel.is_in_time(last, self.task.today) {
                    exits.push(Exit { on, channel: Some(ix), expires: false });
                }
            }
            if last >= not_before {
                exits.push(Exit { on: last, channel: None, expires: false });
            }
        }
        exits.push(Exit { on: add_days(last, 1), channel: None, expires: true });
        exits
    }

    fn arrive(&mut self, part: usize, on: NaiveDate) {
        self.coming.retain(|(_, coming)| *coming != part);
        let Some(part) = self.parts.get_mut(part) else {
            return;
        };
        part.present = true;
        let (quantity, source) = (part.quantity, part.source);
        self.effective += i128::from(quantity);
        self.walked.changes.push((on, quantity));
        if matches!(source, Source::Committed(_)) {
            self.replace(i128::from(quantity));
        }
        self.serve();
    }

    fn withdraw(&mut self, ix: usize, on: NaiveDate) {
        let Some(withdrawal) = self.task.withdrawals.get(ix) else {
            return;
        };
        let taken = match withdrawal.what {
            What::Lot(id, quantity) => self.withdraw_lot(id, quantity),
            What::FirstExpired(quantity) => {
                self.owed += i128::from(quantity);
                self.effective -= i128::from(quantity);
                self.serve();
                quantity
            }
        };
        self.walked.changes.push((on, -taken));
        let source = match withdrawal.what {
            What::Lot(id, _) => Some(Source::Lot(id)),
            What::FirstExpired(_) => None,
        };
        self.losses.push(Loss { on, cause: Cause::Withdrawn, source, quantity: taken });
    }

    fn withdraw_lot(&mut self, id: i64, quantity: Option<i64>) -> i64 {
        let lot = self.parts.iter_mut().find(|part| part.source == Source::Lot(id));
        let Some(part) = lot else { return 0 };
        let taken = quantity.unwrap_or(part.quantity).min(part.quantity);
        part.quantity -= taken;
        part.earmarked = part.earmarked.saturating_sub(taken).max(0);
        self.effective -= i128::from(taken);
        taken
    }

    /// Hands out what is owed, what ends first before the rest.
    fn serve(&mut self) {
        if self.owed <= 0 {
            return;
        }
        let mut order: Vec<(NaiveDate, usize)> = (0..)
            .zip(&self.parts)
            .filter(|(_, part)| part.available() > 0)
            .map(|(ix, part)| (part.last_usable_on.unwrap_or(NaiveDate::MAX), ix))
            .collect();
        order.sort_unstable();
        for (_, ix) in order {
            if let Some(part) = self.parts.get_mut(ix) {
                let taken = narrow(self.owed.min(i128::from(part.available())));
                part.quantity -= taken;
                self.owed -= i128::from(taken);
            }
        }
    }

    fn leave(&mut self, ix: usize, on: NaiveDate) {
        let Some(part) = self.parts.get(ix) else {
            return;
        };
        let Some(exit) = part.exits.first().copied().filter(|exit| exit.on == on) else {
            return;
        };
        let leaving = if exit.expires { part.quantity } else { part.available() };
        let capped = exit.channel.map_or(leaving, |_| leaving.min(self.cap_left(on)));
        // What a year's cap holds back waits for a later way out, maybe in another year.
        let (held_back, leaving) = (capped < leaving, capped);
        let (source, last_usable_on) = (part.source, part.last_usable_on);
        let short = self.floor(on) > self.effective - i128::from(leaving);
        let helpless = short && on < self.walked.earliest;
        // Nothing can come in its place yet: it stays as long as another way out is open.
        let stays = (helpless || held_back || part.earmarked > 0) && !exit.expires;
        if stays {
            self.reschedule(ix, on, !helpless && !held_back);
        }
        if leaving == 0 || (helpless && stays) {
            return;
        }
        self.owe(on, leaving);
        if let Some(part) = self.parts.get_mut(ix) {
            part.quantity -= leaving;
        }
        self.effective -= i128::from(leaving);
        self.walked.changes.push((on, -leaving));
        let cause = if exit.expires { Cause::Expired } else { Cause::RotatedOut };
        self.losses.push(Loss { on, cause, source: Some(source), quantity: leaving });
        if exit.channel.is_some() {
            *self.turned_over.entry(on.year()).or_default() += i128::from(leaving);
        }
        if !exit.expires {
            let channel = exit.channel.and_then(|ix| self.task.turnover.channels.get(ix));
            self.walked.rotate_outs.push(RotateOut {
                source,
                on,
                decide_by: channel.map_or(on, |channel| channel.decide_by(on)),
                channel: exit.channel,
                quantity: leaving,
                last_usable_on,
            });
        }
    }

    /// What channels may still take in the year of a day.
    fn cap_left(&self, on: NaiveDate) -> i64 {
        let Some(permille) = self.task.turnover.annual_cap_permille else {
            return i64::MAX;
        };
        let target = self.standard(on, |standard| standard.target);
        let gone = self.turned_over.get(&on.year()).copied().unwrap_or(0);
        narrow((target * i128::from(permille) / 1_000 - gone).max(0))
    }

    /// Sends a part another, later way; what is earmarked waits until its last day.
    fn reschedule(&mut self, ix: usize, on: NaiveDate, to_its_end: bool) {
        let Some(part) = self.parts.get_mut(ix) else {
            return;
        };
        part.exits.retain(|exit| exit.on > on && (exit.expires || !to_its_end));
        if let Some(exit) = part.exits.first().copied() {
            self.day_of(exit.on).exits.push(ix);
        }
    }
}
