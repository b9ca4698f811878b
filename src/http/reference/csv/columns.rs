//! The columns of each table: their names, their places in the JSON shape, their notation.
//!
//! Lives here: one list per kind. Does not live here: reading and writing cells. Invariant: every
//! field of the shape has one column.

use super::Kind;

/// How a cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    Text,
    Whole,
    Decimal,
    /// `true` or `false`.
    Flag,
    /// `a;b`
    List,
    /// `箱=24;托=480`
    Packs,
    /// `gb38565=1010100;local=7`
    Codes,
    /// `gov_physical=700;agreement=300`
    Shares,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub name: &'static str,
    /// The field's pointer in the JSON shape.
    pub path: &'static str,
    pub cell: Cell,
    pub required: bool,
}

macro_rules! columns {
    ($($need:ident $cell:ident $name:literal $path:literal,)*) => {
        &[$(Column {
            name: $name,
            path: $path,
            cell: Cell::$cell,
            required: columns!(@ $need),
        }),*]
    };
    (@ must) => { true };
    (@ may) => { false };
}

const REGIONS: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    may Text "name_en" "/name_en",
    must Text "tier" "/tier",
    must Text "type" "/type",
    may Text "parent" "/parent",
    may Whole "population" "/population",
    may Text "population_source" "/population_source",
    may Whole "planned_displaced" "/planned_displaced",
    may Decimal "lon" "/lon",
    may Decimal "lat" "/lat",
    must Text "location_source" "/location_source",
    may Decimal "area_km2" "/area_km2",
    may Text "terrain" "/terrain",
    may Text "valid_from" "/valid_from",
    may Text "valid_to" "/valid_to",
    may Text "replaced_by" "/replaced_by",
};

const ORGANIZATIONS: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "region" "/region",
    must Text "kind" "/kind",
    may Text "credit_code" "/credit_code",
};

const DEPOTS: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "kind" "/kind",
    must Text "region" "/region",
    must Text "organization" "/organization",
    may Text "custodian" "/custodian",
    must Decimal "lon" "/lon",
    must Decimal "lat" "/lat",
    must Text "location_source" "/location_source",
    may Whole "readiness_min" "/readiness_min",
    may Whole "area_m2" "/area_m2",
    may Whole "volume_m3" "/volume_m3",
    may Whole "trucks" "/trucks",
    may Whole "truck_payload_kg" "/truck_payload_kg",
    must Text "status" "/status",
};

const ITEMS: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "name_en" "/name_en",
    must Text "spec" "/spec",
    must Text "unit" "/unit",
    may Text "unit_en" "/unit_en",
    must Packs "packs" "/packs",
    must Text "function_class" "/function_class",
    must List "hazard_domains" "/hazard_domains",
    may Whole "priority" "/priority",
    may Text "need" "/need",
    may Whole "provides" "/provides",
    must Text "life_kind" "/life/kind",
    may Whole "life_months" "/life/months",
    may Whole "life_lead_days" "/life/lead_days",
    may Whole "life_notice_days" "/life/notice_days",
    may Whole "life_perishing_days" "/life/perishing_days",
    must Whole "weight_g" "/weight_g",
    must Whole "volume_ml" "/volume_ml",
    must Codes "external_codes" "/external_codes",
    must Text "status" "/status",
};

const NEEDS: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "name_en" "/name_en",
    must Text "unit" "/unit",
    may Text "unit_en" "/unit_en",
    must Decimal "per_person" "/per_person",
    must Text "per" "/per",
    must Flag "mandatory" "/mandatory",
    may Text "season" "/season",
};

const QUOTAS: &[Column] = columns! {
    must Text "id" "/id",
    must Text "region" "/region",
    may Text "item" "/item",
    may Text "need" "/need",
    must Text "mode" "/mode",
    must Text "basis" "/basis",
    must Whole "target" "/target",
    must Whole "floor" "/floor",
    must Text "effective_from" "/effective_from",
    may Text "effective_to" "/effective_to",
    may Text "document" "/document",
    may Text "rule" "/rule",
};

const QUOTA_RULES: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "region" "/region",
    must Text "tier" "/tier",
    may Text "item" "/item",
    may Text "need" "/need",
    must Text "basis" "/basis",
    may Whole "target" "/target",
    may Text "planned_displaced_from" "/planned_displaced_from",
    may Whole "displaced_permille" "/displaced_permille",
    may Whole "days" "/days",
    may Whole "redundancy_permille" "/redundancy_permille",
    may Whole "season_factor_permille" "/season_factor_permille",
    may Whole "per_person_milli" "/per_person_milli",
    must Shares "modes" "/modes",
    must Whole "floor_permille" "/floor_permille",
    may Text "pack" "/pack",
    must Text "effective_from" "/effective_from",
    may Text "effective_to" "/effective_to",
    may Text "document" "/document",
};

