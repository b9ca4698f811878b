//! Balances: which account of a depot, how much of it, and what that counts as on a day.
//!
//! Lives here: the key, the quantity, and the figures that groups of balances add up to. Does not
//! live here: where balances are kept (`position`). Invariant: `on_hand = effective + reserved +
//! expired + overdue_storage + damaged + quarantine`.

use chrono::NaiveDate;

use super::calendar::Instant;
use super::catalogue::Item;
use super::lot::{Lot, Usability};
use super::movement::{Condition, Place};

/// Which account of a depot, by indexes of one Position: sorted so that one owner's stock of one
/// item is one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub item: u32,
    pub owner: u32,
    pub place: Place,
    pub condition: Condition,
    pub lot: u32,
}

/// The balance of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    pub key: Key,
    /// Base units, never negative.
    pub quantity: i64,
    /// The latest `occurred_at` of its lines.
    pub last_occurred_at: Instant,
}

/// What a balance counts as on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In the depot, good and usable; with its last usable day, if it has one.
    Effective(Option<NaiveDate>),
    Quarantine,
    Damaged,
    /// Good, but past a hard expiry date.
    Expired,
    /// Good, but past its advisory storage life.
    Overdue,
    /// On the way from the depot: its owner's, but in no depot.
    InTransit,
    /// Lent out from the depot.
    OnLoan,
}

impl Standing {
    /// What the account's goods count as on `on`; the date is asked of good goods only.
    pub fn of(key: &Key, lot: &Lot, item: &Item, on: NaiveDate) -> Self {
        Self::undated(key).unwrap_or_else(|| match lot.usability(item, on) {
            Usability::Usable => Self::Effective(lot.last_usable_on(item)),
            Usability::Expired => Self::Expired,
            Usability::Overdue => Self::Overdue,
        })
    }

    /// What the account's goods count as on any day; `None` for good goods in a depot, which age.
    pub fn undated(key: &Key) -> Option<Self> {
        match (key.place, key.condition) {
            (Place::Transit, _) => Some(Self::InTransit),
            (Place::Loan, _) => Some(Self::OnLoan),
            (Place::Depot, Condition::Quarantine) => Some(Self::Quarantine),
            (Place::Depot, Condition::Damaged) => Some(Self::Damaged),
            (Place::Depot, Condition::Good) => None,
        }
    }
}

/// Quantities of one group of balances on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// All that lies in depots.
    pub on_hand: i64,
    /// Good, usable on the day and not reserved.
    pub effective: i64,
    /// Usable but promised: zero until the book has an entry type that reserves.
    pub reserved: i64,
    pub quarantine: i64,
    pub damaged: i64,
    pub expired: i64,
    pub overdue_storage: i64,
    /// Between depots, not on hand anywhere.
    pub in_transit: i64,
    /// Lent out, not on hand anywhere.
    pub on_loan: i64,
    /// The first last usable day among the effective stock.
    pub earliest_expiry: Option<NaiveDate>,
    /// When the latest line on these accounts occurred.
    pub last_occurred_at: Option<Instant>,
}

impl Figures {
    /// Adds a balance that counts as `standing`.
    pub fn add(&mut self, balance: &Balance, standing: Standing) {
        self.shift(balance.quantity, standing);
        if let (Standing::Effective(Some(last)), 1..) = (standing, balance.quantity) {
            self.earliest_expiry = earlier(self.earliest_expiry, Some(last));
        }
        self.note_line(balance.last_occurred_at);
    }

    /// Notes when a line on these accounts occurred.
    pub fn note_line(&mut self, at: Instant) {
        let moved = Some(at).filter(|at| at.0 > i64::MIN);
        self.last_occurred_at = self.last_occurred_at.max(moved);
    }

    /// Adds a quantity, or takes away a negative one; dates are left as they are.
    pub fn shift(&mut self, quantity: i64, standing: Standing) {
        let part = match standing {
            Standing::Effective(_) => &mut self.effective,
            Standing::Quarantine => &mut self.quarantine,
            Standing::Damaged => &mut self.damaged,
            Standing::Expired => &mut self.expired,
            Standing::Overdue => &mut self.overdue_storage,
            Standing::InTransit => &mut self.in_transit,
            Standing::OnLoan => &mut self.on_loan,
        };
        *part = part.saturating_add(quantity);
        if !matches!(standing, Standing::InTransit | Standing::OnLoan) {
            self.on_hand = self.on_hand.saturating_add(quantity);
        }
    }

    /// Moves as a part of the group has moved. Whether the part has let go of what ended first
    /// here: then `earliest_expiry` must be looked for anew.
    pub fn follow(&mut self, before: &Self, after: &Self) -> bool {
        let moved = before.quantities().into_iter().zip(after.quantities());
        for (sum, (was, is)) in self.quantities_mut().into_iter().zip(moved) {
            *sum = sum.saturating_add(is.saturating_sub(was));
        }
        self.last_occurred_at = self.last_occurred_at.max(after.last_occurred_at);
        let (was, is) = (before.earliest_expiry, after.earliest_expiry);
        if was == is {
            return false;
        }
        let gone = was.is_some() && was == self.earliest_expiry;
        if !gone {
            self.earliest_expiry = earlier(self.earliest_expiry, is);
        }
        gone
    }

    /// Adds the figures of another group.
    pub fn merge(&mut self, other: &Self) {
        for (sum, part) in self.quantities_mut().into_iter().zip(other.quantities()) {
            *sum = sum.saturating_add(part);
        }
        self.earliest_expiry = earlier(self.earliest_expiry, other.earliest_expiry);
        self.last_occurred_at = self.last_occurred_at.max(other.last_occurred_at);
    }

    /// The same goods counted in another unit, `amount` of which each base unit gives.
    pub fn times(mut self, amount: i64) -> Self {
        for quantity in self.quantities_mut() {
            *quantity = quantity.saturating_mul(amount);
        }
        self
    }

    /// Whether there is nothing, neither in depots nor outside.
    pub fn is_zero(&self) -> bool {
        self.quantities() == [0; 9]
    }

    /// The quantities in the order of the fields.
    pub fn quantities(&self) -> [i64; 9] {
        [
            self.on_hand,
            self.effective,
            self.reserved,
            self.quarantine,
            self.damaged,
            self.expired,
            self.overdue_storage,
            self.in_transit,
            self.on_loan,
        ]
    }

    fn quantities_mut(&mut self) -> [&mut i64; 9] {
        [
            &mut self.on_hand,
            &mut self.effective,
            &mut self.reserved,
            &mut self.quarantine,
            &mut self.damaged,
            &mut self.expired,
            &mut self.overdue_storage,
            &mut self.in_transit,
            &mut self.on_loan,
        ]
    }
}

/// The earlier of two days, if there is any.
pub fn earlier(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    one.into_iter().chain(other).min()
}
