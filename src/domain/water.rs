//! Water legs (水路): crossings by boat to what no road leads to, from a pier on the other side.
//!
//! Lives here: the register's entry, when a boat sails, and what the boats carry in time. Does not
//! live here: the way to the pier (`travel`). Invariant: what boats can carry is told beside a
//! plan and bounds nothing.

use super::catalogue::{Code, ItemStatus};
use super::region::{Point, RegionCode};

/// Bounds of the register's figures.
pub const MAX_CROSSING_MIN: i64 = 1_440;
pub const MAX_BOATS: i64 = 1_000;
pub const MAX_BOAT_KG: i64 = 10_000_000;
/// Minutes of a day.
pub const DAY_MIN: i64 = 1_440;

/// A crossing between a pier and a region that goods reach by boat alone, both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaterLeg {
    pub code: Code,
    pub name: String,
    /// What lies across: this region and all in it.
    pub region: RegionCode,
    /// Where trucks come to, on the other side.
    pub pier: Point,
    /// From quay to quay, with loading and unloading the boat.
    pub crossing_min: u32,
    /// Between two crossings of one boat.
    pub turnaround_min: u32,
    /// Minutes of Shanghai's day between which boats leave: daylight, or the operator's hours.
    pub sails_from_min: u32,
    pub sails_until_min: u32,
    /// Boats, all alike.
    pub boats: u32,
    /// What one boat carries on one crossing.
    pub boat_kg: u32,
    /// Where the figures come from.
    pub source: String,
    pub status: ItemStatus,
}

/// What the boats of a leg can carry in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ferried {
    /// Crossings of each boat.
    pub crossings: i64,
    pub capacity_kg: i64,
}

/// Minutes until boats leave that sail from one minute of the day until another, seen from a
/// minute of the day.
pub fn sails_in_min((from_min, until_min): (u32, u32), minute_of_day: u32) -> u32 {
    let day = u32::try_from(DAY_MIN).unwrap_or(u32::MAX);
    let now = minute_of_day % day;
    if (from_min..=until_min).contains(&now) {
        return 0;
    }
    (from_min + day - now) % day
}

impl WaterLeg {
    /// What its boats can carry until `latest_min` where the first lands at `first_min`, if they
    /// never lie still: `crossings = ⌊(latest − first)/(2·crossing + turnaround)⌋ + 1`.
    pub fn ferried(&self, first_min: i64, latest_min: i64) -> Ferried {
        let cycle = (2 * i64::from(self.crossing_min) + i64::from(self.turnaround_min)).max(1);
        let crossings = match latest_min.checked_sub(first_min) {
            Some(left) if left >= 0 => left.div_euclid(cycle) + 1,
            _ => 0,
        };
        let each = i64::from(self.boats).saturating_mul(i64::from(self.boat_kg));
        Ferried { crossings, capacity_kg: crossings.saturating_mul(each) }
    }
}

/// Half an hour across to a region, by two boats of three tonnes, by day.
#[cfg(test)]
pub(crate) fn sample(text: &str, region: &str) -> WaterLeg {
    use super::fixture;

    WaterLeg {
        code: fixture::code(text),
        name: format!("W{text}"),
        region: fixture::region_code(region),
        pier: Point { lon_e6: 0, lat_e6: 0 },
        crossing_min: 30,
        turnaround_min: 20,
        sails_from_min: 360,
        sails_until_min: 1_080,
        boats: 2,
        boat_kg: 3_000,
        source: "test".to_string(),
        status: ItemStatus::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boats_sail_within_their_hours() {
        let day = (6 * 60, 18 * 60);
        assert_eq!(sails_in_min(day, 6 * 60), 0);
        assert_eq!(sails_in_min(day, 18 * 60), 0, "the last one");
        assert_eq!(sails_in_min(day, 18 * 60 + 1), 11 * 60 + 59, "until the next morning");
        assert_eq!(sails_in_min(day, 5 * 60), 60);
        assert_eq!(sails_in_min(day, 1_440 + 5 * 60), 60, "the next day is like the first");
        assert_eq!(sails_in_min((0, 1_440), 700), 0);
    }

    #[test]
    fn what_boats_carry_follows_from_their_crossings() {
        let leg = sample("WL", "371301101");
        // 30 minutes there, 30 back, 20 between: at 100, 180, 260 and 340.
        assert_eq!(leg.ferried(100, 340), Ferried { crossings: 4, capacity_kg: 24_000 });
        assert_eq!(leg.ferried(100, 339).crossings, 3);
        assert_eq!(leg.ferried(100, 100).crossings, 1);
        assert_eq!(leg.ferried(100, 99), Ferried { crossings: 0, capacity_kg: 0 });
    }
}
