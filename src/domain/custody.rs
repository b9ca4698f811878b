//! Custody: gaps by where goods lie instead of whose they are.
//!
//! Lives here: the lines of regions made of what lies in them, against the quotas of their
//! accounts. Does not live here: the owner view (`gap`). Invariant: goods of an owner above a
//! region (代储) are not the region's, and stand beside its row.

mod lying;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rayon::prelude::*;

use super::account::{Filter, Goods, Held, Line, Shelf, Standard};
use super::gap::{Query, Row, asked_for, row_of};
use super::index::Index;
use super::position::Position;
use super::quota::{Mode, Quota, Subject};
use super::region::RegionIx;
use super::unknown::Unknown;

use lying::Heap;

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
    let asked = asked_for(position, query);
    // Goods that the index sums up stand somewhere in their part: smaller regions look themselves.
    let whole = |index: &Index| asked.iter().all(|ix| index.parts(Some(*ix)).is_some());
    let yard = Yard::of(position, &shelf, query, position.index().is_some_and(whole));
    let rows = asked.par_iter().map(|ix| yard.rows(position, &shelf, *ix, query.mode));
    rows.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// A row whether or not there is a quota, with what lies in each region and must, in tree order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub found: CustodyRow,
    pub lines: Vec<(RegionIx, Line)>,
}

/// The row of one region and kind of goods that `query` asks for, with the lines it sums.
pub fn opened(position: &Position, query: &Query) -> Option<Opened> {
    let filter =
        Filter { item: query.item, need: query.need, function_class: query.function_class };
    let shelf = Shelf::of(&position.reference, &filter);
    let (place, _, _) = shelf.iter().next()?;
    let yard = Yard::of(position, &shelf, query, false);
    let mut stall = yard.stalls(position, query.region, query.mode).remove(&place);
    let stall = stall.get_or_insert_default();
    let found = stall.row(position, query.region, (shelf.get(place)?, query.mode))?;
    Some(Opened { found, lines: std::mem::take(&mut stall.lines) })
}

/// A quota in force, about the goods at a place of the shelf.
struct Stated {
    region: RegionIx,
    goods: u32,
    quota: Arc<Quota>,
}

/// What lies where, and what must; both in tree order.
struct Yard {
    lying: Vec<Heap>,
    stated: Vec<Stated>,
}

/// Those of `all` that are about a region's subtree.
fn inside<'a, T>(
    position: &Position,
    all: &'a [T],
    root: RegionIx,
    region: impl Fn(&T) -> RegionIx,
) -> &'a [T] {
    let regions = &position.reference.regions;
    let from = all.partition_point(|one| region(one) < root);
    let rest = all.get(from..).unwrap_or_default();
    let until = rest.partition_point(|one| regions.within(region(one), root));
    rest.get(..until).unwrap_or_default()
}

impl Yard {
    /// What lies and must within the region asked for; `by_piles` where rows are of whole parts of
    /// the index only.
    fn of(position: &Position, shelf: &Shelf, query: &Query, by_piles: bool) -> Self {
        let mut stated = stated(position, shelf, query);
        stated.sort_by_key(|one| one.region);
        let lying = match query.mode {
            Mode::GovPhysical => {
                let places = stated.iter().map(|one| one.region);
                let summed = by_piles.then(|| lying::by_piles(position, shelf, query, places));
                let looked = || lying::by_depots(position, shelf, query);
                summed.flatten().unwrap_or_else(looked)
            }
            // Where promised goods lie, no register tells.
            Mode::Agreement | Mode::Capacity | Mode::Social => Vec::new(),
        };
        Self { lying, stated }
    }

