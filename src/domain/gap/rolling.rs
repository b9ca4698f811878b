//! Rolling up: the sums of each region's subtree, from accounts or from what an index keeps.
//!
//! Lives here: two ways to the same sums. Does not live here: the rows (`gap`). Invariant: both
//! give the same, and surplus of a region is given to those below it only where that is asked.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::super::account::{Accounts, GoodsIx, Line, Shelf};
use super::super::index::Index;
use super::super::line::Sum;
use super::super::position::Position;
use super::super::quota::Quota;
use super::super::region::{RegionIx, Regions};
use super::super::unknown::Unknown;
use super::Query;

/// The lines of one kind of goods in one region's subtree.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    /// The place on the shelf.
    pub goods: u32,
    pub own: Option<Line>,
    /// The quota in force for the region's own account.
    pub rule: Option<Arc<Quota>>,
    pub all: Sum,
    /// What is lacking after the surplus of each region has gone to those below it only.
    pub unmet: i128,
    /// Regions of whose line nobody knows what it holds, and why; in tree order.
    pub open: Vec<(RegionIx, Unknown)>,
}

/// The sums of each region asked for, from what an index keeps for its day.
pub(super) fn from_index(
    position: &Position,
    index: &Index,
    shelf: &Shelf,
    root: RegionIx,
    asked: &[RegionIx],
) -> Vec<Vec<Sums>> {
    let goods: Vec<(u32, GoodsIx)> = shelf.iter().map(|(place, ix, _)| (place, ix)).collect();
    let unmet = unmet_by_part(position, index, &goods, root);
    let of_parts = |region: RegionIx, first: u32| {
        let unmet = unmet.get(&first).map_or(&[][..], Vec::as_slice);
        let goods = goods.iter().zip(unmet);
        let account = index.account(region);
        let sums = goods.map(|((place, ix), unmet)| {
            let all = index.sum_within(region, *ix);
            let entry = account.and_then(|account| account.get(*ix));
            Sums {
                goods: *place,
                own: entry.map(|entry| entry.line(*place)),
                rule: entry.and_then(|entry| entry.quota.clone()),
                all,
                unmet: *unmet,
                open: Vec::new(),
            }
        });
        sums.collect()
    };
    let sums = asked.iter().map(|region| match index.parts(Some(*region)) {
        Some(parts) => of_parts(*region, parts.start),
        None => within_part(index, &goods, *region),
    });
    sums.collect()
}

/// What is lacking in each part's head region and below it, by part and place among `goods`.
fn unmet_by_part(
    position: &Position,
    index: &Index,
    goods: &[(u32, GoodsIx)],
    root: RegionIx,
) -> BTreeMap<u32, Vec<i128>> {
    let regions = &position.reference.regions;
    let mut found: BTreeMap<u32, Vec<i128>> = BTreeMap::new();
    // Children stand behind their parents.
    for part in index.parts(Some(root)).into_iter().flatten().rev() {
        let Some(head) = index.head_of(part) else {
            continue;
        };
        let beside = found.entry(part).or_insert_with(|| vec![0; goods.len()]);
        let account = index.account(head);
        for ((_, ix), unmet) in goods.iter().zip(&mut *beside) {
            let entry = account.and_then(|account| account.get(*ix));
            let lacking = entry.map_or(*unmet, |entry| entry.lacking(*unmet));
            *unmet = lacking.max(0);
        }
        let told = beside.clone();
        if let Some(above) = regions.parent(head).and_then(|above| index.part_of(above)) {
            let sums = found.entry(above).or_insert_with(|| vec![0; goods.len()]);
            sums.iter_mut().zip(told).for_each(|(sum, more)| *sum += more);
        }
    }
    found
}

/// The sums of a region that is a piece of a part.
fn within_part(index: &Index, goods: &[(u32, GoodsIx)], region: RegionIx) -> Vec<Sums> {
    let Some(part) = index.part_of(region) else {
        return Vec::new();
    };
    if index.accounts(part, region).next().is_none() {
        return Vec::new();
    }
    let of_region = index.account(region);
    let sums = goods.iter().map(|(place, ix)| {
        let mut all = Sum::default();
        for (_, account) in index.accounts(part, region) {
            if let Some(entry) = account.get(*ix) {
                all.merge(&Sum::of(&entry.line(*place)));
            }
        }
        let own = of_region.and_then(|account| account.get(*ix));
        Sums {
            goods: *place,
            own: own.map(|entry| entry.line(*place)),
            rule: own.and_then(|entry| entry.quota.clone()),
            all,
            unmet: own.map_or(0, |entry| entry.lacking(0).max(0)),
            open: Vec::new(),
        }
    });
    sums.collect()
}

