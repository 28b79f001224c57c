//! Logarithm and exponential on slices, in single precision, for loops over draws: plain
//! arithmetic that the compiler turns into vector code, and the same bits on every machine.

/// ln(1 + 0.99 · score) in place, for scores in 0–100.
pub(crate) fn to_logarithms(scores: &mut [f32]) {
    scores.iter_mut().for_each(|score| *score = to_logarithm(*score));
}

/// ln(1 + 0.99 · score) of one score in 0–100.
#[inline]
pub(crate) fn to_logarithm(score: f32) -> f32 {
    ln(1.0 + 0.99 * score)
}

/// (exp(mean) − 1) / 0.99 in place, for means in 0–ln 100.
pub(crate) fn from_logarithms(means: &mut [f32]) {
    means.iter_mut().for_each(|mean| *mean = (exp(*mean) - 1.0) / 0.99);
}

/// Natural logarithm of a positive, normal number: ln(m · 2ᵉ) = e · ln 2 + 2 · artanh((m − 1) /
/// (m + 1)), with m in [√½, √2) and the series of artanh to its ninth power.
#[inline]
fn ln(x: f32) -> f32 {
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let shifted = x.to_bits().wrapping_sub(ROOT_HALF);
    let exponent = (shifted as i32) >> 23;
    let mantissa = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(ROOT_HALF));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series =
        1.0 + square * (1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0 + square / 9.0)));
    exponent as f32 * core::f32::consts::LN_2 + 2.0 * s * series
}

/// Exponential for arguments in −80 to 80: 2ᵏ · exp(r), with |r| ≤ ½ ln 2 and Taylor's series to
/// the seventh power.
#[inline]
fn exp(x: f32) -> f32 {
    // Adding and taking away 1.5 · 2²³ rounds to the nearest whole number.
    const ROUND: f32 = 12_582_912.0;
    let whole = x * core::f32::consts::LOG2_E + ROUND - ROUND;
    // ln 2 in two parts, so that the remainder stays exact.
    let r = (x - whole * 0.693_359_4) + whole * 2.121_944_4e-4;
    let series = 1.0
        + r * (1.0
            + r * (0.5
                + r * (1.0 / 6.0
                    + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r / 5040.0))))));
    series * f32::from_bits(((whole as i32 + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_and_exponential_agree_with_the_library() {
        for step in 0..=20_000 {
            let x = 1.0 + 0.005 * step as f32;
            let exact = f64::from(x).ln();
            assert!((f64::from(ln(x)) - exact).abs() < 1e-6, "{x}");
            let y = 5.0 * step as f32 / 20_000.0 - 0.1;
            let off = f64::from(exp(y)) / f64::from(y).exp() - 1.0;
            assert!(off.abs() < 1e-6, "{y} {off}");
        }
    }

    #[test]
    fn logarithms_are_undone() {
        let mut scores = [0.0, 0.5, 37.0, 99.9, 100.0];
        let before = scores;
        to_logarithms(&mut scores);
        from_logarithms(&mut scores);
        for (after, before) in scores.iter().zip(before) {
            assert!((after - before).abs() < 2e-4, "{before} {after}");
        }
    }
}
