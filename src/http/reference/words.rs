//! The words that fields admit, as lists and as schemas.
//!
//! Lives here: one list and one schema per kind of word. Does not live here: what they mean.
//! Invariant: the lists come from the domain, so schema and check cannot differ.

use utoipa::openapi::schema::Object;

use crate::domain::catalogue::{FunctionClass, ItemStatus, LifeKind, Per};
use crate::domain::closure::{Cause, ClosureKind};
use crate::domain::depot::{DepotKind, DepotStatus, OrganizationKind};
use crate::domain::profile::Stale;
use crate::domain::profile::{ClockStart, RotationMode};
use crate::domain::quota::{Basis, Mode};
use crate::domain::region::Tier;
use crate::domain::route::Basis as RouteBasis;

use super::super::forms;

/// Region types.
pub(super) const REGION_TYPES: [&str; 2] = ["administrative", "functional_zone"];
/// Where a position comes from.
pub(super) const LOCATION_SOURCES: [&str; 3] = ["surveyed", "seat", "inherited"];

fn schema(words: &[&str], example: Option<&str>, description: &str) -> Object {
    let mut object = forms::one_of(words, example.or_else(|| words.first().copied()));
    object.description = Some(description.to_string());
    object
}

macro_rules! words {
    ($($list:ident, $schema:ident, $kind:ty, $example:expr, $about:literal;)*) => { $(
        pub(super) fn $list() -> Vec<&'static str> {
            <$kind>::ALL.iter().map(|word| word.as_str()).collect()
        }

        pub(super) fn $schema() -> Object {
            schema(&$list(), $example, $about)
        }
    )* };
}

words! {
    tiers, tier_schema, Tier, Some("county"), "Administrative level, highest first.";
    organization_kinds, organization_kind_schema, OrganizationKind, None,
        "What kind of body it is.";
    depot_kinds, depot_kind_schema, DepotKind, None,
        "储备库 warehouse, 仓储基地 base, 调配站 dispatch_station, 调配点 dispatch_point.";
    depot_statuses, depot_status_schema, DepotStatus, Some("active"),
        "Only an active depot takes and gives goods.";
    classes, class_schema, FunctionClass, None, "生活保障 living, 医疗卫生 medical, 抢险救援 rescue.";
    life_kinds, life_kind_schema, LifeKind, None,
        "hard: not issued after its date; advisory: only after appraisal; none: does not age.";
    item_statuses, item_status_schema, ItemStatus, None, "Whether the item is in use.";
    pers, per_schema, Per, None, "Whether a person needs the amount daily or once.";
    modes, mode_schema, Mode, None, "How the reserve is held.";
    bases, basis_schema, Basis, None, "Whether the target was set, or computed from population.";
    route_bases, route_basis_schema, RouteBasis, None,
        "Whether somebody drove it, or a routing server worked it out.";
    clocks, clock_schema, ClockStart, None, "From when the time limit counts.";
    stales, stale_schema, Stale, None,
        "flag: shown apart, and the line is unknown; zero: nothing, and the line is known.";
    closure_kinds, closure_kind_schema, ClosureKind, None,
        "All roads of an area, the way from a depot to an area, or stretches of road.";
    causes, cause_schema, Cause, None, "Why it was closed.";
    rotation_modes, rotation_mode_schema, RotationMode, None,
        "Whether the replacement is there before the old goods leave.";
}

pub(super) fn region_type_schema() -> Object {
    schema(
        &REGION_TYPES,
        None,
        "functional_zone: a development zone counted like a county without being one.",
    )
}

pub(super) fn displaced_from_schema() -> Object {
    schema(
        &super::quota_rules::DISPLACED_FROM,
        None,
        "given: the region's planned_displaced; permille: so many of 1000 residents.",
    )
}

pub(super) fn location_source_schema() -> Object {
    schema(
        &LOCATION_SOURCES,
        None,
        "Measured on the spot, the seat of government, or taken from the region above.",
    )
}
