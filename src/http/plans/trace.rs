//! From a plan's line to its receipts, lots, places and issues.
//!
//! Lives here: `/v1/plans/{code}/lines/{line_no}/trace`. Does not live here: finding them
//! (`service::plans`). Invariant: what lies or lay in depots out of scope is counted, not shown.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::lot::Lot;
use crate::domain::movement::{Account, Line, Movement, Outside};
use crate::service::failure::Failure;
use crate::service::plans::{self as service, Trace};

use super::super::access::{Caller, may};
use super::super::extract;
use super::super::problem::{Problem, ProblemResponse};

/// A movement of goods of the line.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceMove {
    movement_id: String,
    seq: i64,
    #[serde(rename = "type")]
    kind: String,
    occurred_at: String,
    document_no: Option<String>,
    lot_id: i64,
    lot_no: Option<String>,
    depot: String,
    /// Base units; what a reversal takes back is negative.
    quantity: i64,
}

/// Where goods of a lot lie now.
#[derive(Debug, Serialize, ToSchema)]
pub struct TracePlace {
    depot: String,
    depot_name: String,
    owner: String,
    condition: String,
    quantity: i64,
}

/// A lot that came under the line; what has the same attributes from elsewhere is the same lot.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceLot {
    lot_id: i64,
    lot_no: Option<String>,
    produced_on: Option<String>,
    expires_on: Option<String>,
    places: Vec<TracePlace>,
    /// Used up or lost, the first thousand movements of all lots.
    issues: Vec<TraceMove>,
}

/// A line of a plan and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceReply {
    order_no: String,
    item: String,
    quantity: i64,
    received: i64,
    outstanding: i64,
    receipts: Vec<TraceMove>,
    lots: Vec<TraceLot>,
    /// Rows in depots out of the caller's scope.
    withheld: usize,
    ledger_seq: i64,
    reference_rev: i64,
}

/// Follow a line of a plan to its receipts, lots, where they lie and how they were used.
#[utoipa::path(get, path = "/v1/plans/{code}/lines/{line_no}/trace", tag = "planning",
    operation_id = "trace_plan_line",
    params(("code" = String, Path, description = "Code of the plan", example = "LY-2027"),
        ("line_no" = u32, Path, description = "Number of the line", minimum = 1, maximum = 2000,
            example = 1)),
    responses((status = 200, description = "What came and where it went", body = TraceReply),
        (status = "default", response = ProblemResponse)))]
pub async fn trace(
    caller: Caller<may::ReadPlanning>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    extract::no_query(&request)?;
    let (code, number) = path.into_inner();
    let plan = super::seen(&caller, &code)?;
    let line = number.parse().ok().and_then(|number| plan.line(number));
    let line = line.ok_or_else(|| Failure::not_found("plan line", format!("{code}/{number}")))?;
    let position = std::sync::Arc::clone(&caller.position);
    let found = service::trace(&caller.book, position, &plan, line.line_no).await?;
    let mut teller = Teller { caller: &caller, withheld: 0 };
    let receipts = teller.receipts(&found);
    let lots = found.lots.iter().map(|lot| teller.lot(lot, &found)).collect();
    let book = &caller.position;
    Ok(HttpResponse::Ok().json(TraceReply {
        order_no: format!("{}/{}", plan.code, line.line_no),
        item: line.item.to_string(),
        quantity: line.quantity,
        received: book.received(&plan.code, line.line_no),
        outstanding: book.outstanding(&plan, line),
        receipts,
        lots,
        withheld: teller.withheld,
        ledger_seq: book.head.seq,
        reference_rev: book.head.reference_rev,
    }))
}

struct Teller<'a> {
    caller: &'a Caller<may::ReadPlanning>,
    withheld: usize,
}

impl Teller<'_> {
    /// Whether a depot is in scope; one that is not is counted.
    fn shows(&mut self, depot: &str) -> bool {
        let reference = &self.caller.position.reference;
        let region = reference.depots.by_code(depot).map(|depot| depot.region);
        let shown = region
            .is_some_and(|region| self.caller.principal.sees_code(&reference.regions, region));
        self.withheld += usize::from(!shown);
        shown
    }

    fn moved(
        &mut self,
        movement: &Movement,
        line: &Line,
        at: &Account,
        sign: i64,
    ) -> Option<TraceMove> {
        let Account::Inside(inside) = at else { return None };
        let depot = inside.depot.to_string();
        self.shows(&depot).then(|| TraceMove {
            movement_id: movement.id.to_string(),
            seq: movement.seq,
            kind: movement.kind.as_str().to_string(),
            occurred_at: movement.occurred_at.rfc3339(),
            document_no: movement.paper.document_no.clone(),
            lot_id: line.lot.id,
            lot_no: lot_no(&line.lot),
            depot,
            quantity: sign * line.quantity,
        })
    }

    fn receipts(&mut self, found: &Trace) -> Vec<TraceMove> {
        let supplier = Account::Outside(Outside::Supplier);
        let mut rows = Vec::new();
        for movement in &found.receipts {
            for line in &movement.lines {
                if line.from == supplier {
                    rows.extend(self.moved(movement, line, &line.to, 1));
                } else if line.to == supplier {
                    rows.extend(self.moved(movement, line, &line.from, -1));
                }
            }
        }
        rows
    }

    fn lot(&mut self, lot: &Lot, found: &Trace) -> TraceLot {
        let mut issues = Vec::new();
        for movement in &found.issues {
            for line in movement.lines.iter().filter(|line| line.lot.id == lot.id) {
                issues.extend(self.moved(movement, line, &line.from, 1));
            }
        }
        let mut places = Vec::new();
        for place in found.places.iter().filter(|place| place.lot_id == lot.id) {
            if self.shows(place.depot.code.as_str()) {
                places.push(TracePlace {
                    depot: place.depot.code.to_string(),
                    depot_name: place.depot.name.clone(),
                    owner: place.owner.code.to_string(),
                    condition: place.condition.as_str().to_string(),
                    quantity: place.quantity,
                });
            }
        }
        TraceLot {
            lot_id: lot.id,
            lot_no: lot_no(lot),
            produced_on: lot.key.produced_on.map(|date| date.to_string()),
            expires_on: lot.key.expires_on.map(|date| date.to_string()),
            places,
            issues,
        }
    }
}

fn lot_no(lot: &Lot) -> Option<String> {
    lot.key.lot_no.as_deref().map(str::to_string)
}
