//! One area struck alone: what is found out about it, and told in its row.
//!
//! Lives here: what must be known of an area, the goods that are looked at for it, on the roads as
//! they are and on open ones. Does not live here: how goods come (`goods`), what they come to
//! (`case`). Invariant: where something is not known the row says what, and has no figure.

use std::sync::Arc;

use crate::domain::catalogue::Need;
use crate::domain::profile::{ClockStart, Profile};
use crate::domain::reference::Reference;
use crate::domain::region::{Region, RegionIx, Regions};
use crate::domain::travel::{Guide, Ruler, Site};

use super::answer::{Missing, Row};
use super::case::{Case, Found};
use super::closure::Closures;
use super::detail::Detail;
use super::eligibility::Neighbourhood;
use super::goods::{Goods, promised};
use super::ground::{Call, Ground, Stock};
use super::pace::Paced;
use super::promises::Promised;
use super::query::{Query, Shock, WHOLE_PERCENT};
use super::survey::Tools;
use super::tally::Tally;
use super::trace::Trace;
use super::verdict::Verdict;
use super::vicinity::Vicinity;
use super::{Given, air, held};

/// An area asked about, with what is known of it.
pub struct Area<'a> {
    pub ix: RegionIx,
    pub region: &'a Arc<Region>,
    /// Its city's.
    pub profile: Option<&'a Arc<Profile>>,
    pub site: Option<Site>,
}

