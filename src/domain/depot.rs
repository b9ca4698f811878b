//! Depots and organizations: where goods lie and whose they are.
//!
//! Lives here: the registers' plain values. Does not live here: stock. Invariant: custody and
//! ownership are apart; a depot's organization is only the default owner.

use super::catalogue::Code;
use super::region::{LocationSource, Point, RegionCode};

/// What kind of place a depot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DepotKind {
    /// 储备库.
    Warehouse,
    /// 仓储基地.
    Base,
    /// 调配站.
    DispatchStation,
    /// 调配点.
    DispatchPoint,
}

impl DepotKind {
    pub const ALL: [Self; 4] =
        [Self::Warehouse, Self::Base, Self::DispatchStation, Self::DispatchPoint];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warehouse => "warehouse",
            Self::Base => "base",
            Self::DispatchStation => "dispatch_station",
            Self::DispatchPoint => "dispatch_point",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Whether a depot takes and gives goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DepotStatus {
    Planned,
    Active,
    Closed,
}

impl DepotStatus {
    pub const ALL: [Self; 3] = [Self::Planned, Self::Active, Self::Closed];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }

    /// The status of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A place where goods lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depot {
    pub code: Code,
    pub name: String,
    pub kind: DepotKind,
    pub region: RegionCode,
    /// Keeps the depot and owns what comes in without another owner named.
    pub organization: Code,
    pub custodian: Option<String>,
    pub location: Point,
    pub location_source: LocationSource,
    /// Minutes until the first truck can be loaded, where other than the tier's default.
    pub readiness_min: Option<u32>,
    pub area_m2: Option<i64>,
    pub volume_m3: Option<i64>,
    /// Trucks that it can send; `None` where nobody has said.
    pub trucks: Option<u32>,
    /// What one of them carries; else as its city reckons.
    pub truck_payload_kg: Option<u32>,
    pub status: DepotStatus,
}

/// What kind of body an organization is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrganizationKind {
    Government,
    Reserve,
    RescueTeam,
    Enterprise,
    Social,
}

impl OrganizationKind {
    pub const ALL: [Self; 5] =
        [Self::Government, Self::Reserve, Self::RescueTeam, Self::Enterprise, Self::Social];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Government => "government",
            Self::Reserve => "reserve",
            Self::RescueTeam => "rescue_team",
            Self::Enterprise => "enterprise",
            Self::Social => "social",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A body that owns goods or keeps depots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub code: Code,
    pub name: String,
    pub region: RegionCode,
    pub kind: OrganizationKind,
    /// Unified social credit code, 18 characters.
    pub credit_code: Option<String>,
}
