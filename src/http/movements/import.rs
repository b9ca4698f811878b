//! A file of movements over HTTP: one transaction, all or nothing.
//!
//! Lives here: the limits, the answer, and the refusals document by document. Does not live here:
//! reading files (`file`). Invariant: an answer is rendered once and kept, so that a replay is the
//! same bytes.

use std::sync::Arc;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::movement::{Draft, Movement};
use crate::domain::refusal::{FaultCode, Refusal};
use crate::service::book::{Decided, FaultyDocuments, ImportRequest, Imported, Rendering, now};
use crate::service::imports as service;

use super::super::access::{Caller, may};
use super::super::answer::kept;
use super::super::context::{self, Context};
use super::super::extract::{self, MAX_IMPORT};
use super::super::forms;
use super::super::problem::{Code, Problem};
use super::file::{Document, Documents, Form, LineFault, Next};

/// The most lines of movements in one file.
const MAX_LINES: usize = 10_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportQuery {
    dry_run: Option<bool>,
}

/// What a file has come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportReply {
    /// How many movements the file has.
    #[schema(minimum = 1, example = 1)]
    movements: usize,
    /// How many lines they were asked with.
    #[schema(minimum = 1, example = 2)]
    lines: usize,
    /// The places in the book; `null` in a dry run.
    #[schema(minimum = 1, example = 1285)]
    first_seq: Option<i64>,
    #[schema(minimum = 1, example = 1285)]
    last_seq: Option<i64>,
    /// Whether nothing was written.
    dry_run: bool,
    /// One per movement, in the order of the file.
    items: Vec<ImportItem>,
}

/// One movement of a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportItem {
    /// The line of the file on which it starts, from 1.
    #[schema(minimum = 1, example = 2)]
    line: u64,
    /// `null` in a dry run.
    #[schema(format = Uuid)]
    id: Option<String>,
    /// Its place in the book; `null` in a dry run.
    #[schema(minimum = 1, example = 1285)]
    seq: Option<i64>,
    #[serde(rename = "type")]
    #[schema(schema_with = forms::bookable_type)]
    kind: &'static str,
    document_no: Option<String>,
    /// How many lines it was asked with.
    #[schema(minimum = 1, example = 2)]
    lines: usize,
}

/// A file whose every value can be.
struct File {
    documents: Vec<Document>,
}

impl File {
    fn read(form: Form, bytes: &[u8]) -> Result<Self, Problem> {
        let mut reader = Documents::new(form, bytes, now());
        let (mut documents, mut faults, mut lines) = (Vec::new(), Vec::new(), 0_usize);
        let unread = |error: std::io::Error| {
            tracing::error!(%error, "a file in memory could not be read");
            Problem::new(Code::Internal)
        };
        while let Some(next) = reader.read_next().map_err(unread)? {
            let (first, more) = match &next {
                Next::Document(document) => (document.place.first(), document.lines),
                Next::Faults(found, more) => (found.first().map_or(1, |fault| fault.line), *more),
            };
            lines = lines.saturating_add(more);
            match next {
                Next::Document(document) => documents.push(*document),
                Next::Faults(found, _) => faults.extend(found),
            }
            if lines > MAX_LINES {
                let expected = format!("at most {MAX_LINES} lines of movements");
                faults.push(LineFault::new(first, "", FaultCode::OutOfRange, expected));
                break;
            }
        }
        if documents.is_empty() && faults.is_empty() {
            faults.push(LineFault::new(1, "", FaultCode::Required, "at least one movement"));
        }
        if faults.is_empty() { Ok(Self { documents }) } else { Err(invalid(faults)) }
    }

    fn drafts(&self) -> Vec<Draft> {
        self.documents.iter().map(|document| document.draft.clone()).collect()
    }

    fn items(&self) -> Vec<ImportItem> {
        let item = |document: &Document| ImportItem {
            line: document.place.first(),
            id: None,
            seq: None,
            kind: document.draft.kind.as_str(),
            document_no: document.draft.paper.document_no.clone(),
            lines: document.lines,
        };
        self.documents.iter().map(item).collect()
    }

    /// Faults that needed the book to be seen, with their lines.
    fn invalid(&self, documents: FaultyDocuments) -> Problem {
        let placed = documents.into_iter().flat_map(|(ix, faults)| {
            let place = self.documents.get(ix).map(|document| &document.place);
            let placed = place.map(|place| faults.into_iter().map(|fault| place.fault(fault)));
            placed.into_iter().flatten().collect::<Vec<_>>()
        });
        invalid(placed.collect())
    }
}

fn invalid(faults: Vec<LineFault>) -> Problem {
    Problem::invalid_file(faults.into_iter().map(|found| (found.line, found.fault)))
}

impl ImportReply {
    fn of(items: Vec<ImportItem>, dry_run: bool) -> Self {
        Self {
            movements: items.len(),
            lines: items.iter().map(|item| item.lines).sum(),
            first_seq: items.first().and_then(|item| item.seq),
            last_seq: items.last().and_then(|item| item.seq),
            dry_run,
            items,
        }
    }

