//! Laying an index: from the balances, for another day, or under other reference data.
//!
//! Lives here: what runs once a start, a day or an amendment. Does not live here: what runs for
//! every movement (`index`). Invariant: piles come from balances, entries from piles and quotas,
//! sums from entries, each laid by one function only.

use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::super::balance::{Balance, Figures, Standing};
use super::super::catalogue::LifeKind;
use super::super::line::{Held, Sum};
use super::super::lot::Lot;
use super::super::quota::Mode;
use super::super::reference::Reference;
use super::super::region::RegionIx;
use super::super::shelf::{GoodsIx, Shelf};
use super::area::{Area, lay_areas};
use super::frame::Frame;
use super::pile::{Pile, Share, number};
use super::rows::{ByGoods, Rows};
use super::{Bucket, Entry, Index, Of, of_mut};

/// What an index is laid from.
pub struct Ground<'a, S, L> {
    pub reference: &'a Reference,
    /// Each depot's balances, sorted by key.
    pub shards: S,
    /// All lots in the order of their numbers.
    pub lots: L,
}

impl Index {
    /// The index of these balances on a day; `None` where the reference data do not hang together.
    pub fn lay<'a, S, L>(ground: Ground<'a, S, L>, day: NaiveDate) -> Option<Self>
    where
        S: Iterator<Item = (u32, &'a [Balance])>,
        L: Iterator<Item = &'a Arc<Lot>>,
    {
        let frame = Frame::of(ground.reference)?;
        // Read for every balance: four bytes a lot instead of a walk to each.
        let expiry: Vec<i32> = ground.lots.map(|lot| number(lot.key.expires_on)).collect();
        let mut buckets = vec![Bucket::default(); frame.roots.len()];
        for (depot, rows) in ground.shards.filter(|(_, rows)| !rows.is_empty()) {
            let region = *frame.depots.get(usize::try_from(depot).ok()?)?;
            let bucket = usize::try_from(frame.bucket(region)?).ok()?;
            gather(&frame, &expiry, buckets.get_mut(bucket)?, rows)?;
        }
        let piles = buckets.iter_mut().flat_map(|bucket| &mut bucket.piles);
        for (_, rows) in piles {
            Arc::make_mut(rows).iter_mut().for_each(|(_, pile)| pile.settle());
        }
        Self::on_piles(Arc::new(frame), buckets, ground.reference, day)
    }

    /// The same balances on another day.
    pub fn turned(&self, reference: &Reference, day: NaiveDate) -> Option<Self> {
        Self::on_piles(Arc::clone(&self.frame), self.own_buckets(), reference, day)
    }

    /// The accounts of a region and all below it on another day, of the goods on a shelf, and their
    /// sums: an index of nothing else.
    pub fn accounts_on(
        &self,
        reference: &Reference,
        root: RegionIx,
        shelf: &Shelf,
        day: NaiveDate,
    ) -> Option<Self> {
        let items: Vec<u32> = shelf.served().map(|(item, _)| item).collect();
        let parts = 0..u32::try_from(self.buckets.len()).ok()?;
        // Hundreds of thousands of piles: by part, on as many threads as there are.
        let laid = parts.into_par_iter().map(|part| self.held_on(part, root, &items, day));
        let laid: Vec<(Bucket, Vec<HeldBy>)> = laid.collect::<Option<_>>()?;
        let (mut buckets, elsewhere): (Vec<Bucket>, Vec<_>) = laid.into_iter().unzip();
        for held in elsewhere.into_iter().flatten() {
            let bucket = usize::try_from(self.frame.bucket(held.0)?).ok()?;
            lay_held(&self.frame, buckets.get_mut(bucket)?, held)?;
        }
        lay_quotas(&self.frame, &mut buckets, reference, (day, Some((root, shelf))))?;
        Self::of_buckets(Arc::clone(&self.frame), buckets, day)
    }

    /// What is held in one part on a day: the accounts of owners of that part, and what others hold
    /// there.
    fn held_on(
        &self,
        part: u32,
        root: RegionIx,
        items: &[u32],
        day: NaiveDate,
    ) -> Option<(Bucket, Vec<HeldBy>)> {
        let (mut bucket, mut elsewhere) = (Bucket::default(), Vec::new());
        for (owner, rows) in self.piles_owned_in(part, root) {
            let here = self.frame.bucket(owner)? == part;
            let piles = items.iter().filter_map(|item| Some((*item, rows.get(*item)?)));
            for (item, pile) in piles {
                let perishing_days = self.frame.perishing_days(item);
                let held = (owner, item, pile.held_later(day, self.day, perishing_days));
                match held.2 == Held::default() {
                    true => {}
                    false if here => lay_held(&self.frame, &mut bucket, held)?,
                    false => elsewhere.push(held),
                }
            }
        }
        Some((bucket, elsewhere))
    }

    /// The same balances under other reference data; `None` where they must be gathered anew.
    pub fn under(&self, before: &Reference, after: &Reference) -> Option<Self> {
        let same = Arc::ptr_eq(&before.regions, &after.regions)
            && Arc::ptr_eq(&before.depots, &after.depots)
            && Arc::ptr_eq(&before.organizations, &after.organizations)
            && Arc::ptr_eq(&before.items, &after.items)
            && Arc::ptr_eq(&before.needs, &after.needs);
        if same && Arc::ptr_eq(&before.quotas, &after.quotas) {
            return Some(self.clone());
        }
        let frame = if same { Arc::clone(&self.frame) } else { Arc::new(Frame::of(after)?) };
        if !same && !frame.extends(&self.frame) {
            return None;
        }
        let mut buckets = self.own_buckets();
        lay_quotas(&frame, &mut buckets, after, (self.day, None))?;
        Self::of_buckets(frame, buckets, self.day)
    }

    fn own_buckets(&self) -> Vec<Bucket> {
        self.buckets.iter().map(|bucket| Bucket::clone(bucket)).collect()
    }

    fn of_buckets(frame: Arc<Frame>, buckets: Vec<Bucket>, day: NaiveDate) -> Option<Self> {
        let areas = lay_areas(&frame, buckets.iter())?.into_iter().map(Arc::new).collect();
        let buckets = buckets.into_iter().map(Arc::new).collect();
        Some(Self { day, frame, buckets, areas })
    }

    fn on_piles(
        frame: Arc<Frame>,
        mut buckets: Vec<Bucket>,
        reference: &Reference,
        day: NaiveDate,
    ) -> Option<Self> {
        let mut all = Vec::new();
        for bucket in &mut buckets {
            bucket.accounts.clear();
            weigh(&frame, bucket, day, &mut all)?;
        }
        for held in all {
            let bucket = usize::try_from(frame.bucket(held.0)?).ok()?;
            lay_held(&frame, buckets.get_mut(bucket)?, held)?;
        }
        lay_quotas(&frame, &mut buckets, reference, (day, None))?;
        Self::of_buckets(frame, buckets, day)
    }
}

