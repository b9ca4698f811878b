//! Why a use-case did not answer.
//!
//! Lives here: refusals of the rules beside faults of the world. Does not live here: words and
//! statuses. Invariant: each variant tells the caller whether anything was written.

use uuid::Uuid;

use crate::domain::access::Action;
use crate::domain::refusal::{Fault, Refusal};
use crate::store::fault::StoreFault;

/// Everything that can stand in the way of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The rules say no; nothing was written but the receipt of the refusal.
    Refused(Refusal),
    /// Values that cannot be; nothing was written.
    Invalid(Vec<Fault>),
    /// No key, an unknown one, or one that is no longer valid.
    Unauthenticated,
    /// The role may not do this.
    Forbidden(Action),
    /// Nothing of this kind has this code, or it is out of scope.
    NotFound { kind: &'static str, code: String },
    /// `as_of` in the past where only stock can answer it.
    AsOfUnsupported,
    /// The key has been used for another request.
    KeyReused { key: String },
    /// The resource is not the version that the caller named.
    PreconditionFailed { code: String },
    /// The connection was lost during COMMIT; the same request with the same key tells.
    OutcomeUnknown,
    /// The database cannot be reached or is busy; nothing was written.
    Unavailable,
    /// More is waiting than can be served in time; nothing was written.
    Overloaded,
    /// No room on the disk; nothing was written.
    NoSpace,
    /// A fault of this program or of what the database holds; the text is for the log.
    Broken(String),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Invalid(faults) => Self::Invalid(faults),
            other => Self::Refused(other),
        }
    }
}

impl From<StoreFault> for Failure {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Lost(_) | StoreFault::Busy(_) | StoreFault::ReadOnly(_) => {
                tracing::warn!(%fault, "the database did not serve");
                Self::Unavailable
            }
            StoreFault::Full(_) => Self::NoSpace,
            StoreFault::Unusable(_) | StoreFault::Corrupt(_) | StoreFault::Bug(_) => {
                Self::Broken(fault.to_string())
            }
        }
    }
}

impl Failure {
    /// That nothing of this kind has this code.
    pub fn not_found(kind: &'static str, code: impl ToString) -> Self {
        Self::NotFound { kind, code: code.to_string() }
    }

    /// That no movement has this id.
    pub fn no_movement(id: Uuid) -> Self {
        Self::not_found("movement", id)
    }
}
