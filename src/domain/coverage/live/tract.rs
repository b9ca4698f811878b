//! A tract: neighbouring areas under one region, with the figures that their verdicts rest on, by
//! need and area.
//!
//! Lives here: the figures, and rows made of them. Does not live here: what a change of stock does
//! to them (`following`). Invariant: the figures are those that gathering them anew would give.

use std::sync::Arc;

use crate::domain::profile::{ClockStart, Profile};
use crate::domain::quantity::Ratio;
use crate::domain::region::{Region, RegionIx};
use crate::domain::travel::{Ball, Site, Timetable, Travel};

use super::super::answer::{Badness, Headline, Reason, Row};
use super::super::closure::Closure;
use super::super::eligibility::{Layer, Lineage};
use super::super::goods;
use super::super::tally::Tally;
use super::super::trace::{Basis, Coming, Gift, NEVER, Trace};
use super::super::verdict::{Attained, Verdict};
use super::column::Column;
use super::desk::Desk;
use super::fullness::Full;

/// What all areas of a tract have in common.
#[derive(Debug)]
pub struct Lie {
    /// The region right above them.
    pub root: Option<RegionIx>,
    pub timetable: Timetable,
    pub limit_min: i64,
    pub counted: Layer,
    /// The first of them and the regions above, which all have in common.
    pub line: Lineage,
    /// The ball about them.
    pub ball: Ball,
    /// How far any of them may stand off its point, in centimetres.
    pub most_cm: u32,
    /// Depots with a measured route to any of them or a way that is blocked, sorted.
    pub routed: Vec<u32>,
    /// Closures that all of them lie in.
    pub closures: Vec<Closure>,
    /// Whether any of them lies in another.
    pub parted: bool,
}

/// One area.
#[derive(Debug)]
pub struct Place {
    pub ix: RegionIx,
    pub region: Arc<Region>,
    pub profile: Arc<Profile>,
    pub site: Site,
    /// A ball with nothing but its point.
    pub spot: Ball,
    pub persons: i64,
    pub hours: u32,
    pub clock: ClockStart,
    pub travel: Travel,
    pub inherited: bool,
    /// Whether these two must be looked up anew.
    pub doubtful: bool,
    /// All that counts and comes until then.
    pub order: Vec<Coming>,
    pub until_min: u32,
    pub promised: Vec<Gift>,
}

impl Place {
    /// An area as its row and its trace tell; without what it comes to.
    pub fn of(row: &Row, profile: &Arc<Profile>, site: Site, trace: Trace) -> Option<Self> {
        Some(Self {
            ix: row.ix,
            region: Arc::clone(&row.region),
            profile: Arc::clone(profile),
            site,
            spot: Ball::about(std::iter::once(site.point)),
            persons: row.region.planned_displaced?,
            hours: row.hours?,
            clock: row.clock?,
            travel: row.travel,
            inherited: row.inherited,
            doubtful: false,
            order: trace.order,
            until_min: trace.until_min,
            promised: trace.promised,
        })
    }
}

/// The areas and their figures.
#[derive(Debug)]
pub struct Tract {
    pub lie: Lie,
    pub places: Vec<Place>,
    /// What meets each need, in whole units.
    pub required: Vec<i64>,
    pub in_time: [Column; 4],
    pub isolated: Column,
    /// What comes in time and counts.
    pub reach: Column,
    /// By need, no area has less in time beyond what meets it; below zero where one may be short.
    pub least: Vec<i64>,
    /// What ever comes of what counts.
    pub ever: Column,
    /// What more of it would be in time if every road were open.
    pub held_back: Column,
    pub met_min: Vec<u32>,
    /// No need is met later than this, and no area is full later, as far as somebody knows when.
    pub last_min: u32,
    /// By area the needs, as bits, of which nobody knows when they are met now.
    pub open: Vec<u64>,
    pub full: Vec<Full>,
    /// What is there of a mandatory need beyond what meets it when the area was full.
    pub spare: Vec<i64>,
    /// What each area's figures come to; who asks for `full_at_min` refreshes them first.
    pub attained: Vec<Attained>,
    /// What all of them come to.
    pub sums: Sums,
    /// The worst of them, unless it is stale.
    pub worst: Option<Badness>,
    pub stale: bool,
}

