//! Answers: stock, gaps, rotation and summaries from one snapshot.
//!
//! Lives here: which date an answer is for, and the walk from snapshot to rows on the CPU pool, and
//! on to what the caller makes of them there. Does not live here: the formulas (`domain`).
//! Invariant: an answer is of one instant, and says which.

use std::sync::Arc;
use std::time::{Duration, Instant as Clock};

use chrono::NaiveDate;

use crate::domain::calendar::Instant;
use crate::domain::certainty::Certainty;
use crate::domain::custody::{self, View};
use crate::domain::gap;
use crate::domain::mode_mix;
use crate::domain::position::Position;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::RegionIx;
use crate::domain::rotation;
use crate::domain::scenario;
use crate::domain::stock;
use crate::domain::summary;

use super::book::{Book, now};
use super::failure::Failure;

/// For which date and which state of knowledge an answer is asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct When {
    /// A Shanghai date; `None` is everything recorded, usability today.
    pub as_of: Option<NaiveDate>,
    /// The last entry to be known.
    pub known_at: Option<i64>,
}

impl When {
    /// The date on which usability and quotas are judged.
    pub fn date(self) -> NaiveDate {
        self.as_of.unwrap_or_else(today)
    }

    /// The date, for answers that know no past.
    ///
    /// # Errors
    /// `AsOfUnsupported` before today.
    pub fn present_or_future(self) -> Result<NaiveDate, Failure> {
        let date = self.date();
        if date < today() { Err(Failure::AsOfUnsupported) } else { Ok(date) }
    }
}

/// Today in Shanghai.
pub fn today() -> NaiveDate {
    now().shanghai_date()
}

/// What `tell` makes of stock by any grouping, on any date.
///
/// # Errors
/// `Invalid` for a `known_at` beyond the book, or any fault of the database.
pub async fn stock<T: Send + 'static>(
    book: &Book,
    position: Arc<Position>,
    when: When,
    query: stock::Query,
    tell: impl FnOnce(&[stock::Row]) -> T + Send + 'static,
) -> Result<T, Failure> {
    let past = at(book, position, when).await?;
    book.compute(move || tell(&stock::stock(&past, &query))).await
}

/// The Position as it was on a date, or as it was known at an entry.
async fn at(book: &Book, position: Arc<Position>, when: When) -> Result<Arc<Position>, Failure> {
    let seq = position.head.seq;
    if when.known_at.is_some_and(|known| !(0..=seq).contains(&known)) {
        let fault = Fault::new("known_at", FaultCode::OutOfRange, format!("0 to {seq}"));
        return Err(Failure::Invalid(vec![fault]));
    }
    let before = when.as_of.filter(|date| *date <= today()).map(Instant::end_of);
    book.past(position, before, when.known_at).await
}

/// A row of gaps in either view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub row: gap::Row,
    pub certainty: Certainty,
    /// In the custody view: usable goods lying here that are owned above.
    pub owned_above: Option<i64>,
}

/// What `tell` makes of the gaps of a region in a view, with the rule behind each and how far it
/// can be relied on.
///
/// # Errors
/// `Overloaded` and the like.
pub async fn gaps<T: Send + 'static>(
    book: &Book,
    position: Arc<Position>,
    query: gap::Query,
    view: View,
    tell: impl FnOnce(&Position, &[Gap]) -> T + Send + 'static,
) -> Result<T, Failure> {
    book.compute(move || {
        let gap = |row: gap::Row, owned_above: Option<i64>| {
            let certainty = Certainty::of(&position.reference, &row, query.on);
            Gap { row, certainty, owned_above }
        };
        let gaps: Vec<Gap> = match view {
            View::Owner => {
                gap::gaps(&position, &query).into_iter().map(|row| gap(row, None)).collect()
            }
            View::Custody => {
                let rows = custody::custody_gaps(&position, &query).into_iter();
                rows.map(|found| gap(found.row, Some(found.owned_above))).collect()
            }
        };
        tell(&position, &gaps)
    })
    .await
}

/// The mix of reserve modes.
///
/// # Errors
/// `Overloaded` and the like.
pub async fn reserves(
    book: &Book,
    position: Arc<Position>,
    query: mode_mix::Query,
) -> Result<Vec<mode_mix::Row>, Failure> {
    book.compute(move || mode_mix::mode_mix(&position, &query)).await
}

/// Lots that must be turned over.
///
/// # Errors
/// `Overloaded` and the like.
pub async fn rotation(
    book: &Book,
    position: Arc<Position>,
    query: rotation::Query,
) -> Result<Vec<rotation::DueRow>, Failure> {
    book.compute(move || rotation::due(&position, &query)).await
}

/// The dynamic balance of one owner account and item, with what is on order where that counts.
///
/// # Errors
/// `Invalid` for a horizon that cannot be.
pub async fn balance(
    book: &Book,
    position: Arc<Position>,
    region: RegionIx,
    item: u32,
    horizon: (NaiveDate, NaiveDate),
    committed: bool,
) -> Result<(rotation::OnOrders, rotation::Balance), Failure> {
    let outcome = book
        .compute(move || {
            let orders = match committed {
                true => rotation::on_order(&position, region, item, horizon.0),
                false => rotation::OnOrders::default(),
            };
            let planned = orders.changes(&position, item);
            let balance = rotation::balance(&position, region, item, horizon, &planned)?;
            Ok((orders, balance))
        })
        .await?;
    outcome.map_err(|fault| Failure::Invalid(vec![fault]))
}

/// A rotation plan, with the task that it solves.
pub type Repaired = (rotation::Task, rotation::Plan);

/// The rotation plan of one owner account and item; nothing is stored.
///
/// # Errors
/// `Invalid` with every fault of what is asked.
pub async fn rotation_plan(
    book: &Book,
    position: Arc<Position>,
    region: RegionIx,
    item: u32,
    asked: rotation::WhatIf,
) -> Result<Repaired, Failure> {
    let outcome = book
        .compute(move || {
            let task = asked.task(&position, region, item)?;
            let plan = rotation::plan(&task)?;
            Ok((task, plan))
        })
        .await?;
    outcome.map_err(Failure::Invalid)
}

/// For how long quicker plans are looked for, where nobody says.
pub const SOLVING: Duration = Duration::from_secs(4);

/// What is possible when several areas are struck together, looking for quicker plans as long as
/// is usual.
///
/// # Errors
/// `Invalid` for values that cannot be.
pub async fn scenario(
    book: &Book,
    position: Arc<Position>,
    asked: scenario::Scenario,
) -> Result<scenario::Outcome, Failure> {
    scenario_within(book, position, asked, SOLVING).await
}

/// The same, looking for quicker plans for another time.
///
/// # Errors
/// `Invalid` for values that cannot be.
pub async fn scenario_within(
    book: &Book,
    position: Arc<Position>,
    asked: scenario::Scenario,
    solving: Duration,
) -> Result<scenario::Outcome, Failure> {
    let outcome = book
        .compute(move || {
            let begun = Clock::now();
            scenario::run_while(&position, &asked, &mut || begun.elapsed() < solving)
        })
        .await?;
    outcome.map_err(Failure::from)
}

/// What `tell` makes of stock summaries with totals.
///
/// # Errors
/// `Overloaded` and the like.
pub async fn summaries<T: Send + 'static>(
    book: &Book,
    position: Arc<Position>,
    query: summary::Query,
    tell: impl FnOnce(&summary::Summary) -> T + Send + 'static,
) -> Result<T, Failure> {
    book.compute(move || tell(&summary::summarise(&position, &query))).await
}
