//! The Position: what lies where after entry `seq`, with the reference data of one revision.
//!
//! Lives here: an immutable snapshot of structurally shared shards, one a depot, and its advance by
//! one entry. Does not live here: whether an entry may be booked (`posting`). Invariant: no balance
//! is negative, and it only ever accepts entry `seq + 1`.

mod ends;
mod holders;
mod loading;
mod lot_index;
mod orders;

use std::sync::Arc;

use chrono::NaiveDate;
use rpds::VectorSync;

use super::balance::Standing;
use super::calendar::Instant;
use super::chain::{Hash, genesis};
use super::index::{Change, Ground, Index};
use super::lot::{Lot, LotKey};
use super::movement::{Account, Inside, Movement};
use super::reference::Reference;
use super::region::RegionIx;
use ends::Ends;
use lot_index::LotIndex;

pub use super::balance::{Balance, Key};
pub use loading::StoredRun;
pub use orders::OnOrder;

/// The end of the book: the last entry and the revision of the reference data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: Hash,
    pub reference_rev: i64,
}

impl Head {
    /// The head of an empty book.
    pub fn genesis() -> Self {
        Self { seq: 0, hash: genesis(), reference_rev: 0 }
    }
}

/// The balances of one depot, sorted by key.
#[derive(Debug, Clone, Default)]
pub struct Shard {
    rows: Vec<Balance>,
}

impl Shard {
    /// The balances of one depot, given in any order.
    ///
    /// # Errors
    /// `Broken::Balance` where one is negative or stands twice.
    pub fn of_rows(mut rows: Vec<Balance>) -> Result<Self, Broken> {
        rows.sort_unstable_by_key(|row| row.key);
        let twice = rows.windows(2).any(|two| matches!(two, [a, b] if a.key == b.key));
        if twice || rows.iter().any(|row| row.quantity < 0) {
            return Err(Broken::Balance);
        }
        rows.shrink_to_fit();
        Ok(Self { rows })
    }

    /// All balances, zeros included.
    pub fn rows(&self) -> &[Balance] {
        &self.rows
    }

    /// The balances of one item and owner.
    pub fn of(&self, item: u32, owner: u32) -> &[Balance] {
        let from = self.rows.partition_point(|row| (row.key.item, row.key.owner) < (item, owner));
        let rest = self.rows.get(from..).unwrap_or_default();
        let until = rest.partition_point(|row| (row.key.item, row.key.owner) <= (item, owner));
        rest.get(..until).unwrap_or_default()
    }

    /// The balances of one item, whoever owns it.
    pub fn of_item(&self, item: u32) -> &[Balance] {
        let from = self.rows.partition_point(|row| row.key.item < item);
        let rest = self.rows.get(from..).unwrap_or_default();
        let until = rest.partition_point(|row| row.key.item <= item);
        rest.get(..until).unwrap_or_default()
    }

    /// One account's balance.
    pub fn get(&self, key: &Key) -> Option<&Balance> {
        let at = self.rows.binary_search_by(|row| row.key.cmp(key)).ok()?;
        self.rows.get(at)
    }

    /// Adds to one account's balance; what it then is.
    fn add(&mut self, key: Key, delta: i64, at: Instant) -> Result<i64, Broken> {
        match self.rows.binary_search_by(|row| row.key.cmp(&key)) {
            Ok(found) => {
                let row = self.rows.get_mut(found).ok_or(Broken::Balance)?;
                let quantity = row.quantity.checked_add(delta).filter(|q| *q >= 0);
                row.quantity = quantity.ok_or(Broken::Balance)?;
                row.last_occurred_at = row.last_occurred_at.max(at);
                Ok(row.quantity)
            }
            Err(_) if delta < 0 => Err(Broken::Balance),
            Err(place) => {
                self.rows.insert(place, Balance { key, quantity: delta, last_occurred_at: at });
                Ok(delta)
            }
        }
    }
}

