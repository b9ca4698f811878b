//! One gap explained.
//!
//! Lives here: `/v1/gaps/explanation`, its parameters and fields. Does not live here: how a balance
//! is shown (`parts`). Invariant: the lists add up to the sums beside them.

use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::domain::account::Goods;
use crate::domain::custody::View;
use crate::domain::explanation::{Explanation, Query, Remedy, SubAccount};
use crate::domain::gap::{Account, RollUp};
use crate::domain::quota::Mode;
use crate::domain::stock::Figures;
use crate::domain::unknown::Unknown;
use crate::service::explanations;

use super::super::access::{Caller, may};
use super::super::answer::{self, Answer, QuotaRow, SourceBody, number};
use super::super::context;
use super::super::extract;
use super::super::problem::Problem;
use super::super::table::{self, Format};
use super::super::words::{explained, local};
use super::DEFAULT_LIMIT;
use super::parts::{ExcludedParts, PartRow, Parts};

/// Which gap is to be explained.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GapExplanationQuery {
    /// Division code of the account.
    region: Option<String>,
    /// Item code; either this or `need`.
    item: Option<String>,
    /// Need code; either this or `item`.
    need: Option<String>,
    /// Reserve mode; `gov_physical` by default.
    mode: Option<String>,
    /// `owner` (default) or `custody`, as on `/v1/gaps`.
    view: Option<String>,
    /// Today or a later date.
    as_of: Option<String>,
    /// Keep the first n of each list; 100 by default. Counts and sums stay whole.
    limit: Option<usize>,
    /// `json`, or `csv` (the balances).
    format: Option<String>,
}

/// The own account: goods of the region's own organizations, wherever they lie; by custody what
/// lies in the region itself but for goods owned above; of promised goods what is confirmed.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnAccount {
    quota: i64,
    floor: i64,
    /// This and what does not count: `null` of promised goods, which lie in no depot.
    on_hand: Option<i64>,
    effective: i64,
    reserved: Option<i64>,
    quarantine: Option<i64>,
    damaged: Option<i64>,
    expired: Option<i64>,
    overdue_storage: Option<i64>,
    in_transit: Option<i64>,
    on_loan: Option<i64>,
    perishing: i64,
    gap: i64,
    surplus: i64,
    below_floor: bool,
}

/// One region's account as a summand of the roll-up.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountRow {
    region: String,
    region_name: String,
    tier: String,
    /// `null` where no quota is in force: what is held is then all surplus.
    quota: Option<i64>,
    effective: i64,
    gap: i64,
    surplus: i64,
    in_transit: i64,
    /// `no_population`: its quota counts people that the region does not tell.
    unknown_reason: Option<&'static str>,
}

/// The arithmetic of the subtree.
#[derive(Debug, Serialize, ToSchema)]
pub struct RollUpBody {
    lines: i64,
    quota_sum: i64,
    effective_sum: i64,
    in_transit_sum: i64,
    /// Sum of `gap` over the accounts.
    gap_sum: i64,
    /// Sum of `surplus` over the accounts.
    surplus_sum: i64,
    /// `max(0, gap_sum - surplus_sum)`.
    gap_net: i64,
    /// The same, where surplus goes only to regions below its owner's.
    gap_net_vertical: i64,
    /// `gap_sum - gap_net`.
    redistributable: i64,
    fill_rate: Option<f64>,
    attainment_rate: Option<f64>,
    /// How many accounts there are, before `limit`.
    account_count: usize,
    accounts: Vec<AccountRow>,
}

/// An account above that has something to spare.
#[derive(Debug, Serialize, ToSchema)]
pub struct HelpRow {
    region: String,
    region_name: String,
    tier: String,
    /// Beyond its target, what is perishing not counted.
    spare: i64,
    gives: i64,
}

/// What would close the gaps of the subtree, in this order.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemedyBody {
    /// Surplus inside that can be moved to where it lacks.
    redistributable: i64,
    from_above: Vec<HelpRow>,
    /// Whether there are regions above that lie outside the caller's scope.
    above_hidden: bool,
    /// What remains after that.
    to_buy: i64,
}

