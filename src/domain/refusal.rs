//! Every "no" the rules can say, with its facts.
//!
//! Lives here: refusals by rule or state, and faults of single values. Does not live here: HTTP
//! statuses and words for people. Invariant: a refusal carries what a clerk needs to put it right.

use chrono::NaiveDate;
use uuid::Uuid;

use super::calendar::Instant;

/// One value that cannot be: where it stands, which rule it broke, what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer into the request body, or the name of a query parameter.
    pub pointer: String,
    /// Which rule, stable for machines.
    pub code: FaultCode,
    /// What would be right: a bound, a pattern, a list of words.
    pub expected: String,
}

impl Fault {
    /// A fault at `pointer`.
    pub fn new(pointer: impl Into<String>, code: FaultCode, expected: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, expected: expected.into() }
    }
}

/// The rules a single value can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultCode {
    /// The value is missing.
    Required,
    /// The value must not be given here.
    NotAllowed,
    /// The value is of another type than asked.
    WrongType,
    /// No such field or parameter.
    UnknownField,
    /// The text is not of the asked form.
    Malformed,
    /// The number or length is outside its bounds.
    OutOfRange,
    /// The word is not one of those admitted.
    UnknownValue,
    /// Two dates stand in the wrong order.
    DateOrder,
    /// The instant lies in the future.
    InFuture,
    /// The unit is neither the item's base unit nor one of its packs.
    UnknownUnit,
    /// The item is only good until a date, and none can be known.
    ExpiryRequired,
    /// The region's code, tier and parent do not fit together.
    Hierarchy,
    /// The same thing twice in one request.
    Duplicate,
    /// Two rows of one document say different things of it.
    Disagrees,
}

/// Which stock a refusal speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockRef {
    /// Depot code.
    pub depot: String,
    /// Owning organization's code.
    pub owner: String,
    /// Item code.
    pub item: String,
    /// Lot number, where one lot was asked for.
    pub lot_no: Option<String>,
    /// Condition of the goods: `good`, `quarantine` or `damaged`.
    pub condition: &'static str,
}

/// A well-formed request that the rules or the state refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Values that cannot be, found only with the reference data at hand.
    Invalid(Vec<Fault>),
    /// Nothing has this code (or it is out of the caller's scope).
    UnknownReference { kind: &'static str, code: String, pointer: String },
    /// Less usable stock than asked; `unusable` lies there past its date.
    InsufficientStock { line: u32, stock: StockRef, have: i64, need: i64, unusable: i64 },
    /// The named lot was past its last usable day.
    LotExpired { line: u32, stock: StockRef, last_usable_on: NaiveDate, occurred_on: NaiveDate },
    /// A later balance of the account would fall below zero.
    NegativeHistory { line: u32, stock: StockRef, at: Instant, least: i64, need: i64 },
    /// The depot takes and gives no goods.
    DepotClosed { depot: String, status: &'static str },
    /// The same paper is already booked.
    DocumentExists { document_no: String, id: Uuid, seq: i64 },
    /// The movement has been reversed before.
    AlreadyReversed { id: Uuid, seq: i64 },
    /// A reversal itself is corrected by booking anew.
    NotReversible { id: Uuid },
    /// A reversal cannot occur before what it reverses.
    ReversalBeforeTarget { target_occurred_at: Instant },
    /// A plan does not pass from its state into the one asked for, or is edited out of draft.
    PlanState { code: String, state: &'static str, wanted: &'static str },
    /// A receipt names a plan's line that is `unknown`, in a `state` without orders, or of another
    /// `item`.
    PlanLine {
        order_no: String,
        reason: &'static str,
        state: Option<&'static str>,
        item: Option<String>,
    },
    /// Goods are issued for an event that is `closed`, or a drill: an `exercise`.
    EventState { code: String, state: &'static str },
    /// A region, organization, depot, item, need or quota would contradict another.
    Conflict { kind: &'static str, code: String, with: String },
}

impl Refusal {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_value",
            Self::UnknownReference { .. } => "unknown_reference",
            Self::InsufficientStock { .. } => "insufficient_stock",
            Self::LotExpired { .. } => "lot_expired",
            Self::NegativeHistory { .. } => "negative_history",
            Self::DepotClosed { .. } => "depot_closed",
            Self::DocumentExists { .. } => "document_exists",
            Self::AlreadyReversed { .. } => "already_reversed",
            Self::NotReversible { .. } => "not_reversible",
            Self::ReversalBeforeTarget { .. } => "reversal_before_target",
            Self::PlanState { .. } => "plan_state",
            Self::PlanLine { .. } => "plan_line",
            Self::EventState { .. } => "event_state",
            Self::Conflict { .. } => "reference_conflict",
        }
    }
}

impl FaultCode {
    /// The stable word of this rule.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::NotAllowed => "not_allowed",
            Self::WrongType => "wrong_type",
            Self::UnknownField => "unknown_field",
            Self::Malformed => "malformed",
            Self::OutOfRange => "out_of_range",
            Self::UnknownValue => "unknown_value",
            Self::DateOrder => "date_order",
            Self::InFuture => "in_future",
            Self::UnknownUnit => "unknown_unit",
            Self::ExpiryRequired => "expiry_required",
            Self::Hierarchy => "hierarchy",
            Self::Duplicate => "duplicate",
            Self::Disagrees => "disagrees",
        }
    }
}
