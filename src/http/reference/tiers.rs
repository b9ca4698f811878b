//! Rows of a profile: how goods leave depots of one tier, and when areas of it shall be reached.
//!
//! Lives here: their shapes and checks. Does not live here: what a city says as a whole
//! (`profiles`). Invariant: a fault names its row and field.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::profile::{ClockStart, Delivery, TierProfile};
use crate::domain::region::Tier;

use super::super::forms;
use super::check::{Check, MAX_NAME, fraction};
use super::profiles::MAX_MINUTES;
use super::words;

/// A million km² in hectares.
const MAX_FALLBACK_HA: i64 = 100_000_000;

/// Times and speed of deliveries from depots of one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryDto {
    /// Minutes from the disaster to the decision.
    #[schema(minimum = 0, maximum = 10080, examples(60))]
    pub decide_min: i64,
    /// Minutes to call up people and trucks.
    #[schema(minimum = 0, maximum = 10080, examples(90))]
    pub mobilise_min: i64,
    /// Minutes more for it outside working hours; absent is none. A depot with a readiness of its
    /// own takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10080, examples(60))]
    pub off_hours_min: Option<i64>,
    /// Minutes to load.
    #[schema(minimum = 0, maximum = 10080, examples(90))]
    pub load_min: i64,
    /// Road speed in km/h.
    #[schema(minimum = 1, maximum = 200, examples(50))]
    pub speed_kmh: i64,
    /// Minutes from the road's end to the people.
    #[schema(minimum = 0, maximum = 10080, examples(30))]
    pub last_mile_min: i64,
}

impl DeliveryDto {
    pub(super) fn check(self, check: &mut Check, prefix: &str) -> Option<Delivery> {
        let mut minutes = |field: &str, value: i64, least: i64, most: i64| {
            check.whole(&format!("{prefix}/{field}"), value, least..=most)
        };
        let decide_min = minutes("decide_min", self.decide_min, 0, MAX_MINUTES);
        let mobilise_min = minutes("mobilise_min", self.mobilise_min, 0, MAX_MINUTES);
        let off_hours_min =
            minutes("off_hours_min", self.off_hours_min.unwrap_or(0), 0, MAX_MINUTES);
        let load_min = minutes("load_min", self.load_min, 0, MAX_MINUTES);
        let speed_kmh = minutes("speed_kmh", self.speed_kmh, 1, 200);
        let last_mile_min = minutes("last_mile_min", self.last_mile_min, 0, MAX_MINUTES);
        Some(Delivery {
            decide_min: decide_min?,
            mobilise_min: mobilise_min?,
            off_hours_min: off_hours_min?,
            load_min: load_min?,
            speed_kmh: speed_kmh?,
            last_mile_min: last_mile_min?,
        })
    }
}

impl From<Delivery> for DeliveryDto {
    fn from(delivery: Delivery) -> Self {
        Self {
            decide_min: i64::from(delivery.decide_min),
            mobilise_min: i64::from(delivery.mobilise_min),
            off_hours_min: Some(i64::from(delivery.off_hours_min)).filter(|later| *later > 0),
            load_min: i64::from(delivery.load_min),
            speed_kmh: i64::from(delivery.speed_kmh),
            last_mile_min: i64::from(delivery.last_mile_min),
        }
    }
}

/// What one tier is called, and how goods leave its depots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierDto {
    #[schema(schema_with = words::tier_schema)]
    pub tier: String,
    /// The plan's own name of the tier's stores.
    #[schema(min_length = 1, max_length = 200, examples("县级应急物资调配站"))]
    pub label: String,
    /// The same in English.
    #[schema(min_length = 1, max_length = 200, examples("county dispatch station"))]
    pub label_en: String,
    /// The role the plan gives the tier; may be empty.
    #[schema(max_length = 200, examples("基础"))]
    pub role: String,
    /// The same in English.
    #[schema(max_length = 200, examples("base"))]
    pub role_en: String,
    /// Minutes from the disaster to the decision.
    #[schema(minimum = 0, maximum = 10080, examples(30))]
    pub decide_min: i64,
    /// Minutes to call up people and trucks.
    #[schema(minimum = 0, maximum = 10080, examples(60))]
    pub mobilise_min: i64,
    /// Minutes more for it outside working hours; absent is none. A depot with a readiness of its
    /// own takes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10080, examples(60))]
    pub off_hours_min: Option<i64>,
    /// Minutes to load.
    #[schema(minimum = 0, maximum = 10080, examples(60))]
    pub load_min: i64,
    /// Road speed in km/h.
    #[schema(minimum = 1, maximum = 200, examples(40))]
    pub speed_kmh: i64,
    /// Minutes from the road's end to the people.
    #[schema(minimum = 0, maximum = 10080, examples(30))]
    pub last_mile_min: i64,
    /// Area of a typical region of the tier in km², where its own is unknown.
    #[schema(minimum = 0, maximum = 1000000, examples(1300))]
    pub fallback_area_km2: f64,
    /// Hours within which areas of this tier shall be reached; absent is the city's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 168, examples(8))]
    pub target_hours: Option<i64>,
    /// From when they count; absent is as the city counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = forms::clock_or_null)]
    pub clock: Option<String>,
}

impl TierDto {
    fn delivery(&self) -> DeliveryDto {
        DeliveryDto {
            decide_min: self.decide_min,
            mobilise_min: self.mobilise_min,
            off_hours_min: self.off_hours_min,
            load_min: self.load_min,
            speed_kmh: self.speed_kmh,
            last_mile_min: self.last_mile_min,
        }
    }

    pub(super) fn check(self, check: &mut Check, prefix: &str) -> Option<TierProfile> {
        let at = |field: &str| format!("{prefix}/{field}");
        let tier = check.word(&at("tier"), &self.tier, Tier::parse, &words::tiers());
        let delivery = self.delivery().check(check, prefix);
        let label = check.name(&at("label"), self.label);
        let label_en = check.name(&at("label_en"), self.label_en);
        let role = check.text(&at("role"), self.role, 0..=MAX_NAME);
        let role_en = check.text(&at("role_en"), self.role_en, 0..=MAX_NAME);
        let area = at("fallback_area_km2");
        let fallback = check.rounded(&area, self.fallback_area_km2, 2, 0..=MAX_FALLBACK_HA);
        let hours = self.target_hours;
        let hours = hours.and_then(|hours| check.whole(&at("target_hours"), hours, 1..=168));
        let clock = self
            .clock
            .and_then(|word| check.word(&at("clock"), &word, ClockStart::parse, &words::clocks()));
        Some(TierProfile {
            tier: tier?,
            label: label?,
            label_en: label_en?,
            role: role?,
            role_en: role_en?,
            delivery: delivery?,
            fallback_area_ha: fallback?,
            target_hours: hours,
            clock,
        })
    }
}

impl From<&TierProfile> for TierDto {
    fn from(row: &TierProfile) -> Self {
        let delivery = DeliveryDto::from(row.delivery);
        Self {
            tier: row.tier.as_str().to_string(),
            label: row.label.clone(),
            label_en: row.label_en.clone(),
            role: row.role.clone(),
            role_en: row.role_en.clone(),
            decide_min: delivery.decide_min,
            mobilise_min: delivery.mobilise_min,
            off_hours_min: delivery.off_hours_min,
            load_min: delivery.load_min,
            speed_kmh: delivery.speed_kmh,
            last_mile_min: delivery.last_mile_min,
            fallback_area_km2: fraction(row.fallback_area_ha, 2),
            target_hours: row.target_hours.map(i64::from),
            clock: row.clock.map(|clock| clock.as_str().to_string()),
        }
    }
}