impl Area<'_> {
    /// Whether its city counts what others have promised.
    pub fn counts_promises(&self) -> bool {
        self.profile.is_some_and(|row| row.counts_promises())
    }

    /// The area's row; `run` are the areas that are looked at together with it.
    pub fn row(&self, given: &Given, run: &[Area], tools: &mut Tools) -> Row {
        let found = self.found(given, run, tools);
        self.told(given.query, found)
    }

    /// The limit in hours, and from when it counts.
    fn limit(&self, query: &Query) -> (Option<u32>, Option<ClockStart>) {
        let own = self.profile.map(|row| row.limit(self.region.tier));
        let (hours, clock) = own.unzip();
        (query.hours.or(hours), query.clock.or(clock))
    }

    /// What there is to tell of an area of a run.
    pub fn found(&self, given: &Given, run: &[Area], tools: &mut Tools) -> Found {
        let (hours, clock) = self.limit(given.query);
        match self.known(hours, clock) {
            Ok(known) => self.judge(&known, (given, run), tools),
            Err(missing) => Found::unknown(missing),
        }
    }

    /// What was found out as a row.
    pub fn told(&self, query: &Query, found: Found) -> Row {
        let (hours, clock) = self.limit(query);
        let Verdict { attained, binding, layers, needs } = found.verdict;
        Row {
            ix: self.ix,
            region: Arc::clone(self.region),
            hours,
            clock,
            coverage: attained.coverage,
            persons_covered: attained.persons_covered,
            compliant: attained.compliant,
            full_at_min: attained.full_at_min,
            binding,
            layers,
            travel: found.travel,
            inherited: found.inherited,
            needs,
            detail: found.detail,
        }
    }

    /// What is known of it; or what of it is missing.
    fn known(&self, hours: Option<u32>, clock: Option<ClockStart>) -> Result<Known<'_>, Missing> {
        let profile = self.profile.ok_or(Missing::Profile)?;
        Ok(Known {
            profile,
            hours: hours.unwrap_or(profile.target_hours),
            clock: clock.unwrap_or(profile.clock),
            persons: self.region.planned_displaced.ok_or(Missing::PlannedDisplaced)?,
            site: self.site.ok_or(Missing::Location)?,
        })
    }

    /// Looks at the goods that come to the area; where they are not enough, also at what would come
    /// if every road were open.
    fn judge(&self, known: &Known, (given, run): (&Given, &[Area]), tools: &mut Tools) -> Found {
        let (reference, query, survey) = (given.reference, given.query, given.survey);
        let regions = &reference.regions;
        let profile = known.profile;
        let pace = (known.clock, query.conditions());
        let paced = tools.timetables.of(profile, self.is_mountain(regions), pace);
        tools.ruler.stand(known.site.point);
        let around = Neighbourhood::of(regions, self.ix);
        let closures = std::mem::take(&mut tools.closures);
        let around_it = closures.around(regions, self.ix);
        let call = Call {
            query,
            closures: &closures,
            around_it: &around_it,
            regions,
            around: &around,
            open_roads: false,
            timetable: &paced.timetable,
            limit_min: i64::from(known.hours) * 60,
        };
        let promises = given.promises.reach(&call, (self.ix, known.site), &mut tools.ruler);
        let asked = known.needed(&survey.supply.needs, query);
        let case = Case {
            reference,
            persons: known.persons,
            attainment_permille: profile.attainment_permille,
            needs: &survey.supply.needs,
            asked: &asked,
            limit_min: call.limit_min,
            counted: query.scope.counted(),
            modes: &profile.modes_counted,
        };
        let inquiry = Inquiry { known, given, run, paced: &paced, promises: &promises };
        let mut goods = self.goods(&call, &inquiry, tools);
        let tallies = case.tallies(&mut goods);
        let verdict = case.verdict(&tallies);
        let detail = || {
            let unconfirmed = promises.iter().filter(|row| row.unconfirmed).count();
            let air = known.asked(given, call.limit_min).air(&verdict.needs);
            let detail = case.detail(&mut goods, (&tallies, &verdict), unconfirmed)?;
            Some(Detail { air, ..detail })
        };
        let detail = query.detail.then(detail).flatten();
        let trace = given.traced.then(|| Trace::of(&mut goods, &tallies, &case));
        let (travel, inherited) = (case.travel(&goods), goods.inherited);
        goods.clear();
        let mut found = Found { verdict, inherited, travel, detail, trace };
        if query.closes() && (given.traced || found.verdict.binding.is_some()) {
            self.compare_open_roads(&call, &inquiry, (&case, &tallies), &mut found, tools);
        }
        tools.closures = closures;
        found
    }

    /// Adds what closures make of the findings: whether they bind, and what they hold back.
    fn compare_open_roads(
        &self,
        call: &Call,
        inquiry: &Inquiry,
        (case, tallies): (&Case, &[Tally]),
        found: &mut Found,
        tools: &mut Tools,
    ) {
        let none = &Closures::default();
        let open = Call { closures: none, around_it: &[], open_roads: true, ..*call };
        let mut goods = self.goods(&open, inquiry, tools);
        match &mut found.trace {
            Some(trace) => trace.hold_back(&goods, tallies, case),
            None => found.verdict.blame_roads(&case.verdict(&case.tallies(&mut goods))),
        }
        let need = found.verdict.binding_place(case.needs).filter(|_| found.detail.is_some());
        let would_be = need.map(|need| held::in_time(&mut goods, case.measure(), need));
        goods.clear();
        if let Some((detail, would_be)) = found.detail.as_mut().zip(would_be) {
            let mut ground = self.ground(call, inquiry, (&mut tools.ruler, &mut tools.guide));
            detail.held_back = held::held_back(&mut ground, &would_be);
        }
    }

    /// Whether it or the lowest region above it of which somebody has told lies in the mountains.
    pub fn is_mountain(&self, regions: &Regions) -> bool {
        let mut terrain = regions.chain(self.ix).filter_map(|at| regions.get(at));
        terrain.find_map(|at| at.mountain).unwrap_or(false)
    }

    /// What is on its way to the area.
    fn goods<'g, 's>(
        &self,
        call: &'g Call<'g>,
        inquiry: &Inquiry<'g, 's>,
        tools: &'g mut Tools,
    ) -> Goods<'g, 's> {
        let Inquiry { given, run, promises, .. } = *inquiry;
        let admitted = tools.admitted(given.survey, call.regions, given.query, self.ix);
        let Tools { ruler, guide, marks, around, .. } = tools;
        let ground = self.ground(call, inquiry, (ruler, guide));
        let [there, open, alone] = around;
        // An area that lies in a closure waits for its own roads: it has no neighbours.
        let is_alone = !call.around_it.is_empty();
        let around = match call.open_roads {
            _ if is_alone => alone,
            true => open,
            false => there,
        };
        let settled = || {
            let place = |area: &Area| area.place(given.reference, given.query.shock);
            let all = if is_alone { std::slice::from_ref(self) } else { run };
            let places: Vec<_> = all.iter().filter_map(place).collect();
            Vicinity::of(&ground, &places, &admitted, marks)
        };
        if is_alone {
            *around = None;
        }
        let vicinity = around.get_or_insert_with(settled);
        let mut goods = Goods::lying(ground, &admitted, vicinity);
        goods.add(promised(promises, call.open_roads && !given.query.closures.is_empty()));
        goods
    }

    /// What looks at sources for the area.
    fn ground<'g, 's>(
        &self,
        call: &'g Call<'g>,
        inquiry: &Inquiry<'g, 's>,
        (ruler, guide): (&'g mut Ruler, &'g mut Guide),
    ) -> Ground<'g, 's> {
        let Inquiry { known, given, paced, .. } = *inquiry;
        let (query, survey) = (given.query, given.survey);
        let approach = guide.approach(self.ix, known.site);
        let approach = if call.open_roads { approach.on_open_roads() } else { approach };
        let stock = Stock {
            supply: &survey.supply,
            blocks: &survey.blocks,
            site: known.site,
            area: self.ix,
            struck: self.struck(given.reference, query.shock),
        };
        Ground { call, stock, paced, ruler, guide, approach }
    }

    /// Where it is, and which region's stock suffers with it.
    fn place(
        &self,
        reference: &Reference,
        shock: Shock,
    ) -> Option<(RegionIx, Site, Option<RegionIx>)> {
        Some((self.ix, self.site?, self.struck(reference, shock)))
    }

    /// The region whose stock suffers; `None` where none does.
    fn struck(&self, reference: &Reference, shock: Shock) -> Option<RegionIx> {
        let above = shock.tier.filter(|tier| *tier < self.region.tier);
        let root = above.and_then(|tier| reference.regions.ancestor_of_tier(self.ix, tier));
        (shock.surviving_percent < WHOLE_PERCENT).then(|| root.unwrap_or(self.ix))
    }
}

/// What is asked of one area while it is judged.
#[derive(Clone, Copy)]
struct Inquiry<'g, 's> {
    known: &'g Known<'g>,
    given: &'g Given<'s>,
    /// The areas that are looked at together with it.
    run: &'g [Area<'g>],
    paced: &'g Paced,
    promises: &'s [Promised],
}

/// What must be known before an area can be judged.
struct Known<'a> {
    profile: &'a Profile,
    hours: u32,
    clock: ClockStart,
    persons: i64,
    site: Site,
}

impl Known<'_> {
    /// What is required of each need in thousandths, and whether it is mandatory.
    fn needed(&self, needs: &[Arc<Need>], query: &Query) -> Vec<(i128, bool)> {
        let milli = |need: &Need| need.required_milli(self.persons, query.days, query.on);
        needs.iter().map(|need| (milli(need), need.mandatory)).collect()
    }

    /// What is asked of helicopters.
    fn asked<'a>(&'a self, given: &Given<'a>, limit_min: i64) -> air::Asked<'a> {
        air::Asked {
            reference: given.reference,
            profile: self.profile,
            clock: self.clock,
            point: self.site.point,
            persons: self.persons,
            limit_min,
            days: given.query.days,
            on: given.query.on,
        }
    }
}
