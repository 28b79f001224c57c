//! Densities of observations and steps of noisy stocks with their derivatives.

use core::f64::consts::TAU;

use super::state_space::{ObservationDensity, ProcessNoise};
use crate::engine::logarithm::ln_in_place;

/// A log-density, and its derivatives by the mean and by the magnitude.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DensitySlopes {
    pub(super) log_density: f64,
    pub(super) by_mean: f64,
    pub(super) by_magnitude: f64,
}

impl DensitySlopes {
    /// Where the variable cannot give the value.
    const IMPOSSIBLE: Self =
        Self { log_density: f64::NEG_INFINITY, by_mean: 0.0, by_magnitude: 0.0 };
}

/// What of a count's density does not depend on the mean: ln Γ(y + r)/(Γ(r)·y!) with r = 1/α, and its derivative by r.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CountFactor {
    dispersion: f64,
    log_factorial: f64,
    log_ratio: f64,
    by_size: f64,
}

/// The slopes of one observation for the members of a block, side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LaneSlopes<const W: usize> {
    pub(super) log_densities: [f64; W],
    pub(super) by_mean: [f64; W],
    pub(super) by_magnitude: [f64; W],
}

impl<const W: usize> LaneSlopes<W> {
    /// By member, from what is found of each.
    fn of(mut slopes: impl FnMut(usize) -> DensitySlopes) -> Self {
        let mut found = Self { log_densities: [0.0; W], by_mean: [0.0; W], by_magnitude: [0.0; W] };
        for lane in 0..W {
            let own = slopes(lane);
            found.log_densities[lane] = own.log_density;
            found.by_mean[lane] = own.by_mean;
            found.by_magnitude[lane] = own.by_magnitude;
        }
        found
    }
}

impl ObservationDensity {
    /// [`log_density`](Self::log_density) of one value with its derivatives, by member. `known` is the factor of the same value
    /// found before, if any, and is used again where the dispersion is the same.
    pub(super) fn slopes<const W: usize>(
        &self,
        value: f64,
        means: &[f64; W],
        magnitudes: &[f64; W],
        known: &mut [Option<CountFactor>; W],
    ) -> LaneSlopes<W> {
        let is_counted = matches!(self, Self::NegativeBinomial { .. });
        // ln(1 + α·m) and ln(α·m), taken together.
        let (mut more, mut logs) = ([0.0; W], [0.0; W]);
        if is_counted {
            for lane in 0..W {
                logs[lane] = means[lane] * magnitudes[lane];
                more[lane] = 1.0 + logs[lane];
            }
            ln_in_place(&mut more);
            if value > 0.0 {
                ln_in_place(&mut logs);
            } else {
                logs = [0.0; W];
            }
        }
        LaneSlopes::of(|lane| {
            let (mean, magnitude) = (means[lane], magnitudes[lane]);
            let found = match self {
                Self::Normal { .. } => normal(value - mean, magnitude),
                Self::LogNormal { .. } => log_normal(value, mean, magnitude),
                Self::Poisson => poisson(value, mean),
                Self::NegativeBinomial { .. } => {
                    let taken = (more[lane], logs[lane]);
                    negative_binomial(value, (mean, magnitude), taken, &mut known[lane])
                }
            };
            let is_negative = mean < 0.0 && !matches!(self, Self::Normal { .. });
            let is_none = is_negative || found.log_density.is_nan();
            if is_none { DensitySlopes::IMPOSSIBLE } else { found }
        })
    }
}

/// That of ln y around ln m, divided by y.
fn log_normal(value: f64, mean: f64, sigma: f64) -> DensitySlopes {
    let found = normal(value.ln() - mean.ln(), sigma);
    DensitySlopes {
        log_density: found.log_density - value.ln(),
        by_mean: found.by_mean / mean,
        ..found
    }
}

/// With z = x/s: −z²/2 − ln(s·√(2π)); by the mean z/s, by s (z² − 1)/s.
fn normal(distance: f64, deviation: f64) -> DensitySlopes {
    let standard = distance / deviation;
    DensitySlopes {
        log_density: -0.5 * (standard * standard + TAU.ln()) - deviation.ln(),
        by_mean: standard / deviation,
        by_magnitude: (standard * standard - 1.0) / deviation,
    }
}

