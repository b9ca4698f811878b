//! The answer of a scenario: areas, deliveries, proofs.
//!
//! Lives here: plain values, and the figures that follow from all needs together. Does not live
//! here: how they came about. Invariant: an area's coverage is the least over its mandatory needs.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::allocation::{Haste, Plan};
use super::super::catalogue::{Item, Need};
use super::super::coverage::Missing;
use super::super::depot::{Depot, DepotStatus, Organization};
use super::super::position::Position;
use super::super::quantity::{Ratio, narrow};
use super::super::region::{Region, RegionIx, Tier};
use super::super::travel::Travel;
use super::detail::Detail;
use super::escalation::Escalation;
use super::ferry::{self, FerryRow};
use super::fleet::{self, FleetRow};
use super::goods::Load;
use super::held::{HeldBack, held_back};
use super::questions::Asked;
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

/// What an area that is short would get if something were otherwise, each by solving again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relief {
    /// What would have to be otherwise for it to get more.
    pub cause: Cause,
    /// With every road open; `None` where no road is closed.
    pub on_open_roads: Option<i64>,
    /// Without a time limit.
    pub whenever: i64,
}

/// One need of one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaNeed {
    pub need: Arc<Need>,
    /// In the need's unit.
    pub required: i64,
    /// What has been issued for it, of what is required.
    pub issued: i64,
    /// In whole pieces of goods; the last piece may give more than was asked.
    pub delivered: i64,
    pub ratio: Ratio,
    /// What of it is in loads that the trucks of their depots do not carry whole.
    pub without_truck: i64,
    /// Where it is less than required.
    pub relief: Option<Relief>,
    /// Where closed roads are the cause: what each closure holds back.
    pub held_back: Vec<HeldBack>,
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
    /// The depot in it that takes in what comes from elsewhere.
    pub receiving: Option<Arc<Depot>>,
    /// Up to which level goods must be called for.
    pub escalation: Escalation,
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
    /// What people have in the end, at most what they need.
    pub fn served(&self) -> i64 {
        self.issued.saturating_add(self.delivered).min(self.required)
    }

    /// What is served, over the other's denominator.
    fn cross(&self, other: &Self) -> i128 {
        i128::from(self.served()) * i128::from(other.required)
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
                without_truck: 0,
                relief: *relief,
                held_back: match relief {
                    Some(Relief { cause: Cause::Road, .. }) => held_back(ways, at, &one.held),
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
    pub(super) fn close(&mut self, position: &Position, escalations: Vec<Escalation>) {
        self.deliveries.sort_by(|a, b| {
            let key = |row: &Delivery| (row.region.code, row.arrives_min);
            let place = |row: &Delivery| (row.depot.code.clone(), row.item.code.clone());
            (key(a), place(a), &a.owner.code).cmp(&(key(b), place(b), &b.owner.code))
        });
        self.fleets = fleet::check(position, &mut self.deliveries);
        self.ferries = ferry::check(position, &self.deliveries, &self.areas);
        for (row, escalation) in self.areas.iter_mut().zip(escalations) {
            row.escalation = escalation;
            let region = row.region.code;
            let late = self.deliveries.iter().filter(|one| one.without_truck);
            for sent in late.filter(|one| one.region.code == region) {
                let need = row.needs.iter_mut().find(|one| one.need.code == sent.need.code);
                if let Some(need) = need {
                    need.without_truck = need.without_truck.saturating_add(sent.units);
                }
            }
            if row.missing.is_some() {
                continue;
            }
            let persons = i128::from(row.struck.displaced);
            let worst = row.worst().map(|worst| (worst.served(), worst.required, worst.ratio));
            match worst {
                Some((served, required, ratio)) => {
                    let served = i128::from(served);
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
