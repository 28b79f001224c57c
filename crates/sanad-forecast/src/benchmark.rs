//! The lines every model has to beat.
//!
//! All but [`Benchmark::SmoothedHistory`] are those of the VIEWS 2023/24 prediction challenge or
//! close kin of them. None has a fitted parameter.

use rand_distr::{Distribution, Gamma, Poisson};
use sanad_core::random::{Stream, Streams};

use crate::draws::{Draws, OUTCOME_CAP, Request, bounded};
use crate::error::Error;
use crate::model::Model;
use crate::panel::Past;
use crate::score::index_below;

/// A benchmark and its settings.
///
/// ```
/// use sanad_forecast::{Benchmark, Model, Panel, Request};
///
/// let panel = Panel::new(1, 1, 3, vec![0.0, 4.0, 8.0])?;
/// let request = Request::new(1..=1, 2, 0)?;
/// let draws = Benchmark::OwnLast { months: 2 }.forecast(&panel.up_to(2)?, &request)?;
/// assert_eq!(draws.cell(0, 0), [8, 4]);
/// # Ok::<(), sanad_forecast::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Benchmark {
    /// Every draw is 0.
    Zeros,
    /// Poisson with the last value as its mean.
    LastPoisson,
    /// The place's own last months, dealt out evenly ("conflictology").
    OwnLast {
        /// How many months back.
        months: usize,
    },
    /// The last months of the place and of the places that touch it, dealt out evenly.
    NeighboursLast {
        /// How many months back.
        months: usize,
    },
    /// Months drawn evenly from the last ones of all places together.
    Bootstrap {
        /// How many months back.
        months: usize,
    },
    /// Own months drawn with weights that halve with age.
    ExponentialHistory {
        /// Age at which a month's weight is half, in months.
        half_life_months: f64,
        /// How many months back.
        months: usize,
    },
    /// As [`Benchmark::ExponentialHistory`], each positive draw replaced by a Poisson of itself
    /// times a gamma of mean 1.
    SmoothedHistory {
        /// Age at which a month's weight is half, in months.
        half_life_months: f64,
        /// How many months back.
        months: usize,
        /// Coefficient of variation of the gamma factor.
        cv: f64,
    },
}

impl Benchmark {
    /// The seven benchmarks with the settings under which they are known.
    pub const ALL: [Self; 7] = [
        Self::Zeros,
        Self::LastPoisson,
        Self::OwnLast { months: 12 },
        Self::NeighboursLast { months: 12 },
        Self::Bootstrap { months: 240 },
        Self::ExponentialHistory { half_life_months: 6.0, months: 120 },
        Self::SMOOTHED,
    ];

    /// Ten years of own history at a half-life of six months, cv 0.5.
    pub const SMOOTHED: Self =
        Self::SmoothedHistory { half_life_months: 6.0, months: 120, cv: 0.5 };

    /// The benchmark of this [`Model::name`], with the settings of [`Benchmark::ALL`].
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|benchmark| benchmark.name() == name)
    }

    /// Refuses half-lives and months that are not positive, and negative coefficients of variation.
    fn check(self) -> Result<(), Error> {
        let (half_life, months, cv) = match self {
            Self::Zeros | Self::LastPoisson => return Ok(()),
            Self::OwnLast { months }
            | Self::NeighboursLast { months }
            | Self::Bootstrap { months } => (1.0, months, 0.0),
            Self::ExponentialHistory { half_life_months, months } => {
                (half_life_months, months, 0.0)
            }
            Self::SmoothedHistory { half_life_months, months, cv } => {
                (half_life_months, months, cv)
            }
        };
        if months == 0 {
            return Err(Error::setting("months", months, "at least 1"));
        }
        if !(half_life > 0.0 && half_life.is_finite()) {
            return Err(Error::setting("half_life_months", half_life, "above 0"));
        }
        if !(cv >= 0.0 && cv.is_finite()) {
            return Err(Error::setting("cv", cv, "0 or more"));
        }
        Ok(())
    }
}

impl Model for Benchmark {
    fn name(&self) -> String {
        match *self {
            Self::Zeros => "zeros",
            Self::LastPoisson => "last-poisson",
            Self::OwnLast { .. } => "own-last-12",
            Self::NeighboursLast { .. } => "neighbours-last-12",
            Self::Bootstrap { .. } => "bootstrap-240",
            Self::ExponentialHistory { .. } => "exponential-history",
            Self::SmoothedHistory { half_life_months, .. } if half_life_months != 6.0 => {
                return format!("smoothed-history-{half_life_months}");
            }
            Self::SmoothedHistory { .. } => "smoothed-history",
        }
        .to_owned()
    }

