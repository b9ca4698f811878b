//! Problems (RFC 9457): a code with its facts, told in the language of the request.
//!
//! Lives here: the body and its response. Does not live here: the table of codes (`codes`), which
//! failure gets which (`causes`), the words (`words`). Invariant: code, status and facts are the
//! same in every language.

mod causes;
mod codes;
mod described;

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::domain::refusal::Fault;

use super::context::{self, Context};
use super::words::{self, Language};

pub use codes::Code;
pub use described::{ProblemBody, ProblemFault, ProblemResponse};

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

    /// The faults of several as one: of parameters where any is wrong, else of values; the first
    /// where none has faults.
    pub fn of_all(problems: impl Iterator<Item = Self>) -> Self {
        let (mut code, mut first, mut faults) = (Code::InvalidValue, None, Vec::new());
        for problem in problems {
            if problem.faults.is_empty() {
                first = first.or(Some(problem));
                continue;
            }
            if problem.code == Code::InvalidParameter {
                code = Code::InvalidParameter;
            }
            faults.extend(problem.faults);
        }
        match first {
            Some(first) if faults.is_empty() => first,
            _ => Self::invalid(code, faults),
        }
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

    /// What is wrong, one by one.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
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