/// The sums over a tract's areas.
#[derive(Debug, Default, Clone, Copy)]
pub struct Sums {
    pub areas: usize,
    pub unknown: usize,
    pub compliant: usize,
    pub planned_displaced: i64,
    pub persons_covered: i64,
    /// The least coverage of any, if it is known of all.
    pub least: Option<Ratio>,
}

impl Tract {
    /// The areas as they were surveyed.
    pub fn of(lie: Lie, found: Vec<(Place, Vec<Basis>, Attained)>, needs: usize) -> Self {
        let size = needs * found.len();
        let column = || Column::of(found.len(), needs);
        let mut tract = Self {
            lie,
            places: Vec::with_capacity(found.len()),
            required: vec![0; size],
            in_time: std::array::from_fn(|_| column()),
            isolated: column(),
            reach: column(),
            least: vec![i64::MIN; needs],
            ever: column(),
            held_back: column(),
            met_min: vec![NEVER; size],
            last_min: 0,
            open: vec![0; found.len()],
            full: vec![Full::UNKNOWN; found.len()],
            spare: vec![0; size],
            attained: Vec::with_capacity(found.len()),
            sums: Sums::default(),
            worst: None,
            stale: true,
        };
        let width = found.len();
        for (area, (place, bases, attained)) in found.into_iter().enumerate() {
            for (need, basis) in bases.iter().enumerate() {
                let at = need * width + area;
                for (layer, units) in Layer::ALL.into_iter().zip(basis.in_time) {
                    layer.of(&mut tract.in_time).add(need, area..area + 1, units);
                    if layer <= tract.lie.counted {
                        tract.reach.add(need, area..area + 1, units);
                    }
                }
                tract.isolated.add(need, area..area + 1, basis.isolated);
                tract.ever.add(need, area..area + 1, basis.ever);
                tract.held_back.add(need, area..area + 1, basis.held_back);
                let cells = (tract.required.get_mut(at), tract.met_min.get_mut(at));
                if let (Some(required), Some(met_min)) = cells {
                    (*required, *met_min) = (basis.required, basis.met_min);
                    tract.last_min = tract.last_min.max(basis.met_min);
                }
            }
            tract.places.push(place);
            tract.attained.push(attained);
        }
        tract.add_up();
        tract
    }

    /// Adds up what the areas come to.
    pub fn add_up(&mut self) {
        let least = self.attained.iter().map(|one| one.coverage).min().flatten();
        let mut sums = Sums { areas: self.places.len(), least, ..Sums::default() };
        for (place, one) in self.places.iter().zip(&self.attained) {
            if one.coverage.is_none() {
                sums.unknown += 1;
                continue;
            }
            let persons = one.persons_covered.unwrap_or_default();
            sums.planned_displaced = sums.planned_displaced.saturating_add(place.persons);
            sums.persons_covered = sums.persons_covered.saturating_add(persons);
            sums.compliant += usize::from(one.compliant == Some(true));
        }
        self.sums = sums;
    }

    /// Bytes that it takes, nearly.
    pub fn bytes(&self) -> usize {
        let beside = [&self.isolated, &self.reach, &self.ever, &self.held_back];
        let columns = self.in_time.iter().chain(beside);
        let cells = columns.map(Column::cells).sum::<usize>() + 2 * self.required.len();
        let orders: usize = self.places.iter().map(|place| place.order.capacity()).sum();
        let area = size_of::<Place>() + size_of::<(Attained, Full, u64)>();
        cells * size_of::<i64>()
            + self.met_min.len() * size_of::<u32>()
            + orders * size_of::<Coming>()
            + self.places.len() * area
    }

