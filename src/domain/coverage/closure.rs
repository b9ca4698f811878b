//! Closures (道路中断): regions that nothing enters or leaves by road for a time.
//!
//! Lives here: which closures part a depot from an area, and for how long. Does not live here: what
//! waiting costs a delivery (`travel`). Invariant: what lies in the closed region with the area is
//! not parted from it.

use std::collections::HashMap;

use crate::domain::region::{RegionIx, Regions};
use crate::domain::travel::Hold;

use super::blocks::Blocks;
use super::supply::Supply;

/// A region whose roads are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closure {
    pub region: RegionIx,
    /// Minutes from the start until they open; `None` is not within any limit.
    pub opens_min: Option<u32>,
    /// Among the closures that the question reckons with.
    pub number: u32,
}

impl From<&Closure> for Hold {
    fn from(closure: &Closure) -> Self {
        Self { number: closure.number, opens_min: closure.opens_min }
    }
}

/// What the way between two regions waits for: the last to open of the closures that part them.
pub fn hold(
    regions: &Regions,
    closures: &[Closure],
    depot: RegionIx,
    area: RegionIx,
) -> Option<Hold> {
    let parts = |closure: &&Closure| {
        regions.within(depot, closure.region) != regions.within(area, closure.region)
    };
    Hold::last_of(closures.iter().filter(parts).map(Hold::from))
}

/// The same where somebody knows the closures that each of the two lies in.
pub fn parting(
    regions: &Regions,
    (depot, out): (RegionIx, &[Closure]),
    (area, inward): (RegionIx, &[Closure]),
) -> Option<Hold> {
    let out = out.iter().filter(|closure| !regions.within(area, closure.region));
    let inward = inward.iter().filter(|closure| !regions.within(depot, closure.region));
    Hold::last_of(out.chain(inward).map(Hold::from))
}

/// The closures of a question, found by source and by area without looking at all of them.
#[derive(Debug, Default)]
pub struct Closures {
    of_region: HashMap<RegionIx, Vec<Closure>>,
    /// Those that each source lies in, by place in the supply.
    of_source: Vec<Vec<Closure>>,
    /// The longest wait of a source of each block.
    of_block: Vec<Option<u32>>,
}

impl Closures {
    pub fn of(closures: &[Closure], regions: &Regions, supply: &Supply, blocks: &Blocks) -> Self {
        if closures.is_empty() {
            return Self::default();
        }
        let mut found = Self {
            of_source: vec![Vec::new(); supply.all().len()],
            of_block: vec![Some(0); blocks.all().len()],
            ..Self::by_region(closures)
        };
        for closure in closures {
            for place in supply.places_in(regions, closure.region) {
                if let Some(cell) = found.of_source.get_mut(place) {
                    cell.push(*closure);
                }
                for block in blocks.around(place) {
                    if let Some(wait) = found.of_block.get_mut(block) {
                        *wait = wait.zip(closure.opens_min).map(|(wait, opens)| wait.max(opens));
                    }
                }
            }
        }
        found
    }

    /// The same without any source.
    pub fn by_region(closures: &[Closure]) -> Self {
        let mut found = Self::default();
        for closure in closures {
            found.of_region.entry(closure.region).or_default().push(*closure);
        }
        found
    }

    /// Whether no road is closed.
    pub fn is_empty(&self) -> bool {
        self.of_region.is_empty()
    }

    /// Whether one of them is of this very region.
    pub fn closes(&self, region: RegionIx) -> bool {
        self.of_region.contains_key(&region)
    }

    /// Those that a region lies in.
    pub fn around(&self, regions: &Regions, area: RegionIx) -> Vec<Closure> {
        if self.is_empty() {
            return Vec::new();
        }
        let found = regions.chain(area).filter_map(|at| self.of_region.get(&at));
        found.flatten().copied().collect()
    }

    /// The longest that a source of a block waits to get out; `None` where one never does.
    pub fn of_block(&self, block: usize) -> Option<u32> {
        self.of_block.get(block).copied().unwrap_or(Some(0))
    }

    /// What the way from a source in `depot` to an area that lies in `around` waits for.
    pub fn hold(
        &self,
        regions: &Regions,
        (place, depot): (usize, RegionIx),
        (area, around): (RegionIx, &[Closure]),
    ) -> Option<Hold> {
        let out = self.of_source.get(place).map_or(&[][..], Vec::as_slice);
        parting(regions, (depot, out), (area, around))
    }
}
