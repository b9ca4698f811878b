//! The envelope of planning answers: one body, one instant.
//!
//! Lives here: the fields that every planning answer carries. Does not live here: rows. Invariant:
//! `limit` cuts rows, never totals.

mod cells;
pub mod closures;
mod quotas;
mod sources;
mod unknowns;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::calendar::{Instant, add_days};
use crate::domain::explanation::Asked;
use crate::domain::position::Head;
use crate::domain::quantity::Ratio;
use crate::domain::reference::unknown;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::region::{RegionCode, RegionIx};
use crate::service::answers::{When, today};
use crate::service::failure::Failure;

use super::access::Caller;
use super::check::Check;
use super::extract::{self, parameter};
use super::forms::MAX_ROWS;
use super::problem::{Code, Problem, respond};
use super::table::{self, Format, Written};
use super::words::Language;

pub use cells::{as_text, as_text_or_null, day_or_null, instant_or_null};
pub use quotas::QuotaRow;
pub use sources::SourceBody;
pub use unknowns::UnknownCounts;

/// How long a projection is where nobody says, in days.
const PROJECTED_DAYS: i64 = 365;

/// Rows of one instant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answer<T> {
    pub items: Vec<T>,
    /// Always `null`: planning answers are not paged.
    pub next: Option<String>,
    /// The last entry that the answer contains.
    #[schema(minimum = 0)]
    pub ledger_seq: i64,
    /// The revision of the reference data that it rests on.
    #[schema(minimum = 0)]
    pub reference_rev: i64,
    /// The Shanghai date it is for.
    #[schema(example = "2021-11-10")]
    pub as_of: String,
    /// The region that it was limited to: asked for, or the caller's own.
    pub region: Option<String>,
    /// Since when the database could not be reached; later writes may be missing.
    pub stale_since: Option<String>,
    /// Rows there are, before `limit`.
    pub row_count: usize,
}

/// What stands around the rows of an answer, taken before they are worked out.
#[derive(Debug)]
pub struct Envelope {
    head: Head,
    on: NaiveDate,
    region: Option<RegionCode>,
    stale_since: Option<Instant>,
}

impl Envelope {
    /// Of an answer from the caller's snapshot.
    pub fn of<P>(caller: &Caller<P>, region: Option<RegionIx>, on: NaiveDate) -> Self {
        let regions = &caller.position.reference.regions;
        Self {
            head: caller.position.head,
            on,
            region: region.and_then(|ix| regions.get(ix)).map(|region| region.code),
            stale_since: caller.stale_since,
        }
    }

    fn rest(&self, row_count: usize) -> Rest {
        Rest {
            next: None,
            ledger_seq: self.head.seq,
            reference_rev: self.head.reference_rev,
            as_of: self.on.to_string(),
            region: self.region.map(|code| code.to_string()),
            stale_since: self.stale_since.map(Instant::rfc3339),
            row_count,
        }
    }

    /// The answer of these rows, each told when it is its turn to be written.
    pub fn tell<'a, R, F>(
        &self,
        rows: &'a [R],
        limit: Option<usize>,
        tell: F,
    ) -> Told<'a, R, F, Nothing> {
        self.tell_with(rows, limit, tell, &Nothing {})
    }

    /// The same with fields behind the envelope's.
    pub fn tell_with<'a, R, F, B>(
        &self,
        rows: &'a [R],
        limit: Option<usize>,
        tell: F,
        behind: &'a B,
    ) -> Told<'a, R, F, B> {
        let kept = rows.get(..limit.unwrap_or(usize::MAX)).unwrap_or(rows);
        Told { rows: kept, tell, rest: self.rest(rows.len()), behind }
    }
}

/// What stands behind the rows of an [`Answer`].
#[derive(Debug, Serialize)]
struct Rest {
    next: Option<String>,
    ledger_seq: i64,
    reference_rev: i64,
    as_of: String,
    region: Option<String>,
    stale_since: Option<String>,
    row_count: usize,
}

/// No fields behind the envelope's.
#[derive(Serialize)]
pub struct Nothing {}

#[derive(Serialize)]
struct Both<'a, B> {
    #[serde(flatten)]
    rest: Rest,
    #[serde(flatten)]
    behind: &'a B,
}

