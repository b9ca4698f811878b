//! Who is asking: keys made, revoked and recognised.
//!
//! Lives here: from a key's text to a principal, and the register of keys. Does not live here: what
//! a role may do (`domain::access`). Invariant: the key itself is printed once and stored nowhere.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::domain::access::{Action, ApiKey, Principal, Role};
use crate::domain::chain;
use crate::domain::reference::{Record, Reference};
use crate::domain::region::RegionCode;

use super::book::{Book, Reading, now, plain_amendment};
use super::failure::Failure;

/// What every key starts with, so that a leaked one is recognised.
const KEY_PREFIX: &str = "cp_";

/// Who holds this key, in the snapshot that the request will be answered from.
///
/// # Errors
/// `Unauthenticated` for an unknown, revoked or expired key.
pub fn authenticate(reading: &Reading, key: &str) -> Result<Principal, Failure> {
    let digest = chain::digest(key.as_bytes());
    let today = now().shanghai_date();
    let found = reading.position.reference.keys.get(&digest).filter(|key| key.valid_on(today));
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
