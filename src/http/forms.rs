//! The forms of parameters and fields as schemas: codes, dates, words, bounds.
//!
//! Lives here: one schema per form, with an example. Does not live here: the checks. Invariant:
//! lists of words come from the domain, so schema and check cannot differ.

use serde_json::Value;
use utoipa::openapi::schema::{
    Array, ArrayBuilder, KnownFormat, Object, ObjectBuilder, SchemaFormat, SchemaType, Type,
};

use crate::domain::catalogue::FunctionClass;
use crate::domain::closure::{Cause, ClosureKind};
use crate::domain::coverage::Scope;
use crate::domain::custody::View;
use crate::domain::depot::{DepotKind, OrganizationKind};
use crate::domain::event::EventState;
use crate::domain::movement::{Condition, MovementType};
use crate::domain::procurement::PlanScope;
use crate::domain::profile::{ClockStart, RotationMode};
use crate::domain::quota::Mode;
use crate::domain::region::Tier;
use crate::domain::reopening;
use crate::domain::scenario::Fleets;
use crate::domain::stock::GroupBy;
use crate::domain::summary::By;

/// Terrain words; the first is not mountain.
pub const TERRAINS: [&str; 2] = ["plain", "mountain"];
/// How availability is seen.
pub const VIEWS: [&str; 2] = ["nominal", "prudent"];
/// What donors may be shown as.
pub const DONOR_SHAPES: [&str; 2] = ["rows", "movements"];
/// Orders of rows of coverage; the first is the tree's.
pub const ROW_ORDERS: [&str; 2] = ["tree", "worst"];
/// Whether closures of the register are applied; the first is what is usual.
pub const REGISTER_USES: [&str; 2] = ["apply", "ignore"];
/// How far a plan is.
pub const PLAN_STATES: [&str; 5] = ["draft", "approved", "ordered", "received", "cancelled"];
/// The most rows that `limit` may ask of a planning answer.
pub const MAX_ROWS: usize = 1_000_000;
/// The largest whole number that every JSON reader keeps: 2^53 - 1.
pub const MAX_SAFE: i64 = 9_007_199_254_740_991;
/// The longest searched text, in characters.
pub const MAX_SEARCH: usize = 100;
/// The longest cursor, in characters.
pub const MAX_CURSOR: usize = 200;

/// Province, city, county, township, village; no digits after a group of zeros.
pub const REGION: &str = "^(0[1-9]|[1-9][0-9])(0{2}|0{4}|0{7}|0{10}|(0[1-9]|[1-9][0-9])\
    (0{2}|0{5}|0{8}|(0[1-9]|[1-9][0-9])(0{3}|0{6}|(00[1-9]|0[1-9][0-9]|[1-9][0-9]{2})\
    (0{3}|00[1-9]|0[1-9][0-9]|[1-9][0-9]{2})?)?)?)?$";
/// Codes of items, needs, depots and organizations.
pub const CODE: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$";
/// A real day of the years 1950 to 2199, leap days included.
const DAY: &str = "((19[5-9][0-9]|2[01][0-9]{2})-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|\
    (0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|\
    (19(5[26]|[68][048]|[79][26])|20([02468][048]|[13579][26])|\
    21(0[48]|[2468][048]|[13579][26]))-02-29)";
/// A time of day with its offset.
const TIME: &str = concat!(
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?",
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
);
/// How shapes write the form of a division code, which `REGION` tells exactly.
pub const REGION_SHORT: &str = "^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$";
/// How shapes write a text that can stand in a list of a flat table.
pub const PART: &str = "^[^;=]+$";
/// The same without control characters.
pub const PLAIN_PART: &str = r"^[^;=\x00-\x1f\x7f-\x9f]+$";
/// Text without control characters.
pub const PLAIN: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";

fn text(pattern: &str, example: &str) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .examples([Value::from(example)])
        .build()
}

fn whole(least: i64, most: i64, example: i64) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(least))
        .maximum(Some(most))
        .examples([Value::from(example)])
        .build()
}

/// One of some words; the example is one of them.
pub fn one_of(words: &[&str], example: Option<&str>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words.to_vec()))
        .examples(example.map(Value::from))
        .build()
}

/// Yes or no.
pub fn flag() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .enum_values(Some([true, false]))
        .examples([Value::from(true)])
        .build()
}

pub fn region() -> Object {
    text(REGION, "371300000000")
}

pub fn depot_code() -> Object {
    text(CODE, "LY-CITY-01")
}

pub fn item_code() -> Object {
    text(CODE, "QUILT")
}

pub fn plan_code() -> Object {
    text(CODE, "LY-2027")
}

pub fn event_code() -> Object {
    text(CODE, "DRILL-YI-SHU-FLOOD")
}

pub fn closure_code() -> Object {
    text(CODE, "RC-001")
}

/// Whether an event goes on.
pub fn event_status() -> Object {
    one_of(&EventState::ALL.map(EventState::as_str), Some("open"))
}

/// An instant with its offset.
pub fn instant() -> Object {
    text(&format!("^{DAY}{TIME}$"), "2021-11-10T23:00:00+08:00")
}

pub fn need_code() -> Object {
    text(CODE, "water")
}

pub fn organization_code() -> Object {
    text(CODE, "LY-YJ")
}

pub fn rule_code() -> Object {
    text(CODE, "LY-QUILT-COUNTY")
}

pub fn source_code() -> Object {
    text(CODE, "LY-AG-01")
}

pub fn route_code() -> Object {
    text(CODE, "RT-001")
}

pub fn helibase_code() -> Object {
    text(CODE, "HB-01")
}

pub fn water_leg_code() -> Object {
    text(CODE, "WL-01")
}

pub fn road_code() -> Object {
    text(CODE, "RD-000001")
}

