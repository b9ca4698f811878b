//! Roads (道路): stretches between two points, as an operator imports them.
//!
//! Lives here: the register's entry. Does not live here: the network and its quickest ways
//! (`travel`). Invariant: stretches meet where their points are equal, and nowhere else.

use super::catalogue::{Code, ItemStatus};
use super::region::Point;

/// The longest stretch, in metres.
pub const MAX_LENGTH_M: i64 = 1_000_000;
/// The highest speed of a stretch, in km/h.
pub const MAX_SPEED_KMH: i64 = 200;

/// A stretch of road.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Road {
    pub code: Code,
    pub from: Point,
    pub to: Point,
    pub length_m: u32,
    /// A word of the operator's, such as `G`, `S` or `X`.
    pub class: Option<String>,
    /// How fast trucks go; `None` is as fast as they go from a depot of their tier.
    pub speed_kmh: Option<u32>,
    /// Whether it may be driven from `from` to `to` only.
    pub one_way: bool,
    pub status: ItemStatus,
}
