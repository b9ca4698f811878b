//! What lies where: goods of one kind and owner by region, from depots or from the index's piles.
//!
//! Lives here: two ways to the same sums. Does not live here: whose gap they close (`custody`).
//! Invariant: what stands where a quota asks, or above such a place, is told by its own region;
//! only goods that no quota asks for are put together, and never across parts of the index.

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use super::super::account::{Held, Shelf};
use super::super::gap::Query;
use super::super::index::Index;
use super::super::position::{Balance, Position};
use super::super::region::RegionIx;

/// Goods of one kind and owner that lie in one region.
pub(super) struct Heap {
    pub region: RegionIx,
    pub goods: u32,
    pub owner: RegionIx,
    pub held: Held,
}

/// Depots, or parts of the index, that are looked through at a time.
const PORTION: usize = 512;
const PARTS: usize = 16;

/// What lies in each region within the one asked for, in tree order.
pub(super) fn by_depots(position: &Position, shelf: &Shelf, query: &Query) -> Vec<Heap> {
    let mut depots = position.depots_within(query.region);
    depots.sort_unstable();
    heaps(position, &depots, shelf, query)
}

/// The same where an index is kept and the region asked for is made of its parts, but for goods
/// lying where no quota is `stated`, nor anywhere below: those of a part stand at one such region.
/// They fill no gap there and close none below, so that it does not matter at which: sums over
/// whole parts stay the same.
pub(super) fn by_piles(
    position: &Position,
    shelf: &Shelf,
    query: &Query,
    stated: impl Iterator<Item = RegionIx>,
) -> Option<Vec<Heap>> {
    let index = position.index()?;
    let parts: Vec<u32> = index.parts(Some(query.region))?.collect();
    let asking = asking(position, query.region, stated);
    let at = |region: &RegionIx| {
        let region = *region;
        index.depots_in(region).iter().take_while(move |(at, _)| *at == region).copied()
    };
    let depots: Vec<(RegionIx, u32)> = asking.iter().flat_map(at).collect();
    let mut found = heaps(position, &depots, shelf, query);
    let mut told: HashMap<(u32, RegionIx, u32), Held> = HashMap::new();
    for heap in &found {
        let part = index.part_of(heap.region)?;
        told.entry((part, heap.owner, heap.goods)).or_default().merge(heap.held);
    }
    let rest = parts.par_chunks(PARTS).map(|parts| {
        let mut rest = Vec::new();
        for part in parts {
            let told = |owner, goods| told.get(&(*part, owner, goods)).copied().unwrap_or_default();
            rest.extend(rest_of(position, index, *part, shelf, query, &asking, told));
        }
        rest
    });
    found.extend(rest.collect::<Vec<_>>().into_iter().flatten());
    found.sort_by_key(|heap| heap.region);
    Some(found)
}

/// The regions with a quota, and those above them within `root`: what lies there is told apart.
fn asking(
    position: &Position,
    root: RegionIx,
    stated: impl Iterator<Item = RegionIx>,
) -> BTreeSet<RegionIx> {
    let regions = &position.reference.regions;
    let mut found = BTreeSet::new();
    for region in stated {
        let above = regions.chain(region).take_while(|at| regions.within(*at, root));
        for at in above {
            if !found.insert(at) {
                break;
            }
        }
    }
    found
}

/// What lies in a part beside what is told of it, at one of its regions that does not ask.
fn rest_of(
    position: &Position,
    index: &Index,
    part: u32,
    shelf: &Shelf,
    query: &Query,
    asking: &BTreeSet<RegionIx>,
    told: impl Fn(RegionIx, u32) -> Held,
) -> Vec<Heap> {
    let regions = index.depots_of(part).iter().rev();
    let mut regions = regions.filter_map(|depot| position.reference.depot_region(*depot));
    let Some(region) = regions.find(|region| !asking.contains(region)) else {
        return Vec::new();
    };
    let mut rest = Vec::new();
    for (owner, rows) in index.piles(part) {
        let of_need = shelf.served();
        let of_need = of_need.filter_map(|(item, places)| Some((item, rows.get(item)?, places)));
        let mut sums: HashMap<u32, Held> = HashMap::new();
        for (item, pile, (own, need)) in of_need {
            let held = index.held(item, pile, query.on);
            for (goods, amount) in own.map(|goods| (goods, 1)).into_iter().chain(need) {
                sums.entry(goods).or_default().merge(held.times(amount));
            }
        }
        for (goods, mut held) in sums {
            held.merge(told(owner, goods).times(-1));
            if held != Held::default() {
                rest.push(Heap { region, goods, owner, held });
            }
        }
    }
    rest
}

fn heaps(
    position: &Position,
    depots: &[(RegionIx, u32)],
    shelf: &Shelf,
    query: &Query,
) -> Vec<Heap> {
    let owners = position.owners(|_| true);
    let portions = depots.par_chunks(PORTION);
    let portions = portions.map(|depots| heaps_in(position, depots, &owners, shelf, query));
    portions.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// What lies in some depots; balances of one item and owner follow each other.
fn heaps_in(
    position: &Position,
    depots: &[(RegionIx, u32)],
    owners: &[Option<RegionIx>],
    shelf: &Shelf,
    query: &Query,
) -> Vec<Heap> {
    let key = |row: &Balance| (row.key.item, row.key.owner);
    let mut heaps = Vec::new();
    for (region, depot) in depots {
        let balances = position.shard(*depot).map(|shard| match query.item {
            Some(item) => shard.of_item(item),
            None => shard.rows(),
        });
        for run in balances.unwrap_or_default().chunk_by(|a, b| key(a) == key(b)) {
            let Some((item_ix, owner)) = run.first().map(key) else { continue };
            let owner = usize::try_from(owner).ok().and_then(|owner| *owners.get(owner)?);
            let (Some(owner), Some(item)) = (owner, position.reference.items.get(item_ix)) else {
                continue;
            };
            let held = position.held(run, item.life, query.on);
            let by_item = shelf.item(item_ix).map(|goods| (goods, 1));
            for (goods, amount) in by_item.into_iter().chain(shelf.provided(item_ix)) {
                heaps.push(Heap { region: *region, goods, owner, held: held.times(amount) });
            }
        }
    }
    heaps
}
