//! Certainty: whether a row of gaps rests on something that is missing.
//!
//! Lives here: the verdict on a row, and how many lines of its subtree are in doubt. Does not live
//! here: the figures (`gap`, `custody`). Invariant: what is not known is told apart, never counted
//! as met.

use chrono::NaiveDate;

use super::gap::Row;
use super::quota::Mode;
use super::reference::Reference;

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// No register tells the stock of the mode.
    NoRegister,
    /// The quota counts people, and the region does not tell how many there are.
    NoPopulation,
}

impl Unknown {
    pub const ALL: [Self; 2] = [Self::NoRegister, Self::NoPopulation];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoRegister => "no_register",
            Self::NoPopulation => "no_population",
        }
    }
}

/// How far a row can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Certainty {
    /// Of the own account; `None` where everything is known.
    pub unknown: Option<Unknown>,
    /// Quota lines of the subtree of which something is missing.
    pub unknown_lines: i64,
}

impl Certainty {
    /// The verdict on a row of a day.
    pub fn of(reference: &Reference, row: &Row, on: NaiveDate) -> Self {
        if row.mode != Mode::GovPhysical {
            return Self { unknown: Some(Unknown::NoRegister), unknown_lines: row.lines };
        }
        let all = reference.doubts().about(&row.goods.subject(), row.mode);
        if all.is_empty() {
            return Self::default();
        }
        let regions = &reference.regions;
        let Some(root) = regions.find(row.region.code) else {
            return Self::default();
        };
        let from = all.partition_point(|(region, _)| *region < root);
        let inside = all.iter().skip(from).take_while(|(region, _)| regions.within(*region, root));
        let inside = inside.filter(|(_, quota)| quota.in_force(on));
        let own = |(region, _): &&(_, _)| *region == root;
        Self {
            unknown: inside.clone().any(|one| own(&one)).then_some(Unknown::NoPopulation),
            unknown_lines: i64::try_from(inside.count()).unwrap_or(i64::MAX),
        }
    }
}

#[cfg(test)]
#[path = "certainty_tests.rs"]
mod tests;
