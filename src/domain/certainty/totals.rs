//! Totals of gaps: what all rows of an answer come to, and apart what rests on missing data.
//!
//! Lives here: the fold over rows, by kind of goods, as units differ. Does not live here: the rows
//! (`gap`, `custody`). Invariant: a row is either known, or counted apart under one reason; what is
//! known and what is not add up to all rows.

use super::super::account::Goods;
use super::super::gap::{RollUp, Row};
use super::super::line::Sum;
use super::super::unknown::Unknowns;
use super::Certainty;

/// Some rows of one kind of goods, summed wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    pub rows: i64,
    /// The regions' own accounts, as far as they are told.
    pub own: Sum,
    /// All accounts of their subtrees, as far as they are told; lines and quotas always are.
    pub all: Sum,
    /// What is lacking after the surplus of each region has gone to those below it only.
    pub unmet: i128,
    /// In the custody view: goods lying there that are owned above.
    pub owned_above: i128,
}

impl Part {
    fn add(&mut self, row: &Row, owned_above: Option<i64>) {
        self.rows += 1;
        self.owned_above += i128::from(owned_above.unwrap_or(0));
        self.own.quota += i128::from(row.quota);
        if let Some(own) = &row.account {
            self.own.effective += i128::from(own.effective);
            self.own.gap += i128::from(own.gap);
            self.own.surplus += i128::from(own.surplus);
            self.own.in_transit += i128::from(own.in_transit);
        }
        self.all.lines += row.lines;
        self.all.quota += i128::from(row.quota_sum);
        if let Some(all) = &row.roll_up {
            self.all.lines_met += all.lines_met;
            self.all.effective += i128::from(all.effective_sum);
            self.all.gap += i128::from(all.gap_sum);
            self.all.surplus += i128::from(all.surplus_sum);
            self.all.in_transit += i128::from(all.in_transit_sum);
            self.unmet += i128::from(all.gap_net_vertical);
        }
    }

    /// What the rows come to together: `gap_net` after surplus has gone to any of their regions.
    pub fn roll_up(&self) -> RollUp {
        RollUp::of(&self.all, self.unmet)
    }
}

/// The rows of one kind of goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodsTotals {
    pub goods: Goods,
    /// Rows of which all is known.
    pub known: Part,
    /// Rows whose own account, or a line below, rests on missing data: as they tell it.
    pub unknown: Part,
}

/// What all rows of an answer come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Items before needs, each by code.
    pub goods: Vec<GoodsTotals>,
    /// Rows that are not known, each under one reason.
    pub rows: Unknowns,
    /// Lines of which something is missing; one that stands under several rows counts in each.
    pub lines: Unknowns,
}

impl Totals {
    /// The totals of rows, each with how far it can be relied on and, by custody, what is owned
    /// above.
    pub fn of<'a>(rows: impl Iterator<Item = (&'a Row, &'a Certainty, Option<i64>)>) -> Self {
        let mut totals = Self::default();
        let mut at = 0;
        for (row, certainty, owned_above) in rows {
            let why = certainty.why();
            if let Some(why) = why {
                totals.rows.note(why);
                totals.lines.merge(&certainty.lines);
            }
            at = totals.place_of(&row.goods, at);
            if let Some(of_goods) = totals.goods.get_mut(at) {
                let known = why.is_none();
                let part = if known { &mut of_goods.known } else { &mut of_goods.unknown };
                part.add(row, owned_above);
            }
        }
        let order = |goods: &Goods| (matches!(goods, Goods::Need(_)), goods.code().clone());
        totals.goods.sort_by_key(|one| order(&one.goods));
        totals
    }

    /// The place of a kind of goods, made where there is none. Regions tell their rows in the same
    /// order, so that it is mostly the one behind the last.
    fn place_of(&mut self, goods: &Goods, last: usize) -> usize {
        let same = |one: &GoodsTotals| one.goods == *goods;
        let behind = self.goods.iter().enumerate().skip(last);
        let found = behind.chain(self.goods.iter().enumerate().take(last));
        let found = found.map(|(at, one)| (at, same(one))).find(|(_, same)| *same);
        found.map(|(at, _)| at).unwrap_or_else(|| {
            let (known, unknown) = (Part::default(), Part::default());
            self.goods.push(GoodsTotals { goods: goods.clone(), known, unknown });
            self.goods.len() - 1
        })
    }
}
