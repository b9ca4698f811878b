//! Amendments by a Book that has not yet seen what another wrote: judged by what stands there.
//!
//! Conditions over HTTP are in `tests/http/reference`. Invariant: a condition that held only
//! before another Book's write does not let anything through, nor is that write lost.

use changping::domain::depot::DepotStatus;
use changping::domain::reference::Record;
use changping::service::book::Amendment;
use changping::service::failure::Failure;

use crate::support::desk::Desk;
use crate::support::on_both;
use crate::support::world::{CITY, block_on, depot, settle};

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
