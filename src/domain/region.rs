//! Regions: the tree of province, city, county, township and village, functional zones included.
//!
//! Lives here: region codes, tiers and the tree with subtree tests. Does not live here: who may see
//! a region (`access`) and what it should hold (`quota`). Invariant: a parent stands before its
//! children, and a subtree is one run of the tree's order.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;

/// A 12-digit statistical division code, 2+2+2+3+3 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionCode(u64);

/// The digits after which each group of a code ends.
const GROUPS: [(u32, u64); 5] =
    [(2, 10_000_000_000), (4, 100_000_000), (6, 1_000_000), (9, 1_000), (12, 1)];

impl RegionCode {
    /// Reads a code of 12 digits or a shorter prefix ending at a group; a zero group may only be
    /// followed by zero groups.
    pub fn parse(text: &str) -> Option<Self> {
        let length = u32::try_from(text.len()).ok()?;
        let (_, scale) = GROUPS.iter().find(|(digits, _)| *digits == length)?;
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let code = Self(text.parse::<u64>().ok()?.checked_mul(*scale)?);
        let groups = code.groups();
        let used = groups.iter().position(|group| *group == 0).unwrap_or(groups.len());
        let tail_is_zero = groups.iter().skip(used).all(|group| *group == 0);
        (used > 0 && tail_is_zero).then_some(code)
    }

    fn groups(self) -> [u64; 5] {
        [
            self.0 / 10_000_000_000,
            self.0 / 100_000_000 % 100,
            self.0 / 1_000_000 % 100,
            self.0 / 1_000 % 1_000,
            self.0 % 1_000,
        ]
    }

    /// The code with its last non-zero group zeroed; `None` for a province.
    pub fn parent(self) -> Option<Self> {
        let last = self.groups().iter().rposition(|group| *group != 0)?;
        let (_, scale) = GROUPS.get(last.checked_sub(1)?)?;
        Some(Self(self.0 / scale * scale))
    }

    /// The tier that the code's length says.
    pub fn tier(self) -> Tier {
        match self.groups().iter().rposition(|group| *group != 0) {
            None | Some(0) => Tier::Province,
            Some(1) => Tier::City,
            Some(2) => Tier::County,
            Some(3) => Tier::Township,
            Some(_) => Tier::Village,
        }
    }

    /// The code as a number, for storage-free ordering.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Written for every row of long answers, where padding by the formatter is slow.
        let (mut rest, mut digits) = (self.0, [b'0'; 12]);
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        formatter.write_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

/// Administrative level, highest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    Province,
    City,
    County,
    Township,
    Village,
}

impl Tier {
    /// All tiers, highest first.
    pub const ALL: [Self; 5] =
        [Self::Province, Self::City, Self::County, Self::Township, Self::Village];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
        }
    }

    /// The tier of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == word)
    }
}

/// A position on the WGS84 ellipsoid in millionths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point {
    /// Longitude, east positive, in 1e-6 degree.
    pub lon_e6: i32,
    /// Latitude, north positive, in 1e-6 degree.
    pub lat_e6: i32,
}

/// How a position came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LocationSource {
    /// Measured on the spot.
    Surveyed,
    /// The seat of the region's government.
    Seat,
    /// Taken over from the region above.
    Inherited,
}

impl LocationSource {
    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Surveyed => "surveyed",
            Self::Seat => "seat",
            Self::Inherited => "inherited",
        }
    }

    /// The source of a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Surveyed, Self::Seat, Self::Inherited].into_iter().find(|s| s.as_str() == word)
    }
}

/// A region of any tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    pub code: RegionCode,
    pub name: String,
    pub name_en: Option<String>,
    pub tier: Tier,
    /// A development zone or the like: a county-level node without being a county.
    pub functional_zone: bool,
    /// `None` for a province only.
    pub parent: Option<RegionCode>,
    pub population: Option<i64>,
    pub population_source: Option<String>,
    /// People planned to be displaced in the reference disaster.
    pub planned_displaced: Option<i64>,
    pub location: Option<Point>,
    pub location_source: LocationSource,
    /// Area in hectares (0.01 km²).
    pub area_ha: Option<i64>,
    /// Hilly or mountainous: roads wind more.
    pub mountain: Option<bool>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub replaced_by: Option<RegionCode>,
}

/// A region's place in the tree's order; valid for one version of the reference data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionIx(pub u32);

#[derive(Debug, Clone)]
struct Node {
    region: Arc<Region>,
    parent: Option<RegionIx>,
    /// One past the last descendant in the tree's order.
    end: u32,
}

/// All regions in tree order: parents first, siblings by code.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    nodes: Vec<Node>,
    index: HashMap<RegionCode, RegionIx>,
    /// By tier, in tree order.
    of_tier: BTreeMap<Tier, Vec<RegionIx>>,
}

