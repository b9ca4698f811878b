//! The mix of reserve modes: what each mode holds for an account, and what it gives within hours.
//!
//! Lives here: each account's figures by mode and their roll-up over a subtree. Does not live here:
//! what one source gives (`reserve`). Invariant: a parent's figures are the merge of its children's
//! and its own; what is not confirmed is in no total.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::account::{Accounts, Filter, Goods, Shelf};
use super::catalogue::Code;
use super::position::Position;
use super::quantity::Ratio;
use super::quota::Mode;
use super::region::{Region, RegionIx, Tier};
use super::reserve::{Available, Doubt, State};
use super::source::{self, Source, View};

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

/// One mode's figures, in the item's base unit or the need's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Targets in force.
    pub quota: i64,
    /// Confirmed, and there within the hours.
    pub available: i64,
    /// What would be there beside it if it were confirmed.
    pub unconfirmed: i64,
    /// Entries of the registers that are in force.
    pub sources: i64,
    pub stale: i64,
    pub unknown: i64,
}

impl Cell {
    fn add(&mut self, available: Available, amount: i64) {
        let times = |quantity: i64| quantity.saturating_mul(amount);
        self.available = self.available.saturating_add(times(available.quantity));
        self.unconfirmed = self.unconfirmed.saturating_add(times(available.unconfirmed));
        self.stale += i64::from(available.state == State::Stale);
        self.unknown += i64::from(available.state == State::Unknown);
    }

    fn merge(&mut self, other: &Self) {
        let pairs = [
            (&mut self.quota, other.quota),
            (&mut self.available, other.available),
            (&mut self.unconfirmed, other.unconfirmed),
            (&mut self.sources, other.sources),
            (&mut self.stale, other.stale),
            (&mut self.unknown, other.unknown),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more);
        }
    }
}

/// Cells in the order of `Mode::ALL`.
pub type Cells = [Cell; 4];

fn cell(cells: &mut Cells, mode: Mode) -> &mut Cell {
    let [physical, agreement, capacity, social] = cells;
    match mode {
        Mode::GovPhysical => physical,
        Mode::Agreement => agreement,
        Mode::Capacity => capacity,
        Mode::Social => social,
    }
}

/// Three figures: government stock alone, with agreements, and with all modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Three {
    pub gov_only: i64,
    pub gov_agreement: i64,
    pub all_modes: i64,
}

impl Three {
    fn of(cells: &Cells) -> Self {
        let [physical, agreement, capacity, social] = cells.map(|cell| cell.available);
        let gov_agreement = physical.saturating_add(agreement);
        let all_modes = gov_agreement.saturating_add(capacity).saturating_add(social);
        Self { gov_only: physical, gov_agreement, all_modes }
    }

    /// What is missing of each to `target`.
    fn short_of(self, target: i64) -> Self {
        let gap = |held: i64| target.saturating_sub(held).max(0);
        Self {
            gov_only: gap(self.gov_only),
            gov_agreement: gap(self.gov_agreement),
            all_modes: gap(self.all_modes),
        }
    }

    fn merge(&mut self, other: Self) {
        self.gov_only = self.gov_only.saturating_add(other.gov_only);
        self.gov_agreement = self.gov_agreement.saturating_add(other.gov_agreement);
        self.all_modes = self.all_modes.saturating_add(other.all_modes);
    }
}

/// An account, or accounts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    pub cells: Cells,
    pub totals: Three,
    /// Line by line against the targets of all modes together.
    pub gaps: Three,
    /// Accounts with a target in a mode that their city counts.
    pub lines: i64,
    /// Of these, those whose counted modes give what their targets ask.
    pub lines_met: i64,
    /// Of these, those of which nobody knows.
    pub lines_open: i64,
}

impl Sum {
    /// The target over all modes.
    pub fn target(&self) -> i64 {
        self.cells.iter().fold(0, |sum, cell| sum.saturating_add(cell.quota))
    }

    pub fn merge(&mut self, other: &Self) {
        for (cell, more) in self.cells.iter_mut().zip(&other.cells) {
            cell.merge(more);
        }
        self.totals.merge(other.totals);
        self.gaps.merge(other.gaps);
        self.lines += other.lines;
        self.lines_met += other.lines_met;
        self.lines_open += other.lines_open;
    }

    /// Whether so many thousandths of the lines are met; `None` where open lines could tip it, or
    /// there are no lines.
    pub fn attained(&self, permille: u32) -> Option<bool> {
        let needed = i128::from(self.lines) * i128::from(permille);
        let reached = |lines: i64| i128::from(lines) * 1_000 >= needed;
        match (self.lines, reached(self.lines_met)) {
            (0, _) => None,
            (_, true) => Some(true),
            _ if reached(self.lines_met + self.lines_open) => None,
            _ => Some(false),
        }
    }

    /// The part of one mode, of the targets or of what is there; `None` of nothing.
    pub fn ratio(&self, part: impl Fn(&Cell) -> i64, mode: Mode) -> Option<Ratio> {
        let whole: i128 = self.cells.iter().map(|cell| i128::from(part(cell))).sum();
        let mut cells = self.cells;
        Ratio::of(i128::from(part(cell(&mut cells, mode))), whole)
    }

    fn is_asked_for(&self) -> bool {
        self.lines > 0 || self.cells.iter().any(|cell| cell.quota > 0 || cell.sources > 0)
    }
}

/// One source of an account, in the unit of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    pub mode: Mode,
    pub code: Code,
    pub name: String,
    pub organization: Option<Code>,
    pub item: Code,
    pub available: Available,
    pub declared_on: Option<NaiveDate>,
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
    open: Vec<Mode>,
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
        let open = is_line && !met && counted.iter().any(|mode| self.open.contains(mode));
        Sum {
            cells,
            totals,
            gaps: totals.short_of(target),
            lines: i64::from(is_line),
            lines_met: i64::from(met),
            lines_open: i64::from(open),
        }
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
                    if available.open {
                        gathered.open.push(mode);
                    }
                }
            }
        }
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

impl Gathered {
    fn take(&mut self, source: &Source<'_>, amount: i64) {
        let figures = cell(&mut self.cells, source.mode);
        figures.sources += 1;
        figures.add(source.available, amount);
        if source.available.open {
            self.open.push(source.mode);
        }
        let times = |quantity: i64| quantity.saturating_mul(amount);
        self.sources.push(SourceRow {
            mode: source.mode,
            code: source.terms.code.clone(),
            name: source.terms.name.clone(),
            organization: source.terms.organization.clone(),
            item: source.terms.item.clone(),
            available: Available {
                quantity: times(source.available.quantity),
                unconfirmed: times(source.available.unconfirmed),
                ..source.available
            },
            declared_on: source.declared_on,
        });
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
