//! The frame of an index: what follows from the reference data alone.
//!
//! Lives here: which regions share a bucket, which depots stand in a region, whose account an
//! organization's goods are on. Does not live here: stock and quotas. Invariant: a region of tier
//! county or above is made of whole buckets.

use std::ops::Range;
use std::sync::Arc;

use super::super::catalogue::LifeKind;
use super::super::reference::Reference;
use super::super::region::{RegionIx, Regions, Tier};

/// The lowest tier that has buckets of its own; what lies below is in the bucket above.
pub const LOWEST: Tier = Tier::County;

/// The lowest tier that has areas of its own.
pub const WIDE: Tier = Tier::City;

/// Which buckets make an area: a city with its counties, or what of a province lies in no city.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Areas {
    /// The region at the head of each, in tree order.
    pub heads: Vec<RegionIx>,
    /// By bucket.
    of: Vec<u32>,
    /// The buckets of each.
    buckets: Vec<Vec<u32>>,
}

impl Areas {
    fn over(regions: &Regions, roots: &[RegionIx]) -> Option<Self> {
        let head = |root: &RegionIx| regions.rolled_up(*root, WIDE, None);
        let mut heads: Vec<RegionIx> = roots.iter().map(head).collect();
        heads.sort_unstable();
        heads.dedup();
        let (mut of, mut buckets) = (Vec::new(), vec![Vec::new(); heads.len()]);
        for (part, root) in (0..).zip(roots) {
            let area = heads.binary_search(&head(root)).ok()?;
            of.push(u32::try_from(area).ok()?);
            buckets.get_mut(area)?.push(part);
        }
        Some(Self { heads, of, buckets })
    }

    /// The area of a bucket.
    pub fn of(&self, bucket: u32) -> Option<u32> {
        self.of.get(usize::try_from(bucket).ok()?).copied()
    }

    /// The buckets of an area.
    pub fn buckets(&self, area: u32) -> &[u32] {
        let buckets = usize::try_from(area).ok().and_then(|area| self.buckets.get(area));
        buckets.map_or(&[], Vec::as_slice)
    }
}

/// How an item counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ItemRule {
    pub kind: LifeKind,
    /// Goods that end in fewer days are no surplus.
    pub perishing_days: u32,
    /// The need it serves, and how much of it one base unit gives.
    pub provides: Option<(u32, i64)>,
}

/// Places and owners by index.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub regions: Arc<Regions>,
    /// The bucket of each region.
    bucket_of: Vec<u32>,
    /// The region at the head of each bucket, in tree order.
    pub roots: Vec<RegionIx>,
    pub areas: Areas,
    /// By depot.
    pub depots: Vec<RegionIx>,
    /// All depots in the order of their regions.
    by_region: Vec<(RegionIx, u32)>,
    /// The depots of each bucket.
    by_bucket: Vec<Vec<u32>>,
    /// By organization.
    pub owners: Vec<RegionIx>,
    /// By item.
    pub items: Vec<ItemRule>,
}

impl Frame {
    /// The frame of this reference data; `None` where something stands in no known region, or a
    /// township stands under nothing.
    pub fn of(reference: &Reference) -> Option<Self> {
        let regions = Arc::clone(&reference.regions);
        let mut bucket_of: Vec<u32> = Vec::with_capacity(regions.len());
        let mut roots = Vec::new();
        for (ix, region) in regions.iter() {
            if region.tier <= LOWEST {
                bucket_of.push(u32::try_from(roots.len()).ok()?);
                roots.push(ix);
            } else {
                let above = regions.parent(ix)?;
                bucket_of.push(*bucket_of.get(usize::try_from(above.0).ok()?)?);
            }
        }
        let depots = reference.depots.iter().map(|(depot, _)| reference.depot_region(depot));
        let depots: Vec<RegionIx> = depots.collect::<Option<_>>()?;
        let mut by_region: Vec<_> = depots.iter().copied().zip(0u32..).collect();
        by_region.sort_unstable();
        let mut by_bucket = vec![Vec::new(); roots.len()];
        for (region, depot) in &by_region {
            let bucket = *bucket_of.get(usize::try_from(region.0).ok()?)?;
            by_bucket.get_mut(usize::try_from(bucket).ok()?)?.push(*depot);
        }
        let owners = reference.organizations.iter().map(|(owner, _)| reference.owner_region(owner));
        let owners = owners.collect::<Option<_>>()?;
        let items = reference.items.iter().map(|(_, item)| {
            let provides = item.provision.as_ref().and_then(|provision| {
                Some((reference.needs.find(provision.need.as_str())?, provision.amount))
            });
            let (kind, perishing_days) = (item.life.kind, item.life.perishing_days());
            ItemRule { kind, perishing_days, provides }
        });
        let items = items.collect();
        let areas = Areas::over(&regions, &roots)?;
        Some(Self { regions, bucket_of, roots, areas, depots, by_region, by_bucket, owners, items })
    }

