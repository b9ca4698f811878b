//! Areas: what the buckets of one city come to, or those of a province that are in no city of its.
//!
//! Lives here: sums over whole areas, and how one changed balance moves them. Does not live here:
//! the buckets (`index`). Invariant: an area's figures are the merge of its buckets', with owners
//! told apart by their own areas only.

use std::ops::Range;
use std::sync::Arc;

use super::super::balance::{Figures, earlier};
use super::super::line::Sum;
use super::super::region::RegionIx;
use super::super::shelf::GoodsIx;
use super::frame::Frame;
use super::pile::{Share, Weight};
use super::rows::{ByGoods, Rows};
use super::{Bucket, Change, Index, Of, of_mut};

/// A city, or what of a province lies in no city.
#[derive(Debug, Clone, Default)]
pub(super) struct Area {
    /// What lies here, by item.
    pub stock: Rows<Figures>,
    /// The same by the region at the head of each owner's own area.
    pub shares: Of<Rows<Share>>,
    /// The sums of the accounts of the regions here.
    pub sums: ByGoods<Sum>,
}

/// All areas, from their buckets.
pub(super) fn lay_areas<'a>(
    frame: &Frame,
    buckets: impl Iterator<Item = &'a Bucket>,
) -> Option<Vec<Area>> {
    let mut areas = vec![Area::default(); frame.areas.heads.len()];
    for (part, bucket) in (0..).zip(buckets) {
        let area = areas.get_mut(usize::try_from(frame.areas.of(part)?).ok()?)?;
        for (item, figures) in bucket.stock.iter() {
            area.stock.get_mut(item)?.merge(figures);
        }
        for (head, rows) in &bucket.shares {
            let owners = frame.area_head(frame.bucket(*head)?)?;
            let sums = of_mut(&mut area.shares, owners)?;
            for (item, share) in rows.iter().filter(|(_, share)| **share != Share::default()) {
                let sum = sums.get_mut(item)?;
                sum.weight.merge(&share.weight);
                sum.depot_count += share.depot_count;
            }
        }
        for (goods, sum) in bucket.sums.iter() {
            area.sums.get_mut(goods)?.merge(sum);
        }
    }
    Some(areas)
}

impl Index {
    /// The areas that a region is made of; `None` for one that is no whole areas.
    pub fn areas(&self, region: Option<RegionIx>) -> Option<Range<u32>> {
        match region {
            Some(region) => self.frame.areas_in(region),
            None => Some(0..u32::try_from(self.areas.len()).ok()?),
        }
    }

    fn area(&self, at: u32) -> Option<&Area> {
        self.areas.get(usize::try_from(at).ok()?).map(Arc::as_ref)
    }

    /// The region at the head of an area: the city, or the province itself.
    pub fn head_of_area(&self, area: u32) -> Option<RegionIx> {
        self.frame.areas.heads.get(usize::try_from(area).ok()?).copied()
    }

    /// What lies in an area, by item, on the index's day.
    pub fn stock_of_area(&self, area: u32) -> Option<&Rows<Figures>> {
        self.area(area).map(|area| &area.stock)
    }

    /// The same by the region at the head of each owner's area.
    pub fn shares_of_area(&self, area: u32) -> impl Iterator<Item = (RegionIx, &Rows<Share>)> {
        let shares = self.area(area).into_iter().flat_map(|area| &area.shares);
        shares.map(|(head, rows)| (*head, rows.as_ref()))
    }

    /// What the accounts of one area come to, by goods.
    pub fn sums_of_area(&self, area: u32) -> impl Iterator<Item = (GoodsIx, &Sum)> {
        self.area(area).into_iter().flat_map(|area| area.sums.iter())
    }

    /// What the accounts in a region of whole buckets come to.
    pub fn sum_within(&self, region: RegionIx, goods: GoodsIx) -> Sum {
        let mut all = Sum::default();
        match (self.areas(Some(region)), self.parts(Some(region))) {
            (Some(areas), _) => {
                let areas = areas.filter_map(|area| self.area(area)?.sums.get(goods));
                areas.for_each(|sum| all.merge(sum));
            }
            (None, parts) => {
                let parts = parts.into_iter().flatten();
                let sums = parts.filter_map(|part| self.bucket(part)?.sums.get(goods));
                sums.for_each(|sum| all.merge(sum));
            }
        }
        all
    }

    /// Moves the area of a bucket as one owner's pile there has moved.
    pub(super) fn shift_area(
        &mut self,
        (part, owner): (u32, RegionIx),
        change: &Change,
        (before, after): (&Weight, &Weight),
    ) -> Option<()> {
        let frame = Arc::clone(&self.frame);
        let at = frame.areas.of(part)?;
        let owners = frame.area_head(frame.bucket(owner)?)?;
        let item = change.item;
        let area = Arc::make_mut(self.areas.get_mut(usize::try_from(at).ok()?)?);
        let stock_anew = area.stock.get_mut(item)?.follow(&before.figures, &after.figures);
        let share = of_mut(&mut area.shares, owners)?.get_mut(item)?;
        share.depot_count += change.depots;
        let share_anew = share.weight.follow(before, after);
        if !stock_anew && !share_anew {
            return Some(());
        }
        // What ended first is gone: the buckets know what ends first now.
        let buckets = frame.areas.buckets(at).iter().filter_map(|part| self.bucket(*part));
        let (mut of_stock, mut of_share) = (None, None);
        for bucket in buckets {
            let first = bucket.stock.get(item).and_then(|figures| figures.earliest_expiry);
            of_stock = earlier(of_stock, first);
            let ours = |head: RegionIx| frame.bucket(head).and_then(|part| frame.area_head(part));
            let shares = bucket.shares.iter().filter(|(head, _)| ours(*head) == Some(owners));
            for share in shares.filter_map(|(_, rows)| rows.get(item)) {
                of_share = earlier(of_share, share.weight.figures.earliest_expiry);
            }
        }
        let area = Arc::make_mut(self.areas.get_mut(usize::try_from(at).ok()?)?);
        area.stock.get_mut(item)?.earliest_expiry = of_stock;
        let share = of_mut(&mut area.shares, owners)?.get_mut(item)?;
        share.weight.figures.earliest_expiry = of_share;
        Some(())
    }

    /// Moves the sums of the area of a bucket as one line there has moved.
    pub(super) fn shift_sum_of_area(
        &mut self,
        part: u32,
        goods: GoodsIx,
        (before, after): (&Sum, &Sum),
    ) -> Option<()> {
        let at = usize::try_from(self.frame.areas.of(part)?).ok()?;
        let sum = Arc::make_mut(self.areas.get_mut(at)?).sums.get_mut(goods)?;
        sum.take(before);
        sum.merge(after);
        Some(())
    }
}
