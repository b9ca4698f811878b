//! Annual procurement plans: drafted from a snapshot, stored and moved on under the lock.
//!
//! Lives here: who may see which plan, its code, its passages and edits. Does not live here: how
//! lines come about (`domain::purchasing`). Invariant: a plan is edited as a draft only.

mod trace;

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use crate::domain::access::{Action, Principal};
use crate::domain::catalogue::Code;
use crate::domain::position::Position;
use crate::domain::procurement::{
    MAX_PLAN_LINES, PlanScope, PlanState, PriceSource, ProcurementPlan,
};
use crate::domain::purchasing::{self, Wanted};
use crate::domain::reference::{Record, Reference, unknown};
use crate::domain::refusal::{Fault, FaultCode, Refusal};
use crate::domain::region::RegionCode;

use super::access::{Credential, authorise};
use super::book::{Amended, Amendment, Book, Kept, KeyedAmendment, Precondition, Rendering, now};
use super::failure::Failure;

pub use trace::{Lies, Trace, trace};

/// The first and last year of a plan.
pub const YEARS: std::ops::RangeInclusive<i32> = 2000..=2199;

/// A plan to draft.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `None`: the region's, the year's and a number that is free.
    pub code: Option<Code>,
    pub name: String,
    pub region: RegionCode,
    pub year: i32,
    pub scope: PlanScope,
    pub budget_fen: Option<i64>,
    /// Of each item once, in the order asked.
    pub growth: Vec<(Code, i64)>,
    pub prices: Vec<(Code, i64)>,
}

/// Who asks, and by which key.
pub type Asker = (Principal, Option<Credential>);

/// How a plan is told of: its body, by the Position that holds it.
pub type Telling = Box<dyn FnOnce(&ProcurementPlan, &Position) -> String + Send>;

/// The plan of a code, if the caller sees it.
///
/// # Errors
/// `NotFound` for a code that is unknown or out of scope.
pub fn find(
    reference: &Reference,
    principal: &Principal,
    code: &str,
) -> Result<Arc<ProcurementPlan>, Failure> {
    let found = reference.plans.by_code(code);
    found
        .filter(|plan| principal.sees_code(&reference.regions, plan.region))
        .cloned()
        .ok_or_else(|| Failure::not_found("plan", code))
}

/// Drafts a plan from the snapshot and stores it, or answers what the key has been answered.
///
/// # Errors
/// Any fault of the database; refusals, a year that is over among them, are kept.
pub async fn create(
    book: &Book,
    position: Arc<Position>,
    (principal, credential): Asker,
    (key, request_hash): (String, [u8; 32]),
    asked: Asked,
    (tell, render): (Telling, Rendering),
) -> Result<Kept, Failure> {
    let today = now().shanghai_date();
    let (who, code) = (principal.clone(), asked.code.clone());
    let drafted = book.compute(move || drafted(&position, &who, &asked, today)).await?;
    let decide = Box::new(move |principal: &Principal, position: &Position| {
        let mut plan = drafted?;
        let reference = &position.reference;
        if !principal.sees_code(&reference.regions, plan.region) {
            return Err(unknown("region", &plan.region.to_string(), "/region").into());
        }
        plan.code = free_code(reference, principal, &plan, code)?;
        Ok(told(plan, position, 201, tell))
    });
    let action = Action::Plan;
    let request =
        KeyedAmendment { principal, credential, action, key, request_hash, decide, render };
    book.amend_once(request).await
}

fn told(plan: ProcurementPlan, position: &Position, status: u16, tell: Telling) -> Amended {
    let (records, before) = (vec![Record::Plan(plan.clone())], position.clone());
    Amended { records, status, compose: Box::new(move |_| tell(&plan, &before)) }
}

fn drafted(
    position: &Position,
    principal: &Principal,
    asked: &Asked,
    today: NaiveDate,
) -> Result<ProcurementPlan, Refusal> {
    if asked.year < today.year() {
        let expected = format!("{} to {}", today.year(), YEARS.end());
        return Err(Refusal::Invalid(vec![Fault::new("/year", FaultCode::OutOfRange, expected)]));
    }
    let reference = &position.reference;
    let region = reference.regions.find(asked.region);
    let region = region.filter(|ix| principal.sees(&reference.regions, *ix));
    let region = region.ok_or_else(|| unknown("region", &asked.region.to_string(), "/region"))?;
    for (list, rows) in [("growth", &asked.growth), ("prices", &asked.prices)] {
        let strange = |(code, _): &(Code, i64)| reference.items.find(code.as_str()).is_none();
        if let Some(ix) = rows.iter().position(strange) {
            let code = rows.get(ix).map(|(code, _)| code.to_string()).unwrap_or_default();
            return Err(unknown("item", &code, &format!("/{list}/{ix}/item")));
        }
    }
    let day = |month, day| NaiveDate::from_ymd_opt(asked.year, month, day);
    let (first, last) = day(1, 1).zip(day(12, 31)).unwrap_or((today, today));
    let planned_on = today.max(first);
    let wanted = Wanted {
        region,
        scope: asked.scope,
        planned_on,
        year_end: last,
        growth: asked.growth.iter().cloned().collect(),
        prices: asked.prices.iter().cloned().collect(),
    };
    let code = asked.code.clone().or_else(|| numbered(asked.region, asked.year, 1));
    let draft = purchasing::draft(position, &wanted);
    if draft.lines.len() > MAX_PLAN_LINES {
        let expected = format!("at most {MAX_PLAN_LINES} lines");
        return Err(Refusal::Invalid(vec![Fault::new("", FaultCode::OutOfRange, expected)]));
    }
    Ok(ProcurementPlan {
        code: code.ok_or_else(|| Refusal::Invalid(vec![code_required()]))?,
        name: asked.name.clone(),
        region: asked.region,
        year: asked.year,
        scope: asked.scope,
        state: PlanState::Draft,
        budget_fen: asked.budget_fen,
        planned_on,
        ledger_seq: position.head.seq,
        reference_rev: position.head.reference_rev,
        lines: draft.lines,
        open_needs: draft.open_needs,
    })
}

