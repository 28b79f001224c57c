//! Quantiles, means and variances of samples.

/// Lower tail, median and upper tail of the draws that are not `NaN` (linear interpolation
/// between order statistics, type 7 of Hyndman & Fan 1996). Reorders the draws.
///
/// ```
/// let [low, median, high] = sanad_numbers::central(&mut [3.0, 1.0, 2.0, 4.0], 0.05);
/// assert!((low - 1.15).abs() < 1e-12 && median == 2.5 && (high - 3.85).abs() < 1e-12);
/// ```
#[must_use]
pub fn central(draws: &mut [f64], tail: f64) -> [f64; 3] {
    draws.sort_unstable_by(f64::total_cmp);
    let kept = draws.iter().take_while(|draw| !draw.is_nan()).count();
    if kept == 0 {
        return [f64::NAN; 3];
    }
    [tail, 0.5, 1.0 - tail].map(|probability| {
        let position = probability * (kept - 1) as f64;
        let at = (position as usize).min(kept - 1);
        let upper = draws[(at + 1).min(kept - 1)];
        draws[at] + (position - at as f64) * (upper - draws[at])
    })
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
