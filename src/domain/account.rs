//! Owner accounts: what the organizations of a region own, wherever it lies, against its quotas.
//!
//! Lives here: one line per owner region and item or need, from one pass over the balances. Does
//! not live here: the roll-up over regions (`gap`). Invariant: goods are on the account of their
//! owner's region and no other; nothing lying in a region is on its account for lying there.

use std::sync::Arc;

use chrono::NaiveDate;

use super::calendar::add_days;
use super::catalogue::{Code, FunctionClass, Item, Need};
use super::position::{Balance, Position, Shard};
use super::quota::{Mode, Subject};
use super::reference::Reference;
use super::region::RegionIx;
use super::stock::Standing;

/// Effective stock that ends within so many days is shown apart: it is little use elsewhere.
pub const PERISHING_DAYS: i64 = 30;

/// What a line is about; quantities count in the item's base unit or the need's unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goods {
    Item(Arc<Item>),
    Need(Arc<Need>),
}

impl Goods {
    pub fn code(&self) -> &Code {
        match self {
            Self::Item(item) => &item.code,
            Self::Need(need) => &need.code,
        }
    }

    /// The unit in which its quantities count.
    pub fn unit(&self) -> &str {
        match self {
            Self::Item(item) => &item.unit,
            Self::Need(need) => &need.unit,
        }
    }
}

/// Which lines are asked for; what is `None` is not asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    pub item: Option<u32>,
    pub need: Option<u32>,
    /// Lines about needs have no class and fall out where one is asked for.
    pub function_class: Option<FunctionClass>,
}

/// All goods that lines may be about, items before needs, each by code.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    goods: Vec<Goods>,
    /// By the item's index.
    items: Vec<Option<u32>>,
    /// By the item's index: the need it serves, and how much of it one base unit gives.
    provides: Vec<Option<(u32, i64)>>,
    /// By the need's index.
    needs: Vec<Option<u32>>,
}

impl Shelf {
    /// The goods that pass the filter.
    pub fn of(reference: &Reference, filter: &Filter) -> Self {
        let only_item = filter.item.is_some() || filter.function_class.is_some();
        let mut items: Vec<(u32, &Arc<Item>)> = reference
            .items
            .iter()
            .filter(|(ix, _)| filter.need.is_none() && filter.item.is_none_or(|asked| asked == *ix))
            .filter(|(_, item)| {
                let class = filter.function_class;
                class.is_none_or(|class| class == item.function_class)
            })
            .collect();
        items.sort_unstable_by(|(_, a), (_, b)| a.code.cmp(&b.code));
        let mut needs: Vec<(u32, &Arc<Need>)> = reference
            .needs
            .iter()
            .filter(|(ix, _)| !only_item && filter.need.is_none_or(|asked| asked == *ix))
            .collect();
        needs.sort_unstable_by(|(_, a), (_, b)| a.code.cmp(&b.code));
        let mut shelf = Self {
            items: vec![None; reference.items.len()],
            needs: vec![None; reference.needs.len()],
            ..Self::default()
        };
        for (ix, item) in items {
            set(&mut shelf.items, ix, shelf.goods.len());
            shelf.goods.push(Goods::Item(Arc::clone(item)));
        }
        for (ix, need) in needs {
            set(&mut shelf.needs, ix, shelf.goods.len());
            shelf.goods.push(Goods::Need(Arc::clone(need)));
        }
        let provides = reference.items.iter().map(|(_, item)| {
            let provision = item.provision.as_ref()?;
            let need = reference.needs.find(provision.need.as_str())?;
            Some((at(&shelf.needs, need)?, provision.amount))
        });
        shelf.provides = provides.collect();
        shelf
    }

    /// The goods at a place of the shelf.
    pub fn get(&self, place: u32) -> Option<&Goods> {
        self.goods.get(usize::try_from(place).ok()?)
    }

    /// The place of an item.
    pub fn item(&self, item: u32) -> Option<u32> {
        at(&self.items, item)
    }

    /// The place of the need an item serves, and how much of it one base unit gives.
    pub fn provided(&self, item: u32) -> Option<(u32, i64)> {
        at(&self.provides, item)
    }

    fn subject(&self, reference: &Reference, subject: &Subject) -> Option<u32> {
        match subject {
            Subject::Item(code) => self.item(reference.items.find(code.as_str())?),
            Subject::Need(code) => at(&self.needs, reference.needs.find(code.as_str())?),
        }
    }
}

fn at<T: Copy>(column: &[Option<T>], ix: u32) -> Option<T> {
    column.get(usize::try_from(ix).ok()?).copied().flatten()
}

fn set(column: &mut [Option<u32>], ix: u32, place: usize) {
    let slot = usize::try_from(ix).ok().and_then(|ix| column.get_mut(ix));
    if let Some(slot) = slot {
        *slot = u32::try_from(place).ok();
    }
}

/// What an account holds of one kind of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Effective stock, wherever it lies.
    pub effective: i64,
    /// The part of it whose last usable day comes in fewer than [`PERISHING_DAYS`] days.
    pub perishing: i64,
    /// On the way between depots, in nobody's effective stock.
    pub in_transit: i64,
}

impl Held {
    /// Adds what another balance holds.
    pub fn merge(&mut self, other: Self) {
        self.effective = self.effective.saturating_add(other.effective);
        self.perishing = self.perishing.saturating_add(other.perishing);
        self.in_transit = self.in_transit.saturating_add(other.in_transit);
    }

    /// The same goods counted in another unit, `amount` of which each base unit gives.
    pub fn times(self, amount: i64) -> Self {
        Self {
            effective: self.effective.saturating_mul(amount),
            perishing: self.perishing.saturating_mul(amount),
            in_transit: self.in_transit.saturating_mul(amount),
        }
    }
}

