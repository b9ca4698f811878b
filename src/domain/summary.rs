//! Summaries: the rows that the province pulls, by owner, custody and kind of goods.
//!
//! Lives here: the rows. Does not live here: their totals and hash (`summary::totals`), the account
//! behind a gap (`account`). Invariant: a parent's figures are the merge of its children's, and a
//! quota stands on exactly one row.

mod totals;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;

use super::account::{Accounts, Filter, Goods, Shelf};
use super::calendar::add_days;
use super::catalogue::FunctionClass;
use super::index::{Index, Pile, Weight};
use super::position::{Balance, Position, Shard};
use super::quota::Mode;
use super::region::{Region, RegionIx, Tier};
use super::stock::{Figures, Standing};

pub use super::index::WINDOWS_DAYS;
use totals::total;
pub use totals::{Totals, canonical};

/// What a row tells apart besides owner and custody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    Item,
    /// Goods counted in the unit of the need they serve; goods that serve none are left out.
    Need,
    /// Base units of whatever items are summed.
    FunctionClass,
}

impl By {
    pub const ALL: [Self; 3] = [Self::Item, Self::Need, Self::FunctionClass];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Item => "item",
            Self::Need => "need",
            Self::FunctionClass => "function_class",
        }
    }

    /// The choice of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == word)
    }
}

/// Which summary is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// What lies in its subtree, whoever owns it, and the quotas of the owners in its subtree.
    pub region: RegionIx,
    /// The tier to which custody is rolled up, never above `region`; `None` is county.
    pub tier: Option<Tier>,
    pub by: By,
    pub on: NaiveDate,
}

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Goods(Goods),
    FunctionClass(FunctionClass),
}

impl Kind {
    /// The code or word that names it.
    pub fn code(&self) -> &str {
        match self {
            Self::Goods(goods) => goods.code().as_str(),
            Self::FunctionClass(class) => class.as_str(),
        }
    }

    /// The unit in which its quantities count; a class has none.
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::Goods(goods) => Some(goods.unit()),
            Self::FunctionClass(_) => None,
        }
    }
}

/// What the goods of one owner and kind in one custody region come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Depots that hold any of it.
    pub depot_count: i64,
    pub figures: Figures,
    /// Effective stock that ends within each of [`WINDOWS_DAYS`]; each includes the one before.
    pub expiring: [i64; 4],
    /// The owner's quota, on the row of its own custody region only; elsewhere zero.
    pub quota: i64,
    /// The gap of the owner's whole account, wherever its goods lie; on the same row as the quota.
    pub gap: i64,
}

impl Cell {
    /// Adds the cell of another group.
    pub fn merge(&mut self, other: &Self) {
        self.depot_count = self.depot_count.saturating_add(other.depot_count);
        self.figures.merge(&other.figures);
        for (sum, part) in self.expiring.iter_mut().zip(other.expiring) {
            *sum = sum.saturating_add(part);
        }
        self.quota = self.quota.saturating_add(other.quota);
        self.gap = self.gap.saturating_add(other.gap);
    }

    fn times(mut self, amount: i64) -> Self {
        self.figures = self.figures.times(amount);
        self.expiring = self.expiring.map(|part| part.saturating_mul(amount));
        self
    }
}

/// One row: whose, where, what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub owner: Arc<Region>,
    pub custody: Arc<Region>,
    pub kind: Kind,
    pub mode: Mode,
    pub cell: Cell,
}

/// All rows at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub rows: Vec<Row>,
    pub totals: Totals,
}

/// Whose, where and what by indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    owner: RegionIx,
    custody: RegionIx,
    kind: u32,
}

/// A part of a row.
struct Part {
    key: Key,
    /// Of a quota in force, which makes a row even where nothing lies.
    stated: bool,
    cell: Cell,
}

