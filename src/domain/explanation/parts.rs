//! Parts: single balances as summands of a figure.
//!
//! Lives here: a balance with its lot, depot and owner, and why it does not count. Does not live
//! here: which balances belong to a figure. Invariant: `amount` is `quantity` in the unit of the
//! figure.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::catalogue::Item;
use crate::domain::depot::{Depot, Organization};
use crate::domain::lot::Lot;
use crate::domain::position::{Balance, Position};
use crate::domain::rotation::Status;
use crate::domain::stock::Standing;

/// Why a balance does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Past a hard expiry date.
    Expired,
    /// Past its advisory storage life.
    OverdueStorage,
    Quarantine,
    Damaged,
    /// Between depots.
    InTransit,
    OnLoan,
    /// Lies here, but belongs to a region above.
    OwnedAbove,
}

impl Reason {
    pub const ALL: [Self; 7] = [
        Self::Expired,
        Self::OverdueStorage,
        Self::Quarantine,
        Self::Damaged,
        Self::InTransit,
        Self::OnLoan,
        Self::OwnedAbove,
    ];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::OverdueStorage => "overdue_storage",
            Self::Quarantine => "quarantine",
            Self::Damaged => "damaged",
            Self::InTransit => "in_transit",
            Self::OnLoan => "on_loan",
            Self::OwnedAbove => "owned_above",
        }
    }

    /// Why an account's own goods do not count; `None` where they do.
    pub fn of(standing: Standing) -> Option<Self> {
        match standing {
            Standing::Effective(_) => None,
            Standing::Quarantine => Some(Self::Quarantine),
            Standing::Damaged => Some(Self::Damaged),
            Standing::Expired => Some(Self::Expired),
            Standing::Overdue => Some(Self::OverdueStorage),
            Standing::InTransit => Some(Self::InTransit),
            Standing::OnLoan => Some(Self::OnLoan),
        }
    }
}

/// One balance of a depot, owner and lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub lot: Arc<Lot>,
    pub item: Arc<Item>,
    pub depot: Arc<Depot>,
    pub owner: Arc<Organization>,
    /// Base units of the item.
    pub quantity: i64,
    /// What one base unit gives in the unit of the figure.
    pub per_unit: i64,
    /// `quantity` times `per_unit`.
    pub amount: i64,
    pub last_usable_on: Option<NaiveDate>,
    /// For rotation; `None` where its dates are far off or there are none.
    pub status: Option<Status>,
    /// Ends sooner than its item's days to perishing.
    pub perishing: bool,
    /// `None` where it counts.
    pub excluded: Option<Reason>,
}

impl Part {
    /// The part that a balance is on a day; `None` for indexes that are not there.
    pub(super) fn of(
        position: &Position,
        (depot, row): (u32, &Balance),
        lot: &Arc<Lot>,
        (item, per_unit): (&Arc<Item>, i64),
        on: NaiveDate,
    ) -> Option<Self> {
        let reference = &position.reference;
        let last_usable_on = lot.last_usable_on(item);
        let soon = item.life.lasts_from(on);
        Some(Self {
            depot: Arc::clone(reference.depots.get(depot)?),
            owner: Arc::clone(reference.organizations.get(row.key.owner)?),
            quantity: row.quantity,
            per_unit,
            amount: row.quantity.saturating_mul(per_unit),
            status: last_usable_on
                .zip(lot.due_on(item))
                .and_then(|(last, due)| Status::of(on, (last, due), item.life)),
            perishing: last_usable_on.is_some_and(|last| last < soon),
            last_usable_on,
            excluded: None,
            lot: Arc::clone(lot),
            item: Arc::clone(item),
        })
    }

    /// By reason, then first ending first; what never ends comes last.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let ends = |part: &Self| (part.last_usable_on.is_none(), part.last_usable_on);
        self.excluded
            .cmp(&other.excluded)
            .then_with(|| ends(self).cmp(&ends(other)))
            .then_with(|| self.depot.code.cmp(&other.depot.code))
            .then_with(|| self.lot.id.cmp(&other.lot.id))
            .then_with(|| self.owner.code.cmp(&other.owner.code))
    }
}
