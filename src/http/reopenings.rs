//! Reopenings over HTTP: how many closures were open again within 24 hours.
//!
//! Lives here: `/v1/reopenings`, its parameters and rows. Does not live here: the count
//! (`domain::reopening`). Invariant: what is still closed stands in its own columns, and a share
//! that nothing decides is `null`.

use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::closure::{Cause, ClosureKind, REOPENS_H};
use crate::domain::refusal::FaultCode;
use crate::domain::region::Tier;
use crate::domain::reopening::{By, Group, Query, Tally, reopenings};
use crate::service::answers::today;
use crate::service::book::now;

use super::access::{Caller, may};
use super::answer::{self, Answer, number};
use super::extract::{self, parameter};
use super::problem::Problem;
use super::table::{self, Format};

/// The longest time within which a reopening may be asked to be: 30 days.
const MAX_HOURS: u32 = 720;

/// Which closures are counted, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReopeningQuery {
    /// Division code: closures of its subtree.
    region: Option<String>,
    /// `region` (default), `cause`, `kind`, `month` or `year` of closing.
    group_by: Option<String>,
    /// Tier up to which regions are rolled up; only when grouped by region.
    tier: Option<String>,
    /// `area`, `pair` or `roads`.
    kind: Option<String>,
    /// Why they were closed.
    cause: Option<String>,
    /// First day of closing, in Shanghai.
    from: Option<String>,
    /// Last day of closing.
    to: Option<String>,
    /// Hours from closing within which a reopening is in time; 24 by default.
    #[param(minimum = 1, maximum = 720, example = 24)]
    hours: Option<u32>,
    /// Keep the first n rows.
    limit: Option<usize>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// Closures of one group. `closures = in_time + late + open_late + undecided`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReopeningRow {
    region: Option<String>,
    region_name: Option<String>,
    cause: Option<String>,
    kind: Option<String>,
    /// `YYYY-MM` or `YYYY`.
    period: Option<String>,
    closures: u64,
    in_time: u64,
    late: u64,
    /// Still closed, and too late already: it has failed, whenever it opens.
    open_late: u64,
    /// Still closed with time left: in no share.
    undecided: u64,
    /// `in_time / (in_time + late + open_late)`, cut down; `null` where nothing is decided.
    ratio: Option<f64>,
}

/// All closures together, before `limit`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReopeningTotals {
    closures: u64,
    in_time: u64,
    late: u64,
    open_late: u64,
    undecided: u64,
    ratio: Option<f64>,
}

/// Rows with their totals.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReopeningAnswer {
    #[serde(flatten)]
    answer: Answer<ReopeningRow>,
    /// Hours from closing within which a reopening is in time.
    hours: u32,
    totals: ReopeningTotals,
}

/// How many closures were open again within 24 hours (阻断道路24小时内抢通率).
#[utoipa::path(get, path = "/v1/reopenings", tag = "planning", operation_id = "list_reopenings",
    params(ReopeningQuery),
    responses((status = 200, description = "Counts at one instant", body = ReopeningAnswer),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: ReopeningQuery = extract::query(&request)?;
    let (format, limit, query) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        asked.query(&caller),
    ))?;
    let region = Some(query.region);
    let found = reopenings(&caller.position.reference, &query);
    let row_count = found.rows.len();
    let kept = found.rows.iter().take(limit.unwrap_or(usize::MAX));
    let rows = kept.map(|(group, tally)| row(group, tally)).collect();
    let answer = Answer { row_count, ..Answer::new(&caller, region, today(), rows, limit) };
    let totals = totals(&found.totals);
    table::respond(format, &ReopeningAnswer { answer, hours: query.hours, totals })
}

impl ReopeningQuery {
    fn query<P>(&self, caller: &Caller<P>) -> Result<Query, Problem> {
        let hours = self.hours.unwrap_or(REOPENS_H);
        let expected = || format!("1 to {MAX_HOURS}");
        let beyond = || parameter("hours", FaultCode::OutOfRange, &expected());
        let kind = self.kind.as_deref();
        let (hours, (by, tier), (from, to), region, cause, kind) = extract::all((
            (1..=MAX_HOURS).contains(&hours).then_some(hours).ok_or_else(beyond),
            self.grouping(),
            self.period(),
            caller.region_of_answer(self.region.as_deref()),
            extract::word("cause", self.cause.as_deref(), Cause::ALL, Cause::as_str),
            extract::word("kind", kind, ClosureKind::ALL, ClosureKind::as_str),
        ))?;
        Ok(Query { region, by, tier, cause, kind, from, to, hours, at: now() })
    }

    /// By what, and of which tier where it is by region.
    fn grouping(&self) -> Result<(By, Option<Tier>), Problem> {
        let (by, tier) = extract::all((
            extract::word("group_by", self.group_by.as_deref(), &By::ALL, By::as_str),
            extract::word("tier", self.tier.as_deref(), &Tier::ALL, Tier::as_str),
        ))?;
        let by = by.unwrap_or(By::Region);
        if tier.is_some() && by != By::Region {
            return Err(parameter("tier", FaultCode::NotAllowed, "group_by=region"));
        }
        Ok((by, tier))
    }

    /// The first and last day, where they are said.
    fn period(&self) -> Result<(Option<NaiveDate>, Option<NaiveDate>), Problem> {
        let (from, to) = extract::all((
            answer::date("from", self.from.as_deref()),
            answer::date("to", self.to.as_deref()),
        ))?;
        if let Some((from, to)) = from.zip(to)
            && to < from
        {
            return Err(parameter("to", FaultCode::DateOrder, &format!("not before {from}")));
        }
        Ok((from, to))
    }
}

fn row(group: &Group, tally: &Tally) -> ReopeningRow {
    let region = match group {
        Group::Region(region) => Some(region),
        _ => None,
    };
    ReopeningRow {
        region: region.map(|region| region.code.to_string()),
        region_name: region.map(|region| region.name.clone()),
        cause: match group {
            Group::Cause(cause) => Some(cause.as_str().to_string()),
            _ => None,
        },
        kind: match group {
            Group::Kind(kind) => Some(kind.as_str().to_string()),
            _ => None,
        },
        period: match group {
            Group::Period(period) => Some(period.clone()),
            _ => None,
        },
        closures: tally.closures(),
        in_time: tally.in_time,
        late: tally.late,
        open_late: tally.open_late,
        undecided: tally.undecided,
        ratio: tally.ratio().map(number),
    }
}

fn totals(tally: &Tally) -> ReopeningTotals {
    ReopeningTotals {
        closures: tally.closures(),
        in_time: tally.in_time,
        late: tally.late,
        open_late: tally.open_late,
        undecided: tally.undecided,
        ratio: tally.ratio().map(number),
    }
}
