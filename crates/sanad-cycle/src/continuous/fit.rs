//! Maximum likelihood, one kind at a time, with the exact Hessian.

use rayon::prelude::*;
use sanad_numbers::NORMAL_95;

use super::likelihood::{KnownDecays, TargetParameters};
use super::{Events, Hawkes};
use crate::Links;
use crate::error::{Error, check_len, check_values};
use sanad_numbers::{Bounds, Derivatives, Minimum, Objective, minimise};
use sanad_numbers::{Matrix, inverse_spd};

/// What a fit assumes of the decays.
#[derive(Debug, Clone, PartialEq)]
pub enum Decays {
    /// One decay per link, estimated, within bounds (per unit of time).
    Estimated {
        /// Where the search starts.
        start: f64,
        /// Smallest decay allowed, > 0.
        lower: f64,
        /// Largest decay allowed.
        upper: f64,
    },
    /// Known decays: row target, column source.
    Fixed(Matrix),
}

/// Log-likelihood that a step may still promise at the end of a search.
pub(super) const TOLERANCE: f64 = 1e-9;

/// Farthest that one step of the search moves ln β: longer ones left more links at a bound that have
/// an end inside (`docs/cycle-calibration.md`).
const FARTHEST: f64 = 0.5;

/// Distances, in ln β, from the settings' start at which searches start anew: slow and fast decays.
const PLACES: [f64; 2] = [-1.5, 1.5];

/// Settings of [`fit`].
#[derive(Debug, Clone, PartialEq)]
pub struct FitSettings {
    /// Links the model may use.
    pub links: Links,
    /// Decays.
    pub decays: Decays,
}

/// A fitted process.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// The estimate.
    pub process: Hawkes,
    /// Log-likelihood at the estimate.
    pub log_likelihood: f64,
    /// Number of parameters estimated.
    pub parameters: usize,
    /// Standard errors of the branching matrix from the observed information; not a number where
    /// the link is absent, at zero, or not identified.
    pub branching_error: Matrix,
    /// Standard errors of the decays' natural logarithms, likewise.
    pub log_decay_error: Matrix,
}

impl Fit {
    /// Akaike's information criterion.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * (self.parameters as f64 - self.log_likelihood)
    }

    /// A 95 % interval for one branching coefficient, symmetric on the logarithm's scale; `None`
    /// where the estimate is zero or has no standard error.
    #[must_use]
    pub fn branching_interval(&self, target: usize, source: usize) -> Option<(f64, f64)> {
        let n = self.process.branching()[(target, source)];
        let spread = (NORMAL_95 * self.branching_error[(target, source)] / n).exp();
        spread.is_finite().then(|| (n / spread, n * spread))
    }
}

/// Fits baseline rates, the branching matrix and (unless fixed) the decays by maximum likelihood.
///
/// Where a link ends with the longest half-life allowed or the shortest, searches from slow and from
/// fast decays follow, and the best is kept.
///
/// Every kind needs at least one event. Standard errors are those of the interior parameters; a
/// link estimated at zero has none.
///
/// # Errors
/// If a kind has no event, a setting is out of range, a fixed decay is not positive and finite, or the search does not converge.
pub fn fit(events: &Events, settings: &FitSettings) -> Result<Fit, Error> {
    check_settings(events, settings)?;
    let kinds = events.kinds();
    let rows = (0..kinds)
        .into_par_iter()
        .map(|target| ContinuousTarget::new(events, settings, target).solve())
        .collect::<Result<Vec<ContinuousTargetFit>, Error>>()?;
    let matrix = |pick: fn(&ContinuousTargetFit) -> &Vec<f64>| {
        Matrix::from_rows(&rows.iter().map(|row| pick(row).clone()).collect::<Vec<_>>())
    };
    let process = Hawkes::new(
        rows.iter().map(|row| row.parameters.baseline).collect(),
        matrix(|row| &row.parameters.branching),
        matrix(|row| &row.parameters.decay),
    )?;
    Ok(Fit {
        process,
        log_likelihood: rows.iter().map(|row| row.log_likelihood).sum(),
        parameters: rows.iter().map(|row| row.estimated).sum(),
        branching_error: matrix(|row| &row.branching_error),
        log_decay_error: matrix(|row| &row.log_decay_error),
    })
}

