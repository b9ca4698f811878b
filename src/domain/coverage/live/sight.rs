//! Sights: what sources mean for each area of a tract.
//!
//! Lives here: one look at all areas, and runs of neighbours to which it means the same. Does not
//! live here: bounds for all of them at once (`bearing`). Invariant: a run has one way, which holds
//! for each of its areas.

use std::ops::Range;

use super::bearing::{Bearing, Leaving};
use super::desk::{Desk, Way};
use super::tract::{Lie, Place};

/// What a source means for the areas of a tract; no way where it does not serve one.
#[derive(Clone)]
pub enum Sight {
    All(Option<Way>),
    Each(Vec<Option<Way>>),
}

impl Sight {
    /// For one area.
    pub fn at(&self, area: usize) -> Option<Way> {
        match self {
            Self::All(way) => *way,
            Self::Each(ways) => ways.get(area).copied().flatten(),
        }
    }

    /// Looks at sources whose bearings are known; from an area to which they are near, once.
    pub fn of_all(
        (lie, places): (&Lie, &[Place]),
        sources: &[(&Leaving, Bearing)],
        desk: &mut Desk,
    ) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::with_capacity(sources.len());
        for (leaving, bearing) in sources {
            found.push(match bearing {
                Bearing::Off => Self::All(None),
                Bearing::Alike(way) => Self::All(Some(*way)),
                Bearing::Far(passage) => {
                    let way = |place| desk.way(lie, place, leaving, passage);
                    Self::Each(places.iter().map(way).collect())
                }
                Bearing::Various => Self::Each(Vec::with_capacity(places.len())),
            });
        }
        let is_near = |bearing: &Bearing| matches!(bearing, Bearing::Various);
        if sources.iter().any(|(_, bearing)| is_near(bearing)) {
            for place in places {
                let mut stand = desk.stand(lie, place);
                for ((leaving, bearing), sight) in sources.iter().zip(&mut found) {
                    if let Self::Each(ways) = sight
                        && is_near(bearing)
                    {
                        ways.push(stand.way(leaving.source));
                    }
                }
            }
        }
        found
    }
}

/// Runs of areas to which sights mean the same, in order; with each what they mean.
pub fn runs<const N: usize>(
    width: usize,
    sights: [&Sight; N],
) -> Vec<(Range<usize>, [Option<Way>; N])> {
    if sights.iter().all(|sight| matches!(sight, Sight::All(_))) {
        return vec![(0..width, sights.map(|sight| sight.at(0)))];
    }
    let mut runs: Vec<(Range<usize>, [Option<Way>; N])> = Vec::new();
    for area in 0..width {
        let ways = sights.map(|sight| sight.at(area));
        match runs.last_mut().map(|(areas, known)| (areas, joined(known, &ways), known)) {
            Some((areas, Some(joined), known)) => (areas.end, *known) = (area + 1, joined),
            _ => runs.push((area..area + 1, ways)),
        }
    }
    runs
}

/// What holds for an area and its neighbour; `None` where they are not alike.
fn joined<const N: usize>(
    known: &[Option<Way>; N],
    more: &[Option<Way>; N],
) -> Option<[Option<Way>; N]> {
    let mut joined = *known;
    for (one, other) in joined.iter_mut().zip(more) {
        *one = match (*one, *other) {
            (None, None) => None,
            (Some(way), Some(other)) => Some(way.joined(other)?),
            _ => return None,
        };
    }
    Some(joined)
}
