//! Duty: whose goods may be asked for, and who stands nearest to the region with the gap.
//!
//! Lives here: scope, sight, and how owners stand to the region. Does not live here: what they can
//! spare (`stores`). Invariant: regions above come first, then those whose order is nearest.

use std::collections::{BTreeMap, HashMap};

use crate::domain::coverage::Scope;
use crate::domain::position::Position;
use crate::domain::region::{RegionIx, Tier};

use super::stores::{Store, Stores};
use super::{Query, Relation};

/// How an owner stands to the region with the gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Duty {
    pub relation: Relation,
    /// How far up from the region the lowest region above both stands.
    steps: usize,
    /// That region, where it must order.
    pub common: Option<RegionIx>,
}

impl Duty {
    fn of(position: &Position, query: &Query, owner: RegionIx) -> Self {
        let regions = &position.reference.regions;
        let upper = regions.within(query.region, owner);
        let relation = if upper { Relation::Upper } else { Relation::Ordered };
        let over = |at: &RegionIx| regions.within(owner, *at);
        let common = regions.chain(query.region).find(over).filter(|_| !upper);
        let steps = regions.chain(query.region).take_while(|at| !over(at)).count();
        Self { relation, steps, common }
    }
}

/// The stores that the caller sees, by the duty of their owners, nearest first.
pub(super) fn by_duty<'a>(
    position: &Position,
    query: &Query,
    stores: &'a Stores,
) -> BTreeMap<Duty, Vec<&'a Store>> {
    let mut duties: HashMap<RegionIx, Duty> = HashMap::new();
    let mut groups: BTreeMap<Duty, Vec<&Store>> = BTreeMap::new();
    for store in stores.all().iter().filter(|store| is_seen(position, query, store.region)) {
        let of = || Duty::of(position, query, store.owner);
        let duty = *duties.entry(store.owner).or_insert_with(of);
        groups.entry(duty).or_default().push(store);
    }
    groups
}

/// Whether the caller sees what lies in a region, or is owned there.
fn is_seen(position: &Position, query: &Query, ix: RegionIx) -> bool {
    query.highest.is_none_or(|top| position.reference.regions.within(ix, top))
}

/// Whether an owner's goods may be asked for: of another account, in scope, and in the caller's
/// sight.
pub(super) fn may_be_asked(position: &Position, query: &Query, owner: RegionIx) -> bool {
    owner != query.region && is_seen(position, query, owner) && admitted(position, query, owner)
}

/// Whose goods the scope admits: as in coverage, but by owner alone.
fn admitted(position: &Position, query: &Query, owner: RegionIx) -> bool {
    let regions = &position.reference.regions;
    let holds = |tier: Tier| {
        let root = regions.ancestor_of_tier(query.region, tier);
        root.is_some_and(|root| regions.within(owner, root))
    };
    let above = regions.get(owner).is_some_and(|region| region.tier < Tier::City);
    let vertical =
        regions.within(owner, query.region) || (!above && regions.within(query.region, owner));
    match query.scope {
        Scope::OwnChain => vertical,
        Scope::City => vertical || (!above && holds(Tier::City)),
        Scope::Province => vertical || holds(Tier::Province),
        Scope::Any => true,
    }
}
