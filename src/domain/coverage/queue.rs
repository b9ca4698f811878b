//! The queue: what comes next, by minute.
//!
//! Lives here: what waits its turn. Does not live here: what that is (`goods`, `vicinity`).
//! Invariant: nothing comes out before what was put in for an earlier minute.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Nothing lies there.
const NOTHING: u32 = u32::MAX;

/// What comes, by minute: a shelf for each of the first two days, as nearly all is asked for there.
#[derive(Debug)]
pub struct Queue<T> {
    /// What was put in, each with what lay on its shelf before.
    all: Vec<(T, u32)>,
    /// What lies on top of each shelf, or `NOTHING`.
    shelves: Vec<u32>,
    /// No shelf before this one holds anything.
    now: usize,
    later: BinaryHeap<Reverse<(i64, T)>>,
}

impl<T> Default for Queue<T>
where
    T: Ord,
{
    fn default() -> Self {
        Self { all: Vec::new(), shelves: Vec::new(), now: 0, later: BinaryHeap::new() }
    }
}

impl<T> Queue<T>
where
    T: Copy + Ord,
{
    const SHELVES: usize = 2_880;

    /// The same with nothing in it.
    pub fn cleared(mut self) -> Self {
        self.all.clear();
        self.shelves.clear();
        self.later.clear();
        Self { now: 0, ..self }
    }

    /// Puts in what comes at a minute.
    pub fn push(&mut self, minutes: i64, next: T) {
        let Some(at) = usize::try_from(minutes.max(0)).ok().filter(|at| *at < Self::SHELVES) else {
            self.later.push(Reverse((minutes, next)));
            return;
        };
        if self.shelves.len() <= at {
            self.shelves.resize(at + 1, NOTHING);
        }
        // There are fewer sources than that: they are numbered in 32 bits.
        let top = u32::try_from(self.all.len()).unwrap_or(NOTHING);
        if let Some(shelf) = self.shelves.get_mut(at) {
            self.all.push((next, std::mem::replace(shelf, top)));
        }
        self.now = self.now.min(at);
    }

    /// The next of all that comes until a minute; of one minute the one put in last.
    pub fn pop(&mut self, until_min: i64) -> Option<(i64, T)> {
        while let Some(shelf) = self.shelves.get_mut(self.now) {
            let minutes = i64::try_from(self.now).ok().filter(|at| *at <= until_min)?;
            let top = usize::try_from(*shelf).ok();
            if let Some((next, below)) = top.and_then(|top| self.all.get(top)) {
                *shelf = *below;
                return Some((minutes, *next));
            }
            self.now += 1;
        }
        let Reverse((minutes, _)) =
            self.later.peek().filter(|Reverse((at, _))| *at <= until_min)?;
        let minutes = *minutes;
        self.later.pop().map(|Reverse((_, next))| (minutes, next))
    }
}
