//! Quota rules (储备方式和比例): how the quotas of a whole tier follow from a figure or from people.
//!
//! Lives here: a rule's plain value, and the target and floor it gives one region. Does not live
//! here: what a rule would change (`adoption`). Invariant: a target is computed exactly and rounded
//! up once, to whole packs.

use chrono::NaiveDate;

use super::catalogue::{Code, Need, Per};
use super::quantity::{MAX_QUANTITY, div_up};
use super::quota::{Basis, Mode, Subject};
use super::region::{Region, RegionCode, Tier};

/// The whole, in thousandths.
pub const WHOLE: u32 = 1_000;

/// How much of the target one mode is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub mode: Mode,
    /// Thousandths of the target; those of a rule add to 1,000.
    pub permille: u32,
}

/// Where the number of people to provide for comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Displaced {
    /// The region's own planned displaced population.
    Given,
    /// So many thousandths of its population, rounded up.
    OfPopulation(u32),
}

/// The figures of a target by people (domain formula 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByPeople {
    pub displaced: Displaced,
    /// Days of self-supply; only needs per day are multiplied by it.
    pub days: u32,
    /// Thousandths on top.
    pub redundancy_permille: u32,
    /// Thousandths by which the season raises or lowers the need; `None` is 1,000.
    pub season_factor_permille: Option<u32>,
    /// Thousandths of the need's unit per person; `None` is the need's own.
    pub per_person_milli: Option<i64>,
}

/// What the target follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// The same for every region, in the item's base unit or the need's unit.
    Absolute(i64),
    Population(ByPeople),
}

impl Amount {
    pub fn basis(&self) -> Basis {
        match self {
            Self::Absolute(_) => Basis::Absolute,
            Self::Population(_) => Basis::Population,
        }
    }
}

/// The quotas of every region of one tier within a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaRule {
    pub code: Code,
    pub name: String,
    /// In whose subtree it holds.
    pub region: RegionCode,
    pub tier: Tier,
    pub subject: Subject,
    pub amount: Amount,
    pub modes: Vec<Share>,
    /// Thousandths of the target below which stock may not fall.
    pub floor_permille: u32,
    /// The unit to whose whole number targets are rounded up; `None` is the base unit.
    pub pack: Option<String>,
    pub effective_from: NaiveDate,
    /// Last day in force; `None` is open-ended.
    pub effective_to: Option<NaiveDate>,
    pub document: Option<String>,
}

/// What a rule needs to know of its item or need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale<'a> {
    /// The need behind a target by people.
    pub need: Option<&'a Need>,
    /// What one unit of the subject gives of the need: 1 where the subject is the need itself.
    pub provides: i64,
    /// Units in one pack.
    pub pack: i64,
}

/// Target and floor of one region and mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub target: i64,
    pub floor: i64,
}

impl QuotaRule {
    /// Whether it is in force on `day`.
    pub fn in_force(&self, day: NaiveDate) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }

    /// Whether both are in force on at least one day.
    pub fn meets(&self, other: &Self) -> bool {
        self.effective_to.is_none_or(|last| other.effective_from <= last)
            && other.effective_to.is_none_or(|last| self.effective_from <= last)
    }

    /// The people of `region` to provide for; `None` where nobody has counted them, or where the
    /// rule asks for none.
    pub fn people(&self, region: &Region) -> Option<i64> {
        let Amount::Population(by) = &self.amount else { return None };
        match by.displaced {
            Displaced::Given => region.planned_displaced,
            Displaced::OfPopulation(permille) => {
                let part = i128::from(region.population?).saturating_mul(i128::from(permille));
                i64::try_from(div_up(part, i128::from(WHOLE))).ok()
            }
        }
    }

    /// What `share` of the target comes to; `None` where it is beyond any quantity.
    ///
    /// By people: `ceil_to_pack(P × r × D × (1+ξ) × season × μ ÷ provides)`, D for needs per day
    /// only; else `ceil_to_pack(target × μ)`. The floor is rounded up.
    pub fn target(&self, share: Share, people: i64, scale: Scale<'_>) -> Option<Target> {
        let (parts, divisor) = match &self.amount {
            Amount::Absolute(target) => (i128::from(*target), 1),
            Amount::Population(by) => by.parts(people, scale)?,
        };
        let parts = parts.checked_mul(i128::from(share.permille))?;
        let divisor = divisor.checked_mul(i128::from(WHOLE))?;
        let pack = i128::from(scale.pack.max(1));
        let packs = div_up(parts, divisor.checked_mul(pack)?);
        let target = packs.checked_mul(pack).and_then(|target| i64::try_from(target).ok());
        let target = target.filter(|target| *target <= MAX_QUANTITY)?;
        let floor = i128::from(target).saturating_mul(i128::from(self.floor_permille));
        let floor = i64::try_from(div_up(floor, i128::from(WHOLE))).ok()?;
        Some(Target { target, floor })
    }
}

impl ByPeople {
    /// The whole target as a fraction: dividend and divisor.
    fn parts(&self, people: i64, scale: Scale<'_>) -> Option<(i128, i128)> {
        let need = scale.need?;
        let days = if need.per == Per::Day { self.days } else { 1 };
        let per_person = self.per_person_milli.unwrap_or(need.per_person_milli);
        let raised = WHOLE.saturating_add(self.redundancy_permille);
        let season = self.season_factor_permille.unwrap_or(WHOLE);
        let factors = [i128::from(per_person), days.into(), raised.into(), season.into()];
        let dividend =
            factors.into_iter().try_fold(i128::from(people), |all, one| all.checked_mul(one))?;
        // Thousandths of the unit, of the redundancy and of the season.
        let divisor = i128::from(scale.provides.max(1)).checked_mul(1_000_000_000)?;
        Some((dividend, divisor))
    }
}

#[cfg(test)]
#[path = "quota_rule_tests.rs"]
mod tests;
