//! Blocks: sources of one kind that stand near each other, so that bounds may settle them together;
//! large ones in halves, down to a few sources.
//!
//! Lives here: which sources form a block, what it comes to, which blocks a scope admits. Does not
//! live here: when their goods arrive (`pace`, `goods`). Invariant: every source is in one block
//! without parts, and a block holds what the sum of its sources holds.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use crate::domain::region::{RegionIx, Regions, Tier};
use crate::domain::travel::{Ruler, Spread};

use super::eligibility::{Layer, Neighbourhood, Scope};
use super::supply::{Amount, Source, Supply};

/// The most sources of a block that has no parts.
const SIZE: usize = 8;

/// Which sources may share a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kin {
    /// The owner's city; the owner itself where it has none or stands above it.
    root: RegionIx,
    /// In which layer the goods count for areas outside the owner's region.
    layer: Layer,
    /// The province where the depots stand.
    province: Option<RegionIx>,
    /// Whether their depots hold goods of several owners.
    shared: bool,
}

/// Whose goods, from which depots: what decides a delivery's minutes off the road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub owner: Tier,
    pub depot: Tier,
    pub readiness_min: Option<u32>,
}

/// Sources near each other.
#[derive(Debug)]
pub struct Block {
    kin: Kin,
    /// Its run of `Blocks::members`.
    members: Range<usize>,
    /// The two halves of a large one.
    pub parts: Option<[usize; 2]>,
    /// The one that it is a half of.
    whole: Option<usize>,
    /// The ruler's ball about its depots.
    pub ball: usize,
    /// The least and the most ready of each pair of tiers.
    pub kinds: Vec<Kind>,
    /// How well its depots' points are known, each way once.
    pub spreads: Vec<Spread>,
    /// Whether any of these points is inherited.
    pub inherited: bool,
    /// What all of it holds, by need.
    pub sums: Vec<Amount>,
    /// For each need the source that has most of it; of equals that of the least code.
    pub largest: Vec<(Amount, usize)>,
}

impl Block {
    /// In which layer its goods count for an area that does not own them.
    pub fn layer(&self) -> Layer {
        self.kin.layer
    }

    /// Whether its sources must be looked at one by one, as their depots hold others' goods too.
    pub fn is_shared(&self) -> bool {
        self.kin.shared
    }

    /// Whether all of it has one owner, which is then its root.
    fn has_one_owner(&self) -> bool {
        self.kin.layer != Layer::County
    }
}

/// Who must agree before goods of a block go to an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreed {
    /// The same for all of it: a region of this tier, or nobody.
    Exactly(Option<Tier>),
    /// It differs.
    Various,
}

/// The blocks, not part of others, that a scope admits as a whole for the areas of a city.
#[derive(Debug)]
pub struct Admitted {
    pub blocks: Vec<(usize, Agreed)>,
    /// What they hold by need and layer.
    pub totals: Vec<[i128; 4]>,
    /// By source.
    has: Vec<bool>,
}

impl Admitted {
    /// Whether a source is in one of them.
    pub fn has(&self, source: usize) -> bool {
        self.has.get(source).copied().unwrap_or(false)
    }
}

/// All sources in blocks.
#[derive(Debug, Default)]
pub struct Blocks {
    rows: Vec<Block>,
    /// Places in the supply.
    members: Vec<usize>,
    /// By source.
    of_source: Vec<usize>,
}

impl Blocks {
    /// Parts a supply into blocks.
    pub fn of(supply: &Supply, regions: &Regions, ruler: &mut Ruler) -> Self {
        let mut kins: BTreeMap<Kin, Vec<(usize, [i32; 2])>> = BTreeMap::new();
        let (mut seen, mut shared) = (HashSet::new(), HashSet::new());
        for source in supply.all() {
            if !seen.insert(source.depot) {
                shared.insert(source.depot);
            }
        }
        for (at, source) in supply.all().iter().enumerate() {
            let point = ruler.point(source.end);
            let point = point.map_or([0, 0], |point| [point.lon_e6, point.lat_e6]);
            let kin = kin(source, regions, shared.contains(&source.depot));
            kins.entry(kin).or_default().push((at, point));
        }
        let mut blocks = Self { of_source: vec![0; supply.all().len()], ..Self::default() };
        for (kin, mut places) in kins {
            blocks.part((kin, None), &mut places, supply, ruler);
        }
        blocks
    }

