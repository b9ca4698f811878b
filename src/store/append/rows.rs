//! A batch on SQLite: one cached statement a row.
//!
//! Lives here: their order. Does not live here: what the rows are (`append`). Invariant: no text
//! changes from row to row, so that each is prepared once a session.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;

use super::{BalanceRow, Batch, EntryRow, LotRow, lines, missing_balance, receipts};
use crate::store::fault::Stored;
use crate::store::schema::{balance, entry, line, lot, receipt};

pub(super) fn append(conn: &mut SqliteConnection, batch: Batch<'_>) -> Stored<()> {
    for new in batch.new_lots {
        diesel::insert_into(lot::table).values(LotRow::new(new)).execute(conn)?;
    }
    for new in batch.entries {
        diesel::insert_into(entry::table).values(EntryRow::new(new)).execute(conn)?;
    }
    for row in lines(&batch) {
        diesel::insert_into(line::table).values(row).execute(conn)?;
    }
    for after in batch.balances {
        let row = BalanceRow::new(after);
        if after.is_new {
            diesel::insert_into(balance::table).values(row).execute(conn)?;
        } else if (Changed { row }).execute(conn)? != 1 {
            return Err(missing_balance());
        }
    }
    for row in receipts(&batch) {
        diesel::insert_into(receipt::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// A balance that was there, as it is now; an update by the query builder is planned each time.
struct Changed<'a> {
    row: BalanceRow<'a>,
}

impl QueryId for Changed<'_> {
    type QueryId = Changed<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<SqliteConnection> for Changed<'_> {}

impl QueryFragment<Sqlite> for Changed<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let row = &self.row;
        out.push_sql("UPDATE balance SET quantity = ");
        out.push_bind_param::<BigInt, _>(&row.quantity)?;
        out.push_sql(", last_occurred_at = ");
        out.push_bind_param::<BigInt, _>(&row.last_occurred_at)?;
        out.push_sql(" WHERE depot = ");
        out.push_bind_param::<Text, _>(row.depot)?;
        out.push_sql(" AND owner = ");
        out.push_bind_param::<Text, _>(row.owner)?;
        out.push_sql(" AND place = ");
        out.push_bind_param::<Text, _>(row.place)?;
        out.push_sql(" AND condition = ");
        out.push_bind_param::<Text, _>(row.condition)?;
        out.push_sql(" AND lot_id = ");
        out.push_bind_param::<BigInt, _>(&row.lot_id)
    }
}
