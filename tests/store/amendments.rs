//! Amendments by a Book that has not yet seen what another wrote: judged by what stands there.
//!
//! Conditions over HTTP are in `tests/http/reference`. Invariant: a condition that held only
//! before another Book's write does not let anything through, nor is that write lost.

use changping::domain::access::{Action, Principal, Role};
use changping::domain::depot::DepotStatus;
use changping::domain::reference::Record;
use changping::service::access::{NewKey, authenticate, create_key, revoke_key};
use changping::service::book::{Amended, Amendment, Kept, KeyedAmendment};
use changping::service::failure::Failure;

use crate::support::desk::Desk;
use crate::support::on_both;
use crate::support::world::{CITY, block_on, depot, region_code, settle};

/// The new depot, to be made only where there is none of its code.
fn make(text: &'static str) -> Amendment {
    let record = Record::Depot(depot(text, CITY, "LY-YJ", DepotStatus::Active));
    Amendment {
        records: vec![record],
        precondition: Box::new(move |reference| match reference.depots.find(text) {
            None => Ok(()),
            Some(_) => Err(Failure::PreconditionFailed { code: text.to_string() }),
        }),
        settings: Vec::new(),
    }
}

#[test]
fn a_condition_is_judged_after_what_another_book_wrote() {
    on_both(|database| {
        settle(&database.url);
        let books = [Desk::open(&database.url), Desk::open(&database.url)];
        block_on(async {
            let first = books[0].book.amend(make("NEW-01")).await.unwrap();
            // The second has read nothing since it was opened.
            let late = books[1].book.amend(make("NEW-01")).await;
            let told = Failure::PreconditionFailed { code: "NEW-01".to_string() };
            assert_eq!(late, Err(told));
            assert_eq!(books[0].book.amend(make("NEW-02")).await, Ok(first + 1));
            assert_eq!(books[1].book.amend(make("NEW-03")).await, Ok(first + 2));
            for desk in &books {
                let position = desk.read().await;
                for made in ["NEW-01", "NEW-02", "NEW-03"] {
                    assert!(position.reference.depots.find(made).is_some(), "{made}");
                }
            }
        });
        for desk in books {
            desk.book.close();
        }
    });
}

/// A depot for each depot that is there, under a key.
fn double(key: &str) -> KeyedAmendment {
    KeyedAmendment {
        principal: Principal::operator("test"),
        credential: None,
        action: Action::Plan,
        key: key.to_string(),
        request_hash: [7; 32],
        decide: Box::new(|_, position| {
            let count = position.reference.depots.len();
            let made = (0..count).map(|n| {
                let record = depot(&format!("N-{n}"), CITY, "LY-YJ", DepotStatus::Active);
                Record::Depot(record)
            });
            let compose = Box::new(move |rev| format!("{count} at {rev}"));
            Ok(Amended { records: made.collect(), status: 201, compose })
        }),
        render: Box::new(|_| (409, String::new())),
    }
}

#[test]
fn what_is_decided_under_the_lock_rests_on_what_another_book_wrote() {
    on_both(|database| {
        settle(&database.url);
        let books = [Desk::open(&database.url), Desk::open(&database.url)];
        block_on(async {
            let before = books[1].read().await.reference.depots.len();
            let rev = books[0].book.amend(make("NEW-01")).await.unwrap();
            let told = |count, rev: i64, replayed| {
                Ok(Kept { status: 201, body: format!("{count} at {rev}"), replayed })
            };
            let there = before + 1;
            assert_eq!(books[1].book.amend_once(double("a")).await, told(there, rev + 1, false));
            // The other book answers the same key alike, and writes nothing.
            assert_eq!(books[0].book.amend_once(double("a")).await, told(there, rev + 1, true));
            let other = KeyedAmendment { request_hash: [8; 32], ..double("a") };
            let reused = Err(Failure::KeyReused { key: "a".to_string() });
            assert_eq!(books[0].book.amend_once(other).await, reused);
            for desk in &books {
                let position = desk.read().await;
                assert_eq!(position.head.reference_rev, rev + 1);
                assert_eq!(position.reference.depots.len(), 2 * there);
            }
        });
        for desk in books {
            desk.book.close();
        }
    });
}

/// Looked up when the request came, revoked before it was its turn: neither a new amendment nor the
/// repeat of one that was answered.
#[test]
fn a_key_revoked_while_its_amendment_waits_changes_nothing() {
    on_both(|database| {
        settle(&database.url);
        let books = [Desk::open(&database.url), Desk::open(&database.url)];
        let book = &books[0].book;
        block_on(async {
            let new = NewKey {
                role: Role::Planner,
                region: region_code(CITY),
                name: "test".to_string(),
                expires_on: None,
            };
            let (text, key) = create_key(book, new).await.unwrap();
            let (principal, credential) = authenticate(&book.snapshot(), &text).unwrap();
            let by_key = |key: &str| KeyedAmendment {
                principal: principal.clone(),
                credential: Some(credential),
                ..double(key)
            };
            let made = book.amend_once(by_key("before")).await.unwrap();
            assert!(!made.replayed);
            revoke_key(&books[1].book, key.id).await.unwrap();
            let depots = books[1].read().await.reference.depots.len();
            for key in ["after", "before"] {
                assert_eq!(book.amend_once(by_key(key)).await, Err(Failure::Unauthenticated));
            }
            assert_eq!(books[1].read().await.reference.depots.len(), depots);
        });
        for desk in books {
            desk.book.close();
        }
    });
}
