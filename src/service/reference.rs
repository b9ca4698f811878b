//! Reference data: read within scope, written under the head lock.
//!
//! Lives here: who may write which record, and the check of a whole file before it is written. Does
//! not live here: shapes on the wire. Invariant: a file is taken whole or not at all.

use crate::domain::access::{Action, Principal};
use crate::domain::catalogue::Code;
use crate::domain::reference::{Record, Reference, unknown};
use crate::domain::refusal::Refusal;
use crate::domain::region::RegionCode;

use super::access::authorise;
use super::book::{Amendment, Book, Precondition};
use super::failure::Failure;

/// What writing this record needs.
pub fn action_of(record: &Record) -> Action {
    match record {
        Record::Quota(_)
        | Record::QuotaRule(_)
        | Record::Plan(_)
        | Record::Event(_)
        | Record::Closure(_) => Action::Plan,
        Record::Key(_) => Action::KeepKeys,
        _ => Action::WriteReference,
    }
}

/// The region whose keepers may write the record; `None` is everybody's.
fn region_of(record: &Record) -> Option<RegionCode> {
    match record {
        Record::Region(row) => Some(row.code),
        Record::Organization(row) => Some(row.region),
        Record::Depot(row) => Some(row.region),
        Record::Agreement(row) => Some(row.terms.region),
        Record::Capacity(row) => Some(row.terms.region),
        Record::Pledge(row) => Some(row.terms.region),
        Record::Route(row) => Some(row.region),
        Record::Helibase(row) => Some(row.region),
        Record::WaterLeg(row) => Some(row.region),
        Record::Closure(row) => Some(row.region),
        Record::QuotaRule(row) => Some(row.region),
        Record::Plan(row) => Some(row.region),
        Record::Quota(row) => Some(row.region),
        Record::Profile(row) => Some(row.region),
        Record::Key(row) => Some(row.region),
        // Who sees an event follows from all that it names (`events`).
        Record::Item(_) | Record::Need(_) | Record::Road(_) | Record::Event(_) => None,
    }
}

/// The code in the record that the caller cannot name, and where it stands.
fn out_of_scope(
    principal: &Principal,
    reference: &Reference,
    record: &Record,
) -> Option<(RegionCode, &'static str)> {
    let regions = &reference.regions;
    let unseen = |code: RegionCode| !principal.sees_code(regions, code);
    let Record::Region(row) = record else {
        // An unknown region is refused by the check of the record itself.
        let named = region_of(record).filter(|code| regions.find(*code).is_some());
        return named.filter(|code| unseen(*code)).map(|code| (code, "/region"));
    };
    let present = regions.by_code(row.code).filter(|present| !unseen(present.code));
    if present.is_some_and(|present| present.parent == row.parent) {
        return None;
    }
    // A new region lies where its parent lies, and so does one that moves.
    match row.parent {
        Some(parent) => unseen(parent).then_some((parent, "/parent")),
        None => principal.region.map(|_| (row.code, "/code")),
    }
}

/// The depot that a record names, of those that have a region of their own.
fn depot_of(record: &Record) -> Option<&Code> {
    match record {
        Record::Route(row) => Some(&row.depot),
        Record::Closure(row) => row.depot(),
        _ => None,
    }
}

/// The depot in the record that the caller cannot name.
fn unseen_depot(principal: &Principal, reference: &Reference, record: &Record) -> Option<String> {
    let depot = reference.depots.by_code(depot_of(record)?.as_str())?;
    let unseen = !principal.sees_code(&reference.regions, depot.region);
    unseen.then(|| depot.code.to_string())
}

/// The region of the depot that the record named which this one would replace.
fn depot_replaced(reference: &Reference, record: &Record) -> Option<RegionCode> {
    let present = match record {
        Record::Route(row) => {
            reference.routes.by_code(row.code.as_str()).map(|found| found.depot.clone())
        }
        Record::Closure(row) => {
            let found = reference.closures.by_code(row.code.as_str());
            found.and_then(|found| found.depot().cloned())
        }
        _ => None,
    };
    Some(reference.depots.by_code(present?.as_str())?.region)
}

