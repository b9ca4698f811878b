//! Gaps over HTTP.
//!
//! Lives here: `/v1/gaps`, its parameters and rows; `totals` has what they come to, `donors` who
//! could fill one. Does not live here: the roll-up (`domain::gap`). Invariant: each row names the
//! rule that it measures against.

pub mod donors;
mod movements;
mod totals;

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::domain::account::Goods;
use crate::domain::catalogue::{Code, FunctionClass};
use crate::domain::certainty::Totals;
use crate::domain::custody::View;
use crate::domain::gap::{Query, Row};
use crate::domain::position::{OnOrder, Position};
use crate::domain::quota::Mode;
use crate::domain::refusal::FaultCode;
use crate::domain::region::{RegionCode, Tier};
use crate::service::answers::{self, Gap, today};

use super::access::{Caller, may};
use super::answer::{self, Answer, Envelope, number};
use super::context;
use super::extract::{self, parameter};
use super::problem::Problem;
use super::table::Format;
use super::words::{Language, because};

pub use totals::GapAnswer;
use totals::{Behind, GapTotals};

/// The most rows that are explained in one answer of several regions.
const MAX_EXPLAINED: usize = 500;

/// What gaps are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GapQuery {
    /// Division code.
    region: Option<String>,
    /// Rows of this tier's regions inside it; absent is the region itself.
    tier: Option<String>,
    /// Item code.
    item: Option<String>,
    /// Need code.
    need: Option<String>,
    /// `living`, `medical` or `rescue`.
    function_class: Option<String>,
    /// `owner` (default): goods of the region's own organizations, wherever they lie; `custody`:
    /// goods that lie in the region, whoever owns them, but for those owned above.
    view: Option<String>,
    /// Reserve mode; `gov_physical` by default.
    mode: Option<String>,
    /// Today or a later date.
    as_of: Option<String>,
    /// Say for each row why; with `limit` up to 500, or without `tier`.
    explain: Option<bool>,
    /// Keep the first n rows.
    limit: Option<usize>,
    /// `json` or `csv`.
    format: Option<String>,
}

/// The quota behind a line.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rule<'a> {
    #[serde(serialize_with = "answer::as_text")]
    #[schema(value_type = String)]
    quota_id: Uuid,
    document: Option<&'a str>,
    /// The quota rule that set it.
    quota_rule: Option<&'a str>,
}

/// One region and item or need: its own account, and the roll-up over its subtree.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapRow<'a> {
    #[serde(serialize_with = "answer::as_text")]
    #[schema(value_type = String)]
    region: RegionCode,
    region_name: &'a str,
    tier: &'static str,
    item: Option<&'a str>,
    need: Option<&'a str>,
    name: &'a str,
    unit: &'a str,
    mode: &'static str,
    /// The own account's target; 0 where only regions below have one.
    quota: i64,
    floor: i64,
    effective: Option<i64>,
    /// For a later date: what of today's stock counts then, before anything comes or goes.
    effective_then: Option<i64>,
    gap: Option<i64>,
    /// Beyond the quota; what is perishing is no surplus.
    surplus: Option<i64>,
    /// Of the effective stock: ends in fewer days than its item's `life.perishing_days`.
    perishing: Option<i64>,
    in_transit: Option<i64>,
    /// Of an item's physical stock, by owner: what the region's approved and ordered plans have yet
    /// to receive.
    inbound: Option<i64>,
    /// For a later date: what of it is due by then and still usable; what is overdue or has no day
    /// is not counted on.
    inbound_then: Option<i64>,
    /// The own account's gap less what is inbound; for a later date less what is there then.
    gap_after_inbound: Option<i64>,
    below_floor: Option<bool>,
    /// `known`, or `unknown` where something that the own account rests on is missing.
    status: &'static str,
    /// `no_register`: no register tells the stock of the mode; `no_declaration`, `old_declaration`,
    /// `no_fulfilment`, `no_profile`: nobody confirms what a source gives; `no_population`: the
    /// quota counts people that the region does not tell.
    unknown_reason: Option<&'static str>,
    /// In the custody view: usable goods lying here for owners above, counted nowhere else.
    owned_above: Option<i64>,
    /// Quota lines in the subtree.
    lines: i64,
    /// Lines there of which something is missing, with a quota or without.
    unknown_lines: i64,
    quota_sum: i64,
    effective_sum: Option<i64>,
    /// What must be moved or bought so that every line meets its standard.
    gap_sum: Option<i64>,
    surplus_sum: Option<i64>,
    /// What must be bought even after perfect redistribution.
    gap_net: Option<i64>,
    /// The same, where surplus goes only to regions below its owner's: neither siblings nor regions
    /// below are drawn on.
    gap_net_vertical: Option<i64>,
    redistributable: Option<i64>,
    /// `Σ min(E,Q) / ΣQ`, cut down.
    fill_rate: Option<f64>,
    attainment_rate: Option<f64>,
    /// The quota that the own account is measured against.
    rule: Option<Rule<'a>>,
    /// Why the row is what it is, where `explain` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<Vec<String>>,
}

