//! Taking over what is stored: lots in order, balances depot by depot.
//!
//! Lives here: from stored words and numbers to rows of shards. Does not live here: the database.
//! Invariant: what does not fit is named, never left out.

use std::sync::Arc;

use super::super::calendar::Instant;
use super::super::lot::Lot;
use super::super::movement::Inside;
use super::{Balance, Broken, Key, Position, Shard, lot_index};

/// The stored balances of one account, lot by lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRun {
    pub account: Inside,
    /// Lot id, quantity in base units, latest `occurred_at`.
    pub rows: Vec<(i64, i64, Instant)>,
}

impl Position {
    /// Takes over a stored lot; they come in the order of their ids.
    ///
    /// # Errors
    /// `Broken::Lot` when the id does not continue the lots.
    pub fn load_lot(&mut self, lot: Arc<Lot>) -> Result<(), Broken> {
        let ix = u32::try_from(self.lots.len()).map_err(|_| Broken::Lot)?;
        if lot.id != i64::from(ix) + 1 {
            return Err(Broken::Lot);
        }
        self.lot_index.insert(&lot.key, ix);
        self.ends.push(lot.key.expires_on);
        self.lots.push_back_mut(lot);
        Ok(())
    }

    /// Takes over the stored balances of a depot.
    ///
    /// # Errors
    /// `Broken::Reference` for a depot that the reference data do not have.
    pub fn load_shard(&mut self, depot: u32, shard: Shard) -> Result<(), Broken> {
        let slot = usize::try_from(depot).map_err(|_| Broken::Reference)?;
        *self.shards.get_mut(slot).ok_or(Broken::Reference)? = Arc::new(shard);
        Ok(())
    }

    /// The depot of a stored run, and its rows; lots and reference data must be there already.
    ///
    /// # Errors
    /// `Broken` when it names what is not there.
    pub fn resolve(&self, run: &StoredRun) -> Result<(u32, Vec<Balance>), Broken> {
        let (reference, account) = (&self.reference, &run.account);
        let depot = reference.depots.find(account.depot.as_str()).ok_or(Broken::Reference)?;
        let owner = reference.organizations.find(account.owner.as_str());
        let owner = owner.ok_or(Broken::Reference)?;
        let row = |(lot_id, quantity, last_occurred_at): &(i64, i64, Instant)| {
            let lot = lot_index(*lot_id).ok_or(Broken::Lot)?;
            let item = &self.lot(lot).ok_or(Broken::Lot)?.key.item;
            let item = reference.items.find(item.as_str()).ok_or(Broken::Reference)?;
            let (place, condition) = (account.place, account.condition);
            let key = Key { item, owner, place, condition, lot };
            Ok(Balance { key, quantity: *quantity, last_occurred_at: *last_occurred_at })
        };
        Ok((depot, run.rows.iter().map(row).collect::<Result<_, Broken>>()?))
    }
}
