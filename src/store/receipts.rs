//! Receipts: what each idempotency key has been answered.
//!
//! Lives here: the receipt rows. Does not live here: what a request hash covers. Invariant: a
//! receipt is written in the transaction of its effect, and never changed.

use std::collections::HashMap;

use diesel::prelude::*;
use uuid::Uuid;

use super::dialect::{Db, insert_all, on_engine};
use super::fault::{Stored, corrupt};
use super::schema::{entry, receipt};

/// What one key was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub principal: Uuid,
    pub key: String,
    /// SHA-256 of method, path, query and canonical body.
    pub request_hash: [u8; 32],
    pub status: u16,
    /// The movement that the request made.
    pub seq: Option<i64>,
    /// The body of a refusal.
    pub body: Option<String>,
    pub created_at: i64,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = receipt)]
struct Row {
    principal: String,
    key: String,
    request_hash: Vec<u8>,
    status: i64,
    seq: Option<i64>,
    body: Option<String>,
    created_at: i64,
}

impl TryFrom<Row> for Receipt {
    type Error = super::fault::StoreFault;

    fn try_from(row: Row) -> Stored<Self> {
        let wrong = |what| corrupt(what, &row.key);
        let request_hash = <[u8; 32]>::try_from(row.request_hash.as_slice());
        Ok(Self {
            principal: Uuid::parse_str(&row.principal).map_err(|_| wrong("receipt principal"))?,
            request_hash: request_hash.map_err(|_| wrong("receipt hash"))?,
            status: u16::try_from(row.status).map_err(|_| wrong("receipt status"))?,
            seq: row.seq,
            body: row.body,
            created_at: row.created_at,
            key: row.key,
        })
    }
}

/// The receipts of these keys, by holder and key.
///
/// # Errors
/// `Lost` and the like.
pub fn find(db: &mut Db, keys: &[(Uuid, &str)]) -> Stored<HashMap<(Uuid, String), Receipt>> {
    let mut found = HashMap::new();
    for chunk in keys.chunks(super::dialect::ROWS_PER_STATEMENT) {
        let names: Vec<&str> = chunk.iter().map(|(_, key)| *key).collect();
        let mut holders: Vec<String> = chunk.iter().map(|(id, _)| id.to_string()).collect();
        holders.sort_unstable();
        holders.dedup();
        // The holder leads the primary key: without it every receipt would be scanned.
        let query = receipt::table
            .filter(receipt::principal.eq_any(holders))
            .filter(receipt::key.eq_any(names));
        let rows: Vec<Row> = on_engine!(db, conn => query.select(Row::as_select()).load(conn))?;
        for row in rows {
            let receipt = Receipt::try_from(row)?;
            found.insert((receipt.principal, receipt.key.clone()), receipt);
        }
    }
    Ok(found)
}

/// Writes receipts in the transaction of their effects.
///
/// # Errors
/// Any fault; the transaction must then be rolled back.
pub fn insert(db: &mut Db, receipts: &[Receipt]) -> Stored<()> {
    let rows: Vec<Row> = receipts
        .iter()
        .map(|receipt| Row {
            principal: receipt.principal.to_string(),
            key: receipt.key.clone(),
            request_hash: receipt.request_hash.to_vec(),
            status: i64::from(receipt.status),
            seq: receipt.seq,
            body: receipt.body.clone(),
            created_at: receipt.created_at,
        })
        .collect();
    insert_all!(db, receipt::table, &rows);
    Ok(())
}

/// How many movements have not exactly one receipt, and how many receipts name no movement.
///
/// # Errors
/// `Lost` and the like.
pub fn count_of_movements(db: &mut Db) -> Stored<(i64, i64)> {
    use diesel::dsl::{count, count_star};
    let all = receipt::table.filter(receipt::seq.is_not_null());
    let receipts: i64 = on_engine!(db, conn => all.select(count_star()).first(conn))?;
    let movements: i64 =
        on_engine!(db, conn => all.select(count(receipt::seq).aggregate_distinct()).first(conn))?;
    Ok((receipts, movements))
}

/// The first movement that has not exactly one receipt.
///
/// # Errors
/// `Lost` and the like.
pub fn first_unpaired(db: &mut Db) -> Stored<Option<i64>> {
    use diesel::dsl::count_star;
    let named =
        receipt::table.filter(receipt::seq.is_not_null()).select(receipt::seq.assume_not_null());
    let missing =
        entry::table.filter(entry::seq.ne_all(named)).order(entry::seq).select(entry::seq);
    let missing: Option<i64> = on_engine!(db, conn => missing.first(conn).optional())?;
    let twice = receipt::table
        .filter(receipt::seq.is_not_null())
        .group_by(receipt::seq)
        .having(count_star().gt(1))
        .order(receipt::seq)
        .select(receipt::seq.assume_not_null());
    let twice: Option<i64> = on_engine!(db, conn => twice.first(conn).optional())?;
    Ok([missing, twice].into_iter().flatten().min())
}
