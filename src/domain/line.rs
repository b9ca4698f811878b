//! Lines of owner accounts: what one region's organizations hold of one kind of goods against what
//! they must hold, and sums of lines.
//!
//! Lives here: gap and surplus of a line, and their sums. Does not live here: which balances make a
//! line (`account`, `index`). Invariant: sums are taken line by line, so that no line's surplus
//! hides another's gap.

use super::unknown::Unknown;

/// What an account holds of one kind of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Effective stock, wherever it lies.
    pub effective: i64,
    /// The part of it that ends in fewer days than its item names: it is little use elsewhere.
    pub perishing: i64,
    /// On the way between depots, in nobody's effective stock.
    pub in_transit: i64,
}

impl Held {
    /// Adds what another account holds.
    pub fn merge(&mut self, other: Self) {
        self.effective = self.effective.saturating_add(other.effective);
        self.perishing = self.perishing.saturating_add(other.perishing);
        self.in_transit = self.in_transit.saturating_add(other.in_transit);
    }

    /// The same counted in another unit, `amount` of which each base unit gives.
    pub fn times(self, amount: i64) -> Self {
        Self {
            effective: self.effective.saturating_mul(amount),
            perishing: self.perishing.saturating_mul(amount),
            in_transit: self.in_transit.saturating_mul(amount),
        }
    }
}

/// What an account must hold of one kind of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standard {
    pub target: i64,
    pub floor: i64,
}

/// One owner region's account of one kind of goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The place on the shelf.
    pub goods: u32,
    /// `None` where no quota is in force.
    pub standard: Option<Standard>,
    pub held: Held,
    /// Why more may be held than anybody has confirmed; never so of physical stock.
    pub open: Option<Unknown>,
}

impl Line {
    /// The target; nothing where no quota is in force.
    pub fn target(&self) -> i64 {
        self.standard.map_or(0, |standard| standard.target)
    }

    /// What is missing to the target.
    pub fn gap(&self) -> i64 {
        self.target().saturating_sub(self.held.effective).max(0)
    }

    /// What can be given away: held beyond the target even when what is perishing has ended (§5.3).
    pub fn surplus(&self) -> i64 {
        let lasting = self.held.effective.saturating_sub(self.held.perishing);
        lasting.saturating_sub(self.target()).max(0)
    }

    /// What is missing, or, negative, what can be given away.
    pub fn lacking(&self) -> i128 {
        i128::from(self.gap()) - i128::from(self.surplus())
    }

    /// Adds the line of another account.
    pub fn merge(&mut self, other: &Self) {
        if let Some(more) = other.standard {
            let standard = self.standard.get_or_insert_default();
            standard.target = standard.target.saturating_add(more.target);
            standard.floor = standard.floor.saturating_add(more.floor);
        }
        self.held.merge(other.held);
        self.open = Unknown::first(self.open, other.open);
    }
}

/// Lines of one kind of goods, summed wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Quota lines, and those of them without a gap.
    pub lines: i64,
    pub lines_met: i64,
    pub quota: i128,
    pub effective: i128,
    pub gap: i128,
    pub surplus: i128,
    pub in_transit: i128,
    /// Lines of which not all is known.
    pub open: i64,
}

impl Sum {
    /// What one line adds. Stock without a quota is a surplus over nothing: it can be
    /// redistributed, but is no line that could be met.
    pub fn of(line: &Line) -> Self {
        let stated = line.standard.is_some();
        Self {
            lines: i64::from(stated),
            lines_met: i64::from(stated && line.gap() == 0),
            quota: i128::from(line.target()),
            effective: i128::from(line.held.effective),
            gap: i128::from(line.gap()),
            surplus: i128::from(line.surplus()),
            in_transit: i128::from(line.held.in_transit),
            open: i64::from(line.open.is_some()),
        }
    }

    /// Adds other lines.
    pub fn merge(&mut self, other: &Self) {
        self.lines += other.lines;
        self.lines_met += other.lines_met;
        self.quota += other.quota;
        self.effective += other.effective;
        self.gap += other.gap;
        self.surplus += other.surplus;
        self.in_transit += other.in_transit;
        self.open += other.open;
    }

    /// Takes lines away that were added before.
    pub fn take(&mut self, other: &Self) {
        self.lines -= other.lines;
        self.lines_met -= other.lines_met;
        self.quota -= other.quota;
        self.effective -= other.effective;
        self.gap -= other.gap;
        self.surplus -= other.surplus;
        self.in_transit -= other.in_transit;
        self.open -= other.open;
    }

    /// Σmin(effective, quota), as every line's quota is what is filled and what is missing.
    pub fn filled(&self) -> i128 {
        self.quota - self.gap
    }

    /// What must be bought when all surplus has gone where it lacks.
    pub fn net(&self) -> i128 {
        (self.gap - self.surplus).max(0)
    }
}
