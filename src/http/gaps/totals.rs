//! Totals of gaps on the wire.
//!
//! Lives here: what all rows come to, by kind of goods. Does not live here: the fold
//! (`domain::certainty`). Invariant: rows that rest on missing data stand apart from those that are
//! known.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::Goods;
use crate::domain::certainty::{GoodsTotals, Part, Totals};
use crate::domain::gap::RollUp;
use crate::domain::quantity::narrow;

use super::super::answer::{UnknownCounts, number};
use super::super::words::Language;
use super::GapRow;

/// Rows of one kind of goods of which all is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnownGaps {
    #[schema(minimum = 0)]
    rows: i64,
    /// Of the regions' own accounts.
    quota: i64,
    effective: i64,
    gap: i64,
    surplus: i64,
    in_transit: i64,
    /// In the custody view: usable goods lying there for owners above.
    owned_above: Option<i64>,
    /// Quota lines in the subtrees, and those of them without a gap.
    lines: i64,
    lines_met: i64,
    quota_sum: i64,
    effective_sum: i64,
    gap_sum: i64,
    surplus_sum: i64,
    /// What must be bought even after surplus has gone to any of the rows' regions.
    gap_net: i64,
    /// The sum of the rows': no region's surplus goes to another row's.
    gap_net_vertical: i64,
    redistributable: i64,
    /// `Σ min(E,Q) / ΣQ`, cut down.
    fill_rate: Option<f64>,
    attainment_rate: Option<f64>,
}

/// Rows of one kind of goods whose own account, or a line below, rests on missing data.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownGaps {
    #[schema(minimum = 1)]
    rows: i64,
    quota: i64,
    lines: i64,
    quota_sum: i64,
    /// As far as the rows tell it, as are the next two.
    effective_sum: i64,
    gap_sum: i64,
    surplus_sum: i64,
}

/// All rows of one kind of goods, in its unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct GoodsGaps {
    item: Option<String>,
    need: Option<String>,
    name: String,
    unit: String,
    known: KnownGaps,
    /// In none of the figures of `known`; `null` where there is no such row.
    unknown: Option<UnknownGaps>,
}

/// What all rows come to, before `limit`.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapTotals {
    #[schema(minimum = 0)]
    known_rows: i64,
    /// Rows whose own account, or a line below, rests on missing data, each under one reason.
    unknown_rows: UnknownCounts,
    /// Lines of which something is missing; one below several rows counts in each.
    unknown_lines: UnknownCounts,
    /// Items before needs, each by code.
    goods: Vec<GoodsGaps>,
}

/// Gaps with their totals.
#[derive(Serialize, ToSchema)]
pub struct GapAnswer<'a> {
    #[serde(flatten)]
    answer: super::Answer<GapRow<'a>>,
    totals: GapTotals,
}

/// What stands behind the rows and the envelope.
#[derive(Serialize)]
pub struct Behind {
    pub totals: GapTotals,
}

impl KnownGaps {
    fn of(part: &Part, by_custody: bool) -> Self {
        let all = part.roll_up();
        let RollUp { gap_net, gap_net_vertical, redistributable, .. } = all;
        Self {
            rows: part.rows,
            quota: narrow(part.own.quota),
            effective: narrow(part.own.effective),
            gap: narrow(part.own.gap),
            surplus: narrow(part.own.surplus),
            in_transit: narrow(part.own.in_transit),
            owned_above: by_custody.then(|| narrow(part.owned_above)),
            lines: part.all.lines,
            lines_met: part.all.lines_met,
            quota_sum: narrow(part.all.quota),
            effective_sum: all.effective_sum,
            gap_sum: all.gap_sum,
            surplus_sum: all.surplus_sum,
            gap_net,
            gap_net_vertical,
            redistributable,
            fill_rate: all.fill_rate.map(number),
            attainment_rate: all.attainment_rate.map(number),
        }
    }
}

impl UnknownGaps {
    fn of(part: &Part) -> Option<Self> {
        (part.rows > 0).then(|| Self {
            rows: part.rows,
            quota: narrow(part.own.quota),
            lines: part.all.lines,
            quota_sum: narrow(part.all.quota),
            effective_sum: narrow(part.all.effective),
            gap_sum: narrow(part.all.gap),
            surplus_sum: narrow(part.all.surplus),
        })
    }
}

impl GapTotals {
    pub fn new(totals: &Totals, by_custody: bool, language: Language) -> Self {
        let goods = |one: &GoodsTotals| {
            let code = Some(one.goods.code().to_string());
            let (item, need, name) = match &one.goods {
                Goods::Item(item) => (code, None, language.pick(&item.name, &item.name_en)),
                Goods::Need(need) => (None, code, language.pick(&need.name, &need.name_en)),
            };
            GoodsGaps {
                item,
                need,
                name: name.to_string(),
                unit: language.pick(one.goods.unit(), one.goods.unit_en()).to_string(),
                known: KnownGaps::of(&one.known, by_custody),
                unknown: UnknownGaps::of(&one.unknown),
            }
        };
        Self {
            known_rows: totals.goods.iter().map(|one| one.known.rows).sum(),
            unknown_rows: (&totals.rows).into(),
            unknown_lines: (&totals.lines).into(),
            goods: totals.goods.iter().map(goods).collect(),
        }
    }
}
