//! Instants and the business calendar of Asia/Shanghai (UTC+8, no daylight saving).
//!
//! Lives here: the microsecond instant and its Shanghai date. Does not live here: any reading of a
//! clock. Invariant: an instant is a whole number of microseconds since 1970-01-01 UTC.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Timelike};

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

    /// RFC 3339 in UTC, with a fraction of three or six digits only where there is one.
    pub fn rfc3339(self) -> String {
        let mut text = String::with_capacity(27);
        self.push_rfc3339(&mut text);
        text
    }

    /// Writes that at the end of a text.
    pub fn push_rfc3339(self, text: &mut String) {
        let Some(at) = DateTime::from_timestamp_micros(self.0) else {
            return push_padded(text, self.0, 0);
        };
        push_date(text, at.date_naive());
        for (mark, part) in [('T', at.hour()), (':', at.minute()), (':', at.second())] {
            text.push(mark);
            push_padded(text, part, 2);
        }
        match self.0.rem_euclid(1_000_000) {
            0 => {}
            fraction => {
                text.push('.');
                match fraction % 1_000 {
                    0 => push_padded(text, fraction / 1_000, 3),
                    _ => push_padded(text, fraction, 6),
                }
            }
        }
        text.push('Z');
    }
}

/// Writes a whole number, with zeros before it up to a width. An answer may have a million of them,
/// and the formatting of the standard library was a tenth of its time.
pub fn push_padded<N: itoa::Integer>(text: &mut String, number: N, width: usize) {
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(number);
    for _ in digits.len()..width {
        text.push('0');
    }
    text.push_str(digits);
}

/// Writes a date as `YYYY-MM-DD`.
pub fn push_date(text: &mut String, date: NaiveDate) {
    if !(0..=9_999).contains(&date.year()) {
        return text.push_str(&date.to_string());
    }
    push_padded(text, date.year(), 4);
    text.push('-');
    push_padded(text, date.month(), 2);
    text.push('-');
    push_padded(text, date.day(), 2);
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
    fn instants_are_written_as_the_calendar_writes_them() {
        let day = DAY_US * 365;
        let fractions = [0, 1, 999, 1_000, 120_000, 999_999, 5_000_000, 86_399_000_001];
        for years in [-1_971, -1_970, -700, -1, 0, 30, 51, 8_029, 8_030, 20_000] {
            for fraction in fractions {
                let at = Instant(years * day + fraction);
                let plain = DateTime::from_timestamp_micros(at.0).unwrap();
                let plain = plain.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
                assert_eq!(at.rfc3339(), plain);
            }
        }
        assert_eq!(Instant(i64::MAX).rfc3339(), i64::MAX.to_string());
        let mut text = String::new();
        push_date(&mut text, NaiveDate::from_ymd_opt(821, 3, 9).unwrap());
        assert_eq!(text, "0821-03-09");
    }

    #[test]
    fn dates_before_the_epoch_hold_too() {
        let date = NaiveDate::from_ymd_opt(1969, 12, 31).unwrap();
        assert_eq!(Instant::start_of(date).shanghai_date(), date);
        assert_eq!(add_days(date, 1), NaiveDate::default());
    }
}