fn code_required() -> Fault {
    Fault::new("/code", FaultCode::Required, "a code")
}

/// A code that says region, year and number.
fn numbered(region: RegionCode, year: i32, number: usize) -> Option<Code> {
    Code::parse(&format!("P{region}-{year}-{number}"))
}

/// The code that is asked for, or the first number of region and year that is free.
fn free_code(
    reference: &Reference,
    principal: &Principal,
    plan: &ProcurementPlan,
    asked: Option<Code>,
) -> Result<Code, Refusal> {
    let Some(code) = asked else {
        let mut numbers = (1..).map_while(|number| numbered(plan.region, plan.year, number));
        let free = numbers.find(|code| reference.plans.find(code.as_str()).is_none());
        return free.ok_or_else(|| Refusal::Invalid(vec![code_required()]));
    };
    match reference.plans.by_code(code.as_str()) {
        None => Ok(code),
        Some(taken) => {
            let seen = principal.sees_code(&reference.regions, taken.region);
            let state = if seen { taken.state.as_str() } else { "taken" };
            let wanted = PlanState::Draft.as_str();
            Err(Refusal::PlanState { code: code.to_string(), state, wanted })
        }
    }
}

/// Moves a plan on to `next`, or answers what the key has been answered.
///
/// # Errors
/// `NotFound` for a plan out of sight, any fault of the database; refusals are kept.
pub async fn pass(
    book: &Book,
    (principal, credential): Asker,
    (key, request_hash): (String, [u8; 32]),
    (code, next): (String, PlanState),
    (tell, render): (Telling, Rendering),
) -> Result<Kept, Failure> {
    let decide = Box::new(move |principal: &Principal, position: &Position| {
        let found = find(&position.reference, principal, &code)?;
        if !found.state.may_become(next) {
            let (state, wanted) = (found.state.as_str(), next.as_str());
            return Err(Refusal::PlanState { code, state, wanted }.into());
        }
        let plan = ProcurementPlan { state: next, ..(*found).clone() };
        Ok(told(plan, position, 201, tell))
    });
    let action = Action::Plan;
    let request =
        KeyedAmendment { principal, credential, action, key, request_hash, decide, render };
    book.amend_once(request).await
}

/// What an edit changes of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineEdit {
    pub line_no: u32,
    pub quantity: i64,
    pub unit_price_fen: Option<i64>,
    pub supplier: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub note: Option<String>,
}

/// What an edit changes of a draft; lines that it does not name stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub name: String,
    pub budget_fen: Option<i64>,
    pub lines: Vec<LineEdit>,
}

/// The draft with an edit made.
///
/// # Errors
/// Every line that the plan does not have, or whose quantity is no whole number of packs.
pub fn edited(plan: &ProcurementPlan, edit: &Edit) -> Result<ProcurementPlan, Failure> {
    let mut next = plan.clone();
    let mut faults = Vec::new();
    (next.name, next.budget_fen) = (edit.name.clone(), edit.budget_fen);
    for (ix, change) in edit.lines.iter().enumerate() {
        let at = |field: &str| format!("/lines/{ix}/{field}");
        let line = next.lines.iter_mut().find(|line| line.line_no == change.line_no);
        let Some(line) = line else {
            let expected = format!("a line of the plan: 1 to {}", plan.lines.len());
            faults.push(Fault::new(at("line_no"), FaultCode::UnknownValue, expected));
            continue;
        };
        if change.quantity.checked_rem(line.pack) != Some(0) {
            let expected = format!("a multiple of {}", line.pack);
            faults.push(Fault::new(at("quantity"), FaultCode::OutOfRange, expected));
        }
        line.quantity = change.quantity;
        let kept = line.price.filter(|(fen, _)| Some(*fen) == change.unit_price_fen);
        line.price = kept.or(change.unit_price_fen.map(|fen| (fen, PriceSource::Planner)));
        line.supplier.clone_from(&change.supplier);
        line.due_on = change.due_on;
        line.note.clone_from(&change.note);
    }
    if faults.is_empty() { Ok(next) } else { Err(Failure::Invalid(faults)) }
}

/// Stores an edited draft if it is still the version that was read: `unchanged` tells.
///
/// # Errors
/// `PreconditionFailed`, `Refused` for a plan that is no draft, or any fault of the database.
pub async fn store_edit(
    book: &Book,
    principal: &Principal,
    plan: ProcurementPlan,
    unchanged: impl Fn(Option<&ProcurementPlan>) -> bool + Send + 'static,
) -> Result<i64, Failure> {
    authorise(principal, Action::Plan)?;
    let code = plan.code.to_string();
    let precondition: Precondition = Box::new(move |reference| {
        let present = reference.plans.by_code(&code);
        if !unchanged(present.map(AsRef::as_ref)) {
            return Err(Failure::PreconditionFailed { code: code.clone() });
        }
        match present.map(|plan| plan.state).filter(|state| *state != PlanState::Draft) {
            None => Ok(()),
            Some(state) => Err(Refusal::PlanState {
                code: code.clone(),
                state: state.as_str(),
                wanted: PlanState::Draft.as_str(),
            }
            .into()),
        }
    });
    let records = vec![Record::Plan(plan)];
    let amendment = Amendment { records, precondition, settings: Vec::new() };
    book.amend_in_time(amendment).await
}
