//! Ways: which source reaches which struck area when, with the roads as they are and as they were.
//!
//! Lives here: eligibility and minutes of every pair. Does not live here: amounts. Invariant: a way
//! that waits for a road is never quicker than the same way on open roads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::allocation::{Link, Reach};
use super::super::coverage::{Layer, Missing, Neighbourhood, Supply};
use super::super::depot::Depot;
use super::super::position::Position;
use super::super::refusal::{Fault, FaultCode};
use super::super::region::{RegionIx, Tier};
use super::super::travel::{Guide, Haul, Hold, Origin, Reach as TravelReach, Ruler, Travel};
use super::closure::{Gates, Parting};
use super::known::Known;
use super::{Scenario, WHOLE_PERCENT, survivors};

/// One pair of source and area, by their places.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    source: u32,
    area: u32,
    /// Until people have the goods; [`CLOSED`] while the road stays closed.
    minutes: u32,
    on_open_roads: u32,
    /// What of the minutes goes by before the goods leave.
    pub leaves_min: u32,
    pub travel: Travel,
    /// Whether the time rests on an inherited point.
    pub inherited: bool,
    /// Whether it goes round a stretch that is closed.
    pub detour: bool,
    /// The closure that makes it late or keeps it closed, by number; [`NONE`] where none does.
    held_by: u32,
    /// The water leg that it takes, by number; [`NONE`] where it takes none.
    leg: u32,
    layer: Layer,
    /// Whether the goods lie in the area.
    pub inside: bool,
}

/// More minutes than any way takes.
const CLOSED: u32 = u32::MAX;
/// More closures than any scenario has, and more water legs than there are.
const NONE: u32 = u32::MAX;

/// What one owner region has in one depot.
#[derive(Debug, Clone)]
pub struct Holder {
    pub depot: u32,
    pub record: Arc<Depot>,
    pub owner: RegionIx,
    /// Goods from lower tiers go first.
    rank: u8,
    /// Of the depot's region.
    pub tier: Tier,
    /// Place in the supply; `None` for a disabled depot.
    place: Option<usize>,
    /// Percent of its goods that the disaster leaves.
    pub left_percent: u32,
}

impl Holder {
    /// Whether it gives anything at all: it is not disabled.
    pub fn gives(&self) -> bool {
        self.place.is_some()
    }
}

/// All ways of a scenario.
#[derive(Debug, Default)]
pub struct Ways {
    pub holders: Vec<Holder>,
    /// Why an area cannot be judged, by area.
    pub missing: Vec<Option<Missing>>,
    /// The time limit by area, in minutes; zero where it cannot be judged.
    pub limit_min: Vec<u32>,
    /// By area, then by source.
    ways: Vec<Way>,
}

/// What measures ways.
pub struct Compass {
    pub ruler: Ruler,
    pub guide: Guide,
}

/// Where goods may come from, and their places.
type Sources<'a> = (&'a Supply, &'a HashMap<(u32, RegionIx), usize>);

impl Ways {
    /// The ways of a scenario.
    ///
    /// # Errors
    /// A fault of `/areas` where there are more than `most`.
    pub fn of(
        position: &Position,
        scenario: &Scenario,
        supply: &Supply,
        compass: &mut Compass,
        most: usize,
    ) -> Result<Self, Fault> {
        let areas = scenario.areas.iter();
        let known: Vec<_> = areas.map(|area| Known::of(position, scenario, *area)).collect();
        Self::to_places(position, scenario, supply, compass, (&known, most))
    }

