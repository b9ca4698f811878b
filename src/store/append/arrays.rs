//! A batch as one PostgreSQL statement: one array a table, whatever the number of rows.
//!
//! Lives here: the statement and how rows travel. Does not live here: what the rows are (`append`).
//! Invariant: its text never changes, so that it is prepared once a session.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::serialize::{self, Output, ToSql, WriteTuple};
use diesel::sql_types::{Array, BigInt, Binary, Date, HasSqlType, Nullable, SqlType, Text};

use super::{
    BalanceAfter, BalanceRow, Batch, End, EntryRow, LineRow, LotRow, ReceiptRow, lines,
    missing_balance, receipts,
};
use crate::store::fault::{StoreFault, Stored};

/// Declares how the rows of one table travel: the type of one, and its fields in their order.
macro_rules! records {
    ($name:ident = $type:tt from $row:ident { $($field:ident: $sql:ty),* $(,)? }) => {
        #[derive(SqlType, QueryId)]
        #[diesel(postgres_type(name = $type))]
        struct $name;

        impl ToSql<$name, Pg> for $row<'_> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                WriteTuple::<($($sql,)*)>::write_tuple(&($(&self.$field,)*), out)
            }
        }
    };
}

records!(NewEntry = "new_entry" from EntryRow {
    seq: BigInt,
    id: Text,
    type_: Text,
    occurred_at: BigInt,
    recorded_at: BigInt,
    principal: Text,
    recorded_by: Text,
    organization: Text,
    document_no: Nullable<Text>,
    document_key: Nullable<Text>,
    order_no: Nullable<Text>,
    counterparty: Nullable<Text>,
    handled_by: Nullable<Text>,
    checked_by: Nullable<Text>,
    approved_by: Nullable<Text>,
    reason: Nullable<Text>,
    note: Nullable<Text>,
    reversal_of: Nullable<Text>,
    hash: Binary,
    key: Text,
    request_hash: Binary,
});

records!(NewLot = "new_lot" from LotRow {
    id: BigInt,
    item: Text,
    lot_no: Nullable<Text>,
    manufacturer: Nullable<Text>,
    produced_on: Nullable<Date>,
    expires_on: Nullable<Date>,
    unit_price_fen: Nullable<BigInt>,
    source: Nullable<Text>,
});

records!(NewLine = "new_line" from LineRow {
    seq: BigInt,
    line_no: BigInt,
    request_line: BigInt,
    lot_id: BigInt,
    quantity: BigInt,
    from_place: Text,
    from_depot: Nullable<Text>,
    from_owner: Nullable<Text>,
    from_condition: Nullable<Text>,
    to_place: Text,
    to_depot: Nullable<Text>,
    to_owner: Nullable<Text>,
    to_condition: Nullable<Text>,
    occurred_at: BigInt,
});

records!(NewBalance = "new_balance" from BalanceRow {
    depot: Text,
    owner: Text,
    place: Text,
    condition: Text,
    lot_id: BigInt,
    quantity: BigInt,
    last_occurred_at: BigInt,
});

records!(NewReceipt = "new_receipt" from ReceiptRow {
    principal: Text,
    key: Text,
    request_hash: Binary,
    status: BigInt,
    body: Text,
    created_at: BigInt,
    no: BigInt,
});

/// Learns by what numbers this database knows the types, so that no write has to ask.
pub(super) fn acquaint(conn: &mut PgConnection) -> Stored<()> {
    let types: [fn(&mut PgConnection) -> bool; 5] = [
        knows::<NewEntry>,
        knows::<NewLot>,
        knows::<NewLine>,
        knows::<NewBalance>,
        knows::<NewReceipt>,
    ];
    if types.into_iter().all(|knows| knows(conn)) {
        return Ok(());
    }
    Err(StoreFault::Lost("the types of a batch's rows could not be learnt".to_string()))
}

fn knows<T>(conn: &mut PgConnection) -> bool
where
    Pg: HasSqlType<T>,
{
    <Pg as HasSqlType<T>>::metadata(conn).oid().is_ok()
}

/// The whole batch. The head is moved first, if it stands where the batch begins, and all other
/// parts are of as many rows as heads were moved: one or none.
struct Append<'a> {
    from: &'a End,
    to: &'a End,
    lots: Vec<LotRow<'a>>,
    entries: Vec<EntryRow<'a>>,
    lines: Vec<LineRow<'a>>,
    changed: Vec<BalanceRow<'a>>,
    new: Vec<BalanceRow<'a>>,
    receipts: Vec<ReceiptRow<'a>>,
    /// How many balances must be there to be changed.
    known: i64,
}

impl QueryId for Append<'_> {
    type QueryId = Append<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Append<'_> {
    type SqlType = BigInt;
}

impl RunQueryDsl<PgConnection> for Append<'_> {}

