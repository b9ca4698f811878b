//! Rows of closures.
//!
//! Lives here: the mapping, field by field; stretches are JSON text. Does not live here: which are
//! in force. Invariant: a row that cannot be a domain value is reported, never mended.

use diesel::prelude::*;

use crate::domain::calendar::Instant;
use crate::domain::catalogue::{Code, ItemStatus};
use crate::domain::closure::{Cause, ClosedWay, ClosureKind, RoadClosure};
use crate::domain::reference::Record;

use super::super::dialect::{Db, on_engine};
use super::super::fault::{Stored, corrupt};
use super::super::schema::closure;
use super::{Rows, in_order, upsert_all, words};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = closure)]
pub(super) struct ClosureRow {
    code: String,
    kind: String,
    region: String,
    depot: Option<String>,
    roads: String,
    closed_at: i64,
    expected_reopen_at: Option<i64>,
    reopened_at: Option<i64>,
    cause: String,
    document: Option<String>,
    status: String,
    rev: i64,
}

impl ClosureRow {
    fn new(row: &RoadClosure, rev: i64) -> Stored<Self> {
        let roads: Vec<&str> = row.roads().iter().map(Code::as_str).collect();
        Ok(Self {
            code: row.code.to_string(),
            kind: row.kind().as_str().to_string(),
            region: row.region.to_string(),
            depot: row.depot().map(Code::to_string),
            roads: words::to_json(&roads)?,
            closed_at: row.closed_at.0,
            expected_reopen_at: row.expected_reopen_at.map(|at| at.0),
            reopened_at: row.reopened_at.map(|at| at.0),
            cause: row.cause.as_str().to_string(),
            document: row.document.clone(),
            status: row.status.as_str().to_string(),
            rev,
        })
    }

    pub(super) fn into_domain(self) -> Stored<RoadClosure> {
        let roads: Vec<String> = words::from_json("closure roads", &self.roads)?;
        let roads: Stored<Vec<Code>> =
            roads.iter().map(|text| words::code("closure road", text)).collect();
        let depot = words::optional_code("closure depot", self.depot.as_deref())?;
        let way = match (words::word("closure kind", &self.kind, ClosureKind::parse)?, depot) {
            (ClosureKind::Area, None) => ClosedWay::Area,
            (ClosureKind::Pair, Some(depot)) => ClosedWay::Pair { depot },
            (ClosureKind::Roads, None) => ClosedWay::Roads(roads?),
            _ => return Err(corrupt("closure kind", &self.kind)),
        };
        Ok(RoadClosure {
            code: words::code("closure code", &self.code)?,
            region: words::region("closure region", &self.region)?,
            way,
            closed_at: Instant(self.closed_at),
            expected_reopen_at: self.expected_reopen_at.map(Instant),
            reopened_at: self.reopened_at.map(Instant),
            cause: words::word("closure cause", &self.cause, Cause::parse)?,
            document: self.document,
            status: words::word("closure status", &self.status, ItemStatus::parse)?,
        })
    }
}

/// Saves the closures among the records.
pub(super) fn save(db: &mut Db, records: &[Record], rev: i64) -> Stored<()> {
    let mut rows = Rows::new();
    for record in records {
        if let Record::Closure(row) = record {
            rows.insert(row.code.to_string(), ClosureRow::new(row, rev)?);
        }
    }
    let rows = in_order(rows);
    upsert_all!(
        db,
        closure,
        code,
        &rows,
        [
            kind,
            region,
            depot,
            roads,
            closed_at,
            expected_reopen_at,
            reopened_at,
            cause,
            document,
            status,
            rev,
        ]
    );
    Ok(())
}

pub(super) fn closures_since(db: &mut Db, rev: i64) -> Stored<Vec<ClosureRow>> {
    let query = closure::table.filter(closure::rev.gt(rev)).order(closure::code);
    Ok(on_engine!(db, conn => query.select(ClosureRow::as_select()).load(conn))?)
}
