//! The guide: the best known way between a depot and an area, and which layer it is from.
//!
//! Lives here: the order of layers: a measured route, else the roads, else the straight line with
//! its detour. Does not live here: what comes before and after the road (`Timetable`), the ways
//! round closed stretches (`blocked`). Invariant: where either end stands at an inherited point,
//! the way is estimated, and no shorter than from there to where the end may really be.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::region::{Point, RegionIx, Regions, Tier};
use crate::domain::route::Measured;

use super::blocked::{Blocked, Detours, Pairs};
use super::network::{Network, Times};
use super::{Haul, Ruler, Site, Spread, Timetable};

/// On what a travel time rests, best known first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Travel {
    Measured,
    Road,
    Estimated,
}

impl Travel {
    pub const ALL: [Self; 3] = [Self::Measured, Self::Road, Self::Estimated];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Road => "road",
            Self::Estimated => "estimated",
        }
    }
}

/// When goods are in people's hands, and how well that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Without any wait.
    pub minutes: i64,
    /// The same were no way closed.
    pub open_min: i64,
    /// Until the way is open, from the start; `None` where it stays closed.
    pub wait_min: Option<u32>,
    /// Whether it goes round a stretch that is closed.
    pub detour: bool,
    pub travel: Travel,
    /// Whether it rests on an inherited point.
    pub inherited: bool,
}

/// Whence goods come.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    pub depot: u32,
    /// The depot's end of the ruler.
    pub end: usize,
    pub spread: Spread,
}

/// A place on the network: node, and centimetres to it.
type Snap = Option<(usize, u32)>;

/// What is known of ways in one answer.
#[derive(Debug)]
pub struct Guide {
    measured: Measured,
    network: Arc<Network>,
    /// By end of the ruler.
    snaps: Vec<Option<Snap>>,
    pairs: Pairs,
    detours: Detours,
}

/// The area that ways lead to.
#[derive(Debug)]
pub struct Approach {
    site: Site,
    measured: Option<HashMap<u32, u32>>,
    /// Minutes until the way from a depot opens; `None` where it stays closed.
    blocked: HashMap<u32, Option<u32>>,
    /// Whether stretches that are closed are taken for open.
    ignores_detours: bool,
    snap: Snap,
    times: [Option<Times>; 5],
}

impl Approach {
    /// The depots whose way is not like that of others near them: somebody measured it, or it is
    /// blocked.
    pub fn singled_out(&self) -> impl Iterator<Item = u32> {
        let measured = self.measured.iter().flat_map(|by| by.keys().copied());
        measured.chain(self.blocked.keys().copied())
    }

    /// The same were nothing closed.
    pub fn on_open_roads(mut self) -> Self {
        self.blocked.clear();
        self.ignores_detours = true;
        self
    }
}

impl Guide {
    pub fn new(measured: Measured, network: Arc<Network>) -> Self {
        let (pairs, detours) = (Pairs::default(), Detours::default());
        Self { measured, network, snaps: Vec::new(), pairs, detours }
    }

    /// The same with ways closed; `stands` tells in which region a depot lies.
    pub fn blocked(
        mut self,
        blocked: &Blocked,
        regions: &Arc<Regions>,
        stands: impl Fn(u32) -> Option<RegionIx>,
    ) -> Self {
        self.pairs = Pairs::of(&blocked.pairs, regions, stands);
        self.detours = Detours::of(&self.network, &blocked.roads);
        self
    }

    /// Whether any stretch is closed.
    pub fn has_detours(&self) -> bool {
        !self.detours.is_empty()
    }

    /// The same roads without any measured route.
    pub fn of_roads_alone(&self) -> Self {
        Self::new(Measured::default(), Arc::clone(&self.network))
    }

    /// Whether there is any road that might be quicker than the straight line with its detour.
    pub fn has_roads(&self) -> bool {
        !self.network.is_empty()
    }

    /// Looks from an area at what leads there.
    pub fn approach(&self, region: RegionIx, site: Site) -> Approach {
        Approach {
            site,
            measured: self.measured.into_region(region).cloned(),
            blocked: self.pairs.leading_to(region),
            ignores_detours: false,
            snap: self.network.snap(site.point),
            times: Default::default(),
        }
    }

    fn snap(&mut self, end: usize, point: Point) -> Snap {
        if self.snaps.len() <= end {
            self.snaps.resize(end + 1, None);
        }
        let network = &self.network;
        let cell = self.snaps.get_mut(end)?;
        *cell.get_or_insert_with(|| network.snap(point))
    }