/// Puts one depot's balances on their owners' piles.
fn gather(frame: &Frame, expiry: &[i32], bucket: &mut Bucket, rows: &[Balance]) -> Option<()> {
    for of_item in rows.chunk_by(|a, b| a.key.item == b.key.item) {
        let item = of_item.first()?.key.item;
        let kind = frame.items.get(usize::try_from(item).ok()?)?.kind;
        let mut holders: Vec<(RegionIx, bool)> = Vec::new();
        for run in of_item.chunk_by(|a, b| a.key.owner == b.key.owner) {
            let owner = usize::try_from(run.first()?.key.owner).ok()?;
            let owner = *frame.owners.get(owner)?;
            let pile = of_mut(&mut bucket.piles, owner)?.get_mut(item)?;
            for row in run {
                let lot = usize::try_from(row.key.lot).ok()?;
                let last = *expiry.get(lot)?;
                let last = if kind == LifeKind::None { number(None) } else { last };
                pile.gather(row.quantity, Standing::undated(&row.key), last);
                pile.note(row.last_occurred_at);
            }
            let holds = run.iter().any(|row| row.quantity > 0);
            match holders.iter_mut().find(|(region, _)| *region == owner) {
                Some((_, held)) => *held |= holds,
                None => holders.push((owner, holds)),
            }
        }
        for (owner, _) in holders.into_iter().filter(|(_, holds)| *holds) {
            of_mut(&mut bucket.piles, owner)?.get_mut(item)?.depot_count += 1;
        }
    }
    Some(())
}

/// Weighs all piles of a bucket: what lies there by item, and what each owner holds there.
fn weigh(frame: &Frame, bucket: &mut Bucket, day: NaiveDate, all: &mut Vec<HeldBy>) -> Option<()> {
    bucket.stock = Rows::default();
    bucket.shares.clear();
    for (owner, rows) in &mut bucket.piles {
        let head = usize::try_from(frame.bucket(*owner)?).ok()?;
        let shares = of_mut(&mut bucket.shares, *frame.roots.get(head)?)?;
        for (item, pile) in Arc::make_mut(rows).iter_mut() {
            let Some(rule) = frame.items.get(usize::try_from(item).ok()?) else {
                continue;
            };
            pile.weight = pile.at(day, rule.kind);
            let held = pile.held(day, rule.perishing_days);
            if held != Held::default() {
                all.push((*owner, item, held));
            }
            if *pile != Pile::default() {
                bucket.stock.get_mut(item)?.merge(&pile.weight.figures);
                let share = shares.get_mut(item)?;
                share.weight.merge(&pile.weight);
                share.depot_count += pile.depot_count;
            }
        }
    }
    Some(())
}

/// What an owner region holds of an item.
type HeldBy = (RegionIx, u32, Held);

/// Puts what an owner holds on its account, in the owner's bucket.
fn lay_held(frame: &Frame, bucket: &mut Bucket, (owner, item, held): HeldBy) -> Option<()> {
    let account = of_mut(&mut bucket.accounts, owner)?;
    account.get_mut(GoodsIx::Item(item))?.add(held, 1);
    let rule = frame.items.get(usize::try_from(item).ok()?)?;
    if let Some((need, amount)) = rule.provides {
        account.get_mut(GoodsIx::Need(need))?.add(held, amount);
    }
    Some(())
}

