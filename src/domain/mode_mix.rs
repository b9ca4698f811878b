//! The mix of reserve modes: what each mode holds for an account, and what it gives within hours.
//!
//! Lives here: each account's figures by mode and their roll-up over a subtree; `sums` adds them.
//! Does not live here: what one source gives (`reserve`). Invariant: a parent's figures are the
//! merge of its children's and its own; what is not confirmed is in no total.

mod sums;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::account::{Accounts, Filter, Goods, Shelf};
use super::position::Position;
use super::quota::Mode;
use super::reference::Reference;
use super::region::{Region, RegionIx, Tier};
use super::reserve::{Available, Doubt};
use super::source::{self, Source, SourceRow, View};
use super::unknown::{Unknown, Unknowns};

use sums::cell;
pub use sums::{Cell, Cells, GoodsTotals, Sum, Three, Totals};

/// Which mix is asked for; what is `None` is not asked.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    pub region: RegionIx,
    /// One row per region of this tier inside `region`; `None` is `region` itself.
    pub tier: Option<Tier>,
    pub item: Option<u32>,
    pub need: Option<u32>,
    pub view: View,
}

/// One region and one kind of goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub region: Arc<Region>,
    pub goods: Goods,
    /// `None` where no city profile says within which hours.
    pub hours: Option<u32>,
    /// The region's own account.
    pub own: Sum,
    /// All accounts of the subtree.
    pub total: Sum,
    pub own_attained: Option<bool>,
    pub attained: Option<bool>,
    /// Those of the own account, by mode and code.
    pub sources: Vec<SourceRow>,
}

/// What one account has gathered, before it is summed.
#[derive(Debug, Default)]
struct Gathered {
    cells: Cells,
    /// Modes with a quota in force, and modes of which something is not known.
    set: Vec<Mode>,
    open: Vec<(Mode, Unknown)>,
    /// Whether a quota of any mode counts people whom nobody has counted.
    lacks_people: bool,
    sources: Vec<SourceRow>,
}

impl Gathered {
    fn sum(&self, counted: &[Mode]) -> Sum {
        let mut cells = self.cells;
        let target = cells.iter().fold(0_i64, |sum, cell| sum.saturating_add(cell.quota));
        let totals = Three::of(&cells);
        let (mut asked, mut held) = (0_i64, 0_i64);
        for mode in counted {
            let cell = cell(&mut cells, *mode);
            asked = asked.saturating_add(cell.quota);
            held = held.saturating_add(cell.available);
        }
        let is_line = counted.iter().any(|mode| self.set.contains(mode));
        let met = is_line && held >= asked;
        let open = is_line && !met && counted.iter().any(|mode| self.is_open(*mode));
        let people = self.lacks_people.then_some(Unknown::NoPopulation);
        let why = self.open.iter().map(|(_, why)| *why).chain(people).min();
        let mut unknown = Unknowns::default();
        why.into_iter().for_each(|why| unknown.note(why));
        Sum {
            cells,
            totals,
            gaps: totals.short_of(target),
            lines: i64::from(is_line),
            lines_met: i64::from(met),
            lines_open: i64::from(open),
            unknown,
        }
    }

    fn is_open(&self, mode: Mode) -> bool {
        self.open.iter().any(|(open, _)| *open == mode)
    }
}

/// All accounts of a subtree, by region and goods.
type Book = BTreeMap<RegionIx, BTreeMap<u32, Gathered>>;

/// The mix that `query` asks for, by region code, then items before needs by code.
pub fn mode_mix(position: &Position, query: &Query) -> Vec<Row> {
    let reference = &position.reference;
    let regions = &reference.regions;
    let filter = Filter { item: query.item, need: query.need, function_class: None };
    let shelf = Shelf::of(reference, &filter);
    let book = gather(position, &shelf, query);
    let sums = summed(position, &book);
    let mut asked: Vec<RegionIx> = match query.tier {
        None => vec![query.region],
        Some(tier) => regions.of_tier(query.region, tier).to_vec(),
    };
    asked.sort_unstable_by_key(|ix| regions.get(*ix).map(|region| region.code));
    let mut rows = Vec::new();
    for ix in asked {
        let Some(region) = regions.get(ix) else { continue };
        let mut totals: BTreeMap<u32, Sum> = BTreeMap::new();
        for below in regions.subtree(ix) {
            for (goods, sum) in sums.get(&below).into_iter().flatten() {
                totals.entry(*goods).or_default().merge(sum);
            }
        }
        let profile = reference.profile_of(ix);
        let permille = profile.map(|profile| profile.attainment_permille);
        for (place, total) in totals.into_iter().filter(|(_, total)| total.is_asked_for()) {
            let Some(goods) = shelf.get(place) else { continue };
            let own = sums.get(&ix).and_then(|sums| sums.get(&place)).copied().unwrap_or_default();
            let gathered = book.get(&ix).and_then(|lines| lines.get(&place));
            rows.push(Row {
                region: Arc::clone(region),
                goods: goods.clone(),
                hours: query.view.hours.or(profile.map(|profile| profile.target_hours)),
                own,
                total,
                own_attained: permille.and_then(|_| own.attained(1_000)),
                attained: permille.and_then(|permille| total.attained(permille)),
                sources: gathered.map(|line| line.sources.clone()).unwrap_or_default(),
            });
        }
    }
    rows
}

