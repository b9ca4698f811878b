//! Custody: gaps by where goods lie instead of whose they are.
//!
//! Lives here: the lines of regions made of what lies in them, against the quotas of their
//! accounts. Does not live here: the owner view (`gap`). Invariant: goods of an owner above a
//! region (代储) are not the region's, and stand beside its row.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::account::{Filter, Held, Line, PERISHING_DAYS, Shelf, Standard, weigh};
use super::calendar::add_days;
use super::gap::{Query, Row, asked_for, row_of};
use super::position::{Balance, Position};
use super::quota::{Mode, Quota, Subject};
use super::region::RegionIx;
use super::stock::Standing;

/// By what a gap counts goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum View {
    /// Goods of the region's own organizations, wherever they lie.
    #[default]
    Owner,
    /// Goods that lie in the region, whoever below or beside it owns them.
    Custody,
}

impl View {
    pub const ALL: [Self; 2] = [Self::Owner, Self::Custody];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Custody => "custody",
        }
    }
}

/// A row of the custody view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodyRow {
    pub row: Row,
    /// Usable goods lying in the subtree that belong to regions above it.
    pub owned_above: i64,
}

/// The gaps that `query` asks for by custody, by region code, then items before needs by code.
pub fn custody_gaps(position: &Position, query: &Query) -> Vec<CustodyRow> {
    let filter =
        Filter { item: query.item, need: query.need, function_class: query.function_class };
    let shelf = Shelf::of(&position.reference, &filter);
    let yard = Yard::of(position, &shelf, query);
    let asked = asked_for(position, query);
    let rows = asked.par_iter().map(|ix| yard.rows(position, &shelf, *ix, query.mode));
    rows.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Goods of one kind and owner that lie in one region.
struct Heap {
    goods: u32,
    owner: RegionIx,
    held: Held,
}

/// Goods by the region in which they lie.
type Lying = BTreeMap<RegionIx, Vec<Heap>>;

/// What lies where, and what must.
struct Yard {
    lying: Lying,
    quotas: BTreeMap<RegionIx, Vec<(u32, Arc<Quota>)>>,
}

impl Yard {
    fn of(position: &Position, shelf: &Shelf, query: &Query) -> Self {
        let reference = &position.reference;
        let mut yard = Self { lying: BTreeMap::new(), quotas: BTreeMap::new() };
        let inside = |ix: &RegionIx| reference.regions.within(*ix, query.region);
        if query.mode == Mode::GovPhysical {
            let depots = position.depots_within(query.region);
            let lying =
                depots.par_chunks(PORTION).map(|depots| lying(position, depots, shelf, query));
            for (region, heaps) in lying.collect::<Vec<_>>().into_iter().flatten() {
                yard.lying.entry(region).or_default().extend(heaps);
            }
        }
        let places: HashMap<Subject, u32> =
            shelf.iter().map(|(place, _, goods)| (goods.subject(), place)).collect();
        let stated = reference.quotas.values().filter(|quota| quota.mode == query.mode);
        for quota in stated.filter(|quota| quota.in_force(query.on)) {
            let region = reference.regions.find(quota.region).filter(inside);
            if let (Some(region), Some(goods)) = (region, places.get(&quota.subject)) {
                yard.quotas.entry(region).or_default().push((*goods, Arc::clone(quota)));
            }
        }
        yard
    }

    fn rows(
        &self,
        position: &Position,
        shelf: &Shelf,
        root: RegionIx,
        mode: Mode,
    ) -> Vec<CustodyRow> {
        let regions = &position.reference.regions;
        let mut lines: BTreeMap<u32, BTreeMap<RegionIx, Line>> = BTreeMap::new();
        let mut owned_above: BTreeMap<u32, i64> = BTreeMap::new();
        let mut rules: BTreeMap<u32, Arc<Quota>> = BTreeMap::new();
        let empty = |goods: u32| Line { goods, standard: None, held: Held::default(), open: None };
        let inside = |ix: &RegionIx| regions.within(*ix, root);
        for (ix, lying) in self.lying.range(root..).take_while(|(ix, _)| inside(ix)) {
            for heap in lying {
                if heap.owner != root && regions.within(root, heap.owner) {
                    *owned_above.entry(heap.goods).or_insert(0) += heap.held.effective;
                    continue;
                }
                let line = lines.entry(heap.goods).or_default().entry(*ix);
                line.or_insert_with(|| empty(heap.goods)).held.merge(heap.held);
            }
        }
        for (ix, stated) in self.quotas.range(root..).take_while(|(ix, _)| inside(ix)) {
            for (goods, quota) in stated {
                let line = lines.entry(*goods).or_default().entry(*ix);
                let standard = Standard { target: quota.target, floor: quota.floor };
                line.or_insert_with(|| empty(*goods)).standard = Some(standard);
                if *ix == root {
                    rules.insert(*goods, Arc::clone(quota));
                }
            }
        }
        let row = |(goods, lines): (u32, BTreeMap<RegionIx, Line>)| {
            let rule = rules.get(&goods).cloned();
            let row = row_of(regions, root, shelf.get(goods)?, mode, &lines, rule)?;
            let owned_above = owned_above.get(&goods).copied().unwrap_or(0);
            (row.lines > 0).then_some(CustodyRow { row, owned_above })
        };
        lines.into_iter().filter_map(row).collect()
    }
}

/// Depots that are looked through at a time.
const PORTION: usize = 512;

/// What lies in some depots, by their regions.
fn lying(position: &Position, depots: &[(RegionIx, u32)], shelf: &Shelf, query: &Query) -> Lying {
    let mut lying = Lying::new();
    for (region, depot) in depots {
        let balances = position.shard(*depot).map(|shard| match query.item {
            Some(item) => shard.of_item(item),
            None => shard.rows(),
        });
        let heaps = heaps(position, balances.unwrap_or_default(), shelf, query.on);
        if !heaps.is_empty() {
            lying.entry(*region).or_default().extend(heaps);
        }
    }
    lying
}

/// One depot's goods; balances of one item and owner follow each other.
fn heaps(position: &Position, balances: &[Balance], shelf: &Shelf, on: NaiveDate) -> Vec<Heap> {
    let reference = &position.reference;
    let soon = add_days(on, PERISHING_DAYS);
    let key = |row: &Balance| (row.key.item, row.key.owner);
    let mut heaps = Vec::new();
    for run in balances.chunk_by(|a, b| key(a) == key(b)) {
        let Some((item_ix, owner)) = run.first().map(key) else {
            continue;
        };
        let (Some(owner), Some(item)) =
            (reference.owner_region(owner), reference.items.get(item_ix))
        else {
            continue;
        };
        let mut held = Held::default();
        for row in run {
            if let Some(lot) = position.lot(row.key.lot) {
                let standing = Standing::of(&row.key, lot, item, on);
                held.merge(weigh(row.quantity, standing, soon));
            }
        }
        let by_item = shelf.item(item_ix).map(|goods| (goods, 1));
        for (goods, amount) in by_item.into_iter().chain(shelf.provided(item_ix)) {
            heaps.push(Heap { goods, owner, held: held.times(amount) });
        }
    }
    heaps
}

#[cfg(test)]
#[path = "custody_tests.rs"]
mod tests;
