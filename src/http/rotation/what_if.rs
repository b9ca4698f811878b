//! What is asked of a rotation plan, on the wire.
//!
//! Lives here: the query, the body, their bounds. Does not live here: which figure stands in for
//! one that is absent (`domain::rotation`). Invariant: every fault is named at once.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::domain::calendar::{add_days, add_months};
use crate::domain::profile::{Channel, RotationMode};
use crate::domain::quantity::MAX_QUANTITY;
use crate::domain::refusal::{Fault, FaultCode};
use crate::domain::rotation::{Commitment, Supposition, What, WhatIf, Withdrawal};

use super::super::check::{Check, MAX_UNIT};
use super::super::forms;

/// Ten years.
const MAX_DAYS: i64 = 3_660;
/// Fifty years.
const MAX_MONTHS: i64 = 600;
const MAX_CHANNELS: usize = 20;
/// The most rows of each list.
const MAX_ROWS: usize = 500;

/// Which account's plan is asked for; figures stand in for those of profile and item.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlanQuery {
    /// Division code of the owner account.
    pub region: Option<String>,
    /// Item code.
    pub item: String,
    /// First day, today or later; today by default.
    pub from: Option<String>,
    /// Last day; a year after the first by default, at most fifty.
    pub to: Option<String>,
    /// Hold this many instead of the quotas' floor.
    #[param(minimum = 0, maximum = 1_000_000_000_000_i64, example = 1000)]
    pub floor: Option<i64>,
    /// `in_before_out` or `out_before_in`; the city's own by default.
    pub rotation_mode: Option<String>,
    /// Days within which the replacement follows, where the old goods leave first.
    #[param(minimum = 0, maximum = 3660, example = 120)]
    pub rotation_gap_days: Option<i64>,
    /// Days by which a delivery comes before it is needed.
    #[param(minimum = 0, maximum = 3660, example = 15)]
    pub safety_days: Option<i64>,
    /// Days from order to delivery.
    #[param(minimum = 0, maximum = 3660, example = 45)]
    pub purchase_lead_days: Option<i64>,
    /// How much of the target channels take within a calendar year at most, in thousandths; the
    /// city's own by default.
    #[param(minimum = 0, maximum = 1000, example = 300)]
    pub annual_cap_permille: Option<i64>,
    /// Months for which a delivery is usable; the item's own by default.
    #[param(minimum = 1, maximum = 600, example = 12)]
    pub replacement_life_months: Option<i64>,
    /// The unit of which purchases are whole numbers; the item's smallest pack by default.
    #[param(min_length = 1, max_length = 20, example = "床")]
    pub pack: Option<String>,
    /// Whether approved and ordered lines of procurement plans count; they do by default.
    pub committed: Option<bool>,
    /// Open each row into what it rests on: floor, quotas, places of lots, channel, cap.
    pub detail: Option<bool>,
    /// `json` or `csv` (what to do, by day).
    pub format: Option<String>,
}

/// A purchase that is on its way.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PurchaseBody {
    #[schema(format = Date, example = "2030-07-01")]
    on: String,
    /// Base units.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 500)]
    quantity: i64,
    /// Its last usable day; absent: as long as any delivery.
    #[schema(format = Date, example = "2035-07-01")]
    expires_on: Option<String>,
    /// Whether the plan may bring it forward; it may by default.
    movable: Option<bool>,
}

/// Goods that will be used: of a lot, or so many of what ends first.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalBody {
    #[schema(format = Date, example = "2030-01-15")]
    on: String,
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7)]
    lot_id: Option<i64>,
    /// Base units; absent with a lot: all of it.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 100)]
    quantity: Option<i64>,
}

/// Goods supposed to be there (or gone) besides what the book holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldingChangeBody {
    /// A lot of the account; absent: goods that are in no book.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 7)]
    lot_id: Option<i64>,
    /// More of it; of a lot also less.
    #[schema(minimum = -1_000_000_000_000_i64, maximum = 1_000_000_000_000_i64, example = 200)]
    quantity: i64,
    /// Last usable day of goods that are in no book; absent never ends.
    #[schema(format = Date, example = "2031-12-31")]
    expires_on: Option<String>,
}

/// A way for ageing goods to be used up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelBody {
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "winter-relief")]
    channel: String,
    /// Days that the goods must still be usable when they leave.
    #[schema(minimum = 0, maximum = 3660, example = 60)]
    min_days_left: i64,
    /// Days from the decision until they leave.
    #[schema(minimum = 0, maximum = 3660, example = 30)]
    lead_days: i64,
}