impl Regions {
    /// The tree of `regions`. One whose parent is unknown stands as a root of its own.
    pub fn build(regions: impl IntoIterator<Item = Arc<Region>>) -> Self {
        let all: HashMap<RegionCode, Arc<Region>> =
            regions.into_iter().map(|region| (region.code, region)).collect();
        let mut children: HashMap<Option<RegionCode>, Vec<RegionCode>> = HashMap::new();
        for region in all.values() {
            let parent = region.parent.filter(|code| all.contains_key(code));
            children.entry(parent).or_default().push(region.code);
        }
        for codes in children.values_mut() {
            codes.sort_unstable_by(|a, b| b.cmp(a));
        }
        let mut tree = Self::default();
        let mut stack: Vec<(RegionCode, Option<RegionIx>)> =
            children.get(&None).into_iter().flatten().map(|code| (*code, None)).collect();
        while let Some((code, parent)) = stack.pop() {
            let Some(region) = all.get(&code) else {
                continue;
            };
            let ix = RegionIx(u32::try_from(tree.nodes.len()).unwrap_or(u32::MAX));
            tree.index.insert(code, ix);
            tree.of_tier.entry(region.tier).or_default().push(ix);
            tree.nodes.push(Node { region: Arc::clone(region), parent, end: 0 });
            let below = children.get(&Some(code)).into_iter().flatten();
            stack.extend(below.map(|child| (*child, Some(ix))));
        }
        tree.close_intervals();
        tree
    }

    fn close_intervals(&mut self) {
        let mut ends: Vec<u32> =
            (1..=u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).collect();
        for at in (0..self.nodes.len()).rev() {
            let end = ends.get(at).copied().unwrap_or_default();
            let Some(node) = self.nodes.get_mut(at) else {
                continue;
            };
            node.end = end;
            let above = node.parent.and_then(|parent| ends.get_mut(slot(parent.0)));
            if let Some(above) = above {
                *above = (*above).max(end);
            }
        }
    }

    /// The place of a code.
    pub fn find(&self, code: RegionCode) -> Option<RegionIx> {
        self.index.get(&code).copied()
    }

    /// The region at a place.
    pub fn get(&self, ix: RegionIx) -> Option<&Arc<Region>> {
        self.nodes.get(slot(ix.0)).map(|node| &node.region)
    }

    /// The region of a code.
    pub fn by_code(&self, code: RegionCode) -> Option<&Arc<Region>> {
        self.find(code).and_then(|ix| self.get(ix))
    }

    /// The place above.
    pub fn parent(&self, ix: RegionIx) -> Option<RegionIx> {
        self.nodes.get(slot(ix.0)).and_then(|node| node.parent)
    }

    /// The place itself and all above it, lowest first.
    pub fn chain(&self, ix: RegionIx) -> impl Iterator<Item = RegionIx> + '_ {
        std::iter::successors(Some(ix), |at| self.parent(*at))
    }

    /// The nearest place at or above `ix` of the given tier.
    pub fn ancestor_of_tier(&self, ix: RegionIx, tier: Tier) -> Option<RegionIx> {
        self.chain(ix).find(|at| self.get(*at).is_some_and(|region| region.tier == tier))
    }

    /// The place at or above `ix` that stands for it at `tier`: one of that tier, or the next above
    /// where there is none, or the highest there is, but never one outside `root`.
    pub fn rolled_up(&self, ix: RegionIx, tier: Tier, root: Option<RegionIx>) -> RegionIx {
        let found = self
            .chain(ix)
            .find(|at| self.get(*at).is_some_and(|region| region.tier <= tier))
            .or_else(|| self.chain(ix).last())
            .unwrap_or(ix);
        match root {
            Some(root) if !self.within(found, root) => root,
            _ => found,
        }
    }

    /// Whether `ix` is `root` or lies below it.
    pub fn within(&self, ix: RegionIx, root: RegionIx) -> bool {
        let end = self.nodes.get(slot(root.0)).map_or(0, |node| node.end);
        (root.0..end).contains(&ix.0)
    }

    /// `root` and all below it, parents first.
    pub fn subtree(&self, root: RegionIx) -> impl Iterator<Item = RegionIx> + use<> {
        let end = self.nodes.get(slot(root.0)).map_or(0, |node| node.end);
        (root.0..end).map(RegionIx)
    }

    /// Those of a tier in the subtree of `root`, itself included, in tree order.
    pub fn of_tier(&self, root: RegionIx, tier: Tier) -> &[RegionIx] {
        let all = self.of_tier.get(&tier).map_or(&[][..], Vec::as_slice);
        let rest = all.get(all.partition_point(|ix| *ix < root)..).unwrap_or_default();
        rest.get(..rest.partition_point(|ix| self.within(*ix, root))).unwrap_or_default()
    }

    /// All regions in tree order.
    pub fn iter(&self) -> impl Iterator<Item = (RegionIx, &Arc<Region>)> {
        (0u32..).map(RegionIx).zip(self.nodes.iter().map(|node| &node.region))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

fn slot(ix: u32) -> usize {
    usize::try_from(ix).unwrap_or(usize::MAX)
}

#[cfg(test)]
#[path = "region_tests.rs"]
mod tests;
