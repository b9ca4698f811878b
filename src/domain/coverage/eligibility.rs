//! Eligibility: which goods may serve an area, and in which layer they count.
//!
//! Lives here: scopes, layers and who must agree. Does not live here: amounts and times (`goods`).
//! Invariant: a wider scope admits everything that a narrower one admits, at the same time.

use std::borrow::Cow;

use crate::domain::region::{RegionIx, Regions, Tier};
use crate::domain::travel::Haul;

use super::supply::{Source, Supply};

/// Whose goods count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Scope {
    /// Goods of the area and of the regions above it up to the city, and what lies in the area.
    #[default]
    OwnChain,
    /// Also those of any owner in the same city.
    City,
    /// Also those of the province, and what lies anywhere in it.
    Province,
    /// All.
    Any,
}

impl Scope {
    pub const ALL: [Self; 4] = [Self::OwnChain, Self::City, Self::Province, Self::Any];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OwnChain => "own_chain",
            Self::City => "city",
            Self::Province => "province",
            Self::Any => "any",
        }
    }

    /// The scope of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// Up to which owners goods are counted, each layer including those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Owners at or below the area.
    Own,
    /// Other owners up to the county tier.
    County,
    /// Owners of the city tier.
    City,
    /// Owners above the city.
    Province,
}

impl Layer {
    pub const ALL: [Self; 4] = [Self::Own, Self::County, Self::City, Self::Province];

    /// The layer of goods whose owner has this tier and is not within the area.
    pub fn of_others(owner: Tier) -> Self {
        match owner {
            Tier::Province => Self::Province,
            Tier::City => Self::City,
            Tier::County | Tier::Township | Tier::Village => Self::County,
        }
    }

    /// Its part of figures by layer.
    pub fn of<T>(self, [own, county, city, province]: &mut [T; 4]) -> &mut T {
        match self {
            Self::Own => own,
            Self::County => county,
            Self::City => city,
            Self::Province => province,
        }
    }
}

/// How a source stands to an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub layer: Layer,
    /// Whether the goods lie in the area.
    pub inside: bool,
    /// The tier of the lowest region above both, where the goods are neither from above the area
    /// nor inside it.
    pub agree: Option<Tier>,
}

/// A region and those above it.
#[derive(Debug, Clone)]
pub struct Lineage {
    area: RegionIx,
    /// The area first.
    chain: Vec<(RegionIx, Tier)>,
    city: Option<RegionIx>,
    province: Option<RegionIx>,
}

impl Lineage {
    pub fn of(regions: &Regions, area: RegionIx) -> Self {
        Self {
            area,
            chain: regions
                .chain(area)
                .filter_map(|at| regions.get(at).map(|region| (at, region.tier)))
                .collect(),
            city: regions.ancestor_of_tier(area, Tier::City),
            province: regions.ancestor_of_tier(area, Tier::Province),
        }
    }
}

/// The area and the regions above it, in the tree.
#[derive(Debug)]
pub struct Neighbourhood<'a> {
    regions: &'a Regions,
    line: Cow<'a, Lineage>,
}

impl<'a> Neighbourhood<'a> {
    pub fn of(regions: &'a Regions, area: RegionIx) -> Self {
        Self { regions, line: Cow::Owned(Lineage::of(regions, area)) }
    }

    /// The same where somebody has looked already.
    pub fn known(regions: &'a Regions, line: &'a Lineage) -> Self {
        Self { regions, line: Cow::Borrowed(line) }
    }

    /// Shows every source that the scope admits, once, and those above the city that stand over
    /// the area even where the scope leaves them off.
    pub fn visit<'s>(
        &self,
        supply: &'s Supply,
        scope: Scope,
        mut see: impl FnMut(&'s Source, Standing),
    ) {
        let mut judge = |source: &'s Source| {
            if let Some(standing) = self.standing(source, scope) {
                see(source, standing);
            }
        };
        let (lying, owners) = match scope {
            Scope::Any => return supply.all().iter().for_each(judge),
            Scope::OwnChain => (self.line.area, None),
            Scope::City => (self.line.area, self.line.city),
            Scope::Province => (
                self.line.province.unwrap_or(self.line.area),
                self.line.province.or(self.line.city),
            ),
        };
        supply.lying_in(self.regions, lying).iter().for_each(&mut judge);
        let elsewhere = |source: &&Source| !self.regions.within(source.region, lying);
        if let Some(root) = owners {
            let run = supply.owned_in(self.regions, root);
            run.filter(elsewhere).for_each(&mut judge);
        }
        let seen = |at: RegionIx| owners.is_some_and(|root| self.regions.within(at, root));
        for (at, _) in self.line.chain.iter().filter(|(at, _)| !seen(*at)) {
            let run = supply.owned_by(*at);
            run.filter(elsewhere).for_each(&mut judge);
        }
    }

    /// How a source stands to the area; `None` where the scope leaves it off.
    pub fn standing(&self, source: &Source, scope: Scope) -> Option<Standing> {
        self.standing_of(source.owner, source.owner_tier, source.region, scope)
    }

    /// The same for goods of an owner that lie in a region.
    pub fn standing_of(
        &self,
        owner: RegionIx,
        owner_tier: Tier,
        region: RegionIx,
        scope: Scope,
    ) -> Option<Standing> {
        let inside = self.regions.within(region, self.line.area);
        let vertical = inside || self.regions.within(self.line.area, owner);
        let above = owner_tier < Tier::City;
        let holds = |root: Option<RegionIx>, at: RegionIx| {
            root.is_some_and(|root| self.regions.within(at, root))
        };
        let city = !above && scope >= Scope::City && holds(self.line.city, owner);
        let province = scope >= Scope::Province
            && (holds(self.line.province, region) || (above && holds(self.line.province, owner)));
        if !(vertical || city || province || scope == Scope::Any) {
            return None;
        }
        let own = !above && self.regions.within(owner, self.line.area);
        let layer = if own { Layer::Own } else { Layer::of_others(owner_tier) };
        let agree = if vertical { None } else { Some(self.common_tier(owner)) };
        Some(Standing { layer, inside, agree })
    }

    /// The tier of the lowest region above the area and `other`; where there is none, the highest.
    pub fn common_tier(&self, other: RegionIx) -> Tier {
        let over = |(at, _): &&(RegionIx, Tier)| self.regions.within(other, *at);
        let found = self.line.chain.iter().find(over);
        found.map_or(Tier::Province, |(_, tier)| *tier)
    }
}

impl Standing {
    /// A source's goods on their way to the area, without closed roads.
    pub fn haul(&self, source: &Source) -> Haul {
        Haul {
            owner: source.owner_tier,
            agree: self.agree,
            depot: source.depot_tier,
            readiness_min: source.readiness_min,
            wait_min: 0,
        }
    }
}

impl Scope {
    /// The last layer that counts towards coverage.
    pub fn counted(self) -> Layer {
        if self >= Self::Province { Layer::Province } else { Layer::City }
    }
}
