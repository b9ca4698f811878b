//! Problems (RFC 9457): one table of codes, and the one place where a failure gets a status.
//!
//! Lives here: codes, statuses, the body. Does not live here: the words (`words`). Invariant: every
//! failure maps without a catch-all, and a driver's text never leaves.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::domain::refusal::{Fault, Refusal};
use crate::service::failure::Failure;

use super::context::{self, Context};
use super::words::{self, Language};

macro_rules! codes {
    ($($name:ident = $word:literal, $status:literal;)*) => {
        /// Every problem that the service can answer with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($name),* }

        impl Code {
            /// The whole table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }
        }
    };
}

codes! {
    MalformedJson = "malformed_json", 400;
    IdempotencyKeyMissing = "idempotency_key_missing", 400;
    InvalidParameter = "invalid_parameter", 400;
    InvalidCursor = "invalid_cursor", 400;
    Unauthenticated = "unauthenticated", 401;
    Forbidden = "forbidden", 403;
    NotFound = "not_found", 404;
    MethodNotAllowed = "method_not_allowed", 405;
    NotAcceptable = "not_acceptable", 406;
    RequestTimeout = "request_timeout", 408;
    UnknownReference = "unknown_reference", 409;
    InsufficientStock = "insufficient_stock", 409;
    LotExpired = "lot_expired", 409;
    NegativeHistory = "negative_history", 409;
    DepotClosed = "depot_closed", 409;
    DocumentExists = "document_exists", 409;
    AlreadyReversed = "already_reversed", 409;
    NotReversible = "not_reversible", 409;
    ReversalBeforeTarget = "reversal_before_target", 409;
    PlanState = "plan_state", 409;
    PlanLine = "plan_line", 409;
    EventState = "event_state", 409;
    ReferenceConflict = "reference_conflict", 409;
    ImportRefused = "import_refused", 409;
    PreconditionFailed = "precondition_failed", 412;
    BodyTooLarge = "body_too_large", 413;
    UnsupportedMediaType = "unsupported_media_type", 415;
    InvalidValue = "invalid_value", 422;
    IdempotencyKeyReused = "idempotency_key_reused", 422;
    AsOfUnsupported = "as_of_unsupported", 422;
    PreconditionRequired = "precondition_required", 428;
    RateLimited = "rate_limited", 429;
    Internal = "internal", 500;
    Overloaded = "overloaded", 503;
    Unavailable = "unavailable", 503;
    OutcomeUnknown = "outcome_unknown", 503;
    NoSpace = "no_space", 507;
}

/// A problem as it is described in the OpenAPI document; more facts stand beside these fields.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    #[serde(rename = "type")]
    #[schema(example = "urn:changping:problem:insufficient_stock")]
    kind: String,
    title: String,
    #[schema(minimum = 400, maximum = 599, example = 409)]
    status: u16,
    detail: String,
    /// The stable word; see the table of codes in the documentation.
    #[schema(example = "insufficient_stock")]
    code: String,
    request_id: String,
    /// Faults of single values, or refusals of single documents, all at once.
    errors: Option<Vec<ProblemFault>>,
}

/// One value that cannot be, or one document of a file that is refused.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemFault {
    /// The line of a file, from 1.
    line: Option<u64>,
    /// JSON pointer into the body or into the document on this line; the name of a parameter or
    /// of a table's column.
    #[schema(example = "/lines/0/quantity")]
    pointer: String,
    #[schema(example = "out_of_range")]
    code: String,
    detail: String,
    /// Of a refused document: its number, and the facts as in the problem of a single movement.
    document_no: Option<String>,
    #[schema(value_type = Option<Object>)]
    facts: Option<Value>,
}

/// Any refusal or fault.
#[derive(utoipa::ToResponse)]
#[response(description = "A problem (RFC 9457)", content_type = "application/problem+json")]
#[expect(dead_code, reason = "described in the OpenAPI document only")]
pub struct ProblemResponse(ProblemBody);

