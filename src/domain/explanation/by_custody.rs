//! One gap by custody: goods count where they lie, whoever below or beside owns them.
//!
//! Lives here: the walk over the depots of the region. Does not live here: the row and its lines
//! (`custody`). Invariant: what counts lies in the region itself; usable goods owned above it add
//! up to `owned_above`, wherever they lie below.

use crate::domain::custody::{self, Opened};
use crate::domain::movement::Place;
use crate::domain::position::Position;
use crate::domain::quota::Mode;
use crate::domain::region::RegionIx;
use crate::domain::stock::{Figures, Standing};

use super::{Found, Part, Query, Reason, serving};

/// The parts of one gap.
pub(super) fn find(position: &Position, query: &Query) -> Option<Found> {
    let Opened { found, lines } = custody::opened(position, &query.row())?;
    let (mut figures, mut parts) = (Figures::default(), Vec::new());
    if query.mode == Mode::GovPhysical {
        (figures, parts) = lying(position, query);
    }
    let (row, owned_above) = (found.row, Some(found.owned_above));
    Some(Found { row, figures, parts, sources: Vec::new(), lines, remedy: None, owned_above })
}

/// What lies in the region itself, and what is owned above within it.
fn lying(position: &Position, query: &Query) -> (Figures, Vec<Part>) {
    let (reference, root) = (&position.reference, query.region);
    let items = serving(position, query.goods);
    let above = |owner: RegionIx| owner != root && reference.regions.within(root, owner);
    let (mut sums, mut parts) = (Figures::default(), Vec::new());
    for (lies, depot) in position.depots_within(root) {
        let Some(shard) = position.shard(depot) else { continue };
        for (item_ix, item, amount) in &items {
            for row in shard.of_item(*item_ix).iter().filter(|row| row.quantity != 0) {
                let owner = reference.owner_region(row.key.owner);
                let Some((owner, lot)) = owner.zip(position.lot(row.key.lot)) else { continue };
                let standing = Standing::of(&row.key, lot, item, query.on);
                let excluded = if above(owner) {
                    let usable = matches!(standing, Standing::Effective(_));
                    if !usable || row.key.place != Place::Depot {
                        continue;
                    }
                    Some(Reason::OwnedAbove)
                } else if lies == root {
                    let mut figures = Figures::default();
                    figures.add(row, standing);
                    sums.merge(&figures.times(*amount));
                    Reason::of(standing)
                } else {
                    continue;
                };
                let part = Part::of(position, (depot, row), lot, (item, *amount), query.on);
                parts.extend(part.map(|part| Part { excluded, ..part }));
            }
        }
    }
    (sums, parts)
}
