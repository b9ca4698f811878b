//! Events: who may see and store which, and their allocation at the present instant.
//!
//! Lives here: scope, the conditional write. Does not live here: who gets what
//! (`domain::scenario`). Invariant: an event is seen by whoever sees all that it names, and by
//! nobody else.

use std::sync::Arc;

use crate::domain::access::{Action, Principal};
use crate::domain::closure::ClosedWay;
use crate::domain::event::Event;
use crate::domain::reference::{Record, Reference};

use super::access::authorise;
use super::book::{Amendment, Book, Precondition};
use super::failure::Failure;

/// Whether all that an event names lies in scope.
pub fn sees(principal: &Principal, reference: &Reference, event: &Event) -> bool {
    let regions = &reference.regions;
    let depot = |code: &crate::domain::catalogue::Code| {
        reference
            .depots
            .by_code(code.as_str())
            .is_some_and(|depot| principal.sees_code(regions, depot.region))
    };
    event.areas.iter().all(|area| principal.sees_code(regions, area.region))
        && event.closures.iter().all(|closure| {
            let way = match &closure.way {
                ClosedWay::Pair { depot: from } => depot(from),
                ClosedWay::Area | ClosedWay::Roads(_) => true,
            };
            way && closure.region.is_none_or(|region| principal.sees_code(regions, region))
        })
        && event.disabled_depots.iter().all(depot)
}

/// The event of a code, if the caller sees it.
///
/// # Errors
/// `NotFound` for a code that is unknown or out of scope.
pub fn find(
    reference: &Reference,
    principal: &Principal,
    code: &str,
) -> Result<Arc<Event>, Failure> {
    let found = reference.events.by_code(code);
    found
        .filter(|event| sees(principal, reference, event))
        .cloned()
        .ok_or_else(|| Failure::not_found("event", code))
}

/// Stores an event if `expected` holds for the one that is there; one out of sight is not there to
/// be replaced.
///
/// # Errors
/// `Forbidden`, `Refused` for codes that nothing has, `PreconditionFailed`, or any fault of the
/// database.
pub async fn store(
    book: &Book,
    principal: &Principal,
    event: Event,
    expected: impl Fn(Option<&Event>) -> bool + Send + 'static,
) -> Result<i64, Failure> {
    authorise(principal, Action::Plan)?;
    let (who, code) = (principal.clone(), event.code.to_string());
    let precondition: Precondition = Box::new(move |reference| {
        let present = reference.events.by_code(&code).map(AsRef::as_ref);
        let hidden = present.is_some_and(|event| !sees(&who, reference, event));
        if hidden || !expected(present) {
            return Err(Failure::PreconditionFailed { code: code.clone() });
        }
        Ok(())
    });
    let records = vec![Record::Event(event)];
    let amendment = Amendment { records, precondition, settings: Vec::new() };
    book.amend_in_time(amendment).await
}
