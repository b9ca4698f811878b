//! What is asked of a rotation plan, and the task that follows from it and the book.
//!
//! Lives here: which figure comes from the request, the city's profile, the item or the quotas.
//! Does not live here: the plan (`plan`). Invariant: nothing asked here changes the book.

use chrono::NaiveDate;

use super::balance::{Holding, Standard, holdings, standards};
use super::committed::on_order;
use super::plan::{Commitment, Task, Withdrawal};
use crate::domain::catalogue::{Item, LifeKind};
use crate::domain::position::Position;
use crate::domain::profile::{Channel, RotationMode, Turnover};
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::RegionIx;

/// Goods supposed to be there, or not to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supposition {
    /// `None`: goods that are in no book.
    pub lot_id: Option<i64>,
    /// More of it; negative is less.
    pub quantity: i64,
    /// Of goods without a lot; `None` never ends.
    pub last_usable_on: Option<NaiveDate>,
}

/// What is asked; what is `None` follows from profile, item and quotas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    pub today: NaiveDate,
    pub period: (NaiveDate, NaiveDate),
    pub floor: Option<i64>,
    pub suppositions: Vec<Supposition>,
    pub committed: Vec<Commitment>,
    /// Whether the lines of plans that are on order are committed, too.
    pub on_order: bool,
    pub withdrawals: Vec<Withdrawal>,
    pub mode: Option<RotationMode>,
    pub gap_days: Option<u32>,
    pub safety_days: Option<u32>,
    pub purchase_lead_days: Option<u32>,
    pub annual_cap_permille: Option<u32>,
    pub channels: Option<Vec<Channel>>,
    pub life_months: Option<u32>,
    /// A unit of the item.
    pub pack: Option<String>,
}

impl WhatIf {
    /// The task of `region`'s own account of `item`.
    ///
    /// # Errors
    /// Every fault of what was asked.
    pub fn task(
        &self,
        position: &Position,
        region: RegionIx,
        item: u32,
    ) -> Result<Task, Vec<Fault>> {
        let reference = &position.reference;
        let Some(record) = reference.items.get(item) else {
            return Err(vec![Fault::new("item", FaultCode::UnknownValue, "an item code")]);
        };
        let mut faults = Vec::new();
        let supposed = self.supposed(holdings(position, region, item), &mut faults);
        let life_months = self.life(record, &mut faults);
        let pack = self.pack(record, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut committed = self.committed.clone();
        if self.on_order {
            let orders = on_order(position, region, item, self.period.0);
            committed.extend(orders.commitments());
        }
        let profile = reference.profile_of(region).and_then(|profile| profile.rotation.clone());
        Ok(Task {
            today: self.today,
            period: self.period,
            holdings: supposed,
            standards: self.standards(standards(position, region, item)),
            committed,
            withdrawals: self.withdrawals.clone(),
            turnover: self.turnover(profile, record),
            life_months,
            pack,
        })
    }

    fn supposed(&self, mut held: Vec<Holding>, faults: &mut Vec<Fault>) -> Vec<Holding> {
        for (ix, change) in self.suppositions.iter().enumerate() {
            let at = |field: &str| format!("holdings_changes/{ix}/{field}");
            let Some(id) = change.lot_id else {
                if change.quantity < 1 {
                    let expected = "1 or more where no lot is named";
                    faults.push(Fault::new(at("quantity"), FaultCode::OutOfRange, expected));
                }
                let (quantity, last_usable_on) = (change.quantity, change.last_usable_on);
                held.push(Holding { lot_id: None, quantity, last_usable_on });
                continue;
            };
            let Some(lot) = held.iter_mut().find(|lot| lot.lot_id == Some(id)) else {
                let expected = "a lot of the account";
                faults.push(Fault::new(at("lot_id"), FaultCode::UnknownValue, expected));
                continue;
            };
            let quantity = lot.quantity.saturating_add(change.quantity);
            if quantity < 0 {
                let expected = format!("-{} or more", lot.quantity);
                faults.push(Fault::new(at("quantity"), FaultCode::OutOfRange, expected));
            }
            lot.quantity = quantity;
        }
        held
    }

    /// Months for which a delivery is usable.
    fn life(&self, item: &Item, faults: &mut Vec<Fault>) -> Option<u32> {
        let months = self.life_months.or(match item.life.kind {
            LifeKind::None => None,
            LifeKind::Hard | LifeKind::Advisory => item.life.months,
        });
        if months.is_none() && item.life.kind != LifeKind::None {
            let expected = "the months of a delivery: the item's life rule names none";
            faults.push(Fault::new("replacement_life_months", FaultCode::Required, expected));
        }
        months
    }

    /// Base units of which purchases are multiples: the smallest pack, unless one is named.
    fn pack(&self, item: &Item, faults: &mut Vec<Fault>) -> i64 {
        let Some(unit) = &self.pack else {
            return item.packs.iter().map(|pack| pack.factor).min().unwrap_or(1).max(1);
        };
        item.factor_of(unit).unwrap_or_else(|| {
            let expected = format!("one of {}", item.units().join(", "));
            faults.push(Fault::new("pack", FaultCode::UnknownUnit, expected));
            1
        })
    }

    fn standards(&self, quotas: Vec<Standard>) -> Vec<Standard> {
        let Some(floor) = self.floor else {
            return quotas;
        };
        let from = self.period.0;
        let in_force =
            quotas.iter().filter(|one| one.from <= from && one.to.is_none_or(|to| from <= to));
        let target: i64 = in_force.map(|one| one.target).sum();
        vec![Standard { target: target.max(floor), floor, from, to: None }]
    }

    fn turnover(&self, profile: Option<Turnover>, item: &Item) -> Turnover {
        let lead = item.life.lead_days.unwrap_or(0);
        let known =
            profile.unwrap_or_else(|| Turnover { purchase_lead_days: lead, ..Turnover::default() });
        Turnover {
            mode: self.mode.unwrap_or(known.mode),
            gap_days: self.gap_days.unwrap_or(known.gap_days),
            safety_days: self.safety_days.unwrap_or(known.safety_days),
            purchase_lead_days: self.purchase_lead_days.unwrap_or(known.purchase_lead_days),
            annual_cap_permille: self.annual_cap_permille.or(known.annual_cap_permille),
            channels: self.channels.clone().unwrap_or(known.channels),
        }
    }
}
