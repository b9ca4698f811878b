//! Ways: which source reaches which struck area when, with the roads as they are and as they were.
//!
//! Lives here: eligibility and minutes of every pair. Does not live here: amounts. Invariant: a way
//! that waits for a road is never quicker than the same way on open roads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::super::allocation::{Link, Reach};
use super::super::coverage::{Missing, Neighbourhood, Supply};
use super::super::depot::Depot;
use super::super::position::Position;
use super::super::profile::Profile;
use super::super::refusal::{Fault, FaultCode};
use super::super::region::{RegionIx, Regions, Tier};
use super::super::travel::{Haul, Ruler, Site, Timetable};
use super::{Closure, Scenario, Struck};

/// One pair of source and area, by their places.
#[derive(Debug, Clone, Copy)]
struct Way {
    source: u32,
    area: u32,
    /// [`CLOSED`] while the road stays closed.
    minutes: u32,
    on_open_roads: u32,
}

/// More minutes than any way takes.
const CLOSED: u32 = u32::MAX;

/// What one owner region has in one depot.
#[derive(Debug, Clone)]
pub struct Holder {
    pub depot: u32,
    pub record: Arc<Depot>,
    pub owner: RegionIx,
    /// Goods from lower tiers go first.
    rank: u8,
    /// Place in the supply; `None` for a disabled depot.
    place: Option<usize>,
}

/// All ways of a scenario.
#[derive(Debug, Default)]
pub struct Ways {
    pub holders: Vec<Holder>,
    /// Why an area cannot be judged, by area.
    pub missing: Vec<Option<Missing>>,
    /// The time limit by area, in minutes; zero where it cannot be judged.
    pub limit_min: Vec<u32>,
    ways: Vec<Way>,
    inherited: HashSet<(u32, u32)>,
}

