//! Sources: which agreements, capacities and pledges stand behind whose account.
//!
//! Lives here: the walk over the registers for a subtree. Does not live here: what each gives
//! (`reserve`). Invariant: a source stands behind the account of its own region and no other.

use chrono::NaiveDate;

use super::catalogue::Code;
use super::quota::Mode;
use super::reference::Reference;
use super::region::RegionIx;
use super::reserve::{Available, Doubt, Terms, Yardstick};

/// Within which hours, on which day, seen how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    pub on: NaiveDate,
    /// `None` is the target hours of each region's city.
    pub hours: Option<u32>,
    /// Whether reliability is counted in.
    pub prudent: bool,
}

/// One source that is in force.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    pub mode: Mode,
    pub region: RegionIx,
    /// The item's index.
    pub item: u32,
    pub terms: &'a Terms,
    pub declared_on: Option<NaiveDate>,
    pub available: Available,
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

impl SourceRow {
    /// A source where each base unit gives so much.
    pub fn of(source: &Source<'_>, amount: i64) -> Self {
        let times = |quantity: i64| quantity.saturating_mul(amount);
        Self {
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
        }
    }
}

/// The yardstick of a region, and whether anybody has set the hours.
pub fn yardstick(reference: &Reference, region: RegionIx, view: &View) -> Option<Yardstick> {
    let profile = reference.profile_of(region).map(AsRef::as_ref);
    let hours = view.hours.or(profile.map(|profile| profile.target_hours))?;
    Some(Yardstick::of(profile, view.on, hours, view.prudent))
}

/// The sources of one mode in force behind the accounts of `root`'s subtree, by code; none of the
/// physical reserve, which the ledger tells.
pub fn sources<'a>(
    reference: &'a Reference,
    root: RegionIx,
    mode: Mode,
    view: &View,
) -> Vec<Source<'a>> {
    let place = |terms: &'a Terms| place(reference, root, view.on, terms);
    let measure = |region: RegionIx| yardstick(reference, region, view);
    let unmeasured = || Available::unknown(Doubt::NoProfile, 0);
    let source = |terms: &'a Terms, declared_on, available: &dyn Fn(&Yardstick) -> Available| {
        let (region, item) = place(terms)?;
        let available = measure(region).map_or_else(unmeasured, |by| available(&by));
        Some(Source { mode, region, item, terms, declared_on, available })
    };
    match mode {
        Mode::GovPhysical => Vec::new(),
        Mode::Agreement => reference
            .agreements
            .sorted()
            .into_iter()
            .filter_map(|row| source(&row.terms, row.declared_on, &|by| row.available(by)))
            .collect(),
        Mode::Capacity => reference
            .capacities
            .sorted()
            .into_iter()
            .filter_map(|row| source(&row.terms, row.declared_on, &|by| row.available(by)))
            .collect(),
        Mode::Social => reference
            .pledges
            .sorted()
            .into_iter()
            .filter_map(|row| source(&row.terms, None, &|by| row.available(by)))
            .collect(),
    }
}

/// Account and item of terms in force within `root`.
fn place(
    reference: &Reference,
    root: RegionIx,
    on: NaiveDate,
    terms: &Terms,
) -> Option<(RegionIx, u32)> {
    let region = reference.regions.find(terms.region)?;
    let inside = terms.in_force(on) && reference.regions.within(region, root);
    let item = reference.items.find(terms.item.as_str())?;
    inside.then_some((region, item))
}
