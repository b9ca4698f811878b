//! `export`: write reference data as a file that `import` reads.
//!
//! Lives here: picking the records of a kind. Does not live here: the shapes. Invariant: what is
//! exported imports again to the same records.

use std::io::Write;

use crate::config::{Common, Export};
use crate::domain::reference::{Record, Reference};
use crate::http::reference::csv::{self, Kind};
use crate::service::book::Book;

use super::import::kind;
use super::{Done, database};

pub(super) fn run(common: &Common, options: &Export) -> Done {
    let kind = kind(&options.kind)?;
    let book = Book::open(&database(common)?)?;
    let records = records(&book.snapshot().reference, kind);
    book.close();
    std::io::stdout().lock().write_all(&csv::write(kind, &records))?;
    Ok(())
}

fn records(reference: &Reference, kind: Kind) -> Vec<Record> {
    match kind {
        Kind::Regions => {
            reference.regions.iter().map(|(_, row)| Record::Region((**row).clone())).collect()
        }
        Kind::Organizations => {
            let rows = reference.organizations.sorted();
            rows.into_iter().map(|row| Record::Organization((**row).clone())).collect()
        }
        Kind::Depots => {
            let rows = reference.depots.sorted();
            rows.into_iter().map(|row| Record::Depot((**row).clone())).collect()
        }
        Kind::Items => {
            let rows = reference.items.sorted();
            rows.into_iter().map(|row| Record::Item((**row).clone())).collect()
        }
        Kind::Needs => {
            let rows = reference.needs.sorted();
            rows.into_iter().map(|row| Record::Need((**row).clone())).collect()
        }
        Kind::Agreements => {
            let rows = reference.agreements.sorted();
            rows.into_iter().map(|row| Record::Agreement((**row).clone())).collect()
        }
        Kind::Capacities => {
            let rows = reference.capacities.sorted();
            rows.into_iter().map(|row| Record::Capacity((**row).clone())).collect()
        }
        Kind::Pledges => {
            let rows = reference.pledges.sorted();
            rows.into_iter().map(|row| Record::Pledge((**row).clone())).collect()
        }
        Kind::Routes => {
            let rows = reference.routes.sorted();
            rows.into_iter().map(|row| Record::Route((**row).clone())).collect()
        }
        Kind::Roads => {
            let rows = reference.roads.sorted();
            rows.into_iter().map(|row| Record::Road((**row).clone())).collect()
        }
        Kind::Helibases => {
            let rows = reference.helibases.sorted();
            rows.into_iter().map(|row| Record::Helibase((**row).clone())).collect()
        }
        Kind::WaterLegs => {
            let rows = reference.water_legs.sorted();
            rows.into_iter().map(|row| Record::WaterLeg((**row).clone())).collect()
        }
        Kind::Closures => {
            let rows = reference.closures.sorted();
            rows.into_iter().map(|row| Record::Closure((**row).clone())).collect()
        }
        Kind::QuotaRules => {
            let rows = reference.quota_rules.sorted();
            rows.into_iter().map(|row| Record::QuotaRule((**row).clone())).collect()
        }
        Kind::Quotas => {
            let mut rows: Vec<_> = reference.quotas.values().collect();
            rows.sort_by_key(|row| (row.region, row.subject.clone(), row.effective_from));
            rows.into_iter().map(|row| Record::Quota((**row).clone())).collect()
        }
        Kind::Profiles => {
            let mut rows: Vec<_> = reference.profiles.values().collect();
            rows.sort_by_key(|row| row.region);
            rows.into_iter().map(|row| Record::Profile((**row).clone())).collect()
        }
    }
}
