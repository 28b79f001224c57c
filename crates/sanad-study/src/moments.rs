//! Excitation between kinds of event whose moments are known, not only their days: a Hawkes process in
//! continuous time with exponential kernels.
//!
//! The intensity of kind i at time t is μᵢ + Σⱼ Σ_{tⱼ < t} nᵢⱼ βᵢⱼ exp(−βᵢⱼ (t − tⱼ)): nᵢⱼ events
//! of i are brought by one of j, half of them within ln 2 / βᵢⱼ. It is fitted by maximum likelihood
//! in `sanad_cycle::continuous`. The background is constant: a trend or a season in the record is
//! taken for excitation, which is why dated days with a background of their own belong to the
//! cycle's model.

use std::collections::BTreeMap;
use std::path::Path;

use sanad_core::Estimate;
use sanad_core::missing::is_missing_name;
use sanad_cycle::continuous::{Decays, Events, Fit, FitSettings, Quantity, fit, profile_interval};
use sanad_cycle::{Links, Matrix};
use sanad_store::external::{ColumnKind, External};

use crate::error::Result;

/// Half-lives that are tried lie within these shares of the mean time between events. Beyond them a
/// kernel is a tie in time, or a part of the background.
const SHORTEST_AND_LONGEST: [f64; 2] = [1e-3, 1e3];

/// Events by kind, each with its moment. The unit of time is the reader's; half-lives come in the
/// same.
#[derive(Debug, Clone, PartialEq)]
pub struct EventMoments {
    /// Names of the kinds, in order of the alphabet.
    pub kinds: Vec<String>,
    /// The moments of each kind, rising, from the start of the observation at 0. No two of a kind
    /// are equal.
    pub times: Vec<Vec<f64>>,
}

/// How events are fitted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MomentsRequest {
    /// When the observation ended; the last event's moment when absent.
    pub end: Option<f64>,
    /// The half-life of every link, where it is known; estimated for each link when absent. In the
    /// unit of the moments.
    pub half_life: Option<f64>,
}

/// A link from one kind to another.
#[derive(Debug, Clone, PartialEq)]
pub struct MomentLink {
    /// The kind whose events bring others.
    pub from: String,
    /// The kind whose events are brought.
    pub to: String,
    /// Mean number of events of `to` that one of `from` brings, with its 95 % profile interval
    /// where one could be found. Its ends are NaN where no interval could be found.
    pub branching: Estimate,
    /// Time after which half of them have come, in the unit of the moments, with its interval.
    /// Where the request gives one, it is that, without an interval.
    pub half_life: Estimate,
}

/// What a fit found. Links stand by effect, then by cause.
#[derive(Debug, Clone, PartialEq)]
pub struct MomentsFit {
    /// A row for each link.
    pub links: Vec<MomentLink>,
    /// Spectral radius of the branching matrix: above 1 events would bring events without end.
    /// Below 1 a burst dies out.
    pub spectral_radius: f64,
    /// The log-likelihood. In natural logarithms, to compare fits of the same events.
    pub log_likelihood: f64,
}

/// Reads a table with the columns `time`, a number ≥ 0 in any unit, and `kind`.
///
/// # Errors
///
/// If a column is missing, a time is negative or no number, an event has no kind, or two events of a
/// kind share a moment: the process has no two events at once, and its likelihood would leave out what
/// the one does to the other.
pub fn read_moments(path: &Path) -> Result<EventMoments> {
    let file = External::open(path)?;
    let parts = file.read(&[ColumnKind::Numbers("time"), ColumnKind::Texts("kind")])?;
    let mut by_kind: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (row, (&time, kind)) in (2..).zip(parts[0].numbers().iter().zip(parts[1].texts())) {
        if !(time.is_finite() && time >= 0.0) {
            let problem =
                format!("row {row}, column time: found {time}, expected a number of 0 or more");
            return Err(file.wrong(problem).into());
        }
        if is_missing_name(kind.trim()) {
            let problem =
                format!("row {row}, column kind: no value, expected the kind of the event");
            return Err(file.wrong(problem).into());
        }
        by_kind.entry(kind.trim().to_owned()).or_default().push(time);
    }
    for (kind, times) in &mut by_kind {
        times.sort_by(f64::total_cmp);
        if let Some(pair) = times.windows(2).find(|pair| pair[0] == pair[1]) {
            let problem = format!(
                "two events of the kind {kind:?} at {}, expected moments that differ; where only \
                 the days of events are known, use `sanad cycle`",
                pair[0]
            );
            return Err(file.wrong(problem).into());
        }
    }
    let (kinds, times) = by_kind.into_iter().unzip();
    Ok(EventMoments { kinds, times })
}

/// Fits all links between the kinds, with profile intervals.
///
/// # Errors
///
/// If the half-life is not positive and finite, the observation ends before the last event, or the fit
/// does not converge.
pub fn fit_moments(moments: &EventMoments, request: MomentsRequest) -> Result<MomentsFit> {
    let last = moments.times.iter().flatten().copied().fold(0.0, f64::max);
    let end = request.end.unwrap_or(last);
    let events = Events::new(moments.times.clone(), end)?;
    let settings = FitSettings { links: Links::Full, decays: decays(&events, request.half_life) };
    let found = fit(&events, &settings)?;
    let kinds = 0..moments.kinds.len();
    let pairs = kinds.clone().flat_map(|to| kinds.clone().map(move |from| (to, from)));
    let link = |(to, from): (usize, usize)| MomentLink {
        from: moments.kinds[from].clone(),
        to: moments.kinds[to].clone(),
        branching: interval(&events, &settings, &found, Quantity::Branching, (to, from)),
        half_life: interval(&events, &settings, &found, Quantity::HalfLife, (to, from)),
    };
    Ok(MomentsFit {
        links: pairs.map(link).collect(),
        spectral_radius: found.process.spectral_radius(),
        log_likelihood: found.log_likelihood,
    })
}

/// Decays known by their half-life, β = ln 2 / h, or estimated around the mean time between events.
/// A slow decay is a long half-life: the lower bound of β comes from the longest.
fn decays(events: &Events, half_life: Option<f64>) -> Decays {
    let of = |half_life: f64| core::f64::consts::LN_2 / half_life;
    if let Some(half_life) = half_life {
        let kinds = events.kinds();
        return Decays::Fixed(Matrix::from_rows(&vec![vec![of(half_life); kinds]; kinds]));
    }
    let between = events.span() / events.total().max(1) as f64;
    let [shortest, longest] = SHORTEST_AND_LONGEST.map(|share| share * between);
    Decays::Estimated { start: of(between), lower: of(longest), upper: of(shortest) }
}

/// A quantity of a link with its profile interval; ends that are not known are not numbers.
fn interval(
    events: &Events,
    settings: &FitSettings,
    found: &Fit,
    quantity: Quantity,
    (to, from): (usize, usize),
) -> Estimate {
    let value = match quantity {
        Quantity::Branching => found.process.branching()[(to, from)],
        Quantity::HalfLife => found.process.half_life(to, from),
    };
    let ends = profile_interval(events, settings, found, quantity, (to, from));
    let (low, high) = ends.unwrap_or((f64::NAN, f64::NAN));
    Estimate::new(low, value, high)
}
