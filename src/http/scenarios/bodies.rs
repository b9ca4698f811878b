//! The movements that carry a plan out, ready to post.
//!
//! Lives here: one `issue` a depot and area, in bodies of at most as many lines as a movement may
//! have. Does not live here: booking them. Invariant: they draw on depots in the caller's region
//! only, and on goods of the owner that the plan names.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::depot::Depot;
use crate::domain::movement::MAX_LINES;
use crate::domain::scenario::{Delivery, Outcome};

/// A body for `POST /v1/movements`.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueBody {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The area that receives.
    counterparty: String,
    /// The scenario.
    reason: String,
    lines: Vec<IssueLine>,
}

/// Goods that leave; lots are taken first-expired-first-out.
#[derive(Debug, Serialize, ToSchema)]
pub struct IssueLine {
    from: String,
    item: String,
    owner: String,
    quantity: i64,
}

/// The bodies for all deliveries from depots that the caller sees.
pub(super) fn issues(
    name: &str,
    outcome: &Outcome,
    names: &impl Fn(&Depot) -> bool,
) -> Vec<IssueBody> {
    let mut seen: Vec<&Delivery> =
        outcome.deliveries.iter().filter(|row| names(&row.depot)).collect();
    seen.sort_by(|a, b| (&a.depot.code, a.region.code).cmp(&(&b.depot.code, b.region.code)));
    let pairs =
        seen.chunk_by(|a, b| a.depot.code == b.depot.code && a.region.code == b.region.code);
    pairs.flat_map(|pair| pair.chunks(MAX_LINES)).map(|rows| body(name, rows)).collect()
}

fn body(name: &str, rows: &[&Delivery]) -> IssueBody {
    let region = rows.first().map(|row| format!("{} {}", row.region.code, row.region.name));
    let line = |row: &&Delivery| IssueLine {
        from: row.depot.code.to_string(),
        item: row.item.code.to_string(),
        owner: row.owner.code.to_string(),
        quantity: row.quantity,
    };
    IssueBody {
        kind: "issue",
        counterparty: region.unwrap_or_default(),
        reason: name.to_string(),
        lines: rows.iter().map(line).collect(),
    }
}