/// One gap with everything that it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapExplanation {
    region: String,
    region_name: String,
    tier: String,
    item: Option<String>,
    need: Option<String>,
    name: String,
    unit: String,
    mode: String,
    /// `owner` or `custody`.
    view: &'static str,
    /// `known`, or `unknown` where something that the own account rests on is missing.
    status: &'static str,
    /// As in rows of gaps.
    unknown_reason: Option<&'static str>,
    /// Lines of the subtree of which something is missing.
    unknown_lines: i64,
    /// The quota in force.
    quota: Option<QuotaRow>,
    /// Why there is none: `no_quota`.
    quota_reason: Option<String>,
    /// `null` where nobody knows what the account holds.
    account: Option<OwnAccount>,
    /// By custody: usable goods lying in the subtree for owners above, counted nowhere else.
    owned_above: Option<i64>,
    counted: Parts,
    not_counted: ExcludedParts,
    /// In the modes of promised goods: who stands behind the own account, by code.
    sources: Vec<SourceBody>,
    /// `null` where nobody knows what an account in it holds.
    roll_up: Option<RollUpBody>,
    /// Of physical stock by owner; `null` in the other modes, and by custody.
    what_would_close_it: Option<RemedyBody>,
    /// The same to be read aloud, in the language of the request.
    sentences: Vec<String>,
    ledger_seq: i64,
    reference_rev: i64,
    as_of: String,
    stale_since: Option<String>,
}

/// Why a gap is what it is: quota, lots that count, lots that do not, accounts, remedies.
#[utoipa::path(get, path = "/v1/gaps/explanation", tag = "planning", operation_id = "explain_gap",
    params(GapExplanationQuery),
    responses((status = 200, description = "One gap with its parts", body = GapExplanation),
        (status = "default", response = crate::http::problem::ProblemResponse)))]
pub async fn explain(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: GapExplanationQuery = extract::query(&request)?;
    let (format, limit, on, mode, view, region, goods) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        answer::limit(asked.limit),
        answer::present(asked.as_of.as_deref()),
        extract::word("mode", asked.mode.as_deref(), &Mode::ALL, Mode::as_str),
        extract::word("view", asked.view.as_deref(), &View::ALL, View::as_str),
        caller.region_of_answer(asked.region.as_deref()),
        caller.one_kind(asked.item.as_deref(), asked.need.as_deref()),
    ))?;
    let (limit, view) = (limit.unwrap_or(DEFAULT_LIMIT), view.unwrap_or_default());
    let query = Query {
        region,
        goods,
        mode: mode.unwrap_or(Mode::GovPhysical),
        view,
        on,
        highest: caller.region_or_scope(None)?,
    };
    let position = std::sync::Arc::clone(&caller.position);
    let found = explanations::gap(&caller.book, position, query).await?;
    match format {
        Format::Json => table::respond(format, &body(&caller, &found, (on, view), limit)),
        Format::Csv if query.mode != Mode::GovPhysical => {
            let rows = found.sources.iter().map(|one| SourceBody::of(one, on)).collect();
            table::respond(format, &Answer::new(&caller, Some(region), on, rows, Some(limit)))
        }
        Format::Csv => {
            let parts = found.counted.iter().chain(&found.excluded);
            let rows = parts.map(|part| PartRow::of(&caller, part)).collect();
            table::respond(format, &Answer::new(&caller, Some(region), on, rows, Some(limit)))
        }
    }
}