    /// The ways to other places, of which only those that are known are reached.
    ///
    /// # Errors
    /// A fault of `/areas` where there are more than `most`.
    pub fn to_places(
        position: &Position,
        scenario: &Scenario,
        supply: &Supply,
        compass: &mut Compass,
        (known, most): (&[Result<Known, Missing>], usize),
    ) -> Result<Self, Fault> {
        let reference = &position.reference;
        let disabled: HashSet<u32> = scenario.disabled.iter().copied().collect();
        let struck: HashSet<RegionIx> = scenario.areas.iter().map(|area| area.region).collect();
        let mut ways = Self::default();
        let mut places = HashMap::new();
        for (place, source) in supply.all().iter().enumerate() {
            let Some(record) = reference.depots.get(source.depot) else { continue };
            places.insert((source.depot, source.owner), ways.holders.len());
            let hit = reference.regions.chain(source.region).any(|at| struck.contains(&at));
            ways.holders.push(Holder {
                depot: source.depot,
                record: Arc::clone(record),
                owner: source.owner,
                rank: rank(source.owner_tier),
                tier: source.depot_tier,
                place: (!disabled.contains(&source.depot)).then_some(place),
                left_percent: if hit { scenario.surviving_percent } else { WHOLE_PERCENT },
            });
        }
        for (at, place) in known.iter().enumerate() {
            match place {
                Ok(known) => {
                    ways.missing.push(None);
                    ways.limit_min.push(known.limit_min);
                    ways.reach(position, scenario, (supply, &places), compass, (at, known));
                    if ways.ways.len() > most {
                        let expected = format!(
                            "fewer areas or a narrower scope: at most {most} pairs of an area \
                             and a depot that may serve it"
                        );
                        return Err(Fault::new("/areas", FaultCode::OutOfRange, expected));
                    }
                }
                Err(missing) => {
                    ways.missing.push(Some(*missing));
                    ways.limit_min.push(0);
                }
            }
        }
        Ok(ways)
    }

    fn reach(
        &mut self,
        position: &Position,
        scenario: &Scenario,
        (supply, places): Sources<'_>,
        compass: &mut Compass,
        (area, known): (usize, &Known),
    ) {
        let regions = &position.reference.regions;
        let gates = Gates::of(regions, scenario);
        let Compass { ruler, guide } = compass;
        ruler.stand(known.site.point);
        let mut approach = known.approach(guide);
        let first = self.ways.len();
        let around = Neighbourhood::of(regions, known.ix);
        around.visit(supply, scenario.scope, |source, standing| {
            let counted = standing.layer <= scenario.scope.counted();
            let Some(place) = places.get(&(source.depot, source.owner)).filter(|_| counted) else {
                return;
            };
            let haul = standing.haul(source);
            let (depot, region) = (source.depot, source.region);
            let origin = Origin { depot, region, end: source.end, spread: source.spread };
            let mut find =
                |haul: Haul| known.timetable.reach(haul, origin, guide, &mut approach, ruler);
            let Some(mut reach) = find(haul) else { return };
            let (Ok(from), Ok(to)) = (u32::try_from(*place), u32::try_from(area)) else { return };
            let closures = gates.parting((depot, source.region), known.ix);
            let delay = |wait_min: u32| known.timetable.waiting_min(haul, wait_min);
            let wait = |reach: &TravelReach| {
                let there = reach.minutes - known.timetable.after_arrival_min(haul.depot);
                let roads = reach.hold.map(|hold| (0, Hold { opens_min: reach.wait_min, ..hold }));
                let closures = closures.iter().copied().chain(roads).collect();
                Parting { closures, there }.hold(delay)
            };
            let mut hold = wait(&reach);
            // Where it waits anyway, a stretch that opens meanwhile need not be gone round, and
            // another boat is taken.
            let sails = reach.leg.is_some();
            let waits = Hold::wait_min(hold).filter(|at| *at > 0 && (reach.detour || sails));
            if let Some(waiting) = waits {
                reach = find(Haul { wait_min: waiting, ..haul }).unwrap_or(reach);
                hold = wait(&reach);
            }
            let wait_min = Hold::wait_min(hold);
            let held = hold.filter(|_| wait_min.is_none_or(|wait| delay(wait) > 0));
            let late = |minutes: i64| {
                u32::try_from(minutes).unwrap_or(CLOSED).saturating_add(scenario.elapsed_min)
            };
            let waited = |wait_min: u32| late(reach.minutes.saturating_add(delay(wait_min)));
            let haul = Haul { wait_min: wait_min.unwrap_or(0), ..haul };
            self.ways.push(Way {
                source: from,
                area: to,
                minutes: wait_min.map_or(CLOSED, waited),
                on_open_roads: late(reach.open_min),
                leaves_min: late(known.timetable.leaves_min(haul)),
                travel: reach.travel,
                inherited: reach.inherited,
                detour: reach.detour,
                held_by: held.map_or(NONE, |hold| hold.number),
                leg: reach.leg.unwrap_or(NONE),
                layer: standing.layer,
                inside: standing.inside,
            });
        });
        if let Some(run) = self.ways.get_mut(first..) {
            run.sort_unstable_by_key(|way| way.source);
        }
    }

