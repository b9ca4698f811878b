//! What is asked of plans, on the wire.
//!
//! Lives here: bodies, their bounds and faults. Does not live here: what follows from them.
//! Invariant: every fault is named at once.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::catalogue::Code;
use crate::domain::procurement::{MAX_PLAN_LINES, PlanScope};
use crate::domain::quantity::MAX_QUANTITY;
use crate::domain::refusal::{Fault, FaultCode};
use crate::service::plans::{Asked, Edit, LineEdit, YEARS};

use super::super::check::Check;
use super::super::forms;

/// Planned growth of one item.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrowthBody {
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "QUILT")]
    item: String,
    /// Base units beyond the quotas of today.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 200)]
    quantity: i64,
}

/// A reference price.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceBody {
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "QUILT")]
    item: String,
    /// Fen per base unit.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 8900)]
    unit_price_fen: i64,
}

/// A plan to draft from the book.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftBody {
    /// Absent: region, year and the next free number.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "LY-2027")]
    code: Option<String>,
    #[schema(min_length = 1, max_length = 200, example = "2027 年度采购计划")]
    name: String,
    /// Division code of the owner account.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        example = "371300000000"
    )]
    region: String,
    /// This year or a later one.
    #[schema(minimum = 2000, maximum = 2199, example = 2030)]
    year: i64,
    #[schema(schema_with = forms::plan_scope_or_null)]
    scope: Option<String>,
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 50_000_000)]
    budget_fen: Option<i64>,
    #[serde(default)]
    #[schema(max_items = 2000)]
    growth: Vec<GrowthBody>,
    /// Instead of the price of the item's newest lot.
    #[serde(default)]
    #[schema(max_items = 2000)]
    prices: Vec<PriceBody>,
}

/// A line of a draft as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineBody {
    #[schema(minimum = 1, maximum = 2000, example = 1)]
    line_no: i64,
    /// Base units, whole packs.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 480)]
    quantity: i64,
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 8900)]
    unit_price_fen: Option<i64>,
    #[schema(min_length = 1, max_length = 200, example = "供应商(示例)")]
    supplier: Option<String>,
    #[schema(format = Date, example = "2030-05-31")]
    due_on: Option<String>,
    #[schema(min_length = 1, max_length = 500)]
    note: Option<String>,
}

/// A draft as it is to be; lines that are not named stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditBody {
    #[schema(min_length = 1, max_length = 200, example = "2027 年度采购计划")]
    name: String,
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 50_000_000)]
    budget_fen: Option<i64>,
    #[schema(max_items = 2000)]
    lines: Vec<LineBody>,
}

/// Nothing more to say.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NothingBody {}

/// Figures by item, each once and within bounds.
fn by_item(
    check: &mut Check,
    name: &str,
    field: &str,
    rows: Vec<(String, i64)>,
) -> Vec<(Code, i64)> {
    let list = format!("/{name}");
    check.at_most(&list, rows.len(), MAX_PLAN_LINES);
    check.distinct(rows.iter().map(|(item, _)| item.clone()), |ix| format!("{list}/{ix}/item"));
    let mut found = Vec::new();
    for (ix, (item, figure)) in rows.into_iter().enumerate() {
        let code = check.code(&format!("{list}/{ix}/item"), &item);
        let figure = check.whole(&format!("{list}/{ix}/{field}"), figure, 0..=MAX_QUANTITY);
        found.extend(code.zip(figure));
    }
    found
}

fn budget(check: &mut Check, value: Option<i64>) -> Option<i64> {
    value.and_then(|fen| check.whole("/budget_fen", fen, 0..=forms::MAX_SAFE))
}

impl DraftBody {
    /// The plan that is asked for.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn read(self) -> Result<Asked, Vec<Fault>> {
        let mut check = Check::default();
        let code = self.code.as_deref().and_then(|code| check.code("/code", code));
        let name = check.name("/name", self.name);
        let region = check.region("/region", &self.region);
        let years = i64::from(*YEARS.start())..=i64::from(*YEARS.end());
        let year = check.whole("/year", self.year, years);
        let words: Vec<&str> = PlanScope::ALL.iter().map(|scope| scope.as_str()).collect();
        let scope = self.scope.as_deref().unwrap_or(PlanScope::Own.as_str());
        let scope = check.word("/scope", scope, PlanScope::parse, &words);
        let budget_fen = budget(&mut check, self.budget_fen);
        let growth = self.growth.into_iter().map(|row| (row.item, row.quantity)).collect();
        let growth = by_item(&mut check, "growth", "quantity", growth);
        let prices = self.prices.into_iter().map(|row| (row.item, row.unit_price_fen)).collect();
        let prices = by_item(&mut check, "prices", "unit_price_fen", prices);
        let built = || {
            Some(Asked {
                code,
                name: name?,
                region: region?,
                year: year?,
                scope: scope?,
                budget_fen,
                growth,
                prices,
            })
        };
        let built = built();
        check.finish(built)
    }
}

impl EditBody {
    /// What is to be changed.
    ///
    /// # Errors
    /// Every fault, with JSON pointers.
    pub fn read(self) -> Result<Edit, Vec<Fault>> {
        let mut check = Check::default();
        let name = check.name("/name", self.name);
        let budget_fen = budget(&mut check, self.budget_fen);
        check.at_most("/lines", self.lines.len(), MAX_PLAN_LINES);
        let numbers: Vec<i64> = self.lines.iter().map(|line| line.line_no).collect();
        check.distinct(numbers, |ix| format!("/lines/{ix}/line_no"));
        let lines = self.lines.into_iter().enumerate();
        let lines = lines.filter_map(|(ix, line)| line.read(&mut check, ix)).collect();
        let built = name.map(|name| Edit { name, budget_fen, lines });
        check.finish(built)
    }
}

impl LineBody {
    fn read(self, check: &mut Check, ix: usize) -> Option<LineEdit> {
        let at = |field: &str| format!("/lines/{ix}/{field}");
        let most = i64::try_from(MAX_PLAN_LINES).unwrap_or(i64::MAX);
        let line_no = check.whole(&at("line_no"), self.line_no, 1..=most);
        let quantity = check.whole(&at("quantity"), self.quantity, 0..=MAX_QUANTITY);
        let price = at("unit_price_fen");
        let unit_price_fen =
            self.unit_price_fen.and_then(|fen| check.whole(&price, fen, 0..=MAX_QUANTITY));
        let supplier = self.supplier.and_then(|text| check.name(&at("supplier"), text));
        let due_on = self.due_on.and_then(|text| check.date(&at("due_on"), &text));
        let note = self.note.and_then(|text| check.text(&at("note"), text, 1..=500));
        Some(LineEdit {
            line_no: line_no?,
            quantity: quantity?,
            unit_price_fen,
            supplier,
            due_on,
            note,
        })
    }
}

/// The fault of a plan's word in a query.
pub fn unknown_state() -> Fault {
    Fault::new("state", FaultCode::UnknownValue, "draft, approved, ordered, received or cancelled")
}
