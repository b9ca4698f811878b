//! Quotas (储备标准): what an owner account must hold, and the least it may fall to.
//!
//! Lives here: the quota's plain value and when it is in force. Does not live here: the gap against
//! stock. Invariant: a quota belongs to one region's own account and is no part of another's.

use chrono::NaiveDate;
use uuid::Uuid;

use super::catalogue::Code;
use super::region::RegionCode;

/// How a reserve is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// 政府实物储备.
    GovPhysical,
    /// 企业(商业)储备.
    Agreement,
    /// 产能储备.
    Capacity,
    /// 社会化储备.
    Social,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::GovPhysical, Self::Agreement, Self::Capacity, Self::Social];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GovPhysical => "gov_physical",
            Self::Agreement => "agreement",
            Self::Capacity => "capacity",
            Self::Social => "social",
        }
    }

    /// The mode of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == word)
    }
}

/// How a target came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    Absolute,
    Population,
}

impl Basis {
    pub const ALL: [Self; 2] = [Self::Absolute, Self::Population];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absolute => "absolute",
            Self::Population => "population",
        }
    }

    /// The basis of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == word)
    }
}

/// What the quota is about; amounts count in the item's base unit or the need's unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Item(Code),
    Need(Code),
}

/// A reserve standard of one owner account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    pub id: Uuid,
    pub region: RegionCode,
    pub subject: Subject,
    pub mode: Mode,
    pub basis: Basis,
    pub target: i64,
    pub floor: i64,
    pub effective_from: NaiveDate,
    /// Last day in force; `None` is open-ended.
    pub effective_to: Option<NaiveDate>,
    pub document: Option<String>,
    /// The quota rule that set it.
    pub rule: Option<Code>,
}

impl Quota {
    /// Whether it is in force on `day`.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }

    /// Whether both are about the same line on at least one day.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.region == other.region
            && self.subject == other.subject
            && self.mode == other.mode
            && self.effective_to.is_none_or(|last| other.effective_from <= last)
            && other.effective_to.is_none_or(|last| self.effective_from <= last)
    }
}