/// The summary that `query` asks for, by codes of owner, custody and kind.
pub fn summarise(position: &Position, query: &Query) -> Summary {
    let frame = Frame::of(position, query);
    let regions = &position.reference.regions;
    let mut parts = Vec::new();
    match frame.ready() {
        Some((index, pieces)) => frame.add_piles(index, pieces, &mut parts),
        None => frame.add_depots(&mut parts),
    }
    frame.add_quotas(&mut parts);
    let code = |ix: RegionIx| regions.get(ix).map(|region| region.code);
    parts.sort_by_cached_key(|part| {
        let key = part.key;
        (code(key.owner), code(key.custody), key.kind)
    });
    parts.dedup_by(|next, kept| {
        let same = next.key == kept.key;
        if same {
            kept.cell.merge(&next.cell);
            kept.stated |= next.stated;
        }
        same
    });
    let shown = parts.iter().filter(|part| part.stated || !part.cell.figures.is_zero());
    let rows: Vec<Row> = shown.filter_map(|part| frame.row(part)).collect();
    let totals = total(&rows);
    Summary { rows, totals }
}

/// What is the same for every balance of one answer.
struct Frame<'a> {
    position: &'a Position,
    query: &'a Query,
    shelf: Shelf,
    /// The owner's region by the organization's index.
    owners: Vec<Option<RegionIx>>,
}

impl<'a> Frame<'a> {
    fn of(position: &'a Position, query: &'a Query) -> Self {
        let reference = &position.reference;
        let owners = reference.organizations.iter();
        Self {
            position,
            query,
            shelf: Shelf::of(reference, &Filter::default()),
            owners: owners.map(|(ix, _)| reference.owner_region(ix)).collect(),
        }
    }

    /// The kind as which an item counts, and how many of its unit one base unit is.
    fn kind_of(&self, item: u32) -> Option<(u32, i64)> {
        match self.query.by {
            By::Item => Some((self.shelf.item(item)?, 1)),
            By::Need => self.shelf.provided(item),
            By::FunctionClass => {
                let record = self.position.reference.items.get(item)?;
                Some((class_place(record.function_class)?, 1))
            }
        }
    }

    fn row(&self, part: &Part) -> Option<Row> {
        let regions = &self.position.reference.regions;
        Some(Row {
            owner: Arc::clone(regions.get(part.key.owner)?),
            custody: Arc::clone(regions.get(part.key.custody)?),
            kind: self.kind(part.key.kind)?,
            mode: Mode::GovPhysical,
            cell: part.cell,
        })
    }

    fn kind(&self, place: u32) -> Option<Kind> {
        match self.query.by {
            By::Item | By::Need => Some(Kind::Goods(self.shelf.get(place)?.clone())),
            By::FunctionClass => {
                let place = usize::try_from(place).ok()?;
                Some(Kind::FunctionClass(*FunctionClass::ALL.get(place)?))
            }
        }
    }

    fn custody(&self, region: RegionIx) -> RegionIx {
        let tier = self.query.tier.unwrap_or(Tier::County);
        let regions = &self.position.reference.regions;
        regions.rolled_up(region, tier, Some(self.query.region))
    }

    /// The index and its parts, where the rows asked for can be made of them.
    fn ready(&self) -> Option<(&'a Index, Range<u32>)> {
        let whole = self.query.tier.is_none_or(|tier| tier <= Tier::County);
        let index = self.position.index().filter(|_| whole && self.query.by == By::Item)?;
        Some((index, index.parts(Some(self.query.region))?))
    }

    /// Adds what the index's piles come to.
    fn add_piles(&self, index: &Index, pieces: Range<u32>, parts: &mut Vec<Part>) {
        let items = &self.position.reference.items;
        for (piece, head) in pieces.filter_map(|piece| Some((piece, index.head_of(piece)?))) {
            let custody = self.custody(head);
            for (owner, rows) in index.piles(piece) {
                for (item, pile) in rows.iter().filter(|(_, pile)| **pile != Pile::default()) {
                    let (Some(kind), Some(item)) = (self.shelf.item(item), items.get(item)) else {
                        continue;
                    };
                    let weight = match index.day() == self.query.on {
                        true => pile.weight,
                        false => pile.at(self.query.on, item.life.kind),
                    };
                    let Weight { figures, expiring } = weight;
                    let depot_count = pile.depot_count;
                    let cell = Cell { depot_count, figures, expiring, ..Cell::default() };
                    parts.push(Part { key: Key { owner, custody, kind }, stated: false, cell });
                }
            }
        }
    }

