//! The answer of a scenario: areas, deliveries, proofs.
//!
//! Lives here: plain values, and the figures that follow from all needs together. Does not live
//! here: how they came about. Invariant: an area's coverage is the least over its mandatory needs.

use std::sync::Arc;

use super::super::allocation::{Ask, Plan};
use super::super::catalogue::{Item, Need};
use super::super::coverage::Missing;
use super::super::depot::{Depot, Organization};
use super::super::position::Position;
use super::super::quantity::{Ratio, narrow};
use super::super::region::Region;
use super::goods::Load;
use super::ways::Ways;
use super::{Scenario, Struck};

/// Why an area gets less than it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// There is too little, however long one waits.
    Stock,
    /// It would get more if the limit were longer.
    Time,
    /// It would get more if no road were closed.
    Road,
}

impl Cause {
    pub const ALL: [Self; 3] = [Self::Stock, Self::Time, Self::Road];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Time => "time",
            Self::Road => "road",
        }
    }
}

/// One need of one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaNeed {
    pub need: Arc<Need>,
    /// In the need's unit.
    pub required: i64,
    /// In whole pieces of goods; the last piece may give more than was asked.
    pub delivered: i64,
    pub ratio: Ratio,
    pub cause: Option<Cause>,
    /// When the last of it is in people's hands.
    pub complete_at_min: Option<u32>,
}

/// One area of the scenario, in the order asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaRow {
    pub region: Arc<Region>,
    pub struck: Struck,
    pub limit_min: u32,
    /// The least ratio over the mandatory needs; `None` where it is unknown.
    pub coverage: Option<Ratio>,
    pub persons_covered: Option<i64>,
    /// Why it is unknown.
    pub missing: Option<Missing>,
    /// By code.
    pub needs: Vec<AreaNeed>,
}

impl AreaRow {
    /// The mandatory need with the least ratio.
    pub fn worst(&self) -> Option<&AreaNeed> {
        let mandatory = self.needs.iter().filter(|one| one.need.mandatory);
        mandatory.min_by(|a, b| a.cross(b).cmp(&b.cross(a)))
    }
}

impl AreaNeed {
    /// What is served, over the other's denominator.
    fn cross(&self, other: &Self) -> i128 {
        i128::from(self.delivered.min(self.required)) * i128::from(other.required)
    }
}

/// Goods from a depot to an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub depot: Arc<Depot>,
    /// Whose goods.
    pub owner: Arc<Organization>,
    /// The region of their account.
    pub owner_region: Arc<Region>,
    pub region: Arc<Region>,
    pub need: Arc<Need>,
    pub item: Arc<Item>,
    /// Base units.
    pub quantity: i64,
    pub arrives_min: u32,
    pub weight_g: i64,
    /// Whether the time rests on an inherited point.
    pub inherited: bool,
}

/// Areas that lack something whoever decides, and everything that can reach them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortageRow {
    pub need: Arc<Need>,
    pub regions: Vec<Arc<Region>>,
    /// Depots with any of it that reach one of the regions in time.
    pub depots: Vec<Arc<Depot>>,
    pub required: i64,
    pub reachable: i64,
    pub short: i64,
}

/// All of it, at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    pub areas: Vec<AreaRow>,
    pub deliveries: Vec<Delivery>,
    pub shortages: Vec<ShortageRow>,
    regions: Vec<Arc<Region>>,
    owners: Vec<Option<Arc<Region>>>,
}

impl Outcome {
    pub(super) fn of(position: &Position, scenario: &Scenario, ways: &Ways) -> Self {
        let regions = &position.reference.regions;
        let mut outcome = Self {
            owners: ways.holders.iter().map(|at| regions.get(at.owner).cloned()).collect(),
            ..Self::default()
        };
        for (at, struck) in scenario.areas.iter().enumerate() {
            let Some(region) = regions.get(struck.region) else { continue };
            outcome.regions.push(Arc::clone(region));
            outcome.areas.push(AreaRow {
                region: Arc::clone(region),
                struck: *struck,
                limit_min: ways.limit_min.get(at).copied().unwrap_or_default(),
                coverage: None,
                persons_covered: None,
                missing: ways.missing.get(at).copied().flatten(),
                needs: Vec::new(),
            });
        }
        outcome
    }

