//! Whether a quota rule fits the rest of the reference data.
//!
//! Lives here: what a rule's words must name, and the rules it must not meet. Does not live here:
//! its figures (`quota_rule`). Invariant: on any day at most one rule is about a tier's line.

use super::super::quota::{Quota, Subject};
use super::super::quota_rule::{Amount, QuotaRule, Scale};
use super::super::refusal::{Fault, FaultCode, Refusal};
use super::super::region::RegionIx;
use super::{Reference, unknown};

impl Reference {
    /// What the figures of `rule` count in; `None` where its item, need or pack is gone, or its
    /// item serves no need that people could be counted in.
    pub fn scale<'a>(&'a self, rule: &QuotaRule) -> Option<Scale<'a>> {
        let by_people = matches!(rule.amount, Amount::Population(_));
        match &rule.subject {
            Subject::Need(code) => {
                let need = self.needs.by_code(code.as_str())?;
                Some(Scale { need: Some(need.as_ref()), provides: 1, pack: 1 })
            }
            Subject::Item(code) => {
                let item = self.items.by_code(code.as_str())?;
                let pack = rule.pack.as_deref().map_or(Some(1), |unit| item.factor_of(unit))?;
                let provision = item.provision.as_ref().filter(|_| by_people);
                let need = provision
                    .and_then(|provision| self.needs.by_code(provision.need.as_str()))
                    .map(AsRef::as_ref);
                if by_people && need.is_none() {
                    return None;
                }
                let provides = provision.map_or(1, |provision| provision.amount);
                Some(Scale { need, provides, pack })
            }
        }
    }

    pub(super) fn check_quota_rule(&self, rule: &QuotaRule) -> Result<(), Refusal> {
        self.known_region(rule.region, "/region")?;
        self.known_subject(&rule.subject)?;
        let mut faults = Vec::new();
        faults.extend(self.unfit_goods(rule));
        faults.extend(self.unfit_places(rule));
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        match self.rival_rule(rule) {
            None => Ok(()),
            Some(rival) => Err(Refusal::Conflict {
                kind: "quota_rule",
                code: rule.code.to_string(),
                with: rival.code.to_string(),
            }),
        }
    }

    fn unfit_goods(&self, rule: &QuotaRule) -> Vec<Fault> {
        let Subject::Item(code) = &rule.subject else {
            let pack = rule.pack.iter();
            let expected = "absent: a need has no packs";
            return pack.map(|_| Fault::new("/pack", FaultCode::NotAllowed, expected)).collect();
        };
        let Some(item) = self.items.by_code(code.as_str()) else { return Vec::new() };
        let mut faults = Vec::new();
        if matches!(rule.amount, Amount::Population(_)) && item.provision.is_none() {
            let expected = "an item that serves a need, or basis absolute";
            faults.push(Fault::new("/item", FaultCode::Disagrees, expected));
        }
        if rule.pack.as_deref().is_some_and(|unit| item.factor_of(unit).is_none()) {
            let expected = format!("one of {}", item.units().join(", "));
            faults.push(Fault::new("/pack", FaultCode::UnknownUnit, expected));
        }
        faults
    }

    fn unfit_places(&self, rule: &QuotaRule) -> Option<Fault> {
        let mut places = self.regions_of_rule(rule).peekable();
        if places.peek().is_none() {
            let expected = "a tier of which the region has regions";
            return Some(Fault::new("/tier", FaultCode::Hierarchy, expected));
        }
        self.uncounted(rule, places)
    }

    /// The fault of a rule by people that nobody has counted anywhere in `places`.
    pub fn uncounted(
        &self,
        rule: &QuotaRule,
        mut places: impl Iterator<Item = RegionIx>,
    ) -> Option<Fault> {
        let counted = |ix| self.regions.get(ix).is_some_and(|row| rule.people(row).is_some());
        if matches!(rule.amount, Amount::Absolute(_)) || places.any(counted) {
            return None;
        }
        let expected = "a region whose people are counted: its population or planned_displaced";
        Some(Fault::new("/region", FaultCode::Required, expected))
    }

    /// The regions whose quotas `rule` sets.
    pub fn regions_of_rule<'a>(
        &'a self,
        rule: &'a QuotaRule,
    ) -> impl Iterator<Item = RegionIx> + 'a {
        let root = self.regions.find(rule.region);
        let places = root.into_iter().flat_map(|root| self.regions.subtree(root));
        places.filter(|ix| self.regions.get(*ix).is_some_and(|row| row.tier == rule.tier))
    }

    /// Another rule about the same line on one of the same days.
    fn rival_rule(&self, rule: &QuotaRule) -> Option<&QuotaRule> {
        let root = self.regions.find(rule.region)?;
        let nested = |other: &QuotaRule| {
            let there = self.regions.find(other.region);
            there.is_some_and(|ix| self.regions.within(ix, root) || self.regions.within(root, ix))
        };
        let mut rules = self.quota_rules.iter().map(|(_, other)| other.as_ref());
        rules.find(|other| {
            other.code != rule.code
                && other.tier == rule.tier
                && other.subject == rule.subject
                && other.meets(rule)
                && nested(other)
        })
    }

    /// A quota's rule is one that holds where the quota does.
    pub(super) fn check_rule_of(&self, quota: &Quota) -> Result<(), Refusal> {
        let Some(code) = &quota.rule else { return Ok(()) };
        let rule = self.quota_rules.by_code(code.as_str());
        let regions = &self.regions;
        let holds = rule.is_some_and(|rule| {
            let (root, here) = (regions.find(rule.region), regions.find(quota.region));
            root.zip(here).is_some_and(|(root, here)| regions.within(here, root))
        });
        if holds { Ok(()) } else { Err(unknown("quota_rule", code.as_str(), "/rule")) }
    }
}
