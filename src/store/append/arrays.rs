//! A batch as one PostgreSQL statement: one array a column, whatever the number of rows.
//!
//! Lives here: the statement and its arrays. Does not live here: what the rows are (`append`).
//! Invariant: its text never changes, so that it is prepared once a session.

use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::sql_types::{Array, BigInt, Binary, Date, Nullable, Text};

use super::{
    BalanceAfter, BalanceRow, Batch, End, EntryRow, LineRow, LotRow, ReceiptRow, lines,
    missing_balance, receipts,
};
use crate::store::fault::Stored;

/// Declares the rows of one table turned on their side: a vector a column.
macro_rules! columns {
    ($name:ident from $row:ident { $($column:ident: $kind:ty = $sql:ty),* $(,)? }) => {
        #[derive(Default)]
        struct $name<'a> {
            $($column: Vec<$kind>,)*
            /// Where no column borrows.
            rows: std::marker::PhantomData<&'a ()>,
        }

        impl<'a> $name<'a> {
            fn of(rows: impl Iterator<Item = $row<'a>>) -> Self {
                let mut all = Self::default();
                for row in rows {
                    $(all.$column.push(row.$column);)*
                }
                all
            }

            /// `unnest($1, $2, …) AS rows (first, second, …)`
            fn unnest<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                out.push_sql("unnest(");
                let mut first = true;
                $(
                    if !std::mem::take(&mut first) {
                        out.push_sql(", ");
                    }
                    out.push_bind_param::<Array<$sql>, _>(&self.$column)?;
                )*
                out.push_sql(concat!(") AS rows (", columns!(@names $($column),*), ")"));
                Ok(())
            }
        }
    };
    (@names $first:ident $(, $rest:ident)*) => {
        concat!(stringify!($first) $(, ", ", stringify!($rest))*)
    };
}

columns!(Lots from LotRow {
    id: i64 = BigInt,
    item: &'a str = Text,
    lot_no: Option<&'a str> = Nullable<Text>,
    manufacturer: Option<&'a str> = Nullable<Text>,
    produced_on: Option<NaiveDate> = Nullable<Date>,
    expires_on: Option<NaiveDate> = Nullable<Date>,
    unit_price_fen: Option<i64> = Nullable<BigInt>,
    source: Option<&'a str> = Nullable<Text>,
});

columns!(Entries from EntryRow {
    seq: i64 = BigInt,
    id: String = Text,
    kind: &'static str = Text,
    type_: &'static str = Text,
    occurred_at: i64 = BigInt,
    recorded_at: i64 = BigInt,
    principal: String = Text,
    recorded_by: &'a str = Text,
    organization: &'a str = Text,
    document_no: Option<&'a str> = Nullable<Text>,
    document_key: Option<String> = Nullable<Text>,
    order_no: Option<&'a str> = Nullable<Text>,
    counterparty: Option<&'a str> = Nullable<Text>,
    handled_by: Option<&'a str> = Nullable<Text>,
    checked_by: Option<&'a str> = Nullable<Text>,
    approved_by: Option<&'a str> = Nullable<Text>,
    reason: Option<&'a str> = Nullable<Text>,
    note: Option<&'a str> = Nullable<Text>,
    reversal_of: Option<String> = Nullable<Text>,
    hash: &'a [u8] = Binary,
    key: &'a str = Text,
    request_hash: &'a [u8] = Binary,
});

columns!(Lines from LineRow {
    seq: i64 = BigInt,
    line_no: i64 = BigInt,
    request_line: i64 = BigInt,
    lot_id: i64 = BigInt,
    quantity: i64 = BigInt,
    from_place: &'static str = Text,
    from_depot: Option<&'a str> = Nullable<Text>,
    from_owner: Option<&'a str> = Nullable<Text>,
    from_condition: Option<&'static str> = Nullable<Text>,
    to_place: &'static str = Text,
    to_depot: Option<&'a str> = Nullable<Text>,
    to_owner: Option<&'a str> = Nullable<Text>,
    to_condition: Option<&'static str> = Nullable<Text>,
    occurred_at: i64 = BigInt,
});

columns!(Balances from BalanceRow {
    depot: &'a str = Text,
    owner: &'a str = Text,
    place: &'static str = Text,
    condition: &'static str = Text,
    lot_id: i64 = BigInt,
    quantity: i64 = BigInt,
    last_occurred_at: i64 = BigInt,
});

columns!(Receipts from ReceiptRow {
    principal: String = Text,
    key: &'a str = Text,
    request_hash: &'a [u8] = Binary,
    status: i64 = BigInt,
    body: &'a str = Text,
    created_at: i64 = BigInt,
    no: i64 = BigInt,
});

/// The whole batch. The head is moved first, if it stands where the batch begins, and all other
/// parts are of as many rows as heads were moved: one or none.
struct Append<'a> {
    from: &'a End,
    to: &'a End,
    lots: Lots<'a>,
    entries: Entries<'a>,
    lines: Lines<'a>,
    changed: Balances<'a>,
    new: Balances<'a>,
    receipts: Receipts<'a>,
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
        self.lots.unnest(&mut out)?;
        out.push_sql(
            "), entries AS (INSERT INTO entry (seq, id, kind, type, occurred_at, recorded_at, \
             principal, recorded_by, organization, document_no, document_key, order_no, \
             counterparty, handled_by, checked_by, approved_by, reason, note, reversal_of, hash, \
             key, request_hash) SELECT rows.* FROM moved, ",
        );
        self.entries.unnest(&mut out)?;
        out.push_sql(
            "), lines AS (INSERT INTO line (seq, line_no, request_line, lot_id, quantity, \
             from_place, from_depot, from_owner, from_condition, to_place, to_depot, to_owner, \
             to_condition, occurred_at) SELECT rows.* FROM moved, ",
        );
        self.lines.unnest(&mut out)?;
        out.push_sql(
            "), kept AS (INSERT INTO receipt (principal, key, request_hash, status, body, \
             created_at, no) SELECT rows.* FROM moved, ",
        );
        self.receipts.unnest(&mut out)?;
        out.push_sql(
            "), new AS (INSERT INTO balance (depot, owner, place, condition, lot_id, quantity, \
             last_occurred_at) SELECT rows.* FROM moved, ",
        );
        self.new.unnest(&mut out)?;
        out.push_sql(
            "), changed AS (UPDATE balance SET quantity = rows.quantity, \
             last_occurred_at = rows.last_occurred_at FROM moved, ",
        );
        self.changed.unnest(&mut out)?;
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
        lots: Lots::of(batch.new_lots.iter().map(|lot| LotRow::new(lot))),
        entries: Entries::of(batch.entries.iter().map(EntryRow::new)),
        lines: Lines::of(lines(&batch)),
        known: i64::try_from(changed.len()).unwrap_or(i64::MAX),
        changed: Balances::of(changed.into_iter().map(BalanceRow::new)),
        new: Balances::of(new.into_iter().map(BalanceRow::new)),
        receipts: Receipts::of(receipts(&batch)),
    };
    let moved: Result<Vec<i64>, Error> = whole.load(conn);
    match moved {
        Ok(moved) => Ok(!moved.is_empty()),
        Err(error) if error.to_string().contains("division by zero") => Err(missing_balance()),
        Err(error) => Err(error.into()),
    }
}
