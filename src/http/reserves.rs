//! Reserves by mode over HTTP: what is there within hours, and from whom.
//!
//! Lives here: `/v1/reserves`, its parameters and rows; `figures` has what they and their totals
//! hold. Does not live here: how that comes about (`domain::mode_mix`). Invariant: totals are of
//! all rows, whatever `limit` keeps.

mod figures;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::account::Goods;
use crate::domain::mode_mix::{Query, Row, Totals};
use crate::domain::refusal::FaultCode;
use crate::domain::region::Tier;
use crate::domain::reserve::MAX_HOURS;
use crate::domain::source::View;
use crate::domain::unknown::Unknown;
use crate::service::answers;

use super::access::{Caller, may};
use super::answer::{self, Answer, SourceBody};
use super::extract::{self, parameter};
use super::forms::VIEWS;
use super::problem::Problem;
use super::table::{self, Format};
use super::words::local;

use figures::{Figures, ReserveTotals, figures};

/// What reserves are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReserveQuery {
    /// Division code.
    region: Option<String>,
    /// Rows of this tier's regions inside it; absent is the region itself.
    tier: Option<String>,
    /// Item code.
    item: Option<String>,
    /// Need code.
    need: Option<String>,
    /// Hours from the decision until the goods leave; each city's target hours by default.
    #[param(minimum = 0, maximum = 8760, example = 12)]
    hours: Option<u32>,
    /// Today or a later date.
    as_of: Option<String>,
    /// `nominal` (default), or `prudent`: times the reliability of each source.
    view: Option<String>,
    /// Keep the first n rows.
    limit: Option<usize>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// One region and item or need.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReserveRow {
    region: String,
    region_name: String,
    tier: String,
    item: Option<String>,
    need: Option<String>,
    name: String,
    unit: String,
    hours: Option<u32>,
    /// `known`, or `unknown` where something that the own account rests on is missing.
    status: &'static str,
    /// `no_declaration`, `old_declaration`, `no_fulfilment`, `no_profile`: nobody confirms what a
    /// source gives; `no_population`: a quota counts people that the region does not tell.
    unknown_reason: Option<&'static str>,
    /// Accounts of the subtree of which something is missing.
    unknown_lines: i64,
    /// The region's own account.
    own: Figures,
    /// All accounts of its subtree.
    total: Figures,
    sources: Vec<SourceBody>,
}

fn row(row: &Row, on: NaiveDate) -> ReserveRow {
    let code = Some(row.goods.code().to_string());
    let (item, need, name) = match &row.goods {
        Goods::Item(item) => (code, None, local(&item.name, &item.name_en)),
        Goods::Need(need) => (None, code, local(&need.name, &need.name_en)),
    };
    let why = row.own.unknown.first();
    ReserveRow {
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        tier: row.region.tier.as_str().to_string(),
        item,
        need,
        name,
        unit: local(row.goods.unit(), row.goods.unit_en()),
        hours: row.hours,
        status: if why.is_some() { "unknown" } else { "known" },
        unknown_reason: why.map(Unknown::as_str),
        unknown_lines: row.total.unknown.sum(),
        own: figures(&row.own, row.own_attained),
        total: figures(&row.total, row.attained),
        sources: row.sources.iter().map(|one| SourceBody::of(one, on)).collect(),
    }
}

/// Reserves with their totals.
#[derive(Serialize, ToSchema)]
pub struct ReserveAnswer {
    #[serde(flatten)]
    answer: Answer<ReserveRow>,
    totals: ReserveTotals,
}

/// What the four reserve modes hold and give within hours, own account and roll-up.
#[utoipa::path(get, path = "/v1/reserves", tag = "planning", operation_id = "list_reserves",
    params(ReserveQuery),
    responses((status = 200, description = "Reserves at one instant", body = ReserveAnswer),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: ReserveQuery = extract::query(&request)?;
    let expected = || format!("0 to {MAX_HOURS}");
    let within = asked.hours.is_none_or(|hours| hours <= MAX_HOURS);
    let beyond = || parameter("hours", FaultCode::OutOfRange, &expected());
    let (format, limit, on, view, hours, region, tier, item, need) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        answer::present(asked.as_of.as_deref()),
        extract::word("view", asked.view.as_deref(), &VIEWS, |word| word),
        within.then_some(asked.hours).ok_or_else(beyond),
        caller.region_of_answer(asked.region.as_deref()),
        extract::word("tier", asked.tier.as_deref(), &Tier::ALL, Tier::as_str),
        caller.item(asked.item.as_deref()),
        caller.need(asked.need.as_deref()),
    ))?;
    let view = View { on, hours, prudent: view == Some("prudent") };
    let query = Query { region, tier, item, need, view };
    let position = Arc::clone(&caller.position);
    let rows = answers::reserves(&caller.book, position, query).await?;
    let totals = ReserveTotals::from(&Totals::of(&rows));
    let rows: Vec<ReserveRow> = rows.iter().map(|one| row(one, on)).collect();
    let answer = Answer::new(&caller, Some(region), on, rows, limit);
    table::respond(format, &ReserveAnswer { answer, totals })
}