    /// Whether all that `before` framed stands where it stood; there may be more. Buckets tell
    /// their heads.
    pub fn extends(&self, before: &Self) -> bool {
        self.bucket_of == before.bucket_of
            && self.areas == before.areas
            && self.depots.starts_with(&before.depots)
            && self.owners.starts_with(&before.owners)
            && self.items.starts_with(&before.items)
            && (Arc::ptr_eq(&self.regions, &before.regions) || self.same_tree(&before.regions))
    }

    fn same_tree(&self, before: &Regions) -> bool {
        let place = |regions: &Regions, ix| regions.get(ix).map(|region| region.code);
        let same = |ix| {
            place(&self.regions, ix) == place(before, ix)
                && self.regions.parent(ix) == before.parent(ix)
        };
        before.iter().all(|(ix, _)| same(ix))
    }

    /// Goods of an item that end in fewer days are no surplus.
    pub fn perishing_days(&self, item: u32) -> u32 {
        let item = usize::try_from(item).ok().and_then(|item| self.items.get(item));
        item.map_or(0, |rule| rule.perishing_days)
    }

    /// The depots of a bucket.
    pub fn depots_of(&self, bucket: u32) -> &[u32] {
        let depots = usize::try_from(bucket).ok().and_then(|bucket| self.by_bucket.get(bucket));
        depots.map_or(&[], Vec::as_slice)
    }

    /// The bucket of a region.
    pub fn bucket(&self, region: RegionIx) -> Option<u32> {
        self.bucket_of.get(usize::try_from(region.0).ok()?).copied()
    }

    /// Whether a region stands at the head of its bucket.
    pub fn is_root(&self, region: RegionIx) -> bool {
        self.roots.binary_search(&region).is_ok()
    }

    /// The buckets that a region is made of; `None` for one within a bucket.
    pub fn buckets(&self, region: RegionIx) -> Option<Range<u32>> {
        let first = self.roots.binary_search(&region).ok()?;
        let after = self
            .roots
            .partition_point(|root| *root <= region || self.regions.within(*root, region));
        Some(u32::try_from(first).ok()?..u32::try_from(after).ok()?)
    }

    /// The areas that a region is made of; `None` for one within an area.
    pub fn areas_in(&self, region: RegionIx) -> Option<Range<u32>> {
        let heads = &self.areas.heads;
        let first = heads.binary_search(&region).ok()?;
        let after = heads.partition_point(|at| *at <= region || self.regions.within(*at, region));
        Some(u32::try_from(first).ok()?..u32::try_from(after).ok()?)
    }

    /// The head of the area of a bucket.
    pub fn area_head(&self, bucket: u32) -> Option<RegionIx> {
        self.areas.heads.get(usize::try_from(self.areas.of(bucket)?).ok()?).copied()
    }

    /// The depots in a region's subtree, in tree order.
    pub fn depots_in(&self, region: RegionIx) -> &[(RegionIx, u32)] {
        let from = self.by_region.partition_point(|(at, _)| *at < region);
        let rest = self.by_region.get(from..).unwrap_or_default();
        let until = rest.partition_point(|(at, _)| self.regions.within(*at, region));
        rest.get(..until).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