/// A what-if: the account, and what is to be different.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    /// Division code of the owner account.
    #[schema(
        pattern = r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$",
        example = "371300000000"
    )]
    pub region: Option<String>,
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "QUILT")]
    pub item: String,
    /// First day, today or later; today by default.
    #[schema(format = Date, example = "2030-01-01")]
    from: Option<String>,
    /// Last day; a year after the first by default, at most fifty.
    #[schema(format = Date, example = "2031-12-31")]
    to: Option<String>,
    /// Hold this many instead of the quotas' floor.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, example = 1000)]
    floor: Option<i64>,
    #[serde(default)]
    #[schema(max_items = 500)]
    holdings_changes: Vec<HoldingChangeBody>,
    #[serde(default)]
    #[schema(max_items = 500)]
    pub purchases: Vec<PurchaseBody>,
    /// Whether approved and ordered lines of procurement plans count as well; they do by default.
    pub committed: Option<bool>,
    #[serde(default)]
    #[schema(max_items = 500)]
    withdrawals: Vec<WithdrawalBody>,
    #[schema(schema_with = forms::rotation_mode_or_null)]
    rotation_mode: Option<String>,
    #[schema(minimum = 0, maximum = 3660, example = 120)]
    rotation_gap_days: Option<i64>,
    #[schema(minimum = 0, maximum = 3660, example = 15)]
    safety_days: Option<i64>,
    /// Days from order to delivery.
    #[schema(minimum = 0, maximum = 3660, example = 45)]
    purchase_lead_days: Option<i64>,
    /// How much of the target channels take within a calendar year at most, in thousandths.
    #[schema(minimum = 0, maximum = 1000, example = 300)]
    annual_cap_permille: Option<i64>,
    /// Instead of the city's own, preferred first.
    #[schema(max_items = 20)]
    channels: Option<Vec<ChannelBody>>,
    #[schema(minimum = 1, maximum = 600, example = 12)]
    replacement_life_months: Option<i64>,
    /// The unit of which purchases are whole numbers; the item's smallest pack by default.
    #[schema(min_length = 1, max_length = 20, example = "床")]
    pack: Option<String>,
    /// Open each row into what it rests on: floor, quotas, places of lots, channel, cap.
    pub detail: Option<bool>,
}

impl PlanQuery {
    /// What is asked, with the pointers of a query.
    ///
    /// # Errors
    /// Every fault, by the parameter's name.
    pub fn what_if(self, today: NaiveDate) -> Result<WhatIf, Vec<Fault>> {
        let body = PlanBody {
            region: self.region,
            item: self.item,
            from: self.from,
            to: self.to,
            floor: self.floor,
            holdings_changes: Vec::new(),
            purchases: Vec::new(),
            committed: self.committed,
            detail: self.detail,
            withdrawals: Vec::new(),
            rotation_mode: self.rotation_mode,
            rotation_gap_days: self.rotation_gap_days,
            safety_days: self.safety_days,
            purchase_lead_days: self.purchase_lead_days,
            annual_cap_permille: self.annual_cap_permille,
            channels: None,
            replacement_life_months: self.replacement_life_months,
            pack: self.pack,
        };
        body.what_if(today)
    }
}

impl PlanBody {
    /// What is asked.
    ///
    /// # Errors
    /// Every fault, by the field's place without the leading slash.
    pub fn what_if(self, today: NaiveDate) -> Result<WhatIf, Vec<Fault>> {
        let mut check = Check::default();
        let period = period(&mut check, today, self.from.as_deref(), self.to.as_deref());
        let days = |check: &mut Check, name: &str, value: Option<i64>| {
            value.and_then(|value| check.whole(name, value, 0..=MAX_DAYS))
        };
        let mode = self.rotation_mode.and_then(|word| {
            let words: Vec<&str> = RotationMode::ALL.iter().map(|mode| mode.as_str()).collect();
            check.word("rotation_mode", &word, RotationMode::parse, &words)
        });
        let gap_days = days(&mut check, "rotation_gap_days", self.rotation_gap_days);
        let safety_days = days(&mut check, "safety_days", self.safety_days);
        let lead = days(&mut check, "purchase_lead_days", self.purchase_lead_days);
        let annual_cap_permille = self
            .annual_cap_permille
            .and_then(|cap| check.whole("annual_cap_permille", cap, 0..=1_000));
        let floor =
            self.floor.and_then(|floor| check.whole::<i64>("floor", floor, 0..=MAX_QUANTITY));
        let life_months = self
            .replacement_life_months
            .and_then(|months| check.whole("replacement_life_months", months, 1..=MAX_MONTHS));
        let pack = self.pack.and_then(|unit| check.text("pack", unit, 1..=MAX_UNIT));
        let built = WhatIf {
            today,
            period,
            floor,
            suppositions: rows(&mut check, "holdings_changes", self.holdings_changes, supposition),
            committed: rows(&mut check, "purchases", self.purchases, |check, at, row| {
                commitment(check, at, row, period.0)
            }),
            on_order: self.committed.unwrap_or(true),
            withdrawals: rows(&mut check, "withdrawals", self.withdrawals, |check, at, row| {
                withdrawal(check, at, row, period.0)
            }),
            mode,
            gap_days,
            safety_days,
            purchase_lead_days: lead,
            annual_cap_permille,
            channels: self.channels.map(|rows| channels(&mut check, rows)),
            life_months,
            pack,
        };
        check.finish(Some(built))
    }
}