    /// Makes a block, and halves what is too large across its longer side.
    fn part(
        &mut self,
        (kin, whole): (Kin, Option<usize>),
        places: &mut [(usize, [i32; 2])],
        supply: &Supply,
        ruler: &mut Ruler,
    ) -> usize {
        let (number, from) = (self.rows.len(), self.members.len());
        let found: Vec<&Source> =
            places.iter().filter_map(|(at, _)| supply.all().get(*at)).collect();
        let ends: Vec<usize> = found.iter().map(|source| source.end).collect();
        self.rows.push(Block {
            kin,
            members: from..from + places.len(),
            parts: None,
            whole,
            ball: ruler.ball(&ends),
            kinds: kinds(&found),
            spreads: spreads(&found),
            inherited: found.iter().any(|source| source.spread != Spread::Known),
            sums: Vec::new(),
            largest: Vec::new(),
        });
        if places.len() > SIZE {
            let width = |axis: usize| {
                let along = || places.iter().filter_map(|(_, point)| point.get(axis));
                let (least, most) = (along().min(), along().max());
                least.zip(most).map_or(0, |(least, most)| i64::from(*most) - i64::from(*least))
            };
            let axis = usize::from(width(1) > width(0));
            let middle = places.len() / 2;
            places
                .select_nth_unstable_by_key(middle, |(at, point)| (point.get(axis).copied(), *at));
            let (first, second) = places.split_at_mut(middle);
            let first = self.part((kin, Some(number)), first, supply, ruler);
            let second = self.part((kin, Some(number)), second, supply, ruler);
            if let Some(block) = self.rows.get_mut(number) {
                block.parts = Some([first, second]);
            }
        } else {
            for (at, _) in places.iter() {
                self.members.push(*at);
                if let Some(cell) = self.of_source.get_mut(*at) {
                    *cell = number;
                }
            }
        }
        self.add_up(number, supply);
        number
    }

    /// Adds up what a block holds, anew.
    pub fn add_up(&mut self, number: usize, supply: &Supply) {
        let mut sums: BTreeMap<usize, (i128, Option<(i128, usize)>)> = BTreeMap::new();
        for at in self.members(number) {
            let Some(source) = supply.all().get(*at) else { continue };
            for amount in supply.amounts(source) {
                let (sum, largest) = sums.entry(amount.need).or_default();
                *sum += amount.units;
                let more = |(units, other): &(i128, usize)| {
                    let sooner = supply.is_named_before(*at, *other);
                    amount.units > *units || (amount.units == *units && sooner)
                };
                if largest.as_ref().is_none_or(more) {
                    *largest = Some((amount.units, *at));
                }
            }
        }
        let Some(block) = self.rows.get_mut(number) else { return };
        block.sums =
            sums.iter().map(|(need, (units, _))| Amount { need: *need, units: *units }).collect();
        block.largest = (sums.into_iter())
            .filter_map(|(need, (_, largest))| {
                largest.map(|(units, at)| (Amount { need, units }, at))
            })
            .collect();
    }

    #[cfg(test)]
    pub fn share_all(&mut self) {
        self.rows.iter_mut().for_each(|block| block.kin.shared = true);
    }

    pub fn get(&self, number: usize) -> Option<&Block> {
        self.rows.get(number)
    }

    pub fn all(&self) -> &[Block] {
        &self.rows
    }

