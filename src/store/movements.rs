//! Finding movements: by id, by document, by what they touched.
//!
//! Lives here: the look-ups that a decision or a list needs. Does not live here: appending.
//! Invariant: results are in the order of the book.

use std::collections::HashMap;

use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use uuid::Uuid;

use crate::domain::calendar::Instant;
use crate::domain::movement::{Movement, MovementType, normalised_document_no};
use crate::domain::posting::Booked;

use super::dialect::{Db, on_engine};
use super::fault::{Stored, corrupt};
use super::rows::{EntryRow, with_lines};
use super::schema::{entry, line, lot};

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

/// What a list of movements is narrowed to; `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only movements with a line at one of these depots.
    pub depots: Option<Vec<String>>,
    pub item: Option<String>,
    pub kind: Option<MovementType>,
    pub document_no: Option<String>,
    /// At or after this place of the book.
    pub from_seq: i64,
    /// Not after this place: the snapshot that the answer names.
    pub to_seq: i64,
    pub occurred_from: Option<Instant>,
    pub occurred_before: Option<Instant>,
}

/// That an entry has a line at one of some depots: any number of codes in one parameter.
struct Touching {
    sql: [&'static str; 3],
    /// The codes as a JSON array.
    codes: String,
}

fn touching(db: &Db, depots: &[String]) -> Touching {
    let sql = match db {
        Db::Sqlite(_) => [
            "EXISTS (SELECT 1 FROM line WHERE line.seq = entry.seq AND (line.from_depot IN \
             (SELECT value FROM json_each(",
            ")) OR line.to_depot IN (SELECT value FROM json_each(",
            "))))",
        ],
        Db::Postgres(_) => [
            "EXISTS (SELECT 1 FROM line WHERE line.seq = entry.seq AND (line.from_depot IN \
             (SELECT json_array_elements_text(CAST(",
            " AS json))) OR line.to_depot IN (SELECT json_array_elements_text(CAST(",
            " AS json)))))",
        ],
    };
    let codes = serde_json::Value::from(depots.to_vec()).to_string();
    Touching { sql, codes }
}

/// The next movements that pass the filter, in the order of the book.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn list(db: &mut Db, filter: &Filter, limit: i64) -> Stored<Vec<Movement>> {
    let touching = filter.depots.as_deref().map(|depots| touching(db, depots));
    let entries: Vec<EntryRow> = on_engine!(db, conn => {
        let mut query = entry::table
            .filter(entry::seq.ge(filter.from_seq))
            .filter(entry::seq.le(filter.to_seq))
            .order(entry::seq)
            .limit(limit)
            .select(EntryRow::as_select())
            .into_boxed();
        if let Some(kind) = filter.kind {
            query = query.filter(entry::type_.eq(kind.as_str()));
        }
        if let Some(number) = &filter.document_no {
            query = query.filter(entry::document_key.eq(normalised_document_no(number)));
        }
        if let Some(from) = filter.occurred_from {
            query = query.filter(entry::occurred_at.ge(from.0));
        }
        if let Some(before) = filter.occurred_before {
            query = query.filter(entry::occurred_at.lt(before.0));
        }
        if let Some(item) = &filter.item {
            let of_item = line::table
                .inner_join(lot::table)
                .filter(lot::item.eq(item))
                .select(line::seq);
            query = query.filter(entry::seq.eq_any(of_item));
        }
        if let Some(Touching { sql: [first, second, third], codes }) = touching {
            query = query.filter(
                sql::<Bool>(first)
                    .bind::<Text, _>(codes.clone())
                    .sql(second)
                    .bind::<Text, _>(codes)
                    .sql(third),
            );
        }
        query.load(conn)
    })?;
    with_lines(db, entries)
}
