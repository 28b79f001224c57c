//! Quantiles of the beta distribution, for exact intervals of proportions.

/// Regularised incomplete beta function Iₓ(a, b), a and b > 0: continued fraction by Lentz's
/// method (DLMF § 8.17.22).
pub(super) fn regularised(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front =
        (libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * x.ln() + b * (-x).ln_1p())
            .exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method as W. H. Press and
/// others give it (*Numerical Recipes*, § 6.4).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    /// What stands for a zero denominator.
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut c, mut d) = (1.0, 1.0 / guard(1.0 - (a + b) * x / (a + 1.0)));
    let mut value = d;
    for step in 1..10_000_i32 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut moved = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / guard(1.0 + coefficient * d);
            c = guard(1.0 + coefficient / c);
            moved *= c * d;
        }
        value *= moved;
        if (moved - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// The x at which Iₓ(a, b) = probability, by bisection to the last bits.
pub(super) fn quantile(probability: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if middle == low || middle == high {
            break;
        }
        if regularised(middle, a, b) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy 1.17, `special.betainc` and `stats.beta.ppf`.
    #[test]
    fn values_agree_with_a_reference_library() {
        REGULARISED.iter().for_each(|&(x, a, b, expected)| {
            assert!((regularised(x, a, b) - expected).abs() < 1e-12, "{x} {a} {b}");
        });
        QUANTILES.iter().for_each(|&(p, a, b, expected)| {
            assert!((quantile(p, a, b) - expected).abs() < 1e-12, "{p} {a} {b}");
        });
    }

    const REGULARISED: [(f64, f64, f64, f64); 5] = [
        (0.3, 2.0, 5.0, 0.5798250000000003),
        (0.9, 0.5, 0.5, 0.7951672353008665),
        (0.01, 10.0, 300.0, 0.0012750015173622566),
        (0.62, 500.0, 300.0, 0.383003521826823),
        (0.05, 1.0, 40.0, 0.8714878434348967),
    ];
    const QUANTILES: [(f64, f64, f64, f64); 5] = [
        (0.05, 4.0, 1.0, 0.4728708045015879),
        (0.95, 12.0, 21.0, 0.5041914941605492),
        (0.025, 11.0, 22.0, 0.18571909171656614),
        (0.5, 600.0, 301.0, 0.666049570820031),
        (0.975, 0.5, 9.0, 0.24931351174446037),
    ];
}