fn gather(position: &Position, shelf: &Shelf, query: &Query) -> Book {
    let reference = &position.reference;
    let mut book = Book::new();
    for mode in Mode::ALL {
        let accounts = Accounts::of(position, shelf, query.region, mode, query.view.on);
        for (region, lines) in accounts.iter() {
            for line in lines {
                let gathered = book.entry(region).or_default().entry(line.goods).or_default();
                let figures = cell(&mut gathered.cells, mode);
                if let Some(standard) = line.standard {
                    figures.quota = figures.quota.saturating_add(standard.target);
                    gathered.set.push(mode);
                }
                if mode == Mode::GovPhysical {
                    let available = ready(position, region, &query.view, line.held.effective);
                    figures.add(available, 1);
                    gathered.open.extend(available.open_for().map(|why| (mode, why.into())));
                }
            }
        }
        doubt(reference, (query, mode), shelf, &mut book);
        for source in source::sources(reference, query.region, mode, &query.view) {
            let places = shelf.item(source.item).map(|place| (place, 1));
            for (place, amount) in places.into_iter().chain(shelf.provided(source.item)) {
                let line = book.entry(source.region).or_default().entry(place).or_default();
                line.take(&source, amount);
            }
        }
    }
    book
}

/// Notes whose quotas of a mode count people whom nobody has counted.
fn doubt(reference: &Reference, (query, mode): (&Query, Mode), shelf: &Shelf, book: &mut Book) {
    let regions = &reference.regions;
    for (place, _, goods) in shelf.iter() {
        let doubtful = reference.doubts().about(&goods.subject(), mode).iter();
        let doubtful = doubtful.filter(|(_, quota)| quota.in_force(query.view.on));
        for (region, _) in doubtful.filter(|(ix, _)| regions.within(*ix, query.region)) {
            let line = book.get_mut(region).and_then(|lines| lines.get_mut(&place));
            line.into_iter().for_each(|line| line.lacks_people = true);
        }
    }
}

impl Gathered {
    fn take(&mut self, source: &Source<'_>, amount: i64) {
        let figures = cell(&mut self.cells, source.mode);
        figures.sources += 1;
        figures.add(source.available, amount);
        self.open.extend(source.available.open_for().map(|why| (source.mode, why.into())));
        self.sources.push(SourceRow::of(source, amount));
    }
}

/// Stock of the account, if the tier's depots are called up and loaded within the hours.
fn ready(position: &Position, region: RegionIx, view: &View, effective: i64) -> Available {
    let reference = &position.reference;
    let profile = reference.profile_of(region);
    let hours = view.hours.or(profile.map(|profile| profile.target_hours));
    let tier = reference.regions.get(region).map(|region| region.tier);
    let (Some(profile), Some(hours), Some(tier)) = (profile, hours, tier) else {
        // What does not lie there is not there, whatever nobody has set.
        let missing = Available::unknown(Doubt::NoProfile, effective);
        return if effective == 0 { Available::confirmed(0) } else { missing };
    };
    let delivery = profile.delivery(tier);
    let minutes = delivery.mobilise_min.saturating_add(delivery.load_min);
    let is_ready = minutes <= hours.saturating_mul(60);
    Available::confirmed(if is_ready { effective } else { 0 })
}

fn summed(position: &Position, book: &Book) -> BTreeMap<RegionIx, BTreeMap<u32, Sum>> {
    let sums = book.iter().map(|(region, lines)| {
        let profile = position.reference.profile_of(*region);
        let counted = profile.map_or(&[Mode::GovPhysical][..], |profile| &profile.modes_counted);
        let lines = lines.iter().map(|(goods, line)| (*goods, line.sum(counted)));
        (*region, lines.collect())
    });
    sums.collect()
}

#[cfg(test)]
#[path = "mode_mix_tests.rs"]
mod tests;
