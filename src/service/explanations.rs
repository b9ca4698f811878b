//! Explanations: gaps, balances and lines of plans opened into their parts, and donors, from one
//! snapshot.
//!
//! Lives here: the walk from snapshot to parts on the CPU pool. Does not live here: what the parts
//! are (`domain::explanation`). Invariant: an explanation is of the same instant as its figure.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::donor::{self, Offers};
use crate::domain::explanation::{self, Explanation, Projection, Purchase};
use crate::domain::position::Position;
use crate::domain::procurement::{PlanLine, ProcurementPlan};
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::RegionIx;

use super::book::Book;
use super::failure::Failure;

/// One gap with everything that it comes from.
///
/// # Errors
/// `Overloaded` and the like.
pub async fn gap(
    book: &Book,
    position: Arc<Position>,
    query: explanation::Query,
) -> Result<Explanation, Failure> {
    let found = book.compute(move || explanation::explain(&position, &query)).await?;
    found.ok_or_else(|| Failure::Broken("no such region or goods in the snapshot".to_string()))
}

/// Who could fill the gap of one account, with ways closed.
///
/// # Errors
/// `Overloaded` and the like.
pub async fn donors(
    book: &Book,
    position: Arc<Position>,
    query: donor::Query,
    closed: donor::Closed,
) -> Result<Offers, Failure> {
    book.compute(move || donor::donors_over(&position, &query, &closed)).await
}

/// The dynamic balance of one owner account and item, with the events behind each step.
///
/// # Errors
/// `Invalid` for a horizon that cannot be.
pub async fn balance(
    book: &Book,
    position: Arc<Position>,
    region: RegionIx,
    item: u32,
    horizon: (NaiveDate, NaiveDate),
) -> Result<Projection, Failure> {
    let outcome = book
        .compute(move || explanation::explain_balance(&position, region, item, horizon))
        .await?;
    outcome.map_err(|fault| Failure::Invalid(vec![fault]))
}

/// A line of a plan with everything that it comes from, by the book as it was known at an entry:
/// by the plan's own where none is named. Tells which entry that is.
///
/// # Errors
/// `Invalid` for an entry that is not in the book, or any fault of the database.
pub async fn purchase(
    book: &Book,
    position: Arc<Position>,
    (plan, line): (Arc<ProcurementPlan>, PlanLine),
    known_at: Option<i64>,
) -> Result<(i64, Purchase), Failure> {
    let head = position.head.seq;
    if known_at.is_some_and(|known| !(0..=head).contains(&known)) {
        let fault = Fault::new("known_at", FaultCode::OutOfRange, format!("0 to {head}"));
        return Err(Failure::Invalid(vec![fault]));
    }
    let known = known_at.unwrap_or(plan.ledger_seq).min(head);
    let past = book.past(position, None, Some(known)).await?;
    let found = book.compute(move || explanation::explain_purchase(&past, &plan, &line)).await?;
    let missing = || Failure::Broken("no such region or item in the snapshot".to_string());
    found.map(|found| (known, found)).ok_or_else(missing)
}
