//! Diversity of a mix of categories.

/// Shares of the categories; `None` where nothing was counted. Counts must be ≥ 0.
#[must_use]
pub fn shares(counts: &[f64]) -> Option<Vec<f64>> {
    let total: f64 = counts.iter().sum();
    (total > 0.0).then(|| counts.iter().map(|count| count / total).collect())
}

/// Shannon entropy in bits: 0 for one category, log₂ k for k equal ones. `None` of nothing.
///
/// ```
/// assert_eq!(sanad_evidence::statements::mix::entropy_bits(&[2.0, 2.0, 0.0]), Some(1.0));
/// ```
#[must_use]
pub fn entropy_bits(counts: &[f64]) -> Option<f64> {
    let of = |share: &f64| if *share > 0.0 { -share * share.log2() } else { 0.0 };
    Some(shares(counts)?.iter().map(of).sum())
}

/// Effective number of categories of order `order` ≥ 0 (Hill 1973): 0 counts them, 1 is the
/// exponential of Shannon's entropy, 2 the inverse of Simpson's concentration. `None` of nothing.
///
/// ```
/// use sanad_evidence::statements::mix::effective_number;
///
/// let counts = [6.0, 3.0, 1.0];
/// assert_eq!(effective_number(&counts, 0.0), Some(3.0));
/// assert!((effective_number(&counts, 2.0).unwrap() - 1.0 / 0.46).abs() < 1e-12);
/// ```
#[must_use]
pub fn effective_number(counts: &[f64], order: f64) -> Option<f64> {
    let shares = shares(counts)?;
    if (order - 1.0).abs() < 1e-9 {
        return entropy_bits(counts).map(f64::exp2);
    }
    let sum: f64 = shares.iter().filter(|share| **share > 0.0).map(|share| share.powf(order)).sum();
    Some(sum.powf(1.0 / (1.0 - order)))
}

/// Probability that two statements drawn at random differ (Simpson's diversity), in [0, 1).
#[must_use]
pub fn simpson(counts: &[f64]) -> Option<f64> {
    Some(1.0 - shares(counts)?.iter().map(|share| share * share).sum::<f64>())
}

/// Jensen–Shannon divergence of two mixes in bits, in [0, 1]: 0 for equal mixes, 1 for mixes
/// without a common category (Lin 1991). `None` where either is empty.
///
/// ```
/// use sanad_evidence::statements::mix::jensen_shannon_bits;
///
/// assert_eq!(jensen_shannon_bits(&[1.0, 0.0], &[0.0, 3.0]), Some(1.0));
/// assert_eq!(jensen_shannon_bits(&[1.0, 2.0], &[2.0, 4.0]), Some(0.0));
/// ```
#[must_use]
pub fn jensen_shannon_bits(first: &[f64], second: &[f64]) -> Option<f64> {
    let (p, q) = (shares(first)?, shares(second)?);
    let part = |own: f64, middle: f64| if own > 0.0 { own * (own / middle).log2() } else { 0.0 };
    let sum: f64 = p
        .iter()
        .zip(&q)
        .map(|(&p, &q)| {
            let middle = (p + q) / 2.0;
            (part(p, middle) + part(q, middle)) / 2.0
        })
        .sum();
    Some(sum.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_categories_count_in_full_at_every_order() {
        for order in [0.0, 0.5, 1.0, 2.0, 3.0] {
            let number = effective_number(&[2.0; 5], order).expect("counted");
            assert!((number - 5.0).abs() < 1e-9, "{order}");
        }
        assert_eq!(simpson(&[1.0, 1.0]), Some(0.5));
    }

    #[test]
    fn nothing_counted_has_no_diversity() {
        assert_eq!(entropy_bits(&[0.0, 0.0]), None);
        assert_eq!(jensen_shannon_bits(&[0.0], &[1.0]), None);
    }

    /// By hand: p = (½, ½), q = (1, 0), middle (¾, ¼).
    #[test]
    fn a_divergence_by_hand() {
        let expected = 0.5 * (0.5 * (2.0_f64 / 3.0).log2() + 0.5) + 0.5 * (4.0_f64 / 3.0).log2();
        let found = jensen_shannon_bits(&[1.0, 1.0], &[3.0, 0.0]).expect("counted");
        assert!((found - expected).abs() < 1e-12);
        let other = jensen_shannon_bits(&[3.0, 0.0], &[1.0, 1.0]).expect("counted");
        assert_eq!(found, other);
    }
}
