//! The standard normal law: density, tails and quantiles.

use core::f64::consts::{PI, SQRT_2};

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

/// Both tails at `x`: errors stay below 10⁻¹⁵, and below 10⁻⁷ of a small tail. The rational approximation is number 5666 of J. F. Hart et al.,
/// *Computer Approximations* (1968), and beyond 5√2 a continued fraction, as G. West joins them in "Better
/// approximations to cumulative normal functions", Wilmott Magazine (2005).
///
/// ```
/// use sanad_numbers::normal_tails;
///
/// assert!((normal_tails(1.96).above - 0.024_997_895).abs() < 1e-9);
/// assert!(normal_tails(10.0).above > 7.0e-24);
/// ```
#[must_use]
pub fn normal_tails(x: f64) -> NormalTails {
    let tail = tail(x.abs());
    if x < 0.0 {
        NormalTails { below: tail, above: 1.0 - tail }
    } else {
        NormalTails { below: 1.0 - tail, above: tail }
    }
}

/// Coefficients of the numerator, from the highest power down.
const NUMERATOR: [f64; 7] = [
    3.526_249_659_989_11e-2,
    0.700_383_064_443_688,
    6.373_962_203_531_65,
    33.912_866_078_383,
    112.079_291_497_871,
    221.213_596_169_931,
    220.206_867_912_376,
];
/// Coefficients of the denominator, from the highest power down.
const DENOMINATOR: [f64; 8] = [
    8.838_834_764_831_84e-2,
    1.755_667_163_182_64,
    16.064_177_579_207,
    86.780_732_202_946_1,
    296.564_248_779_674,
    637.333_633_378_831,
    793.826_512_519_948,
    440.413_735_824_752,
];

/// The probability above `x`, which is 0 or more.
fn tail(x: f64) -> f64 {
    let decay = (-0.5 * x * x).exp();
    if x < 5.0 * SQRT_2 {
        let horner = |coefficients: &[f64]| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
        return decay * horner(&NUMERATOR) / horner(&DENOMINATOR);
    }
    // Laplace's continued fraction, cut after the fourth term.
    let fraction = x + 1.0 / (x + 2.0 / (x + 3.0 / (x + 4.0 / (x + 0.65))));
    decay / fraction / (2.0 * PI).sqrt()
}

/// The standard normal quantile at probability `p`, within (0, 1).
///
/// ```
/// assert!((sanad_numbers::normal_quantile(0.95) - 1.644_853_627).abs() < 1e-9);
/// ```
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * p)
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
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((normal_quantile(0.2) + 0.841_621_233_572_914).abs() < 1e-9);
    }
}
