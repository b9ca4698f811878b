//! The air: what helicopters can carry to areas that roads do not serve in time, on top of the
//! plan.
//!
//! Lives here: which goods are left to fly, when they are at a base, whom they may serve, which
//! machines are away, and the rows of the answer. Does not live here: the order of flights
//! (`flights`), the arithmetic of one (`helibase`). Invariant: it takes nothing from the plan,
//! and brings only what an area lacks of a mandatory need because of roads or time.

mod feeders;
mod field;
mod flights;
mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::catalogue::ItemStatus;
use super::super::coverage::{Missing, Scope, Supply};
use super::super::event::Landing;
use super::super::helibase::{Helibase, Hour};
use super::super::position::Position;
use super::super::profile::ClockStart;
use super::super::refusal::Fault;
use super::super::region::{Region, RegionCode};
use super::super::travel::{Site, distance_cm};
use super::Scenario;
use super::answer::Outcome;
use super::area::{AreaNeed, AreaRow, Cause};
use super::known::Known;
use super::questions::Asked;
use super::survivors::Sent;
use super::ways::{Compass, Way, Ways};
use field::Field;
use flights::{Pad, Pile, Place, Sortie, Want, fly};

pub use feeders::FeederRow;
pub use rows::{Airload, FlightRow, Grounded, LandingRow};

/// The bases that fly, in the order of codes, and the ways of goods to them.
struct Bases {
    bases: Vec<Arc<Helibase>>,
    known: Vec<Result<Known, Missing>>,
    ways: Ways,
}

/// What is answered, and all that it was answered from.
pub struct Case<'a> {
    pub position: &'a Position,
    pub scenario: &'a Scenario,
    pub supply: &'a Supply,
    pub ways: &'a Ways,
    pub asked: &'a [Asked<'a>],
}

