//! Settings of one database: short texts by name.
//!
//! Lives here: the demo mark and its date. Does not live here: configuration of the process.
//! Invariant: written under the head lock.

use diesel::prelude::*;

use super::dialect::{Db, on_engine};
use super::fault::Stored;
use super::schema::setting;

/// The value of a setting.
///
/// # Errors
/// `Lost` and the like.
pub fn read(db: &mut Db, name: &str) -> Stored<Option<String>> {
    let query = setting::table.find(name).select(setting::value);
    Ok(on_engine!(db, conn => query.first(conn).optional())?)
}

/// Sets a value.
///
/// # Errors
/// Any fault; the transaction must then be rolled back.
pub fn write(db: &mut Db, name: &str, value: &str) -> Stored<()> {
    let row = (setting::name.eq(name), setting::value.eq(value));
    on_engine!(db, conn => diesel::insert_into(setting::table)
        .values(row)
        .on_conflict(setting::name)
        .do_update()
        .set(setting::value.eq(value))
        .execute(conn))?;
    Ok(())
}
