//! How a city turns goods over, as JSON text.
//!
//! Lives here: the mapping, field by field. Does not live here: the rest of the profile (`plans`).
//! Invariant: a text that cannot be a domain value is reported, never mended.

use serde::{Deserialize, Serialize};

use crate::domain::profile::{Channel, RotationMode, Turnover};

use super::super::fault::Stored;
use super::words;

#[derive(Serialize, Deserialize)]
struct ChannelJson {
    code: String,
    label: String,
    label_en: String,
    min_days_left: u32,
    lead_days: u32,
}

#[derive(Serialize, Deserialize)]
struct TurnoverJson {
    mode: String,
    gap_days: u32,
    safety_days: u32,
    purchase_lead_days: u32,
    /// Absent in what was written before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    annual_cap_permille: Option<u32>,
    channels: Vec<ChannelJson>,
}

pub(super) fn to_text(turnover: &Turnover) -> Stored<String> {
    let channel = |row: &Channel| ChannelJson {
        code: row.code.to_string(),
        label: row.label.clone(),
        label_en: row.label_en.clone(),
        min_days_left: row.min_days_left,
        lead_days: row.lead_days,
    };
    words::to_json(&TurnoverJson {
        mode: turnover.mode.as_str().to_string(),
        gap_days: turnover.gap_days,
        safety_days: turnover.safety_days,
        purchase_lead_days: turnover.purchase_lead_days,
        annual_cap_permille: turnover.annual_cap_permille,
        channels: turnover.channels.iter().map(channel).collect(),
    })
}

pub(super) fn from_text(text: &str) -> Stored<Turnover> {
    let read: TurnoverJson = words::from_json("profile rotation", text)?;
    let channel = |row: ChannelJson| {
        Ok(Channel {
            code: words::code("channel", &row.code)?,
            label: row.label,
            label_en: row.label_en,
            min_days_left: row.min_days_left,
            lead_days: row.lead_days,
        })
    };
    Ok(Turnover {
        mode: words::word("rotation mode", &read.mode, RotationMode::parse)?,
        gap_days: read.gap_days,
        safety_days: read.safety_days,
        purchase_lead_days: read.purchase_lead_days,
        annual_cap_permille: read.annual_cap_permille,
        channels: read.channels.into_iter().map(channel).collect::<Stored<_>>()?,
    })
}
