//! Entity tags: which version of a resource a caller has read.
//!
//! Lives here: strong tags from content, and the conditions of GET and PUT. Does not live here: the
//! resources. Invariant: equal tags mean equal bytes of the JSON representation.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};

use crate::domain::chain::{digest, hex};
use crate::domain::refusal::FaultCode;

use super::extract::parameter;
use super::problem::{Code, Problem};

/// The tag of a JSON representation.
pub fn of(body: &[u8]) -> String {
    let digits: String = hex(&digest(body)).chars().take(32).collect();
    format!("\"{digits}\"")
}

fn listed(headers: &HeaderMap, name: HeaderName) -> Option<Vec<String>> {
    let value = headers.get(name)?.to_str().unwrap_or_default();
    Some(value.split(',').map(|tag| tag.trim().to_string()).collect())
}

/// Whether the caller already has this version.
pub fn not_modified(request: &HttpRequest, tag: &str) -> bool {
    let given = listed(request.headers(), IF_NONE_MATCH).unwrap_or_default();
    given.iter().any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

/// What a PUT asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `If-None-Match: *`: there must be nothing yet.
    Create,
    /// `If-Match`: one of these versions must be the present one.
    Replace(Vec<String>),
}

impl Condition {
    /// Reads the condition of a PUT.
    ///
    /// # Errors
    /// 428 where neither header is given, 400 for `If-None-Match` other than `*`.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let present = listed(request.headers(), IF_MATCH);
        let absent = listed(request.headers(), IF_NONE_MATCH);
        if absent.as_ref().is_some_and(|tags| tags != &["*"]) {
            return Err(parameter("If-None-Match", FaultCode::UnknownValue, "*"));
        }
        match (present, absent) {
            (Some(tags), None) => Ok(Self::Replace(tags)),
            (None, Some(_)) => Ok(Self::Create),
            // There and not there at once: it never holds.
            (Some(_), Some(_)) => Ok(Self::Replace(Vec::new())),
            (None, None) => Err(Problem::new(Code::PreconditionRequired)),
        }
    }

    /// Whether it holds for the present version's tag; `None` is nothing there.
    pub fn holds(&self, present: Option<&str>) -> bool {
        match (self, present) {
            (Self::Create, present) => present.is_none(),
            (Self::Replace(_), None) => false,
            (Self::Replace(tags), Some(present)) => {
                tags.iter().any(|tag| tag == "*" || tag == present)
            }
        }
    }
}