/// The sums of each region asked for, from the accounts of the subtree.
pub(super) fn from_accounts(
    position: &Position,
    shelf: &Shelf,
    query: &Query,
    asked: &[RegionIx],
) -> Vec<Vec<Sums>> {
    let reference = &position.reference;
    let accounts = Accounts::of(position, shelf, query.region, query.mode, query.on);
    let mut found = roll_up(&reference.regions, query.region, accounts.iter(), asked);
    for (region, sums) in &mut found {
        let code = reference.regions.get(*region).map(|region| region.code);
        for sum in sums.iter_mut().filter(|sum| sum.own.is_some()) {
            let rule = code.zip(shelf.get(sum.goods)).and_then(|(code, goods)| {
                reference.quotas.in_force(code, &goods.subject(), query.mode, query.on)
            });
            sum.rule = rule.cloned();
        }
    }
    asked.iter().map(|region| found.remove(region).unwrap_or_default()).collect()
}

/// The sums of one region from the lines of its subtree, in tree order, of one kind of goods.
pub(super) fn fold<'a>(
    regions: &Regions,
    root: RegionIx,
    lines: impl DoubleEndedIterator<Item = (RegionIx, &'a Line)>,
) -> Sums {
    let mut sums = Sums::default();
    // What is lacking in subtrees that are whole; those of a region stand on top at its turn.
    let mut whole: Vec<(RegionIx, i128)> = Vec::new();
    for (region, line) in lines.rev() {
        sums.all.merge(&Sum::of(line));
        sums.open.extend(line.open.map(|why| (region, why)));
        if region == root {
            sums.own = Some(*line);
        }
        let mut lacking = line.lacking();
        while let Some((_, below)) = whole.pop_if(|(below, _)| regions.within(*below, region)) {
            lacking += below;
        }
        whole.push((region, lacking.max(0)));
    }
    sums.unmet = whole.into_iter().map(|(_, lacking)| lacking).sum();
    sums.open.reverse();
    sums
}

/// The sums of the regions `asked` for, by goods, from the lines of all regions within `root`.
fn roll_up<'a>(
    regions: &Regions,
    root: RegionIx,
    accounts: impl Iterator<Item = (RegionIx, &'a [Line])>,
    asked: &[RegionIx],
) -> BTreeMap<RegionIx, Vec<Sums>> {
    let mut found: BTreeMap<RegionIx, BTreeMap<u32, Sums>> = BTreeMap::new();
    for (region, lines) in accounts {
        for above in regions.chain(region).filter(|above| regions.within(*above, root)) {
            found.entry(above).or_default();
        }
        let sums = found.entry(region).or_default();
        for line in lines {
            let here = sums.entry(line.goods).or_default();
            here.own = Some(*line);
            here.all.merge(&Sum::of(line));
            here.unmet += line.lacking();
            here.open.extend(line.open.map(|why| (region, why)));
        }
    }
    let asked: HashSet<RegionIx> = asked.iter().copied().collect();
    // Children stand behind their parents, so that each is whole when it is told upwards.
    let mut whole = BTreeMap::new();
    while let Some((region, mut sums)) = found.pop_last() {
        for (goods, here) in &mut sums {
            (here.goods, here.unmet) = (*goods, here.unmet.max(0));
            here.open.sort_unstable_by_key(|(region, _)| *region);
        }
        if let Some(above) = regions.parent(region).and_then(|above| found.get_mut(&above)) {
            for (goods, here) in &sums {
                let sum = above.entry(*goods).or_default();
                sum.all.merge(&here.all);
                sum.unmet += here.unmet;
                sum.open.extend_from_slice(&here.open);
            }
        }
        if asked.contains(&region) {
            whole.insert(region, sums.into_values().collect());
        }
    }
    whole
}
