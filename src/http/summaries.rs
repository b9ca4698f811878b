//! Stock summaries over HTTP: what the provincial system pulls.
//!
//! Lives here: `/v1/summaries`, its rows and totals. Does not live here: how rows come about
//! (`domain::summary`), and how many of them are written quickly (`line`). Invariant: rows and
//! totals are of one instant, and totals stay whole.

mod line;

use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::account::Goods;
use crate::domain::calendar::Instant;
use crate::domain::quota::Mode;
use crate::domain::region::{RegionCode, Tier};
use crate::domain::summary::{By, Cell, Kind, Query, Row, Summary, Totals};
use crate::service::answers;

use super::access::{Caller, may};
use super::answer::{self, Answer, Envelope};
use super::context;
use super::extract;
use super::problem::Problem;
use super::table::Format;
use super::words::{Language, class_name};

/// What summaries are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SummaryQuery {
    /// Division code: what lies in its subtree, whoever owns it.
    region: Option<String>,
    /// Tier of the custody regions; county by default.
    tier: Option<String>,
    /// Roll owners below this tier up to their region of it; absent tells every owner region
    /// apart.
    owner_tier: Option<String>,
    /// `item` (default), `need` or `function_class`.
    by: Option<String>,
    /// Today or a later date.
    as_of: Option<String>,
    /// Keep the first n rows.
    limit: Option<usize>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// Stock of one owner region in one custody region.
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryRow<'a> {
    #[serde(serialize_with = "answer::as_text")]
    #[schema(value_type = String)]
    owner_region: RegionCode,
    owner_region_name: &'a str,
    owner_tier: &'static str,
    #[serde(serialize_with = "answer::as_text")]
    #[schema(value_type = String)]
    custody_region: RegionCode,
    custody_region_name: &'a str,
    item: Option<&'a str>,
    need: Option<&'a str>,
    function_class: Option<&'a str>,
    name: &'a str,
    unit: Option<&'a str>,
    mode: &'static str,
    depot_count: i64,
    on_hand: i64,
    effective: i64,
    reserved: i64,
    quarantine: i64,
    damaged: i64,
    expired: i64,
    overdue_storage: i64,
    in_transit: i64,
    on_loan: i64,
    quota: i64,
    gap: i64,
    expiring_30d: i64,
    expiring_90d: i64,
    expiring_180d: i64,
    expiring_365d: i64,
    #[serde(serialize_with = "answer::day_or_null")]
    #[schema(value_type = Option<String>)]
    earliest_expiry: Option<NaiveDate>,
    #[serde(serialize_with = "answer::instant_or_null")]
    #[schema(value_type = Option<String>)]
    last_movement_at: Option<Instant>,
}

/// The figures of the totals.
#[derive(Debug, Serialize, ToSchema)]
pub struct CellBody {
    depot_count: i64,
    on_hand: i64,
    effective: i64,
    reserved: i64,
    quarantine: i64,
    damaged: i64,
    expired: i64,
    overdue_storage: i64,
    in_transit: i64,
    on_loan: i64,
    quota: i64,
    gap: i64,
    expiring_30d: i64,
    expiring_90d: i64,
    expiring_180d: i64,
    expiring_365d: i64,
    #[serde(serialize_with = "answer::day_or_null")]
    #[schema(value_type = Option<String>)]
    earliest_expiry: Option<NaiveDate>,
    #[serde(serialize_with = "answer::instant_or_null")]
    #[schema(value_type = Option<String>)]
    last_movement_at: Option<Instant>,
}

impl From<&Cell> for CellBody {
    fn from(cell: &Cell) -> Self {
        let figures = &cell.figures;
        let [expiring_30d, expiring_90d, expiring_180d, expiring_365d] = cell.expiring;
        Self {
            depot_count: cell.depot_count,
            on_hand: figures.on_hand,
            effective: figures.effective,
            reserved: figures.reserved,
            quarantine: figures.quarantine,
            damaged: figures.damaged,
            expired: figures.expired,
            overdue_storage: figures.overdue_storage,
            in_transit: figures.in_transit,
            on_loan: figures.on_loan,
            quota: cell.quota,
            gap: cell.gap,
            expiring_30d,
            expiring_90d,
            expiring_180d,
            expiring_365d,
            earliest_expiry: figures.earliest_expiry,
            last_movement_at: figures.last_occurred_at,
        }
    }
}

/// The fields of a row that tell what it is about.
#[derive(Serialize)]
struct KindFields<'a> {
    item: Option<&'a str>,
    need: Option<&'a str>,
    function_class: Option<&'a str>,
    name: &'a str,
    unit: Option<&'a str>,
    mode: &'static str,
}

