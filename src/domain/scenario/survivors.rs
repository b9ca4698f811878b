//! What a disaster leaves: the goods of a source that can still be given out.
//!
//! Lives here: the share that survives, item by item in whole pieces, of what lay there when it
//! struck, and what the plan leaves of that. Does not live here: where it strikes (`ways`).
//! Invariant: what has gone for the event was among what survived, so that no share is taken of the
//! rest again.

use std::collections::HashMap;

use super::super::catalogue::{Code, Need};
use super::super::coverage::{Pieces, Supply};
use super::super::position::Position;
use super::super::quantity::narrow;
use super::answer::Delivery;
use super::ways::Holder;
use super::{Scenario, WHOLE_PERCENT};

/// The pieces behind a source's amount of a need that can be given out, the largest first.
pub fn pieces(
    position: &Position,
    scenario: &Scenario,
    holder: &Holder,
    need: &Need,
) -> Vec<Pieces> {
    let mut pieces = Supply::pieces(position, (holder.depot, holder.owner), need, scenario.on);
    if holder.left_percent == WHOLE_PERCENT {
        return pieces;
    }
    for kind in &mut pieces {
        let from = (&holder.record.code, &kind.owner.code);
        let gone =
            scenario.event.as_ref().map_or(0, |event| position.gone(event, from, &kind.item.code));
        kind.quantity = left(kind.quantity, gone, holder.left_percent);
    }
    pieces
}

/// What all plans take: pieces by depot, owner and item.
pub struct Sent<'a>(HashMap<(&'a Code, &'a Code, &'a Code), i64>);

impl<'a> Sent<'a> {
    pub fn of(deliveries: &'a [Delivery]) -> Self {
        let mut sent = HashMap::new();
        for row in deliveries {
            let key = (&row.depot.code, &row.owner.code, &row.item.code);
            *sent.entry(key).or_default() += row.quantity;
        }
        Self(sent)
    }

    /// Those pieces of a source that no plan takes, the largest first; no kind of which none is
    /// left.
    pub fn rest(
        &self,
        position: &Position,
        scenario: &Scenario,
        holder: &Holder,
        need: &Need,
    ) -> Vec<Pieces> {
        let mut kinds = pieces(position, scenario, holder, need);
        kinds.retain_mut(|kind| {
            let key = (&holder.record.code, &kind.owner.code, &kind.item.code);
            kind.quantity -= self.0.get(&key).copied().unwrap_or_default();
            kind.quantity > 0 && kind.amount > 0
        });
        kinds
    }
}

/// What is left of `here` pieces, if the disaster left so many percent and `gone` pieces have gone
/// for the event since: `⌊percent × (here + gone)⌋ − gone`, never more than are here. What has come
/// for the event, a negative `gone`, was not there to be lost.
pub fn left(here: i64, gone: i64, percent: u32) -> i64 {
    let there = (i128::from(here) + i128::from(gone)).max(0);
    let survived = (there * i128::from(percent)).div_euclid(i128::from(WHOLE_PERCENT));
    narrow((survived - i128::from(gone)).clamp(0, i128::from(here.max(0))))
}

#[cfg(test)]
mod tests {
    use super::left;

    #[test]
    fn what_has_gone_was_among_what_survived() {
        for (here, gone, percent, expected) in [
            (101, 0, 50, 50),
            // All that survived has gone: what the book says lies there is lost.
            (51, 50, 50, 0),
            (81, 20, 50, 30),
            // More went than can have survived, and goods that came are whole.
            (31, 70, 50, 0),
            (130, -30, 50, 80),
            (0, -30, 50, 0),
            (7, 3, 100, 7),
            (7, 3, 0, 0),
            // What came for the event has gone on without naming it.
            (10, -30, 50, 10),
        ] {
            assert_eq!(left(here, gone, percent), expected, "{here} {gone} {percent}");
        }
    }
}
