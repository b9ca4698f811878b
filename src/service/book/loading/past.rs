//! The past: the Position as it was known at an entry, or as it was on a date.
//!
//! Lives here: what must be taken back, from the ledger's lines. Does not live here: which past is
//! asked for. Invariant: only the book is taken back; reference data are as they are now.

use std::sync::Arc;

use crate::domain::calendar::Instant;
use crate::domain::position::{Broken, Position};
use crate::store::ledger;

use super::super::super::failure::Failure;
use super::super::Book;

impl Book {
    /// `position` without what occurred at or after `before` and what was booked after `known`.
    ///
    /// # Errors
    /// Any fault of the database; `Overloaded` and the like.
    pub async fn past(
        &self,
        position: Arc<Position>,
        before: Option<Instant>,
        known: Option<i64>,
    ) -> Result<Arc<Position>, Failure> {
        let seq = position.head.seq;
        let known = known.filter(|known| *known < seq);
        if before.is_none() && known.is_none() {
            return Ok(position);
        }
        let taken_back = move |db: &mut _| {
            let received = known.map_or(Ok(Vec::new()), |from| ledger::received(db, (from, seq)));
            Ok((ledger::changes_to_take_back(db, seq, before, known)?, received?))
        };
        let (changes, received) = self.on_patient_reader(taken_back).await?;
        if changes.is_empty() && received.is_empty() {
            return Ok(position);
        }
        let rewound: Result<Position, Broken> = self
            .compute(move || {
                let mut past = position.rewound(&changes)?;
                for (order_no, quantity) in received {
                    past.load_received(&order_no, -quantity);
                }
                Ok(past)
            })
            .await?;
        rewound
            .map(Arc::new)
            .map_err(|cause| Failure::Broken(format!("the past does not fold: {cause:?}")))
    }
}
