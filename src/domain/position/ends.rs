//! Ends: the last day of each lot as a number, where a walk over balances finds it at once.
//!
//! Lives here: four bytes a lot, in pieces that snapshots share, and what a run of balances comes
//! to by them. Does not live here: the lots (`position`). Invariant: there is one for each lot, in
//! the order of the lots.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::super::balance::{Balance, Standing};
use super::super::catalogue::{Life, LifeKind};
use super::super::line::Held;
use super::Position;

/// Lots whose ends are copied together.
const PIECE: usize = 8_192;

/// The last day of what does not age.
const NEVER: i32 = i32::MAX;

/// The expiry date of each lot, counted like `num_days_from_ce`.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    full: Arc<Vec<Arc<[i32]>>>,
    last: Arc<Vec<i32>>,
}

impl Ends {
    /// Takes in the next lot's.
    pub fn push(&mut self, expires_on: Option<NaiveDate>) {
        let last = Arc::make_mut(&mut self.last);
        last.push(expires_on.map_or(NEVER, |day| day.num_days_from_ce()));
        if last.len() == PIECE {
            let piece = std::mem::take(last);
            Arc::make_mut(&mut self.full).push(piece.into());
        }
    }

    fn of(&self, lot: u32) -> Option<i32> {
        let lot = usize::try_from(lot).ok()?;
        match self.full.get(lot / PIECE) {
            Some(piece) => piece.get(lot % PIECE).copied(),
            None => self.last.get(lot.checked_sub(self.full.len() * PIECE)?).copied(),
        }
    }
}

impl Position {
    /// What balances of one item add to their owner's account on a day.
    pub fn held(&self, run: &[Balance], life: Life, on: NaiveDate) -> Held {
        let today = on.num_days_from_ce();
        let soon = life.lasts_from(on).num_days_from_ce();
        let mut held = Held::default();
        for row in run {
            let quantity = row.quantity;
            let more = match Standing::undated(&row.key) {
                Some(Standing::InTransit) => Held { in_transit: quantity, ..Held::default() },
                Some(_) => continue,
                None => {
                    let aging =
                        if life.kind == LifeKind::None { None } else { self.ends.of(row.key.lot) };
                    let last = aging.unwrap_or(NEVER);
                    if last < today {
                        continue;
                    }
                    let perishing = if last < soon { quantity } else { 0 };
                    Held { effective: quantity, perishing, in_transit: 0 }
                }
            };
            held.merge(more);
        }
        held
    }
}