impl<'a> KindFields<'a> {
    fn of(kind: &'a Kind, mode: Mode, language: Language) -> Self {
        let code = Some(kind.code());
        let (item, need, function_class, name) = match kind {
            Kind::Goods(Goods::Item(item)) => {
                (code, None, None, language.pick(item.name.as_str(), item.name_en.as_str()))
            }
            Kind::Goods(Goods::Need(need)) => {
                (None, code, None, language.pick(need.name.as_str(), need.name_en.as_str()))
            }
            Kind::FunctionClass(class) => (None, None, code, class_name(*class, language)),
        };
        let unit = kind.goods().map(|goods| language.pick(goods.unit(), goods.unit_en()));
        Self { item, need, function_class, name, unit, mode: mode.as_str() }
    }
}

impl<'a> SummaryRow<'a> {
    fn new(row: &Row<'a>, language: Language) -> Self {
        let KindFields { item, need, function_class, name, unit, mode } =
            KindFields::of(row.kind, row.mode, language);
        let CellBody {
            depot_count,
            on_hand,
            effective,
            reserved,
            quarantine,
            damaged,
            expired,
            overdue_storage,
            in_transit,
            on_loan,
            quota,
            gap,
            expiring_30d,
            expiring_90d,
            expiring_180d,
            expiring_365d,
            earliest_expiry,
            last_movement_at,
        } = CellBody::from(row.cell);
        Self {
            owner_region: row.owner.code,
            owner_region_name: &row.owner.name,
            owner_tier: row.owner.tier.as_str(),
            custody_region: row.custody.code,
            custody_region_name: &row.custody.name,
            item,
            need,
            function_class,
            name,
            unit,
            mode,
            depot_count,
            on_hand,
            effective,
            reserved,
            quarantine,
            damaged,
            expired,
            overdue_storage,
            in_transit,
            on_loan,
            quota,
            gap,
            expiring_30d,
            expiring_90d,
            expiring_180d,
            expiring_365d,
            earliest_expiry,
            last_movement_at,
        }
    }
}

/// Control totals over all rows, before `limit`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TotalsBody {
    row_count: usize,
    /// SHA-256 over the rows in order.
    hash: String,
    #[serde(flatten)]
    cell: CellBody,
}

impl From<&Totals> for TotalsBody {
    fn from(totals: &Totals) -> Self {
        let cell = CellBody::from(&totals.cell);
        Self { row_count: totals.row_count, hash: totals.hash.clone(), cell }
    }
}

/// Summary rows with their totals.
#[derive(Serialize, ToSchema)]
pub struct SummaryAnswer<'a> {
    #[serde(flatten)]
    answer: Answer<SummaryRow<'a>>,
    totals: TotalsBody,
}

/// What stands behind the rows and the envelope.
#[derive(Serialize)]
struct Behind {
    totals: TotalsBody,
}

/// Stock summaries with totals, at one instant.
#[utoipa::path(get, path = "/v1/summaries", tag = "province", operation_id = "list_summaries",
    params(SummaryQuery),
    responses(
        (status = 200, description = "Summaries at one instant", body = SummaryAnswer<'static>),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadSummaries>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: SummaryQuery = extract::query(&request)?;
    let tier_of = |name, word: &Option<String>| {
        extract::word(name, word.as_deref(), &Tier::ALL, Tier::as_str)
    };
    let (format, limit, on, region, tier, owner_tier, by) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        answer::present(asked.as_of.as_deref()),
        caller.region_of_answer(asked.region.as_deref()),
        tier_of("tier", &asked.tier),
        tier_of("owner_tier", &asked.owner_tier),
        extract::word("by", asked.by.as_deref(), &By::ALL, By::as_str),
    ))?;
    let query = Query { region, tier, owner_tier, by: by.unwrap_or(By::Item), on };
    let position = std::sync::Arc::clone(&caller.position);
    let language = context::current().language;
    let envelope = Envelope::of(&caller, Some(region), on);
    let tell = move |found: &Summary| {
        let (rows, totals) = (found.rows(), TotalsBody::from(&found.totals));
        let row = |row| SummaryRow::new(row, language);
        let lines = line::Lines::of(found.kinds(), language);
        let behind = Behind { totals };
        let told = envelope.tell_with(&rows, limit, row, &behind);
        told.write_by(format, language, |rows, bytes| lines.append(rows, bytes))
    };
    Ok(answers::summaries(&caller.book, position, query, tell).await??.into())
}
