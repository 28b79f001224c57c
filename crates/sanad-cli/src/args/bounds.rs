//! The largest sizes that options take.

/// Draws for each place and month.
pub(super) fn draws(text: &str) -> Result<usize, String> {
    within(text, sanad_forecast::MAX_DRAWS)
}

/// Runs of an ensemble.
pub(super) fn members(text: &str) -> Result<usize, String> {
    within(text, 1_000_000)
}

/// Loops of a diagram.
pub(super) fn loops(text: &str) -> Result<usize, String> {
    within(text, 100_000)
}

/// Chains that learn side by side.
pub(super) fn chains(text: &str) -> Result<usize, String> {
    between(text, 2, 1000)
}

/// Draws of a chain.
pub(super) fn chain_draws(text: &str) -> Result<usize, String> {
    between(text, 4, 1_000_000)
}

fn within(text: &str, most: usize) -> Result<usize, String> {
    between(text, 1, most)
}

fn between(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let number = text.trim().parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("expected a whole number from {least} to {most}"))
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
    }
}
