//! Finding movements: by id, by document.
//!
//! Lives here: the look-ups that a decision needs. Does not live here: lists (`pages`), appending.
//! Invariant: results are in the order of the book.

mod pages;

use std::collections::HashMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use uuid::Uuid;

use crate::domain::movement::{Movement, MovementType};
use crate::domain::posting::Booked;

use super::dialect::{Db, on_engine};
use super::fault::{Stored, corrupt};
use super::rows::{EntryRow, with_lines};
use super::schema::entry;

pub use pages::{Filter, list, list_looking_at};

/// Who owns a document: its type, organization and normalised number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocumentKey {
    pub kind: MovementType,
    pub organization: String,
    pub number: String,
}

diesel::alias!(entry as later: Later);

/// Normalised number, organization, type, id and seq.
type Paper = (Option<String>, String, String, String, i64);

/// The entries booked from papers of some numbers; one whose movement was reversed does not count,
/// as it may be booked anew.
macro_rules! standing_papers {
    ($number:expr) => {
        entry::table
            .filter($number)
            .filter(not(exists(
                later.filter(later.field(entry::reversal_of).eq(entry::id.nullable())),
            )))
            .order(entry::seq)
            .select((entry::document_key, entry::organization, entry::type_, entry::id, entry::seq))
    };
}

/// The first movements booked from these documents and not reversed since.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn by_document(db: &mut Db, keys: &[DocumentKey]) -> Stored<HashMap<DocumentKey, Booked>> {
    let numbers: Vec<&str> = keys.iter().map(|key| key.number.as_str()).collect();
    let mut rows: Vec<Paper> = Vec::new();
    match db {
        Db::Sqlite(conn) => {
            for number in numbers {
                let query = standing_papers!(entry::document_key.eq(number));
                rows.extend(query.load::<Paper>(&mut **conn)?);
            }
        }
        Db::Postgres(_) if numbers.is_empty() => {}
        Db::Postgres(conn) => {
            let query = standing_papers!(entry::document_key.eq_any(numbers));
            rows = query.load(&mut **conn)?;
        }
    }
    let mut found = HashMap::new();
    for (number, organization, kind, id, seq) in rows {
        let kind = MovementType::parse(&kind).ok_or_else(|| corrupt("entry type", &kind))?;
        let id = Uuid::parse_str(&id).map_err(|_| corrupt("entry id", &id))?;
        let key = DocumentKey { kind, organization, number: number.unwrap_or_default() };
        found.entry(key).or_insert(Booked { id, seq });
    }
    Ok(found)
}

/// The movements with these ids.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn by_ids(db: &mut Db, ids: &[Uuid]) -> Stored<Vec<Movement>> {
    let texts: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    let query = entry::table.filter(entry::id.eq_any(texts)).order(entry::seq);
    let entries: Vec<EntryRow> =
        on_engine!(db, conn => query.select(EntryRow::as_select()).load(conn))?;
    with_lines(db, entries)
}

/// The movements at these places of the book.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn by_seqs(db: &mut Db, seqs: &[i64]) -> Stored<Vec<Movement>> {
    let query = entry::table.filter(entry::seq.eq_any(seqs.to_vec())).order(entry::seq);
    let entries: Vec<EntryRow> =
        on_engine!(db, conn => query.select(EntryRow::as_select()).load(conn))?;
    with_lines(db, entries)
}

/// Which of these movements have been reversed, and by which.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn reversals_of(db: &mut Db, ids: &[Uuid]) -> Stored<HashMap<Uuid, Booked>> {
    let texts: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    // The index holds reversals only, and a plan made for any texts has to be told so.
    let query = entry::table
        .filter(entry::reversal_of.is_not_null())
        .filter(entry::reversal_of.eq_any(texts))
        .select((entry::reversal_of, entry::id, entry::seq));
    let rows: Vec<(Option<String>, String, i64)> = on_engine!(db, conn => query.load(conn))?;
    rows.into_iter()
        .map(|(target, id, seq)| {
            let target = target.unwrap_or_default();
            let parse = |text: &str| Uuid::parse_str(text).map_err(|_| corrupt("entry id", text));
            Ok((parse(&target)?, Booked { id: parse(&id)?, seq }))
        })
        .collect()
}
