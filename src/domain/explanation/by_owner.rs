//! One gap of the physical reserve by owner: whose goods count, wherever they lie.
//!
//! Lives here: the walk over the depots where the account has any, and what regions above could
//! give. Does not live here: goods by where they lie (`by_custody`). Invariant: goods owned above
//! are never the account's, and stand beside it where they lie in the region.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::account::{Goods, Held, Line, Standard, weigh};
use crate::domain::catalogue::Item;
use crate::domain::gap::row_of;
use crate::domain::movement::Place;
use crate::domain::position::{Balance, Position, Shard};
use crate::domain::quota::{Quota, Subject};
use crate::domain::region::RegionIx;
use crate::domain::stock::{Figures, Standing};

use super::{Found, Help, Part, Query, Reason, Remedy, serving};

/// The parts of one gap; `quota` is in force for the own account.
pub(super) fn find(
    position: &Position,
    query: &Query,
    goods: &Goods,
    quota: &Option<Arc<Quota>>,
) -> Option<Found> {
    let regions = &position.reference.regions;
    let mut survey = Survey::new(position, query, goods);
    survey.walk(&serving(position, query.goods));
    survey.add_quotas();
    let within = |ix: &RegionIx| regions.within(*ix, query.region);
    let inside: Vec<(RegionIx, Line)> =
        survey.lines.iter().filter(|(ix, _)| within(ix)).map(|(ix, line)| (*ix, *line)).collect();
    let lines = inside.iter().map(|(ix, line)| (*ix, line));
    let row = row_of(regions, query.region, (goods, query.mode), lines, quota.clone())?;
    let remedy = row.roll_up.map(|sums| survey.remedy(sums.redistributable, sums.gap_net));
    let Survey { figures, parts, .. } = survey;
    let (sources, lines, owned_above) = (Vec::new(), inside, None);
    Some(Found { row, figures, parts, sources, lines, remedy, owned_above })
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
            subject: goods.subject(),
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
        for (item_ix, item, amount) in items {
            let days = item.life.perishing_days();
            let Some(piles) = position.piles_of(*item_ix) else {
                return false;
            };
            for (owner, pile) in piles.filter(|(_, pile)| !pile.weight.figures.is_zero()) {
                if self.is_looked_at(owner) {
                    let held = pile.held(self.query.on, days).times(*amount);
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
            let held = weigh(row.quantity, standing, item.life.lasts_from(on)).times(amount);
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
        reference.quotas.in_force(code, &self.subject, self.query.mode, self.query.on)
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
