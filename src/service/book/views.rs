//! Views: coverage answers that are kept, and follow the book and the clock.
//!
//! Lives here: how many are kept, that one is brought up to the snapshot and the minute before it
//! tells anything, and that one question is surveyed once at a time. Does not live here: what an
//! answer rests on (`domain::coverage`). Invariant: what a view tells is of the Position it was
//! asked for, never of another.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{Mutex as Gate, OwnedMutexGuard};
use tokio::time::{Instant, timeout_at};

use crate::domain::coverage::{Live, Query, Shown, Told, coverage};
use crate::domain::position::Position;
use crate::domain::refusal::Refusal;

use super::super::failure::Failure;
use super::{Book, COMPUTING_BUDGET};

/// The most answers that are kept.
const MOST_VIEWS: usize = 16;
/// The most bytes that they may take together, nearly; a larger one is not kept.
const MOST_BYTES: usize = 256 << 20;
/// How many entries an answer may stay behind: it holds on to the Position that it stands at, which
/// shares the less with the book's the older it is.
const MOST_BEHIND: i64 = 100_000;

/// One answer; `None` where it has turned out to be of no use.
type View = Arc<Mutex<Option<Live>>>;

struct Kept {
    /// Without when its closures open.
    asked: Query,
    bytes: usize,
    /// The last entry of the Position that it was last asked for.
    seq: i64,
    view: View,
}

/// The answers that are kept, last asked first.
#[derive(Default)]
pub struct Views {
    kept: Mutex<VecDeque<Kept>>,
    gates: Mutex<Vec<(Query, Weak<Gate<()>>)>>,
}

/// Whoever has it answers a question; others with the same one wait until it is gone.
type Turn = OwnedMutexGuard<()>;

/// What a panic elsewhere left behind is thrown away by whoever finds that it does not follow.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Views {
    /// Waits for the turn of a question that may be kept, so that of several that find no kept
    /// answer one surveys and the others tell from what it leaves. Waits off the CPU pool: a thread
    /// there that waits for a part of a survey takes up what else is asked, and would wait for the
    /// turn that it has itself.
    async fn turn(&self, asked: &Query) -> Option<Turn> {
        if !Live::keeps(asked) {
            return None;
        }
        let gate = self.gate(asked.untimed());
        Some(gate.lock_owned().await)
    }

    fn gate(&self, asked: Query) -> Arc<Gate<()>> {
        let mut gates = lock(&self.gates);
        gates.retain(|(_, gate)| gate.strong_count() > 0);
        let known = gates.iter().find(|(known, _)| *known == asked);
        known.and_then(|(_, gate)| gate.upgrade()).unwrap_or_else(|| {
            let gate = Arc::new(Gate::new(()));
            gates.push((asked, Arc::downgrade(&gate)));
            gate
        })
    }

    /// Coverage of every area struck alone, from a kept answer where there is one. The turn ends
    /// with it, or before it where nothing is kept that others could tell from.
    ///
    /// # Errors
    /// As `coverage`.
    fn tell(
        &self,
        (position, turn): (&Arc<Position>, Option<Turn>),
        asked: &Query,
        shown: Shown,
    ) -> Result<Told, Refusal> {
        if !Live::keeps(asked) {
            return Ok(Told::of(coverage(position, asked)?, shown));
        }
        let (seq, key) = (position.head.seq, asked.untimed());
        let view = self.find(&key, seq);
        if let Some(told) = view.and_then(|view| follow(&view, (position, asked), shown)) {
            return Ok(told);
        }
        // Nothing is locked here but by the turn, for which no thread of the pool waits.
        let Some(mut live) = Live::of(position, asked)? else {
            drop(turn);
            return Ok(Told::of(coverage(position, asked)?, shown));
        };
        let told = live.tell(shown);
        self.keep(key, seq, (live.bytes(), live));
        Ok(told)
    }

    fn find(&self, asked: &Query, seq: i64) -> Option<View> {
        let mut kept = lock(&self.kept);
        kept.retain(|one| seq.saturating_sub(one.seq) <= MOST_BEHIND);
        let at = kept.iter().position(|one| one.asked == *asked)?;
        let found = Kept { seq, ..kept.remove(at)? };
        let view = Arc::clone(&found.view);
        kept.push_front(found);
        Some(view)
    }

    fn keep(&self, asked: Query, seq: i64, (bytes, live): (usize, Live)) {
        if bytes > MOST_BYTES {
            return;
        }
        let mut kept = lock(&self.kept);
        kept.retain(|one| one.asked != asked);
        let view = Arc::new(Mutex::new(Some(live)));
        kept.push_front(Kept { asked, bytes, seq, view });
        let mut total = 0;
        let stays = |one: &Kept| {
            total += one.bytes;
            total <= MOST_BYTES
        };
        let count = kept.iter().take(MOST_VIEWS).map(stays).take_while(|stays| *stays).count();
        kept.truncate(count);
    }

    /// How many are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        lock(&self.kept).len()
    }
}

impl Book {
    /// Coverage of every area struck alone, computed on the bounded CPU pool from a kept answer
    /// where there is one.
    ///
    /// # Errors
    /// As `compute`, `Overloaded` also where others with the same question take too long; `Invalid`
    /// for values that cannot be.
    pub async fn coverage(
        &self,
        position: Arc<Position>,
        asked: Query,
        shown: Shown,
    ) -> Result<Told, Failure> {
        let book = self.clone();
        let until = Instant::now() + COMPUTING_BUDGET;
        let turn = timeout_at(until, self.inner.views.turn(&asked)).await;
        let turn = turn.map_err(|_| Failure::Overloaded)?;
        let told = move || book.inner.views.tell((&position, turn), &asked, shown);
        let left = until.saturating_duration_since(Instant::now());
        self.compute_within(left, told).await?.map_err(Failure::from)
    }
}

/// What a view tells of a Position, with closures that open when they are asked to; `None` where it
/// cannot follow there.
fn follow(view: &View, (position, asked): (&Arc<Position>, &Query), shown: Shown) -> Option<Told> {
    let mut view = lock(view);
    // Taken out, so that one that fails half way is never told from again.
    let mut live = view.take()?;
    if !live.follow(position) || !live.reclose(asked) {
        return None;
    }
    let told = live.tell(shown);
    *view = Some(live);
    Some(told)
}

#[cfg(test)]
mod tests;
