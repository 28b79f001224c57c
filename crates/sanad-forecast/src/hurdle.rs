//! A count model in two parts: whether there is any death, and how many if there is.

use rayon::prelude::*;
use sanad_core::random::Streams;
use sanad_numbers::{PlaceMonthGrid, dot, normal_cdf, normal_of_two, normal_quantile};

use crate::draws::{Draws, OUTCOME_CAP, Request, bounded};
use crate::error::Error;
use crate::explain::{Contribution, Explanation, shapley};
use crate::feature::{Features, at};
use crate::linear::{DesignMatrix, Scaling, fit_linear, fit_log_spread, fit_logistic, logistic};
use crate::model::Model;
use crate::panel::Past;

/// A hurdle model on weighted own history, time since violence, season, neighbours and covariates.
///
/// Places fall into four regimes by how many of their recent months were violent; in each, a
/// logistic ridge regression gives P(≥ 1) and a ridge regression with its own spread gives the
/// logarithm of the count given ≥ 1, around which the standardised residuals of the training rows
/// are drawn. The parts are fitted by direct regression at each step ahead jointly (the step is a
/// feature), on rows whose outcome lies at or before the origin.
///
/// The tail cannot explode: predictors are held to six standard deviations, the spread to a factor
/// of e^1.2, residuals to those seen, and each place's draws to a cap (see [`Hurdle::place_cap`]).
///
/// Draws are joint over steps: one latent normal per draw and place is shared by all steps with
/// the settings' correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hurdle {
    /// Ridge penalty of the regressions, on standardised features.
    pub ridge: f64,
    /// Months between the training origins.
    pub stride_months: usize,
    /// Months of history before the first training origin.
    pub burn_in_months: usize,
    /// Correlation between steps of the latent normal, in [0, 1).
    pub step_correlation: f64,
    /// Whether the four regimes have regressions of their own.
    pub by_regime: bool,
}

impl Default for Hurdle {
    fn default() -> Self {
        Self {
            ridge: 200.0,
            stride_months: 3,
            burn_in_months: 24,
            step_correlation: 0.5,
            by_regime: true,
        }
    }
}

/// The fewest training rows, and positive ones, for a regime to have its own regressions.
const ENOUGH: (usize, usize) = (400, 60);

/// The most training rows of a regime.
const MOST_ROWS: usize = 400_000;

/// Limits of the logarithm of the spread.
const LOG_SPREAD: (f64, f64) = (-2.0, 1.2);

impl Hurdle {
    /// The largest draw for a place: five times its own largest month, or the largest month seen
    /// anywhere if that is less, but at least 50 and at most [`OUTCOME_CAP`].
    #[must_use]
    pub fn place_cap(own_largest: f64, largest_anywhere: f64) -> f64 {
        (5.0 * own_largest).max(50.0).min(largest_anywhere.max(50.0)).min(f64::from(OUTCOME_CAP))
    }

    /// Which of the regressions a place belongs to, by its share of violent months in the last
    /// sixty; 0 where all share one.
    fn regime(&self, features: &[f64]) -> usize {
        let share = features[at::SHARE + 3];
        let limits = if self.by_regime { &[0.02, 0.15, 0.6][..] } else { &[] };
        limits.iter().filter(|&&limit| share >= limit).count()
    }

    /// Refuses a ridge that is not positive, a stride of zero, and a correlation of steps outside [0, 1).
    fn check(&self) -> Result<(), Error> {
        if !(self.ridge > 0.0 && self.ridge.is_finite()) {
            return Err(Error::setting("ridge", self.ridge, "above 0"));
        }
        if self.stride_months == 0 {
            return Err(Error::setting("stride_months", 0, "at least 1"));
        }
        if !(0.0..1.0).contains(&self.step_correlation) {
            return Err(Error::setting("step_correlation", self.step_correlation, "in [0, 1)"));
        }
        Ok(())
    }

