//! How a city turns goods over, on the wire.
//!
//! Lives here: shape and bounds of a profile's `rotation`. Does not live here: the plan that keeps
//! to it. Invariant: a channel's code is its own within the city.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::profile::{Channel, RotationMode, Turnover};

use super::check::Check;
use super::words;

/// Ten years.
const MAX_DAYS: i64 = 3_660;
const MAX_CHANNELS: usize = 20;

/// A way for ageing goods to be used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelDto {
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", examples("winter-relief"))]
    pub code: String,
    #[schema(min_length = 1, max_length = 200, examples("冬春救助"))]
    pub label: String,
    /// The same in English.
    #[schema(min_length = 1, max_length = 200, examples("winter relief"))]
    pub label_en: String,
    /// Days that the goods must still be usable when they leave.
    #[schema(minimum = 0, maximum = 3660, examples(60))]
    pub min_days_left: i64,
    /// Days from the decision until they leave.
    #[schema(minimum = 0, maximum = 3660, examples(30))]
    pub lead_days: i64,
}

/// How the city turns its goods over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnoverDto {
    #[schema(schema_with = words::rotation_mode_schema)]
    pub mode: String,
    /// Days within which the replacement follows, where the old goods may leave first.
    #[schema(minimum = 0, maximum = 3660, examples(120))]
    pub gap_days: i64,
    /// Days by which a delivery comes before it is needed.
    #[schema(minimum = 0, maximum = 3660, examples(15))]
    pub safety_days: i64,
    /// Days from order to delivery.
    #[schema(minimum = 0, maximum = 3660, examples(45))]
    pub purchase_lead_days: i64,
    /// How much of the target channels take within a calendar year at most, in thousandths; absent
    /// is any amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1000, examples(300))]
    pub annual_cap_permille: Option<i64>,
    /// Preferred first.
    #[schema(max_items = 20)]
    pub channels: Vec<ChannelDto>,
}

impl ChannelDto {
    pub(super) fn check(self, check: &mut Check, prefix: &str) -> Option<Channel> {
        let at = |field: &str| format!("{prefix}/{field}");
        let code = check.code(&at("code"), &self.code);
        let label = check.name(&at("label"), self.label);
        let label_en = check.name(&at("label_en"), self.label_en);
        let left = check.whole(&at("min_days_left"), self.min_days_left, 0..=MAX_DAYS);
        let lead = check.whole(&at("lead_days"), self.lead_days, 0..=MAX_DAYS);
        Some(Channel {
            code: code?,
            label: label?,
            label_en: label_en?,
            min_days_left: left?,
            lead_days: lead?,
        })
    }
}

impl TurnoverDto {
    pub(super) fn check(self, check: &mut Check, prefix: &str) -> Option<Turnover> {
        let at = |field: &str| format!("{prefix}/{field}");
        let words = words::rotation_modes();
        let mode = check.word(&at("mode"), &self.mode, RotationMode::parse, &words);
        let gap = check.whole(&at("gap_days"), self.gap_days, 0..=MAX_DAYS);
        let safety = check.whole(&at("safety_days"), self.safety_days, 0..=MAX_DAYS);
        let lead = at("purchase_lead_days");
        let lead = check.whole(&lead, self.purchase_lead_days, 0..=MAX_DAYS);
        let cap = self.annual_cap_permille;
        let cap = cap.map(|cap| check.whole(&at("annual_cap_permille"), cap, 0..=1_000));
        let channels = at("channels");
        check.at_most(&channels, self.channels.len(), MAX_CHANNELS);
        let codes: Vec<String> = self.channels.iter().map(|row| row.code.clone()).collect();
        check.distinct(codes, |ix| format!("{channels}/{ix}/code"));
        let rows = self.channels.into_iter().enumerate();
        let channels =
            rows.filter_map(|(ix, row)| row.check(check, &format!("{channels}/{ix}"))).collect();
        Some(Turnover {
            mode: mode?,
            gap_days: gap?,
            safety_days: safety?,
            purchase_lead_days: lead?,
            annual_cap_permille: cap.flatten(),
            channels,
        })
    }
}

impl From<&Turnover> for TurnoverDto {
    fn from(turnover: &Turnover) -> Self {
        let channel = |row: &Channel| ChannelDto {
            code: row.code.to_string(),
            label: row.label.clone(),
            label_en: row.label_en.clone(),
            min_days_left: i64::from(row.min_days_left),
            lead_days: i64::from(row.lead_days),
        };
        Self {
            mode: turnover.mode.as_str().to_string(),
            gap_days: i64::from(turnover.gap_days),
            safety_days: i64::from(turnover.safety_days),
            purchase_lead_days: i64::from(turnover.purchase_lead_days),
            annual_cap_permille: turnover.annual_cap_permille.map(i64::from),
            channels: turnover.channels.iter().map(channel).collect(),
        }
    }
}
