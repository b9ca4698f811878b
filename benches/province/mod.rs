//! A generated province: real in its shape (16 cities, 136 counties, 1,768 townships, 70,720
//! villages) and in nothing else.
//!
//! Lives here: regions, depots, owners, quotas and opening stock, marked as made up by their codes.
//! Does not live here: what is measured. Invariant: the same size gives the same book.

use changping::domain::access::{Principal, Role};
use changping::domain::depot::DepotStatus;
use changping::domain::lot::LotDraft;
use changping::domain::movement::{Condition, Draft, DraftLine, MovementType, Paper};
use changping::domain::quantity::Quantity;
use changping::domain::quota::{Basis, Mode, Quota, Subject};
use changping::domain::reference::Record;
use changping::service::access::{NewKey, create_key};
use changping::service::book::{Book, Order, Outcome, PostRequest, plain_amendment};
use chrono::{Days, NaiveDate};
use uuid::Uuid;

pub mod questions;

use crate::support::world::{self, code, region_code};

pub const ITEMS: usize = 100;
const CITIES: usize = 16;
const COUNTIES: usize = 136;
const TOWNSHIPS: usize = 13;
const VILLAGES: usize = 40;
const DEPOTS: usize = 72_000;
const BALANCES: usize = 4_000_000;
/// Lots of each item.
const LOTS: usize = 4_000;
/// Requests that wait for the committer at once.
const WINDOW: usize = 200;

/// So many parts smaller than the whole.
#[derive(Clone, Copy)]
pub struct Size(pub usize);

impl Size {
    pub fn depots(self) -> usize {
        DEPOTS / self.0
    }

    /// Balances of each depot, rounded up.
    fn shelf(self) -> usize {
        BALANCES / DEPOTS + 1
    }

    pub fn balances(self) -> usize {
        self.depots() * self.shelf()
    }
}

pub fn item_code(n: usize) -> String {
    format!("ITEM-{:03}", n % ITEMS)
}

pub fn depot_code(n: usize) -> String {
    format!("D{n:05}")
}

/// Counties are dealt to the cities in turn.
pub fn county_code(n: usize) -> String {
    let n = n % COUNTIES;
    format!("37{:02}{:02}", n % CITIES + 1, n / CITIES + 1)
}

fn city_of(county: usize) -> String {
    county_code(county)[..4].to_string()
}

pub fn township_code(n: usize) -> String {
    format!("{}{}", county_code(n / TOWNSHIPS), 101 + n % TOWNSHIPS)
}

/// A village of province 37 in a nation.
pub fn nation_place(n: usize) -> String {
    format!("37{:02}{:02}{}{}", n % 11 + 1, n % 9 + 1, 101 + n % 14, 201)
}

/// The region of a depot, and the county it is in: mostly villages, some at the seats above.
fn place(n: usize, size: Size) -> (String, usize) {
    let n = n * size.0;
    let township = n / VILLAGES;
    if township < COUNTIES * TOWNSHIPS {
        let village = 201 + n % VILLAGES;
        return (format!("{}{village}", township_code(township)), township / TOWNSHIPS);
    }
    let county = n % COUNTIES;
    if n.is_multiple_of(10) { (city_of(county), county) } else { (county_code(county), county) }
}

/// The township's own body keeps a twentieth of the depots; the county's the others.
fn keeper(n: usize, size: Size) -> String {
    let (region, county) = place(n, size);
    if n % 20 == 7 && region.len() == 12 {
        return format!("O-{}", &region[..9]);
    }
    format!("O-{}", county_code(county))
}

/// A quota of an item for the account of a region.
pub fn quota(n: u128, region: &str, item: usize, target: i64) -> Record {
    Record::Quota(Quota {
        id: Uuid::from_u128(n),
        region: region_code(region),
        subject: Subject::Item(code(&item_code(item))),
        mode: Mode::GovPhysical,
        basis: Basis::Absolute,
        target,
        floor: target / 2,
        effective_from: day(0),
        effective_to: None,
        document: Some("示例".to_string()),
        rule: None,
    })
}

fn day(after: u64) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a date");
    first.checked_add_days(Days::new(after)).expect("a date")
}