/// Refuses a kind without events, bounds of decays in the wrong order, and fixed decays whose number
/// does not fit.
fn check_settings(events: &Events, settings: &FitSettings) -> Result<(), Error> {
    for kind in 0..events.kinds() {
        let found = events.times(kind).len();
        if found == 0 {
            return Err(Error::too_little("every kind", "event", 1, found));
        }
    }
    match &settings.decays {
        Decays::Estimated { start, lower, upper } => {
            let ordered = *lower > 0.0 && lower <= start && start <= upper && upper.is_finite();
            check_values("decay bounds", &[*start], "0 < lower ≤ start ≤ upper", |_| ordered)
        }
        Decays::Fixed(decay) => {
            check_len("rows of fixed decays", events.kinds(), decay.rows())?;
            check_len("columns of fixed decays", events.kinds(), decay.columns())?;
            let is_rate = |v: f64| v > 0.0 && v.is_finite();
            let mut rows = (0..decay.rows()).map(|row| decay.row(row));
            rows.try_for_each(|row| {
                check_values("fixed decays", row, "positive and finite", is_rate)
            })
        }
    }
}

/// One kind's likelihood as a function of (μ, n.., ln β..).
pub(super) struct ContinuousTarget<'a> {
    events: &'a Events,
    target: usize,
    pub(super) start: Vec<f64>,
    pub(super) bounds: Bounds,
    known: Option<KnownDecays>,
}

/// What was found of one kind.
struct ContinuousTargetFit {
    parameters: TargetParameters,
    log_likelihood: f64,
    estimated: usize,
    branching_error: Vec<f64>,
    log_decay_error: Vec<f64>,
}

impl<'a> ContinuousTarget<'a> {
    /// The likelihood of one kind as a function of baseline, branching coefficients and, where
    /// they are free, the logarithms of the decays. Starts share the kind's rate between baseline
    /// and links.
    pub(super) fn new(events: &'a Events, settings: &FitSettings, target: usize) -> Self {
        let d = events.kinds();
        let rate = events.times(target).len() as f64 / events.span();
        let links: Vec<bool> = (0..d).map(|source| settings.links.allows(target, source)).collect();
        let used = links.iter().filter(|&&link| link).count();
        let mut start = vec![rate; 1 + 2 * d];
        let mut bounds =
            Bounds { lower: vec![1e-9 * rate; 1 + 2 * d], upper: vec![1e3 * rate; 1 + 2 * d] };
        for (source, &linked) in links.iter().enumerate() {
            // Half of the events from the past to begin with, shared among the sources.
            let share = events.times(target).len() as f64 / events.times(source).len() as f64;
            start[1 + source] = 0.5 * share / used.max(1) as f64;
            (bounds.lower[1 + source], bounds.upper[1 + source]) = (0.0, 1e3 * share);
            if linked {
                start[0] = 0.5 * rate;
            } else {
                bounds.fix(1 + source, 0.0);
            }
            bound_decay(settings, target, source, linked, &mut start, &mut bounds);
        }
        let known = match &settings.decays {
            Decays::Estimated { .. } => None,
            Decays::Fixed(decay) => Some(KnownDecays::new(decay.row(target), events, target)),
        };
        Self { events, target, start, bounds, known }
    }

    /// The parameter vector as baseline, branching and decay: x = (μ, n₁ … n_d, ln β₁ … ln β_d).
    fn parameters(&self, x: &[f64]) -> TargetParameters {
        let d = self.events.kinds();
        TargetParameters {
            baseline: x[0],
            branching: x[1..=d].to_vec(),
            decay: x[d + 1..].iter().map(|log| log.exp()).collect(),
        }
    }

    /// Starts from slow and from fast decays; none where those are known.
    pub(super) fn other_starts(&self) -> Vec<Vec<f64>> {
        let log_decays = self.log_decays();
        let from = |by: f64| {
            let mut start = self.start.clone();
            log_decays.iter().for_each(|&k| start[k] += by);
            start
        };
        if log_decays.is_empty() { Vec::new() } else { PLACES.map(from).to_vec() }
    }

    /// Which parameters are the ln β of a link that is estimated.
    fn log_decays(&self) -> Vec<usize> {
        let size = self.start.len();
        (size / 2 + 1..size).filter(|&k| self.bounds.lower[k] < self.bounds.upper[k]).collect()
    }