impl Case<'_> {
    /// Adds what is flown to an answer that is otherwise whole.
    ///
    /// # Errors
    /// A fault of `/areas` where there are more pairs of a base and a depot than `most`.
    pub fn fly(
        &self,
        outcome: &mut Outcome,
        compass: &mut Compass,
        most: usize,
    ) -> Result<(), Fault> {
        let lacking: Vec<usize> = (0..outcome.areas.len())
            .filter(|at| outcome.areas.get(*at).is_some_and(|row| lacks(row).next().is_some()))
            .collect();
        if !lacking.is_empty() {
            let bases = self.bases(&lacking, compass, most)?;
            if !bases.bases.is_empty() {
                let field = self.field(outcome, &bases, &lacking);
                let sorties = fly(&field.pads, field.places.clone(), field.piles.clone());
                self.add(outcome, (&field, &bases), &lacking, &sorties);
                outcome.feeders = feeders::feeders(self.position, outcome);
            }
        }
        outcome.areas.iter_mut().for_each(AreaRow::judge_with_air);
        Ok(())
    }

    /// Where people of an area are.
    fn site(&self, area: usize) -> Option<Site> {
        let struck = self.scenario.areas.get(area)?;
        Site::of_region(&self.position.reference.regions, struck.region)
    }

    fn bases(&self, lacking: &[usize], compass: &mut Compass, most: usize) -> Result<Bases, Fault> {
        let sites: Vec<Site> = lacking.iter().filter_map(|at| self.site(*at)).collect();
        let sorted = self.position.reference.helibases.sorted();
        let active = sorted.into_iter().filter(|base| base.status == ItemStatus::Active);
        let known = active.filter_map(|base| {
            let known = Known::of_base(self.position, self.scenario, base).ok()?;
            let near = |site: &Site| base.reaches(distance_cm(base.location, site.point));
            let reaches = sites.iter().any(near);
            // Nothing need be brought to a base that reaches nobody.
            Some((Arc::clone(base), reaches.then_some(known).ok_or(Missing::Location)))
        });
        let (bases, known): (Vec<Arc<Helibase>>, Vec<Result<Known, Missing>>) = known.unzip();
        // Whom goods may serve is asked of the area; any may be brought to a base.
        let any = Scenario { scope: Scope::Any, ..self.scenario.clone() };
        let ways = Ways::to_places(self.position, &any, self.supply, compass, (&known, most))?;
        Ok(Bases { bases, known, ways })
    }

    fn field(&self, outcome: &Outcome, bases: &Bases, lacking: &[usize]) -> Field {
        let areas = lacking.iter().filter_map(|at| Some((*at, outcome.areas.get(*at)?)));
        let mut places: Vec<Place> = Vec::new();
        let mut sites = Vec::new();
        for (at, row) in areas {
            places.push(self.place(row));
            sites.push(self.site(at));
        }
        let piles = self.piles(outcome, lacking);
        let mut pads = Vec::new();
        let mut lifts = Vec::new();
        for (nth, base) in bases.bases.iter().enumerate() {
            let decide_min = self.decides_min(base);
            let loads_min =
                i64::from(decide_min) + i64::from(base.ready_min) + i64::from(base.load_min);
            let elapsed = self.scenario.elapsed_min;
            let mut of_place = Vec::new();
            let mut legs = Vec::new();
            for (place, site) in places.iter().zip(&sites) {
                let cm = site.map_or(u32::MAX, |site| distance_cm(base.location, site.point));
                legs.push(base.reaches(cm).then_some(cm));
                let decided = decide_min.saturating_add(elapsed);
                let dusk_min = loads_min.saturating_add(i64::from(base.flying_min));
                of_place.push(base.lift(cm, decided, place.latest_min.min(dusk_min)));
            }
            let ready = piles.iter().map(|(source, _)| bases.ready_min(nth, *source));
            pads.push(Pad {
                base: Arc::clone(base),
                loaded_min: loads_min.saturating_add(i64::from(elapsed)),
                dusk_min: loads_min.saturating_add(i64::from(base.flying_min)),
                away: self.away(base),
                legs,
                ready: ready.collect(),
            });
            lifts.push(of_place);
        }
        let (sources, piles) = piles.into_iter().unzip();
        Field { pads, places, piles, sources, lifts }
    }

    /// Flights of a base that are booked for the event: when their machines may leave again, and
    /// how many they are.
    fn away(&self, base: &Helibase) -> Vec<(Hour, u32)> {
        let regions = &self.position.reference.regions;
        let Some(event) = &self.scenario.event else { return Vec::new() };
        let flights = self.position.flights(event, &base.code).into_iter();
        let back = |(landing, area): (&Landing, RegionCode)| {
            let site = regions.find(area).and_then(|ix| Site::of_region(regions, ix));
            let cm = site.map_or(0, |site| distance_cm(base.location, site.point));
            let left = base.left(base.hour(landing.min.into()), cm);
            (base.back(left, cm), landing.machines)
        };
        flights.map(back).collect()
    }

    fn place(&self, row: &AreaRow) -> Place {
        let profile = self
            .position
            .reference
            .regions
            .find(row.region.code)
            .and_then(|region| self.position.reference.profile_of(region));
        let distribute = profile.map_or(0, |profile| i64::from(profile.distribute_min));
        let want = |one: &AreaNeed| {
            let need = self.asked.iter().position(|asked| asked.need.code == one.need.code)?;
            Some(Want { need, required: one.required, served: one.served() })
        };
        Place {
            class: row.struck.class,
            persons: row.struck.displaced,
            latest_min: i64::from(row.limit_min) - distribute,
            wants: lacks(row).filter_map(want).collect(),
        }
    }

    /// Minutes until a base is told to fly.
    fn decides_min(&self, base: &Helibase) -> u32 {
        let reference = &self.position.reference;
        let found = reference
            .regions
            .find(base.region)
            .and_then(|ix| Some((reference.profile_of(ix)?, reference.regions.get(ix)?.tier)));
        found.map_or(0, |(profile, tier)| match self.scenario.clock.unwrap_or(profile.clock) {
            ClockStart::Disaster => profile.delivery(tier).decide_min,
            ClockStart::Order => 0,
        })
    }

    /// What the plan leaves of the needs that are lacking, with its source.
    fn piles(&self, outcome: &Outcome, lacking: &[usize]) -> Vec<(usize, Pile)> {
        let sent = Sent::of(&outcome.deliveries);
        let mut piles = Vec::new();
        for (need, one) in self.asked.iter().enumerate() {
            let wanting: Vec<(usize, usize)> = lacking
                .iter()
                .enumerate()
                .filter(|(_, at)| {
                    let row = outcome.areas.get(**at);
                    row.is_some_and(|row| lacks(row).any(|lack| lack.need.code == one.need.code))
                })
                .map(|(place, at)| (place, *at))
                .collect();
            let held = one.held.iter().enumerate().filter(|(_, units)| **units > 0);
            for (source, _) in held.filter(|_| !wanting.is_empty()) {
                let Some(holder) = self.ways.holders.get(source) else { continue };
                let kinds = sent.rest(self.position, self.scenario, holder, one.need);
                if kinds.is_empty() {
                    continue;
                }
                let may = |(_, area): &&(usize, usize)| self.ways.between(source, *area).is_some();
                let serves: Vec<usize> =
                    wanting.iter().filter(may).map(|(place, _)| *place).collect();
                let pile = |kind| (source, Pile { need, kind, serves: serves.clone() });
                piles.extend(kinds.into_iter().filter(|_| !serves.is_empty()).map(pile));
            }
        }
        piles
    }

    fn add(
        &self,
        outcome: &mut Outcome,
        all: (&Field, &Bases),
        lacking: &[usize],
        sorties: &[Sortie],
    ) {
        let mut flown: BTreeMap<(usize, usize), Vec<&Sortie>> = BTreeMap::new();
        for sortie in sorties {
            flown.entry((sortie.place, sortie.pad)).or_default().push(sortie);
        }
        // Machines that wait for goods may land after others that left later.
        flown.values_mut().for_each(|of_place| of_place.sort_by_key(|sortie| sortie.lands_min));
        for (place, at) in lacking.iter().enumerate() {
            let of_place = flown.range((place, 0)..=(place, usize::MAX));
            let mut rows: Vec<FlightRow> = Vec::new();
            for ((_, pad), sorties) in of_place {
                let region = outcome.areas.get(*at).map(|row| Arc::clone(&row.region));
                rows.extend(
                    region.and_then(|region| self.row(all, (place, *pad), region, sorties)),
                );
            }
            let Some(area) = outcome.areas.get_mut(*at) else { continue };
            for load in rows.iter().flat_map(|row| &row.loads) {
                let need = area.needs.iter_mut().find(|one| one.need.code == load.need.code);
                if let Some(need) = need {
                    need.by_air = need.by_air.saturating_add(load.units);
                }
            }
            if rows.is_empty() {
                rows.extend(all.0.grounded(place, Arc::clone(&area.region)));
            }
            outcome.flights.extend(rows);
        }
    }

    fn row(
        &self,
        all: (&Field, &Bases),
        (place, pad): (usize, usize),
        region: Arc<Region>,
        sorties: &[&Sortie],
    ) -> Option<FlightRow> {
        let (field, loads) = (all.0, self.loads(all, pad, sorties));
        let landings = sorties.chunk_by(|a, b| a.lands_min == b.lands_min);
        let landing = |together: &[&Sortie]| {
            let loads = self.loads(all, pad, together);
            let min = u32::try_from(together.first()?.lands_min).ok()?;
            let landing = LandingRow { min, machines: u32::try_from(together.len()).ok()?, loads };
            Some(landing)
        };
        Some(FlightRow {
            region,
            base: Arc::clone(&field.pads.get(pad)?.base),
            lift: *field.lifts.get(pad)?.get(place)?,
            sorties: i64::try_from(sorties.len()).unwrap_or(i64::MAX),
            first_min: sorties.iter().map(|sortie| sortie.lands_min).min(),
            weight_g: loads.iter().map(|load| load.weight_g).sum(),
            grounded: None,
            landings: landings.filter_map(landing).collect(),
            loads,
        })
    }

    /// What some flights carry, by pile.
    fn loads(
        &self,
        (field, bases): (&Field, &Bases),
        pad: usize,
        sorties: &[&Sortie],
    ) -> Vec<Airload> {
        let mut pieces: BTreeMap<usize, i64> = BTreeMap::new();
        for (pile, count) in sorties.iter().flat_map(|sortie| &sortie.load) {
            *pieces.entry(*pile).or_default() += count;
        }
        let load = |(at, quantity): (usize, i64)| {
            let pile = field.piles.get(at)?;
            let source = *field.sources.get(at)?;
            let holder = self.ways.holders.get(source)?;
            Some(Airload {
                brought: bases.ways.between(source, pad).is_some_and(|way| !is_there(way)),
                depot: Arc::clone(&holder.record),
                owner: Arc::clone(&pile.kind.owner),
                need: Arc::clone(self.asked.get(pile.need)?.need),
                item: Arc::clone(&pile.kind.item),
                quantity,
                units: quantity.saturating_mul(pile.kind.amount),
                weight_g: quantity.saturating_mul(pile.kind.item.weight_g),
            })
        };
        pieces.into_iter().filter_map(load).collect()
    }
}

