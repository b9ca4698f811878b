//! Detail of a scenario: how deliveries grow with the hours, and what other circumstances change.
//!
//! Lives here: the three curves and the variants. Does not live here: what to buy (`advice`).
//! Invariant: at no hour has the plan, or nearest-first, delivered more than the potential.

use super::super::allocation::{Link, Plan, allocate_while};
use super::super::coverage::{Scope, Supply};
use super::super::position::Position;
use super::super::quantity::Ratio;
use super::advice::{Advice, advise};
use super::questions::{Asked, Shares, asked, lowest, persons, shares};
use super::survivors::Sent;
use super::ways::{Compass, Ways};
use super::{MAX_HOURS, Scenario, goods};

/// The most pairs of an area and a depot that are looked at in detail.
pub const MAX_DETAILED_WAYS: usize = 300_000;
/// The most steps of a curve.
const MAX_STEPS: u32 = 24;
const MIN_PER_HOUR: u32 = 60;

/// What is delivered by some minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The part of what is asked for, on the mean of the mandatory needs, cut down.
    pub share: Ratio,
    /// People all of whose mandatory needs are met.
    pub persons: i64,
}

/// One step of the curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub at_min: u32,
    /// The most that could be delivered by then, whatever comes after.
    pub potential: Mark,
    pub plan: Mark,
    /// If each depot served the nearest that still asks.
    pub nearest_first: Mark,
}

/// A circumstance that is otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variation {
    SpeedPercent(u32),
    SurvivingPercent(u32),
    Hours(u32),
    Scope(Scope),
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    pub variation: Variation,
    pub persons: i64,
    pub lowest: Option<Ratio>,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    pub curve: Vec<Step>,
    pub variants: Vec<Variant>,
    pub advice: Vec<Advice>,
}

/// A scenario that has been answered.
pub struct Case<'a> {
    pub position: &'a Position,
    pub scenario: &'a Scenario,
    pub supply: &'a Supply,
    pub ways: &'a Ways,
    pub asked: &'a [Asked<'a>],
    /// In the order of `asked`.
    pub plans: &'a [Plan],
    /// All of them, in whole pieces.
    pub sent: Sent<'a>,
}

impl Case<'_> {
    /// Curves, variants and advice; quickest plans are looked for as long as `go_on` says so.
    pub fn detail(&self, compass: &mut Compass, go_on: &mut dyn FnMut() -> bool) -> Detail {
        let variants = self.variants(compass, go_on);
        Detail { curve: self.curve(), variants, advice: advise(self) }
    }

    fn mark(&self, shares: &Shares) -> Mark {
        const FINE: i128 = 1_000_000_000_000;
        let mandatory = self.asked.iter().zip(shares).filter(|(one, _)| one.need.mandatory);
        let parts: Vec<i128> = mandatory
            .map(|(one, units)| {
                let areas = 0..self.scenario.areas.len();
                let all: i64 = areas.clone().map(|area| one.served(area, units)).sum();
                let required: i64 = areas.map(|area| one.required(area)).sum();
                i128::from(all) * FINE / i128::from(required.max(1))
            })
            .collect();
        let count = i128::try_from(parts.len()).unwrap_or(1).max(1);
        Mark {
            share: Ratio::capped(parts.iter().sum(), count * FINE),
            persons: persons(self.scenario, self.asked, shares),
        }
    }

    fn curve(&self) -> Vec<Step> {
        let limit = self.ways.limit_min.iter().copied().max().unwrap_or_default();
        let step = limit.div_ceil(MIN_PER_HOUR).div_ceil(MAX_STEPS).max(1) * MIN_PER_HOUR;
        let order = self.ways.quickest_first();
        let nearest: Vec<Vec<(u32, usize, i64)>> =
            self.asked.iter().map(|one| nearest_first(one, &order)).collect();
        let mut minutes: Vec<u32> =
            (1..).map_while(|n| (n * step < limit).then_some(n * step)).collect();
        minutes.push(limit);
        minutes.into_iter().map(|at_min| self.step(at_min, &nearest)).collect()
    }

    fn step(&self, at_min: u32, nearest: &[Vec<(u32, usize, i64)>]) -> Step {
        let by = |loads: &mut dyn Iterator<Item = (u32, usize, i64)>| {
            let mut units = vec![0; self.scenario.areas.len()];
            for (_, area, sent) in loads.filter(|(minutes, _, _)| *minutes <= at_min) {
                if let Some(sum) = units.get_mut(area) {
                    *sum += sent;
                }
            }
            units
        };
        let planned = self.plans.iter().map(|plan| {
            let shipments = plan.shipments.iter();
            by(&mut shipments.map(|one| (one.link.minutes, one.link.area, one.units)))
        });
        let greedy = nearest.iter().map(|loads| by(&mut loads.iter().copied()));
        let potential = shares(self.asked, &self.ways.in_time_by(at_min));
        Step {
            at_min,
            potential: self.mark(&potential),
            plan: self.mark(&planned.collect()),
            nearest_first: self.mark(&greedy.collect()),
        }
    }

    /// Each circumstance answered as if it had been asked about: in whole pieces of goods.
    fn variants(&self, compass: &mut Compass, go_on: &mut dyn FnMut() -> bool) -> Vec<Variant> {
        let scenario = self.scenario;
        let limit = self.ways.limit_min.iter().copied().max().unwrap_or_default();
        let hours = limit / MIN_PER_HOUR;
        let mut variations = vec![
            Variation::SpeedPercent((scenario.speed_percent / 2).max(1)),
            Variation::SurvivingPercent(scenario.surviving_percent / 2),
            Variation::Hours((hours / 2).max(1)),
            Variation::Hours(hours.saturating_mul(2).clamp(1, MAX_HOURS)),
        ];
        let wider = Scope::ALL.into_iter().filter(|scope| *scope > scenario.scope);
        variations.extend(wider.map(Variation::Scope));
        let answered = variations.into_iter().filter_map(|variation| {
            let mut other = scenario.clone();
            match variation {
                Variation::SpeedPercent(percent) => other.speed_percent = percent,
                Variation::SurvivingPercent(percent) => other.surviving_percent = percent,
                Variation::Hours(hours) => other.hours = Some(hours),
                Variation::Scope(scope) => other.scope = scope,
            }
            let most = MAX_DETAILED_WAYS;
            let ways = Ways::of(self.position, &other, self.supply, compass, most).ok()?;
            let asked = asked(self.position, &other, self.supply, &ways);
            let reach = ways.in_time();
            let loaded = |one: &Asked| {
                let plan = allocate_while(one.over(&reach), go_on);
                let goods =
                    goods::load(self.position, &other, (self.supply, &ways), (one.place, &plan));
                goods::units(&goods, other.areas.len())
            };
            let shares: Shares = asked.iter().map(loaded).collect();
            let persons = persons(&other, &asked, &shares);
            Some(Variant { variation, persons, lowest: lowest(&other, &asked, &shares) })
        });
        answered.collect()
    }
}

/// Minutes, area and units of every delivery if the quickest way always went first.
fn nearest_first(one: &Asked, order: &[Link]) -> Vec<(u32, usize, i64)> {
    let mut left = one.held.clone();
    let mut open: Vec<i64> = one.asks.iter().map(|ask| ask.units).collect();
    let mut loads = Vec::new();
    for link in order {
        let ends = left.get_mut(link.source).zip(open.get_mut(link.area));
        let Some((have, want)) = ends else { continue };
        let sent = (*have).min(*want);
        if sent > 0 {
            *have -= sent;
            *want -= sent;
            loads.push((link.minutes, link.area, sent));
        }
    }
    loads
}