    /// The best from the usual start and, where that leaves a link the longest half-life allowed or the
    /// shortest, from others: such an end can lie far below the best.
    fn best(&self) -> Result<Minimum, Error> {
        let search =
            |start: &[f64]| minimise("the Hawkes fit", self, start, &self.bounds, TOLERANCE);
        let mut best = search(&self.start)?;
        let (lower, upper) = (&self.bounds.lower, &self.bounds.upper);
        if self.log_decays().iter().any(|&k| best.x[k] <= lower[k] || upper[k] <= best.x[k]) {
            for start in self.other_starts() {
                if let Ok(other) = search(&start)
                    && other.value < best.value
                {
                    best = other;
                }
            }
        }
        Ok(best)
    }

    /// The maximum of the likelihood, with standard errors of the parameters that lie inside
    /// their bounds.
    fn solve(&self) -> Result<ContinuousTargetFit, Error> {
        let found = self.best()?;
        let d = self.events.kinds();
        let interior = self.interior(&found);
        let mut errors = vec![f64::NAN; found.x.len()];
        let information = self.derivatives(&found.x).hessian.principal(&interior);
        if let Some(covariance) = inverse_spd(&information) {
            for (&k, variance) in interior.iter().zip(covariance.diagonal()) {
                errors[k] = variance.sqrt();
            }
        }
        Ok(ContinuousTargetFit {
            parameters: self.parameters(&found.x),
            log_likelihood: -found.value,
            estimated: (0..found.x.len())
                .filter(|&k| self.bounds.lower[k] < self.bounds.upper[k])
                .count(),
            branching_error: errors[1..=d].to_vec(),
            log_decay_error: errors[d + 1..].to_vec(),
        })
    }

    /// Parameters strictly inside their bounds; the decay of a link at zero is not identified.
    fn interior(&self, found: &Minimum) -> Vec<usize> {
        let d = self.events.kinds();
        let inside =
            |k: usize| self.bounds.lower[k] < found.x[k] && found.x[k] < self.bounds.upper[k];
        (0..found.x.len()).filter(|&k| inside(k) && (k <= d || inside(k - d))).collect()
    }
}

/// Start and bounds of one link's decay: fixed where it is known or the link is not there.
fn bound_decay(
    settings: &FitSettings,
    target: usize,
    source: usize,
    linked: bool,
    start: &mut [f64],
    bounds: &mut Bounds,
) {
    let k = start.len() / 2 + 1 + source;
    match &settings.decays {
        Decays::Estimated { start: from, lower, upper } => {
            start[k] = from.ln();
            (bounds.lower[k], bounds.upper[k]) = (lower.ln(), upper.ln());
        }
        Decays::Fixed(decay) => {
            start[k] = decay[(target, source)].ln();
            bounds.fix(k, start[k]);
        }
    }
    if !linked {
        let fixed = start[k];
        bounds.fix(k, fixed);
    }
}

