//! Reference data: read within scope, written under the head lock.
//!
//! Lives here: who may write which record, and the check of a whole file before it is written. Does
//! not live here: shapes on the wire. Invariant: a file is taken whole or not at all.

use crate::domain::access::{Action, Principal};
use crate::domain::reference::{Record, Reference, unknown};
use crate::domain::refusal::Refusal;
use crate::domain::region::RegionCode;

use super::access::authorise;
use super::book::{Amendment, Book, Precondition};
use super::failure::Failure;

/// What writing this record needs.
pub fn action_of(record: &Record) -> Action {
    match record {
        Record::Quota(_) => Action::Plan,
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
        Record::Quota(row) => Some(row.region),
        Record::Profile(row) => Some(row.region),
        Record::Key(row) => Some(row.region),
        Record::Item(_) | Record::Need(_) => None,
    }
}

fn in_scope(principal: &Principal, reference: &Reference, record: &Record) -> bool {
    let regions = &reference.regions;
    let Some(code) = region_of(record) else {
        return true;
    };
    match record {
        // A new region lies where its parent lies.
        Record::Region(row) if regions.find(code).is_none() => {
            principal.region.is_none()
                || row.parent.is_some_and(|parent| principal.sees_code(regions, parent))
        }
        // An unknown region is refused by the check of the record itself.
        _ => principal.sees_code(regions, code) || regions.find(code).is_none(),
    }
}

/// Writes one record if `precondition` holds under the lock.
///
/// # Errors
/// `Forbidden`, `Refused`, `PreconditionFailed`, or any fault of the database.
pub async fn put(
    book: &Book,
    principal: &Principal,
    record: Record,
    precondition: Precondition,
) -> Result<i64, Failure> {
    authorise(principal, action_of(&record))?;
    let (who, what) = (principal.clone(), record.clone());
    let guarded: Precondition = Box::new(move |reference| {
        if !in_scope(&who, reference, &what) {
            let code = region_of(&what).map(|code| code.to_string()).unwrap_or_default();
            return Err(unknown("region", &code, "/region").into());
        }
        precondition(reference)
    });
    let amendment =
        Amendment { records: vec![record], precondition: guarded, settings: Vec::new() };
    book.amend(amendment).await
}

/// Everything that keeps a file's records from fitting, by their place in the file.
pub fn misfits(reference: &Reference, records: &[Record]) -> Vec<(usize, Refusal)> {
    let with_all = reference.with(records.iter().cloned());
    let check = |(place, record)| with_all.check(record).err().map(|refusal| (place, refusal));
    records.iter().enumerate().filter_map(check).collect()
}
