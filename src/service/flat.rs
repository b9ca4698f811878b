//! Flat notations: how lists, pairs and decimals stand in one cell of a table.
//!
//! Lives here: reading and writing of `a;b`, `a=1;b=2` and decimals as whole numbers. Does not live
//! here: which column holds what. Invariant: what is written is read back as it was, and a decimal
//! never passes through a float.

/// Stands between the parts of a list.
const BETWEEN: char = ';';
/// Stands between the two halves of a pair.
const WITHIN: char = '=';

/// Whether a text can be a part of a list or pair.
pub fn fits(text: &str) -> bool {
    !text.is_empty() && !text.contains([BETWEEN, WITHIN])
}

/// The parts of `a;b;c`; none in an empty cell.
pub fn list(text: &str) -> Vec<String> {
    let parts = text.split(BETWEEN).filter(|_| !text.is_empty());
    parts.map(str::to_string).collect()
}

/// The cell of a list.
pub fn write_list<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let parts: Vec<&str> = parts.into_iter().collect();
    parts.join(&BETWEEN.to_string())
}

/// The pairs of `a=1;b=2`; `None` where a part has no `=`.
pub fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let half = |part: &str| {
        let (left, right) = part.split_once(WITHIN)?;
        Some((left.to_string(), right.to_string()))
    };
    list(text).iter().map(|part| half(part)).collect()
}

/// The cell of pairs.
pub fn write_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let parts: Vec<String> =
        pairs.into_iter().map(|(left, right)| format!("{left}{WITHIN}{right}")).collect();
    write_list(parts.iter().map(String::as_str))
}

/// A decimal in units of its last kept place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaled {
    pub units: i64,
    /// Whether nothing was rounded away.
    pub exact: bool,
}

/// Reads `-12.345` in units of `10^-places`, rounding half away from zero; `None` for anything but
/// digits with at most one point, and out of 64 bits.
pub fn decimal(text: &str, places: usize) -> Option<Scaled> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let kept: String = part.chars().chain("0".repeat(places).chars()).take(places).collect();
    let cut = part.get(places..).unwrap_or_default();
    let mut units = format!("{whole}{kept}").parse::<i64>().ok()?;
    if cut.bytes().next().is_some_and(|digit| digit >= b'5') {
        units = units.checked_add(1)?;
    }
    Some(Scaled {
        units: if negative { -units } else { units },
        exact: cut.bytes().all(|digit| digit == b'0'),
    })
}

/// The shortest decimal text of `units` of `10^-places`.
pub fn write_decimal(units: i64, places: usize) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let part = part.trim_end_matches('0');
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let units = |text, places| decimal(text, places).map(|scaled| scaled.units);
        assert_eq!(units("118.350669", 6), Some(118_350_669));
        assert_eq!(units("-0.5", 6), Some(-500_000));
        assert_eq!(units("979.3", 2), Some(97_930));
        assert_eq!(units("0.0000005", 6), Some(1));
        assert_eq!(units("3000", 3), Some(3_000_000));
        assert_eq!(decimal("0.3001", 3).map(|scaled| scaled.exact), Some(false));
        assert_eq!(decimal("0.3000", 3).map(|scaled| scaled.exact), Some(true));
        for bad in ["", "-", ".5", "1.", "1e3", "+1", "1,5", "1.2.3", "inf", "９"] {
            assert_eq!(decimal(bad, 3), None, "{bad}");
        }
        for (value, text) in [(97_930, "979.3"), (-5, "-0.05"), (0, "0"), (100, "1")] {
            assert_eq!(write_decimal(value, 2), text);
            assert_eq!(units(text, 2), Some(value));
        }
    }

    #[test]
    fn lists_and_pairs_come_back() {
        assert_eq!(list(""), Vec::<String>::new());
        assert_eq!(list("a;b"), ["a", "b"]);
        assert_eq!(write_list(["a", "b"]), "a;b");
        let found = pairs("盒=50;箱=2000").unwrap();
        let again = found.iter().map(|(left, right)| (left.as_str(), right.clone()));
        assert_eq!(write_pairs(again), "盒=50;箱=2000");
        assert_eq!(pairs("a=1;b"), None);
    }
}
