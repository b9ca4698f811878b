//! The guide: the best known way between a depot and an area, and which layer it is from.
//!
//! Lives here: the order of layers: a measured route, else the roads, else the straight line with
//! its detour. Does not live here: what comes before and after the road (`Timetable`). Invariant:
//! where either end stands at an inherited point, the way is estimated, and no shorter than from
//! there to where the end may really be.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::region::{Point, RegionIx, Tier};
use crate::domain::route::Measured;

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
    pub minutes: i64,
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
}

/// The area that ways lead to.
#[derive(Debug)]
pub struct Approach {
    site: Site,
    measured: Option<HashMap<u32, u32>>,
    snap: Snap,
    times: [Option<Times>; 5],
}

impl Approach {
    /// The depots with a measured route.
    pub fn measured(&self) -> impl Iterator<Item = u32> {
        self.measured.iter().flat_map(|by| by.keys().copied())
    }
}

impl Guide {
    pub fn new(measured: Measured, network: Arc<Network>) -> Self {
        Self { measured, network, snaps: Vec::new() }
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

    /// Milliseconds over the roads and centimetres to them and from them; `None` where the roads
    /// do not join the two, or are farther off than the two are apart.
    fn over_roads(
        &mut self,
        approach: &mut Approach,
        origin: Origin,
        (tier, speed_kmh): (Tier, u32),
        ruler: &mut Ruler,
    ) -> Option<(u64, u32)> {
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
        Some((ms, access_cm))
    }
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
    /// for a speed of zero. The ruler stands at the area.
    pub fn reach(
        &self,
        haul: Haul,
        origin: Origin,
        guide: &mut Guide,
        approach: &mut Approach,
        ruler: &mut Ruler,
    ) -> Option<Reach> {
        if let Some(minutes) = approach.measured.as_ref().and_then(|by| by.get(&origin.depot)) {
            let minutes = self.fixed_min(haul).saturating_add(self.slowed(*minutes));
            return Some(Reach { minutes, travel: Travel::Measured, inherited: false });
        }
        let ends = [approach.site.spread, origin.spread];
        let by_road = match approach.snap {
            None => None,
            Some(_) => {
                let speed = (haul.depot, self.speed_kmh(haul.depot));
                guide.over_roads(approach, origin, speed, ruler)
            }
        };
        let Some((ms, access_cm)) = by_road else {
            let (minutes, inherited) = self.reach_min(haul, ruler, origin.end, ends)?;
            return Some(Reach { minutes, travel: Travel::Estimated, inherited });
        };
        let on_road = self.road_and_access_min(haul.depot, ms, access_cm)?;
        let leg = self.leg(0, ends);
        let minutes = self.fixed_min(haul).saturating_add(on_road);
        if leg.estimated {
            let minutes = minutes.max(self.deliver_min(haul, leg.cm)?);
            return Some(Reach { minutes, travel: Travel::Estimated, inherited: true });
        }
        Some(Reach { minutes, travel: Travel::Road, inherited: false })
    }
}

#[cfg(test)]
#[path = "guide_tests.rs"]
mod tests;
