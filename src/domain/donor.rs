//! Donors: who has goods to spare for a gap, how soon they could be there, and who must order it.
//!
//! Lives here: the greedy filling of the gap, and each donor's row. Does not live here: who may be
//! asked in which order of duty (`duty`), what they can spare (`stores`), where goods go (`target`)
//! and how long they take (`clock`). Invariant:
//! nobody is asked for more than it can spare beyond its own targets, and all together for no more
//! than the gap.

mod clock;
mod duty;
mod stores;
mod target;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::catalogue::Item;
use super::coverage::{self, Scope};
use super::depot::{Depot, Organization};
use super::explanation::Asked;
use super::gap;
use super::lot::Lot;
use super::position::Position;
use super::quota::Mode;
use super::region::{Region, RegionIx};
use super::travel::{Blocked, Hold, Travel, distance_cm};

use clock::{Clock, CutOff};
use duty::{Duty, by_duty, may_be_asked};
use stores::{Store, Stores, lasting_lots};
pub use target::Target;

/// For which gap donors are asked.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    pub region: RegionIx,
    pub goods: Asked,
    pub scope: Scope,
    pub on: NaiveDate,
    /// Owners and depots outside this region are left off; `None` leaves none off.
    pub highest: Option<RegionIx>,
    /// Rows to keep; sums stay whole.
    pub keep: usize,
}

/// Ways on which nothing is driven for a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closed {
    /// Whole regions.
    pub regions: Vec<coverage::Closure>,
    pub ways: Blocked,
}

/// How a donor stands to the region with the gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// A region above: it gives by its own order.
    Upper,
    /// A region below or beside: a region above both must order it, and owes compensation.
    Ordered,
}

impl Relation {
    pub const ALL: [Self; 2] = [Self::Upper, Self::Ordered];

    /// The word used on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upper => "upper",
            Self::Ordered => "ordered",
        }
    }
}

/// When goods could be in the receiving depot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// From the request on: decision, mobilisation, loading and road.
    pub minutes: i64,
    /// On what the time on the road rests.
    pub travel: Travel,
    /// One end stands at an inherited point.
    pub inherited: bool,
    /// For which closure it waits.
    pub hold: Option<Hold>,
}

/// Goods of one owner and item in one depot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Donor {
    /// Whose account it is.
    pub region: Arc<Region>,
    pub owner: Arc<Organization>,
    pub depot: Arc<Depot>,
    pub item: Arc<Item>,
    pub relation: Relation,
    /// The lowest region above both; `None` where the owner is above.
    pub needs_order_of: Option<Arc<Region>>,
    /// The goods lie below their owner's region, kept by another (代储).
    pub owned_above: bool,
    /// Base units in the depot that last.
    pub stock: i64,
    /// Base units that the account can spare of this item, wherever they lie.
    pub spare: i64,
    /// Base units asked for.
    pub proposed: i64,
    /// What one base unit gives in the unit of the gap.
    pub per_unit: i64,
    /// `proposed` in the unit of the gap.
    pub amount: i64,
    /// Geodesic to the receiving place; `None` where that has no point.
    pub distance_cm: Option<u32>,
    /// `None` without a city profile or a point, or where the way stays closed.
    pub arrival: Option<Arrival>,
    /// Whether the way stays closed.
    pub is_cut_off: bool,
    /// Which closure makes it late, or keeps it closed.
    pub hold: Option<Hold>,
    /// Lots to be named, first ending first, with what each has: where the account also holds
    /// goods in this depot that end too soon. Empty leaves the choice to the ledger.
    pub lots: Vec<(Arc<Lot>, i64)>,
}

/// A gap with those who could fill it; amounts in the unit of the gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    pub gap: i64,
    /// What all donors in scope can spare.
    pub spare: i64,
    pub proposed: i64,
    /// What remains to be bought.
    pub remaining: i64,
    /// Where goods would go.
    pub target: Target,
    /// In the order in which they are asked.
    pub donors: Vec<Donor>,
    pub donor_count: usize,
    /// How many depots are asked.
    pub depot_count: usize,
}

/// The donors for the gap of a region's own account, nearest duty first.
pub fn donors(position: &Position, query: &Query) -> Offers {
    donors_over(position, query, &Closed::default())
}

