//! The air: what a helicopter base could lift into an area whose roads are closed.
//!
//! Lives here: which base, and for how many people by weight. Does not live here: the arithmetic of
//! sorties (`helibase`). Invariant: what could be lifted is no stock and covers nobody.

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::catalogue::{Item, ItemStatus, Need};
use crate::domain::helibase::{Helibase, Lift};
use crate::domain::profile::{ClockStart, Profile};
use crate::domain::quantity::{div_up, narrow};
use crate::domain::reference::Reference;
use crate::domain::region::Point;
use crate::domain::travel::distance_cm;

use super::answer::NeedRow;

/// What the best base could do for an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Air {
    pub base: Arc<Helibase>,
    pub lift: Lift,
    /// What one person needs of the mandatory needs that the area itself does not meet, in grams
    /// of the lightest goods; `None` where no item serves one of them.
    pub grams_per_person: Option<i64>,
    /// People whom so much weight serves, at most those there are; `None` where that is unknown.
    pub persons: Option<i64>,
}

/// Where and when something is to be lifted.
pub struct Asked<'a> {
    pub reference: &'a Reference,
    pub profile: &'a Profile,
    pub clock: ClockStart,
    pub point: Point,
    pub persons: i64,
    pub limit_min: i64,
    pub days: i64,
    pub on: NaiveDate,
}

impl Asked<'_> {
    /// The base that could lift most in time; of equals the nearest. `None` where there is none.
    pub fn air(&self, needs: &[NeedRow]) -> Option<Air> {
        let bases = self.reference.helibases.iter().map(|(_, base)| base);
        let active = bases.filter(|base| base.status == ItemStatus::Active);
        let lifts = active.map(|base| (base, self.lift(base)));
        let best = |(base, lift): &(&Arc<Helibase>, Lift)| {
            (Reverse(lift.capacity_kg), lift.cm, base.code.clone())
        };
        let (base, lift) = lifts.min_by_key(best)?;
        let grams_per_person = self.grams_per_person(needs);
        let persons = grams_per_person.map(|grams| {
            let lifted = i128::from(lift.capacity_kg) * 1_000;
            narrow(lifted / i128::from(grams.max(1))).min(self.persons)
        });
        Some(Air { base: Arc::clone(base), lift, grams_per_person, persons })
    }

    fn lift(&self, base: &Helibase) -> Lift {
        let regions = &self.reference.regions;
        let tier = regions.by_code(base.region).map(|region| region.tier);
        let decide_min = match (self.clock, tier) {
            (ClockStart::Disaster, Some(tier)) => self.profile.delivery(tier).decide_min,
            _ => 0,
        };
        let latest_min = self.limit_min - i64::from(self.profile.distribute_min);
        base.lift(distance_cm(base.location, self.point), decide_min, latest_min)
    }

    fn grams_per_person(&self, needs: &[NeedRow]) -> Option<i64> {
        let missing = needs.iter().filter(|row| row.need.mandatory && row.isolated < row.required);
        missing
            .map(|row| self.grams(&row.need))
            .try_fold(0_i64, |sum, grams| grams.map(|grams| sum.saturating_add(grams)))
    }

    /// What one person needs, in grams of the lightest item, rounded up.
    fn grams(&self, need: &Need) -> Option<i64> {
        let milli = need.required_milli(1, self.days, self.on);
        let items = self.reference.items.iter().map(|(_, item)| item);
        let serves = |item: &&Arc<Item>| item.status == ItemStatus::Active;
        let grams = items.filter(serves).filter_map(|item| {
            let provision = item.provision.as_ref().filter(|row| row.need == need.code)?;
            let weight = milli.saturating_mul(i128::from(item.weight_g));
            Some(div_up(weight, i128::from(provision.amount.max(1)) * 1_000))
        });
        grams.min().map(narrow)
    }
}
