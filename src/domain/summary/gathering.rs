//! Gathering the cells of a summary: from the index where it has them, else from balances.
//!
//! Lives here: which balances, quotas and gaps stand on which row. Does not live here: the rows in
//! their order (`summary`). Invariant: both ways give the same cells, and what is rolled up is the
//! merge of its parts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use rayon::prelude::*;

use crate::domain::account::{Accounts, Filter, Goods, GoodsIx, Shelf};
use crate::domain::calendar::add_days;
use crate::domain::catalogue::FunctionClass;
use crate::domain::index::{Index, LOWEST, Rows, Share, WIDE};
use crate::domain::line::Sum;
use crate::domain::position::{Balance, Position, Shard};
use crate::domain::quantity::narrow;
use crate::domain::quota::Mode;
use crate::domain::region::{RegionIx, Tier};
use crate::domain::stock::Standing;

use super::{By, Cell, Kind, Query, Slot, WINDOWS_DAYS};

/// Cells by owner and custody, with one for each kind.
pub(super) type Groups = BTreeMap<(RegionIx, RegionIx), Vec<Slot>>;

/// What is the same for every balance of one answer.
pub(super) struct Frame<'a> {
    position: &'a Position,
    query: &'a Query,
    shelf: Shelf,
    /// How many kinds there are.
    kinds: usize,
}

fn slot_mut(slots: &mut [Slot], kind: u32) -> Option<&mut Slot> {
    slots.get_mut(usize::try_from(kind).ok()?)
}

impl<'a> Frame<'a> {
    pub fn of(position: &'a Position, query: &'a Query) -> Self {
        let shelf = Shelf::of(&position.reference, &Filter::default());
        let kinds = match query.by {
            By::FunctionClass => FunctionClass::ALL.len(),
            By::Item | By::Need => shelf.iter().count(),
        };
        Self { position, query, shelf, kinds }
    }

