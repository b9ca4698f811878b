//! City profiles: which tiers a city uses, its words, its time limit and its delivery figures.
//!
//! Lives here: planning parameters that a city sets for itself. Does not live here: any default
//! called a national standard. Invariant: every figure is data of one city, none a constant.

mod turnover;

use super::region::{RegionCode, Tier};

pub use turnover::{Channel, RotationMode, Turnover};

/// What one tier is called, and how goods leave its depots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierProfile {
    pub tier: Tier,
    pub label: String,
    pub label_en: String,
    /// The role the city's plan gives the tier, in its own words.
    pub role: String,
    pub role_en: String,
    pub delivery: Delivery,
    /// Area of a typical region of this tier in hectares, where its own is unknown.
    pub fallback_area_ha: i64,
    /// The time limit in hours for areas of this tier; `None` is the city's.
    pub target_hours: Option<u32>,
    /// From when it counts; `None` is as the city counts it.
    pub clock: Option<ClockStart>,
}

/// Times and speed of deliveries from depots of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Minutes from the disaster to the decision.
    pub decide_min: u32,
    /// Minutes to call up people and trucks.
    pub mobilise_min: u32,
    /// Minutes more for it outside working hours; depots on duty day and night take none.
    pub off_hours_min: u32,
    /// Minutes to load.
    pub load_min: u32,
    /// Road speed in km/h.
    pub speed_kmh: u32,
    /// Minutes from the road's end to the people.
    pub last_mile_min: u32,
}

/// What one truck carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truck {
    pub payload_kg: u32,
    /// `None` where goods are weighed only.
    pub volume_l: Option<u32>,
}

/// From when the time limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockStart {
    /// From the disaster.
    Disaster,
    /// From receipt of the dispatch order: the decision is not counted.
    Order,
}

impl ClockStart {
    pub const ALL: [Self; 2] = [Self::Disaster, Self::Order];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disaster => "disaster",
            Self::Order => "order",
        }
    }

    /// The clock of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|clock| clock.as_str() == word)
    }
}

/// A hazard domain in the city's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HazardDomain {
    pub code: String,
    pub label: String,
    pub label_en: String,
}

/// What a city lets stale declarations count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stale {
    /// Shown apart, and the line is unknown.
    Flag,
    /// Nothing, and the line is known.
    Zero,
}

impl Stale {
    pub const ALL: [Self; 2] = [Self::Flag, Self::Zero];

    /// The word used in data and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Zero => "zero",
        }
    }

    /// What a word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stale| stale.as_str() == word)
    }
}

/// The planning parameters of one city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub region: RegionCode,
    pub name: String,
    pub name_en: String,
    /// Highest first; the last is the lowest tier the city plans for.
    pub tiers: Vec<TierProfile>,
    /// Depots owned above the city.
    pub provincial: Delivery,
    /// Minutes to hand goods out to people.
    pub distribute_min: u32,
    /// Road length over straight distance, in thousandths.
    pub detour_permille: u32,
    /// The same for mountain counties.
    pub detour_mountain_permille: u32,
    pub hazard_domains: Vec<HazardDomain>,
    /// Reserve modes that count towards the city's own target.
    pub modes_counted: Vec<super::quota::Mode>,
    pub target_hours: u32,
    pub clock: ClockStart,
    /// From which coverage an area counts as compliant, in thousandths.
    pub attainment_permille: u32,
    /// Days after which a declaration of an agreement or capacity is stale; `None` is never.
    pub declaration_days: Option<u32>,
    /// What stale declarations count; `None` flags them.
    pub stale_declarations: Option<Stale>,
    /// Thousandths of pledges without a figure of their own that are expected to come.
    pub pledge_fulfilment_permille: Option<u32>,
    /// Minutes more until the decision reaches whoever has promised goods, an enterprise as a rule;
    /// `None` is at once.
    pub promise_decide_min: Option<u32>,
    /// How the city turns its goods over; `None` where it has not said.
    pub rotation: Option<Turnover>,
    /// The truck that the city reckons with where a depot does not name its own.
    pub truck: Option<Truck>,
    pub source: String,
}

impl Profile {
    /// The lowest tier the city plans for.
    pub fn lowest_tier(&self) -> Tier {
        self.tiers.last().map_or(Tier::County, |row| row.tier)
    }

    /// Whether more than government stock counts towards the city's target.
    pub fn counts_promises(&self) -> bool {
        self.modes_counted.iter().any(|mode| *mode != super::quota::Mode::GovPhysical)
    }

    /// The time limit in hours for areas of a tier, and from when it counts.
    pub fn limit(&self, tier: Tier) -> (u32, ClockStart) {
        let row = self.tier(tier);
        let hours = row.and_then(|row| row.target_hours).unwrap_or(self.target_hours);
        (hours, row.and_then(|row| row.clock).unwrap_or(self.clock))
    }

    /// The row of a tier.
    pub fn tier(&self, tier: Tier) -> Option<&TierProfile> {
        self.tiers.iter().find(|row| row.tier == tier)
    }

    /// The row of a tier; where the city does not use it, that of the nearest tier above, or else
    /// its highest.
    pub fn tier_or_above(&self, tier: Tier) -> Option<&TierProfile> {
        self.tiers
            .iter()
            .filter(|row| row.tier <= tier)
            .max_by_key(|row| row.tier)
            .or_else(|| self.tiers.iter().min_by_key(|row| row.tier))
    }

    /// How goods leave a depot of a region of `tier`.
    pub fn delivery(&self, tier: Tier) -> Delivery {
        if tier == Tier::Province {
            return self.provincial;
        }
        self.tier_or_above(tier).map_or(self.provincial, |row| row.delivery)
    }
}