    /// All sums, by need and area.
    #[cfg(test)]
    pub fn figures(&self) -> Vec<[i64; 8]> {
        let [own, county, city, province] = &self.in_time;
        let columns = [own, county, city, province, &self.isolated, &self.reach, &self.ever];
        let cells = (0..self.least.len()).flat_map(|need| {
            let areas = 0..self.places.len();
            areas.map(move |area| (need, area))
        });
        let sums = |(need, area)| {
            let [own, county, city, province, isolated, reach, ever] =
                columns.map(|column| column.get(need, area));
            [own, county, city, province, isolated, reach, ever, self.held_back.get(need, area)]
        };
        cells.map(sums).collect()
    }

    /// The tallies of an area's needs.
    pub fn tally(&self, area: usize, desk: &Desk, into: &mut Vec<Tally>) {
        into.clear();
        let (width, query) = (self.places.len(), desk.common.query);
        let Some(place) = self.places.get(area) else { return };
        for (need, row) in desk.common.shelves.needs.iter().enumerate() {
            let at = need * width + area;
            let asked = (row.required_milli(place.persons, query.days, query.on), row.mandatory);
            let in_time = self.in_time.each_ref().map(|column| i128::from(column.get(need, area)));
            let isolated = i128::from(self.isolated.get(need, area));
            let met = self.met_min.get(at).copied().filter(|met| *met < NEVER).map(i64::from);
            let sums = goods::Sums { in_time, late: [0; 4], isolated };
            into.push(Tally::of_sums(asked, self.lie.counted, sums, met));
        }
    }

    /// An area in few words.
    pub fn headline(&self, area: usize) -> Option<Headline<'_>> {
        let (place, attained) = (self.places.get(area)?, *self.attained.get(area)?);
        Some(Headline { ix: place.ix, region: &place.region, attained })
    }

    /// The row of an area.
    pub fn row(&mut self, area: usize, desk: &mut Desk) -> Option<Row> {
        self.settle(area, desk);
        if self.places.get(area).is_some_and(|place| place.doubtful) {
            self.look_again(area, desk);
        }
        let mut tallies = Vec::new();
        self.tally(area, desk, &mut tallies);
        let place = self.places.get(area)?;
        let permille = place.profile.attainment_permille;
        let needs = &desk.common.shelves.needs;
        let mut verdict = Verdict::of(place.persons, permille, needs, &tallies);
        if let Some(need) = verdict.binding_place(needs) {
            let open = self.reach.get(need, area) + self.held_back.get(need, area);
            let required = self.required.get(need * self.places.len() + area);
            let binding = verdict.binding.as_mut();
            let by_roads = desk.common.query.closes() && required.is_some_and(|it| open >= *it);
            binding.filter(|_| by_roads).into_iter().for_each(|one| one.reason = Reason::Road);
        }
        let Verdict { attained, binding, layers, needs } = verdict;
        Some(Row {
            ix: place.ix,
            region: Arc::clone(&place.region),
            hours: Some(place.hours),
            clock: Some(place.clock),
            coverage: attained.coverage,
            persons_covered: attained.persons_covered,
            compliant: attained.compliant,
            full_at_min: attained.full_at_min,
            binding,
            layers,
            travel: place.travel,
            inherited: place.inherited,
            needs,
            detail: None,
        })
    }

    /// Looks up on what an area's arrivals rest.
    fn look_again(&mut self, area: usize, desk: &mut Desk) {
        let counted = self.lie.counted;
        let Some(place) = self.places.get_mut(area) else { return };
        let (mut in_time, mut ever, mut inherited) = (None, None, false);
        let promised = place.promised.iter().map(|gift| i64::from(gift.minutes));
        for minutes in promised {
            ever = Some(Travel::Estimated);
            in_time = in_time.max(ever.filter(|_| minutes <= self.lie.limit_min));
        }
        let shelves = desk.common.shelves;
        let mut stand = desk.stand(&self.lie, place);
        let ways = shelves.present().filter_map(|(_, source)| stand.way(source));
        for way in ways.filter(|way| way.arrives) {
            inherited |= way.inherited;
            if way.layer <= counted {
                ever = ever.max(Some(way.travel));
                in_time = in_time.max(Some(way.travel).filter(|_| way.in_time));
            }
        }
        place.travel = in_time.or(ever).unwrap_or(Travel::Estimated);
        (place.inherited, place.doubtful) = (inherited, false);
    }
}