    /// Training rows of one regime: regressors, outcomes. Where there are more than
    /// [`MOST_ROWS`], each is kept with the same chance, decided by its place, month and step.
    fn rows(
        &self,
        past: &Past<'_>,
        features: &Features,
        request: &Request,
        (regime, regimes): (usize, &[u8]),
    ) -> (DesignMatrix, Vec<f64>) {
        let mut design = DesignMatrix::new(regressors_len(features));
        let mut outcomes = Vec::new();
        let mut row = Vec::new();
        let total = self.candidates(past, features, request, (regime, regimes)).count();
        let share = MOST_ROWS as f64 / total as f64;
        let thinning = Streams::new(request.seed(), "hurdle training rows");
        for (place, month, step) in self.candidates(past, features, request, (regime, regimes)) {
            let chance = || thinning.at(place as u32, step as u32, month as u32).open01();
            if share >= 1.0 || chance() < share {
                let month_id = past.origin_month_id() - (past.origin() - month) as i32;
                regressors(features.of_place(place, month), month_id, step, &mut row);
                design.push(&row);
                outcomes.push(past.series(place)[month + step]);
            }
        }
        (design, outcomes)
    }

    /// (place, month, step) of the training rows of a regime.
    fn candidates<'a>(
        &'a self,
        past: &'a Past<'_>,
        features: &'a Features,
        request: &Request,
        (regime, regimes): (usize, &'a [u8]),
    ) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
        let grid = PlaceMonthGrid { places: past.places(), months: past.origin() + 1 };
        features.learnable(past, request, (self.stride_months, self.burn_in_months)).filter(
            move |&(place, month, _)| usize::from(regimes[grid.cell(place, month)]) == regime,
        )
    }
}

impl Model for Hurdle {
    fn name(&self) -> String {
        if self.by_regime { "hurdle" } else { "hurdle-pooled" }.to_owned()
    }

    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        let fitted = FittedHurdle::of(*self, past, request)?;
        let purpose = format!("{}/{}", self.name(), past.origin_month_id());
        let streams = Streams::new(request.seed(), &purpose);
        Ok(Draws::by_place(past.places(), request, |place, out| {
            // A place in a regime too rare to learn from stays at zero.
            let Some((fit, cap)) = fitted.place(place) else { return };
            let vector = fitted.features.of_place(place, past.origin());
            self.draw(fit, vector, cap, (place, past.origin_month_id(), request), streams, out);
        }))
    }

    fn explain(
        &self,
        past: &Past<'_>,
        request: &Request,
        reference: &[f64],
    ) -> Result<Vec<Explanation>, Error> {
        let fitted = FittedHurdle::of(*self, past, request)?;
        let places = 0..past.places();
        Ok(places.into_par_iter().map(|p| fitted.explain(p, request, reference[p])).collect())
    }
}

/// A hurdle model fitted at an origin.
struct FittedHurdle<'a> {
    settings: Hurdle,
    past: Past<'a>,
    features: Features,
    fits: Vec<Option<LogitFit>>,
    largest_anywhere: f64,
}

impl<'a> FittedHurdle<'a> {
    fn of(settings: Hurdle, past: &Past<'a>, request: &Request) -> Result<Self, Error> {
        settings.check()?;
        let features = Features::of(past);
        let regimes: Vec<u8> = (0..past.places() * (past.origin() + 1))
            .map(|at| (at / (past.origin() + 1), at % (past.origin() + 1)))
            .map(|(place, month)| settings.regime(features.of_place(place, month)) as u8)
            .collect();
        let fits = (0..if settings.by_regime { 4 } else { 1 })
            .map(|regime| {
                let (design, outcomes) =
                    settings.rows(past, &features, request, (regime, &regimes));
                LogitFit::of(design, &outcomes, settings.ridge)
            })
            .collect();
        let largest_anywhere = largest_anywhere(past);
        Ok(Self { settings, past: *past, features, fits, largest_anywhere })
    }

    /// The regressions a place falls under and its cap.
    fn place(&self, place: usize) -> Option<(&LogitFit, f64)> {
        let vector = self.features.of_place(place, self.past.origin());
        let cap = Hurdle::place_cap(largest(&self.past, place), self.largest_anywhere);
        self.fits[self.settings.regime(vector)].as_ref().map(|fit| (fit, cap))
    }

