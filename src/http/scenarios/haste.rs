//! How quick the plans of a scenario are.
//!
//! Lives here: the row of each need, with what is proven. Does not live here: the proof
//! (`domain::allocation`). Invariant: a plan is called the quickest only where that is proven.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::allocation::Haste;
use crate::domain::catalogue::Need;
use crate::domain::quantity::narrow;

use super::super::words::local;

/// How quick the plan of one need is. Who gets how much, and every proof of a shortage, is exact
/// and the same whatever time there is; only who supplies whom can be better where `quickest` is
/// false, and may then differ from one answer to the next.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioPlan {
    need: String,
    need_name: String,
    /// Whether it is proven that no plan with the same deliveries is quicker.
    quickest: bool,
    /// Minutes until goods are in people's hands, over all units of the need.
    unit_minutes: i64,
    /// No plan with the same deliveries takes less; `unit_minutes` where it is the quickest.
    unit_minutes_at_least: i64,
}

impl ScenarioPlan {
    pub(super) fn new((need, haste): &(Arc<Need>, Haste)) -> Self {
        Self {
            need: need.code.to_string(),
            need_name: local(&need.name, &need.name_en),
            quickest: haste.is_proven(),
            unit_minutes: narrow(haste.minutes),
            unit_minutes_at_least: narrow(haste.least),
        }
    }
}
