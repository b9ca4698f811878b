//! Stock: what lies where on a day, in figures that always add up.
//!
//! Lives here: what a balance counts as on a day, the figures, and the rows by depot, region, item
//! or lot. Does not live here: what should lie there (`gap`). Invariant: `on_hand = effective +
//! reserved + expired + overdue_storage + damaged + quarantine`.

use std::sync::Arc;

use chrono::NaiveDate;

use super::calendar::Instant;
use super::catalogue::{FunctionClass, Item};
use super::depot::{Depot, Organization};
use super::lot::{Lot, Usability};
use super::movement::{Condition, Place};
use super::position::{Balance, Key, Position};
use super::reference::{Coded, Register};
use super::region::{Region, RegionIx, Tier};

/// What a balance counts as on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// In the depot, good and usable; with its last usable day, if it has one.
    Effective(Option<NaiveDate>),
    Quarantine,
    Damaged,
    /// Good, but past a hard expiry date.
    Expired,
    /// Good, but past its advisory storage life.
    Overdue,
    /// On the way from the depot: its owner's, but in no depot.
    InTransit,
    /// Lent out from the depot.
    OnLoan,
}

impl Standing {
    /// What the account's goods count as on `on`; the date is asked of good goods only.
    pub fn of(key: &Key, lot: &Lot, item: &Item, on: NaiveDate) -> Self {
        match (key.place, key.condition) {
            (Place::Transit, _) => Self::InTransit,
            (Place::Loan, _) => Self::OnLoan,
            (Place::Depot, Condition::Quarantine) => Self::Quarantine,
            (Place::Depot, Condition::Damaged) => Self::Damaged,
            (Place::Depot, Condition::Good) => match lot.usability(item, on) {
                Usability::Usable => Self::Effective(lot.last_usable_on(item)),
                Usability::Expired => Self::Expired,
                Usability::Overdue => Self::Overdue,
            },
        }
    }
}

/// Quantities of one group of balances on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// All that lies in depots.
    pub on_hand: i64,
    /// Good, usable on the day and not reserved.
    pub effective: i64,
    /// Usable but promised: zero until the book has an entry type that reserves.
    pub reserved: i64,
    pub quarantine: i64,
    pub damaged: i64,
    pub expired: i64,
    pub overdue_storage: i64,
    /// Between depots, not on hand anywhere.
    pub in_transit: i64,
    /// Lent out, not on hand anywhere.
    pub on_loan: i64,
    /// The first last usable day among the effective stock.
    pub earliest_expiry: Option<NaiveDate>,
    /// When the latest line on these accounts occurred.
    pub last_occurred_at: Option<Instant>,
}

impl Figures {
    /// Adds a balance that counts as `standing`.
    pub fn add(&mut self, balance: &Balance, standing: Standing) {
        let quantity = balance.quantity;
        let part = match standing {
            Standing::Effective(_) => &mut self.effective,
            Standing::Quarantine => &mut self.quarantine,
            Standing::Damaged => &mut self.damaged,
            Standing::Expired => &mut self.expired,
            Standing::Overdue => &mut self.overdue_storage,
            Standing::InTransit => &mut self.in_transit,
            Standing::OnLoan => &mut self.on_loan,
        };
        *part = part.saturating_add(quantity);
        if !matches!(standing, Standing::InTransit | Standing::OnLoan) {
            self.on_hand = self.on_hand.saturating_add(quantity);
        }
        if let (Standing::Effective(Some(last)), 1..) = (standing, quantity) {
            self.earliest_expiry = earlier(self.earliest_expiry, Some(last));
        }
        let moved = Some(balance.last_occurred_at).filter(|at| at.0 > i64::MIN);
        self.last_occurred_at = self.last_occurred_at.max(moved);
    }

    /// Adds the figures of another group.
    pub fn merge(&mut self, other: &Self) {
        for (sum, part) in self.quantities_mut().into_iter().zip(other.quantities()) {
            *sum = sum.saturating_add(part);
        }
        self.earliest_expiry = earlier(self.earliest_expiry, other.earliest_expiry);
        self.last_occurred_at = self.last_occurred_at.max(other.last_occurred_at);
    }

