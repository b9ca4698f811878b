//! The index: what all balances come to by place, owner and item on one day, kept up to date.
//!
//! Lives here: the aggregates and how one changed balance moves them. Does not live here: laying
//! them anew (`laying`), the answers made of them (`stock`, `gap`, `summary`). Invariant: it always
//! equals what laying it anew from the balances and the reference data would give.

mod area;
mod frame;
mod laying;
mod pile;
mod rows;

use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use rpds::VectorSync;

use super::balance::{Figures, Standing, earlier};
use super::calendar::Instant;
use super::line::{Held, Line, Standard, Sum};
use super::quantity::narrow;
use super::quota::Quota;
use super::region::RegionIx;
use super::shelf::GoodsIx;

use area::Area;
use frame::Frame;
pub use frame::{LOWEST, WIDE};
pub use laying::Ground;
pub use pile::{Pile, Share, WINDOWS_DAYS, Weight};
use rows::ByGoods;
pub use rows::Rows;

/// One changed balance.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    pub depot: u32,
    pub item: u32,
    pub owner: u32,
    /// What it counts as on any day; `None` for good goods in a depot.
    pub undated: Option<Standing>,
    /// The lot's, whatever the item's life rule makes of it.
    pub expires_on: Option<NaiveDate>,
    pub delta: i64,
    /// How many more depots hold any of this item of this owner's region: 1, 0 or -1.
    pub depots: i64,
    pub at: Instant,
}

/// What one owner region's account holds of one kind of goods, wherever it lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// The quota in force on the index's day; there is at most one.
    pub quota: Option<Arc<Quota>>,
    effective: i128,
    perishing: i128,
    in_transit: i128,
    /// What the regions right below it in the same bucket lack after their own surplus.
    below: i128,
}

impl Entry {
    /// The account's line, about the goods at a place of a shelf.
    pub fn line(&self, goods: u32) -> Line {
        let standard = |quota: &Arc<Quota>| Standard { target: quota.target, floor: quota.floor };
        Line {
            goods,
            standard: self.quota.as_ref().map(standard),
            held: Held {
                effective: narrow(self.effective),
                perishing: narrow(self.perishing),
                in_transit: narrow(self.in_transit),
            },
            open: None,
        }
    }

    /// What is lacking here and below in the same bucket, and in `beside`, after own surplus;
    /// negative where surplus is left.
    pub fn lacking(&self, beside: i128) -> i128 {
        self.line(0).lacking() + self.below + beside
    }

    fn unmet(&self) -> i128 {
        self.lacking(0).max(0)
    }

    fn add(&mut self, held: Held, amount: i64) {
        let amount = i128::from(amount);
        self.effective += i128::from(held.effective) * amount;
        self.perishing += i128::from(held.perishing) * amount;
        self.in_transit += i128::from(held.in_transit) * amount;
    }
}

/// Rows of one region, shared between snapshots.
type Of<T> = Vec<(RegionIx, Arc<T>)>;

/// A county, or what of a city or province lies in no part below it.
#[derive(Debug, Clone, Default)]
struct Bucket {
    /// What lies here, by item.
    stock: Rows<Figures>,
    /// What each owner region has lying here, by item.
    piles: Of<Rows<Pile>>,
    /// The same by the region at the head of each owner's own bucket.
    shares: Of<Rows<Share>>,
    /// The accounts of the regions here, wherever their goods lie, and the regions above these.
    accounts: Of<ByGoods<Entry>>,
    /// The sums of those accounts.
    sums: ByGoods<Sum>,
}

/// The row set of a region, made where there is none.
fn of_mut<T: Clone + Default>(rows: &mut Of<T>, region: RegionIx) -> Option<&mut T> {
    let at = match rows.binary_search_by_key(&region, |(at, _)| *at) {
        Ok(at) => at,
        Err(at) => {
            rows.insert(at, (region, Arc::default()));
            at
        }
    };
    rows.get_mut(at).map(|(_, row)| Arc::make_mut(row))
}

/// The aggregates of one day.
#[derive(Debug, Clone)]
pub struct Index {
    day: NaiveDate,
    frame: Arc<Frame>,
    buckets: VectorSync<Arc<Bucket>>,
    /// The sums of the buckets of each city.
    areas: VectorSync<Arc<Area>>,
}

impl Index {
    /// The day for which its figures hold; piles answer for any.
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    fn bucket(&self, at: u32) -> Option<&Bucket> {
        self.buckets.get(usize::try_from(at).ok()?).map(Arc::as_ref)
    }

