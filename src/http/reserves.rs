//! Reserves by mode over HTTP: what is there within hours, and from whom.
//!
//! Lives here: `/v1/reserves`, its parameters and rows. Does not live here: the figures
//! (`domain::mode_mix`). Invariant: the three totals always stand together, and what is not
//! confirmed stands beside them, in none.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::account::Goods;
use crate::domain::calendar::days_between;
use crate::domain::mode_mix::{Cell, Query, Row, SourceRow, Sum, Three};
use crate::domain::quota::Mode;
use crate::domain::refusal::FaultCode;
use crate::domain::region::Tier;
use crate::domain::reserve::MAX_HOURS;
use crate::domain::source::View;
use crate::service::answers;

use super::access::{Caller, may};
use super::answer::{self, Answer, number};
use super::extract::{self, parameter};
use super::forms::VIEWS;
use super::problem::Problem;
use super::table::{self, Format};
use super::words::local;

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

/// One mode.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModeFigures {
    quota: i64,
    /// Confirmed, and there within the hours.
    available: i64,
    /// Stale or unknown: in no total.
    unconfirmed: i64,
    /// Entries of the register in force; of these stale, and of these unknown.
    sources: i64,
    stale: i64,
    unknown: i64,
    /// The mode's part of the quotas, cut down.
    target_ratio: Option<f64>,
    /// The mode's part of what is available, cut down.
    actual_ratio: Option<f64>,
}

/// Figures by mode.
#[derive(Debug, Serialize, ToSchema)]
pub struct ByMode {
    gov_physical: ModeFigures,
    agreement: ModeFigures,
    capacity: ModeFigures,
    social: ModeFigures,
}

/// Government stock alone, with agreements, and with all modes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThreeTotals {
    gov_only: i64,
    gov_agreement: i64,
    all_modes: i64,
}

impl From<Three> for ThreeTotals {
    fn from(three: Three) -> Self {
        let Three { gov_only, gov_agreement, all_modes } = three;
        Self { gov_only, gov_agreement, all_modes }
    }
}

/// An account, or all accounts of a subtree.
#[derive(Debug, Serialize, ToSchema)]
pub struct Figures {
    /// The quotas of all modes together.
    target: i64,
    modes: ByMode,
    available: ThreeTotals,
    /// Line by line, to the target.
    gap: ThreeTotals,
    /// Accounts with a quota in a mode that the city counts; of these met, and of these undecided.
    lines: i64,
    lines_met: i64,
    lines_open: i64,
    /// Whether the city's threshold is reached (基本达到); `null` where it cannot be known.
    attained: Option<bool>,
}

/// A source of the own account.
#[derive(Debug, Serialize, ToSchema)]
pub struct SourceBody {
    mode: &'static str,
    code: String,
    name: String,
    organization: Option<String>,
    item: String,
    available: i64,
    unconfirmed: i64,
    /// `confirmed`, `stale` or `unknown`.
    state: &'static str,
    /// `no_declaration`, `old_declaration`, `no_fulfilment` or `no_profile`.
    reason: Option<&'static str>,
    declared_on: Option<String>,
    declaration_age_days: Option<i64>,
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
    /// The region's own account.
    own: Figures,
    /// All accounts of its subtree.
    total: Figures,
    sources: Vec<SourceBody>,
}

fn mode(sum: &Sum, cell: &Cell, mode: Mode) -> ModeFigures {
    ModeFigures {
        quota: cell.quota,
        available: cell.available,
        unconfirmed: cell.unconfirmed,
        sources: cell.sources,
        stale: cell.stale,
        unknown: cell.unknown,
        target_ratio: sum.ratio(|cell| cell.quota, mode).map(number),
        actual_ratio: sum.ratio(|cell| cell.available, mode).map(number),
    }
}

fn figures(sum: &Sum, attained: Option<bool>) -> Figures {
    let [physical, agreement, capacity, social] = &sum.cells;
    Figures {
        target: sum.target(),
        modes: ByMode {
            gov_physical: mode(sum, physical, Mode::GovPhysical),
            agreement: mode(sum, agreement, Mode::Agreement),
            capacity: mode(sum, capacity, Mode::Capacity),
            social: mode(sum, social, Mode::Social),
        },
        available: sum.totals.into(),
        gap: sum.gaps.into(),
        lines: sum.lines,
        lines_met: sum.lines_met,
        lines_open: sum.lines_open,
        attained,
    }
}

fn source(row: &SourceRow, on: NaiveDate) -> SourceBody {
    SourceBody {
        mode: row.mode.as_str(),
        code: row.code.to_string(),
        name: row.name.clone(),
        organization: row.organization.as_ref().map(ToString::to_string),
        item: row.item.to_string(),
        available: row.available.quantity,
        unconfirmed: row.available.unconfirmed,
        state: row.available.state.as_str(),
        reason: row.available.doubt.map(|doubt| doubt.as_str()),
        declared_on: row.declared_on.map(|day| day.to_string()),
        declaration_age_days: row.declared_on.map(|day| days_between(day, on)),
    }
}

fn row(row: &Row, on: NaiveDate) -> ReserveRow {
    let code = Some(row.goods.code().to_string());
    let (item, need, name) = match &row.goods {
        Goods::Item(item) => (code, None, local(&item.name, &item.name_en)),
        Goods::Need(need) => (None, code, local(&need.name, &need.name_en)),
    };
    ReserveRow {
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        tier: row.region.tier.as_str().to_string(),
        item,
        need,
        name,
        unit: local(row.goods.unit(), row.goods.unit_en()),
        hours: row.hours,
        own: figures(&row.own, row.own_attained),
        total: figures(&row.total, row.attained),
        sources: row.sources.iter().map(|one| source(one, on)).collect(),
    }
}

/// What the four reserve modes hold and give within hours, own account and roll-up.
#[utoipa::path(get, path = "/v1/reserves", tag = "planning", operation_id = "list_reserves",
    params(ReserveQuery),
    responses((status = 200, description = "Reserves at one instant", body = Answer<ReserveRow>),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: ReserveQuery = extract::query(&request)?;
    let format = Format::of(&request, asked.format.as_deref())?;
    let limit = answer::limit(asked.limit)?;
    let on = answer::when(asked.as_of.as_deref())?.present_or_future()?;
    let view = extract::word("view", asked.view.as_deref(), &VIEWS, |word| word)?;
    if asked.hours.is_some_and(|hours| hours > MAX_HOURS) {
        let expected = format!("0 to {MAX_HOURS}");
        return Err(parameter("hours", FaultCode::OutOfRange, &expected));
    }
    let region = caller.region_of_answer(asked.region.as_deref())?;
    let query = Query {
        region,
        tier: extract::word("tier", asked.tier.as_deref(), &Tier::ALL, Tier::as_str)?,
        item: caller.item(asked.item.as_deref())?,
        need: caller.need(asked.need.as_deref())?,
        view: View { on, hours: asked.hours, prudent: view == Some("prudent") },
    };
    let position = Arc::clone(&caller.position);
    let rows = answers::reserves(&caller.book, position, query).await?;
    let rows: Vec<ReserveRow> = rows.iter().map(|one| row(one, on)).collect();
    table::respond(format, &Answer::new(&caller, Some(region), on, rows, limit))
}