/// Why an entry does not continue a Position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// It is not entry `seq + 1`.
    Order,
    /// It names something that the reference data do not have.
    Reference,
    /// A lot number that does not continue the lots.
    Lot,
    /// A balance would fall below zero or out of bounds.
    Balance,
}

/// The fold of the book and the reference data.
#[derive(Debug, Clone)]
pub struct Position {
    pub head: Head,
    pub reference: Arc<Reference>,
    lots: VectorSync<Arc<Lot>>,
    lot_index: LotIndex,
    ends: Ends,
    shards: VectorSync<Arc<Shard>>,
    orders: orders::Orders,
    /// What the balances come to; `None` where nobody has asked for it.
    index: Option<Index>,
}

impl Position {
    /// The Position before the first entry.
    pub fn empty() -> Self {
        Self {
            head: Head::genesis(),
            reference: Arc::new(Reference::default()),
            lots: VectorSync::new_sync(),
            lot_index: LotIndex::empty(),
            ends: Ends::default(),
            shards: VectorSync::new_sync(),
            orders: orders::Orders::default(),
            index: None,
        }
    }

    /// Keeps an index from now on, with the figures of `day`; of the same day it stays as it is.
    pub fn keep_index(&mut self, day: NaiveDate) {
        self.index = match self.index.take() {
            Some(index) if index.day() == day => Some(index),
            Some(index) => index.turned(&self.reference, day),
            None => self.lay_index(day),
        };
    }

    fn lay_index(&self, day: NaiveDate) -> Option<Index> {
        let shards = self.shards().map(|(depot, shard)| (depot, shard.rows()));
        let ground = Ground { reference: &self.reference, shards, lots: self.lots.iter() };
        Index::lay(ground, day)
    }

    /// Whether the index, if one is kept, is what laying it anew would give.
    pub fn index_agrees(&self) -> bool {
        self.index.as_ref().is_none_or(|index| {
            self.lay_index(index.day()).is_some_and(|laid| laid.agrees_with(index))
        })
    }

    /// What the balances come to, if that is kept.
    pub fn index(&self) -> Option<&Index> {
        self.index.as_ref()
    }

    /// The same stock under another revision of the reference data.
    pub fn set_reference(&mut self, reference: Arc<Reference>, rev: i64) {
        while self.shards.len() < reference.depots.len() {
            self.shards.push_back_mut(Arc::new(Shard::default()));
        }
        let before = std::mem::replace(&mut self.reference, reference);
        self.head.reference_rev = rev;
        if let Some(index) = self.index.take() {
            let kept = index.under(&before, &self.reference);
            self.index = kept.or_else(|| self.lay_index(index.day()));
        }
    }

    /// Advances by one entry.
    ///
    /// # Errors
    /// `Broken` when the entry does not continue this Position; it is then no longer of use.
    pub fn apply(&mut self, movement: &Movement) -> Result<(), Broken> {
        if movement.seq != self.head.seq + 1 {
            return Err(Broken::Order);
        }
        for line in &movement.lines {
            let lot = lot_index(line.lot.id).ok_or(Broken::Lot)?;
            if usize::try_from(lot) == Ok(self.lots.len()) {
                self.load_lot(Arc::clone(&line.lot))?;
            }
            if let Account::Inside(to) = &line.to {
                self.add(to, lot, line.quantity, movement.occurred_at)?;
            }
            if let Account::Inside(from) = &line.from {
                self.add(from, lot, -line.quantity, movement.occurred_at)?;
            }
        }
        self.orders.apply(movement);
        self.head.seq = movement.seq;
        self.head.hash = movement.hash;
        Ok(())
    }

