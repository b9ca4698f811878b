//! Supply: what every depot can give of each need, gathered once for a whole answer.
//!
//! Lives here: which stock counts, and finding sources by depot and by owner without looking at all
//! of them. Does not live here: whom a source may serve (`eligibility`). Invariant: only good,
//! usable goods lying in active depots count.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::catalogue::{Item, Need};
use crate::domain::depot::{DepotStatus, Organization};
use crate::domain::lot::Usability;
use crate::domain::movement::{Condition, Place};
use crate::domain::position::{Balance, Position, Shard};
use crate::domain::reference::Reference;
use crate::domain::region::{RegionIx, Regions, Tier};
use crate::domain::travel::{Ruler, Site, Spread};

/// What one owner region has in one depot.
#[derive(Debug, Clone)]
pub struct Source {
    pub owner: RegionIx,
    pub owner_tier: Tier,
    /// The depot's index in the register.
    pub depot: u32,
    pub region: RegionIx,
    pub depot_tier: Tier,
    pub readiness_min: Option<u32>,
    pub spread: Spread,
    /// The depot's end of the ruler.
    pub end: usize,
    /// Its run of `Supply::amounts`.
    amounts: Range<usize>,
}

impl Source {
    /// What an owner may have in a depot, nothing so far; the depot's point becomes an end of the
    /// ruler.
    pub fn of(
        reference: &Reference,
        (region, depot): (RegionIx, u32),
        owner: RegionIx,
        ruler: &mut Ruler,
    ) -> Option<Self> {
        let regions = &reference.regions;
        let (found, at) = reference.depots.get(depot).zip(regions.get(region))?;
        let site = Site::of_depot(regions, found, region);
        Some(Self {
            owner,
            owner_tier: regions.get(owner)?.tier,
            depot,
            region,
            depot_tier: at.tier,
            readiness_min: found.readiness_min,
            spread: site.spread,
            end: ruler.end(site.point),
            amounts: 0..0,
        })
    }
}

/// An amount of one need, in the need's whole units.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// Place in `Supply::needs`.
    pub need: usize,
    pub units: i128,
}

/// Pieces of one item that lie in a depot and count.
#[derive(Debug, Clone)]
pub struct Pieces {
    pub item: Arc<Item>,
    pub owner: Arc<Organization>,
    /// What one piece gives of the need.
    pub amount: i64,
    pub quantity: i64,
}

/// All sources, sorted by the depot's region, then by depot and owner.
#[derive(Debug, Default)]
pub struct Supply {
    /// All needs by code.
    pub needs: Vec<Arc<Need>>,
    sources: Vec<Source>,
    amounts: Vec<Amount>,
    /// Places in `sources`, sorted by owner.
    by_owner: Vec<(RegionIx, usize)>,
    /// The run of each depot's sources.
    of_depot: HashMap<u32, Range<usize>>,
    /// For each source how many come before it by their depots' codes.
    ranks: Vec<usize>,
}

impl Supply {
    /// Gathers the stock that counts on a day; the depots' points become ends of the ruler.
    pub fn gather(position: &Position, on: NaiveDate, ruler: &mut Ruler) -> Self {
        let reference = &position.reference;
        let needs: Vec<Arc<Need>> = reference.needs.sorted().into_iter().cloned().collect();
        let gives = provisions(reference, &needs);
        let mut supply = Self { needs, ..Self::default() };
        let mut depots: Vec<(RegionIx, u32, &Shard)> = position
            .shards()
            .filter_map(|(ix, shard)| Some((active_in(reference, ix)?, ix, &**shard)))
            .collect();
        depots.sort_unstable_by_key(|(region, ix, _)| (*region, *ix));
        for (region, depot, shard) in depots {
            let held = held(position, shard, &gives, on);
            supply.put(position, (region, depot), &held, ruler);
        }
        supply.index(reference);
        supply
    }