/// The mandatory needs that an area lacks because of roads or time.
fn lacks(row: &AreaRow) -> impl Iterator<Item = &AreaNeed> {
    row.needs.iter().filter(|one| {
        let causes = one.relief.map_or(&[][..], |relief| relief.causes);
        let by_way = causes.iter().any(|cause| matches!(cause, Cause::Road | Cause::Time));
        one.need.mandatory && by_way && one.served() < one.required
    })
}

impl Bases {
    /// When goods of a source are at a base: brought by road, or at once where they lie there.
    fn ready_min(&self, base: usize, source: usize) -> Option<i64> {
        let known = self.known.get(base)?.as_ref().ok()?;
        let way = self.ways.between(source, base)?;
        let there = i64::from(way.arrives_min()?);
        let leaves = i64::from(way.leaves_min);
        let holder = self.ways.holders.get(source)?;
        let loading = known.timetable.loaded_min(holder.tier, holder.record.readiness_min);
        Some(if is_there(way) { leaves - loading } else { there })
    }
}

/// Whether goods lie at the base: no more than a minute on the road.
fn is_there(way: &Way) -> bool {
    way.arrives_min().is_some_and(|there| there <= way.leaves_min.saturating_add(1))
}

#[cfg(test)]
#[path = "air/law_tests.rs"]
mod law_tests;
#[cfg(test)]
#[path = "air/air_tests.rs"]
mod tests;
