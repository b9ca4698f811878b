//! Closures on the wire.
//!
//! Lives here: their shape and bounds, and their handlers. Does not live here: what they cost a
//! delivery (`domain::travel`). Invariant: a closure ends after it begins, and names what its kind
//! asks for and nothing else.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::calendar::Instant;
use crate::domain::catalogue::{Code, ItemStatus};
use crate::domain::closure::{Cause, ClosedWay, ClosureKind, MAX_ROADS, RoadClosure};
use crate::domain::reference::Record;
use crate::domain::refusal::{Fault, FaultCode};

use super::super::access::{Caller, may};
use super::super::extract;
use super::super::page::Page;
use super::super::problem::{Problem, ProblemResponse};
use super::check::Check;
use super::handlers::one;
use super::kinds::Closures;
use super::queries::{ClosureQuery, inside, subtree};
use super::resource::{self, says};
use super::words;

/// A way on which nothing is driven for a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosureDto {
    /// Short code.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("RC-001"))]
    pub code: String,
    #[schema(schema_with = words::closure_kind_schema)]
    pub kind: String,
    /// `area`: what is closed; `pair`: where the way from the depot leads; `roads`: who reports it.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        examples("371323000000")
    )]
    pub region: String,
    /// With `pair`: a depot outside the region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("LY-CITY-01"))]
    pub depot: Option<String>,
    /// With `roads`: codes of stretches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    pub roads: Vec<String>,
    /// RFC 3339 with offset.
    #[schema(format = DateTime, examples("2026-07-18T06:30:00+08:00"))]
    pub closed_at: String,
    /// Absent is 24 hours after it closed. Once it has passed and nobody has reported the
    /// reopening, nobody knows when the way opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, examples("2026-07-18T20:00:00+08:00"))]
    pub expected_reopen_at: Option<String>,
    /// Absent while it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, examples("2026-07-18T21:40:00+08:00"))]
    pub reopened_at: Option<String>,
    #[schema(schema_with = words::cause_schema)]
    pub cause: String,
    /// The paper or notice that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, examples("示例: 交通管制通告(非真实)"))]
    pub document: Option<String>,
    /// `retired` where it was entered by mistake: it then counts nowhere.
    #[schema(schema_with = words::item_status_schema)]
    pub status: String,
}

impl ClosureDto {
    /// The record that this shape describes.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn to_record(self) -> Result<Record, Vec<Fault>> {
        let mut check = Check::default();
        let code = check.code("/code", &self.code);
        let region = check.region("/region", &self.region);
        let way = self.way(&mut check);
        let closed_at = check.instant("/closed_at", &self.closed_at);
        let mut later = |pointer: &str, text: Option<&String>| {
            let at = text.map(|text| check.instant(pointer, text));
            if let Some((closed, at)) = closed_at.zip(at.flatten())
                && at <= closed
            {
                let expected = format!("later than {}", closed.rfc3339());
                check.fault(pointer, FaultCode::DateOrder, expected);
            }
            at.flatten()
        };
        let expected_reopen_at = later("/expected_reopen_at", self.expected_reopen_at.as_ref());
        let reopened_at = later("/reopened_at", self.reopened_at.as_ref());
        let cause = check.word("/cause", &self.cause, Cause::parse, &words::causes());
        let document = self.document.map(|text| check.name("/document", text));
        let statuses = words::item_statuses();
        let status = check.word("/status", &self.status, ItemStatus::parse, &statuses);
        let built = || {
            Some(Record::Closure(RoadClosure {
                code: code?,
                region: region?,
                way: way?,
                closed_at: closed_at?,
                expected_reopen_at,
                reopened_at,
                cause: cause?,
                document: document.flatten(),
                status: status?,
            }))
        };
        let built = built();
        check.finish(built)
    }

    fn way(&self, check: &mut Check) -> Option<ClosedWay> {
        let kinds = words::closure_kinds();
        let kind = check.word("/kind", &self.kind, ClosureKind::parse, &kinds)?;
        if self.depot.is_some() && kind != ClosureKind::Pair {
            check.fault("/depot", FaultCode::NotAllowed, "absent but with kind pair");
        }
        if !self.roads.is_empty() && kind != ClosureKind::Roads {
            check.fault("/roads", FaultCode::NotAllowed, "absent but with kind roads");
        }
        match kind {
            ClosureKind::Area => Some(ClosedWay::Area),
            ClosureKind::Pair => {
                let Some(depot) = &self.depot else {
                    check.fault("/depot", FaultCode::Required, "a depot with kind pair");
                    return None;
                };
                Some(ClosedWay::Pair { depot: check.code("/depot", depot)? })
            }
            ClosureKind::Roads => {
                if self.roads.is_empty() {
                    check.fault("/roads", FaultCode::Required, "stretches with kind roads");
                }
                check.at_most("/roads", self.roads.len(), MAX_ROADS);
                check.distinct(&self.roads, |at| format!("/roads/{at}"));
                let road = |(at, road): (usize, &String)| check.code(&format!("/roads/{at}"), road);
                let roads: Vec<Option<Code>> = self.roads.iter().enumerate().map(road).collect();
                Some(ClosedWay::Roads(roads.into_iter().collect::<Option<_>>()?))
            }
        }
    }
}

impl From<&RoadClosure> for ClosureDto {
    fn from(row: &RoadClosure) -> Self {
        Self {
            code: row.code.to_string(),
            kind: row.kind().as_str().to_string(),
            region: row.region.to_string(),
            depot: row.depot().map(Code::to_string),
            roads: row.roads().iter().map(Code::to_string).collect(),
            closed_at: row.closed_at.rfc3339(),
            expected_reopen_at: row.expected_reopen_at.map(Instant::rfc3339),
            reopened_at: row.reopened_at.map(Instant::rfc3339),
            cause: row.cause.as_str().to_string(),
            document: row.document.clone(),
            status: row.status.as_str().to_string(),
        }
    }
}

one!(
    get_closure,
    "get_closure",
    put_closure,
    "put_closure",
    "/v1/closures/{code}",
    Closures,
    ClosureDto,
    may::Plan,
    "code",
    "RC-001"
);

/// List closures by code.
#[utoipa::path(get, path = "/v1/closures", tag = "reference", operation_id = "list_closures",
    params(ClosureQuery),
    responses((status = 200, description = "A page of closures", body = Page<ClosureDto>),
        (status = "default", response = ProblemResponse)))]
pub async fn list_closures(
    caller: Caller<may::ReadReference>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query: ClosureQuery = extract::query(&request)?;
    let reference = &caller.position.reference;
    let root = subtree(&caller.principal, reference, "region", query.region.as_deref())?;
    let kind = query.kind.as_deref();
    let kind = extract::word("kind", kind, ClosureKind::ALL, ClosureKind::as_str)?;
    let cause = extract::word("cause", query.cause.as_deref(), Cause::ALL, Cause::as_str)?;
    resource::list::<Closures, _>(&caller, &request, &query.paging()?, |row| {
        let document = row.document.as_deref().unwrap_or_default();
        inside(reference, root, row.region)
            && kind.is_none_or(|kind| kind == row.kind())
            && cause.is_none_or(|cause| cause == row.cause)
            && says(query.q.as_deref(), &[row.code.as_str(), document])
    })
}