/// The same with ways closed from now on.
pub fn donors_over(position: &Position, query: &Query, closed: &Closed) -> Offers {
    let target = Target::of(position, query.region);
    let stores = Stores::gather(position, query.goods, query.on, |owner| {
        may_be_asked(position, query, owner)
    });
    let mut clock = Clock::new(position, query, &target, closed);
    let gap = gap_of(position, query);
    let mut filling = Filling { stores: &stores, asked: HashMap::new(), rest: gap };
    let mut measure = Filling { stores: &stores, asked: HashMap::new(), rest: i64::MAX };
    let mut kept: Vec<(Candidate<'_>, i64)> = Vec::new();
    let mut asked: HashSet<u32> = HashSet::new();
    let mut donor_count = 0;
    // An account gives as much of one item in any order, but not of several that serve a need.
    let in_order = matches!(query.goods, Asked::Need(_));
    for (duty, group) in by_duty(position, query, &stores) {
        donor_count += group.len();
        if kept.len() >= query.keep && filling.rest == 0 && !in_order {
            group.into_iter().for_each(|store| _ = measure.take(store));
            continue;
        }
        let candidates = group.into_iter();
        let candidates = candidates.map(|store| Candidate::of(position, store, duty, &mut clock));
        let mut candidates: Vec<Candidate<'_>> = candidates.collect();
        candidates.sort_unstable_by(|a, b| a.rank.cmp(&b.rank));
        for one in candidates {
            measure.take(one.store);
            let units = filling.take(one.store);
            asked.extend((units > 0).then_some(one.store.depot));
            if kept.len() < query.keep {
                kept.push((one, units));
            }
        }
    }
    let (proposed, spare) = (gap - filling.rest, i64::MAX - measure.rest);
    let kept = kept.iter();
    let donors =
        kept.filter_map(|(one, taken)| one.donor((position, query.on), &stores, &clock, *taken));
    Offers {
        gap,
        spare,
        proposed,
        remaining: gap - proposed,
        donors: donors.collect(),
        target,
        donor_count,
        depot_count: asked.len(),
    }
}

fn gap_of(position: &Position, query: &Query) -> i64 {
    let filter = query.goods.filter();
    let asked = gap::Query {
        region: query.region,
        tier: None,
        item: filter.item,
        need: filter.need,
        function_class: None,
        mode: Mode::GovPhysical,
        on: query.on,
    };
    let rows = gap::gaps(position, &asked);
    rows.first().and_then(|row| row.account).map_or(0, |account| account.gap)
}

/// What donors have been asked for so far.
struct Filling<'a> {
    stores: &'a Stores,
    /// Base units by owner and item, and by owner for the need in its unit.
    asked: HashMap<(RegionIx, Option<u32>), i64>,
    /// In the unit of the gap.
    rest: i64,
}

impl Filling<'_> {
    /// Asks a store for as much as it has, its account can spare and the gap still needs.
    fn take(&mut self, store: &Store) -> i64 {
        let of = |asked: &HashMap<_, i64>, key| asked.get(&key).copied().unwrap_or(0);
        let (by_item, by_need) = ((store.owner, Some(store.item)), (store.owner, None));
        let limits = self.stores.limits(store);
        let spare = limits.item.saturating_sub(of(&self.asked, by_item));
        let mut units = spare.min(store.stock).min(self.rest.div_euclid(store.per_unit));
        if let Some((spare, per_unit)) = limits.need {
            units = units.min((spare - of(&self.asked, by_need)).div_euclid(per_unit)).max(0);
            *self.asked.entry(by_need).or_insert(0) += units.saturating_mul(per_unit);
        }
        *self.asked.entry(by_item).or_insert(0) += units;
        self.rest -= units.saturating_mul(store.per_unit);
        units
    }
}

/// The order in which donors of one duty are asked.
type Rank<'a> = ((bool, i64), &'a str, &'a str, &'a str);

struct Candidate<'a> {
    store: &'a Store,
    duty: Duty,
    arrival: Option<Arrival>,
    is_cut_off: bool,
    hold: Option<Hold>,
    rank: Rank<'a>,
}

impl<'a> Candidate<'a> {
    /// A store with when its goods could be there.
    fn of(position: &'a Position, store: &'a Store, duty: Duty, clock: &mut Clock) -> Self {
        let reference = &position.reference;
        let found = clock.arrival(position, store, duty.common);
        let is_cut_off = matches!(found, Some(Err(_)));
        let hold = found.and_then(|found| found.map_or_else(|CutOff(hold)| hold, |at| at.hold));
        let arrival = found.and_then(Result::ok);
        let depot = reference.depots.get(store.depot).map_or("", |row| row.code.as_str());
        let owner = reference.organizations.get(store.organization);
        let owner = owner.map_or("", |row| row.code.as_str());
        let item = reference.items.get(store.item).map_or("", |row| row.code.as_str());
        let when = (arrival.is_none(), arrival.map_or(0, |arrival| arrival.minutes));
        Self { store, duty, arrival, is_cut_off, hold, rank: (when, depot, owner, item) }
    }

    fn donor(
        &self,
        (position, on): (&Position, NaiveDate),
        stores: &Stores,
        clock: &Clock,
        proposed: i64,
    ) -> Option<Donor> {
        let reference = &position.reference;
        let regions = &reference.regions;
        let store = self.store;
        let depot = Arc::clone(reference.depots.get(store.depot)?);
        let limits = stores.limits(store);
        let by_need = limits.need.map(|(spare, per_unit)| spare.div_euclid(per_unit));
        Some(Donor {
            region: Arc::clone(regions.get(store.owner)?),
            owner: Arc::clone(reference.organizations.get(store.organization)?),
            item: Arc::clone(reference.items.get(store.item)?),
            relation: self.duty.relation,
            needs_order_of: self.duty.common.and_then(|ix| regions.get(ix)).cloned(),
            owned_above: store.region != store.owner && regions.within(store.region, store.owner),
            stock: store.stock,
            spare: by_need.map_or(limits.item, |units| units.min(limits.item)),
            proposed,
            per_unit: store.per_unit,
            amount: proposed.saturating_mul(store.per_unit),
            distance_cm: clock.site.map(|site| distance_cm(site.point, depot.location)),
            arrival: self.arrival,
            is_cut_off: self.is_cut_off,
            hold: self.hold,
            lots: match store.perishing > 0 {
                true => lasting_lots(position, store, on),
                false => Vec::new(),
            },
            depot,
        })
    }
}

#[cfg(test)]
mod tests;
