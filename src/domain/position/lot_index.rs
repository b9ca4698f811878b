//! Lots by their attributes: which number a lot has in the book.
//!
//! Lives here: a map from the hash of a lot's attributes to its place, in buckets that snapshots
//! share. Does not live here: the lots themselves (`position`). Invariant: eight bytes a lot, and a
//! new lot copies one bucket.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use rpds::HashTrieMapSync;

use super::super::lot::LotKey;

/// A further part of the hash, and the lot's place.
type Entry = (u32, u32);

/// Lots by attributes.
#[derive(Debug, Clone)]
pub(super) struct LotIndex {
    buckets: HashTrieMapSync<u16, Arc<Vec<Entry>>>,
}

impl LotIndex {
    /// The index of no lots.
    pub(super) fn empty() -> Self {
        Self { buckets: HashTrieMapSync::new_sync() }
    }

    /// Notes that the lot at `ix` has these attributes.
    pub(super) fn insert(&mut self, key: &LotKey, ix: u32) {
        let (bucket, tag) = hash(key);
        match self.buckets.get_mut(&bucket) {
            Some(entries) => Arc::make_mut(entries).push((tag, ix)),
            None => self.buckets.insert_mut(bucket, Arc::new(vec![(tag, ix)])),
        }
    }

    /// The places of all lots that may have these attributes; the caller compares.
    pub(super) fn candidates(&self, key: &LotKey) -> impl Iterator<Item = u32> {
        let (bucket, tag) = hash(key);
        let entries = self.buckets.get(&bucket).into_iter().flat_map(|entries| entries.iter());
        entries.filter(move |(known, _)| *known == tag).map(|(_, ix)| *ix)
    }
}

/// A bucket of 16,384, and 32 other bits.
fn hash(key: &LotKey) -> (u16, u32) {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let [a, b, _, _, c, d, e, f] = hasher.finish().to_be_bytes();
    (u16::from_be_bytes([a, b]) >> 2, u32::from_be_bytes([c, d, e, f]))
}
