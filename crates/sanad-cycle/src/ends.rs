//! Ends of a profile-likelihood interval.

use crate::error::Error;

/// Twice the fall of the log-likelihood to the end of a 95 % profile interval: the 95 % point of χ²
/// with one degree of freedom.
pub const LARGEST_FALL: f64 = 3.841_458_820_694_124;

/// The ends of the interval around the estimate `at`, within `lowest..=highest`, where twice
/// the fall of the log-likelihood reaches [`LARGEST_FALL`]; the bound where it stays below. `step` is a first guess of the distance.
pub(crate) fn ends(
    at: f64,
    step: f64,
    (lowest, highest): (f64, f64),
    mut fall: impl FnMut(f64) -> Result<f64, Error>,
) -> Result<(f64, f64), Error> {
    let mut end = |bound: f64, step: f64| -> Result<f64, Error> {
        let within = |value: f64| value.clamp(lowest, highest);
        let (mut inside, mut out) = ((at, -LARGEST_FALL), within(at + step));
        loop {
            let beyond = fall(out)? - LARGEST_FALL;
            if beyond >= 0.0 {
                return root((out, beyond), inside, &mut fall);
            }
            if out == bound {
                return Ok(bound);
            }
            inside = (out, beyond);
            out = within(at + 2.0 * (out - at));
        }
    };
    let lower = if at <= lowest { lowest } else { end(lowest, -step)? };
    let upper = if at >= highest { highest } else { end(highest, step)? };
    Ok((lower, upper))
}

/// The value between `out` (outside the interval) and `inside` where the fall is reached, to
/// 1e-4 of their distance, by the Illinois variant of regula falsi.
fn root(
    out: (f64, f64),
    inside: (f64, f64),
    fall: &mut impl FnMut(f64) -> Result<f64, Error>,
) -> Result<f64, Error> {
    let ((mut a, mut fa), (mut b, mut fb)) = (out, inside);
    let width = (a - b).abs();
    for _ in 0..60 {
        let c = (a * fb - b * fa) / (fb - fa);
        let fc = fall(c)? - LARGEST_FALL;
        if fc.abs() < 1e-3 || (a - b).abs() < 1e-4 * width {
            return Ok(c);
        }
        if fc * fb < 0.0 {
            (a, fa) = (b, fb);
        } else {
            fa *= 0.5;
        }
        (b, fb) = (c, fc);
    }
    Ok(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_parabola_are_its_normal_interval() {
        let fall = |x: f64| Ok(((x - 2.0) / 0.3_f64).powi(2));
        let (low, high) = ends(2.0, 0.1, (0.0, 9.0), fall).unwrap();
        assert!((low - (2.0 - 0.3 * 1.959_964)).abs() < 1e-3, "{low}");
        assert!((high - (2.0 + 0.3 * 1.959_964)).abs() < 1e-3, "{high}");
    }

    #[test]
    fn a_bound_inside_the_interval_is_its_end() {
        let fall = |x: f64| Ok((x - 0.5_f64).powi(2));
        assert_eq!(ends(0.5, 0.4, (0.0, 1.5), fall).unwrap(), (0.0, 1.5));
        assert_eq!(ends(0.0, 0.4, (0.0, 1.0), |_| Ok(1.0)).unwrap(), (0.0, 1.0));
    }
}
