//! Summaries: the rows that the province pulls, by owner, custody and kind of goods.
//!
//! Lives here: the question and the rows. Does not live here: what makes their cells
//! (`summary::gathering`), totals and hash (`summary::totals`), the account behind a gap
//! (`account`). Invariant: a parent's figures are the merge of its children's, and a quota stands
//! on exactly one row.

mod gathering;
mod totals;

use std::sync::Arc;

use chrono::NaiveDate;

use super::account::Goods;
use super::catalogue::FunctionClass;
use super::position::Position;
use super::quota::Mode;
use super::region::{Region, RegionIx, Tier};
use super::stock::Figures;

pub use super::index::WINDOWS_DAYS;
use gathering::Frame;
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
    /// The tier to which owners below it are rolled up; `None` tells every owner region apart.
    pub owner_tier: Option<Tier>,
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

    /// The goods, where it is no class.
    pub fn goods(&self) -> Option<&Goods> {
        match self {
            Self::Goods(goods) => Some(goods),
            Self::FunctionClass(_) => None,
        }
    }
}

/// What the goods of one owner and kind in one custody region come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Depots that hold any of it; where owners are rolled up, once for each of their regions.
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

/// The cell of one kind in a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Slot {
    /// The place of the kind.
    kind: usize,
    /// Of a quota in force, which makes a row even where nothing lies.
    stated: bool,
    cell: Cell,
}

/// The rows of one owner in one custody region.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    owner: Arc<Region>,
    custody: Arc<Region>,
    slots: Vec<Slot>,
}

/// One row: whose, where, what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    pub owner: &'a Region,
    pub custody: &'a Region,
    pub kind: &'a Kind,
    /// The place of the kind among those of the summary.
    pub kind_place: usize,
    pub mode: Mode,
    pub cell: &'a Cell,
}

/// All rows at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    kinds: Vec<Kind>,
    groups: Vec<Group>,
    pub totals: Totals,
}

impl Summary {
    fn of(kinds: Vec<Kind>, groups: Vec<Group>) -> Self {
        let totals = Totals { row_count: 0, cell: Cell::default(), hash: String::new() };
        let mut summary = Self { kinds, groups, totals };
        summary.totals = total(&summary.rows());
        summary
    }

    /// What rows may be about.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The rows, by codes of owner, custody and kind.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let rows = self.groups.iter().flat_map(|group| {
            group.slots.iter().filter_map(|slot| {
                Some(Row {
                    owner: &group.owner,
                    custody: &group.custody,
                    kind: self.kinds.get(slot.kind)?,
                    kind_place: slot.kind,
                    mode: Mode::GovPhysical,
                    cell: &slot.cell,
                })
            })
        });
        rows.collect()
    }
}

/// The summary that `query` asks for.
pub fn summarise(position: &Position, query: &Query) -> Summary {
    let regions = &position.reference.regions;
    let frame = Frame::of(position, query);
    let groups = frame.gather().into_iter();
    let groups = groups.filter_map(|((owner, custody), mut slots)| {
        slots.retain(Slot::is_shown);
        let (owner, custody) = (regions.get(owner)?, regions.get(custody)?);
        let (owner, custody) = (Arc::clone(owner), Arc::clone(custody));
        (!slots.is_empty()).then_some(Group { owner, custody, slots })
    });
    let mut groups: Vec<Group> = groups.collect();
    groups.sort_unstable_by_key(|group| (group.owner.code, group.custody.code));
    Summary::of(frame.kinds().collect(), groups)
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