/// Puts the quotas in force on the accounts, all or those within a region about goods on a shelf,
/// and takes all sums.
fn lay_quotas(
    frame: &Frame,
    buckets: &mut [Bucket],
    reference: &Reference,
    (day, only): (NaiveDate, Option<(RegionIx, &Shelf)>),
) -> Option<()> {
    for bucket in &mut *buckets {
        for (_, account) in &mut bucket.accounts {
            for (_, entry) in Arc::make_mut(account).iter_mut() {
                (entry.quota, entry.below) = (None, 0);
            }
        }
    }
    let quotas = reference.quotas.values();
    for quota in quotas.filter(|quota| quota.mode == Mode::GovPhysical && quota.in_force(day)) {
        let goods = GoodsIx::of(reference, &quota.subject);
        let asked = |goods: &GoodsIx| only.is_none_or(|(_, shelf)| shelf.place(*goods).is_some());
        let Some(goods) = goods.filter(asked) else {
            continue;
        };
        let region = frame.regions.find(quota.region);
        let inside = |ix: &RegionIx| only.is_none_or(|(root, _)| frame.regions.within(*ix, root));
        let region = region.filter(inside);
        let Some(region) = region else {
            continue;
        };
        let bucket = buckets.get_mut(usize::try_from(frame.bucket(region)?).ok()?)?;
        let entry = of_mut(&mut bucket.accounts, region)?.get_mut(goods)?;
        entry.quota = Some(Arc::clone(quota));
    }
    buckets.par_iter_mut().try_for_each(|bucket| take_sums(frame, bucket))
}

/// Sums a bucket's accounts, and tells each region what is lacking below it.
fn take_sums(frame: &Frame, bucket: &mut Bucket) -> Option<()> {
    bucket.sums = ByGoods::default();
    let regions: Vec<RegionIx> = bucket.accounts.iter().map(|(region, _)| *region).collect();
    for region in regions {
        let mut at = region;
        while !frame.is_root(at) {
            at = frame.regions.parent(at)?;
            of_mut(&mut bucket.accounts, at)?;
        }
    }
    // Children stand behind their parents, so that each is whole when it is told upwards.
    for place in (0..bucket.accounts.len()).rev() {
        let (region, account) = bucket.accounts.get(place)?;
        let (region, account) = (*region, Arc::clone(account));
        let above = if frame.is_root(region) { None } else { frame.regions.parent(region) };
        for (goods, entry) in account.iter() {
            let sum = Sum::of(&entry.line(0));
            if sum != Sum::default() {
                bucket.sums.get_mut(goods)?.merge(&sum);
            }
            let unmet = entry.unmet();
            if let Some(above) = above.filter(|_| unmet > 0) {
                of_mut(&mut bucket.accounts, above)?.get_mut(goods)?.below += unmet;
            }
        }
    }
    Some(())
}

impl Index {
    /// Whether both say the same of everything; a row that was never written says nothing.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.day == other.day
            && self.buckets.len() == other.buckets.len()
            && self.buckets.iter().zip(&other.buckets).all(|(one, two)| one.said() == two.said())
            && self.areas.iter().zip(&other.areas).all(|(one, two)| one.said() == two.said())
    }
}

/// What stock, shares and sums say, in order.
type Told<'a> = (Vec<(u32, &'a Figures)>, Vec<(RegionIx, u32, &'a Share)>, Vec<(GoodsIx, &'a Sum)>);

/// All that a bucket says, in order.
type Said<'a> = (Told<'a>, Vec<(RegionIx, u32, &'a Pile)>, Vec<(RegionIx, GoodsIx, &'a Entry)>);

fn told<'a>(
    stock: &'a Rows<Figures>,
    shares: &'a Of<Rows<Share>>,
    sums: &'a ByGoods<Sum>,
) -> Told<'a> {
    let stock = stock.iter().filter(|(_, row)| **row != Figures::default());
    let shares = shares
        .iter()
        .flat_map(|(head, rows)| rows.iter().map(move |(item, share)| (*head, item, share)));
    (
        stock.collect(),
        shares.filter(|(_, _, share)| **share != Share::default()).collect(),
        sums.iter().filter(|(_, sum)| **sum != Sum::default()).collect(),
    )
}

impl Area {
    fn said(&self) -> Told<'_> {
        told(&self.stock, &self.shares, &self.sums)
    }
}

impl Bucket {
    fn said(&self) -> Said<'_> {
        let piles = self
            .piles
            .iter()
            .flat_map(|(owner, rows)| rows.iter().map(move |(item, pile)| (*owner, item, pile)));
        let entries = self.accounts.iter().flat_map(|(region, rows)| {
            rows.iter().map(move |(goods, entry)| (*region, goods, entry))
        });
        (
            told(&self.stock, &self.shares, &self.sums),
            piles.filter(|(_, _, pile)| **pile != Pile::default()).collect(),
            entries.filter(|(_, _, entry)| **entry != Entry::default()).collect(),
        )
    }
}
