//! A problem as the OpenAPI document describes it.
//!
//! Does not live here: what is written (`problem`). Invariant: only described, never made.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

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