    fn explain(&self, place: usize, request: &Request, reference: f64) -> Explanation {
        let Some((fit, cap)) = self.place(place) else {
            return Explanation::whole(&self.settings.name(), reference, 0.0);
        };
        let vector = self.features.of_place(place, self.past.origin());
        let (families, names) = families(&self.past);
        let rows: Vec<Vec<f64>> = request
            .steps()
            .map(|step| {
                let mut row = Vec::new();
                regressors(vector, self.past.origin_month_id(), step, &mut row);
                fit.scaling.apply(&mut row);
                row
            })
            .collect();
        // A family that is switched off stands at the regime's mean, which scaling made zero.
        let value = |on: u32| {
            let of_row = |row: &Vec<f64>| {
                let masked: Vec<f64> = row
                    .iter()
                    .zip(&families)
                    .map(
                        |(x, family)| {
                            if family.is_none_or(|f| on >> f & 1 == 1) { *x } else { 0.0 }
                        },
                    )
                    .collect();
                fit.part(&masked).mean_log(cap)
            };
            rows.iter().map(of_row).sum::<f64>() / rows.len() as f64
        };
        let like_it =
            Contribution { input: "places like it".to_owned(), log_change: value(0) - reference };
        let shares = shapley(names.len(), value);
        let inputs = names.into_iter().zip(shares);
        let rest = inputs.map(|(input, log_change)| Contribution { input, log_change });
        Explanation { reference, inputs: std::iter::once(like_it).chain(rest).collect() }
    }
}

impl Hurdle {
    /// The draws of a place: a latent normal that the steps of a draw share in part makes them
    /// joint, Φ of it is the uniform number that the distribution's quantile is taken at.
    fn draw(
        &self,
        fit: &LogitFit,
        vector: &[f64],
        cap: f64,
        (place, month_id, request): (usize, i32, &Request),
        streams: Streams,
        out: &mut [u32],
    ) {
        let shared: Vec<f64> = (0..request.draws())
            .map(|draw| normal_of_two(&mut streams.at(place as u32, 0, draw as u32)))
            .collect();
        let (common, own) = (self.step_correlation.sqrt(), (1.0 - self.step_correlation).sqrt());
        let mut row = Vec::new();
        for (step, cell) in request.steps().zip(out.chunks_mut(request.draws())) {
            regressors(vector, month_id, step, &mut row);
            fit.scaling.apply(&mut row);
            let part = fit.part(&row);
            // Below it the level is one of no death, and need not be computed; a little below, so
            // that rounding decides nothing.
            let violent_from = normal_quantile(1.0 - part.any) - 1e-6;
            let mut stream = streams.at(place as u32, step as u32, 0);
            for (slot, shared) in cell.iter_mut().zip(&shared) {
                let latent = common * shared + own * normal_of_two(&mut stream);
                if latent > violent_from {
                    *slot = part.quantile(normal_cdf(latent), cap);
                }
            }
        }
    }
}

/// The family of each regressor (`None` for the constant, the step and the season), and the families' names.
fn families(past: &Past<'_>) -> (Vec<Option<u32>>, Vec<String>) {
    let mut names: Vec<String> = [
        "deaths of the last year",
        "deaths of the years before",
        "how often",
        "unevenness",
        "time since",
        "neighbours",
        "the world",
    ]
    .map(str::to_owned)
    .to_vec();
    names.extend((0..past.covariates()).map(|c| past.covariate_name(c).to_owned()));
    let own = (0..at::COVARIATES).map(|feature| match feature {
        at::SINCE => 4,
        at::NEIGHBOURS | at::NEIGHBOURS_SHARE => 5,
        at::WORLD => 6,
        at::PEAK => 0,
        _ => match (feature / 6, feature % 6) {
            (0 | 1, 0..=3) => 0,
            (0 | 1, _) => 1,
            (2, _) => 2,
            _ => 3,
        },
    });
    let covariates = 7..7 + past.covariates() as u32;
    // The products, in the order of `regressors`.
    let products = [0, 4, 0, 4, 0, 1];
    let all = own.chain(covariates).chain(products).map(Some);
    ([None; 4].into_iter().chain(all).collect(), names)
}

/// The largest value of all places' pasts.
pub(crate) fn largest_anywhere(past: &Past<'_>) -> f64 {
    (0..past.places()).map(|place| largest(past, place)).fold(0.0, f64::max)
}

/// The largest value of a place's past.
pub(crate) fn largest(past: &Past<'_>, place: usize) -> f64 {
    past.series(place).iter().fold(0.0, |peak, &value| peak.max(value))
}

/// Number of regressors: constant, season and step, the features, and what they are multiplied
/// with.
fn regressors_len(features: &Features) -> usize {
    4 + features.width() + 6
}

