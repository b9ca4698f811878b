//! Receipts: what each idempotency key has been answered.
//!
//! Lives here: the look-up by holder and key, on entries and on kept answers. Does not live here:
//! what a request hash covers, and writing (`append`). Invariant: a receipt is written in the
//! transaction of its effect, and never changed.

use std::collections::HashMap;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text};
use uuid::Uuid;

use super::dialect::{Db, on_engine};
use super::fault::{Stored, corrupt};
use super::schema::{entry, receipt};

pub use super::rows::KeptAnswer;

/// What one key was answered: the movement it made, or words that were kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// SHA-256 of method, path, query and canonical body.
    pub request_hash: [u8; 32],
    pub answer: Answer,
}

/// What stands behind a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The movement at this place of the book, whose own row is the receipt.
    Movement { seq: i64 },
    /// A refusal, or the reply to an import, as it was told.
    Kept { status: u16, body: String },
}

/// Principal, key, request hash, seq of the movement, status and body of what was kept.
type Found = (String, String, Vec<u8>, Option<i64>, Option<i64>, Option<String>);

/// The receipts of these keys, by holder and key.
///
/// # Errors
/// `Lost` and the like.
pub fn find(db: &mut Db, keys: &[(Uuid, &str)]) -> Stored<HashMap<(Uuid, String), Receipt>> {
    let found = match db {
        Db::Sqlite(conn) => find_one_by_one(conn, keys)?,
        Db::Postgres(conn) => {
            let query = ByKeys {
                principals: keys.iter().map(|(holder, _)| holder.to_string()).collect(),
                keys: keys.iter().map(|(_, key)| *key).collect(),
            };
            query.load(&mut **conn)?
        }
    };
    found.into_iter().map(into_receipt).collect()
}

fn into_receipt(found: Found) -> Stored<((Uuid, String), Receipt)> {
    let (principal, key, request_hash, seq, status, body) = found;
    let wrong = |what| corrupt(what, &key);
    let holder = Uuid::parse_str(&principal).map_err(|_| wrong("receipt principal"))?;
    let request_hash = request_hash.try_into().map_err(|_| wrong("receipt hash"))?;
    let answer = match (seq, status, body) {
        (Some(seq), ..) => Answer::Movement { seq },
        (None, Some(status), Some(body)) => {
            let status = u16::try_from(status).map_err(|_| wrong("receipt status"))?;
            Answer::Kept { status, body }
        }
        _ => return Err(wrong("receipt")),
    };
    Ok(((holder, key), Receipt { request_hash, answer }))
}

/// Two cached look-ups a key: SQLite answers each in microseconds. Without a `LIMIT`, whose value
/// would have the statement planned anew each time.
fn find_one_by_one(conn: &mut SqliteConnection, keys: &[(Uuid, &str)]) -> Stored<Vec<Found>> {
    let mut found = Vec::new();
    for (holder, key) in keys {
        let principal = holder.to_string();
        let booked: Option<(Vec<u8>, i64)> = entry::table
            .filter(entry::principal.eq(&principal))
            .filter(entry::key.eq(key))
            .select((entry::request_hash, entry::seq))
            .get_result(conn)
            .optional()?;
        if let Some((hash, seq)) = booked {
            found.push((principal, (*key).to_string(), hash, Some(seq), None, None));
            continue;
        }
        let kept: Option<(Vec<u8>, i64, String)> = receipt::table
            .filter(receipt::principal.eq(&principal))
            .filter(receipt::key.eq(key))
            .select((receipt::request_hash, receipt::status, receipt::body))
            .get_result(conn)
            .optional()?;
        if let Some((hash, status, body)) = kept {
            found.push((principal, (*key).to_string(), hash, None, Some(status), Some(body)));
        }
    }
    Ok(found)
}

/// All receipts of a batch in one cached statement.
struct ByKeys<'a> {
    principals: Vec<String>,
    keys: Vec<&'a str>,
}

impl QueryId for ByKeys<'_> {
    type QueryId = ByKeys<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for ByKeys<'_> {
    type SqlType = (Text, Text, Binary, Nullable<BigInt>, Nullable<BigInt>, Nullable<Text>);
}

impl RunQueryDsl<PgConnection> for ByKeys<'_> {}

impl QueryFragment<Pg> for ByKeys<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH asked AS (SELECT * FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.principals)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.keys)?;
        out.push_sql(
            ") AS t (principal, key)) \
             SELECT e.principal, e.key, e.request_hash, e.seq, \
                CAST(NULL AS BIGINT), CAST(NULL AS TEXT) \
             FROM asked JOIN entry e ON e.principal = asked.principal AND e.key = asked.key \
             UNION ALL \
             SELECT r.principal, r.key, r.request_hash, CAST(NULL AS BIGINT), r.status, r.body \
             FROM asked JOIN receipt r ON r.principal = asked.principal AND r.key = asked.key",
        );
        Ok(())
    }
}

/// The keys of what was kept after `after`, in order, at most `limit`, each with its number.
///
/// # Errors
/// `Lost` and the like.
pub fn keys_after(db: &mut Db, after: i64, limit: i64) -> Stored<Vec<(i64, String)>> {
    let query = receipt::table
        .filter(receipt::no.gt(after))
        .order(receipt::no)
        .limit(limit)
        .select((receipt::no, receipt::key));
    Ok(on_engine!(db, conn => query.load(conn))?)
}
