//! Advice: what to buy or to bring nearer beforehand, where, and how many more people it serves.
//!
//! Lives here: a few candidates for each proof of shortage, each answered by solving again with one
//! more pack and with all that is lacking. Does not live here: prices. Invariant: no figure is a
//! dual; each is the difference of two answers; what lies in an area beforehand is struck with it.

use std::collections::HashSet;
use std::sync::Arc;

use super::super::allocation::{Link, Plan, Question, Reach, Shortage, divide};
use super::super::catalogue::{Item, ItemStatus};
use super::super::depot::Depot;
use super::super::quantity::{div_up, narrow};
use super::super::region::Region;
use super::WHOLE_PERCENT;
use super::detail::Case;
use super::questions::{Asked, Fraction, Shares, persons};
use super::survivors;

/// Shortages for which something is proposed, those that leave people with least first.
const MAX_SHORTAGES: usize = 40;

/// What is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remedy {
    Buy,
    /// Brought from where it lies too far off.
    Preposition,
}

impl Remedy {
    pub const ALL: [Self; 2] = [Self::Buy, Self::Preposition];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "buy",
            Self::Preposition => "preposition",
        }
    }
}

/// What goods more at some place bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gain {
    /// Pieces of the item.
    pub pieces: i64,
    /// More of the need in time, in its unit.
    pub delivered: i64,
    /// More people for whom this need is met.
    pub persons_of_need: i64,
    /// More people all of whose mandatory needs are met.
    pub persons: i64,
}

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    pub remedy: Remedy,
    pub item: Arc<Item>,
    pub need: Arc<super::super::catalogue::Need>,
    /// Where the goods are to lie.
    pub region: Arc<Region>,
    /// In which depot, where one is meant.
    pub depot: Option<Arc<Depot>>,
    /// Whence, where they are brought nearer.
    pub from: Option<Arc<Depot>>,
    /// One pack more.
    pub pack: Gain,
    /// All that is lacking in the area, or in all areas that the depot reaches; or all that lies
    /// where it is brought from.
    pub whole: Gain,
}

/// Where goods would lie: a source of the question, and whence they are taken.
struct Place {
    source: usize,
    region: Arc<Region>,
    depot: Option<Arc<Depot>>,
    from: Option<usize>,
    /// Percent that the disaster leaves of what lies there.
    left_percent: u32,
}

/// Proposals for the shortages: mandatory needs before others, the worst served area first.
pub fn advise(case: &Case) -> Vec<Advice> {
    let plain: Shares = case.plans.iter().map(|plan| plan.delivered.clone()).collect();
    let mut shortages = Vec::new();
    for (nth, (one, plan)) in case.asked.iter().zip(case.plans).enumerate() {
        for shortage in &plan.shortages {
            let shares = shortage.areas.iter().map(|area| (share(one, plan, *area), *area));
            if let Some((share, worst)) = shares.min() {
                shortages.push((!one.need.mandatory, share, nth, one, plan, shortage, worst));
            }
        }
    }
    shortages.sort_by_key(|(optional, share, nth, ..)| (*optional, *share, *nth));
    let desk = Desk { case, plain, inside: case.ways.in_time_with_stores() };
    let worst_first = shortages.into_iter().take(MAX_SHORTAGES);
    let mut found: Vec<Advice> = worst_first
        .flat_map(|(_, _, nth, one, plan, shortage, worst)| {
            desk.about((nth, one), plan, (shortage, worst))
        })
        .collect();
    // Proofs overlap: of two proposals for one place the first is that of the tighter one.
    let mut known = HashSet::new();
    found.retain(|row| {
        let depot = row.depot.as_ref().map(|depot| depot.code.clone());
        known.insert((row.remedy, row.need.code.clone(), row.region.code, depot))
    });
    found
}

/// What an area has of a need in the end.
fn share(one: &Asked, plan: &Plan, area: usize) -> Fraction {
    Fraction(one.served(area, &plan.delivered), one.required(area).max(1))
}

struct Desk<'a> {
    case: &'a Case<'a>,
    plain: Shares,
    /// Also from a store in each area, after the sources.
    inside: Reach,
}

