//! Stores: what lies where that could be given, and how much each account can spare.
//!
//! Lives here: the walk over the depots, and the limits that an account's own targets set. Does not
//! live here: who is asked. Invariant: what is perishing is never to spare, and count
//! towards no target.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::domain::account::weigh;
use crate::domain::catalogue::{Item, Need};
use crate::domain::depot::DepotStatus;
use crate::domain::explanation::Asked;
use crate::domain::lot::Lot;
use crate::domain::position::{Balance, Position, Shard};
use crate::domain::quota::{Mode, Subject};
use crate::domain::region::RegionIx;
use crate::domain::stock::Standing;

/// Goods of one owner and item in one active depot.
pub(super) struct Store {
    /// The owner's region.
    pub owner: RegionIx,
    pub organization: u32,
    pub depot: u32,
    /// The depot's region.
    pub region: RegionIx,
    pub item: u32,
    /// What one base unit gives in the unit of the gap.
    pub per_unit: i64,
    /// Base units that last.
    pub stock: i64,
    /// Base units that count but end too soon.
    pub perishing: i64,
}

/// What an account can spare of an item.
pub(super) struct Limits {
    /// Base units beyond the item's own target.
    pub item: i64,
    /// Where the account has a target for the need that the item serves: what is beyond it in the
    /// need's unit, and how much of it one base unit gives.
    pub need: Option<(i64, i64)>,
}

/// All stores of the goods asked for.
pub(super) struct Stores {
    all: Vec<Store>,
    /// By owner and item.
    items: HashMap<(RegionIx, u32), i64>,
    /// By owner.
    needs: HashMap<RegionIx, i64>,
    /// What one base unit of an item gives of the need.
    provides: HashMap<u32, i64>,
}

/// An item that is looked at: asked for, or serving the need of one that is.
struct Looked {
    ix: u32,
    item: Arc<Item>,
    asked: bool,
    /// What one base unit gives of the need.
    provides: Option<i64>,
}

impl Stores {
    /// Those of accounts that are `wanted` and have something to spare.
    pub fn gather(
        position: &Position,
        goods: Asked,
        on: NaiveDate,
        wanted: impl Fn(RegionIx) -> bool + Sync,
    ) -> Self {
        let (items, need) = looked(position, goods);
        let by_need = matches!(goods, Asked::Need(_));
        let mut stores = Self {
            all: Vec::new(),
            items: HashMap::new(),
            needs: HashMap::new(),
            provides: items.iter().filter_map(|one| Some((one.ix, one.provides?))).collect(),
        };
        let mut everything = Vec::new();
        if !stores.take_sums(position, &items, on) {
            for one in &items {
                everything.extend(stores_of(position, one, by_need, on, &|_| true));
            }
            for store in &everything {
                *stores.items.entry((store.owner, store.item)).or_insert(0) += store.stock;
            }
        }
        stores.subtract_targets(position, &items, need.as_ref(), on);
        for one in items.iter().filter(|one| one.asked) {
            let asked = |owner| wanted(owner) && stores.can_spare(owner, one.ix);
            stores.all.extend(stores_of(position, one, by_need, on, &asked));
        }
        let active = |depot| {
            let depot = position.reference.depots.get(depot);
            depot.is_some_and(|depot| depot.status == DepotStatus::Active)
        };
        stores.all.retain(|store| store.stock > 0 && active(store.depot));
        stores
    }

    /// Takes what accounts have that lasts from the index, if there is one.
    fn take_sums(&mut self, position: &Position, items: &[Looked], on: NaiveDate) -> bool {
        for one in items {
            let Some(piles) = position.piles_of(one.ix) else {
                return false;
            };
            for (owner, pile) in piles {
                let held = pile.held(on, one.item.life.perishing_days());
                let sum = self.items.entry((owner, one.ix)).or_insert(0);
                *sum += held.effective - held.perishing;
            }
        }
        true
    }

    /// Whether an account has any of an item beyond its targets.
    fn can_spare(&self, owner: RegionIx, item: u32) -> bool {
        let of_item = self.items.get(&(owner, item)).is_some_and(|spare| *spare > 0);
        let of_need = self.needs.get(&owner).zip(self.provides.get(&item));
        of_item && of_need.is_none_or(|(spare, per_unit)| spare >= per_unit)
    }

    pub fn all(&self) -> &[Store] {
        &self.all
    }

    /// What the account of a store can spare of its item.
    pub fn limits(&self, store: &Store) -> Limits {
        let provides = self.provides.get(&store.item);
        Limits {
            item: self.items.get(&(store.owner, store.item)).copied().unwrap_or(0),
            need: self.needs.get(&store.owner).zip(provides).map(|(spare, per)| (*spare, *per)),
        }
    }