fn body<P>(
    caller: &Caller<P>,
    found: &Explanation,
    (on, view): (chrono::NaiveDate, View),
    limit: usize,
) -> GapExplanation {
    let (row, reference) = (&found.row, &caller.position.reference);
    let why = found.certainty.unknown;
    let (item, need, name) = match &row.goods {
        Goods::Item(item) => (Some(item.code.to_string()), None, local(&item.name, &item.name_en)),
        Goods::Need(need) => (None, Some(need.code.to_string()), local(&need.name, &need.name_en)),
    };
    GapExplanation {
        region: row.region.code.to_string(),
        region_name: row.region.name.clone(),
        tier: row.region.tier.as_str().to_string(),
        item,
        need,
        name,
        unit: local(row.goods.unit(), row.goods.unit_en()),
        mode: row.mode.as_str().to_string(),
        view: view.as_str(),
        status: if why.is_some() { "unknown" } else { "known" },
        unknown_reason: why.map(Unknown::as_str),
        unknown_lines: found.certainty.lines.sum(),
        quota: found.quota.as_deref().map(|quota| QuotaRow::of(reference, quota)),
        quota_reason: found.quota.is_none().then(|| "no_quota".to_string()),
        account: row.account.map(|account| own_account(found, &account)),
        owned_above: found.owned_above,
        counted: Parts::of(caller, &found.counted, limit),
        not_counted: ExcludedParts::of(caller, &found.excluded, found.excluded_sums(), limit),
        sources: found.sources.iter().take(limit).map(|one| SourceBody::of(one, on)).collect(),
        roll_up: row.roll_up.as_ref().map(|sums| roll_up(found, sums, limit)),
        what_would_close_it: found.remedy.as_ref().map(remedy),
        sentences: explained(found, &on.to_string(), context::current().language),
        ledger_seq: caller.position.head.seq,
        reference_rev: caller.position.head.reference_rev,
        as_of: on.to_string(),
        stale_since: caller.stale_since.map(|at| at.rfc3339()),
    }
}

fn own_account(found: &Explanation, account: &Account) -> OwnAccount {
    let physical = found.row.mode == Mode::GovPhysical;
    let of_ledger = |take: fn(&Figures) -> i64| physical.then(|| take(&found.figures));
    OwnAccount {
        quota: found.row.quota,
        floor: found.row.floor,
        on_hand: of_ledger(|figures| figures.on_hand),
        effective: account.effective,
        reserved: of_ledger(|figures| figures.reserved),
        quarantine: of_ledger(|figures| figures.quarantine),
        damaged: of_ledger(|figures| figures.damaged),
        expired: of_ledger(|figures| figures.expired),
        overdue_storage: of_ledger(|figures| figures.overdue_storage),
        in_transit: of_ledger(|figures| figures.in_transit),
        on_loan: of_ledger(|figures| figures.on_loan),
        perishing: account.perishing,
        gap: account.gap,
        surplus: account.surplus,
        below_floor: account.below_floor,
    }
}

fn roll_up(found: &Explanation, sums: &RollUp, limit: usize) -> RollUpBody {
    RollUpBody {
        lines: found.row.lines,
        quota_sum: found.row.quota_sum,
        effective_sum: sums.effective_sum,
        in_transit_sum: sums.in_transit_sum,
        gap_sum: sums.gap_sum,
        surplus_sum: sums.surplus_sum,
        gap_net: sums.gap_net,
        gap_net_vertical: sums.gap_net_vertical,
        redistributable: sums.redistributable,
        fill_rate: sums.fill_rate.map(number),
        attainment_rate: sums.attainment_rate.map(number),
        account_count: found.accounts.len(),
        accounts: found.accounts.iter().take(limit).map(account_row).collect(),
    }
}

fn account_row(account: &SubAccount) -> AccountRow {
    let line = &account.line;
    AccountRow {
        region: account.region.code.to_string(),
        region_name: account.region.name.clone(),
        tier: account.region.tier.as_str().to_string(),
        quota: line.standard.map(|standard| standard.target),
        effective: line.held.effective,
        gap: line.gap(),
        surplus: line.surplus(),
        in_transit: line.held.in_transit,
        unknown_reason: account.unknown.map(Unknown::as_str),
    }
}

fn remedy(remedy: &Remedy) -> RemedyBody {
    let above = remedy.above.iter().map(|help| HelpRow {
        region: help.region.code.to_string(),
        region_name: help.region.name.clone(),
        tier: help.region.tier.as_str().to_string(),
        spare: help.spare,
        gives: help.gives,
    });
    RemedyBody {
        redistributable: remedy.inside,
        from_above: above.collect(),
        above_hidden: remedy.above_hidden,
        to_buy: remedy.to_buy,
    }
}
