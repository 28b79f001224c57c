//! A forecast and how it did before, as data.

use sanad_core::Estimate;
use sanad_core::Month;

/// A forecast of the months after the last one counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Which deaths: "deaths in state-based violence".
    pub target: String,
    /// The versions of the source that the forecast was made from, with their months.
    pub source: String,
    /// How many of the last twelve months before the forecast nothing covers.
    pub recent_gaps: usize,
    /// The model.
    pub model: String,
    /// Draws for each place and month.
    pub draws: usize,
    /// First and last month forecast.
    pub months: [Month; 2],
    /// First month of the history that is drawn before it.
    pub drawn_from: Month,
    /// Provinces.
    pub provinces: Vec<ProvinceOutlook>,
    /// One per district of the map, in its order; `None` where none was made.
    pub districts: Vec<Option<DistrictOutlook>>,
    /// How the model did before, over all districts.
    pub record: Vec<Record>,
    /// First and last month of the windows that it was tried on.
    pub tried_on: [Month; 2],
}

/// A province's past months and forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvinceOutlook {
    /// Name.
    pub name: String,
    /// Deaths per month from [`Outlook::drawn_from`] to the last month forecast; `None` in the
    /// future and where nothing covers.
    pub observed: Vec<Option<f64>>,
    /// Median of the forecast on the same months.
    pub median: Vec<Option<f64>>,
    /// Central 50 % and 90 % of the draws on the same months.
    pub bands: [Vec<Option<[f64; 2]>>; 2],
}

/// A district's forecast over all its months together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DistrictOutlook {
    /// Chance of at least one death.
    pub chance: f64,
    /// Deaths: 5 % quantile, mean and 95 % quantile.
    pub deaths: Estimate,
    /// Deaths in as many months before; nothing where one of them is not covered.
    pub before: Option<f64>,
    /// How forecasts of this district did.
    pub skill: Skill,
}

/// How forecasts of a place did against redrawing its own last 12 months.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Skill {
    /// Nothing was forecast and nothing came, whatever the method.
    NothingToScore,
    /// A share of the reference's mean CRPS that was saved, and in how many of the yearly windows.
    Saved {
        /// 1 − CRPS / CRPS of the reference; below zero it did worse.
        share: f64,
        /// Windows in which it did better, and all windows.
        windows: [usize; 2],
    },
}

impl Skill {
    /// Whether it did better overall and in at least four of five windows.
    #[must_use]
    pub fn is_better(self) -> bool {
        matches!(self, Self::Saved { share, windows: [better, all] }
            if share > 0.0 && 5 * better >= 4 * all)
    }
}

/// A score of the model against a reference over all districts.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Name of the score.
    pub score: String,
    /// The reference.
    pub against: String,
    /// The model's mean.
    pub mean: f64,
    /// Minus the reference's, with its 90 % interval.
    pub difference: Estimate,
}