    /// Leaves each account what its own targets ask.
    fn subtract_targets(
        &mut self,
        position: &Position,
        looked: &[Looked],
        need: Option<&Arc<Need>>,
        on: NaiveDate,
    ) {
        let reference = &position.reference;
        let target = |owner: RegionIx, subject: &Subject| {
            let code = reference.regions.get(owner)?.code;
            let all = reference.quotas.of_line(code, subject, Mode::GovPhysical);
            all.into_iter().find(|quota| quota.in_force(on)).map(|quota| quota.target)
        };
        if let Some(need) = need {
            let subject = Subject::Need(need.code.clone());
            let mut held: HashMap<RegionIx, i64> = HashMap::new();
            for ((owner, item), units) in &self.items {
                let per_unit = self.provides.get(item).copied().unwrap_or(0);
                *held.entry(*owner).or_insert(0) += units.saturating_mul(per_unit);
            }
            let left = held.into_iter().filter_map(|(owner, held)| {
                Some((owner, held.saturating_sub(target(owner, &subject)?).max(0)))
            });
            self.needs = left.collect();
        }
        let subjects: HashMap<u32, Subject> =
            looked.iter().map(|one| (one.ix, Subject::Item(one.item.code.clone()))).collect();
        for ((owner, item), units) in &mut self.items {
            let kept = subjects.get(item).and_then(|subject| target(*owner, subject));
            *units = units.saturating_sub(kept.unwrap_or(0)).max(0);
        }
    }
}

/// Depots that are looked through at a time.
const PORTION: usize = 512;

/// The stores of an item whose owner regions are `wanted`.
fn stores_of(
    position: &Position,
    looked: &Looked,
    by_need: bool,
    on: NaiveDate,
    wanted: &(impl Fn(RegionIx) -> bool + Sync),
) -> Vec<Store> {
    let owners = position.owners(wanted);
    let depots = position.depots_holding(looked.ix, wanted);
    let portions = depots.par_chunks(PORTION).map(|depots| {
        let mut stores = Vec::new();
        let shards = depots.iter().filter_map(|depot| Some((*depot, position.shard(*depot)?)));
        shards.for_each(|at| stores_in(position, at, (looked, by_need, on), &owners, &mut stores));
        stores
    });
    portions.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Adds one item's balances in one depot, owner by owner.
fn stores_in(
    position: &Position,
    (depot, shard): (u32, &Arc<Shard>),
    (looked, by_need, on): (&Looked, bool, NaiveDate),
    owners: &[Option<RegionIx>],
    stores: &mut Vec<Store>,
) {
    let same = |a: &Balance, b: &Balance| a.key.owner == b.key.owner;
    for run in shard.of_item(looked.ix).chunk_by(same) {
        let organization = run.first().map(|row| row.key.owner).unwrap_or_default();
        let owner = usize::try_from(organization).ok().and_then(|owner| *owners.get(owner)?);
        let Some(owner) = owner else { continue };
        let Some(region) = position.reference.depot_region(depot) else { continue };
        let all = position.held(run, looked.item.life, on);
        stores.push(Store {
            owner,
            organization,
            depot,
            region,
            item: looked.ix,
            per_unit: looked.provides.filter(|_| by_need).unwrap_or(1),
            stock: all.effective - all.perishing,
            perishing: all.perishing,
        });
    }
}

/// The lots of a store that last, first ending first, with what each has.
pub(super) fn lasting_lots(
    position: &Position,
    store: &Store,
    on: NaiveDate,
) -> Vec<(Arc<Lot>, i64)> {
    let (item, shard) = (position.reference.items.get(store.item), position.shard(store.depot));
    let Some((item, shard)) = item.zip(shard) else {
        return Vec::new();
    };
    let soon = item.life.lasts_from(on);
    let balances = shard.of(store.item, store.organization).iter();
    let mut lots: Vec<(Arc<Lot>, i64)> = balances
        .filter(|row| row.quantity > 0)
        .filter_map(|row| {
            let lot = position.lot(row.key.lot)?;
            let held = weigh(row.quantity, Standing::of(&row.key, lot, item, on), soon);
            (held.effective > held.perishing).then(|| (Arc::clone(lot), held.effective))
        })
        .collect();
    lots.sort_by_key(|(lot, _)| {
        let last = lot.last_usable_on(item);
        (last.is_none(), last, lot.id)
    });
    lots
}

/// The items to be looked at, and the need that they serve.
fn looked(position: &Position, goods: Asked) -> (Vec<Looked>, Option<Arc<Need>>) {
    let reference = &position.reference;
    let need = match goods {
        Asked::Need(ix) => reference.needs.get(ix),
        Asked::Item(ix) => {
            let provision = reference.items.get(ix).and_then(|item| item.provision.as_ref());
            provision.and_then(|provision| reference.needs.by_code(provision.need.as_str()))
        }
    };
    let items = reference.items.iter().filter_map(|(ix, item)| {
        let provision = item.provision.as_ref();
        let provides = provision
            .filter(|provision| need.is_some_and(|need| need.code == provision.need))
            .map(|provision| provision.amount);
        let asked = match goods {
            Asked::Item(wanted) => ix == wanted,
            Asked::Need(_) => provides.is_some(),
        };
        (asked || provides.is_some()).then(|| Looked {
            ix,
            item: Arc::clone(item),
            asked,
            provides,
        })
    });
    (items.collect(), need.cloned())
}