    fn booked(mut items: Vec<ImportItem>, movements: &[&Movement]) -> Self {
        for (item, movement) in items.iter_mut().zip(movements) {
            item.id = Some(movement.id.to_string());
            item.seq = Some(movement.seq);
        }
        Self::of(items, false)
    }
}

/// How one document's refusal is told among others.
fn told(document: &Document, refusal: &Refusal, context: &Context) -> serde_json::Value {
    let at = document.place.refused(refusal);
    let document_no = document.draft.paper.document_no.as_deref();
    Problem::from(refusal).entry(at, document_no, context.language)
}

fn refused(errors: Vec<serde_json::Value>) -> Problem {
    let facts = serde_json::json!({ "refused": errors.len(), "errors": errors });
    Problem::with(Code::ImportRefused, facts)
}

/// The request to the book: how each document's refusal is told, and the whole.
fn request(
    caller: &Caller<may::Record>,
    (key, request_hash): (String, [u8; 32]),
    file: &File,
) -> ImportRequest {
    let context = Arc::new(context::current());
    let documents = file.documents.iter().map(|document| {
        let (document, context) = (document.clone(), Arc::clone(&context));
        let draft = document.draft.clone();
        let render: Rendering =
            Box::new(move |refusal| (409, told(&document, refusal, &context).to_string()));
        (draft, render)
    });
    let documents = documents.collect();
    let items = file.items();
    let compose = Box::new(move |decided: Decided<'_>| match decided {
        Decided::Booked(movements) => {
            let reply = ImportReply::booked(items.clone(), &movements);
            (201, serde_json::to_string(&reply).unwrap_or_default())
        }
        Decided::Refused(bodies) => {
            let errors = bodies.iter().filter_map(|body| serde_json::from_str(body).ok());
            refused(errors.collect()).render(&context)
        }
    });
    let (principal, credential) = (caller.principal.clone(), caller.credential);
    ImportRequest { principal, credential, key, request_hash, documents, compose }
}

fn form_of(request: &HttpRequest) -> Result<Form, Problem> {
    let content = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = content.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    let packed = request.headers().get(CONTENT_ENCODING).is_some_and(|value| value != "identity");
    let form = Form::of_media(media).filter(|_| !packed);
    form.ok_or_else(|| Problem::new(Code::UnsupportedMediaType))
}

/// Book a file of movements: at most 10,000 lines, one transaction, all or nothing.
///
/// CSV has one row a line of a movement, with the fields of the JSON body as columns; consecutive
/// rows of one type and document number are one movement. NDJSON has one body of
/// `POST /v1/movements` a line.
#[utoipa::path(post, path = "/v1/movements/import", tag = "movements",
    operation_id = "import_movements",
    params(("dry_run" = Option<bool>, Query,
            description = "Check everything, write nothing", example = true),
        ("Idempotency-Key" = Option<String>, Header,
            description = "1 to 128 visible ASCII characters; repeats get the first answer. Not \
                needed in a dry run",
            example = "LY-CITY-01-2021-opening")),
    request_body(content((String = "text/csv"), (String = "application/x-ndjson"))),
    responses((status = 201, description = "All booked, and on disk", body = ImportReply,
            headers(("Idempotency-Replayed" = bool, description = "On a repeat: `true`"))),
        (status = 200, description = "A dry run: all would be booked", body = ImportReply),
        (status = "default", response = super::super::problem::ProblemResponse)))]
pub async fn import(
    caller: Caller<may::Record>,
    http: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let query: ImportQuery = extract::query(&http)?;
    let dry_run = query.dry_run.unwrap_or(false);
    let form = form_of(&http)?;
    let body = extract::body_of(payload, MAX_IMPORT).await?;
    let key = if dry_run { None } else { Some(extract::idempotency(&http, &body)?) };
    let file = caller.book.compute(move || File::read(form, &body)).await??;
    let Some(key) = key else {
        return rehearse(&caller, &file).await;
    };
    match service::import(&caller.book, request(&caller, key, &file)).await? {
        Imported::Kept { status, body, replayed } => Ok(kept(status, body, replayed)),
        Imported::Invalid(documents) => Err(file.invalid(documents)),
    }
}

async fn rehearse(caller: &Caller<may::Record>, file: &File) -> Result<HttpResponse, Problem> {
    let (principal, credential) = (caller.principal.clone(), caller.credential);
    let found = service::rehearse(&caller.book, principal, credential, file.drafts()).await?;
    if !found.invalid.is_empty() {
        return Err(file.invalid(found.invalid));
    }
    if !found.refused.is_empty() {
        let context = context::current();
        let errors = found.refused.iter().filter_map(|(ix, refusal)| {
            file.documents.get(*ix).map(|document| told(document, refusal, &context))
        });
        return Err(refused(errors.collect()));
    }
    Ok(HttpResponse::Ok().json(ImportReply::of(file.items(), true)))
}