/// All reference data. Quotas: every item of province, cities and counties, five of each township.
fn records(size: Size) -> Vec<Record> {
    let mut places = vec!["37".to_string()];
    places.extend((0..CITIES).map(city_of));
    places.extend((0..COUNTIES).map(county_code));
    let heads = places.len();
    places.extend((0..COUNTIES * TOWNSHIPS).map(township_code));
    let mut records: Vec<Record> = Vec::new();
    for text in &places {
        records.push(Record::Region(world::region(text)));
        records.push(Record::Organization(world::organization(&format!("O-{text}"), text)));
    }
    for township in 0..COUNTIES * TOWNSHIPS {
        for village in 0..VILLAGES {
            let text = format!("{}{}", township_code(township), 201 + village);
            records.push(Record::Region(world::region(&text)));
        }
    }
    for n in 0..ITEMS {
        let life = if n % 2 == 0 { world::hard(24) } else { world::advisory(96) };
        records.push(Record::Item(world::item(&item_code(n), "件", None, life)));
    }
    for n in 0..size.depots() {
        let (region, _) = place(n, size);
        let (name, keeper) = (depot_code(n), keeper(n, size));
        records.push(Record::Depot(world::depot(&name, &region, &keeper, DepotStatus::Active)));
    }
    let mut id = 0;
    for (nth, text) in places.iter().enumerate() {
        for item in 0..(if nth < heads { ITEMS } else { 5 }) {
            id += 1;
            let target = if nth < heads { 30_000 / size.0 } else { 500 };
            let target = i64::try_from(target).expect("a quantity");
            records.push(quota(id, text, item + nth % 7, target));
        }
    }
    records
}

fn lot_of(depot: usize, n: usize) -> usize {
    (depot * 31 + n * 17) % LOTS
}

fn is_damaged(depot: usize, n: usize) -> bool {
    (depot + n).is_multiple_of(211)
}

/// The n-th line of a depot: another item each, lots spread over eleven years of expiry.
fn line(depot: usize, n: usize, size: Size) -> DraftLine {
    let item = (depot * 7 + n) % ITEMS;
    let lot = lot_of(depot, n);
    let (_, county) = place(depot, size);
    let owner = match (depot + n) % 100 {
        0 => Some("O-37".to_string()),
        1..=3 => Some(format!("O-{}", city_of(county))),
        _ => None,
    };
    DraftLine {
        from: None,
        to: Some(code(&depot_code(depot))),
        item: code(&item_code(item)),
        owner: owner.map(|owner| code(&owner)),
        condition: if is_damaged(depot, n) { Condition::Damaged } else { Condition::Good },
        to_owner: None,
        to_condition: None,
        quantity: Quantity::new(100_000).expect("a quantity"),
        unit: None,
        lot: Some(LotDraft {
            lot_no: Some(format!("B{lot:05}")),
            manufacturer: Some("示例厂".to_string()),
            expires_on: Some(day(2_400 + u64::try_from(lot).expect("a number"))),
            ..LotDraft::default()
        }),
    }
}

/// Puts the province into an empty book, and gives the key of a planner and of an administrator.
pub async fn lay(book: &Book, size: Size) -> (String, String) {
    for chunk in records(size).chunks(20_000) {
        book.amend(plain_amendment(chunk.to_vec())).await.expect("they fit");
    }
    let shelf = size.shelf();
    for start in (0..size.depots()).step_by(WINDOW) {
        let posts: Vec<_> = (start..size.depots().min(start + WINDOW))
            .map(|depot| {
                let draft = Draft {
                    kind: MovementType::Opening,
                    occurred_at: None,
                    paper: Paper::default(),
                    repeat_of_document: false,
                    lines: (0..shelf).map(|n| line(depot, n, size)).collect(),
                };
                let (book, request) = (book.clone(), request(depot, draft));
                tokio::spawn(async move { book.post(request).await })
            })
            .collect();
        for post in posts {
            let outcome = post.await.expect("a task");
            assert!(matches!(outcome, Ok(Outcome::Booked { .. })), "{outcome:?}");
        }
    }
    (key(book, Role::Planner).await, key(book, Role::Admin).await)
}

/// A key for the whole province.
pub async fn key(book: &Book, role: Role) -> String {
    let name = "bench".to_string();
    let new = NewKey { role, region: region_code("37"), name, expires_on: None };
    create_key(book, new).await.expect("a key").0
}

fn request(n: usize, draft: Draft) -> PostRequest {
    PostRequest {
        principal: Principal::operator("bench"),
        credential: None,
        key: format!("opening-{n}"),
        request_hash: [0; 32],
        order: Order::Record(draft),
        render: Box::new(|refusal| (409, format!("{refusal:?}"))),
        stamp: None,
    }
}

/// Lots of which the first this many have ended, or soon will have.
const OLD_LOTS: usize = 200;

/// One issue of one unit of good and usable goods from a depot that has them for certain.
pub fn issue(n: usize, size: Size) -> String {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let depot = mixed % size.depots();
    let good = |nth: &usize| lot_of(depot, *nth) >= OLD_LOTS && !is_damaged(depot, *nth);
    let from = mixed >> 20;
    let nth = (from..from + size.shelf()).map(|nth| nth % size.shelf()).find(good).expect("goods");
    let item = item_code(depot * 7 + nth);
    let owner = line(depot, nth, size).owner.map_or_else(|| keeper(depot, size), |o| o.to_string());
    let depot = depot_code(depot);
    format!(
        "{{\"type\":\"issue\",\"handled_by\":\"值班员\",\"lines\":[{{\"from\":\"{depot}\",\
         \"item\":\"{item}\",\"owner\":\"{owner}\",\"quantity\":1}}]}}"
    )
}