const AGREEMENTS: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "region" "/region",
    must Text "organization" "/organization",
    must Text "item" "/item",
    must Whole "contract_quantity" "/contract_quantity",
    may Whole "declared_stock" "/declared_stock",
    may Text "declared_on" "/declared_on",
    must Whole "response_hours" "/response_hours",
    must Text "valid_from" "/valid_from",
    must Text "valid_to" "/valid_to",
    may Whole "reliability_permille" "/reliability_permille",
    may Decimal "lon" "/lon",
    may Decimal "lat" "/lat",
    may Text "document" "/document",
    must Text "status" "/status",
};

const CAPACITIES: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "region" "/region",
    must Text "organization" "/organization",
    must Text "item" "/item",
    must Whole "daily_rate" "/daily_rate",
    must Whole "startup_hours" "/startup_hours",
    must Whole "finished_goods" "/finished_goods",
    must Whole "limit" "/limit",
    may Text "declared_on" "/declared_on",
    must Text "valid_from" "/valid_from",
    must Text "valid_to" "/valid_to",
    may Whole "reliability_permille" "/reliability_permille",
    may Decimal "lon" "/lon",
    may Decimal "lat" "/lat",
    may Text "document" "/document",
    must Text "status" "/status",
};

const PLEDGES: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "region" "/region",
    may Text "organization" "/organization",
    must Text "item" "/item",
    must Whole "pledged_quantity" "/pledged_quantity",
    may Whole "fulfilment_permille" "/fulfilment_permille",
    must Whole "response_hours" "/response_hours",
    must Text "valid_from" "/valid_from",
    must Text "valid_to" "/valid_to",
    may Whole "reliability_permille" "/reliability_permille",
    may Decimal "lon" "/lon",
    may Decimal "lat" "/lat",
    may Text "document" "/document",
    must Text "status" "/status",
};

const ROUTES: &[Column] = columns! {
    must Text "code" "/code",
    must Text "depot" "/depot",
    must Text "region" "/region",
    must Whole "minutes" "/minutes",
    may Text "basis" "/basis",
    must Text "source" "/source",
    must Text "valid_from" "/valid_from",
    may Text "valid_to" "/valid_to",
    must Text "status" "/status",
};

const ROADS: &[Column] = columns! {
    must Text "code" "/code",
    must Decimal "from_lon" "/from_lon",
    must Decimal "from_lat" "/from_lat",
    must Decimal "to_lon" "/to_lon",
    must Decimal "to_lat" "/to_lat",
    must Whole "length_m" "/length_m",
    may Text "class" "/class",
    may Whole "speed_kmh" "/speed_kmh",
    must Flag "one_way" "/one_way",
    must Text "status" "/status",
};

const HELIBASES: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "region" "/region",
    must Decimal "lon" "/lon",
    must Decimal "lat" "/lat",
    must Whole "radius_km" "/radius_km",
    must Whole "cruise_kmh" "/cruise_kmh",
    must Whole "payload_kg" "/payload_kg",
    must Whole "aircraft" "/aircraft",
    must Whole "ready_min" "/ready_min",
    must Whole "load_min" "/load_min",
    must Whole "turnaround_min" "/turnaround_min",
    must Whole "flying_min" "/flying_min",
    must Text "source" "/source",
    must Text "status" "/status",
};

const WATER_LEGS: &[Column] = columns! {
    must Text "code" "/code",
    must Text "name" "/name",
    must Text "region" "/region",
    must Decimal "lon" "/lon",
    must Decimal "lat" "/lat",
    must Whole "crossing_min" "/crossing_min",
    must Whole "turnaround_min" "/turnaround_min",
    must Text "sails_from" "/sails_from",
    must Text "sails_until" "/sails_until",
    must Whole "boats" "/boats",
    must Whole "boat_kg" "/boat_kg",
    must Text "source" "/source",
    must Text "status" "/status",
};

const CLOSURES: &[Column] = columns! {
    must Text "code" "/code",
    must Text "kind" "/kind",
    must Text "region" "/region",
    may Text "depot" "/depot",
    may List "roads" "/roads",
    must Text "closed_at" "/closed_at",
    may Text "expected_reopen_at" "/expected_reopen_at",
    may Text "reopened_at" "/reopened_at",
    must Text "cause" "/cause",
    may Text "document" "/document",
    must Text "status" "/status",
};

/// The columns of a kind, in the order in which they are written; none where it has no flat form.
pub(super) fn of(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Regions => REGIONS,
        Kind::Organizations => ORGANIZATIONS,
        Kind::Depots => DEPOTS,
        Kind::Items => ITEMS,
        Kind::Needs => NEEDS,
        Kind::Agreements => AGREEMENTS,
        Kind::Capacities => CAPACITIES,
        Kind::Pledges => PLEDGES,
        Kind::Routes => ROUTES,
        Kind::Roads => ROADS,
        Kind::Helibases => HELIBASES,
        Kind::WaterLegs => WATER_LEGS,
        Kind::Closures => CLOSURES,
        Kind::QuotaRules => QUOTA_RULES,
        Kind::Quotas => QUOTAS,
        Kind::Profiles => &[],
    }
}
