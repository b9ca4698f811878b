//! The answer of a scenario: deliveries, proofs, and what is drawn from them.
//!
//! Lives here: plain values, and putting them together need by need. Does not live here: an area's
//! own figures (`area`), how plans came about. Invariant: what an area gets is what is delivered.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::allocation::{Haste, Plan};
use super::super::catalogue::{Item, Need};
use super::super::depot::{Depot, DepotStatus, Organization};
use super::super::position::Position;
use super::super::quantity::Ratio;
use super::super::region::{Region, RegionIx, Tier};
use super::super::travel::Travel;
use super::Scenario;
use super::air::{FeederRow, FlightRow};
use super::area::{AreaNeed, AreaRow, Relief};
use super::detail::Detail;
use super::escalation::Escalation;
use super::ferry::{self, FerryRow};
use super::fleet::{self, FleetRow, Fleets};
use super::goods::Load;
use super::held::held_back;
use super::questions::Asked;
use super::ways::Ways;

/// Goods from a depot to an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub depot: Arc<Depot>,
    /// Whose goods.
    pub owner: Arc<Organization>,
    /// The region of their account.
    pub owner_region: Arc<Region>,
    pub region: Arc<Region>,
    /// Whether the depot lies in it.
    pub inside: bool,
    pub need: Arc<Need>,
    pub item: Arc<Item>,
    /// Base units.
    pub quantity: i64,
    /// When it leaves the depot.
    pub leaves_min: u32,
    /// When people have it.
    pub arrives_min: u32,
    pub weight_g: i64,
    pub volume_ml: i64,
    /// In the need's unit.
    pub units: i64,
    /// Trucks for this row alone; `None` where nobody has said what one carries.
    pub trucks: Option<i64>,
    /// Whether the depot's trucks do not carry its load whole.
    pub without_truck: bool,
    /// On what the time rests.
    pub travel: Travel,
    /// Whether it rests on an inherited point.
    pub inherited: bool,
    /// Whether it goes round a stretch that is closed.
    pub detour: bool,
    /// The closure that makes it late, by its number among those of the scenario.
    pub held_by: Option<u32>,
    /// The water leg that it takes, by its number in the register.
    pub leg: Option<u32>,
}