fn row_of(gap: &Gap, later: bool, language: Language) -> GapRow<'_> {
    let row = &gap.row;
    let (item, need, name) = match &row.goods {
        Goods::Item(item) => {
            (Some(item.code.as_str()), None, language.pick(&item.name, &item.name_en))
        }
        Goods::Need(need) => {
            (None, Some(need.code.as_str()), language.pick(&need.name, &need.name_en))
        }
    };
    let (own, all) = (row.account.as_ref(), row.roll_up.as_ref());
    let rule = row.rule.as_ref().map(|quota| Rule {
        quota_id: quota.id,
        document: quota.document.as_deref(),
        quota_rule: quota.rule.as_ref().map(Code::as_str),
    });
    GapRow {
        region: row.region.code,
        region_name: &row.region.name,
        tier: row.region.tier.as_str(),
        item,
        need,
        name,
        unit: language.pick(row.goods.unit(), row.goods.unit_en()),
        mode: row.mode.as_str(),
        quota: row.quota,
        floor: row.floor,
        effective: own.map(|own| own.effective),
        effective_then: own.filter(|_| later).map(|own| own.effective),
        gap: own.map(|own| own.gap),
        surplus: own.map(|own| own.surplus),
        perishing: own.map(|own| own.perishing),
        in_transit: own.map(|own| own.in_transit),
        inbound: None,
        inbound_then: None,
        gap_after_inbound: None,
        below_floor: own.map(|own| own.below_floor),
        status: if gap.certainty.unknown.is_some() { "unknown" } else { "known" },
        unknown_reason: gap.certainty.unknown.map(|unknown| unknown.as_str()),
        owned_above: gap.owned_above,
        lines: row.lines,
        unknown_lines: gap.certainty.lines.sum(),
        quota_sum: row.quota_sum,
        effective_sum: all.map(|all| all.effective_sum),
        gap_sum: all.map(|all| all.gap_sum),
        surplus_sum: all.map(|all| all.surplus_sum),
        gap_net: all.map(|all| all.gap_net),
        gap_net_vertical: all.map(|all| all.gap_net_vertical),
        redistributable: all.map(|all| all.redistributable),
        fill_rate: all.and_then(|all| all.fill_rate).map(number),
        attainment_rate: all.and_then(|all| all.attainment_rate).map(number),
        rule,
        because: None,
    }
}

/// What a region's plans have on order of a row's item.
fn inbound(gap: &Gap, on_order: &OnOrder) -> Option<i64> {
    gap.row.account.as_ref()?;
    let Goods::Item(item) = &gap.row.goods else {
        return None;
    };
    let sum = on_order.get(&(gap.row.region.code, item.code.clone()));
    Some(sum.copied().unwrap_or(0))
}

fn after_inbound(gap: &Gap, on_order: &OnOrder) -> Option<i64> {
    let (inbound, own) = inbound(gap, on_order).zip(gap.row.account.as_ref())?;
    Some(own.gap.saturating_sub(inbound).max(0))
}

/// The document of the quota in force, if there is a quota.
fn document(row: &Row) -> Option<Option<&str>> {
    row.rule.as_ref().map(|quota| quota.document.as_deref())
}

impl GapQuery {
    fn query<P>(&self, caller: &Caller<P>) -> Result<Query, Problem> {
        let class = self.function_class.as_deref();
        let (region, tier, item, need, function_class, mode, on) = extract::all((
            caller.region_of_answer(self.region.as_deref()),
            extract::word("tier", self.tier.as_deref(), &Tier::ALL, Tier::as_str),
            caller.item(self.item.as_deref()),
            caller.need(self.need.as_deref()),
            extract::word("function_class", class, &FunctionClass::ALL, FunctionClass::as_str),
            extract::word("mode", self.mode.as_deref(), &Mode::ALL, Mode::as_str),
            answer::present(self.as_of.as_deref()),
        ))?;
        let mode = mode.unwrap_or(Mode::GovPhysical);
        Ok(Query { region, tier, item, need, function_class, mode, on })
    }
}

/// What is missing against the quotas, own account and roll-up.
#[utoipa::path(get, path = "/v1/gaps", tag = "planning", operation_id = "list_gaps",
    params(GapQuery),
    responses((status = 200, description = "Gaps at one instant", body = GapAnswer<'static>),
        (status = "default", response = super::problem::ProblemResponse)))]
pub async fn list(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: GapQuery = extract::query(&request)?;
    let (format, limit, view, query) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        extract::word("view", asked.view.as_deref(), &View::ALL, View::as_str),
        asked.query(&caller),
    ))?;
    let (region, on) = (query.region, query.on);
    let explain = asked.explain.unwrap_or(false);
    if explain && asked.tier.is_some() && limit.is_none_or(|rows| rows > MAX_EXPLAINED) {
        let expected = format!("1 to {MAX_EXPLAINED} with `explain` and `tier`");
        return Err(parameter("limit", FaultCode::OutOfRange, &expected));
    }
    let position = std::sync::Arc::clone(&caller.position);
    let (view, now) = (view.unwrap_or_default(), today());
    let (later, mode) = (on > now, query.mode);
    let language = context::current().language;
    let envelope = Envelope::of(&caller, Some(region), on);
    let tell = move |position: &Position, gaps: &[Gap]| {
        let by_owner = view == View::Owner;
        // Plans buy stock: they close no gap of promised goods, nor one of a place.
        let bought = by_owner && mode == Mode::GovPhysical;
        let on_order = position.on_order();
        let then = later.then(|| position.on_order_then(now, on));
        let row = |one| GapRow {
            inbound: inbound(one, &on_order).filter(|_| bought),
            inbound_then: then.as_ref().and_then(|then| inbound(one, then)).filter(|_| bought),
            gap_after_inbound: after_inbound(one, then.as_ref().unwrap_or(&on_order))
                .filter(|_| bought),
            because: explain.then(|| {
                let (row, why) = (&one.row, one.certainty.unknown);
                because(row, why, document(row), &on.to_string(), language)
            }),
            ..row_of(one, later, language)
        };
        let all = gaps.iter().map(|one| (&one.row, &one.certainty, one.owned_above));
        let totals = GapTotals::new(&Totals::of(all), !by_owner, language);
        let behind = Behind { totals };
        envelope.tell_with(gaps, limit, row, &behind).write(format, language)
    };
    Ok(answers::gaps(&caller.book, position, query, view, tell).await??.into())
}
