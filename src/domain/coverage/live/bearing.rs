//! Bearings: what a source means for all areas of a tract at once, and what then is left to look up
//! from each of them.
//!
//! Lives here: bounds on when its goods reach any of the areas. Does not live here: the look at one
//! source from one area by all that is known (`desk`). Invariant: what is told of a tract holds for
//! each of its areas.

use std::cmp::Ordering;

use crate::domain::travel::{Haul, Hold, Spread, Travel, distance_cm};

use super::super::closure::{Closure, parting};
use super::super::eligibility::Neighbourhood;
use super::super::supply::Source;
use super::super::trace::{NEVER, minute};
use super::desk::{Common, Desk, Way};
use super::tract::{Lie, Place};

/// A source, with what no tract changes in it.
pub struct Leaving<'a> {
    pub number: u32,
    pub source: &'a Source,
    /// Closures that it lies in.
    closures: Vec<Closure>,
}

/// What a source means for the areas of a tract.
pub enum Bearing {
    /// It serves none of them.
    Off,
    /// The same for all of them, but for whose point is inherited.
    Alike(Way),
    /// The same but for how far it is.
    Far(Passage),
    /// One by one.
    Various,
}

impl Bearing {
    /// Whether it is the same under other closures, so that a source means the same for each area;
    /// the pairs blocked from its depot must be the same.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Off, Self::Off) => true,
            (Self::Alike(one), Self::Alike(other)) => one.fixed_min == other.fixed_min,
            (Self::Far(one), Self::Far(other)) => one.way.fixed_min == other.way.fixed_min,
            _ => false,
        }
    }
}

/// How a source stands to areas that the straight way leads to; what is in time is left open.
pub struct Passage {
    way: Way,
    /// Minutes off the road were every road open.
    open_min: i64,
    /// Whether to some of them a way of its own may lead.
    routed: bool,
}

/// How far a source's goods go, in centimetres.
#[derive(Clone, Copy)]
struct Range {
    least_cm: u32,
    most_cm: u32,
}

