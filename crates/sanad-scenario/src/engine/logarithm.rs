//! Natural logarithms of many numbers at once.
//!
//! The platform's `ln` takes one number at a time, and densities of counts are little else than
//! logarithms. Here they are plain arithmetic, which becomes vector code for the processor at hand;
//! the same operations in the same order give the same bits on every processor.

use core::f64::consts::{LN_2, SQRT_2};

use pulp::{Arch, NullaryFnOnce};

/// The part of ln 2 in its first 32 bits, of which whole multiples are exact, and the rest (as in
/// W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980, chapter 6).
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Replaces each number by its logarithm, within two units in the last place: minus infinity for zero, no number
/// below. Numbers under the least normal one, 2.2e-308, are not told apart from it.
pub(crate) fn ln_in_place(values: &mut [f64]) {
    debug_assert!((LN_2_HIGH + LN_2_LOW - LN_2).abs() < 1e-15);
    Arch::new().dispatch(Logarithms(values));
}

struct Logarithms<'v>(&'v mut [f64]);

impl NullaryFnOnce for Logarithms<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for value in self.0 {
            *value = ln(*value);
        }
    }
}

/// With x = 2ᵉ·m and m between √½ and √2: e·ln 2 + 2·artanh s with s = (m − 1)/(m + 1), and artanh s = s + s³/3 + …;
/// of |s| < 0.172 eleven terms leave less than 1e-17.
#[inline(always)]
fn ln(x: f64) -> f64 {
    const MANTISSA: u64 = (1 << 52) - 1;
    const ONE: u64 = 1023 << 52;
    let bits = x.to_bits();
    let whole = f64::from_bits(bits & MANTISSA | ONE);
    let is_large = whole > SQRT_2;
    let exponent = f64::from((bits >> 52) as i32 - 1023) + if is_large { 1.0 } else { 0.0 };
    let m = if is_large { 0.5 * whole } else { whole };
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let mut sum = 1.0 / 21.0;
    sum = sum * z + 1.0 / 19.0;
    sum = sum * z + 1.0 / 17.0;
    sum = sum * z + 1.0 / 15.0;
    sum = sum * z + 1.0 / 13.0;
    sum = sum * z + 1.0 / 11.0;
    sum = sum * z + 1.0 / 9.0;
    sum = sum * z + 1.0 / 7.0;
    sum = sum * z + 1.0 / 5.0;
    sum = sum * z + 1.0 / 3.0;
    let found = exponent * LN_2_HIGH + (2.0 * s + (2.0 * s * z * sum + exponent * LN_2_LOW));
    let found = if x == f64::INFINITY { f64::INFINITY } else { found };
    let found = if x == 0.0 { f64::NEG_INFINITY } else { found };
    if x >= 0.0 { found } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_those_of_the_platform_to_two_units_in_the_last_place() {
        let mut numbers: Vec<f64> = (0..40_000).map(|k| 1e-300 * 1.035_f64.powi(k)).collect();
        numbers.extend((0..2000).map(|k| 0.5 + f64::from(k) / 1000.0));
        numbers.extend([1.0, 1.0 + f64::EPSILON, 1.0 - f64::EPSILON, f64::MIN_POSITIVE, f64::MAX]);
        let mut found = numbers.clone();
        ln_in_place(&mut found);
        for (number, found) in numbers.iter().zip(found) {
            let error = (found - number.ln()).abs();
            assert!(
                error <= 2.0 * f64::EPSILON * number.ln().abs() || *number == f64::INFINITY,
                "{number}: {error}"
            );
        }
        let mut ends = [0.0, -0.0, -1.0, f64::NAN, f64::INFINITY];
        ln_in_place(&mut ends);
        assert_eq!(
            (ends[0], ends[1], ends[4]),
            (f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY)
        );
        assert!(ends[2].is_nan() && ends[3].is_nan());
    }
}
