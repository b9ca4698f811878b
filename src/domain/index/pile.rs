//! Piles: what one owner region has of one item in one part of the country.
//!
//! Lives here: the good stock by last usable day, and what all of it counts as on any day. Does not
//! live here: who owns what where. Invariant: the days are sorted, each stands once, and none has
//! nothing.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::super::balance::{Figures, Standing};
use super::super::calendar::Instant;
use super::super::catalogue::LifeKind;
use super::super::line::Held;
use super::Change;
use super::frame::ItemRule;

/// The windows of the expiry figures, in days.
pub const WINDOWS_DAYS: [i64; 4] = [30, 90, 180, 365];

/// The last usable day of what does not age, counted like `num_days_from_ce`.
const NEVER: i32 = i32::MAX;

/// An expiry date as a number.
pub(super) fn number(day: Option<NaiveDate>) -> i32 {
    day.map_or(NEVER, |day| day.num_days_from_ce())
}

/// The last usable day of an item's lot with an expiry date.
fn last_usable(expires_on: Option<NaiveDate>, kind: LifeKind) -> i32 {
    if kind == LifeKind::None { NEVER } else { number(expires_on) }
}

fn date(number: i32) -> Option<NaiveDate> {
    if number == NEVER { None } else { NaiveDate::from_num_days_from_ce_opt(number) }
}

fn sum(days: &[(i32, i64)]) -> i64 {
    days.iter().fold(0, |sum, (_, quantity)| sum.saturating_add(*quantity))
}

fn later(day: i32, days: i64) -> i32 {
    day.saturating_add(i32::try_from(days).unwrap_or(i32::MAX))
}

/// What a pile counts as on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weight {
    pub figures: Figures,
    /// Effective stock that ends within each of [`WINDOWS_DAYS`]; each includes the one before.
    pub expiring: [i64; 4],
}

impl Weight {
    /// Adds what another pile counts as.
    pub(super) fn merge(&mut self, other: &Self) {
        self.figures.merge(&other.figures);
        for (sum, part) in self.expiring.iter_mut().zip(other.expiring) {
            *sum = sum.saturating_add(part);
        }
    }

    /// Moves as a pile among those it sums has moved; whether `earliest_expiry` must be looked for
    /// anew.
    pub(super) fn follow(&mut self, before: &Self, after: &Self) -> bool {
        let moved = before.expiring.into_iter().zip(after.expiring);
        for (sum, (was, is)) in self.expiring.iter_mut().zip(moved) {
            *sum = sum.saturating_add(is.saturating_sub(was));
        }
        self.figures.follow(&before.figures, &after.figures)
    }
}

/// What several piles of one item come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// On the index's day.
    pub weight: Weight,
    /// Depots that hold any of it, once for each owner region of whose goods.
    pub depot_count: i64,
}

/// Goods of one owner region and item, with what they count as on the index's day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pile {
    /// On the index's day.
    pub weight: Weight,
    /// Depots that hold any of it.
    pub depot_count: i64,
    /// Good stock in depots: last usable day and quantity.
    good: Option<Arc<Vec<(i32, i64)>>>,
}

impl Pile {
    fn good(&self) -> &[(i32, i64)] {
        self.good.as_deref().map_or(&[], Vec::as_slice)
    }

    /// All good stock in depots, usable or not.
    fn all_good(&self) -> i64 {
        let figures = &self.weight.figures;
        figures.on_hand.saturating_sub(figures.quarantine).saturating_sub(figures.damaged)
    }

    /// Where the days from `on` start, and what ends before.
    fn past(&self, today: i32) -> (usize, i64) {
        let from = self.good().partition_point(|(last, _)| *last < today);
        (from, sum(self.good().get(..from).unwrap_or_default()))
    }

    /// What it counts as on a day. Days are walked as far as the last window only: most of the
    /// stock ends later.
    pub fn at(&self, on: NaiveDate, kind: LifeKind) -> Weight {
        let today = on.num_days_from_ce();
        let (from, past) = self.past(today);
        let usable = self.good().get(from..).unwrap_or_default();
        let all = self.all_good();
        let mut figures = self.weight.figures;
        (figures.on_hand, figures.effective) = (figures.quarantine + figures.damaged, 0);
        (figures.expired, figures.overdue_storage) = (0, 0);
        figures.shift(past, aged(kind));
        figures.shift(all.saturating_sub(past), Standing::Effective(None));
        figures.earliest_expiry = usable.first().and_then(|(last, _)| date(*last));
        let (mut until, mut ending) = (0, 0_i64);
        let expiring = WINDOWS_DAYS.map(|days| {
            let rest = usable.get(until..).unwrap_or_default();
            let more = rest.partition_point(|(last, _)| *last <= later(today, days));
            until += more;
            ending = rest.get(..more).map_or(0, sum).saturating_add(ending);
            ending
        });
        Weight { figures, expiring }
    }

