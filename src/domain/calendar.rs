//! Instants and the business calendar of Asia/Shanghai (UTC+8, no daylight saving).
//!
//! Lives here: the microsecond instant and its Shanghai date. Does not live here: any reading of a
//! clock. Invariant: an instant is a whole number of microseconds since 1970-01-01 UTC.

use chrono::{DateTime, Days, Months, NaiveDate};

const SHANGHAI_OFFSET_US: i64 = 8 * 3_600 * 1_000_000;
const DAY_US: i64 = 86_400 * 1_000_000;
/// How far ahead of the server's clock an `occurred_at` may be, in microseconds (five minutes).
pub const CLOCK_TOLERANCE_US: i64 = 5 * 60 * 1_000_000;

/// A point in time, in microseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

impl Instant {
    /// The calendar date of this instant in Shanghai.
    pub fn shanghai_date(self) -> NaiveDate {
        let days = (self.0.saturating_add(SHANGHAI_OFFSET_US)).div_euclid(DAY_US);
        date_of_days(days)
    }

    /// The first instant of `date` in Shanghai.
    pub fn start_of(date: NaiveDate) -> Self {
        Self(days_of_date(date).saturating_mul(DAY_US).saturating_sub(SHANGHAI_OFFSET_US))
    }

    /// The first instant after `date` in Shanghai: what occurred before it belongs to the date.
    pub fn end_of(date: NaiveDate) -> Self {
        Self::start_of(date.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX))
    }

    /// RFC 3339 in UTC, with microseconds only where there are any.
    pub fn rfc3339(self) -> String {
        DateTime::from_timestamp_micros(self.0).map_or_else(
            || self.0.to_string(),
            |at| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        )
    }
}

fn days_of_date(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

fn date_of_days(days: i64) -> NaiveDate {
    let epoch = NaiveDate::default();
    let moved = if days >= 0 {
        epoch.checked_add_days(Days::new(days.unsigned_abs()))
    } else {
        epoch.checked_sub_days(Days::new(days.unsigned_abs()))
    };
    moved.unwrap_or(if days >= 0 { NaiveDate::MAX } else { NaiveDate::MIN })
}

/// `date` plus a number of calendar months; the last day of a shorter month where needed.
pub fn add_months(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// `date` plus (or minus) whole days, held within the calendar.
pub fn add_days(date: NaiveDate, days: i64) -> NaiveDate {
    date_of_days(days_of_date(date).saturating_add(days))
}

/// Whole days from `from` to `to`; negative when `to` is earlier.
pub fn days_between(from: NaiveDate, to: NaiveDate) -> i64 {
    to.signed_duration_since(from).num_days()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_shanghai_midnight() {
        let date = NaiveDate::from_ymd_opt(2021, 11, 10).unwrap();
        let start = Instant::start_of(date);
        assert_eq!(start.rfc3339(), "2021-11-09T16:00:00Z");
        assert_eq!(start.shanghai_date(), date);
        assert_eq!(Instant(start.0 - 1).shanghai_date(), date.pred_opt().unwrap());
        assert_eq!(Instant::end_of(date).0 - start.0, DAY_US);
    }

    #[test]
    fn dates_before_the_epoch_hold_too() {
        let date = NaiveDate::from_ymd_opt(1969, 12, 31).unwrap();
        assert_eq!(Instant::start_of(date).shanghai_date(), date);
        assert_eq!(add_days(date, 1), NaiveDate::default());
    }
}
