//! Runs: areas that are looked at together.
//!
//! Lives here: which areas are neighbours. Does not live here: what they have in common
//! (`vicinity`). Invariant: all areas of a run lie right under one region and share city, profile
//! and terrain.

use std::sync::Arc;

use crate::domain::reference::Reference;
use crate::domain::region::Tier;

use super::area::Area;

/// Areas that follow each other under one region, with one timetable; of these such at one point
/// follow each other, so that the ruler measures every pair of points once.
pub fn runs<'a>(reference: &Reference, mut areas: Vec<Area<'a>>) -> Vec<Vec<Area<'a>>> {
    let regions = &reference.regions;
    let point = |area: &Area| area.site.map(|site| (site.point.lon_e6, site.point.lat_e6));
    let under = |area: &Area| {
        let city = regions.ancestor_of_tier(area.ix, Tier::City).unwrap_or(area.ix);
        let parent = regions.parent(area.ix).unwrap_or(area.ix);
        (city, parent, area.profile.map(Arc::as_ptr), area.is_mountain(regions))
    };
    areas.sort_by_cached_key(|area| (under(area), point(area)));
    let mut runs: Vec<(_, Vec<Area>)> = Vec::new();
    for area in areas {
        let key = under(&area);
        match runs.last_mut().filter(|(known, _)| *known == key) {
            Some((_, run)) => run.push(area),
            None => runs.push((key, vec![area])),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}
