//! Explanation: one gap opened into the quota, lots and accounts that it comes from; balances and
//! lines of procurement plans likewise.
//!
//! Lives here: which balances count, which do not and why, the accounts of the roll-up, and what
//! would close the gap. Does not live here: the gap itself (`gap`). Invariant: the parts add up to
//! the row, always.

mod balance;
mod parts;
mod purchase;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::account::{Filter, Goods, Held, Line, PERISHING_DAYS, Shelf, Standard, weigh};
use super::calendar::add_days;
use super::catalogue::Item;
use super::gap::{Row, row_of};
use super::movement::Place;
use super::position::{Balance, Position, Shard};
use super::quota::{Mode, Quota, Subject};
use super::region::{Region, RegionIx};
use super::stock::{Figures, Standing};

pub use balance::{Breach, Change, Projection, explain_balance};
pub use parts::{Part, Reason};
pub use purchase::{PlanAccount, PlanOrder, Purchase, explain_purchase};

/// Which kind of goods is asked for, by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Item(u32),
    Need(u32),
}

impl Asked {
    /// The filter that lets nothing else pass.
    pub fn filter(self) -> Filter {
        match self {
            Self::Item(item) => Filter { item: Some(item), ..Filter::default() },
            Self::Need(need) => Filter { need: Some(need), ..Filter::default() },
        }
    }
}

/// Which gap is to be explained.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    pub region: RegionIx,
    pub goods: Asked,
    pub mode: Mode,
    pub on: NaiveDate,
    /// Accounts above this region are not looked at; `None` looks at all.
    pub highest: Option<RegionIx>,
}

/// One region's account, as a summand of the roll-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubAccount {
    pub region: Arc<Region>,
    pub line: Line,
}

/// What an account above could give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    pub region: Arc<Region>,
    /// Beyond its target, goods that end within [`PERISHING_DAYS`] days not counted.
    pub spare: i64,
    /// The part of it that is asked for after nearer accounts have given.
    pub gives: i64,
}

/// What would close the gaps of the subtree, in the order in which it is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Surplus of accounts inside that can be moved to where it lacks.
    pub inside: i64,
    /// Accounts above, nearest first.
    pub above: Vec<Help>,
    /// Whether accounts above exist that were not looked at.
    pub above_hidden: bool,
    /// What remains to be bought, or asked for where `above_hidden`.
    pub to_buy: i64,
}

/// One gap with everything that it comes from; quantities in the unit of its goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    pub row: Row,
    /// In force on the day for the own account.
    pub quota: Option<Arc<Quota>>,
    /// Of the own account, wherever it lies.
    pub figures: Figures,
    /// Balances of the own account that count, first ending first.
    pub counted: Vec<Part>,
    /// Balances that do not count, by reason; those owned above stand beside the account.
    pub excluded: Vec<Part>,
    /// Accounts of the subtree with a quota or stock, the greatest gap first.
    pub accounts: Vec<SubAccount>,
    /// `None` in the modes whose stock no register tells.
    pub remedy: Option<Remedy>,
}

/// What does not count for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonSum {
    pub reason: Reason,
    pub count: usize,
    pub amount: i64,
}

impl ReasonSum {
    /// The sums of what does not count, reason by reason; reasons without goods are left out.
    fn of(excluded: &[Part]) -> Vec<Self> {
        let sum = |reason: Reason| {
            let parts = || excluded.iter().filter(|part| part.excluded == Some(reason));
            let amount = parts().map(|part| part.amount).sum();
            Self { reason, count: parts().count(), amount }
        };
        Reason::ALL.into_iter().map(sum).filter(|sum| sum.count > 0).collect()
    }
}

impl Explanation {
    /// What does not count, reason by reason; reasons without goods are left out.
    pub fn excluded_sums(&self) -> Vec<ReasonSum> {
        ReasonSum::of(&self.excluded)
    }
}