fn period(
    check: &mut Check,
    today: NaiveDate,
    from: Option<&str>,
    to: Option<&str>,
) -> (NaiveDate, NaiveDate) {
    let first = from.and_then(|text| check.date("from", text)).unwrap_or(today);
    if first < today {
        check.fault("from", FaultCode::DateOrder, format!("{today} or later"));
    }
    let last = to.and_then(|text| check.date("to", text));
    (first, last.unwrap_or_else(|| add_months(first, 12)))
}

/// The rows of a list, each read by `read` with its place.
fn rows<T, U>(
    check: &mut Check,
    name: &str,
    rows: Vec<T>,
    read: impl Fn(&mut Check, &str, T) -> Option<U>,
) -> Vec<U> {
    check.at_most(name, rows.len(), MAX_ROWS);
    let rows = rows.into_iter().enumerate();
    rows.filter_map(|(ix, row)| read(check, &format!("{name}/{ix}"), row)).collect()
}

fn supposition(check: &mut Check, at: &str, row: HoldingChangeBody) -> Option<Supposition> {
    let quantity = format!("{at}/quantity");
    let quantity = check.whole(&quantity, row.quantity, -MAX_QUANTITY..=MAX_QUANTITY);
    let expires = format!("{at}/expires_on");
    if row.lot_id.is_some() && row.expires_on.is_some() {
        check.fault(&expires, FaultCode::NotAllowed, "absent where a lot is named");
    }
    let last_usable_on = row.expires_on.and_then(|text| check.date(&expires, &text));
    Some(Supposition { lot_id: row.lot_id, quantity: quantity?, last_usable_on })
}

fn commitment(
    check: &mut Check,
    at: &str,
    row: PurchaseBody,
    from: NaiveDate,
) -> Option<Commitment> {
    let on = not_before(check, &format!("{at}/on"), &row.on, from);
    let quantity = check.whole(&format!("{at}/quantity"), row.quantity, 1..=MAX_QUANTITY);
    let expires = format!("{at}/expires_on");
    let last_usable_on = row.expires_on.and_then(|text| check.date(&expires, &text));
    let first = on.map(|on| add_days(on, 1));
    check.in_order(&expires, first, last_usable_on);
    let movable = row.movable.unwrap_or(true);
    Some(Commitment { on: on?, quantity: quantity?, last_usable_on, movable })
}

fn withdrawal(
    check: &mut Check,
    at: &str,
    row: WithdrawalBody,
    from: NaiveDate,
) -> Option<Withdrawal> {
    let on = not_before(check, &format!("{at}/on"), &row.on, from);
    let name = format!("{at}/quantity");
    let quantity = row.quantity.and_then(|units| check.whole(&name, units, 1..=MAX_QUANTITY));
    let what = match (row.lot_id, row.quantity, quantity) {
        (Some(lot), _, quantity) => What::Lot(lot, quantity),
        (None, Some(_), quantity) => What::FirstExpired(quantity?),
        (None, None, _) => {
            check.fault(&name, FaultCode::Required, "a quantity, or a lot");
            return None;
        }
    };
    Some(Withdrawal { on: on?, what })
}

fn not_before(check: &mut Check, at: &str, text: &str, from: NaiveDate) -> Option<NaiveDate> {
    let on = check.date(at, text);
    check.in_order(at, Some(from), on);
    on
}

fn channels(check: &mut Check, list: Vec<ChannelBody>) -> Vec<Channel> {
    check.at_most("channels", list.len(), MAX_CHANNELS);
    let codes: Vec<String> = list.iter().map(|row| row.channel.clone()).collect();
    check.distinct(codes, |ix| format!("channels/{ix}/channel"));
    rows(check, "channels", list, |check, at, row| {
        let code = check.code(&format!("{at}/channel"), &row.channel);
        let left = format!("{at}/min_days_left");
        let min_days_left = check.whole(&left, row.min_days_left, 0..=MAX_DAYS);
        let lead_days = check.whole(&format!("{at}/lead_days"), row.lead_days, 0..=MAX_DAYS);
        Some(Channel {
            code: code?,
            label: row.channel.clone(),
            label_en: row.channel,
            min_days_left: min_days_left?,
            lead_days: lead_days?,
        })
    })
}