    fn put(
        &mut self,
        position: &Position,
        (region, depot): (RegionIx, u32),
        held: &BTreeMap<(RegionIx, usize), i128>,
        ruler: &mut Ruler,
    ) {
        for ((owner, need), units) in held {
            let from = self.amounts.len();
            self.amounts.push(Amount { need: *need, units: *units });
            let until = self.amounts.len();
            let same = |last: &&mut Source| last.depot == depot && last.owner == *owner;
            if let Some(last) = self.sources.last_mut().filter(same) {
                last.amounts.end = until;
                continue;
            }
            let source = Source::of(&position.reference, (region, depot), *owner, ruler);
            self.sources.extend(source.map(|row| Source { amounts: from..until, ..row }));
        }
    }

    fn index(&mut self, reference: &Reference) {
        let sources = || self.sources.iter().enumerate();
        let mut by_owner: Vec<_> = sources().map(|(at, source)| (source.owner, at)).collect();
        by_owner.sort_unstable();
        let mut of_depot: HashMap<u32, Range<usize>> = HashMap::new();
        for (at, source) in sources() {
            of_depot.entry(source.depot).or_insert(at..at).end = at + 1;
        }
        let code = |at: usize| {
            let source = self.sources.get(at)?;
            reference.depots.get(source.depot).map(|depot| &depot.code)
        };
        let mut named: Vec<usize> = (0..self.sources.len()).collect();
        named.sort_by_key(|at| code(*at));
        let mut ranks = vec![0; named.len()];
        for (rank, at) in named.into_iter().enumerate() {
            if let Some(cell) = ranks.get_mut(at) {
                *cell = rank;
            }
        }
        (self.by_owner, self.of_depot, self.ranks) = (by_owner, of_depot, ranks);
    }

    /// All sources.
    pub fn all(&self) -> &[Source] {
        &self.sources
    }

    /// Places of the sources lying in `root` or below it.
    pub fn places_in(&self, regions: &Regions, root: RegionIx) -> Range<usize> {
        let from = self.sources.partition_point(|row| row.region < root);
        let rest = self.sources.get(from..).unwrap_or_default();
        from..from + rest.partition_point(|row| regions.within(row.region, root))
    }

    /// Sources lying in `root` or below it.
    pub fn lying_in(&self, regions: &Regions, root: RegionIx) -> &[Source] {
        self.sources.get(self.places_in(regions, root)).unwrap_or_default()
    }

    /// Places of the sources owned by exactly `owner`.
    pub fn places_owned_by(&self, owner: RegionIx) -> impl Iterator<Item = usize> {
        self.owners(owner, |at| at == owner).iter().map(|(_, at)| *at)
    }

    /// Places of the sources owned by `root` or a region below it.
    pub fn places_owned_in(
        &self,
        regions: &Regions,
        root: RegionIx,
    ) -> impl Iterator<Item = usize> {
        self.owners(root, |at| regions.within(at, root)).iter().map(|(_, at)| *at)
    }

    /// Places of the sources in a depot.
    pub fn places_of_depot(&self, depot: u32) -> Range<usize> {
        self.of_depot.get(&depot).cloned().unwrap_or_default()
    }

    /// Sources owned by exactly `owner`.
    pub fn owned_by(&self, owner: RegionIx) -> impl Iterator<Item = &Source> {
        self.places_owned_by(owner).filter_map(|at| self.sources.get(at))
    }

    /// Sources owned by `root` or a region below it.
    pub fn owned_in(&self, regions: &Regions, root: RegionIx) -> impl Iterator<Item = &Source> {
        self.places_owned_in(regions, root).filter_map(|at| self.sources.get(at))
    }

    /// Whether one source's depot stands before another's by its code.
    pub fn is_named_before(&self, one: usize, other: usize) -> bool {
        let rank = |at: usize| self.ranks.get(at);
        rank(one) < rank(other)
    }