    /// What it adds to its owner's account on a day, if goods of so few days are perishing.
    pub fn held(&self, on: NaiveDate, perishing_days: u32) -> Held {
        let today = on.num_days_from_ce();
        let (from, past) = self.past(today);
        let usable = self.good().get(from..).unwrap_or_default();
        let soon = later(today, perishing_days.into());
        let ending = usable.partition_point(|(last, _)| *last < soon);
        Held {
            effective: self.all_good().saturating_sub(past),
            perishing: usable.get(..ending).map_or(0, sum),
            in_transit: self.weight.figures.in_transit,
        }
    }

    /// The same where what it counts as on an earlier day, `weighed`, is kept. Of most piles
    /// nothing ends until then, and their days need not be looked at.
    pub(super) fn held_later(
        &self,
        on: NaiveDate,
        weighed: NaiveDate,
        perishing_days: u32,
    ) -> Held {
        let figures = &self.weight.figures;
        let soon = date(later(on.num_days_from_ce(), perishing_days.into()));
        let lasts = figures.earliest_expiry.is_none_or(|first| soon.is_some_and(|s| first >= s));
        if on >= weighed && lasts {
            let (effective, in_transit) = (figures.effective, figures.in_transit);
            return Held { effective, perishing: 0, in_transit };
        }
        self.held(on, perishing_days)
    }

    /// Takes in one changed balance; what it adds to the owner's account on the day.
    pub(super) fn change(&mut self, change: &Change, rule: ItemRule, on: NaiveDate) -> Held {
        let (delta, mut held) = (change.delta, Held::default());
        let figures = &mut self.weight.figures;
        figures.note_line(change.at);
        self.depot_count += change.depots;
        if let Some(standing) = change.undated {
            figures.shift(delta, standing);
            if standing == Standing::InTransit {
                held.in_transit = delta;
            }
            return held;
        }
        let (today, last) = (on.num_days_from_ce(), last_usable(change.expires_on, rule.kind));
        if last < today {
            figures.shift(delta, aged(rule.kind));
        } else {
            figures.shift(delta, Standing::Effective(None));
            held.effective = delta;
            if last < later(today, rule.perishing_days.into()) {
                held.perishing = delta;
            }
            for (part, days) in self.weight.expiring.iter_mut().zip(WINDOWS_DAYS) {
                if last <= later(today, days) {
                    *part = part.saturating_add(delta);
                }
            }
        }
        self.shift_day(last, delta);
        let first = self.good().partition_point(|(last, _)| *last < today);
        let earliest = self.good().get(first).and_then(|(last, _)| date(*last));
        self.weight.figures.earliest_expiry = earliest;
        held
    }

    fn shift_day(&mut self, last: i32, delta: i64) {
        let good = Arc::make_mut(self.good.get_or_insert_with(Arc::default));
        match good.binary_search_by_key(&last, |(last, _)| *last) {
            Ok(at) => {
                let left = good.get_mut(at).map(|(_, quantity)| {
                    *quantity = quantity.saturating_add(delta);
                    *quantity
                });
                if left == Some(0) {
                    good.remove(at);
                }
            }
            Err(_) if delta == 0 => {}
            Err(at) => good.insert(at, (last, delta)),
        }
        if good.is_empty() {
            self.good = None;
        }
    }

    /// Takes in a balance without keeping the pile in order; `settle` must follow.
    pub(super) fn gather(&mut self, quantity: i64, undated: Option<Standing>, last: i32) {
        match undated {
            Some(standing) => self.weight.figures.shift(quantity, standing),
            None if quantity == 0 => {}
            None => {
                let good = Arc::make_mut(self.good.get_or_insert_with(Arc::default));
                good.push((last, quantity));
            }
        }
    }

    /// Notes when a line of its balances occurred.
    pub(super) fn note(&mut self, at: Instant) {
        self.weight.figures.note_line(at);
    }

    /// Brings gathered balances into order, and counts them as on hand.
    pub(super) fn settle(&mut self) {
        let Some(good) = &mut self.good else { return };
        let good = Arc::make_mut(good);
        good.sort_unstable_by_key(|(last, _)| *last);
        good.dedup_by(|(next, more), (last, quantity)| {
            let same = next == last;
            if same {
                *quantity = quantity.saturating_add(*more);
            }
            same
        });
        good.shrink_to_fit();
        let all = sum(good);
        let on_hand = &mut self.weight.figures.on_hand;
        *on_hand = on_hand.saturating_add(all);
    }
}

fn aged(kind: LifeKind) -> Standing {
    if kind == LifeKind::Advisory { Standing::Overdue } else { Standing::Expired }
}
