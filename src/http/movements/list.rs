//! The list of movements.
//!
//! Lives here: its filters and pages. Does not live here: a single movement. Invariant: pages
//! follow the order of the book and end at the snapshot that they name.

use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Datelike};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::calendar::Instant;
use crate::domain::movement::MovementType;
use crate::domain::refusal::FaultCode;
use crate::service::movements as service;

use super::super::access::{Caller, may};
use super::super::answer;
use super::super::extract::{self, parameter};
use super::super::forms;
use super::super::page;
use super::super::problem::Problem;
use super::super::table::{self, Format};
use super::reply::MovementReply;

/// What the list is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Depot code.
    depot: Option<String>,
    /// Item code.
    item: Option<String>,
    /// Division code: movements that touch a depot in its subtree.
    region: Option<String>,
    /// Movement type.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// Document number; brackets and blanks do not count.
    document_no: Option<String>,
    /// First place in the book.
    from_seq: Option<i64>,
    /// First business date (Shanghai) or RFC 3339 instant.
    occurred_from: Option<String>,
    /// Last business date (Shanghai), or the instant before which it occurred.
    occurred_to: Option<String>,
    /// Items on a page.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// A page of movements.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovementPage {
    pub items: Vec<MovementReply>,
    /// The cursor of the next page; `null` on the last.
    pub next: Option<String>,
    /// The entry that the answer reaches.
    pub ledger_seq: i64,
}

/// A day or an instant of the years that records may have.
fn instant(name: &str, text: Option<&str>, end: bool) -> Result<Option<Instant>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let expected = "YYYY-MM-DD or an RFC 3339 instant with offset, from 1950 to 2199";
    let malformed = || parameter(name, FaultCode::Malformed, expected);
    if text.len() == 10 {
        let date = answer::date(name, Some(text)).map_err(|_| malformed())?;
        let edge = if end { Instant::end_of } else { Instant::start_of };
        return Ok(date.map(edge));
    }
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| malformed())?;
    if !(1950..=2199).contains(&at.year()) {
        return Err(malformed());
    }
    Ok(Some(Instant(at.timestamp_micros())))
}

/// List movements in the order of the book.
#[utoipa::path(get, path = "/v1/movements", tag = "movements", operation_id = "list_movements",
    params(ListQuery),
    responses((status = 200, description = "A page of movements", body = MovementPage),
        (status = "default", response = super::super::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadMovements>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: ListQuery = extract::query(&request)?;
    let format = Format::of(&request, query.format.as_deref())?;
    let limit = page::limit(query.limit)?;
    let filters = format!(
        "{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
        query.depot,
        query.item,
        query.region,
        query.kind,
        query.document_no,
        query.occurred_from,
        query.occurred_to
    );
    let after = page::after(&filters, query.cursor.as_deref())?;
    let after = after.and_then(|text| text.parse::<i64>().ok()).map(|seq| seq.saturating_add(1));
    extract::code("item", query.item.as_deref())?;
    extract::text("document_no", query.document_no.as_deref(), 500)?;
    if query.from_seq.is_some_and(|seq| !(1..=forms::MAX_SAFE).contains(&seq)) {
        let expected = format!("1 to {}", forms::MAX_SAFE);
        return Err(parameter("from_seq", FaultCode::OutOfRange, &expected));
    }
    let kind =
        extract::word("type", query.kind.as_deref(), MovementType::ALL, MovementType::as_str)?;
    let asked = service::Query {
        depot: caller.depot(query.depot.as_deref())?,
        region: match extract::region_code("region", query.region.as_deref())? {
            Some(code) => Some(caller.region(code)?),
            None => None,
        },
        item: query.item,
        kind,
        document_no: query.document_no,
        from_seq: query.from_seq.unwrap_or(1).max(after.unwrap_or(1)),
        occurred_from: instant("occurred_from", query.occurred_from.as_deref(), false)?,
        occurred_before: instant("occurred_to", query.occurred_to.as_deref(), true)?,
    };
    let (book, principal, position) = (&caller.book, &caller.principal, &caller.position);
    let (found, more) = service::list(book, principal, position, asked, limit).await?;
    let last = found.last().filter(|_| more).map(|seen| seen.movement.seq.to_string());
    let answer = MovementPage {
        next: last.map(|last| page::cursor(&filters, &last)),
        items: found.iter().map(MovementReply::from).collect(),
        ledger_seq: position.head.seq,
    };
    table::respond(format, &answer)
}
