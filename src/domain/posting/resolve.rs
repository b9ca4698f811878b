//! From a draft's words to known depots, owners, items and base units.
//!
//! Lives here: value checks that need no stock. Does not live here: choosing lots (`picking`).
//! Invariant: all faults of a draft are found at once, each with its pointer.

use chrono::NaiveDate;

use super::super::access::Principal;
use super::super::calendar::{CLOCK_TOLERANCE_US, Instant, add_months};
use super::super::catalogue::{Code, Item, LifeKind};
use super::super::depot::{Depot, DepotStatus};
use super::super::lot::{LotDraft, LotKey};
use super::super::movement::{Condition, Draft, DraftLine, MAX_LINES, MovementType, Shape};
use super::super::quantity::Quantity;
use super::super::reference::{Reference, unknown};
use super::super::refusal::{Fault, FaultCode, Refusal};
use super::{Desk, ReversalDraft};

/// No document of an emergency reserve is older.
const EARLIEST_YEAR: i32 = 1950;

/// A line whose every word is known.
pub(super) struct ResolvedLine {
    pub request_line: u32,
    /// The depot acted on: the source, or the target of what comes in.
    pub depot: Code,
    pub to_depot: Option<Code>,
    pub owner: Code,
    /// Whose the goods are afterwards.
    pub to_owner: Code,
    pub item: Code,
    pub condition: Condition,
    pub to_condition: Condition,
    pub quantity: i64,
    pub lot: Option<LotDraft>,
    /// The lot that comes in.
    pub new_lot: Option<LotKey>,
}

/// A draft whose every word is known.
pub(super) struct Resolved {
    /// Whose document it is.
    pub organization: Code,
    pub lines: Vec<ResolvedLine>,
}

/// The faults of a reversal's values.
pub fn reversal_faults(draft: &ReversalDraft, now: Instant) -> Vec<Fault> {
    let mut found = Vec::new();
    time_faults(draft.occurred_at.unwrap_or(now), now, &mut found);
    found
}

fn time_faults(at: Instant, now: Instant, found: &mut Vec<Fault>) {
    if at.0 > now.0.saturating_add(CLOCK_TOLERANCE_US) {
        let limit = format!("at most five minutes after {}", now.rfc3339());
        found.push(Fault::new("/occurred_at", FaultCode::InFuture, limit));
    }
    if at.shanghai_date() < earliest() {
        let limit = format!("not before {}", earliest());
        found.push(Fault::new("/occurred_at", FaultCode::OutOfRange, limit));
    }
}

/// The faults of a draft's values that need no reference data.
pub fn faults(draft: &Draft, now: Instant) -> Vec<Fault> {
    let mut found = Vec::new();
    let at = draft.occurred_at.unwrap_or(now);
    time_faults(at, now, &mut found);
    if draft.lines.is_empty() || draft.lines.len() > MAX_LINES {
        let limit = format!("1 to {MAX_LINES} lines, not {}", draft.lines.len());
        found.push(Fault::new("/lines", FaultCode::OutOfRange, limit));
        return found;
    }
    let Some(shape) = draft.kind.shape() else {
        let expected = "a movement type that can be booked directly";
        found.push(Fault::new("/type", FaultCode::UnknownValue, expected));
        return found;
    };
    for (ix, line) in draft.lines.iter().enumerate() {
        let mut checker = LineCheck { prefix: format!("/lines/{ix}"), found: &mut found };
        checker.ends(shape, line);
        checker.conditions(shape, draft.kind, line);
        checker.owners(draft.kind, line);
        if let Some(lot) = &line.lot {
            checker.dates(lot, now.shanghai_date().max(at.shanghai_date()));
        }
    }
    found
}

fn earliest() -> NaiveDate {
    NaiveDate::from_ymd_opt(EARLIEST_YEAR, 1, 1).unwrap_or(NaiveDate::MIN)
}

struct LineCheck<'a> {
    prefix: String,
    found: &'a mut Vec<Fault>,
}