/// A problem with its facts, not yet in any language.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    /// What the detail's words are filled with, and what machines read.
    facts: Map<String, Value>,
    faults: Vec<Fault>,
    /// The line of a file of each fault, where they are those of a file.
    lines: Vec<u64>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: String,
    code: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultBody>,
    #[serde(flatten)]
    facts: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct FaultBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    pointer: String,
    code: &'static str,
    detail: String,
}

impl Problem {
    /// A problem without facts.
    pub fn new(code: Code) -> Self {
        Self { code, facts: Map::new(), faults: Vec::new(), lines: Vec::new() }
    }

    /// A problem with facts.
    pub fn with(code: Code, facts: Value) -> Self {
        let facts = if let Value::Object(map) = facts { map } else { Map::new() };
        Self { code, facts, faults: Vec::new(), lines: Vec::new() }
    }

    /// Values that cannot be, named one by one.
    pub fn invalid(code: Code, faults: Vec<Fault>) -> Self {
        Self { code, facts: Map::new(), faults, lines: Vec::new() }
    }

    /// Values of a file that cannot be, each with its line.
    pub fn invalid_file(faults: impl IntoIterator<Item = (u64, Fault)>) -> Self {
        let (lines, faults) = faults.into_iter().unzip();
        Self { code: Code::InvalidValue, facts: Map::new(), faults, lines }
    }

    /// This refusal as one of several: of the document that stands on this line of a file.
    pub fn entry(self, at: (u64, String), document_no: Option<&str>, language: Language) -> Value {
        let (line, pointer) = at;
        json!({
            "line": line,
            "pointer": pointer,
            "code": self.code.as_str(),
            "detail": words::detail(self.code, &self.facts, self.faults.len(), language),
            "document_no": document_no,
            "facts": self.facts,
        })
    }

