//! Reference data on the wire: one shape per kind, as JSON and as flat tables.
//!
//! Lives here: the shapes, their bounds and their conversions. Does not live here: whether a record
//! fits the others (`domain::reference`). Invariant: a conversion names every fault at once.

pub mod closures;
pub mod csv;
mod depots;
pub mod handlers;
mod hazards;
pub mod helibases;
mod items;
mod kinds;
pub mod matrix;
mod needs;
mod profiles;
mod queries;
mod quota_rules;
mod quotas;
mod regions;
pub mod registers;
mod reserves;
mod resource;
mod tiers;
mod trucks;
mod turnover;
pub mod water;
pub mod ways;
mod words;

use super::check;

pub use closures::ClosureDto;
pub use depots::{DepotDto, OrganizationDto};
pub use hazards::HazardDomainDto;
pub use helibases::HelibaseDto;
pub use items::{ItemDto, LifeDto, PackDto};
pub use needs::NeedDto;
pub use profiles::ProfileDto;
pub use quota_rules::{QuotaRuleDto, ShareDto};
pub use quotas::QuotaDto;
pub use regions::RegionDto;
pub use reserves::{AgreementDto, CapacityDto, PledgeDto};
pub use tiers::{DeliveryDto, TierDto};
pub use turnover::{ChannelDto, TurnoverDto};
pub use water::WaterLegDto;
pub use ways::{RoadDto, RouteDto};

#[cfg(test)]
mod tests;
