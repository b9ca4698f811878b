//! Sums of the mix: figures by mode, three totals, and what all rows come to.
//!
//! Lives here: how figures are added. Does not live here: where they come from (`mode_mix`).
//! Invariant: sums are taken account by account, and what is not confirmed is in no total.

use super::super::account::Goods;
use super::super::quantity::Ratio;
use super::super::quota::Mode;
use super::super::reserve::{Available, State};
use super::super::unknown::Unknowns;
use super::Row;

/// One mode's figures, in the item's base unit or the need's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Targets in force.
    pub quota: i64,
    /// Confirmed, and there within the hours.
    pub available: i64,
    /// What would be there beside it if it were confirmed.
    pub unconfirmed: i64,
    /// Entries of the registers that are in force.
    pub sources: i64,
    pub stale: i64,
    pub unknown: i64,
}

impl Cell {
    pub(super) fn add(&mut self, available: Available, amount: i64) {
        let times = |quantity: i64| quantity.saturating_mul(amount);
        self.available = self.available.saturating_add(times(available.quantity));
        self.unconfirmed = self.unconfirmed.saturating_add(times(available.unconfirmed));
        self.stale += i64::from(available.state == State::Stale);
        self.unknown += i64::from(available.state == State::Unknown);
    }

    fn merge(&mut self, other: &Self) {
        let pairs = [
            (&mut self.quota, other.quota),
            (&mut self.available, other.available),
            (&mut self.unconfirmed, other.unconfirmed),
            (&mut self.sources, other.sources),
            (&mut self.stale, other.stale),
            (&mut self.unknown, other.unknown),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more);
        }
    }
}

/// Cells in the order of `Mode::ALL`.
pub type Cells = [Cell; 4];

pub(super) fn cell(cells: &mut Cells, mode: Mode) -> &mut Cell {
    let [physical, agreement, capacity, social] = cells;
    match mode {
        Mode::GovPhysical => physical,
        Mode::Agreement => agreement,
        Mode::Capacity => capacity,
        Mode::Social => social,
    }
}

/// Three figures: government stock alone, with agreements, and with all modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Three {
    pub gov_only: i64,
    pub gov_agreement: i64,
    pub all_modes: i64,
}

impl Three {
    pub(super) fn of(cells: &Cells) -> Self {
        let [physical, agreement, capacity, social] = cells.map(|cell| cell.available);
        let gov_agreement = physical.saturating_add(agreement);
        let all_modes = gov_agreement.saturating_add(capacity).saturating_add(social);
        Self { gov_only: physical, gov_agreement, all_modes }
    }

    /// What is missing of each to `target`.
    pub(super) fn short_of(self, target: i64) -> Self {
        let gap = |held: i64| target.saturating_sub(held).max(0);
        Self {
            gov_only: gap(self.gov_only),
            gov_agreement: gap(self.gov_agreement),
            all_modes: gap(self.all_modes),
        }
    }

    fn merge(&mut self, other: Self) {
        self.gov_only = self.gov_only.saturating_add(other.gov_only);
        self.gov_agreement = self.gov_agreement.saturating_add(other.gov_agreement);
        self.all_modes = self.all_modes.saturating_add(other.all_modes);
    }
}

/// An account, or accounts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    pub cells: Cells,
    pub totals: Three,
    /// Line by line against the targets of all modes together.
    pub gaps: Three,
    /// Accounts with a target in a mode that their city counts.
    pub lines: i64,
    /// Of these, those whose counted modes give what their targets ask.
    pub lines_met: i64,
    /// Of these, those of which nobody knows.
    pub lines_open: i64,
    /// Accounts of which something is missing in any mode, with a target or without.
    pub unknown: Unknowns,
}

impl Sum {
    /// The target over all modes.
    pub fn target(&self) -> i64 {
        self.cells.iter().fold(0, |sum, cell| sum.saturating_add(cell.quota))
    }

    pub fn merge(&mut self, other: &Self) {
        for (cell, more) in self.cells.iter_mut().zip(&other.cells) {
            cell.merge(more);
        }
        self.totals.merge(other.totals);
        self.gaps.merge(other.gaps);
        self.lines += other.lines;
        self.lines_met += other.lines_met;
        self.lines_open += other.lines_open;
        self.unknown.merge(&other.unknown);
    }

    /// Whether so many thousandths of the lines are met; `None` where open lines could tip it, or
    /// there are no lines.
    pub fn attained(&self, permille: u32) -> Option<bool> {
        let needed = i128::from(self.lines) * i128::from(permille);
        let reached = |lines: i64| i128::from(lines) * 1_000 >= needed;
        match (self.lines, reached(self.lines_met)) {
            (0, _) => None,
            (_, true) => Some(true),
            _ if reached(self.lines_met + self.lines_open) => None,
            _ => Some(false),
        }
    }

    /// The part of one mode, of the targets or of what is there; `None` of nothing.
    pub fn ratio(&self, part: impl Fn(&Cell) -> i64, mode: Mode) -> Option<Ratio> {
        let whole: i128 = self.cells.iter().map(|cell| i128::from(part(cell))).sum();
        let mut cells = self.cells;
        Ratio::of(i128::from(part(cell(&mut cells, mode))), whole)
    }

    pub(super) fn is_asked_for(&self) -> bool {
        self.lines > 0 || self.cells.iter().any(|cell| cell.quota > 0 || cell.sources > 0)
    }
}

/// What all rows about one kind of goods come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodsTotals {
    pub goods: Goods,
    /// Rows of which all is known, and what they come to.
    pub known_rows: i64,
    pub known: Sum,
    /// Rows whose own account, or one below, rests on missing data: what is confirmed of them.
    pub unknown_rows: i64,
    pub unknown: Sum,
}

/// What all rows of an answer come to; units differ by kind of goods.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Items before needs, each by code.
    pub goods: Vec<GoodsTotals>,
    /// Rows that are not known, each under one reason.
    pub rows: Unknowns,
    /// Accounts of which something is missing; one that stands under several rows counts in each.
    pub accounts: Unknowns,
}

impl Totals {
    /// The totals of rows.
    pub fn of(rows: &[Row]) -> Self {
        let mut totals = Self::default();
        for row in rows {
            let why = row.own.unknown.first().or_else(|| row.total.unknown.first());
            if let Some(why) = why {
                totals.rows.note(why);
            }
            totals.accounts.merge(&row.total.unknown);
            let goods = &mut totals.goods;
            let at = goods.iter().position(|one| one.goods == row.goods).unwrap_or(goods.len());
            if at == goods.len() {
                goods.push(GoodsTotals::none(row.goods.clone()));
            }
            let Some(of_goods) = goods.get_mut(at) else { continue };
            let (rows, sum) = match why {
                None => (&mut of_goods.known_rows, &mut of_goods.known),
                Some(_) => (&mut of_goods.unknown_rows, &mut of_goods.unknown),
            };
            *rows += 1;
            sum.merge(&row.total);
        }
        let order = |goods: &Goods| (matches!(goods, Goods::Need(_)), goods.code().clone());
        totals.goods.sort_by_key(|one| order(&one.goods));
        totals
    }
}

impl GoodsTotals {
    fn none(goods: Goods) -> Self {
        let (known, unknown) = (Sum::default(), Sum::default());
        Self { goods, known_rows: 0, known, unknown_rows: 0, unknown }
    }
}
