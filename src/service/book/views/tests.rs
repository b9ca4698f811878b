//! Tests of kept answers: of which Position they are, which of them stay, and who waits for whom.
//!
//! Lives here: answers by a small world. Does not live here: following itself
//! (`domain::coverage`). Invariant: what is told is what a survey tells.

use super::*;
use crate::domain::catalogue::LifeKind;
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
    // What is in time by the usual profile is late by the slow one.
    let usual = agrees(&views, &later, &asked);
    assert_ne!(agrees(&views, &slow, &asked), usual);
    agrees(&views, &later, &asked);
    assert_eq!(views.len(), 1);
}

#[test]
fn what_cannot_be_followed_is_surveyed_and_the_kept_answer_tells_nothing_more() {
    let sea = item("SEA", Some(("water", i64::MAX / 4)), LifeKind::None, 0);
    let (views, first) = (Views::default(), with_records(&position(), vec![Record::Item(sea)]));
    let first = Arc::new(first);
    let asked = asked(&first, 12);
    let bare = agrees(&views, &first, &asked);
    // More water than an answer that is kept can add up, and quilts that it has taken up by then.
    let mut flood = Position::clone(&after(&first, 700));
    receive(&mut flood, "D-3713", "SEA", 2, lot("L", "2030-01-01"));
    let flood = Arc::new(flood);
    let live = || views.find(&asked, 0).unwrap();
    let kept = live();
    assert!(Live::of(&flood, &asked).unwrap().is_none());
    assert_ne!(agrees(&views, &flood, &asked), bare);
    assert!(lock(&kept).is_none(), "it is neither here nor there");
    assert_ne!(agrees(&views, &after(&first, 300), &asked), bare);
    assert!(!Arc::ptr_eq(&kept, &live()), "made anew");
    assert_eq!((agrees(&views, &first, &asked), views.len()), (bare, 1));
}

#[test]
fn so_many_answers_are_kept_and_those_asked_last() {
    let (views, position) = (Views::default(), position());
    for hours in 1..=40 {
        agrees(&views, &position, &asked(&position, hours));
        agrees(&views, &position, &asked(&position, 1));
    }
    assert_eq!(views.len(), MOST_VIEWS);
    assert!(views.find(&asked(&position, 1), 0).is_some());
    assert!(views.find(&asked(&position, 40), 0).is_some());
    assert!(views.find(&asked(&position, 2), 0).is_none());
}

#[test]
fn who_is_asked_again_goes_before_those_that_are_not() {
    let (views, position) = (Views::default(), position());
    let most = u32::try_from(MOST_VIEWS).unwrap();
    for hours in 1..=most {
        agrees(&views, &position, &asked(&position, hours));
    }
    agrees(&views, &position, &asked(&position, 1));
    agrees(&views, &position, &asked(&position, most + 1));
    assert!(views.find(&asked(&position, 1), 0).is_some());
    assert!(views.find(&asked(&position, 2), 0).is_none());
}

#[test]
fn answers_are_kept_up_to_so_many_bytes_together() {
    let (views, position) = (Views::default(), position());
    let keep = |hours: u32, bytes: usize| {
        let query = asked(&position, hours);
        let live = Live::of(&position, &query).unwrap().unwrap();
        views.keep(query, 0, (bytes, live));
        let kept = lock(&views.kept);
        kept.iter().map(|one| one.asked.hours.unwrap()).collect::<Vec<u32>>()
    };
    assert_eq!(keep(1, 1), [1]);
    assert_eq!(keep(2, MOST_BYTES - 2), [2, 1]);
    assert_eq!(keep(3, 1), [3, 2, 1], "just as many");
    assert_eq!(keep(4, 1), [4, 3, 2], "one too many");
    assert_eq!(keep(5, MOST_BYTES + 1), [4, 3, 2], "it would leave room for no other");
    assert_eq!(keep(6, MOST_BYTES), [6]);
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
    assert!(views.find(&asked(&first, 2), 2 * MOST_BEHIND).is_some(), "it has come along");
    assert!(views.find(&asked(&first, 2), 3 * MOST_BEHIND).is_some(), "whenever it was made");
    assert!(views.find(&asked(&first, 2), 4 * MOST_BEHIND + 1).is_none());
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
    assert!(lock(&held).is_some(), "whoever asks next tells from it");
}
