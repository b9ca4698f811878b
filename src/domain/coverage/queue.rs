//! The queue: what comes next, by minute.
//!
//! Lives here: what waits its turn. Does not live here: what that is (`goods`, `vicinity`).
//! Invariant: nothing comes out before what was put in for an earlier minute.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What comes, by minute: a shelf for each of the first two days, as nearly all is asked for there.
#[derive(Debug)]
pub struct Queue<T> {
    /// What was put in, each with what lay on its shelf before.
    all: Vec<(T, Option<usize>)>,
    /// What lies on top of each shelf.
    shelves: Vec<Option<usize>>,
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

    /// Puts in what comes at a minute.
    pub fn push(&mut self, minutes: i64, next: T) {
        let Some(at) = usize::try_from(minutes.max(0)).ok().filter(|at| *at < Self::SHELVES) else {
            self.later.push(Reverse((minutes, next)));
            return;
        };
        if self.shelves.len() <= at {
            self.shelves.resize(at + 1, None);
        }
        if let Some(shelf) = self.shelves.get_mut(at) {
            let below = shelf.replace(self.all.len());
            self.all.push((next, below));
        }
        self.now = self.now.min(at);
    }

    /// The next of all that comes until a minute; of one minute the one put in last.
    pub fn pop(&mut self, until_min: i64) -> Option<(i64, T)> {
        while let Some(shelf) = self.shelves.get_mut(self.now) {
            let minutes = i64::try_from(self.now).ok().filter(|at| *at <= until_min)?;
            if let Some((next, below)) = shelf.and_then(|top| self.all.get(top)) {
                *shelf = *below;
                return Some((minutes, *next));
            }
            self.now += 1;
        }
        let Reverse((minutes, _)) = self.later.peek().filter(|Reverse((at, _))| *at <= until_min)?;
        let minutes = *minutes;
        self.later.pop().map(|Reverse((_, next))| (minutes, next))
    }
}
