//! Who is asking: keys made, revoked and recognised.
//!
//! Lives here: from a key's text to a principal, and the register of keys. Does not live here: what
//! a role may do (`domain::access`). Invariant: the key itself is printed once and stored nowhere.

use std::borrow::Cow;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::access::{Action, ApiKey, Principal, Role};
use crate::domain::calendar::Instant;
use crate::domain::chain;
use crate::domain::position::Position;
use crate::domain::reference::{Record, Reference};
use crate::domain::region::RegionCode;

use super::book::{Book, now, plain_amendment};
use super::failure::Failure;

/// What every key starts with, so that a leaked one is recognised.
const KEY_PREFIX: &str = "cp_";

/// The key that a caller showed, and the revision of the register in which it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credential {
    /// SHA-256 of the key.
    pub digest: [u8; 32],
    pub reference_rev: i64,
}

/// Who holds this key, in the snapshot that the request will be answered from.
///
/// # Errors
/// `Unauthenticated` for an unknown, revoked or expired key.
pub fn authenticate(position: &Position, key: &str) -> Result<(Principal, Credential), Failure> {
    let digest = chain::digest(key.as_bytes());
    let credential = Credential { digest, reference_rev: position.head.reference_rev };
    Ok((holder(&position.reference, &credential, now())?, credential))
}

/// Who asks, once more by the register of this Position if it has changed since the key was looked
/// up; before anything is answered under the lock, replays included.
///
/// # Errors
/// `Unauthenticated` for a key that has been revoked or has expired meanwhile.
pub fn recognise_again<'a>(
    position: &Position,
    principal: &'a Principal,
    credential: Option<Credential>,
) -> Result<Cow<'a, Principal>, Failure> {
    match credential {
        Some(credential) if credential.reference_rev != position.head.reference_rev => {
            holder(&position.reference, &credential, now()).map(Cow::Owned)
        }
        _ => Ok(Cow::Borrowed(principal)),
    }
}

/// Who holds a credential by these reference data.
///
/// # Errors
/// `Unauthenticated` for a key that is unknown, revoked or expired.
pub fn holder(
    reference: &Reference,
    credential: &Credential,
    at: Instant,
) -> Result<Principal, Failure> {
    let today = at.shanghai_date();
    let found = reference.keys.get(&credential.digest).filter(|key| key.valid_on(today));
    let key = found.ok_or(Failure::Unauthenticated)?;
    Ok(Principal { id: key.id, name: key.name.clone(), role: key.role, region: Some(key.region) })
}

/// Whether the principal's role may do this.
///
/// # Errors
/// `Forbidden`.
pub fn authorise(principal: &Principal, action: Action) -> Result<(), Failure> {
    if principal.role.may(action) { Ok(()) } else { Err(Failure::Forbidden(action)) }
}

/// The single user of a demo, who needs no key.
pub fn demo_principal() -> Principal {
    Principal::operator("demo")
}

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub role: Role,
    pub region: RegionCode,
    pub name: String,
    pub expires_on: Option<NaiveDate>,
}

/// Makes a key; its text, to be shown once, and its record.
///
/// # Errors
/// `Refused` for an unknown region, or any fault of the database.
pub async fn create_key(book: &Book, new: NewKey) -> Result<(String, ApiKey), Failure> {
    let text = format!("{KEY_PREFIX}{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let key = ApiKey {
        id: Uuid::now_v7(),
        digest: chain::digest(text.as_bytes()),
        role: new.role,
        region: new.region,
        name: new.name,
        created_at: now(),
        expires_on: new.expires_on,
        revoked: false,
    };
    book.amend(plain_amendment(vec![Record::Key(key.clone())])).await?;
    Ok((text, key))
}

/// Revokes a key, effective on the next request in every process.
///
/// # Errors
/// `NotFound`, or any fault of the database.
pub async fn revoke_key(book: &Book, id: Uuid) -> Result<ApiKey, Failure> {
    let reading = book.read().await?;
    let found = keys(&reading.position.reference).into_iter().find(|key| key.id == id);
    let key = ApiKey { revoked: true, ..found.ok_or_else(|| Failure::not_found("key", id))? };
    book.amend(plain_amendment(vec![Record::Key(key.clone())])).await?;
    Ok(key)
}

/// All keys, oldest first.
pub fn keys(reference: &Reference) -> Vec<ApiKey> {
    let mut keys: Vec<ApiKey> = reference.keys.values().map(|key| key.as_ref().clone()).collect();
    keys.sort_by_key(|key| (key.created_at, key.id));
    keys
}
