//! Planting: the seeds put into a book, and the demo's stock booked.
//!
//! Lives here: the order of writes, the demo mark, and going on after an interruption. Does not
//! live here: what the seeds hold (`seed`). Invariant: a database that people have filled is left
//! alone.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::access::Principal;
use crate::domain::calendar::Instant;
use crate::domain::chain;
use crate::domain::movement::Draft;
use crate::domain::reference::{Record, Reference};
use crate::domain::refusal::Refusal;
use crate::store::settings;

use super::book::{Amendment, Book, Order, Outcome, PostRequest};
use super::failure::Failure;

/// The setting that marks a demo, with its date.
const DEMO_DATE: &str = "demo_date";
/// The setting that says that all of the demo's stock is booked.
const DEMO_READY: &str = "demo_ready";
/// Opening movements under way at once.
const AT_ONCE: usize = 64;

/// Why nothing was planted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPlanted {
    /// The database holds data that the seeder has not put there.
    Foreign,
    /// The demo in the database counts from another date.
    OtherDate(NaiveDate),
    /// An opening movement of the demo was refused: the seeds contradict themselves.
    Refused(String),
    Failure(Failure),
}

impl From<Failure> for NotPlanted {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

fn is_empty(reference: &Reference) -> bool {
    reference.regions.is_empty() && reference.items.is_empty()
}

/// Puts reference data into an empty database.
///
/// # Errors
/// `Foreign` where there is any already.
pub async fn plant_base(book: &Book, records: Vec<Record>) -> Result<(), NotPlanted> {
    let reading = book.read().await?;
    if !is_empty(&reading.position.reference) {
        return Err(NotPlanted::Foreign);
    }
    amend_empty(book, records, Vec::new()).await
}

async fn amend_empty(
    book: &Book,
    records: Vec<Record>,
    settings: Vec<(String, String)>,
) -> Result<(), NotPlanted> {
    let precondition: super::book::Precondition = Box::new(|reference| {
        if is_empty(reference) {
            Ok(())
        } else {
            Err(Failure::PreconditionFailed { code: "database".to_string() })
        }
    });
    match book.amend(Amendment { records, precondition, settings }).await {
        Ok(_) => Ok(()),
        Err(Failure::PreconditionFailed { .. }) => Err(NotPlanted::Foreign),
        Err(failure) => Err(failure.into()),
    }
}

/// The date of the demo in the database, and whether it is complete.
///
/// # Errors
/// Any fault of the database.
pub async fn planted_demo(book: &Book) -> Result<Option<(NaiveDate, bool)>, Failure> {
    let date = book.on_reader(|db| settings::read(db, DEMO_DATE)).await?;
    let ready = book.on_reader(|db| settings::read(db, DEMO_READY)).await?;
    Ok(date.and_then(|text| text.parse().ok()).map(|date| (date, ready.is_some())))
}

/// Whether this database may become or stay the demo of `on`; `true` where all is there already.
///
/// # Errors
/// `Foreign` or `OtherDate`.
pub async fn demo_is_ready(book: &Book, on: NaiveDate) -> Result<bool, NotPlanted> {
    match planted_demo(book).await? {
        Some((date, _)) if date != on => Err(NotPlanted::OtherDate(date)),
        Some((_, ready)) => Ok(ready),
        None => {
            let reading = book.read().await?;
            let empty = is_empty(&reading.position.reference) && reading.position.head.seq == 0;
            if empty { Ok(false) } else { Err(NotPlanted::Foreign) }
        }
    }
}

/// Makes the demo of a date: reference data with the mark, then stock; goes on where an earlier
/// attempt was interrupted.
///
/// # Errors
/// `Foreign`, `OtherDate`, `Refused`, or any fault of the database.
pub async fn plant_demo(
    book: &Book,
    on: NaiveDate,
    records: Vec<Record>,
    drafts: Vec<Draft>,
) -> Result<usize, NotPlanted> {
    if planted_demo(book).await?.is_none() {
        let mark = vec![(DEMO_DATE.to_string(), on.to_string())];
        amend_empty(book, records, mark).await?;
    }
    let count = drafts.len();
    let mut queue = drafts.into_iter().enumerate();
    let mut under_way = tokio::task::JoinSet::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some((ix, draft)) = queue.next()
        {
            let book = book.clone();
            under_way.spawn(async move { book.post(opening(ix, draft)).await });
        }
        match under_way.join_next().await {
            None => break,
            Some(Ok(Ok(Outcome::Booked { .. }))) => {}
            Some(Ok(Ok(Outcome::Refused { body, .. }))) => return Err(NotPlanted::Refused(body)),
            Some(Ok(Err(failure))) => return Err(failure.into()),
            Some(Err(error)) => return Err(Failure::Broken(error.to_string()).into()),
        }
    }
    let ready = vec![(DEMO_READY.to_string(), count.to_string())];
    let done =
        Amendment { records: Vec::new(), precondition: Box::new(|_| Ok(())), settings: ready };
    book.amend(done).await?;
    Ok(count)
}

fn opening(ix: usize, draft: Draft) -> PostRequest {
    let key = format!("demo-{ix}");
    let stamp = draft.occurred_at.map(|at| (id_of(&key, at), at));
    PostRequest {
        principal: Principal::operator("demo"),
        credential: None,
        request_hash: chain::digest(key.as_bytes()),
        key,
        order: Order::Record(draft),
        render: Box::new(|refusal: &Refusal| (409, format!("{refusal:?}"))),
        stamp,
    }
}

/// An id that follows from the key and the date alone.
fn id_of(key: &str, at: Instant) -> Uuid {
    let digest = chain::digest(format!("{key} {}", at.0).as_bytes());
    let mut bytes = [0_u8; 16];
    for (to, from) in bytes.iter_mut().zip(digest) {
        *to = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