    /// Takes over one need's plan.
    pub(super) fn add(
        &mut self,
        need: &Arc<Need>,
        asks: &[Ask],
        (plan, causes): (&Plan, &[Option<Cause>]),
        loads: Vec<Load>,
        ways: &Ways,
    ) {
        let mut delivered = vec![(0_i64, None::<u32>); self.areas.len()];
        for load in loads {
            let link = load.shipment.link;
            if let Some((units, last)) = delivered.get_mut(link.area) {
                *units = units.saturating_add(load.units);
                *last = (*last).max(Some(link.minutes));
            }
            let (Some(holder), Some(region)) =
                (ways.holders.get(link.source), self.regions.get(link.area))
            else {
                continue;
            };
            let owner_region = self.owners.get(link.source).cloned().flatten();
            self.deliveries.push(Delivery {
                depot: Arc::clone(&holder.record),
                owner: load.owner,
                owner_region: owner_region.unwrap_or_else(|| Arc::clone(region)),
                region: Arc::clone(region),
                need: Arc::clone(need),
                quantity: load.pieces,
                arrives_min: link.minutes,
                weight_g: load.pieces.saturating_mul(load.item.weight_g),
                inherited: ways.is_inherited(link.source, link.area),
                item: load.item,
            });
        }
        let rows = self.areas.iter_mut().zip(asks).zip(delivered).zip(causes);
        for (((row, ask), (units, last)), cause) in rows.filter(|(((_, ask), _), _)| ask.units > 0)
        {
            row.needs.push(AreaNeed {
                need: Arc::clone(need),
                required: ask.units,
                delivered: units,
                ratio: Ratio::capped(i128::from(units), i128::from(ask.units)),
                cause: *cause,
                complete_at_min: last.filter(|_| units >= ask.units),
            });
        }
        let regions = |at: &usize| self.regions.get(*at).cloned();
        let depots = |at: &usize| ways.holders.get(*at).map(|holder| Arc::clone(&holder.record));
        for shortage in &plan.shortages {
            let mut depots: Vec<_> = shortage.sources.iter().filter_map(depots).collect();
            depots.dedup_by(|a, b| a.code == b.code);
            self.shortages.push(ShortageRow {
                need: Arc::clone(need),
                regions: shortage.areas.iter().filter_map(regions).collect(),
                depots,
                required: shortage.required,
                reachable: shortage.reachable,
                short: shortage.short(),
            });
        }
    }

    /// Draws each area's figures from its needs.
    pub(super) fn close(&mut self) {
        for row in &mut self.areas {
            if row.missing.is_some() {
                continue;
            }
            let persons = i128::from(row.struck.displaced);
            let worst = row.worst().map(|worst| (worst.delivered, worst.required, worst.ratio));
            match worst {
                Some((delivered, required, ratio)) => {
                    let served = i128::from(delivered.min(required));
                    row.coverage = Some(ratio);
                    row.persons_covered = Some(narrow(persons * served / i128::from(required)));
                }
                None if persons == 0 => {
                    row.coverage = Some(Ratio::ONE);
                    row.persons_covered = Some(0);
                }
                None => row.missing = Some(Missing::Needs),
            }
        }
        self.deliveries.sort_by(|a, b| {
            let key = |row: &Delivery| (row.region.code, row.arrives_min);
            let place = |row: &Delivery| (row.depot.code.clone(), row.item.code.clone());
            (key(a), place(a), &a.owner.code).cmp(&(key(b), place(b), &b.owner.code))
        });
    }
}
