//! The rotation plan over HTTP: asked by a query, or as a what-if by a body.
//!
//! Lives here: `/v1/rotation/plan`. Does not live here: what may be asked (`what_if`), the answer's
//! rows (`actions`), the plan (`domain::rotation`). Invariant: neither of the two writes anything.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::refusal::{Fault, Refusal};
use crate::domain::region::RegionIx;
use crate::domain::rotation::{Balance, OnOrders, Plan, Task, WhatIf, on_order as on_order_of};
use crate::service::answers::{self, today};
use crate::service::failure::Failure;

use super::super::access::{Caller, may};
use super::super::answer::{Answer, number};
use super::super::extract;
use super::super::problem::{Code, Problem};
use super::super::table::{self, Format};
use super::super::words::local;
use super::actions::{InboundBody, MoveBody, RotateOutBody, Teller, UnrepairableBody};
use super::detail::Grounds;
use super::what_if::{PlanBody, PlanQuery};
use super::{BalanceStep, FloorCertainty, OnOrderBody, steps};

/// A projection, without its account.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectionBody {
    balanced: bool,
    first_breach_on: Option<String>,
    breach_days: i64,
    /// Least projected stock over the quota, cut down; `null` without a quota.
    min_ratio: Option<f64>,
    steps: Vec<BalanceStep>,
}

impl From<&Balance> for ProjectionBody {
    fn from(balance: &Balance) -> Self {
        Self {
            balanced: balance.balanced,
            first_breach_on: balance.first_breach_on.map(|date| date.to_string()),
            breach_days: balance.breach_days,
            min_ratio: balance.min_ratio.map(number),
            steps: steps(balance),
        }
    }
}

/// A channel that the plan may use.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelUsed {
    channel: String,
    name: String,
    min_days_left: u32,
    lead_days: u32,
}

/// The figures that the plan keeps to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Terms {
    rotation_mode: String,
    rotation_gap_days: u32,
    safety_days: u32,
    purchase_lead_days: u32,
    /// How much of the target channels take within a calendar year, in thousandths; `null` is any
    /// amount.
    annual_cap_permille: Option<u32>,
    /// Months for which a delivery is usable; `null` never ages.
    replacement_life_months: Option<u32>,
    /// Base units of which purchases are whole multiples.
    pack: i64,
    channels: Vec<ChannelUsed>,
}

/// A rotation plan: what to buy, bring forward and let go, so that the floor is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanAnswer {
    region: String,
    region_name: String,
    item: String,
    item_name: String,
    unit: String,
    from: String,
    to: String,
    floor: i64,
    quota: i64,
    #[serde(flatten)]
    certainty: FloorCertainty,
    terms: Terms,
    /// What plans have on order, where that counts.
    on_order: OnOrderBody,
    /// Held without a date on which it ends; counted as never ending.
    undated: i64,
    /// If nothing is done.
    before: ProjectionBody,
    /// Under the plan.
    after: ProjectionBody,
    /// Base units to buy, over all purchases.
    purchased: i64,
    inbounds: Vec<InboundBody>,
    /// Committed purchases to bring forward.
    moves: Vec<MoveBody>,
    rotate_outs: Vec<RotateOutBody>,
    /// Periods that no plan can repair; empty where the floor is kept throughout.
    unrepairable: Vec<UnrepairableBody>,
    ledger_seq: i64,
    reference_rev: i64,
    as_of: String,
    stale_since: Option<String>,
}

/// Which purchases and removals keep an account above its floor.
#[utoipa::path(get, path = "/v1/rotation/plan", tag = "planning",
    operation_id = "get_rotation_plan", params(PlanQuery),
    responses((status = 200, description = "The plan; nothing is stored", body = PlanAnswer),
        (status = "default", response = super::super::problem::ProblemResponse)))]
pub async fn get(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked: PlanQuery = extract::query(&request)?;
    let detail = asked.detail.unwrap_or(false);
    let (format, region, item, what_if) = extract::all((
        Format::of(&request, asked.format.as_deref()),
        caller.region_of_answer(asked.region.as_deref()),
        caller.item(Some(&asked.item)),
        asked.what_if(today()).map_err(|faults| Problem::from(Failure::Invalid(faults))),
    ))?;
    answer(&caller, format, (region, item.unwrap_or_default()), what_if, detail).await
}

/// The same with changes that are only supposed: purchases, withdrawals, stock, terms.
#[utoipa::path(post, path = "/v1/rotation/plan", tag = "planning",
    operation_id = "simulate_rotation_plan", request_body = PlanBody,
    responses((status = 200, description = "The plan; nothing is stored", body = PlanAnswer),
        (status = "default", response = super::super::problem::ProblemResponse)))]
pub async fn simulate(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let asked = extract::json::<PlanBody>(&request, &body)?.value;
    let (account, detail) = (account(&caller, &asked)?, asked.detail.unwrap_or(false));
    let asked = asked.what_if(today()).map_err(in_body)?;
    let format = Format::of(&request, None)?;
    answer(&caller, format, account, asked, detail).await.map_err(Problem::in_body)
}

fn in_body(faults: Vec<Fault>) -> Problem {
    Problem::invalid(Code::InvalidValue, faults).in_body()
}