    /// The same with faults placed in a body: `to` is `/to`.
    pub fn in_body(mut self) -> Self {
        for fault in &mut self.faults {
            if !fault.pointer.starts_with('/') {
                fault.pointer.insert(0, '/');
            }
        }
        self
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// One line for a terminal: code, detail and the first faults.
    pub fn line(&self, language: Language) -> String {
        let detail = words::detail(self.code, &self.facts, self.faults.len(), language);
        let faults: Vec<String> = self
            .faults
            .iter()
            .take(5)
            .map(|fault| format!("{} {}", fault.pointer, words::fault(fault, language)))
            .collect();
        let tail =
            if faults.is_empty() { String::new() } else { format!(" {}", faults.join("; ")) };
        format!("{}: {detail}{tail}", self.code.as_str())
    }

    /// Status and body in the language of the request.
    pub fn render(&self, context: &Context) -> (u16, String) {
        let language = context.language;
        let lines = self.lines.iter().copied().map(Some).chain(std::iter::repeat(None));
        let errors = self.faults.iter().zip(lines);
        let errors = errors.map(|(fault, line)| fault_body(fault, line, language)).collect();
        let body = Body {
            kind: format!("urn:changping:problem:{}", self.code.as_str()),
            title: words::title(self.code, language),
            status: self.code.status(),
            detail: words::detail(self.code, &self.facts, self.faults.len(), language),
            code: self.code.as_str(),
            request_id: &context.request_id,
            errors,
            facts: &self.facts,
        };
        (self.code.status(), serde_json::to_string(&body).unwrap_or_default())
    }
}

fn fault_body(fault: &Fault, line: Option<u64>, language: Language) -> FaultBody {
    FaultBody {
        line,
        pointer: fault.pointer.clone(),
        code: fault.code.as_str(),
        detail: words::fault(fault, language),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let (status, body) = self.render(&context::current());
        respond(status, body)
    }
}

/// A problem's response from its status and rendered body.
pub fn respond(status: u16, body: String) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((CONTENT_TYPE, "application/problem+json"));
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.insert_header((RETRY_AFTER, "1"));
    }
    if status == StatusCode::INSUFFICIENT_STORAGE {
        response.insert_header((RETRY_AFTER, "60"));
    }
    if status == StatusCode::REQUEST_TIMEOUT {
        response.force_close();
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    response.body(body)
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => (&refusal).into(),
            Failure::Invalid(faults) => Self::invalid(Code::InvalidValue, faults),
            Failure::Unauthenticated => Self::new(Code::Unauthenticated),
            Failure::Forbidden(_) => Self::new(Code::Forbidden),
            Failure::NotFound { kind, code } => {
                Self::with(Code::NotFound, json!({ "kind": kind, "name": code }))
            }
            Failure::AsOfUnsupported => Self::new(Code::AsOfUnsupported),
            Failure::KeyReused { key } => {
                Self::with(Code::IdempotencyKeyReused, json!({ "key": key }))
            }
            Failure::PreconditionFailed { code } => {
                Self::with(Code::PreconditionFailed, json!({ "name": code }))
            }
            Failure::OutcomeUnknown => Self::new(Code::OutcomeUnknown),
            Failure::Unavailable => Self::new(Code::Unavailable),
            Failure::Overloaded => Self::new(Code::Overloaded),
            Failure::NoSpace => Self::new(Code::NoSpace),
            Failure::Broken(cause) => {
                let request_id = context::current().request_id;
                tracing::error!(%cause, %request_id, "a request failed inside");
                Self::new(Code::Internal)
            }
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Invalid(faults) => Self::invalid(Code::InvalidValue, faults.clone()),
            Refusal::UnknownReference { kind, code, pointer } => Self::with(
                Code::UnknownReference,
                json!({ "kind": kind, "name": code, "pointer": pointer }),
            ),
            Refusal::InsufficientStock { line, stock, have, need, unusable } => {
                Self::with(Code::InsufficientStock, stock_facts(*line, stock))
                    .add("have", *have)
                    .add("need", *need)
                    .add("unusable", *unusable)
            }
            Refusal::LotExpired { line, stock, last_usable_on, occurred_on } => {
                Self::with(Code::LotExpired, stock_facts(*line, stock))
                    .add("last_usable_on", last_usable_on.to_string())
                    .add("occurred_on", occurred_on.to_string())
            }
            Refusal::NegativeHistory { line, stock, at, least, need } => {
                Self::with(Code::NegativeHistory, stock_facts(*line, stock))
                    .add("at", at.rfc3339())
                    .add("have", *least)
                    .add("need", *need)
            }
            Refusal::DepotClosed { depot, status } => {
                Self::with(Code::DepotClosed, json!({ "depot": depot, "depot_status": status }))
            }
            Refusal::DocumentExists { document_no, id, seq } => Self::with(
                Code::DocumentExists,
                json!({ "document_no": document_no, "movement_id": id.to_string(), "seq": seq }),
            ),
            Refusal::AlreadyReversed { id, seq } => Self::with(
                Code::AlreadyReversed,
                json!({ "movement_id": id.to_string(), "seq": seq }),
            ),
            Refusal::NotReversible { id } => {
                Self::with(Code::NotReversible, json!({ "movement_id": id.to_string() }))
            }
            Refusal::ReversalBeforeTarget { target_occurred_at } => Self::with(
                Code::ReversalBeforeTarget,
                json!({ "target_occurred_at": target_occurred_at.rfc3339() }),
            ),
            Refusal::PlanState { code, state, wanted } => Self::with(
                Code::PlanState,
                json!({ "plan": code, "state": state, "wanted": wanted }),
            ),
            Refusal::PlanLine { order_no, reason, state, item } => Self::with(
                Code::PlanLine,
                json!({ "order_no": order_no, "reason": reason, "state": state, "item": item }),
            ),
            Refusal::EventState { code, state } => {
                Self::with(Code::EventState, json!({ "event": code, "state": state }))
            }
            Refusal::Conflict { kind, code, with } => Self::with(
                Code::ReferenceConflict,
                json!({
                    "kind": kind, "name": code, "with": with, "field": "/effective_from",
                }),
            ),
        }
    }
}

impl Problem {
    fn add(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_string(), value.into());
        self
    }
}

fn stock_facts(line: u32, stock: &crate::domain::refusal::StockRef) -> Value {
    json!({
        "line": line, "depot": stock.depot, "owner": stock.owner, "item": stock.item,
        "lot_no": stock.lot_no, "condition": stock.condition,
    })
}