    fn owners(&self, from: RegionIx, inside: impl Fn(RegionIx) -> bool) -> &[(RegionIx, usize)] {
        let first = self.by_owner.partition_point(|(owner, _)| *owner < from);
        let rest = self.by_owner.get(first..).unwrap_or_default();
        let until = rest.partition_point(|(owner, _)| inside(*owner));
        rest.get(..until).unwrap_or_default()
    }

    /// The pieces behind an owner region's amount of a need in a depot, by item and organization.
    pub fn pieces(
        position: &Position,
        (depot, owner): (u32, RegionIx),
        need: &Need,
        on: NaiveDate,
    ) -> Vec<Pieces> {
        let reference = &position.reference;
        let mut pieces: Vec<Pieces> = Vec::new();
        for row in position.shard(depot).map_or(&[][..], |shard| shard.rows()) {
            let Some(item) = reference.items.get(row.key.item) else { continue };
            let given = item.provision.as_ref().filter(|given| given.need == need.code);
            let theirs = reference.owner_region(row.key.owner) == Some(owner);
            let owner = reference.organizations.get(row.key.owner);
            let counts = theirs && counts(position, row, on);
            let Some((given, owner)) = given.zip(owner).filter(|_| counts) else { continue };
            let same = |known: &&mut Pieces| {
                known.item.code == item.code && known.owner.code == owner.code
            };
            match pieces.iter_mut().find(same) {
                Some(known) => known.quantity = known.quantity.saturating_add(row.quantity),
                None => pieces.push(Pieces {
                    item: Arc::clone(item),
                    owner: Arc::clone(owner),
                    amount: given.amount,
                    quantity: row.quantity,
                }),
            }
        }
        // The largest first: the small ones fill up what they leave.
        pieces.sort_by(|a, b| {
            let key = |one: &Pieces| (std::cmp::Reverse(one.amount), one.item.code.clone());
            (key(a), &a.owner.code).cmp(&(key(b), &b.owner.code))
        });
        pieces
    }

    /// What a source has.
    pub fn amounts(&self, source: &Source) -> &[Amount] {
        self.amounts.get(source.amounts.clone()).unwrap_or_default()
    }
}

/// What one base unit of each item gives: the need's place and the amount.
pub fn provisions(reference: &Reference, needs: &[Arc<Need>]) -> Vec<Option<(usize, i64)>> {
    let items = reference.items.iter();
    items
        .map(|(_, item)| {
            let provision = item.provision.as_ref()?;
            let place = needs.binary_search_by(|need| need.code.cmp(&provision.need));
            place.ok().map(|need| (need, provision.amount))
        })
        .collect()
}

/// The region of a depot that gives anything at all.
pub fn active_in(reference: &Reference, depot: u32) -> Option<RegionIx> {
    let active = reference.depots.get(depot)?.status == DepotStatus::Active;
    reference.depot_region(depot).filter(|_| active)
}

/// Usable units by owner region and need in one depot.
pub fn held(
    position: &Position,
    shard: &Shard,
    gives: &[Option<(usize, i64)>],
    on: NaiveDate,
) -> BTreeMap<(RegionIx, usize), i128> {
    let mut held = BTreeMap::new();
    for row in shard.rows() {
        let item = usize::try_from(row.key.item).ok();
        let given = item.and_then(|at| gives.get(at).copied().flatten());
        let Some((need, amount)) = given.filter(|_| counts(position, row, on)) else {
            continue;
        };
        let Some(owner) = position.reference.owner_region(row.key.owner) else {
            continue;
        };
        let units = i128::from(row.quantity) * i128::from(amount);
        *held.entry((owner, need)).or_insert(0) += units;
    }
    held
}

fn counts(position: &Position, row: &Balance, on: NaiveDate) -> bool {
    let here = row.key.place == Place::Depot && row.key.condition == Condition::Good;
    here && row.quantity > 0
        && position
            .lot(row.key.lot)
            .zip(position.reference.items.get(row.key.item))
            .is_some_and(|(lot, item)| lot.usability(item, on) == Usability::Usable)
}
