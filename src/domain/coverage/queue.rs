//! The queue: what comes next, by minute.
//!
//! Lives here: arrivals and blocks that wait their turn. Does not live here: what they are
//! (`goods`). Invariant: nothing comes out before what was put in for an earlier minute.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::blocks::Agreed;

/// What comes next: an arrival, or what a block brings from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Next {
    Block(usize, Agreed),
    Arrival(usize),
}

/// What comes, by minute: a shelf for each of the first two days, as nearly all is asked for there.
#[derive(Debug, Default)]
pub struct Queue {
    /// What was put in, each with what lay on its shelf before.
    all: Vec<(Next, Option<usize>)>,
    /// What lies on top of each shelf.
    shelves: Vec<Option<usize>>,
    /// No shelf before this one holds anything.
    now: usize,
    later: BinaryHeap<Reverse<(i64, Next)>>,
}

impl Queue {
    const SHELVES: usize = 2_880;

    /// Puts in what comes at a minute.
    pub fn push(&mut self, minutes: i64, next: Next) {
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

    /// The next of all; of one minute the one put in last.
    pub fn pop(&mut self) -> Option<Next> {
        while let Some(shelf) = self.shelves.get_mut(self.now) {
            if let Some((next, below)) = shelf.and_then(|top| self.all.get(top)) {
                *shelf = *below;
                return Some(*next);
            }
            self.now += 1;
        }
        self.later.pop().map(|Reverse((_, next))| next)
    }
}
