//! A batch as one PostgreSQL statement: one array a column, whatever the number of rows.
//!
//! Lives here: the statement and its arrays. Does not live here: what the rows are (`append`).
//! Invariant: its text never changes, so that it is prepared once a session.

use chrono::NaiveDate;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Date, Nullable, Text};

use super::{BalanceRow, Batch, EntryRow, LineRow, LotRow, lines};
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

/// The whole batch; its parts run in one statement, which checks references at its end.
struct Append<'a> {
    lots: Lots<'a>,
    entries: Entries<'a>,
    lines: Lines<'a>,
    balances: Balances<'a>,
    seq: i64,
    hash: &'a [u8],
    reference_rev: i64,
}

impl QueryId for Append<'_> {
    type QueryId = Append<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for Append<'_> {}

impl QueryFragment<Pg> for Append<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "WITH lots AS (INSERT INTO lot (id, item, lot_no, manufacturer, produced_on, \
             expires_on, unit_price_fen, source) SELECT * FROM ",
        );
        self.lots.unnest(&mut out)?;
        out.push_sql(
            "), entries AS (INSERT INTO entry (seq, id, kind, type, occurred_at, recorded_at, \
             principal, recorded_by, organization, document_no, document_key, order_no, \
             counterparty, handled_by, checked_by, approved_by, reason, note, reversal_of, hash, \
             key, request_hash) SELECT * FROM ",
        );
        self.entries.unnest(&mut out)?;
        out.push_sql(
            "), lines AS (INSERT INTO line (seq, line_no, request_line, lot_id, quantity, \
             from_place, from_depot, from_owner, from_condition, to_place, to_depot, to_owner, \
             to_condition, occurred_at) SELECT * FROM ",
        );
        self.lines.unnest(&mut out)?;
        out.push_sql(
            "), balances AS (INSERT INTO balance (depot, owner, place, condition, lot_id, \
             quantity, last_occurred_at) SELECT * FROM ",
        );
        self.balances.unnest(&mut out)?;
        out.push_sql(
            " ON CONFLICT (depot, owner, place, condition, lot_id) DO UPDATE SET \
             quantity = EXCLUDED.quantity, last_occurred_at = EXCLUDED.last_occurred_at) \
             UPDATE head SET seq = ",
        );
        out.push_bind_param::<BigInt, _>(&self.seq)?;
        out.push_sql(", hash = ");
        out.push_bind_param::<Binary, _>(self.hash)?;
        out.push_sql(", reference_rev = ");
        out.push_bind_param::<BigInt, _>(&self.reference_rev)
    }
}

pub(super) fn append(conn: &mut PgConnection, batch: Batch<'_>) -> Stored<()> {
    let whole = Append {
        lots: Lots::of(batch.new_lots.iter().map(|lot| LotRow::new(lot))),
        entries: Entries::of(batch.entries.iter().map(EntryRow::new)),
        lines: Lines::of(lines(&batch)),
        balances: Balances::of(batch.balances.iter().map(BalanceRow::new)),
        seq: batch.head.seq,
        hash: &batch.head.hash,
        reference_rev: batch.head.reference_rev,
    };
    whole.execute(conn)?;
    Ok(())
}