/// The account that a body names.
fn account(
    caller: &Caller<may::ReadPlanning>,
    asked: &PlanBody,
) -> Result<(RegionIx, u32), Problem> {
    let region = caller.region_in_body(asked.region.as_deref())?;
    let item = caller.position.reference.items.find(&asked.item).ok_or_else(|| {
        let code = asked.item.clone();
        Problem::from(&Refusal::UnknownReference { kind: "item", code, pointer: "/item".into() })
    })?;
    Ok((region, item))
}

async fn answer(
    caller: &Caller<may::ReadPlanning>,
    format: Format,
    (region, item): (RegionIx, u32),
    asked: WhatIf,
    detail: bool,
) -> Result<HttpResponse, Problem> {
    let position = std::sync::Arc::clone(&caller.position);
    let (supposed, on_order) = (asked.committed.len(), asked.on_order);
    let asked_floor = asked.floor.is_some();
    let (task, plan) = answers::rotation_plan(&caller.book, position, region, item, asked).await?;
    let orders = match on_order {
        true => on_order_of(&caller.position, region, item, task.period.0),
        false => OnOrders::default(),
    };
    let mut body = plan_answer(caller, (region, item), &task, &plan, (supposed, orders));
    if detail {
        let (task, plan) = (&task, &plan);
        open(&mut body, &Grounds { caller, region, item, task, plan, asked_floor });
    }
    match format {
        Format::Json => table::respond(format, &body),
        Format::Csv => {
            let rows = super::actions::by_day(&body.inbounds, &body.moves, &body.rotate_outs);
            table::respond(format, &Answer::new(caller, Some(region), task.period.0, rows, None))
        }
    }
}

/// Tells beside each row what it rests on.
fn open<P>(body: &mut PlanAnswer, grounds: &Grounds<'_, P>) {
    let plan = grounds.plan;
    for (row, from) in body.inbounds.iter_mut().zip(&plan.inbounds) {
        row.detail = Some(grounds.inbound(from));
    }
    for (row, from) in body.moves.iter_mut().zip(&plan.moved) {
        row.detail = Some(grounds.moved(from));
    }
    for (nth, (row, from)) in body.rotate_outs.iter_mut().zip(&plan.rotate_outs).enumerate() {
        row.detail = Some(grounds.rotate_out(nth, from));
    }
}

fn terms(task: &Task) -> Terms {
    let turnover = &task.turnover;
    let channels = turnover.channels.iter().map(|channel| ChannelUsed {
        channel: channel.code.to_string(),
        name: local(&channel.label, &channel.label_en),
        min_days_left: channel.min_days_left,
        lead_days: channel.lead_days,
    });
    Terms {
        rotation_mode: turnover.mode.as_str().to_string(),
        rotation_gap_days: turnover.gap_days,
        safety_days: turnover.safety_days,
        purchase_lead_days: turnover.purchase_lead_days,
        annual_cap_permille: turnover.annual_cap_permille,
        replacement_life_months: task.life_months,
        pack: task.pack,
        channels: channels.collect(),
    }
}

fn plan_answer(
    caller: &Caller<may::ReadPlanning>,
    (region, item): (RegionIx, u32),
    task: &Task,
    plan: &Plan,
    (supposed, orders): (usize, OnOrders),
) -> PlanAnswer {
    let reference = &caller.position.reference;
    let certainty = FloorCertainty::of(caller, (region, item), task.period, &plan.after);
    let (region, item) = (reference.regions.get(region), reference.items.get(item));
    let ages = item.is_some_and(|item| item.life.kind != crate::domain::catalogue::LifeKind::None);
    let undated = task.holdings.iter().filter(|lot| ages && lot.last_usable_on.is_none());
    let unit = item.map(|item| local(&item.unit, item.unit_en())).unwrap_or_default();
    let on_order = OnOrderBody::from(&orders);
    let teller = Teller { position: &caller.position, task, unit: &unit, supposed, orders };
    PlanAnswer {
        region: region.map(|region| region.code.to_string()).unwrap_or_default(),
        region_name: region.map(|region| region.name.clone()).unwrap_or_default(),
        item: item.map(|item| item.code.to_string()).unwrap_or_default(),
        item_name: item.map(|item| local(&item.name, &item.name_en)).unwrap_or_default(),
        from: task.period.0.to_string(),
        to: task.period.1.to_string(),
        floor: plan.after.floor,
        quota: plan.after.quota,
        certainty,
        terms: terms(task),
        on_order,
        undated: undated.fold(0, |sum, lot| sum.saturating_add(lot.quantity)),
        before: (&plan.before).into(),
        after: (&plan.after).into(),
        purchased: plan.purchased(),
        inbounds: plan.inbounds.iter().map(|row| teller.inbound(row)).collect(),
        moves: plan.moved.iter().map(|row| teller.moved(row)).collect(),
        rotate_outs: plan.rotate_outs.iter().map(|row| teller.rotate_out(row)).collect(),
        unrepairable: plan.unrepairable.iter().map(|row| teller.unrepairable(row)).collect(),
        ledger_seq: caller.position.head.seq,
        reference_rev: caller.position.head.reference_rev,
        as_of: task.today.to_string(),
        stale_since: caller.stale_since.map(|at| at.rfc3339()),
        unit,
    }
}