impl Objective for ContinuousTarget<'_> {
    /// How far a parameter may go in one step; decays not far, since the likelihood is flat where
    /// a link is weak.
    fn reach(&self, parameter: usize) -> f64 {
        if parameter > self.events.kinds() { FARTHEST } else { f64::INFINITY }
    }

    /// Minus the log-likelihood.
    fn value(&self, x: &[f64]) -> f64 {
        match &self.known {
            Some(known) => -known.value(x),
            None => -self.parameters(x).value(self.events, self.target),
        }
    }

    /// Minus the log-likelihood with its exact gradient and second derivatives.
    fn derivatives(&self, x: &[f64]) -> Derivatives {
        let d = self.events.kinds();
        if let Some(known) = &self.known {
            let mut found = known.derivatives(x);
            found.gradient.iter_mut().for_each(|slope| *slope = -*slope);
            let all = (0..x.len()).flat_map(|row| (0..x.len()).map(move |column| (row, column)));
            all.for_each(|at| found.hessian[at] = -found.hessian[at]);
            let (gradient, hessian) = (found.gradient, found.hessian);
            return Derivatives { value: -found.value, gradient, hessian };
        }
        let parameters = self.parameters(x);
        let natural = parameters.derivatives(self.events, self.target);
        let size = 1 + 2 * d;
        let factor: Vec<f64> =
            (0..size).map(|k| if k > d { parameters.decay[k - d - 1] } else { 1.0 }).collect();
        let mut gradient = natural.gradient;
        let mut hessian = natural.hessian;
        for row in 0..size {
            for column in 0..size {
                hessian[(row, column)] *= -factor[row] * factor[column];
            }
            gradient[row] *= -factor[row];
            if row > d {
                hessian[(row, row)] += gradient[row];
            }
        }
        Derivatives { value: -natural.value, gradient, hessian }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::continuous::{log_likelihood, simulate};
    use sanad_core::random::Streams;

    fn truth() -> Hawkes {
        let branching = Matrix::from_rows(&[vec![0.5, 0.2], vec![0.0, 0.4]]);
        let decay = Matrix::from_rows(&[vec![1.5, 0.5], vec![1.0, 3.0]]);
        Hawkes::new(vec![0.3, 0.4], branching, decay).unwrap()
    }

    fn settings(links: Links) -> FitSettings {
        FitSettings { links, decays: Decays::Estimated { start: 1.0, lower: 0.01, upper: 100.0 } }
    }

    #[test]
    fn a_long_record_gives_its_parameters_back() {
        let mut stream = Streams::new(3, "fit").at(0, 0, 0);
        let events = simulate(&truth(), 20_000.0, 1_000_000, &mut stream).unwrap();
        let found = fit(&events, &settings(Links::Full)).unwrap();
        for target in 0..2 {
            for source in 0..2 {
                let gap = found.process.branching()[(target, source)]
                    - truth().branching()[(target, source)];
                assert!(gap.abs() < 0.04, "{target} {source}: {gap}");
            }
            let log_gap =
                (found.process.decay()[(target, target)] / truth().decay()[(target, target)]).ln();
            assert!(log_gap.abs() < 4.0 * found.log_decay_error[(target, target)]);
        }
        assert!(found.log_likelihood >= log_likelihood(&truth(), &events).unwrap());
    }

    #[test]
    fn more_links_never_fit_worse_and_no_links_is_poisson() {
        let mut stream = Streams::new(4, "fit").at(0, 0, 0);
        let events = simulate(&truth(), 300.0, 1_000_000, &mut stream).unwrap();
        let [none, own, full] = [Links::None, Links::SelfOnly, Links::Full]
            .map(|links| fit(&events, &settings(links)).unwrap());
        let poisson: f64 = (0..2)
            .map(|kind| {
                let n = events.times(kind).len() as f64;
                n * (n / 300.0).ln() - n
            })
            .sum();
        assert!((none.log_likelihood - poisson).abs() < 1e-6);
        assert!(own.log_likelihood >= none.log_likelihood - 1e-6);
        assert!(full.log_likelihood >= own.log_likelihood - 1e-6);
        assert_eq!((none.parameters, own.parameters, full.parameters), (2, 6, 10));
    }

    #[test]
    fn a_weak_link_near_the_critical_point_is_not_left_at_the_longest_half_life() {
        let branching = Matrix::from_rows(&[vec![0.85, 0.1], vec![0.1, 0.8]]);
        let decay = Matrix::from_rows(&[vec![1.5, 0.8], vec![1.0, 2.5]]);
        let near = Hawkes::new(vec![0.1, 0.1], branching, decay).unwrap();
        let streams = Streams::new(20_240_615, "continuous-near-critical");
        for set in [4, 72, 158] {
            let events = simulate(&near, 6000.0, 1_000_000, &mut streams.at(set, 0, 0)).unwrap();
            let found = [0.1, 1.0, 10.0].map(|start| {
                let decays = Decays::Estimated { start, lower: 0.01, upper: 100.0 };
                fit(&events, &FitSettings { links: Links::Full, decays }).unwrap()
            });
            for one in &found {
                assert!(one.process.half_life(0, 1) < 2.0, "{set}: {:?}", one.process);
                assert!((one.log_likelihood - found[0].log_likelihood).abs() < 1e-6, "{set}");
            }
        }
    }

    #[test]
    fn a_kind_without_events_is_refused() {
        let events = Events::new(vec![vec![1.0], vec![]], 10.0).unwrap();
        assert!(fit(&events, &settings(Links::Full)).unwrap_err().is_too_little_data());
    }
}