/// y·ln m − m − ln y!; by m y/m − 1.
fn poisson(count: f64, mean: f64) -> DensitySlopes {
    if mean == 0.0 {
        let log_density = if count == 0.0 { 0.0 } else { f64::NEG_INFINITY };
        return DensitySlopes { log_density, by_mean: -1.0, by_magnitude: 0.0 };
    }
    DensitySlopes {
        log_density: count * mean.ln() - mean - libm::lgamma(count + 1.0),
        by_mean: count / mean - 1.0,
        by_magnitude: 0.0,
    }
}

/// With r = 1/α and x = α·m: ln Γ(y + r)/(Γ(r)·y!) − (r + y)·ln(1 + x) + y·ln x; by m (y − m)/(m·(1 + x)), by α
/// −r²·(ψ(y + r) − ψ(r) − ln(1 + x)) + (y − m)/(α·(1 + x)). `taken` are ln(1 + x) and, of a count above 0, ln x.
fn negative_binomial(
    count: f64,
    (mean, dispersion): (f64, f64),
    (log_more, log): (f64, f64),
    known: &mut Option<CountFactor>,
) -> DensitySlopes {
    if mean == 0.0 {
        // The count is 0 with certainty and its density falls by 1 with the mean.
        let log_density = if count == 0.0 { 0.0 } else { f64::NEG_INFINITY };
        return DensitySlopes { log_density, by_mean: -1.0, by_magnitude: 0.0 };
    }
    let size = 1.0 / dispersion;
    let factor = match known {
        Some(factor) if factor.dispersion.to_bits() == dispersion.to_bits() => *factor,
        _ => {
            let log_factorial =
                known.map_or_else(|| libm::lgamma(count + 1.0), |known| known.log_factorial);
            let (log_ratio, by_size) = log_rising(count, size);
            let log_ratio = log_ratio - log_factorial;
            *known.insert(CountFactor { dispersion, log_factorial, log_ratio, by_size })
        }
    };
    let excess = (count - mean) / (1.0 + mean * dispersion);
    DensitySlopes {
        log_density: factor.log_ratio - (size + count) * log_more + count * log,
        by_mean: excess / mean,
        by_magnitude: excess / dispersion - size * size * (factor.by_size - log_more),
    }
}

/// Factors up to here are multiplied; the rest is Stirling's series, whose first term left out is below 1e-15 from here on.
const FEW: f64 = 24.0;

/// ln Γ(y + r) − ln Γ(r) and its derivative by r, ψ(y + r) − ψ(r), for a whole number y ≥ 0 and r > 0: the first 24 of
/// the factors r + k one by one, the others as a difference of Stirling's series (NIST Digital Library of
/// Mathematical Functions, 5.11.1 and 5.11.2).
pub(super) fn log_rising(count: f64, size: f64) -> (f64, f64) {
    let few = count.min(FEW);
    let (mut product, mut sum) = (1.0, 0.0);
    for k in 0..few as u32 {
        let factor = size + f64::from(k);
        product *= factor;
        sum += 1.0 / factor;
    }
    // A product beyond the largest number: its logarithm is then one of factors that hardly differ.
    let mut log = if product.is_finite() { product.ln() } else { few * (size + few / 2.0).ln() };
    if count > few {
        let (from, to) = (stirling(size + few), stirling(size + count));
        log += to.0 - from.0;
        sum += to.1 - from.1;
    }
    (log, sum)
}

/// ln Γ(x) less ½·ln 2π, and ψ(x), of x ≥ 24.
fn stirling(x: f64) -> (f64, f64) {
    let (inverse, log) = (1.0 / x, x.ln());
    let square = inverse * inverse;
    let gamma =
        inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)));
    let digamma =
        square * (1.0 / 12.0 - square * (1.0 / 120.0 - square * (1.0 / 252.0 - square / 240.0)));
    ((x - 0.5) * log - x + gamma, log - 0.5 * inverse - digamma)
}