/// An [`Answer`] that is to be written, field by field the same: its rows never stand together.
pub struct Told<'a, R, F, B> {
    rows: &'a [R],
    tell: F,
    rest: Rest,
    behind: &'a B,
}

impl<'a, R: Sync, T: Serialize, F: Fn(&'a R) -> T + Sync, B: Serialize> Told<'a, R, F, B> {
    /// Writes it.
    ///
    /// # Errors
    /// 500 where it cannot be written.
    pub fn write(self, format: Format, language: Language) -> Result<Written, Problem> {
        let Self { rows, tell, rest, behind } = self;
        table::write_rows(format, rows, tell, &Both { rest, behind }, language)
    }

    /// Writes it, as JSON by `append`, which writes some rows with commas between.
    ///
    /// # Errors
    /// 500 where it cannot be written.
    pub fn write_by(
        self,
        format: Format,
        language: Language,
        append: impl Fn(&'a [R], &mut Vec<u8>) -> Result<(), serde_json::Error> + Sync,
    ) -> Result<Written, Problem> {
        match format {
            Format::Csv => self.write(format, language),
            Format::Json => {
                let Self { rows, rest, behind, .. } = self;
                table::write_lines(rows, append, &Both { rest, behind })
            }
        }
    }
}

impl<T> Answer<T> {
    /// The answer of these rows.
    pub fn new<P>(
        caller: &Caller<P>,
        region: Option<RegionIx>,
        on: NaiveDate,
        rows: Vec<T>,
        limit: Option<usize>,
    ) -> Self {
        let Rest { next, ledger_seq, reference_rev, as_of, region, stale_since, row_count } =
            Envelope::of(caller, region, on).rest(rows.len());
        let mut items = rows;
        items.truncate(limit.unwrap_or(usize::MAX));
        Self { items, next, ledger_seq, reference_rev, as_of, region, stale_since, row_count }
    }
}

/// An answer as it was kept for a key, now or in a repeat.
pub fn kept(status: u16, body: String, replayed: bool) -> HttpResponse {
    let mut response = if status < 400 {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED);
        HttpResponse::build(status).insert_header((CONTENT_TYPE, "application/json")).body(body)
    } else {
        respond(status, body)
    };
    if replayed {
        let name = HeaderName::from_static("idempotency-replayed");
        response.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    response
}

/// A ratio as a JSON number.
pub fn number(ratio: Ratio) -> f64 {
    // At most 15 digits: exact enough for a shortest decimal of four places.
    let parts = i32::try_from(ratio.0).unwrap_or(i32::MAX);
    f64::from(parts) / 10_000.0
}

/// A date of a query parameter.
///
/// # Errors
/// 400 where it is no date.
pub fn date(name: &str, text: Option<&str>) -> Result<Option<NaiveDate>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let parsed = text.parse::<NaiveDate>().ok().filter(|_| text.len() == 10);
    let bounds = NaiveDate::from_ymd_opt(1950, 1, 1).zip(NaiveDate::from_ymd_opt(2199, 12, 31));
    let inside =
        |date: &NaiveDate| bounds.is_some_and(|(first, last)| (first..=last).contains(date));
    let fault = || parameter(name, FaultCode::Malformed, "a date from 1950 to 2199 as YYYY-MM-DD");
    parsed.filter(inside).map(Some).ok_or_else(fault)
}

/// The date of an answer.
///
/// # Errors
/// 400 where it is no date.
pub fn when(as_of: Option<&str>) -> Result<When, Problem> {
    Ok(When { as_of: date("as_of", as_of)?, known_at: None })
}

/// The date of a planning answer of the present or later.
///
/// # Errors
/// 400 where it is no date, 422 before today.
pub fn present(as_of: Option<&str>) -> Result<NaiveDate, Problem> {
    Ok(when(as_of)?.present_or_future()?)
}

/// The first and last day of a projection: from today or later, for a year by default.
///
/// # Errors
/// 400 where one is no date, 422 for a first day before today.
pub fn period(from: Option<&str>, to: Option<&str>) -> Result<(NaiveDate, NaiveDate), Problem> {
    let (from, to) = extract::all((date("from", from), date("to", to)))?;
    let from = from.unwrap_or_else(today);
    if from < today() {
        return Err(Failure::AsOfUnsupported.into());
    }
    Ok((from, to.unwrap_or_else(|| add_days(from, PROJECTED_DAYS))))
}