    fn forecast(&self, past: &Past<'_>, request: &Request) -> Result<Draws, Error> {
        self.check()?;
        let purpose = format!("{}/{}", self.name(), past.origin_month_id());
        let streams = Streams::new(request.seed(), &purpose);
        let pooled = match *self {
            Self::Bootstrap { months } => pool(past, 0..past.places(), months),
            _ => Vec::new(),
        };
        let fill = |place: usize, out: &mut [u32]| match *self {
            Self::Zeros => {}
            Self::LastPoisson => last_poisson(past, place, request, streams, out),
            Self::OwnLast { months } => deal(&pool(past, [place], months), request, out),
            Self::NeighboursLast { months } => {
                let around = past.neighbours(place).iter().map(|&n| n as usize);
                deal(&pool(past, std::iter::once(place).chain(around), months), request, out);
            }
            Self::Bootstrap { .. } => {
                each_draw(place, request, streams, out, |stream| {
                    pooled.get(index_below(stream, pooled.len())).copied().unwrap_or(0.0)
                });
            }
            Self::ExponentialHistory { half_life_months, months } => {
                let history = WeightedHistory::new(past, place, half_life_months, months);
                each_draw(place, request, streams, out, |stream| history.pick(stream));
            }
            Self::SmoothedHistory { half_life_months, months, cv } => {
                let history = WeightedHistory::new(past, place, half_life_months, months);
                let spread = Spread::new(cv);
                each_draw(place, request, streams, out, |stream| {
                    let picked = history.pick(stream);
                    spread.around(picked, stream)
                });
            }
        };
        Ok(Draws::by_place(past.places(), request, fill))
    }
}

/// Fills a place's cells draw by draw, each step from its own stream.
pub(crate) fn each_draw(
    place: usize,
    request: &Request,
    streams: Streams,
    out: &mut [u32],
    mut draw: impl FnMut(&mut Stream) -> f64,
) {
    for (step, cell) in request.steps().zip(out.chunks_mut(request.draws())) {
        let mut stream = streams.at(place as u32, step as u32, 0);
        for slot in cell {
            *slot = bounded(draw(&mut stream), f64::from(OUTCOME_CAP));
        }
    }
}

/// Poisson draws around the last known month; zero where nothing is known.
fn last_poisson(
    past: &Past<'_>,
    place: usize,
    request: &Request,
    streams: Streams,
    out: &mut [u32],
) {
    let last = past.recent(place, usize::MAX).next_back().map_or(0.0, |(_, value)| value);
    each_draw(place, request, streams, out, |stream| poisson(last, stream));
}

/// The last `months` values of some places, newest first within each.
fn pool(past: &Past<'_>, places: impl IntoIterator<Item = usize>, months: usize) -> Vec<f64> {
    let of = |place| past.recent(place, months).rev().map(|(_, value)| value);
    places.into_iter().flat_map(of).collect()
}

/// The values in turn, each as often as any other, up to one.
fn deal(values: &[f64], request: &Request, out: &mut [u32]) {
    if values.is_empty() {
        return;
    }
    for cell in out.chunks_mut(request.draws()) {
        let draws = cell.len();
        for (draw, slot) in cell.iter_mut().enumerate() {
            // Spread over the values as evenly as the number of draws allows.
            let value = values[draw * values.len() / draws];
            *slot = bounded(value, f64::from(OUTCOME_CAP));
        }
    }
}

/// A place's history with weights that halve with age.
#[derive(Debug, Clone)]
pub(crate) struct WeightedHistory {
    values: Vec<f64>,
    cumulative: Vec<f64>,
}

impl WeightedHistory {
    pub(crate) fn new(past: &Past<'_>, place: usize, half_life_months: f64, months: usize) -> Self {
        let mut total = 0.0;
        let (values, cumulative) = past
            .recent(place, months)
            .map(|(age, value)| {
                total += (-(age as f64) / half_life_months).exp2();
                (value, total)
            })
            .unzip();
        let mut history = Self { values, cumulative };
        if history.values.iter().all(|&value| value == 0.0) {
            // Nothing to choose between; an empty history draws zeros without a search.
            history.values.clear();
        }
        history
    }

    /// One of the values by weight; zero where there are none.
    pub(crate) fn pick(&self, stream: &mut Stream) -> f64 {
        if self.values.is_empty() {
            return 0.0;
        }
        let total = self.cumulative[self.cumulative.len() - 1];
        let at = stream.open01() * total;
        let index = self.cumulative.partition_point(|&c| c <= at).min(self.values.len() - 1);
        self.values[index]
    }
}

/// Poisson noise around a value times a gamma factor of mean 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    gamma: Option<Gamma<f64>>,
}

impl Spread {
    pub(crate) fn new(cv: f64) -> Self {
        let shape = 1.0 / (cv * cv);
        Self { gamma: Gamma::new(shape, cv * cv).ok() }
    }

    /// A Poisson draw whose own mean is a Gamma draw around this one; zero around zero.
    pub(crate) fn around(&self, mean: f64, stream: &mut Stream) -> f64 {
        if mean == 0.0 {
            return 0.0;
        }
        let factor = self.gamma.map_or(1.0, |gamma| gamma.sample(stream));
        poisson(mean * factor, stream)
    }
}

/// A Poisson draw; 0 for a mean of 0.
pub(crate) fn poisson(mean: f64, stream: &mut Stream) -> f64 {
    Poisson::new(mean.min(f64::from(OUTCOME_CAP))).map_or(0.0, |law| law.sample(stream))
}
