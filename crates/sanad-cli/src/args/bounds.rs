//! Whole numbers that options take, each with its bounds, so that what is outside is told them.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use sanad_evidence::statements::agreement::Bootstrap;

/// Draws for each place and month.
pub(super) fn draws(text: &str) -> Result<usize, String> {
    whole(1..=sanad_forecast::MAX_DRAWS)(text)
}

/// Runs of an ensemble.
pub(super) fn members(text: &str) -> Result<usize, String> {
    whole(1..=1_000_000)(text)
}

/// Loops of a diagram.
pub(super) fn loops(text: &str) -> Result<usize, String> {
    whole(1..=100_000)(text)
}

/// Chains that learn side by side.
pub(super) fn chains(text: &str) -> Result<usize, String> {
    whole(2..=1000)(text)
}

/// Draws of a chain.
pub(super) fn chain_draws(text: &str) -> Result<usize, String> {
    whole(4..=1_000_000)(text)
}

/// Resamples of units.
pub(super) fn resamples(text: &str) -> Result<usize, String> {
    whole(Bootstrap::LEAST..=Bootstrap::MOST)(text)
}

/// A reader of whole numbers within bounds.
pub(super) fn whole<T: Copy + FromStr + PartialOrd + Display>(
    bounds: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        let number = text.trim().parse().ok().filter(|number| bounds.contains(number));
        let (least, most) = (bounds.start(), bounds.end());
        number.ok_or_else(|| format!("expected a whole number from {least} to {most}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_bound_that_the_message_says() {
        assert_eq!(draws("1000"), Ok(1000));
        for wrong in ["0", "-1", "18446744073709551615", "100001", "1e3", ""] {
            let message = draws(wrong).unwrap_err();
            assert_eq!(message, "expected a whole number from 1 to 100000", "{wrong}");
        }
        // Also where the number does not fit the type.
        let message = whole(1_u16..=64)("70000").unwrap_err();
        assert_eq!(message, "expected a whole number from 1 to 64");
    }
}