/// The limit of a planning answer.
///
/// # Errors
/// 400 outside 1 to a million.
pub fn limit(asked: Option<usize>) -> Result<Option<usize>, Problem> {
    match asked {
        Some(rows) if !(1..=MAX_ROWS).contains(&rows) => {
            Err(parameter("limit", FaultCode::OutOfRange, &format!("1 to {MAX_ROWS}")))
        }
        other => Ok(other),
    }
}

impl<P> Caller<P> {
    /// The region asked for, or the caller's own, or the root of the only tree there is.
    ///
    /// # Errors
    /// 404 out of scope, 400 where several trees leave it open.
    pub fn region_of_answer(&self, asked: Option<&str>) -> Result<RegionIx, Problem> {
        let code = extract::region_code("region", asked)?;
        if let Some(ix) = self.region_or_scope(code)? {
            return Ok(ix);
        }
        let regions = &self.position.reference.regions;
        let root = RegionIx(0);
        if regions.subtree(root).count() == regions.len() && !regions.is_empty() {
            return Ok(root);
        }
        Err(parameter("region", FaultCode::Required, "a division code"))
    }

    /// The same for a code that a body names.
    ///
    /// # Errors
    /// 409 for a code that is unknown or out of scope, 422 where it is none or missing.
    pub fn region_in_body(&self, asked: Option<&str>) -> Result<RegionIx, Problem> {
        const POINTER: &str = "/region";
        let Some(text) = asked else {
            return self.region_of_answer(None).map_err(|_| {
                let fault = Fault::new(POINTER, FaultCode::Required, "a division code");
                Problem::invalid(Code::InvalidValue, vec![fault])
            });
        };
        let mut check = Check::default();
        let Some(code) = check.region(POINTER, text) else {
            let faults = check.finish::<()>(None).err().unwrap_or_default();
            return Err(Problem::invalid(Code::InvalidValue, faults));
        };
        self.region(code).map_err(|_| (&unknown("region", &code.to_string(), POINTER)).into())
    }

    /// The index of an item's code.
    ///
    /// # Errors
    /// 404 for an unknown code.
    pub fn item(&self, code: Option<&str>) -> Result<Option<u32>, Problem> {
        let items = &self.position.reference.items;
        code.map(|code| items.find(code).ok_or_else(|| Failure::not_found("item", code).into()))
            .transpose()
    }

    /// The index of a need's code.
    ///
    /// # Errors
    /// 404 for an unknown code.
    pub fn need(&self, code: Option<&str>) -> Result<Option<u32>, Problem> {
        let needs = &self.position.reference.needs;
        code.map(|code| needs.find(code).ok_or_else(|| Failure::not_found("need", code).into()))
            .transpose()
    }

    /// Exactly one kind of goods, by item or need code.
    ///
    /// # Errors
    /// 400 for both or neither, 404 for an unknown code.
    pub fn one_kind(&self, item: Option<&str>, need: Option<&str>) -> Result<Asked, Problem> {
        let expected = "either item or need";
        match extract::all((self.item(item), self.need(need)))? {
            (Some(item), None) => Ok(Asked::Item(item)),
            (None, Some(need)) => Ok(Asked::Need(need)),
            (None, None) => Err(parameter("item", FaultCode::Required, expected)),
            (Some(_), Some(_)) => Err(parameter("need", FaultCode::NotAllowed, expected)),
        }
    }

    /// The index of an organization's code.
    ///
    /// # Errors
    /// 404 for an unknown code.
    pub fn organization(&self, code: Option<&str>) -> Result<Option<u32>, Problem> {
        let all = &self.position.reference.organizations;
        code.map(|code| {
            all.find(code).ok_or_else(|| Failure::not_found("organization", code).into())
        })
        .transpose()
    }

    /// The index of a depot's code, in scope.
    ///
    /// # Errors
    /// 404 for a code that is unknown or out of scope.
    pub fn depot(&self, code: Option<&str>) -> Result<Option<u32>, Problem> {
        let Some(code) = code else { return Ok(None) };
        let reference = &self.position.reference;
        let found = reference.depots.find(code).filter(|ix| {
            let region = reference.depot_region(*ix);
            region.is_some_and(|region| self.principal.sees(&reference.regions, region))
        });
        found.map(Some).ok_or_else(|| Failure::not_found("depot", code).into())
    }
}
