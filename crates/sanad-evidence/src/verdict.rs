//! Verdicts on claims, by one rule written down before looking, and control of multiplicity.

use sanad_core::Verdict;
use sanad_numbers::NORMAL_95;

/// What a test found, and what it could have found. Effect, interval and size that matters are in
/// one unit and in the claim's own direction: positive is what the claim says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// Estimate.
    pub effect: f64,
    /// 95 % interval.
    pub interval: (f64, f64),
    /// Smallest effect that would matter to a decision, > 0.
    pub size_that_matters: f64,
    /// Adjusted p-value of the effect being zero or against the claim ([`benjamini_yekutieli`]).
    pub adjusted_p: f64,
    /// Probability that the test finds an effect of the size that matters.
    pub power: f64,
}

/// Thresholds of the rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VerdictRule {
    /// Largest adjusted p-value of a supported claim.
    pub level: f64,
    /// Smallest power at which the absence of an effect counts; above 1 it never does.
    pub power: f64,
}

impl VerdictRule {
    /// The same rule for a mechanism slower than the test looks: an effect that is not there yet is no
    /// absent effect, and only one in the other direction contradicts.
    ///
    /// ```
    /// use sanad_core::Verdict;
    /// use sanad_evidence::{Finding, VerdictRule};
    ///
    /// let none = Finding {
    ///     effect: 0.0, interval: (-0.05, 0.05), size_that_matters: 0.1, adjusted_p: 1.0, power: 0.99,
    /// };
    /// let rule = VerdictRule::default();
    /// assert_eq!(rule.decide(Some(none)), Verdict::Contradicted);
    /// assert_eq!(rule.for_slow_mechanism().decide(Some(none)), Verdict::Inconclusive);
    /// ```
    #[must_use]
    pub const fn for_slow_mechanism(self) -> Self {
        Self { power: f64::INFINITY, ..self }
    }
}

impl Default for VerdictRule {
    /// Level 5 %, power 80 %.
    fn default() -> Self {
        Self { level: 0.05, power: 0.8 }
    }
}

impl VerdictRule {
    /// The verdict on a finding; `None` stands for a claim without data.
    ///
    /// 1. No finding, or a finding with a value that is not a number: not testable.
    /// 2. Interval above zero, adjusted p at most the level, and the interval's upper end at least
    ///    the size that matters: supported.
    /// 3. Interval below zero: contradicted.
    /// 4. Interval's upper end below the size that matters, and power at least as asked:
    ///    contradicted.
    /// 5. Otherwise inconclusive.
    ///
    /// ```
    /// use sanad_core::Verdict;
    /// use sanad_evidence::{Finding, VerdictRule};
    ///
    /// let finding = Finding {
    ///     effect: 0.2, interval: (0.1, 0.3), size_that_matters: 0.1, adjusted_p: 0.01, power: 0.9,
    /// };
    /// let rule = VerdictRule::default();
    /// assert_eq!(rule.decide(Some(finding)), Verdict::Supported);
    /// let vague = Finding { interval: (-0.2, 0.6), adjusted_p: 0.4, power: 0.3, ..finding };
    /// assert_eq!(rule.decide(Some(vague)), Verdict::Inconclusive);
    /// assert_eq!(rule.decide(None), Verdict::NotTestable);
    /// ```
    #[must_use]
    pub fn decide(&self, finding: Option<Finding>) -> Verdict {
        let Some(found) = finding.filter(Finding::is_complete) else {
            return Verdict::NotTestable;
        };
        let (low, high) = found.interval;
        let matters = high >= found.size_that_matters;
        if low > 0.0 && found.adjusted_p <= self.level && matters {
            Verdict::Supported
        } else if high < 0.0 || (!matters && found.power >= self.power) {
            Verdict::Contradicted
        } else {
            Verdict::Inconclusive
        }
    }
}

impl Finding {
    /// Whether every number that the rule looks at is one.
    fn is_complete(&self) -> bool {
        let (low, high) = self.interval;
        [self.effect, low, high, self.size_that_matters, self.adjusted_p, self.power]
            .iter()
            .all(|value| !value.is_nan())
    }
}

/// Power of a two-sided test at 5 % against an effect of `size`, given its standard error:
/// Φ(size / error − 1.96). Not a number where the error is none.
///
/// ```
/// let power = sanad_evidence::power_at(2.8, 1.0);
/// assert!((power - 0.8).abs() < 0.01);
/// assert!(sanad_evidence::power_at(1.0, f64::NAN).is_nan());
/// ```
#[must_use]
pub fn power_at(size: f64, error: f64) -> f64 {
    if !(error > 0.0 && error.is_finite()) {
        return f64::NAN;
    }
    let z = size / error - NORMAL_95;
    sanad_numbers::normal_cdf(z)
}

