//! Goodness of fit: Kolmogorov–Smirnov tests of residuals against the law a true model gives them.

/// A one-sample Kolmogorov–Smirnov test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KsTest {
    /// Largest distance between the empirical and the hypothesised distribution, in 0..=1.
    pub statistic: f64,
    /// Chance of a distance at least this large if the hypothesis holds.
    pub p_value: f64,
    /// Number of values tested.
    pub count: usize,
}

/// Tests whether values are independent draws from Exp(1), as time-rescaled residuals of a true
/// model are. Values below zero or not a number count as evidence against.
///
/// ```
/// let grid: Vec<f64> = (0..500).map(|k| -f64::ln(1.0 - (k as f64 + 0.5) / 500.0)).collect();
/// assert!(sanad_cycle::ks_exponential(&grid).p_value > 0.99);
/// ```
#[must_use]
pub fn ks_exponential(values: &[f64]) -> KsTest {
    let uniforms: Vec<f64> = values.iter().map(|value| -(-value).exp_m1()).collect();
    ks_uniform(&uniforms)
}

/// Tests whether values are independent draws from the uniform distribution on (0, 1).
///
/// The p-value is Kolmogorov's limit with the finite-sample correction of M. A. Stephens, "EDF
/// statistics for goodness of fit and some comparisons", JASA 69 (1974). No values: p-value 1.
#[must_use]
pub fn ks_uniform(values: &[f64]) -> KsTest {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len();
    if count == 0 {
        return KsTest { statistic: 0.0, p_value: 1.0, count };
    }
    let n = count as f64;
    let statistic = sorted.iter().enumerate().fold(0.0_f64, |largest, (k, &u)| {
        largest.max(u - k as f64 / n).max((k + 1) as f64 / n - u)
    });
    let root = n.sqrt();
    KsTest { statistic, p_value: kolmogorov_tail((root + 0.12 + 0.11 / root) * statistic), count }
}

/// P(K > x) for Kolmogorov's distribution.
fn kolmogorov_tail(x: f64) -> f64 {
    if x < 0.2 {
        return 1.0;
    }
    let sum: f64 = (1..=100)
        .map(|k| {
            let k = f64::from(k);
            let sign = if k % 2.0 == 1.0 { 1.0 } else { -1.0 };
            sign * (-2.0 * k * k * x * x).exp()
        })
        .sum();
    (2.0 * sum).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sanad_core::random::Streams;

    #[test]
    fn the_tail_matches_the_tabulated_critical_values() {
        // Kolmogorov's limit: 1.3581 at 5 %, 1.6276 at 1 %.
        assert!((kolmogorov_tail(1.3581) - 0.05).abs() < 1e-4);
        assert!((kolmogorov_tail(1.6276) - 0.01).abs() < 1e-4);
    }

    #[test]
    fn uniform_draws_are_rejected_at_the_nominal_rate() {
        let streams = Streams::new(11, "ks");
        let rejected = (0..2000)
            .filter(|&set| {
                let mut stream = streams.at(set, 0, 0);
                let values: Vec<f64> = (0..40).map(|_| stream.open01()).collect();
                ks_uniform(&values).p_value < 0.05
            })
            .count();
        // Binomial(2000, 0.05) has standard deviation 9.7.
        assert!((70..=130).contains(&rejected), "{rejected} of 2000");
    }

    #[test]
    fn a_wrong_law_is_rejected() {
        let values: Vec<f64> = (0..200).map(|k| 0.5 * f64::from(k) / 200.0).collect();
        assert!(ks_uniform(&values).p_value < 1e-6);
    }
}