impl LineCheck<'_> {
    fn fault(&mut self, field: &str, code: FaultCode, expected: &str) {
        self.found.push(Fault::new(format!("{}/{field}", self.prefix), code, expected));
    }

    fn ends(&mut self, shape: Shape, line: &DraftLine) {
        let (wants_from, wants_to) = match shape {
            Shape::In(_) => (false, true),
            Shape::Out(_) | Shape::Within => (true, false),
            Shape::Across => (true, true),
        };
        for (field, given, wanted) in
            [("from", line.from.is_some(), wants_from), ("to", line.to.is_some(), wants_to)]
        {
            match (given, wanted) {
                (false, true) => self.fault(field, FaultCode::Required, "a depot code"),
                (true, false) => {
                    self.fault(field, FaultCode::NotAllowed, "absent for this movement type");
                }
                _ => {}
            }
        }
        if shape == Shape::Across && line.from == line.to {
            self.fault("to", FaultCode::Duplicate, "another depot than `from`");
        }
    }

    fn conditions(&mut self, shape: Shape, kind: MovementType, line: &DraftLine) {
        if shape == Shape::Within {
            match line.to_condition {
                None => self.fault("to_condition", FaultCode::Required, "the new condition"),
                Some(to) if to == line.condition => {
                    let expected = "another condition than `condition`";
                    self.fault("to_condition", FaultCode::Duplicate, expected);
                }
                Some(_) => {}
            }
        } else if line.to_condition.is_some() {
            let expected = "absent except in condition_change";
            self.fault("to_condition", FaultCode::NotAllowed, expected);
        }
        if kind == MovementType::Issue && line.condition != Condition::Good {
            self.fault("condition", FaultCode::UnknownValue, "good: only good stock is issued");
        }
    }

    fn owners(&mut self, kind: MovementType, line: &DraftLine) {
        if line.to_owner.is_none() {
            return;
        }
        if kind != MovementType::Relocate {
            self.fault("to_owner", FaultCode::NotAllowed, "absent except in relocate");
        } else if line.to_owner == line.owner {
            self.fault("to_owner", FaultCode::Duplicate, "another owner than `owner`");
        }
    }

    fn dates(&mut self, lot: &LotDraft, today: NaiveDate) {
        if let Some(produced_on) = lot.produced_on {
            if produced_on > today {
                self.fault("lot/produced_on", FaultCode::InFuture, "not after today");
            }
            if lot.expires_on.is_some_and(|expires_on| expires_on < produced_on) {
                self.fault("lot/expires_on", FaultCode::DateOrder, "not before produced_on");
            }
        }
        let bounds = earliest()..=NaiveDate::from_ymd_opt(2199, 12, 31).unwrap_or(NaiveDate::MAX);
        for (field, date) in
            [("lot/produced_on", lot.produced_on), ("lot/expires_on", lot.expires_on)]
        {
            if date.is_some_and(|date| !bounds.contains(&date)) {
                self.fault(field, FaultCode::OutOfRange, "a date from 1950 to 2199");
            }
        }
    }
}

/// Looks every word of the draft up.
pub(super) fn resolve(desk: Desk<'_>, draft: &Draft) -> Result<Resolved, Refusal> {
    let shape = draft.kind.shape();
    let mut lines = Vec::with_capacity(draft.lines.len());
    let mut faults = Vec::new();
    for (ix, line) in draft.lines.iter().enumerate() {
        match resolve_line(desk, draft, shape, ix, line) {
            Ok(resolved) => lines.push(resolved),
            Err(Refusal::Invalid(more)) => faults.extend(more),
            Err(refusal) => return Err(refusal),
        }
    }
    match lines.first() {
        Some(first) if faults.is_empty() => {
            Ok(Resolved { organization: first.owner.clone(), lines })
        }
        _ => Err(Refusal::Invalid(faults)),
    }
}

