//! Ways by land: a measured route, the roads, or the straight line, and what closures make of it.
//!
//! Lives here: which of them a way is taken from, and whether it goes round a closed stretch or
//! waits for it. Does not live here: boats (`water`), which stretches are closed when (`blocked`).
//! Invariant: a way waits for a stretch only where going round it is no sooner.

use crate::domain::travel::blocked::Hold;
use crate::domain::travel::{Haul, Leg, Timetable};

use super::{Drive, Origin, Reach, Travel, Wayfinder};

/// The best known way were nothing closed.
struct OpenWay {
    minutes: i64,
    travel: Travel,
    inherited: bool,
    /// Over which roads; `None` where they say nothing of the way, or no stretch is closed and
    /// nobody has to know.
    drive: Option<Drive>,
}

impl Timetable {
    /// The same as `reach` for a way that takes no boat; `None` for a speed of zero.
    ///
    /// Nobody has told which stretches a measured route takes: it is held to take the quickest
    /// way over the roads. Where going round a stretch of that is sooner than waiting, what the
    /// roads say it takes more is added to the measured time, which then rests on the roads.
    pub(in crate::domain::travel) fn over_land(
        &self,
        haul: Haul,
        origin: Origin,
        finder: &mut Wayfinder,
    ) -> Option<Reach> {
        let ready = Haul { wait_min: 0, ..haul };
        let blocked = finder.approach.blocked.get(&origin.depot).copied();
        let way = self.on_open_roads(ready, origin, finder)?;
        let open = Reach {
            minutes: way.minutes,
            open_min: way.minutes,
            hold: blocked,
            wait_min: Hold::wait_min(blocked),
            detour: false,
            travel: way.travel,
            leg: None,
            inherited: way.inherited,
        };
        let Some(drive) = way.drive.filter(|_| finder.minds_closed_stretches()) else {
            return Some(open);
        };
        let leg = self.leg(0, [finder.approach.site.spread, origin.spread]);
        let driven = |ms: u64| self.driven_min(ready, &way, (drive, leg), ms);
        let waits = open.wait_min.unwrap_or(0).max(haul.wait_min);
        let cost = |ms: u64, stage_min: u32| {
            Some(driven(ms)?.saturating_add(self.waiting_min(ready, waits.max(stage_min))))
        };
        let (network, detours) = (&finder.guide.network, &mut finder.guide.detours);
        let speed = (drive.speed_kmh, drive.ms);
        let Some((ms, stage_min)) = detours.least(network, drive.nodes, speed, cost) else {
            let stays = detours.closed_by(network, drive.nodes, drive.speed_kmh);
            let hold = Hold::last_of(blocked.into_iter().chain(stays));
            return Some(Reach { hold, wait_min: None, ..open });
        };
        let opens = detours.waits_for(network, drive.nodes, drive.speed_kmh, stage_min);
        let detour = ms != drive.ms;
        let on_roads = if leg.estimated { Travel::Estimated } else { Travel::Road };
        Some(Reach {
            minutes: driven(ms)?,
            hold: Hold::last_of(blocked.into_iter().chain(opens)),
            wait_min: open.wait_min.map(|wait| wait.max(stage_min)),
            detour,
            travel: if detour { on_roads } else { open.travel },
            inherited: open.inherited || (detour && leg.estimated),
            ..open
        })
    }

    /// The best known way were nothing closed.
    fn on_open_roads(
        &self,
        ready: Haul,
        origin: Origin,
        finder: &mut Wayfinder,
    ) -> Option<OpenWay> {
        let ends = [finder.approach.site.spread, origin.spread];
        let speed = (ready.depot, self.speed_kmh(ready.depot));
        if let Some(minutes) = finder.approach.measured.get(&origin.depot).copied() {
            let minutes = self.fixed_min(ready).saturating_add(self.slowed(minutes));
            let asks = finder.minds_closed_stretches();
            let drive = if asks { finder.over_roads(origin, speed) } else { None };
            return Some(OpenWay { minutes, travel: Travel::Measured, inherited: false, drive });
        }
        let Some(drive) = finder.over_roads(origin, speed) else {
            let (minutes, inherited) = self.reach_min(ready, finder.ruler, origin.end, ends)?;
            return Some(OpenWay { minutes, travel: Travel::Estimated, inherited, drive: None });
        };
        let leg = self.leg(0, ends);
        let travel = if leg.estimated { Travel::Estimated } else { Travel::Road };
        let mut way = OpenWay { minutes: 0, travel, inherited: leg.estimated, drive: Some(drive) };
        way.minutes = self.driven_min(ready, &way, (drive, leg), drive.ms)?;
        Some(way)
    }

    /// Whole minutes where a way takes so many milliseconds on the roads.
    fn driven_min(&self, ready: Haul, way: &OpenWay, roads: (Drive, Leg), ms: u64) -> Option<i64> {
        let (drive, leg) = roads;
        if way.travel == Travel::Measured {
            let more = self.road_and_access_min(ready.depot, ms.saturating_sub(drive.ms), 0)?;
            return Some(way.minutes.saturating_add(more));
        }
        let least = if leg.estimated { self.deliver_min(ready, leg.cm)? } else { 0 };
        let on_road = self.road_and_access_min(ready.depot, ms, drive.access_cm)?;
        Some(self.fixed_min(ready).saturating_add(on_road).max(least))
    }
}
