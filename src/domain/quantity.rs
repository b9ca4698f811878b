//! Quantities and ratios as integers.
//!
//! Lives here: counts in an item's base unit, and ratios in ten-thousandths cut down. Does not live
//! here: units and packs (`catalogue`). Invariant: no ratio is ever rounded up.

/// The largest quantity one line may carry; a larger one is a slip of the keyboard.
pub const MAX_QUANTITY: i64 = 1_000_000_000_000;

/// A positive whole number of base units, at most [`MAX_QUANTITY`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(i64);

impl Quantity {
    /// The quantity, or `None` when it is not in `1..=MAX_QUANTITY`.
    pub fn new(units: i64) -> Option<Self> {
        (1..=MAX_QUANTITY).contains(&units).then_some(Self(units))
    }

    /// The number of base units.
    pub fn units(self) -> i64 {
        self.0
    }

    /// This many packs of `factor` base units each; `None` when the product is out of bounds.
    pub fn times(self, factor: i64) -> Option<Self> {
        self.0.checked_mul(factor).and_then(Self::new)
    }
}

/// A ratio in ten-thousandths, cut down: 0.99996 is 9,999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio(pub i64);

impl Ratio {
    /// The whole.
    pub const ONE: Self = Self(10_000);
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// `part / whole` cut down to ten-thousandths; `None` where `whole` is zero.
    pub fn of(part: i128, whole: i128) -> Option<Self> {
        if whole <= 0 {
            return None;
        }
        let cut = part.saturating_mul(10_000).div_euclid(whole);
        i64::try_from(cut).ok().map(Self)
    }

    /// `part / whole`, at most one; one where nothing is asked.
    pub fn capped(part: i128, whole: i128) -> Self {
        Self::of(part, whole).map_or(Self::ONE, |ratio| ratio.min(Self::ONE))
    }
}

/// `value / divisor` rounded up, for non-negative values and positive divisors.
pub fn div_up(value: i128, divisor: i128) -> i128 {
    let whole = value.div_euclid(divisor);
    if value.rem_euclid(divisor) == 0 { whole } else { whole.saturating_add(1) }
}

/// A wide sum brought back to 64 bits, held at the bounds.
pub fn narrow(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// The product, held at the bounds; at once where both are small, as they mostly are.
pub fn product(one: i128, other: i128) -> i128 {
    match (i64::try_from(one), i64::try_from(other)) {
        (Ok(one), Ok(other)) => i128::from(one) * i128::from(other),
        _ => one.saturating_mul(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_cut_down() {
        assert_eq!(Ratio::of(99_996, 100_000), Some(Ratio(9_999)));
        assert_eq!(Ratio::of(78, 83), Some(Ratio(9_397)));
        assert_eq!(Ratio::of(1, 0), None);
        assert_eq!(Ratio::capped(5, 4), Ratio::ONE);
    }

    #[test]
    fn quantities_are_bounded() {
        assert_eq!(Quantity::new(0), None);
        assert_eq!(Quantity::new(-1), None);
        assert_eq!(Quantity::new(MAX_QUANTITY + 1), None);
        assert_eq!(Quantity::new(24).and_then(|q| q.times(24)).map(Quantity::units), Some(576));
        assert_eq!(Quantity::new(MAX_QUANTITY).and_then(|q| q.times(2)), None);
    }

    #[test]
    fn products_are_exact_until_they_are_held_at_the_bounds() {
        let large = i128::from(i64::MAX) + 1;
        assert_eq!(product(large, 3), large * 3);
        assert_eq!(product(-7, i128::from(i64::MAX)), -7 * i128::from(i64::MAX));
        assert_eq!(product(large, i128::MAX), i128::MAX);
        assert_eq!(product(-large, i128::MAX), i128::MIN);
    }

    #[test]
    fn rounding_up_is_exact() {
        assert_eq!(div_up(10, 5), 2);
        assert_eq!(div_up(11, 5), 3);
        assert_eq!(div_up(0, 5), 0);
    }
}
