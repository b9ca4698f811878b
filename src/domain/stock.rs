//! Stock: what lies where on a day, in figures that always add up.
//!
//! Lives here: what a balance counts as on a day, the figures, and the rows by depot, region, item
//! or lot. Does not live here: what should lie there (`gap`). Invariant: `on_hand = effective +
//! reserved + expired + overdue_storage + damaged + quarantine`.

mod ready;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::catalogue::{FunctionClass, Item};
use super::depot::{Depot, Organization};
use super::lot::Lot;
use super::position::Position;
use super::reference::{Coded, Register};
use super::region::{Region, RegionIx, Tier};

pub use super::balance::{Figures, Standing};

/// What one row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBy {
    Depot,
    Region,
    Item,
    Lot,
}

impl GroupBy {
    pub const ALL: [Self; 4] = [Self::Depot, Self::Region, Self::Item, Self::Lot];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Depot => "depot",
            Self::Region => "region",
            Self::Item => "item",
            Self::Lot => "lot",
        }
    }

    /// The grouping of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == word)
    }
}

/// Which stock is asked for; what is `None` is not asked.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// Depots in this region's subtree.
    pub region: Option<RegionIx>,
    pub depot: Option<u32>,
    pub item: Option<u32>,
    pub owner: Option<u32>,
    pub function_class: Option<FunctionClass>,
    pub on: NaiveDate,
    pub group_by: GroupBy,
    /// For rows by region: the tier to which they are rolled up, never above the region asked for.
    pub tier: Option<Tier>,
}

/// The stock of one group; the records that the grouping does not name are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// By region: the row's; by depot or lot: the depot's.
    pub region: Option<Arc<Region>>,
    pub depot: Option<Arc<Depot>>,
    pub item: Arc<Item>,
    pub owner: Option<Arc<Organization>>,
    pub lot: Option<Arc<Lot>>,
    pub figures: Figures,
}

/// One group by indexes; what the grouping does not tell apart is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    region: RegionIx,
    depot: u32,
    item: u32,
    owner: u32,
    lot: u32,
}

/// The stock that `query` asks for, sorted by the codes of its keys, rows of nothing left out.
pub fn stock(position: &Position, query: &Query) -> Vec<Row> {
    if let Some(rows) = ready::from_index(position, query) {
        return rows;
    }
    let mut groups = Vec::new();
    for (region, depot) in depots_asked(position, query) {
        let (place, by_depot) = match query.group_by {
            GroupBy::Depot | GroupBy::Lot => (region, true),
            GroupBy::Item => (RegionIx(0), false),
            GroupBy::Region => (query.place_of(position, region), false),
        };
        let group = Group {
            region: place,
            depot: if by_depot { depot } else { 0 },
            item: 0,
            owner: 0,
            lot: 0,
        };
        add_depot(position, query, depot, group, &mut groups);
    }
    sort_by_codes(position, query.group_by, &mut groups);
    groups.dedup_by(|(next, figures), (kept, sum)| {
        let same = next == kept;
        if same {
            sum.merge(figures);
        }
        same
    });
    groups
        .into_iter()
        .filter(|(_, figures)| !figures.is_zero())
        .filter_map(|(group, figures)| row(position, query.group_by, group, figures))
        .collect()
}

impl Query {
    /// The region on whose row by region a depot's stock stands.
    fn place_of(&self, position: &Position, region: RegionIx) -> RegionIx {
        let regions = &position.reference.regions;
        self.tier.map_or(region, |tier| regions.rolled_up(region, tier, self.region))
    }
}

/// The depots asked for, each behind its region.
fn depots_asked(position: &Position, query: &Query) -> Vec<(RegionIx, u32)> {
    let reference = &position.reference;
    let inside =
        |region: RegionIx| query.region.is_none_or(|root| reference.regions.within(region, root));
    if let Some(depot) = query.depot {
        let region = reference.depot_region(depot).filter(|region| inside(*region));
        return region.map(|region| (region, depot)).into_iter().collect();
    }
    match query.region {
        Some(root) => position.depots_within(root),
        None => {
            let all = reference.depots.iter();
            all.filter_map(|(depot, _)| Some((reference.depot_region(depot)?, depot))).collect()
        }
    }
}

