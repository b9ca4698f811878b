//! Doubts: quotas that count people of regions whose people are not known.
//!
//! Lives here: which quotas these are, found once for one state of the reference data. Does not
//! live here: what an answer makes of it (`certainty`). Invariant: a quota whose basis is absolute
//! is never in doubt.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::super::quota::{Basis, Mode, Quota, Subject};
use super::super::quota_rule::{Amount, Displaced};
use super::super::region::RegionIx;
use super::Reference;

/// A quota in doubt, with the place of its region.
pub type Doubt = (RegionIx, Arc<Quota>);

/// Quotas in doubt by what they are about, in tree order of their regions.
#[derive(Debug, Clone, Default)]
pub struct Doubts {
    lines: HashMap<(Subject, Mode), Vec<Doubt>>,
}

impl Doubts {
    fn of(reference: &Reference) -> Self {
        let mut doubts = Self::default();
        for quota in reference.quotas.values() {
            let region = reference.regions.find(quota.region);
            if let Some(region) = region.filter(|_| reference.is_in_doubt(quota)) {
                let line = doubts.lines.entry((quota.subject.clone(), quota.mode)).or_default();
                line.push((region, Arc::clone(quota)));
            }
        }
        for line in doubts.lines.values_mut() {
            line.sort_unstable_by_key(|(region, quota)| (*region, quota.id));
        }
        doubts
    }

    /// All that are about one kind of goods, in tree order of their regions.
    pub fn about(&self, subject: &Subject, mode: Mode) -> &[Doubt] {
        if self.lines.is_empty() {
            return &[];
        }
        self.lines.get(&(subject.clone(), mode)).map_or(&[], Vec::as_slice)
    }

    /// Whether the quota of a region that is in force on a day is in doubt.
    pub fn is_about(&self, subject: &Subject, mode: Mode, region: RegionIx, on: NaiveDate) -> bool {
        let all = self.about(subject, mode);
        let from = all.partition_point(|(at, _)| *at < region);
        let here = all.iter().skip(from).take_while(|(at, _)| *at == region);
        here.into_iter().any(|(_, quota)| quota.in_force(on))
    }
}

impl Reference {
    /// The quotas in doubt; found when first asked for.
    pub fn doubts(&self) -> &Doubts {
        self.doubts.get_or_init(|| Doubts::of(self))
    }

    /// Whether a quota counts people that its region does not tell.
    pub fn is_in_doubt(&self, quota: &Quota) -> bool {
        quota.basis == Basis::Population && self.lacks_people(quota)
    }

    fn lacks_people(&self, quota: &Quota) -> bool {
        let Some(region) = self.regions.by_code(quota.region) else {
            return false;
        };
        let rule = quota.rule.as_ref();
        let rule = rule.and_then(|code| self.quota_rules.by_code(code.as_str()));
        let (planned, all) = (region.planned_displaced.is_none(), region.population.is_none());
        match rule.map(|rule| &rule.amount) {
            Some(Amount::Absolute(_)) => false,
            Some(Amount::Population(by)) => match by.displaced {
                Displaced::Given => planned,
                Displaced::OfPopulation(_) => all,
            },
            None => planned && all,
        }
    }
}