    fn bucket_mut(&mut self, at: u32) -> Option<&mut Bucket> {
        self.buckets.get_mut(usize::try_from(at).ok()?).map(Arc::make_mut)
    }

    /// Whether two organizations' goods are on one account.
    pub fn share_account(&self, one: u32, other: u32) -> bool {
        let region = |owner: u32| self.frame.owners.get(usize::try_from(owner).ok()?);
        one == other || region(one) == region(other)
    }

    /// Takes in one changed balance; `None` where it names what the reference data did not have
    /// when this was laid, and then it is no longer of use.
    #[must_use]
    pub fn change(&mut self, change: &Change) -> Option<()> {
        let frame = Arc::clone(&self.frame);
        let depot = usize::try_from(change.depot).ok()?;
        let bucket = frame.bucket(*frame.depots.get(depot)?)?;
        let owner = *frame.owners.get(usize::try_from(change.owner).ok()?)?;
        let rule = *frame.items.get(usize::try_from(change.item).ok()?)?;
        let day = self.day;
        let here = self.bucket_mut(bucket)?;
        let pile = of_mut(&mut here.piles, owner)?.get_mut(change.item)?;
        let before = pile.weight;
        let held = pile.change(change, rule, day);
        let after = pile.weight;
        here.shift_stock(change, &before.figures, &after.figures)?;
        here.shift_share(&frame, owner, change, (&before, &after))?;
        self.shift_area((bucket, owner), change, (&before, &after))?;
        if held != Held::default() {
            self.shift_entry(owner, GoodsIx::Item(change.item), |entry| entry.add(held, 1))?;
            if let Some((need, amount)) = rule.provides {
                self.shift_entry(owner, GoodsIx::Need(need), |entry| entry.add(held, amount))?;
            }
        }
        Some(())
    }

    /// Changes an entry, the sums of its bucket, and what is lacking above it there.
    fn shift_entry(
        &mut self,
        region: RegionIx,
        goods: GoodsIx,
        shift: impl FnOnce(&mut Entry),
    ) -> Option<()> {
        let frame = Arc::clone(&self.frame);
        let part = frame.bucket(region)?;
        let here = self.bucket_mut(part)?;
        let entry = of_mut(&mut here.accounts, region)?.get_mut(goods)?;
        let (line, unmet) = (entry.line(0), entry.unmet());
        shift(entry);
        let (next, mut more) = (entry.line(0), entry.unmet() - unmet);
        let (was, is) = (Sum::of(&line), Sum::of(&next));
        let sum = here.sums.get_mut(goods)?;
        sum.take(&was);
        sum.merge(&is);
        let mut at = region;
        while more != 0 && !frame.is_root(at) {
            at = frame.regions.parent(at)?;
            let entry = of_mut(&mut here.accounts, at)?.get_mut(goods)?;
            let unmet = entry.unmet();
            entry.below += more;
            more = entry.unmet() - unmet;
        }
        self.shift_sum_of_area(part, goods, (&was, &is))
    }

    /// Depots in a region's subtree with their regions, in tree order.
    pub fn depots_in(&self, region: RegionIx) -> &[(RegionIx, u32)] {
        self.frame.depots_in(region)
    }

    /// The depots in a part.
    pub fn depots_of(&self, part: u32) -> &[u32] {
        self.frame.depots_of(part)
    }

    /// What each owner region has of an item in each part, where it ever had any.
    pub fn piles_of(&self, item: u32) -> impl Iterator<Item = (u32, RegionIx, &Pile)> {
        let parts = (0..).zip(self.buckets.iter());
        let piles = parts.flat_map(|(part, bucket)| {
            bucket.piles.iter().map(move |(owner, rows)| (part, *owner, rows))
        });
        let piles =
            piles.filter_map(move |(part, owner, rows)| Some((part, owner, rows.get(item)?)));
        piles.filter(|(_, _, pile)| **pile != Pile::default())
    }

    /// What a pile of an item adds to its owner's account on a day.
    pub fn held(&self, item: u32, pile: &Pile, on: NaiveDate) -> Held {
        pile.held_later(on, self.day, self.frame.perishing_days(item))
    }

    /// The parts that a region of tier county or above is made of; `None` for one below.
    pub fn parts(&self, region: Option<RegionIx>) -> Option<Range<u32>> {
        match region {
            Some(region) => self.frame.buckets(region),
            None => Some(0..u32::try_from(self.buckets.len()).ok()?),
        }
    }

    /// The part in which a region lies, and the region at its head.
    pub fn part_of(&self, region: RegionIx) -> Option<u32> {
        self.frame.bucket(region)
    }

