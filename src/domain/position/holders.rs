//! Holders: in which depots an item of some owners can lie, without a look into every depot.
//!
//! Lives here: the choice of depots. Does not live here: what lies in them (`position`).
//! Invariant: no depot is left out that holds any of it; others may be among them.

use super::super::index::Pile;
use super::super::region::RegionIx;
use super::Position;

impl Position {
    /// Every depot in which `item` of owner regions that are `wanted` can lie, by index.
    pub fn depots_holding(&self, item: u32, wanted: impl Fn(RegionIx) -> bool) -> Vec<u32> {
        let Some(index) = self.index() else {
            return self.shards().map(|(depot, _)| depot).collect();
        };
        let mut parts: Vec<u32> = index
            .piles_of(item)
            .filter_map(|(part, owner, _)| wanted(owner).then_some(part))
            .collect();
        parts.dedup();
        let mut depots: Vec<u32> =
            parts.into_iter().flat_map(|part| index.depots_of(part)).copied().collect();
        depots.sort_unstable();
        depots
    }

    /// The owner region of every organization that is `wanted`, by the organization's index.
    pub fn owners(&self, wanted: impl Fn(RegionIx) -> bool) -> Vec<Option<RegionIx>> {
        let all = self.reference.organizations.iter();
        all.map(|(owner, _)| self.reference.owner_region(owner).filter(|ix| wanted(*ix))).collect()
    }

    /// What each owner region has of an item in each part of the index; `None` without one.
    pub fn piles_of(&self, item: u32) -> Option<impl Iterator<Item = (RegionIx, &Pile)>> {
        let index = self.index()?;
        Some(index.piles_of(item).map(|(_, owner, pile)| (owner, pile)))
    }
}
