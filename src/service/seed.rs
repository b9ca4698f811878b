//! Seeds: the reference data of Linyi and Weihai, and the demo's depots and opening stock.
//!
//! Lives here: composing records and drafts from the files in `seeds/`, which the program carries.
//! Does not live here: storing and booking them. Invariant: nothing is random; the same files and
//! the same date give the same records and drafts.

mod chance;
mod depots;
mod events;
mod files;
mod goods;
mod people;
mod places;
mod quotas;
mod reserves;
mod stock;
mod ways;

use chrono::NaiveDate;

use crate::domain::movement::Draft;
use crate::domain::reference::Record;

/// A seed file that does not say what it must.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("seeds/{file}: {what}")]
pub struct SeedError {
    pub file: &'static str,
    pub what: String,
}

impl SeedError {
    fn new(file: &'static str, what: impl Into<String>) -> Self {
        let what = what.into();
        Self { file, what }
    }
}

/// What every function of this room returns.
type Seeded<T> = Result<T, SeedError>;

/// The demo: depots with their opening stock, on top of the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// The day on which the demo stands.
    pub on: NaiveDate,
    /// What must stand beside the data, in Chinese and in English.
    pub marking_zh: String,
    pub marking_en: String,
    /// The depots, enterprises with what they have promised, and rules to be adopted.
    pub records: Vec<Record>,
    /// The opening movements, to be booked in this order, as they occurred 30 days before `on`.
    pub drafts: Vec<Draft>,
}

/// The reference data of both cities: regions, organizations, needs, items, profiles, quotas and
/// drills, each after those it names.
///
/// # Errors
/// `SeedError` when a file was changed into something that cannot be.
pub fn base() -> Result<Vec<Record>, SeedError> {
    Ok(Base::compose()?.into_records())
}

/// The demo of one day.
///
/// # Errors
/// `SeedError` when a file was changed into something that cannot be.
pub fn demo(on: NaiveDate) -> Result<Demo, SeedError> {
    let base = Base::compose()?;
    let drafts = stock::openings(&base, on)?;
    let depots = base.sites.into_iter().map(|site| site.depot);
    Ok(Demo {
        on,
        marking_zh: base.rules.marking.zh,
        marking_en: base.rules.marking.en,
        records: depots
            .map(Record::Depot)
            .chain(reserves::records(on)?)
            .chain(ways::routes(on)?.into_iter().map(Record::Route))
            .chain(ways::helibases()?.into_iter().map(Record::Helibase))
            .chain(ways::water_legs()?.into_iter().map(Record::WaterLeg))
            .chain(ways::closures(on)?.into_iter().map(Record::Closure))
            .collect(),
        drafts,
    })
}

/// Everything that does not depend on a date.
struct Base {
    rules: files::Rules,
    land: places::Land,
    goods: goods::Goods,
    sites: Vec<depots::Site>,
    quotas: Vec<crate::domain::quota::Quota>,
    roads: Vec<crate::domain::road::Road>,
    events: Vec<crate::domain::event::Event>,
}

impl Base {
    fn compose() -> Seeded<Self> {
        let rules = files::rules()?;
        let land = places::land()?;
        let goods = goods::goods()?;
        let sites = depots::sites(&rules, &land)?;
        let quotas = quotas::quotas(&rules, &land, &goods, &sites)?;
        let roads = ways::roads()?;
        let events = events::events(&land.regions)?;
        Ok(Self { rules, land, goods, sites, quotas, roads, events })
    }

    fn into_records(self) -> Vec<Record> {
        let regions = self.land.regions.into_iter().map(Record::Region);
        let organizations = self.land.organizations.into_iter();
        let needs = self.goods.needs.into_iter().map(Record::Need);
        let items = self.goods.items.into_iter().map(Record::Item);
        let profiles = self.goods.profiles.into_iter().map(Record::Profile);
        regions
            .chain(organizations.map(Record::Organization))
            .chain(needs)
            .chain(items)
            .chain(profiles)
            .chain(self.roads.into_iter().map(Record::Road))
            .chain(self.quotas.into_iter().map(Record::Quota))
            .chain(self.events.into_iter().map(Record::Event))
            .collect()
    }
}

#[cfg(test)]
mod tests;
