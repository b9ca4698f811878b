//! Stock by region or item from what the index keeps.
//!
//! Lives here: rows of counties and above, on the index's day from its figures, on any other from
//! its piles. Does not live here: rows by depot, lot, organization or township. Invariant: the rows
//! are those that a pass over the balances would give.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::catalogue::Item;
use super::super::index::{Index, LOWEST, Rows, WIDE};
use super::super::position::Position;
use super::super::region::RegionIx;
use super::{Figures, GroupBy, Query, Row};

/// The rows of a question that the index can answer; `None` for another one.
pub(super) fn from_index(position: &Position, query: &Query) -> Option<Vec<Row>> {
    let index = position.index()?;
    let whole = match query.group_by {
        GroupBy::Item => true,
        GroupBy::Region => query.tier.is_some_and(|tier| tier <= LOWEST),
        GroupBy::Depot | GroupBy::Lot => false,
    };
    if !whole || query.depot.is_some() || query.owner.is_some() {
        return None;
    }
    let parts = index.parts(query.region)?;
    let wide = query.group_by == GroupBy::Item || query.tier.is_some_and(|tier| tier <= WIDE);
    let areas = index.areas(query.region).filter(|_| wide && index.day() == query.on);
    let items = items_asked(position, query);
    let mut places: BTreeMap<(u64, RegionIx), Vec<Figures>> = BTreeMap::new();
    let by_part = areas.is_none();
    for part in areas.unwrap_or(parts) {
        let head = if by_part { index.head_of(part) } else { index.head_of_area(part) };
        let place = match query.group_by {
            GroupBy::Region => query.place_of(position, head?),
            _ => RegionIx(0),
        };
        let code = position.reference.regions.get(place).map_or(0, |region| region.code.number());
        let sums = places.entry((code, place));
        let sums = sums.or_insert_with(|| vec![Figures::default(); items.len()]);
        match by_part && index.day() != query.on {
            true => add_piles(index, query, part, &items, sums),
            false => {
                let rows = if by_part { index.stock(part) } else { index.stock_of_area(part) };
                add_figures(rows?, &items, sums);
            }
        }
    }
    let rows = places.into_iter().flat_map(|((_, place), sums)| {
        let region = position.reference.regions.get(place);
        let region = region.filter(|_| query.group_by == GroupBy::Region);
        let shown = items.iter().zip(sums).filter(|(_, figures)| !figures.is_zero());
        shown.map(move |((_, item), figures)| Row {
            region: region.cloned(),
            depot: None,
            item: Arc::clone(item),
            owner: None,
            lot: None,
            figures,
        })
    });
    Some(rows.collect())
}

/// The items asked for, by code.
fn items_asked<'a>(position: &'a Position, query: &Query) -> Vec<(u32, &'a Arc<Item>)> {
    let all = position.reference.items.iter();
    let mut items: Vec<_> = all
        .filter(|(ix, _)| query.item.is_none_or(|asked| asked == *ix))
        .filter(|(_, item)| query.function_class.is_none_or(|class| class == item.function_class))
        .collect();
    items.sort_unstable_by(|(_, a), (_, b)| a.code.cmp(&b.code));
    items
}

fn add_figures(rows: &Rows<Figures>, items: &[(u32, &Arc<Item>)], sums: &mut [Figures]) {
    for ((item, _), sum) in items.iter().zip(sums) {
        if let Some(figures) = rows.get(*item) {
            sum.merge(figures);
        }
    }
}

fn add_piles(
    index: &Index,
    query: &Query,
    part: u32,
    items: &[(u32, &Arc<Item>)],
    sums: &mut [Figures],
) {
    for (_, rows) in index.piles(part) {
        for ((ix, item), sum) in items.iter().zip(&mut *sums) {
            if let Some(pile) = rows.get(*ix) {
                sum.merge(&pile.at(query.on, item.life.kind).figures);
            }
        }
    }
}
