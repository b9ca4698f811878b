//! Registers: records by code.
//!
//! Lives here: look-up, order, replacement. Does not live here: which records there are. Invariant:
//! an index, once given, stays with its record.

use std::collections::HashMap;
use std::sync::Arc;

use super::Code;

/// Something with a code.
pub trait Coded {
    fn code(&self) -> &Code;
}

/// Records by code, each with an index that never changes.
#[derive(Debug, Clone)]
pub struct Register<T> {
    rows: Vec<Arc<T>>,
    index: HashMap<Code, u32>,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), index: HashMap::new() }
    }
}

impl<T: Coded> Register<T> {
    /// Adds the record, or puts it in the place of the one with the same code.
    pub fn put(&mut self, record: T) {
        let known = self.index.get(record.code()).copied();
        let slot = known.and_then(|ix| self.rows.get_mut(usize::try_from(ix).unwrap_or_default()));
        if let Some(slot) = slot {
            *slot = Arc::new(record);
        } else {
            let ix = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
            self.index.insert(record.code().clone(), ix);
            self.rows.push(Arc::new(record));
        }
    }

    /// The index of a code.
    pub fn find(&self, code: &str) -> Option<u32> {
        self.index.get(code).copied()
    }

    /// The record at an index.
    pub fn get(&self, ix: u32) -> Option<&Arc<T>> {
        self.rows.get(usize::try_from(ix).ok()?)
    }

    /// The record of a code.
    pub fn by_code(&self, code: &str) -> Option<&Arc<T>> {
        self.find(code).and_then(|ix| self.get(ix))
    }

    /// All records with their indexes, in the order of first appearance.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Arc<T>)> {
        (0u32..).zip(self.rows.iter())
    }

    /// All records by code.
    pub fn sorted(&self) -> Vec<&Arc<T>> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by(|a, b| a.code().cmp(b.code()));
        rows
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
