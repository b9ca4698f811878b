//! Trucks as a bound on the wire: how far they keep a plan from what could be delivered.
//!
//! Lives here: sums over all areas, of the plan that trucks carry and of the one that knows none.
//! Does not live here: which goods go on which truck (`domain::scenario`). Invariant: what the
//! trucks carry is never called the best there is.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::scenario::{AreaNeed, Outcome};

use super::super::words::local;
use super::sentences;

/// One need of all areas.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioBoundNeed {
    need: String,
    need_name: String,
    unit: String,
    delivered: i64,
    /// If trucks were no bound: but for the last piece of each delivery no plan brings more in all,
    /// whatever trucks there are.
    delivered_without_bound: i64,
}

/// How far trucks keep the plan from what could be delivered. What is told is a plan that they
/// carry, one trip each, whoever lacks most of a mandatory need first; it is not proven to be the
/// best that they could carry. Levels, proofs, `plans` and `detail` are those of the plan that
/// knows no trucks.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioBound {
    /// People of all areas whose mandatory needs that plan meets in time.
    persons_without_bound: i64,
    /// Depots whose trucks do not carry all.
    depots_bounded: usize,
    /// Depots of which nobody has said how many trucks they have, or what one carries: they are not
    /// bounded.
    depots_unknown: usize,
    needs: Vec<ScenarioBoundNeed>,
    sentence: String,
}

impl ScenarioBound {
    pub(super) fn new(outcome: &Outcome) -> Self {
        let mut needs: BTreeMap<&str, (&AreaNeed, i64, i64)> = BTreeMap::new();
        for one in outcome.areas.iter().flat_map(|row| &row.needs) {
            let (_, now, most) = needs.entry(one.need.code.as_str()).or_insert((one, 0, 0));
            *now = now.saturating_add(one.delivered);
            *most = most.saturating_add(one.unbounded.unwrap_or(one.delivered));
        }
        let row = |(one, delivered, most): (&AreaNeed, i64, i64)| ScenarioBoundNeed {
            need: one.need.code.to_string(),
            need_name: local(&one.need.name, &one.need.name_en),
            unit: local(&one.need.unit, one.need.unit_en()),
            delivered,
            delivered_without_bound: most,
        };
        let persons = outcome.areas.iter().filter_map(|row| row.unbounded?.1).sum();
        let of = |wanted| outcome.fleets.iter().filter(|row| row.suffices() == wanted).count();
        Self {
            persons_without_bound: persons,
            depots_bounded: of(Some(false)),
            depots_unknown: of(None),
            needs: needs.into_values().map(row).collect(),
            sentence: sentences::bound(outcome, persons, of(None)),
        }
    }
}
