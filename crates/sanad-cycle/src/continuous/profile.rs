//! Profile likelihood of one link's coefficient or half-life.
//!
//! A coefficient bounded below by zero, and a poorly known decay that trades against the baseline,
//! need not follow a normal law about the estimate; the profile asks for none.

use core::f64::consts::LN_2;

use super::fit::{ContinuousTarget, Fit, FitSettings, TOLERANCE};
use super::{Decays, Events};
use crate::ends::ends;
use crate::error::{Error, check_values};
use sanad_numbers::{Objective, minimise};

/// Log-likelihood that a search may fall short before others are tried; less than what ends an
/// interval.
const FAR: f64 = 1.5;

/// Which of a link's two parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Its branching coefficient: mean target events that one source event sets off, ≥ 0.
    Branching,
    /// Its half-life, in the unit of the events' times, > 0; not with known decays.
    HalfLife,
}

/// Twice the fall of the log-likelihood from its maximum to the best with one parameter of the link
/// (target, source) held at `value`: [`profile_interval`] holds the values where that is at most
/// [`LARGEST_FALL`](crate::LARGEST_FALL).
///
/// # Errors
/// If the value is out of range, the half-life is not estimated, or the search does not converge.
pub fn profile_fall(
    events: &Events,
    settings: &FitSettings,
    fit: &Fit,
    quantity: Quantity,
    link: (usize, usize),
    value: f64,
) -> Result<f64, Error> {
    let profile = ContinuousProfile::new(events, settings, fit, quantity, link)?;
    check_values("a profiled value", &[value], "at least 0", |v| v >= 0.0)?;
    profile.fall(profile.to_parameter(value))
}

/// A 95 % profile-likelihood interval of one parameter of the link (target, source); an end is the
/// bound of the search where that is inside.
///
/// # Errors
/// As [`profile_fall`].
pub fn profile_interval(
    events: &Events,
    settings: &FitSettings,
    fit: &Fit,
    quantity: Quantity,
    link: (usize, usize),
) -> Result<(f64, f64), Error> {
    let profile = ContinuousProfile::new(events, settings, fit, quantity, link)?;
    let error = match quantity {
        Quantity::Branching => fit.branching_error[link],
        Quantity::HalfLife => fit.log_decay_error[link],
    };
    let at = profile.x[profile.fixed];
    let step = if error.is_finite() { 2.0 * error } else { 0.5 };
    let bounds = &profile.problem.bounds;
    let range = (bounds.lower[profile.fixed], bounds.upper[profile.fixed]);
    let (low, high) = ends(at, step, range, |value| profile.fall(value))?;
    Ok(match quantity {
        Quantity::Branching => (low, high),
        Quantity::HalfLife => (LN_2 / high.exp(), LN_2 / low.exp()),
    })
}

/// The likelihood with one quantity of one link held, as a function of what is left.
struct ContinuousProfile<'a> {
    problem: ContinuousTarget<'a>,
    quantity: Quantity,
    /// The estimate, and which of its parameters is held.
    x: Vec<f64>,
    fixed: usize,
    best: f64,
}

impl<'a> ContinuousProfile<'a> {
    /// A profile around a fit.
    ///
    /// # Errors
    /// If the quantity was not estimated.
    fn new(
        events: &'a Events,
        settings: &FitSettings,
        fit: &Fit,
        quantity: Quantity,
        (target, source): (usize, usize),
    ) -> Result<Self, Error> {
        let problem = ContinuousTarget::new(events, settings, target);
        let kinds = events.kinds();
        let process = &fit.process;
        let mut x = vec![process.baseline()[target]];
        x.extend(process.branching().row(target));
        x.extend(process.decay().row(target).iter().map(|decay| decay.ln()));
        let fixed = match quantity {
            Quantity::Branching => 1 + source,
            Quantity::HalfLife => 1 + kinds + source,
        };
        if quantity == Quantity::HalfLife && matches!(settings.decays, Decays::Fixed(_)) {
            return Err(Error::too_little("a profile", "free half-life", 1, 0));
        }
        let best = problem.value(&x);
        Ok(Self { problem, quantity, x, fixed, best })
    }

