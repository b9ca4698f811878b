//! Access: keys, roles, and what a role may do within its region.
//!
//! Lives here: the role table and the scope test. Does not live here: how a key reaches the
//! service. Invariant: what is out of scope is as if it did not exist.

use chrono::NaiveDate;
use uuid::Uuid;

use super::calendar::Instant;
use super::region::{RegionCode, RegionIx, Regions};

/// What kind of user a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Clerk,
    Planner,
    Province,
    Admin,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Clerk, Self::Planner, Self::Province, Self::Admin];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Planner => "planner",
            Self::Province => "province",
            Self::Admin => "admin",
        }
    }

    /// The role of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether the role may do this at all.
    pub fn may(self, action: Action) -> bool {
        use Action as A;
        match self {
            Self::Admin => true,
            Self::Clerk => matches!(
                action,
                A::ReadSelf
                    | A::ReadReference
                    | A::ReadStock
                    | A::ReadMovements
                    | A::ReadPrices
                    | A::Record
            ),
            Self::Planner => !matches!(action, A::Record | A::WriteReference | A::KeepKeys),
            Self::Province => {
                matches!(action, A::ReadSelf | A::ReadStock | A::ReadPlanning | A::ReadSummaries)
            }
        }
    }
}

/// What a request does, for the role table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// See one's own name, role and region.
    ReadSelf,
    /// Regions, organizations, depots, items, needs, quotas, profiles.
    ReadReference,
    /// Stock by any grouping.
    ReadStock,
    /// Movements with their handlers.
    ReadMovements,
    /// Prices on lots.
    ReadPrices,
    /// Gaps, rotation, coverage.
    ReadPlanning,
    /// Stock summaries and changes.
    ReadSummaries,
    /// Book movements.
    Record,
    /// Quotas, scenarios and plans.
    Plan,
    /// Any other reference data.
    WriteReference,
    /// Make and revoke keys.
    KeepKeys,
}

impl Action {
    pub const ALL: [Self; 11] = [
        Self::ReadSelf,
        Self::ReadReference,
        Self::ReadStock,
        Self::ReadMovements,
        Self::ReadPrices,
        Self::ReadPlanning,
        Self::ReadSummaries,
        Self::Record,
        Self::Plan,
        Self::WriteReference,
        Self::KeepKeys,
    ];

    /// Whether the role is judged once more when the action is carried out, under the lock of the
    /// book; a request may then be read without asking the database first.
    pub fn is_judged_under_the_lock(self) -> bool {
        self == Self::Record
    }
}

/// A key of the register; the key itself is known to its holder alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: Uuid,
    /// SHA-256 of the key.
    pub digest: [u8; 32],
    pub role: Role,
    pub region: RegionCode,
    pub name: String,
    pub created_at: Instant,
    /// Last day of validity.
    pub expires_on: Option<NaiveDate>,
    pub revoked: bool,
}

impl ApiKey {
    /// Whether the key opens anything on `day`.
    pub fn valid_on(&self, day: NaiveDate) -> bool {
        !self.revoked && self.expires_on.is_none_or(|last| day <= last)
    }
}

/// Who asks: the holder of a key, or the demo's single user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The key's id, or the nil UUID in a demo.
    pub id: Uuid,
    pub name: String,
    pub role: Role,
    /// `None` is everything: the demo, and the command line beside the database.
    pub region: Option<RegionCode>,
}

impl Principal {
    /// The administrator at the machine's own command line.
    pub fn operator(name: &str) -> Self {
        Self { id: Uuid::nil(), name: name.to_string(), role: Role::Admin, region: None }
    }

    /// The root of what this principal may see: `Ok(None)` is everything, `Err` nothing.
    fn root(&self, regions: &Regions) -> Result<Option<RegionIx>, ()> {
        match self.region {
            None => Ok(None),
            Some(code) => regions.find(code).map(Some).ok_or(()),
        }
    }

    /// Whether a region lies in scope.
    pub fn sees(&self, regions: &Regions, region: RegionIx) -> bool {
        match self.root(regions) {
            Ok(None) => true,
            Ok(Some(root)) => regions.within(region, root),
            Err(()) => false,
        }
    }

    /// Whether the region of a code lies in scope; unknown codes do not.
    pub fn sees_code(&self, regions: &Regions, code: RegionCode) -> bool {
        regions.find(code).is_some_and(|ix| self.sees(regions, ix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_has_its_table_row() {
        let may = |role: Role| -> Vec<Action> {
            Action::ALL.into_iter().filter(|action| role.may(*action)).collect()
        };
        use Action::*;
        assert_eq!(
            may(Role::Clerk),
            [ReadSelf, ReadReference, ReadStock, ReadMovements, ReadPrices, Record]
        );
        assert_eq!(
            may(Role::Planner),
            [
                ReadSelf,
                ReadReference,
                ReadStock,
                ReadMovements,
                ReadPrices,
                ReadPlanning,
                ReadSummaries,
                Plan
            ]
        );
        assert_eq!(may(Role::Province), [ReadSelf, ReadStock, ReadPlanning, ReadSummaries]);
        assert_eq!(may(Role::Admin).len(), Action::ALL.len());
    }
}
