//! What a scenario is asked as.
//!
//! Lives here: fields and their bounds. Does not live here: what they mean (`reading`), the answer
//! (`reply`). Invariant: what is left out has one documented meaning.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::forms;

/// What has happened, and how it is to be met.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioRequest {
    #[schema(min_length = 1, max_length = 200, example = "沂河沭河流域洪水(示例)")]
    pub(super) name: String,
    /// Whether it is a drill: nothing of it has happened.
    #[serde(default)]
    pub(super) exercise: bool,
    /// Answer with the issues that carry the plan out straight from each depot, and those of what
    /// is flown, too; not in a drill.
    #[serde(default)]
    pub(super) as_movements: bool,
    /// Answer with the orders that carry the plan out, too: goods go to a depot in the area first,
    /// where it has one, and are issued there; what is flown likewise. Not in a drill.
    #[serde(default)]
    pub(super) orders: bool,
    /// Answer with curves over the hours, with what other circumstances change, and with what to
    /// buy or bring nearer beforehand, too; for at most 300,000 pairs of an area and a depot.
    #[serde(default)]
    pub(super) detail: bool,
    /// Milliseconds in which quicker plans are looked for; 4000 by default. Who gets how much and
    /// every proof are exact whatever it is; `plans` says how quick the plans are that were found.
    #[schema(minimum = 0, maximum = 8000, example = 4000)]
    pub(super) solve_ms: Option<u32>,
    /// When it began, RFC 3339 with offset; then arrivals are told as instants, too.
    #[schema(format = DateTime, example = "2021-11-10T20:00:00+08:00")]
    pub(super) started_at: Option<String>,
    /// Time limit from the start; the city's own by default.
    #[schema(minimum = 1, maximum = 720, example = 12)]
    pub(super) hours: Option<u32>,
    /// Minutes that have gone by without anything leaving.
    #[schema(minimum = 0, maximum = 43200, example = 0)]
    pub(super) elapsed_min: Option<u32>,
    /// `disaster` or `order`; the city's own by default.
    #[schema(schema_with = forms::clock_or_null)]
    pub(super) clock: Option<String>,
    /// Percent of the usual speed that night and weather leave; all of it by default.
    #[schema(minimum = 1, maximum = 100, example = 100)]
    pub(super) speed_percent: Option<u32>,
    /// Whether people and trucks must be called up outside working hours, which takes as much
    /// longer as the profile says.
    #[serde(default)]
    pub(super) off_hours: bool,
    /// Percent of what lies in the areas that can still be given out; all of it by default.
    #[schema(minimum = 0, maximum = 100, example = 100)]
    pub(super) surviving_percent: Option<u32>,
    /// Month for which seasonal needs are judged; that of the day by default.
    #[schema(minimum = 1, maximum = 12, example = 7)]
    pub(super) month: Option<u32>,
    /// Days of self-supply; 1 by default.
    #[schema(minimum = 1, maximum = 366, example = 1)]
    pub(super) days: Option<i64>,
    /// `own_chain` (default), `city`, `province` or `any`.
    #[schema(schema_with = forms::scope_or_null)]
    pub(super) scope: Option<String>,
    /// `check` (default): the plan knows no trucks, and says which loads they do not carry whole;
    /// `bound`: only what the trucks of each depot carry is sent, one trip each.
    #[schema(schema_with = forms::fleets_or_null)]
    pub(super) fleet: Option<String>,
    /// Today or a later date.
    #[schema(format = Date)]
    pub(super) as_of: Option<String>,
    #[schema(min_items = 1, max_items = 2000)]
    pub(super) areas: Vec<AreaRequest>,
    #[serde(default)]
    #[schema(max_items = 2000)]
    pub(super) closures: Vec<ClosureRequest>,
    /// Codes of depots that give nothing.
    #[serde(default)]
    #[schema(max_items = 10000)]
    pub(super) disabled_depots: Vec<String>,
}

/// An area that is struck.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AreaRequest {
    /// Division code; no area may lie in another.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        example = "371323000000"
    )]
    pub(super) region: String,
    /// People displaced; the region's planned figure by default.
    #[schema(minimum = 1, maximum = 100000000, example = 8000)]
    pub(super) displaced: Option<i64>,
    /// 0 (default) to 9: the smaller is served first, whatever it costs the others.
    #[schema(minimum = 0, maximum = 9, example = 0)]
    pub(super) priority: Option<u32>,
}

/// A way is closed for a time: all roads of a region; with `depot`, the way from it to a region; or
/// stretches of road.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosureRequest {
    /// Division code: what lies inside still reaches what lies inside. Absent with `roads`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        example = "371323000000"
    )]
    pub(super) region: Option<String>,
    /// A depot outside the region, from which no way leads to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "LY-CITY-01")]
    pub(super) depot: Option<String>,
    /// Codes of stretches; they are gone round, or waited for, whichever is sooner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1000)]
    pub(super) roads: Vec<String>,
    /// Minutes from the start until the way closes; at once by default, and always for stretches.
    #[schema(minimum = 0, maximum = 43200, example = 0)]
    pub(super) closes_min: Option<u32>,
    /// Minutes from the start until it is open again; a day after it closes by default.
    #[schema(minimum = 1, maximum = 86400, example = 1440)]
    pub(super) opens_min: Option<u32>,
    /// The way stays closed.
    #[serde(default)]
    pub(super) stays: bool,
}
