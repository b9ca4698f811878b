//! Annual procurement plans (年度采购计划): what to buy in a year, in which order, and how far it is.
//!
//! Lives here: a plan's plain value, its states, amounts and budget line. Does not live here: how
//! its lines come about (`purchasing`). Invariant: a line without a price has no amount; it is
//! never counted as costing nothing.

use chrono::NaiveDate;

use super::catalogue::Code;
use super::quantity::narrow;
use super::region::RegionCode;

/// The most lines of a plan.
pub const MAX_PLAN_LINES: usize = 2_000;

/// How far a plan is; that everything has been received follows from the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanState {
    Draft,
    Approved,
    Ordered,
    Cancelled,
}

impl PlanState {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Approved, Self::Ordered, Self::Cancelled];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Ordered => "ordered",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether a plan in this state may pass into `next`.
    pub fn may_become(self, next: Self) -> bool {
        use PlanState as P;
        matches!(
            (self, next),
            (P::Draft, P::Approved)
                | (P::Approved, P::Ordered)
                | (P::Draft | P::Approved | P::Ordered, P::Cancelled)
        )
    }

    /// Whether what it has not received yet is on its way.
    pub fn is_committed(self) -> bool {
        matches!(self, Self::Approved | Self::Ordered)
    }
}

/// Whose gaps a plan closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlanScope {
    /// The region's own account.
    Own,
    /// All accounts of its subtree, after perfect redistribution.
    Subtree,
}

impl PlanScope {
    pub const ALL: [Self; 2] = [Self::Own, Self::Subtree];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Subtree => "subtree",
        }
    }

    /// The scope of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// Where a line's price comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceSource {
    /// Given when the plan was drafted, or later by the planner.
    Planner,
    /// Of the newest lot of the item that has a price.
    NewestLot,
}

impl PriceSource {
    pub const ALL: [Self; 2] = [Self::Planner, Self::NewestLot];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planner => "planner",
            Self::NewestLot => "newest_lot",
        }
    }

    /// The source of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }
}

/// What a plan buys of one item; quantities in base units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanLine {
    pub line_no: u32,
    pub item: Code,
    /// 1 is bought first; `None` last.
    pub priority: Option<u8>,
    /// Missing to the quotas on the plan date.
    pub net_gap: i64,
    /// Ends within the year and must be replaced.
    pub expiring: i64,
    pub growth: i64,
    /// On its way by other plans.
    pub confirmed_inbound: i64,
    /// Base units of which the quantity is a multiple.
    pub pack: i64,
    pub quantity: i64,
    /// Fen per base unit.
    pub price: Option<(i64, PriceSource)>,
    pub supplier: Option<String>,
    pub due_on: Option<NaiveDate>,
    pub note: Option<String>,
}

impl PlanLine {
    /// What is missing, ends or grows, less what comes; negative where more comes.
    pub fn wanted(&self) -> i64 {
        let more = i128::from(self.net_gap) + i128::from(self.expiring) + i128::from(self.growth);
        narrow(more - i128::from(self.confirmed_inbound))
    }

    /// What the line costs, in fen; `None` without a price.
    pub fn amount_fen(&self) -> Option<i64> {
        let (price, _) = self.price?;
        Some(narrow(i128::from(price).saturating_mul(i128::from(self.quantity))))
    }
}

/// A need for which a quota is not met: no item follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenNeed {
    pub need: Code,
    pub net_gap: i64,
}

/// An annual procurement plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcurementPlan {
    pub code: Code,
    pub name: String,
    pub region: RegionCode,
    pub year: i32,
    pub scope: PlanScope,
    pub state: PlanState,
    pub budget_fen: Option<i64>,
    /// The day on which its gaps were taken.
    pub planned_on: NaiveDate,
    /// The last entry and the revision that it rests on.
    pub ledger_seq: i64,
    pub reference_rev: i64,
    /// By priority, then item.
    pub lines: Vec<PlanLine>,
    pub open_needs: Vec<OpenNeed>,
}

/// One line against the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    pub amount_fen: Option<i64>,
    /// Of all priced lines so far.
    pub cumulative_fen: i64,
    /// `None` without a price or a budget.
    pub within_budget: Option<bool>,
}

/// What a plan costs; lines without a price stand apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    pub amount_fen: i64,
    pub within_budget_fen: i64,
    pub lines_unpriced: i64,
    /// The first line that the budget does not reach.
    pub first_beyond: Option<u32>,
}

impl ProcurementPlan {
    /// The last day of its year.
    pub fn year_end(&self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, 12, 31).unwrap_or(self.planned_on)
    }

    /// The line of a number.
    pub fn line(&self, line_no: u32) -> Option<&PlanLine> {
        self.lines.iter().find(|line| line.line_no == line_no)
    }

    /// The lines in order, each with its cost.
    pub fn costs(&self) -> Vec<(&PlanLine, Cost)> {
        let mut sum = 0_i128;
        let cost = |line: &PlanLine| {
            let amount_fen = line.amount_fen();
            sum += i128::from(amount_fen.unwrap_or(0));
            let within = self.budget_fen.map(|budget| sum <= i128::from(budget));
            let within_budget = within.filter(|_| amount_fen.is_some());
            Cost { amount_fen, cumulative_fen: narrow(sum), within_budget }
        };
        self.lines.iter().zip(self.lines.iter().map(cost).collect::<Vec<_>>()).collect()
    }

    /// What all lines cost together.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for (line, cost) in self.costs() {
            match cost.amount_fen {
                None => totals.lines_unpriced += i64::from(line.quantity > 0),
                Some(_) => totals.amount_fen = cost.cumulative_fen,
            }
            match cost.within_budget {
                Some(false) => {
                    totals.first_beyond = totals.first_beyond.or(Some(line.line_no));
                }
                Some(true) | None if totals.first_beyond.is_none() => {
                    totals.within_budget_fen = cost.cumulative_fen;
                }
                Some(true) | None => {}
            }
        }
        totals
    }
}

/// Which line of which plan an order number names: `<plan>/<line>`.
pub fn named_line(order_no: &str) -> Option<(Code, u32)> {
    let (plan, line) = order_no.rsplit_once('/')?;
    let digits = (1..=4).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit());
    let line = line.parse().ok().filter(|line| digits && *line > 0)?;
    Some((Code::parse(plan)?, line))
}

#[cfg(test)]
#[path = "procurement_tests.rs"]
mod tests;