/// Adds one depot's balances; those of one group mostly follow each other and are summed at once.
fn add_depot(
    position: &Position,
    query: &Query,
    depot: u32,
    place: Group,
    groups: &mut Vec<(Group, Figures)>,
) {
    let Some(shard) = position.shard(depot) else {
        return;
    };
    let balances = match query.item {
        Some(item) => shard.of_item(item),
        None => shard.rows(),
    };
    let by_lot = query.group_by == GroupBy::Lot;
    for balance in balances {
        let key = &balance.key;
        if query.owner.is_some_and(|owner| owner != key.owner) {
            continue;
        }
        let Some(item) = position.reference.items.get(key.item) else {
            continue;
        };
        let class = query.function_class;
        if class.is_some_and(|class| class != item.function_class) {
            continue;
        }
        let Some(lot) = position.lot(key.lot) else {
            continue;
        };
        let group = Group {
            item: key.item,
            owner: if by_lot { key.owner } else { 0 },
            lot: if by_lot { key.lot } else { 0 },
            ..place
        };
        if groups.last().is_none_or(|(last, _)| *last != group) {
            groups.push((group, Figures::default()));
        }
        if let Some((_, figures)) = groups.last_mut() {
            figures.add(balance, Standing::of(key, lot, item, query.on));
        }
    }
}

fn sort_by_codes(position: &Position, by: GroupBy, groups: &mut [(Group, Figures)]) {
    let reference = &position.reference;
    let depots = ranks(&reference.depots, groups.iter().map(|(group, _)| group.depot));
    let items = ranks(&reference.items, groups.iter().map(|(group, _)| group.item));
    let owners = ranks(&reference.organizations, groups.iter().map(|(group, _)| group.owner));
    let rank = |ranks: &HashMap<u32, u64>, ix| ranks.get(&ix).copied().unwrap_or_default();
    groups.sort_by_cached_key(|(group, _)| {
        let place = match by {
            GroupBy::Depot | GroupBy::Lot => rank(&depots, group.depot),
            GroupBy::Item => 0,
            GroupBy::Region => {
                let region = reference.regions.get(group.region);
                region.map_or(0, |region| region.code.number())
            }
        };
        let (item, owner) = (rank(&items, group.item), rank(&owners, group.owner));
        (place, item, owner, group.lot)
    });
}

/// Each named record's place in the order of codes, by its index: cheaper to compare than codes.
fn ranks<T: Coded>(register: &Register<T>, named: impl Iterator<Item = u32>) -> HashMap<u32, u64> {
    let named: HashSet<u32> = named.collect();
    let mut order: Vec<_> =
        named.into_iter().filter_map(|ix| Some((register.get(ix)?.code(), ix))).collect();
    order.sort_unstable();
    order.into_iter().zip(0..).map(|((_, ix), rank)| (ix, rank)).collect()
}

fn row(position: &Position, by: GroupBy, group: Group, figures: Figures) -> Option<Row> {
    let reference = &position.reference;
    let by_depot = matches!(by, GroupBy::Depot | GroupBy::Lot);
    let (by_region, by_lot) = (by_depot || by == GroupBy::Region, by == GroupBy::Lot);
    let region = reference.regions.get(group.region);
    let depot = reference.depots.get(group.depot);
    let owner = reference.organizations.get(group.owner);
    let lot = position.lot(group.lot);
    Some(Row {
        region: region.filter(|_| by_region).cloned(),
        depot: depot.filter(|_| by_depot).cloned(),
        item: Arc::clone(reference.items.get(group.item)?),
        owner: owner.filter(|_| by_lot).cloned(),
        lot: lot.filter(|_| by_lot).cloned(),
        figures,
    })
}

#[cfg(test)]
#[path = "stock_tests.rs"]
mod tests;
