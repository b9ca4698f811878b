//! One gap of a mode of promised goods: who stands behind the account, and what each gives.
//!
//! Lives here: the sources of the own account beside the lines of the subtree. Does not live here:
//! what a source gives (`reserve`). Invariant: what is not confirmed is in no sum, and says why.

use std::sync::Arc;

use crate::domain::account::{Accounts, Goods, Line, Shelf};
use crate::domain::gap::row_of;
use crate::domain::position::Position;
use crate::domain::quota::Quota;
use crate::domain::region::RegionIx;
use crate::domain::source::{SourceRow, View, sources};
use crate::domain::stock::Figures;

use super::{Found, Query};

/// The parts of one gap; `quota` is in force for the own account.
pub(super) fn find(
    position: &Position,
    query: &Query,
    goods: &Goods,
    quota: &Option<Arc<Quota>>,
) -> Option<Found> {
    let (reference, root) = (&position.reference, query.region);
    let shelf = Shelf::of(reference, &query.goods.filter());
    let accounts = Accounts::of(position, &shelf, root, query.mode, query.on);
    let lines = accounts.iter().flat_map(|(ix, lines)| lines.iter().map(move |line| (ix, *line)));
    let lines: Vec<(RegionIx, Line)> = lines.collect();
    let told = lines.iter().map(|(ix, line)| (*ix, line));
    let row = row_of(&reference.regions, root, (goods, query.mode), told, quota.clone())?;
    let view = View { on: query.on, hours: None, prudent: false };
    let behind = sources(reference, root, query.mode, &view).into_iter();
    let sources = behind.filter(|source| source.region == root).flat_map(|source| {
        let own = shelf.item(source.item).map(|_| 1);
        let need = shelf.provided(source.item).map(|(_, amount)| amount);
        own.into_iter().chain(need).map(move |amount| SourceRow::of(&source, amount))
    });
    let (sources, figures, parts) = (sources.collect(), Figures::default(), Vec::new());
    Some(Found { row, figures, parts, sources, lines, remedy: None, owned_above: None })
}
