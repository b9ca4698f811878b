//! Unknowns: why a figure cannot be relied on, and how many lines there are of each kind.
//!
//! Lives here: the reasons and their counts. Does not live here: who finds them (`account`,
//! `certainty`, `mode_mix`). Invariant: what is in doubt for several reasons counts once, under the
//! first.

use super::reserve::Doubt;

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unknown {
    /// No register tells the stock of the mode.
    NoRegister,
    /// A source that stands behind the account was never declared.
    NoDeclaration,
    /// It was declared too long ago.
    OldDeclaration,
    /// Nobody says how much of a pledge is expected to come.
    NoFulfilment,
    /// No city profile says within which hours, or how soon depots are ready.
    NoProfile,
    /// The quota counts people, and the region does not tell how many there are.
    NoPopulation,
}

impl Unknown {
    pub const ALL: [Self; 6] = [
        Self::NoRegister,
        Self::NoDeclaration,
        Self::OldDeclaration,
        Self::NoFulfilment,
        Self::NoProfile,
        Self::NoPopulation,
    ];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoRegister => "no_register",
            Self::NoDeclaration => Doubt::NoDeclaration.as_str(),
            Self::OldDeclaration => Doubt::OldDeclaration.as_str(),
            Self::NoFulfilment => Doubt::NoFulfilment.as_str(),
            Self::NoProfile => Doubt::NoProfile.as_str(),
            Self::NoPopulation => "no_population",
        }
    }

    /// The first of two reasons, if there is any.
    pub fn first(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        one.into_iter().chain(other).min()
    }
}

impl From<Doubt> for Unknown {
    fn from(doubt: Doubt) -> Self {
        match doubt {
            Doubt::NoDeclaration => Self::NoDeclaration,
            Doubt::OldDeclaration => Self::OldDeclaration,
            Doubt::NoFulfilment => Self::NoFulfilment,
            Doubt::NoProfile => Self::NoProfile,
        }
    }
}

/// How much is unknown, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unknowns([i64; 6]);

impl Unknowns {
    /// Counts one more.
    pub fn note(&mut self, reason: Unknown) {
        for (count, of) in self.0.iter_mut().zip(Unknown::ALL) {
            *count += i64::from(of == reason);
        }
    }

    /// Adds other counts.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }

    /// The count of one reason.
    pub fn of(&self, reason: Unknown) -> i64 {
        self.iter().find(|(of, _)| *of == reason).map_or(0, |(_, count)| count)
    }

    /// All together.
    pub fn sum(&self) -> i64 {
        self.0.iter().sum()
    }

    /// The first reason of which there is any.
    pub fn first(&self) -> Option<Unknown> {
        self.iter().find(|(_, count)| *count > 0).map(|(reason, _)| reason)
    }

    fn iter(&self) -> impl Iterator<Item = (Unknown, i64)> {
        Unknown::ALL.into_iter().zip(self.0)
    }
}
