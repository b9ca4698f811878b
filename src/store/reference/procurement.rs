//! Rows of annual procurement plans.
//!
//! Lives here: the mapping, field by field; lines are JSON text. Does not live here: amounts.
//! Invariant: a row that cannot be a domain value is reported, never mended.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::domain::procurement::{
    OpenNeed, PlanLine, PlanScope, PlanState, PriceSource, ProcurementPlan,
};

use super::super::dialect::{Db, on_engine};
use super::super::fault::{Stored, corrupt};
use super::super::schema::procurement_plan;
use super::{upsert_all, words};

#[derive(Serialize, Deserialize)]
struct LineJson {
    line_no: u32,
    item: String,
    priority: Option<u8>,
    net_gap: i64,
    expiring: i64,
    growth: i64,
    confirmed_inbound: i64,
    pack: i64,
    quantity: i64,
    unit_price_fen: Option<i64>,
    price_source: Option<String>,
    supplier: Option<String>,
    due_on: Option<String>,
    note: Option<String>,
}

impl LineJson {
    fn new(line: &PlanLine) -> Self {
        Self {
            line_no: line.line_no,
            item: line.item.to_string(),
            priority: line.priority,
            net_gap: line.net_gap,
            expiring: line.expiring,
            growth: line.growth,
            confirmed_inbound: line.confirmed_inbound,
            pack: line.pack,
            quantity: line.quantity,
            unit_price_fen: line.price.map(|(fen, _)| fen),
            price_source: line.price.map(|(_, source)| source.as_str().to_string()),
            supplier: line.supplier.clone(),
            due_on: line.due_on.map(|date| date.to_string()),
            note: line.note.clone(),
        }
    }

    fn into_domain(self) -> Stored<PlanLine> {
        let source = self.price_source.as_deref();
        let source =
            source.map(|word| words::word("price source", word, PriceSource::parse)).transpose()?;
        let day = |text: String| text.parse().map_err(|_| corrupt("plan line's day", &text));
        Ok(PlanLine {
            line_no: self.line_no,
            item: words::code("plan item", &self.item)?,
            priority: self.priority,
            net_gap: self.net_gap,
            expiring: self.expiring,
            growth: self.growth,
            confirmed_inbound: self.confirmed_inbound,
            pack: self.pack,
            quantity: self.quantity,
            price: self.unit_price_fen.zip(source),
            supplier: self.supplier,
            due_on: self.due_on.map(day).transpose()?,
            note: self.note,
        })
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = procurement_plan)]
pub(super) struct PlanRow {
    code: String,
    name: String,
    region: String,
    year: i64,
    scope: String,
    state: String,
    budget_fen: Option<i64>,
    planned_on: NaiveDate,
    ledger_seq: i64,
    reference_rev: i64,
    lines: String,
    open_needs: String,
    rev: i64,
}

impl PlanRow {
    pub(super) fn new(plan: &ProcurementPlan, rev: i64) -> Stored<Self> {
        let lines: Vec<LineJson> = plan.lines.iter().map(LineJson::new).collect();
        let needs: Vec<(&str, i64)> =
            plan.open_needs.iter().map(|open| (open.need.as_str(), open.net_gap)).collect();
        Ok(Self {
            code: plan.code.to_string(),
            name: plan.name.clone(),
            region: plan.region.to_string(),
            year: i64::from(plan.year),
            scope: plan.scope.as_str().to_string(),
            state: plan.state.as_str().to_string(),
            budget_fen: plan.budget_fen,
            planned_on: plan.planned_on,
            ledger_seq: plan.ledger_seq,
            reference_rev: plan.reference_rev,
            lines: words::to_json(&lines)?,
            open_needs: words::to_json(&needs)?,
            rev,
        })
    }

    pub(super) fn into_domain(self) -> Stored<ProcurementPlan> {
        let lines: Vec<LineJson> = words::from_json("plan lines", &self.lines)?;
        let needs: Vec<(String, i64)> = words::from_json("plan needs", &self.open_needs)?;
        let open = |(need, net_gap): (String, i64)| {
            Ok(OpenNeed { need: words::code("plan need", &need)?, net_gap })
        };
        Ok(ProcurementPlan {
            code: words::code("plan code", &self.code)?,
            region: words::region("plan region", &self.region)?,
            year: words::number("plan year", self.year)?,
            scope: words::word("plan scope", &self.scope, PlanScope::parse)?,
            state: words::word("plan state", &self.state, PlanState::parse)?,
            name: self.name,
            budget_fen: self.budget_fen,
            planned_on: self.planned_on,
            ledger_seq: self.ledger_seq,
            reference_rev: self.reference_rev,
            lines: lines.into_iter().map(LineJson::into_domain).collect::<Stored<_>>()?,
            open_needs: needs.into_iter().map(open).collect::<Stored<_>>()?,
        })
    }
}

pub(super) fn save_plans(db: &mut Db, rows: &[PlanRow]) -> Stored<()> {
    upsert_all!(
        db,
        procurement_plan,
        code,
        rows,
        [
            name,
            region,
            year,
            scope,
            state,
            budget_fen,
            planned_on,
            ledger_seq,
            reference_rev,
            lines,
            open_needs,
            rev,
        ]
    );
    Ok(())
}

pub(super) fn plans_since(db: &mut Db, rev: i64) -> Stored<Vec<PlanRow>> {
    let query =
        procurement_plan::table.filter(procurement_plan::rev.gt(rev)).order(procurement_plan::code);
    Ok(on_engine!(db, conn => query.select(PlanRow::as_select()).load(conn))?)
}
