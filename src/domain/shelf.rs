//! The shelf: all kinds of goods that an answer may be about, in its order.
//!
//! Lives here: goods as items or needs, the filter, and the place of each. Does not live here: how
//! much there is of any. Invariant: items stand before needs, each by code.

use std::sync::Arc;

use super::catalogue::{Code, FunctionClass, Item, Need};
use super::quota::Subject;
use super::reference::Reference;

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

    /// As a quota names it.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Item(item) => Subject::Item(item.code.clone()),
            Self::Need(need) => Subject::Need(need.code.clone()),
        }
    }

    /// The unit in which its quantities count.
    pub fn unit(&self) -> &str {
        match self {
            Self::Item(item) => &item.unit,
            Self::Need(need) => &need.unit,
        }
    }

    /// The same in English, or as it is.
    pub fn unit_en(&self) -> &str {
        match self {
            Self::Item(item) => item.unit_en(),
            Self::Need(need) => need.unit_en(),
        }
    }
}

/// Which item or need, by the index of its register: unlike a place on a shelf it stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GoodsIx {
    Item(u32),
    Need(u32),
}

impl GoodsIx {
    /// What a quota is about; `None` for a code that nothing has.
    pub fn of(reference: &Reference, subject: &Subject) -> Option<Self> {
        match subject {
            Subject::Item(code) => reference.items.find(code.as_str()).map(Self::Item),
            Subject::Need(code) => reference.needs.find(code.as_str()).map(Self::Need),
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
    goods: Vec<(GoodsIx, Goods)>,
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
            shelf.goods.push((GoodsIx::Item(ix), Goods::Item(Arc::clone(item))));
        }
        for (ix, need) in needs {
            set(&mut shelf.needs, ix, shelf.goods.len());
            shelf.goods.push((GoodsIx::Need(ix), Goods::Need(Arc::clone(need))));
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
        self.goods.get(usize::try_from(place).ok()?).map(|(_, goods)| goods)
    }

    /// The place of an item.
    pub fn item(&self, item: u32) -> Option<u32> {
        at(&self.items, item)
    }

    /// The place of the need an item serves, and how much of it one base unit gives.
    pub fn provided(&self, item: u32) -> Option<(u32, i64)> {
        at(&self.provides, item)
    }

    /// All goods with their places.
    pub fn iter(&self) -> impl Iterator<Item = (u32, GoodsIx, &Goods)> {
        (0u32..).zip(&self.goods).map(|(place, (ix, goods))| (place, *ix, goods))
    }

    /// The items that are on the shelf, or serve a need that is, with both places.
    pub fn served(&self) -> impl Iterator<Item = (u32, Places)> {
        let places = self.items.iter().zip(&self.provides);
        let places = (0u32..).zip(places).map(|(item, (own, need))| (item, (*own, *need)));
        places.filter(|(_, places)| *places != (None, None))
    }

    /// The place of goods.
    pub fn place(&self, goods: GoodsIx) -> Option<u32> {
        match goods {
            GoodsIx::Item(item) => self.item(item),
            GoodsIx::Need(need) => at(&self.needs, need),
        }
    }
}

/// Where an item stands on a shelf, and where the need that it serves does, with what one base unit
/// gives of it.
pub type Places = (Option<u32>, Option<(u32, i64)>);

fn at<T: Copy>(column: &[Option<T>], ix: u32) -> Option<T> {
    column.get(usize::try_from(ix).ok()?).copied().flatten()
}

fn set(column: &mut [Option<u32>], ix: u32, place: usize) {
    let slot = usize::try_from(ix).ok().and_then(|ix| column.get_mut(ix));
    if let Some(slot) = slot {
        *slot = u32::try_from(place).ok();
    }
}
