//! Owner accounts: what the organizations of a region own, wherever it lies, against its quotas.
//!
//! Lives here: one line per owner region and item or need, from one pass over the balances. Does
//! not live here: the roll-up over regions (`gap`). Invariant: goods are on the account of their
//! owner's region and no other; nothing lying in a region is on its account for lying there.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::index::Index;
use super::position::{Balance, Position, Shard};
use super::quota::Mode;
use super::reference::Reference;
use super::region::RegionIx;
use super::source::{View, sources};
use super::stock::Standing;
use super::unknown::Unknown;

pub use super::line::{Held, Line, Standard};
pub use super::shelf::{Filter, Goods, GoodsIx, Places, Shelf};

/// The accounts of a region and all below it on one day.
#[derive(Debug, Clone)]
pub struct Accounts {
    root: RegionIx,
    /// By region, each sorted by goods.
    lines: BTreeMap<RegionIx, Vec<Line>>,
}

impl Accounts {
    /// The accounts of `root`'s subtree for the goods on `shelf`. Stock is of the physical reserve;
    /// in the other modes a line holds what the registers give within its city's target hours.
    pub fn of(
        position: &Position,
        shelf: &Shelf,
        root: RegionIx,
        mode: Mode,
        on: NaiveDate,
    ) -> Self {
        let mut accounts = Self { root, lines: BTreeMap::new() };
        let physical = mode == Mode::GovPhysical;
        match position.index().filter(|_| physical) {
            Some(index) if index.day() == on => {
                accounts.add_entries(index, shelf);
                return accounts;
            }
            Some(index) => match index.accounts_on(&position.reference, root, shelf, on) {
                Some(other) => {
                    accounts.add_entries(&other, shelf);
                    return accounts;
                }
                None => accounts.add_shards(position, shelf, on),
            },
            None if physical => accounts.add_shards(position, shelf, on),
            None => accounts.add_sources(&position.reference, shelf, mode, on),
        }
        accounts.add_quotas(&position.reference, shelf, mode, on);
        for lines in accounts.lines.values_mut() {
            lines.sort_unstable_by_key(|line| line.goods);
            lines.dedup_by(|next, kept| {
                let same = next.goods == kept.goods;
                if same {
                    kept.merge(next);
                }
                same
            });
        }
        if !physical {
            accounts.leave_open(&position.reference);
        }
        accounts
    }

    /// The lines of one region's account, by goods.
    pub fn lines(&self, region: RegionIx) -> &[Line] {
        self.lines.get(&region).map_or(&[], Vec::as_slice)
    }

