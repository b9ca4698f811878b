//! What the rows of a rotation plan rest on, where that is asked for.
//!
//! Lives here: the floor and the quotas that bind, where a lot lies, what its channel takes. Does
//! not live here: the plan. Invariant: a depot outside the caller's scope is not named; its goods
//! are counted, as they are the account's own.

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::catalogue::Item;
use crate::domain::movement::{Condition, Place};
use crate::domain::position::lot_index;
use crate::domain::quota::{Mode, Subject};
use crate::domain::region::RegionIx;
use crate::domain::rotation::{Inbound, Moved, Plan, RotateOut, Source, Task};

use super::super::access::Caller;
use super::super::answer::QuotaRow;

/// What binds on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct BindingFloor {
    on: String,
    floor: i64,
    quota: i64,
    /// Effective stock from this day on, under the plan.
    effective: i64,
    /// Whether the floor is the request's instead of the quotas'.
    asked: bool,
    /// Their floors add up to `floor`; empty where it is the request's.
    quotas: Vec<QuotaRow>,
}

/// Why a purchase is so large and so early.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboundDetail {
    binding: BindingFloor,
    pack: i64,
    /// `quantity / pack`.
    packs: i64,
    purchase_lead_days: u32,
    safety_days: u32,
}

/// Why a purchase is brought forward.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveDetail {
    binding: BindingFloor,
}

/// Where goods of a lot lie today.
#[derive(Debug, Serialize, ToSchema)]
pub struct LotPlace {
    /// `null` where the account's goods lie outside the caller's region.
    depot: Option<String>,
    depot_name: Option<String>,
    owner: String,
    quantity: i64,
}

/// What channels take in a calendar year.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelCap {
    year: i32,
    /// `annual_cap_permille` of the target, cut down.
    quantity: i64,
    /// What the rows before this one take of it.
    taken_before: i64,
}

/// What a removal rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct RotateOutDetail {
    binding: BindingFloor,
    /// Of a lot of the book: where the account has any of it.
    places: Vec<LotPlace>,
    /// Days that the goods must still be usable when the channel takes them.
    min_days_left: Option<u32>,
    /// Days from the decision until they leave.
    lead_days: Option<u32>,
    /// `null`: the channel takes any amount, or there is none.
    cap: Option<ChannelCap>,
}

/// One plan, and what it was asked for.
pub struct Grounds<'a, P> {
    pub caller: &'a Caller<P>,
    pub region: RegionIx,
    pub item: u32,
    pub task: &'a Task,
    pub plan: &'a Plan,
    /// Whether the request names a floor.
    pub asked_floor: bool,
}

impl<P> Grounds<'_, P> {
    fn binding(&self, on: NaiveDate) -> BindingFloor {
        let reference = &self.caller.position.reference;
        let steps = self.plan.after.steps.iter();
        let step = steps.take_while(|step| step.on <= on).last();
        let region = reference.regions.get(self.region).map(|region| region.code);
        let item = reference.items.get(self.item);
        let line = region.zip(item).filter(|_| !self.asked_floor);
        let quotas = line.map(|(region, item): (_, &std::sync::Arc<Item>)| {
            reference.quotas.of_line(region, &Subject::Item(item.code.clone()), Mode::GovPhysical)
        });
        let in_force = quotas.into_iter().flatten().filter(|quota| quota.in_force(on));
        BindingFloor {
            on: on.to_string(),
            floor: step.map_or(0, |step| step.floor),
            quota: step.map_or(0, |step| step.quota),
            effective: step.map_or(0, |step| step.effective),
            asked: self.asked_floor,
            quotas: in_force.map(|quota| QuotaRow::of(reference, quota)).collect(),
        }
    }

    pub fn inbound(&self, row: &Inbound) -> InboundDetail {
        InboundDetail {
            binding: self.binding(row.needed_on),
            pack: self.task.pack,
            packs: row.quantity.checked_div(self.task.pack).unwrap_or_default(),
            purchase_lead_days: self.task.turnover.purchase_lead_days,
            safety_days: self.task.turnover.safety_days,
        }
    }

    pub fn moved(&self, row: &Moved) -> MoveDetail {
        MoveDetail { binding: self.binding(row.needed_on) }
    }

    /// Of the plan's removal at a place.
    pub fn rotate_out(&self, nth: usize, row: &RotateOut) -> RotateOutDetail {
        let channel = row.channel.and_then(|ix| self.task.turnover.channels.get(ix));
        let binding = self.binding(row.on);
        RotateOutDetail {
            places: self.places(row.source),
            min_days_left: channel.map(|channel| channel.min_days_left),
            lead_days: channel.map(|channel| channel.lead_days),
            cap: channel.and_then(|_| self.cap(nth, row, binding.quota)),
            binding,
        }
    }

    fn cap(&self, nth: usize, row: &RotateOut, target: i64) -> Option<ChannelCap> {
        let permille = i64::from(self.task.turnover.annual_cap_permille?);
        let year = row.on.year();
        let before = self.plan.rotate_outs.iter().take(nth);
        let taken = before.filter(|other| other.channel.is_some() && other.on.year() == year);
        Some(ChannelCap {
            year,
            quantity: target.saturating_mul(permille) / 1_000,
            taken_before: taken.fold(0, |sum, other| sum.saturating_add(other.quantity)),
        })
    }

    fn places(&self, source: Source) -> Vec<LotPlace> {
        let position = &self.caller.position;
        let reference = &position.reference;
        let Source::Lot(id) = source else { return Vec::new() };
        let lot = lot_index(id);
        let mut found = Vec::new();
        for depot in position.depots_holding(self.item, |owner| owner == self.region) {
            let rows = position.shard(depot).map_or(&[][..], |shard| shard.of_item(self.item));
            let of_lot = rows.iter().filter(|row| {
                let good = row.key.place == Place::Depot && row.key.condition == Condition::Good;
                let owner = reference.owner_region(row.key.owner);
                Some(row.key.lot) == lot && good && owner == Some(self.region) && row.quantity > 0
            });
            let place = reference.depots.get(depot);
            let sees = |code| self.caller.principal.sees_code(&reference.regions, code);
            let seen = place.filter(|depot| sees(depot.region));
            found.extend(of_lot.map(|row| {
                LotPlace {
                    depot: seen.map(|depot| depot.code.to_string()),
                    depot_name: seen.map(|depot| depot.name.clone()),
                    owner: reference
                        .organizations
                        .get(row.key.owner)
                        .map(|owner| owner.code.to_string())
                        .unwrap_or_default(),
                    quantity: row.quantity,
                }
            }));
        }
        found
    }
}