    /// The same goods counted in another unit, `amount` of which each base unit gives.
    pub fn times(mut self, amount: i64) -> Self {
        for quantity in self.quantities_mut() {
            *quantity = quantity.saturating_mul(amount);
        }
        self
    }

    /// Whether there is nothing, neither in depots nor outside.
    pub fn is_zero(&self) -> bool {
        self.quantities() == [0; 9]
    }

    /// The quantities in the order of the fields.
    pub fn quantities(&self) -> [i64; 9] {
        [
            self.on_hand,
            self.effective,
            self.reserved,
            self.quarantine,
            self.damaged,
            self.expired,
            self.overdue_storage,
            self.in_transit,
            self.on_loan,
        ]
    }

    fn quantities_mut(&mut self) -> [&mut i64; 9] {
        [
            &mut self.on_hand,
            &mut self.effective,
            &mut self.reserved,
            &mut self.quarantine,
            &mut self.damaged,
            &mut self.expired,
            &mut self.overdue_storage,
            &mut self.in_transit,
            &mut self.on_loan,
        ]
    }
}

fn earlier(one: Option<NaiveDate>, other: Option<NaiveDate>) -> Option<NaiveDate> {
    one.into_iter().chain(other).min()
}

/// What one row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupBy {
    Depot,
    Region,
    Item,
    Lot,
}

impl GroupBy {
    pub const ALL: [Self; 4] = [Self::Depot, Self::Region, Self::Item, Self::Lot];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Depot => "depot",
            Self::Region => "region",
            Self::Item => "item",
            Self::Lot => "lot",
        }
    }

    /// The grouping of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == word)
    }
}

/// Which stock is asked for; what is `None` is not asked.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// Depots in this region's subtree.
    pub region: Option<RegionIx>,
    pub depot: Option<u32>,
    pub item: Option<u32>,
    pub owner: Option<u32>,
    pub function_class: Option<FunctionClass>,
    pub on: NaiveDate,
    pub group_by: GroupBy,
    /// For rows by region: the tier to which they are rolled up, never above the region asked for.
    pub tier: Option<Tier>,
}

/// The stock of one group; the records that the grouping does not name are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// By region: the row's; by depot or lot: the depot's.
    pub region: Option<Arc<Region>>,
    pub depot: Option<Arc<Depot>>,
    pub item: Arc<Item>,
    pub owner: Option<Arc<Organization>>,
    pub lot: Option<Arc<Lot>>,
    pub figures: Figures,
}

/// One group by indexes; what the grouping does not tell apart is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Group {
    region: RegionIx,
    depot: u32,
    item: u32,
    owner: u32,
    lot: u32,
}

/// The stock that `query` asks for, sorted by the codes of its keys, rows of nothing left out.
pub fn stock(position: &Position, query: &Query) -> Vec<Row> {
    let mut groups = Vec::new();
    for (depot, region) in depots_asked(position, query) {
        let (place, by_depot) = match (query.group_by, query.tier) {
            (GroupBy::Depot | GroupBy::Lot, _) => (region, true),
            (GroupBy::Item, _) => (RegionIx(0), false),
            (GroupBy::Region, None) => (region, false),
            (GroupBy::Region, Some(tier)) => {
                let regions = &position.reference.regions;
                (regions.rolled_up(region, tier, query.region), false)
            }
        };
        let group = Group {
            region: place,
            depot: if by_depot { depot } else { 0 },
            item: 0,
            owner: 0,
            lot: 0,
        };
        add_depot(position, query, depot, group, &mut groups);
    }
    sort_by_codes(position, query.group_by, &mut groups);
    groups.dedup_by(|(next, figures), (kept, sum)| {
        let same = next == kept;
        if same {
            sum.merge(figures);
        }
        same
    });
    groups
        .into_iter()
        .filter(|(_, figures)| !figures.is_zero())
        .filter_map(|(group, figures)| row(position, query.group_by, group, figures))
        .collect()
}
/// The depots asked for, each with its region.
fn depots_asked(position: &Position, query: &Query) -> Vec<(u32, RegionIx)> {
    let reference = &position.reference;
    let all = reference.depots.iter().map(|(depot, _)| depot);
    all.filter(|depot| query.depot.is_none_or(|asked| asked == *depot))
        .filter_map(|depot| Some((depot, reference.depot_region(depot)?)))
        .filter(|(_, region)| {
            query.region.is_none_or(|root| reference.regions.within(*region, root))
        })
        .collect()
}