/// The key and region of the record that this one would replace.
fn replaced(reference: &Reference, record: &Record) -> Option<(String, RegionCode)> {
    match record {
        Record::Organization(row) => {
            let present = reference.organizations.by_code(row.code.as_str())?;
            Some((present.code.to_string(), present.region))
        }
        Record::Depot(row) => {
            let present = reference.depots.by_code(row.code.as_str())?;
            Some((present.code.to_string(), present.region))
        }
        Record::Agreement(row) => {
            let present = reference.agreements.by_code(row.terms.code.as_str())?;
            Some((present.terms.code.to_string(), present.terms.region))
        }
        Record::Capacity(row) => {
            let present = reference.capacities.by_code(row.terms.code.as_str())?;
            Some((present.terms.code.to_string(), present.terms.region))
        }
        Record::Pledge(row) => {
            let present = reference.pledges.by_code(row.terms.code.as_str())?;
            Some((present.terms.code.to_string(), present.terms.region))
        }
        Record::Route(row) => {
            let present = reference.routes.by_code(row.code.as_str())?;
            Some((present.code.to_string(), present.region))
        }
        Record::Helibase(row) => {
            let present = reference.helibases.by_code(row.code.as_str())?;
            Some((present.code.to_string(), present.region))
        }
        Record::WaterLeg(row) => {
            let present = reference.water_legs.by_code(row.code.as_str())?;
            Some((present.code.to_string(), present.region))
        }
        Record::Closure(row) => {
            let present = reference.closures.by_code(row.code.as_str())?;
            Some((present.code.to_string(), present.region))
        }
        Record::QuotaRule(row) => {
            let present = reference.quota_rules.by_code(row.code.as_str())?;
            Some((present.code.to_string(), present.region))
        }
        Record::Quota(row) => {
            let present = reference.quotas.get(&row.id)?;
            Some((present.id.to_string(), present.region))
        }
        Record::Plan(row) => {
            let present = reference.plans.by_code(row.code.as_str())?;
            Some((present.code.to_string(), present.region))
        }
        Record::Region(row) => {
            let present = reference.regions.by_code(row.code)?;
            Some((present.code.to_string(), present.code))
        }
        // Its code is its region's, which is looked at.
        Record::Profile(_) => None,
        Record::Item(_) | Record::Need(_) | Record::Road(_) => None,
        Record::Event(_) | Record::Key(_) => None,
    }
}

/// Writes one record if `precondition` holds under the lock. To a caller who cannot see the record
/// that is there, every answer is the one of a code that nothing has, but for a record that could
/// be created: codes are everybody's, so that one is refused as `PreconditionFailed`.
///
/// # Errors
/// `Forbidden`, `Refused`, `PreconditionFailed`, or any fault of the database.
pub async fn put(
    book: &Book,
    principal: &Principal,
    record: Record,
    creates: bool,
    precondition: Precondition,
) -> Result<i64, Failure> {
    authorise(principal, action_of(&record))?;
    let (who, what) = (principal.clone(), record.clone());
    let guarded: Precondition = Box::new(move |reference| {
        let hidden = hidden(&who, reference, &what);
        match &hidden {
            None => precondition(reference)?,
            Some(_) if creates => {}
            // What the caller cannot see is not there to be replaced.
            Some(code) => return Err(Failure::PreconditionFailed { code: code.clone() }),
        }
        if let Some((code, pointer)) = out_of_scope(&who, reference, &what) {
            return Err(unknown("region", &code.to_string(), pointer).into());
        }
        if let Some(depot) = unseen_depot(&who, reference, &what) {
            return Err(unknown("depot", &depot, "/depot").into());
        }
        let Some(code) = hidden else { return Ok(()) };
        reference.with([what.clone()]).check(&what)?;
        Err(Failure::PreconditionFailed { code })
    });
    let amendment =
        Amendment { records: vec![record], precondition: guarded, settings: Vec::new() };
    book.amend_in_time(amendment).await
}

/// The key of the record that this one would replace, where the caller cannot see it.
fn hidden(principal: &Principal, reference: &Reference, record: &Record) -> Option<String> {
    let unseen = |region: RegionCode| !principal.sees_code(&reference.regions, region);
    let (code, region) = replaced(reference, record)?;
    (unseen(region) || depot_replaced(reference, record).is_some_and(unseen)).then_some(code)
}

/// Everything that keeps a file's records from fitting, by their place in the file.
pub fn misfits(reference: &Reference, records: &[Record]) -> Vec<(usize, Refusal)> {
    let with_all = reference.with(records.iter().cloned());
    let check = |(place, record)| with_all.check(record).err().map(|refusal| (place, refusal));
    records.iter().enumerate().filter_map(check).collect()
}