/// The constant, the step, the season of the month forecast, the features seen in the month
/// `month_id`, and the products that matter.
fn regressors(vector: &[f64], month_id: i32, step: usize, row: &mut Vec<f64>) {
    let ahead = (step as f64 - 8.5) / 6.0;
    let level = vector[at::LEVEL + 2];
    let since = vector[at::SINCE];
    let year = f64::from(month_id + step as i32) / 12.0 * core::f64::consts::TAU;
    row.clear();
    row.extend([1.0, ahead, year.sin(), year.cos()]);
    row.extend_from_slice(vector);
    row.extend([
        ahead * level,
        ahead * since,
        ahead * vector[at::LOG_LEVEL + 2],
        since * since,
        level * level,
        level * vector[at::LEVEL + 5],
    ]);
}

/// The regressions of one regime.
#[derive(Debug, Clone)]
struct LogitFit {
    scaling: Scaling,
    any: Vec<f64>,
    log_count: Vec<f64>,
    log_spread: Vec<f64>,
    /// Standardised residuals, ascending.
    residuals: Vec<f64>,
}

/// The predictive distribution of one place and step.
#[derive(Debug, Clone, Copy)]
struct PredictivePart<'a> {
    any: f64,
    log_count: f64,
    spread: f64,
    residuals: &'a [f64],
}

impl LogitFit {
    fn of(mut design: DesignMatrix, outcomes: &[f64], ridge: f64) -> Option<Self> {
        let positive = outcomes.iter().filter(|&&y| y > 0.0).count();
        if design.rows() < ENOUGH.0 || positive < ENOUGH.1 {
            return None;
        }
        let scaling = design.standardise();
        let any: Vec<bool> = outcomes.iter().map(|&y| y > 0.0).collect();
        let any = fit_logistic(&design, &any, ridge)?;
        let violent = design.subset(|row| outcomes[row] > 0.0);
        let logs: Vec<f64> = outcomes.iter().filter(|&&y| y > 0.0).map(|y| y.ln()).collect();
        let mut log_spread = Vec::new();
        let mut weights = vec![1.0; logs.len()];
        let mut log_count = Vec::new();
        let mut residuals = Vec::new();
        for _ in 0..4 {
            log_count = fit_linear(&violent, &logs, &weights, ridge)?;
            let fitted = violent.times(&log_count);
            residuals = logs.iter().zip(&fitted).map(|(y, f)| y - f).collect();
            log_spread = fit_log_spread(&violent, &residuals, ridge)?;
            weights = violent.times(&log_spread).into_iter().map(|s| spread(s).powi(-2)).collect();
        }
        let spreads = violent.times(&log_spread);
        let mut residuals: Vec<f64> =
            residuals.iter().zip(&spreads).map(|(r, &s)| r / spread(s)).collect();
        residuals.sort_unstable_by(f64::total_cmp);
        Some(Self { scaling, any, log_count, log_spread, residuals })
    }

    /// The distribution for standardised regressors.
    fn part(&self, row: &[f64]) -> PredictivePart<'_> {
        PredictivePart {
            any: logistic(dot(row, &self.any)),
            log_count: dot(row, &self.log_count),
            spread: spread(dot(row, &self.log_spread)),
            residuals: &self.residuals,
        }
    }
}

/// The standard deviation of the log count: exp of the linear predictor, which is held within
/// [`LOG_SPREAD`], so that a place unlike any in training forecasts neither certainty nor
/// everything.
fn spread(log_spread: f64) -> f64 {
    log_spread.clamp(LOG_SPREAD.0, LOG_SPREAD.1).exp()
}

impl PredictivePart<'_> {
    /// The mean of ln(1 + count), with the residuals taken at a hundred even quantiles.
    fn mean_log(&self, cap: f64) -> f64 {
        const LEVELS: usize = 100;
        let of = |level: usize| {
            let index = (2 * level + 1) * self.residuals.len() / (2 * LEVELS);
            let count = (self.log_count + self.spread * self.residuals[index]).exp().max(1.0);
            f64::from(bounded(count, cap)).ln_1p()
        };
        self.any * (0..LEVELS).map(of).sum::<f64>() / LEVELS as f64
    }

    /// The count at a uniform level.
    fn quantile(&self, uniform: f64, cap: f64) -> u32 {
        let none = 1.0 - self.any;
        if uniform <= none {
            return 0;
        }
        let within = (uniform - none) / self.any;
        let index = (within * self.residuals.len() as f64) as usize;
        let residual = self.residuals[index.min(self.residuals.len() - 1)];
        bounded((self.log_count + self.spread * residual).exp().max(1.0), cap)
    }
}