/// Adds one depot's balances; those of one group mostly follow each other and are summed at once.
fn add_depot(
    position: &Position,
    query: &Query,
    depot: u32,
    place: Group,
    groups: &mut Vec<(Group, Figures)>,
) {
    let Some(shard) = position.shard(depot) else {
        return;
    };
    let balances = match query.item {
        Some(item) => shard.of_item(item),
        None => shard.rows(),
    };
    let by_lot = query.group_by == GroupBy::Lot;
    for balance in balances {
        let key = &balance.key;
        if query.owner.is_some_and(|owner| owner != key.owner) {
            continue;
        }
        let Some(item) = position.reference.items.get(key.item) else {
            continue;
        };
        let class = query.function_class;
        if class.is_some_and(|class| class != item.function_class) {
            continue;
        }
        let Some(lot) = position.lot(key.lot) else {
            continue;
        };
        let group = Group {
            item: key.item,
            owner: if by_lot { key.owner } else { 0 },
            lot: if by_lot { key.lot } else { 0 },
            ..place
        };
        if groups.last().is_none_or(|(last, _)| *last != group) {
            groups.push((group, Figures::default()));
        }
        if let Some((_, figures)) = groups.last_mut() {
            figures.add(balance, Standing::of(key, lot, item, query.on));
        }
    }
}

fn sort_by_codes(position: &Position, by: GroupBy, groups: &mut [(Group, Figures)]) {
    let reference = &position.reference;
    let depots = ranks(&reference.depots);
    let items = ranks(&reference.items);
    let owners = ranks(&reference.organizations);
    let rank = |ranks: &[u64], ix: u32| {
        let at = usize::try_from(ix).unwrap_or(usize::MAX);
        ranks.get(at).copied().unwrap_or_default()
    };
    groups.sort_by_cached_key(|(group, _)| {
        let place = match by {
            GroupBy::Depot | GroupBy::Lot => rank(&depots, group.depot),
            GroupBy::Item => 0,
            GroupBy::Region => {
                let region = reference.regions.get(group.region);
                region.map_or(0, |region| region.code.number())
            }
        };
        let (item, owner) = (rank(&items, group.item), rank(&owners, group.owner));
        (place, item, owner, group.lot)
    });
}

/// Each record's place in the order of codes, by its index: cheaper to compare than codes.
fn ranks<T: Coded>(register: &Register<T>) -> Vec<u64> {
    let mut order: Vec<_> = register.iter().collect();
    order.sort_unstable_by(|(_, a), (_, b)| a.code().cmp(b.code()));
    let mut ranks = vec![0; order.len()];
    for (rank, (ix, _)) in (0u64..).zip(order) {
        let slot = usize::try_from(ix).ok().and_then(|at| ranks.get_mut(at));
        if let Some(slot) = slot {
            *slot = rank;
        }
    }
    ranks
}

fn row(position: &Position, by: GroupBy, group: Group, figures: Figures) -> Option<Row> {
    let reference = &position.reference;
    let by_depot = matches!(by, GroupBy::Depot | GroupBy::Lot);
    let (by_region, by_lot) = (by_depot || by == GroupBy::Region, by == GroupBy::Lot);
    let region = reference.regions.get(group.region);
    let depot = reference.depots.get(group.depot);
    let owner = reference.organizations.get(group.owner);
    let lot = position.lot(group.lot);
    Some(Row {
        region: region.filter(|_| by_region).cloned(),
        depot: depot.filter(|_| by_depot).cloned(),
        item: Arc::clone(reference.items.get(group.item)?),
        owner: owner.filter(|_| by_lot).cloned(),
        lot: lot.filter(|_| by_lot).cloned(),
        figures,
    })
}

#[cfg(test)]
#[path = "stock_tests.rs"]
mod tests;
