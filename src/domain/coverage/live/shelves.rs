//! Shelves: what every source has of each need now, and what a later Position changes in it.
//!
//! Lives here: numbered sources, their units by need, the difference between two Positions. Does
//! not live here: what a difference means for an area (`tract`). Invariant: a source keeps its
//! number; one that has nothing left stays, with nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::catalogue::Need;
use crate::domain::position::{Position, Shard};
use crate::domain::region::RegionIx;
use crate::domain::travel::Ruler;

use super::super::supply::{Source, Supply, active_in, held, provisions};
use super::super::trace::{MOST, PROMISES};

/// What has changed in one source.
#[derive(Debug, Clone)]
pub struct Change {
    pub number: u32,
    /// Whether it had anything before, and has now.
    pub had: bool,
    pub has: bool,
    /// By need, what came to it, negative what went; no zeros.
    pub deltas: Vec<(usize, i64)>,
}

/// All sources there are or have been.
#[derive(Debug)]
pub struct Shelves {
    on: NaiveDate,
    pub needs: Vec<Arc<Need>>,
    /// What one unit of each item gives.
    gives: Vec<Option<(usize, i64)>>,
    sources: Vec<Source>,
    /// By number, whether it has anything.
    present: Vec<bool>,
    /// The numbers of a depot's sources.
    of_depot: HashMap<u32, Vec<u32>>,
    /// By need and number.
    units: Vec<Vec<i64>>,
    /// By need.
    totals: Vec<i128>,
}

impl Shelves {
    /// Those of a supply, numbered by their places in it; `None` where a sum does not fit.
    pub fn of(position: &Position, supply: &Supply, on: NaiveDate) -> Option<Self> {
        let needs = supply.needs.clone();
        let count = supply.all().len();
        let mut shelves = Self {
            on,
            gives: provisions(&position.reference, &needs),
            sources: supply.all().to_vec(),
            present: vec![true; count],
            of_depot: HashMap::new(),
            units: vec![vec![0; count]; needs.len()],
            totals: vec![0; needs.len()],
            needs,
        };
        u32::try_from(count).ok().filter(|count| *count <= PROMISES)?;
        for (number, (place, source)) in (0..).zip(supply.all().iter().enumerate()) {
            shelves.of_depot.entry(source.depot).or_default().push(number);
            for amount in supply.amounts(source) {
                let cell = shelves.units.get_mut(amount.need)?.get_mut(place)?;
                *cell = i64::try_from(amount.units).ok()?;
                *shelves.totals.get_mut(amount.need)? += amount.units;
            }
        }
        shelves.fit().then_some(shelves)
    }

    fn fit(&self) -> bool {
        self.totals.iter().all(|total| *total <= i128::from(MOST))
    }

    /// A source.
    pub fn get(&self, number: u32) -> Option<&Source> {
        self.sources.get(usize::try_from(number).ok()?)
    }

    /// All, with their numbers.
    pub fn all(&self) -> impl Iterator<Item = (u32, &Source)> {
        (0..).zip(&self.sources)
    }

    /// All that have anything, with their numbers.
    pub fn present(&self) -> impl Iterator<Item = (u32, &Source)> {
        let all = (0..).zip(self.sources.iter().zip(&self.present));
        all.filter(|(_, (_, present))| **present).map(|(number, (source, _))| (number, source))
    }

    /// Whether a source has anything.
    pub fn is_present(&self, number: u32) -> bool {
        let place = usize::try_from(number).ok();
        place.and_then(|place| self.present.get(place)).is_some_and(|present| *present)
    }

    /// What each source has of a need, by number.
    pub fn units(&self, need: usize) -> &[i64] {
        self.units.get(need).map_or(&[][..], Vec::as_slice)
    }

    /// Bytes that it takes, nearly.
    pub fn bytes(&self) -> usize {
        self.sources.len() * (size_of::<Source>() + 64 + self.needs.len() * size_of::<i64>())
    }

    /// Takes up what has changed from one Position to another under the same reference data; a
    /// depot whose balances both share has not. `None` where a sum does not fit; the shelves are
    /// then of no use.
    pub fn follow(
        &mut self,
        from: &Position,
        to: &Position,
        ruler: &mut Ruler,
    ) -> Option<Vec<Change>> {
        let mut changes = Vec::new();
        for ((depot, before), (_, after)) in from.shards().zip(to.shards()) {
            if !Arc::ptr_eq(before, after) {
                self.restock(to, depot, after, ruler, &mut changes)?;
            }
        }
        self.fit().then_some(changes)
    }

    fn restock(
        &mut self,
        position: &Position,
        depot: u32,
        shard: &Shard,
        ruler: &mut Ruler,
        changes: &mut Vec<Change>,
    ) -> Option<()> {
        let reference = &position.reference;
        let Some(region) = active_in(reference, depot) else { return Some(()) };
        let held = held(position, shard, &self.gives, self.on);
        for (owner, _) in held.keys() {
            if self.number_of(depot, *owner).is_none() {
                let source = Source::of(reference, (region, depot), *owner, ruler);
                source.map(|source| self.put(source)).unwrap_or(Some(()))?;
            }
        }
        for number in self.of_depot.get(&depot).cloned().unwrap_or_default() {
            changes.extend(self.compare(number, &held)?);
        }
        Some(())
    }

    fn number_of(&self, depot: u32, owner: RegionIx) -> Option<u32> {
        let mut numbers = self.of_depot.get(&depot)?.iter().copied();
        numbers.find(|number| self.get(*number).is_some_and(|source| source.owner == owner))
    }

    /// A source that has nothing yet.
    fn put(&mut self, source: Source) -> Option<()> {
        let number = u32::try_from(self.sources.len()).ok().filter(|number| *number < PROMISES)?;
        self.of_depot.entry(source.depot).or_default().push(number);
        self.sources.push(source);
        self.present.push(false);
        self.units.iter_mut().for_each(|column| column.push(0));
        Some(())
    }

    /// What a source has now beside what it had; `Some(None)` where that is the same.
    fn compare(
        &mut self,
        number: u32,
        held: &BTreeMap<(RegionIx, usize), i128>,
    ) -> Option<Option<Change>> {
        let place = usize::try_from(number).ok()?;
        let owner = self.sources.get(place)?.owner;
        let mut deltas = Vec::new();
        for (need, (column, total)) in self.units.iter_mut().zip(&mut self.totals).enumerate() {
            let cell = column.get_mut(place)?;
            let now = held.get(&(owner, need)).copied().unwrap_or_default();
            let now = i64::try_from(now).ok()?;
            if now != *cell {
                deltas.push((need, now.checked_sub(*cell)?));
                *total += i128::from(now) - i128::from(*cell);
                *cell = now;
            }
        }
        let has = held.range((owner, 0)..=(owner, usize::MAX)).next().is_some();
        let had = std::mem::replace(self.present.get_mut(place)?, has);
        let changed = had != has || !deltas.is_empty();
        Some(changed.then_some(Change { number, had, has, deltas }))
    }
}
