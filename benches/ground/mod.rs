//! The ground that benchmarks stand on: many depots, some items, stock in each.
//!
//! Lives here: generated reference data and opening stock, marked as such by their codes. Does not
//! live here: what is measured. Invariant: the same codes every time.

use changping::domain::access::{Principal, Role};
use changping::domain::depot::DepotStatus;
use changping::domain::movement::{Condition, Draft, DraftLine, MovementType, Paper};
use changping::domain::quantity::Quantity;
use changping::domain::reference::Record;
use changping::service::access::{NewKey, create_key};
use changping::service::book::{Book, Order, Outcome, PostRequest, plain_amendment};
use changping::store::migrate::migrate;

use crate::support::world::{self, COUNTY_A, address, block_on, code, region_code};

pub const DEPOTS: usize = 2_000;
pub const ITEMS: usize = 10;
/// So much that nothing runs out.
const OPENING: i64 = 1_000_000_000;

pub fn depot_code(n: usize) -> String {
    format!("D{:05}", n % DEPOTS)
}

pub fn item_code(n: usize) -> String {
    format!("ITEM-{:02}", n % ITEMS)
}

/// A migrated database with depots, items and one lot of every item in every depot; a clerk's key.
pub fn lay(url: &str) -> String {
    migrate(&address(url)).expect("migrations run");
    let book = Book::open(&address(url)).expect("the book opens");
    let key = block_on(async {
        let mut records = world::records();
        for n in 0..DEPOTS {
            let depot = world::depot(&depot_code(n), COUNTY_A, "LS-YJ", DepotStatus::Active);
            records.push(Record::Depot(depot));
        }
        for n in 0..ITEMS {
            let life = world::advisory(96);
            records.push(Record::Item(world::item(&item_code(n), "件", None, life)));
        }
        book.amend(plain_amendment(records)).await.expect("they fit");
        open_stock(&book).await;
        let new = NewKey {
            role: Role::Clerk,
            region: region_code(world::CITY),
            name: "bench".to_string(),
            expires_on: None,
        };
        create_key(&book, new).await.expect("a key").0
    });
    book.close();
    key
}

async fn open_stock(book: &Book) {
    let pairs: Vec<(usize, usize)> =
        (0..DEPOTS).flat_map(|depot| (0..ITEMS).map(move |item| (depot, item))).collect();
    for (n, chunk) in pairs.chunks(500).enumerate() {
        let lines = chunk.iter().map(|(depot, item)| DraftLine {
            from: None,
            to: Some(code(&depot_code(*depot))),
            item: code(&item_code(*item)),
            owner: None,
            condition: Condition::Good,
            to_owner: None,
            to_condition: None,
            quantity: Quantity::new(OPENING).expect("a quantity"),
            unit: None,
            lot: None,
        });
        let draft = Draft {
            kind: MovementType::Opening,
            occurred_at: None,
            paper: Paper::default(),
            repeat_of_document: false,
            lines: lines.collect(),
        };
        let request = PostRequest {
            principal: Principal::operator("bench"),
            credential: None,
            key: format!("opening-{n}"),
            request_hash: [0; 32],
            order: Order::Record(draft),
            render: Box::new(|refusal| (409, format!("{refusal:?}"))),
            stamp: None,
        };
        let outcome = book.post(request).await;
        assert!(matches!(outcome, Ok(Outcome::Booked { .. })), "{outcome:?}");
    }
}
