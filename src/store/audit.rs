//! What only `verify` asks of the ledger's rows: what no hash covers and the chain still decides.
//!
//! Lives here: columns kept for looking things up, and the count of lots. Does not live here: the
//! chain and the balances (`service::verify`). Invariant: it reads, nothing else.

use diesel::prelude::*;

use crate::domain::movement::normalised_document_no;

use super::dialect::{Db, on_engine};
use super::fault::Stored;
use super::schema::{entry, line, lot};

/// Of the entries after `after` up to `last`, the first whose lookup columns do not say what the
/// hashed ones do: the instant on its lines, the key of its document.
///
/// # Errors
/// `Lost` and the like.
pub fn first_misfiled(db: &mut Db, after: i64, last: i64) -> Stored<Option<i64>> {
    let lines = line::table
        .inner_join(entry::table.on(line::seq.eq(entry::seq)))
        .filter(line::seq.gt(after).and(line::seq.le(last)))
        .filter(line::occurred_at.ne(entry::occurred_at))
        .select(diesel::dsl::min(line::seq));
    let undated: Option<i64> = on_engine!(db, conn => lines.first(conn))?;
    let documents = entry::table
        .filter(entry::seq.gt(after).and(entry::seq.le(last)))
        .filter(entry::document_no.is_not_null().or(entry::document_key.is_not_null()))
        .order(entry::seq)
        .select((entry::seq, entry::document_no, entry::document_key));
    let documents: Vec<(i64, Option<String>, Option<String>)> =
        on_engine!(db, conn => documents.load(conn))?;
    let unkeyed = documents
        .into_iter()
        .find(|(_, number, key)| number.as_deref().map(normalised_document_no) != *key)
        .map(|(seq, _, _)| seq);
    Ok([undated, unkeyed].into_iter().flatten().min())
}

/// How many lots are stored.
///
/// # Errors
/// `Lost` and the like.
pub fn count_of_lots(db: &mut Db) -> Stored<i64> {
    Ok(on_engine!(db, conn => lot::table.count().get_result(conn))?)
}
