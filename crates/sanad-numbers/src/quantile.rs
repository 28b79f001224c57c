//! Quantiles, means and variances of samples.

/// The quantile of sorted values at `probability`, clamped to [0, 1]; `NaN` of nothing.
///
/// With n values x₍₁₎ ≤ … ≤ x₍ₙ₎ and h = (n − 1)·p it is x₍⌊h⌋₊₁₎ + (h − ⌊h⌋)·(x₍⌊h⌋₊₂₎ − x₍⌊h⌋₊₁₎):
/// linear interpolation between order statistics, type 7 of R. J. Hyndman and Y. Fan, "Sample
/// quantiles in statistical packages", The American Statistician 50, 1996.
///
/// ```
/// let sorted = [1.0, 2.0, 3.0, 4.0];
/// assert_eq!(sanad_numbers::sorted_quantile(&sorted, 0.5), 2.5);
/// assert_eq!(sanad_numbers::sorted_quantile(&sorted, 1.0), 4.0);
/// ```
#[must_use]
pub fn sorted_quantile(sorted: &[f64], probability: f64) -> f64 {
    quantile_of_ranks(sorted.len(), probability, |rank| sorted[rank])
}

/// As [`sorted_quantile`], of values that are not kept as a slice: `value` gives the order statistic
/// of a rank, from 0 to `count` − 1.
#[must_use]
pub fn quantile_of_ranks(count: usize, probability: f64, value: impl Fn(usize) -> f64) -> f64 {
    let Some(last) = count.checked_sub(1) else { return f64::NAN };
    let position = probability.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let share = position - below as f64;
    let low = value(below);
    // An order statistic itself is not interpolated: ∞ − ∞ would make it no number.
    if share == 0.0 { low } else { low + share * (value((below + 1).min(last)) - low) }
}

/// The order statistic nearest to the place of [`sorted_quantile`], for draws that have to stay
/// values that were drawn; nothing of nothing.
///
/// ```
/// assert_eq!(sanad_numbers::nearest_rank(&[1, 2, 3, 9], 0.9), Some(9));
/// ```
#[must_use]
pub fn nearest_rank<T: Copy>(sorted: &[T], probability: f64) -> Option<T> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((probability.clamp(0.0, 1.0) * last as f64).round() as usize).copied()
}

/// The smallest of sorted values that at least the share `probability` of them do not exceed: the
/// inverse of the empirical distribution function, type 1 of Hyndman and Fan (1996). A quantile of
/// counts stays a count. Nothing of nothing.
///
/// ```
/// assert_eq!(sanad_numbers::smallest_covering(&[0, 0, 3, 8], 0.5), Some(0));
/// assert_eq!(sanad_numbers::smallest_covering(&[0, 0, 3, 8], 0.51), Some(3));
/// ```
#[must_use]
pub fn smallest_covering<T: Copy>(sorted: &[T], probability: f64) -> Option<T> {
    let last = sorted.len().checked_sub(1)?;
    // A share like 0.95 is not a binary number: what rounding adds must not cost a rank.
    let reached = (probability * sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize - 1;
    sorted.get(reached.min(last)).copied()
}

/// The median: [`sorted_quantile`] at one half of the values that are not `NaN`.
///
/// ```
/// assert_eq!(sanad_numbers::median(&[4.0, 1.0, f64::NAN, 2.0]), 2.0);
/// ```
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted_quantile(&sorted, 0.5)
}

/// Lower tail, median and upper tail of the draws that are not `NaN`, each a [`sorted_quantile`].
/// Reorders the draws.
///
/// ```
/// let [low, median, high] = sanad_numbers::central(&mut [3.0, 1.0, 2.0, 4.0], 0.05);
/// assert!((low - 1.15).abs() < 1e-12 && median == 2.5 && (high - 3.85).abs() < 1e-12);
/// ```
#[must_use]
pub fn central(draws: &mut [f64], tail: f64) -> [f64; 3] {
    // `total_cmp` puts NaN of negative sign first and those of positive sign last.
    draws.sort_unstable_by(f64::total_cmp);
    let first = draws.iter().take_while(|draw| draw.is_nan()).count();
    let kept = draws[first..].iter().take_while(|draw| !draw.is_nan()).count();
    [tail, 0.5, 1.0 - tail]
        .map(|probability| sorted_quantile(&draws[first..first + kept], probability))
}

/// Arithmetic mean; `NaN` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sample variance (n − 1); 0 for fewer than two values.
#[must_use]
pub fn variance(values: &[f64]) -> f64 {
    variance_around(mean(values), values)
}

/// As [`variance`], Σ (x − x̄)² / (n − 1), where the mean x̄ is already known.
#[must_use]
pub fn variance_around(centre: f64, values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_and_skip_gaps() {
        let mut draws: Vec<f64> = (0..101).rev().map(f64::from).collect();
        draws.insert(50, f64::NAN);
        assert_eq!(central(&mut draws, 0.05), [5.0, 50.0, 95.0]);
        let mut few = [3.0, 1.0, 2.0, 4.0];
        let [low, median, high] = central(&mut few, 0.05);
        assert!((low - 1.15).abs() < 1e-12 && (median - 2.5).abs() < 1e-12);
        assert!((high - 3.85).abs() < 1e-12);
        assert!(central(&mut [f64::NAN], 0.05)[0].is_nan());
    }
}