    fn add(&mut self, at: &Inside, lot: u32, delta: i64, when: Instant) -> Result<(), Broken> {
        let lot_key = &self.lot(lot).ok_or(Broken::Lot)?.key;
        let (item, expires_on) = (lot_key.item.clone(), lot_key.expires_on);
        let (depot, key) = self.key(at, item.as_str(), lot).ok_or(Broken::Reference)?;
        let slot = usize::try_from(depot).map_err(|_| Broken::Reference)?;
        let shard = self.shards.get_mut(slot).ok_or(Broken::Reference)?;
        let shard = Arc::make_mut(shard);
        let after = shard.add(key, delta, when)?;
        let Some(index) = &mut self.index else {
            return Ok(());
        };
        let (from_nothing, to_nothing) = (after == delta, after == 0);
        let alone = || {
            let others = shard.of_item(key.item).iter().filter(|row| row.key != key);
            let mut others = others.filter(|row| row.quantity > 0);
            !others.any(|row| index.share_account(row.key.owner, key.owner))
        };
        let depots = match (from_nothing, to_nothing) {
            (true, false) if alone() => 1,
            (false, true) if alone() => -1,
            _ => 0,
        };
        let (undated, item, owner) = (Standing::undated(&key), key.item, key.owner);
        let change = Change { depot, item, owner, undated, expires_on, delta, depots, at: when };
        if index.change(&change).is_none() {
            self.index = None;
        }
        Ok(())
    }

    /// The depot's index and the key of an account; `None` for unknown codes.
    pub fn key(&self, account: &Inside, item: &str, lot: u32) -> Option<(u32, Key)> {
        let depot = self.reference.depots.find(account.depot.as_str())?;
        let key = Key {
            item: self.reference.items.find(item)?,
            owner: self.reference.organizations.find(account.owner.as_str())?,
            place: account.place,
            condition: account.condition,
            lot,
        };
        Some((depot, key))
    }

    /// The balances of a depot.
    pub fn shard(&self, depot: u32) -> Option<&Arc<Shard>> {
        self.shards.get(usize::try_from(depot).ok()?)
    }

    /// All depots' balances with the depots' indexes.
    pub fn shards(&self) -> impl Iterator<Item = (u32, &Arc<Shard>)> {
        (0u32..).zip(self.shards.iter())
    }

    /// The depots in a region's subtree with their regions; in tree order where an index is kept.
    pub fn depots_within(&self, root: RegionIx) -> Vec<(RegionIx, u32)> {
        if let Some(index) = &self.index {
            return index.depots_in(root).to_vec();
        }
        let reference = &self.reference;
        let all = reference.depots.iter();
        all.filter_map(|(depot, _)| Some((reference.depot_region(depot)?, depot)))
            .filter(|(region, _)| reference.regions.within(*region, root))
            .collect()
    }

    /// The lot at an index.
    pub fn lot(&self, ix: u32) -> Option<&Arc<Lot>> {
        self.lots.get(usize::try_from(ix).ok()?)
    }

    /// The lot with these attributes.
    pub fn find_lot(&self, key: &LotKey) -> Option<&Arc<Lot>> {
        let mut places = self.lot_index.candidates(key);
        places.find_map(|ix| self.lot(ix).filter(|lot| lot.key == *key))
    }

    /// How many lots the book has numbered.
    pub fn lot_count(&self) -> usize {
        self.lots.len()
    }

    /// This Position with lines taken back, each `(account, lot id, delta)` with the sign reversed:
    /// the stock of an earlier date or entry. Balances may pass through zero in any order.
    pub fn rewound(&self, lines: &[(Inside, i64, i64)]) -> Result<Self, Broken> {
        let mut net = std::collections::BTreeMap::new();
        for (account, lot_id, delta) in lines {
            *net.entry((account, *lot_id)).or_insert(0_i64) -= delta;
        }
        let mut past = self.clone();
        for ((account, lot_id), delta) in net {
            let lot = lot_index(lot_id).ok_or(Broken::Lot)?;
            past.add(account, lot, delta, Instant(i64::MIN))?;
        }
        Ok(past)
    }
}

/// The index of a lot id in the order of the book.
pub fn lot_index(id: i64) -> Option<u32> {
    u32::try_from(id.checked_sub(1)?).ok()
}
