//! What one truck carries, on the wire.
//!
//! Lives here: shape and bounds of a profile's `truck`. Does not live here: how many there are.
//! Invariant: a truck carries something.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::profile::Truck;

use super::check::Check;

const MAX_PAYLOAD_KG: i64 = 100_000;
const MAX_VOLUME_L: i64 = 1_000_000;

/// What one truck carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TruckDto {
    #[schema(minimum = 1, maximum = 100000, examples(5000))]
    pub payload_kg: i64,
    /// Absent: goods are weighed only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000000, examples(25000))]
    pub volume_l: Option<i64>,
}

impl TruckDto {
    pub(super) fn check(self, check: &mut Check, prefix: &str) -> Option<Truck> {
        let at = |field: &str| format!("{prefix}/{field}");
        let payload_kg = check.whole(&at("payload_kg"), self.payload_kg, 1..=MAX_PAYLOAD_KG);
        let volume_l =
            self.volume_l.map(|litres| check.whole(&at("volume_l"), litres, 1..=MAX_VOLUME_L));
        let volume_l = match volume_l {
            None => None,
            Some(checked) => Some(checked?),
        };
        Some(Truck { payload_kg: payload_kg?, volume_l })
    }
}

impl From<Truck> for TruckDto {
    fn from(truck: Truck) -> Self {
        Self { payload_kg: i64::from(truck.payload_kg), volume_l: truck.volume_l.map(i64::from) }
    }
}
