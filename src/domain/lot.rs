//! Lots: goods of one item that share number, maker, dates, price and source.
//!
//! Lives here: a lot's identity and how long it is usable. Does not live here: where it lies and
//! whose it is. Invariant: two lots with equal attributes are one lot.

use std::sync::Arc;

use chrono::NaiveDate;

use super::calendar::add_days;
use super::catalogue::{Code, Item, LifeKind};

/// What makes a lot another lot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotKey {
    pub item: Code,
    /// `None` is the unnumbered lot.
    pub lot_no: Option<Arc<str>>,
    pub manufacturer: Option<Arc<str>>,
    pub produced_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
    /// Price of one base unit in fen (0.01 CNY).
    pub unit_price_fen: Option<i64>,
    pub source: Option<Arc<str>>,
}

/// A numbered lot of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// 1, 2, 3 … in the order of first appearance.
    pub id: i64,
    pub key: LotKey,
}

/// The attributes by which a request names a lot; what is absent is not asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LotDraft {
    pub lot_no: Option<String>,
    pub produced_on: Option<NaiveDate>,
    pub expires_on: Option<NaiveDate>,
    pub manufacturer: Option<String>,
    pub unit_price_fen: Option<i64>,
    pub source: Option<String>,
}

impl LotDraft {
    /// Whether every attribute named here is that of `key`.
    pub fn matches(&self, key: &LotKey) -> bool {
        fn agrees<T: PartialEq>(asked: Option<T>, found: Option<T>) -> bool {
            asked.is_none() || asked == found
        }
        agrees(self.lot_no.as_deref(), key.lot_no.as_deref())
            && agrees(self.produced_on, key.produced_on)
            && agrees(self.expires_on, key.expires_on)
            && agrees(self.manufacturer.as_deref(), key.manufacturer.as_deref())
            && agrees(self.unit_price_fen, key.unit_price_fen)
            && agrees(self.source.as_deref(), key.source.as_deref())
    }
}

/// Whether goods in good condition count on a day, and if not why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Usability {
    Usable,
    /// Past a hard expiry date.
    Expired,
    /// Past its advisory storage life, not appraised.
    Overdue,
}

impl Lot {
    /// The last day on which the lot counts; `None` where it never ages or no date is known.
    pub fn last_usable_on(&self, item: &Item) -> Option<NaiveDate> {
        if item.life.kind == LifeKind::None { None } else { self.key.expires_on }
    }

    /// Whether the lot counts on `day`; its last usable day is included.
    pub fn usability(&self, item: &Item, day: NaiveDate) -> Usability {
        match (self.last_usable_on(item), item.life.kind) {
            (Some(last), LifeKind::Hard) if day > last => Usability::Expired,
            (Some(last), LifeKind::Advisory) if day > last => Usability::Overdue,
            _ => Usability::Usable,
        }
    }

    /// The day on which its rotation falls due: last usable day minus the item's lead.
    pub fn due_on(&self, item: &Item) -> Option<NaiveDate> {
        let lead = item.life.lead_days.unwrap_or(0);
        self.last_usable_on(item).map(|last| add_days(last, -i64::from(lead)))
    }
}