/// What an account must hold of one kind of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standard {
    pub target: i64,
    pub floor: i64,
}

/// One owner region's account of one kind of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The place on the shelf.
    pub goods: u32,
    /// `None` where no quota is in force.
    pub standard: Option<Standard>,
    pub held: Held,
}

impl Line {
    /// The target; nothing where no quota is in force.
    pub fn target(&self) -> i64 {
        self.standard.map_or(0, |standard| standard.target)
    }

    /// What is missing to the target.
    pub fn gap(&self) -> i64 {
        self.target().saturating_sub(self.held.effective).max(0)
    }

    /// What is held beyond the target.
    pub fn surplus(&self) -> i64 {
        self.held.effective.saturating_sub(self.target()).max(0)
    }

    fn merge(&mut self, other: &Self) {
        if let Some(more) = other.standard {
            let standard = self.standard.get_or_insert_default();
            standard.target = standard.target.saturating_add(more.target);
            standard.floor = standard.floor.saturating_add(more.floor);
        }
        self.held.merge(other.held);
    }
}

/// The accounts of a region and all below it on one day.
#[derive(Debug, Clone)]
pub struct Accounts {
    root: RegionIx,
    /// By the region's place in the subtree, each sorted by goods.
    lines: Vec<Vec<Line>>,
}

impl Accounts {
    /// The accounts of `root`'s subtree for the goods on `shelf`. Stock is of the physical reserve;
    /// no register tells that of the other modes, so that their lines hold nothing.
    pub fn of(
        position: &Position,
        shelf: &Shelf,
        root: RegionIx,
        mode: Mode,
        on: NaiveDate,
    ) -> Self {
        let reference = &position.reference;
        let mut accounts =
            Self { root, lines: vec![Vec::new(); reference.regions.subtree(root).count()] };
        accounts.add_quotas(reference, shelf, mode, on);
        if mode == Mode::GovPhysical {
            let owners: Vec<Option<RegionIx>> = reference
                .organizations
                .iter()
                .map(|(owner, _)| reference.owner_region(owner))
                .map(|region| region.filter(|ix| reference.regions.within(*ix, root)))
                .collect();
            for (_, shard) in position.shards() {
                accounts.add_shard(position, shard, shelf, &owners, on);
            }
        }
        for lines in &mut accounts.lines {
            lines.sort_unstable_by_key(|line| line.goods);
            lines.dedup_by(|next, kept| {
                let same = next.goods == kept.goods;
                if same {
                    kept.merge(next);
                }
                same
            });
        }
        accounts
    }

    /// The lines of one region's account, by goods.
    pub fn lines(&self, region: RegionIx) -> &[Line] {
        let slot = region.0.checked_sub(self.root.0);
        let slot = slot.and_then(|slot| usize::try_from(slot).ok());
        slot.and_then(|slot| self.lines.get(slot)).map_or(&[], Vec::as_slice)
    }

    fn push(&mut self, region: RegionIx, line: Line) {
        let slot = region.0.checked_sub(self.root.0);
        let slot = slot.and_then(|slot| usize::try_from(slot).ok());
        if let Some(lines) = slot.and_then(|slot| self.lines.get_mut(slot)) {
            lines.push(line);
        }
    }

    fn add_quotas(&mut self, reference: &Reference, shelf: &Shelf, mode: Mode, on: NaiveDate) {
        for quota in reference.quotas.values() {
            if quota.mode != mode || !quota.in_force(on) {
                continue;
            }
            let region = reference.regions.find(quota.region);
            let goods = shelf.subject(reference, &quota.subject);
            if let (Some(region), Some(goods)) = (region, goods) {
                let standard = Some(Standard { target: quota.target, floor: quota.floor });
                let held = Held::default();
                let line = Line { goods, standard, held };
                self.push(region, line);
            }
        }
    }

    /// Adds one depot's balances; those of one item and owner follow each other.
    fn add_shard(
        &mut self,
        position: &Position,
        shard: &Shard,
        shelf: &Shelf,
        owners: &[Option<RegionIx>],
        on: NaiveDate,
    ) {
        let soon = add_days(on, PERISHING_DAYS);
        let key = |row: &Balance| (row.key.item, row.key.owner);
        for run in shard.rows().chunk_by(|a, b| key(a) == key(b)) {
            let Some((item_ix, owner)) = run.first().map(key) else {
                continue;
            };
            let places = (shelf.item(item_ix), shelf.provided(item_ix));
            let (Some(region), Some(item)) =
                (at(owners, owner), position.reference.items.get(item_ix))
            else {
                continue;
            };
            if places == (None, None) {
                continue;
            }
            let mut held = Held::default();
            for row in run {
                let Some(lot) = position.lot(row.key.lot) else {
                    continue;
                };
                let standing = Standing::of(&row.key, lot, item, on);
                held.merge(weigh(row.quantity, standing, soon));
            }
            if let Some(goods) = places.0 {
                self.push(region, bare(goods, held));
            }
            if let Some((goods, amount)) = places.1 {
                self.push(region, bare(goods, held.times(amount)));
            }
        }
    }
}

fn bare(goods: u32, held: Held) -> Line {
    Line { goods, standard: None, held }
}

/// What a balance adds to its owner's account; goods that end before `soon` are perishing.
pub fn weigh(quantity: i64, standing: Standing, soon: NaiveDate) -> Held {
    let mut held = Held::default();
    match standing {
        Standing::Effective(last) => {
            held.effective = quantity;
            if last.is_some_and(|last| last < soon) {
                held.perishing = quantity;
            }
        }
        Standing::InTransit => held.in_transit = quantity,
        Standing::Quarantine
        | Standing::Damaged
        | Standing::Expired
        | Standing::Overdue
        | Standing::OnLoan => {}
    }
    held
}
