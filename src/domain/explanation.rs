//! Explanation: one gap opened into the quota, lots and accounts that it comes from; balances and
//! lines of procurement plans likewise.
//!
//! Lives here: which balances count, which do not and why, the accounts of the roll-up, and what
//! would close the gap. Does not live here: the gap itself (`gap`). Invariant: the parts add up to
//! the row, always.

mod balance;
mod by_custody;
mod by_owner;
mod parts;
mod promised;
mod purchase;

use std::sync::Arc;

use chrono::NaiveDate;

use super::account::{Filter, Line, Shelf};
use super::catalogue::Item;
use super::certainty::Certainty;
use super::custody::View;
use super::gap::{self, Row};
use super::position::Position;
use super::quota::{Mode, Quota};
use super::region::{Region, RegionIx};
use super::source::SourceRow;
use super::stock::Figures;
use super::unknown::Unknown;

pub use balance::{Breach, Change, Projection, explain_balance};
pub use parts::{Part, Reason};
pub use purchase::{PlanAccount, PlanOrder, Purchase, explain_purchase};

/// Which kind of goods is asked for, by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Item(u32),
    Need(u32),
}

impl Asked {
    /// The filter that lets nothing else pass.
    pub fn filter(self) -> Filter {
        match self {
            Self::Item(item) => Filter { item: Some(item), ..Filter::default() },
            Self::Need(need) => Filter { need: Some(need), ..Filter::default() },
        }
    }
}

/// Which gap is to be explained.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    pub region: RegionIx,
    pub goods: Asked,
    pub mode: Mode,
    pub view: View,
    pub on: NaiveDate,
    /// Accounts above this region are not looked at; `None` looks at all.
    pub highest: Option<RegionIx>,
}

impl Query {
    /// The row that is opened.
    fn row(&self) -> gap::Query {
        let Filter { item, need, function_class } = self.goods.filter();
        let Self { region, mode, on, .. } = *self;
        gap::Query { region, tier: None, item, need, function_class, mode, on }
    }
}

/// One region's account, as a summand of the roll-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubAccount {
    pub region: Arc<Region>,
    pub line: Line,
    /// Why it cannot be relied on.
    pub unknown: Option<Unknown>,
}

/// What an account above could give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    pub region: Arc<Region>,
    /// Beyond its target, perishing goods not counted.
    pub spare: i64,
    /// The part of it that is asked for after nearer accounts have given.
    pub gives: i64,
}

/// What would close the gaps of the subtree, in the order in which it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Surplus of accounts inside that can be moved to where it lacks.
    pub inside: i64,
    /// Accounts above, nearest first.
    pub above: Vec<Help>,
    /// Whether accounts above exist that were not looked at.
    pub above_hidden: bool,
    /// What remains to be bought, or asked for where `above_hidden`.
    pub to_buy: i64,
}

/// One gap with everything that it comes from; quantities in the unit of its goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub row: Row,
    pub certainty: Certainty,
    /// In force on the day for the own account.
    pub quota: Option<Arc<Quota>>,
    /// Goods of the ledger: of the own account, wherever they lie, or by custody what lies in the
    /// region itself.
    pub figures: Figures,
    /// Balances that count for the own account, first ending first.
    pub counted: Vec<Part>,
    /// Balances that do not count, by reason; those owned above stand beside the account.
    pub excluded: Vec<Part>,
    /// In the modes of promised goods: who stands behind the own account, by code.
    pub sources: Vec<SourceRow>,
    /// Accounts of the subtree with a quota or stock, the greatest gap first.
    pub accounts: Vec<SubAccount>,
    /// `None` where no account could give to another: by custody, and of promised goods.
    pub remedy: Option<Remedy>,
    /// By custody: usable goods lying in the subtree that belong to regions above it.
    pub owned_above: Option<i64>,
}

/// What does not count for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonSum {
    pub reason: Reason,
    pub count: usize,
    pub amount: i64,
}

impl ReasonSum {
    /// The sums of what does not count, reason by reason; reasons without goods are left out.
    fn of(excluded: &[Part]) -> Vec<Self> {
        let sum = |reason: Reason| {
            let parts = || excluded.iter().filter(|part| part.excluded == Some(reason));
            let amount = parts().map(|part| part.amount).sum();
            Self { reason, count: parts().count(), amount }
        };
        Reason::ALL.into_iter().map(sum).filter(|sum| sum.count > 0).collect()
    }
}

impl Explanation {
    /// What does not count, reason by reason; reasons without goods are left out.
    pub fn excluded_sums(&self) -> Vec<ReasonSum> {
        ReasonSum::of(&self.excluded)
    }
}

/// What one way of looking at a gap has found.
struct Found {
    row: Row,
    figures: Figures,
    parts: Vec<Part>,
    sources: Vec<SourceRow>,
    /// The lines of the subtree, in tree order.
    lines: Vec<(RegionIx, Line)>,
    remedy: Option<Remedy>,
    owned_above: Option<i64>,
}

/// The explanation of one gap; `None` for a region or goods that are not there.
pub fn explain(position: &Position, query: &Query) -> Option<Explanation> {
    let reference = &position.reference;
    let region = reference.regions.get(query.region)?;
    // A shelf of one kind of goods has one place.
    let goods = Shelf::of(reference, &query.goods.filter()).get(0)?.clone();
    let subject = goods.subject();
    let quota = reference.quotas.in_force(region.code, &subject, query.mode, query.on).cloned();
    let found = match (query.view, query.mode) {
        (View::Custody, _) => by_custody::find(position, query)?,
        (View::Owner, Mode::GovPhysical) => by_owner::find(position, query, &goods, &quota)?,
        (View::Owner, _) => promised::find(position, query, &goods, &quota)?,
    };
    let certainty = Certainty::of(reference, &found.row, query.on);
    let account = |(ix, line): (RegionIx, Line)| {
        let doubted = || reference.doubts().is_about(&subject, query.mode, ix, query.on);
        let unknown = line.open.or_else(|| doubted().then_some(Unknown::NoPopulation));
        Some(SubAccount { region: Arc::clone(reference.regions.get(ix)?), line, unknown })
    };
    let mut accounts: Vec<SubAccount> = found.lines.into_iter().filter_map(account).collect();
    accounts.sort_by_key(|account| {
        let line = &account.line;
        (std::cmp::Reverse((line.gap(), line.surplus())), account.region.code)
    });
    let mut parts = found.parts;
    parts.sort_by(Part::order);
    let (counted, excluded) = parts.into_iter().partition(|part| part.excluded.is_none());
    let Found { row, figures, sources, remedy, owned_above, .. } = found;
    Some(Explanation {
        row,
        certainty,
        quota,
        figures,
        counted,
        excluded,
        sources,
        accounts,
        remedy,
        owned_above,
    })
}

/// The items behind the goods asked for, each with what one base unit gives in the goods' unit.
fn serving(position: &Position, goods: Asked) -> Vec<(u32, Arc<Item>, i64)> {
    let reference = &position.reference;
    match goods {
        Asked::Item(ix) => {
            reference.items.get(ix).map(|item| (ix, Arc::clone(item), 1)).into_iter().collect()
        }
        Asked::Need(ix) => {
            let need = reference.needs.get(ix).map(|need| &need.code);
            let serves = |(item_ix, item): (u32, &Arc<Item>)| {
                let provision = item.provision.as_ref()?;
                (Some(&provision.need) == need)
                    .then(|| (item_ix, Arc::clone(item), provision.amount))
            };
            reference.items.iter().filter_map(serves).collect()
        }
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod views_tests;