    fn add_depots(&self, parts: &mut Vec<Part>) {
        let (position, root) = (self.position, self.query.region);
        if let Some(index) = position.index() {
            for (region, depot) in index.depots_in(root) {
                if let Some(shard) = position.shard(*depot) {
                    self.add_depot(*region, shard, parts);
                }
            }
            return;
        }
        for (depot, shard) in position.shards() {
            let region = position.reference.depot_region(depot);
            let inside = |ix: &RegionIx| position.reference.regions.within(*ix, root);
            if let Some(region) = region.filter(inside) {
                self.add_depot(region, shard, parts);
            }
        }
    }

    fn add_depot(&self, region: RegionIx, shard: &Shard, parts: &mut Vec<Part>) {
        let custody = self.custody(region);
        let mut here: BTreeMap<(RegionIx, u32), Cell> = BTreeMap::new();
        let key = |row: &Balance| (row.key.item, row.key.owner);
        for run in shard.rows().chunk_by(|a, b| key(a) == key(b)) {
            let Some((item, owner)) = run.first().map(key) else {
                continue;
            };
            let owner =
                usize::try_from(owner).ok().and_then(|ix| self.owners.get(ix).copied().flatten());
            let (Some(owner), Some((kind, amount))) = (owner, self.kind_of(item)) else {
                continue;
            };
            let cell = self.weigh(item, run).times(amount);
            here.entry((owner, kind)).or_default().merge(&cell);
        }
        for ((owner, kind), mut cell) in here {
            cell.depot_count = i64::from(!cell.figures.is_zero());
            let key = Key { owner, custody, kind };
            parts.push(Part { key, stated: false, cell });
        }
    }

    /// One item and owner in one depot, in base units.
    fn weigh(&self, item: u32, run: &[Balance]) -> Cell {
        let mut cell = Cell::default();
        let Some(item) = self.position.reference.items.get(item) else {
            return cell;
        };
        for row in run {
            let Some(lot) = self.position.lot(row.key.lot) else {
                continue;
            };
            let standing = Standing::of(&row.key, lot, item, self.query.on);
            cell.figures.add(row, standing);
            let Standing::Effective(Some(last)) = standing else {
                continue;
            };
            for (part, days) in cell.expiring.iter_mut().zip(WINDOWS_DAYS) {
                if last <= add_days(self.query.on, days) {
                    *part = part.saturating_add(row.quantity);
                }
            }
        }
        cell
    }

    /// Puts each owner's quotas and gaps on the row of its own custody region.
    fn add_quotas(&self, parts: &mut Vec<Part>) {
        let (query, regions) = (self.query, &self.position.reference.regions);
        let mode = Mode::GovPhysical;
        let accounts = Accounts::of(self.position, &self.shelf, query.region, mode, query.on);
        for owner in regions.subtree(query.region) {
            let lines = accounts.lines(owner).iter();
            for line in lines.filter(|line| line.standard.is_some()) {
                let Some(kind) = self.kind_of_line(line.goods) else {
                    continue;
                };
                let key = Key { owner, custody: self.custody(owner), kind };
                let cell = Cell { quota: line.target(), gap: line.gap(), ..Cell::default() };
                parts.push(Part { key, stated: true, cell });
            }
        }
    }

    /// The kind on whose row a quota line stands: need quotas by need only, item quotas otherwise.
    fn kind_of_line(&self, place: u32) -> Option<u32> {
        match (self.query.by, self.shelf.get(place)?) {
            (By::Item, Goods::Item(_)) | (By::Need, Goods::Need(_)) => Some(place),
            (By::FunctionClass, Goods::Item(item)) => class_place(item.function_class),
            (By::Item | By::FunctionClass, Goods::Need(_)) | (By::Need, Goods::Item(_)) => None,
        }
    }
}

fn class_place(class: FunctionClass) -> Option<u32> {
    let mut places = (0u32..).zip(FunctionClass::ALL);
    places.find(|(_, found)| *found == class).map(|(at, _)| at)
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
