//! The newest months as the first pages tell of them: numbers that others have computed.

use sanad_core::Month;

/// The newest twelve months of the country.
#[derive(Debug, Clone, PartialEq)]
pub struct LatestYear {
    /// Name of the country.
    pub country: String,
    /// First and last month.
    pub months: [Month; 2],
    /// The releases that they are counted from.
    pub source: String,
    /// First month whose release is preliminary, if any.
    pub preliminary_from: Option<Month>,
    /// The day of an event by which it counts: "first" or "last", where known.
    pub counts_by: Option<&'static str>,
    /// Events.
    pub events: i64,
    /// Deaths, best estimate.
    pub deaths: i64,
    /// Deaths in state-based, non-state and one-sided violence, where told apart.
    pub by_type: Option<[i64; 3]>,
    /// Deaths divided by those of the twelve months before: lower end of the 95 % interval, ratio, upper
    /// end.
    pub change: Option<[f64; 3]>,
    /// Last month of the last earlier twelve months with at least as many deaths.
    pub most: Most<Month>,
    /// Deaths by theatre, as the conflicts' names imply it.
    pub theatres: Vec<LatestTheatre>,
    /// Stretches of the twelve months that are known by place.
    pub by_place: Vec<[Month; 2]>,
    /// The last month before the twelve that is known by place.
    pub by_place_before: Option<Month>,
}

/// Since when a number is the greatest of its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most<T> {
    /// As many were last counted then, and everything since is covered.
    Since(T),
    /// Nowhere else in the series, which has no gap.
    OfSeries,
    /// Nowhere since a gap in the series, before which there may have been more or fewer.
    NotKnown,
}

/// A theatre in the newest twelve months.
#[derive(Debug, Clone, PartialEq)]
pub struct LatestTheatre {
    /// Title.
    pub title: String,
    /// Deaths in state-based violence of its conflicts, wherever they were fought.
    pub deaths: f64,
    /// How often a conflict's name was right: events in the theatre, and all; with the months.
    pub right: Option<([f64; 2], [Month; 2])>,
}

/// A stretch of months that is known at one level.
#[derive(Debug, Clone, PartialEq)]
pub struct LevelLine {
    /// "country", "theatre", "province" or "district".
    pub level: &'static str,
    /// First and last month.
    pub months: [Month; 2],
    /// The release.
    pub source: String,
    /// "first" or "last", where known.
    pub counts_by: Option<&'static str>,
    /// Whether the release is preliminary.
    pub is_preliminary: bool,
    /// What is known at the level.
    pub what: String,
    /// Deaths known at the level.
    pub deaths: f64,
}

/// A forecast of the months after the newest, at the levels at which these are known.
#[derive(Debug, Clone, PartialEq)]
pub struct LatestOutlook {
    /// Which deaths: "deaths in state-based violence".
    pub target: String,
    /// The releases that it was made from.
    pub source: String,
    /// First and last month forecast.
    pub months: [Month; 2],
    /// First month of the history that is drawn before it.
    pub drawn_from: Month,
    /// The model shown.
    pub shown: String,
    /// The product's own model.
    pub own: String,
    /// Models as they did on the country's past months, the product's own first.
    pub scores: Vec<LatestScore>,
    /// First and last year that they were tried on.
    pub tried_on: [i32; 2],
    /// Why trials that the case ships do not count, so that the models were tried again.
    pub retried: Option<String>,
    /// Whether the own model is better than every benchmark by the rule of the page.
    pub is_better: bool,
    /// The country, then theatres.
    pub places: Vec<LatestPlace>,
}

/// How a model did on the country's past months.
#[derive(Debug, Clone, PartialEq)]
pub struct LatestScore {
    /// The model.
    pub model: String,
    /// Mean CRPS.
    pub crps: f64,
    /// Mean CRPS of ln(1 + deaths).
    pub log_crps: f64,
    /// Months inside the central 90 %, and all.
    pub inside: [usize; 2],
}

/// A forecast of one place.
#[derive(Debug, Clone, PartialEq)]
pub struct LatestPlace {
    /// Level: "country" or "theatre".
    pub level: &'static str,
    /// Deaths in as many months before; nothing where one of them is covered by no release.
    pub before: Option<f64>,
    /// Deaths over all months forecast: quantiles at 5, 25, 50, 75 and 95 %, by the model shown.
    pub total: [f64; 5],
    /// The same by the own model, where another is shown.
    pub own_total: Option<[f64; 5]>,
    /// Name.
    pub name: String,
    /// Deaths per month from [`LatestOutlook::drawn_from`] to the last month forecast; `None` in the
    /// future.
    pub observed: Vec<Option<f64>>,
    /// Median of the model shown, on the same months.
    pub median: Vec<Option<f64>>,
    /// Central 50 % and 90 % of its draws, on the same months.
    pub bands: [Vec<Option<[f64; 2]>>; 2],
}

/// What the first pages are made of, beside the headline.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lead {
    /// The newest twelve months.
    pub latest: Option<LatestYear>,
    /// What is known at which level.
    pub levels: Vec<LevelLine>,
    /// What may come; nothing in a quick briefing.
    pub outlook: Option<LatestOutlook>,
}
