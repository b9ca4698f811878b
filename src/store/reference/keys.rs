//! Rows of keys.
//!
//! Lives here: the mapping, field by field. Does not live here: the key itself, of which only a
//! digest is kept. Invariant: a row that cannot be a domain value is reported, never mended.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::access::{ApiKey, Role};
use crate::domain::calendar::Instant;

use super::super::dialect::{Db, on_engine};
use super::super::fault::{Stored, corrupt};
use super::super::schema::api_key;
use super::{upsert_all, words};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = api_key)]
pub(super) struct KeyRow {
    id: String,
    digest: Vec<u8>,
    role: String,
    region: String,
    name: String,
    created_at: i64,
    expires_on: Option<NaiveDate>,
    revoked: bool,
    rev: i64,
}

impl KeyRow {
    pub(super) fn new(key: &ApiKey, rev: i64) -> Self {
        Self {
            id: key.id.to_string(),
            digest: key.digest.to_vec(),
            role: key.role.as_str().to_string(),
            region: key.region.to_string(),
            name: key.name.clone(),
            created_at: key.created_at.0,
            expires_on: key.expires_on,
            revoked: key.revoked,
            rev,
        }
    }

    pub(super) fn into_domain(self) -> Stored<ApiKey> {
        let digest =
            <[u8; 32]>::try_from(self.digest).map_err(|_| corrupt("digest of key", &self.id))?;
        Ok(ApiKey {
            id: words::uuid("key id", &self.id)?,
            digest,
            role: words::word("key role", &self.role, Role::parse)?,
            region: words::region("key region", &self.region)?,
            name: self.name,
            created_at: Instant(self.created_at),
            expires_on: self.expires_on,
            revoked: self.revoked,
        })
    }
}

pub(super) fn save_keys(db: &mut Db, rows: &[KeyRow]) -> Stored<()> {
    upsert_all!(
        db,
        api_key,
        id,
        rows,
        [digest, role, region, name, created_at, expires_on, revoked, rev]
    );
    Ok(())
}

pub(super) fn keys_since(db: &mut Db, rev: i64) -> Stored<Vec<KeyRow>> {
    let query = api_key::table.filter(api_key::rev.gt(rev)).order(api_key::id);
    Ok(on_engine!(db, conn => query.select(KeyRow::as_select()).load(conn))?)
}