    /// The way over open roads; `None` where they do not join the two, or are farther off than the
    /// two are apart.
    fn over_roads(
        &mut self,
        approach: &mut Approach,
        origin: Origin,
        (tier, speed_kmh): (Tier, u32),
        ruler: &mut Ruler,
    ) -> Option<Drive> {
        let (to, to_cm) = approach.snap?;
        let (from, from_cm) = self.snap(origin.end, ruler.point(origin.end)?)?;
        let access_cm = to_cm.saturating_add(from_cm);
        if from == to || is_longer(access_cm, origin.end, ruler)? {
            return None;
        }
        let place = Tier::ALL.iter().position(|one| *one == tier)?;
        let cell = approach.times.get_mut(place)?;
        let times = cell.get_or_insert_with(|| self.network.times_to(to, speed_kmh));
        let ms = times.get(from).copied().flatten()?;
        Some(Drive { nodes: (from, to), speed_kmh, ms, access_cm })
    }
}

/// A way over open roads.
#[derive(Debug, Clone, Copy)]
struct Drive {
    nodes: (usize, usize),
    speed_kmh: u32,
    /// Milliseconds on them.
    ms: u64,
    /// To them and from them.
    access_cm: u32,
}

/// Whether so many centimetres are more than the straight line from the ruler's stand to an end.
fn is_longer(cm: u32, end: usize, ruler: &mut Ruler) -> Option<bool> {
    match ruler.bounds(end) {
        Some(bounds) if cm <= bounds.least_cm => Some(false),
        Some(bounds) if cm > bounds.most_cm => Some(true),
        _ => Some(cm > ruler.cm(end)?),
    }
}

impl Timetable {
    /// Whole minutes until goods from `origin` are in people's hands by the best known way; `None`
    /// for a speed of zero. The ruler stands at the area. A wait that the haul has anyway is in no
    /// figure, but a way that opens meanwhile is taken.
    pub fn reach(
        &self,
        haul: Haul,
        origin: Origin,
        guide: &mut Guide,
        approach: &mut Approach,
        ruler: &mut Ruler,
    ) -> Option<Reach> {
        let ready = Haul { wait_min: 0, ..haul };
        let wait_min = approach.blocked.get(&origin.depot).copied().unwrap_or(Some(0));
        let plain = |minutes: i64, travel: Travel, inherited: bool| {
            let open_min = minutes;
            Reach { minutes, open_min, wait_min, detour: false, travel, inherited }
        };
        if let Some(minutes) = approach.measured.as_ref().and_then(|by| by.get(&origin.depot)) {
            let minutes = self.fixed_min(ready).saturating_add(self.slowed(*minutes));
            return Some(plain(minutes, Travel::Measured, false));
        }
        let ends = [approach.site.spread, origin.spread];
        let by_road = match approach.snap {
            None => None,
            Some(_) => {
                let speed = (haul.depot, self.speed_kmh(haul.depot));
                guide.over_roads(approach, origin, speed, ruler)
            }
        };
        let Some(drive) = by_road else {
            let (minutes, inherited) = self.reach_min(ready, ruler, origin.end, ends)?;
            return Some(plain(minutes, Travel::Estimated, inherited));
        };
        let leg = self.leg(0, ends);
        let travel = if leg.estimated { Travel::Estimated } else { Travel::Road };
        let least = if leg.estimated { self.deliver_min(ready, leg.cm)? } else { 0 };
        let driven = |ms: u64| {
            let on_road = self.road_and_access_min(ready.depot, ms, drive.access_cm)?;
            Some(self.fixed_min(ready).saturating_add(on_road).max(least))
        };
        let open = plain(driven(drive.ms)?, travel, leg.estimated);
        if approach.ignores_detours || guide.detours.is_empty() {
            return Some(open);
        }
        let wait = |stage_min: u32| wait_min.unwrap_or(0).max(haul.wait_min).max(stage_min);
        let cost = |ms: u64, stage_min: u32| {
            Some(driven(ms)?.saturating_add(self.waiting_min(ready, wait(stage_min))))
        };
        let speed = (drive.speed_kmh, drive.ms);
        let found = guide.detours.least(&guide.network, drive.nodes, speed, cost);
        let Some((ms, stage_min)) = found else {
            return Some(Reach { wait_min: None, ..open });
        };
        Some(Reach {
            minutes: driven(ms)?,
            wait_min: wait_min.map(|wait| wait.max(stage_min)),
            detour: ms != drive.ms,
            ..open
        })
    }
}

#[cfg(test)]
#[path = "guide_tests.rs"]
mod tests;