    /// The region at the head of a part: its county, or the city or province itself.
    pub fn head_of(&self, part: u32) -> Option<RegionIx> {
        self.frame.roots.get(usize::try_from(part).ok()?).copied()
    }

    /// What lies in a part, by item, on the index's day.
    pub fn stock(&self, part: u32) -> Option<&Rows<Figures>> {
        self.bucket(part).map(|bucket| &bucket.stock)
    }

    /// What each owner region has lying in a part, by item.
    pub fn piles(&self, part: u32) -> impl Iterator<Item = (RegionIx, &Rows<Pile>)> {
        let piles = self.bucket(part).into_iter().flat_map(|bucket| &bucket.piles);
        piles.map(|(owner, rows)| (*owner, rows.as_ref()))
    }

    /// The same by the region at the head of each owner's part.
    pub fn shares(&self, part: u32) -> impl Iterator<Item = (RegionIx, &Rows<Share>)> {
        let shares = self.bucket(part).into_iter().flat_map(|bucket| &bucket.shares);
        shares.map(|(head, rows)| (*head, rows.as_ref()))
    }

    /// What the owner regions in a subtree have lying in a part.
    pub fn piles_owned_in(
        &self,
        part: u32,
        root: RegionIx,
    ) -> impl Iterator<Item = (RegionIx, &Rows<Pile>)> {
        let piles = self.bucket(part).map_or(&[][..], |bucket| &bucket.piles);
        self.within(piles, root)
    }

    /// The accounts in a part that lie in a region's subtree, in tree order.
    pub fn accounts(
        &self,
        part: u32,
        root: RegionIx,
    ) -> impl Iterator<Item = (RegionIx, &ByGoods<Entry>)> {
        let accounts = self.bucket(part).map_or(&[][..], |bucket| &bucket.accounts);
        self.within(accounts, root)
    }

    fn within<'a, T>(
        &self,
        rows: &'a [(RegionIx, Arc<T>)],
        root: RegionIx,
    ) -> impl Iterator<Item = (RegionIx, &'a T)> + use<'a, T> {
        let from = rows.partition_point(|(at, _)| *at < root);
        let rest = rows.get(from..).unwrap_or_default();
        let until = rest.partition_point(|(at, _)| self.frame.regions.within(*at, root));
        rest.iter().take(until).map(|(at, row)| (*at, row.as_ref()))
    }

    /// One region's account of all goods.
    pub fn account(&self, region: RegionIx) -> Option<&ByGoods<Entry>> {
        let accounts = &self.bucket(self.frame.bucket(region)?)?.accounts;
        let at = accounts.binary_search_by_key(&region, |(at, _)| *at).ok()?;
        accounts.get(at).map(|(_, account)| account.as_ref())
    }

    /// What the accounts of one part come to, by goods.
    pub fn sums(&self, part: u32) -> impl Iterator<Item = (GoodsIx, &Sum)> {
        self.bucket(part).into_iter().flat_map(|bucket| bucket.sums.iter())
    }
}

impl Bucket {
    /// The first last usable day among piles of an item, of owners in some buckets.
    fn earliest(&self, item: u32, counts: impl Fn(RegionIx) -> bool) -> Option<NaiveDate> {
        let piles = self.piles.iter().filter(|(owner, _)| counts(*owner));
        let piles = piles.filter_map(|(_, rows)| rows.get(item));
        piles.fold(None, |first, pile| earlier(first, pile.weight.figures.earliest_expiry))
    }

    /// Moves what lies here of an item as one owner's pile of it has moved.
    fn shift_stock(&mut self, change: &Change, before: &Figures, after: &Figures) -> Option<()> {
        let stock = self.stock.get_mut(change.item)?;
        if stock.follow(before, after) {
            let first = self.earliest(change.item, |_| true);
            self.stock.get_mut(change.item)?.earliest_expiry = first;
        }
        Some(())
    }

    /// The same for what the owners of one bucket have here.
    fn shift_share(
        &mut self,
        frame: &Frame,
        owner: RegionIx,
        change: &Change,
        (before, after): (&Weight, &Weight),
    ) -> Option<()> {
        let bucket = frame.bucket(owner)?;
        let head = *frame.roots.get(usize::try_from(bucket).ok()?)?;
        let share = of_mut(&mut self.shares, head)?.get_mut(change.item)?;
        share.depot_count += change.depots;
        if share.weight.follow(before, after) {
            let first = self.earliest(change.item, |owner| frame.bucket(owner) == Some(bucket));
            let share = of_mut(&mut self.shares, head)?.get_mut(change.item)?;
            share.weight.figures.earliest_expiry = first;
        }
        Some(())
    }
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
