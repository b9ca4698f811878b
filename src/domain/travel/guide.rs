//! The guide: the best known way between a depot and an area, and which layer it is from.
//!
//! Lives here: what is known of ways on a day, and an area as it stands to them. Does not live
//! here: the order of layers (`land`), boats (`water`), what comes before and after the road
//! (`Timetable`), the ways round closed stretches (`blocked`). Invariant: where either end stands
//! at an inherited point, the way is estimated, and no shorter than from there to where the end may
//! really be; a measured time is not told for a way whose road is closed.

mod land;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::region::{Point, RegionIx, Regions, Tier};
use crate::domain::route::Measured;

use super::blocked::{Blocked, Detours, Hold, Pairs};
use super::network::{Network, Times};
use super::water::{self, Crossing, Waters};
use super::{Ruler, Site, Spread};

/// On what a travel time rests, best known first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Travel {
    Measured,
    Road,
    /// By boat, from and to places that are no less well known.
    Water,
    Estimated,
}

impl Travel {
    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Road => "road",
            Self::Water => "water",
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
    /// What the way waits for, from the start, last of all.
    pub hold: Option<Hold>,
    /// Minutes of that wait; `None` where the way stays closed.
    pub wait_min: Option<u32>,
    /// Whether it goes round a stretch that is closed.
    pub detour: bool,
    pub travel: Travel,
    /// The number of the water leg that it takes, the last of them.
    pub leg: Option<u32>,
    /// Whether it rests on an inherited point.
    pub inherited: bool,
}

/// Whence goods come.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    pub depot: u32,
    /// In which the depot lies.
    pub region: RegionIx,
    /// The depot's end of the ruler.
    pub end: usize,
    pub spread: Spread,
}

/// A place on the network: node, and centimetres to it.
type Snap = Option<(usize, u32)>;

/// What is known of ways in one answer.
#[derive(Debug)]
pub struct Guide {
    measured: Arc<Measured>,
    /// The day whose routes bind.
    on: NaiveDate,
    network: Arc<Network>,
    /// By end of the ruler.
    snaps: Vec<Option<Snap>>,
    pairs: Pairs,
    detours: Detours,
    pub(super) waters: Waters,
}

/// The area that ways lead to.
#[derive(Debug)]
pub struct Approach {
    pub(super) region: RegionIx,
    pub(super) site: Site,
    measured: HashMap<u32, u32>,
    /// What blocks the way from a depot.
    blocked: HashMap<u32, Hold>,
    /// Whether stretches that are closed are taken for open.
    ignores_detours: bool,
    snap: Snap,
    times: [Option<Times>; 5],
    /// The piers of the legs that lead there, by the legs' numbers.
    piers: Vec<(u32, Approach)>,
}

impl Approach {
    /// The depots whose way is not like that of others near them: somebody measured it, or it is
    /// blocked.
    pub fn singled_out(&self) -> impl Iterator<Item = u32> {
        self.measured.keys().copied().chain(self.blocked.keys().copied())
    }

    /// The same were nothing closed.
    pub fn on_open_roads(mut self) -> Self {
        self.blocked.clear();
        self.ignores_detours = true;
        let open = |(leg, pier): (u32, Self)| (leg, pier.on_open_roads());
        self.piers = std::mem::take(&mut self.piers).into_iter().map(open).collect();
        self
    }

    /// Whether somebody has driven the way from a depot.
    pub(super) fn is_measured_from(&self, depot: u32) -> bool {
        self.measured.contains_key(&depot)
    }

    /// The pier of a leg that leads there.
    pub(super) fn pier(&mut self, leg: u32) -> Option<&mut Self> {
        self.piers.iter_mut().find(|(number, _)| *number == leg).map(|(_, pier)| pier)
    }
}

impl Guide {
    /// What is known of ways on a day, none of them closed.
    pub fn new(measured: Arc<Measured>, on: NaiveDate, network: Arc<Network>) -> Self {
        let (pairs, detours) = (Pairs::default(), Detours::default());
        let waters = Waters::default();
        Self { measured, on, network, snaps: Vec::new(), pairs, detours, waters }
    }

    /// The same with crossings by boat.
    pub fn over_water(mut self, waters: Waters) -> Self {
        self.waters = waters;
        self
    }

    /// The same where goods may first leave at a minute of the day, if that is known.
    pub fn setting_out_at(mut self, minute_of_day: Option<u32>) -> Self {
        self.waters.sets_out_min = minute_of_day;
        self
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

    /// Bytes that it may come to take beside the network, nearly: ways round closed stretches.
    pub fn most_bytes(&self) -> usize {
        self.detours.most_bytes(&self.network)
    }

    /// Whether any way may be other than the straight line with its detour: over roads or water.
    pub fn has_roads(&self) -> bool {
        !self.network.is_empty() || !self.waters.is_empty()
    }

    /// Looks from an area at what leads there.
    pub fn approach(&self, region: RegionIx, site: Site) -> Approach {
        let unmeasured = |site| self.approach_apart(region, site);
        let pier = |leg: &Crossing| (leg.number, unmeasured(water::site(leg)));
        let piers = self.waters.across(region).map(pier).collect();
        let measured = self.measured.into_region(region, self.on);
        Approach { piers, ..self.by_land(region, site, measured) }
    }

    /// Whether a way of its own may lead from a depot to a region, were there neither roads nor
    /// water: what its approach singles out, and what is open by now.
    pub fn singles_out(&self, region: RegionIx, depot: u32) -> bool {
        let measured = self.measured.into_region(region, self.on);
        measured.contains_key(&depot) || self.pairs.block(depot, region)
    }

    /// The same from a place of its own in a region, to which nobody has measured a route.
    pub fn approach_apart(&self, region: RegionIx, site: Site) -> Approach {
        self.by_land(region, site, HashMap::new())
    }

    fn by_land(&self, region: RegionIx, site: Site, measured: HashMap<u32, u32>) -> Approach {
        Approach {
            region,
            site,
            measured,
            piers: Vec::new(),
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
}

/// Who finds the way to an area: what is known of ways, the area, and the ruler that stands at it.
pub(super) struct Wayfinder<'a> {
    pub(super) guide: &'a mut Guide,
    pub(super) approach: &'a mut Approach,
    pub(super) ruler: &'a mut Ruler,
}

impl Wayfinder<'_> {
    /// Whether some stretch is closed, and the question is not what would be were none.
    fn minds_closed_stretches(&self) -> bool {
        !self.approach.ignores_detours && !self.guide.detours.is_empty()
    }

    /// The way over open roads, at the speed of trucks from depots of a tier; `None` where they do
    /// not join the two, or are farther off than the two are apart.
    fn over_roads(&mut self, origin: Origin, (tier, speed_kmh): (Tier, u32)) -> Option<Drive> {
        let (to, to_cm) = self.approach.snap?;
        let (from, from_cm) = self.guide.snap(origin.end, self.ruler.point(origin.end)?)?;
        let access_cm = to_cm.saturating_add(from_cm);
        if from == to || is_longer(access_cm, origin.end, self.ruler)? {
            return None;
        }
        let place = Tier::ALL.iter().position(|one| *one == tier)?;
        let cell = self.approach.times.get_mut(place)?;
        let times = cell.get_or_insert_with(|| self.guide.network.times_to(to, speed_kmh));
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

#[cfg(test)]
#[path = "held_tests.rs"]
mod held_tests;
#[cfg(test)]
#[path = "guide_tests.rs"]
pub(super) mod tests;
