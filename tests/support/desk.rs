//! A desk at a Book in this process: posting through the library, reading balances.
//!
//! The program as a process of its own is in `server`. Invariant: what is posted here goes through
//! the same door as a request over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;

use changping::domain::access::Principal;
use changping::domain::depot::DepotStatus;
use changping::domain::movement::{Condition, Draft, DraftLine, Movement, MovementType, Paper};
use changping::domain::position::Position;
use changping::domain::quantity::Quantity;
use changping::domain::reference::Record;
use changping::http::context::Context;
use changping::http::problem::Problem;
use changping::http::words::Language;
use changping::service::book::{Book, Order, Outcome, PostRequest, plain_amendment, request_hash};
use changping::service::failure::Failure;
use changping::service::verify::verify;
use serde_json::Value;

use super::world::{CITY_DEPOT, COUNTY_B, DEPOT_B, address, code, depot};

pub struct Desk {
    pub book: Book,
    principal: Principal,
}

/// A line of so many units at the city's depot, neither in nor out yet.
fn line(item: &str, quantity: i64) -> DraftLine {
    DraftLine {
        from: None,
        to: None,
        item: code(item),
        owner: None,
        condition: Condition::Good,
        to_owner: None,
        to_condition: None,
        quantity: Quantity::new(quantity).unwrap(),
        unit: None,
        lot: None,
    }
}

fn draft(kind: MovementType, line: DraftLine) -> Draft {
    Draft {
        kind,
        occurred_at: None,
        paper: Paper::default(),
        repeat_of_document: false,
        lines: vec![line],
    }
}

pub fn receive(item: &str, quantity: i64) -> Draft {
    let to = Some(code(CITY_DEPOT));
    let line = line(item, quantity);
    draft(MovementType::ReceiptPurchase, DraftLine { to, ..line })
}

pub fn hand_out(item: &str, quantity: i64) -> Draft {
    let from = Some(code(CITY_DEPOT));
    let line = line(item, quantity);
    draft(MovementType::Issue, DraftLine { from, ..line })
}

impl Desk {
    pub fn open(url: &str) -> Self {
        Self { book: Book::open(&address(url)).unwrap(), principal: Principal::operator("test") }
    }

    pub async fn post(&self, key: &str, draft: Draft) -> Result<Outcome, Failure> {
        let language = Language::En;
        let context = Context { language, request_id: "r".to_string() };
        let request = PostRequest {
            principal: self.principal.clone(),
            credential: None,
            key: key.to_string(),
            request_hash: request_hash("POST", "/", format!("{draft:?}").as_bytes()),
            order: Order::Record(draft),
            render: Box::new(move |refusal| Problem::from(refusal).render(&context)),
            stamp: None,
        };
        self.book.post(request).await
    }

    pub async fn booked(&self, key: &str, draft: Draft) -> Arc<Movement> {
        match self.post(key, draft).await {
            Ok(Outcome::Booked { movement, .. }) => movement,
            other => panic!("{key}: {other:?}"),
        }
    }

    pub async fn refused(&self, key: &str, draft: Draft) -> Value {
        match self.post(key, draft).await {
            Ok(Outcome::Refused { body, .. }) => serde_json::from_str(&body).unwrap(),
            other => panic!("{key}: {other:?}"),
        }
    }

    pub async fn read(&self) -> Arc<Position> {
        let reading = self.book.read().await.unwrap();
        assert_eq!(reading.stale_since, None);
        reading.position
    }

    pub async fn close_depot_b(&self) -> i64 {
        let closed = depot(DEPOT_B, COUNTY_B, "LZ-YJ", DepotStatus::Closed);
        let amendment = plain_amendment(vec![Record::Depot(closed)]);
        self.book.amend(amendment).await.unwrap()
    }
}

/// Every balance of a Position by its account in words.
pub fn balances(position: &Position) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for (depot, shard) in position.shards() {
        let code = &position.reference.depots.get(depot).unwrap().code;
        for row in shard.rows() {
            let lot = position.lot(row.key.lot).unwrap();
            let owner = position.reference.organizations.get(row.key.owner).unwrap();
            let (condition, lot_id) = (row.key.condition.as_str(), lot.id);
            let account = format!("{code} {} {condition} {lot_id}", owner.code);
            found.insert(account, row.quantity);
        }
    }
    found
}

#[track_caller]
pub fn assert_sound(url: &str) {
    let verdict = verify(&address(url), None).unwrap();
    assert!(verdict.is_ok(), "{verdict:?}");
}