fn resolve_line(
    desk: Desk<'_>,
    draft: &Draft,
    shape: Option<Shape>,
    ix: usize,
    line: &DraftLine,
) -> Result<ResolvedLine, Refusal> {
    let reference = &desk.position.reference;
    let pointer = |field: &str| format!("/lines/{ix}/{field}");
    let from = known_depot(reference, line.from.as_ref(), &pointer("from"))?;
    let to = known_depot(reference, line.to.as_ref(), &pointer("to"))?;
    let acting = from.or(to).ok_or_else(|| Refusal::Invalid(Vec::new()))?;
    let end = if from.is_some() { "from" } else { "to" };
    in_scope(reference, desk.principal, acting, &pointer(end))?;
    for depot in [from, to].into_iter().flatten() {
        if depot.status != DepotStatus::Active {
            let (depot, status) = (depot.code.to_string(), depot.status.as_str());
            return Err(Refusal::DepotClosed { depot, status });
        }
    }
    let owner = line.owner.as_ref().unwrap_or(&acting.organization);
    if reference.organizations.find(owner.as_str()).is_none() {
        return Err(unknown("organization", owner.as_str(), &pointer("owner")));
    }
    let to_owner = line.to_owner.as_ref().unwrap_or(owner);
    if reference.organizations.find(to_owner.as_str()).is_none() {
        return Err(unknown("organization", to_owner.as_str(), &pointer("to_owner")));
    }
    let item = reference
        .items
        .by_code(line.item.as_str())
        .ok_or_else(|| unknown("item", line.item.as_str(), &pointer("item")))?;
    let quantity = base_units(item, line, ix)?;
    let coming_in = matches!(shape, Some(Shape::In(_)));
    let new_lot = if coming_in { Some(incoming_lot(item, line, ix)?) } else { None };
    Ok(ResolvedLine {
        request_line: u32::try_from(ix).unwrap_or(u32::MAX).saturating_add(1),
        depot: acting.code.clone(),
        to_depot: to.filter(|_| draft.kind == MovementType::Relocate).map(|d| d.code.clone()),
        owner: owner.clone(),
        to_owner: to_owner.clone(),
        item: item.code.clone(),
        condition: line.condition,
        to_condition: line.to_condition.unwrap_or(line.condition),
        quantity: quantity.units(),
        lot: line.lot.clone().filter(|lot| *lot != LotDraft::default()),
        new_lot,
    })
}

fn known_depot<'a>(
    reference: &'a Reference,
    code: Option<&Code>,
    pointer: &str,
) -> Result<Option<&'a Depot>, Refusal> {
    let Some(code) = code else { return Ok(None) };
    match reference.depots.by_code(code.as_str()) {
        Some(depot) => Ok(Some(depot)),
        None => Err(unknown("depot", code.as_str(), pointer)),
    }
}

/// What is out of scope behaves as if it did not exist.
fn in_scope(
    reference: &Reference,
    principal: &Principal,
    depot: &Depot,
    pointer: &str,
) -> Result<(), Refusal> {
    if principal.sees_code(&reference.regions, depot.region) {
        Ok(())
    } else {
        Err(unknown("depot", depot.code.as_str(), pointer))
    }
}

fn base_units(item: &Item, line: &DraftLine, ix: usize) -> Result<Quantity, Refusal> {
    let fault = |field: &str, code: FaultCode, expected: String| {
        Refusal::Invalid(vec![Fault::new(format!("/lines/{ix}/{field}"), code, expected)])
    };
    let Some(unit) = &line.unit else {
        return Ok(line.quantity);
    };
    let factor = item.factor_of(unit).ok_or_else(|| {
        fault("unit", FaultCode::UnknownUnit, format!("one of {}", item.units().join(", ")))
    })?;
    line.quantity.times(factor).ok_or_else(|| {
        let most = super::super::quantity::MAX_QUANTITY;
        fault("quantity", FaultCode::OutOfRange, format!("at most {most} {}", item.unit))
    })
}

fn incoming_lot(item: &Item, line: &DraftLine, ix: usize) -> Result<LotKey, Refusal> {
    let draft = line.lot.clone().unwrap_or_default();
    let by_rule = match (draft.produced_on, item.life.months, item.life.kind) {
        (Some(made), Some(months), LifeKind::Hard | LifeKind::Advisory) => {
            Some(add_months(made, months))
        }
        _ => None,
    };
    let expires_on = draft.expires_on.or(by_rule);
    if item.life.kind == LifeKind::Hard && expires_on.is_none() {
        let pointer = format!("/lines/{ix}/lot/expires_on");
        let expected = "expires_on, or produced_on: this item is not issued after a date";
        let fault = Fault::new(pointer, FaultCode::ExpiryRequired, expected);
        return Err(Refusal::Invalid(vec![fault]));
    }
    Ok(LotKey {
        item: item.code.clone(),
        lot_no: draft.lot_no.map(Into::into),
        manufacturer: draft.manufacturer.map(Into::into),
        produced_on: draft.produced_on,
        expires_on,
        unit_price_fen: draft.unit_price_fen,
        source: draft.source.map(Into::into),
    })
}
