//! Views: coverage answers that are kept, and follow the book.
//!
//! Lives here: how many are kept, and that one is brought up to the snapshot before it tells
//! anything. Does not live here: what an answer rests on (`domain::coverage`). Invariant: what a
//! view tells is of the Position it was asked for, never of another.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::coverage::{Live, Query, Shown, Told, coverage};
use crate::domain::position::Position;
use crate::domain::refusal::Refusal;

use super::super::failure::Failure;
use super::Book;

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
}

/// What a panic elsewhere left behind is thrown away by whoever finds that it does not follow.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Views {
    /// Coverage of every area struck alone, from a kept answer where there is one.
    ///
    /// # Errors
    /// As `coverage`.
    pub fn tell(
        &self,
        position: &Arc<Position>,
        asked: &Query,
        shown: Shown,
    ) -> Result<Told, Refusal> {
        if !Live::keeps(asked) {
            return Ok(Told::of(coverage(position, asked)?, shown));
        }
        let (seq, asked) = (position.head.seq, &asked.unnumbered());
        if let Some(told) = self.find(asked, seq).and_then(|view| follow(&view, position, shown)) {
            return Ok(told);
        }
        // Nothing is locked here: a survey runs on several threads, and one that waits for others
        // takes up what else is asked.
        let Some(mut live) = Live::of(position, asked)? else {
            return Ok(Told::of(coverage(position, asked)?, shown));
        };
        let told = live.tell(shown);
        self.keep(asked, seq, live);
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

    fn keep(&self, asked: &Query, seq: i64, live: Live) {
        let bytes = live.bytes();
        if bytes > MOST_BYTES {
            return;
        }
        let mut kept = lock(&self.kept);
        kept.retain(|one| one.asked != *asked);
        let (asked, view) = (asked.clone(), Arc::new(Mutex::new(Some(live))));
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
    /// As `compute`; `Invalid` for values that cannot be.
    pub async fn coverage(
        &self,
        position: Arc<Position>,
        asked: Query,
        shown: Shown,
    ) -> Result<Told, Failure> {
        let book = self.clone();
        let told = move || book.inner.views.tell(&position, &asked, shown);
        self.compute(told).await?.map_err(Failure::from)
    }
}

/// What a view tells of a Position; `None` where it cannot follow there.
fn follow(view: &View, position: &Arc<Position>, shown: Shown) -> Option<Told> {
    let mut view = lock(view);
    // Taken out, so that one that fails half way is never told from again.
    let mut live = view.take().filter(|live| live.is_under(position))?;
    if !live.follow(position) {
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
        let told = views.tell(position, asked, shown).unwrap();
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
        // The same closure under another number is the same question, another opening is not.
        agrees(&views, &later, &closing(None, 3));
        assert_eq!(views.len(), 2);
        agrees(&views, &later, &closing(Some(900), 0));
        agrees(&views, &later, &closing(Some(899), 0));
        assert_eq!(views.len(), 4);
        agrees(&views, &first, &asked(&first, 12));
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
