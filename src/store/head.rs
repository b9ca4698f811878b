//! The head row: the end of the book, and the lock that every write takes first.
//!
//! Lives here: reading, locking and moving the head. Does not live here: entries. Invariant: it is
//! moved only within the transaction that locked it.

use diesel::prelude::*;

use crate::domain::position::Head;

use super::dialect::{Db, on_engine};
use super::fault::{StoreFault, Stored, corrupt};
use super::schema::head;

type Row = (i64, Vec<u8>, i64);

fn to_domain((seq, hash, reference_rev): Row) -> Stored<Head> {
    let hash = <[u8; 32]>::try_from(hash).map_err(|_| corrupt("head hash of entry", seq))?;
    Ok(Head { seq, hash, reference_rev })
}

/// The head as it stands.
///
/// # Errors
/// `Lost`, or `Corrupt` where there is no head row.
pub fn read(db: &mut Db) -> Stored<Head> {
    db.check_place()?;
    let query = head::table.select((head::seq, head::hash, head::reference_rev));
    let row: Option<Row> = on_engine!(db, conn => query.get_result(conn).optional())?;
    to_domain(row.ok_or_else(|| StoreFault::Corrupt("no head row".to_string()))?)
}

/// Starts a write transaction and locks the head: no other process can number an entry until it
/// ends.
///
/// # Errors
/// `Busy` or `Lost`; the transaction is then rolled back.
pub fn lock(db: &mut Db) -> Stored<Head> {
    db.begin_write()?;
    let locked = match db {
        Db::Sqlite(_) => read(db),
        Db::Postgres(conn) => head::table
            .select((head::seq, head::hash, head::reference_rev))
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
pub fn advance(db: &mut Db, to: &Head) -> Stored<()> {
    let values = (
        head::seq.eq(to.seq),
        head::hash.eq(to.hash.to_vec()),
        head::reference_rev.eq(to.reference_rev),
    );
    on_engine!(db, conn => diesel::update(head::table).set(values).execute(conn))?;
    Ok(())
}