impl Ways {
    /// The ways of a scenario.
    ///
    /// # Errors
    /// A fault of `/areas` where there are more than `most`.
    pub fn of(
        position: &Position,
        scenario: &Scenario,
        supply: &Supply,
        ruler: &mut Ruler,
        most: usize,
    ) -> Result<Self, Fault> {
        let reference = &position.reference;
        let disabled: HashSet<u32> = scenario.disabled.iter().copied().collect();
        let mut ways = Self::default();
        let mut places = HashMap::new();
        for (place, source) in supply.all().iter().enumerate() {
            let Some(record) = reference.depots.get(source.depot) else { continue };
            places.insert((source.depot, source.owner), ways.holders.len());
            ways.holders.push(Holder {
                depot: source.depot,
                record: Arc::clone(record),
                owner: source.owner,
                rank: rank(source.owner_tier),
                place: (!disabled.contains(&source.depot)).then_some(place),
            });
        }
        for (at, area) in scenario.areas.iter().enumerate() {
            match Known::of(position, scenario, *area) {
                Ok(known) => {
                    ways.missing.push(None);
                    ways.limit_min.push(known.limit_min);
                    ways.reach(position, scenario, (supply, &places), ruler, (at, &known));
                    if ways.ways.len() > most {
                        let expected = format!(
                            "fewer areas or a narrower scope: at most {most} pairs of an area \
                             and a depot that may serve it"
                        );
                        return Err(Fault::new("/areas", FaultCode::OutOfRange, expected));
                    }
                }
                Err(missing) => {
                    ways.missing.push(Some(missing));
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
        (supply, places): (&Supply, &HashMap<(u32, RegionIx), usize>),
        ruler: &mut Ruler,
        (area, known): (usize, &Known),
    ) {
        let regions = &position.reference.regions;
        ruler.stand(known.site.point);
        let around = Neighbourhood::of(regions, known.ix);
        around.visit(supply, scenario.scope, |source, standing| {
            let counted = standing.layer <= scenario.scope.counted();
            let Some(place) = places.get(&(source.depot, source.owner)).filter(|_| counted) else {
                return;
            };
            let wait = wait_min(regions, &scenario.closures, source.region, known.ix);
            let haul = Haul {
                owner: source.owner_tier,
                agree: standing.agree,
                depot: source.depot_tier,
                readiness_min: source.readiness_min,
                wait_min: 0,
            };
            let ends = [known.site.spread, source.spread];
            let Some((open, inherited)) = known.timetable.reach_min(haul, ruler, source.end, ends)
            else {
                return;
            };
            let waited = wait.map(|wait_min| Haul { wait_min, ..haul }).and_then(|haul| {
                known.timetable.reach_min(haul, ruler, source.end, ends).map(|(min, _)| min)
            });
            let late = |minutes: i64| {
                u32::try_from(minutes).unwrap_or(CLOSED).saturating_add(scenario.elapsed_min)
            };
            let (Ok(from), Ok(to)) = (u32::try_from(*place), u32::try_from(area)) else { return };
            self.ways.push(Way {
                source: from,
                area: to,
                minutes: waited.map_or(CLOSED, late),
                on_open_roads: late(open),
            });
            if inherited {
                self.inherited.insert((from, to));
            }
        });
    }

    /// What each source has of a need.
    pub fn held(&self, supply: &Supply, need: usize) -> Vec<i64> {
        let units = |holder: &Holder| {
            let source = supply.all().get(holder.place?)?;
            let found = supply.amounts(source).iter().find(|amount| amount.need == need)?;
            i64::try_from(found.units).ok()
        };
        self.holders.iter().map(|holder| units(holder).unwrap_or_default()).collect()
    }

    /// Ways that arrive within the limit.
    pub fn in_time(&self) -> Reach {
        self.reach_by(|way| Some(way.minutes).filter(|minutes| *minutes <= self.limit(way.area)))
    }

    /// The same if no road were closed.
    pub fn in_time_on_open_roads(&self) -> Reach {
        let in_time = |way: &Way| way.on_open_roads <= self.limit(way.area);
        self.reach_by(|way| in_time(way).then_some(way.on_open_roads))
    }

    /// All ways, however late.
    pub fn whenever(&self) -> Reach {
        self.reach_by(|way| Some(way.minutes).filter(|minutes| *minutes < CLOSED))
    }

    /// Whether a closed road bears on any way.
    pub fn has_waits(&self) -> bool {
        self.ways.iter().any(|way| way.minutes != way.on_open_roads)
    }

    /// Whether the time of a way rests on an inherited point.
    pub fn is_inherited(&self, source: usize, area: usize) -> bool {
        let way = u32::try_from(source).ok().zip(u32::try_from(area).ok());
        way.is_some_and(|way| self.inherited.contains(&way))
    }

    fn limit(&self, area: u32) -> u32 {
        let area = usize::try_from(area).ok();
        area.and_then(|area| self.limit_min.get(area)).copied().unwrap_or_default()
    }

    fn reach_by(&self, minutes: impl Fn(&Way) -> Option<u32>) -> Reach {
        let link = |way: &Way| {
            let (source, area) = (usize::try_from(way.source), usize::try_from(way.area));
            Some(Link { source: source.ok()?, area: area.ok()?, minutes: minutes(way)? })
        };
        let ranks = self.holders.iter().map(|holder| holder.rank).collect();
        Reach::of(ranks, self.missing.len(), self.ways.iter().filter_map(link))
    }
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

/// Minutes until the way between two regions is open: the last of the closures that part them;
/// `None` where one stays.
fn wait_min(
    regions: &Regions,
    closures: &[Closure],
    depot: RegionIx,
    area: RegionIx,
) -> Option<u32> {
    let parts = |closure: &&Closure| {
        regions.within(depot, closure.region) != regions.within(area, closure.region)
    };
    closures
        .iter()
        .filter(parts)
        .try_fold(0, |wait, closure| closure.opens_min.map(|at| at.max(wait)))
}

/// What must be known before an area can be served.
struct Known {
    ix: RegionIx,
    site: Site,
    timetable: Timetable,
    limit_min: u32,
}

impl Known {
    fn of(position: &Position, scenario: &Scenario, area: Struck) -> Result<Self, Missing> {
        let (reference, ix) = (&position.reference, area.region);
        let regions = &reference.regions;
        let profile: &Profile = reference.profile_of(ix).ok_or(Missing::Profile)?;
        let mut terrain = regions.chain(ix).filter_map(|at| regions.get(at));
        let mountain = terrain.find_map(|at| at.mountain).unwrap_or(false);
        let clock = scenario.clock.unwrap_or(profile.clock);
        Ok(Self {
            ix,
            site: Site::of_region(regions, ix).ok_or(Missing::Location)?,
            timetable: Timetable::new(profile, clock, mountain),
            limit_min: scenario.hours.unwrap_or(profile.target_hours).saturating_mul(60),
        })
    }
}
