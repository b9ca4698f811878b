//! What all kinds of reference data have in common over HTTP.
//!
//! Lives here: pages, entity tags, conditional writes. Does not live here: the fields of any kind.
//! Invariant: what is out of the caller's scope is not found.

use std::sync::Arc;

use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::access::Principal;
use crate::domain::catalogue::Code as DepotCode;
use crate::domain::reference::{Record, Reference};
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::RegionCode;
use crate::service::failure::Failure;
use crate::service::reference as service;

use super::super::access::{Caller, Permission};
use super::super::etag::{self, Condition};
use super::super::extract;
use super::super::page::{self, Page};
use super::super::problem::{Code, Problem};
use super::super::table::{self, Format};

/// One kind of reference data.
pub(super) trait Resource: 'static {
    /// The noun in messages.
    const NOUN: &'static str;
    /// Where its code stands in the shape.
    const KEY: &'static str = "/code";
    /// The stored record.
    type Stored: Send + Sync;
    /// The shape on the wire.
    type Dto: Serialize + DeserializeOwned;

    /// All records by code.
    fn all(reference: &Reference) -> Vec<Arc<Self::Stored>>;
    /// The record of a code.
    fn find(reference: &Reference, code: &str) -> Option<Arc<Self::Stored>>;
    /// Its code as text.
    fn code(stored: &Self::Stored) -> String;
    /// A code of a path in the form that records have.
    fn canonical(code: &str) -> String {
        code.to_string()
    }
    /// The region it belongs to; `None` is everybody's.
    fn region(stored: &Self::Stored) -> Option<RegionCode>;
    /// A depot that it names; where that is out of the caller's scope, so is the record.
    fn depot(_stored: &Self::Stored) -> Option<&DepotCode> {
        None
    }
    /// Its shape on the wire.
    fn dto(stored: &Self::Stored) -> Self::Dto;
    /// The record that a shape means.
    fn record(dto: Self::Dto) -> Result<Record, Vec<Fault>>;
    /// The stored record within a record of this kind, and its code's field.
    fn stored(record: &Record) -> Option<&Self::Stored>;
}

/// The paging part of a list's query.
pub(super) struct Paging {
    pub limit: Option<usize>,
    pub cursor: Option<String>,
    pub format: Option<String>,
    /// The other parameters, to bind the cursor to.
    pub filters: String,
}

fn visible<R: Resource>(principal: &Principal, reference: &Reference, row: &R::Stored) -> bool {
    let sees = |code| principal.sees_code(&reference.regions, code);
    let depot = R::depot(row).and_then(|code| reference.depots.by_code(code.as_str()));
    R::region(row).is_none_or(sees) && depot.is_none_or(|depot| sees(depot.region))
}

/// A page of the records that `keep` lets through.
pub(super) fn list<R: Resource, P: Permission>(
    caller: &Caller<P>,
    request: &HttpRequest,
    paging: &Paging,
    keep: impl Fn(&R::Stored) -> bool,
) -> Result<HttpResponse, Problem> {
    let format = Format::of(request, paging.format.as_deref())?;
    let limit = page::limit(paging.limit)?;
    let after = page::after(&paging.filters, paging.cursor.as_deref())?;
    let reference = &caller.position.reference;
    let rows = R::all(reference)
        .into_iter()
        .filter(|row| visible::<R>(&caller.principal, reference, row) && keep(row));
    let cut = page::cut(rows, limit, &paging.filters, after.as_deref(), |row| R::code(row));
    let items: Vec<R::Dto> = cut.items.iter().map(|row| R::dto(row)).collect();
    table::respond(format, &Page { items, next: cut.next })
}

/// Whether a text contains what is searched for.
pub(super) fn says(wanted: Option<&str>, texts: &[&str]) -> bool {
    let Some(wanted) = wanted else { return true };
    let wanted = wanted.to_lowercase();
    texts.iter().any(|text| text.to_lowercase().contains(&wanted))
}

fn body<R: Resource>(stored: &R::Stored) -> Vec<u8> {
    serde_json::to_vec(&R::dto(stored)).unwrap_or_default()
}

/// One record with its tag; 304 where the caller has it already.
pub(super) fn get<R: Resource, P: Permission>(
    caller: &Caller<P>,
    request: &HttpRequest,
    code: &str,
) -> Result<HttpResponse, Problem> {
    extract::no_query(request)?;
    let reference = &caller.position.reference;
    let found = R::find(reference, code)
        .filter(|row| visible::<R>(&caller.principal, reference, row))
        .ok_or_else(|| Failure::not_found(R::NOUN, code))?;
    let bytes = body::<R>(&found);
    let tag = etag::of(&bytes);
    if etag::not_modified(request, &tag) {
        return Ok(HttpResponse::NotModified().insert_header((ETAG, tag)).finish());
    }
    Ok(answer(HttpResponse::Ok(), bytes, tag))
}

fn answer(
    mut builder: actix_web::HttpResponseBuilder,
    bytes: Vec<u8>,
    tag: String,
) -> HttpResponse {
    builder.insert_header((ETAG, tag)).content_type("application/json").body(bytes)
}

/// Creates or replaces one record under the caller's condition.
pub(super) async fn put<R: Resource, P: Permission>(
    caller: &Caller<P>,
    request: &HttpRequest,
    code: &str,
    bytes: &web::Bytes,
) -> Result<HttpResponse, Problem> {
    extract::no_query(request)?;
    let json = extract::json::<R::Dto>(request, bytes)?;
    let record =
        R::record(json.value).map_err(|faults| Problem::invalid(Code::InvalidValue, faults))?;
    let condition = Condition::of(request)?;
    let stored = R::stored(&record);
    let named = stored.map(R::code).unwrap_or_default();
    if named != R::canonical(code) {
        let expected = format!("{code}, as in the path");
        let fault = Fault::new(R::KEY, FaultCode::Malformed, expected);
        return Err(Problem::invalid(Code::InvalidValue, vec![fault]));
    }
    let created = condition == Condition::Create;
    let bytes = stored.map(body::<R>).unwrap_or_default();
    let name = named.clone();
    let precondition: crate::service::book::Precondition = Box::new(move |reference| {
        let present = R::find(reference, &name).map(|row| etag::of(&body::<R>(&row)));
        if condition.holds(present.as_deref()) {
            Ok(())
        } else {
            Err(Failure::PreconditionFailed { code: name.clone() })
        }
    });
    service::put(&caller.book, &caller.principal, record, created, precondition).await?;
    let tag = etag::of(&bytes);
    let builder = if created { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer(builder, bytes, tag))
}