/// The explanation of one gap; `None` for a region or goods that are not there.
pub fn explain(position: &Position, query: &Query) -> Option<Explanation> {
    let reference = &position.reference;
    reference.regions.get(query.region)?;
    // A shelf of one kind of goods has one place.
    let goods = Shelf::of(reference, &query.goods.filter()).get(0)?.clone();
    let mut survey = Survey::new(position, query, &goods);
    if query.mode == Mode::GovPhysical {
        survey.walk(&serving(position, query.goods));
    }
    survey.add_quotas();
    let within = |ix: &RegionIx| reference.regions.within(*ix, query.region);
    let inside: Vec<(RegionIx, Line)> =
        survey.lines.iter().filter(|(ix, _)| within(ix)).map(|(ix, line)| (*ix, *line)).collect();
    let quota = survey.quota_of(query.region).cloned();
    let lines = inside.iter().map(|(ix, line)| (*ix, line));
    let about = (&goods, query.mode);
    let row = row_of(&reference.regions, query.region, about, lines, quota.clone())?;
    let remedy = row.roll_up.map(|sums| survey.remedy(sums.redistributable, sums.gap_net));
    let mut accounts: Vec<SubAccount> = inside
        .into_iter()
        .filter_map(|(ix, line)| {
            Some(SubAccount { region: Arc::clone(reference.regions.get(ix)?), line })
        })
        .collect();
    accounts.sort_by_key(|account| {
        let line = &account.line;
        (std::cmp::Reverse((line.gap(), line.surplus())), account.region.code)
    });
    let mut parts = survey.parts;
    parts.sort_by(Part::order);
    let (counted, excluded) = parts.into_iter().partition(|part| part.excluded.is_none());
    let figures = survey.figures;
    Some(Explanation { row, quota, figures, counted, excluded, accounts, remedy })
}

/// The items behind the goods asked for, each with what one base unit gives in the goods' unit.
fn serving(position: &Position, goods: Asked) -> Vec<(u32, Arc<Item>, i64)> {
    let reference = &position.reference;
    match goods {
        Asked::Item(ix) => {
            reference.items.get(ix).map(|item| (ix, Arc::clone(item), 1)).into_iter().collect()
        }
        Asked::Need(ix) => {
            let need = reference.needs.get(ix).map(|need| &need.code);
            let serves = |(item_ix, item): (u32, &Arc<Item>)| {
                let provision = item.provision.as_ref()?;
                (Some(&provision.need) == need)
                    .then(|| (item_ix, Arc::clone(item), provision.amount))
            };
            reference.items.iter().filter_map(serves).collect()
        }
    }
}

/// One walk over the depots, for the accounts of the subtree and of the regions above.
struct Survey<'a> {
    position: &'a Position,
    query: &'a Query,
    subject: Subject,
    /// The regions above that may be looked at, nearest first.
    above: Vec<RegionIx>,
    above_hidden: bool,
    /// The regions above, looked at or not.
    all_above: Vec<RegionIx>,
    lines: BTreeMap<RegionIx, Line>,
    figures: Figures,
    parts: Vec<Part>,
}

impl<'a> Survey<'a> {
    fn new(position: &'a Position, query: &'a Query, goods: &Goods) -> Self {
        let regions = &position.reference.regions;
        let all_above: Vec<RegionIx> = regions.chain(query.region).skip(1).collect();
        let may = |ix: &RegionIx| query.highest.is_none_or(|top| regions.within(*ix, top));
        let above: Vec<RegionIx> = all_above.iter().copied().filter(may).collect();
        Self {
            position,
            query,
            subject: match goods {
                Goods::Item(item) => Subject::Item(item.code.clone()),
                Goods::Need(need) => Subject::Need(need.code.clone()),
            },
            above_hidden: above.len() < all_above.len(),
            above,
            all_above,
            lines: BTreeMap::new(),
            figures: Figures::default(),
            parts: Vec::new(),
        }
    }

    fn walk(&mut self, items: &[(u32, Arc<Item>, i64)]) {
        let reference = &self.position.reference;
        let owners: Vec<Option<RegionIx>> =
            reference.organizations.iter().map(|(ix, _)| reference.owner_region(ix)).collect();
        let indexed = self.take_lines(items);
        for (depot, shard) in self.depots(items) {
            for (item_ix, item, amount) in items {
                let stock = shard.of_item(*item_ix).iter().filter(|row| row.quantity != 0);
                for row in stock {
                    let owner = usize::try_from(row.key.owner).ok();
                    let owner = owner.and_then(|ix| owners.get(ix).copied().flatten());
                    if let Some(owner) = owner {
                        self.see(depot, row, owner, (item, *amount));
                        if !indexed {
                            self.count(row, owner, (item, *amount));
                        }
                    }
                }
            }
        }
    }