    /// What rows may be about, in the order of the slots.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        let classes = FunctionClass::ALL.into_iter().map(Kind::FunctionClass);
        let goods = self.shelf.iter().map(|(_, _, goods)| Kind::Goods(goods.clone()));
        let by_class = self.query.by == By::FunctionClass;
        classes.filter(move |_| by_class).chain(goods.filter(move |_| !by_class))
    }

    /// All cells.
    pub fn gather(&self) -> Groups {
        let Some((index, parts)) = self.ready() else {
            let mut groups = Groups::new();
            self.add_depots(&mut groups);
            self.add_quotas(&mut groups);
            return groups;
        };
        if self.by_head(LOWEST) && index.day() == self.query.on {
            let areas = index.areas(Some(self.query.region));
            return match areas.filter(|_| self.by_head(WIDE) && self.by_place(WIDE)) {
                Some(areas) => each(areas, |area, groups| self.add_area(index, area, groups)),
                None => each(parts, |part, groups| self.add_head(index, part, groups)),
            };
        }
        let mut groups = each(parts, |part, groups| self.add_piles(index, part, groups));
        self.add_quotas(&mut groups);
        groups
    }

    /// The cells of one owner in one place, rolled up.
    fn group<'g>(
        &self,
        groups: &'g mut Groups,
        owner: RegionIx,
        place: RegionIx,
    ) -> &'g mut Vec<Slot> {
        let group = groups.entry((self.owner(owner), self.custody(place)));
        let empty = |kind| Slot { kind, ..Slot::default() };
        group.or_insert_with(|| (0..self.kinds).map(empty).collect())
    }

    fn custody(&self, region: RegionIx) -> RegionIx {
        let tier = self.query.tier.unwrap_or(Tier::County);
        let regions = &self.position.reference.regions;
        regions.rolled_up(region, tier, Some(self.query.region))
    }

    fn owner(&self, region: RegionIx) -> RegionIx {
        let regions = &self.position.reference.regions;
        let tier = self.query.owner_tier;
        tier.map_or(region, |tier| regions.rolled_up(region, tier, None))
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

    /// The index and its parts, where the rows asked for can be made of them.
    fn ready(&self) -> Option<(&'a Index, Range<u32>)> {
        let whole = self.query.tier.is_none_or(|tier| tier <= LOWEST);
        let index = self.position.index().filter(|_| whole && self.query.by == By::Item)?;
        Some((index, index.parts(Some(self.query.region))?))
    }

    /// Whether owners are told apart no further than by regions of a tier.
    fn by_head(&self, lowest: Tier) -> bool {
        self.query.owner_tier.is_some_and(|tier| tier <= lowest)
    }

    /// The same of places.
    fn by_place(&self, lowest: Tier) -> bool {
        self.query.tier.is_some_and(|tier| tier <= lowest)
    }

    /// Adds what an index has in a part by the head of each owner's part: goods, quotas and gaps.
    fn add_head(&self, index: &Index, part: u32, groups: &mut Groups) {
        if let Some(head) = index.head_of(part) {
            for (owner, rows) in index.shares(part) {
                self.add_shares(rows, self.group(groups, owner, head));
            }
            self.state(index.sums(part), self.group(groups, head, head));
        }
    }

    /// The same in an area.
    fn add_area(&self, index: &Index, area: u32, groups: &mut Groups) {
        if let Some(head) = index.head_of_area(area) {
            for (owner, rows) in index.shares_of_area(area) {
                self.add_shares(rows, self.group(groups, owner, head));
            }
            self.state(index.sums_of_area(area), self.group(groups, head, head));
        }
    }

    fn add_shares(&self, rows: &Rows<Share>, slots: &mut [Slot]) {
        for (item, share) in rows.iter() {
            let kind = self.shelf.item(item);
            if let Some(slot) = kind.and_then(|kind| slot_mut(slots, kind)) {
                slot.cell.merge(&cell_of(share));
            }
        }
    }

    fn state<'s>(&self, sums: impl Iterator<Item = (GoodsIx, &'s Sum)>, slots: &mut [Slot]) {
        for (goods, sum) in sums {
            let kind = self.shelf.place(goods).and_then(|place| self.kind_of_line(place));
            if let Some(slot) = kind.and_then(|kind| slot_mut(slots, kind)) {
                slot.state(sum);
            }
        }
    }

    /// Adds what the index's piles in a part come to.
    fn add_piles(&self, index: &Index, part: u32, groups: &mut Groups) {
        let (items, on) = (&self.position.reference.items, self.query.on);
        let Some(head) = index.head_of(part) else {
            return;
        };
        for (owner, rows) in index.piles(part) {
            let slots = self.group(groups, owner, head);
            for (item, pile) in rows.iter() {
                let slot = self.shelf.item(item).and_then(|kind| slot_mut(slots, kind));
                let (Some(slot), Some(item)) = (slot, items.get(item)) else {
                    continue;
                };
                let weight = match index.day() == on {
                    true => pile.weight,
                    false => pile.at(on, item.life.kind),
                };
                slot.cell.merge(&cell_of(&Share { weight, depot_count: pile.depot_count }));
            }
        }
    }

    fn add_depots(&self, groups: &mut Groups) {
        let (position, root) = (self.position, self.query.region);
        let reference = &position.reference;
        // The owner's region by the organization's index.
        let owners = reference.organizations.iter();
        let owners: Vec<_> = owners.map(|(ix, _)| reference.owner_region(ix)).collect();
        for (region, depot) in position.depots_within(root) {
            if let Some(shard) = position.shard(depot) {
                self.add_depot(region, shard, &owners, groups);
            }
        }
    }

    fn add_depot(
        &self,
        region: RegionIx,
        shard: &Shard,
        owners: &[Option<RegionIx>],
        groups: &mut Groups,
    ) {
        let mut here: BTreeMap<(RegionIx, u32), Cell> = BTreeMap::new();
        let key = |row: &Balance| (row.key.item, row.key.owner);
        for run in shard.rows().chunk_by(|a, b| key(a) == key(b)) {
            let Some((item, owner)) = run.first().map(key) else {
                continue;
            };
            let owner = usize::try_from(owner).ok().and_then(|ix| owners.get(ix));
            let (Some(owner), Some((kind, amount))) =
                (owner.copied().flatten(), self.kind_of(item))
            else {
                continue;
            };
            let cell = self.weigh(item, run).times(amount);
            here.entry((owner, kind)).or_default().merge(&cell);
        }
        for ((owner, kind), mut cell) in here {
            cell.depot_count = i64::from(!cell.figures.is_zero());
            if let Some(slot) = slot_mut(self.group(groups, owner, region), kind) {
                slot.cell.merge(&cell);
            }
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
    fn add_quotas(&self, groups: &mut Groups) {
        let (query, mode) = (self.query, Mode::GovPhysical);
        let accounts = Accounts::of(self.position, &self.shelf, query.region, mode, query.on);
        for (owner, lines) in accounts.iter() {
            let mut stated = lines.iter().filter(|line| line.standard.is_some()).peekable();
            if stated.peek().is_none() {
                continue;
            }
            let slots = self.group(groups, owner, owner);
            for line in stated {
                let kind = self.kind_of_line(line.goods);
                if let Some(slot) = kind.and_then(|kind| slot_mut(slots, kind)) {
                    slot.state(&Sum::of(line));
                }
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

/// What a step adds for each part or area, on as many threads as there are.
fn each(parts: Range<u32>, add: impl Fn(u32, &mut Groups) + Sync) -> Groups {
    let step = |mut groups: Groups, part: u32| {
        add(part, &mut groups);
        groups
    };
    parts.into_par_iter().fold(Groups::new, step).reduce(Groups::new, merged)
}

fn merged(one: Groups, other: Groups) -> Groups {
    let (mut all, less) = if one.len() < other.len() { (other, one) } else { (one, other) };
    for (key, slots) in less {
        match all.entry(key) {
            Entry::Vacant(place) => _ = place.insert(slots),
            Entry::Occupied(mut known) => {
                for (slot, more) in known.get_mut().iter_mut().zip(slots) {
                    slot.stated |= more.stated;
                    slot.cell.merge(&more.cell);
                }
            }
        }
    }
    all
}

impl Slot {
    /// Whether there is anything to tell.
    pub(super) fn is_shown(&self) -> bool {
        self.stated || !self.cell.figures.is_zero()
    }

    /// Adds quotas and gaps of accounts.
    fn state(&mut self, sum: &Sum) {
        self.stated |= sum.lines > 0;
        self.cell.quota = self.cell.quota.saturating_add(narrow(sum.quota));
        self.cell.gap = self.cell.gap.saturating_add(narrow(sum.gap));
    }
}

fn cell_of(share: &Share) -> Cell {
    let Share { weight, depot_count } = *share;
    Cell { depot_count, figures: weight.figures, expiring: weight.expiring, ..Cell::default() }
}

fn class_place(class: FunctionClass) -> Option<u32> {
    let mut places = (0u32..).zip(FunctionClass::ALL);
    places.find(|(_, found)| *found == class).map(|(at, _)| at)
}
