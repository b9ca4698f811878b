//! The head row: the end of the book, and the lock that every write takes first.
//!
//! Lives here: reading, locking and moving the head. Does not live here: entries. Invariant: it is
//! moved only within the transaction that locked it.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary};

use crate::domain::position::Head;

use super::dialect::{Db, on_engine};
use super::fault::{StoreFault, Stored, corrupt};
use super::schema::head;

/// Where the last write left the book. Every write moves it, so that who still finds the end that a
/// decision was made at knows that nothing has been written since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    pub head: Head,
    /// How many answers are kept: refusals and imports, which are no entries.
    pub kept: i64,
}

type Row = (i64, Vec<u8>, i64, i64);

fn to_domain((seq, hash, reference_rev, kept): Row) -> Stored<End> {
    let hash = <[u8; 32]>::try_from(hash).map_err(|_| corrupt("head hash of entry", seq))?;
    Ok(End { head: Head { seq, hash, reference_rev }, kept })
}

/// The head as it stands.
///
/// # Errors
/// `Lost`, or `Corrupt` where there is no head row.
pub fn read(db: &mut Db) -> Stored<Head> {
    end(db).map(|end| end.head)
}

/// The end as it stands.
///
/// # Errors
/// As of `read`.
pub fn end(db: &mut Db) -> Stored<End> {
    db.check_place()?;
    let query = head::table.select((head::seq, head::hash, head::reference_rev, head::kept));
    let row: Option<Row> = on_engine!(db, conn => query.get_result(conn).optional())?;
    to_domain(row.ok_or_else(|| StoreFault::Corrupt("no head row".to_string()))?)
}

/// Starts a write transaction and locks the head: no other process can number an entry until it
/// ends.
///
/// # Errors
/// `Busy` or `Lost`; the transaction is then rolled back.
pub fn lock(db: &mut Db) -> Stored<End> {
    db.begin_write()?;
    let locked = match db {
        Db::Sqlite(_) => end(db),
        Db::Postgres(conn) => head::table
            .select((head::seq, head::hash, head::reference_rev, head::kept))
            .for_update()
            .get_result::<Row>(&mut **conn)
            .map_err(StoreFault::from)
            .and_then(to_domain),
    };
    if locked.is_err() {
        db.rollback();
    }
    locked
}

/// Moves the head, within the transaction that locked it.
///
/// # Errors
/// Any fault; the transaction must then be rolled back.
pub fn advance(db: &mut Db, to: &End) -> Stored<()> {
    let moving = Moving(to);
    on_engine!(db, conn => moving.execute(conn))?;
    Ok(())
}

/// As a text that is prepared once: an update by the query builder would be planned each time.
#[derive(Clone, Copy)]
struct Moving<'a>(&'a End);

impl QueryId for Moving<'_> {
    type QueryId = Moving<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Conn> RunQueryDsl<Conn> for Moving<'_> {}

impl<DB> QueryFragment<DB> for Moving<'_>
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
    [u8]: ToSql<Binary, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        let End { head, kept } = self.0;
        out.push_sql("UPDATE head SET seq = ");
        out.push_bind_param::<BigInt, _>(&head.seq)?;
        out.push_sql(", hash = ");
        out.push_bind_param::<Binary, _>(head.hash.as_slice())?;
        out.push_sql(", reference_rev = ");
        out.push_bind_param::<BigInt, _>(&head.reference_rev)?;
        out.push_sql(", kept = ");
        out.push_bind_param::<BigInt, _>(kept)
    }
}