/// A nominal or a prudent view.
pub fn outlook() -> Object {
    one_of(&VIEWS, Some("nominal"))
}

/// A UUID as text.
pub fn uuid() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .examples([Value::from("0192a4c0-7c1e-7b00-8000-000000000001")])
        .build()
}

/// A day of a filter: 1950 to 2199.
pub fn day() -> Object {
    text(&format!("^{DAY}$"), "2030-12-31")
}

/// A day, or an instant with its offset.
pub fn day_or_instant() -> Object {
    text(&format!("^{DAY}({TIME})?$"), "2021-11-30")
}

pub fn cursor() -> Object {
    let mut object = text("^[0-9a-f]{12}([0-9a-f]{2})*$", "0f3a5b7c9d1e3337313330303030");
    object.max_length = Some(MAX_CURSOR);
    object
}

pub fn search() -> Object {
    let mut object = text(PLAIN, "LY");
    object.max_length = Some(MAX_SEARCH);
    object
}

pub fn document_no() -> Object {
    let mut object = text(PLAIN, "临应急采〔2021〕18号");
    object.max_length = Some(500);
    object
}

/// A unit of an item.
pub fn unit() -> Object {
    let mut object = text(PLAIN, "床");
    (object.min_length, object.max_length) = (Some(1), Some(20));
    object
}

/// Formats of an answer that is a spreadsheet, too.
pub fn sheet_format() -> Object {
    one_of(&["json", "csv", "xlsx"], Some("xlsx"))
}

pub fn format() -> Object {
    one_of(&["json", "csv"], Some("json"))
}

pub fn register_use() -> Object {
    one_of(&REGISTER_USES, Some("ignore"))
}

pub fn row_order() -> Object {
    one_of(&ROW_ORDERS, Some("worst"))
}

pub fn donor_shape() -> Object {
    one_of(&DONOR_SHAPES, Some("movements"))
}

/// ETags, or `*`; what is no tag matches none.
pub fn tags() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .examples([Value::from("\"0f3a5b7c9d1e2f3a4b5c6d7e8f9a0b1c\"")])
        .build()
}

/// The `If-None-Match` of a write.
pub fn nothing_there() -> Object {
    one_of(&["*"], Some("*"))
}

/// 1 to 128 visible ASCII characters.
pub fn idempotency_key() -> Object {
    text("^[!-~]{1,128}$", "LY-CITY-01-20211110-0001")
}

/// Items on a page.
pub fn page_limit() -> Object {
    whole(1, 500, 100)
}

/// Rows of a planning answer.
pub fn row_limit() -> Object {
    whole(1, i64::try_from(MAX_ROWS).unwrap_or(MAX_SAFE), 50)
}

/// A place in the book.
pub fn seq() -> Object {
    whole(1, MAX_SAFE, 1)
}

/// A place in the book, or 0 before its first entry.
pub fn known_at() -> Object {
    whole(0, MAX_SAFE, 1)
}

macro_rules! words {
    ($($name:ident, $kind:ty, $example:literal;)*) => { $(
        pub fn $name() -> Object {
            let words: Vec<&str> = <$kind>::ALL.iter().map(|word| word.as_str()).collect();
            one_of(&words, Some($example))
        }
    )* };
}

words! {
    tier, Tier, "county";
    function_class, FunctionClass, "living";
    mode, Mode, "gov_physical";
    view, View, "owner";
    group_by, GroupBy, "region";
    by, By, "item";
    scope, Scope, "own_chain";
    fleets, Fleets, "bound";
    closure_kind, ClosureKind, "area";
    cause, Cause, "flood";
    reopenings_by, reopening::By, "cause";
    clock, ClockStart, "disaster";
    rotation_mode, RotationMode, "in_before_out";
    plan_scope, PlanScope, "own";
    organization_kind, OrganizationKind, "government";
    depot_kind, DepotKind, "warehouse";
    condition, Condition, "good";
    movement_type, MovementType, "opening";
}

/// The types that a caller may book.
pub fn bookable_type() -> Object {
    let all = MovementType::ALL.iter().filter(|kind| kind.shape().is_some());
    let words: Vec<&str> = all.map(|kind| kind.as_str()).collect();
    one_of(&words, Some("receipt_purchase"))
}

/// The same form, where `null` says what absence says.
pub fn or_null(mut object: Object) -> Object {
    object.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
    if let Some(words) = object.enum_values.as_mut() {
        words.push(Value::Null);
    }
    object
}

pub fn condition_or_null() -> Object {
    or_null(condition())
}

pub fn plan_scope_or_null() -> Object {
    or_null(plan_scope())
}

/// The states of a plan, `received` among them, which follows from the book.
pub fn plan_state() -> Object {
    one_of(&PLAN_STATES, Some("approved"))
}

pub fn rotation_mode_or_null() -> Object {
    or_null(rotation_mode())
}

pub fn scope_or_null() -> Object {
    or_null(scope())
}

pub fn fleets_or_null() -> Object {
    or_null(fleets())
}

pub fn clock_or_null() -> Object {
    or_null(clock())
}

pub fn terrain_or_null() -> Object {
    or_null(one_of(&TERRAINS, Some("plain")))
}

/// Reserve modes, each once.
pub fn modes() -> Array {
    ArrayBuilder::new()
        .items(mode())
        .min_items(Some(1))
        .max_items(Some(Mode::ALL.len()))
        .unique_items(true)
        .examples([Value::from(vec!["gov_physical"])])
        .build()
}

/// Codes of hazard domains, each once.
pub fn hazard_domains() -> Array {
    ArrayBuilder::new()
        .items(text(CODE, "living"))
        .max_items(Some(50))
        .unique_items(true)
        .examples([Value::from(vec!["living"])])
        .build()
}