    /// Places of a block's sources in the supply.
    pub fn members(&self, number: usize) -> &[usize] {
        let run = self.rows.get(number).map(|block| block.members.clone());
        run.and_then(|run| self.members.get(run)).unwrap_or_default()
    }

    /// The blocks that a source is in, the smallest first.
    pub fn around(&self, source: usize) -> impl Iterator<Item = usize> {
        let smallest = self.of_source.get(source).copied();
        std::iter::successors(smallest, |at| self.rows.get(*at)?.whole)
    }

    /// What a scope admits as a whole for all areas in `city`: that of the area, or the area itself
    /// where it is in none. Sources beyond that are few, and those of the area's own chain or
    /// inside it.
    pub fn admitted(
        &self,
        regions: &Regions,
        scope: Scope,
        city: RegionIx,
        needs: usize,
    ) -> Admitted {
        let around = Neighbourhood::of(regions, city);
        let province = regions.ancestor_of_tier(city, Tier::Province);
        let mut admitted = Admitted {
            blocks: Vec::new(),
            totals: vec![[0; 4]; needs],
            has: vec![false; self.of_source.len()],
        };
        let is_city = regions.get(city).is_some_and(|region| region.tier == Tier::City);
        let whole = self.rows.iter().enumerate().filter(|(_, block)| block.whole.is_none());
        for (number, block) in whole {
            let Kin { root, layer, .. } = block.kin;
            let vertical = block.has_one_owner() && regions.within(city, root);
            let theirs = is_city && regions.within(root, city);
            let in_city = theirs && layer != Layer::Province;
            let in_province = province.is_some_and(|province| {
                let above = layer == Layer::Province && regions.within(root, province);
                block.kin.province == Some(province) || above
            });
            let admits = match scope {
                Scope::Any => true,
                Scope::Province => vertical || in_city || in_province,
                Scope::City => vertical || in_city,
                Scope::OwnChain => vertical,
            };
            if !admits {
                continue;
            }
            let near = regions.within(city, root) || regions.within(root, city);
            let agreed = if vertical {
                Agreed::Exactly(None)
            } else if near {
                Agreed::Various
            } else {
                Agreed::Exactly(Some(around.common_tier(root)))
            };
            admitted.blocks.push((number, agreed));
            for place in self.members(number) {
                if let Some(cell) = admitted.has.get_mut(*place) {
                    *cell = true;
                }
            }
            for amount in &block.sums {
                if let Some(row) = admitted.totals.get_mut(amount.need) {
                    *layer.of(row) += amount.units;
                }
            }
        }
        admitted
    }
}

fn kin(source: &Source, regions: &Regions, shared: bool) -> Kin {
    let city = regions.ancestor_of_tier(source.owner, Tier::City);
    Kin {
        root: city.unwrap_or(source.owner),
        layer: Layer::of_others(source.owner_tier),
        province: regions.ancestor_of_tier(source.region, Tier::Province),
        shared,
    }
}

fn kinds(members: &[&Source]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for source in members {
        let (owner, depot) = (source.owner_tier, source.depot_tier);
        let kind = Kind { owner, depot, readiness_min: source.readiness_min };
        let mut same = kinds.iter_mut().filter(|one| {
            let bounded = one.readiness_min.is_some() == kind.readiness_min.is_some();
            (one.owner, one.depot) == (owner, depot) && bounded
        });
        // The first of two is the least ready time, the second the most.
        match (same.next(), same.next()) {
            (None, _) => kinds.extend([kind, kind]),
            (Some(least), most) => {
                least.readiness_min = least.readiness_min.min(kind.readiness_min);
                if let Some(most) = most {
                    most.readiness_min = most.readiness_min.max(kind.readiness_min);
                }
            }
        }
    }
    kinds
}

fn spreads(members: &[&Source]) -> Vec<Spread> {
    let mut spreads = Vec::new();
    for source in members {
        if !spreads.contains(&source.spread) {
            spreads.push(source.spread);
        }
    }
    spreads
}