    /// All accounts that have any line, in tree order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (RegionIx, &[Line])> {
        self.lines.iter().map(|(region, lines)| (*region, lines.as_slice()))
    }

    fn push(&mut self, region: RegionIx, line: Line) {
        self.lines.entry(region).or_default().push(line);
    }

    fn add_quotas(&mut self, reference: &Reference, shelf: &Shelf, mode: Mode, on: NaiveDate) {
        for quota in reference.quotas.values() {
            if quota.mode != mode || !quota.in_force(on) {
                continue;
            }
            let region = reference.regions.find(quota.region);
            let region = region.filter(|ix| reference.regions.within(*ix, self.root));
            let Some(region) = region else {
                continue;
            };
            let goods = GoodsIx::of(reference, &quota.subject).and_then(|ix| shelf.place(ix));
            if let Some(goods) = goods {
                let standard = Some(Standard { target: quota.target, floor: quota.floor });
                let held = Held::default();
                self.push(region, Line { goods, standard, held, open: None });
            }
        }
    }

    /// Adds what agreements, capacities or pledges give.
    fn add_sources(&mut self, reference: &Reference, shelf: &Shelf, mode: Mode, on: NaiveDate) {
        let view = View { on, hours: None, prudent: false };
        for source in sources(reference, self.root, mode, &view) {
            let places = shelf.item(source.item).map(|goods| (goods, 1));
            for (goods, amount) in places.into_iter().chain(shelf.provided(source.item)) {
                let effective = source.available.quantity.saturating_mul(amount);
                let line = bare(goods, Held { effective, ..Held::default() });
                let open = source.available.open_for().map(Unknown::from);
                self.push(source.region, Line { open, ..line });
            }
        }
    }

    /// Where no city says within which hours, nobody knows what the other modes give; a source has
    /// said so already.
    fn leave_open(&mut self, reference: &Reference) {
        for (region, lines) in &mut self.lines {
            if reference.profile_of(*region).is_none() {
                for line in lines {
                    line.open = line.open.or(Some(Unknown::NoRegister));
                }
            }
        }
    }

    /// Adds the lines that an index holds ready for its day.
    fn add_entries(&mut self, index: &Index, shelf: &Shelf) {
        let parts = index.parts(Some(self.root));
        let parts = parts.or_else(|| index.part_of(self.root).map(|part| part..part + 1));
        for part in parts.into_iter().flatten() {
            for (region, account) in index.accounts(part, self.root) {
                let lines = account.iter().filter_map(|(goods, entry)| {
                    let line = entry.line(shelf.place(goods)?);
                    let stands = line.standard.is_some() || line.held != Held::default();
                    stands.then_some(line)
                });
                let mut lines: Vec<Line> = lines.collect();
                lines.sort_unstable_by_key(|line| line.goods);
                if !lines.is_empty() {
                    self.lines.insert(region, lines);
                }
            }
        }
    }

    fn add_held(&mut self, owner: RegionIx, places: Places, held: Held) {
        if held == Held::default() {
            return;
        }
        if let Some(goods) = places.0 {
            self.push(owner, bare(goods, held));
        }
        if let Some((goods, amount)) = places.1 {
            self.push(owner, bare(goods, held.times(amount)));
        }
    }

    fn add_shards(&mut self, position: &Position, shelf: &Shelf, on: NaiveDate) {
        let reference = &position.reference;
        let owners = position.owners(|ix| reference.regions.within(ix, self.root));
        for (_, shard) in position.shards() {
            self.add_shard(position, shard, shelf, &owners, on);
        }
    }

    /// Adds one depot's balances; those of one item and owner follow each other.
    fn add_shard(
        &mut self,
        position: &Position,
        shard: &Shard,
        shelf: &Shelf,
        owners: &[Option<RegionIx>],
        on: NaiveDate,
    ) {
        let key = |row: &Balance| (row.key.item, row.key.owner);
        for run in shard.rows().chunk_by(|a, b| key(a) == key(b)) {
            let Some((item_ix, owner)) = run.first().map(key) else {
                continue;
            };
            let places = (shelf.item(item_ix), shelf.provided(item_ix));
            let owner = usize::try_from(owner).ok().and_then(|owner| owners.get(owner));
            let (Some(region), Some(item)) =
                (owner.copied().flatten(), position.reference.items.get(item_ix))
            else {
                continue;
            };
            if places == (None, None) {
                continue;
            }
            self.add_held(region, places, position.held(run, item.life, on));
        }
    }
}

fn bare(goods: u32, held: Held) -> Line {
    Line { goods, standard: None, held, open: None }
}

/// What a balance adds to its owner's account; goods that end before `soon` are perishing.
pub fn weigh(quantity: i64, standing: Standing, soon: NaiveDate) -> Held {
    let mut held = Held::default();
    match standing {
        Standing::Effective(last) => {
            held.effective = quantity;
            if last.is_some_and(|last| last < soon) {
                held.perishing = quantity;
            }
        }
        Standing::InTransit => held.in_transit = quantity,
        Standing::Quarantine
        | Standing::Damaged
        | Standing::Expired
        | Standing::Overdue
        | Standing::OnLoan => {}
    }
    held
}
