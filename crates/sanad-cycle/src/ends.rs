//! Ends of a profile-likelihood interval (D. J. Venzon & S. H. Moolgavkar, "A method for computing profile-likelihood-based
//! confidence intervals", Appl. Stat. 37, 1988).

use crate::error::Error;

/// Twice the fall of the log-likelihood to the end of a 95 % profile interval: the 95 % point of χ²
/// with one degree of freedom.
pub const LARGEST_FALL: f64 = 3.841_458_820_694_124;

/// How close the root of the fall has to come to that of [`LARGEST_FALL`], as a share of it, before
/// the end is interpolated.
const CLOSE: f64 = 1e-3;

/// The ends of the interval around the estimate `at`, within `lowest..=highest`, where twice the
/// fall of the log-likelihood reaches [`LARGEST_FALL`]; the bound where it stays below. `step` is a
/// first guess of the distance.
pub(crate) fn ends(
    at: f64,
    step: f64,
    (lowest, highest): (f64, f64),
    mut fall: impl FnMut(f64) -> Result<f64, Error>,
) -> Result<(f64, f64), Error> {
    let mut depth = |x: f64| -> Result<f64, Error> {
        Ok((fall(x.clamp(lowest, highest))?.max(0.0) / LARGEST_FALL).sqrt())
    };
    let lower = if at <= lowest { lowest } else { end(at, -step, lowest, &mut depth)? };
    let upper = if at >= highest { highest } else { end(at, step, highest, &mut depth)? };
    Ok((lower, upper))
}

/// Where `depth`, the root of the fall over that of its largest and nearly straight in the distance,
/// is one: by straight lines between the last point inside and the last outside.
fn end(
    at: f64,
    step: f64,
    bound: f64,
    depth: &mut impl FnMut(f64) -> Result<f64, Error>,
) -> Result<f64, Error> {
    let reach = (bound - at).abs();
    let (mut inside, mut outside) = ((0.0, 0.0), None);
    let mut x = step.abs().min(reach);
    for _ in 0..40 {
        let found = depth(at + step.signum() * x)?;
        if found >= 1.0 {
            outside = Some((x, found));
        } else if x >= reach {
            return Ok(bound);
        } else {
            inside = (x, found);
        }
        let line =
            |far: (f64, f64)| inside.0 + (far.0 - inside.0) * (1.0 - inside.1) / (far.1 - inside.1);
        x = match outside {
            Some(far) => line(far),
            None => (x / found.max(0.5)).max(1.05 * x).min(reach),
        };
        if (found - 1.0).abs() < CLOSE && outside.is_some() {
            break;
        }
    }
    Ok(at + step.signum() * x)
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
