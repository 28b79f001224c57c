//! Shares of a whole.

/// Wilson's interval of a share, 0 to 1, of `whole` trials, above 0, that reaches `deviate` standard errors to each
/// side ([`NORMAL_90`](crate::NORMAL_90) or [`NORMAL_95`](crate::NORMAL_95)):
/// (p + z²/2n ± z √(p (1 − p)/n + z²/4n²)) / (1 + z²/n), cut at 0 and 1 and stretched to hold the
/// share itself. E. B. Wilson, "Probable inference, the law of succession, and statistical
/// inference", Journal of the American Statistical Association 22, 1927.
///
/// ```
/// let [low, high] = sanad_numbers::wilson_interval(0.5, 10.0, sanad_numbers::NORMAL_95);
/// assert!((low - 0.2366).abs() < 1e-4 && (high - 0.7634).abs() < 1e-4);
/// ```
#[must_use]
pub fn wilson_interval(share: f64, whole: f64, deviate: f64) -> [f64; 2] {
    let square = deviate * deviate / whole;
    let middle = (share + square / 2.0) / (1.0 + square);
    let variance = share * (1.0 - share) / whole + square / (4.0 * whole);
    let half = deviate / (1.0 + square) * variance.sqrt();
    [(middle - half).max(0.0).min(share), (middle + half).min(1.0).max(share)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NORMAL_90, NORMAL_95};

    #[test]
    fn the_interval_holds_the_share_and_stays_in_the_unit_interval() {
        for (share, whole) in [(0.0, 1.0), (1.0, 3.0), (0.5, 10.0), (0.02, 5_000.0)] {
            let [low, high] = wilson_interval(share, whole, NORMAL_90);
            assert!(0.0 <= low && low <= share && share <= high && high <= 1.0);
            let [lower, higher] = wilson_interval(share, whole, NORMAL_95);
            assert!(lower <= low && high <= higher);
        }
    }
}
