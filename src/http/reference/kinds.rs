//! The kinds of reference data as resources.
//!
//! Lives here: where each kind stands in the reference data. Does not live here: its fields.
//! Invariant: every kind is listed by code.

use std::sync::Arc;

use crate::domain::catalogue::{Code, Item, Need};
use crate::domain::closure::RoadClosure;
use crate::domain::depot::{Depot, Organization};
use crate::domain::helibase::Helibase;
use crate::domain::profile::Profile;
use crate::domain::quota::Quota;
use crate::domain::quota_rule::QuotaRule;
use crate::domain::reference::{Coded, Record, Reference};
use crate::domain::refusal::Fault;
use crate::domain::region::{Region, RegionCode};
use crate::domain::reserve::{Agreement, Capacity, Pledge};
use crate::domain::road::Road;
use crate::domain::route::Route;
use crate::domain::water::WaterLeg;

use super::resource::Resource;
use super::{
    AgreementDto, CapacityDto, ClosureDto, DepotDto, HelibaseDto, ItemDto, NeedDto,
    OrganizationDto, PledgeDto, ProfileDto, QuotaDto, QuotaRuleDto, RegionDto, RoadDto, RouteDto,
    WaterLegDto,
};

/// The methods that only differ in names.
macro_rules! common {
    ($noun:literal, $stored:ty, $dto:ty, $variant:ident) => {
        const NOUN: &'static str = $noun;
        type Stored = $stored;
        type Dto = $dto;

        fn dto(stored: &Self::Stored) -> Self::Dto {
            <$dto>::from(stored)
        }

        fn record(dto: Self::Dto) -> Result<Record, Vec<Fault>> {
            dto.to_record()
        }

        fn stored(record: &Record) -> Option<&Self::Stored> {
            match record {
                Record::$variant(stored) => Some(stored),
                _ => None,
            }
        }
    };
}

/// A kind kept in a register.
macro_rules! registered {
    ($kind:ident, $noun:literal, $stored:ty, $dto:ty, $variant:ident, $field:ident,
     $region:expr $(, depot $depot:expr)?) => {
        pub(super) struct $kind;

        impl Resource for $kind {
            common!($noun, $stored, $dto, $variant);

            fn all(reference: &Reference) -> Vec<Arc<Self::Stored>> {
                reference.$field.sorted().into_iter().cloned().collect()
            }

            fn find(reference: &Reference, code: &str) -> Option<Arc<Self::Stored>> {
                reference.$field.by_code(code).cloned()
            }

            fn code(stored: &Self::Stored) -> String {
                Coded::code(stored).to_string()
            }

            fn region(stored: &Self::Stored) -> Option<RegionCode> {
                let region: fn(&$stored) -> Option<RegionCode> = $region;
                region(stored)
            }

            $(fn depot(stored: &Self::Stored) -> Option<&Code> {
                let depot: fn(&$stored) -> Option<&Code> = $depot;
                depot(stored)
            })?
        }
    };
}

registered!(
    Organizations,
    "organization",
    Organization,
    OrganizationDto,
    Organization,
    organizations,
    |row| Some(row.region)
);
registered!(Depots, "depot", Depot, DepotDto, Depot, depots, |row| Some(row.region));
registered!(Items, "item", Item, ItemDto, Item, items, |_| None);
registered!(Needs, "need", Need, NeedDto, Need, needs, |_| None);
registered!(QuotaRules, "quota_rule", QuotaRule, QuotaRuleDto, QuotaRule, quota_rules, |row| Some(
    row.region
));

registered!(Agreements, "agreement", Agreement, AgreementDto, Agreement, agreements, |row| Some(
    row.terms.region
));
registered!(Capacities, "capacity", Capacity, CapacityDto, Capacity, capacities, |row| Some(
    row.terms.region
));
registered!(
    Routes,
    "route",
    Route,
    RouteDto,
    Route,
    routes,
    |row| Some(row.region),
    depot | row | Some(&row.depot)
);
registered!(
    Closures,
    "closure",
    RoadClosure,
    ClosureDto,
    Closure,
    closures,
    |row| Some(row.region),
    depot | row | row.depot()
);
registered!(Helibases, "helibase", Helibase, HelibaseDto, Helibase, helibases, |row| Some(
    row.region
));
registered!(WaterLegs, "water leg", WaterLeg, WaterLegDto, WaterLeg, water_legs, |row| Some(
    row.region
));
registered!(Roads, "road", Road, RoadDto, Road, roads, |_| None);
registered!(Pledges, "pledge", Pledge, PledgeDto, Pledge, pledges, |row| Some(row.terms.region));

/// A region code of a path in 12 digits.
fn twelve_digits(code: &str) -> String {
    RegionCode::parse(code).map_or_else(|| code.to_string(), |code| code.to_string())
}

pub(super) struct RegionsKind;

impl Resource for RegionsKind {
    common!("region", Region, RegionDto, Region);

    fn all(reference: &Reference) -> Vec<Arc<Region>> {
        let mut rows: Vec<_> =
            reference.regions.iter().map(|(_, region)| Arc::clone(region)).collect();
        rows.sort_by_key(|region| region.code);
        rows
    }

    fn find(reference: &Reference, code: &str) -> Option<Arc<Region>> {
        reference.regions.by_code(RegionCode::parse(code)?).cloned()
    }

    fn code(stored: &Region) -> String {
        stored.code.to_string()
    }

    fn canonical(code: &str) -> String {
        twelve_digits(code)
    }

    fn region(stored: &Region) -> Option<RegionCode> {
        Some(stored.code)
    }
}

pub(super) struct Quotas;

impl Resource for Quotas {
    const KEY: &'static str = "/id";
    common!("quota", Quota, QuotaDto, Quota);

    fn all(reference: &Reference) -> Vec<Arc<Quota>> {
        let mut rows: Vec<_> = reference.quotas.values().cloned().collect();
        rows.sort_by_cached_key(|quota| quota.id.to_string());
        rows
    }

    fn find(reference: &Reference, code: &str) -> Option<Arc<Quota>> {
        reference.quotas.get(&uuid::Uuid::try_parse(code).ok()?).cloned()
    }

    fn code(stored: &Quota) -> String {
        stored.id.to_string()
    }

    fn canonical(code: &str) -> String {
        uuid::Uuid::try_parse(code).map_or_else(|_| code.to_string(), |id| id.to_string())
    }

    fn region(stored: &Quota) -> Option<RegionCode> {
        Some(stored.region)
    }
}

pub(super) struct Profiles;

impl Resource for Profiles {
    const KEY: &'static str = "/region";
    common!("profile", Profile, ProfileDto, Profile);

    fn all(reference: &Reference) -> Vec<Arc<Profile>> {
        let mut rows: Vec<_> = reference.profiles.values().cloned().collect();
        rows.sort_by_key(|profile| profile.region);
        rows
    }

    fn find(reference: &Reference, code: &str) -> Option<Arc<Profile>> {
        reference.profiles.get(&RegionCode::parse(code)?).cloned()
    }

    fn code(stored: &Profile) -> String {
        stored.region.to_string()
    }

    fn canonical(code: &str) -> String {
        twelve_digits(code)
    }

    fn region(stored: &Profile) -> Option<RegionCode> {
        Some(stored.region)
    }
}