impl<'a> Common<'a> {
    /// A source, with what no tract changes in it.
    pub fn leaving(&self, (number, source): (u32, &'a Source)) -> Leaving<'a> {
        let closures = self.closures.around(&self.reference.regions, source.region);
        Leaving { number, source, closures }
    }
}

impl Desk<'_> {
    /// What a source means for a tract with at least one area.
    pub fn bearing(&self, lie: &Lie, leaving: &Leaving) -> Bearing {
        let (reference, query, source) = (self.common.reference, self.common.query, leaving.source);
        let regions = &reference.regions;
        let near = |root| regions.within(source.region, root) || regions.within(source.owner, root);
        let timetable = &lie.timetable;
        let apart = self.has_roads() || !timetable.moves() || lie.parted;
        if apart || lie.root.is_none_or(near) {
            return Bearing::Various;
        }
        let around = Neighbourhood::known(regions, &lie.line);
        let Some(standing) = around.standing(source, query.scope) else { return Bearing::Off };
        let bounds = self.ruler.bounds_of_ball(&lie.ball, source.end);
        let Some((bounds, root)) = bounds.zip(lie.root) else { return Bearing::Various };
        // What lies near the areas has been left aside, so they are parted from it as one.
        let hold = parting(regions, (source.region, &leaving.closures), (root, &lie.closures));
        let haul = standing.haul(source);
        let waiting = |wait_min: u32| timetable.fixed_min(Haul { wait_min, ..haul });
        let fixed_min = Hold::wait_min(hold).map(waiting);
        let open_min = if hold.is_none() { fixed_min.unwrap_or_default() } else { waiting(0) };
        let spread_cm = timetable.least_cm(source.spread);
        let least_cm = bounds.least_cm.max(spread_cm);
        let most_cm = bounds.most_cm.max(spread_cm).max(lie.most_cm);
        let range = Range { least_cm, most_cm };
        let way = Way {
            layer: standing.layer,
            inside: false,
            arrives: fixed_min.is_some(),
            in_time: false,
            in_time_if_open: false,
            least_min: arrives(lie, source, fixed_min, least_cm),
            most_min: arrives(lie, source, fixed_min, most_cm),
            minutes: None,
            fixed_min,
            travel: Travel::Estimated,
            inherited: source.spread != Spread::Known,
        };
        let routed = lie.routed.binary_search(&source.depot).is_ok();
        let none = || None;
        match in_time(lie, source, (fixed_min, open_min), range, none).filter(|_| !routed) {
            Some((in_time, in_time_if_open)) => {
                Bearing::Alike(Way { in_time, in_time_if_open, ..way })
            }
            None => Bearing::Far(Passage { way, open_min, routed }),
        }
    }

    /// How a source stands to one of the areas that it is far from; `None` where it does not serve
    /// it.
    pub fn way(
        &mut self,
        lie: &Lie,
        place: &Place,
        leaving: &Leaving,
        passage: &Passage,
    ) -> Option<Way> {
        let source = leaving.source;
        let singled_out = passage.routed && self.singles_out(place, source.depot);
        let range = self.range(lie, place, source).filter(|_| !singled_out);
        let Some(range) = range else { return self.stand(lie, place).way(source) };
        let fixed_min = passage.way.fixed_min;
        let exactly = || self.exactly(lie, place, source);
        let (in_time, in_time_if_open) =
            in_time(lie, source, (fixed_min, passage.open_min), range, exactly)?;
        let least_min = arrives(lie, source, fixed_min, range.least_cm);
        let most_min = arrives(lie, source, fixed_min, range.most_cm);
        Some(Way { in_time, in_time_if_open, least_min, most_min, ..passage.way })
    }

    /// Between which distances goods of a source come to one area.
    fn range(&self, lie: &Lie, place: &Place, source: &Source) -> Option<Range> {
        let bounds = self.ruler.bounds_of_ball(&place.spot, source.end)?;
        let leg = |cm: u32| lie.timetable.leg(cm, [place.site.spread, source.spread]).cm;
        Some(Range { least_cm: leg(bounds.least_cm), most_cm: leg(bounds.most_cm) })
    }

    /// The distance itself.
    fn exactly(&self, lie: &Lie, place: &Place, source: &Source) -> Option<u32> {
        let cm = distance_cm(place.site.point, self.ruler.point(source.end)?);
        Some(lie.timetable.leg(cm, [place.site.spread, source.spread]).cm)
    }

    /// When goods of a source that stands to an area in a way are there; `None` where they never
    /// are.
    pub fn minutes(&self, lie: &Lie, place: &Place, number: u32, way: Way) -> Option<u32> {
        if way.minutes.is_some() {
            return way.minutes;
        }
        let source = self.common.shelves.get(number)?;
        let at = |cm: u32| arrives(lie, source, way.fixed_min, cm);
        let range = self.range(lie, place, source);
        let same = range.filter(|range| at(range.least_cm) == at(range.most_cm));
        let cm = same.map(|range| range.least_cm).or_else(|| self.exactly(lie, place, source));
        cm.map(at).filter(|minutes| *minutes < NEVER)
    }

    /// Whether goods of a source are there before a minute, with it, or after.
    pub fn compare(
        &self,
        lie: &Lie,
        place: &Place,
        (number, way): (u32, Way),
        at_min: u32,
    ) -> Option<Ordering> {
        if way.most_min < at_min {
            return Some(Ordering::Less);
        }
        if way.least_min > at_min {
            return Some(Ordering::Greater);
        }
        self.minutes(lie, place, number, way).map(|minutes| minutes.cmp(&at_min))
    }
}

/// Whether goods are in time over any way of a range, as the roads are and were they open; `None`
/// where that differs and nobody knows the way `exactly`.
fn in_time(
    lie: &Lie,
    source: &Source,
    (fixed_min, open_min): (Option<i64>, i64),
    range: Range,
    exactly: impl Fn() -> Option<u32>,
) -> Option<(bool, bool)> {
    let by = |fixed_min: i64, cm: u32| {
        lie.timetable.is_by(fixed_min, source.depot_tier, cm, lie.limit_min)
    };
    let all = |fixed_min: i64| match by(fixed_min, range.most_cm) {
        true => Some(true),
        false if !by(fixed_min, range.least_cm) => Some(false),
        false => exactly().map(|cm| by(fixed_min, cm)),
    };
    let in_time = fixed_min.map_or(Some(false), all)?;
    let if_open = if fixed_min == Some(open_min) { in_time } else { all(open_min)? };
    Some((in_time, if_open))
}

/// When goods are there over so many centimetres.
fn arrives(lie: &Lie, source: &Source, fixed_min: Option<i64>, cm: u32) -> u32 {
    let road_min = lie.timetable.road_min(source.depot_tier, cm).unwrap_or_default();
    fixed_min.map_or(NEVER, |fixed_min| minute(fixed_min.saturating_add(road_min)))
}