    /// The depots to look into: where the account has any, and those of the region.
    fn depots(&self, items: &[(u32, Arc<Item>, i64)]) -> Vec<(u32, &'a Arc<Shard>)> {
        let root = self.query.region;
        let holding = items
            .iter()
            .flat_map(|(item, _, _)| self.position.depots_holding(*item, |owner| owner == root));
        let here = self.position.depots_within(root).into_iter().map(|(_, depot)| depot);
        let mut depots: Vec<u32> = holding.chain(here).collect();
        depots.sort_unstable();
        depots.dedup();
        let shards = depots.into_iter();
        shards.filter_map(|depot| Some((depot, self.position.shard(depot)?))).collect()
    }

    fn is_looked_at(&self, owner: RegionIx) -> bool {
        let regions = &self.position.reference.regions;
        regions.within(owner, self.query.region) || self.above.contains(&owner)
    }

    /// Takes the accounts from the index, if there is one.
    fn take_lines(&mut self, items: &[(u32, Arc<Item>, i64)]) -> bool {
        let position = self.position;
        for (item, _, amount) in items {
            let Some(piles) = position.piles_of(*item) else {
                return false;
            };
            for (owner, pile) in piles.filter(|(_, pile)| !pile.weight.figures.is_zero()) {
                if self.is_looked_at(owner) {
                    let held = pile.held(self.query.on).times(*amount);
                    self.line(owner).held.merge(held);
                }
            }
        }
        true
    }

    /// Puts a balance on its account.
    fn count(&mut self, row: &Balance, owner: RegionIx, (item, amount): (&Arc<Item>, i64)) {
        let on = self.query.on;
        if let Some(lot) = self.position.lot(row.key.lot).filter(|_| self.is_looked_at(owner)) {
            let standing = Standing::of(&row.key, lot, item, on);
            let held = weigh(row.quantity, standing, add_days(on, PERISHING_DAYS)).times(amount);
            self.line(owner).held.merge(held);
        }
    }

    fn see(
        &mut self,
        depot: u32,
        row: &Balance,
        owner: RegionIx,
        (item, amount): (&Arc<Item>, i64),
    ) {
        let reference = &self.position.reference;
        let Some(lot) = self.position.lot(row.key.lot) else {
            return;
        };
        let (on, root) = (self.query.on, self.query.region);
        let standing = Standing::of(&row.key, lot, item, on);
        let from_above = self.all_above.contains(&owner);
        let here = |ix: RegionIx| reference.regions.within(ix, root);
        let excluded = if owner == root {
            let mut figures = Figures::default();
            figures.add(row, standing);
            self.figures.merge(&figures.times(amount));
            Reason::of(standing)
        } else if from_above
            && row.key.place == Place::Depot
            && reference.depot_region(depot).is_some_and(here)
        {
            Some(Reason::OwnedAbove)
        } else {
            return;
        };
        let part = Part::of(self.position, (depot, row), lot, (item, amount), on);
        self.parts.extend(part.map(|part| Part { excluded, ..part }));
    }

    fn line(&mut self, owner: RegionIx) -> &mut Line {
        let empty = Line { goods: 0, standard: None, held: Held::default(), open: None };
        self.lines.entry(owner).or_insert(empty)
    }

    fn quota_of(&self, ix: RegionIx) -> Option<&'a Arc<Quota>> {
        let reference = &self.position.reference;
        let code = reference.regions.get(ix)?.code;
        let all = reference.quotas.of_line(code, &self.subject, self.query.mode);
        all.into_iter().find(|quota| quota.in_force(self.query.on))
    }

    fn add_quotas(&mut self) {
        let inside = self.position.reference.regions.subtree(self.query.region);
        let owners: Vec<RegionIx> = inside.chain(self.above.iter().copied()).collect();
        for owner in owners {
            if let Some(quota) = self.quota_of(owner) {
                let standard = Standard { target: quota.target, floor: quota.floor };
                self.line(owner).standard = Some(standard);
            }
        }
    }

    /// Who could give what is missing after the surplus inside has been moved.
    fn remedy(&self, inside: i64, net: i64) -> Remedy {
        let mut rest = net;
        let mut above = Vec::new();
        for ix in &self.above {
            let line = self.lines.get(ix);
            let region = self.position.reference.regions.get(*ix);
            let spare = line.map_or(0, Line::surplus);
            if let Some(region) = region.filter(|_| spare > 0) {
                let gives = spare.min(rest);
                rest -= gives;
                above.push(Help { region: Arc::clone(region), spare, gives });
            }
        }
        Remedy { inside, above, above_hidden: self.above_hidden, to_buy: rest }
    }
}

#[cfg(test)]
mod tests;
