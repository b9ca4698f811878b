//! How a city turns its goods over: which comes first, by which channels, with which lead times.
//!
//! Lives here: the plain values, and when a channel is in time. Does not live here: the plan that
//! keeps to them (`rotation`). Invariant: every figure is data of one city, none a constant.

use chrono::NaiveDate;

use crate::domain::calendar::add_days;
use crate::domain::catalogue::Code;

/// Whether new goods come before old ones leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RotationMode {
    /// The replacement is there on the day when the old goods leave.
    #[default]
    InBeforeOut,
    /// The replacement may follow within the gap days, as long as the floor is kept (轮换架空期).
    OutBeforeIn,
}

impl RotationMode {
    pub const ALL: [Self; 2] = [Self::InBeforeOut, Self::OutBeforeIn];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InBeforeOut => "in_before_out",
            Self::OutBeforeIn => "out_before_in",
        }
    }

    /// The mode of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }
}

/// A way for ageing goods to be used up: winter relief, a swap with the supplier, a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    pub code: Code,
    pub label: String,
    pub label_en: String,
    /// Days that the goods must still be usable when they leave.
    pub min_days_left: u32,
    /// Days from the decision until the goods leave.
    pub lead_days: u32,
}

impl Channel {
    /// The last day on which it takes goods that are usable until `last`.
    pub fn takes_until(&self, last: NaiveDate) -> NaiveDate {
        add_days(last, -i64::from(self.min_days_left))
    }

    /// Whether goods that are usable until `last` can still leave by it where this is decided on a
    /// day, or later.
    pub fn is_in_time(&self, last: NaiveDate, decided_on: NaiveDate) -> bool {
        self.takes_until(last) >= add_days(decided_on, i64::from(self.lead_days))
    }

    /// The day by which it must be engaged for goods to leave on another.
    pub fn decide_by(&self, leaving_on: NaiveDate) -> NaiveDate {
        add_days(leaving_on, -i64::from(self.lead_days))
    }
}

/// How goods are turned over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Turnover {
    pub mode: RotationMode,
    /// Days within which the replacement follows, where the old goods may leave first.
    pub gap_days: u32,
    /// Days by which a delivery comes before it is needed.
    pub safety_days: u32,
    /// Days from order to delivery.
    pub purchase_lead_days: u32,
    /// How much of the target channels take within a calendar year at most, in thousandths; `None`
    /// is any amount.
    pub annual_cap_permille: Option<u32>,
    /// Preferred first.
    pub channels: Vec<Channel>,
}
