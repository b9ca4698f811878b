//! What a rotation plan says to do, told row by row.
//!
//! Lives here: shapes of purchases, moves, removals and what cannot be repaired, each with a
//! sentence. Does not live here: the plan. Invariant: a sentence says no more than its row.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::position::{Position, lot_index};
use crate::domain::rotation::{
    Cause, Inbound, Loss, Moved, OnOrders, RotateOut, Rule, Source, Task, Unrepairable,
};

use super::super::words::local;
use super::detail::{InboundDetail, MoveDetail, RotateOutDetail};

/// One reason for a purchase.
#[derive(Debug, Serialize, ToSchema)]
pub struct LossBody {
    on: String,
    /// `rotated_out`, `expired`, `withdrawn`, `floor_raised`, `short_at_start` or `gap_over`.
    cause: String,
    lot_id: Option<i64>,
    lot_no: Option<String>,
    quantity: i64,
}

/// A purchase to make.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboundBody {
    /// The last day on which it may arrive, safety days deducted where there is time.
    on: String,
    order_by: String,
    /// Base units, whole packs.
    quantity: i64,
    last_usable_on: Option<String>,
    /// The day on which the stock would be short without it, and by how much.
    needed_on: String,
    short: i64,
    losses: Vec<LossBody>,
    why: String,
    /// With `detail`: what it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<InboundDetail>,
}

/// A committed purchase to bring forward, whole or in part.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoveBody {
    /// Its place in the request's `purchases`, from 0, …
    purchase: Option<usize>,
    /// … or the plan's line.
    order_no: Option<String>,
    from_on: String,
    on: String,
    quantity: i64,
    needed_on: String,
    why: String,
    /// With `detail`: what it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<MoveDetail>,
}

/// Goods to let go.
#[derive(Debug, Serialize, ToSchema)]
pub struct RotateOutBody {
    lot_id: Option<i64>,
    lot_no: Option<String>,
    /// What is not a lot of the book: a purchase of this plan (its place in `inbounds`), …
    inbound: Option<usize>,
    /// … one of the request (its place in `purchases`), …
    purchase: Option<usize>,
    /// … or the line of a plan.
    order_no: Option<String>,
    /// The day on which it is to leave: as late as the channel takes it.
    on: String,
    latest_on: String,
    /// The day by which the channel must be engaged.
    decide_by: String,
    /// `null`: no channel takes it in time.
    channel: Option<String>,
    channel_name: Option<String>,
    quantity: i64,
    last_usable_on: Option<String>,
    /// With `detail`: what it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<RotateOutDetail>,
}

/// A period that no plan can repair.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnrepairableBody {
    /// `breach_today`, `lead_time` or `rotation_gap`.
    rule: String,
    first_on: String,
    last_on: String,
    /// The most that is missing on a day of it.
    short: i64,
    /// The first day on which what is ordered today can be there.
    repairable_on: String,
    why: String,
}

/// One thing to do, as a row of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct Action {
    on: String,
    /// `buy`, `bring_forward` or `rotate_out`.
    action: &'static str,
    quantity: i64,
    /// The day by which it must be set going.
    decide_by: Option<String>,
    lot_id: Option<i64>,
    lot_no: Option<String>,
    channel: Option<String>,
    last_usable_on: Option<String>,
    why: Option<String>,
}

/// All that is to be done, by day; what comes stands before what leaves.
pub fn by_day(
    inbounds: &[InboundBody],
    moves: &[MoveBody],
    rotate_outs: &[RotateOutBody],
) -> Vec<Action> {
    let buy = inbounds.iter().map(|row| Action {
        on: row.on.clone(),
        action: "buy",
        quantity: row.quantity,
        decide_by: Some(row.order_by.clone()),
        lot_id: None,
        lot_no: None,
        channel: None,
        last_usable_on: row.last_usable_on.clone(),
        why: Some(row.why.clone()),
    });
    let moved = moves.iter().map(|row| Action {
        on: row.on.clone(),
        action: "bring_forward",
        quantity: row.quantity,
        decide_by: None,
        lot_id: None,
        lot_no: None,
        channel: None,
        last_usable_on: None,
        why: Some(row.why.clone()),
    });
    let leave = rotate_outs.iter().map(|row| Action {
        on: row.on.clone(),
        action: "rotate_out",
        quantity: row.quantity,
        decide_by: Some(row.decide_by.clone()),
        lot_id: row.lot_id,
        lot_no: row.lot_no.clone(),
        channel: row.channel_name.clone(),
        last_usable_on: row.last_usable_on.clone(),
        why: None,
    });
    let mut actions: Vec<Action> = buy.chain(moved).chain(leave).collect();
    actions.sort_by(|a, b| a.on.cmp(&b.on));
    actions
}

