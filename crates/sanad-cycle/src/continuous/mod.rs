//! Multivariate Hawkes processes in continuous time with exponential kernels.
//!
//! The rate of events of kind i at time t is
//!
//! λᵢ(t) = μᵢ + Σⱼ Σ_{tₗ < t, kind j} nᵢⱼ βᵢⱼ exp(−βᵢⱼ (t − tₗ)),
//!
//! with baseline rates μ, a branching matrix n (nᵢⱼ is the mean number of events of kind i that
//! one event of kind j sets off directly) and decays β. The process starts empty at time zero.
//! A. G. Hawkes, "Spectra of some self-exciting and mutually exciting point processes",
//! Biometrika 58 (1971).
//!
//! The likelihood of each kind given the past involves only that kind's parameters, so a fit is
//! one small problem per kind, and the sums over the past are carried forward event by event
//! (Y. Ogata, "On Lewis' simulation method for point processes", IEEE Trans. Inf. Theory 27,
//! 1981; T. Ozaki, "Maximum likelihood estimation of Hawkes' self-exciting point processes",
//! Ann. Inst. Stat. Math. 31, 1979).
//!
//! The baseline is constant. Where a trend or a season is at work an excitation model without it
//! finds excitation that is not there: use the discrete-time model, which has a flexible background.

mod fit;
mod likelihood;
mod profile;
mod residual;
mod simulate;

pub use fit::{Decays, Fit, FitSettings, fit};
pub use likelihood::{TargetGradient, log_likelihood, target_gradient};
pub use profile::{Quantity, profile_fall, profile_interval};
pub use residual::residuals;
pub use simulate::simulate;

use crate::error::{Error, check_len, check_values};
use sanad_numbers::{Matrix, spectral_radius};

/// Event times of several kinds over a span that starts at zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    times: Vec<Vec<f64>>,
    span: f64,
}

impl Events {
    /// Times of each kind, sorted, each in 0..=`span` (any one unit of time throughout).
    ///
    /// Events at the same instant do not excite each other.
    ///
    /// # Errors
    /// If the span is not positive and finite, or times are unsorted or outside it.
    pub fn new(times: Vec<Vec<f64>>, span: f64) -> Result<Self, Error> {
        check_values("span", &[span], "positive and finite", |v| v > 0.0 && v.is_finite())?;
        for kind in &times {
            check_values("times", kind, "between 0 and the span", |t| (0.0..=span).contains(&t))?;
            if let Some(k) = kind.windows(2).position(|pair| pair[0] > pair[1]) {
                return Err(Error::value("times", k + 1, kind[k + 1], "sorted within its kind"));
            }
        }
        Ok(Self { times, span })
    }

    /// Number of kinds.
    #[must_use]
    pub fn kinds(&self) -> usize {
        self.times.len()
    }

    /// Sorted times of one kind.
    #[must_use]
    pub fn times(&self, kind: usize) -> &[f64] {
        &self.times[kind]
    }

    /// End of the observation, in units of time.
    #[must_use]
    pub fn span(&self) -> f64 {
        self.span
    }

    /// Number of events of all kinds.
    #[must_use]
    pub fn total(&self) -> usize {
        self.times.iter().map(Vec::len).sum()
    }
}

/// The parameters of a multivariate Hawkes process with exponential kernels.
#[derive(Debug, Clone, PartialEq)]
pub struct Hawkes {
    baseline: Vec<f64>,
    branching: Matrix,
    decay: Matrix,
}

impl Hawkes {
    /// A process with `baseline[i]` events of kind i per unit of time (≥ 0), `branching[(i, j)]`
    /// events of kind i set off by one of kind j (≥ 0) and `decay[(i, j)]` per unit of time (> 0).
    ///
    /// ```
    /// use sanad_cycle::{Matrix, continuous::Hawkes};
    ///
    /// let branching = Matrix::from_rows(&[vec![0.4, 0.2], vec![0.0, 0.5]]);
    /// let decay = Matrix::from_rows(&[vec![1.0, 2.0], vec![1.0, 0.5]]);
    /// let process = Hawkes::new(vec![0.3, 0.1], branching, decay).unwrap();
    /// assert!((process.spectral_radius() - 0.5).abs() < 1e-12);
    /// assert!((process.half_life(1, 1) - 2.0 * 2_f64.ln()).abs() < 1e-12);
    /// ```
    ///
    /// # Errors
    /// If shapes disagree or a value is out of range.
    pub fn new(baseline: Vec<f64>, branching: Matrix, decay: Matrix) -> Result<Self, Error> {
        let kinds = baseline.len();
        for matrix in [&branching, &decay] {
            check_len("rows of branching and decay", kinds, matrix.rows())?;
            check_len("columns of branching and decay", kinds, matrix.columns())?;
        }
        let finite = |v: f64| v >= 0.0 && v.is_finite();
        check_values("baseline", &baseline, "at least 0 and finite", finite)?;
        for row in 0..kinds {
            check_values("branching", branching.row(row), "at least 0 and finite", finite)?;
            check_values("decay", decay.row(row), "positive", |v| v > 0.0 && v.is_finite())?;
        }
        Ok(Self { baseline, branching, decay })
    }

    /// Number of kinds.
    #[must_use]
    pub fn kinds(&self) -> usize {
        self.baseline.len()
    }

    /// Baseline rates, events per unit of time.
    #[must_use]
    pub fn baseline(&self) -> &[f64] {
        &self.baseline
    }

    /// The branching matrix: row target, column source.
    #[must_use]
    pub fn branching(&self) -> &Matrix {
        &self.branching
    }

    /// Decays, per unit of time: row target, column source.
    #[must_use]
    pub fn decay(&self) -> &Matrix {
        &self.decay
    }

    /// Time in which the effect of a `source` event on a `target` rate halves.
    #[must_use]
    pub fn half_life(&self, target: usize, source: usize) -> f64 {
        core::f64::consts::LN_2 / self.decay[(target, source)]
    }

    /// Largest modulus of the eigenvalues of the branching matrix; at 1 and above the process
    /// grows without end.
    #[must_use]
    pub fn spectral_radius(&self) -> f64 {
        spectral_radius(&self.branching)
    }

    /// Share of each kind's observed events that the model ascribes to earlier events rather than
    /// to the baseline: 1 − μᵢ · span / (number of events of kind i), not below zero.
    ///
    /// # Panics
    /// If `events` has fewer kinds than the process.
    #[must_use]
    pub fn endogenous_share(&self, events: &Events) -> Vec<f64> {
        (0..self.kinds())
            .map(|kind| {
                let count = events.times(kind).len() as f64;
                (1.0 - self.baseline[kind] * events.span() / count).max(0.0)
            })
            .collect()
    }
}