    /// What each source has of a need and the disaster leaves.
    pub fn held(
        &self,
        (position, scenario): (&Position, &Scenario),
        supply: &Supply,
        place: usize,
    ) -> Vec<i64> {
        let Some(need) = supply.needs.get(place) else { return vec![0; self.holders.len()] };
        let units = |holder: &Holder| {
            let source = supply.all().get(holder.place?)?;
            let found = supply.amounts(source).iter().find(|amount| amount.need == place)?;
            if holder.left_percent == WHOLE_PERCENT {
                return i64::try_from(found.units).ok();
            }
            let pieces = survivors::pieces(position, scenario, holder, need);
            let units = pieces.iter().map(|kind| kind.quantity.saturating_mul(kind.amount));
            Some(units.fold(0, i64::saturating_add))
        };
        self.holders.iter().map(|holder| units(holder).unwrap_or_default()).collect()
    }

    /// Ways that arrive within the limit.
    pub fn in_time(&self) -> Reach {
        self.reach_by(|way| self.timely(way))
    }

    /// The same by some minute.
    pub fn in_time_by(&self, at_min: u32) -> Reach {
        self.reach_by(|way| self.timely(way).filter(|minutes| *minutes <= at_min))
    }

    /// The same for goods of owners up to a level.
    pub fn in_time_up_to(&self, layer: Layer) -> Reach {
        self.reach_by(|way| self.timely(way).filter(|_| way.layer <= layer))
    }

    /// The same, and from a store in each area; stores stand after the sources, in the order of
    /// the areas.
    pub fn in_time_with_stores(&self) -> Reach {
        let (holders, areas) = (self.holders.len(), self.missing.len());
        let mut ranks: Vec<u8> = self.holders.iter().map(|holder| holder.rank).collect();
        ranks.resize(holders + areas, 0);
        let stores = (0..areas).map(|area| Link { source: holders + area, area, minutes: 0 });
        let ways = self.ways.iter().filter_map(|way| link(way, self.timely(way)?));
        Reach::of(ranks, areas, ways.chain(stores))
    }

    /// Ways that arrive within the limit, the quickest first, lower tiers before others.
    pub fn quickest_first(&self) -> Vec<Link> {
        let mut links: Vec<Link> =
            self.ways.iter().filter_map(|way| link(way, self.timely(way)?)).collect();
        let rank = |link: &Link| self.holders.get(link.source).map(|holder| holder.rank);
        links.sort_unstable_by_key(|one| (one.minutes, rank(one), one.source, one.area));
        links
    }

    /// Ways into an area that arrive within the limit.
    pub fn leading_to(&self, area: usize) -> impl Iterator<Item = Link> {
        self.run(area).iter().filter_map(|way| link(way, self.timely(way)?))
    }

    /// Ways into an area that do not, with the minutes they would take on open roads.
    pub fn too_late_for(&self, area: usize) -> impl Iterator<Item = Link> {
        let late = self.run(area).iter().filter(|way| self.timely(way).is_none());
        late.filter_map(|way| link(way, way.on_open_roads))
    }