/// Tells rows in the language of the request.
pub struct Teller<'a> {
    pub position: &'a Position,
    pub task: &'a Task,
    pub unit: &'a str,
    /// How many of the committed purchases are the request's; the others are on order.
    pub supposed: usize,
    pub orders: OnOrders,
}

impl Teller<'_> {
    fn lot(&self, source: Option<Source>) -> (Option<i64>, Option<String>) {
        let Some(Source::Lot(id)) = source else {
            return (None, None);
        };
        let lot = lot_index(id).and_then(|ix| self.position.lot(ix));
        (Some(id), lot.and_then(|lot| lot.key.lot_no.as_deref().map(str::to_string)))
    }

    /// The place in the request, or the order number, of a committed purchase.
    fn purchase(&self, committed: usize) -> (Option<usize>, Option<String>) {
        let Some(ordered) = committed.checked_sub(self.supposed) else {
            return (Some(committed), None);
        };
        let order = self.orders.coming.get(ordered);
        (None, order.map(|order| format!("{}/{}", order.plan, order.line_no)))
    }

    fn loss(&self, loss: &Loss) -> LossBody {
        let (lot_id, lot_no) = self.lot(loss.source);
        LossBody {
            on: loss.on.to_string(),
            cause: loss.cause.as_str().to_string(),
            lot_id,
            lot_no,
            quantity: loss.quantity,
        }
    }

    pub fn inbound(&self, row: &Inbound) -> InboundBody {
        InboundBody {
            on: row.on.to_string(),
            order_by: row.order_by.to_string(),
            quantity: row.quantity,
            last_usable_on: row.last_usable_on.map(|date| date.to_string()),
            needed_on: row.needed_on.to_string(),
            short: row.short,
            losses: row.losses.iter().map(|loss| self.loss(loss)).collect(),
            why: self.why(row),
            detail: None,
        }
    }

    fn why(&self, row: &Inbound) -> String {
        let (on, unit, short, quantity) = (row.needed_on, self.unit, row.short, row.quantity);
        let lost: Vec<String> = row.losses.iter().map(|loss| self.cause(loss)).collect();
        local(
            &format!(
                "{}。{on} 起缺 {short} {unit},须在 {} 前到货 {quantity} {unit}。",
                lost.join(";"),
                row.on
            ),
            &format!(
                "{}. From {on} {short} {unit} are missing: {quantity} {unit} must arrive by {}.",
                lost.join("; "),
                row.on
            ),
        )
    }

    fn cause(&self, loss: &Loss) -> String {
        let (on, quantity, unit) = (loss.on, loss.quantity, self.unit);
        let (id, lot_no) = self.lot(loss.source);
        let lot = lot_no.or_else(|| id.map(|id| format!("#{id}")));
        let of = lot.map_or_else(String::new, |lot| {
            local(&format!("批次 {lot} 的 "), &format!("lot {lot}: "))
        });
        match loss.cause {
            Cause::RotatedOut => local(
                &format!("{on} 轮出{of}{quantity} {unit}"),
                &format!("{of}{quantity} {unit} are rotated out on {on}"),
            ),
            Cause::Expired => local(
                &format!("{on} {of}{quantity} {unit}过期"),
                &format!("{of}{quantity} {unit} are past their last day on {on}"),
            ),
            Cause::Withdrawn => local(
                &format!("{on} 计划动用{of}{quantity} {unit}"),
                &format!("{of}{quantity} {unit} are withdrawn on {on}"),
            ),
            Cause::FloorRaised => {
                local(&format!("{on} 储备标准提高"), &format!("the standard rises on {on}"))
            }
            Cause::ShortAtStart => local(
                &format!("{on} 已低于下限 {quantity} {unit}"),
                &format!("the stock is {quantity} {unit} below the floor on {on}"),
            ),
            Cause::GapOver => local(
                &format!("{on} 轮换架空期满,须补回 {quantity} {unit}"),
                &format!("the rotation gap ends on {on} with {quantity} {unit} to replace"),
            ),
        }
    }

    pub fn moved(&self, row: &Moved) -> MoveBody {
        let (from_on, on, needed_on) = (row.from_on, row.on, row.needed_on);
        let (quantity, unit) = (row.quantity, self.unit);
        let (purchase, order_no) = self.purchase(row.committed);
        MoveBody {
            purchase,
            order_no,
            from_on: from_on.to_string(),
            on: on.to_string(),
            quantity,
            needed_on: needed_on.to_string(),
            why: local(
                &format!(
                    "原定 {from_on} 到货的 {quantity} {unit}须提前至 {on}: {needed_on} 起不足下限。"
                ),
                &format!(
                    "{quantity} {unit} due on {from_on} must come by {on}: \
                     from {needed_on} the stock is below its floor."
                ),
            ),
            detail: None,
        }
    }

    pub fn rotate_out(&self, row: &RotateOut) -> RotateOutBody {
        let (lot_id, lot_no) = self.lot(Some(row.source));
        let (inbound, (purchase, order_no)) = match row.source {
            Source::Inbound(ix) => (Some(ix), (None, None)),
            Source::Committed(ix) => (None, self.purchase(ix)),
            Source::Lot(_) | Source::Supposed(_) => (None, (None, None)),
        };
        let channel = row.channel.and_then(|ix| self.task.turnover.channels.get(ix));
        RotateOutBody {
            lot_id,
            lot_no,
            inbound,
            purchase,
            order_no,
            on: row.on.to_string(),
            latest_on: row.on.to_string(),
            decide_by: row.decide_by.to_string(),
            channel: channel.map(|channel| channel.code.to_string()),
            channel_name: channel.map(|channel| local(&channel.label, &channel.label_en)),
            quantity: row.quantity,
            last_usable_on: row.last_usable_on.map(|date| date.to_string()),
            detail: None,
        }
    }

    pub fn unrepairable(&self, row: &Unrepairable) -> UnrepairableBody {
        let (first, last, short) = (row.first_on, row.last_on, row.short);
        let (unit, again) = (self.unit, row.repairable_on);
        let lead = self.task.turnover.purchase_lead_days;
        let today = self.task.today;
        let why = match row.rule {
            Rule::BreachToday => local(
                &format!("{today} 当日已低于下限 {short} {unit};今日订货最早 {again} 到货。"),
                &format!(
                    "The stock is {short} {unit} below its floor today ({today}); \
                     what is ordered today is there on {again} at the earliest."
                ),
            ),
            Rule::LeadTime => local(
                &format!(
                    "{first} 至 {last} 低于下限 {short} {unit};采购需 {lead} 天,最早 {again} 到货。"
                ),
                &format!(
                    "{short} {unit} are missing from {first} to {last}: a purchase takes {lead} \
                     days and is there on {again} at the earliest."
                ),
            ),
            Rule::RotationGap => local(
                &format!("{first} 架空期满时无法补回 {short} {unit};最早 {again} 到货。"),
                &format!(
                    "{short} {unit} cannot be replaced when the rotation gap ends on {first}; \
                     they are there on {again} at the earliest."
                ),
            ),
        };
        UnrepairableBody {
            rule: row.rule.as_str().to_string(),
            first_on: first.to_string(),
            last_on: last.to_string(),
            short,
            repairable_on: again.to_string(),
            why,
        }
    }
}
