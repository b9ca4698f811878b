//! Pages of the list of movements: the next that pass a filter, in the order of the book.
//!
//! Does not live here: who may see what. Invariant: what a page reads depends on what it holds and
//! on what its depots and item have moved, not on the length of the book before it, nor on what
//! the database knows of its tables: a book just restored has no statistics.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::domain::calendar::Instant;
use crate::domain::movement::{Movement, MovementType, normalised_document_no};
use crate::store::dialect::{Db, on_engine};
use crate::store::fault::Stored;
use crate::store::rows::{EntryRow, with_lines};
use crate::store::schema::entry;

/// Entries whose own lines are looked at, before the lines of depots and items are.
const NEAR: i64 = 10_000;

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

/// The next movements that pass the filter, in the order of the book.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn list(db: &mut Db, filter: &Filter, limit: i64) -> Stored<Vec<Movement>> {
    list_looking_at(db, filter, limit, NEAR)
}

/// The same, with so many entries looked at one by one.
///
/// Where many movements pass, a page is full after some hundred entries; where few do, it is the
/// lines of the depots and the item that are few, and they have an index.
///
/// # Errors
/// `Lost` or `Corrupt`.
pub fn list_looking_at(
    db: &mut Db,
    filter: &Filter,
    limit: i64,
    near: i64,
) -> Stored<Vec<Movement>> {
    let last_near = match filter.depots.is_some() || filter.item.is_some() {
        true => filter.to_seq.min(filter.from_seq.saturating_add(near).saturating_sub(1)),
        false => filter.to_seq,
    };
    let span = (filter.from_seq, last_near);
    let mut entries = passing(db, filter, (span, limit), Reach::EachEntry)?;
    let missing = limit.saturating_sub(i64::try_from(entries.len()).unwrap_or(limit));
    if last_near < filter.to_seq && missing > 0 {
        let span = (last_near.saturating_add(1), filter.to_seq);
        entries.extend(passing(db, filter, (span, missing), Reach::AllLines)?);
    }
    with_lines(db, entries)
}

/// How it is found out which entries touch a depot or an item.
#[derive(Debug, Clone, Copy)]
enum Reach {
    /// By each entry's lines, in the order of the book, until the page is full.
    EachEntry,
    /// By all lines of the depots and the item.
    AllLines,
}

/// The first entries from and to these places that pass the filter.
fn passing(
    db: &mut Db,
    filter: &Filter,
    ((from, to), limit): ((i64, i64), i64),
    reach: Reach,
) -> Stored<Vec<EntryRow>> {
    let depots = filter.depots.as_deref().map(|depots| touching(db, depots, reach));
    let item = filter.item.as_deref().map(|item| (holding(db, reach), item.to_string()));
    Ok(on_engine!(db, conn => {
        let mut query = entry::table
            .filter(entry::seq.ge(from))
            .filter(entry::seq.le(to))
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
        if let Some(([first, second], item)) = item {
            query = query.filter(sql::<Bool>(first).bind::<Text, _>(item).sql(second));
        }
        if let Some(Touching { sql: [first, second, third], codes }) = depots {
            query = query.filter(
                sql::<Bool>(first)
                    .bind::<Text, _>(codes.clone())
                    .sql(second)
                    .bind::<Text, _>(codes)
                    .sql(third),
            );
        }
        query.load(conn)?
    }))
}

/// That an entry has a line at one of some depots: any number of codes in one parameter.
struct Touching {
    sql: [&'static str; 3],
    /// The codes as a JSON array.
    codes: String,
}

/// PostgreSQL would make one join of an `EXISTS`, over the lines of the whole book: `OFFSET 0` has
/// it asked entry by entry.
fn touching(db: &Db, depots: &[String], reach: Reach) -> Touching {
    let sql = match (db, reach) {
        (Db::Sqlite(_), Reach::EachEntry) => [
            "EXISTS (SELECT 1 FROM line WHERE line.seq = entry.seq AND (line.from_depot IN \
             (SELECT value FROM json_each(",
            ")) OR line.to_depot IN (SELECT value FROM json_each(",
            "))))",
        ],
        (Db::Sqlite(_), Reach::AllLines) => [
            "entry.seq IN (SELECT seq FROM line WHERE from_depot IN (SELECT value FROM json_each(",
            ")) UNION SELECT seq FROM line WHERE to_depot IN (SELECT value FROM json_each(",
            ")))",
        ],
        (Db::Postgres(_), Reach::EachEntry) => [
            "EXISTS (SELECT 1 FROM line WHERE line.seq = entry.seq AND (line.from_depot IN \
             (SELECT json_array_elements_text(CAST(",
            " AS json))) OR line.to_depot IN (SELECT json_array_elements_text(CAST(",
            " AS json)))) OFFSET 0)",
        ],
        (Db::Postgres(_), Reach::AllLines) => [
            "entry.seq IN (SELECT seq FROM line WHERE from_depot = ANY(ARRAY(SELECT \
             json_array_elements_text(CAST(",
            " AS json)))) UNION SELECT seq FROM line WHERE to_depot = ANY(ARRAY(SELECT \
             json_array_elements_text(CAST(",
            " AS json)))))",
        ],
    };
    let codes = serde_json::Value::from(depots.to_vec()).to_string();
    Touching { sql, codes }
}

/// That an entry has a line of an item.
fn holding(db: &Db, reach: Reach) -> [&'static str; 2] {
    let each = "EXISTS (SELECT 1 FROM line JOIN lot ON lot.id = line.lot_id WHERE line.seq = \
                entry.seq AND lot.item = ";
    match (db, reach) {
        (Db::Sqlite(_), Reach::EachEntry) => [each, ")"],
        (Db::Postgres(_), Reach::EachEntry) => [each, " OFFSET 0)"],
        (_, Reach::AllLines) => [
            "entry.seq IN (SELECT line.seq FROM line JOIN lot ON lot.id = line.lot_id WHERE \
             lot.item = ",
            ")",
        ],
    }
}
