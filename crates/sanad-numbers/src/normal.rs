//! The standard normal distribution: density, tails and quantiles.

use core::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

use statrs::function::erf::erfc_inv;

/// The probabilities on both sides of a point, each computed by itself, so that a small tail is not lost as
/// one minus the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalTails {
    /// Φ(x), the probability below the point.
    pub below: f64,
    /// 1 − Φ(x), the probability above the point.
    pub above: f64,
}

/// φ(x), the standard normal density.
#[must_use]
pub fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// The standard normal deviate at 97.5 %, Φ⁻¹(0.975): a two-sided interval of 95 % reaches this many
/// standard errors to each side.
pub const NORMAL_95: f64 = 1.959_963_984_540_054;

/// The standard normal deviate at 95 %, Φ⁻¹(0.95): a two-sided interval of 90 % reaches this many
/// standard errors to each side.
pub const NORMAL_90: f64 = 1.644_853_626_951_472_6;

/// The distribution function Φ(x) = erfc(−x / √2) / 2.
///
/// ```
/// use sanad_numbers::{NORMAL_95, normal_cdf};
///
/// assert!((normal_cdf(NORMAL_95) - 0.975).abs() < 1e-12);
/// ```
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Both tails at `x`, the smaller one from the complementary error function of |x| / √2.
///
/// ```
/// use sanad_numbers::normal_tails;
///
/// assert!((normal_tails(1.96).above - 0.024_997_895).abs() < 1e-9);
/// assert!(normal_tails(10.0).above > 7.0e-24);
/// ```
#[must_use]
pub fn normal_tails(x: f64) -> NormalTails {
    let tail = normal_cdf(-x.abs());
    if x < 0.0 {
        NormalTails { below: tail, above: 1.0 - tail }
    } else {
        NormalTails { below: 1.0 - tail, above: tail }
    }
}

/// The quantile Φ⁻¹(p) for `p` in [0, 1]: −∞ at 0 and ∞ at 1.
///
/// ```
/// assert!((sanad_numbers::normal_quantile(0.95) - 1.644_853_627).abs() < 1e-9);
/// ```
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    normal_quantile_of_tails(p, 1.0 - p)
}

/// The quantile with the probability `below` under it and `above` over it. The smaller of the two
/// has the digits, so that a quantile far out in the upper tail is as exact as one in the lower:
/// Φ⁻¹(p) = −√2 · erfc⁻¹(2p).
#[must_use]
pub fn normal_quantile_of_tails(below: f64, above: f64) -> f64 {
    let tail = |p: f64| SQRT_2 * erfc_inv(2.0 * p);
    if below < above { -tail(below) } else { tail(above) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Upper tails to 16 digits, from the C library's complementary error function.
    #[test]
    fn tails_are_the_tabulated_ones_on_both_sides() {
        let table = [
            (0.2, 4.207_402_905_608_97e-1),
            (1.0, 1.586_552_539_314_571e-1),
            (1.96, 2.499_789_514_822_044e-2),
            (3.6, 1.591_085_901_575_34e-4),
            (5.0, 2.866_515_718_791_946e-7),
            (7.0, 1.279_812_543_885_835e-12),
            (7.2, 3.010_627_981_117_446e-13),
            (9.0, 1.128_588_405_953_842e-19),
            (15.0, 3.670_966_199_312_859e-51),
        ];
        for (x, expected) in table {
            let [right, left] = [normal_tails(x), normal_tails(-x)];
            assert!((right.above - expected).abs() < 1e-15, "{x}: {right:?}");
            assert!((right.above / expected - 1.0).abs() < 1e-7, "{x}: {right:?}");
            assert_eq!((left.below, left.above), (right.above, right.below));
            assert!((right.above + right.below - 1.0).abs() < 1e-15, "{x}");
        }
    }

    #[test]
    fn the_density_is_the_slope_of_the_tail() {
        for step in -90..=90 {
            let x = f64::from(step) / 10.0;
            let slope = (normal_tails(x + 1e-5).below - normal_tails(x - 1e-5).below) / 2e-5;
            assert!((slope - normal_density(x)).abs() < 1e-9, "{x}");
        }
    }

    #[test]
    fn quantiles_are_the_tabulated_ones() {
        for (p, z) in
            [(0.975, NORMAL_95), (0.95, NORMAL_90), (0.2, -0.841_621_233_572_914), (0.5, 0.0)]
        {
            assert!((normal_quantile(p) - z).abs() < 1e-9, "{p}");
        }
        assert_eq!(
            [normal_quantile(0.0), normal_quantile(1.0)],
            [f64::NEG_INFINITY, f64::INFINITY]
        );
    }

    #[test]
    fn a_quantile_far_out_keeps_its_digits_on_both_sides() {
        let far = normal_quantile_of_tails(1.0 - 1e-20, 1e-20);
        assert_eq!(far, -normal_quantile_of_tails(1e-20, 1.0 - 1e-20));
        assert!((normal_cdf(-far) / 1e-20 - 1.0).abs() < 1e-9, "{far}");
    }
}
