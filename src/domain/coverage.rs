//! Coverage (覆盖): which share of an area's people gets the basics within the time limit.
//!
//! Lives here: the walk over the areas, each struck alone, so that shared stock counts for every
//! one of them. Does not live here: what is found out about one of them (`area`), areas that
//! compete for stock. Invariant: what is not known is said to be unknown, never counted as zero or
//! as covered.

mod air;
mod answer;
mod area;
mod blocks;
mod case;
mod closure;
mod curve;
mod detail;
mod eligibility;
mod goods;
mod ground;
mod held;
mod live;
mod pace;
mod promises;
mod query;
mod queue;
mod runs;
mod supply;
mod survey;
mod tally;
mod trace;
mod verdict;
mod vicinity;

use super::position::Position;
use super::reference::Reference;
use super::refusal::{Fault, FaultCode, Refusal};
use super::region::{RegionIx, Tier};
use super::travel::Site;

pub use super::travel::Travel;
pub use air::Air;
pub use answer::{Answer, Binding, Layers, Missing, NeedRow, Reason, Row, Totals};
use area::Area;
pub use closure::{Closure, hold};
pub use detail::{Class, Detail, Loss, Margin, Modes, Remedy, Step};
pub use eligibility::{Layer, Neighbourhood, Scope};
pub use held::HeldBack;
pub use live::{Live, Shown, Told};
use promises::Promises;
use query::check;
pub use query::{MAX_DAYS, MAX_DETAILED, MAX_HOURS, Query, Shock};
use runs::runs;
pub use supply::{Pieces, Supply};
pub use survey::Survey;
pub use verdict::Attained;

/// How far every area of the region is covered when it alone is struck.
///
/// # Errors
/// `UnknownReference` for a region that is not there, `Invalid` for days or percents out of bounds,
/// a tier above the region's, or detail of more than [`MAX_DETAILED`] areas.
pub fn coverage(position: &Position, query: &Query) -> Result<Answer, Refusal> {
    check_all(&position.reference, query)?;
    survey_coverage(&position.reference, &Survey::of(position, query.on), query)
}

/// The same from what was gathered before; `survey` must be of the query's day and the reference
/// data given.
///
/// # Errors
/// As [`coverage`].
pub fn survey_coverage(
    reference: &Reference,
    survey: &Survey,
    query: &Query,
) -> Result<Answer, Refusal> {
    let areas = check_all(reference, query)?;
    let nothing = Promises::default();
    let counted = query.detail || areas.iter().any(Area::counts_promises);
    let promises = if counted { &survey.promises } else { &nothing };
    let mut tools = survey.tools(reference, query);
    let given = Given { reference, query, survey, promises, traced: false };
    let mut rows: Vec<Row> = Vec::with_capacity(areas.len());
    for run in runs(reference, areas) {
        tools.around = Default::default();
        rows.extend(run.iter().map(|area| area.row(&given, &run, &mut tools)));
    }
    rows.sort_unstable_by_key(|row| row.ix);
    Ok(Answer { rows })
}

/// The areas asked about, where the query can be answered.
fn check_all<'a>(reference: &'a Reference, query: &Query) -> Result<Vec<Area<'a>>, Refusal> {
    check(query, &reference.regions)?;
    let areas = areas(reference, query);
    if query.detail && areas.len() > MAX_DETAILED {
        let expected =
            format!("a smaller region or a higher tier: at most {MAX_DETAILED} areas in detail");
        return Err(Refusal::Invalid(vec![Fault::new("detail", FaultCode::OutOfRange, expected)]));
    }
    Ok(areas)
}

/// The areas asked about that exist on the day.
fn areas<'a>(reference: &'a Reference, query: &Query) -> Vec<Area<'a>> {
    let regions = &reference.regions;
    let top = regions.get(query.region).map(|region| region.tier);
    let area = |ix: RegionIx| {
        let region = regions.get(ix)?;
        let begun = region.valid_from.is_none_or(|first| first <= query.on);
        let lasts = region.valid_to.is_none_or(|last| query.on <= last);
        let profile = reference.profile_of(ix);
        let lowest = || profile.map_or(Tier::County, |found| found.lowest_tier());
        let tier = query.tier.or_else(|| Some(lowest().max(top?)))?;
        (begun && lasts && region.tier == tier).then(|| Area {
            ix,
            region,
            profile,
            site: Site::of_region(regions, ix),
        })
    };
    regions.subtree(query.region).filter_map(area).collect()
}

/// What all areas of an answer have in common.
struct Given<'a> {
    reference: &'a Reference,
    query: &'a Query,
    survey: &'a Survey,
    promises: &'a Promises,
    /// Whether what each verdict rests on is kept; nobody looks at the verdict's reason then.
    traced: bool,
}

#[cfg(test)]
mod air_tests;
#[cfg(test)]
mod block_tests;
#[cfg(test)]
mod following_tests;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod metamorphic_tests;
#[cfg(test)]
mod promise_tests;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reclosing_tests;
#[cfg(test)]
mod scope_tests;
#[cfg(test)]
mod telling_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod waiting_tests;
#[cfg(test)]
mod wandering_tests;