    fn run(&self, area: usize) -> &[Way] {
        let Ok(area) = u32::try_from(area) else { return &[] };
        let from = self.ways.partition_point(|way| way.area < area);
        let rest = self.ways.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|way| way.area == area)).unwrap_or_default()
    }

    /// The minutes of a way within the limit.
    fn timely(&self, way: &Way) -> Option<u32> {
        Some(way.minutes).filter(|minutes| *minutes <= self.limit(way.area))
    }

    /// The same if no road were closed.
    pub fn in_time_on_open_roads(&self) -> Reach {
        let in_time = |way: &Way| way.on_open_roads <= self.limit(way.area);
        self.reach_by(|way| in_time(way).then_some(way.on_open_roads))
    }

    /// Sources whose goods would be in an area in time on open roads and are not, by place, and the
    /// number of the closure that keeps them.
    pub fn kept_out(&self, area: usize) -> impl Iterator<Item = (usize, u32)> {
        let would_be =
            |way: &&Way| way.on_open_roads <= self.limit(way.area) && self.timely(way).is_none();
        let kept = self.run(area).iter().filter(would_be);
        kept.filter_map(|way| Some((usize::try_from(way.source).ok()?, way.held_by()?)))
    }

    /// All ways, however late, if no road were closed.
    pub fn whenever_on_open_roads(&self) -> Reach {
        self.reach_by(|way| Some(way.on_open_roads).filter(|minutes| *minutes < CLOSED))
    }

    /// All ways, however late.
    pub fn whenever(&self) -> Reach {
        self.reach_by(|way| Some(way.minutes).filter(|minutes| *minutes < CLOSED))
    }

    /// Whether a closed road bears on any way.
    pub fn has_waits(&self) -> bool {
        self.ways.iter().any(|way| way.minutes != way.on_open_roads)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ways.len()
    }

    /// The way from a source to an area.
    pub fn between(&self, source: usize, area: usize) -> Option<&Way> {
        let wanted = (u32::try_from(area).ok()?, u32::try_from(source).ok()?);
        let at = self.ways.binary_search_by_key(&wanted, |way| (way.area, way.source));
        self.ways.get(at.ok()?)
    }

    fn limit(&self, area: u32) -> u32 {
        let area = usize::try_from(area).ok();
        area.and_then(|area| self.limit_min.get(area)).copied().unwrap_or_default()
    }

    fn reach_by(&self, minutes: impl Fn(&Way) -> Option<u32>) -> Reach {
        let links = self.ways.iter().filter_map(|way| link(way, minutes(way)?));
        let ranks = self.holders.iter().map(|holder| holder.rank).collect();
        Reach::of(ranks, self.missing.len(), links)
    }
}

impl Way {
    /// Until people have the goods; `None` while the road stays closed.
    pub fn arrives_min(&self) -> Option<u32> {
        Some(self.minutes).filter(|minutes| *minutes < CLOSED)
    }

    /// The closure that makes it late or keeps it closed, by number.
    pub fn held_by(&self) -> Option<u32> {
        Some(self.held_by).filter(|number| *number != NONE)
    }

    /// The water leg that it takes, by number.
    pub fn leg(&self) -> Option<u32> {
        Some(self.leg).filter(|number| *number != NONE)
    }
}

fn link(way: &Way, minutes: u32) -> Option<Link> {
    let (source, area) = (usize::try_from(way.source), usize::try_from(way.area));
    Some(Link { source: source.ok()?, area: area.ok()?, minutes })
}

/// Lower tiers first.
fn rank(owner: Tier) -> u8 {
    match owner {
        Tier::Village => 0,
        Tier::Township => 1,
        Tier::County => 2,
        Tier::City => 3,
        Tier::Province => 4,
    }
}
