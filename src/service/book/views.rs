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
        self.keep(key, seq, live);
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

    fn keep(&self, asked: Query, seq: i64, live: Live) {
        let bytes = live.bytes();
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
    let mut live = view.take().filter(|live| live.is_under(position))?;
    if !live.follow(position) || !live.reclose(asked) {
        return None;
    }
    let told = live.tell(shown);
    *view = Some(live);
    Some(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::closure::sample;
    use crate::domain::coverage::{Closure, Scope, Shock};
    use crate::domain::fixture::*;
    use crate::domain::reference::Record;
    use crate::domain::region::Tier;
    use crate::domain::travel::Blocked;
    use crate::store::connection::DatabaseUrl;
    use crate::store::migrate::migrate;

    fn position() -> Arc<Position> {
        Arc::new(with_records(&world(), vec![Record::Profile(profile("3713"))]))
    }

    fn asked(position: &Position, hours: u32) -> Query {
        Query {
            region: position.reference.regions.find(region_code("37")).unwrap(),
            tier: Some(Tier::County),
            hours: Some(hours),
            days: 1,
            scope: Scope::City,
            clock: None,
            on: day("2021-11-10"),
            speed_percent: 100,
            off_hours: false,
            shock: Shock::default(),
            closures: Vec::new(),
            blocked: Blocked::default(),
            detail: false,
        }
    }

    fn after(position: &Position, quilts: i64) -> Arc<Position> {
        let mut next = position.clone();
        receive(&mut next, "D-3713", "QUILT", quilts, lot("L", "2030-01-01"));
        Arc::new(next)
    }

    fn agrees(views: &Views, position: &Arc<Position>, asked: &Query) -> Told {
        let shown = Shown { worst_first: true, limit: Some(1) };
        let told = views.tell((position, None), asked, shown).unwrap();
        assert_eq!(told, Told::of(coverage(position, asked).unwrap(), shown));
        assert_eq!((told.rows.len(), told.totals.areas), (1, 2));
        told
    }

    #[test]
    fn a_kept_answer_is_of_the_snapshot_it_is_asked_for() {
        let (views, first) = (Views::default(), position());
        let asked = asked(&first, 12);
        let bare = agrees(&views, &first, &asked);
        let later = after(&first, 500);
        assert_ne!(agrees(&views, &later, &asked), bare);
        // A reader that is slow still asks from the snapshot before.
        assert_eq!(agrees(&views, &first, &asked), bare);
        assert_eq!(views.len(), 1);
        let mut slow = profile("3713");
        slow.distribute_min = 700;
        let slow = Arc::new(with_records(&later, vec![Record::Profile(slow)]));
        agrees(&views, &slow, &asked);
        agrees(&views, &later, &asked);
        assert_eq!(views.len(), 1);
    }

    #[test]
    fn so_many_answers_are_kept_and_those_asked_last() {
        let (views, position) = (Views::default(), position());
        for hours in 0..40 {
            agrees(&views, &position, &asked(&position, hours));
            agrees(&views, &position, &asked(&position, 0));
        }
        assert_eq!(views.len(), MOST_VIEWS);
        assert!(views.find(&asked(&position, 0), 0).is_some());
        assert!(views.find(&asked(&position, 39), 0).is_some());
        assert!(views.find(&asked(&position, 1), 0).is_none());
    }

    #[test]
    fn an_answer_that_has_stayed_far_behind_is_let_go() {
        let (views, first) = (Views::default(), position());
        let mut later = Position::clone(&first);
        later.head.seq = MOST_BEHIND;
        agrees(&views, &first, &asked(&first, 1));
        agrees(&views, &Arc::new(later.clone()), &asked(&first, 2));
        assert_eq!(views.len(), 2);
        later.head.seq += 1;
        agrees(&views, &Arc::new(later), &asked(&first, 2));
        assert_eq!(views.len(), 1, "the first stands at a Position that nobody else needs");
    }

    #[test]
    fn what_is_surveyed_each_time_is_not_kept() {
        let (views, position) = (Views::default(), position());
        let shock = Shock { tier: None, surviving_percent: 50 };
        agrees(&views, &position, &Query { shock, ..asked(&position, 12) });
        assert_eq!(views.len(), 0);
    }

    #[test]
    fn closures_are_part_of_what_was_asked() {
        let (views, first) = (Views::default(), after(&position(), 900));
        let open = agrees(&views, &first, &asked(&first, 12));
        let region = first.reference.regions.find(region_code("371301")).unwrap();
        let closing = |opens_min, number| Query {
            closures: vec![Closure { region, opens_min, number }],
            ..asked(&first, 12)
        };
        let later = after(&first, 500);
        assert_ne!(agrees(&views, &first, &closing(None, 0)), open);
        agrees(&views, &later, &closing(None, 0));
        // The same closure under another number is the same question.
        agrees(&views, &later, &closing(None, 3));
        assert_eq!(views.len(), 2);
        // So it is when it opens at another minute, which its answer follows.
        let shut = agrees(&views, &later, &closing(None, 0));
        for opens_min in [Some(900), Some(100), Some(99), None] {
            let told = agrees(&views, &later, &closing(opens_min, 0));
            assert_eq!(told == shut, opens_min.is_none_or(|at| at > 720));
        }
        assert_eq!(views.len(), 2);
        agrees(&views, &first, &asked(&first, 12));
    }

    #[tokio::test]
    async fn one_question_is_answered_at_a_time() {
        let (views, position) = (Views::default(), position());
        let region = position.reference.regions.find(region_code("371301")).unwrap();
        let closing = |opens_min| Query {
            closures: vec![Closure { region, opens_min, number: 0 }],
            ..asked(&position, 12)
        };
        let waits = async |query: &Query| {
            let soon = std::time::Duration::from_millis(20);
            tokio::time::timeout(soon, views.turn(query)).await.is_err()
        };
        let turn = views.turn(&closing(Some(60))).await.unwrap();
        assert!(waits(&closing(Some(60))).await);
        assert!(waits(&closing(Some(59))).await, "the answer that is kept is the same");
        assert!(!waits(&asked(&position, 12)).await);
        assert!(!waits(&asked(&position, 11)).await);
        let detail = Query { detail: true, ..closing(None) };
        assert!(views.turn(&detail).await.is_none(), "nothing that others could tell from");
        views.tell((&position, Some(turn)), &closing(Some(60)), Shown::default()).unwrap();
        assert!(!waits(&closing(Some(60))).await);
        views.gate(asked(&position, 1));
        assert_eq!(lock(&views.gates).len(), 1, "those that nobody waits at are gone");
    }

    #[tokio::test]
    async fn who_asks_what_another_asks_waits_for_the_answer() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::file(folder.path().join("book.db"));
        migrate(&url).unwrap();
        let (book, position) = (Book::open(&url).unwrap(), position());
        let query = asked(&position, 12);
        let ask = || {
            let (book, position, query) = (book.clone(), Arc::clone(&position), query.clone());
            tokio::spawn(async move { book.coverage(position, query, Shown::default()).await })
        };
        // Whoever has the turn, and whoever waits for it.
        let gathered = || {
            let gates = lock(&book.inner.views.gates);
            gates.iter().map(|(_, gate)| gate.strong_count()).sum::<usize>()
        };
        let turn = book.inner.views.turn(&query).await.unwrap();
        let second = ask();
        tokio::task::yield_now().await;
        assert_eq!(gathered(), 2, "it does not wait for the first");
        drop(turn);
        let told = second.await.unwrap().unwrap();
        assert_eq!(told, Told::of(coverage(&position, &query).unwrap(), Shown::default()));
        // The turn goes with the question to the pool, all threads of which are busy here.
        let busy = (0..rayon::current_num_threads()).map(|_| {
            let (go, wait) = std::sync::mpsc::channel::<()>();
            let book = book.clone();
            let work = async move { book.compute(move || wait.recv().is_err()).await };
            (go, tokio::spawn(work))
        });
        let (go, busy): (Vec<_>, Vec<_>) = busy.unzip();
        tokio::task::yield_now().await;
        let third = ask();
        tokio::task::yield_now().await;
        assert_eq!(gathered(), 1, "another might survey the same meanwhile");
        drop(go);
        for work in busy {
            assert!(work.await.unwrap().unwrap());
        }
        assert_eq!(third.await.unwrap().unwrap(), told);
        assert_eq!((gathered(), book.inner.views.len()), (0, 1));
        book.close();
    }

    #[test]
    fn a_closure_that_is_registered_leaves_kept_answers_alone() {
        let (views, first) = (Views::default(), position());
        agrees(&views, &first, &asked(&first, 12));
        let held = views.find(&asked(&first, 12), 0).unwrap();
        let more = Arc::new(with_records(&first, vec![Record::Closure(sample("C-1", "371301"))]));
        agrees(&views, &more, &asked(&more, 12));
        assert!(Arc::ptr_eq(&held, &views.find(&asked(&first, 12), 0).unwrap()), "made anew");
    }
}