/// Whether an estimate that passed a test is likely larger than the effect: of a test with little
/// power, what passes is found too large (A. Gelman and J. Carlin, "Beyond power calculations",
/// Perspectives on Psychological Science 9, 2014). So it is where the power is below one half and the
/// estimate lies within 3.3 standard errors of zero.
///
/// ```
/// use sanad_evidence::is_likely_too_large;
///
/// assert!(is_likely_too_large(0.5, 0.2, 0.3));
/// assert!(!is_likely_too_large(0.5, 0.1, 0.3) && !is_likely_too_large(0.5, 0.2, 0.8));
/// ```
#[must_use]
pub fn is_likely_too_large(effect: f64, error: f64, power: f64) -> bool {
    power < 0.5 && effect < 3.3 * error
}

/// Benjamini–Yekutieli adjusted p-values, in the order given: rejecting where they are at most q
/// keeps the expected share of false rejections at or below q whatever the dependence between the
/// tests (Y. Benjamini & D. Yekutieli, "The control of the false discovery rate in multiple testing
/// under dependency", Ann. Stat. 29, 2001). Values that are not a number stay so and do not count.
///
/// ```
/// let adjusted = sanad_evidence::benjamini_yekutieli(&[0.01, 0.04, 0.03]);
/// let sum = 1.0 + 1.0 / 2.0 + 1.0 / 3.0;
/// assert!((adjusted[0] - 0.01 * 3.0 * sum).abs() < 1e-12);
/// assert!((adjusted[1] - 0.04 * sum).abs() < 1e-12);
/// assert!((adjusted[2] - 0.04 * sum).abs() < 1e-12);
/// ```
#[must_use]
pub fn benjamini_yekutieli(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).filter(|&k| !p_values[k].is_nan()).collect();
    order.sort_by(|&a, &b| p_values[b].total_cmp(&p_values[a]));
    let count = order.len();
    let harmonic: f64 = (1..=count).map(|k| 1.0 / k as f64).sum();
    let mut out = p_values.to_vec();
    let mut smallest = 1.0_f64;
    for (place, &k) in order.iter().enumerate() {
        let rank = (count - place) as f64;
        smallest = smallest.min(p_values[k] * harmonic * count as f64 / rank);
        out[k] = smallest;
    }
    out
}

/// Holm's adjusted p-values, in the order given: rejecting where they are at most α keeps the probability of
/// any false rejection at or below α, whatever the dependence between the tests (S. Holm, "A simple
/// sequentially rejective multiple test procedure", Scand. J. Stat. 6, 1979). With the p-values in
/// rising order, p̃₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1)·p₍ⱼ₎). Values that are not a number stay
/// so and do not count.
///
/// ```
/// let adjusted = sanad_evidence::holm(&[0.01, 0.04, 0.03]);
/// assert_eq!(adjusted, [0.03, 0.06, 0.06]);
/// ```
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).filter(|&k| !p_values[k].is_nan()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = p_values.to_vec();
    let mut largest = 0.0_f64;
    for (place, &k) in order.iter().enumerate() {
        let left = (order.len() - place) as f64;
        largest = largest.max((left * p_values[k]).min(1.0));
        adjusted[k] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: Finding = Finding {
        effect: 0.2,
        interval: (0.1, 0.3),
        size_that_matters: 0.15,
        adjusted_p: 0.01,
        power: 0.9,
    };

    fn verdict(finding: Finding) -> Verdict {
        VerdictRule::default().decide(Some(finding))
    }

    #[test]
    fn an_effect_against_the_claim_contradicts_it() {
        assert_eq!(verdict(Finding { interval: (-0.4, -0.1), ..BASE }), Verdict::Contradicted);
    }

    #[test]
    fn an_absent_effect_contradicts_only_where_it_could_have_been_seen() {
        let absent = Finding { effect: 0.0, interval: (-0.1, 0.1), adjusted_p: 0.8, ..BASE };
        assert_eq!(verdict(absent), Verdict::Contradicted);
        assert_eq!(verdict(Finding { power: 0.5, ..absent }), Verdict::Inconclusive);
    }

    #[test]
    fn an_effect_that_multiplicity_explains_is_not_support() {
        assert_eq!(verdict(Finding { adjusted_p: 0.2, ..BASE }), Verdict::Inconclusive);
    }

    #[test]
    fn an_effect_surely_too_small_is_not_support() {
        assert_eq!(verdict(Finding { interval: (0.01, 0.05), ..BASE }), Verdict::Contradicted);
    }

    #[test]
    fn a_finding_with_a_hole_is_not_testable() {
        assert_eq!(verdict(Finding { power: f64::NAN, ..BASE }), Verdict::NotTestable);
    }

    proptest! {
        #[test]
        fn adjustment_keeps_order_and_never_lowers(p in prop::collection::vec(0.0..1.0_f64, 1..20)) {
            let adjusted = benjamini_yekutieli(&p);
            for a in 0..p.len() {
                prop_assert!(adjusted[a] >= p[a].min(1.0) - 1e-12 && adjusted[a] <= 1.0);
                for b in 0..p.len() {
                    if p[a] < p[b] { prop_assert!(adjusted[a] <= adjusted[b]); }
                }
            }
        }
    }
}