    /// The parameter that stands for a value of the quantity: a branching coefficient itself, of
    /// a half-life the logarithm of the decay ln 2 / h.
    fn to_parameter(&self, value: f64) -> f64 {
        match self.quantity {
            Quantity::Branching => value,
            Quantity::HalfLife => (LN_2 / value).ln(),
        }
    }

    /// Fall of the log-likelihood with the parameter held: from the estimate and, where that falls
    /// far, the best of searches from slow, usual and fast decays.
    fn fall(&self, value: f64) -> Result<f64, Error> {
        let mut bounds = self.problem.bounds.clone();
        bounds.fix(self.fixed, value);
        let fall = |start: &[f64]| -> Result<f64, Error> {
            Ok(minimise("the profile", &self.problem, start, &bounds, TOLERANCE)?.value - self.best)
        };
        let mut least = fall(&self.x)?;
        let usual = core::iter::once(self.problem.start.clone());
        for start in usual.chain(self.problem.other_starts()) {
            if least < FAR {
                break;
            }
            least = least.min(fall(&start)?);
        }
        Ok(2.0 * least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Links;
    use crate::continuous::{Hawkes, fit, simulate};
    use sanad_core::random::Streams;
    use sanad_numbers::Matrix;

    fn fitted(links: Links) -> (Events, FitSettings, Fit) {
        let branching = Matrix::from_rows(&[vec![0.5, 0.2], vec![0.0, 0.4]]);
        let decay = Matrix::from_rows(&[vec![1.5, 0.5], vec![1.0, 3.0]]);
        let process = Hawkes::new(vec![0.3, 0.4], branching, decay).unwrap();
        let mut stream = Streams::new(3, "profile").at(0, 0, 0);
        let events = simulate(&process, 4000.0, 1_000_000, &mut stream).unwrap();
        let decays = Decays::Estimated { start: 1.0, lower: 0.01, upper: 100.0 };
        let settings = FitSettings { links, decays };
        let found = fit(&events, &settings).unwrap();
        (events, settings, found)
    }

    #[test]
    fn a_long_record_has_the_interval_of_its_standard_error() {
        let (events, settings, found) = fitted(Links::Full);
        let interval =
            |quantity| profile_interval(&events, &settings, &found, quantity, (0, 0)).unwrap();
        let (low, high) = interval(Quantity::Branching);
        let delta = found.branching_interval(0, 0).unwrap();
        assert!((low / delta.0 - 1.0).abs() < 0.05 && (high / delta.1 - 1.0).abs() < 0.05);
        let (low, high) = interval(Quantity::HalfLife);
        assert!(low < found.process.half_life(0, 0) && found.process.half_life(0, 0) < high);
        let spread = (high / low).ln() / (2.0 * 1.959_964 * found.log_decay_error[(0, 0)]);
        assert!((spread - 1.0).abs() < 0.1, "{spread}");
    }

    #[test]
    fn the_ends_are_where_the_fall_is_3_84_and_an_absent_link_starts_at_zero() {
        let (events, settings, found) = fitted(Links::Full);
        let link = (0, 1);
        for quantity in [Quantity::Branching, Quantity::HalfLife] {
            let (low, high) = profile_interval(&events, &settings, &found, quantity, link).unwrap();
            for end in [low, high] {
                let fall = profile_fall(&events, &settings, &found, quantity, link, end).unwrap();
                assert!((fall - 3.841).abs() < 0.01, "{quantity:?} {end}: {fall}");
            }
        }
        let absent =
            profile_interval(&events, &settings, &found, Quantity::Branching, (1, 0)).unwrap();
        assert_eq!(absent.0, 0.0);
    }

    #[test]
    fn a_known_half_life_has_no_interval() {
        let (events, settings, found) = fitted(Links::Full);
        let known =
            FitSettings { decays: Decays::Fixed(found.process.decay().clone()), ..settings };
        let request = profile_interval(&events, &known, &found, Quantity::HalfLife, (0, 0));
        assert!(request.unwrap_err().is_too_little_data());
    }
}