/// A noisy stock after a step, and its derivatives by the stock without noise, the magnitude and the standard
/// normal draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct StepSlopes {
    pub(super) value: f64,
    pub(super) by_stock: f64,
    pub(super) by_magnitude: f64,
    pub(super) by_standard: f64,
}

impl ProcessNoise {
    /// [`apply`](Self::apply) with its derivatives; what is cut off at zero has none.
    pub(super) fn slopes(
        &self,
        (stock, non_negative): (f64, bool),
        magnitude: f64,
        dt: f64,
        standard: f64,
    ) -> StepSlopes {
        let root = dt.sqrt();
        let value = self.apply(stock, magnitude, dt, standard);
        if non_negative && value < 0.0 {
            return StepSlopes { value: 0.0, by_stock: 0.0, by_magnitude: 0.0, by_standard: 0.0 };
        }
        match self {
            Self::Normal { .. } => StepSlopes {
                value,
                by_stock: 1.0,
                by_magnitude: root * standard,
                by_standard: magnitude * root,
            },
            Self::LogNormal { .. } => StepSlopes {
                value,
                by_stock: if stock == 0.0 {
                    self.apply(1.0, magnitude, dt, standard)
                } else {
                    value / stock
                },
                by_magnitude: value * (root * standard - magnitude * dt),
                by_standard: value * magnitude * root,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::state_space::Magnitude;
    use super::*;

    /// The derivative of `f` at `x` by a central difference.
    fn difference(x: f64, f: impl Fn(f64) -> f64) -> f64 {
        let step = 1e-5 * x.abs().max(1e-3);
        (f(x + step) - f(x - step)) / (2.0 * step)
    }

    fn near(found: f64, expected: f64, what: &str) {
        assert!(
            (found - expected).abs() <= 2e-7 * expected.abs().max(1.0),
            "{what}: {found} {expected}"
        );
    }

    /// The slopes of one member.
    fn of_one(
        density: &ObservationDensity,
        value: f64,
        mean: f64,
        magnitude: f64,
        known: &mut Option<CountFactor>,
    ) -> DensitySlopes {
        let mut factors = [*known];
        let found = density.slopes(value, &[mean], &[magnitude], &mut factors);
        *known = factors[0];
        DensitySlopes {
            log_density: found.log_densities[0],
            by_mean: found.by_mean[0],
            by_magnitude: found.by_magnitude[0],
        }
    }

    #[test]
    fn densities_have_the_values_of_their_formulas_and_the_slopes_of_differences() {
        let size = || Magnitude::Number(1.0);
        let densities = [
            (ObservationDensity::Normal { standard_deviation: size() }, vec![-1.5, 0.0, 4.0]),
            (ObservationDensity::LogNormal { sigma: size() }, vec![0.2, 3.0]),
            (ObservationDensity::Poisson, vec![0.0, 1.0, 37.0]),
            (
                ObservationDensity::NegativeBinomial { dispersion: size() },
                vec![0.0, 1.0, 24.0, 25.0, 800.0],
            ),
        ];
        let places = [(0.01, 0.4), (3.0, 0.05), (60.0, 1.7)];
        for (density, values) in &densities {
            for &value in values {
                for (mean, magnitude) in places {
                    let mut known = None;
                    let found = of_one(density, value, mean, magnitude, &mut known);
                    let what = format!("{density:?} {value} {mean} {magnitude}");
                    let log = |mean, magnitude| density.log_density(value, mean, magnitude);
                    near(found.log_density, log(mean, magnitude), &what);
                    near(found.by_mean, difference(mean, |mean| log(mean, magnitude)), &what);
                    let by_magnitude = match density {
                        ObservationDensity::Poisson => 0.0,
                        _ => difference(magnitude, |magnitude| log(mean, magnitude)),
                    };
                    near(found.by_magnitude, by_magnitude, &what);
                    // The factor found before is used again, and not that of another dispersion.
                    assert_eq!(found, of_one(density, value, mean, magnitude, &mut known));
                    let other = of_one(density, value, mean, 2.0 * magnitude, &mut known);
                    assert_eq!(other, of_one(density, value, mean, 2.0 * magnitude, &mut None));
                }
                let (means, sizes) = (places.map(|place| place.0), places.map(|place| place.1));
                let together = density.slopes(value, &means, &sizes, &mut [None; 3]);
                for (lane, (mean, magnitude)) in places.into_iter().enumerate() {
                    let own = of_one(density, value, mean, magnitude, &mut None);
                    assert_eq!(together.log_densities[lane], own.log_density);
                    assert_eq!(together.by_magnitude[lane], own.by_magnitude);
                }
            }
        }
    }

    #[test]
    fn what_a_variable_cannot_give_is_impossible() {
        let counts = ObservationDensity::NegativeBinomial { dispersion: Magnitude::Number(0.4) };
        for (mean, magnitude) in [(-0.1, 0.4), (f64::NAN, 0.4), (2.0, f64::NAN)] {
            let found = of_one(&counts, 0.0, mean, magnitude, &mut None);
            assert_eq!(found, DensitySlopes::IMPOSSIBLE, "{mean} {magnitude}");
        }
        assert_eq!(of_one(&counts, 2.0, 0.0, 0.4, &mut None).log_density, f64::NEG_INFINITY);
        assert_eq!(of_one(&counts, 0.0, 0.0, 0.4, &mut None).log_density, 0.0);
    }

    #[test]
    fn rising_factors_are_those_of_gamma_functions() {
        for size in [1e-3, 0.7, 2.5, 300.0] {
            for count in [0.0, 1.0, 24.0, 25.0, 90.0, 5000.0] {
                let (log, sum) = log_rising(count, size);
                let expected = libm::lgamma(count + size) - libm::lgamma(size);
                assert!((log - expected).abs() < 1e-11 * expected.abs().max(1.0), "{count} {size}");
                let harmonic: f64 = (0..count as u32).map(|k| 1.0 / (size + f64::from(k))).sum();
                assert!((sum - harmonic).abs() < 1e-12 * harmonic.max(1.0), "{count} {size}");
            }
        }
        // So large that a product would be no number: r + k is r.
        let (log, _) = log_rising(20.0, 1e30);
        assert!((log - 20.0 * 1e30_f64.ln()).abs() < 1e-9, "{log}");
    }

    #[test]
    fn steps_of_noisy_stocks_have_the_slopes_of_differences() {
        let magnitude = || Magnitude::Number(1.0);
        let normal = ProcessNoise::Normal { standard_deviation: magnitude() };
        let log_normal = ProcessNoise::LogNormal { sigma: magnitude() };
        for noise in [&normal, &log_normal] {
            let (stock, size, dt, standard) = (2.0, 0.3, 0.25, -0.8);
            let found = noise.slopes((stock, true), size, dt, standard);
            assert_eq!(found.value, noise.apply(stock, size, dt, standard));
            near(
                found.by_stock,
                difference(stock, |x| noise.apply(x, size, dt, standard)),
                "stock",
            );
            near(
                found.by_magnitude,
                difference(size, |x| noise.apply(stock, x, dt, standard)),
                "size",
            );
            near(found.by_standard, difference(standard, |x| noise.apply(stock, size, dt, x)), "z");
        }
        let cut = normal.slopes((0.1, true), 1.0, 1.0, -2.0);
        assert_eq!(cut.value, 0.0);
        assert_eq!(
            cut,
            StepSlopes { value: 0.0, by_stock: 0.0, by_magnitude: 0.0, by_standard: 0.0 }
        );
        assert_eq!(normal.slopes((0.1, false), 1.0, 1.0, -2.0).value, -1.9);
        let empty = log_normal.slopes((0.0, true), 0.3, 1.0, 0.5);
        assert_eq!((empty.value, empty.by_standard), (0.0, 0.0));
        assert!((empty.by_stock - (0.15_f64 - 0.045).exp()).abs() < 1e-12);
    }
}