    /// What is gathered for the row of a region, by kind of goods.
    fn stalls(&self, position: &Position, root: RegionIx, mode: Mode) -> BTreeMap<u32, Stall> {
        let regions = &position.reference.regions;
        let mut stalls: BTreeMap<u32, Stall> = BTreeMap::new();
        for heap in inside(position, &self.lying, root, |heap| heap.region) {
            let stall = stalls.entry(heap.goods).or_default();
            if heap.owner != root && regions.within(root, heap.owner) {
                stall.owned_above = stall.owned_above.saturating_add(heap.held.effective);
            } else {
                stall.add(heap.region, heap.goods, heap.held);
            }
        }
        let open = (mode != Mode::GovPhysical).then_some(Unknown::NoRegister);
        for one in inside(position, &self.stated, root, |one| one.region) {
            let stall = stalls.entry(one.goods).or_default();
            let Quota { target, floor, .. } = *one.quota;
            let standard = Some(Standard { target, floor });
            let line = Line { goods: one.goods, standard, held: Held::default(), open };
            stall.lines.push((one.region, line));
            if one.region == root {
                stall.rule = Some(Arc::clone(&one.quota));
            }
        }
        stalls
    }

    fn rows(
        &self,
        position: &Position,
        shelf: &Shelf,
        root: RegionIx,
        mode: Mode,
    ) -> Vec<CustodyRow> {
        let row = |(goods, mut stall): (u32, Stall)| {
            let found = stall.row(position, root, (shelf.get(goods)?, mode))?;
            (found.row.lines > 0).then_some(found)
        };
        self.stalls(position, root, mode).into_iter().filter_map(row).collect()
    }
}

/// What is gathered of one kind of goods for one row.
#[derive(Default)]
struct Stall {
    lines: Vec<(RegionIx, Line)>,
    owned_above: i64,
    rule: Option<Arc<Quota>>,
}

impl Stall {
    /// Adds to the line of a region, which is the last one or a new one.
    fn add(&mut self, region: RegionIx, goods: u32, held: Held) {
        match self.lines.last_mut() {
            Some((at, line)) if *at == region => line.held.merge(held),
            _ => self.lines.push((region, Line { goods, standard: None, held, open: None })),
        }
    }

    /// The row that the lines add up to.
    fn row(
        &mut self,
        position: &Position,
        root: RegionIx,
        about: (&Goods, Mode),
    ) -> Option<CustodyRow> {
        let (rule, owned_above) = (self.rule.take(), self.owned_above);
        let lines = self.sorted().iter().map(|(ix, line)| (*ix, line));
        let row = row_of(&position.reference.regions, root, about, lines, rule)?;
        Some(CustodyRow { row, owned_above })
    }

    /// The lines in tree order, one a region.
    fn sorted(&mut self) -> &[(RegionIx, Line)] {
        self.lines.sort_by_key(|(region, _)| *region);
        self.lines.dedup_by(|(next, more), (region, line)| {
            let same = next == region;
            if same {
                line.merge(more);
            }
            same
        });
        &self.lines
    }
}

/// The quotas in force of the subtree about goods on the shelf.
fn stated(position: &Position, shelf: &Shelf, query: &Query) -> Vec<Stated> {
    let reference = &position.reference;
    let mut found = Vec::new();
    let ready = position.index().filter(|index| index.day() == query.on);
    if let Some(index) = ready.filter(|_| query.mode == Mode::GovPhysical) {
        let parts = index.parts(Some(query.region));
        let parts = parts.or_else(|| index.part_of(query.region).map(|part| part..part + 1));
        let accounts = parts.into_iter().flatten();
        let accounts = accounts.flat_map(|part| index.accounts(part, query.region));
        for (region, account) in accounts {
            let quotas = shelf.iter().filter_map(|(goods, ix, _)| {
                let quota = Arc::clone(account.get(ix)?.quota.as_ref()?);
                Some(Stated { region, goods, quota })
            });
            found.extend(quotas);
        }
        return found;
    }
    let places: HashMap<Subject, u32> =
        shelf.iter().map(|(place, _, goods)| (goods.subject(), place)).collect();
    let quotas = reference.quotas.values().filter(|quota| quota.mode == query.mode);
    for quota in quotas.filter(|quota| quota.in_force(query.on)) {
        let Some(goods) = places.get(&quota.subject) else { continue };
        let region = reference.regions.find(quota.region);
        let region = region.filter(|ix| reference.regions.within(*ix, query.region));
        if let Some(region) = region {
            found.push(Stated { region, goods: *goods, quota: Arc::clone(quota) });
        }
    }
    found
}

#[cfg(test)]
#[path = "custody_tests.rs"]
mod tests;