/// Areas that lack something whoever decides, and everything that can reach them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortageRow {
    pub need: Arc<Need>,
    pub regions: Vec<Arc<Region>>,
    /// Depots with any of it that reach one of the regions in time, and what they hold; the sum is
    /// what is reachable.
    pub depots: Vec<(Arc<Depot>, i64)>,
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
    /// By code of the depot.
    pub fleets: Vec<FleetRow>,
    /// By code of the water leg.
    pub ferries: Vec<FerryRow>,
    /// What is flown on top of the plan, and why not, area by area.
    pub flights: Vec<FlightRow>,
    /// What is brought to bases for it, by code of the depot.
    pub feeders: Vec<FeederRow>,
    /// How quick the plan for each need is.
    pub hastes: Vec<(Arc<Need>, Haste)>,
    /// Where it is asked for.
    pub detail: Option<Detail>,
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
        let receiving = receiving(position, scenario);
        for (at, struck) in scenario.areas.iter().enumerate() {
            let Some(region) = regions.get(struck.region) else { continue };
            outcome.regions.push(Arc::clone(region));
            outcome.areas.push(AreaRow {
                region: Arc::clone(region),
                struck: *struck,
                limit_min: ways.limit_min.get(at).copied().unwrap_or_default(),
                coverage: None,
                persons_covered: None,
                unbounded: None,
                with_air: (None, None),
                missing: ways.missing.get(at).copied().flatten(),
                receiving: receiving.get(&struck.region).map(|(_, depot)| Arc::clone(depot)),
                escalation: Escalation::default(),
                needs: Vec::new(),
            });
        }
        outcome
    }

    /// Takes over one need's plan.
    pub(super) fn add(
        &mut self,
        one: &Asked,
        (plan, relief): (&Plan, &[Option<Relief>]),
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
            let delivery = self.delivery(one, load, ways);
            self.deliveries.extend(delivery);
        }
        let rows = self.areas.iter_mut().enumerate().zip(delivered).zip(relief);
        for (((at, row), (units, last)), relief) in rows {
            let (required, issued) = (one.required(at), one.issued(at));
            if required == 0 {
                continue;
            }
            let ask = one.asks.get(at).map_or(0, |ask| ask.units);
            let served = i128::from(issued) + i128::from(units);
            row.needs.push(AreaNeed {
                need: Arc::clone(one.need),
                required,
                issued,
                delivered: units,
                ratio: Ratio::capped(served, i128::from(required)),
                by_air: 0,
                without_truck: 0,
                unbounded: None,
                relief: *relief,
                held_back: match relief {
                    Some(relief) if relief.is_by_road() => held_back(ways, at, &one.held),
                    _ => Vec::new(),
                },
                complete_at_min: if ask == 0 { Some(0) } else { last.filter(|_| units >= ask) },
            });
        }
        self.hastes.push((Arc::clone(one.need), plan.haste.clone()));
        self.prove(one, plan, ways);
    }

    fn delivery(&self, one: &Asked, load: Load, ways: &Ways) -> Option<Delivery> {
        let link = load.shipment.link;
        let (holder, region) = (ways.holders.get(link.source)?, self.regions.get(link.area)?);
        let owner_region = self.owners.get(link.source).cloned().flatten();
        let way = ways.between(link.source, link.area)?;
        Some(Delivery {
            depot: Arc::clone(&holder.record),
            owner: load.owner,
            owner_region: owner_region.unwrap_or_else(|| Arc::clone(region)),
            region: Arc::clone(region),
            need: Arc::clone(one.need),
            quantity: load.pieces,
            leaves_min: way.leaves_min,
            arrives_min: link.minutes,
            weight_g: load.pieces.saturating_mul(load.item.weight_g),
            volume_ml: load.pieces.saturating_mul(load.item.volume_ml),
            inside: way.inside,
            units: load.units,
            trucks: None,
            without_truck: false,
            travel: way.travel,
            inherited: way.inherited,
            detour: way.detour,
            held_by: way.held_by(),
            leg: way.leg(),
            item: load.item,
        })
    }

    fn prove(&mut self, one: &Asked, plan: &Plan, ways: &Ways) {
        for shortage in &plan.shortages {
            let mut depots: Vec<(Arc<Depot>, i64)> = Vec::new();
            for source in &shortage.sources {
                let Some(holder) = ways.holders.get(*source) else { continue };
                let units = one.held.get(*source).copied().unwrap_or_default();
                match depots.last_mut().filter(|(depot, _)| depot.code == holder.record.code) {
                    Some((_, sum)) => *sum += units,
                    None => depots.push((Arc::clone(&holder.record), units)),
                }
            }
            let regions = shortage.areas.iter().filter_map(|at| self.regions.get(*at).cloned());
            self.shortages.push(ShortageRow {
                need: Arc::clone(one.need),
                regions: regions.collect(),
                depots,
                required: shortage.required,
                reachable: shortage.reachable,
                short: shortage.short(),
            });
        }
    }

    /// Draws each area's figures from its needs.
    pub(super) fn close(
        &mut self,
        position: &Position,
        fleets: Fleets,
        escalations: Vec<Escalation>,
    ) {
        self.deliveries.sort_by(|a, b| {
            let key = |row: &Delivery| (row.region.code, row.arrives_min);
            let place = |row: &Delivery| (row.depot.code.clone(), row.item.code.clone());
            (key(a), place(a), &a.owner.code).cmp(&(key(b), place(b), &b.owner.code))
        });
        self.fleets = fleet::check(position, &mut self.deliveries);
        for (row, escalation) in self.areas.iter_mut().zip(escalations) {
            row.escalation = escalation;
            row.judge();
        }
        match fleets {
            Fleets::Check => self.mark(),
            Fleets::Bound => {
                let (deliveries, areas) = (&mut self.deliveries, &mut self.areas);
                areas.iter_mut().for_each(|row| {
                    row.unbounded = Some((row.coverage, row.persons_covered));
                });
                fleet::cut(position, deliveries, areas, &mut self.fleets);
                areas.iter_mut().for_each(AreaRow::judge);
            }
        }
        self.ferries = ferry::check(position, &self.deliveries, &self.areas);
    }

    /// Sums by area and need what is in loads that trucks do not carry whole.
    fn mark(&mut self) {
        for row in &mut self.areas {
            let region = row.region.code;
            let late = self.deliveries.iter().filter(|one| one.without_truck);
            for sent in late.filter(|one| one.region.code == region) {
                let need = row.needs.iter_mut().find(|one| one.need.code == sent.need.code);
                if let Some(need) = need {
                    need.without_truck = need.without_truck.saturating_add(sent.units);
                }
            }
        }
    }
}

/// The active depot of each area that takes in what comes from elsewhere: of the highest tier, then
/// the first by code.
fn receiving(position: &Position, scenario: &Scenario) -> HashMap<RegionIx, (Tier, Arc<Depot>)> {
    let reference = &position.reference;
    let struck: HashSet<RegionIx> = scenario.areas.iter().map(|area| area.region).collect();
    let disabled: HashSet<u32> = scenario.disabled.iter().copied().collect();
    let mut found: HashMap<RegionIx, (Tier, Arc<Depot>)> = HashMap::new();
    for (ix, depot) in reference.depots.iter() {
        let Some(region) = reference.depot_region(ix) else { continue };
        let area = reference.regions.chain(region).find(|at| struck.contains(at));
        let active = depot.status == DepotStatus::Active && !disabled.contains(&ix);
        let tier = reference.regions.get(region).map(|region| region.tier);
        let Some((area, tier)) = area.zip(tier).filter(|_| active) else { continue };
        let better =
            |(known, first): &(Tier, Arc<Depot>)| (tier, &depot.code) < (*known, &first.code);
        if found.get(&area).is_none_or(better) {
            found.insert(area, (tier, Arc::clone(depot)));
        }
    }
    found
}