impl Desk<'_> {
    fn about(
        &self,
        (nth, one): (usize, &Asked),
        plan: &Plan,
        (shortage, worst): (&Shortage, usize),
    ) -> Vec<Advice> {
        let mut found = Vec::new();
        let open = one.required(worst) - one.served(worst, &plan.delivered);
        if let Some((item, amount)) = self.item_of(one) {
            let places = [(self.store(worst), open), (self.common(shortage), shortage.short())];
            for (place, units) in places {
                let Some(place) = place else { continue };
                let goods = (Arc::clone(&item), amount, units);
                found.extend(self.advice((nth, one), goods, None, &place));
            }
        }
        if let Some((place, item, amount, there)) = self.late(one, worst) {
            // What lies in an area serves that area alone.
            found.extend(self.advice((nth, one), (item, amount, open), Some(there), &place));
        }
        found
    }

    /// A proposal for so many units that lack, of those `there` where they are brought from;
    /// `None` where the disaster leaves nothing of what lies at the place.
    fn advice(
        &self,
        asked: (usize, &Asked),
        (item, amount, units): (Arc<Item>, i64, i64),
        there: Option<i64>,
        place: &Place,
    ) -> Option<Advice> {
        let least = item.packs.iter().map(|pack| pack.factor).min().unwrap_or(1);
        // As many as leave so much of them.
        let left = div_up(units.into(), amount.into());
        let percent = i128::from(place.left_percent);
        let enough = || narrow(div_up(i128::from(WHOLE_PERCENT) * left, percent));
        let enough = (percent > 0).then(enough)?;
        let whole = there.map_or(enough, |there| enough.min(there.div_euclid(amount)));
        let remedy = there.map_or(Remedy::Buy, |_| Remedy::Preposition);
        let depots = &self.case.position.reference.depots;
        let holder = place.from.and_then(|at| self.case.ways.holders.get(at));
        Some(Advice {
            remedy,
            need: Arc::clone(asked.1.need),
            region: Arc::clone(&place.region),
            depot: place.depot.clone(),
            from: holder.and_then(|holder| depots.get(holder.depot)).cloned(),
            pack: self.gain(asked, place, least.min(whole), amount),
            whole: self.gain(asked, place, whole, amount),
            item,
        })
    }

    /// What so many pieces more at a place bring.
    fn gain(&self, (nth, one): (usize, &Asked), place: &Place, pieces: i64, amount: i64) -> Gain {
        let mut supply = one.held.clone();
        supply.resize(supply.len() + one.asks.len(), 0);
        let units = pieces.saturating_mul(amount);
        if let Some(from) = place.from.and_then(|from| supply.get_mut(from)) {
            *from = (*from - units).max(0);
        }
        if let Some(at) = supply.get_mut(place.source) {
            let left = survivors::left(pieces, 0, place.left_percent);
            *at = at.saturating_add(left.saturating_mul(amount));
        }
        let question = Question { reach: &self.inside, supply: &supply, asks: &one.asks };
        let delivered = divide(question);
        let before = self.plain.get(nth).cloned().unwrap_or_default();
        let scenario = self.case.scenario;
        let alone = |units: &[i64]| {
            let areas = scenario.areas.iter().enumerate();
            let people = areas.filter(|(at, _)| one.required(*at) > 0).map(|(at, area)| {
                let served = i128::from(area.displaced) * i128::from(one.served(at, units));
                narrow(served / i128::from(one.required(at)))
            });
            people.sum::<i64>()
        };
        let mut all = self.plain.clone();
        if let Some(shares) = all.get_mut(nth) {
            shares.clone_from(&delivered);
        }
        let covered = |shares: &Shares| persons(scenario, self.case.asked, shares);
        Gain {
            pieces,
            delivered: delivered.iter().sum::<i64>() - before.iter().sum::<i64>(),
            persons_of_need: alone(&delivered) - alone(&before),
            persons: covered(&all) - covered(&self.plain),
        }
    }

    /// The item to buy for a need: the first by priority and code.
    fn item_of(&self, one: &Asked) -> Option<(Arc<Item>, i64)> {
        let items = self.case.position.reference.items.iter().map(|(_, item)| item);
        let giving = items.filter_map(|item| {
            let given = item.provision.as_ref().filter(|given| given.need == one.need.code)?;
            let active = item.status == ItemStatus::Active && given.amount > 0;
            active.then(|| (Arc::clone(item), given.amount))
        });
        giving.min_by_key(|(item, _)| (item.priority.unwrap_or(u8::MAX), item.code.clone()))
    }

    fn region(&self, area: usize) -> Option<Arc<Region>> {
        let struck = self.case.scenario.areas.get(area)?;
        self.case.position.reference.regions.get(struck.region).cloned()
    }

    /// A store in an area.
    fn store(&self, area: usize) -> Option<Place> {
        let source = self.case.ways.holders.len() + area;
        let left_percent = self.case.scenario.surviving_percent;
        Some(Place { source, region: self.region(area)?, depot: None, from: None, left_percent })
    }

    /// The depot from which most of the areas are reached in time, the quickest among equals; none
    /// that is disabled.
    fn common(&self, shortage: &Shortage) -> Option<Place> {
        let ways = self.case.ways;
        let mut reached = vec![(0_usize, 0_u64); ways.holders.len()];
        for link in shortage.areas.iter().flat_map(|area| ways.leading_to(*area)) {
            if let Some((areas, minutes)) = reached.get_mut(link.source) {
                *areas += 1;
                *minutes += u64::from(link.minutes);
            }
        }
        let gives = |at: usize| ways.holders.get(at).is_some_and(|holder| holder.gives());
        let best = reached
            .into_iter()
            .enumerate()
            .filter(|(at, (areas, _))| *areas > 0 && gives(*at))
            .min_by_key(|(at, (areas, minutes))| (std::cmp::Reverse(*areas), *minutes, *at));
        let (source, _) = best?;
        let holder = ways.holders.get(source)?;
        let depot = Arc::clone(&holder.record);
        let region = Arc::clone(self.case.position.reference.regions.by_code(depot.region)?);
        let left_percent = holder.left_percent;
        Some(Place { source, region, depot: Some(depot), from: None, left_percent })
    }

    /// Goods that nobody gets, nearest among those that do not reach the area in time: the place
    /// in the area, item, what a piece gives, units.
    fn late(&self, one: &Asked, area: usize) -> Option<(Place, Arc<Item>, i64, i64)> {
        let Case { position, scenario, ways, .. } = *self.case;
        let holds = |link: &Link| one.held.get(link.source).is_some_and(|units| *units > 0);
        let mut farther: Vec<Link> = ways.too_late_for(area).filter(holds).collect();
        farther.sort_by_key(|link| (link.minutes, link.source));
        farther.into_iter().find_map(|link| {
            let holder = ways.holders.get(link.source)?;
            let kinds = self.case.sent.rest(position, scenario, holder, one.need).into_iter();
            let (units, kind) = kinds
                .map(|kind| (kind.amount.saturating_mul(kind.quantity), kind))
                .max_by_key(|(units, _)| *units)?;
            let place = Place { from: Some(link.source), ..self.store(area)? };
            Some((place, kind.item, kind.amount, units))
        })
    }
}
