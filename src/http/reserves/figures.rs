//! Figures of reserves on the wire: by mode, three totals, and what all rows come to.
//!
//! Lives here: shapes that rows and totals share. Does not live here: the rows (`reserves`).
//! Invariant: the three totals always stand together, and what is not confirmed stands beside them,
//! in none.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::Goods;
use crate::domain::mode_mix::{Cell, GoodsTotals, Sum, Three, Totals};
use crate::domain::quota::Mode;

use super::super::answer::{UnknownCounts, number};
use super::super::words::local;

/// One mode.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModeFigures {
    quota: i64,
    /// Confirmed, and there within the hours.
    available: i64,
    /// Stale or unknown: in no total.
    unconfirmed: i64,
    /// Entries of the register in force; of these stale, and of these unknown.
    sources: i64,
    stale: i64,
    unknown: i64,
    /// The mode's part of the quotas, cut down.
    target_ratio: Option<f64>,
    /// The mode's part of what is available, cut down.
    actual_ratio: Option<f64>,
}

/// Figures by mode.
#[derive(Debug, Serialize, ToSchema)]
pub struct ByMode {
    gov_physical: ModeFigures,
    agreement: ModeFigures,
    capacity: ModeFigures,
    social: ModeFigures,
}

/// Government stock alone, with agreements, and with all modes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThreeTotals {
    gov_only: i64,
    gov_agreement: i64,
    all_modes: i64,
}

impl From<Three> for ThreeTotals {
    fn from(three: Three) -> Self {
        let Three { gov_only, gov_agreement, all_modes } = three;
        Self { gov_only, gov_agreement, all_modes }
    }
}

/// Accounts together.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mix {
    /// The quotas of all modes together.
    target: i64,
    modes: ByMode,
    available: ThreeTotals,
    /// Line by line, to the target.
    gap: ThreeTotals,
    /// Accounts with a quota in a mode that the city counts; of these met, and of these undecided.
    lines: i64,
    lines_met: i64,
    lines_open: i64,
}

/// An account, or all accounts of a subtree.
#[derive(Debug, Serialize, ToSchema)]
pub struct Figures {
    #[serde(flatten)]
    mix: Mix,
    /// Whether the city's threshold is reached (基本达到); `null` where it cannot be known.
    attained: Option<bool>,
}

/// All rows of one kind of goods, in its unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct GoodsReserves {
    item: Option<String>,
    need: Option<String>,
    name: String,
    unit: String,
    #[schema(minimum = 0)]
    known_rows: i64,
    /// What the subtrees of the rows come to of which all is known.
    known: Mix,
    #[schema(minimum = 0)]
    unknown_rows: i64,
    /// What is confirmed of the others, in none of the figures of `known`; `null` where there is no
    /// such row.
    unknown: Option<Mix>,
}

/// What all rows come to, before `limit`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReserveTotals {
    #[schema(minimum = 0)]
    known_rows: i64,
    /// Rows whose own account, or one below, rests on missing data, each under one reason.
    unknown_rows: UnknownCounts,
    /// Accounts of which something is missing; one below several rows counts in each.
    unknown_accounts: UnknownCounts,
    /// Items before needs, each by code.
    goods: Vec<GoodsReserves>,
}

fn mode(sum: &Sum, cell: &Cell, mode: Mode) -> ModeFigures {
    ModeFigures {
        quota: cell.quota,
        available: cell.available,
        unconfirmed: cell.unconfirmed,
        sources: cell.sources,
        stale: cell.stale,
        unknown: cell.unknown,
        target_ratio: sum.ratio(|cell| cell.quota, mode).map(number),
        actual_ratio: sum.ratio(|cell| cell.available, mode).map(number),
    }
}

fn mix(sum: &Sum) -> Mix {
    let [physical, agreement, capacity, social] = &sum.cells;
    Mix {
        target: sum.target(),
        modes: ByMode {
            gov_physical: mode(sum, physical, Mode::GovPhysical),
            agreement: mode(sum, agreement, Mode::Agreement),
            capacity: mode(sum, capacity, Mode::Capacity),
            social: mode(sum, social, Mode::Social),
        },
        available: sum.totals.into(),
        gap: sum.gaps.into(),
        lines: sum.lines,
        lines_met: sum.lines_met,
        lines_open: sum.lines_open,
    }
}

/// The figures of a row.
pub fn figures(sum: &Sum, attained: Option<bool>) -> Figures {
    Figures { mix: mix(sum), attained }
}

fn goods(one: &GoodsTotals) -> GoodsReserves {
    let code = Some(one.goods.code().to_string());
    let (item, need, name) = match &one.goods {
        Goods::Item(item) => (code, None, local(&item.name, &item.name_en)),
        Goods::Need(need) => (None, code, local(&need.name, &need.name_en)),
    };
    GoodsReserves {
        item,
        need,
        name,
        unit: local(one.goods.unit(), one.goods.unit_en()),
        known_rows: one.known_rows,
        known: mix(&one.known),
        unknown_rows: one.unknown_rows,
        unknown: (one.unknown_rows > 0).then(|| mix(&one.unknown)),
    }
}

impl From<&Totals> for ReserveTotals {
    fn from(totals: &Totals) -> Self {
        Self {
            known_rows: totals.goods.iter().map(|one| one.known_rows).sum(),
            unknown_rows: (&totals.rows).into(),
            unknown_accounts: (&totals.accounts).into(),
            goods: totals.goods.iter().map(goods).collect(),
        }
    }
}