/// `unnest($n) AS rows`: one array, whatever the number of rows and of their fields.
fn rows<'b, T, R>(out: &mut AstPass<'_, 'b, Pg>, rows: &'b Vec<R>) -> QueryResult<()>
where
    Pg: HasSqlType<T>,
    R: ToSql<T, Pg>,
    T: 'static,
{
    out.push_sql("unnest(");
    out.push_bind_param::<Array<T>, _>(rows)?;
    out.push_sql(") AS rows");
    Ok(())
}

fn end<'b>(out: &mut AstPass<'_, 'b, Pg>, end: &'b End, between: &str) -> QueryResult<()> {
    out.push_sql("seq = ");
    out.push_bind_param::<BigInt, _>(&end.head.seq)?;
    out.push_sql(between);
    out.push_sql("hash = ");
    out.push_bind_param::<Binary, _>(end.head.hash.as_slice())?;
    out.push_sql(between);
    out.push_sql("reference_rev = ");
    out.push_bind_param::<BigInt, _>(&end.head.reference_rev)?;
    out.push_sql(between);
    out.push_sql("kept = ");
    out.push_bind_param::<BigInt, _>(&end.kept)
}

impl QueryFragment<Pg> for Append<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH moved AS (UPDATE head SET ");
        end(&mut out, self.to, ", ")?;
        out.push_sql(" WHERE ");
        end(&mut out, self.from, " AND ")?;
        out.push_sql(
            " RETURNING id), lots AS (INSERT INTO lot (id, item, lot_no, manufacturer, \
             produced_on, expires_on, unit_price_fen, source) SELECT rows.* FROM moved, ",
        );
        rows::<NewLot, _>(&mut out, &self.lots)?;
        out.push_sql(
            "), entries AS (INSERT INTO entry (kind, seq, id, type, occurred_at, recorded_at, \
             principal, recorded_by, organization, document_no, document_key, order_no, \
             counterparty, handled_by, checked_by, approved_by, reason, note, reversal_of, hash, \
             key, request_hash) SELECT 'movement', rows.* FROM moved, ",
        );
        rows::<NewEntry, _>(&mut out, &self.entries)?;
        out.push_sql(
            "), lines AS (INSERT INTO line (seq, line_no, request_line, lot_id, quantity, \
             from_place, from_depot, from_owner, from_condition, to_place, to_depot, to_owner, \
             to_condition, occurred_at) SELECT rows.* FROM moved, ",
        );
        rows::<NewLine, _>(&mut out, &self.lines)?;
        out.push_sql(
            "), kept AS (INSERT INTO receipt (principal, key, request_hash, status, body, \
             created_at, no) SELECT rows.* FROM moved, ",
        );
        rows::<NewReceipt, _>(&mut out, &self.receipts)?;
        out.push_sql(
            "), new AS (INSERT INTO balance (depot, owner, place, condition, lot_id, quantity, \
             last_occurred_at) SELECT rows.* FROM moved, ",
        );
        rows::<NewBalance, _>(&mut out, &self.new)?;
        out.push_sql(
            "), changed AS (UPDATE balance SET quantity = rows.quantity, \
             last_occurred_at = rows.last_occurred_at FROM moved, ",
        );
        rows::<NewBalance, _>(&mut out, &self.changed)?;
        // A number that is not the one expected divides by nothing, which undoes the statement.
        out.push_sql(
            " WHERE balance.depot = rows.depot AND balance.owner = rows.owner \
             AND balance.place = rows.place AND balance.condition = rows.condition \
             AND balance.lot_id = rows.lot_id RETURNING 1) \
             SELECT moved.id / CAST((SELECT count(*) FROM changed) = ",
        );
        out.push_bind_param::<BigInt, _>(&self.known)?;
        out.push_sql(" AS integer) FROM moved");
        Ok(())
    }
}

/// Whether the head stood where the batch begins; if not, nothing was done.
pub(super) fn append(conn: &mut PgConnection, batch: Batch<'_>) -> Stored<bool> {
    let (new, changed): (Vec<&BalanceAfter>, Vec<&BalanceAfter>) =
        batch.balances.iter().partition(|after| after.is_new);
    let whole = Append {
        from: batch.from,
        to: batch.to,
        lots: batch.new_lots.iter().map(|lot| LotRow::new(lot)).collect(),
        entries: batch.entries.iter().map(EntryRow::new).collect(),
        lines: lines(&batch).collect(),
        known: i64::try_from(changed.len()).unwrap_or(i64::MAX),
        changed: changed.into_iter().map(BalanceRow::new).collect(),
        new: new.into_iter().map(BalanceRow::new).collect(),
        receipts: receipts(&batch).collect(),
    };
    let moved: Result<Vec<i64>, Error> = whole.load(conn);
    match moved {
        Ok(moved) => Ok(!moved.is_empty()),
        Err(error) if error.to_string().contains("division by zero") => Err(missing_balance()),
        Err(error) => Err(error.into()),
    }
}
